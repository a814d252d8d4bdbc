/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names begin with a letter and '_', since several words of nft cannot be names. Rules use named
 * sets and maps only: anonymous ones make loading quadratic.
 */
#include "lab/render/nft_fabric.h"

#include "lab/plan/fabric_ids.h"

#include <stdlib.h>

/* A family in nft's words, and all there is to print of it. */
struct words {
	const struct topology *topology;
	enum ip_family family;
	const char *name, *ttl;
	bool *forwards; /* by virtual network: has it a NIC with IP forwarding? */
	FILE *out;
};

/* By IPv6, those that have an address of it: from and to others nothing passes. */
static bool is_port(const struct words *w, const struct interface *port)
{
	return interface_ip(port, w->family).family != IP_NONE;
}

/* A NIC without IP forwarding sends and receives for its own addresses only (R9.7). */
static bool is_checked(const struct words *w, const struct interface *port)
{
	return is_port(w, port) && !port_forwards(port);
}

/* Only what such a NIC sends may be of another virtual network than its own (R4.3). */
static bool is_forwarding(const struct words *w, const struct interface *port)
{
	return is_port(w, port) && port->kind == INTERFACE_NIC && port_forwards(port);
}

/* Gateways' traffic is not the peerings' to judge. */
static bool is_managed(const struct words *w, const struct interface *port)
{
	return is_port(w, port) &&
	       (port->kind == INTERFACE_GATEWAY || port->kind == INTERFACE_MSEE);
}

static void print_name(const struct words *w, const struct interface *port)
{
	(void)fprintf(w->out, "\"%s\"", port->port_name);
}

static void print_name_and_ip(const struct words *w, const struct interface *port)
{
	struct ip first = interface_ip(port, w->family);

	(void)fprintf(w->out, "\"%s\" . %s", port->port_name, ip_print(first).text);
	for (size_t i = 0; i < port->more.count; i++)
		if (port->more.items[i].family == first.family &&
		    !ip_equal(port->more.items[i], first))
			(void)fprintf(w->out, ",\n\t\t\t\"%s\" . %s", port->port_name,
				      ip_print(port->more.items[i]).text);
}

static void print_mark(const struct words *w, const struct interface *port)
{
	(void)fprintf(w->out, "\"%s\" : 0x%08x", port->port_name, port_mark(port));
}

/* Networks that no peering joins may use the same addresses: each set has its own zone. */
static void print_zone(const struct words *w, const struct interface *port)
{
	(void)fprintf(w->out, "\"%s\" : %u", port->port_name, port->network->zone);
}

#define ELEMENTS_AT_ONCE 1000 /* so that no set is too long for one transaction */

/* A set or map with one element for each port that `is_member` says; said again, it has more. */
static void print_set(const struct words *w, const char *head, const char *type,
		      bool (*is_member)(const struct words *w, const struct interface *port),
		      void (*print_element)(const struct words *w, const struct interface *port))
{
	const struct topology *t = w->topology;
	size_t count = 0;

	(void)fprintf(w->out, "\t%s {\n\t\ttypeof %s\n", head, type);
	for (size_t i = 0; i < t->ports.count; i++) {
		if (!is_member(w, t->ports.items[i]))
			continue;
		if (count && count % ELEMENTS_AT_ONCE == 0)
			(void)fprintf(w->out, "\n\t\t}\n\t}\n\t%s {\n\t\ttypeof %s\n", head, type);
		(void)fputs(count % ELEMENTS_AT_ONCE ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t",
			    w->out);
		print_element(w, t->ports.items[i]);
		count++;
	}
	(void)fprintf(w->out, "%s\t}\n", count ? "\n\t\t}\n" : "");
}

/*
 * The fabric is no hop: the TTL is raised by one before the kernel takes one away. nft cannot
 * compute, so there is a chain for each value; 255 is put back behind the routing.
 */
static void print_ttl(const struct words *w)
{
	FILE *out = w->out;

	(void)fprintf(out, "\tchain c_ttl_255 {\n\t\tmeta mark set meta mark or 0x%08x\n\t}\n",
		      MARK_TTL_255);
	for (int ttl = 1; ttl < 255; ttl++)
		(void)fprintf(out, "\tchain c_ttl_%d {\n\t\t%s set %d\n\t}\n", ttl, w->ttl,
			      ttl + 1);
	(void)fprintf(out, "\tmap m_ttl {\n\t\ttypeof %s : verdict\n\t\telements = {\n", w->ttl);
	for (int ttl = 1; ttl < 256; ttl++)
		(void)fprintf(out, "\t\t\t%d : goto c_ttl_%d,\n", ttl, ttl);
	(void)fprintf(out, "\t\t}\n\t}\n");
}

/* ---- what the flags of peerings keep out (R4.2, R4.3) ---- */

/* Which virtual networks have a NIC that may send what is not its own; the caller frees it. */
static bool *find_forwarders(const struct words *w)
{
	const struct topology *t = w->topology;
	bool *has = calloc(t->networks.count + 1, sizeof(*has));

	if (!has)
		abort();
	for (size_t i = 0; i < t->ports.count; i++)
		has[t->ports.items[i]->subnet->vnet->index] |= is_forwarding(w, t->ports.items[i]);
	return has;
}

static bool has_family(const struct words *w, const struct vnet *vnet)
{
	return w->family != IP_V6 || vnet_has_ipv6(vnet);
}

/* Does the half-link, on the side that receives, keep anything out? */
static bool is_guarded(const struct words *w, const struct peering *peering)
{
	return peering->state == PEERING_CONNECTED && has_family(w, peering->remote_vnet) &&
	       (!peering_gives_access(peering) || (!peering->allow_forwarded_traffic.value &&
						   w->forwards[peering->remote_vnet->index]));
}

static bool has_guards(const struct words *w, const struct vnet *vnet)
{
	for (size_t i = 0; has_family(w, vnet) && i < vnet->peerings.count; i++)
		if (is_guarded(w, &vnet->peerings.items[i]))
			return true;
	return false;
}

static void print_space(const struct words *w, const struct network *network)
{
	const struct spaces *spaces = &network->vnet->address_prefixes;
	FILE *out = w->out;
	bool is_first = true;

	(void)fprintf(
		out,
		"\tset s_space_%u {\n\t\ttypeof %s saddr\n\t\tflags interval\n\t\telements = {",
		network->number, w->name);
	for (size_t i = 0; i < spaces->count; i++) {
		if (spaces->items[i].prefix.addr.family != w->family)
			continue;
		(void)fprintf(out, "%s %s", is_first ? "" : ",",
			      prefix_print(spaces->items[i].prefix).text);
		is_first = false;
	}
	(void)fprintf(out, " }\n\t}\n");
}

/* From one virtual network into another. */
static void print_guard(const struct words *w, const struct network *to,
			const struct peering *peering)
{
	unsigned from = topology_network(w->topology, peering->remote_vnet)->number;
	FILE *out = w->out;

	(void)fprintf(out, "\tchain c_enter_%u_%u {\n", to->number, from);
	if (!peering_gives_access(peering))
		(void)fprintf(out, "\t\tiifname != @s_managed drop\n");
	else
		(void)fprintf(out, "\t\tiifname @s_forwarding %s saddr != @s_space_%u drop\n",
			      w->name, from);
	(void)fprintf(out, "\t}\n");
}

static void print_guards_of(const struct words *w, const struct network *to)
{
	const struct vnet *vnet = to->vnet;
	FILE *out = w->out;

	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (is_guarded(w, &vnet->peerings.items[i]))
			print_guard(w, to, &vnet->peerings.items[i]);
	(void)fprintf(out, "\tmap m_enter_%u {\n\t\ttype mark : verdict\n\t\telements = {\n",
		      to->number);
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];
		unsigned from;

		if (!is_guarded(w, peering))
			continue;
		from = topology_network(w->topology, peering->remote_vnet)->number;
		(void)fprintf(out, "\t\t\t0x%08x : goto c_enter_%u_%u,\n", from << MARK_VNET_SHIFT,
			      to->number, from);
	}
	(void)fprintf(out,
		      "\t\t}\n\t}\n\tchain c_enter_%u {\n"
		      "\t\tmeta mark and 0x%08x vmap @m_enter_%u\n\t}\n",
		      to->number, MARK_VNET_MASK, to->number);
}

/* False when no peering keeps anything out of a port: then nothing is printed. */
static bool print_guards(const struct words *w)
{
	const struct topology *t = w->topology;
	FILE *out = w->out;
	bool is_any = false;

	for (size_t i = 0; i < t->ports.count; i++)
		is_any |= is_port(w, t->ports.items[i]) &&
			  has_guards(w, t->ports.items[i]->subnet->vnet);
	if (!is_any)
		return false;
	print_set(w, "set s_managed", "iifname", is_managed, print_name);
	print_set(w, "set s_forwarding", "iifname", is_forwarding, print_name);
	for (size_t i = 0; i < t->networks.count; i++)
		if (w->forwards[i])
			print_space(w, &t->networks.items[i]);
	for (size_t i = 0; i < t->networks.count; i++)
		if (has_guards(w, t->networks.items[i].vnet))
			print_guards_of(w, &t->networks.items[i]);
	(void)fprintf(out, "\tmap m_enter {\n\t\ttypeof oifname : verdict\n\t\telements = {\n");
	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];

		if (is_port(w, port) && !is_managed(w, port) && has_guards(w, port->subnet->vnet))
			(void)fprintf(out, "\t\t\t\"%s\" : jump c_enter_%u,\n", port->port_name,
				      port->network->number);
	}
	(void)fprintf(out, "\t\t}\n\t}\n");
	return true;
}

/*
 * Messages of a link stay on it: those by which neighbours are found are answered, and nothing else
 * that is of a link or for one passes; nor does what comes from NICs that have no IPv6.
 */
static void print_link(const struct words *w)
{
	(void)fprintf(w->out, "\tset s_link {\n\t\ttypeof ip6 daddr\n\t\tflags interval\n"
			      "\t\telements = { fe80::/10, ff00::/8 }\n\t}\n");
	print_set(w, "set s_ports", "iifname", is_port, print_name);
}

static const char prerouting_of_links[] =
	"\t\ticmpv6 type 133-137 ip6 hoplimit 255 ip6 daddr @s_link return\n"
	"\t\tip6 daddr @s_link drop\n"
	"\t\tip6 saddr @s_link drop\n"
	"\t\tiifname != @s_ports drop\n";

void nft_fabric_print(const struct topology *topology, enum ip_family family, FILE *out)
{
	bool is_ipv6 = family == IP_V6, has_entry;
	struct words w = { .topology = topology,
			   .family = family,
			   .name = is_ipv6 ? "ip6" : "ip",
			   .ttl = is_ipv6 ? "ip6 hoplimit" : "ip ttl",
			   .out = out };

	w.forwards = find_forwarders(&w);
	print_set(&w, "set s_checked", "iifname", is_checked, print_name);
	print_set(&w, "set s_own", is_ipv6 ? "iifname . ip6 saddr" : "iifname . ip saddr",
		  is_checked, print_name_and_ip);
	print_set(&w, "map m_mark", "iifname : meta mark", is_port, print_mark);
	print_set(&w, "map m_zone", "iifname : ct zone", is_port, print_zone);
	if (is_ipv6)
		print_link(&w);
	print_ttl(&w);
	has_entry = print_guards(&w);
	(void)fprintf(out,
		      "\tchain c_prerouting {\n"
		      "\t\ttype filter hook prerouting priority -310; policy accept;\n"
		      "%s"
		      "\t\tiifname @s_checked iifname . %s saddr != @s_own drop\n"
		      "\t\tmeta mark set iifname map @m_mark\n"
		      "\t\tct zone set iifname map @m_zone\n"
		      "\t\t%s vmap @m_ttl\n"
		      "\t}\n"
		      "\tchain c_forward {\n"
		      "\t\ttype filter hook forward priority 0; policy accept;\n"
		      "\t\toifname @s_checked oifname . %s daddr != @s_own drop\n"
		      "%s"
		      "\t}\n"
		      "\tchain c_postrouting {\n"
		      "\t\ttype filter hook postrouting priority 300; policy accept;\n"
		      "\t\tmeta mark and 0x%08x != 0 %s set 255\n"
		      "\t}\n",
		      is_ipv6 ? prerouting_of_links : "", w.name, w.ttl, w.name,
		      has_entry ? "\t\toifname vmap @m_enter\n" : "", MARK_TTL_255, w.ttl);
	free(w.forwards);
}
