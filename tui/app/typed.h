/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The lines that were typed at the screen, from session to session: a file of the user's own. */
#include "tui/view/screen.h"

/* Those of before, so many as the screen keeps. Without any, or without a file, none. */
void typed_load(struct screen *screen);
/* One more; what has a pre-shared key in it is not written. */
void typed_add(const char *line);
