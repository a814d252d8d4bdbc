/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/nft_internet.h"

#include "lab/azure/hit.h"
#include "lab/azure/internet.h"
#include "lab/plan/fabric_ids.h"
#include "lab/render/nft_list.h"

bool nft_internet_is_used(const struct topology *topology)
{
	return topology->lab->internet_network != NULL;
}

static struct nft_list begin(FILE *out, const char *name, const char *type)
{
	char words[80];

	(void)snprintf(words, sizeof(words), "typeof %s", type);
	return nft_list_begin(out, name, words, true);
}

static bool is_host(const struct interface *port)
{
	return port->subnet->vnet->is_internet;
}

/* The addresses of IPv4 of a port, one a call; false behind the last. */
static bool next_ip(const struct interface *port, size_t *at, struct ip *ret_ip)
{
	for (; *at <= port->more.count; ++*at) {
		*ret_ip = *at ? port->more.items[*at - 1] : port->ip;
		if (ret_ip->family == IP_V4) {
			++*at;
			return true;
		}
	}
	return false;
}

static void print_hosts(const struct topology *t, FILE *out)
{
	struct nft_list hosts = begin(out, "set s_hosts", "iifname"), addresses, links;
	struct ip ip;

	for (size_t i = 0; i < t->ports.count; i++)
		if (is_host(t->ports.items[i]))
			nft_list_add(&hosts, "\"%s\"", t->ports.items[i]->port_name);
	nft_list_end(&hosts);
	addresses = begin(out, "set s_host_addresses", "ip daddr");
	for (size_t i = 0; i < t->ports.count; i++)
		for (size_t at = 0;
		     is_host(t->ports.items[i]) && next_ip(t->ports.items[i], &at, &ip);)
			nft_list_add(&addresses, "%s", ip_print(ip).text);
	nft_list_end(&addresses);
	links = begin(out, "set s_host_links", "fib daddr . mark oif");
	for (size_t i = 0; i < t->ports.count; i++)
		if (is_host(t->ports.items[i]))
			nft_list_add(&links, "%u", t->ports.items[i]->port_ifindex);
	nft_list_end(&links);
}

/* ---- in whose name a packet from or to the Internet is tracked ---- */

static void add_network(struct nft_list *list, const struct network *network, struct ip ip,
			bool is_mark)
{
	if (is_mark)
		nft_list_add(list, "%s : 0x%08x", ip_print(ip).text,
			     network->number << MARK_VNET_SHIFT);
	else
		nft_list_add(list, "%s : %u", ip_print(ip).text, edge_zone_id(network));
}

/* All public addresses, with the zone or the mark of their virtual networks. */
static void print_networks(const struct topology *t, bool is_mark, FILE *out)
{
	struct nft_list list = is_mark ? begin(out, "map m_public_mark", "ip daddr : meta mark")
				       : begin(out, "map m_public_zone", "ip daddr : ct zone");

	for (size_t i = 0; i < t->lab->public_ip_addresses.count; i++) {
		const struct public_ip *ip = &t->lab->public_ip_addresses.items[i];
		const struct network *network = internet_find_network(t, ip->ip_address.ip);

		if (network)
			add_network(&list, network, ip->ip_address.ip, is_mark);
	}
	for (size_t i = 0; i < t->tables.count; i++) {
		const struct fabric_table *table = t->tables.items[i];

		if (!table->msee && table->subnet->default_outbound_access.value)
			add_network(&list, topology_network(t, table->subnet->vnet),
				    internet_default_ip(table), is_mark);
	}
	nft_list_end(&list);
}

static void print_zones(const struct topology *t, FILE *out)
{
	struct nft_list zones = begin(out, "map m_edge_zone", "iifname : ct zone");

	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];

		if (port->kind == INTERFACE_NIC && !is_host(port))
			nft_list_add(&zones, "\"%s\" : %u", port->port_name,
				     edge_zone_id(port->network));
	}
	nft_list_end(&zones);
	print_networks(t, false, out);
	print_networks(t, true, out);
	/* by the mark the FIB knows the table of the port: does it lead to a host? */
	(void)fprintf(out, "\tchain " NFT_ZONE_CHAIN " {\n"
			   "\t\tiifname @s_hosts meta mark set ip daddr map @m_public_mark\n"
			   "\t\tiifname @s_hosts ct zone set ip daddr map @m_public_zone return\n"
			   "\t\tip daddr @s_host_addresses fib daddr . mark oif @s_host_links"
			   " ct zone set iifname map @m_edge_zone return\n"
			   "\t\tct zone set iifname map @m_zone\n"
			   "\t}\n");
}

/* ---- translation ---- */

/* OUT-01: what comes to the public address of a NIC is for its primary one. */
static void print_inbound(const struct topology *t, FILE *out)
{
	struct nft_list inside = begin(out, "map m_inside", "ip daddr : ip daddr");

	for (size_t i = 0; i < t->ports.count; i++) {
		const struct nic *nic = t->ports.items[i]->nic;

		if (nic && nic->public_ip_address)
			nft_list_add(&inside, "%s : %s",
				     ip_print(nic->public_ip_address->ip_address.ip).text,
				     ip_print(nic->ip).text);
	}
	nft_list_end(&inside);
	(void)fprintf(out, "\tchain c_inbound {\n"
			   "\t\ttype nat hook prerouting priority -100; policy accept;\n"
			   "\t\tiifname @s_hosts dnat to ip daddr map @m_inside\n"
			   "\t}\n");
}

static unsigned number_of(const struct topology *t, const struct nat_gateway *gateway)
{
	return (unsigned)(gateway - t->lab->nat_gateways.items) + 1;
}

/* OUT-06: a flow has any of its addresses. */
static void print_nat_gateway(const struct topology *t, const struct nat_gateway *gateway,
			      FILE *out)
{
	unsigned number = number_of(t, gateway);
	size_t count = gateway->public_ips.count;

	(void)fprintf(out, "\tmap m_nat_%u {\n\t\ttypeof numgen random mod %zu : ip saddr\n",
		      number, count);
	(void)fprintf(out, "\t\telements = {");
	for (size_t i = 0; i < count; i++)
		(void)fprintf(out, "%s %zu : %s", i ? "," : "", i,
			      ip_print(gateway->public_ips.items[i]->ip_address.ip).text);
	(void)fprintf(out,
		      " }\n\t}\n\tchain c_nat_%u {\n"
		      "\t\tsnat to numgen random mod %zu map @m_nat_%u\n\t}\n",
		      number, count, number);
}

/* What the ports' own addresses are on the Internet, those that a method of OUT-05 serves. */
enum side {
	SIDE_ADDRESS,     /* m_outside: as which address it leaves */
	SIDE_OUTSIDE,     /* s_outside: that there is one */
	SIDE_NAT_GATEWAY, /* m_nat: the gateway's chain */
	SIDE_TRANSLATED,  /* s_nat: that there is one */
	SIDE_PUBLIC,      /* s_public: it has an address for what comes in */
	SIDE_COUNT
};

static void add_side(struct nft_list *list, const struct topology *t, enum side side,
		     const struct interface *port, struct ip ip)
{
	struct outbound outbound = internet_outbound(port, ip);
	bool is_nat = outbound.method == OUTBOUND_NAT_GATEWAY;
	const char *name = port->port_name;
	struct ip_text text = ip_print(ip);

	if (side == SIDE_PUBLIC && port->nic->public_ip_address && ip_equal(ip, port->nic->ip))
		nft_list_add(list, "\"%s\" . %s", name, text.text);
	if (side == SIDE_PUBLIC || outbound.method == OUTBOUND_NONE ||
	    is_nat != (side == SIDE_NAT_GATEWAY || side == SIDE_TRANSLATED))
		return;
	if (side == SIDE_ADDRESS)
		nft_list_add(list, "\"%s\" . %s : %s", name, text.text, ip_print(outbound.ip).text);
	else if (side == SIDE_NAT_GATEWAY)
		nft_list_add(list, "\"%s\" . %s : goto c_nat_%u", name, text.text,
			     number_of(t, outbound.nat_gateway));
	else
		nft_list_add(list, "\"%s\" . %s", name, text.text);
}

static void print_side(const struct topology *t, enum side side, FILE *out)
{
	static const char *const heads[SIDE_COUNT][2] = {
		[SIDE_ADDRESS] = { "map m_outside", "iifname . ip saddr : ip saddr" },
		[SIDE_OUTSIDE] = { "set s_outside", "iifname . ip saddr" },
		[SIDE_NAT_GATEWAY] = { "map m_nat", "iifname . ip saddr : verdict" },
		[SIDE_TRANSLATED] = { "set s_nat", "iifname . ip saddr" },
		[SIDE_PUBLIC] = { "set s_public", "iifname . ip saddr" },
	};
	struct nft_list list = begin(out, heads[side][0], heads[side][1]);
	struct ip ip;

	for (size_t i = 0; i < t->ports.count; i++) {
		const struct interface *port = t->ports.items[i];
		bool is_nic = port->kind == INTERFACE_NIC && !is_host(port);

		for (size_t at = 0; is_nic && next_ip(port, &at, &ip);)
			add_side(&list, t, side, port, ip);
	}
	nft_list_end(&list);
}

/*
 * Behind the NSGs: what has no address on the Internet does not go there (OUT-07), and what comes
 * in by a NIC's public address is answered by that NIC alone (OUT-08). Nothing leaves untranslated:
 * NAT knows no packet that conntrack does not.
 */
static void print_edge(FILE *out)
{
	struct hit hit = { .layer = LAYER_PLATFORM,
			   .direction = DIRECTION_OUTBOUND,
			   .drop = DROP_NO_OUTBOUND };

	(void)fprintf(
		out,
		"\tchain " NFT_EDGE_CHAIN " {\n"
		"\t\ttype filter hook forward priority 10; policy accept;\n"
		"\t\toifname != @s_hosts accept\n"
		"\t\tiifname @s_hosts accept\n"
		"\t\tct state invalid,untracked drop\n"
		"\t\tct direction reply iifname . ip saddr @s_public accept\n"
		"\t\tct direction original iifname . ip saddr @s_outside accept\n"
		"\t\tct direction original meta l4proto tcp iifname . ip saddr @s_nat accept\n"
		"\t\tct direction original meta l4proto udp iifname . ip saddr @s_nat accept\n"
		"\t\tlog prefix \"%s\" group %d snaplen 64\n"
		"\t\tdrop\n"
		"\t}\n",
		hit_print(&hit).text, FLOW_LOG_GROUP);
}

void nft_internet_print(const struct topology *topology, FILE *out)
{
	print_hosts(topology, out);
	print_zones(topology, out);
	print_inbound(topology, out);
	for (size_t i = 0; i < topology->lab->nat_gateways.count; i++)
		print_nat_gateway(topology, &topology->lab->nat_gateways.items[i], out);
	for (int side = 0; side < SIDE_COUNT; side++)
		print_side(topology, (enum side)side, out);
	(void)fprintf(out, "\tchain c_outbound {\n"
			   "\t\ttype nat hook postrouting priority 100; policy accept;\n"
			   "\t\toifname @s_hosts iifname . ip saddr vmap @m_nat\n"
			   "\t\toifname @s_hosts snat to iifname . ip saddr map @m_outside\n"
			   "\t}\n");
	print_edge(out);
}
