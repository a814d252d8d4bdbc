/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Route tables, service tags and endpoints. */
#include "lab/model/azure_tags.h"
#include "lab/model/lab_check_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ROUTES_MAX     400 /* of one table (R3.19) */
#define TAG_ROUTES_MAX 25  /* R3.18 */
#define TABLES_MAX     200 /* R3.19 */
#define ECMP_MIN       2   /* R3.22 */
#define ECMP_MAX       64
#define WORDS_MAX      (2 + ECMP_MAX)

struct words {
	const char *items[WORDS_MAX + 1]; /* one more than there may be */
	size_t count;
};

/* What blanks separate. */
static struct words split(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text), *rest = copy, *word;
	struct words words = { .count = 0 };

	while (words.count < ARRAY_SIZE(words.items) && (word = strtok_r(rest, " \t\n", &rest)))
		words.items[words.count++] = word;
	return words;
}

/* NSG-33: of those that Azure has, the lab gets what is asked for. */
const struct service_tag *find_service_tag(struct lab *lab, const char *name)
{
	struct service_tag *tag = lab_name_find(lab, NAME_SERVICE_TAG, name);

	if (tag)
		return tag;
	tag = azure_tag_new(name, lab->arena);
	if (tag)
		lab_name_add(lab, NAME_SERVICE_TAG, tag->object.name, tag);
	return tag;
}

/* AzureFrontDoor is none, but its Backend is. */
static const char *longer_tag(const char *name)
{
	size_t len = strlen(name);
	const char *tag;

	for (size_t i = 0; (tag = azure_tag_name(i)); i++)
		if (!strncasecmp(tag, name, len) && tag[len] == '.')
			return tag;
	return NULL;
}

void unknown_tag(struct check *c, struct src_pos pos, const char *owner, const char *name)
{
	NAME_LIST(names, c->lab->service_tags);
	struct diag *diag = diag_add(c->diags, DIAG_UNKNOWN_NAME, pos,
				     "%s: there is no service tag '%.80s'", owner, name);

	for (size_t i = 0; azure_tag_name(i); i++)
		name_list_add(&names, azure_tag_name(i));
	name_list_add(&names, tag_virtual_network.object.name);
	name_list_add(&names, tag_internet.object.name);
	name_list_add(&names, tag_load_balancer.object.name);
	if (tag_find_computed(name))
		diag_hint(c->diags, diag, "security rules alone take the tag %s",
			  tag_find_computed(name)->object.name);
	else if (longer_tag(name))
		diag_hint(c->diags, diag, "did you mean '%s'?", longer_tag(name));
	else if (!hint_near(c, diag, name, &names))
		diag_hint(c->diags, diag, "write its prefixes: service_tags: { %.80s: PREFIX }",
			  name);
}

/* ---- routes of route tables ---- */

static void set_prefix(struct check *c, struct user_route *route, const char *owner,
		       const char *text, struct src_pos pos)
{
	struct spaces *own = arena_alloc(c->lab->arena, sizeof(*own));
	struct prefix prefix;
	struct space *space;
	struct ip ip;

	if (ip_parse(text, &ip)) {
		struct diag *diag = diag_add(c->diags, DIAG_ROUTE, pos,
					     "%s: '%s' is an address, not a prefix", owner, text);

		diag_hint(c->diags, diag, "for the one address: %s/%u", text, ip_bits(ip));
		return;
	}
	if (!prefix_parse(text, &prefix)) {
		if (strchr(text, '/')) {
			diag_add(c->diags, DIAG_ROUTE, pos, "%s: '%.80s' is no prefix", owner,
				 text);
			return;
		}
		route->tag = find_service_tag(c->lab, text);
		if (route->tag)
			route->prefixes = &route->tag->address_prefixes;
		else
			unknown_tag(c, pos, owner, text);
		return;
	}
	if (!prefix_is_network(prefix)) {
		struct diag *diag =
			diag_add(c->diags, DIAG_HOST_BITS, pos,
				 "%s: '%s' has bits set behind its length", owner, text);

		diag_hint(c->diags, diag, "the network is %s",
			  prefix_print(prefix_of(prefix.addr, prefix.len)).text);
		return;
	}
	space = ARENA_PUSH(c->lab->arena, own->items, own->count);
	*space = (struct space){ prefix, pos };
	route->prefixes = own;
}

/* False, with a finding, when there is no such type. */
static bool type_of(struct check *c, const char *owner, const char *text, struct src_pos pos,
		    enum next_hop_type *ret_type)
{
	const char *names[16], *near;
	struct diag *diag;
	size_t count = 0;

	for (const struct choice_name *type = user_next_hop_type_names; type->name; type++) {
		names[count++] = type->name;
		if (strcasecmp(type->name, text) != 0)
			continue;
		*ret_type = (enum next_hop_type)type->value;
		return true;
	}
	diag = diag_add(c->diags, DIAG_ROUTE, pos, "%s: a route cannot lead to '%.80s'", owner,
			text);
	near = nearest_word(text, names, count);
	if (near)
		diag_hint(c->diags, diag, "did you mean '%s'?", near);
	else
		diag_hint(c->diags, diag,
			  "it can lead to VirtualAppliance, VnetLocal, Internet, "
			  "VirtualNetworkGateway or None (R3.9)");
	return false;
}

static void add_next_hop(struct check *c, struct user_route *route, struct ip ip)
{
	*ARENA_PUSH(c->lab->arena, route->next_hops.items, route->next_hops.count) = ip;
}

/* Is one of its prefixes of the family? So is what could not be read. */
static bool has_family(const struct user_route *route, enum ip_family family)
{
	size_t count = route->prefixes ? route->prefixes->count : 0;

	for (size_t i = 0; i < count; i++)
		if (route->prefixes->items[i].prefix.addr.family == family)
			return true;
	return !count;
}

/* How many addresses the type takes. */
static void check_next_hops(struct check *c, const struct user_route *route, const char *owner,
			    struct src_pos pos)
{
	size_t count = route->next_hops.count;
	const char *type = choice_name(user_next_hop_type_names, route->type);

	if (route->type == NEXT_HOP_VIRTUAL_APPLIANCE && count != 1)
		diag_add(c->diags, DIAG_ROUTE, pos,
			 "%s: a VirtualAppliance is one address, not %zu (R3.9)", owner, count);
	else if (route->type == NEXT_HOP_VIRTUAL_APPLIANCE_ECMP &&
		 (count < ECMP_MIN || count > ECMP_MAX))
		diag_add(c->diags, DIAG_ROUTE, pos, "%s: %s takes %d to %d addresses (R3.22)",
			 owner, type, ECMP_MIN, ECMP_MAX);
	else if (count && route->type != NEXT_HOP_VIRTUAL_APPLIANCE &&
		 route->type != NEXT_HOP_VIRTUAL_APPLIANCE_ECMP)
		diag_add(c->diags, DIAG_ROUTE, pos, "%s: %s takes no address (R3.9)", owner, type);
	for (size_t i = 0; i < count; i++)
		if (!has_family(route, route->next_hops.items[i].family) ||
		    route->next_hops.items[i].family != route->next_hops.items[0].family)
			diag_add(c->diags, DIAG_ROUTE, pos, "%s: %s is not of the family of its %s",
				 owner, ip_print(route->next_hops.items[i]).text,
				 has_family(route, route->next_hops.items[i].family)
					 ? "first next hop"
					 : "prefix");
}

/* A tag may have prefixes of both families: an appliance gets those of its own. */
static void keep_family(struct check *c, struct user_route *route)
{
	const struct spaces *all = route->prefixes;
	struct spaces *own;

	if (!route->tag || !route->next_hops.count)
		return;
	own = arena_alloc(c->lab->arena, sizeof(*own));
	for (size_t i = 0; i < all->count; i++)
		if (all->items[i].prefix.addr.family == route->next_hops.items[0].family)
			*ARENA_PUSH(c->lab->arena, own->items, own->count) = all->items[i];
	route->prefixes = own;
}

static void read_route(struct check *c, struct user_route *route, const char *owner)
{
	const struct addresses *given = &route->next_hop_ip_address;
	struct src_pos pos = route->route.pos.line ? route->route.pos : route->object.pos;
	struct words words = { .count = 0 };
	bool has_type = true, is_bad = false;
	struct ip ip;

	if (route->route.value)
		words = split(c->lab->arena, route->route.value);
	if (route->address_prefix.value)
		set_prefix(c, route, owner, route->address_prefix.value, route->address_prefix.pos);
	else if (words.count)
		set_prefix(c, route, owner, words.items[0], pos);
	else
		diag_add(c->diags, DIAG_MISSING_KEY, route->object.pos,
			 "%s: 'address_prefix' is missing", owner);
	if (route->next_hop_type.pos.line)
		route->type = (enum next_hop_type)route->next_hop_type.value;
	else if (words.count > 1)
		has_type = type_of(c, owner, words.items[1], pos, &route->type);
	else
		has_type = false;
	if (!has_type && words.count < 2 && !route->next_hop_type.is_refused)
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_MISSING_KEY, pos,
				   "%s: 'next_hop_type' is missing", owner),
			  "for example: 0.0.0.0/0 VirtualAppliance 10.0.0.4");
	for (size_t i = 2; i < words.count && !given->count; i++) {
		if (ip_parse(words.items[i], &ip))
			add_next_hop(c, route, ip);
		else
			is_bad = diag_add(c->diags, DIAG_ROUTE, pos, "%s: '%.80s' is no address",
					  owner, words.items[i]);
	}
	for (size_t i = 0; i < given->count; i++)
		if (given->items[i].ip.family != IP_NONE)
			add_next_hop(c, route, given->items[i].ip);
	if (has_type && !is_bad)
		check_next_hops(c, route, owner, given->count ? given->items[0].pos : pos);
	keep_family(c, route);
}

/* R3.6: two routes of one table have different prefixes; Azure's own words. */
static void check_conflict(struct check *c, const struct route_table *table,
			   const struct user_route *route)
{
	char key[200];
	const struct user_route *other;

	if (!route->prefixes || !route->prefixes->count)
		return;
	(void)snprintf(key, sizeof(key), "%td/%s", table - c->lab->route_tables.items,
		       route->tag ? route->tag->object.name
				  : prefix_print(route->prefixes->items[0].prefix).text);
	other = lab_name_find(c->lab, NAME_ROUTE, key);
	if (!other) {
		lab_name_add(c->lab, NAME_ROUTE, key, (void *)route);
		return;
	}
	diag_add(c->diags, DIAG_ROUTE_CONFLICT, route->object.pos,
		 "route '%s' conflicts with route '%s': routes cannot have the same address "
		 "prefix (R3.6)",
		 route->object.name, other->object.name)
		->also = other->object.pos;
}

static void check_table(struct check *c, struct route_table *table)
{
	size_t tags = 0;

	for (size_t i = 0; i < table->routes.count; i++) {
		struct user_route *route = &table->routes.items[i];

		read_route(c, route, arena_printf(c->lab->arena, "route '%s'", route->object.name));
		check_conflict(c, table, route);
		if (route->tag && ++tags == TAG_ROUTES_MAX + 1)
			diag_add(c->diags, DIAG_LIMIT, route->object.pos,
				 "route table '%s' has more than %d routes with service tags "
				 "(R3.18)",
				 table->object.name, TAG_ROUTES_MAX);
	}
	if (table->routes.count > ROUTES_MAX)
		diag_add(c->diags, DIAG_LIMIT, table->routes.items[ROUTES_MAX].object.pos,
			 "route table '%s' has %zu routes, the limit is %d (R3.19)",
			 table->object.name, table->routes.count, ROUTES_MAX);
}

/* ---- subnets ---- */

static const struct space *default_route_of(const struct route_table *table)
{
	for (size_t i = 0; i < table->routes.count; i++) {
		const struct spaces *prefixes = table->routes.items[i].prefixes;

		for (size_t n = 0; prefixes && n < prefixes->count; n++)
			if (!prefixes->items[n].prefix.len)
				return &prefixes->items[n];
	}
	return NULL;
}

/* R3.16, R3.17 */
static void check_managed_subnet(struct check *c, const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;
	struct src_pos pos = subnet->route_table_ref.pos;

	if (!strcasecmp(subnet->object.name, "RouteServerSubnet"))
		diag_add(c->diags, DIAG_ROUTE_TABLE, pos,
			 "RouteServerSubnet of '%s' takes no route table (R3.17)",
			 subnet->vnet->object.name);
	if (strcasecmp(subnet->object.name, "GatewaySubnet") != 0)
		return;
	if (table->disable_bgp_route_propagation.value)
		diag_add(c->diags, DIAG_ROUTE_TABLE, pos,
			 "GatewaySubnet of '%s': its gateway would not work with the route table "
			 "'%s', which disables propagation (R3.16)",
			 subnet->vnet->object.name, table->object.name)
			->also = table->disable_bgp_route_propagation.pos;
	if (default_route_of(table))
		diag_add(c->diags, DIAG_ROUTE_TABLE, pos,
			 "GatewaySubnet of '%s' takes no route to %s, which '%s' has (R3.16)",
			 subnet->vnet->object.name,
			 prefix_print(default_route_of(table)->prefix).text, table->object.name)
			->also = default_route_of(table)->pos;
}

/* Most tags are called as the services are; AzureKeyVault is that of Microsoft.KeyVault. */
static const struct service_tag *tag_of_service(struct lab *lab, const char *service)
{
	static const struct {
		const char *service, *tag;
	} others[] = {
		{ "Web", "AppService" },
		{ "CognitiveServices", "CognitiveServicesManagement" },
		{ "Storage.Global", "Storage" },
	};
	const struct service_tag *tag = find_service_tag(lab, service);

	if (!tag)
		tag = find_service_tag(lab, arena_printf(lab->arena, "Azure%s", service));
	for (size_t i = 0; !tag && i < ARRAY_SIZE(others); i++)
		if (!strcasecmp(others[i].service, service))
			tag = find_service_tag(lab, others[i].tag);
	return tag;
}

static void check_endpoint(struct check *c, struct subnet *subnet,
			   struct service_endpoint *endpoint)
{
	static const char vendor[] = "Microsoft.";
	const char *service = endpoint->service.value;
	struct diag *diag;

	if (!service)
		return; /* the reader said so */
	for (size_t i = 0; &subnet->service_endpoints.items[i] != endpoint; i++)
		if (subnet->service_endpoints.items[i].service.value &&
		    !strcasecmp(subnet->service_endpoints.items[i].service.value, service))
			diag_add(c->diags, DIAG_DUPLICATE_NAME, endpoint->service.pos,
				 "subnet '%s' has the service endpoint '%.80s' already",
				 subnet->object.name, service);
	if (strncasecmp(service, vendor, strlen(vendor)) != 0) {
		diag = diag_add(c->diags, DIAG_BAD_VALUE, endpoint->service.pos,
				"subnet '%s': a service endpoint is written Microsoft.SERVICE, not "
				"'%.80s'",
				subnet->object.name, service);
		if (find_service_tag(c->lab, service))
			diag_hint(c->diags, diag, "did you mean 'Microsoft.%s'?", service);
		return;
	}
	endpoint->tag = tag_of_service(c->lab, service + strlen(vendor));
	if (!endpoint->tag)
		unknown_tag(c, endpoint->service.pos,
			    arena_printf(c->lab->arena, "service endpoint '%s'", service),
			    service + strlen(vendor));
}

static void check_subnet(struct check *c, struct subnet *subnet)
{
	const struct ref *ref = &subnet->route_table_ref;

	if (ref->name) {
		subnet->route_table = lab_name_find(c->lab, NAME_ROUTE_TABLE, ref->name);
		if (!subnet->route_table) {
			NAME_LIST(names, c->lab->route_tables);
			unknown_name(c, ref, "route table", &names);
		} else {
			check_managed_subnet(c, subnet);
		}
	}
	for (size_t i = 0; i < subnet->service_endpoints.count; i++)
		check_endpoint(c, subnet, &subnet->service_endpoints.items[i]);
}

/* ---- next hops, when all have their addresses ---- */

static bool reaches(const struct vnet *vnet, struct ip ip)
{
	return vnet_has_ip(vnet, ip) || vnet_find_peered(vnet, prefix_host(ip));
}

/* Azure takes such a route, and loses the packets (R3.10, R3.12). */
static void warn_next_hops(struct check *c, const struct subnet *subnet,
			   const struct user_route *route)
{
	struct src_pos pos = route->route.pos.line ? route->route.pos : route->object.pos;

	if (route->type == NEXT_HOP_VIRTUAL_NETWORK_GATEWAY &&
	    !(subnet->vnet->hub && subnet->vnet->hub->vpn))
		diag_add(c->diags, DIAG_NEXT_HOP, pos,
			 "route '%s': VirtualNetworkGateway means a VPN gateway, and '%s' has "
			 "none to use (R3.12)",
			 route->object.name, subnet->vnet->object.name)
			->also = subnet->route_table_ref.pos;
	for (size_t i = 0; i < route->next_hops.count; i++)
		if (!reaches(subnet->vnet, route->next_hops.items[i]))
			diag_add(c->diags, DIAG_NEXT_HOP, pos,
				 "route '%s': %s is neither in '%s' nor in a virtual network "
				 "peered with it: packets are lost (R3.10)",
				 route->object.name, ip_print(route->next_hops.items[i]).text,
				 subnet->vnet->object.name)
				->also = subnet->route_table_ref.pos;
}

static void add_tags(struct check *c)
{
	for (size_t i = 0; i < c->lab->service_tags.count; i++) {
		struct service_tag *tag = &c->lab->service_tags.items[i];

		lab_name_add(c->lab, NAME_SERVICE_TAG, tag->object.name, tag);
		if (tag_find_computed(tag->object.name))
			diag_add(c->diags, DIAG_DUPLICATE_NAME, tag->object.pos,
				 "service tag '%s': its prefixes are what each virtual network "
				 "makes of it, not what a lab says (NSG-29, NSG-30)",
				 tag->object.name);
	}
}

void check_routes(struct check *c)
{
	struct lab *lab = c->lab;

	add_tags(c);
	for (size_t i = 0; i < lab->route_tables.count; i++) {
		lab_name_add(lab, NAME_ROUTE_TABLE, lab->route_tables.items[i].object.name,
			     &lab->route_tables.items[i]);
		check_table(c, &lab->route_tables.items[i]);
	}
	if (lab->route_tables.count > TABLES_MAX)
		diag_add(c->diags, DIAG_SCALE, lab->route_tables.items[TABLES_MAX].object.pos,
			 "the lab has %zu route tables, Azure takes %d in a region (R3.19)",
			 lab->route_tables.count, TABLES_MAX);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->subnets.count; n++)
			check_subnet(c, &vnet->subnets.items[n]);
	}
	for (size_t i = 0; i < lab->private_endpoints.count; i++) {
		struct private_endpoint *endpoint = &lab->private_endpoints.items[i];

		endpoint->subnet = resolve_subnet(c, &endpoint->subnet_ref);
		if (endpoint->subnet && subnet_service(endpoint->subnet))
			diag_add(c->diags, DIAG_WRONG_SUBNET, endpoint->subnet_ref.pos,
				 "private endpoint '%s' cannot be placed in %s",
				 endpoint->object.name, endpoint->subnet->object.name);
		if (endpoint->private_ip_address.ip.family == IP_V6)
			diag_add(c->diags, DIAG_IP_FAMILY, endpoint->private_ip_address.pos,
				 "private endpoint '%s' has an IPv4 address",
				 endpoint->object.name);
	}
}

void check_next_hops_of_lab(struct check *c)
{
	for (size_t i = 0; i < c->lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &c->lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->subnets.count; n++) {
			const struct subnet *subnet = &vnet->subnets.items[n];

			if (!subnet->route_table || !subnet_is_first_of_table(subnet))
				continue;
			for (size_t r = 0; r < subnet->route_table->routes.count; r++)
				warn_next_hops(c, subnet, &subnet->route_table->routes.items[r]);
		}
	}
}
