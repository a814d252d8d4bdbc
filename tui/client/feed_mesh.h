/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A mesh that was asked for on a feed's connection: how far it is, and what it saw. */
#include "lab/base/arena.h"
#include "lab/snapshot/snapshot_mesh.h"

struct feed_mesh {
	bool is_running;
	int64_t decided, pairs;           /* of the one that is running */
	const struct snapshot_mesh *seen; /* by the latest that ended well; NULL: none did */
	double seen_at;                   /* Unix time */
	char error[400];                  /* of the latest; "": it had none */
};

struct mesh_asking {
	struct feed_mesh told;
	struct arena *arena, *next; /* of what was seen, and of what is on its way */
	struct snapshot_mesh *coming;
};

/* The request to send, a new reference; NULL while one is running. */
json_t *mesh_asking_begin(struct mesh_asking *asking, const char *protocol) NODISCARD;
/* A message with this id (NULL: it has none). False when it is about something else. */
bool mesh_asking_hear(struct mesh_asking *asking, const char *id, const json_t *message,
		      double now);
void mesh_asking_fini(struct mesh_asking *asking);
