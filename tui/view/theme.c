/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/theme.h"

#include <string.h>

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

static const struct look dark[STYLE_COUNT] = {
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

/* Yellow and bright colours cannot be read on white. */
static const struct look light[STYLE_COUNT] = {
	[STYLE_TEXT] = { NONE, NONE, false, false, false, false },
	[STYLE_DIM] = { NONE, NONE, false, true, false, false },
	[STYLE_HEADING] = { BLUE, NONE, false, false, false, false },
	[STYLE_TITLE] = { BLUE, NONE, true, false, false, false },
	[STYLE_BAR] = { WHITE, BLUE, true, false, false, false },
	[STYLE_BAR_BAD] = { WHITE, RED, true, false, false, false },
	[STYLE_KEY] = { MAGENTA, NONE, true, false, false, false },
	[STYLE_GOOD] = { GREEN, NONE, false, false, false, false },
	[STYLE_BAD] = { RED, NONE, true, false, false, false },
	[STYLE_WAITING] = { MAGENTA, NONE, false, false, false, false },
	[STYLE_EXPECTED] = { BLUE, NONE, false, false, false, false },
	[STYLE_NEW] = { MAGENTA, NONE, true, false, false, false },
};

/* Of the cube of 256: what is good and bad differ in brightness, too. */
static const struct look dark_256[STYLE_COUNT] = {
	[STYLE_TEXT] = { NONE, NONE, false, false, false, false },
	[STYLE_DIM] = { 245, NONE, false, false, false, false },
	[STYLE_HEADING] = { 110, NONE, false, false, false, false },
	[STYLE_TITLE] = { 117, NONE, true, false, false, false },
	[STYLE_BAR] = { 255, 24, true, false, false, false },
	[STYLE_BAR_BAD] = { 231, 160, true, false, false, false },
	[STYLE_KEY] = { 221, NONE, true, false, false, false },
	[STYLE_GOOD] = { 114, NONE, false, false, false, false },
	[STYLE_BAD] = { 203, NONE, true, false, false, false },
	[STYLE_WAITING] = { 179, NONE, false, false, false, false },
	[STYLE_EXPECTED] = { 75, NONE, false, false, false, false },
	[STYLE_NEW] = { 213, NONE, true, false, false, false },
};

static const struct look light_256[STYLE_COUNT] = {
	[STYLE_TEXT] = { NONE, NONE, false, false, false, false },
	[STYLE_DIM] = { 242, NONE, false, false, false, false },
	[STYLE_HEADING] = { 24, NONE, false, false, false, false },
	[STYLE_TITLE] = { 25, NONE, true, false, false, false },
	[STYLE_BAR] = { 231, 24, true, false, false, false },
	[STYLE_BAR_BAD] = { 231, 160, true, false, false, false },
	[STYLE_KEY] = { 130, NONE, true, false, false, false },
	[STYLE_GOOD] = { 28, NONE, false, false, false, false },
	[STYLE_BAD] = { 160, NONE, true, false, false, false },
	[STYLE_WAITING] = { 94, NONE, false, false, false, false },
	[STYLE_EXPECTED] = { 26, NONE, false, false, false, false },
	[STYLE_NEW] = { 127, NONE, true, false, false, false },
};

static const struct {
	const char *name;
	const struct look *looks;
} themes[THEME_COUNT] = {
	[THEME_MONO] = { "mono", attributes },
	[THEME_DARK] = { "dark", dark },
	[THEME_LIGHT] = { "light", light },
	[THEME_DARK_256] = { "dark-256", dark_256 },
	[THEME_LIGHT_256] = { "light-256", light_256 },
};

bool theme_find(const char *name, enum theme *ret_theme)
{
	for (int i = 0; i < THEME_COUNT; i++) {
		if (strcmp(themes[i].name, name) != 0)
			continue;
		*ret_theme = (enum theme)i;
		return true;
	}
	return false;
}

void theme_names(char text[THEME_NAMES_SIZE])
{
	size_t len = 0;

	*text = '\0';
	for (int i = 0; i < THEME_COUNT && len < THEME_NAMES_SIZE; i++)
		len += (size_t)snprintf(text + len, THEME_NAMES_SIZE - len, "%s%s", i ? ", " : "",
					themes[i].name);
}

enum theme theme_for(enum theme wanted, int colours)
{
	if (colours < 8)
		return THEME_MONO;
	if (colours >= 256)
		return wanted;
	return wanted == THEME_DARK_256    ? THEME_DARK
	       : wanted == THEME_LIGHT_256 ? THEME_LIGHT
					   : wanted;
}

struct look theme_look(enum style style, bool is_selected, enum theme theme)
{
	struct look look = themes[theme].looks[style];

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
	if (look.foreground > WHITE)
		(void)fprintf(out, ";38;5;%d", look.foreground);
	else if (look.foreground >= 0)
		(void)fprintf(out, ";%d", 30 + look.foreground);
	if (look.background > WHITE)
		(void)fprintf(out, ";48;5;%d", look.background);
	else if (look.background >= 0)
		(void)fprintf(out, ";%d", 40 + look.background);
	(void)fputc('m', out);
}
