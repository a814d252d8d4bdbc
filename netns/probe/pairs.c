/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/pairs.h"

#include <stdlib.h>

struct flying {
	uint64_t deadline_ns;
	size_t index;
};

struct pairs {
	struct pair *items;
	size_t count, asked, decided;
	size_t waiting; /* that are PAIR_WAITING */
	size_t cursor;  /* nothing before it is to be sent in this round */
	unsigned round, tries;
	struct flying *ring; /* by deadline; some in it may be decided */
	size_t window, first, flying;
};

struct pairs *pairs_new(size_t count, size_t window, unsigned tries)
{
	struct pairs *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	*p = (struct pairs){ .count = count,
			     .asked = count,
			     .waiting = count,
			     .round = 1,
			     .tries = tries,
			     .window = window };
	p->items = calloc(count + 1, sizeof(*p->items));
	p->ring = calloc(window, sizeof(*p->ring));
	if (!p->items || !p->ring)
		abort();
	return p; /* zeros wait: a million of them are not touched at once */
}

void pairs_free(struct pairs *p)
{
	if (!p)
		return;
	free(p->items);
	free(p->ring);
	free(p);
}

static bool is_decided(const struct pair *pair)
{
	return pair->state > PAIR_LEFT_OUT;
}

static void move_to(struct pairs *p, size_t index, enum pair_state state)
{
	struct pair *pair = &p->items[index];

	p->waiting -= pair->state == PAIR_WAITING;
	p->decided -= is_decided(pair);
	pair->state = (uint8_t)state;
	p->waiting += state == PAIR_WAITING;
	p->decided += is_decided(pair);
}

void pairs_leave_out(struct pairs *p, size_t index)
{
	move_to(p, index, PAIR_LEFT_OUT);
	p->asked--;
}

bool pairs_next(struct pairs *p, size_t *ret_index)
{
	if (p->flying == p->window || !p->waiting)
		return false;
	if (p->cursor == p->count && !p->flying) {
		p->cursor = 0;
		p->round++;
	}
	while (p->cursor < p->count && p->items[p->cursor].state != PAIR_WAITING)
		p->cursor++;
	if (p->cursor == p->count) /* those to be sent again are of the next round */
		return !p->flying && pairs_next(p, ret_index);
	*ret_index = p->cursor;
	return true;
}

void pairs_sent(struct pairs *p, size_t index, uint64_t deadline_ns)
{
	const struct flying *last = &p->ring[(p->first + p->flying + p->window - 1) % p->window];

	if (p->flying && last->deadline_ns > deadline_ns)
		deadline_ns = last->deadline_ns;
	p->ring[(p->first + p->flying) % p->window] = (struct flying){ deadline_ns, index };
	p->flying++;
	p->items[index].tries++;
	move_to(p, index, PAIR_SENT);
	if (p->cursor == index)
		p->cursor++;
}

void pairs_answered(struct pairs *p, size_t index, float rtt_ms)
{
	struct pair *pair = &p->items[index];

	if (pair->state == PAIR_LEFT_OUT || pair->state == PAIR_ANSWERED || !pair->tries)
		return;
	move_to(p, index, PAIR_ANSWERED);
	pair->rtt_ms = rtt_ms;
}

void pairs_lost(struct pairs *p, size_t index)
{
	struct pair *pair = &p->items[index];

	if (pair->state != PAIR_SENT)
		return;
	pair->error = 0;
	move_to(p, index,
		pair->is_answer_predicted && pair->tries < p->tries ? PAIR_WAITING : PAIR_SILENT);
}

void pairs_not_sent(struct pairs *p, size_t index, int error, bool is_silent)
{
	p->items[index].error = error;
	move_to(p, index, is_silent ? PAIR_SILENT : PAIR_UNOBSERVED);
}

uint64_t pairs_expire(struct pairs *p, uint64_t now_ns)
{
	while (p->flying) {
		const struct flying *oldest = &p->ring[p->first];

		if (p->items[oldest->index].state == PAIR_SENT && oldest->deadline_ns > now_ns)
			return oldest->deadline_ns;
		pairs_lost(p, oldest->index);
		p->first = (p->first + 1) % p->window;
		p->flying--;
	}
	return 0;
}

size_t pairs_asked(const struct pairs *p)
{
	return p->asked;
}

size_t pairs_decided(const struct pairs *p)
{
	return p->decided;
}

unsigned pairs_round(const struct pairs *p)
{
	return p->round;
}

struct pair *pairs_get(struct pairs *p, size_t index)
{
	return &p->items[index];
}
