/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One to eight virtual networks in two groups that nothing joins; those of the second may have the
 * addresses of the first. A third of the labs have IPv6 in most networks, subnets and NICs.
 * Networks of the first may have ExpressRoute gateways, whose circuits end on one provider with a
 * branch. Everything else is up to chance.
 */
#include "tests/property/random_lab.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#define VNETS_MAX    8
#define SUBNETS_MAX  3
#define MACHINES_MAX 14 /* more would make bringing up, not the flows, the work */
#define NVAS_MAX     8
#define TEXT_SIZE    64

struct network {
	unsigned number; /* its space is 10.NUMBER.0.0/16; equal ones are in different groups */
	unsigned group, subnets;
	bool has_second_space; /* 192.168.NUMBER.0/24, with one subnet */
	bool has_gateway, uses_remote;
	bool has_ipv6[SUBNETS_MAX + 1]; /* the subnets that do: fd00:0:NUMBER:SUBNET::/64 */
	unsigned next_host[SUBNETS_MAX + 1];
};

struct model {
	uint64_t seed;
	FILE *out;
	unsigned count, tables, machines, nvas, endpoints;
	struct network networks[VNETS_MAX];
	bool is_peered[VNETS_MAX][VNETS_MAX];
	char nva_addresses[NVAS_MAX][TEXT_SIZE], nva_addresses6[NVAS_MAX][TEXT_SIZE];
	unsigned nva_count, nva_count6;
	bool has_ipv6, has_branch, has_tags;
	unsigned gateways;
};

unsigned random_below(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(((*seed >> 32) * below) >> 32);
}

static unsigned any(struct model *m, unsigned below)
{
	return random_below(&m->seed, below);
}

static bool is_in(struct model *m, unsigned percent)
{
	return any(m, 100) < percent;
}

/* ---- what there is ---- */

static void choose_networks(struct model *m)
{
	m->count = 1 + any(m, VNETS_MAX);
	for (unsigned i = 0; i < m->count; i++) {
		struct network *n = &m->networks[i];

		*n = (struct network){ .number = i,
				       .group = i && is_in(m, 25),
				       .subnets = 1 + any(m, SUBNETS_MAX),
				       .has_second_space = is_in(m, 25),
				       .next_host = { 4, 4, 4, 4 } };
		/* an address space of the first group, which no other of the second has */
		if (n->group && m->networks[i - 1].group != n->group && is_in(m, 70))
			n->number = m->networks[i - 1].number;
		for (unsigned subnet = 0; subnet <= SUBNETS_MAX; subnet++)
			n->has_ipv6[subnet] = m->has_ipv6 && is_in(m, 80);
	}
}

static void choose_peerings(struct model *m)
{
	for (unsigned a = 0; a < m->count; a++)
		for (unsigned b = a + 1; b < m->count; b++)
			m->is_peered[a][b] = m->is_peered[b][a] =
				m->networks[a].group == m->networks[b].group &&
				is_in(m, a ? 40 : 80);
}

static void choose_gateways(struct model *m)
{
	if (is_in(m, 35))
		return;
	for (unsigned i = 0; i < m->count && m->gateways < 2; i++) {
		m->networks[i].has_gateway = !m->networks[i].group && is_in(m, 60);
		m->gateways += m->networks[i].has_gateway;
	}
	m->has_branch = m->gateways && is_in(m, 80);
	for (unsigned i = 0; i < m->count; i++)
		m->networks[i].uses_remote = !m->networks[i].has_gateway && is_in(m, 75);
}

/* The one whose gateways a network uses; `count` when it uses none. */
static unsigned used_gateway(const struct model *m, unsigned network)
{
	for (unsigned i = 0; i < m->count && m->networks[network].uses_remote; i++)
		if (m->is_peered[network][i] && m->networks[i].has_gateway)
			return i;
	return m->count;
}

/* ---- texts ---- */

static void subnet_base(const struct model *m, unsigned network, unsigned subnet, char *text)
{
	const struct network *n = &m->networks[network];

	if (subnet == SUBNETS_MAX)
		(void)snprintf(text, TEXT_SIZE, "192.168.%u", n->number);
	else
		(void)snprintf(text, TEXT_SIZE, "10.%u.%u", n->number, subnet);
}

static void base6(const struct model *m, unsigned network, unsigned subnet, char *text)
{
	(void)snprintf(text, TEXT_SIZE, "fd00:0:%u:%u", m->networks[network].number, subnet);
}

/* A subnet of a network, the one of its second space included. */
static unsigned any_subnet(struct model *m, unsigned network)
{
	const struct network *n = &m->networks[network];
	unsigned subnet = any(m, n->subnets + n->has_second_space);

	return subnet == n->subnets ? SUBNETS_MAX : subnet;
}

static void new_address(struct model *m, unsigned network, unsigned subnet, char *text)
{
	char base[TEXT_SIZE];

	subnet_base(m, network, subnet, base);
	(void)snprintf(text, TEXT_SIZE, "%.40s.%u", base, m->networks[network].next_host[subnet]++);
}

/* An address that somebody may have. */
static void likely_address(struct model *m, char *text)
{
	unsigned network = any(m, m->count), subnet = any_subnet(m, network);
	char base[TEXT_SIZE];

	subnet_base(m, network, subnet, base);
	(void)snprintf(text, TEXT_SIZE, "%.40s.%u", base,
		       4 + any(m, m->networks[network].next_host[subnet] - 3));
}

static void likely_address6(struct model *m, char *text)
{
	unsigned network = any(m, m->count), subnet = any_subnet(m, network);
	char base[TEXT_SIZE];

	base6(m, network, subnet, base);
	(void)snprintf(text, TEXT_SIZE, "%.40s::%x", base,
		       4 + any(m, m->networks[network].next_host[subnet] - 3));
}

static void any_prefix6(struct model *m, bool is_gateway_subnet, char *text)
{
	static const char *const wide[] = { "fd00::/8", "2001:db8::/32", "8000::/1",
					    "fd00:0:4::/46" };
	unsigned network = any(m, m->count);
	char address[TEXT_SIZE];

	switch (any(m, 6)) {
	case 0:
		if (!is_gateway_subnet) {
			(void)snprintf(text, TEXT_SIZE, "::/0");
			return;
		} /* FALLTHROUGH */
	case 1:
		(void)snprintf(text, TEXT_SIZE, "%s", wide[any(m, sizeof(wide) / sizeof(*wide))]);
		return;
	case 2:
		(void)snprintf(text, TEXT_SIZE, "fd00:0:%u::/48", m->networks[network].number);
		return;
	case 3:
		likely_address6(m, address);
		(void)snprintf(text, TEXT_SIZE, "%.45s/128", address);
		return;
	default:
		base6(m, network, any_subnet(m, network), address);
		(void)snprintf(text, TEXT_SIZE, "%.45s::/64", address);
		return;
	}
}

static void any_prefix(struct model *m, bool is_gateway_subnet, char *text)
{
	static const char *const wide[] = { "10.0.0.0/8",     "10.0.0.0/13",   "192.168.0.0/16",
					    "172.16.0.0/12",  "10.4.0.0/14",   "203.0.113.0/24",
					    "172.20.0.0/16",  "172.20.1.0/24", "198.51.100.7/32",
					    "192.168.4.0/22", "8.8.0.0/16",    "0.0.0.0/1" };
	unsigned network = any(m, m->count), subnet = any_subnet(m, network);
	char base[TEXT_SIZE];

	subnet_base(m, network, subnet, base);
	switch (any(m, 8)) {
	case 0:
		if (!is_gateway_subnet) {
			(void)snprintf(text, TEXT_SIZE, "0.0.0.0/0");
			return;
		} /* FALLTHROUGH */
	case 1:
		(void)snprintf(text, TEXT_SIZE, "%s", wide[any(m, sizeof(wide) / sizeof(*wide))]);
		return;
	case 2:
	case 3:
		(void)snprintf(text, TEXT_SIZE, "10.%u.0.0/%u", m->networks[network].number,
			       16 + any(m, 2));
		return;
	case 4:
		(void)snprintf(text, TEXT_SIZE, "%.40s.%u/32", base,
			       4 + any(m, m->networks[network].next_host[subnet] - 3));
		return;
	default:
		(void)snprintf(text, TEXT_SIZE, "%.40s.0/%u", base, 24 + any(m, 3));
		return;
	}
}

/* Where a user's route leads: mostly to an NVA. */
static void any_next_hop(struct model *m, bool is_ipv6, char *text)
{
	if (is_ipv6 && m->nva_count6 && is_in(m, 75))
		(void)snprintf(text, TEXT_SIZE, "%s", m->nva_addresses6[any(m, m->nva_count6)]);
	else if (is_ipv6)
		likely_address6(m, text);
	else if (m->nva_count && is_in(m, 75))
		(void)snprintf(text, TEXT_SIZE, "%s", m->nva_addresses[any(m, m->nva_count)]);
	else
		likely_address(m, text);
}

/* ---- the file ---- */

static void print_peerings(struct model *m, unsigned a)
{
	static const char *const flags[] = { "false", "true" };
	bool is_any = false;

	fprintf(m->out, "    peerings:");
	for (unsigned b = 0; b < m->count; b++) {
		if (!m->is_peered[a][b])
			continue;
		fprintf(m->out, "\n      to-%u: { remote: v%u, allow_forwarded_traffic: %s", b, b,
			flags[is_in(m, 75)]);
		if (is_in(m, 8))
			fprintf(m->out, ", allow_virtual_network_access: false");
		if (m->networks[a].has_gateway)
			fprintf(m->out, ", allow_gateway_transit: true");
		if (used_gateway(m, a) == b)
			fprintf(m->out, ", use_remote_gateways: true");
		fprintf(m->out, " }");
		is_any = true;
	}
	fprintf(m->out, "%s\n", is_any ? "" : " {}");
}

static void print_subnet(struct model *m, unsigned network, unsigned subnet)
{
	static const char *const policies[] = { "Disabled", "NetworkSecurityGroupEnabled",
						"RouteTableEnabled", "Enabled" };
	char base[TEXT_SIZE];

	subnet_base(m, network, subnet, base);
	fprintf(m->out, "      s%u: { address_prefix: [%s.0/24", subnet, base);
	base6(m, network, subnet, base);
	if (m->networks[network].has_ipv6[subnet])
		fprintf(m->out, ", \"%s::/64\"", base);
	fprintf(m->out, "]");
	if (m->tables && is_in(m, 55))
		fprintf(m->out, ", route_table: t%u", any(m, m->tables));
	if (is_in(m, 30))
		fprintf(m->out, ", private_endpoint_network_policies: %s", policies[any(m, 4)]);
	if (m->has_tags && is_in(m, 20))
		fprintf(m->out, ", service_endpoints: [Microsoft.Storage]");
	fprintf(m->out, " }\n");
}

static void print_networks(struct model *m)
{
	fprintf(m->out, "virtual_networks:\n");
	for (unsigned i = 0; i < m->count; i++) {
		const struct network *n = &m->networks[i];

		fprintf(m->out, "  v%u:\n    location: %s\n    address_prefixes: [10.%u.0.0/16", i,
			is_in(m, 70) ? "eastus" : "westeurope", n->number);
		if (n->has_second_space)
			fprintf(m->out, ", 192.168.%u.0/24", n->number);
		if (m->has_ipv6)
			fprintf(m->out, ", \"fd00:0:%u::/48\"", n->number);
		fprintf(m->out, "]\n");
		print_peerings(m, i);
		fprintf(m->out, "    subnets:\n");
		for (unsigned s = 0; s < n->subnets; s++)
			print_subnet(m, i, s);
		if (n->has_second_space)
			print_subnet(m, i, SUBNETS_MAX);
		if (!n->has_gateway)
			continue;
		fprintf(m->out, "      GatewaySubnet: { address_prefix: 10.%u.255.0/27", n->number);
		if (is_in(m, 60))
			fprintf(m->out, ", route_table: gt");
		fprintf(m->out, " }\n");
	}
}

static void keep_nva(char (*list)[TEXT_SIZE], unsigned *count, const char *address)
{
	if (*count < NVAS_MAX)
		memcpy(list[(*count)++], address, TEXT_SIZE);
}

/* True when it has an address of IPv6, too. */
static bool print_nic(struct model *m, unsigned network, unsigned subnet, bool is_nva,
		      bool may_have_ipv6)
{
	unsigned more = is_in(m, 25) ? 1 + any(m, 2) : 0;
	bool has_ipv6 = may_have_ipv6 && m->networks[network].has_ipv6[subnet] && is_in(m, 85);
	char address[TEXT_SIZE], base[TEXT_SIZE], address6[TEXT_SIZE];

	base6(m, network, subnet, base);
	(void)snprintf(address6, sizeof(address6), "%.40s::%x", base,
		       m->networks[network].next_host[subnet]);
	new_address(m, network, subnet, address);
	if (is_nva)
		keep_nva(m->nva_addresses, &m->nva_count, address);
	if (is_nva && has_ipv6)
		keep_nva(m->nva_addresses6, &m->nva_count6, address6);
	fprintf(m->out, "{ subnet: v%u/s%u, ip_configurations: [%s", network, subnet, address);
	for (; more; more--) {
		new_address(m, network, subnet, address);
		fprintf(m->out, ", %s", address);
	}
	if (has_ipv6)
		fprintf(m->out, ", \"%s\"", address6);
	fprintf(m->out, "]");
	if (is_nva ? is_in(m, 15) : is_in(m, 12))
		fprintf(m->out, ", enable_ip_forwarding: %s", is_nva ? "false" : "true");
	fprintf(m->out, " }");
	return has_ipv6;
}

/* With one NIC or with two; an NVA has routes of its own by the last of them. */
static void print_machine(struct model *m, const char *name, unsigned network, bool is_nva)
{
	unsigned nics = is_in(m, is_nva ? 50 : 15) ? 2 : 1, subnet = 0, before = SUBNETS_MAX + 1;
	bool has_ipv6 = false;
	char base[TEXT_SIZE], prefix[TEXT_SIZE];

	fprintf(m->out, "  %s:\n    network_interfaces:\n", name);
	for (unsigned i = 0; i < nics; i++) {
		subnet = any_subnet(m, network);
		fprintf(m->out, "      %s-nic%u: ", name, i);
		/* of two NICs in one /64 a kernel takes now the one and now the other */
		has_ipv6 = print_nic(m, network, subnet, is_nva, subnet != before);
		before = subnet;
		fprintf(m->out, "\n");
	}
	if (!is_nva || is_in(m, 40))
		return;
	subnet_base(m, network, subnet, base);
	any_prefix(m, true, prefix);
	fprintf(m->out, "    routes: [%s %s.1", prefix, base);
	if (has_ipv6) {
		base6(m, network, subnet, base);
		any_prefix6(m, true, prefix);
		fprintf(m->out, ", \"%s %s::1\"", prefix, base);
	}
	fprintf(m->out, "]\n");
}

static void print_machines(struct model *m, bool is_nva)
{
	char name[TEXT_SIZE];

	fprintf(m->out, "%s:%s", is_nva ? "nvas" : "vms", is_nva && !m->nvas ? " {}\n" : "\n");
	for (unsigned i = 0; i < (is_nva ? m->nvas : m->machines); i++) {
		(void)snprintf(name, sizeof(name), "%s%u", is_nva ? "nva" : "vm", i);
		print_machine(m, name, is_nva ? any(m, m->count) : i % m->count, is_nva);
	}
}

static void print_endpoints(struct model *m)
{
	fprintf(m->out, "private_endpoints:%s", m->endpoints ? "\n" : " {}\n");
	for (unsigned i = 0; i < m->endpoints; i++) {
		unsigned network = any(m, m->count), subnet = any_subnet(m, network);
		char address[TEXT_SIZE];

		new_address(m, network, subnet, address);
		fprintf(m->out, "  pe%u: { subnet: v%u/s%u, private_ip_address: %s }\n", i, network,
			subnet, address);
	}
}

static void print_target(struct model *m, bool is_ipv6)
{
	char first[TEXT_SIZE], second[TEXT_SIZE];

	any_next_hop(m, is_ipv6, first);
	any_next_hop(m, is_ipv6, second);
	switch (any(m, 10)) {
	case 0:
		fprintf(m->out, "None");
		return;
	case 1:
		fprintf(m->out, "VnetLocal");
		return;
	case 2:
		fprintf(m->out, "%s", is_in(m, 50) ? "Internet" : "VirtualNetworkGateway");
		return;
	case 3:
		if (strcmp(first, second) != 0) {
			fprintf(m->out, "VirtualApplianceEcmp %s %s", first, second);
			return;
		} /* FALLTHROUGH */
	default:
		fprintf(m->out, "VirtualAppliance %s", first);
		return;
	}
}

#define ROUTES_MAX 6

static void print_table(struct model *m, const char *name, bool is_gateway_subnet)
{
	char prefixes[ROUTES_MAX][TEXT_SIZE];
	unsigned count = 1 + any(m, ROUTES_MAX);

	fprintf(m->out, "  %s:\n", name);
	if (!is_gateway_subnet && is_in(m, 20))
		fprintf(m->out, "    disable_bgp_route_propagation: true\n");
	fprintf(m->out, "    routes:\n");
	for (unsigned i = 0; i < count; i++) {
		bool is_new = true, is_ipv6 = m->has_ipv6 && is_in(m, 45);

		if (is_ipv6)
			any_prefix6(m, is_gateway_subnet, prefixes[i]);
		else if (m->has_tags && is_in(m, 15))
			(void)snprintf(prefixes[i], TEXT_SIZE, "%s",
				       is_in(m, 50) ? "Storage" : "Storage.EastUS2");
		else
			any_prefix(m, is_gateway_subnet, prefixes[i]);
		for (unsigned n = 0; n < i; n++)
			is_new &= strcmp(prefixes[n], prefixes[i]) != 0;
		if (!is_new)
			continue;
		fprintf(m->out, "      r%u: \"%s ", i, prefixes[i]);
		print_target(m, is_ipv6);
		fprintf(m->out, "\"\n");
	}
}

static void print_tables(struct model *m)
{
	char name[TEXT_SIZE];

	if (m->has_tags)
		fprintf(m->out, "service_tags:\n"
				"  Storage: { address_prefixes: [20.38.0.0/17, 52.239.0.0/17, "
				"172.20.1.0/24] }\n"
				"  Storage.EastUS2: { address_prefixes: [20.38.96.0/23, "
				"52.239.0.0/17] }\n");
	fprintf(m->out, "route_tables:\n");
	print_table(m, "gt", true);
	for (unsigned i = 0; i < m->tables; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i);
		print_table(m, name, false);
	}
}

static void print_express_route(struct model *m)
{
	unsigned circuits = m->gateways;

	if (!m->gateways)
		return;
	fprintf(m->out, "virtual_network_gateways:\n");
	for (unsigned i = 0; i < m->count; i++)
		if (m->networks[i].has_gateway)
			fprintf(m->out,
				"  g%u: { virtual_network: v%u, gateway_type: ExpressRoute }\n", i,
				i);
	fprintf(m->out, "express_route_circuits:\n");
	for (unsigned i = 0; i < circuits; i++)
		fprintf(m->out,
			"  c%u: { msee_address: 10.99.%u.58, msee_secondary_address: 10.99.%u.59 "
			"}\n",
			i, 129 + i, 129 + i);
	fprintf(m->out, "connections:\n");
	for (unsigned i = 0, c = 0; i < m->count; i++) {
		if (!m->networks[i].has_gateway)
			continue;
		fprintf(m->out, "  g%uc%u: { gateway: g%u, circuit: c%u }\n", i, c, i, c);
		if (circuits > 1 && is_in(m, 30)) /* two circuits on one gateway */
			fprintf(m->out, "  g%uc%u: { gateway: g%u, circuit: c%u }\n", i, 1 - c, i,
				1 - c);
		c++;
	}
	fprintf(m->out, "providers:\n  p:\n    asn: 65001\n    links:\n");
	for (unsigned i = 0; i < circuits; i++) {
		fprintf(m->out, "      - { circuit: c%u }\n", i);
		if (is_in(m, 50))
			fprintf(m->out, "      - { circuit: c%u, path: secondary }\n", i);
	}
	if (!m->has_branch)
		return;
	fprintf(m->out, "      - { branch: b }\n"
			"branches:\n  b:\n    asn: 65010\n    address: 172.31.255.1\n"
			"    announce:\n      - { prefix: 172.20.0.0/16 }\n");
	if (is_in(m, 30))
		fprintf(m->out, "      - { prefix: 0.0.0.0/0 }\n");
	if (is_in(m, 50))
		fprintf(m->out, "      - { prefix: 10.0.0.0/8, as_path: [3356, 65002] }\n");
	if (is_in(m, 50))
		fprintf(m->out, "      - { prefix: 20.38.96.0/24 }\n"
				"      - { prefix: 10.1.0.0/24 }\n");
}

void random_lab_print(uint64_t seed, FILE *out)
{
	struct model m = { .seed = seed * 2654435761u, .out = out };

	(void)any(&m, 2);
	m.has_ipv6 = is_in(&m, 33);
	choose_networks(&m);
	assert(m.count);
	choose_peerings(&m);
	choose_gateways(&m);
	m.machines = m.count + any(&m, MACHINES_MAX - m.count);
	m.nvas = any(&m, NVAS_MAX / 2 + 1);
	m.endpoints = any(&m, 3);
	m.tables = any(&m, 2 * m.count + 1);
	m.has_tags = is_in(&m, 40);
	fprintf(out, "lab: random\nsemantics: { none_routes: %s, next_hops: %s }\n",
		is_in(&m, 80) ? "2026" : "2020", is_in(&m, 80) ? "list" : "rows");
	print_machines(&m, false); /* first: they take the addresses that routes lead to */
	print_machines(&m, true);
	print_endpoints(&m);
	print_networks(&m);
	print_tables(&m);
	print_express_route(&m);
}
