/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The supervisor's side of the engine worker: requests in a queue, one under way at a time. A
 * worker that dies is replaced; what was under way then fails, what waited goes on.
 */
#include "netns/engine/worker.h"
#include "netns/loop/loop.h"

struct engine_client;

struct engine_client_ops {
	/* The worker is there, for the first time or again. */
	void (*on_ready)(void *arg, const struct engine_features *features);
	/* Something of the plan under way was made; the descriptors become the callee's. */
	void (*on_made)(void *arg, const struct plan *changes, const struct engine_made *made);
	void (*on_stage)(void *arg, enum step_stage stage, uint32_t step_count, uint64_t took_ns);
	void (*on_death)(void *arg, const char *why);
	/* Changes were asked for; they were made, or (not done) failed, and their caller hears
	 * next. */
	void (*on_apply)(void *arg, const struct plan *changes);
	void (*on_applied)(void *arg, const struct plan *changes, bool is_done);
};

/* The caller owns the client. */
struct engine_client *engine_client_new(struct loop *loop, const char *lab,
					const struct engine_client_ops *ops, void *arg,
					struct err *err) NODISCARD;
void engine_client_free(struct engine_client *client); /* NULL is fine */

/* A child was reaped: true when it was the worker. */
bool engine_client_reaped(struct engine_client *client, pid_t pid, int status);

/* `err` is NULL when all of it was done. */
typedef void engine_applied_fn(void *arg, const struct err *err);
/* The plan becomes the client's, and is freed when it is done. */
void engine_client_apply(struct engine_client *client, struct plan *changes, bool is_undo,
			 engine_applied_fn *fn, void *arg);

/* `fd` is -1 when there is none, and `err` says why; else it becomes the callee's. */
typedef void engine_socket_fn(void *arg, size_t tag, int fd, const struct err *err);
void engine_client_socket(struct engine_client *client, const char *ns, enum engine_socket type,
			  engine_socket_fn *fn, void *arg, size_t tag);
/* What the kernel says of its table of neighbours: NULL when it does not. */
typedef void engine_neighbours_fn(void *arg, size_t tag, const struct neighbour_table *table);
void engine_client_neighbours(struct engine_client *client, engine_neighbours_fn *fn, void *arg,
			      size_t tag);
/* Of a socket whose end takes the kernel long. The descriptor becomes the client's; -1 is fine. */
void engine_client_close(struct engine_client *client, int fd);
