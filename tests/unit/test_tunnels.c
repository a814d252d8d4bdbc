/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reference lab's second step and what follows it (vpner-lab.md section 9), as predicted: which
 * tunnels come up, what machines' tables hold, and how packets go, by IPsec over ExpressRoute.
 */
#include "tests/support/test.h"

#include "lab/base/arena.h"
#include "lab/expect/expect_wire.h"
#include "lab/plan/wanted.h"
#include "lab/snapshot/path_question.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LAB "tests/golden/hybrid.yaml"

#define CHANGES_MAX 8

/* A state of the lab: the file, with changes. */
struct state {
	char *text;
	struct as_paths *paths;
	struct wanted *wanted;
};

/* The lab with `more` behind it. */
static void state_init_with(struct state *s, const struct change_text *changes, const char *more)
{
	struct lab_state at = { .changes = changes };
	struct diags diags = { 0 };
	struct lab *lab;
	char *text;

	while (at.change_count < CHANGES_MAX && changes[at.change_count].path)
		at.change_count++;
	text = read_file(LAB, NULL);
	assert_true(asprintf(&s->text, "%s%s", text, more) > 0);
	free(text);
	lab = lab_parse_at(s->text, strlen(s->text), LAB, &at, &diags);
	if (!lab)
		diags_print(&diags, s->text, strlen(s->text), stderr);
	diags_fini(&diags);
	assert_non_null(lab);
	s->paths = as_paths_new();
	s->wanted = wanted_new(lab, NULL, s->paths);
}

static void state_init(struct state *s, const struct change_text *changes)
{
	state_init_with(s, changes, "");
}

static void state_fini(struct state *s)
{
	wanted_free(s->wanted);
	as_paths_free(s->paths);
	free(s->text);
}

static const struct nic *nic_of(const struct state *s, const char *name)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, NULL);

	assert_non_null(nic);
	return nic;
}

/* ---- tables ---- */

/* The next hops that a machine's table has for a prefix, with ' ' between; "-" without the row. */
static const char *hops_of(const struct state *s, const char *vm, const char *prefix)
{
	static char text[200];
	const struct interface *port = topology_find_nic(s->wanted->topology, nic_of(s, vm));
	const struct effective_route *row;
	struct prefix p;
	size_t len = 0;

	assert_true(prefix_parse(prefix, &p));
	row = effective_routes_find(fabric_subnet_routes(s->wanted->fabric, port->table), p);
	(void)snprintf(text, sizeof(text), "-");
	for (size_t i = 0; row && row->source == SOURCE_GATEWAY && i < row->next_hops.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", i ? " " : "",
					ip_print(row->next_hops.items[i].ip).text);
	return text;
}

#define MSEE      "10.3.129.58"
#define INSTANCES "10.0.0.46 10.0.0.47"

#define PREFER(what)                                                                               \
	{                                                                                          \
		"route_servers/az-hub-rs/hub_routing_preference", what                             \
	}
#define FORCED                                                                                     \
	{ "route_tables", "{ udr: { disable_bgp_route_propagation: true, routes: { "               \
			  "d: 0.0.0.0/0 VirtualAppliance 10.100.0.20 } } }" },                     \
	{                                                                                          \
		"virtual_networks/branch-vnet/subnets/subnet1",                                    \
			"{ address_prefix: 10.100.0.96/27, route_table: udr }"                     \
	}
#define PREPENDED                                                                                  \
	{ "nvas/branch-opnnva/bgp/neighbors/instance0/prepend", "4" },                             \
	{                                                                                          \
		"nvas/branch-opnnva/bgp/neighbors/instance1/prepend", "4"                          \
	}
#define NO_VPN                                                                                     \
	{                                                                                          \
		"connections/az-hub-to-branch-conn", NULL                                          \
	}
#define STATIC                                                                                     \
	{ "connections/az-hub-to-branch-conn/enable_bgp", NULL },                                  \
		{ "local_network_gateways/branch-lgw",                                             \
		  "{ gateway_ip_address: 10.100.0.4, address_prefixes: 10.100.0.0/24 }" },         \
	{                                                                                          \
		"nvas/branch-opnnva/bgp", NULL                                                     \
	}

/* A step of vpner-lab.md section 9. */
struct step_case {
	const char *name;
	struct change_text changes[CHANGES_MAX];
	const char *branch, *supernet;  /* what spokes have for 10.100.0.0/24 and 10.0.0.0/8 */
	const char *branch_supernet;    /* what the branch has for 10.0.0.0/8 */
	unsigned azure_ttl, branch_ttl; /* as az-spk1-lxvm and branch-vm1 see it, pinging */
	bool is_encrypted_there, is_encrypted_back; /* from Azure to the branch, and back */
};

static const struct step_case steps[] = {
	{ "no VPN", { NO_VPN }, MSEE, "-", "-", 60, 60, false, false },
	{ "ExpressRoute", { { 0 } }, MSEE, INSTANCES, MSEE, 60, 60, false, false },
	{ "ExpressRoute, forced", { FORCED }, MSEE, INSTANCES, "-", 63, 60, false, true },
	{ "VpnGateway", { PREFER("VpnGateway") }, INSTANCES, INSTANCES, MSEE, 60, 63, true, false },
	{ "ASPath", { PREFER("ASPath") }, INSTANCES, INSTANCES, MSEE, 60, 63, true, false },
	{ "VpnGateway, forced",
	  { PREFER("VpnGateway"), FORCED },
	  INSTANCES,
	  INSTANCES,
	  "-",
	  63,
	  63,
	  true,
	  true },
	{ "ASPath, forced",
	  { PREFER("ASPath"), FORCED },
	  INSTANCES,
	  INSTANCES,
	  "-",
	  63,
	  63,
	  true,
	  true },
	{ "ASPath, prepended",
	  { PREFER("ASPath"), PREPENDED },
	  MSEE,
	  INSTANCES,
	  MSEE,
	  60,
	  60,
	  false,
	  false },
	{ "static", { STATIC }, MSEE, "-", "-", 60, 60, false, false },
	{ "static, VpnGateway",
	  { STATIC, PREFER("VpnGateway") },
	  INSTANCES,
	  "-",
	  "-",
	  60,
	  63,
	  true,
	  false },
	{ "static, ASPath",
	  { STATIC, PREFER("ASPath") },
	  INSTANCES,
	  "-",
	  "-",
	  60,
	  63,
	  true,
	  false },
};

static void the_tables_of_each_step_are_the_labs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		static const char *const vms[] = { "az-hub-lxvm", "az-spk1-lxvm", "az-spk2-lxvm" };
		const struct step_case *c = &steps[i];
		struct state s;

		state_init(&s, c->changes);
		for (size_t n = 0; n < ARRAY_SIZE(vms); n++) {
			if (strcmp(hops_of(&s, vms[n], "10.100.0.0/24"), c->branch) != 0)
				fail_msg("%s: %s has 10.100.0.0/24 by %s", c->name, vms[n],
					 hops_of(&s, vms[n], "10.100.0.0/24"));
			if (strcmp(hops_of(&s, vms[n], "10.0.0.0/8"), c->supernet) != 0)
				fail_msg("%s: %s has 10.0.0.0/8 by %s", c->name, vms[n],
					 hops_of(&s, vms[n], "10.0.0.0/8"));
			/* what carries the tunnels stays where it is; links are in no table */
			assert_string_equal(hops_of(&s, vms[n], "10.100.0.4/32"), MSEE);
			assert_string_equal(hops_of(&s, vms[n], "169.254.0.1/32"), "-");
		}
		if (strcmp(hops_of(&s, "branch-vm1", "10.0.0.0/8"), c->branch_supernet) != 0)
			fail_msg("%s: the branch has 10.0.0.0/8 by %s", c->name,
				 hops_of(&s, "branch-vm1", "10.0.0.0/8"));
		state_fini(&s);
	}
}

/* ---- packets ---- */

static struct prediction predict(const struct state *s, const char *from, const char *to,
				 enum probe_protocol protocol)
{
	struct probe_spec probe = { .from = nic_of(s, from),
				    .to = nic_of(s, to),
				    .protocol.value = protocol };
	struct prediction prediction;

	fabric_predict(s->wanted->fabric, &probe, &prediction);
	return prediction;
}

static struct flow walk(const struct state *s, const char *from, const char *to)
{
	struct flow flow;

	fabric_walk(s->wanted->fabric, nic_of(s, from), nic_of(s, to)->ip, &flow);
	return flow;
}

static bool is_encrypted(const struct flow *flow)
{
	assert_true(flow->cable_count > 0);
	for (unsigned i = 0; i < flow->cable_count; i++)
		if (flow->cables[i].is_encrypted != flow->cables[0].is_encrypted)
			fail_msg("a part of the way is encrypted, and a part is not");
	return flow->cables[0].is_encrypted;
}

static void assert_ping(const struct state *s, const char *step, const char *from, const char *to,
			unsigned ttl)
{
	struct prediction seen = predict(s, from, to, PROBE_ICMP);

	if (!seen.is_reply || seen.is_by_flow)
		fail_msg("%s: %s to %s: %s", step, from, to, seen.words);
	if (seen.ttl != ttl)
		fail_msg("%s: %s to %s has ttl %u, not %u", step, from, to, seen.ttl, ttl);
	assert_true(seen.rtt_ms > 71.9 && seen.rtt_ms < 72.1); /* of the cables alone */
}

/* R6.10, R9.6: the whole matrix. */
static void each_step_has_the_ttl_of_its_way_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct step_case *c = &steps[i];
		struct state s;
		struct flow there, back;

		state_init(&s, c->changes);
		assert_ping(&s, c->name, "az-spk1-lxvm", "branch-vm1", c->azure_ttl);
		assert_ping(&s, c->name, "branch-vm1", "az-spk1-lxvm", c->branch_ttl);
		there = walk(&s, "az-spk1-lxvm", "branch-vm1");
		back = walk(&s, "branch-vm1", "az-spk1-lxvm");
		if (is_encrypted(&there) != c->is_encrypted_there ||
		    is_encrypted(&back) != c->is_encrypted_back)
			fail_msg("%s: %s there, %s back", c->name,
				 is_encrypted(&there) ? "encrypted" : "in clear",
				 is_encrypted(&back) ? "encrypted" : "in clear");
		assert_int_equal(there.tunnel_count, c->is_encrypted_there);
		assert_true(predict(&s, "az-spk1-lxvm", "branch-vm1", PROBE_HTTP).is_reply);
		state_fini(&s);
	}
}

/* R9.6: a switch. */
static void vpn_gateways_are_hops_where_semantics_say_so(void **state)
{
	static const struct change_text changes[] = { PREFER("VpnGateway"),
						      FORCED,
						      { "semantics",
							"{ vpn_gateway_ttl: decremented }" },
						      { 0 } };
	struct state s;

	(void)state;
	state_init(&s, changes);
	assert_ping(&s, "decremented", "az-spk1-lxvm", "branch-vm1", 62);
	assert_ping(&s, "decremented", "branch-vm1", "az-spk1-lxvm", 62);
	state_fini(&s);
}

/* R5.16: a tunnel takes packets of 1400 bytes, a NIC of 1500; larger ones in fragments alone. */
static void what_must_not_be_fragmented_must_fit(void **state)
{
	static const struct change_text changes[] = { PREFER("VpnGateway"), FORCED, { 0 } };
	static const struct {
		const char *to, *protocol, *words;
		enum flow_reason reason;
	} cases[] = {
		{ "branch-vm1", "icmp", "", REASON_NONE },
		{ "branch-vm1", "icmp:1372/df", "", REASON_NONE },
		{ "branch-vm1", "icmp:1373/df",
		  "its 1401 bytes do not fit into the 1400 of the tunnel az-hub-vpngw-0-t0, and "
		  "must "
		  "not be fragmented (R5.16)",
		  REASON_MTU },
		{ "branch-vm1", "icmp:1373", "", REASON_NONE },
		{ "az-hub-lxvm", "icmp:1472/df", "", REASON_NONE },
		{ "az-hub-lxvm", "icmp:1473/df",
		  "its 1501 bytes do not fit into the 1500 of its own NIC, and must not be "
		  "fragmented (R5.16)",
		  REASON_MTU },
		{ "az-hub-lxvm", "icmp:65507", "", REASON_NONE },
	};
	struct state s;

	(void)state;
	state_init(&s, changes);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct path_question question;
		struct prediction seen;

		assert_int_equal(path_question_read(s.wanted->lab, "az-spk1-lxvm", cases[i].to,
						    cases[i].protocol, &question, NULL),
				 0);
		fabric_predict(s.wanted->fabric, &question.flow, &seen);
		assert_int_equal(seen.reason, cases[i].reason);
		assert_int_equal(seen.is_reply, cases[i].reason == REASON_NONE);
		assert_string_equal(seen.words, cases[i].words);
	}
	state_fini(&s);
}

/* vpner-lab.md section 9, step 2: by 10.0.0.0/8 from spoke to spoke, at no hop. */
static void spokes_reach_each_other_by_the_supernet_of_the_tunnel(void **state)
{
	static const struct change_text none[] = { { 0 } }, without[] = { NO_VPN, { 0 } };
	struct prediction seen;
	struct flow flow;
	struct state s;

	(void)state;
	state_init(&s, none);
	seen = predict(&s, "az-spk1-lxvm", "az-spk2-lxvm", PROBE_ICMP);
	assert_true(seen.is_reply);
	assert_int_equal(seen.ttl, 64);
	flow = walk(&s, "az-spk1-lxvm", "az-spk2-lxvm");
	assert_int_equal(flow.node_count, 1);
	assert_string_equal(flow.nodes[0]->name, "az-hub-vpngw-0");
	assert_int_equal(flow.tunnel_count, 0);
	state_fini(&s);
	state_init(&s, without);
	seen = predict(&s, "az-spk1-lxvm", "az-spk2-lxvm", PROBE_ICMP);
	assert_false(seen.is_reply);
	assert_int_equal(seen.reason, REASON_NO_ROUTE);
	state_fini(&s);
}

/* An address that exists nowhere goes round by all circuits and the tunnel (section 9, step 2). */
static void what_is_nowhere_goes_round_until_its_ttl_ends(void **state)
{
	static const struct change_text none[] = { { 0 } };
	struct flow flow;
	struct state s;
	struct ip to;

	(void)state;
	state_init(&s, none);
	assert_true(ip_parse("10.77.0.1", &to));
	fabric_walk(s.wanted->fabric, nic_of(&s, "branch-vm1"), to, &flow);
	assert_int_equal(flow.reason, REASON_LOOP);
	state_fini(&s);
}

/* ---- firewalls ---- */

#define STATEFUL                                                                                   \
	{                                                                                          \
		"nvas/branch-opnnva/firewall", "stateful"                                          \
	}

static const struct {
	const char *name;
	struct change_text changes[CHANGES_MAX];
	/* of az-spk1-lxvm with the branch, and of the branch with it */
	bool pings, fetches, branch_pings, branch_fetches;
} firewall_cases[] = {
	{ "ExpressRoute", { STATEFUL }, true, true, true, true },
	/* it sees replies of Azure's pings only, requests of the branch's only */
	{ "ExpressRoute, forced", { STATEFUL, FORCED }, false, false, true, false },
	{ "VpnGateway", { STATEFUL, PREFER("VpnGateway") }, true, false, false, false },
	{ "VpnGateway, forced",
	  { STATEFUL, PREFER("VpnGateway"), FORCED },
	  true,
	  true,
	  true,
	  true },
};

/* Asymmetric ways through a stateful NVA: vpner-lab.md section 9, below the matrix. */
static void a_stateful_nva_needs_both_directions(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(firewall_cases); i++) {
		const char *azure = "az-spk1-lxvm", *branch = "branch-vm1";
		const char *name = firewall_cases[i].name;
		struct prediction seen;
		struct state s;

		state_init(&s, firewall_cases[i].changes);
		seen = predict(&s, azure, branch, PROBE_ICMP);
		if (seen.is_reply != firewall_cases[i].pings)
			fail_msg("%s: Azure pings: %s", name, seen.words);
		seen = predict(&s, azure, branch, PROBE_HTTP);
		if (seen.is_reply != firewall_cases[i].fetches)
			fail_msg("%s: Azure fetches: %s", name, seen.words);
		if (!seen.is_reply)
			assert_int_equal(seen.reason, REASON_FIREWALL);
		seen = predict(&s, branch, azure, PROBE_ICMP);
		if (seen.is_reply != firewall_cases[i].branch_pings)
			fail_msg("%s: the branch pings: %s", name, seen.words);
		seen = predict(&s, branch, azure, PROBE_HTTP);
		if (seen.is_reply != firewall_cases[i].branch_fetches)
			fail_msg("%s: the branch fetches: %s", name, seen.words);
		state_fini(&s);
	}
}

/* ---- which tunnels come up ---- */

static void assert_outlook(const struct state *s, const char *name, enum tunnel_outlook outlook,
			   const char *words)
{
	const struct topology *topology = s->wanted->topology;

	assert_int_equal(topology->tunnel_ends.count, 4);
	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_state *tunnel = &s->wanted->tunnels[i];

		assert_ptr_equal(tunnel->end, topology->tunnel_ends.items[i]);
		if (tunnel->outlook != outlook || !strstr(tunnel->words, words))
			fail_msg("%s: %s: %d %s", name, tunnel->end->name, (int)tunnel->outlook,
				 tunnel->words);
	}
}

#define NO_MCR_ROUTE                                                                               \
	{                                                                                          \
		"providers/megaport-mcr/links/1/static_routes", NULL                               \
	}
#define NO_NVA_ROUTES                                                                              \
	{                                                                                          \
		"nvas/branch-opnnva/routes",                                                       \
			"[ 10.0.0.0/8 10.100.0.17, 10.100.0.0/24 10.100.0.17 ]"                    \
	}
#define KEY(key)                                                                                   \
	{                                                                                          \
		"connections/az-hub-to-branch-conn/shared_key", key                                \
	}

static const struct {
	const char *name;
	struct change_text changes[CHANGES_MAX];
	enum tunnel_outlook outlook;
	const char *words;
} outlooks[] = {
	{ "as it is", { { 0 } }, TUNNEL_UP, "" },
	{ "VpnGateway", { PREFER("VpnGateway") }, TUNNEL_UP, "" },
	/* vpner-lab.md section 12, check 8 */
	{ "no /32 at the provider", { NO_MCR_ROUTE }, TUNNEL_UP, "" },
	{ "no /32 at the provider, VpnGateway",
	  { NO_MCR_ROUTE, PREFER("VpnGateway") },
	  TUNNEL_RECURSIVE,
	  "10.100.0.4 is reached by 10.100.0.0/24, which leads into the tunnel itself: a route of "
	  "its own, 10.100.0.4/32 beside the tunnel, is missing" },
	/* check 9 */
	{ "no /32s at the NVA",
	  { NO_NVA_ROUTES },
	  TUNNEL_RECURSIVE,
	  "is reached by 10.0.0.0/24, which leads into the tunnel itself" },
	{ "static, no /32 at the provider, VpnGateway",
	  { STATIC, NO_MCR_ROUTE, PREFER("VpnGateway") },
	  TUNNEL_DOWN,
	  "10.100.0.4 is reached by 10.100.0.0/24, which leads into the tunnel itself" },
	{ "another key", { KEY("other") }, TUNNEL_DOWN, "different shared keys" },
	{ "another policy",
	  { { "connections/az-hub-to-branch-conn/ipsec_policy",
	      "{ ike_encryption: AES128, ike_integrity: SHA1, dh_group: DHGroup2, "
	      "ipsec_encryption: AES128, ipsec_integrity: SHA1, pfs_group: None, "
	      "sa_life_time_seconds: 3600 }" } },
	  TUNNEL_DOWN,
	  "have no ike_encryption in common" },
	{ "no circuit",
	  { { "connections/branch-er-circuit-conn-branch", NULL } },
	  TUNNEL_DOWN,
	  "has no route" },
};

static void tunnels_come_up_when_both_ends_agree_and_reach_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(outlooks); i++) {
		struct state s;

		state_init(&s, outlooks[i].changes);
		assert_outlook(&s, outlooks[i].name, outlooks[i].outlook, outlooks[i].words);
		state_fini(&s);
	}
}

/* Without the tunnels, what they brought is in no table, and ExpressRoute carries all. */
static void of_a_recursive_tunnel_nothing_is_expected(void **state)
{
	static const struct change_text changes[] = { NO_MCR_ROUTE, PREFER("VpnGateway"), { 0 } };
	struct state s;

	(void)state;
	state_init(&s, changes);
	assert_string_equal(hops_of(&s, "az-spk1-lxvm", "10.100.0.0/24"), MSEE);
	assert_string_equal(hops_of(&s, "az-spk1-lxvm", "10.0.0.0/8"), "-");
	assert_ping(&s, "recursive", "az-spk1-lxvm", "branch-vm1", 60);
	for (size_t i = 0; i < s.wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s.wanted->graph->speakers.items[i];

		for (size_t n = 0; n < speaker->ends.count; n++)
			assert_int_equal(bgp_end_lasts(speaker->ends.items[n]),
					 speaker->ends.items[n]->interface->kind !=
						 INTERFACE_TUNNEL);
	}
	state_fini(&s);
}

/* ---- expectations ---- */

#define CABLE "megaport-mcr/azure-er-circuit-primary"

static const struct {
	const char *expectation;
	struct change_text changes[CHANGES_MAX];
	struct wire_sight wire;
	enum outcome outcome;
	const char *seen;
} expected[] = {
	{ "via: megaport-mcr, encrypted: false",
	  { { 0 } },
	  { .clear_on = CABLE },
	  OUTCOME_PASS,
	  "a reply, ttl 60" },
	{ "via: [az-hub-vpngw, branch-opnnva]",
	  { { 0 } },
	  { 0 },
	  OUTCOME_FAIL,
	  "a reply, but the way is not via az-hub-vpngw, but azure-er-circuit-primary, "
	  "megaport-mcr, branch-er-circuit-primary, branch-ergw-0" },
	{ "encrypted: true",
	  { { 0 } },
	  { .esp_on = CABLE },
	  OUTCOME_FAIL,
	  "a reply, but in clear on the way via azure-er-circuit-primary, megaport-mcr" },
	{ "via: [branch-opnnva, az-hub-vpngw], encrypted: true",
	  { PREFER("VpnGateway") },
	  { .esp_on = CABLE },
	  OUTCOME_PASS,
	  "a reply, ttl 60" },
	{ "via: az-hub-vpngw-0",
	  { PREFER("VpnGateway") },
	  { 0 },
	  OUTCOME_FAIL,
	  "a reply, but the way is not via az-hub-vpngw-0, but az-hub-vpngw-1, branch-opnnva; in "
	  "the tunnel az-hub-vpngw-1-t0" },
	{ "via: azure-er-circuit",
	  { PREFER("VpnGateway") },
	  { 0 },
	  OUTCOME_FAIL,
	  "not via azure-er" },
	{ "encrypted: false",
	  { PREFER("VpnGateway") },
	  { .clear_on = CABLE },
	  OUTCOME_FAIL,
	  "a reply, but encrypted on the way via az-hub-vpngw-0, branch-opnnva" },
	/* what is learned says so, and the packets say something else, or nothing */
	{ "encrypted: true",
	  { PREFER("VpnGateway") },
	  { .clear_on = CABLE, .esp_on = CABLE },
	  OUTCOME_FAIL,
	  "a reply, but seen in clear on " CABLE },
	{ "encrypted: true",
	  { PREFER("VpnGateway") },
	  { .clear_on = CABLE, .why_not = "deaf" },
	  OUTCOME_FAIL,
	  "a reply, but seen in clear on " CABLE },
	{ "encrypted: true",
	  { PREFER("VpnGateway") },
	  { 0 },
	  OUTCOME_FAIL,
	  "a reply, but no ESP was seen on any cable" },
	{ "encrypted: true",
	  { PREFER("VpnGateway") },
	  { .esp_on = CABLE, .why_not = "deaf" },
	  OUTCOME_UNKNOWN,
	  "a reply, but whether it is encrypted was not seen: deaf" },
	{ "encrypted: false",
	  { { 0 } },
	  { 0 },
	  OUTCOME_FAIL,
	  "a reply, but not seen in clear on any cable" },
	{ "encrypted: false",
	  { { 0 } },
	  { .esp_on = CABLE },
	  OUTCOME_FAIL,
	  "a reply, but not seen in clear on any cable, but ESP on " CABLE },
	{ "encrypted: false",
	  { { 0 } },
	  { .why_not = "deaf" },
	  OUTCOME_UNKNOWN,
	  "a reply, but whether it is encrypted was not seen: deaf" },
	{ "encrypted: false",
	  { { 0 } },
	  { .clear_on = CABLE, .why_not = "deaf" },
	  OUTCOME_PASS,
	  "a reply, ttl 60" },
	/* and where nothing is said of it, nothing is looked at */
	{ "via: megaport-mcr", { { 0 } }, { .why_not = "deaf" }, OUTCOME_PASS, "a reply, ttl 60" },
};

/* Of all ways that equal next hops give, and by what is learned. */
static void the_way_of_packets_is_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		struct flow_sight reply = { .sent = 1,
					    .answered = 1,
					    .is_reply = true,
					    .ttl = 60,
					    .rtt_ms = 72,
					    .why = "",
					    .wire = expected[i].wire };
		struct judgement seen;
		char more[400], words[300];
		struct state s;

		(void)snprintf(more, sizeof(more),
			       "expect:\n  - { from: az-spk1-lxvm, to: branch-vm1, %s }\n",
			       expected[i].expectation);
		state_init_with(&s, expected[i].changes, more);
		assert_int_equal(s.wanted->lab->expectations.count, 1);
		expect_flow(s.wanted->lab->expectations.items[0], &reply, s.wanted->fabric, &seen);
		if (seen.outcome != expected[i].outcome || !strstr(seen.seen, expected[i].seen))
			fail_msg("%s: %s: %s", expected[i].expectation, outcome_name(seen.outcome),
				 seen.seen);
		expectation_print(s.wanted->lab->expectations.items[0], words, sizeof(words));
		assert_non_null(
			strstr(words, i == 3 ? ", via branch-opnnva, az-hub-vpngw, encrypted"
					     : "az-spk1-lxvm -> branch-vm1 Icmp works"));
		state_fini(&s);
	}
}

/* Where there is no cable, nobody can see whether it is encrypted. */
static void without_a_cable_it_is_not_known(void **state)
{
	static const struct change_text none[] = { { 0 } };
	struct flow_sight reply = {
		.sent = 1, .answered = 1, .is_reply = true, .why = "", .wire.esp_on = CABLE
	};
	struct judgement seen;
	struct state s;

	(void)state;
	state_init_with(&s, none,
			"expect: [ { from: az-spk1-lxvm, to: az-hub-lxvm, encrypted: false } ]\n");
	expect_flow(s.wanted->lab->expectations.items[0], &reply, s.wanted->fabric, &seen);
	assert_int_equal(seen.outcome, OUTCOME_UNKNOWN);
	assert_string_equal(seen.seen,
			    "a reply, but it crosses no cable, where its packets could be seen");
	state_fini(&s);
}

static bool is_of(const struct wire_flow *flow, const char *source, const char *destination)
{
	struct wire_packet packet = { .packet.tuple.protocol = PROTOCOL_NUMBER_ICMP };

	assert_true(ip_parse(source, &packet.packet.tuple.source));
	assert_true(ip_parse(destination, &packet.packet.tuple.destination));
	return wire_flow_has(flow, &packet);
}

/* One way only, and under each address that it is given on its way. */
static void the_packets_of_a_flow_are_known_by_their_addresses(void **state)
{
	static const struct change_text forced[] = { FORCED, { 0 } };
	static const struct change_text masquerade[] = {
		FORCED,
		{ "nvas/branch-opnnva/masquerade", "branch-opnnva-Untrusted-NIC" },
		{ "nvas/branch-opnnva/routes", "[ 10.0.1.0/24 10.100.0.1 ]" },
		{ 0 }
	};
	static const char expect[] =
		"expect: [ { from: branch-vm1, to: az-spk1-lxvm, encrypted: true } ]\n";
	struct wire_flow flow = { .arena = arena_new() };
	struct state s;

	(void)state;
	state_init_with(&s, forced, expect);
	assert_true(wire_flow_learn(&flow, s.wanted->lab->expectations.items[0], s.wanted->fabric));
	assert_true(is_of(&flow, "10.100.0.100", "10.0.1.4"));
	assert_false(is_of(&flow, "10.0.1.4", "10.100.0.100"));
	assert_false(is_of(&flow, "10.100.0.4", "10.0.1.4"));
	assert_false(
		wire_flow_learn(&flow, s.wanted->lab->expectations.items[0], s.wanted->fabric));
	state_fini(&s);

	state_init_with(&s, masquerade, expect);
	assert_true(wire_flow_learn(&flow, s.wanted->lab->expectations.items[0], s.wanted->fabric));
	assert_true(is_of(&flow, "10.100.0.100", "10.0.1.4")); /* those that were on their way */
	assert_true(is_of(&flow, "10.100.0.4", "10.0.1.4"));
	state_fini(&s);
	arena_free(flow.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_of_each_step_are_the_labs),
		cmocka_unit_test(each_step_has_the_ttl_of_its_way_back),
		cmocka_unit_test(vpn_gateways_are_hops_where_semantics_say_so),
		cmocka_unit_test(spokes_reach_each_other_by_the_supernet_of_the_tunnel),
		cmocka_unit_test(what_is_nowhere_goes_round_until_its_ttl_ends),
		cmocka_unit_test(a_stateful_nva_needs_both_directions),
		cmocka_unit_test(tunnels_come_up_when_both_ends_agree_and_reach_each_other),
		cmocka_unit_test(what_must_not_be_fragmented_must_fit),
		cmocka_unit_test(of_a_recursive_tunnel_nothing_is_expected),
		cmocka_unit_test(the_way_of_packets_is_expected),
		cmocka_unit_test(without_a_cable_it_is_not_known),
		cmocka_unit_test(the_packets_of_a_flow_are_known_by_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
