/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which box stands above which: providers in the middle, on one side of them the larger part of
 * Azure, on the other the branches. Without a provider the hub is at the bottom, with what it
 * reaches by tunnels below.
 */
#include "lab/graph/layout_parts.h"

#include <limits.h>
#include <string.h>

#define UNRANKED INT_MAX

static bool is_strong(const struct graph_link *link)
{
	return link->kind == LINK_PEERING || link->kind == LINK_CONNECTION ||
	       link->kind == LINK_CABLE;
}

/* The box at the other end; GRAPH_NONE when it has no end here, or both. */
static unsigned far_group(const struct graph_link *link, unsigned group)
{
	if (link->groups[0] == link->groups[1])
		return GRAPH_NONE;
	return link->groups[0] == group   ? link->groups[1]
	       : link->groups[1] == group ? link->groups[0]
					  : GRAPH_NONE;
}

struct queue {
	unsigned *items;
	size_t count, next;
};

static void add_rank(struct placing *p, struct queue *q, unsigned group, int rank, unsigned parent)
{
	p->ranks[group] = rank;
	p->parents[group] = parent;
	*ARENA_PUSH(p->arena, q->items, q->count) = group;
}

/* Away from where the queue's boxes were reached from. */
static void spread(struct placing *p, struct queue *q)
{
	while (q->next < q->count) {
		unsigned group = q->items[q->next++];
		int by = p->ranks[group] < 0 ? -1 : 1;

		for (size_t i = 0; i < p->links_of[group].links.count; i++) {
			const struct graph_link *link =
				&p->g->links.items[p->links_of[group].links.items[i]];
			unsigned far = far_group(link, group);

			if (is_strong(link) && p->ranks[far] == UNRANKED)
				add_rank(p, q, far, p->ranks[group] + by, group);
		}
	}
}

/* Those that are joined without providers have one number; how many networks each has. */
static void find_parts(struct placing *p, unsigned *parts, unsigned *networks)
{
	size_t groups = p->g->groups.count;
	bool is_changed = true;

	for (unsigned i = 0; i < groups; i++)
		parts[i] = i;
	while (is_changed) {
		is_changed = false;
		for (size_t i = 0; i < p->g->links.count; i++) {
			const struct graph_link *link = &p->g->links.items[i];
			unsigned a = link->groups[0], b = link->groups[1];

			if (!is_strong(link) || parts[a] == parts[b] ||
			    p->g->groups.items[a].kind == GROUP_PROVIDER ||
			    p->g->groups.items[b].kind == GROUP_PROVIDER)
				continue;
			parts[parts[a] > parts[b] ? a : b] = parts[parts[a] > parts[b] ? b : a];
			is_changed = true;
		}
	}
	for (unsigned i = 0; i < groups; i++)
		networks[parts[i]] += p->g->groups.items[i].kind == GROUP_NETWORK;
}

static void rank_providers(struct placing *p, struct queue *q)
{
	size_t groups = p->g->groups.count;
	unsigned *parts = arena_alloc(p->arena, (groups + 1) * sizeof(*parts));
	unsigned *networks = arena_alloc(p->arena, (groups + 1) * sizeof(*networks));
	unsigned most = 0;

	find_parts(p, parts, networks);
	for (unsigned i = 1; i < groups; i++)
		most = networks[i] > networks[most] ? i : most;
	for (unsigned i = 0; i < groups; i++)
		if (p->g->groups.items[i].kind == GROUP_PROVIDER)
			add_rank(p, q, i, 0, GRAPH_NONE);
	for (; q->next < q->count; q->next++)
		for (size_t i = 0; i < p->g->links.count; i++) {
			unsigned provider = q->items[q->next];
			unsigned far = far_group(&p->g->links.items[i], provider);

			if (p->ranks[provider] || !is_strong(&p->g->links.items[i]) ||
			    far == GRAPH_NONE || p->ranks[far] != UNRANKED)
				continue;
			add_rank(p, q, far, networks[most] && parts[far] == most ? -1 : 1,
				 provider);
		}
	q->next = 0;
	spread(p, q);
}

/* The one with most links; of networks, for hubs have them. */
static unsigned find_hub(const struct placing *p)
{
	unsigned best = GRAPH_NONE, best_score = 0;

	for (unsigned g = 0; g < p->g->groups.count; g++) {
		unsigned score = p->g->groups.items[g].kind == GROUP_NETWORK ? 2 : 1;

		if (p->ranks[g] != UNRANKED || p->g->groups.items[g].kind == GROUP_INTERNET)
			continue;
		for (size_t i = 0; i < p->links_of[g].links.count; i++) {
			const struct graph_link *link =
				&p->g->links.items[p->links_of[g].links.items[i]];

			score += is_strong(link) ? 4 : link->kind == LINK_TUNNEL ? 2 : 0;
		}
		if (score > best_score) {
			best = g;
			best_score = score;
		}
	}
	return best;
}

/* What a hub is peered with is above it. */
static void rank_hub(struct placing *p, struct queue *q, unsigned hub)
{
	int top = 0;

	for (unsigned i = 0; i < p->g->groups.count; i++)
		top = p->ranks[i] < top ? p->ranks[i] : top;
	add_rank(p, q, hub, top, GRAPH_NONE);
	for (size_t i = 0; i < p->g->links.count; i++) {
		unsigned far = far_group(&p->g->links.items[i], hub);

		if (far != GRAPH_NONE && p->g->links.items[i].kind == LINK_PEERING &&
		    p->ranks[far] == UNRANKED)
			add_rank(p, q, far, top - 1, hub);
	}
	spread(p, q);
}

/* One that is reached by a tunnel only; false when there is none. */
static bool rank_tunnel(struct placing *p, struct queue *q)
{
	for (size_t i = 0; i < p->g->links.count; i++) {
		const struct graph_link *link = &p->g->links.items[i];

		for (int e = 0; e < 2 && link->kind == LINK_TUNNEL; e++) {
			unsigned near = link->groups[e], far = link->groups[!e];

			if (p->ranks[near] == UNRANKED || p->ranks[far] != UNRANKED)
				continue;
			add_rank(p, q, far, (p->ranks[near] < 0 ? 0 : p->ranks[near]) + 1, near);
			spread(p, q);
			return true;
		}
	}
	return false;
}

/* The Internet is below all; it has been left out before. */
static void rank_internet(struct placing *p)
{
	int lowest = -1;

	for (unsigned i = 0; i < p->g->groups.count; i++)
		if (p->ranks[i] != UNRANKED && p->ranks[i] > lowest)
			lowest = p->ranks[i];
	for (unsigned i = 0; i < p->g->groups.count; i++)
		if (p->ranks[i] == UNRANKED)
			p->ranks[i] = lowest + 1;
}

void layout_find_ranks(struct placing *p)
{
	size_t groups = p->g->groups.count;
	struct queue q = { 0 };
	unsigned hub;

	p->ranks = arena_alloc(p->arena, (groups + 1) * sizeof(*p->ranks));
	p->parents = arena_alloc(p->arena, (groups + 1) * sizeof(*p->parents));
	for (size_t i = 0; i < groups; i++) {
		p->ranks[i] = UNRANKED;
		p->parents[i] = GRAPH_NONE;
	}
	rank_providers(p, &q);
	do {
		while (rank_tunnel(p, &q))
			;
		hub = find_hub(p);
		if (hub != GRAPH_NONE)
			rank_hub(p, &q, hub);
	} while (hub != GRAPH_NONE);
	rank_internet(p);
}

unsigned layout_shared_end(const struct placing *p, const struct graph_link *link)
{
	if ((link->kind != LINK_PEERING && link->kind != LINK_INTERNET) || link->is_partial)
		return GRAPH_NONE;
	if (link->kind == LINK_INTERNET)
		return 1;
	return p->parents[link->groups[1]] == link->groups[0]   ? 0
	       : p->parents[link->groups[0]] == link->groups[1] ? 1
								: GRAPH_NONE;
}
