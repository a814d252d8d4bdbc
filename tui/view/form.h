/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A form: fields that are typed or chosen, one below the other, and buttons. Pure data; who made it
 * looks at the values after each key, and says what is wrong with them.
 */
#include "tui/view/grid.h"
#include "tui/view/line.h"

#define FORM_FIELDS_MAX 28
#define FORM_ERROR      200

enum form_kind {
	FORM_TEXT,   /* typed */
	FORM_NAME,   /* typed without blanks, or the next of its words by Space */
	FORM_CHOICE, /* one of its words */
	FORM_FIXED,  /* only shown */
	FORM_OPEN,   /* shown; Enter leads on from it */
	FORM_BUTTON, /* Enter does it */
};

struct form_field {
	enum form_kind kind;
	int id; /* what it is to who made the form */
	const char *label, *help;
	const char *const *words; /* borrowed */
	size_t word_count;
	struct line line; /* its value */
	size_t size_max;  /* of what is typed, in bytes; 0: as long as a line can be */
	bool is_hidden;
	bool is_typed; /* by the user: no proposal takes its place any more */
	char error[FORM_ERROR];
};

struct form {
	const char *title;
	struct form_field fields[FORM_FIELDS_MAX];
	size_t count, at; /* the field that has the keys */
};

enum form_event {
	FORM_NOTHING,
	FORM_CHANGED, /* the value of the field that has the keys */
	FORM_PRESSED, /* the button that has them */
	FORM_OPENED,  /* what the field with the keys leads to */
	FORM_REMOVED, /* the same is to go */
	FORM_LEFT,    /* without it */
};

/* Without fields; `title` is borrowed. */
void form_init(struct form *form, const char *title);
/* Behind the others, NULL when there are too many; label and help are borrowed. */
struct form_field *form_add(struct form *form, enum form_kind kind, int id, const char *label,
			    const char *help);
/* The words that can be chosen: a choice that has no other value has the first. */
void form_choose_from(struct form_field *field, const char *const *words, size_t count);
struct form_field *form_find(struct form *form, int id); /* NULL: none */
const char *form_value(const struct form *form, int id); /* "" for none, and for a hidden one */
/* What stands in a field until somebody types there. */
void form_propose(struct form_field *field, const char *text);

enum form_event form_key(struct form *form, uint32_t key);
void form_clear_errors(struct form *form);
/* The first field with an error, NULL when there is none. */
const struct form_field *form_first_error(const struct form *form);

/*
 * A field's value alone, for who draws a form elsewhere than one field below the other: returns the
 * column behind it. And where the cursor stands in it, from its first column.
 */
unsigned form_draw_value(const struct form *form, const struct form_field *field, struct grid *g,
			 unsigned row, unsigned col, unsigned width);
unsigned form_value_cursor(const struct form_field *field, unsigned width);

/* Its fields, and at the bottom what is to be said of the one that has the keys. */
void form_draw(const struct form *form, struct grid *g);
/* Where the cursor stands in a grid of that size; false when nothing is typed. */
bool form_cursor(const struct form *form, unsigned rows, unsigned cols, unsigned *ret_row,
		 unsigned *ret_col);
