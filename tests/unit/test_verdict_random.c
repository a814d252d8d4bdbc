/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts on random packets in random labs, against a second evaluator that takes each rule for
 * what it says and knows nothing of how verdicts are found (NSG-10, NSG-13, NSG-23, NSG-25,
 * NSG-28, ASG-02, ASG-07, AVNM-03). Tags are asked for as lists there.
 */
#include "tests/support/test.h"

#include "lab/azure/verdict.h"
#include "lab/render/verdict_text.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <netinet/in.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABS    60
#define PACKETS 700

/* ---- chance, the same in every run ---- */

static uint64_t chance;

static unsigned below(unsigned count)
{
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(chance >> 33) % count;
}

#define ONE_OF(list) ((list)[below(ARRAY_SIZE(list))])

/* ---- a lab ---- */

static const char *const prefixes[] = {
	"10.0.0.0/8",
	"10.0.1.0/24",
	"10.0.1.4/31",
	"10.0.1.5",
	"10.0.2.0/23",
	"10.1.0.0/16",
	"172.16.0.0/12",
	"198.51.100.0/24",
	"198.51.100.7",
	"198.51.100.128/25",
	"0.0.0.0/1",
	"128.0.0.0/1",
	"255.0.0.0/8",
	"[2001:db8::/32]",
	"[2001:db8:0:1::/64]",
	"[2001:db8:0:1::5]",
	"[2600::/16]",
	"[ffff::/16]",
	"[::/1]",
	"8.8.8.0/24",
	"20.60.0.0/16",
	"192.168.0.0/16",
	"168.63.129.16",
	"10.0.3.6",
};
static const char *const tags[] = { "VirtualNetwork", "Internet", "AzureLoadBalancer", "Mine" };
static const char *const group_lists[] = {
	"g0", "g1", "g2", "empty", "g0,g1", "g2,empty", "g1,g2"
};
static const char *const port_lists[] = { "80",     "443",   "0",          "65535",       "80-90",
					  "1-1024", "79,81", "1024-65535", "85-443,8080", "0-79" };
static const char *const protocols[] = { "*", "*", "Tcp", "Tcp", "Udp", "Icmp", "Esp", "Ah" };

static void print_side(FILE *out, bool has_groups)
{
	switch (below(has_groups ? 6 : 4)) {
	case 0:
		(void)fputc('*', out);
		break;
	case 1:
		(void)fprintf(out, "%s", ONE_OF(tags));
		break;
	case 2:
	case 3:
		for (unsigned i = 0, count = 1 + below(4); i < count; i++)
			(void)fprintf(out, "%s%s", i ? "," : "", ONE_OF(prefixes));
		break;
	default:
		(void)fprintf(out, "%s", ONE_OF(group_lists));
	}
	if (!below(3))
		(void)fprintf(out, ":%s", ONE_OF(port_lists));
}

static void print_rules(FILE *out, const char *indent, unsigned count, bool is_admin)
{
	static const char *const accesses[] = { "Allow", "Deny", "AlwaysAllow" };

	for (unsigned i = 0; i < count; i++) {
		(void)fprintf(out, "%sr%u: '%u %s %s %s ", indent, i, 100 + i,
			      below(2) ? "Inbound" : "Outbound", accesses[below(is_admin ? 3 : 2)],
			      ONE_OF(protocols));
		print_side(out, !is_admin);
		(void)fprintf(out, " -> ");
		print_side(out, !is_admin);
		(void)fprintf(out, "'\n");
	}
}

/* Behind other keys. */
static const char *const nsgs[] = { "", ", network_security_group: n0",
				    ", network_security_group: n1",
				    ", network_security_group: n2" };

static void print_vm(FILE *out, const char *name, const char *subnet, const char *addresses)
{
	static const char *const groups[] = { "[]", "g0", "g1", "[g0, g1]", "g2" };

	(void)fprintf(out,
		      "  %s: { subnet: %s, ip_configurations: %s%s,\n"
		      "       application_security_groups: %s, public_ip_address: %s }\n",
		      name, subnet, addresses, ONE_OF(nsgs), ONE_OF(groups), name);
}

static char *random_lab(void)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	(void)fprintf(out, "lab: t\nnetwork_security_groups:\n");
	for (unsigned i = 0; i < 3; i++) {
		(void)fprintf(out, "  n%u:\n    security_rules:\n", i);
		print_rules(out, "      ", 1 + below(below(4) ? 40 : 300), false);
	}
	(void)fprintf(out,
		      "application_security_groups: { g0: {}, g1: {}, g2: {}, empty: {} }\n"
		      "service_tags: { Mine: [20.60.0.0/16, 10.0.2.0/24, '2600::/16'] }\n"
		      "semantics: { icmp_ports: %s, internet_tag: %s, empty_group: %s,\n"
		      "             user_routes_in_tag: %s }\n"
		      "route_tables: { r: { routes: { a: 172.16.0.0/12 None,\n"
		      "                b: %s VirtualAppliance 10.0.1.9 } } }\n",
		      below(2) ? "skip" : "match", below(2) ? "whole" : "rest",
		      below(2) ? "nothing" : "rule", below(2) ? "all" : "appliance",
		      below(2) ? "0.0.0.0/0" : "8.8.8.0/24");
	(void)fprintf(out, "network_groups: { all: v }\n"
			   "security_admin_configurations:\n"
			   "  c:\n    rule_collections:\n"
			   "      x:\n        applies_to_groups: all\n        rules:\n");
	print_rules(out, "          ", 1 + below(6), true);
	(void)fprintf(
		out,
		"virtual_networks:\n"
		"  v:\n    address_prefixes: [10.0.0.0/16, 2001:db8::/48]\n"
		"    subnets:\n"
		"      s: { address_prefix: [10.0.1.0/24, 2001:db8:0:1::/64]%s%s }\n"
		"      t: { address_prefix: 10.0.2.0/24%s }\n"
		"    peerings: { w: { remote: w } }\n"
		"  w:\n    address_prefixes: 10.1.0.0/16\n"
		"    subnets: { s: { address_prefix: 10.1.0.0/24%s } }\n"
		"    peerings: { v: { remote: v } }\n"
		"public_ip_addresses: { a: 20.1.1.1, b: { ip_address: 20.1.1.2, sku: Basic },\n"
		"                       c: 20.1.1.3, nva: 20.1.1.4 }\n"
		"vms:\n",
		ONE_OF(nsgs), below(2) ? ", route_table: r" : "", ONE_OF(nsgs), ONE_OF(nsgs));
	print_vm(out, "a", "v/s", "[10.0.1.4, 10.0.1.5, '2001:db8:0:1::5']");
	print_vm(out, "b", "v/s", "10.0.1.6");
	print_vm(out, "c", "v/t", "10.0.2.4");
	(void)fprintf(out, "  m: { subnet: w/s, private_ip_address: 10.1.0.4 }\n"
			   "nvas:\n");
	print_vm(out, "nva", "v/s", "[10.0.1.9, '2001:db8:0:1::9']");
	return memory_close(&file);
}

/* ---- a packet ---- */

static const char *const addresses[] = {
	"10.0.1.4",     "10.0.1.5",        "10.0.1.6",   "10.0.1.3",        "10.0.2.4",
	"10.0.3.255",   "10.0.4.0",        "10.1.0.4",   "10.2.0.1",        "9.255.255.255",
	"11.0.0.0",     "172.16.0.0",      "172.32.0.1", "198.51.100.7",    "198.51.100.128",
	"8.8.8.8",      "127.255.255.255", "128.0.0.0",  "239.255.255.255", "20.60.1.1",
	"192.168.1.77", "10.0.1.9",
};
static const char *const addresses6[] = { "2001:db8:0:1::5", "2001:db8:0:1::4", "2001:db8:0:1::9",
					  "2600::1",         "ffff:ffff::",     "3001::1",
					  "fd00::1",         "2001:db8:0:2::" };
static const uint16_t ports[] = { 0, 1, 79, 80, 81, 85, 90, 91, 443, 444, 1024, 1025, 8080, 65535 };
static const uint8_t numbers[] = { IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP,
				   IPPROTO_UDP, IPPROTO_ESP, IPPROTO_AH };

static struct ip random_ip(enum ip_family family)
{
	struct ip ip;

	assert_true(ip_parse(family == IP_V4 ? ONE_OF(addresses) : ONE_OF(addresses6), &ip));
	return ip;
}

static struct flow_tuple random_tuple(const struct interface *port, enum rule_direction direction)
{
	bool is_v6 = interface_ip(port, IP_V6).family == IP_V6 && !below(3);
	enum ip_family family = is_v6 ? IP_V6 : IP_V4;
	struct flow_tuple tuple = { .source = random_ip(family), .destination = random_ip(family) };
	struct ip own = interface_ip(port, family);

	if (below(12))
		*(direction == DIRECTION_INBOUND ? &tuple.destination : &tuple.source) = own;
	tuple.protocol = below(8) ? ONE_OF(numbers) : protocol_number(PROTOCOL_ICMP, family);
	if (tuple.protocol == IPPROTO_TCP || tuple.protocol == IPPROTO_UDP) {
		tuple.source_port = ONE_OF(ports);
		tuple.destination_port = ONE_OF(ports);
	}
	return tuple;
}

/* ---- the second evaluator ---- */

struct second {
	const struct fixture *f;
	const struct interface *port;
	enum rule_direction direction;
	const struct flow_tuple *tuple;
	struct verdict verdict;
};

static bool tag_has(const struct second *s, const struct service_tag *tag, struct ip ip)
{
	struct prefixes all = security_expand_tag(s->f->fabric->security, s->port, tag);
	bool has = false;

	for (size_t i = 0; i < all.count; i++)
		has = has || prefix_has_ip(all.items[i], ip);
	free(all.items);
	return has;
}

static bool nic_is_in(const struct nic *nic, const struct asg *group)
{
	for (size_t i = 0; i < group->members.count; i++)
		if (group->members.items[i] == nic)
			return true;
	return false;
}

static bool group_has_ip(const struct fixture *f, const struct asg *group, struct ip ip)
{
	for (size_t i = 0; i < group->members.count; i++)
		if (interface_has_ip(topology_find_nic(f->topology, group->members.items[i]), ip))
			return true;
	return false;
}

static bool groups_match(const struct second *s, const struct rule_side *side, struct ip ip,
			 bool is_local)
{
	bool has_ip = false, has_nic = false, has_empty = false;

	for (size_t i = 0; i < side->groups.count; i++) {
		has_ip = has_ip || group_has_ip(s->f, side->groups.items[i], ip);
		has_nic = has_nic || nic_is_in(s->port->nic, side->groups.items[i]);
		has_empty = has_empty || !side->groups.items[i]->members.count;
	}
	if (has_empty && s->f->lab->semantics.empty_group.value == EMPTY_GROUP_RULE)
		return false;
	return has_ip && (has_nic || !is_local);
}

static bool address_matches(const struct second *s, const struct rule_side *side, struct ip ip,
			    bool is_local)
{
	if (side->tag)
		return tag_has(s, side->tag, ip);
	if (side->groups.count)
		return groups_match(s, side, ip, is_local);
	for (size_t i = 0; i < side->prefixes.count; i++)
		if (prefix_has_ip(side->prefixes.items[i].prefix, ip))
			return true;
	return !side->prefixes.count;
}

static bool port_matches(const struct second *s, const struct rule_side *side, uint16_t port)
{
	bool has_ports = s->tuple->protocol == IPPROTO_TCP || s->tuple->protocol == IPPROTO_UDP;

	if (!side->ports.count ||
	    (!has_ports && s->f->lab->semantics.icmp_ports.value == ICMP_PORTS_MATCH))
		return true;
	for (size_t i = 0; i < side->ports.count; i++)
		if (has_ports && side->ports.items[i].first <= port &&
		    port <= side->ports.items[i].last)
			return true;
	return false;
}

static bool matches(const struct second *s, const struct security_rule *rule)
{
	const struct flow_tuple *tuple = s->tuple;

	if (rule->protocol.value != PROTOCOL_ANY &&
	    protocol_number((enum rule_protocol)rule->protocol.value,
			    (enum ip_family)tuple->source.family) != tuple->protocol)
		return false;
	return port_matches(s, &rule->source, tuple->source_port) &&
	       port_matches(s, &rule->destination, tuple->destination_port) &&
	       address_matches(s, &rule->source, tuple->source,
			       s->direction == DIRECTION_OUTBOUND) &&
	       address_matches(s, &rule->destination, tuple->destination,
			       s->direction == DIRECTION_INBOUND);
}

static bool say(struct second *s, struct layer_verdict layer)
{
	layer.direction = s->direction;
	s->verdict.layers[s->verdict.count++] = layer;
	s->verdict.is_allowed = layer.access != ACCESS_DENY;
	return layer.access == ACCESS_ALLOW;
}

static bool ask_nsg(struct second *s, enum verdict_layer layer, const struct nsg *nsg)
{
	for (size_t i = 0; nsg && i < nsg->rules[s->direction].count; i++) {
		const struct security_rule *rule = nsg->rules[s->direction].items[i];

		if (matches(s, rule))
			return say(s, (struct layer_verdict){
					      .layer = layer,
					      .access = (enum rule_access)rule->access.value,
					      .nsg = nsg,
					      .rule = rule });
	}
	return true;
}

static bool ask_admin(struct second *s)
{
	const struct vnet *vnet = s->port->subnet->vnet;

	for (size_t i = 0; i < vnet->admin_rules[s->direction].count; i++) {
		const struct admin_rule *admin = &vnet->admin_rules[s->direction].items[i];

		if (matches(s, admin->rule))
			return say(s, (struct layer_verdict){
					      .layer = LAYER_ADMIN,
					      .access = (enum rule_access)admin->rule->access.value,
					      .collection = admin->collection,
					      .rule = admin->rule });
	}
	return true;
}

static void drop(struct second *s, enum platform_drop why)
{
	(void)say(s, (struct layer_verdict){
			     .layer = LAYER_PLATFORM, .access = ACCESS_DENY, .drop = why });
}

static void ask(struct second *s)
{
	const struct nic *nic = s->port->nic;
	const struct nsg *of_nic = nic->network_security_group;
	const struct nsg *of_subnet = nic->subnet->network_security_group;
	bool is_in = s->direction == DIRECTION_INBOUND;

	s->verdict = (struct verdict){ .is_allowed = true };
	if (!nic->enable_ip_forwarding.value &&
	    !interface_has_ip(s->port, is_in ? s->tuple->destination : s->tuple->source)) {
		drop(s, DROP_ANTI_SPOOF);
		return;
	}
	if (s->tuple->protocol == IPPROTO_UDP && s->tuple->source_port == 65330) {
		drop(s, DROP_PLATFORM_PROTOCOL);
		return;
	}
	if (s->tuple->destination.bytes[0] >= 224 &&
	    (s->tuple->destination.family == IP_V4 ? s->tuple->destination.bytes[0] < 240
						   : s->tuple->destination.bytes[0] == 255)) {
		drop(s, DROP_PLATFORM_PROTOCOL);
		return;
	}
	if (!ask_admin(s) ||
	    !ask_nsg(s, is_in ? LAYER_SUBNET : LAYER_NIC, is_in ? of_subnet : of_nic) ||
	    !ask_nsg(s, is_in ? LAYER_NIC : LAYER_SUBNET, is_in ? of_nic : of_subnet))
		return;
	if (is_in && !of_nic && !of_subnet && nic->public_ip_address &&
	    nic->public_ip_address->sku.value == PUBLIC_IP_STANDARD &&
	    tag_has(s, &tag_internet, s->tuple->source))
		drop(s, DROP_STANDARD_PIP_CLOSED);
}

static bool verdicts_equal(const struct verdict *a, const struct verdict *b)
{
	if (a->count != b->count || a->is_allowed != b->is_allowed)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct layer_verdict *x = &a->layers[i], *y = &b->layers[i];

		if (x->layer != y->layer || x->direction != y->direction ||
		    x->access != y->access || x->drop != y->drop || x->nsg != y->nsg ||
		    x->collection != y->collection || x->rule != y->rule)
			return false;
	}
	return true;
}

/* ---- */

/* Which places of an NSG's rules, and which layers, random packets met: they are to be many. */
struct met {
	size_t rules, drops, admins, behind;
};

static void count_verdict(struct met *met, const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct layer_verdict *layer = &verdict->layers[i];

		met->drops += layer->layer == LAYER_PLATFORM;
		met->admins += layer->layer == LAYER_ADMIN;
		met->rules += layer->nsg && !nsg_is_default(layer->rule);
		met->behind += layer->rule && !nsg_is_default(layer->rule) &&
			       layer->rule->priority.value >= 100 + 64;
	}
}

static void ask_both(const struct fixture *f, const struct interface *port, struct met *met)
{
	enum rule_direction direction = below(2) ? DIRECTION_INBOUND : DIRECTION_OUTBOUND;
	struct flow_tuple tuple = random_tuple(port, direction);
	struct second s = { .f = f, .port = port, .direction = direction, .tuple = &tuple };
	struct verdict verdict;

	security_verdict(f->fabric->security, port, direction, &tuple, &verdict);
	ask(&s);
	count_verdict(met, &verdict);
	if (!verdicts_equal(&verdict, &s.verdict)) {
		struct arena *arena = arena_new();

		fail_msg("%s: %u %s:%u -> %s:%u:\n%s, but\n%s\nin\n%s", port->node->name,
			 tuple.protocol, ip_print(tuple.source).text, tuple.source_port,
			 ip_print(tuple.destination).text, tuple.destination_port,
			 verdict_text(&verdict, 1, arena), verdict_text(&s.verdict, 1, arena),
			 f->text);
	}
}

static void both_evaluators_say_the_same(void **state)
{
	static const char *const asked[] = { "a", "b", "c", "m", "nva" };
	struct met met = { 0 };

	(void)state;
	for (unsigned lab = 1; lab <= LABS; lab++) {
		struct fixture f;
		char *text;

		chance = lab;
		text = random_lab();
		fixture_parse(&f, text);
		for (unsigned i = 0; i < PACKETS; i++)
			ask_both(&f, topology_find_nic(f.topology, fixture_nic(&f, ONE_OF(asked))),
				 &met);
		fixture_free(&f);
		free(text);
	}
	print_message("%zu by rules of NSGs, %zu of them behind the first 64, %zu by admin rules, "
		      "%zu by the platform\n",
		      met.rules, met.behind, met.admins, met.drops);
	assert_true(met.rules > 10000 && met.behind > 1000 && met.admins > 1000 &&
		    met.drops > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_evaluators_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
