/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A connection to a charon: requests go one after the other, each with its answer; events come when
 * they come. Nothing here waits. What is in the messages: lab/render/vici_message.h.
 */
#include "lab/render/vici_message.h"
#include "netns/loop/loop.h"

struct vici;

/* As charon has it; a longer packet ends the connection. */
#define VICI_PACKET_MAX (512u * 1024)

struct vici_ops {
	/* One that was asked for by vici_listen. The bytes are borrowed. */
	void (*on_event)(void *arg, const char *name, const void *message, size_t len);
	/* The connection is no more; comes once. The vici may be freed in it. */
	void (*on_end)(void *arg, const char *reason);
};

/* Connect to the socket at `path`. NULL with `err` when nobody listens. The caller owns it. */
struct vici *vici_open(struct loop *loop, const char *path, const struct vici_ops *ops, void *arg,
		       struct err *err) NODISCARD;
void vici_free(struct vici *vici); /* NULL is fine; answers that did not come are not told */

/* The answer to a request; NULL when charon knows no such command. The bytes are borrowed. */
typedef void vici_answer_fn(void *arg, const void *message, size_t len);
/* `message` may be NULL, which is an empty one; it is emptied. `fn` gets the arg of the vici. */
void vici_request(struct vici *vici, const char *command, struct vici_writer *message,
		  vici_answer_fn *fn);
void vici_listen(struct vici *vici, const char *event);

/* How long the request that is under way has waited for its answer; 0 when there is none. */
uint64_t vici_waits_ns(const struct vici *vici, uint64_t now_ns);
