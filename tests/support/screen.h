/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A screen with a lab on it, for tests: topics of a real lab, recorded. */
#include "lab/base/arena.h"
#include "tui/view/screen.h"

/* The screen shows what tests/golden/screen has in its JSON files; all of it lives in the arena. */
void screen_fixture(struct screen *s, struct arena *arena, unsigned rows, unsigned cols);
/* The model of its lab file, for its scene. The caller owns it; it borrows from the screen. */
struct lab *screen_fixture_model(const struct screen *s) NODISCARD;

/*
 * It is as the golden files screen/NAME_* say, at 80x24, 120x40, 200x60 and 40x10, in UTF-8 and
 * ASCII, with colours and without; it has its own size again then.
 */
void assert_golden_screens(struct screen *s, const char *name);
