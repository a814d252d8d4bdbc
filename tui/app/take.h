/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What is taken from the screen: all of it into a file, or what is copied. */
#include "tui/term/term.h"
#include "tui/view/screen.h"

/* The screen as text into a file of the working directory; it is said where. */
void take_dump(struct screen *s, bool is_ascii);
/* What the screen copied, to the terminal's clipboard and into a file of the user's. */
void take_copy(struct screen *s, struct terminal *term);
