/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * All machines ask all others, once: a ping, a connection or a fetch for each ordered pair. Packets
 * leave in portions, so many in a second and so many on their way, and the loop goes on between.
 */
#include "netns/probe/pairs.h"
#include "netns/probe/probe.h"

struct mesh;

struct mesh_spec {
	const struct nic *const *from, *const *to; /* none is asked by its own machine */
	size_t from_count, to_count;
	struct probe_spec flow;      /* what is asked; its ends are those of each pair */
	const struct fabric *fabric; /* what is predicted follows from it */
};

struct mesh_ops {
	/* As that of a prober. */
	struct agent *(*agent)(void *arg, const char *guest);
	/* Ask for a socket in a namespace, which mesh_socket brings later. */
	void (*need_socket)(void *arg, const char *ns, enum prober_socket type, uint32_t tag);
	/* All is decided; once. The mesh may be freed then, or kept and asked. */
	void (*on_done)(void *arg);
};

#define MESH_PAIRS_MAX 1000000

/* The spec is copied, what it points to is borrowed. The caller owns the mesh. It starts itself. */
struct mesh *mesh_new(struct loop *loop, const struct mesh_spec *spec, const struct mesh_ops *ops,
		      void *arg) NODISCARD;
void mesh_free(struct mesh *mesh); /* NULL is fine */

/* The descriptor becomes the mesh's; or it is -1, and `why` says why. */
void mesh_socket(struct mesh *mesh, uint32_t tag, int fd, const char *why);

size_t mesh_asked(const struct mesh *mesh);   /* how many pairs there are to be decided */
size_t mesh_decided(const struct mesh *mesh); /* how many of them are */
const struct pair *mesh_pair(const struct mesh *mesh, size_t from, size_t to);
/* What is predicted of a pair, with its words. */
void mesh_predict(const struct mesh *mesh, size_t from, size_t to,
		  struct prediction *ret_prediction);
/* Why a pair was not observed, or nothing was sent; "" when something was. Borrowed. */
const char *mesh_why_not(const struct mesh *mesh, size_t from, size_t to);
