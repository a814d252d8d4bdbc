/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/theme.h"

enum {
	NONE = -1,
	BLACK,
	RED,
	GREEN,
	YELLOW,
	BLUE,
	MAGENTA,
	CYAN,
	WHITE
};

static const struct look colours[STYLE_COUNT] = {
	[STYLE_TEXT] = { NONE, NONE, false, false, false, false },
	[STYLE_DIM] = { NONE, NONE, false, true, false, false },
	[STYLE_HEADING] = { CYAN, NONE, false, false, false, false },
	[STYLE_TITLE] = { CYAN, NONE, true, false, false, false },
	[STYLE_BAR] = { WHITE, BLUE, true, false, false, false },
	[STYLE_BAR_BAD] = { WHITE, RED, true, false, false, false },
	[STYLE_KEY] = { YELLOW, NONE, true, false, false, false },
	[STYLE_GOOD] = { GREEN, NONE, false, false, false, false },
	[STYLE_BAD] = { RED, NONE, true, false, false, false },
	[STYLE_WAITING] = { YELLOW, NONE, false, false, false, false },
	[STYLE_EXPECTED] = { BLUE, NONE, false, false, false, false },
	[STYLE_NEW] = { MAGENTA, NONE, true, false, false, false },
};

static const struct look attributes[STYLE_COUNT] = {
	[STYLE_TEXT] = { NONE, NONE, false, false, false, false },
	[STYLE_DIM] = { NONE, NONE, false, true, false, false },
	[STYLE_HEADING] = { NONE, NONE, false, false, true, false },
	[STYLE_TITLE] = { NONE, NONE, true, false, false, false },
	[STYLE_BAR] = { NONE, NONE, false, false, false, true },
	[STYLE_BAR_BAD] = { NONE, NONE, true, false, false, true },
	[STYLE_KEY] = { NONE, NONE, true, false, false, false },
	[STYLE_GOOD] = { NONE, NONE, false, false, false, false },
	[STYLE_BAD] = { NONE, NONE, true, false, false, false },
	[STYLE_WAITING] = { NONE, NONE, false, false, false, false },
	[STYLE_EXPECTED] = { NONE, NONE, false, false, false, false },
	[STYLE_NEW] = { NONE, NONE, true, false, false, false },
};

struct look theme_look(enum style style, bool is_selected, bool is_colour)
{
	struct look look = is_colour ? colours[style] : attributes[style];

	if (is_selected) {
		look.is_reversed = !look.is_reversed;
		look.is_dim = false; /* hard to read on the reverse */
	}
	return look;
}

void theme_print(struct look look, FILE *out)
{
	(void)fputs("\033[0", out);
	if (look.is_bold)
		(void)fputs(";1", out);
	if (look.is_dim)
		(void)fputs(";2", out);
	if (look.is_underlined)
		(void)fputs(";4", out);
	if (look.is_reversed)
		(void)fputs(";7", out);
	if (look.foreground >= 0)
		(void)fprintf(out, ";%d", 30 + look.foreground);
	if (look.background >= 0)
		(void)fprintf(out, ";%d", 40 + look.background);
	(void)fputc('m', out);
}
