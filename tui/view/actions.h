/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What can be done to the thing that is selected, as data: each row is one command line of hublab,
 * so that nothing can be done from the screen only.
 */
#include "lab/base/arena.h"
#include "tui/view/view.h"

enum menu_kind {
	MENU_HEADING,
	MENU_NOTE,   /* about the row above */
	MENU_LOOK,   /* run at once */
	MENU_CHANGE, /* its preview is shown first, and it is asked for */
	MENU_TYPE,   /* the beginning of a command line, to be completed by hand */
};

struct menu_row {
	enum menu_kind kind;
	const char *label;
	const char *command; /* NULL of headings and notes */
	const char *preview; /* the command that says what it would change; NULL: none can */
};

struct menu_rows {
	struct menu_row *items;
	size_t count;
};

/*
 * All of it, or what has to do with faults only, that of the subject first; where the scene is
 * read-only what changes nothing. Texts are in the arena or borrowed from the scene.
 */
struct menu_rows actions_list(const struct scene *scene, const struct subject *subject,
			      bool only_faults, struct arena *arena) NODISCARD;
