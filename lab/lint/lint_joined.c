/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ranges of what circuits, providers and VPNs join into one network: Azure refuses overlaps of
 * peered virtual networks alone, and here drops what it learns without a word (R3.5, R5.7).
 */
#include "lab/lint/lint_parts.h"

#include "lab/base/cleanup.h"
#include "lab/model/claims.h"

#include <stdlib.h>
#include <string.h>

/* Sets of things that are joined: virtual networks first, then circuits, providers, branches. */
struct sets {
	size_t *parent;
	size_t circuits, providers, branches; /* where each kind begins */
};

static size_t set_of(const struct sets *sets, size_t at)
{
	while (sets->parent[at] != at) {
		sets->parent[at] = sets->parent[sets->parent[at]];
		at = sets->parent[at];
	}
	return at;
}

/* The smaller number leads, so a set with a virtual network is led by one. */
static void join(const struct sets *sets, size_t a, size_t b)
{
	a = set_of(sets, a);
	b = set_of(sets, b);
	sets->parent[a > b ? a : b] = a > b ? b : a;
}

static void join_connections(const struct sets *sets, const struct lab *lab)
{
	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct connection *connection = &lab->connections.items[i];
		size_t vnet = connection->gateway->vnet->index;

		if (connection->circuit)
			join(sets, vnet, sets->circuits + connection->circuit->index);
		else if (connection->gateway2)
			join(sets, vnet, connection->gateway2->vnet->index);
	}
}

static void join_links(const struct sets *sets, const struct lab *lab)
{
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++) {
			const struct provider_link *link = &lab->providers.items[i].links.items[n];

			if (link->circuit)
				join(sets, sets->providers + i,
				     sets->circuits + link->circuit->index);
			if (link->branch)
				join(sets, sets->providers + i,
				     sets->branches + (size_t)(link->branch - lab->branches.items));
		}
}

static struct sets sets_new(struct lint *l)
{
	const struct lab *lab = l->lab;
	struct sets sets = { .circuits = lab->virtual_networks.count };
	size_t count;

	sets.providers = sets.circuits + lab->express_route_circuits.count;
	sets.branches = sets.providers + lab->providers.count;
	count = sets.branches + lab->branches.count;
	sets.parent = arena_alloc(l->arena, (count + 1) * sizeof(*sets.parent));
	for (size_t i = 0; i < count; i++)
		sets.parent[i] = i;
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (lab->virtual_networks.items[i].hub)
			join(&sets, i, lab->virtual_networks.items[i].hub->index);
	join_connections(&sets, lab);
	join_links(&sets, lab);
	return sets;
}

/* ---- virtual networks ---- */

struct member {
	size_t set;
	const struct vnet *vnet;
};

struct members {
	struct member *items; /* by set */
	size_t count;
};

static int compare_members(const void *a, const void *b)
{
	const struct member *one = a, *other = b;

	if (one->set != other->set)
		return one->set < other->set ? -1 : 1;
	return (one->vnet->index > other->vnet->index) - (one->vnet->index < other->vnet->index);
}

/* Virtual networks that announce themselves to what is behind their gateways. */
static struct members members_of(struct lint *l, const struct sets *sets)
{
	struct members members = { 0 };

	for (size_t i = 0; i < l->lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &l->lab->virtual_networks.items[i];

		if (vnet->hub)
			*ARENA_PUSH(l->arena, members.items, members.count) =
				(struct member){ set_of(sets, i), vnet };
	}
	if (members.count)
		qsort(members.items, members.count, sizeof(*members.items), compare_members);
	return members;
}

static void check_set(struct lint *l, const struct member *members, size_t member_count)
{
	CLEANUP(free_cleanup) struct claim *claims = NULL;
	size_t count = 0;

	for (size_t i = 0; i < member_count; i++)
		count += members[i].vnet->address_prefixes.count;
	claims = claims_new(count);
	count = 0;
	for (size_t i = 0; i < member_count; i++)
		for (size_t n = 0; n < members[i].vnet->address_prefixes.count; n++)
			claims[count++] = (struct claim){
				.space = &members[i].vnet->address_prefixes.items[n],
				.owner = members[i].vnet,
			};
	find_overlaps(claims, count);
	for (size_t i = 0; i < count; i++) {
		const struct claim *other = claims[i].other;

		if (other)
			diag_add(l->diags, DIAG_JOINED_OVERLAP, claims[i].space->pos,
				 "virtual network '%s': %s overlaps '%s', and their gateways join "
				 "them",
				 ((const struct vnet *)claims[i].owner)->object.name,
				 prefix_print(claims[i].space->prefix).text,
				 ((const struct vnet *)other->owner)->object.name)
				->also = other->space->pos;
	}
}

/* ---- sites and branches ---- */

static const struct member *first_of_set(const struct members *members, size_t set)
{
	for (size_t i = 0; i < members->count; i++)
		if (members->items[i].set == set)
			return &members->items[i];
	return NULL;
}

/*
 * What lies in a range of the set's: the network with that range never sees it. Of a site only
 * those count that use the one gateway: others that are joined with it may be the site itself.
 */
static void check_space(struct lint *l, const struct members *members, const struct member *member,
			const struct vnet *hub, const struct space *space, const char *who)
{
	size_t set = member->set;

	for (; member < members->items + members->count && member->set == set; member++) {
		const struct space *range;

		if (!lint_may_work(l, 1 + member->vnet->address_prefixes.count))
			return;
		range = spaces_find(&member->vnet->address_prefixes, space->prefix);
		if (!range || (hub && member->vnet->hub != hub))
			continue;
		diag_add(l->diags, DIAG_SITE_OVERLAP, space->pos,
			 "%s: %s is in '%s', where it is never learned", who,
			 prefix_print(space->prefix).text, member->vnet->object.name)
			->also = range->pos;
		return;
	}
}

static void check_spaces(struct lint *l, const struct members *members, size_t set,
			 const struct vnet *hub, const struct spaces *spaces, const char *who)
{
	const struct member *first = first_of_set(members, set);

	for (size_t i = 0; first && i < spaces->count; i++)
		check_space(l, members, first, hub, &spaces->items[i], who);
}

static void check_sites(struct lint *l, const struct sets *sets, const struct members *members)
{
	const struct lab *lab = l->lab;

	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct vnet *hub = lab->connections.items[i].gateway->vnet;
		const struct local_network_gateway *site =
			lab->connections.items[i].local_network_gateway;

		if (site)
			check_spaces(l, members, set_of(sets, hub->index), hub,
				     &site->address_prefixes,
				     arena_printf(l->arena, "local network gateway '%s'",
						  site->object.name));
	}
	for (size_t i = 0; i < lab->branches.count; i++) {
		const struct branch *branch = &lab->branches.items[i];
		const char *who = arena_printf(l->arena, "branch '%s'", branch->object.name);
		size_t set = set_of(sets, sets->branches + i);

		check_spaces(l, members, set, NULL, &branch->lan, who);
		for (size_t n = 0; n < branch->announce.count; n++)
			check_spaces(l, members, set, NULL, &branch->announce.items[n].prefix, who);
	}
}

void lint_joined(struct lint *l)
{
	struct sets sets;
	struct members members;

	if (!l->lab->connections.count)
		return;
	sets = sets_new(l);
	members = members_of(l, &sets);
	for (size_t first = 0, end; first < members.count; first = end) {
		for (end = first;
		     end < members.count && members.items[end].set == members.items[first].set;)
			end++;
		if (end - first > 1)
			check_set(l, &members.items[first], end - first);
	}
	check_sites(l, &sets, &members);
}
