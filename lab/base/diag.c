/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/diag.h"

#include "lab/base/arena.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

const struct diag_rule diag_table[DIAG_COUNT] = {
	[DIAG_SYNTAX] = { "syntax", "The file must be well-formed YAML 1.1." },
	[DIAG_ENCODING] = { "encoding", "The file must be UTF-8 without NUL bytes." },
	[DIAG_TOO_LARGE] = { "too-large", "A lab file is at most 4 MiB and 200,000 values." },
	[DIAG_TOO_DEEP] = { "too-deep", "Values nest at most 32 levels deep." },
	[DIAG_EMPTY] = { "empty", "A lab file describes one lab: a mapping of keys to values." },
	[DIAG_SECOND_DOCUMENT] = { "second-document", "A lab file holds one YAML document." },
	[DIAG_NOT_ALLOWED] = { "not-allowed", "Tags and merge keys are not part of the language." },
	[DIAG_UNKNOWN_ALIAS] = { "unknown-alias", "An alias repeats an anchor set before it." },
	[DIAG_DUPLICATE_KEY] = { "duplicate-key", "A key stands once in its mapping." },
	[DIAG_UNKNOWN_KEY] = { "unknown-key", "Every key is one the language knows." },
	[DIAG_MISSING_KEY] = { "missing-key", "Some keys have no default and must be given." },
	[DIAG_WRONG_SHAPE] = { "wrong-shape",
			       "A value is a scalar, a list or a mapping as its key asks." },
	[DIAG_BAD_VALUE] = { "bad-value", "A value has the form its key asks." },
	[DIAG_OUT_OF_RANGE] = { "out-of-range", "A number lies within the bounds of its key." },
	[DIAG_BAD_NAME] = { "bad-name",
			    "Names are 1 to 64 letters, digits, '-', '_' and '.', and start "
			    "with a letter or digit." },
	[DIAG_DUPLICATE_NAME] = { "duplicate-name",
				  "Machines of a lab have different names; letter "
				  "case does not count." },
	[DIAG_UNKNOWN_NAME] = { "unknown-name", "A reference names an object of the file." },
	[DIAG_HOST_BITS] = { "host-bits", "A prefix has no bits set behind its length." },
	[DIAG_RESERVED_SPACE] = { "reserved-space",
				  "Virtual networks cannot use multicast, loopback, "
				  "link-local, broadcast or platform addresses "
				  "(R9.4)." },
	[DIAG_OVERLAP] = { "overlap", "Prefixes of one virtual network do not overlap." },
	[DIAG_NOT_IN_SPACE] = { "not-in-space",
				"A subnet lies within its virtual network's address "
				"space, an address within its subnet." },
	[DIAG_SUBNET_SIZE] = { "subnet-size",
			       "An IPv4 subnet is a /29 or larger, an IPv6 subnet a /64 "
			       "(R9.1)." },
	[DIAG_SUBNET_FULL] = { "subnet-full", "A subnet has an address for each of its NICs." },
	[DIAG_ADDRESS_TAKEN] = { "address-taken", "An address belongs to one NIC of its virtual "
						  "network." },
	[DIAG_RESERVED_ADDRESS] = { "reserved-address",
				    "Azure keeps the first four addresses and the "
				    "last of every subnet (R9.1)." },
	[DIAG_NO_GATEWAY_SUBNET] = { "no-gateway-subnet", "A gateway needs a subnet named "
							  "GatewaySubnet." },
	[DIAG_WRONG_SUBNET] = { "wrong-subnet",
				"Virtual machines are not placed in GatewaySubnet or "
				"RouteServerSubnet." },
	[DIAG_GATEWAY_TAKEN] = { "gateway-taken",
				 "A virtual network has one gateway of each type." },
	[DIAG_PEERING] = { "peering", "A peering joins two different virtual networks, once." },
	[DIAG_PEERING_OVERLAP] = { "peering-overlap", "Virtual networks with overlapping address "
						      "spaces cannot be peered (R4.1)." },
	[DIAG_REMOTE_GATEWAYS] = { "remote-gateways",
				   "use_remote_gateways needs a gateway and "
				   "allow_gateway_transit on the other side, none "
				   "on its own side, and stands once in a virtual "
				   "network (R4.4)." },
	[DIAG_ASN] = { "asn",
		       "A provider's or customer's AS number is none that Azure keeps (R6.2)." },
	[DIAG_LINK_TAKEN] = { "link-taken", "Each path of a circuit ends on one provider link." },
	[DIAG_CONNECTION] = { "connection", "A circuit joins a gateway at most once." },
	[DIAG_PROBE] = { "probe", "A probe joins two different machines of the lab." },
	[DIAG_STEP] = { "step", "A step has a name of its own, starts from one before it, and sets "
				"neither the lab's name nor steps nor expectations; the first is "
				"what the top level says." },
	[DIAG_EXPECTATION] = { "expectation",
			       "An expectation is about a flow (from, to), a row (routes, prefix) "
			       "or a session (bgp), and has keys of one of them." },
	[DIAG_LINK] = { "link", "A provider link ends on a circuit or on a branch and has a /30 of "
				"its own; every branch is on a link." },
	[DIAG_ANNOUNCE] = { "announce",
			    "A branch announces a prefix once, and nothing that no router takes; "
			    "a circuit takes 4000 prefixes, or 10000 (R6.15)." },
};

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
	return diags->count + diags->dropped;
}

static PRINTF(2, 0) char *text_in_arena(struct diags *diags, const char *fmt, va_list args)
{
	char text[1024];

	(void)vsnprintf(text, sizeof(text), fmt, args);
	return arena_strdup(diags->arena, text);
}

struct diag *diag_add(struct diags *diags, enum diag_id id, struct src_pos pos, const char *fmt,
		      ...)
{
	static struct diag beyond; /* written to by callers that add a hint, never read */
	struct diag *diag;
	va_list args;

	if (diags->count == DIAG_MAX) {
		diags->dropped++;
		return &beyond;
	}
	if (!diags->arena)
		diags->arena = arena_new();
	diag = ARENA_PUSH(diags->arena, diags->items, diags->count);
	va_start(args, fmt);
	*diag = (struct diag){ .id = id, .pos = pos, .text = text_in_arena(diags, fmt, args) };
	va_end(args);
	return diag;
}

void diag_hint(struct diags *diags, struct diag *diag, const char *fmt, ...)
{
	va_list args;

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
	size_t had = diags->count;

	for (size_t i = 0; i < others->count; i++) {
		const struct diag *other = &others->items[i];
		struct diag *diag;
		bool is_there = false;

		for (size_t n = 0; n < had && !is_there; n++)
			is_there = is_same_finding(&diags->items[n], other);
		if (is_there)
			continue;
		diag = diag_add(diags, other->id, other->pos, "%s%s", where, other->text);
		diag->also = other->also;
		if (other->hint)
			diag_hint(diags, diag, "%s", other->hint);
	}
}

static bool pos_before(struct src_pos a, struct src_pos b)
{
	return a.line != b.line ? a.line < b.line : a.col < b.col;
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

/* What may be sent to a terminal for one byte of a line. */
static char printable(char c, bool line_is_utf8)
{
	/* control bytes would move the cursor, or do worse */
	if ((unsigned char)c < ' ' || c == 0x7f)
		return ' ';
	return !line_is_utf8 && c & 0x80 ? '?' : c;
}

/* The line and a caret under column `col` (counted in characters, from 1). */
static void print_excerpt(struct src_pos pos, const char *text, size_t len, FILE *out)
{
	const char *end = text + len, *line = text, *stop;
	unsigned first, col = 1;
	bool line_is_utf8;

	for (unsigned n = 1; n < pos.line && line < end; n++) {
		line = memchr(line, '\n', (size_t)(end - line));
		line = line ? line + 1 : end;
	}
	stop = memchr(line, '\n', (size_t)(end - line));
	if (!stop)
		stop = end;
	if (line == stop)
		return;
	line_is_utf8 = is_utf8(line, stop);
	first = pos.col > EXCERPT_CHARS - 20 ? pos.col - (EXCERPT_CHARS - 20) : 1;
	(void)fprintf(out, "%5u | ", pos.line);
	for (const char *c = line; c < stop && col < first + EXCERPT_CHARS; c++) {
		if (c != line && (!line_is_utf8 || !is_utf8_tail(*c)))
			col++;
		if (col < first || col >= first + EXCERPT_CHARS)
			continue;
		(void)fputc(printable(*c, line_is_utf8), out);
	}
	(void)fprintf(out, "\n      | %*s^\n", (int)(pos.col - first), "");
}

void diags_print(const struct diags *diags, const char *text, size_t len, FILE *out)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];

		(void)fprintf(out, "%s:%u:%u: error: %s", diag->pos.file, diag->pos.line,
			      diag->pos.col, diag->text);
		if (diag->also.line)
			(void)fprintf(out, " (%s:%u:%u)", diag->also.file, diag->also.line,
				      diag->also.col);
		(void)fprintf(out, " [%s]\n", diag_table[diag->id].name);
		print_excerpt(diag->pos, text, len, out);
		if (diag->hint)
			(void)fprintf(out, "      = %s\n", diag->hint);
	}
	if (diags->dropped)
		(void)fprintf(out, "and %zu more\n", diags->dropped);
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
