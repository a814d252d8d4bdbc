/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The language of lab files as tables: which keys an object has, what their values look like, and
 * what stands in when they are absent. One reader fills structs by these tables; whatever else
 * must know the language (documentation, editors' schemas) reads the same tables.
 */
#include "lab/base/arena.h"
#include "lab/base/diag.h"
#include "lab/base/ip.h"
#include "lab/yaml/doc.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Values as read. pos.line is 0 when the file does not have the key. */
struct text {
	const char *value; /* NULL when absent */
	struct src_pos pos;
};
struct flag {
	bool value;
	struct src_pos pos;
};
struct number {
	double value;
	struct src_pos pos;
	bool is_refused; /* the file has something else */
};
struct numbers {
	struct number *items;
	size_t count;
};
struct choice {
	int value;
	struct src_pos pos;
	bool is_refused; /* the file has a value that is none of them */
};
struct address {
	struct ip ip; /* IP_NONE when absent */
	struct src_pos pos;
};
struct space {
	struct prefix prefix;
	struct src_pos pos;
};
struct ref {
	const char *name; /* NULL when absent */
	struct src_pos pos;
};
struct range {
	double min, max;
	struct src_pos pos;
};
/* One value to be put at a path of the lab file, or what stands there to be taken away. */
struct change {
	const char *path;             /* keys and list places, with '/' between */
	const struct doc_node *value; /* NULL: taken away */
	struct src_pos pos;           /* of the path */
};

#define LIST_OF(type)                                                                              \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t count;                                                                      \
	}
struct spaces {
	struct space *items;
	size_t count;
};
struct addresses {
	struct address *items;
	size_t count;
};
struct changes {
	struct change *items;
	size_t count;
};
struct text_list {
	struct text *items;
	size_t count;
};

/* Every object struct begins with this. */
struct object {
	const char *name;   /* the key it stands under; NULL in lists */
	struct src_pos pos; /* of the key, or of the list item */
};

enum field_kind {
	FIELD_TEXT,      /* struct text */
	FIELD_TEXTS,     /* struct text_list; one scalar or a list */
	FIELD_NAME,      /* struct text, with the characters names may have */
	FIELD_FLAG,      /* struct flag */
	FIELD_NUMBER,    /* struct number, whole */
	FIELD_NUMBERS,   /* struct numbers, whole; one scalar or a list */
	FIELD_DECIMAL,   /* struct number */
	FIELD_CHOICE,    /* struct choice */
	FIELD_ADDRESS,   /* struct address */
	FIELD_ADDRESSES, /* struct addresses; one scalar or a list */
	FIELD_SPACES,    /* struct spaces; one scalar or a list */
	FIELD_REF,       /* struct ref: the name of another object */
	FIELD_RANGE,     /* struct range: [LOWEST, HIGHEST], or the highest */
	FIELD_DURATION,  /* struct number: of milliseconds, written 500ms, 5s or 2m */
	FIELD_CHANGES,   /* struct changes: paths and their values; nothing takes away */
	FIELD_OBJECT,    /* an object of its own, in place; without a name */
	FIELD_MAP,       /* LIST_OF(object), each under its name */
	FIELD_LIST,      /* LIST_OF(object) */
};

struct choice_name {
	const char *name;
	int value;
};

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	const char *words;    /* what it is for, in a few words */
	const char *fallback; /* as text; NULL when absence has its own meaning */
	bool is_required;
	double min, max;      /* of a number, in a range, of a duration in ms */
	bool is_judged_later; /* what is beyond those is read: Azure has words for it */
	/* FIELD_CHOICE; of a FIELD_TEXT what the lab's check takes; ends with a NULL name */
	const struct choice_name *choices;
	const struct schema *object; /* FIELD_OBJECT, FIELD_MAP, FIELD_LIST */
};

struct schema {
	const char *noun; /* as messages call it: "virtual network" */
	size_t size;
	const char *main; /* the key a value stands for, where a mapping may stand; or NULL */
	const struct field *fields;
	size_t field_count;
	bool is_rule; /* names of its objects are those of rules */
};

/*
 * Fill `object` (zeroed, of schema->size bytes) from a node, and record what does not fit: the
 * reader goes on, so all findings of a file come in one run. Text is borrowed from the document.
 */
void schema_read(const struct schema *schema, const struct doc_node *node, void *object,
		 struct arena *arena, struct diags *diags);

bool field_takes_values(const struct field *field); /* several, of which one may stand alone */
/* Is it the value of the object's main key, in the place of the object? */
bool schema_is_short_form(const struct schema *schema, const struct doc_node *node);
/* NULL when the object has no such key. Letter case does not count. */
const struct field *schema_find(const struct schema *schema, const char *key);
/*
 * Record a key that is none of the object's: one that others have, or one that is unknown, with
 * what was probably meant; that is returned, or NULL. `owner` names the object in messages.
 */
const struct field *schema_unknown_key(const struct schema *schema, const char *owner,
				       const char *key, struct src_pos pos, struct diags *diags);

/* Can this be the name of an object, and so of a namespace and a file? */
bool is_object_name(const char *text);
/* Can this be the name of a security rule (NSG-01)? Those are longer. */
bool is_rule_name(const char *text);
extern const char rule_name_words[];

/* The name of a choice's value; "?" when the table has none. */
const char *choice_name(const struct choice_name *choices, int value);
