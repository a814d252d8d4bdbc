/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Changes of a lab before they are made: what they would do to its file and to what runs, as text.
 * `file` is the lab with what was changed before; `draft` is the same with the new changes behind
 * those.
 */
#include "lab/base/err.h"
#include "lab/snapshot/snapshot.h"

#include <stdio.h>

/* The difference of the file's bytes, when all is saved; with `err` when it cannot be. */
int draft_print_file(const struct snapshot_file *file, const struct snapshot_file *draft, FILE *out,
		     struct err *err);
/*
 * What is done to what runs: the difference of the plans, and what guests are told. With `err` when
 * the draft is no lab; a `file` that is none, and NULL, stand for nothing that runs.
 */
int draft_print_plan(const struct snapshot_file *file, const struct snapshot_file *draft, FILE *out,
		     struct err *err);
