/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names begin with a letter and '_', since several words of nft cannot be names. Rules use named
 * sets and maps only: anonymous ones make loading quadratic.
 */
#include "lab/render/nft_fabric.h"

#include "lab/plan/fabric_ids.h"

static bool is_port(const struct interface *port)
{
	return port->kind != INTERFACE_CABLE;
}

/* A NIC without IP forwarding sends and receives for its own addresses only (R9.7). */
static bool is_checked(const struct interface *port)
{
	return !port_forwards(port);
}

/* Only what such a NIC sends may be of another virtual network than its own (R4.3). */
static bool is_forwarding(const struct interface *port)
{
	return port->kind == INTERFACE_NIC && port_forwards(port);
}

/* Gateways' traffic is not the peerings' to judge. */
static bool is_managed(const struct interface *port)
{
	return port->kind == INTERFACE_GATEWAY || port->kind == INTERFACE_MSEE;
}

static void print_name(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\"", port->port_name);
}

static void print_name_and_ip(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" . %s", port->port_name, ip_print(port->ip).text);
	for (size_t i = 0; i < port->more.count; i++)
		(void)fprintf(out, ",\n\t\t\t\"%s\" . %s", port->port_name,
			      ip_print(port->more.items[i]).text);
}

static void print_mark(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" : 0x%08x", port->port_name, port_mark(port));
}

/* Networks that no peering joins may use the same addresses: each set has its own zone. */
static void print_zone(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" : %u", port->port_name, port->network->zone);
}

#define ELEMENTS_AT_ONCE 1000 /* so that no set is too long for one transaction */

/* A set or map with one element for each port that `is_member` says; said again, it has more. */
static void print_set(const struct topology *t, const char *head, const char *type,
		      bool (*is_member)(const struct interface *port),
		      void (*print_element)(const struct interface *port, FILE *out), FILE *out)
{
	size_t count = 0;

	(void)fprintf(out, "\t%s {\n\t\ttypeof %s\n", head, type);
	for (size_t i = 0; i < t->ports.count; i++) {
		if (!is_member(t->ports.items[i]))
			continue;
		if (count && count % ELEMENTS_AT_ONCE == 0)
			(void)fprintf(out, "\n\t\t}\n\t}\n\t%s {\n\t\ttypeof %s\n", head, type);
		(void)fputs(count % ELEMENTS_AT_ONCE ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t",
			    out);
		print_element(t->ports.items[i], out);
		count++;
	}
	(void)fprintf(out, "%s\t}\n", count ? "\n\t\t}\n" : "");
}

/*
 * The fabric is no hop: the TTL is raised by one before the kernel takes one away. nft cannot
 * compute, so there is a chain for each value; 255 is put back behind the routing.
 */
static void print_ttl(FILE *out)
{
	(void)fprintf(out, "\tchain c_ttl_255 {\n\t\tmeta mark set meta mark or 0x%08x\n\t}\n",
		      MARK_TTL_255);
	for (int ttl = 1; ttl < 255; ttl++)
		(void)fprintf(out, "\tchain c_ttl_%d {\n\t\tip ttl set %d\n\t}\n", ttl, ttl + 1);
	(void)fprintf(out, "\tmap m_ttl {\n\t\ttypeof ip ttl : verdict\n\t\telements = {\n");
	for (int ttl = 1; ttl < 256; ttl++)
		(void)fprintf(out, "\t\t\t%d : goto c_ttl_%d,\n", ttl, ttl);
	(void)fprintf(out, "\t\t}\n\t}\n");
}

/* ---- what the flags of peerings keep out (R4.2, R4.3) ---- */

/* Has the virtual network a NIC that may send what is not its own? */
static bool has_forwarder(const struct topology *t, const struct vnet *vnet)
{
	for (size_t i = 0; i < t->ports.count; i++)
		if (is_forwarding(t->ports.items[i]) && t->ports.items[i]->subnet->vnet == vnet)
			return true;
	return false;
}

/* Does the half-link, on the side that receives, keep anything out? */
static bool is_guarded(const struct topology *t, const struct peering *peering)
{
	return peering->state == PEERING_CONNECTED &&
	       (!peering_gives_access(peering) || (!peering->allow_forwarded_traffic.value &&
						   has_forwarder(t, peering->remote_vnet)));
}

static bool has_guards(const struct topology *t, const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (is_guarded(t, &vnet->peerings.items[i]))
			return true;
	return false;
}

static void print_space(const struct network *network, FILE *out)
{
	const struct spaces *spaces = &network->vnet->address_prefixes;
	bool is_first = true;

	(void)fprintf(
		out,
		"\tset s_space_%u {\n\t\ttypeof ip saddr\n\t\tflags interval\n\t\telements = {",
		network->number);
	for (size_t i = 0; i < spaces->count; i++) {
		if (spaces->items[i].prefix.addr.family != IP_V4)
			continue;
		(void)fprintf(out, "%s %s", is_first ? "" : ",",
			      prefix_print(spaces->items[i].prefix).text);
		is_first = false;
	}
	(void)fprintf(out, " }\n\t}\n");
}

/* From one virtual network into another. */
static void print_guard(const struct topology *t, const struct network *to,
			const struct peering *peering, FILE *out)
{
	unsigned from = topology_network(t, peering->remote_vnet)->number;

	(void)fprintf(out, "\tchain c_enter_%u_%u {\n", to->number, from);
	if (!peering_gives_access(peering))
		(void)fprintf(out, "\t\tiifname != @s_managed drop\n");
	else
		(void)fprintf(out, "\t\tiifname @s_forwarding ip saddr != @s_space_%u drop\n",
			      from);
	(void)fprintf(out, "\t}\n");
}

static void print_guards_of(const struct topology *t, const struct network *to, FILE *out)
{
	const struct vnet *vnet = to->vnet;

	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (is_guarded(t, &vnet->peerings.items[i]))
			print_guard(t, to, &vnet->peerings.items[i], out);
	(void)fprintf(out, "\tmap m_enter_%u {\n\t\ttype mark : verdict\n\t\telements = {\n",
		      to->number);
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];
		unsigned from;

		if (!is_guarded(t, peering))
			continue;
		from = topology_network(t, peering->remote_vnet)->number;
		(void)fprintf(out, "\t\t\t0x%08x : goto c_enter_%u_%u,\n", from << MARK_VNET_SHIFT,
			      to->number, from);
	}
	(void)fprintf(out,
		      "\t\t}\n\t}\n\tchain c_enter_%u {\n"
		      "\t\tmeta mark and 0x%08x vmap @m_enter_%u\n\t}\n",
		      to->number, MARK_VNET_MASK, to->number);
}

/* False when no peering keeps anything out: then nothing is printed. */
static bool print_guards(const struct topology *t, FILE *out)
{
	bool is_any = false;

	for (size_t i = 0; i < t->networks.count; i++)
		is_any |= has_guards(t, t->networks.items[i].vnet);
	if (!is_any)
		return false;
	print_set(t, "set s_managed", "iifname", is_managed, print_name, out);
	print_set(t, "set s_forwarding", "iifname", is_forwarding, print_name, out);
	for (size_t i = 0; i < t->networks.count; i++)
		if (has_forwarder(t, t->networks.items[i].vnet))
			print_space(&t->networks.items[i], out);
	for (size_t i = 0; i < t->networks.count; i++)
		if (has_guards(t, t->networks.items[i].vnet))
			print_guards_of(t, &t->networks.items[i], out);
	(void)fprintf(out, "\tmap m_enter {\n\t\ttypeof oifname : verdict\n\t\telements = {\n");
	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];

		if (has_guards(t, port->subnet->vnet))
			(void)fprintf(out, "\t\t\t\"%s\" : jump c_enter_%u,\n", port->port_name,
				      port->network->number);
	}
	(void)fprintf(out, "\t\t}\n\t}\n");
	return true;
}

void nft_fabric_print(const struct topology *topology, FILE *out)
{
	bool has_entry;

	print_set(topology, "set s_checked", "iifname", is_checked, print_name, out);
	print_set(topology, "set s_own", "iifname . ip saddr", is_checked, print_name_and_ip, out);
	print_set(topology, "map m_mark", "iifname : meta mark", is_port, print_mark, out);
	print_set(topology, "map m_zone", "iifname : ct zone", is_port, print_zone, out);
	print_ttl(out);
	has_entry = print_guards(topology, out);
	(void)fprintf(out,
		      "\tchain c_prerouting {\n"
		      "\t\ttype filter hook prerouting priority -310; policy accept;\n"
		      "\t\tiifname @s_checked iifname . ip saddr != @s_own drop\n"
		      "\t\tmeta mark set iifname map @m_mark\n"
		      "\t\tct zone set iifname map @m_zone\n"
		      "\t\tip ttl vmap @m_ttl\n"
		      "\t}\n"
		      "\tchain c_forward {\n"
		      "\t\ttype filter hook forward priority 0; policy accept;\n"
		      "\t\toifname @s_checked oifname . ip daddr != @s_own drop\n"
		      "%s"
		      "\t}\n"
		      "\tchain c_postrouting {\n"
		      "\t\ttype filter hook postrouting priority 300; policy accept;\n"
		      "\t\tmeta mark and 0x%08x != 0 ip ttl set 255\n"
		      "\t}\n",
		      has_entry ? "\t\toifname vmap @m_enter\n" : "", MARK_TTL_255);
}
