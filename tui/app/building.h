/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the forms that labs are built with need of the world: files, and the lab that runs. */
#include "lab/base/err.h"
#include "tui/view/screen.h"

/* The screen's build gets the lab that runs, or with `path` the one of that file. */
int building_read(struct screen *s, const char *lab, const char *path, struct err *err);

/*
 * The command that makes the changes of the build: its words from the second on, the first is left
 * free. They live as long as the build's changes.
 */
char **building_words(struct build *build, const char *lab);
