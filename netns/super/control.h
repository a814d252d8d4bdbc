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

/* How all JSON leaves us: on one line, times in Unix seconds to the microsecond. */
#define CONTROL_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(16))

/* One line; the reference to `json` is taken. */
void control_send(struct control_client *client, json_t *json);
/* The same from its text, which many clients get. */
void control_send_text(struct control_client *client, const char *text, size_t len);
/*
 * One line with descriptors, which stay the caller's, at most LOOP_PASS_MAX; the reference to
 * `json` is taken. An error when it cannot be sent, as when the client has not read what was sent
 * before.
 */
int control_send_descriptors(struct control_client *client, json_t *json, const int *fds,
			     size_t count, struct err *err);
/* Bytes that wait for the client to read. */
size_t control_unsent(const struct control_client *client);
