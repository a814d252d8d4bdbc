/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/flights.h"

#include <stdlib.h>
#include <string.h>

void flights_fini(struct flights *f)
{
	free(f->items);
	*f = (struct flights){ 0 };
}

static struct flight *at(const struct flights *f, size_t i)
{
	return &f->items[(f->first + i) % f->capacity];
}

static void grow(struct flights *f)
{
	size_t capacity = f->capacity ? f->capacity * 2 : 4;
	struct flight *items = calloc(capacity, sizeof(*items));

	if (!items)
		abort();
	for (size_t i = 0; i < f->count; i++)
		items[i] = *at(f, i);
	free(f->items);
	f->items = items;
	f->capacity = capacity;
	f->first = 0;
}

struct flight *flights_add(struct flights *f, uint16_t sequence)
{
	struct flight *flight;

	if (f->count == f->capacity)
		grow(f);
	flight = at(f, f->count++);
	*flight = (struct flight){ .sequence = sequence };
	return flight;
}

struct flight *flights_find(struct flights *f, uint16_t sequence)
{
	for (size_t i = 0; i < f->count; i++)
		if (at(f, i)->sequence == sequence && !at(f, i)->is_decided)
			return at(f, i);
	return NULL;
}

struct flight *flights_oldest(struct flights *f)
{
	for (size_t i = 0; i < f->count; i++)
		if (!at(f, i)->is_decided)
			return at(f, i);
	return NULL;
}

size_t flights_make_stale(struct flights *f)
{
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (at(f, i)->is_decided || at(f, i)->is_stale)
			continue;
		at(f, i)->is_stale = true;
		count++;
	}
	return count;
}

bool flights_take(struct flights *f, struct flight *ret_flight)
{
	if (!f->count || !at(f, 0)->is_decided)
		return false;
	*ret_flight = *at(f, 0);
	f->first = (f->first + 1) % f->capacity;
	f->count--;
	return true;
}
