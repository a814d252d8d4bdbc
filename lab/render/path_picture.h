/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The two ways of a flow as lines beside each other: who asks on top, who is asked at the bottom,
 * so that the way there goes down and the way back up.
 */
#include "lab/render/path.h"

enum picture_glyph {
	PICTURE_NODE,
	PICTURE_DOWN,
	PICTURE_UP,
	PICTURE_ON,   /* goes on, nothing decides there */
	PICTURE_STOP, /* here it ends, and should not */
	PICTURE_MORE, /* lines that had no room */
	PICTURE_NONE,
};
const char *picture_glyph(enum picture_glyph glyph, bool is_ascii);

struct picture_cell {
	enum picture_glyph glyph;
	const char *text;
};

struct path_picture {
	const struct picture_cell *there, *back; /* `count` of each */
	size_t count;
	bool has_back; /* something arrives */
};

/* In so many lines at most; it lives in the arena. */
void path_picture(const struct snapshot_path *path, size_t lines_max, struct path_picture *picture,
		  struct arena *arena);
