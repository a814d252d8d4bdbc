/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The tree that a state of a lab file is, whether the lab is valid or not. */
#include "lab/model/lab.h"

struct lab_tree {
	struct lab lab; /* no more of it than its step and the values of changes */
	struct doc *doc;
	const struct doc_node *root; /* NULL when there is no such state */
};

/* The caller ends it with lab_tree_fini. */
struct lab_tree lab_tree_read(const char *text, size_t len, const char *file,
			      const struct lab_state *state) NODISCARD;
void lab_tree_fini(struct lab_tree *tree); /* a zeroed one is fine */
