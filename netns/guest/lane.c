/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *must(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

static void send_on(const struct lane *lane, enum frame_type type, const void *payload, size_t len)
{
	frame_send(lane->port, type, lane->lane, lane->channel, payload, len);
}

/* ---- from a descriptor ---- */

struct inlet {
	struct lane lane;
	int fd; /* -1: from memory */
	char *bytes;
	size_t next, count; /* of them */
	uint32_t credit;
	bool is_ended;
	struct loop_fd *watch; /* NULL while it may not send */
	lane_end_fn *end;
	void *arg;
};

static void inlet_readable(void *arg, unsigned events, uint64_t now_ns);

static void watch_inlet(struct inlet *in)
{
	in->watch =
		loop_fd_new(in->lane.loop, in->fd, LOOP_READ, inlet_readable, in, "agent's bytes");
}

static void inlet_end(struct inlet *in)
{
	in->is_ended = true;
	loop_fd_free(in->watch);
	in->watch = NULL;
	send_on(&in->lane, FRAME_END, NULL, 0);
	if (in->end)
		in->end(in->arg);
}

static void inlet_readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct inlet *in = arg;
	char bytes[FRAME_PAYLOAD_MAX];
	size_t most = in->credit < sizeof(bytes) ? in->credit : sizeof(bytes);
	ssize_t got = read(in->fd, bytes, most);

	(void)events;
	(void)now_ns;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		inlet_end(in);
		return;
	}
	send_on(&in->lane, FRAME_DATA, bytes, (size_t)got);
	in->credit -= (uint32_t)got;
	if (in->credit)
		return;
	loop_fd_free(in->watch);
	in->watch = NULL;
}

static void send_bytes(struct inlet *in)
{
	while (in->credit && in->next < in->count) {
		size_t left = in->count - in->next;

		left = left < in->credit ? left : in->credit;
		left = left < FRAME_PAYLOAD_MAX ? left : FRAME_PAYLOAD_MAX;
		send_on(&in->lane, FRAME_DATA, in->bytes + in->next, left);
		in->next += left;
		in->credit -= (uint32_t)left;
	}
	if (in->next == in->count)
		inlet_end(in);
}

struct inlet *inlet_new(const struct lane *lane, int fd, lane_end_fn *end, void *arg)
{
	struct inlet *in = must(calloc(1, sizeof(*in)));

	*in = (struct inlet){
		.lane = *lane, .fd = fd, .credit = FRAME_WINDOW, .end = end, .arg = arg
	};
	watch_inlet(in);
	return in;
}

struct inlet *inlet_new_bytes(const struct lane *lane, const void *bytes, size_t len)
{
	struct inlet *in = must(calloc(1, sizeof(*in)));

	*in = (struct inlet){ .lane = *lane,
			      .fd = -1,
			      .bytes = must(malloc(len + 1)),
			      .count = len,
			      .credit = FRAME_WINDOW };
	if (len)
		memcpy(in->bytes, bytes, len);
	send_bytes(in);
	return in;
}

void inlet_free(struct inlet *in)
{
	if (!in)
		return;
	loop_fd_free(in->watch);
	free(in->bytes);
	free(in);
}

bool inlet_ack(struct inlet *in, const struct frame *frame)
{
	uint32_t count;

	if (!frame_take(frame, &count, sizeof(count)) || count > FRAME_WINDOW - in->credit)
		return false;
	in->credit += count;
	if (in->is_ended || !in->credit)
		return true;
	if (in->fd < 0)
		send_bytes(in);
	else if (!in->watch)
		watch_inlet(in);
	return true;
}

/* ---- to a descriptor ---- */

struct outlet {
	struct lane lane;
	int fd;
	char *bytes; /* FRAME_WINDOW of them */
	size_t count;
	bool is_finished; /* no more comes */
	bool is_broken;   /* nobody takes it: what comes is acknowledged, and lost */
	struct loop_fd *watch;
	lane_end_fn *end;
	void *arg;
};

static void outlet_end(struct outlet *out)
{
	lane_end_fn *end = out->end;

	out->end = NULL;
	if (end)
		end(out->arg);
}

static void outlet_writable(void *arg, unsigned events, uint64_t now_ns);

/* Acknowledged is what is written: so no more comes than there is room for. */
static void write_out(struct outlet *out)
{
	ssize_t put = out->is_broken ? (ssize_t)out->count : write(out->fd, out->bytes, out->count);
	uint32_t done = put > 0 ? (uint32_t)put : 0;

	if (put < 0 && errno != EAGAIN && errno != EINTR) {
		out->is_broken = true;
		done = (uint32_t)out->count;
	}
	if (done)
		send_on(&out->lane, FRAME_ACK, &done, sizeof(done));
	out->count -= done;
	memmove(out->bytes, out->bytes + done, out->count);
	if (out->count && !out->watch)
		out->watch = loop_fd_new(out->lane.loop, out->fd, LOOP_WRITE, outlet_writable, out,
					 "agent's bytes");
	if (out->count)
		return;
	loop_fd_free(out->watch);
	out->watch = NULL;
	if (out->is_finished || out->is_broken)
		outlet_end(out);
}

static void outlet_writable(void *arg, unsigned events, uint64_t now_ns)
{
	(void)events;
	(void)now_ns;
	write_out(arg);
}

struct outlet *outlet_new(const struct lane *lane, int fd, lane_end_fn *end, void *arg)
{
	struct outlet *out = must(calloc(1, sizeof(*out)));

	*out = (struct outlet){
		.lane = *lane, .fd = fd, .bytes = must(malloc(FRAME_WINDOW)), .end = end, .arg = arg
	};
	return out;
}

void outlet_free(struct outlet *out)
{
	if (!out)
		return;
	loop_fd_free(out->watch);
	free(out->bytes);
	free(out);
}

bool outlet_take(struct outlet *out, const struct frame *frame)
{
	if (out->is_finished || frame->len > FRAME_WINDOW - out->count)
		return false;
	memcpy(out->bytes + out->count, frame->payload, frame->len);
	out->count += frame->len;
	if (out->count && !out->watch)
		write_out(out);
	return true;
}

void outlet_finish(struct outlet *out)
{
	out->is_finished = true;
	if (!out->count)
		outlet_end(out);
}
