/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The engine as a process: it does everything that can take long, so that the supervisor never
 * waits for the kernel. It keeps nothing the kernel does not keep: a new one can take over.
 */
#include "netns/engine/engine_kernel.h"
#include "netns/kernel/neighbours.h"

#include <stdint.h>

#define WORKER_NS_SIZE 128

enum worker_request_type {
	WORKER_APPLY,      /* with one descriptor: a packed plan in memory */
	WORKER_SOCKET,     /* open a socket in a namespace */
	WORKER_TAKE,       /* with one descriptor, which the sender then closes */
	WORKER_CLOSE,      /* the one that was taken: as the last one, who waits for its end */
	WORKER_NEIGHBOURS, /* tell of the kernel's table of neighbours */
};

struct worker_request {
	enum worker_request_type type;
	uint32_t id;
	bool is_undo;                   /* WORKER_APPLY */
	enum engine_socket socket_type; /* WORKER_SOCKET */
	char ns[WORKER_NS_SIZE];
};

enum worker_report_type {
	WORKER_READY, /* once, unasked */
	WORKER_MADE,  /* of an APPLY, with descriptors */
	WORKER_STAGE, /* of an APPLY */
	WORKER_DONE,  /* of an APPLY; of a SOCKET, with one descriptor; of NEIGHBOURS */
	WORKER_FAILED,
};

struct worker_report {
	enum worker_report_type type;
	uint32_t id; /* of the request */
	union {
		struct engine_features features; /* WORKER_READY */
		struct {
			uint32_t step;
			int32_t pid;
			uint32_t fd_count;
		} made;
		struct {
			enum step_stage stage;
			uint32_t step_count;
			uint64_t took_ns;
		} stage;
		struct {
			int32_t code;
			uint32_t line, col;
			char text[400];
		} failed;
		struct neighbour_table neighbours;
	};
};

/* Serve requests on `fd` until the other side is gone. Returns the exit code. */
int worker_main(int fd);
