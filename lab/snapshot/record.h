/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Structs that cross the control socket, described by tables: one encoder and one decoder serve
 * them all, and what one side writes is what the other side reads.
 */
#include "lab/base/arena.h"
#include "lab/base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct texts {
	const char **items;
	size_t count;
};

/* With `between` between them; in the arena. */
const char *texts_join(const struct texts *texts, const char *between, struct arena *arena);

struct reals {
	double *items; /* NAN stands for null: there is none */
	size_t count;
};

enum record_kind {
	RECORD_TEXT,  /* const char *; NULL is left out */
	RECORD_TEXTS, /* struct texts */
	RECORD_BOOL,  /* bool */
	RECORD_INT,   /* int64_t */
	RECORD_REAL,  /* double */
	RECORD_REALS, /* struct reals */
	RECORD_LIST,  /* LIST_OF(struct), of the field's record */
};

struct record_field {
	const char *key;
	enum record_kind kind;
	size_t offset;
	const struct record *record; /* RECORD_LIST */
};

struct record {
	size_t size;
	const struct record_field *fields;
	size_t field_count;
};

/* Of the items of its first list; NULL when it has none. */
const struct record *record_of_list(const struct record *record);

/* A new reference. */
json_t *record_encode(const struct record *record, const void *object) NODISCARD;

/*
 * Fill `object` (zeroed) from JSON; keys that are missing stay zero, unknown ones are passed over
 * (a newer supervisor may say more). False, with `err`, when a value has the wrong type.
 */
bool record_decode(const struct record *record, const json_t *json, void *object,
		   struct arena *arena, struct err *err);
