/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A screen with a lab on it, for tests: topics of a real lab, recorded. */
#include "lab/base/arena.h"
#include "tui/view/screen.h"

/* A test of it: set up as screen_fixture has it at 80x24, with what was drawn of it last. */
struct screen_test {
	struct arena *arena;
	struct screen screen;
	struct grid grid;
};
int screen_set_up(void **state);
int screen_tear_down(void **state);
/* For those that have more: what these two do, with a test of their own. */
void screen_test_init(struct screen_test *t);
void screen_test_fini(struct screen_test *t);

/* The last key's effect; '\n' is Enter. */
struct effect screen_press(struct screen *s, const char *keys);
void screen_draw_anew(const struct screen *s, struct grid *g, bool is_ascii);
/* All of it as text. The caller frees it. */
char *screen_text(const struct screen *s, bool is_ascii) NODISCARD;
bool screen_shows(const struct screen *s, bool is_ascii, const char *words);

/* The screen shows what tests/golden/screen has in its JSON files; all of it lives in the arena. */
void screen_fixture(struct screen *s, struct arena *arena, unsigned rows, unsigned cols);
/* The model of its lab file, for its scene. The caller owns it; it borrows from the screen. */
struct lab *screen_fixture_model(const struct screen *s) NODISCARD;

/* Its text is that of the golden file. */
void assert_golden_text(const struct screen *s, bool is_ascii, const char *name);
/*
 * It is as the golden files screen/NAME_* say, at 80x24, 120x40, 200x60 and 40x10, in UTF-8 and
 * ASCII, with colours and without; it has its own size again then.
 */
void assert_golden_screens(struct screen *s, const char *name);
