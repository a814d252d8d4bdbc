/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Topics with a list that goes on: what is in it, and then what comes, as it comes. */
#include "tui/cli/cli.h"

/*
 * Subscribe, and hand over what each message brings, as an object of the record that lives until
 * `take` returns: all of it first, then with only those of its `list` that came or changed. Until
 * `take` fails, the topic is gone or the lab ends; returns the code of `err`, which says which.
 */
int cli_stream(struct client *client, const char *topic, const char *list,
	       const struct record *record,
	       void (*take)(void *arg, const void *object, struct err *err), void *arg,
	       struct err *err);
