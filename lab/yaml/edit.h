/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Changes of a lab file as changes of its bytes: one range is replaced, everything else stays as it
 * was written, comments, order and line ends included. The result is parsed, and must be the tree
 * that was wanted; else the edit is refused, and said where to make it by hand. Pure.
 */
#include "lab/base/err.h"

#include <stddef.h>

/*
 * The text with one value set, or removed when `value` is NULL; NULL with `err` when it is refused.
 * The caller owns the result.
 *
 * `path` names the value: keys, and numbers of list items from 0, with '/' between; in a key that
 * has one itself it is written ~1, and '~' is ~0. What is missing on the way is made, an
 * item behind the last of its list too. `value` is YAML on one line: a scalar, or a collection in
 * braces or brackets. `file` is only named.
 */
char *edit_set(const char *text, size_t len, const char *file, const char *path, const char *value,
	       size_t *ret_len, struct err *err) NODISCARD;
