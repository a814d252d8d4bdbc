/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/computed_tags.h"

#include <stdlib.h>

/* What a gateway teaches all that use it. */
struct taught {
	struct prefixes prefixes; /* normalized, and without defaults */
	bool has_default[IP_V6 + 1];
};

struct computed_tags {
	const struct fabric *fabric;
	/* all normalized */
	struct prefixes *of_vnets;  /* by index: its own, and those peered with it */
	struct taught *of_hubs;     /* by index of the virtual network */
	struct prefixes *of_tables; /* likewise: of route tables */
	struct prefixes public_space;
};

static const struct prefix platform = { { { 168, 63, 129, 16 }, IP_V4 }, 32 };

static void add_spaces(struct prefixes *out, const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++)
		prefixes_add(out, spaces->items[i].prefix);
}

/* Peerings that are connected, and whose own half does not keep the peer out (R4.2). */
static void add_peers(struct prefixes *out, const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];

		if (peering->state == PEERING_CONNECTED &&
		    peering->allow_virtual_network_access.value)
			add_spaces(out, &peering->remote_vnet->address_prefixes);
	}
}

/* B-2: all user routes, or those to appliances only. */
static void add_user_routes(struct prefixes *out, const struct lab *lab,
			    const struct route_table *table)
{
	for (size_t i = 0; i < table->routes.count; i++) {
		const struct user_route *route = &table->routes.items[i];

		if (lab->semantics.user_routes_in_tag.value == USER_ROUTES_ALL ||
		    route->type == NEXT_HOP_VIRTUAL_APPLIANCE ||
		    route->type == NEXT_HOP_VIRTUAL_APPLIANCE_ECMP)
			add_spaces(out, route->prefixes);
	}
}

struct prefixes tag_of_vnet(const struct vnet *vnet)
{
	struct prefixes out = { 0 };

	add_spaces(&out, &vnet->address_prefixes);
	add_peers(&out, vnet);
	prefixes_normalize(&out);
	return out;
}

struct prefixes tag_of_route_table(const struct lab *lab, const struct route_table *table)
{
	struct prefixes out = { 0 };

	add_user_routes(&out, lab, table);
	prefixes_normalize(&out);
	return out;
}

static struct prefixes tag_of_routes(const struct gateway_routes *routes, bool is_of_defaults)
{
	struct prefixes out = { 0 };

	for (size_t i = 0; i < routes->routes.count; i++)
		if (!routes->routes.items[i]->prefix.len == is_of_defaults)
			prefixes_add(&out, routes->routes.items[i]->prefix);
	prefixes_normalize(&out);
	return out;
}

struct prefixes tag_of_gateway(const struct gateway_routes *routes)
{
	return tag_of_routes(routes, false);
}

struct prefixes tag_of_defaults(const struct gateway_routes *routes)
{
	return tag_of_routes(routes, true);
}

/* NSG-30. Of IPv6 what is given out as global unicast, for the reference has nothing on it. */
struct prefixes computed_tags_public(void)
{
	static struct prefix holes[] = {
		{ { { 0 }, IP_V4 }, 8 },
		{ { { 10 }, IP_V4 }, 8 },
		{ { { 100, 64 }, IP_V4 }, 10 },
		{ { { 127 }, IP_V4 }, 8 },
		{ { { 168, 63, 129, 16 }, IP_V4 }, 32 },
		{ { { 169, 254 }, IP_V4 }, 16 },
		{ { { 172, 16 }, IP_V4 }, 12 },
		{ { { 192, 168 }, IP_V4 }, 16 },
		{ { { 224 }, IP_V4 }, 4 },
		{ { { 240 }, IP_V4 }, 4 },
	};
	static struct prefix all[] = { { { { 0 }, IP_V4 }, 0 }, { { { 0x20 }, IP_V6 }, 3 } };

	return prefixes_without(&(struct prefixes){ all, ARRAY_SIZE(all) },
				&(struct prefixes){ holes, ARRAY_SIZE(holes) });
}

/* ---- parts ---- */

static void *allocate(size_t count, size_t size)
{
	void *items = calloc(count + 1, size);

	if (!items)
		abort();
	return items;
}

void computed_tags_learn(struct computed_tags *tags)
{
	const struct lab *lab = tags->fabric->topology->lab;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct gateway_routes *routes =
			fabric_taught(tags->fabric, &lab->virtual_networks.items[i]);
		struct taught *taught = &tags->of_hubs[i];
		struct prefixes defaults;

		if (!routes)
			continue;
		defaults = tag_of_defaults(routes);
		free(taught->prefixes.items);
		taught->prefixes = tag_of_gateway(routes);
		taught->has_default[IP_V4] = taught->has_default[IP_V6] = false;
		for (size_t n = 0; n < defaults.count; n++)
			taught->has_default[defaults.items[n].addr.family] = true;
		free(defaults.items);
	}
}

struct computed_tags *computed_tags_new(const struct fabric *fabric)
{
	const struct lab *lab = fabric->topology->lab;
	struct computed_tags *tags = allocate(1, sizeof(*tags));

	tags->fabric = fabric;
	tags->of_vnets = allocate(lab->virtual_networks.count, sizeof(*tags->of_vnets));
	tags->of_hubs = allocate(lab->virtual_networks.count, sizeof(*tags->of_hubs));
	tags->of_tables = allocate(lab->route_tables.count, sizeof(*tags->of_tables));
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		tags->of_vnets[i] = tag_of_vnet(&lab->virtual_networks.items[i]);
	for (size_t i = 0; i < lab->route_tables.count; i++)
		tags->of_tables[i] = tag_of_route_table(lab, &lab->route_tables.items[i]);
	tags->public_space = computed_tags_public();
	computed_tags_learn(tags);
	return tags;
}

void computed_tags_free(struct computed_tags *tags)
{
	const struct lab *lab;

	if (!tags)
		return;
	lab = tags->fabric->topology->lab;
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		free(tags->of_vnets[i].items);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		free(tags->of_hubs[i].prefixes.items);
	for (size_t i = 0; i < lab->route_tables.count; i++)
		free(tags->of_tables[i].items);
	free(tags->of_vnets);
	free(tags->of_hubs);
	free(tags->of_tables);
	free(tags->public_space.items);
	free(tags);
}

/* NULL when the virtual network uses no gateway and no Route Server. */
static const struct taught *taught_in(const struct computed_tags *tags, const struct vnet *vnet)
{
	return vnet->hub ? &tags->of_hubs[vnet->hub->index] : NULL;
}

static const struct prefixes *of_users(const struct computed_tags *tags,
				       const struct route_table *table)
{
	static const struct prefixes none;

	return table ? &tags->of_tables[table - tags->fabric->topology->lab->route_tables.items]
		     : &none;
}

static bool is_near(const struct computed_tags *tags, const struct vnet *vnet, struct ip ip)
{
	const struct taught *taught = taught_in(tags, vnet);

	return prefixes_have(&tags->of_vnets[vnet->index], ip) ||
	       (taught && prefixes_have(&taught->prefixes, ip));
}

static bool is_far(const struct computed_tags *tags, const struct vnet *vnet, struct ip ip)
{
	const struct taught *taught = taught_in(tags, vnet);

	return prefix_has_ip(platform, ip) || (taught && taught->has_default[ip.family]);
}

/* B-3: routes take from Internet, or they do not. */
struct tag_membership computed_tags_look_up(const struct computed_tags *tags,
					    const struct subnet *subnet, struct ip ip)
{
	const struct semantics *semantics = &tags->fabric->topology->lab->semantics;
	const struct vnet *vnet = subnet->vnet;
	bool is_by_route, is_own = is_near(tags, vnet, ip);

	if (is_own)
		return (struct tag_membership){ .is_virtual_network = true };
	is_by_route =
		is_far(tags, vnet, ip) || prefixes_have(of_users(tags, subnet->route_table), ip);
	return (struct tag_membership){
		.is_virtual_network = is_by_route,
		.is_internet = prefixes_have(&tags->public_space, ip) &&
			       !(is_by_route && semantics->internet_tag.value == INTERNET_TAG_REST),
	};
}

/* ---- lists ---- */

static void add_all(struct prefixes *out, const struct prefixes *more)
{
	for (size_t i = 0; i < more->count; i++)
		prefixes_add(out, more->items[i]);
}

/* A learned 0.0.0.0/0 holds the platform's address, too. */
static void add_far(struct prefixes *out, const struct taught *taught)
{
	prefixes_add(out, platform);
	for (unsigned char family = IP_V4; taught && family <= IP_V6; family++)
		if (taught->has_default[family])
			prefixes_add(out, (struct prefix){ .addr.family = family });
}

/* Each that lies in no other, where it stands first; `all` is the same normalized. */
static struct prefixes keep_order(const struct prefixes *list, const struct prefixes *all)
{
	struct prefixes out = { 0 };
	bool *is_listed = allocate(all->count, sizeof(*is_listed));

	for (size_t i = 0; i < list->count; i++) {
		const struct prefix *found = bsearch(&list->items[i], all->items, all->count,
						     sizeof(*all->items), prefixes_order);

		if (!found || is_listed[found - all->items])
			continue;
		is_listed[found - all->items] = true;
		prefixes_add(&out, *found);
	}
	free(is_listed);
	return out;
}

static struct prefixes expand_virtual_network(const struct computed_tags *tags,
					      const struct subnet *subnet)
{
	const struct taught *taught = taught_in(tags, subnet->vnet);
	struct prefixes list = { 0 }, all = { 0 }, out;

	add_spaces(&list, &subnet->vnet->address_prefixes);
	add_far(&list, taught);
	add_peers(&list, subnet->vnet);
	if (taught)
		add_all(&list, &taught->prefixes);
	if (subnet->route_table)
		add_user_routes(&list, tags->fabric->topology->lab, subnet->route_table);
	add_all(&all, &list);
	prefixes_normalize(&all);
	out = keep_order(&list, &all);
	free(list.items);
	free(all.items);
	return out;
}

static struct prefixes expand_internet(const struct computed_tags *tags,
				       const struct subnet *subnet)
{
	const struct semantics *semantics = &tags->fabric->topology->lab->semantics;
	const struct taught *taught = taught_in(tags, subnet->vnet);
	struct prefixes holes = { 0 }, out;

	add_all(&holes, &tags->of_vnets[subnet->vnet->index]);
	if (taught)
		add_all(&holes, &taught->prefixes);
	if (semantics->internet_tag.value == INTERNET_TAG_REST) {
		add_far(&holes, taught);
		add_all(&holes, of_users(tags, subnet->route_table));
	}
	prefixes_normalize(&holes);
	out = prefixes_without(&tags->public_space, &holes);
	free(holes.items);
	return out;
}

struct prefixes computed_tags_expand(const struct computed_tags *tags, const struct subnet *subnet,
				     enum tag_kind kind)
{
	switch (kind) {
	case TAG_PREFIXES:
		break;
	case TAG_VIRTUAL_NETWORK:
		return expand_virtual_network(tags, subnet);
	case TAG_INTERNET:
		return expand_internet(tags, subnet);
	}
	return (struct prefixes){ 0 };
}
