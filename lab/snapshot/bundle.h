/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A lab as it was, in one JSON document: what it answered about each topic, beside its version and
 * host. Whoever asks a bundle gets what the running lab said then. Pure.
 */
#include "lab/base/err.h"

#include <jansson.h>
#include <stdbool.h>

#define BUNDLE_FORMAT    1 /* another one when a reader of this one would misread it */
#define BUNDLE_BYTES_MAX ((size_t)1 << 30)

struct bundle;

/* What stands at its head. Borrowed. */
struct bundle_head {
	const char *file; /* where it is; of no use to bundle_make */
	const char *lab;
	const char *hublab; /* the version that wrote it */
	double taken_at;    /* Unix time; ages are counted from it */
	double took_ms;     /* from the first topic to the last */
	int64_t changed;    /* events meanwhile: topics may be of different moments */
	bool has_secrets;   /* pre-shared keys stand in it */
};

/*
 * The document. References to `host` (what it runs on), `topics` (by name), `refused` (likewise,
 * each an error as the control socket has it) and `test` (expectations and what became of them;
 * NULL: nobody looked) are taken.
 */
json_t *bundle_make(const struct bundle_head *head, json_t *host, json_t *topics, json_t *refused,
		    json_t *test) NODISCARD;

/* The document as text, a topic a line; the caller frees it. */
char *bundle_print(const json_t *document, size_t *ret_len) NODISCARD;

/*
 * NULL with `err`, which names the file, and line and column where it is no JSON: -EINVAL of what
 * is no bundle, or half of one, -EPROTONOSUPPORT of one that a newer hublab wrote. The caller owns
 * it.
 */
struct bundle *bundle_read(const char *text, size_t len, const char *file, struct err *err)
	NODISCARD;
void bundle_free(struct bundle *bundle); /* NULL is fine */

const struct bundle_head *bundle_head(const struct bundle *bundle);
const json_t *bundle_host(const struct bundle *bundle); /* borrowed; NULL: it has none */

/*
 * What the lab answered about a topic, by any name that the lab takes for it; a new reference. NULL
 * with its refusal, or with -ENOENT when the bundle has nothing of it.
 */
json_t *bundle_topic(const struct bundle *bundle, const char *topic, struct err *err) NODISCARD;

/*
 * All messages that answer a request of the control socket, in their order: a new list. What would
 * change the lab is refused.
 */
json_t *bundle_answer(const struct bundle *bundle, const json_t *request) NODISCARD;
