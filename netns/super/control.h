/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The lab's socket: clients, each a stream of JSON lines in both directions (docs/protocol.md).
 * Who the client is was checked before the first line is read. A client that does not read what
 * it asked for is dropped; a malformed line ends its client, and nothing else.
 */
#include "netns/loop/loop.h"

#include <jansson.h>

struct control;
struct control_client;

struct control_ops {
	/* One request; `json` is an object and borrowed. */
	void (*on_request)(void *arg, struct control_client *client, const json_t *json);
	/* The client is gone; nothing may be sent to it any more. */
	void (*on_leave)(void *arg, struct control_client *client);
};

/* Listen in the lab's runtime directory. The caller owns the result. */
struct control *control_new(struct loop *loop, int directory, const struct control_ops *ops,
			    void *arg, struct err *err) NODISCARD;
void control_free(struct control *control); /* NULL is fine */

/* A connection that is there already; it becomes the control's. */
struct control_client *control_adopt(struct control *control, int fd);

/* One line; the reference to `json` is taken. */
void control_send(struct control_client *client, json_t *json);

/* Whatever the user of clients keeps about this one: which topics it follows. */
void control_follow(struct control_client *client, bool is_following);
/* Send to every client that follows; the reference to `json` is taken. */
void control_broadcast(struct control *control, json_t *json);
size_t control_unsent(const struct control *control);
