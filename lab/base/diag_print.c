/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings as people read them: what, where, and the lines of the file. */
#include "lab/base/diag.h"

#include <string.h>

#define EXCERPT_CHARS 120 /* of a line that is shown; long lines are cut around the caret */

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Is all of it UTF-8, without overlong forms and halves of pairs? */
static bool is_utf8(const char *text, const char *end)
{
	while (text < end) {
		unsigned char c = (unsigned char)*text++;
		unsigned char next = text < end ? (unsigned char)*text : 0;
		int tails = c < 0x80       ? 0
			    : c >> 5 == 6  ? 1
			    : c >> 4 == 14 ? 2
			    : c >> 3 == 30 ? 3
					   : -1;

		if (tails < 0 || (tails == 1 && c < 0xc2) || c > 0xf4 ||
		    (c == 0xe0 && next < 0xa0) || (c == 0xed && next > 0x9f) ||
		    (c == 0xf0 && next < 0x90) || (c == 0xf4 && next > 0x8f))
			return false;
		for (; tails; tails--)
			if (text == end || !is_utf8_tail(*text++))
				return false;
	}
	return true;
}

/* Control bytes and characters would move the cursor, or do worse. */
static bool is_control(const char *c, size_t len)
{
	return (unsigned char)*c < ' ' || *c == 0x7f ||
	       ((unsigned char)*c == 0xc2 && len == 2 && (unsigned char)c[1] < 0xa0);
}

/* In bytes. */
static size_t character_len(const char *c, const char *stop, bool line_is_utf8)
{
	size_t len = 1;

	while (line_is_utf8 && c + len < stop && is_utf8_tail(c[len]))
		len++;
	return len;
}

/* Print the character at `c` as far as a terminal may have it. */
static void print_character(const char *c, size_t len, bool line_is_utf8, FILE *out)
{
	if (is_control(c, len))
		(void)fputc(' ', out);
	else if (!line_is_utf8 && *c & 0x80)
		(void)fputc('?', out);
	else
		(void)fwrite(c, 1, len, out);
}

/* How many bytes of YAML's line ends are at `c`; 0 when it is none. */
static size_t line_end_len(const char *c, const char *end)
{
	if (*c == '\n')
		return 1;
	if (*c == '\r')
		return c + 1 < end && c[1] == '\n' ? 2 : 1;
	if (end - c >= 2 && !memcmp(c, "\xc2\x85", 2))
		return 2;
	if (end - c >= 3 && (!memcmp(c, "\xe2\x80\xa8", 3) || !memcmp(c, "\xe2\x80\xa9", 3)))
		return 3;
	return 0;
}

/* The line that was shown last: findings come in order, and often several on one line. */
struct line {
	const char *text, *end; /* of the file */
	unsigned number;        /* 0: none yet */
	const char *start, *stop;
	bool is_utf8;
};

/* Go to a line; the last one when there are fewer. */
static void line_find(struct line *line, unsigned number)
{
	const char *start = line->start, *stop;
	unsigned n = line->number;

	if (n == number)
		return;
	if (!n || n > number) {
		n = 1;
		start = line->text;
		if (line->end - start >= 3 && !memcmp(start, "\xef\xbb\xbf", 3))
			start += 3; /* a byte order mark has no column */
	}
	for (;; n++) {
		for (stop = start; stop < line->end && !line_end_len(stop, line->end);)
			stop++;
		if (n >= number || stop == line->end)
			break;
		start = stop + line_end_len(stop, line->end);
	}
	line->number = number;
	line->start = start;
	line->stop = stop;
	line->is_utf8 = is_utf8(start, stop);
}

/*
 * The line with a caret below column `pos.col` (counted in characters, from 1) and, when `other` is
 * on the same line and near enough to be seen, a dash below that. False when it is not seen.
 */
static bool print_excerpt(struct src_pos pos, struct src_pos other, struct line *line, FILE *out)
{
	unsigned first, last, left, right;
	const char *at;
	bool is_other_seen;

	first = pos.col > EXCERPT_CHARS - 20 ? pos.col - (EXCERPT_CHARS - 20) : 1;
	last = first + EXCERPT_CHARS - 1;
	is_other_seen = other.line == pos.line && other.col >= first && other.col <= last &&
			other.col != pos.col;
	line_find(line, pos.line);
	if (line->start == line->stop)
		return false;
	(void)fprintf(out, "%5u | ", pos.line);
	at = line->start;
	for (unsigned col = 1; at < line->stop && col <= last; col++) {
		size_t bytes = character_len(at, line->stop, line->is_utf8);

		if (col >= first)
			print_character(at, bytes, line->is_utf8, out);
		at += bytes;
	}
	left = is_other_seen && other.col < pos.col ? other.col : pos.col;
	right = is_other_seen && other.col > pos.col ? other.col : pos.col;
	(void)fprintf(out, "\n      | %*s%c", (int)(left - first), "", left == pos.col ? '^' : '-');
	if (right > left)
		(void)fprintf(out, "%*s%c", (int)(right - left - 1), "",
			      right == pos.col ? '^' : '-');
	(void)fputc('\n', out);
	return is_other_seen;
}

void diags_print(const struct diags *diags, const char *text, size_t len, FILE *out)
{
	struct line line = { .text = text, .end = text + len };

	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		const struct diag_rule *rule = &diag_table[diag->id];
		bool is_other_seen;

		(void)fprintf(out, "%s:%u:%u: %s: %s [%s]\n", diag->pos.file, diag->pos.line,
			      diag->pos.col, severity_names[rule->severity], diag->text,
			      rule->name);
		is_other_seen = print_excerpt(diag->pos, diag->also, &line, out);
		if (diag->hint)
			(void)fprintf(out, "      = %s\n", diag->hint);
		if (!diag->also.line || is_other_seen)
			continue;
		(void)fprintf(out, "%s:%u:%u: note: the other place\n", diag->also.file,
			      diag->also.line, diag->also.col);
		(void)print_excerpt(diag->also, (struct src_pos){ 0 }, &line, out);
	}
	if (diags_count(diags) > diags->count)
		(void)fprintf(out, "and %zu more\n", diags_count(diags) - diags->count);
}
