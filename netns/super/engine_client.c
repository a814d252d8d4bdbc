/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/engine_client.h"

#include "lab/base/cleanup.h"
#include "netns/loop/ipc.h"
#include "netns/super/part.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

struct request {
	struct request *prev, *next;
	struct worker_request message;
	struct plan *changes;
	int fd; /* that goes with it; -1 */
	engine_applied_fn *applied;
	engine_socket_fn *got_socket;
	engine_neighbours_fn *got_neighbours;
	void *arg;
	size_t tag;
};

struct engine_client {
	struct loop *loop;
	const char *lab;
	struct engine_client_ops ops;
	void *arg;
	pid_t pid;
	int fd;
	bool is_ready;
	struct loop_fd *watch;
	struct request *queue; /* the first one is under way when is_sent */
	bool is_sent;
	struct neighbour_table neighbours; /* as they were told last */
	uint32_t last_id;
};

static void request_free(struct request *request)
{
	plan_free(request->changes);
	fd_close(&request->fd);
	free(request);
}

static void finish(struct engine_client *c, int fd, const struct err *err)
{
	struct request *request = c->queue;

	DL_DELETE(c->queue, request);
	c->is_sent = false;
	if (request->changes)
		c->ops.on_applied(c->arg, request->changes, !err);
	if (request->applied)
		request->applied(request->arg, err);
	if (request->got_socket)
		request->got_socket(request->arg, request->tag, fd, err);
	if (request->got_neighbours)
		request->got_neighbours(request->arg, request->tag, err ? NULL : &c->neighbours);
	request_free(request);
}

static int send_request(struct engine_client *c, struct request *request, struct err *err)
{
	CLEANUP(free_cleanup) void *bytes = NULL;
	size_t size;

	if (request->changes) {
		bytes = plan_pack(request->changes, &size);
		if (ipc_memory_write(bytes, size, &request->fd, err))
			return err->code;
	}
	return ipc_send(c->fd, &request->message, sizeof(request->message), &request->fd,
			request->fd >= 0, err);
}

/* Send the next request if the worker is free. */
static void advance(struct engine_client *c)
{
	while (c->is_ready && c->queue && !c->is_sent) {
		struct err err = { 0 };

		c->is_sent = true;
		if (send_request(c, c->queue, &err))
			finish(c, -1, &err);
	}
}

static void handle_report(struct engine_client *c, const struct worker_report *r, int *fds)
{
	struct engine_made made = { 0 };
	struct err err = { 0 };

	switch (r->type) {
	case WORKER_READY:
		c->is_ready = true;
		c->ops.on_ready(c->arg, &r->features);
		break;
	case WORKER_MADE:
		made.step = r->made.step;
		made.pid = r->made.pid;
		made.fd_count = r->made.fd_count;
		for (unsigned i = 0; i < made.fd_count && i < MADE_MAX_FDS; i++)
			made.fds[i] = fd_take(&fds[i]);
		c->ops.on_made(c->arg, c->queue->changes, &made);
		break;
	case WORKER_STAGE:
		c->ops.on_stage(c->arg, r->stage.stage, r->stage.step_count, r->stage.took_ns);
		break;
	case WORKER_DONE:
		c->neighbours = r->neighbours; /* zeros, of another request */
		finish(c, fd_take(&fds[0]), NULL);
		break;
	case WORKER_FAILED:
		err_at(&err, (struct src_pos){ .line = r->failed.line, .col = r->failed.col },
		       r->failed.code, "%s", r->failed.text);
		if (c->queue)
			finish(c, -1, &err);
		break;
	}
}

static void readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct engine_client *c = arg;
	struct worker_report report;
	int fds[IPC_MAX_FDS];

	(void)events;
	(void)now_ns;
	if (ipc_receive(c->fd, &report, sizeof(report), fds, NULL) != (ssize_t)sizeof(report)) {
		loop_fd_free(c->watch); /* it is dead: what follows comes when it is reaped */
		c->watch = NULL;
		return;
	}
	handle_report(c, &report, fds);
	for (int i = 0; i < IPC_MAX_FDS; i++)
		fd_close(&fds[i]);
	advance(c);
}

static int start(struct engine_client *c, struct err *err)
{
	if (part_start(PART_ENGINE, c->lab, &c->fd, &c->pid, err))
		return err->code;
	c->watch = loop_fd_new(c->loop, c->fd, LOOP_READ, readable, c, "engine report");
	return 0;
}

static void stop(struct engine_client *c)
{
	loop_fd_free(c->watch);
	c->watch = NULL;
	fd_close(&c->fd);
	c->is_ready = false;
	c->pid = 0;
}

struct engine_client *engine_client_new(struct loop *loop, const char *lab,
					const struct engine_client_ops *ops, void *arg,
					struct err *err)
{
	struct engine_client *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct engine_client){ .loop = loop, .lab = lab, .ops = *ops, .arg = arg, .fd = -1 };
	if (!start(c, err))
		return c;
	free(c);
	return NULL;
}

void engine_client_free(struct engine_client *c)
{
	struct request *request, *next;

	if (!c)
		return;
	if (c->pid)
		(void)kill(c->pid, SIGKILL);
	stop(c);
	DL_FOREACH_SAFE(c->queue, request, next)
	{
		request_free(request);
	}
	free(c);
}

bool engine_client_reaped(struct engine_client *c, pid_t pid, int status)
{
	struct err err = { 0 };
	char why[80];

	if (pid != c->pid)
		return false;
	if (WIFSIGNALED(status))
		(void)snprintf(why, sizeof(why), "the engine was ended by signal %d",
			       WTERMSIG(status));
	else
		(void)snprintf(why, sizeof(why), "the engine ended with code %d",
			       WEXITSTATUS(status));
	stop(c);
	err_set(&err, -EPIPE, "%s", why);
	if (c->is_sent)
		finish(c, -1, &err);
	c->ops.on_death(c->arg, why);
	err = (struct err){ 0 };
	if (start(c, &err))
		c->ops.on_death(c->arg, err.text);
	return true;
}

static struct request *enqueue(struct engine_client *c, enum worker_request_type type)
{
	struct request *request = calloc(1, sizeof(*request));

	if (!request)
		abort();
	request->message.type = type;
	request->message.id = ++c->last_id;
	request->fd = -1;
	DL_APPEND(c->queue, request);
	return request;
}

void engine_client_apply(struct engine_client *c, struct plan *changes, bool is_undo,
			 engine_applied_fn *fn, void *arg)
{
	struct request *request = enqueue(c, WORKER_APPLY);

	request->message.is_undo = is_undo;
	request->changes = changes;
	request->applied = fn;
	request->arg = arg;
	c->ops.on_apply(c->arg, changes);
	advance(c);
}

void engine_client_socket(struct engine_client *c, const char *ns, enum engine_socket type,
			  engine_socket_fn *fn, void *arg, size_t tag)
{
	struct request *request = enqueue(c, WORKER_SOCKET);

	request->message.socket_type = type;
	(void)snprintf(request->message.ns, sizeof(request->message.ns), "%s", ns);
	request->got_socket = fn;
	request->arg = arg;
	request->tag = tag;
	advance(c);
}

void engine_client_neighbours(struct engine_client *c, engine_neighbours_fn *fn, void *arg,
			      size_t tag)
{
	struct request *request = enqueue(c, WORKER_NEIGHBOURS);

	request->got_neighbours = fn;
	request->arg = arg;
	request->tag = tag;
	advance(c);
}

void engine_client_close(struct engine_client *c, int fd)
{
	if (fd < 0)
		return;
	enqueue(c, WORKER_TAKE)->fd = fd; /* until the worker has it, we have it too */
	(void)enqueue(c, WORKER_CLOSE);
	advance(c);
}
