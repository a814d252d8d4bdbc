/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Customers' routers, NVAs and those of branches: what they speak BGP with, and their tunnels. */
#include "lab/model/lab_check_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define COMMUNITY_PART_MAX 65535u

/* One of them, as messages call it. */
struct router {
	const char *noun, *name;
	const struct number *asn; /* pos.line is 0 when it has none */
	struct router_bgp *bgp;
	struct device_tunnel *tunnels;
	size_t tunnel_count;
	const struct vm *vm;         /* of an NVA; or NULL */
	const struct branch *branch; /* of a branch; or NULL */
};

static struct router router_of_vm(struct vm *vm)
{
	return (struct router){ .noun = "NVA",
				.name = vm->object.name,
				.asn = &vm->bgp.asn,
				.bgp = &vm->bgp,
				.tunnels = vm->tunnels.items,
				.tunnel_count = vm->tunnels.count,
				.vm = vm };
}

static struct router router_of_branch(struct branch *branch)
{
	return (struct router){ .noun = "branch",
				.name = branch->object.name,
				.asn = &branch->asn,
				.bgp = &branch->bgp,
				.tunnels = branch->tunnels.items,
				.tunnel_count = branch->tunnels.count,
				.branch = branch };
}

/* ---- BGP ---- */

/* "no-advertise", or two numbers. */
static bool is_community(const char *text)
{
	unsigned first, second;
	char more;

	if (!strcasecmp(text, "no-advertise"))
		return true;
	return strspn(text, "0123456789:") == strlen(text) &&
	       sscanf(text, "%6u:%6u%c", &first, &second, &more) == 2 &&
	       first <= COMMUNITY_PART_MAX && second <= COMMUNITY_PART_MAX;
}

/* Prefixes that it tells are such as routers take. */
static void check_told(struct check *c, const struct router *router, const struct spaces *spaces)
{
	for (size_t i = 0; i < spaces->count; i++) {
		const struct space *space = &spaces->items[i];
		const char *martian = martian_with(space->prefix);

		if (space->prefix.addr.family == IP_NONE)
			continue; /* the reader said why */
		if (space->prefix.addr.family != IP_V4)
			diag_add(c->diags, DIAG_ROUTER_BGP, space->pos,
				 "%s '%s': %s is IPv6, which routers of labs do not speak",
				 router->noun, router->name, prefix_print(space->prefix).text);
		else if (martian && space->prefix.len)
			diag_add(c->diags, DIAG_ROUTER_BGP, space->pos,
				 "%s '%s': no router takes %s, which lies in %s", router->noun,
				 router->name, prefix_print(space->prefix).text, martian);
	}
}

/* False, with a finding, when it is not an address of IPv4. */
static bool is_ipv4(struct check *c, enum diag_id id, const struct router *router, const char *key,
		    const struct address *address)
{
	if (address->ip.family == IP_V6)
		diag_add(c->diags, id, address->pos, "%s '%s': '%s' is an address of IPv4",
			 router->noun, router->name, key);
	return address->ip.family == IP_V4;
}

static void check_neighbor(struct check *c, const struct router *router,
			   struct bgp_neighbor *neighbor)
{
	const struct bgp_neighbor *other =
		neighbor->address.ip.family == IP_NONE
			? NULL
			: note_address(c, arena_printf(c->lab->arena, "beside %s", router->name),
				       neighbor->address.ip, neighbor);

	if (other)
		diag_add(c->diags, DIAG_ROUTER_BGP, neighbor->address.pos,
			 "%s '%s': '%s' and '%s' have the address %s", router->noun, router->name,
			 other->object.name, neighbor->object.name,
			 ip_print(neighbor->address.ip).text)
			->also = other->address.pos;
	(void)is_ipv4(c, DIAG_ROUTER_BGP, router, "address", &neighbor->address);
	(void)is_ipv4(c, DIAG_ROUTER_BGP, router, "next_hop", &neighbor->next_hop);
	check_told(c, router, &neighbor->only);
	for (size_t i = 0; i < neighbor->communities.count; i++) {
		const struct text *community = &neighbor->communities.items[i];
		struct diag *diag;

		if (is_community(community->value))
			continue;
		diag = diag_add(c->diags, DIAG_ROUTER_BGP, community->pos,
				"%s '%s': '%.80s' is no community", router->noun, router->name,
				community->value);
		diag_hint(c->diags, diag, "no-advertise, or two numbers such as 65001:100");
	}
}

static void check_router_bgp(struct check *c, const struct router *router)
{
	const struct router_bgp *bgp = router->bgp;

	if (router->vm && router->asn->pos.line)
		check_asn(c, router->noun, router->name, router->asn);
	if (router->vm && bgp->object.pos.line && !router->asn->pos.line)
		diag_add(c->diags, DIAG_MISSING_KEY, bgp->object.pos,
			 "BGP of NVA '%s': 'asn' is missing", router->name);
	check_told(c, router, &bgp->networks);
	for (size_t i = 0; i < bgp->neighbors.count; i++)
		check_neighbor(c, router, &bgp->neighbors.items[i]);
}

/* ---- tunnels ---- */

static void check_tunnel(struct check *c, const struct router *router, struct device_tunnel *tunnel)
{
	const struct device_tunnel *other, *inner;
	const struct {
		const char *key;
		const struct address *address;
	} addresses[] = {
		{ "local_address", &tunnel->local_address },
		{ "remote_address", &tunnel->remote_address },
		{ "tunnel_address", &tunnel->tunnel_address },
		{ "peer_tunnel_address", &tunnel->peer_tunnel_address },
	};
	bool is_ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		is_ok &= is_ipv4(c, DIAG_TUNNEL, router, addresses[i].key, addresses[i].address);
	check_ipsec_policy(c, "tunnel", tunnel->object.name, &tunnel->ipsec_policy);
	if (!is_ok)
		return;
	other = note_address(c,
			     arena_printf(c->lab->arena, "%s from %s",
					  ip_print(tunnel->local_address.ip).text, router->name),
			     tunnel->remote_address.ip, tunnel);
	if (other)
		diag_add(c->diags, DIAG_TUNNEL, tunnel->remote_address.pos,
			 "%s '%s': tunnels '%s' and '%s' join the same two addresses", router->noun,
			 router->name, other->object.name, tunnel->object.name)
			->also = other->remote_address.pos;
	inner = note_address(c, arena_printf(c->lab->arena, "inside %s", router->name),
			     tunnel->peer_tunnel_address.ip, tunnel);
	if (inner && inner != other)
		diag_add(c->diags, DIAG_TUNNEL, tunnel->peer_tunnel_address.pos,
			 "%s '%s': %s is the other side of tunnel '%s' already", router->noun,
			 router->name, ip_print(tunnel->peer_tunnel_address.ip).text,
			 inner->object.name)
			->also = inner->peer_tunnel_address.pos;
	if (ip_equal(tunnel->tunnel_address.ip, tunnel->peer_tunnel_address.ip))
		diag_add(c->diags, DIAG_TUNNEL, tunnel->peer_tunnel_address.pos,
			 "%s '%s': both sides of tunnel '%s' have the address %s", router->noun,
			 router->name, tunnel->object.name,
			 ip_print(tunnel->tunnel_address.ip).text)
			->also = tunnel->tunnel_address.pos;
}

static void check_router(struct check *c, const struct router *router)
{
	check_router_bgp(c, router);
	for (size_t i = 0; i < router->tunnel_count; i++)
		check_tunnel(c, router, &router->tunnels[i]);
}

/* ---- static routes ---- */

/* PREFIX ADDRESS, or the two keys; false with a finding. */
static bool read_guest_route(struct check *c, const char *owner, struct guest_route *route)
{
	struct src_pos pos = route->object.pos;
	char prefix[PREFIX_TEXT] = "", address[IP_TEXT] = "", more[2] = "";

	if (route->route.value &&
	    sscanf(route->route.value, " %49s %45s %1s", prefix, address, more) != 2 &&
	    !(route->address_prefix.count && route->next_hop_ip_address.ip.family != IP_NONE)) {
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_GUEST_ROUTE, pos,
				   "'%s': a route is PREFIX ADDRESS, not '%.80s'", owner,
				   route->route.value),
			  "for example: 10.9.0.0/16 10.0.0.33");
		return false;
	}
	if (route->address_prefix.count) {
		route->prefix = route->address_prefix.items[0].prefix;
	} else if (!prefix_parse(prefix, &route->prefix) || !prefix_is_network(route->prefix)) {
		diag_add(c->diags, DIAG_GUEST_ROUTE, pos, "'%s': '%s' is no prefix of a route",
			 owner, prefix);
		return false;
	}
	route->next_hop = route->next_hop_ip_address.ip;
	if (route->next_hop.family == IP_NONE && !ip_parse(address, &route->next_hop)) {
		diag_add(c->diags, DIAG_GUEST_ROUTE, pos, "'%s': '%s' is no address", owner,
			 address);
		return false;
	}
	if (route->next_hop.family == route->prefix.addr.family)
		return true;
	diag_add(c->diags, DIAG_GUEST_ROUTE, pos, "'%s': %s is not of the family of %s", owner,
		 ip_print(route->next_hop).text, prefix_print(route->prefix).text);
	return false;
}

/* There is one for a prefix. */
static void check_twin(struct check *c, const char *owner, struct guest_route *route)
{
	const struct guest_route *other =
		note_address(c, arena_printf(c->lab->arena, "/%u by %s", route->prefix.len, owner),
			     route->prefix.addr, route);

	if (other)
		diag_add(c->diags, DIAG_GUEST_ROUTE, route->object.pos,
			 "'%s' has a route to %s already", owner, prefix_print(route->prefix).text)
			->also = other->object.pos;
}

/* The tunnel whose other side a next hop is; NULL when it is none's. */
static const struct device_tunnel *tunnel_to(const struct router *router, struct ip ip)
{
	for (size_t i = 0; i < router->tunnel_count; i++)
		if (ip_equal(router->tunnels[i].peer_tunnel_address.ip, ip))
			return &router->tunnels[i];
	return NULL;
}

/* ---- NVAs ---- */

/* A list of addresses is all that a NIC has. */
static bool has_family(const struct nic *nic, enum ip_family family)
{
	for (size_t i = 0; i < nic->ip_configurations.count; i++)
		if (nic->ip_configurations.items[i].ip.family == family)
			return true;
	return !nic->ip_configurations.count;
}

/* Is it in a subnet of the NIC? */
static bool is_beside(const struct nic *nic, struct ip ip)
{
	const struct spaces *spaces = &nic->subnet->address_prefix;

	for (size_t i = 0; i < spaces->count; i++)
		if (prefix_has_ip(spaces->items[i].prefix, ip) && has_family(nic, ip.family))
			return true;
	return false;
}

/* The NIC in whose subnet the next hop is, or the tunnel whose other side. */
static void check_nva_route(struct check *c, const struct router *router, struct guest_route *route)
{
	const struct vm *vm = router->vm;

	if (!read_guest_route(c, router->name, route))
		return;
	for (size_t i = 0; i < vm->network_interfaces.count && !route->nic; i++) {
		const struct nic *nic = &vm->network_interfaces.items[i];

		if (!nic->subnet)
			return; /* there is a finding already */
		if (is_beside(nic, route->next_hop))
			route->nic = nic;
	}
	if (!route->nic)
		route->tunnel = tunnel_to(router, route->next_hop);
	if (!route->nic && !route->tunnel)
		diag_add(c->diags, DIAG_GUEST_ROUTE, route->object.pos,
			 "'%s': %s is in no subnet of its NICs, and on no other side of its "
			 "tunnels",
			 router->name, ip_print(route->next_hop).text);
	check_twin(c, router->name, route);
}

static void resolve_masquerade(struct check *c, struct vm *vm)
{
	const struct ref *ref = &vm->masquerade_ref;

	if (!ref->name)
		return;
	for (size_t i = 0; i < vm->network_interfaces.count; i++)
		if (!strcasecmp(vm->network_interfaces.items[i].object.name, ref->name))
			vm->masquerade = &vm->network_interfaces.items[i];
	if (!vm->masquerade) {
		char noun[120];
		NAME_LIST(names, vm->network_interfaces);

		(void)snprintf(noun, sizeof(noun), "NIC of '%s' named", vm->object.name);
		unknown_name(c, ref, noun, &names);
	}
}

void check_nva(struct check *c, struct vm *vm)
{
	struct router router = router_of_vm(vm);

	check_router(c, &router);
	resolve_masquerade(c, vm);
	for (size_t i = 0; i < vm->routes.count; i++)
		check_nva_route(c, &router, &vm->routes.items[i]);
}

/* ---- branches ---- */

static void check_branch_route(struct check *c, const struct router *router,
			       struct guest_route *route)
{
	if (!read_guest_route(c, router->name, route))
		return;
	if (route->prefix.addr.family != IP_V4)
		diag_add(c->diags, DIAG_GUEST_ROUTE, route->object.pos,
			 "branch '%s': %s is IPv6, which branches of labs do not speak",
			 router->name, prefix_print(route->prefix).text);
	route->tunnel = tunnel_to(router, route->next_hop);
	check_twin(c, router->name, route);
}

void check_branch_router(struct check *c, struct branch *branch)
{
	struct router router = router_of_branch(branch);

	branch->bgp.asn = branch->asn;
	branch->bgp.daemon = branch->daemon;
	check_router(c, &router);
	for (size_t i = 0; i < branch->routes.count; i++)
		check_branch_route(c, &router, &branch->routes.items[i]);
}

/* ---- when all have their addresses ---- */

/* R6.1: of the /30 of each of its links it has the second. */
static bool branch_has_ip(const struct lab *lab, const struct branch *branch, struct ip ip)
{
	if (ip_equal(branch->address.ip, ip) || ip_equal(branch->public_address.ip, ip) ||
	    (branch->lan.count && ip_equal(branch_lan_ip(branch, 0), ip)))
		return true;
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++) {
			const struct provider_link *link = &lab->providers.items[i].links.items[n];

			if (link->branch == branch &&
			    ip_equal(ip_add(prefix_first(link->peer_prefix), 2), ip))
				return true;
		}
	return false;
}

static bool has_local(const struct check *c, const struct router *router, struct ip ip)
{
	if (router->branch)
		return branch_has_ip(c->lab, router->branch, ip);
	for (size_t i = 0; i < router->vm->network_interfaces.count; i++) {
		const struct nic *nic = &router->vm->network_interfaces.items[i];
		const struct public_ip *public_ip = nic->public_ip_address;

		if (nic_has_ip(nic, ip) || (public_ip && ip_equal(public_ip->ip_address.ip, ip)))
			return true;
	}
	return false;
}

static void check_locals(struct check *c, const struct router *router)
{
	for (size_t i = 0; i < router->tunnel_count; i++) {
		const struct address *local = &router->tunnels[i].local_address;
		struct diag *diag;

		if (has_local(c, router, local->ip))
			continue;
		diag = diag_add(c->diags, DIAG_TUNNEL, local->pos,
				"%s '%s': tunnel '%s' begins at %s, which is no address of it",
				router->noun, router->name, router->tunnels[i].object.name,
				ip_print(local->ip).text);
		if (router->vm)
			diag_hint(c->diags, diag, "%s has %s", router->name,
				  ip_print(router->vm->network_interfaces.items[0].ip).text);
	}
}

void check_tunnels_of_lab(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->vms.count; i++) {
		struct router router = router_of_vm(&lab->vms.items[i]);

		check_locals(c, &router);
	}
	for (size_t i = 0; i < lab->branches.count; i++) {
		struct router router = router_of_branch(&lab->branches.items[i]);

		check_locals(c, &router);
	}
}
