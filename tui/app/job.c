/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/job.h"

#include "tui/app/child.h"
#include "tui/cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#define LINES_MAX 10000
#define FOLLOW_S  1.0

struct job {
	struct loop *loop;
	struct screen *screen;
	struct job_ops ops;
	void *arg;
	struct child *child;
	struct arena *arena; /* of what the scene has of it */
	const char **lines;
	double started_at;
	bool is_followed; /* its last lines are shown */
	bool is_kept;     /* it goes on when nobody looks */
};

static double unix_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

struct job *job_new(struct loop *loop, struct screen *screen, const struct job_ops *ops, void *arg)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		abort();
	job->loop = loop;
	job->screen = screen;
	job->ops = *ops;
	job->arg = arg;
	return job;
}

void job_free(struct job *job)
{
	if (!job)
		return;
	child_free(job->child);
	arena_free(job->arena);
	free(job);
}

/* ---- what it prints ---- */

void job_begin(struct job *job, const char *title)
{
	child_free(job->child);
	job->child = NULL;
	arena_free(job->arena);
	job->arena = arena_new();
	job->lines = NULL;
	job->screen->scene.output =
		(struct printed){ .title = arena_strdup(job->arena, title), .is_running = true };
	job->started_at = unix_now();
	job->is_followed = false;
	job->is_kept = false;
	screen_show_anew(job->screen, &view_output);
}

/* Without what would move the cursor or change colours. */
static char *plain(struct arena *arena, const char *line)
{
	char *text = arena_strdup(arena, line), *out = text;

	for (const char *in = text; *in; in++) {
		if (*in == '\033' && in[1] == '[') {
			in += 2;
			while (*in && !(*in >= '@' && *in <= '~'))
				in++;
			if (!*in)
				break;
		} else if (*in == '\t') {
			*out++ = ' ';
		} else if ((unsigned char)*in >= ' ' && *in != 127) {
			*out++ = *in;
		}
	}
	*out = '\0';
	return text;
}

void job_add(struct job *job, const char *line)
{
	struct printed *printed = &job->screen->scene.output;

	if (printed->count == LINES_MAX)
		return;
	*ARENA_PUSH(job->arena, job->lines, printed->count) = plain(job->arena, line);
	printed->lines = job->lines;
}

void job_end(struct job *job, int code)
{
	struct printed *printed = &job->screen->scene.output;

	child_free(job->child);
	job->child = NULL;
	printed->is_running = false;
	printed->code = code;
	printed->took_s = unix_now() - job->started_at;
	screen_ended(job->screen, code);
	job->ops.on_end(job->arg, code);
}

void job_note_time(struct job *job)
{
	struct scene *scene = &job->screen->scene;

	if (scene->output.is_running)
		scene->output.took_s = scene->now - job->started_at;
}

/* ---- its program ---- */

static void on_child_line(void *arg, const char *line)
{
	struct job *job = arg;

	job_add(job, line);
	/* what ends at once is read from its beginning, what goes on is watched at its end */
	if (!job->is_followed && unix_now() - job->started_at > FOLLOW_S) {
		job->is_followed = true;
		screen_follow(job->screen, &view_output);
	}
	screen_settle(job->screen);
	job->ops.on_line(job->arg);
}

static void on_child_end(void *arg, int code)
{
	job_end(arg, code);
}

void job_run(struct job *job, char **words, const char *title)
{
	static const struct child_ops ops = { on_child_line, on_child_end };
	struct err err = { 0 };

	if (job->child)
		child_signal(job->child, SIGTERM);
	job_begin(job, title);
	job->child = child_start(job->loop, words, &ops, job, &err);
	if (job->child)
		return;
	job_add(job, err.text);
	job_end(job, EXIT_FAILED);
}

bool job_is_free(struct job *job)
{
	if (!job->child || !job->is_kept)
		return true;
	screen_ended(job->screen, EXIT_FAILED); /* it waits for no end of what is not begun */
	screen_say(job->screen, STYLE_WAITING, "'%.40s' goes on: nothing else before its end",
		   job->screen->scene.output.title);
	return false;
}

void job_keep(struct job *job)
{
	job->is_kept = true;
}

bool job_is_running(const struct job *job)
{
	return job->child != NULL;
}

void job_leave(struct job *job)
{
	if (job->child && !job->is_kept)
		child_signal(job->child, SIGTERM);
}

void job_reap(struct job *job)
{
	if (job->child)
		child_reap(job->child);
}
