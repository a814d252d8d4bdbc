/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The command whose output the screen shows: another hublab that runs, its lines and its end. */
#include "netns/loop/loop.h"
#include "tui/view/screen.h"

#include <stdbool.h>

struct job;

struct job_ops {
	void (*on_line)(void *arg); /* the screen has one more */
	void (*on_end)(void *arg, int code);
};

/* The caller owns it. */
struct job *job_new(struct loop *loop, struct screen *screen, const struct job_ops *ops, void *arg)
	NODISCARD;
void job_free(struct job *job); /* NULL is fine */

/* False, after having said so, while one that is kept runs: it would end by another. */
bool job_is_free(struct job *job);
/* Run a hublab with these words (the first is put in its place), and show what it prints. */
void job_run(struct job *job, char **words, const char *title);
/* The one that runs goes on when nobody looks. */
void job_keep(struct job *job);
bool job_is_running(const struct job *job);
/* Nobody looks at it any more. */
void job_leave(struct job *job);
/* How long it takes already; before the screen is drawn. */
void job_note_time(struct job *job);
/* To be called on SIGCHLD. */
void job_reap(struct job *job);

/* Without a program: an output of that title in the place of what there was, its lines, its end. */
void job_begin(struct job *job, const char *title);
void job_add(struct job *job, const char *line);
void job_end(struct job *job, int code);
