/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Changes made to a running lab as edits of its file (design.md section 6). Pure. */
#include "lab/model/lab.h"

/*
 * The text of the file in which the state of `state` stands without changes: at the first step
 * they go to the top level, at a later one into what that step sets. Every other byte is as it
 * was. NULL with `err`, which names the change, when an edit is refused or the state would be
 * another one; or when a file that was valid would not be, since other steps go on from this one.
 * The caller owns the result.
 */
char *lab_save(const char *text, size_t len, const char *file, const struct lab_state *state,
	       size_t *ret_len, struct err *err) NODISCARD;
