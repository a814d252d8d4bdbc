/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/rib.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct path_entry {
	UT_hash_handle hh;
	struct as_path path; /* last: it has a flexible end */
};

struct as_paths {
	struct path_entry *entries;
};

struct as_paths *as_paths_new(void)
{
	struct as_paths *paths = calloc(1, sizeof(*paths));

	if (!paths)
		abort();
	return paths;
}

void as_paths_free(struct as_paths *paths)
{
	struct path_entry *entry, *next;

	if (!paths)
		return;
	HASH_ITER(hh, paths->entries, entry, next) {
		HASH_DEL(paths->entries, entry);
		free(entry);
	}
	free(paths);
}

const struct as_path *as_path_get(struct as_paths *paths, const uint32_t *asns, size_t count)
{
	static const uint32_t none[1];
	size_t bytes = count * sizeof(*asns);
	struct path_entry *entry = NULL;

	if (!count)
		asns = none; /* an address for the hash, of which it reads nothing */
	HASH_FIND(hh, paths->entries, asns, bytes, entry);
	if (entry)
		return &entry->path;
	entry = calloc(1, sizeof(*entry) + bytes);
	if (!entry)
		abort();
	entry->path.count = count;
	if (count)
		memcpy(entry->path.asns, asns, bytes);
	HASH_ADD_KEYPTR(hh, paths->entries, entry->path.asns, bytes, entry);
	return &entry->path;
}

bool as_path_has(const struct as_path *path, uint32_t asn)
{
	for (size_t i = 0; i < path->count; i++)
		if (path->asns[i] == asn)
			return true;
	return false;
}

void as_path_print(const struct as_path *path, char *text, size_t size)
{
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < path->count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%u", i ? "-" : "",
					path->asns[i]);
}

void rib_fini(struct rib *rib)
{
	free(rib->routes);
	*rib = (struct rib){ 0 };
}

static int route_compare(const void *a, const void *b)
{
	const struct rib_route *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

	if (order)
		return order;
	if (x->is_best != y->is_best)
		return x->is_best ? -1 : 1;
	/* any fixed order: own ones, then by session */
	if (!x->from || !y->from)
		return !x->from ? !y->from ? 0 : -1 : 1;
	return strcmp(x->from->name, y->from->name);
}

static void reserve(struct rib *rib, size_t count)
{
	if (count <= rib->capacity)
		return;
	rib->capacity = count * 2;
	rib->routes = realloc(rib->routes, rib->capacity * sizeof(*rib->routes));
	if (!rib->routes)
		abort();
}

/* Index of the first route whose prefix is not before `prefix`. */
static size_t lower_bound(const struct rib *rib, struct prefix prefix)
{
	size_t low = 0, high = rib->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(rib->routes[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct rib_route *rib_find(const struct rib *rib, struct prefix prefix, size_t *ret_count)
{
	size_t first = lower_bound(rib, prefix), end = first;

	while (end < rib->count && prefix_equal(rib->routes[end].prefix, prefix))
		end++;
	*ret_count = end - first;
	return rib->routes + first;
}

void rib_replace(struct rib *rib, struct prefix prefix, const struct rib_route *routes,
		 size_t count)
{
	size_t old_count, first;

	(void)rib_find(rib, prefix, &old_count);
	first = lower_bound(rib, prefix);
	reserve(rib, rib->count - old_count + count);
	if (rib->count > first + old_count)
		memmove(rib->routes + first + count, rib->routes + first + old_count,
			(rib->count - first - old_count) * sizeof(*routes));
	if (count) {
		memcpy(rib->routes + first, routes, count * sizeof(*routes));
		qsort(rib->routes + first, count, sizeof(*routes), route_compare);
	}
	rib->count = rib->count - old_count + count;
}

void rib_assign(struct rib *rib, const struct rib_route *routes, size_t count)
{
	reserve(rib, count);
	rib->count = count;
	if (!count)
		return;
	memcpy(rib->routes, routes, count * sizeof(*routes));
	qsort(rib->routes, count, sizeof(*routes), route_compare);
}

bool rib_find_difference(const struct rib *a, const struct rib *b, struct prefix *ret_prefix)
{
	size_t count = a->count < b->count ? a->count : b->count;
	const struct rib *longer = a->count > b->count ? a : b;

	for (size_t i = 0; i < count; i++) {
		const struct rib_route *x = &a->routes[i], *y = &b->routes[i];

		if (!route_compare(x, y) && x->class == y->class && x->path == y->path &&
		    ip_equal(x->next_hop, y->next_hop))
			continue;
		*ret_prefix = prefix_compare(x->prefix, y->prefix) < 0 ? x->prefix : y->prefix;
		return true;
	}
	if (a->count == b->count)
		return false;
	*ret_prefix = longer->routes[count].prefix;
	return true;
}

bool rib_equal(const struct rib *a, const struct rib *b)
{
	struct prefix prefix;

	return a->count == b->count && !rib_find_difference(a, b, &prefix);
}
