/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings as people read them: what, where, and the lines of the file. */
#include "lab/base/diag.h"

#include <string.h>

#define EXCERPT_CHARS 120 /* of a line that is shown; long lines are cut around the caret */

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Is all of it UTF-8, as far as its bytes' first bits tell? */
static bool is_utf8(const char *text, const char *end)
{
	while (text < end) {
		unsigned char c = (unsigned char)*text++;
		int tails = c < 0x80       ? 0
			    : c >> 5 == 6  ? 1
			    : c >> 4 == 14 ? 2
			    : c >> 3 == 30 ? 3
					   : -1;

		if (tails < 0)
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

/* The line at `pos`, without its end; *ret_stop is behind it. */
static const char *find_line(struct src_pos pos, const char *text, size_t len,
			     const char **ret_stop)
{
	const char *end = text + len, *line = text, *stop;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		line += 3; /* a byte order mark has no column */
	for (unsigned n = 1;; n++) {
		for (stop = line; stop < end && !line_end_len(stop, end);)
			stop++;
		if (n >= pos.line || stop == end)
			break;
		line = stop + line_end_len(stop, end);
	}
	*ret_stop = stop;
	return line;
}

/*
 * The line with a caret below column `pos.col` (counted in characters, from 1) and, when `other` is
 * on the same line and near enough to be seen, a dash below that. False when it is not seen.
 */
static bool print_excerpt(struct src_pos pos, struct src_pos other, const char *text, size_t len,
			  FILE *out)
{
	const char *stop, *line = find_line(pos, text, len, &stop);
	bool line_is_utf8 = is_utf8(line, stop), is_other_seen;
	unsigned first, last, left, right;

	first = pos.col > EXCERPT_CHARS - 20 ? pos.col - (EXCERPT_CHARS - 20) : 1;
	last = first + EXCERPT_CHARS - 1;
	is_other_seen = other.line == pos.line && other.col >= first && other.col <= last &&
			other.col != pos.col;
	if (line == stop)
		return false;
	(void)fprintf(out, "%5u | ", pos.line);
	for (unsigned col = 1; line < stop && col <= last; col++) {
		size_t bytes = character_len(line, stop, line_is_utf8);

		if (col >= first)
			print_character(line, bytes, line_is_utf8, out);
		line += bytes;
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
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];
		const struct diag_rule *rule = &diag_table[diag->id];
		bool is_other_seen;

		(void)fprintf(out, "%s:%u:%u: %s: %s [%s]\n", diag->pos.file, diag->pos.line,
			      diag->pos.col, severity_names[rule->severity], diag->text,
			      rule->name);
		is_other_seen = print_excerpt(diag->pos, diag->also, text, len, out);
		if (diag->hint)
			(void)fprintf(out, "      = %s\n", diag->hint);
		if (!diag->also.line || is_other_seen)
			continue;
		(void)fprintf(out, "%s:%u:%u: note: the other place\n", diag->also.file,
			      diag->also.line, diag->also.col);
		(void)print_excerpt(diag->also, (struct src_pos){ 0 }, text, len, out);
	}
	if (diags->errors + diags->warnings > diags->count)
		(void)fprintf(out, "and %zu more\n",
			      diags->errors + diags->warnings - diags->count);
}
