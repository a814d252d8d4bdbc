/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hub and some spokes. In the hub stand the injector, which may send as anybody, and an NVA; in
 * the spokes machines, of which some forward, and private endpoints. NSGs stand at most subnets and
 * NICs, one of them with many rules; admin rules stand in some spokes. Rules are narrow for the
 * most part, for a wide one leaves nothing to those behind it. A third of the labs have IPv6, a
 * third an ExpressRoute gateway, whose branch is in VirtualNetwork then.
 */
#include "tests/property/nsg_lab.h"

#include "tests/property/random_lab.h"

#include <stdbool.h>
#include <string.h>

#define SPOKES_MAX   3
#define SUBNETS      2 /* of each network */
#define MACHINES_MAX 9
#define NSGS_MAX     6
#define ASGS         2 /* with members, of each network */
#define TABLES       3
#define TEXT_SIZE    64
#define RULES_MAX    200

struct machine {
	unsigned network, subnet, host;
};

struct model {
	uint64_t seed;
	FILE *out;
	unsigned networks, machine_count, nsgs, endpoints;
	bool has_ipv6, has_gateway;
	struct machine machines[MACHINES_MAX];
};

static unsigned any(struct model *m, unsigned below)
{
	return random_below(&m->seed, below);
}

static bool is_in(struct model *m, unsigned percent)
{
	return any(m, 100) < percent;
}

/* One of a list that ends with NULL. */
static const char *one_of(struct model *m, const char *const *list)
{
	unsigned count = 0;

	while (list[count])
		count++;
	return list[any(m, count)];
}

/* ---- whom rules mean ---- */

static void any_prefix6(struct model *m, char *text)
{
	static const char *const wide[] = { "2001:db8::/32", "2000::/3", "fd00::/8", NULL };
	const struct machine *at = &m->machines[any(m, m->machine_count)];

	switch (any(m, 4)) {
	case 0:
		(void)snprintf(text, TEXT_SIZE, "%s", one_of(m, wide));
		return;
	case 1:
		(void)snprintf(text, TEXT_SIZE, "fd00:0:%u:%u::/64", at->network, at->subnet);
		return;
	default:
		(void)snprintf(text, TEXT_SIZE, "fd00:0:%u:%u::%x", at->network, at->subnet,
			       at->host);
		return;
	}
}

static void any_prefix(struct model *m, char *text)
{
	static const char *const far[] = { "203.0.113.0/24",  "203.0.113.64/27", "198.51.100.7",
					   "198.51.100.0/25", "8.8.8.8",         "20.64.0.0/10",
					   "172.20.0.0/16",   "172.20.1.0/25",   "172.31.0.0/24",
					   "100.64.0.0/10",   "198.18.0.0/15",   NULL };
	const struct machine *at = &m->machines[any(m, m->machine_count)];

	switch (any(m, 10)) {
	case 0:
	case 1:
	case 2:
		(void)snprintf(text, TEXT_SIZE, "%s", one_of(m, far));
		return;
	case 3:
		(void)snprintf(text, TEXT_SIZE, "10.%u.%u.0/%u", at->network, at->subnet,
			       24 + any(m, 7));
		return;
	case 4:
		(void)snprintf(text, TEXT_SIZE, "10.%u.0.0/16", at->network);
		return;
	default:
		(void)snprintf(text, TEXT_SIZE, "10.%u.%u.%u", at->network, at->subnet, at->host);
		return;
	}
}

static const char *any_tag(struct model *m)
{
	static const char *const tags[] = { "VirtualNetwork",
					    "VirtualNetwork",
					    "Internet",
					    "Internet",
					    "AzureLoadBalancer",
					    "Storage",
					    "Storage.EastUS",
					    "Sql",
					    "AzureCloud",
					    "AzurePlatformDNS",
					    "AzurePlatformIMDS",
					    "AzureKeyVault",
					    "Mine",
					    "Wide",
					    NULL };

	return one_of(m, tags);
}

static void any_ports(struct model *m, char *text)
{
	static const char *const ranges[] = { "0-1023",      "1000-1100",  "8000-8100",
					      "49152-65535", "65535",      "0",
					      "80-81",       "1024-65535", NULL };
	static const unsigned singles[] = { 22, 53, 80, 443, 1433, 3389, 8080 };

	if (is_in(m, 60))
		(void)snprintf(text, TEXT_SIZE, "%u", singles[any(m, 7)]);
	else if (is_in(m, 70))
		(void)snprintf(text, TEXT_SIZE, "%s", one_of(m, ranges));
	else
		(void)snprintf(text, TEXT_SIZE, "%u-%u", any(m, 2000), 2000 + any(m, 3000));
}

/* A list in the words of a lab file, which lists of both forms of a rule are printed from. */
struct words {
	char items[4][TEXT_SIZE];
	unsigned count;
};

/* What a side says: addresses, or groups, and ports. */
struct side {
	struct words addresses, groups, ports;
};

static void add_prefixes(struct model *m, struct words *words)
{
	unsigned count = is_in(m, 70) ? 1 : 2 + any(m, 3);

	for (; words->count < count; words->count++)
		if (m->has_ipv6 && is_in(m, 30))
			any_prefix6(m, words->items[words->count]);
		else
			any_prefix(m, words->items[words->count]);
}

/* Of one network, for groups of one rule are (ASG-04). */
static void add_groups(struct model *m, struct words *words, unsigned network)
{
	unsigned first = any(m, ASGS);

	(void)snprintf(words->items[words->count++], TEXT_SIZE, "asg%u-%u", network, first);
	if (is_in(m, 20))
		(void)snprintf(words->items[words->count++], TEXT_SIZE, "asg%u-%u", network,
			       (first + 1) % ASGS);
	else if (is_in(m, 15))
		(void)snprintf(words->items[words->count++], TEXT_SIZE, "empty");
}

static void add_ports(struct model *m, struct words *words)
{
	unsigned count = is_in(m, 75) ? 1 : 2 + any(m, 2);

	for (; words->count < count; words->count++)
		any_ports(m, words->items[words->count]);
}

/* Of those the rule is for: mostly somebody who meets it. */
static void add_local(struct model *m, struct side *side, bool is_admin, unsigned network)
{
	const struct machine *at = &m->machines[any(m, m->machine_count)];
	unsigned kind = any(m, 100);

	if (kind < 45)
		return;
	if (kind < 65 && !is_admin) {
		add_groups(m, &side->groups, network);
		return;
	}
	while (kind < 92 && at->network != network)
		at = &m->machines[any(m, m->machine_count)];
	(void)snprintf(side->addresses.items[side->addresses.count++], TEXT_SIZE,
		       kind < 80 ? "10.%u.%u.%u" : "10.%u.%u.%u/30", at->network, at->subnet,
		       kind < 80 ? at->host : at->host & ~3u);
}

static void add_remote(struct model *m, struct side *side, bool is_admin, bool is_narrow,
		       unsigned network)
{
	unsigned kind = any(m, 100);

	if (kind < 50 || (is_narrow && kind < 75))
		add_prefixes(m, &side->addresses);
	else if (kind < 80)
		(void)snprintf(side->addresses.items[side->addresses.count++], TEXT_SIZE, "%s",
			       any_tag(m));
	else if (kind < 90 && !is_admin)
		add_groups(m, &side->groups, network);
}

/* ---- rules ---- */

static void print_words(struct model *m, const struct words *words)
{
	for (unsigned i = 0; i < words->count; i++) {
		bool is_ipv6 = strchr(words->items[i], ':') != NULL;

		fprintf(m->out, "%s%s%s%s", i ? "," : "", is_ipv6 ? "[" : "", words->items[i],
			is_ipv6 ? "]" : "");
	}
}

static void print_side(struct model *m, const struct side *side)
{
	print_words(m, &side->addresses);
	print_words(m, &side->groups);
	if (!side->addresses.count && !side->groups.count)
		fprintf(m->out, "*");
	if (side->ports.count)
		fprintf(m->out, ":");
	print_words(m, &side->ports);
}

static void print_list(struct model *m, const char *whose, const char *what,
		       const struct words *words)
{
	if (!words->count)
		return;
	fprintf(m->out, ", %s_%s: [", whose, what);
	for (unsigned i = 0; i < words->count; i++)
		fprintf(m->out, "%s\"%s\"", i ? ", " : "", words->items[i]);
	fprintf(m->out, "]");
}

static void print_keys(struct model *m, const char *whose, const struct side *side)
{
	print_list(m, whose, "address_prefixes", &side->addresses);
	print_list(m, whose, "application_security_groups", &side->groups);
	print_list(m, whose, "port_ranges", &side->ports);
}

static void print_rule(struct model *m, const char *indent, const char *name, unsigned priority,
		       bool is_admin, bool is_narrow, unsigned network)
{
	static const char *const protocols[] = { "Tcp", "Tcp",  "Tcp", "Udp", "Udp", "*",
						 "*",   "Icmp", "Esp", "Ah",  NULL };
	static const char *const accesses[] = { "Allow", "Deny", NULL };
	static const char *const admin_accesses[] = { "Allow", "AlwaysAllow", "Deny", NULL };
	static const char *const directions[] = { "Inbound", "Outbound", NULL };
	const char *direction = one_of(m, directions), *protocol = one_of(m, protocols);
	const char *access = one_of(m, is_admin ? admin_accesses : accesses);
	bool may_have_ports = strchr("TU*", *protocol) != NULL;
	struct side source = { 0 }, destination = { 0 };
	bool is_inbound = *direction == 'I';

	add_local(m, is_inbound ? &destination : &source, is_admin, network);
	add_remote(m, is_inbound ? &source : &destination, is_admin, is_narrow, network);
	if (is_in(m, may_have_ports ? 15 : 3))
		add_ports(m, &source.ports);
	if (is_in(m, may_have_ports ? 75 : 3))
		add_ports(m, &destination.ports);
	fprintf(m->out, "%s%s: ", indent, name);
	if (is_in(m, 75)) {
		fprintf(m->out, "\"%u %s %s %s ", priority, direction, access, protocol);
		print_side(m, &source);
		fprintf(m->out, " -> ");
		print_side(m, &destination);
		fprintf(m->out, "\"\n");
		return;
	}
	fprintf(m->out, "{ priority: %u, direction: %s, access: %s, protocol: \"%s\"", priority,
		direction, access, protocol);
	print_keys(m, "source", &source);
	print_keys(m, "destination", &destination);
	fprintf(m->out, " }\n");
}

/* Each NSG is made for one network, the first one for the first spoke, ... */
static unsigned home_of(const struct model *m, unsigned nsg)
{
	return 1 + nsg % (m->networks - 1);
}

/* ... and mostly stands there. */
static unsigned any_nsg(struct model *m, unsigned network)
{
	unsigned nsg = any(m, m->nsgs);

	if (network && is_in(m, 85))
		for (unsigned i = 0; i < m->nsgs && home_of(m, nsg) != network; i++)
			nsg = (nsg + 1) % m->nsgs;
	return nsg;
}

static void print_nsgs(struct model *m)
{
	fprintf(m->out, "network_security_groups:\n");
	for (unsigned i = 0; i < m->nsgs; i++) {
		unsigned count = i ? 3 + any(m, 28) : RULES_MAX / 2 + any(m, RULES_MAX / 2 + 1);
		unsigned step = 3990 / count;

		fprintf(m->out, "  nsg%u:\n    security_rules:\n", i);
		for (unsigned n = 0; n < count; n++) {
			char name[TEXT_SIZE];

			(void)snprintf(name, sizeof(name), "r%u", n);
			print_rule(m, "      ", name, 100 + n * step + any(m, step), false,
				   n * 4 < count * 3, home_of(m, i));
		}
	}
}

static void print_admin_rules(struct model *m)
{
	if (is_in(m, 25))
		return;
	fprintf(m->out, "network_groups:\n  some: [");
	for (unsigned i = 1; i < m->networks; i++)
		if (i == 1 || is_in(m, 50))
			fprintf(m->out, "%sv%u", i == 1 ? "" : ", ", i);
	fprintf(m->out,
		"]\n  one: v%u\nsecurity_admin_configurations:\n  all:\n"
		"    rule_collections:\n",
		1 + any(m, m->networks - 1));
	for (unsigned i = 0, count = 1 + any(m, 2); i < count; i++) {
		unsigned rules = 1 + any(m, 8);

		fprintf(m->out, "      c%u:\n        applies_to_groups: %s\n        rules:\n", i,
			i ? "one" : "some");
		for (unsigned n = 0; n < rules; n++) {
			char name[TEXT_SIZE];

			(void)snprintf(name, sizeof(name), "a%u", n);
			print_rule(m, "          ", name, 1 + 10 * n + any(m, 10), true, true, 1);
		}
	}
}

/* ---- networks and machines ---- */

static void print_peerings(struct model *m, unsigned a)
{
	fprintf(m->out, "    peerings:\n");
	for (unsigned b = 0; b < m->networks; b++) {
		bool is_spokes = a && b;

		/* the first two spokes are peered, others meet in the hub alone */
		if (a == b || (is_spokes && a + b != 3))
			continue;
		fprintf(m->out, "      to-%u: { remote: v%u, allow_forwarded_traffic: %s", b, b,
			is_in(m, 90) ? "true" : "false");
		if (is_in(m, 5))
			fprintf(m->out, ", allow_virtual_network_access: false");
		if (m->has_gateway && !a)
			fprintf(m->out, ", allow_gateway_transit: true");
		if (m->has_gateway && !b)
			fprintf(m->out, ", use_remote_gateways: true");
		fprintf(m->out, " }\n");
	}
}

static void print_subnet(struct model *m, unsigned network, unsigned subnet)
{
	static const char *const policies[] = { "Disabled", "NetworkSecurityGroupEnabled",
						"RouteTableEnabled", "Enabled", NULL };
	bool is_injectors = !network && !subnet;

	fprintf(m->out, "      s%u: { address_prefix: [10.%u.%u.0/24", subnet, network, subnet);
	if (m->has_ipv6)
		fprintf(m->out, ", \"fd00:0:%u:%u::/64\"", network, subnet);
	fprintf(m->out, "], private_endpoint_network_policies: %s", one_of(m, policies));
	if (is_injectors)
		fprintf(m->out, ", route_table: injected");
	else if (is_in(m, 50))
		fprintf(m->out, ", route_table: t%u", any(m, TABLES));
	if (!is_injectors && is_in(m, 75))
		fprintf(m->out, ", network_security_group: nsg%u", any_nsg(m, network));
	fprintf(m->out, " }\n");
}

static void print_networks(struct model *m)
{
	fprintf(m->out, "virtual_networks:\n");
	for (unsigned i = 0; i < m->networks; i++) {
		fprintf(m->out, "  v%u:\n    address_prefixes: [10.%u.0.0/16", i, i);
		if (m->has_ipv6)
			fprintf(m->out, ", \"fd00:0:%u::/48\"", i);
		fprintf(m->out, "]\n");
		print_peerings(m, i);
		fprintf(m->out, "    subnets:\n");
		for (unsigned n = 0; n < SUBNETS; n++)
			print_subnet(m, i, n);
		if (!i && m->has_gateway)
			fprintf(m->out, "      GatewaySubnet: 10.0.255.0/27\n");
	}
}

static void choose_machines(struct model *m)
{
	m->machine_count = 5 + any(m, MACHINES_MAX - 4);
	for (unsigned i = 0; i < m->machine_count; i++)
		m->machines[i] = (struct machine){ .network = 1 + i % (m->networks - 1),
						   .subnet = any(m, SUBNETS),
						   .host = 4 + 3 * i };
}

static void print_addresses(struct model *m, const struct machine *machine)
{
	fprintf(m->out, "subnet: v%u/s%u, ip_configurations: [10.%u.%u.%u", machine->network,
		machine->subnet, machine->network, machine->subnet, machine->host);
	if (machine->network && is_in(m, 25))
		fprintf(m->out, ", 10.%u.%u.%u", machine->network, machine->subnet,
			machine->host + 1);
	if (m->has_ipv6)
		fprintf(m->out, ", \"fd00:0:%u:%u::%x\"", machine->network, machine->subnet,
			machine->host);
	fprintf(m->out, "]");
}

static void print_machines(struct model *m)
{
	static const struct machine injector = { 0, 0, 4 }, plain = { 0, 0, 5 }, nva = { 0, 1, 4 };

	fprintf(m->out, "vms:\n  " NSG_LAB_INJECTOR ": { ");
	print_addresses(m, &injector);
	fprintf(m->out, ", enable_ip_forwarding: true }\n  plain: { ");
	print_addresses(m, &plain);
	fprintf(m->out, " }\n");
	for (unsigned i = 0; i < m->machine_count; i++) {
		fprintf(m->out, "  vm%u: { ", i);
		print_addresses(m, &m->machines[i]);
		if (is_in(m, 30))
			fprintf(m->out, ", enable_ip_forwarding: true");
		if (is_in(m, 60))
			fprintf(m->out, ", network_security_group: nsg%u",
				any_nsg(m, m->machines[i].network));
		if (is_in(m, 30)) /* where no NSG stands nobody comes to it then (NSG-25) */
			fprintf(m->out, ", public_ip_address: pip%u", i);
		if (is_in(m, 85))
			fprintf(m->out, ", application_security_groups: [asg%u-%u]",
				m->machines[i].network, any(m, ASGS));
		fprintf(m->out, " }\n");
	}
	fprintf(m->out, "nvas:\n  nva: { ");
	print_addresses(m, &nva);
	if (is_in(m, 40))
		fprintf(m->out, ", network_security_group: nsg%u", any(m, m->nsgs));
	fprintf(m->out, " }\n");
	if (m->endpoints)
		fprintf(m->out, "private_endpoints:\n");
	for (unsigned i = 0; i < m->endpoints; i++) {
		unsigned network = 1 + any(m, m->networks - 1), subnet = any(m, SUBNETS);

		fprintf(m->out, "  pe%u: { subnet: v%u/s%u, private_ip_address: 10.%u.%u.%u }\n", i,
			network, subnet, network, subnet, 100 + i);
	}
}

/* Its prefixes are in VirtualNetwork where the table is used (NSG-29). */
static void print_tables(struct model *m)
{
	static const char *const prefixes[] = {
		"198.51.100.0/24", "172.31.0.0/16", "8.8.8.0/24", "100.64.1.0/24",
		"20.65.0.0/16",    "172.20.1.0/24", NULL
	};
	/* who does not forward drops what is not its own (NSG-28) */
	static const char *const hops[] = { "None",
					    "Internet",
					    "VirtualAppliance 10.0.1.4",
					    "VirtualAppliance 10.0.1.4",
					    "VirtualAppliance 10.0.0.5",
					    NULL };

	/* what the NVA gets to forward: for nobody, and for machines */
	fprintf(m->out, "route_tables:\n  injected:\n    routes:\n"
			"      far: 198.18.0.0/15 VirtualAppliance 10.0.1.4\n"
			"      near: 10.2.1.0/24 VirtualAppliance 10.0.1.4\n");
	for (unsigned i = 0; i < TABLES; i++) {
		unsigned first = any(m, 6);

		fprintf(m->out, "  t%u:\n    routes:\n", i);
		for (unsigned n = 0, count = 1 + any(m, 3); n < count; n++)
			fprintf(m->out, "      r%u: %s %s\n", n, prefixes[(first + n) % 6],
				one_of(m, hops));
		if (is_in(m, 25))
			fprintf(m->out, "      all: 0.0.0.0/0 %s\n", one_of(m, hops));
		if (m->has_ipv6 && is_in(m, 40))
			fprintf(m->out,
				"      six: \"2001:db8::/32 VirtualAppliance fd00:0:0:1::4\"\n");
	}
}

static void print_gateway(struct model *m)
{
	if (!m->has_gateway)
		return;
	fprintf(m->out,
		"virtual_network_gateways:\n"
		"  g: { virtual_network: v0, gateway_type: ExpressRoute }\n"
		"express_route_circuits:\n  c: { msee_address: 10.99.129.58 }\n"
		"connections:\n  gc: { gateway: g, circuit: c }\n"
		"providers:\n  p:\n    asn: 65001\n    links: [{ circuit: c }, { branch: b }]\n"
		"branches:\n  b:\n    asn: 65010\n    address: 172.20.255.1\n"
		"    announce:\n      - { prefix: 172.20.0.0/16 }\n"
		"      - { prefix: 20.66.0.0/16 }\n");
	if (is_in(m, 30))
		fprintf(m->out, "      - { prefix: 0.0.0.0/0 }\n");
}

static void print_groups(struct model *m)
{
	fprintf(m->out, "application_security_groups:\n  empty: {}\n");
	for (unsigned i = 1; i < m->networks; i++)
		for (unsigned n = 0; n < ASGS; n++)
			fprintf(m->out, "  asg%u-%u: {}\n", i, n);
	fprintf(m->out, "public_ip_addresses:\n");
	for (unsigned i = 0; i < m->machine_count; i++)
		fprintf(m->out, "  pip%u: { ip_address: 20.1.1.%u, sku: %s }\n", i, i + 1,
			is_in(m, 75) ? "Standard" : "Basic");
	fprintf(m->out,
		"service_tags:\n"
		"  Mine: { address_prefixes: [203.0.113.0/25, 10.1.0.4/32, 172.20.1.0/24] }\n"
		"  Wide: { address_prefixes: [198.18.0.0/15, 20.64.0.0/12] }\n");
}

static void print_semantics(struct model *m)
{
	fprintf(m->out,
		"semantics: { icmp_ports: %s, user_routes_in_tag: %s, internet_tag: %s, "
		"empty_group: %s }\n",
		is_in(m, 75) ? "skip" : "match", is_in(m, 75) ? "all" : "appliance",
		is_in(m, 75) ? "whole" : "rest", is_in(m, 75) ? "nothing" : "rule");
}

void nsg_lab_print(uint64_t seed, FILE *out)
{
	struct model m = { .seed = seed * 2654435761u, .out = out };

	(void)any(&m, 2);
	m.networks = 3 + any(&m, SPOKES_MAX - 1);
	m.nsgs = 2 + any(&m, NSGS_MAX - 1);
	m.has_ipv6 = is_in(&m, 33);
	m.has_gateway = is_in(&m, 33);
	m.endpoints = any(&m, 3);
	choose_machines(&m);
	fprintf(out, "lab: filters\n"
		     "probes:\n  - { from: " NSG_LAB_INJECTOR ", to: plain, protocol: icmp }\n");
	print_semantics(&m);
	print_groups(&m);
	print_nsgs(&m);
	print_admin_rules(&m);
	print_networks(&m);
	print_machines(&m);
	print_tables(&m);
	print_gateway(&m);
}
