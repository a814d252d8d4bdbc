/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/diag.h"

#include "lab/base/arena.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

const char *const severity_names[] = {
	[SEVERITY_ERROR] = "error",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_INFO] = "info",
};

const struct diag_rule *diag_find_rule(const char *name)
{
	for (size_t i = 0; i < DIAG_COUNT; i++)
		if (!strcasecmp(diag_table[i].name, name))
			return &diag_table[i];
	return NULL;
}

/* "R3.10", "NSG-04 to NSG-07", "RFC 7296": in capitals, and a number behind. */
static bool is_source(const char *text, size_t len)
{
	size_t at = 0;

	while (at < len && isupper((unsigned char)text[at]))
		at++;
	if (at && at < len && (text[at] == '-' || text[at] == ' '))
		at++;
	return at && at < len && isdigit((unsigned char)text[at]);
}

struct rule_source diag_rule_source(const struct diag_rule *rule)
{
	struct rule_source source = { "" };
	size_t used = 0;

	for (const char *open = rule->words; (open = strchr(open, '(')); open++) {
		size_t len = strcspn(open + 1, ")");

		if (!is_source(open + 1, len) || used + len + 3 > sizeof(source.text))
			continue;
		used += (size_t)snprintf(source.text + used, sizeof(source.text) - used, "%s%.*s",
					 used ? ", " : "", (int)len, open + 1);
	}
	return source;
}

void diags_fini(struct diags *diags)
{
	arena_free(diags->arena);
	*diags = (struct diags){ 0 };
}

void diags_cleanup(struct diags *diags)
{
	diags_fini(diags);
}

size_t diags_error_count(const struct diags *diags)
{
	return diags->errors;
}

size_t diags_count(const struct diags *diags)
{
	return diags->errors + diags->warnings + diags->infos;
}

const struct diag *diags_first_error(const struct diags *diags)
{
	for (size_t i = 0; i < diags->count; i++)
		if (diag_table[diags->items[i].id].severity == SEVERITY_ERROR)
			return &diags->items[i];
	return NULL;
}

int diags_fail(const struct diags *diags, const char *file, struct err *err)
{
	const struct diag *diag = diags_first_error(diags);
	struct src_pos pos;

	if (!diag)
		return 0;
	pos = diag->pos.file == file ? diag->pos : (struct src_pos){ 0 };
	return err_at(err, pos, -EINVAL, "%s [%s]%s%s%s", diag->text, diag_table[diag->id].name,
		      diag->hint ? " (" : "", diag->hint ? diag->hint : "", diag->hint ? ")" : "");
}

static bool is_utf8_tail(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Values of the file stand in messages: nothing in them may move a cursor, or be half a letter. */
static void make_printable(char *text)
{
	for (char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;
		int tails = byte >> 5 == 6 ? 1 : byte >> 4 == 14 ? 2 : byte >> 3 == 30 ? 3 : 0;
		int n = 1;

		while (n <= tails && is_utf8_tail(c[n]))
			n++;
		if (byte < ' ' || byte == 0x7f || (byte & 0x80 && !tails) || n <= tails ||
		    (byte == 0xc2 && (unsigned char)c[1] < 0xa0))
			*c = '?';
		else
			c += n - 1;
	}
}

static PRINTF(2, 0) char *text_in_arena(struct diags *diags, const char *fmt, va_list args)
{
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	make_printable(text);
	return arena_strdup(diags->arena, text);
}

static bool pos_before(struct src_pos a, struct src_pos b)
{
	return a.line != b.line ? a.line < b.line : a.col < b.col;
}

/* Is `a` worth more to the reader than `b`, when there is room for one? */
static bool is_worth_more(const struct diag *a, const struct diag *b)
{
	enum severity a_severity = diag_table[a->id].severity;
	enum severity b_severity = diag_table[b->id].severity;

	return a_severity != b_severity ? a_severity < b_severity : pos_before(a->pos, b->pos);
}

/* Where a finding can be put; NULL when those that are kept are all worth more. */
static struct diag *place_for(struct diags *diags, const struct diag *diag)
{
	struct diag *last = diags->items;

	if (diags->count < DIAG_MAX)
		return ARENA_PUSH(diags->arena, diags->items, diags->count);
	for (size_t i = 1; i < diags->count; i++)
		if (!is_worth_more(&diags->items[i], last))
			last = &diags->items[i];
	return is_worth_more(diag, last) ? last : NULL;
}

static struct diag not_kept; /* written to by callers that add another place, never read */

/* Does a comment at its line ignore it? All that do are used. */
static bool is_ignored(struct ignores *ignores, enum diag_id id, struct src_pos pos)
{
	size_t first = 0, end = ignores->count;
	bool found = false;

	if (pos.file != ignores->file || diag_table[id].severity == SEVERITY_ERROR)
		return false;
	while (first < end) {
		size_t middle = first + (end - first) / 2;

		if (ignores->items[middle].line < pos.line)
			first = middle + 1;
		else
			end = middle;
	}
	for (; first < ignores->count && ignores->items[first].line == pos.line; first++) {
		struct ignore *ignore = &ignores->items[first];

		if (ignore->id != id || !ignore->has_reason)
			continue;
		ignore->is_used = true;
		found = true;
	}
	return found;
}

/* The number of those of its severity. */
static size_t *tally(struct diags *diags, enum diag_id id)
{
	switch (diag_table[id].severity) {
	case SEVERITY_ERROR:
		return &diags->errors;
	case SEVERITY_WARNING:
		return &diags->warnings;
	case SEVERITY_INFO:
		break;
	}
	return &diags->infos;
}

struct diag *diag_add(struct diags *diags, enum diag_id id, struct src_pos pos, const char *fmt,
		      ...)
{
	struct diag diag = { .id = id, .pos = pos }, *kept;
	va_list args;

	if (diags->ignores && is_ignored(diags->ignores, id, pos))
		return &not_kept;
	++*tally(diags, id);
	if (!diags->arena)
		diags->arena = arena_new();
	kept = place_for(diags, &diag);
	if (!kept)
		return &not_kept;
	va_start(args, fmt);
	diag.text = text_in_arena(diags, fmt, args);
	va_end(args);
	*kept = diag;
	return kept;
}

bool diag_is_kept(const struct diag *diag)
{
	return diag != &not_kept;
}

void diag_hint(struct diags *diags, struct diag *diag, const char *fmt, ...)
{
	va_list args;

	if (diag == &not_kept)
		return;
	va_start(args, fmt);
	diag->hint = text_in_arena(diags, fmt, args);
	va_end(args);
}

static bool is_same_finding(const struct diag *a, const struct diag *b)
{
	size_t a_len = strlen(a->text), b_len = strlen(b->text);

	return a->id == b->id && a->pos.line == b->pos.line && a->pos.col == b->pos.col &&
	       a_len >= b_len && !strcmp(a->text + (a_len - b_len), b->text);
}

void diags_add_all(struct diags *diags, const struct diags *others, const char *where)
{
	struct diag before[DIAG_MAX]; /* those that are added may take the place of others */
	size_t had = diags->count;

	if (had)
		memcpy(before, diags->items, had * sizeof(*before));
	for (size_t i = 0; i < others->count; i++) {
		const struct diag *other = &others->items[i];
		struct diag *diag;
		bool is_there = false;

		for (size_t n = 0; n < had && !is_there; n++)
			is_there = is_same_finding(&before[n], other);
		if (is_there)
			continue;
		diag = diag_add(diags, other->id, other->pos, "%s%s", where, other->text);
		diag->also = other->also;
		if (other->hint)
			diag_hint(diags, diag, "%s", other->hint);
	}
	/* nobody knows which of those not kept are the same, but there are as many at least */
	if (diags->errors < others->errors)
		diags->errors = others->errors;
	if (diags->warnings < others->warnings)
		diags->warnings = others->warnings;
	if (diags->infos < others->infos)
		diags->infos = others->infos;
}

void diags_drop_infos(struct diags *diags)
{
	size_t kept = 0;

	for (size_t i = 0; i < diags->count; i++)
		if (diag_table[diags->items[i].id].severity != SEVERITY_INFO)
			diags->items[kept++] = diags->items[i];
	diags->count = kept;
	diags->infos = 0;
}

void diags_sort(struct diags *diags)
{
	/* at most DIAG_MAX items, and insertion keeps equal ones in order */
	for (size_t i = 1; i < diags->count; i++) {
		struct diag item = diags->items[i];
		size_t at = i;

		for (; at && pos_before(item.pos, diags->items[at - 1].pos); at--)
			diags->items[at] = diags->items[at - 1];
		diags->items[at] = item;
	}
}

#define WORD_MAX 64

/* Edits (insert, delete, replace, swap of neighbours) from a to b. */
static size_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *recycled = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			int ca = tolower((unsigned char)a[i - 1]);
			int cb = tolower((unsigned char)b[j - 1]);
			size_t best = last[j - 1] + (ca != cb);

			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]) && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
		before = last;
		last = row;
		row = recycled;
	}
	return last[b_len];
}

const char *nearest_word(const char *word, const char *const *candidates, size_t count)
{
	size_t len = strlen(word), best_distance;
	const char *best = NULL;

	if (len > WORD_MAX)
		return NULL;
	best_distance = len / 3 + 2; /* nearer than this, or it was not meant */
	for (size_t i = 0; i < count; i++) {
		size_t candidate_len = strlen(candidates[i]), distance;

		if (candidate_len > WORD_MAX)
			continue;
		distance = edit_distance(word, len, candidates[i], candidate_len);
		if (distance < best_distance) {
			best_distance = distance;
			best = candidates[i];
		}
	}
	return best;
}
