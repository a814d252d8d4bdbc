/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the agent in a guest does for its supervisor: each channel is a job. */
#include "netns/guest/lane.h"

#include <sys/types.h>

struct job;

struct job_ops {
	/* A frame of its channel. False when it is not as it should be. */
	bool (*hear)(struct job *job, const struct frame *frame);
	/* It ends now, without a word; it frees itself. */
	void (*drop)(struct job *job);
};

/* Of the agent. */
struct jobs {
	struct loop *loop;
	struct loop_stream *port;
	struct job *first;
	size_t count;
};

/* The first member of each kind of job. */
struct job {
	struct job *prev, *next;
	struct jobs *jobs;
	const struct job_ops *ops;
	uint32_t channel;
	pid_t pid; /* of a program; 0 */
};

/* Begin one as the frame says; false when it is not as it should be. */
typedef bool job_begin_fn(struct jobs *jobs, const struct frame *frame);
job_begin_fn stream_begin, run_begin, pinger_begin, fetch_begin;
/* The job's program ended. */
void run_reaped(struct job *job, int code);

void job_add(struct jobs *jobs, struct job *job, const struct job_ops *ops, uint32_t channel);
void job_leave(struct job *job); /* out of the list */
/* The same, and the supervisor is told how it ended. */
void job_close(struct job *job, int code);
void job_send(const struct job *job, enum frame_type type, const void *payload, size_t len);
struct lane job_lane(const struct job *job, enum frame_lane lane);
