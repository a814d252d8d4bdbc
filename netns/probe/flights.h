/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets of one probe that were sent, until it is decided what became of each: answered, or lost
 * when its time is over. Decided ones leave in the order in which they were sent.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct flight {
	uint16_t sequence;
	bool is_decided;
	bool is_stale;        /* sent before something changed: it says nothing of what is now */
	uint64_t sent_ns;     /* of the loop's clock */
	uint64_t answered_ns; /* likewise; 0: lost, or not decided */
};

/* Zeroed is empty. */
struct flights {
	struct flight *items; /* a ring */
	size_t capacity, first, count;
};

void flights_fini(struct flights *flights);

/* One more at the end, zeroed but for its sequence. Borrowed until the next add. */
struct flight *flights_add(struct flights *flights, uint16_t sequence);
/* The one that is not decided yet; NULL when there is none. */
struct flight *flights_find(struct flights *flights, uint16_t sequence);
/* The first that is not decided; NULL when all are. */
struct flight *flights_oldest(struct flights *flights);
/* Those not decided are stale from now on; returns how many were not so before. */
size_t flights_make_stale(struct flights *flights);
/* Take the first out, if it is decided. */
bool flights_take(struct flights *flights, struct flight *ret_flight);
