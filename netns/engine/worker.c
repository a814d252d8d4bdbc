/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/engine/worker.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/nft.h"
#include "netns/loop/ipc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker {
	int fd;
	struct engine_kernel *kernel;
	uint32_t id; /* of the request being served */
	int taken;   /* a descriptor, to be closed; -1 */
};

static void report(struct worker *w, struct worker_report r, const int *fds, unsigned fd_count)
{
	struct err err = { 0 };

	r.id = w->id;
	if (ipc_send(w->fd, &r, sizeof(r), fds, fd_count, &err))
		exit(1); /* no supervisor, no lab */
}

static void report_failure(struct worker *w, const struct err *err)
{
	struct worker_report r = { .type = WORKER_FAILED };

	r.failed.code = err->code;
	r.failed.line = err->pos.line;
	r.failed.col = err->pos.col;
	(void)snprintf(r.failed.text, sizeof(r.failed.text), "%s", err->text);
	report(w, r, NULL, 0);
}

static void on_made(void *arg, const struct engine_made *made)
{
	struct worker_report r = { .type = WORKER_MADE };

	r.made.step = made->step;
	r.made.pid = made->pid;
	r.made.fd_count = made->fd_count;
	report(arg, r, made->fds, made->fd_count);
	for (unsigned i = 0; i < made->fd_count; i++) {
		int fd = made->fds[i];

		fd_close(&fd);
	}
}

static void on_stage(void *arg, enum step_stage stage, uint32_t step_count, uint64_t took_ns)
{
	struct worker_report r = { .type = WORKER_STAGE };

	r.stage.stage = stage;
	r.stage.step_count = step_count;
	r.stage.took_ns = took_ns;
	report(arg, r, NULL, 0);
}

static int apply(struct worker *w, const struct worker_request *request, int memory,
		 struct err *err)
{
	static const struct engine_listener listener = { .on_made = on_made, .on_stage = on_stage };
	CLEANUP(free_cleanup) void *bytes = NULL;
	struct plan *changes;
	size_t size;
	int rc;

	bytes = ipc_memory_read(memory, &size, err);
	if (!bytes)
		return err->code;
	changes = plan_unpack(bytes, size, err);
	if (!changes)
		return err->code;
	rc = engine_apply(&engine_kernel_ops, w->kernel, changes, request->is_undo, &listener, w,
			  err);
	plan_free(changes);
	return rc;
}

static void serve(struct worker *w, const struct worker_request *request, int *sent)
{
	struct worker_report done = { .type = WORKER_DONE };
	CLEANUP(fd_cleanup) int fd = -1;
	struct err err = { 0 };
	int rc = 0;

	w->id = request->id;
	switch (request->type) {
	case WORKER_APPLY:
		rc = apply(w, request, *sent, &err);
		break;
	case WORKER_SOCKET:
		rc = engine_kernel_socket(w->kernel, request->ns, request->socket_type, &fd, &err);
		break;
	case WORKER_TAKE:
		w->taken = fd_take(sent);
		break;
	case WORKER_CLOSE:
		fd_close(&w->taken);
		break;
	case WORKER_NEIGHBOURS:
		rc = neighbour_table_read(&done.neighbours, &err);
		break;
	}
	if (rc)
		report_failure(w, &err);
	else
		report(w, done, &fd, fd >= 0);
}

int worker_main(int fd)
{
	struct worker w = { .fd = fd, .taken = -1 };
	struct worker_report ready = { .type = WORKER_READY };
	struct worker_request request;
	int fds[IPC_MAX_FDS];
	struct err err = { 0 };

	nft_reserve_descriptor();
	w.kernel = engine_kernel_new(&err);
	if (!w.kernel) {
		report_failure(&w, &err);
		return 1;
	}
	ready.features = engine_kernel_features(w.kernel);
	report(&w, ready, NULL, 0);
	while (ipc_receive(fd, &request, sizeof(request), fds, &err) == (ssize_t)sizeof(request)) {
		serve(&w, &request, &fds[0]);
		for (int i = 0; i < IPC_MAX_FDS; i++)
			fd_close(&fds[i]);
	}
	engine_kernel_free(w.kernel);
	return 0;
}
