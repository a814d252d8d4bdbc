/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Building labs on the screen: what somebody is doing at the moment. Pure: the owner of the screen
 * reads and writes files, and sends what is to be applied.
 */
#include "lab/model/lab_tree.h"
#include "lab/render/new_lab.h"
#include "lab/snapshot/snapshot.h"
#include "tui/view/build_kind.h"
#include "tui/view/form.h"

enum build_page {
	BUILD_NOTHING,
	BUILD_NEW,     /* the form of a new lab */
	BUILD_KINDS,   /* what a lab consists of, */
	BUILD_OBJECTS, /* and those of one kind */
	BUILD_OBJECT,  /* the form of one of them */
	BUILD_REVIEW,  /* what its changes would do */
};

/* Fields of the form of a new lab that are no enum new_lab_value. */
enum build_new_field {
	BUILD_NEW_SPACES = NEW_LAB_VALUES, /* the spokes' address spaces */
	BUILD_NEW_FILE,
	BUILD_NEW_START,
	BUILD_NEW_WRITE,
};

/* A value within an object, with a form of its own. */
struct build_level {
	const struct field *field; /* that takes it, or of which it is an item */
	bool is_item, is_new;
	const char *path;              /* within the object; of a new item where its like stand */
	const struct doc_node *before; /* the object's value without what is typed in the form */
	const char *above;             /* the path of the form above; NULL: the object's */
	size_t at;                     /* the field there that leads here */
};

#define BUILD_LEVELS_MAX 8

struct build {
	enum build_page page;
	struct form form;
	char question[LINE_SIZE]; /* that y and n answer; "": none */
	/* BUILD_NEW */
	struct new_lab lab;   /* what the form comes to */
	char path[LINE_SIZE]; /* its file */
	bool is_forced;       /* which may be overwritten */
	bool starts;          /* and is started */
	/* the others: a lab that is changed */
	struct arena *arena;       /* owns what follows; NULL: there is none */
	struct snapshot_file file; /* as it is */
	bool is_running;           /* else only its file is changed */
	struct lab_tree tree;      /* what `file` says */
	struct lab *parsed;        /* the same, checked; NULL when it is invalid */
	const struct build_kind *kind;
	size_t kind_row, row, top;    /* that are selected, and the first one that is shown */
	struct build_object object;   /* that is changed; path NULL: it is added */
	const struct doc_node *value; /* of it, with what is changed within it; NULL: nothing */
	struct build_level levels[BUILD_LEVELS_MAX];
	size_t depth;          /* levels that are open */
	struct form inner;     /* of the last one */
	struct arena *scratch; /* owns the changes, and the lines of the review */
	struct build_changes changes;
	bool is_removed;    /* the changes take something away: they are no form's */
	bool is_refused;    /* with them the lab would be none */
	bool is_saved;      /* they are to be applied, and saved */
	const char **lines; /* of the review */
	size_t line_count;
};

/* Nothing is done any more. */
void build_close(struct build *build);

/* The form of a new lab, with what is usual. build_new.c */
void build_new_open(struct build *build);
/* After the form changed: what follows from it, and what is wrong. */
void build_new_update(struct build *build);
/* Columns that the form has of so many. */
unsigned build_new_cols(unsigned cols);
void build_new_draw(const struct build *build, struct grid *g);

/*
 * A lab to change. The arena, which owns the texts of `file`, becomes the build's. build_change.c
 */
void build_open(struct build *build, struct arena *arena, const struct snapshot_file *file,
		bool is_running);
/* The form of an object, or of a new one of the kind with NULL. */
void build_object_open(struct build *build, const struct build_object *object);
/* After the form changed: what follows from it, and what is wrong. */
void build_object_update(struct build *build);
/* The form that has the keys: the object's, or of a value within it. build_nested.c */
struct form *build_form(const struct build *build);
/* Of the field with the keys: a form for what is within it, or for one more. */
void build_nested_open(struct build *build);
/* To the form above; there is one. */
void build_nested_close(struct build *build);
/* Take away what the field with the keys leads to. */
void build_nested_remove(struct build *build);
/* The changes that take an object away, with what cannot be without it. */
void build_remove(struct build *build, const struct build_object *object);
/* What the changes would do, as lines. */
void build_review(struct build *build);
void build_pages_draw(const struct build *build, struct grid *g); /* build_pages.c */
