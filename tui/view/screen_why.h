/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Keys and lines about one flow, about all pairs, and about changes that are not made yet. */
#include "tui/view/screen.h"

/*
 * Ask about what is selected: the flow, probe or pair; of a machine (NULL: none) where to is asked
 * first.
 */
void screen_ask(struct screen *s, const char *machine);
/* The flow that view 6 is about, as a line to be changed. */
void screen_edit_question(struct screen *s);
/*
 * In the command line: the mend of view 6, or the change that was asked about by `whatif`. False
 * when none is shown.
 */
bool screen_type_change(struct screen *s);
/* Likewise `whatif` with the mend of view 6, if there is one. */
void screen_type_whatif(struct screen *s);
/* From the list of probes to their matrix, to that of all pairs, if it was asked, and back. */
void screen_next_matrix(struct screen *s);
struct effect screen_ask_mesh(struct screen *s, const char *protocol);
/* A line that the screen answers itself: `why SRC DST [PROTOCOL]` or `mesh [PROTOCOL]`. */
bool screen_take_line(struct screen *s, const char *line, struct effect *effect);
/* After the scene changed: is the verdict of view 6 another one? */
void screen_note_verdict(struct screen *s);
