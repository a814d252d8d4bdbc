/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a hub with an ExpressRoute gateway, a VPN gateway and a Route Server teaches, by the tables
 * of their instances, which are written here by hand: azure-routing.md chapters 3, 5, 6 and 7.
 */
#include "tests/support/test.h"

#include "lab/plan/compile.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HUB                                                                                        \
	"lab: t\n"                                                                                 \
	"%s"                                                                                       \
	"virtual_networks:\n"                                                                      \
	"  hub:\n"                                                                                 \
	"    address_prefixes: 10.0.0.0/16\n"                                                      \
	"    subnets: { s: 10.0.0.0/24, GatewaySubnet: 10.0.1.0/27,\n"                             \
	"      RouteServerSubnet: 10.0.2.0/27 }\n"                                                 \
	"    peerings: { s: { remote: spoke, allow_gateway_transit: true } }\n"                    \
	"  spoke:\n"                                                                               \
	"    address_prefixes: 10.1.0.0/16\n"                                                      \
	"    subnets: { s: 10.1.0.0/24, u: { address_prefix: 10.1.1.0/24, route_table: rt } }\n"   \
	"    peerings: { h: { remote: hub, use_remote_gateways: true } }\n"                        \
	"route_tables: { rt: { routes: { all: 0.0.0.0/0 VirtualNetworkGateway } } }\n"             \
	"vms: { a: spoke/s, b: spoke/u }\n"                                                        \
	"nvas: { n1: { subnet: hub/s, private_ip_address: 10.0.0.10 },\n"                          \
	"  n2: { subnet: hub/s, private_ip_address: 10.0.0.11 } }\n"                               \
	"virtual_network_gateways:\n"                                                              \
	"  er: { virtual_network: hub, gateway_type: ExpressRoute }\n"                             \
	"  vpn: { virtual_network: hub, gateway_type: Vpn, active_active: %s,\n"                   \
	"    bgp_settings: { bgp_peering_address: [%s] } }\n"                                      \
	"express_route_circuits: { c1: { msee_address: 10.255.0.1 },\n"                            \
	"  c2: { msee_address: 10.255.0.5 } }\n"                                                   \
	"connections:\n"                                                                           \
	"  x1: { gateway: er, circuit: c1, routing_weight: %u }\n"                                 \
	"  x2: { gateway: er, circuit: c2 }\n"                                                     \
	"  v1: { gateway: vpn, local_network_gateway: one, shared_key: k, enable_bgp: true }\n"    \
	"  v2: { gateway: vpn, local_network_gateway: two, shared_key: k, enable_bgp: true,\n"     \
	"    routing_weight: %u }\n"                                                               \
	"local_network_gateways:\n"                                                                \
	"  one: { gateway_ip_address: 198.51.100.1, address_prefixes: [10.8.0.0/16, "              \
	"10.9.0.0/24],\n"                                                                          \
	"    bgp_settings: { asn: 65010, bgp_peering_address: 192.168.9.9 } }\n"                   \
	"  two: { gateway_ip_address: 198.51.100.2,\n"                                             \
	"    bgp_settings: { asn: 65020, bgp_peering_address: 192.168.9.10 } }\n"                  \
	"%s"

#define ROUTE_SERVER "route_servers: { rs: { virtual_network: hub, hub_routing_preference: %s } }\n"

/* What differs between cases; zeroed is a hub without a Route Server. */
struct hub {
	const char *preference; /* of its Route Server; NULL: it has none */
	unsigned circuit_weight, site_weight;
	const char *semantics;
	bool is_standby; /* its VPN gateway is active-standby */
};

/* Sessions of nobody's graph, by which tables are filled. */
struct table {
	struct fixture f;
	struct arena *arena;
	struct prefixes changed;
};

static void table_init(struct table *t, const struct hub *hub)
{
	char text[6000], server[200] = "";

	if (hub->preference)
		(void)snprintf(server, sizeof(server), ROUTE_SERVER, hub->preference);
	(void)snprintf(text, sizeof(text), HUB, hub->semantics ? hub->semantics : "",
		       hub->is_standby ? "false" : "true",
		       hub->is_standby ? "10.0.1.20" : "10.0.1.20, 10.0.1.21", hub->circuit_weight,
		       hub->site_weight ? hub->site_weight : 10, server);
	memset(t, 0, sizeof(*t));
	fixture_parse(&t->f, text);
	t->arena = arena_new();
	for (size_t i = 0; i < t->f.graph->speakers.count; i++)
		rib_assign(&t->f.ribs[i], NULL, 0);
}

static void table_fini(struct table *t)
{
	free(t->changed.items);
	arena_free(t->arena);
	fixture_free(&t->f);
}

static const struct interface *find_interface(const struct node *node, enum interface_kind kind,
					      const char *object)
{
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];
		const struct connection *connection =
			interface->tunnel ? interface->tunnel->connection : interface->connection;

		if (interface->kind == kind &&
		    (!object || !strcmp(connection->object.name, object)))
			return interface;
	}
	fail_msg("%s has no such interface of '%s'", node->name, object ? object : "");
	return NULL;
}

/* A session between a speaker of the graph and a machine that need not be one. */
static const struct bgp_end *add_session(struct table *t, struct bgp_speaker *near,
					 const struct interface *interface, const struct node *far,
					 const struct interface *far_interface)
{
	struct bgp_end *end = arena_alloc(t->arena, sizeof(*end));
	struct bgp_end *peer = arena_alloc(t->arena, sizeof(*peer));
	struct bgp_speaker *speaker = arena_alloc(t->arena, sizeof(*speaker));

	speaker->node = far;
	peer->speaker = speaker;
	peer->interface = far_interface;
	peer->ip = far_interface->ip;
	peer->peer = end;
	end->speaker = near;
	end->name = arena_printf(t->arena, "b_%s_%s", far->name, far_interface->key);
	end->interface = interface;
	end->peer = peer;
	end->peer_ip = peer->ip;
	end->peer_name = far->name;
	end->ip = interface->ip;
	return end;
}

static void add_route(struct table *t, const struct bgp_speaker *speaker, struct rib_route route)
{
	struct rib *rib = &t->f.ribs[speaker->index];
	struct rib_route all[64];

	assert_true(rib->count + 1 < ARRAY_SIZE(all));
	if (rib->count)
		memcpy(all, rib->routes, rib->count * sizeof(*all));
	all[rib->count] = route;
	rib_assign(rib, all, rib->count + 1);
}

static struct bgp_speaker *speaker_of(const struct table *t, const char *node)
{
	struct bgp_speaker *speaker =
		bgp_find_speaker(t->f.graph, topology_find_node(t->f.topology, node));

	if (!speaker)
		fail_msg("%s does not speak BGP", node);
	return speaker;
}

/*
 * "SPEAKER WHOM PREFIX ASN...": WHOM is a connection, after '/' the path of an MSEE; an NVA, after
 * '=' its next hop; or a connection after '@', whose prefix it is.
 */
static void say(struct table *t, const char *words)
{
	char node[40], whom[40], prefix[40], *detail;
	uint32_t asns[8];
	size_t count = 0;
	int at = 0, used;
	struct bgp_speaker *speaker;
	struct rib_route route = { .is_best = true };

	assert_int_equal(sscanf(words, "%39s %39s %39s%n", node, whom, prefix, &at), 3);
	while (count < ARRAY_SIZE(asns) && sscanf(words + at, "%u%n", &asns[count], &used) == 1) {
		at += used;
		count++;
	}
	speaker = speaker_of(t, node);
	assert_true(prefix_parse(prefix, &route.prefix));
	route.path = as_path_get(t->f.paths, asns, count);
	detail = strpbrk(whom, "/=");
	if (*whom == '@') {
		route.class = BGP_CLASS_LNG;
	} else if (detail && *detail == '/') {
		const struct node *msee;
		char name[80];

		*detail = '\0';
		(void)snprintf(name, sizeof(name), "c%c-%s", whom[1],
			       detail[1] == '0' ? "primary" : "secondary");
		msee = topology_find_node(t->f.topology, name);
		assert_non_null(msee);
		route.class = BGP_CLASS_MSEE;
		route.from = add_session(t, speaker, speaker->node->interfaces.items[0], msee,
					 find_interface(msee, INTERFACE_MSEE, whom));
	} else if (detail) {
		const struct node *nva;

		*detail = '\0';
		nva = topology_find_node(t->f.topology, whom);
		assert_true(ip_parse(detail + 1, &route.next_hop));
		route.class = BGP_CLASS_NVA;
		route.from = add_session(t, speaker, speaker->node->interfaces.items[0], nva,
					 nva->interfaces.items[0]);
	} else {
		const struct node *site = topology_find_node(t->f.topology, "n1");

		route.class = BGP_CLASS_SITE;
		route.from = add_session(t, speaker,
					 find_interface(speaker->node, INTERFACE_TUNNEL, whom),
					 site, site->interfaces.items[0]);
	}
	add_route(t, speaker, route);
}

/* Both instances of a VPN gateway run: they have at least what is their own. */
static void run_vpn(struct table *t)
{
	const char *const instances[] = { "vpn-0", "vpn-1" };

	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		const struct node *node = topology_find_node(t->f.topology, instances[i]);
		struct rib_route own = { .class = BGP_CLASS_NETWORK, .is_best = true };

		if (!node)
			continue;
		assert_true(prefix_parse("10.0.0.0/16", &own.prefix));
		own.path = as_path_get(t->f.paths, NULL, 0);
		add_route(t, bgp_find_speaker(t->f.graph, node), own);
	}
}

static const struct effective_routes *routes_of(const struct table *t, const char *vm)
{
	return fabric_subnet_routes(
		t->f.fabric, topology_find_nic(t->f.topology, fixture_nic(&t->f, vm))->table);
}

/* The next hops of a row, with ' ' between; "-" when there is no such row. */
static const char *hops_of(struct table *t, const char *vm, const char *prefix)
{
	const struct effective_route *row;
	struct prefix p;
	const char *text = "";

	assert_true(prefix_parse(prefix, &p));
	row = effective_routes_find(routes_of(t, vm), p);
	if (!row || row->source != SOURCE_GATEWAY)
		return "-";
	for (size_t i = 0; i < row->next_hops.count; i++)
		text = arena_printf(t->arena, "%s%s%s", text, i ? " " : "",
				    ip_print(row->next_hops.items[i].ip).text);
	return text;
}

static void learn(struct table *t)
{
	plan_free(plan_learn(t->f.fabric));
}

/* Is there such a statement of what is not there? */
static void assert_reason(struct table *t, const char *prefix, const char *rule, const char *words)
{
	struct snapshot_why why = { 0 };
	bool is_there = false;

	fixture_why(&t->f, "a", &why, t->arena);
	for (size_t i = 0; i < why.reasons.count; i++) {
		const struct snapshot_reason *reason = &why.reasons.items[i];

		is_there |= !strcmp(reason->prefix, prefix) && !strcmp(reason->rule, rule) &&
			    strstr(reason->words, words);
	}
	if (is_there)
		return;
	for (size_t i = 0; i < why.reasons.count; i++)
		if (!strcmp(why.reasons.items[i].prefix, prefix))
			(void)fprintf(stderr, "%s %s\n", why.reasons.items[i].rule,
				      why.reasons.items[i].words);
	fail_msg("nothing says of %s by %s: %s", prefix, rule, words);
}

/* ---- which way is used ---- */

#define ER_C1                                                                                      \
	"er-0 x1/0 10.9.0.0/24 12076 65020", "er-1 x1/0 10.9.0.0/24 12076 65020",                  \
		"er-0 x1/1 10.9.0.0/24 12076 65020", "er-1 x1/1 10.9.0.0/24 12076 65020"
#define ER_C2     "er-0 x2/0 10.9.0.0/24 12076 65021", "er-1 x2/0 10.9.0.0/24 12076 65021"
#define VPN       "vpn-0 v1 10.9.0.0/24 65010", "vpn-1 v1 10.9.0.0/24 65010"
#define VPN_EQUAL "vpn-0 v1 10.9.0.0/24 65010 65010", "vpn-1 v1 10.9.0.0/24 65010 65010"
#define VPN_LONG  "vpn-0 v1 10.9.0.0/24 65010 65010 65010"
#define NVA       "rs-0 n1=10.0.0.10 10.9.0.0/24 65001", "rs-1 n1=10.0.0.10 10.9.0.0/24 65001"
#define NVA_EQUAL "rs-0 n2=10.0.0.11 10.9.0.0/24 65002"
#define NVA_LONG  "rs-0 n2=10.0.0.11 10.9.0.0/24 65002 65002 65002"
#define MSEES_C1  "10.255.0.1 10.255.0.2"
#define INSTANCES "10.0.1.20 10.0.1.21"
#define ALL_MSEES "semantics: { msee_next_hops: all }\n"

struct choice_case {
	const char *name;
	struct hub hub;
	const char *said[12];
	const char *hops; /* for 10.9.0.0/24 */
	struct {
		const char *rule, *words;
	} lost; /* what is said of the loser; NULL: there is none */
};

static const struct choice_case choice_cases[] = {
	{ "R3.7: without a Route Server ExpressRoute wins",
	  { 0 },
	  { ER_C1, VPN },
	  MSEES_C1,
	  { "R3.7", "ExpressRoute comes before a VPN" } },
	{ "R6.17: the VPN takes over", { 0 }, { VPN }, INSTANCES, { 0 } },
	{ "R5.20: both instances, though one alone has heard it",
	  { 0 },
	  { "vpn-1 v1 10.9.0.0/24 65010" },
	  INSTANCES,
	  { 0 } },
	{ "R6.12: two circuits share it",
	  { 0 },
	  { ER_C1, ER_C2 },
	  "10.255.0.1 10.255.0.2 10.255.0.5",
	  { 0 } },
	{ "R6.12: or the higher weight has it",
	  { .circuit_weight = 5 },
	  { ER_C1, ER_C2 },
	  MSEES_C1,
	  { "R6.12", "routing weight 0, and 'x1' has 5" } },
	{ "R5.12: of two sites the higher weight",
	  { .site_weight = 90 },
	  { VPN, "vpn-0 v2 10.9.0.0/24 65020 65020 65020" },
	  INSTANCES,
	  { "R5.12", "routing weight 10, and 'v2' has 90" } },
	{ "R5.12: then the shorter path",
	  { 0 },
	  { VPN, "vpn-0 v2 10.9.0.0/24 65020 65020" },
	  INSTANCES,
	  { "R5.12", "65020-65020 by n1 is longer than 65010 by n1" } },
	{ "R7.12: the preference's default",
	  { .preference = "ExpressRoute" },
	  { ER_C1, VPN, NVA },
	  "10.255.0.1",
	  { "R7.12", "is ExpressRoute: ExpressRoute by c1-primary comes before a VPN by n1" } },
	{ "R7.12: VpnGateway",
	  { .preference = "VpnGateway" },
	  { ER_C1, VPN },
	  INSTANCES,
	  { "R7.12", "is VpnGateway: a VPN by n1 comes before ExpressRoute by c1-primary" } },
	{ "R7.12: VpnGateway means NVAs, too",
	  { .preference = "VpnGateway" },
	  { ER_C1, NVA },
	  "10.0.0.10",
	  { "R7.12", "an NVA by n1 comes before ExpressRoute" } },
	{ "R7.12: the shortest path, whoever has it",
	  { .preference = "ASPath" },
	  { ER_C1, VPN },
	  INSTANCES,
	  { "R7.12", "12076-65020 by c1-primary is longer than 65010 by n1" } },
	{ "R7.12: prepended",
	  { .preference = "ASPath" },
	  { ER_C1, VPN_LONG },
	  "10.255.0.1",
	  { "R7.12", "65010-65010-65010 by n1 is longer than 12076-65020 by c1-primary" } },
	{ "R7.12: of equal paths ExpressRoute's",
	  { .preference = "ASPath" },
	  { ER_C1, VPN_EQUAL },
	  "10.255.0.1",
	  { "R7.12", "are equally long, and then ExpressRoute is kept" } },
	{ "R7.21: a local network gateway's prefix has no path",
	  { .preference = "ASPath" },
	  { "er-0 x1/0 10.9.0.0/24 12076", "vpn-0 @ 10.9.0.0/24", "vpn-1 @ 10.9.0.0/24" },
	  INSTANCES,
	  { "R7.12", "12076 by c1-primary is longer than none by one" } },
	{ "R7.21: VPN and NVA share it",
	  { .preference = "ExpressRoute" },
	  { VPN, NVA, NVA_EQUAL },
	  INSTANCES " 10.0.0.10 10.0.0.11",
	  { 0 } },
	{ "R7.7: of NVAs the shorter path",
	  { .preference = "ExpressRoute" },
	  { NVA, NVA_LONG },
	  "10.0.0.10",
	  { "R7.7", "65002-65002-65002 by n2 is longer than 65001 by n1" } },
	{ "R7.12: of VPN and NVA the shorter path",
	  { .preference = "ExpressRoute" },
	  { VPN_EQUAL, NVA },
	  "10.0.0.10",
	  { "R7.12", "65010-65010 by n1 is longer than 65001 by n1" } },
	{ "R7.14, R7.22: one MSEE alone",
	  { .preference = "ExpressRoute" },
	  { ER_C1, ER_C2 },
	  "10.255.0.1",
	  { "R7.22", "one MSEE alone is the next hop, 10.255.0.1" } },
	{ "R7.22: or all",
	  { .preference = "ExpressRoute", .semantics = ALL_MSEES },
	  { ER_C1, ER_C2 },
	  "10.255.0.1 10.255.0.2 10.255.0.5",
	  { 0 } },
	{ "R7.21: weights of circuits first",
	  { .preference = "ASPath", .circuit_weight = 7 },
	  { ER_C2, "er-0 x1/0 10.9.0.0/24 12076 65020 65020 65020", VPN_EQUAL },
	  INSTANCES,
	  { "R6.12", "routing weight 0, and 'x1' has 7" } },
	{ "R7.8: a next hop that the NVA names",
	  { .preference = "ExpressRoute" },
	  { "rs-0 n1=10.0.0.11 10.9.0.0/24 65001" },
	  "10.0.0.11",
	  { 0 } },
	{ "R1.12: active-standby, the public address",
	  { .is_standby = true },
	  { "vpn-0 v1 10.9.0.0/24 65010" },
	  NULL,
	  { 0 } },
	{ "R1.12: beside a Route Server, the private one",
	  { .preference = "ExpressRoute", .is_standby = true },
	  { "vpn-0 v1 10.9.0.0/24 65010" },
	  "10.0.1.20",
	  { 0 } },
};

static void assert_choice(const struct choice_case *c)
{
	struct table t;
	const char *hops = c->hops;

	table_init(&t, &c->hub);
	run_vpn(&t);
	for (size_t i = 0; i < ARRAY_SIZE(c->said) && c->said[i]; i++)
		say(&t, c->said[i]);
	learn(&t);
	if (!hops)
		hops = arena_strdup(t.arena,
				    ip_print(lab_find_gateway(t.f.lab, "vpn")->public_ip[0]).text);
	if (strcmp(hops_of(&t, "a", "10.9.0.0/24"), hops) != 0)
		fail_msg("%s: %s, not %s", c->name, hops_of(&t, "a", "10.9.0.0/24"), hops);
	if (c->lost.rule)
		assert_reason(&t, "10.9.0.0/24", c->lost.rule, c->lost.words);
	table_fini(&t);
}

static void the_better_way_is_used_and_the_others_say_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(choice_cases); i++)
		assert_choice(&choice_cases[i]);
}

/* R5.20: not passed between instances; R3.20: in the place of the system's. */
static void a_default_route_is_that_of_the_instances_that_hear_it(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &(struct hub){ 0 });
	run_vpn(&t);
	say(&t, "vpn-1 v1 0.0.0.0/0 65010");
	learn(&t);
	assert_string_equal(hops_of(&t, "a", "0.0.0.0/0"), "10.0.1.21");
	table_fini(&t);
}

/* R5.1, R5.20 */
static void an_instance_that_does_not_run_is_no_next_hop(void **state)
{
	struct table t;
	size_t count;
	struct next_hop hops[GATEWAY_INSTANCES];

	(void)state;
	table_init(&t, &(struct hub){ 0 });
	run_vpn(&t);
	say(&t, "vpn-0 v1 10.9.0.0/24 65010");
	learn(&t);
	assert_string_equal(hops_of(&t, "a", "10.9.0.0/24"), INSTANCES);
	rib_assign(&t.f.ribs[speaker_of(&t, "vpn-1")->index], NULL, 0);
	learn(&t);
	assert_string_equal(hops_of(&t, "a", "10.9.0.0/24"), "10.0.1.20");
	count = fabric_vpn_hops(t.f.fabric, lab_find_vnet(t.f.lab, "spoke"), hops);
	assert_int_equal(count, 1);
	assert_string_equal(ip_print(hops[0].ip).text, "10.0.1.20");
	table_fini(&t);
}

/* R5.5, R5.8: there before any session; R7.19: beside a Route Server the /32 is not. */
static void what_a_local_network_gateway_says_is_taught(void **state)
{
	static const char *const said[] = { "vpn-0 @ 10.8.0.0/16", "vpn-1 @ 10.8.0.0/16",
					    "vpn-0 @ 192.168.9.9/32", "vpn-1 @ 192.168.9.9/32" };

	(void)state;
	for (int has_server = 0; has_server <= 1; has_server++) {
		struct table t;

		table_init(&t, &(struct hub){ .preference = has_server ? "ExpressRoute" : NULL });
		for (size_t i = 0; i < ARRAY_SIZE(said); i++)
			say(&t, said[i]);
		learn(&t);
		assert_string_equal(hops_of(&t, "a", "10.8.0.0/16"), INSTANCES);
		assert_string_equal(hops_of(&t, "a", "192.168.9.9/32"),
				    has_server ? "-" : INSTANCES);
		if (has_server)
			assert_reason(&t, "192.168.9.9/32", "R7.19", "the BGP address of one");
		assert_reason(&t, "10.8.0.0/16", "R5.5", "an address prefix of one");
		table_fini(&t);
	}
}

/* R7.4, R7.20; R3.5 for what is longer; the links of routers are in no table. */
static void own_prefixes_and_links_are_not_taught(void **state)
{
	struct table t;

	(void)state;
	table_init(&t, &(struct hub){ .preference = "VpnGateway" });
	run_vpn(&t);
	say(&t, "rs-0 n1=10.0.0.10 10.1.0.0/16 65001");
	say(&t, "vpn-0 v1 10.0.0.0/16 65010");
	say(&t, "vpn-0 v1 169.254.21.0/24 65010");
	say(&t, "rs-0 n1=10.0.0.10 10.0.0.0/8 65001");
	learn(&t);
	assert_string_equal(hops_of(&t, "a", "10.1.0.0/16"), "-");
	assert_string_equal(hops_of(&t, "a", "10.0.0.0/16"), "-");
	assert_string_equal(hops_of(&t, "a", "169.254.21.0/24"), "-");
	assert_string_equal(hops_of(&t, "a", "10.0.0.0/8"), "10.0.0.10");
	assert_reason(&t, "10.1.0.0/16", "R7.4", "rs announces it itself");
	assert_reason(&t, "10.0.0.0/16", "R7.20", "vpn announces it itself");
	table_fini(&t);
}

/* ---- the kernel's tables ---- */

static char *table_text(const struct table *t, const char *vnet, const char *subnet)
{
	const struct subnet *wanted = vnet_find_subnet(lab_find_vnet(t->f.lab, vnet), subnet);
	struct plan *plan = plan_new();
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; i < t->f.topology->tables.count; i++)
		if (!t->f.topology->tables.items[i]->msee &&
		    t->f.topology->tables.items[i]->subnet == wanted)
			plan_compile_table(plan, t->f.fabric, t->f.topology->tables.items[i]);
	plan_print(plan, out);
	assert_int_equal(fclose(out), 0);
	plan_free(plan);
	return text;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/*
 * In the GatewaySubnet an instance is a next hop only for what it heard itself: the other one hands
 * it over, and never gets it back. Nobody's next hop takes packets away (R3.10).
 */
static void kernel_routes_lead_to_instances_and_nvas(void **state)
{
	struct table t;
	char *text;

	(void)state;
	table_init(&t, &(struct hub){ .preference = "ExpressRoute" });
	run_vpn(&t);
	say(&t, "vpn-1 v1 10.9.0.0/24 65010");
	say(&t, "rs-0 n1=10.0.0.10 10.7.0.0/16 65001");
	say(&t, "rs-0 n1=10.0.0.99 10.6.0.0/16 65001");
	say(&t, "rs-0 n1=10.0.0.10 10.5.0.0/16 65001");
	say(&t, "rs-0 n2=10.0.0.99 10.5.0.0/16 65001");
	learn(&t);
	text = table_text(&t, "spoke", "s");
	assert_has(text, "10.9.0.0/24 via 10.0.1.4 dev p-vpn-0 via 10.0.1.5 dev p-vpn-1");
	assert_has(text, "10.7.0.0/16 via 10.0.0.10 dev p-n1");
	assert_has(text, "blackhole 10.6.0.0/16");
	assert_has(text, "10.5.0.0/16 via 10.0.0.10 dev p-n1 via 10.0.0.99 dev any0");
	free(text);
	text = table_text(&t, "hub", "GatewaySubnet");
	assert_has(text, "10.9.0.0/24 via 10.0.1.5 dev p-vpn-1");
	free(text);
	text = table_text(&t, "spoke", "u"); /* R3.12, R5.17 */
	assert_has(text, "0.0.0.0/0 via 10.0.1.4 dev p-vpn-0 via 10.0.1.5 dev p-vpn-1");
	free(text);
	table_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_better_way_is_used_and_the_others_say_why_not),
		cmocka_unit_test(a_default_route_is_that_of_the_instances_that_hear_it),
		cmocka_unit_test(an_instance_that_does_not_run_is_no_next_hop),
		cmocka_unit_test(what_a_local_network_gateway_says_is_taught),
		cmocka_unit_test(own_prefixes_and_links_are_not_taught),
		cmocka_unit_test(kernel_routes_lead_to_instances_and_nvas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
