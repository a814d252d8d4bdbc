/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes that people wrote, the tables they are in, and peerings. */
#include "lab/mend/mend_parts.h"

#include <string.h>

static const char *route_path(struct mending *m, const struct route_table *table,
			      const struct user_route *route)
{
	return arena_printf(m->arena, "route_tables/%s/routes/%s", table->object.name,
			    route->object.name);
}

/* The place where it stops, as far as it is one of the fabric. */
static const struct decision *last_decision(const struct mending *m, enum decision_kind kind)
{
	const struct trace *trace = &m->leg->trace;

	for (size_t i = trace->decisions.count; i-- > 0;)
		if (trace->decisions.items[i].kind == kind)
			return &trace->decisions.items[i];
	return NULL;
}

/* As somebody would write it, towards another next hop. */
static const char *route_to(struct mending *m, struct prefix prefix, struct ip next_hop)
{
	return arena_printf(m->arena, "%s VirtualAppliance %s", prefix_print(prefix).text,
			    ip_print(next_hop).text);
}

static const char *route_as_it_is(struct mending *m, struct prefix prefix,
				  const struct user_route *route)
{
	const char *type = choice_name(user_next_hop_type_names, route->type);

	if (route->next_hops.count == 1)
		return arena_printf(m->arena, "%s %s %s", prefix_print(prefix).text, type,
				    ip_print(route->next_hops.items[0]).text);
	return arena_printf(m->arena, "%s %s", prefix_print(prefix).text, type);
}

/* A route could lead to each machine that forwards. */
static void propose_next_hops(struct mending *m, const struct route_table *table,
			      const struct user_route *route)
{
	if (!route->prefixes || !route->prefixes->count)
		return;
	for (size_t i = 0; i < m->lab->vms.count; i++) {
		const struct vm *vm = &m->lab->vms.items[i];

		for (size_t n = 0; vm->is_nva && n < vm->network_interfaces.count; n++)
			mend_add(m, route_path(m, table, route),
				 route_to(m, route->prefixes->items[0].prefix,
					  vm->network_interfaces.items[n].ip),
				 "the route does not lead to %s, which would forward it",
				 vm->object.name);
	}
	mend_add(m, route_path(m, table, route),
		 arena_printf(m->arena, "%s VirtualNetworkGateway",
			      prefix_print(route->prefixes->items[0].prefix).text),
		 "the route does not lead to the gateway");
}

/* An appliance that the route expects where nobody is. */
static void propose_appliance(struct mending *m, const struct user_route *route)
{
	for (size_t i = 0; i < route->next_hops.count; i++) {
		struct ip ip = route->next_hops.items[i];

		for (size_t v = 0; v < m->lab->virtual_networks.count; v++) {
			const struct vnet *vnet = &m->lab->virtual_networks.items[v];

			for (size_t s = 0; s < vnet->subnets.count; s++) {
				const struct subnet *subnet = &vnet->subnets.items[s];

				for (size_t a = 0; a < subnet->address_prefix.count; a++)
					if (prefix_has_ip(subnet->address_prefix.items[a].prefix,
							  ip))
						mend_add(m, "nvas/new-nva",
							 arena_printf(m->arena,
								      "{ subnet: %s/%s, "
								      "private_ip_address: %s }",
								      vnet->object.name,
								      subnet->object.name,
								      ip_print(ip).text),
							 "the route leads to %s, and there is no "
							 "machine",
							 ip_print(ip).text);
			}
		}
	}
}

/* The machine or NIC that the route leads to does not forward. */
static void propose_forwarding(struct mending *m)
{
	for (size_t i = 0; i < m->lab->vms.count; i++) {
		const struct vm *vm = &m->lab->vms.items[i];

		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			const struct nic *nic = &vm->network_interfaces.items[n];
			const char *path = vm_path(m, vm);

			if (nic->enable_ip_forwarding.value || !vm->is_nva)
				continue;
			mend_add(m,
				 arena_printf(m->arena,
					      "%s/network_interfaces/%s/enable_ip_forwarding", path,
					      nic->object.name),
				 "true", "%s of %s has no IP forwarding", nic->object.name,
				 vm->object.name);
			mend_add(m, arena_printf(m->arena, "%s/enable_ip_forwarding", path), "true",
				 "%s has no IP forwarding", vm->object.name);
		}
	}
}

void propose_user_routes(struct mending *m)
{
	const struct decision *d = last_decision(m, DECISION_ROUTE);
	const struct route_table *table =
		d && d->port->subnet ? d->port->subnet->route_table : NULL;
	const struct user_route *route =
		d && d->route->source == SOURCE_USER ? d->route->user : NULL;

	if (m->prediction->reason == REASON_IP_FORWARDING)
		propose_forwarding(m);
	if (!route || !table || m->prediction->reason == REASON_NSG ||
	    m->prediction->reason == REASON_FIREWALL || m->prediction->reason == REASON_LOOP)
		return;
	mend_add(m, route_path(m, table, route), NULL, "the route '%s' takes it away",
		 route->object.name);
	propose_next_hops(m, table, route);
	propose_appliance(m, route);
}

/* ---- on which subnets tables are ---- */

/* The smallest prefix that has both. */
static struct prefix common_prefix(struct prefix a, struct prefix b)
{
	unsigned len = a.len < b.len ? a.len : b.len;

	while (len && !prefix_equal(prefix_of(a.addr, len), prefix_of(b.addr, len)))
		len--;
	return prefix_of(a.addr, len);
}

/* A route of its table that would lead there, had it another prefix. */
static void propose_prefixes(struct mending *m, const struct subnet *subnet)
{
	const struct route_table *table = subnet->route_table;
	struct prefix target = mend_target_prefix(m);

	for (size_t i = 0; table && i < table->routes.count; i++) {
		const struct user_route *route = &table->routes.items[i];
		struct prefix prefixes[] = { target, target };

		if (route->type != NEXT_HOP_VIRTUAL_APPLIANCE || route->tag)
			continue;
		prefixes[1] = common_prefix(target, route->prefixes->items[0].prefix);
		for (size_t n = 0; n < ARRAY_SIZE(prefixes); n++)
			mend_add(m, route_path(m, table, route),
				 route_as_it_is(m, prefixes[n], route),
				 "the route '%s' does not lead to %s", route->object.name,
				 prefix_print(target).text);
	}
}

static bool has_subnet(const struct trace *trace, const struct subnet *subnet)
{
	for (size_t i = 0; i < trace->decisions.count; i++)
		if (trace->decisions.items[i].port &&
		    trace->decisions.items[i].port->subnet == subnet)
			return true;
	return false;
}

static bool is_crossed(const struct mending *m, const struct subnet *subnet)
{
	return has_subnet(&m->followed->there.trace, subnet) ||
	       has_subnet(&m->followed->back.trace, subnet) ||
	       (m->target && m->target->subnet == subnet);
}

/* People name tables by where they belong. */
static bool is_named_after(const struct route_table *table, const struct subnet *subnet)
{
	return strstr(table->object.name, subnet->object.name) != NULL;
}

typedef void subnet_fn(struct mending *m, const struct subnet *subnet);

static void propose_table(struct mending *m, const struct subnet *subnet,
			  const struct route_table *table)
{
	if (table != subnet->route_table)
		mend_add(m, arena_printf(m->arena, "%s/route_table", subnet_path(m, subnet)),
			 table->object.name,
			 subnet->route_table ? "%s/%s has the route table of others"
					     : "%s/%s has no route table",
			 subnet->vnet->object.name, subnet->object.name);
}

static void propose_named_tables(struct mending *m, const struct subnet *subnet)
{
	for (size_t i = 0; i < m->lab->route_tables.count; i++)
		if (is_named_after(&m->lab->route_tables.items[i], subnet))
			propose_table(m, subnet, &m->lab->route_tables.items[i]);
}

static void propose_first_tables(struct mending *m, const struct subnet *subnet)
{
	for (size_t i = 0; !subnet->route_table && i < m->lab->route_tables.count; i++)
		propose_table(m, subnet, &m->lab->route_tables.items[i]);
}

static void propose_no_table(struct mending *m, const struct subnet *subnet)
{
	if (subnet->route_table)
		mend_add(m, arena_printf(m->arena, "%s/route_table", subnet_path(m, subnet)), NULL,
			 "the route table '%s' does not belong on %s/%s",
			 subnet->route_table->object.name, subnet->vnet->object.name,
			 subnet->object.name);
}

static void propose_other_tables(struct mending *m, const struct subnet *subnet)
{
	for (size_t i = 0; subnet->route_table && i < m->lab->route_tables.count; i++)
		propose_table(m, subnet, &m->lab->route_tables.items[i]);
}

static void for_subnets(struct mending *m, bool are_crossed, subnet_fn *fn)
{
	for (size_t i = 0; i < m->lab->virtual_networks.count; i++)
		for (size_t n = 0; n < m->lab->virtual_networks.items[i].subnets.count; n++) {
			const struct subnet *subnet =
				&m->lab->virtual_networks.items[i].subnets.items[n];

			if (is_crossed(m, subnet) == are_crossed)
				fn(m, subnet);
		}
}

static void propose_propagation(struct mending *m, const struct route_table *table)
{
	if (table->disable_bgp_route_propagation.value)
		mend_add(m,
			 arena_printf(m->arena, "route_tables/%s/disable_bgp_route_propagation",
				      table->object.name),
			 "false", "'%s' keeps out what gateways have learned", table->object.name);
}

void propose_route_tables(struct mending *m)
{
	static subnet_fn *const proposals[] = { propose_named_tables, propose_first_tables,
						propose_no_table, propose_other_tables };
	const struct decision *d = last_decision(m, DECISION_ROUTE);

	if (m->prediction->reason == REASON_NO_ROUTE && d && d->port->subnet &&
	    d->port->subnet->route_table)
		propose_propagation(m, d->port->subnet->route_table);
	for (size_t i = 0; i < ARRAY_SIZE(proposals); i++)
		for_subnets(m, true, proposals[i]);
	for_subnets(m, true, propose_prefixes);
	for (size_t i = 0; i < m->lab->route_tables.count; i++)
		propose_propagation(m, &m->lab->route_tables.items[i]);
	for (size_t i = 0; i < ARRAY_SIZE(proposals); i++)
		for_subnets(m, false, proposals[i]);
}

/* ---- peerings ---- */

static const char *peering_path(struct mending *m, const struct vnet *vnet, const char *name)
{
	return arena_printf(m->arena, "virtual_networks/%s/peerings/%s", vnet->object.name, name);
}

/* The half that is missing, first as it is, then with what halves may be. */
static void propose_half(struct mending *m, const struct vnet *vnet, const struct peering *peering)
{
	static const char *const more[] = { "", ", allow_forwarded_traffic: true" };
	const char *gateways = peering->allow_gateway_transit.value ? ", use_remote_gateways: true"
			       : peering->use_remote_gateways.value
				       ? ", allow_gateway_transit: true"
				       : "";
	const struct vnet *remote = peering->remote_vnet;

	for (size_t i = 0; remote && i < ARRAY_SIZE(more); i++) {
		struct mend *mend = mend_add(
			m,
			peering_path(m, remote,
				     arena_printf(m->arena, "%s-to-%s", remote->object.name,
						  vnet->object.name)),
			arena_printf(m->arena, "{ remote: %s%s%s }", vnet->object.name, gateways,
				     more[i]),
			"%s is not peered back with %s", remote->object.name, vnet->object.name);

		mend->other = peering_path(m, vnet, peering->object.name);
	}
}

static void propose_flags(struct mending *m, const struct vnet *vnet, const struct peering *p)
{
	const char *path = peering_path(m, vnet, p->object.name);

	if (!p->allow_virtual_network_access.value)
		mend_add(m, arena_printf(m->arena, "%s/allow_virtual_network_access", path), "true",
			 "the peering '%s' lets nothing through", p->object.name);
	if (!p->allow_forwarded_traffic.value)
		mend_add(m, arena_printf(m->arena, "%s/allow_forwarded_traffic", path), "true",
			 "the peering '%s' does not take what others only forward", p->object.name);
}

static void propose_gateways(struct mending *m, const struct vnet *vnet, const struct peering *p)
{
	const char *path = peering_path(m, vnet, p->object.name);
	struct mend *mend;

	if (p->use_remote_gateways.value || !p->reverse || !p->remote_vnet)
		return;
	mend = mend_add(m, arena_printf(m->arena, "%s/use_remote_gateways", path), "true",
			"%s does not use the gateways of %s", vnet->object.name,
			p->remote_vnet->object.name);
	if (!p->reverse->allow_gateway_transit.value)
		mend_also(m, mend,
			  arena_printf(m->arena, "%s/allow_gateway_transit",
				       peering_path(m, p->remote_vnet, p->reverse->object.name)),
			  "true");
}

void propose_peerings(struct mending *m)
{
	static void (*const proposals[])(struct mending * m, const struct vnet *vnet,
					 const struct peering *peering) = {
		propose_half,
		propose_flags,
		propose_gateways,
	};

	for (size_t k = 0; k < ARRAY_SIZE(proposals); k++)
		for (size_t i = 0; i < m->lab->virtual_networks.count; i++) {
			const struct vnet *vnet = &m->lab->virtual_networks.items[i];

			for (size_t n = 0; n < vnet->peerings.count; n++)
				if (k || !vnet->peerings.items[n].reverse)
					proposals[k](m, vnet, &vnet->peerings.items[n]);
		}
}
