/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs that run in a guest. */
#include "netns/guest/agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct run {
	struct agent_channel channel;
	struct inlet *in;
	char *output;
	size_t len;
	agent_run_fn *done;
};

static void run_free(struct run *r)
{
	inlet_free(r->in);
	free(r->output);
	free(r);
}

/* It is in no list any more. */
static void run_end(struct run *r, int code)
{
	if (!r->output) {
		r->output = malloc(1);
		if (!r->output)
			abort();
	}
	r->output[r->len] = '\0';
	r->done((void *)r->channel.arg, code, r->output, r->len);
	run_free(r);
}

/* Nobody else waits for it, so it is taken at once. */
static void keep(struct run *r, const struct frame *frame)
{
	size_t room = AGENT_OUTPUT_MAX - r->len, more = frame->len < room ? frame->len : room;

	r->output = realloc(r->output, r->len + more + 1);
	if (!r->output)
		abort();
	memcpy(r->output + r->len, frame->payload, more);
	r->len += more;
	agent_channel_ack(&r->channel, frame);
}

static bool hear_run(struct agent_channel *channel, const struct frame *frame)
{
	struct run *r = (struct run *)channel;
	struct frame_closed closed;

	if (frame->type == FRAME_ACK && frame->lane == FRAME_LANE_IN)
		return inlet_ack(r->in, frame);
	if (frame->type == FRAME_CLOSED) {
		if (!frame_take(frame, &closed, sizeof(closed)))
			return false;
		agent_channel_leave(channel);
		run_end(r, closed.code);
		return true;
	}
	if (frame->lane == FRAME_LANE_IN || (frame->type != FRAME_DATA && frame->type != FRAME_END))
		return false;
	if (frame->type == FRAME_DATA)
		keep(r, frame);
	return true;
}

static void lose_run(struct agent_channel *channel, const char *why)
{
	struct run *r = (struct run *)channel;
	char words[160];

	(void)snprintf(words, sizeof(words), "its agent %s", why);
	free(r->output);
	r->output = strdup(words);
	if (!r->output)
		abort();
	r->len = strlen(words);
	run_end(r, -ENOTCONN);
}

static void drop_run(struct agent_channel *channel)
{
	run_free((struct run *)channel);
}

char *agent_words(const char *const *words, size_t *ret_len)
{
	char *joined = NULL;
	size_t len = 0;

	for (; *words; words++) {
		size_t more = strlen(*words) + 1;

		joined = realloc(joined, len + more);
		if (!joined)
			abort();
		memcpy(joined + len, *words, more);
		len += more;
	}
	*ret_len = len;
	return joined;
}

int agent_run(struct agent *agent, const char *const *words, const void *input, size_t input_len,
	      agent_run_fn *done, void *arg, struct err *err)
{
	static const struct agent_channel_ops ops = { hear_run, lose_run, drop_run };
	struct run *r = calloc(1, sizeof(*r));
	struct lane in;
	size_t len;
	char *joined = agent_words(words, &len);
	int rc;

	if (!r)
		abort();
	r->done = done;
	rc = agent_channel_open(agent, &r->channel, &ops, arg, FRAME_RUN, joined, len, err);
	free(joined);
	if (rc) {
		run_free(r);
		return rc;
	}
	in = agent_channel_lane(&r->channel, FRAME_LANE_IN);
	r->in = inlet_new_bytes(&in, input, input_len);
	return 0;
}
