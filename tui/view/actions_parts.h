/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the list of actions: how rows are added to it. */
#include "lab/model/lab.h"
#include "tui/view/actions.h"

struct listing {
	const struct scene *scene;
	const struct lab *lab; /* NULL while it is not known */
	struct arena *arena;
	struct menu_rows rows;
};

#define TEXT(l, ...) arena_printf((l)->arena, __VA_ARGS__)

void listing_push(struct listing *l, enum menu_kind kind, const char *label, const char *command,
		  const char *preview);
void listing_push_look(struct listing *l, const char *label, const char *command);
/* `preview` is NULL where nothing can tell what it would change. */
void listing_push_change(struct listing *l, const char *label, const char *command,
			 const char *preview);
/* About the row above. */
void listing_push_note(struct listing *l, const char *words);
/* The beginning of a line that changes something. */
void listing_push_line(struct listing *l, const char *label, const char *command);

/* What can be broken of these two, of which the other may be NULL, and what else can. */
void listing_push_targets(struct listing *l, const char *name, const char *other);
void listing_push_other_targets(struct listing *l, const char *name, const char *other);
/* Faults that are on, to be cleared, then the latest that are over. */
void listing_push_standing(struct listing *l, bool with_past);

/* The console of a guest, its plug, and what was saved of it; nothing where nothing may change. */
void listing_push_guest(struct listing *l, const struct snapshot_node *node);
