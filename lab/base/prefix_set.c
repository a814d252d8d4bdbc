/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/prefix_set.h"

#include <stdlib.h>

/* Room is a power of two, so the count says when there is no more. */
void prefixes_add(struct prefixes *prefixes, struct prefix prefix)
{
	size_t count = prefixes->count;

	if (!(count & (count - 1))) {
		size_t room = count ? count * 2 : 1;

		prefixes->items = reallocarray(prefixes->items, room, sizeof(*prefixes->items));
		if (!prefixes->items)
			abort();
	}
	prefixes->items[prefixes->count++] = prefix;
}

int prefixes_order(const void *a, const void *b)
{
	return prefix_compare(*(const struct prefix *)a, *(const struct prefix *)b);
}

static bool is_in_order(const struct prefixes *prefixes)
{
	for (size_t i = 1; i < prefixes->count; i++)
		if (prefix_compare(prefixes->items[i - 1], prefixes->items[i]) > 0)
			return false;
	return true;
}

void prefixes_normalize(struct prefixes *prefixes)
{
	size_t count = 0;

	if (!is_in_order(prefixes))
		qsort(prefixes->items, prefixes->count, sizeof(*prefixes->items), prefixes_order);
	for (size_t i = 0; i < prefixes->count; i++)
		if (!count || !prefix_covers(prefixes->items[count - 1], prefixes->items[i]))
			prefixes->items[count++] = prefixes->items[i];
	prefixes->count = count;
}

static bool is_at_or_before(struct ip a, struct ip b)
{
	bool is_less = ip_half(a, 0) < ip_half(b, 0), is_same = ip_half(a, 0) == ip_half(b, 0);

	if (a.family != b.family)
		return a.family < b.family;
	return is_less | (is_same & (ip_half(a, 1) <= ip_half(b, 1)));
}

/*
 * How many of a normalized list begin at the address or before. Without branches, for none could
 * be foretold.
 */
static size_t count_until(const struct prefixes *prefixes, struct ip ip)
{
	size_t at = 0, left = prefixes->count;

	if (!left || !is_at_or_before(prefixes->items[0].addr, ip))
		return 0;
	for (size_t half; left > 1; left -= half) {
		half = left / 2;
		at += is_at_or_before(prefixes->items[at + half].addr, ip) ? half : 0;
	}
	return at + 1;
}

bool prefixes_have(const struct prefixes *prefixes, struct ip ip)
{
	size_t count = count_until(prefixes, ip);

	return count && prefix_has_ip(prefixes->items[count - 1], ip);
}

bool prefixes_cover(const struct prefixes *prefixes, struct prefix prefix)
{
	for (size_t i = 0; i < prefixes->count; i++)
		if (prefix_covers(prefixes->items[i], prefix))
			return true;
	return false;
}

/* In halves, until a part is all hole, or has none. */
static void cut(struct prefix part, const struct prefixes *holes, struct prefixes *out)
{
	size_t at = count_until(holes, prefix_first(part));
	struct prefix half;

	if (at && prefix_covers(holes->items[at - 1], part))
		return;
	/* a hole that begins with the part lies before `at`, all others in it behind */
	if (!(at && prefix_covers(part, holes->items[at - 1])) &&
	    !(at < holes->count && prefix_covers(part, holes->items[at]))) {
		prefixes_add(out, part);
		return;
	}
	half = prefix_of(part.addr, part.len + 1u);
	cut(half, holes, out);
	half.addr = prefix_last(half);
	half = prefix_of(ip_add(half.addr, 1), half.len);
	cut(half, holes, out);
}

struct prefixes prefixes_without(const struct prefixes *whole, const struct prefixes *holes)
{
	struct prefixes out = { 0 };

	for (size_t i = 0; i < whole->count; i++)
		cut(whole->items[i], holes, &out);
	return out;
}
