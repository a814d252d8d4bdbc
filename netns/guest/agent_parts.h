/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files of the agent: its channels. */
#include "netns/guest/agent.h"
#include "netns/guest/lane.h"

struct agent_channel;

struct agent_channel_ops {
	/* A frame that the guest may send; false when it is not as it should be. */
	bool (*hear)(struct agent_channel *channel, const struct frame *frame);
	/* The agent is lost, and the channel is in no list any more; it frees itself. */
	void (*lose)(struct agent_channel *channel, const char *why);
	/* Nobody wants it any more, likewise; the guest was told. */
	void (*drop)(struct agent_channel *channel);
};

/* The first member of each kind of channel. */
struct agent_channel {
	struct agent_channel *prev, *next;
	struct agent *agent;
	const struct agent_channel_ops *ops;
	const void *arg; /* whose it is */
	uint32_t number;
};

struct agent {
	struct loop *loop;
	char *path;
	agent_change_fn *change;
	void *arg;
	struct loop_stream *port; /* NULL while it cannot be reached */
	struct loop_timer *again;
	struct frame_decoder decoder;
	uint64_t nonce; /* of the last greeting */
	bool is_there;
	char why[120];
	uint32_t last_number;
	size_t channel_count;
	struct agent_channel *channels;
};

/*
 * The channel gets its number and is in the list; what begins it is sent. -ENOTCONN, -EAGAIN: then
 * it stays the caller's.
 */
int agent_channel_open(struct agent *agent, struct agent_channel *channel,
		       const struct agent_channel_ops *ops, const void *arg, enum frame_type type,
		       const void *payload, size_t len, struct err *err);
/* Out of the list; it stays the caller's, who frees it. */
void agent_channel_leave(struct agent_channel *channel);
/* The same, and the guest is told to forget it. */
void agent_channel_close(struct agent_channel *channel);
/* Words as a frame has them, each with its NUL; the caller frees them. */
char *agent_words(const char *const *words, size_t *ret_len);
/* Of a lane that nobody reads, or whose bytes are kept: they are taken at once. */
void agent_channel_ack(const struct agent_channel *channel, const struct frame *frame);
struct lane agent_channel_lane(const struct agent_channel *channel, enum frame_lane lane);
