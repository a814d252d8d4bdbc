/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A connection to a running lab, for commands: one request, one answer, in the caller's time. A
 * bundle answers in a lab's place with what the lab said when it was written.
 */
#include "lab/base/arena.h"
#include "lab/snapshot/bundle.h"
#include "lab/snapshot/snapshot.h"

#include <jansson.h>
#include <sys/types.h>

struct client;

/* In the environment: who asks, for those that somebody else runs. */
#define CLIENT_BY "HUBLAB_BY"

/* For what this process runs: who asks is the user at this terminal, by `what`. */
void client_set_by(const char *what);
/* Connect to a lab by its name. NULL with -ENOENT when it is not there. The caller owns it. */
struct client *client_open(const char *lab, struct err *err) NODISCARD;
/* Without this, a lab that does not answer within seconds is an error. */
void client_be_patient(struct client *client);
/* ... or this many seconds. */
void client_wait_at_most(struct client *client, long seconds);
/* On the connection to a lab we started, whose first process is `pid`; it becomes the client's. */
struct client *client_adopt(int fd, pid_t pid) NODISCARD;
/* On a bundle, which must outlive it. */
struct client *client_of_bundle(const struct bundle *bundle) NODISCARD;
void client_free(struct client *client); /* NULL is fine */

/* Send a request; its "id" is set here. The reference to `request` is taken. */
int client_send(struct client *client, json_t *request, struct err *err);
/*
 * The next line, whatever it is: the caller owns the reference. NULL at the end of the connection
 * or on an error, which `err` tells.
 */
json_t *client_receive(struct client *client, struct err *err) NODISCARD;
/*
 * The next of the descriptors that came with what was received last; it becomes the caller's. -1:
 * no more came.
 */
int client_take_descriptor(struct client *client);
/* Was something received already behind the last line? poll() does not tell of that. */
bool client_has_more(const struct client *client);
/* For poll(): readable also when the lab has ended, which client_receive then says. */
int client_descriptor(const struct client *client);
/* The "data" of an answer, borrowed from it; NULL when it is a refusal, which goes to `err`. */
const json_t *client_data(const json_t *answer, struct err *err);

/* Ask for a topic and read it into `object` (zeroed), which borrows from `arena`. */
int client_topic(struct client *client, const char *topic, const struct record *record,
		 void *object, struct arena *arena, struct err *err);
/* The same as JSON; the caller owns the reference. */
json_t *client_topic_json(struct client *client, const char *topic, struct err *err) NODISCARD;
/*
 * Likewise of a topic that comes after a moment: once its `is_whole` is true. After -ETIMEDOUT it
 * may come yet, so the connection is of no more use.
 */
json_t *client_topic_whole(struct client *client, const char *topic, struct err *err) NODISCARD;

/* The process ID of the lab's first process, as we see it. */
int client_peer_pid(const struct client *client, pid_t *ret_pid, struct err *err);
/* Wait until the lab is gone; one that does not go within seconds is killed. */
int client_wait_gone(struct client *client, struct err *err);
