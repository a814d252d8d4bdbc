/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names begin with a letter and '_', since several words of nft cannot be names. Rules use named
 * sets and maps only: anonymous ones make loading quadratic.
 */
#include "lab/render/nft_fabric.h"

#include "lab/azure/platform.h"
#include "lab/azure/verdict.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_internet.h"
#include "lab/render/nft_list.h"
#include "lab/render/nft_security.h"
#include "lab/render/nft_ttl.h"

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

/* From and to all others, which are guests, Azure carries some protocols only (NSG-15). */
static bool is_no_guest(const struct words *w, const struct interface *port)
{
	return is_port(w, port) && (port->kind != INTERFACE_NIC || port->nic->vm->is_internet);
}

static bool is_guest(const struct words *w, const struct interface *port)
{
	return is_port(w, port) && !is_no_guest(w, port);
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

/* The address of all in its subnet. */
static void print_name_and_broadcast(const struct words *w, const struct interface *port)
{
	(void)fprintf(w->out, "\"%s\" . %s", port->port_name,
		      ip_print(prefix_last(interface_network(port, IP_V4))).text);
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

/* A set or map with one element for each port that `is_member` says. */
static void print_set(const struct words *w, const char *head, const char *type,
		      bool (*is_member)(const struct words *w, const struct interface *port),
		      void (*print_element)(const struct words *w, const struct interface *port))
{
	const struct topology *t = w->topology;
	struct nft_list list;
	char words[80];

	(void)snprintf(words, sizeof(words), "typeof %s", type);
	list = nft_list_begin(w->out, head, words, true);
	for (size_t i = 0; i < t->ports.count; i++) {
		if (!is_member(w, t->ports.items[i]))
			continue;
		nft_list_next(&list);
		print_element(w, t->ports.items[i]);
	}
	nft_list_end(&list);
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

/* What Azure does not carry, from guests and to them. */
static void print_carried(const struct words *w)
{
	static const char *const chains[] = {
		[DIRECTION_INBOUND] = "c_carried_in", [DIRECTION_OUTBOUND] = "c_carried_out"
	};
	static const char *const refused[] = {
		"meta l4proto != @s_carried", "udp sport 65330", "udp sport 68 udp dport 67",
		"ip daddr 224.0.0.0/4", /* by IPv6 these are a link's */
		"ip daddr 255.255.255.255",
	};
	bool is_ipv6 = w->family == IP_V6;

	(void)fprintf(w->out,
		      "\tset s_carried {\n\t\ttype inet_proto\n"
		      "\t\telements = { tcp, udp, esp, ah, %s }\n\t}\n",
		      is_ipv6 ? "ipv6-icmp" : "icmp");
	for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
		(void)fprintf(w->out, "\tchain %s {\n", chains[direction]);
		for (size_t i = 0; i < ARRAY_SIZE(refused) - (is_ipv6 ? 2 : 0); i++) {
			(void)fprintf(w->out, "\t\t%s ", refused[i]);
			nft_security_print_drop((enum rule_direction)direction,
						DROP_PLATFORM_PROTOCOL, w->out);
		}
		(void)fprintf(w->out, "\t}\n");
	}
}

static struct words words_of(const struct topology *topology, enum ip_family family, FILE *out)
{
	bool is_ipv6 = family == IP_V6;

	return (struct words){ .topology = topology,
			       .family = family,
			       .name = is_ipv6 ? "ip6" : "ip",
			       .ttl = is_ipv6 ? "ip6 hoplimit" : "ip ttl",
			       .out = out };
}

void nft_fabric_print_fixed(enum ip_family family, FILE *out)
{
	struct words w = words_of(NULL, family, out);

	nft_ttl_print(w.ttl, out);
	print_carried(&w);
}

/* What is for all of a port's subnet is not carried either; IPv6 has no such address. */
static void print_broadcast(const struct words *w, enum rule_direction direction)
{
	if (w->family == IP_V6)
		return;
	(void)fprintf(w->out, "\t\t%s . ip daddr @s_broadcast ",
		      direction == DIRECTION_INBOUND ? "oifname" : "iifname");
	nft_security_print_drop(direction, DROP_PLATFORM_PROTOCOL, w->out);
}

/* Does any machine ask for its addresses by DHCP? */
static bool has_guests(const struct topology *topology)
{
	for (size_t i = 0; i < topology->ports.count; i++)
		if (node_is_guest(topology->ports.items[i]->node))
			return true;
	return false;
}

/* What was answered as it came in (dhcp_server.c) is nobody's packet, and no flow that is denied.
 */
static void print_dhcp(const struct words *w)
{
	if (w->family == IP_V6 || !has_guests(w->topology))
		return;
	(void)fprintf(w->out,
		      "\t\tip daddr 255.255.255.255 udp sport 68 udp dport 67 drop\n"
		      "\t\tip daddr %s udp sport 68 udp dport 67 drop\n",
		      ip_print(azure_wire_server).text);
}

/* Messages of a link come first; then whether it is whose it says, then what it is. */
static void print_prerouting(const struct words *w, bool has_internet, bool is_filtered)
{
	static const char links[] =
		"\t\ticmpv6 type 133-137 ip6 hoplimit 255 ip6 daddr @s_link return\n"
		"\t\tip6 daddr @s_link drop\n"
		"\t\tip6 saddr @s_link drop\n"
		"\t\tiifname != @s_ports drop\n";

	(void)fprintf(w->out,
		      "\tchain c_prerouting {\n"
		      "\t\ttype filter hook prerouting priority -310; policy accept;\n"
		      "%s",
		      w->family == IP_V6 ? links : "");
	print_dhcp(w);
	(void)fprintf(w->out, "\t\tiifname @s_checked iifname . %s saddr != @s_own ", w->name);
	nft_security_print_drop(DIRECTION_OUTBOUND, DROP_ANTI_SPOOF, w->out);
	(void)fprintf(w->out, "\t\tiifname != @s_no_guests jump c_carried_out\n");
	print_broadcast(w, DIRECTION_OUTBOUND);
	(void)fprintf(w->out,
		      "\t\tmeta mark set iifname map @m_mark\n"
		      "\t\t%s\n",
		      has_internet ? "jump " NFT_ZONE_CHAIN : "ct zone set iifname map @m_zone");
	if (!is_filtered)
		(void)fprintf(w->out, "\t\t%s vmap @m_ttl\n", w->ttl);
	(void)fprintf(w->out, "\t}\n");
}

/* Services of the platform, which only rules keep away that name their tag (NSG-36). */
static void print_services(const struct words *w)
{
	(void)fprintf(w->out, "\tchain c_service {\n"
			      "\t\tiifname vmap @m_out_s\n"
			      "\t\tgoto c_passed\n"
			      "\t}\n"
			      "\tmap m_services {\n"
			      "\t\ttype ipv4_addr . inet_proto . inet_service : verdict\n"
			      "\t\telements = {\n");
	for (size_t i = 0; i < PLATFORM_SERVICES; i++)
		(void)fprintf(w->out, "\t\t\t%s . %u . %u : goto %s,\n",
			      ip_print(platform_services[i].ip).text, platform_services[i].protocol,
			      platform_services[i].port,
			      platform_services[i].tag ? "c_service" : "c_passed");
	(void)fprintf(w->out, "\t\t}\n\t}\n");
}

/*
 * Who refuses a connection at once sends the one packet that conntrack knows no answer by: it
 * forgets the flow when that passes first, and where it passes again, behind an NVA, it would be a
 * new one.
 */
#define REFUSAL                                                                                    \
	"ct state invalid tcp flags & (fin | syn | rst | psh | ack | urg) == rst | ack "           \
	"tcp sequence 0"

/*
 * Rules are asked of new flows only: what belongs to one that passed goes on (NSG-17, NSG-18).
 * Those of what leaves a port are asked before its route is looked for, as Azure does: what they
 * deny is told also where no route leads. They use the mark, which is then what it was.
 */
static void print_outbound(const struct words *w, bool has_internet)
{
	(void)fprintf(w->out,
		      "\tchain c_ttl {\n\t\t%s vmap @m_ttl\n\t}\n"
		      "\tchain c_passed {\n"
		      "\t\tmeta mark set iifname map @m_mark\n"
		      "\t\tgoto c_ttl\n"
		      "\t}\n",
		      w->ttl);
	if (w->family == IP_V4)
		print_services(w);
	(void)fprintf(w->out,
		      "\tchain c_out {\n"
		      "\t\ttype filter hook prerouting priority -150; policy accept;\n"
		      "\t\tct state established,related goto c_ttl\n"
		      "\t\t" REFUSAL " goto c_ttl\n"
		      "%s%s"
		      "\t\tiifname vmap @m_out\n"
		      "\t\tgoto c_passed\n"
		      "\t}\n",
		      has_internet ? "\t\tiifname @s_hosts goto c_ttl\n" : "",
		      w->family == IP_V4
			      ? "\t\tip daddr . meta l4proto . th dport vmap @m_services\n"
			      : "");
}

/* A peering that keeps a packet out does so before it is at any port. */
static void print_forward(const struct words *w, bool is_guarded, bool is_filtered)
{
	(void)fprintf(w->out,
		      "\tchain c_forward {\n"
		      "\t\ttype filter hook forward priority 0; policy accept;\n"
		      "%s"
		      "\t\toifname @s_checked oifname . %s daddr != @s_own ",
		      is_guarded ? "\t\toifname vmap @m_enter\n" : "", w->name);
	nft_security_print_drop(DIRECTION_INBOUND, DROP_ANTI_SPOOF, w->out);
	(void)fprintf(w->out, "\t\toifname != @s_no_guests jump c_carried_in\n");
	print_broadcast(w, DIRECTION_INBOUND);
	(void)fprintf(w->out, "%s\t}\n",
		      is_filtered ? "\t\tct state established,related accept\n"
				    "\t\t" REFUSAL " accept\n"
				    "\t\toifname vmap @m_in\n"
				  : "");
}

/* ---- VPN gateways ---- */

static bool is_vpn(const struct words *w, const struct interface *port)
{
	return is_port(w, port) && port->node->role == ROLE_VPN_GATEWAY;
}

static void print_back(const struct words *w, const struct interface *port)
{
	(void)fprintf(w->out, "\"%s\" . \"%s\"", port->port_name, port->port_name);
}

static void print_twins(const struct words *w, const struct interface *port)
{
	const char *comma = "";

	for (size_t i = 0; i < w->topology->ports.count; i++) {
		const struct interface *other = w->topology->ports.items[i];

		if (!is_vpn(w, other) || other->node->gateway != port->node->gateway)
			continue;
		(void)fprintf(w->out, "%s\"%s\" . \"%s\"", comma, port->port_name,
			      other->port_name);
		comma = ",\n\t\t\t";
	}
}

/*
 * Neither a VPN gateway nor the fabric takes from the TTL (R9.6): what an instance does not know
 * and the fabric sends it back, until the tables agree again, would go round for ever, as fast as
 * the machine can. A tunnel's own packets never are for the gateway's tunnels.
 */
static void print_rounds(const struct words *w)
{
	bool is_used = false;

	for (size_t i = 0; i < w->topology->ports.count; i++)
		is_used |= is_vpn(w, w->topology->ports.items[i]);
	if (!is_used || w->family == IP_V6)
		return;
	print_set(w, "set s_back", "iifname . oifname", is_vpn, print_back);
	print_set(w, "set s_twins", "iifname . oifname", is_vpn, print_twins);
	(void)fprintf(w->out, "\tchain c_rounds {\n"
			      "\t\ttype filter hook forward priority -10; policy accept;\n"
			      "\t\tiifname . oifname @s_back drop\n"
			      "\t\tudp dport 500 iifname . oifname @s_twins drop\n"
			      "\t\tudp dport 4500 iifname . oifname @s_twins drop\n"
			      "\t}\n");
}

void nft_fabric_print(const struct topology *topology, enum ip_family family, FILE *out)
{
	bool is_ipv6 = family == IP_V6, is_guarded, is_filtered;
	struct words w = words_of(topology, family, out);
	bool has_internet = !is_ipv6 && nft_internet_is_used(topology);

	w.forwards = find_forwarders(&w);
	print_set(&w, "set s_checked", "iifname", is_checked, print_name);
	print_set(&w, "set s_no_guests", "iifname", is_no_guest, print_name);
	print_set(&w, "set s_own", is_ipv6 ? "iifname . ip6 saddr" : "iifname . ip saddr",
		  is_checked, print_name_and_ip);
	if (!is_ipv6)
		print_set(&w, "set s_broadcast", "iifname . ip daddr", is_guest,
			  print_name_and_broadcast);
	print_set(&w, "map m_mark", "iifname : meta mark", is_port, print_mark);
	print_set(&w, "map m_zone", "iifname : ct zone", is_port, print_zone);
	if (is_ipv6)
		print_link(&w);
	if (has_internet)
		nft_internet_print(topology, out);
	is_guarded = print_guards(&w);
	is_filtered = nft_security_is_used(topology, family);
	if (is_filtered)
		nft_security_print(topology, family, out);
	print_prerouting(&w, has_internet, is_filtered);
	if (is_filtered)
		print_outbound(&w, has_internet);
	print_forward(&w, is_guarded, is_filtered);
	print_rounds(&w);
	(void)fprintf(out,
		      "\tchain c_postrouting {\n"
		      "\t\ttype filter hook postrouting priority 300; policy accept;\n"
		      "\t\tmeta mark and 0x%08x != 0 %s set 255\n"
		      "\t}\n",
		      MARK_TTL_255, w.ttl);
	free(w.forwards);
}
