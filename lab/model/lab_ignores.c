/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The comments of a lab file that ignore findings. What reads YAML drops comments, so they are
 * looked for in the text: a '#' behind a blank that is in no scalar begins one.
 */
#include "lab/model/lab_check.h"

#include "lab/base/arena.h"

#include <stdlib.h>
#include <string.h>

/* A '#' that may begin a comment, on a line that may have one of ours. */
struct mark {
	size_t at; /* in the text */
	size_t line_start;
	unsigned line;
	bool is_in_scalar;
};

struct marks {
	struct arena *arena;
	struct mark *items;
	size_t count;
	unsigned first_comment, behind_comments; /* lines that are known to be comments alone */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Behind "# ignore:"; NULL when it is not that. */
static const char *behind_word(const char *at, const char *stop)
{
	static const char word[] = "ignore:";

	for (at++; at < stop && is_blank(*at);)
		at++;
	if ((size_t)(stop - at) < sizeof(word) - 1 || memcmp(at, word, sizeof(word) - 1) != 0)
		return NULL;
	return at + sizeof(word) - 1;
}

static const char *line_stop(const char *at, const char *end)
{
	while (at < end && *at != '\n' && *at != '\r')
		at++;
	return at;
}

static const char *next_line(const char *stop, const char *end)
{
	if (end - stop >= 2 && stop[0] == '\r' && stop[1] == '\n')
		return stop + 2;
	return stop < end ? stop + 1 : end;
}

static void find_in_line(struct marks *marks, const char *text, const char *start, const char *stop,
			 unsigned line)
{
	bool has_word = false;

	for (const char *at = start; at < stop && !has_word; at++)
		has_word = *at == '#' && behind_word(at, stop);
	if (!has_word)
		return;
	for (const char *at = start; at < stop; at++) {
		struct mark *mark;

		if (*at != '#' || (at > start && !is_blank(at[-1])))
			continue;
		mark = ARENA_PUSH(marks->arena, marks->items, marks->count);
		*mark = (struct mark){ (size_t)(at - text), (size_t)(start - text), line, false };
	}
}

/* Those inside of scalars are no comments. Marks are in the order of the text. */
static void leave_scalars_out(struct marks *marks, const struct doc_node *node)
{
	size_t first = 0, end = marks->count;

	for (size_t i = 0; node->kind != DOC_SCALAR && i < node->count; i++) {
		if (node->kind == DOC_MAP)
			leave_scalars_out(marks, node->pairs[i].key);
		leave_scalars_out(marks, doc_child(node, i));
	}
	if (node->kind != DOC_SCALAR)
		return;
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (marks->items[middle].at < node->start)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < marks->count && marks->items[first].at < node->end; first++)
		marks->items[first].is_in_scalar = true;
}

/* In characters, from 1. */
static unsigned column_of(const char *start, const char *at)
{
	unsigned col = 1;

	for (; start < at; start++)
		col += ((unsigned char)*start & 0xc0) != 0x80;
	return col;
}

/* Whose findings a comment means: those of its own line, or of the next one with more than that. */
static unsigned line_meant(struct marks *marks, const char *start, const struct mark *mark,
			   const char *end)
{
	const char *at = start + (mark->at - mark->line_start);

	while (start < at && is_blank(*start))
		start++;
	if (start < at)
		return mark->line;
	if (mark->line >= marks->first_comment && mark->line < marks->behind_comments)
		return marks->behind_comments;
	marks->first_comment = mark->line;
	marks->behind_comments = mark->line;
	do {
		start = next_line(line_stop(start, end), end);
		marks->behind_comments++;
		while (start < end && is_blank(*start))
			start++;
	} while (start < end && *start == '#');
	return marks->behind_comments;
}

static void add_ignore(struct marks *marks, struct ignores *ignores, const struct mark *mark,
		       const char *text, const char *end)
{
	const char *at = text + mark->at, *start = text + mark->line_start;
	const char *stop = line_stop(at, end), *word = behind_word(at, stop), *word_end;
	const struct diag_rule *rule;
	struct ignore *ignore;

	if (!word)
		return;
	while (word < stop && is_blank(*word))
		word++;
	for (word_end = word; word_end < stop && !is_blank(*word_end);)
		word_end++;
	ignore = ARENA_PUSH(marks->arena, ignores->items, ignores->count);
	ignore->pos = (struct src_pos){ ignores->file, mark->line, column_of(start, at) };
	ignore->line = line_meant(marks, start, mark, end);
	ignore->name = arena_strndup(marks->arena, word, (size_t)(word_end - word));
	rule = diag_find_rule(ignore->name);
	ignore->id = rule ? (enum diag_id)(rule - diag_table) : DIAG_COUNT;
	while (word_end < stop && is_blank(*word_end))
		word_end++;
	ignore->has_reason = word_end < stop;
}

void lab_read_ignores(const struct doc *doc, const char *text, size_t len, const char *file,
		      struct diags *diags)
{
	const char *end = text + len, *stop, *start = text;
	struct marks marks = { 0 };
	struct ignores *ignores;
	unsigned line = 1, last = 0;

	if (diags->ignores || !memmem(text, len, "ignore:", strlen("ignore:")))
		return;
	if (!diags->arena)
		diags->arena = arena_new();
	marks.arena = diags->arena;
	for (; start < end; start = next_line(stop, end), line++) {
		stop = line_stop(start, end);
		find_in_line(&marks, text, start, stop, line);
	}
	if (!marks.count)
		return;
	leave_scalars_out(&marks, doc_root(doc));
	ignores = arena_alloc(diags->arena, sizeof(*ignores));
	ignores->file = file;
	for (size_t i = 0; i < marks.count; i++) {
		const struct mark *mark = &marks.items[i];

		if (mark->is_in_scalar || mark->line == last)
			continue;
		last = mark->line; /* the first one of a line begins its comment */
		add_ignore(&marks, ignores, mark, text, end);
	}
	diags->ignores = ignores;
}
