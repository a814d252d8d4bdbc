/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/arena.h"
#include "tui/view/view.h"

/*
 * What the chooser offers: labs that run, lab files where one is, then templates with the picture
 * of their README.md: its first fenced block. All in the arena.
 */
const struct choice_row *choices_find(struct arena *arena, size_t *ret_count);
