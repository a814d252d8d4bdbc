/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Another hublab, run from the screen: its lines as they come, and how it ended. */
#include "netns/loop/loop.h"

#include <sys/types.h>

struct child;

struct child_ops {
	void (*on_line)(void *arg, const char *line);
	/* All lines have come, and it ended with this exit code, or 128 and a signal's number. */
	void (*on_end)(void *arg, int code);
};

/* argv[0] is put in its place: ourselves. Standard input is empty. The caller owns the child. */
struct child *child_start(struct loop *loop, char **argv, const struct child_ops *ops, void *arg,
			  struct err *err) NODISCARD;
/* It is not waited for any more; it is not ended either. */
void child_free(struct child *child); /* NULL is fine */
void child_signal(struct child *child, int signal_number);
/* To be called on SIGCHLD; may call on_end, in which the child may be freed. */
void child_reap(struct child *child);

/* The same with the terminal, and without us; to be reaped by waitpid. */
pid_t child_start_on_terminal(char **argv, struct err *err);

/*
 * The words of a command line, apart at spaces; quotes hold a word together, and outside of them a
 * backslash stands before what is taken as it is. NULL-terminated, one block to be freed; `line` is
 * changed and borrowed. argv[0] is left free.
 */
char **child_words(char *line, int *ret_count) NODISCARD;
