/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/effective_routes.h"

#include "lab/azure/none_routes.h"
#include "lab/azure/route_reasons.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A prefix of a user route; they are sorted, to be found. */
struct user_prefix {
	struct prefix prefix;
	const struct user_route *route;
};

struct table {
	struct effective_routes *out;
	struct route_reasons *why;              /* NULL: nobody asks */
	const struct effective_routes *sibling; /* whose learned rows may be the same; or NULL */
	const struct lab *lab;
	const struct subnet *subnet;
	const struct vnet *vnet;
	const struct route_table *user;      /* NULL when the subnet has none */
	const struct gateway_routes *taught; /* NULL when nothing is, or it is not propagated */
	enum route_state pass;               /* which rows of the group are being added */
	const struct gateway_route **overridden;
	size_t overridden_count;
};

static const struct prefix any4 = { .addr.family = IP_V4 };
static const struct prefix any6 = { .addr.family = IP_V6 };

static int user_prefix_compare(const void *a, const void *b)
{
	const struct user_prefix *x = a, *y = b;
	int order = prefix_compare(x->prefix, y->prefix);

	return order ? order : user_route_rank(x->route) - user_route_rank(y->route);
}

static void sort_user_prefixes(struct table *t)
{
	struct effective_routes *out = t->out;

	for (size_t i = 0; i < t->user->routes.count; i++) {
		const struct user_route *route = &t->user->routes.items[i];

		for (size_t n = 0; n < route->prefixes->count; n++)
			*ARENA_PUSH(out->arena, out->user_prefixes, out->user_prefix_count) =
				(struct user_prefix){ route->prefixes->items[n].prefix, route };
	}
	if (out->user_prefixes)
		qsort(out->user_prefixes, out->user_prefix_count, sizeof(*out->user_prefixes),
		      user_prefix_compare);
}

/* The user route of exactly this prefix, which overrides every other (R3.2); or NULL. */
static const struct user_route *user_route_of(const struct effective_routes *routes,
					      struct prefix prefix)
{
	size_t low = 0, high = routes->user_prefix_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(routes->user_prefixes[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < routes->user_prefix_count &&
	    prefix_equal(routes->user_prefixes[low].prefix, prefix))
		return routes->user_prefixes[low].route;
	return NULL;
}

#define ROWS_USUAL 64 /* beside those of gateways */

static void reserve(struct effective_routes *out, size_t capacity)
{
	out->capacity = capacity;
	out->routes.items = realloc(out->routes.items, capacity * sizeof(*out->routes.items));
	if (!out->routes.items)
		abort();
}

static struct effective_route *push(struct table *t, const struct effective_route *row)
{
	struct effective_routes *out = t->out;

	if (out->routes.count == out->capacity)
		reserve(out, out->capacity * 2);
	out->routes.items[out->routes.count] = *row;
	return &out->routes.items[out->routes.count++];
}

/*
 * Add a system's or gateway's row, if it is one of this pass: active ones come before those that a
 * user route overrides.
 */
static void add_row(struct table *t, struct effective_route row)
{
	row.overridden_by = user_route_of(t->out, row.prefix);
	row.state = row.overridden_by ? ROUTE_INVALID : ROUTE_ACTIVE;
	if (row.state == t->pass)
		push(t, &row);
}

/* Said once, though groups are gone through twice. */
#define LOST(t, ...)                                                                               \
	do {                                                                                       \
		if ((t)->why && (t)->pass == ROUTE_ACTIVE)                                         \
			route_reasons_lost((t)->why, __VA_ARGS__);                                 \
	} while (0)

/* ---- what is known of prefixes ---- */

static const struct service_endpoint *service_that_covers(const struct subnet *subnet,
							  struct prefix prefix)
{
	for (size_t i = 0; i < subnet->service_endpoints.count; i++)
		if (spaces_cover(&subnet->service_endpoints.items[i].tag->address_prefixes, prefix))
			return &subnet->service_endpoints.items[i];
	return NULL;
}

/* R3.3, R3.5: the system's own ranges are preferred over what is learned within them. */
static bool is_preferred_range(struct table *t, const struct gateway_route *route)
{
	const struct space *range = spaces_find(&t->vnet->address_prefixes, route->prefix);
	const struct peering *peering;
	const struct service_endpoint *service;
	struct lost_route lost = { .source = SOURCE_GATEWAY,
				   .type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
				   .prefix = route->prefix,
				   .learned = route };

	if (range) {
		lost.pos = range->pos;
		LOST(t, &lost, "R3.5",
		     "within the address space of %s itself, which is preferred to what "
		     "gateways learn",
		     t->vnet->object.name);
		return true;
	}
	peering = vnet_find_peered(t->vnet, route->prefix);
	if (peering) {
		lost.pos = peering->object.pos;
		if (vnet_has_range(peering->remote_vnet, route->prefix))
			LOST(t, &lost, "R4.8",
			     "%s is peered, and peering is preferred to a way over gateways",
			     peering->remote_vnet->object.name);
		else
			LOST(t, &lost, "R3.5",
			     "within the address space of %s, whose peering is preferred to what "
			     "gateways learn",
			     peering->remote_vnet->object.name);
		return true;
	}
	service = service_that_covers(t->subnet, route->prefix);
	if (service) {
		lost.pos = service->object.pos;
		LOST(t, &lost, "R3.3",
		     "within the service endpoint %s, which is preferred to what gateways learn",
		     service->service.value);
	}
	return service != NULL;
}

static const struct gateway_route *learned_route_of(const struct table *t, struct prefix prefix)
{
	return t->taught ? gateway_routes_find(t->taught, prefix) : NULL;
}

/* ---- the groups, in the order of R1.9 ---- */

/* R2.1 */
static void add_local(struct table *t)
{
	for (size_t i = 0; i < t->vnet->address_prefixes.count; i++)
		add_row(t, (struct effective_route){
				   .source = SOURCE_DEFAULT,
				   .type = NEXT_HOP_VNET_LOCAL,
				   .prefix = t->vnet->address_prefixes.items[i].prefix,
				   .range = &t->vnet->address_prefixes.items[i] });
}

/* R2.7; the flag allow_virtual_network_access does not count here (R4.2) */
static void add_peerings(struct table *t, enum next_hop_type type)
{
	for (size_t i = 0; i < t->vnet->peerings.count; i++) {
		const struct peering *peering = &t->vnet->peerings.items[i];
		const struct vnet *remote = peering->remote_vnet;
		bool is_global;

		if (peering->state != PEERING_CONNECTED)
			continue; /* R4.1 */
		is_global = strcasecmp(remote->location.value, t->vnet->location.value) != 0;
		if (is_global != (type == NEXT_HOP_VNET_GLOBAL_PEERING))
			continue;
		for (size_t n = 0; n < remote->address_prefixes.count; n++)
			add_row(t, (struct effective_route){
					   .source = SOURCE_DEFAULT,
					   .type = type,
					   .prefix = remote->address_prefixes.items[n].prefix,
					   .peering = peering });
	}
}

static struct effective_route learned_row(const struct table *t, const struct gateway_route *route)
{
	struct effective_route row = { .source = SOURCE_GATEWAY,
				       .type = NEXT_HOP_VIRTUAL_NETWORK_GATEWAY,
				       .prefix = route->prefix,
				       .learned = route,
				       .overridden_by = user_route_of(t->out, route->prefix) };

	row.next_hops.items = route->next_hops.items;
	row.next_hops.count = route->next_hops.count;
	row.state = row.overridden_by ? ROUTE_INVALID : ROUTE_ACTIVE;
	return row;
}

static bool is_shown_before(const struct gateway_route *route, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (ip_equal(route->next_hops.items[i].ip, route->next_hops.items[at].ip))
			return true;
	return false;
}

/* R1.10: a row with a list of next hops, or, as it was, a row for each address (R5.21). */
static void push_learned(struct table *t, struct effective_route row)
{
	const struct gateway_route *route = row.learned;

	if (t->lab->semantics.next_hops.value == NEXT_HOPS_LIST) {
		push(t, &row);
		return;
	}
	row.next_hops.count = 1;
	for (size_t i = 0; i < route->next_hops.count; i++) {
		row.next_hops.items = &route->next_hops.items[i];
		if (!is_shown_before(route, i))
			push(t, &row);
	}
}

/* Does nothing of the subnet's own stand in the way of what is taught? */
static bool takes_all_learned(const struct table *t)
{
	if (t->subnet->service_endpoints.count)
		return false;
	for (size_t i = 0; i < t->out->user_prefix_count; i++)
		if (learned_route_of(t, t->out->user_prefixes[i].prefix))
			return false;
	return t->taught != NULL;
}

/* The longest group: the rows of a sibling are copied as they are. */
static void copy_learned(struct table *t)
{
	struct effective_routes *out = t->out;
	size_t count = t->sibling->learned_count;

	reserve(out, out->routes.count + count + ROWS_USUAL);
	if (count)
		memcpy(&out->routes.items[out->routes.count],
		       &t->sibling->routes.items[t->sibling->learned_first],
		       count * sizeof(*out->routes.items));
	out->routes.count += count;
}

static void make_learned(struct table *t)
{
	reserve(t->out,
		t->out->routes.count + (t->taught ? t->taught->routes.count : 0) + ROWS_USUAL);
	for (size_t i = 0; t->taught && i < t->taught->routes.count; i++) {
		const struct gateway_route *route = t->taught->routes.items[i];
		struct effective_route row;

		if (is_preferred_range(t, route))
			continue;
		row = learned_row(t, route);
		if (row.state == ROUTE_ACTIVE)
			push_learned(t, row);
		else
			*ARENA_PUSH(t->out->arena, t->overridden, t->overridden_count) = route;
	}
}

/* R2.8; what is overridden is kept aside for the second pass */
static void add_learned(struct table *t)
{
	struct effective_routes *out = t->out;

	if (t->pass == ROUTE_INVALID) {
		for (size_t i = 0; i < t->overridden_count; i++)
			push_learned(t, learned_row(t, t->overridden[i]));
		return;
	}
	out->learned_first = out->routes.count;
	out->has_all_learned = takes_all_learned(t);
	if (out->has_all_learned && t->sibling && t->sibling->has_all_learned && !t->why)
		copy_learned(t);
	else
		make_learned(t);
	out->learned_count = out->routes.count - out->learned_first;
}

/* R2.2, R3.20; that IPv6 has such a row of its own where it is used is our inference */
static void add_internet(struct table *t)
{
	const struct gateway_route *learned = learned_route_of(t, any4);
	struct effective_route row = { .source = SOURCE_DEFAULT, .type = NEXT_HOP_INTERNET };

	row.prefix = any4;
	if (learned)
		LOST(t,
		     &((struct lost_route){
			     .source = SOURCE_DEFAULT, .type = NEXT_HOP_INTERNET, .prefix = any4 }),
		     "R2.2", "%s has learned 0.0.0.0/0, which takes its place",
		     way_learner(t->taught->hub, &learned->best));
	else
		add_row(t, row);
	row.prefix = any6;
	if (vnet_has_ipv6(t->vnet) && !learned_route_of(t, any6))
		add_row(t, row);
}

/* R2.5: does something other than the Internet's edge get all that is not named? */
static bool is_default_diverted(struct table *t, struct lost_route *lost)
{
	const struct user_route *user = user_route_of(t->out, any4);
	const struct gateway_route *learned = learned_route_of(t, any4);

	if (learned) {
		LOST(t, lost, "R2.5",
		     "%s has learned 0.0.0.0/0, and None rows guard only the way to the Internet",
		     way_learner(t->taught->hub, &learned->best));
		return true;
	}
	if (!user || (user->type != NEXT_HOP_VIRTUAL_APPLIANCE &&
		      user->type != NEXT_HOP_VIRTUAL_APPLIANCE_ECMP &&
		      user->type != NEXT_HOP_VIRTUAL_NETWORK_GATEWAY))
		return false;
	lost->pos = user->object.pos;
	LOST(t, lost, "R2.5",
	     "route '%s' sends 0.0.0.0/0 to %s, and None rows guard only the way to the Internet",
	     user->object.name, next_hop_type_name(user->type));
	return true;
}

/* Would another row of the same prefix, or one that holds all of it, stand beside it? */
static bool is_displaced(struct table *t, struct lost_route *lost)
{
	const struct user_route *user = user_route_of(t->out, lost->prefix);
	const struct space *range = spaces_find(&t->vnet->address_prefixes, lost->prefix);
	const struct gateway_route *learned = learned_route_of(t, lost->prefix);
	const struct peering *peering;

	if (user) {
		lost->pos = user->object.pos;
		LOST(t, lost, "R2.6", "route '%s' has this very prefix", user->object.name);
		return true;
	}
	if (learned) {
		LOST(t, lost, "R1.8", "%s has learned this very prefix",
		     way_learner(t->taught->hub, &learned->best));
		return true;
	}
	if (range) {
		lost->pos = range->pos;
		LOST(t, lost, "R2.3", "within the address space of %s itself",
		     t->vnet->object.name);
		return true;
	}
	peering = vnet_find_peered(t->vnet, lost->prefix);
	if (!peering)
		return false;
	lost->pos = peering->object.pos;
	LOST(t, lost, "R2.14", "within the address space of %s, which is peered",
	     peering->remote_vnet->object.name);
	return true;
}

static void add_none(struct table *t)
{
	const char *const *list =
		none_routes_list((enum none_routes)t->lab->semantics.none_routes.value);

	for (; *list; list++) {
		struct lost_route lost = { .source = SOURCE_DEFAULT, .type = NEXT_HOP_NONE };

		if (!prefix_parse(*list, &lost.prefix) || is_default_diverted(t, &lost) ||
		    is_displaced(t, &lost))
			continue;
		add_row(t, (struct effective_route){ .source = SOURCE_DEFAULT,
						     .type = NEXT_HOP_NONE,
						     .prefix = lost.prefix });
	}
}

/* R2.9; it stays active beside user routes (R2.10) */
static void add_services(struct table *t)
{
	for (size_t i = 0; i < t->subnet->service_endpoints.count; i++) {
		const struct service_endpoint *service = &t->subnet->service_endpoints.items[i];
		const struct spaces *prefixes = &service->tag->address_prefixes;

		if (t->pass == ROUTE_ACTIVE && prefixes->count)
			push(t, &(struct effective_route){ .source = SOURCE_DEFAULT,
							   .state = ROUTE_ACTIVE,
							   .type = NEXT_HOP_SERVICE_ENDPOINT,
							   .prefix = prefixes->items[0].prefix,
							   .prefixes = prefixes,
							   .service = service });
	}
}

/* R2.12: the user route that holds for a private endpoint, or NULL. */
static const struct user_route *overriding(const struct table *t,
					   const struct private_endpoint *endpoint)
{
	const struct spaces *spaces = &endpoint->subnet->vnet->address_prefixes;
	int policies = endpoint->subnet->private_endpoint_network_policies.value;
	unsigned shortest = ip_bits(endpoint->ip);
	const struct user_route *best = NULL;
	unsigned best_len = 0;

	if (policies == ENDPOINT_POLICIES_ROUTE_TABLE || policies == ENDPOINT_POLICIES_ENABLED)
		for (size_t i = 0; i < spaces->count; i++)
			if (prefix_has_ip(spaces->items[i].prefix, endpoint->ip))
				shortest = spaces->items[i].prefix.len;
	for (size_t i = 0; i < t->out->user_prefix_count; i++) {
		const struct user_prefix *user = &t->out->user_prefixes[i];

		if (!prefix_has_ip(user->prefix, endpoint->ip) || user->prefix.len < shortest ||
		    (best && user->prefix.len <= best_len))
			continue;
		best = user->route;
		best_len = user->prefix.len;
	}
	return best;
}

/* R2.11 */
static void add_endpoints(struct table *t)
{
	for (size_t i = 0; i < t->lab->private_endpoints.count; i++) {
		const struct private_endpoint *endpoint = &t->lab->private_endpoints.items[i];
		struct effective_route row = { .source = SOURCE_DEFAULT,
					       .type = NEXT_HOP_INTERFACE_ENDPOINT,
					       .prefix = prefix_host(endpoint->ip),
					       .endpoint = endpoint };

		if (endpoint->subnet->vnet != t->vnet &&
		    !vnet_find_connected(t->vnet, endpoint->subnet->vnet)) {
			LOST(t,
			     &((struct lost_route){ .source = SOURCE_DEFAULT,
						    .type = row.type,
						    .prefix = row.prefix,
						    .pos = endpoint->object.pos }),
			     "R2.11", "private endpoint '%s' is in %s, which is not peered with %s",
			     endpoint->object.name, endpoint->subnet->vnet->object.name,
			     t->vnet->object.name);
			continue;
		}
		row.overridden_by = overriding(t, endpoint);
		row.state = row.overridden_by ? ROUTE_INVALID : ROUTE_ACTIVE;
		if (row.state == t->pass)
			push(t, &row);
	}
}

/* In the order of the route table (R1.9). */
static void add_user(struct table *t, enum next_hop_type type)
{
	for (size_t i = 0; t->user && i < t->user->routes.count; i++) {
		const struct user_route *route = &t->user->routes.items[i];
		struct effective_route *row;
		struct next_hop *hops = NULL;
		size_t count = 0;

		if (route->type != type || !route->prefixes->count)
			continue;
		row = push(t, &(struct effective_route){ .source = SOURCE_USER,
							 .state = ROUTE_ACTIVE,
							 .type = type,
							 .prefix = route->prefixes->items[0].prefix,
							 .prefixes = route->tag ? route->prefixes
										: NULL,
							 .user = route });
		for (size_t n = 0; n < route->next_hops.count; n++)
			*ARENA_PUSH(t->out->arena, hops, count) =
				(struct next_hop){ .ip = route->next_hops.items[n] };
		row->next_hops.items = hops;
		row->next_hops.count = count;
	}
}

static void add_system(struct table *t, enum next_hop_type type)
{
	switch (type) {
	case NEXT_HOP_VNET_LOCAL:
		add_local(t);
		return;
	case NEXT_HOP_VNET_PEERING:
	case NEXT_HOP_VNET_GLOBAL_PEERING:
		add_peerings(t, type);
		return;
	case NEXT_HOP_VIRTUAL_NETWORK_GATEWAY:
		add_learned(t);
		return;
	case NEXT_HOP_INTERNET:
		add_internet(t);
		return;
	case NEXT_HOP_NONE:
		add_none(t);
		return;
	case NEXT_HOP_SERVICE_ENDPOINT:
		add_services(t);
		return;
	case NEXT_HOP_INTERFACE_ENDPOINT:
		add_endpoints(t);
		return;
	case NEXT_HOP_VIRTUAL_APPLIANCE:
	case NEXT_HOP_VIRTUAL_APPLIANCE_ECMP:
		return; /* users' alone */
	}
}

/* R1.9: active rows, the system's before users', then those that are overridden. */
static void add_group(struct table *t, enum next_hop_type type)
{
	t->pass = ROUTE_ACTIVE;
	add_system(t, type);
	add_user(t, type);
	if (!t->user)
		return; /* and nothing is */
	t->pass = ROUTE_INVALID;
	add_system(t, type);
}

static void begin(struct table *t, struct effective_routes *out, const struct lab *lab,
		  const struct subnet *subnet, const struct gateway_routes *taught)
{
	t->out = out;
	t->lab = lab;
	t->subnet = subnet;
	t->vnet = subnet->vnet;
	t->user = subnet->route_table;
	if (t->user) {
		out->disables_propagation = t->user->disable_bgp_route_propagation.value;
		if (!out->user_prefixes)
			sort_user_prefixes(t);
	}
	if (!out->disables_propagation) /* R3.8 */
		t->taught = taught;
}

static struct effective_routes *make(struct table *t, const struct lab *lab,
				     const struct subnet *subnet,
				     const struct gateway_routes *taught)
{
	struct arena *arena = arena_new();
	struct effective_routes *out = arena_alloc(arena, sizeof(*out));

	out->arena = arena;
	begin(t, out, lab, subnet, taught);
	reserve(out, ROWS_USUAL);
	for (int type = NEXT_HOP_VNET_LOCAL; type <= NEXT_HOP_INTERFACE_ENDPOINT; type++)
		add_group(t, (enum next_hop_type)type);
	out->has_lists = subnet->service_endpoints.count > 0;
	for (size_t i = 0; t->user && i < t->user->routes.count; i++)
		out->has_lists |= t->user->routes.items[i].tag != NULL;
	return out;
}

struct effective_routes *effective_routes_explain(const struct lab *lab,
						  const struct subnet *subnet,
						  const struct gateway_routes *taught,
						  struct route_reasons *why)
{
	return make(&(struct table){ .why = why }, lab, subnet, taught);
}

struct effective_routes *effective_routes_new(const struct lab *lab, const struct subnet *subnet,
					      const struct gateway_routes *taught,
					      const struct effective_routes *sibling)
{
	return make(&(struct table){ .sibling = sibling }, lab, subnet, taught);
}

void effective_routes_free(struct effective_routes *routes)
{
	if (!routes)
		return;
	free(routes->routes.items);
	arena_free(routes->arena);
}

/* ---- one prefix ---- */

/* Where its row stands among the gateway's active ones, or would stand: they are in order. */
static size_t place_of(const struct effective_routes *routes, struct prefix prefix)
{
	size_t low = routes->learned_first, high = low + routes->learned_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (prefix_compare(routes->routes.items[middle].prefix, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void remove_row(struct effective_routes *routes, size_t at)
{
	routes->routes.count--;
	routes->learned_count--;
	memmove(&routes->routes.items[at], &routes->routes.items[at + 1],
		(routes->routes.count - at) * sizeof(*routes->routes.items));
}

static void insert_row(struct table *t, size_t at, const struct effective_route *row)
{
	struct effective_routes *routes = t->out;

	(void)push(t, row);
	routes->learned_count++;
	memmove(&routes->routes.items[at + 1], &routes->routes.items[at],
		(routes->routes.count - 1 - at) * sizeof(*row));
	routes->routes.items[at] = *row;
}

/* What is overridden stands elsewhere, the default and the None rows decide about others. */
bool effective_routes_is_alone(const struct effective_routes *routes, const struct lab *lab,
			       struct prefix prefix)
{
	return prefix.len && !routes->has_lists && !user_route_of(routes, prefix) &&
	       lab->semantics.next_hops.value == NEXT_HOPS_LIST &&
	       !none_routes_has((enum none_routes)lab->semantics.none_routes.value, prefix);
}

void effective_routes_update(struct effective_routes *routes, const struct lab *lab,
			     const struct subnet *subnet, const struct gateway_routes *taught,
			     struct prefix prefix)
{
	const struct gateway_route *route;
	struct table t = { 0 };
	size_t at;

	begin(&t, routes, lab, subnet, taught);
	route = learned_route_of(&t, prefix);
	if (route && is_preferred_range(&t, route))
		route = NULL;
	at = place_of(routes, prefix);
	if (at < routes->learned_first + routes->learned_count &&
	    prefix_equal(routes->routes.items[at].prefix, prefix))
		remove_row(routes, at);
	if (route) {
		struct effective_route row = learned_row(&t, route);

		insert_row(&t, at, &row);
	}
}
