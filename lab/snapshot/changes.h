/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What became of a topic, as the difference of two JSON objects (docs/protocol.md): members that
 * are lists change by splices, others as a whole.
 *
 *   {"set": {"state": "running", "gone": null}, "lists": {"probes": [[AT, REMOVED, [ITEM, ...]],
 * ...]}}
 *
 * Splices are applied in their order, each to the list the one before left.
 */
#include "lab/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A new reference; NULL when nothing changed. Unchanged parts are neither copied nor sent. */
json_t *changes_between(const json_t *before, const json_t *after) NODISCARD;

/* One more splice of the list `member`; `items` (a reference, taken) stand in for `removed` ones.
 */
void changes_splice(json_t **changes, const char *member, size_t at, size_t removed, json_t *items);

/* False, with `err`, when the changes do not fit the object, which is then of no more use. */
bool changes_apply(json_t *object, const json_t *changes, struct err *err);
