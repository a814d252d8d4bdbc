/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a scene is filled with, for a screen that is painted and for one that is printed. */
#include "tui/client/feed.h"
#include "tui/view/screen.h"

void scene_set_time(struct scene *scene);

#define SCENE_WORDS_MAX 64
/* Commands that can be typed; the scene borrows them from `words`. */
void scene_list_commands(struct scene *scene, struct word_row words[SCENE_WORDS_MAX]);

/* The matrix of the scene, and of what it is; zeroed at first. */
struct scene_parts {
	struct arena *heat;
	bool is_mesh;
	const struct snapshot_mesh *mesh;
	unsigned probes_version;
};
void scene_parts_fini(struct scene_parts *parts);

/* What is shown while it is frozen; zeroed while it is not. */
struct scene_held {
	struct arena *arena; /* of the snapshot */
	struct graph *graph; /* NULL: no map is shown */
};
void scene_held_fini(struct scene_held *held);
/* A screen that was frozen has a copy of what it had; one that is not any more has nothing of it.
 */
void scene_hold(struct screen *screen, struct scene_held *held);

/* The screen has what the feed knows now (NULL: nothing), and the feed follows what it needs. */
void scene_follow(struct screen *screen, struct scene_parts *parts, struct feed *feed);
/* Before it is drawn: what takes long, and need not be done for each change. */
void scene_complete(struct screen *screen, struct scene_parts *parts, const struct feed *feed);
