/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The agent in a guest: what its lab's supervisor asks for by a virtio-serial port (netns/guest/
 * frame.h) is done here: streams to sockets, programs, probes. It needs nothing but a kernel, and
 * trusts who is at the other end, which made the machine.
 */
#include "lab/base/cleanup.h"
#include "netns/guest/agent/job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#define PORTS    "/sys/class/virtio-ports"
#define AGAIN_NS 100000000ull
#define GREET_NS 1000000000ull

struct agent {
	struct jobs jobs;
	struct frame_decoder decoder;
	struct loop_timer *again, *greet;
	bool is_greeted; /* whoever spoke before meant another one */
};

/* ---- jobs ---- */

void job_add(struct jobs *jobs, struct job *job, const struct job_ops *ops, uint32_t channel)
{
	*job = (struct job){ .jobs = jobs, .ops = ops, .channel = channel };
	DL_APPEND(jobs->first, job);
	jobs->count++;
}

void job_leave(struct job *job)
{
	DL_DELETE(job->jobs->first, job);
	job->jobs->count--;
}

void job_close(struct job *job, int code)
{
	const struct frame_closed closed = { .code = code };

	job_send(job, FRAME_CLOSED, &closed, sizeof(closed));
	job_leave(job);
}

void job_send(const struct job *job, enum frame_type type, const void *payload, size_t len)
{
	frame_send(job->jobs->port, type, FRAME_LANE_OUT, job->channel, payload, len);
}

struct lane job_lane(const struct job *job, enum frame_lane lane)
{
	return (struct lane){ .loop = job->jobs->loop,
			      .port = job->jobs->port,
			      .channel = job->channel,
			      .lane = lane };
}

static void drop_all(struct jobs *jobs)
{
	struct job *job;

	while ((job = jobs->first)) {
		job_leave(job);
		job->ops->drop(job);
	}
}

/* ---- the port ---- */

static bool hear_job(struct agent *a, const struct frame *frame)
{
	static job_begin_fn *const begin[FRAME_TYPES] = {
		[FRAME_STREAM] = stream_begin,
		[FRAME_RUN] = run_begin,
		[FRAME_PINGER] = pinger_begin,
		[FRAME_FETCH] = fetch_begin,
	};
	struct job *job;

	if (begin[frame->type])
		return begin[frame->type](&a->jobs, frame);
	DL_FOREACH(a->jobs.first, job) {
		if (job->channel != frame->channel)
			continue;
		if (frame->type != FRAME_CLOSE)
			return job->ops->hear(job, frame);
		job_leave(job);
		job->ops->drop(job);
		return true;
	}
	return true; /* it ended meanwhile */
}

static bool hear(void *arg, const struct frame *frame)
{
	struct agent *a = arg;
	uint32_t version;
	uint64_t nonce;

	if (frame->type != FRAME_HELLO)
		return !a->is_greeted || hear_job(a, frame);
	(void)frame_take_hello(frame, &nonce, &version);
	if (!version)
		return false;
	drop_all(&a->jobs);
	a->is_greeted = version == FRAME_VERSION;
	frame_greet(a->jobs.port, nonce);
	return true;
}

/* Until somebody answers. */
static void greet(void *arg, uint64_t now_ns)
{
	struct agent *a = arg;

	(void)now_ns;
	if (!a->jobs.port || a->is_greeted)
		return;
	if (!loop_stream_unsent(a->jobs.port))
		frame_greet(a->jobs.port, 0);
	loop_timer_set(a->greet, GREET_NS);
}

/* Of what was meant for another one there may be a piece left. */
static void on_bytes(void *arg, const char *bytes, size_t len)
{
	struct agent *a = arg;

	if (frame_decode(&a->decoder, bytes, len, hear, a))
		return;
	a->is_greeted = false;
	drop_all(&a->jobs);
	loop_timer_set(a->greet, GREET_NS);
}

/* Nobody is at the other end, or somebody else soon. */
static void on_end(void *arg, const char *reason)
{
	struct agent *a = arg;

	(void)reason;
	drop_all(&a->jobs);
	loop_stream_free(a->jobs.port);
	a->jobs.port = NULL;
	loop_timer_set(a->again, AGAIN_NS);
}

/* Of all ports the one that has our name; -1 while there is none. */
static int open_port(void)
{
	DIR *ports = opendir(PORTS);
	const struct dirent *entry;
	char path[PATH_MAX], name[64];
	int port = -1;

	while (ports && port < 0 && (entry = readdir(ports))) {
		CLEANUP(file_cleanup) FILE *file = NULL;

		(void)snprintf(path, sizeof(path), PORTS "/%s/name", entry->d_name);
		file = fopen(path, "re");
		if (!file || !fgets(name, sizeof(name), file))
			continue;
		name[strcspn(name, "\n")] = '\0';
		(void)snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		if (!strcmp(name, FRAME_PORT))
			port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	}
	if (ports)
		(void)closedir(ports);
	return port;
}

static void connect_port(void *arg, uint64_t now_ns)
{
	static const struct loop_stream_ops ops = { .on_bytes = on_bytes, .on_end = on_end };
	struct agent *a = arg;
	int fd = open_port();

	(void)now_ns;
	if (fd < 0) {
		loop_timer_set(a->again, AGAIN_NS);
		return;
	}
	a->is_greeted = false;
	a->decoder.count = 0;
	a->jobs.port = loop_stream_new(a->jobs.loop, fd, 0, &ops, a, "port");
	greet(a, 0);
}

static void on_child(void *arg, int number, uint64_t now_ns)
{
	struct agent *a = arg;
	struct job *job;
	int status;
	pid_t pid;

	(void)number;
	(void)now_ns;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		DL_FOREACH(a->jobs.first, job)
			if (job->pid == pid)
				break;
		if (job)
			run_reaped(job, WIFEXITED(status) ? WEXITSTATUS(status)
							  : 128 + WTERMSIG(status));
	}
}

int main(void)
{
	struct agent a = { .jobs = { .loop = loop_new() } };

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_DFL); /* what a shell starts beside itself ignores them */
	(void)signal(SIGQUIT, SIG_DFL);
	a.again = loop_timer_new(a.jobs.loop, connect_port, &a, "port");
	a.greet = loop_timer_new(a.jobs.loop, greet, &a, "greeting");
	if (!loop_signal_new(a.jobs.loop, SIGCHLD, on_child, &a, "programs"))
		abort();
	connect_port(&a, 0);
	loop_run(a.jobs.loop);
	return 0;
}
