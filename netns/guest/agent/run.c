/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of the guest's. */
#include "lab/base/cleanup.h"
#include "netns/guest/agent/job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define WORDS_MAX    256
#define NO_SUCH_CODE 127
#define NOT_RUN_CODE 126

struct run {
	struct job job;
	int input, output, error; /* our ends */
	struct outlet *in;
	struct inlet *out, *err;
	unsigned open; /* of its two outputs */
	pid_t group;   /* it, and what it started: also when it ended itself */
	bool has_ended;
	int code;
};

static void run_free(struct run *r)
{
	outlet_free(r->in);
	inlet_free(r->out);
	inlet_free(r->err);
	fd_close(&r->input);
	fd_close(&r->output);
	fd_close(&r->error);
	free(r);
}

static void end_when_over(struct run *r)
{
	if (r->open || !r->has_ended)
		return;
	job_close(&r->job, r->code);
	run_free(r);
}

static void on_output_end(void *arg)
{
	struct run *r = arg;

	r->open--;
	end_when_over(r);
}

static void on_input_end(void *arg)
{
	struct run *r = arg;

	fd_close(&r->input);
}

void run_reaped(struct job *job, int code)
{
	struct run *r = (struct run *)job;

	job->pid = 0;
	r->has_ended = true;
	r->code = code;
	end_when_over(r);
}

static bool hear_signal(const struct run *r, const struct frame *frame)
{
	struct frame_signal wanted;

	if (!frame_take(frame, &wanted, sizeof(wanted)) || !wanted.number ||
	    wanted.number > FRAME_SIGNAL_MAX)
		return false;
	(void)kill(-r->group, (int)wanted.number);
	return true;
}

static bool hear(struct job *job, const struct frame *frame)
{
	struct run *r = (struct run *)job;

	if (frame->type == FRAME_SIGNAL)
		return hear_signal(r, frame);
	if (frame->type == FRAME_ACK)
		return inlet_ack(frame->lane == FRAME_LANE_ERR ? r->err : r->out, frame);
	if (frame->type == FRAME_DATA)
		return outlet_take(r->in, frame);
	if (frame->type != FRAME_END)
		return false;
	outlet_finish(r->in);
	return true;
}

/* With all that it started, but for what took itself out of its group. */
static void drop(struct job *job)
{
	struct run *r = (struct run *)job;

	(void)kill(-r->group, SIGKILL);
	run_free(r);
}

static void execute(char *const *words, int input, int output, int error)
{
	bool is_there;
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* nobody would know of it any more */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)dup2(input, STDIN_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	(void)dup2(error, STDERR_FILENO);
	(void)execvp(words[0], words);
	is_there = errno != ENOENT;
	(void)dprintf(STDERR_FILENO, "hublab: %s: %s\n", words[0], strerror(errno));
	_exit(is_there ? NOT_RUN_CODE : NO_SUCH_CODE);
}

/* Its words, each with its NUL; false when they are none, or too many. */
static bool split(char *text, size_t len, char *words[WORDS_MAX + 1])
{
	size_t count = 0;

	if (!len || text[len - 1])
		return false;
	for (char *at = text; at < text + len && count < WORDS_MAX; at += strlen(at) + 1)
		words[count++] = at;
	words[count] = NULL;
	return count < WORDS_MAX;
}

/* Ours do not block; the program's are as programs expect them. */
static int open_pipes(struct run *r, int theirs[3])
{
	int input[2], output[2], error[2];

	if (pipe2(input, O_CLOEXEC) || pipe2(output, O_CLOEXEC) || pipe2(error, O_CLOEXEC))
		return -errno;
	r->input = input[1];
	r->output = output[0];
	r->error = error[0];
	theirs[0] = input[0];
	theirs[1] = output[1];
	theirs[2] = error[1];
	for (int i = 0; i < 3; i++)
		(void)fcntl((int[]){ r->input, r->output, r->error }[i], F_SETFL, O_NONBLOCK);
	return 0;
}

static int start(struct run *r, char *const *words)
{
	int theirs[3] = { -1, -1, -1 }, rc = open_pipes(r, theirs);

	if (!rc) {
		r->job.pid = fork();
		if (!r->job.pid)
			execute(words, theirs[0], theirs[1], theirs[2]);
		r->group = r->job.pid;
		if (r->job.pid < 0)
			rc = -errno;
		else
			(void)setpgid(r->group, r->group);
	}
	for (int i = 0; i < 3; i++)
		fd_close(&theirs[i]);
	return rc;
}

bool run_begin(struct jobs *jobs, const struct frame *frame)
{
	static const struct job_ops ops = { hear, drop };
	char text[FRAME_PAYLOAD_MAX], *words[WORDS_MAX + 1];
	struct run *r = calloc(1, sizeof(*r));
	struct lane in, out, err;
	int rc;

	if (!r)
		abort();
	*r = (struct run){ .input = -1, .output = -1, .error = -1, .open = 2 };
	job_add(jobs, &r->job, &ops, frame->channel);
	memcpy(text, frame->payload, frame->len);
	rc = split(text, frame->len, words) ? start(r, words) : -E2BIG;
	if (rc) {
		job_close(&r->job, rc);
		run_free(r);
		return true;
	}
	in = job_lane(&r->job, FRAME_LANE_IN);
	out = job_lane(&r->job, FRAME_LANE_OUT);
	err = job_lane(&r->job, FRAME_LANE_ERR);
	r->in = outlet_new(&in, r->input, on_input_end, r);
	r->out = inlet_new(&out, r->output, on_output_end, r);
	r->err = inlet_new(&err, r->error, on_output_end, r);
	return true;
}
