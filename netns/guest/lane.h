/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The two ends of a lane (netns/guest/frame.h): an inlet sends what a descriptor, or a piece of
 * memory, has; an outlet writes what comes to one. Neither holds more than FRAME_WINDOW bytes. Used
 * by the supervisor and by the agent alike.
 */
#include "netns/guest/frame.h"

/* Where frames go: a channel's lane on a port. */
struct lane {
	struct loop *loop;
	struct loop_stream *port;
	uint32_t channel;
	enum frame_lane lane;
};

/* All of it was sent, with its FRAME_END; or an outlet's descriptor takes no more. Called once. */
typedef void lane_end_fn(void *arg);

struct inlet;

/* Descriptors, which must not block, stay the caller's and outlive it. */
struct inlet *inlet_new(const struct lane *lane, int fd, lane_end_fn *end, void *arg) NODISCARD;
/* A copy of the bytes is sent. */
struct inlet *inlet_new_bytes(const struct lane *lane, const void *bytes, size_t len) NODISCARD;
void inlet_free(struct inlet *inlet); /* NULL is fine; also within `end` */
/* The payload of FRAME_ACK; false when so much was never sent. */
bool inlet_ack(struct inlet *inlet, const struct frame *frame) NODISCARD;

struct outlet;

struct outlet *outlet_new(const struct lane *lane, int fd, lane_end_fn *end, void *arg) NODISCARD;
void outlet_free(struct outlet *outlet); /* NULL is fine; also within `end` */
/* FRAME_DATA; false when it is more than the other side may send. */
bool outlet_take(struct outlet *outlet, const struct frame *frame) NODISCARD;
/* FRAME_END: when all is written, `end` is called. */
void outlet_finish(struct outlet *outlet);
