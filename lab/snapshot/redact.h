/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Pre-shared keys, taken out of what others are to see: in the place of each stands REDACTED and a
 * number, the same for equal keys, so that a lab file without them is read as before. Pure.
 */
#include "lab/base/err.h"

#include <jansson.h>

/*
 * A lab file: every key of lab/base/secret.h in it, those in `set:` of steps and in comments too.
 * The caller owns the result. NULL with `err` when the rest would not say the same as before.
 */
char *redact_lab_file(const char *text, size_t len, const char *file, struct err *err) NODISCARD;

/*
 * All topics of a bundle: the lab file and the changes in topic "file", and each text in which one
 * of their keys stands as a word. *ret_count is how many different keys there were. With `err` when
 * it cannot be done; the topics are then to be thrown away.
 */
int redact_topics(json_t *topics, size_t *ret_count, struct err *err);
