/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Pages of the manual, in the macros of man(7). Text is given as it is to be read: what roff would
 * take for its own, and dashes that must stay dashes, are taken care of here.
 */
#include <stdbool.h>
#include <stdio.h>

/* A page that is being written; all but `out` zeroed. */
struct roff {
	FILE *out;
	bool is_below_heading; /* where a paragraph begins by itself */
};

/* The page's own line, before everything else; `date` is YYYY-MM-DD. */
void roff_title(struct roff *page, const char *name, int section, const char *date,
		const char *source);

/* What stands in the section NAME, for those who search by it. */
void roff_name(struct roff *page, const char *name, const char *words);

void roff_section(struct roff *page, const char *title);
void roff_subsection(struct roff *page, const char *title);

/* A paragraph of its own, and text that goes on where one stands. */
void roff_paragraph(struct roff *page, const char *text);
void roff_text(struct roff *page, const char *text);
/* The same with a capital and a full stop, for a line of words that is no sentence yet. */
void roff_sentence(struct roff *page, const char *words);

/*
 * The head of an entry; the text that follows is its body. Of a synopsis capitals are what the user
 * puts in, brackets and bars are not typed, and the rest is; a name is typed as it is, and what
 * stands behind it (NULL: nothing) is a remark.
 */
void roff_entry(struct roff *page, const char *synopsis);
void roff_named_entry(struct roff *page, const char *name, const char *remark);

/* What stands between is set in, below the body of an entry. */
void roff_indent(struct roff *page);
void roff_outdent(struct roff *page);

/* A synopsis as a line of its own. */
void roff_synopsis(struct roff *page, const char *synopsis);

/* Lines as they stand. */
void roff_example(struct roff *page, const char *text);

/* A page, in a list of them: what stands behind it is a comma, or nothing for the last. */
void roff_reference(struct roff *page, const char *name, int section, bool is_last);
