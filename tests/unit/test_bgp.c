/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who hears what of whom where VPN gateways, Route Servers and customers' routers speak. Rule and
 * case ids: azure-routing.md; the tables are those of vpner-lab.md section 9.
 */
#include "tests/support/test.h"

#include "lab/render/bird_conf.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

/* ---- labs ---- */

/* The lab with a part of its text replaced. */
static void parse_with(struct fixture *f, const char *text, const char *was, const char *is)
{
	const char *at = strstr(text, was);
	char *changed;

	assert_non_null(at);
	assert_true(asprintf(&changed, "%.*s%s%s", (int)(at - text), text, is, at + strlen(was)) >
		    0);
	fixture_parse(f, changed);
	free(changed);
}

/* Likewise the reference lab's second step. */
static void read_with(struct fixture *f, const char *was, const char *is)
{
	char *text = read_file("tests/golden/hybrid.yaml", NULL);

	parse_with(f, text, was, is);
	free(text);
}

static void read_with_preference(struct fixture *f, const char *preference)
{
	char words[100];

	(void)snprintf(words, sizeof(words),
		       "allow_branch_to_branch_traffic: true, hub_routing_preference: %s",
		       preference);
	read_with(f, "allow_branch_to_branch_traffic: true", words);
}

/* ---- what is known ---- */

static const struct bgp_speaker *speaker_of(const struct fixture *f, const char *node)
{
	const struct bgp_speaker *speaker =
		bgp_find_speaker(f->graph, topology_find_node(f->topology, node));

	assert_non_null(speaker);
	return speaker;
}

/* "PEER PATH NEXT-HOP" of every way to a prefix, the best first; one's own is "own". */
static const char *ways(const struct fixture *f, const char *node, const char *prefix)
{
	static char text[2048];
	const struct rib_route *routes;
	struct prefix wanted;
	size_t count, len = 0;

	assert_true(prefix_parse(prefix, &wanted));
	routes = rib_find(&f->ribs[speaker_of(f, node)->index], wanted, &count);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		char path[256];

		as_path_print(routes[i].path, path, sizeof(path));
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s%s%s", i ? "; " : "",
					routes[i].from ? routes[i].from->peer_name : "own",
					*path ? " " : "", path);
		if (routes[i].from)
			len += (size_t)snprintf(text + len, sizeof(text) - len, " %s",
						ip_print(routes[i].next_hop).text);
	}
	return text;
}

/* All prefixes that it knows from others. */
static const char *heard(const struct fixture *f, const char *node)
{
	static char text[1024];
	const struct rib *rib = &f->ribs[speaker_of(f, node)->index];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < rib->count; i++)
		if (rib->routes[i].from &&
		    (!i || !prefix_equal(rib->routes[i - 1].prefix, rib->routes[i].prefix) ||
		     !rib->routes[i - 1].from))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
						len ? " " : "",
						prefix_print(rib->routes[i].prefix).text);
	return text;
}

static const struct bgp_end *end_of(const struct fixture *f, const char *node, const char *peer)
{
	const struct bgp_speaker *speaker = speaker_of(f, node);

	for (size_t i = 0; i < speaker->ends.count; i++)
		if (!strcmp(speaker->ends.items[i]->peer_name, peer))
			return speaker->ends.items[i];
	fail_msg("%s has no session with %s", node, peer);
	return NULL;
}

/* ---- the reference lab ---- */

static int set_up(void **state)
{
	static struct fixture f;

	fixture_read(&f, "tests/golden/hybrid.yaml");
	*state = &f;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(*state);
	return 0;
}

static void every_session_of_the_second_step_is_there(void **state) /* R5.1, R5.4, R7.13 */
{
	const struct fixture *f = *state;
	const struct bgp_end *tunnel = end_of(f, "az-hub-vpngw-1", "branch-opnnva");
	const struct bgp_end *server = end_of(f, "az-hub-vpngw-1", "az-hub-rs-0");

	assert_int_equal(bgp_session_count(f->graph), 21);
	assert_string_equal(ip_print(tunnel->ip).text, "169.254.21.2");
	assert_string_equal(ip_print(tunnel->peer_ip).text, "169.254.0.1");
	assert_string_equal(ip_print(server->ip).text, "10.0.0.47");
	assert_true(bgp_end_is_internal(server));
	assert_false(bgp_end_is_internal(tunnel));
}

/* R5.6, R7.10: the table of section 9, step 2. */
static void the_vpn_gateway_learns_what_section_9_lists(void **state)
{
	const struct fixture *f = *state;

	assert_string_equal(ways(f, "az-hub-vpngw-0", "10.0.1.0/24"), "own");
	assert_string_equal(ways(f, "az-hub-vpngw-0", "169.254.0.1/32"),
			    "own; az-hub-vpngw-1 10.0.0.47");
	assert_string_equal(ways(f, "az-hub-vpngw-0", "10.100.0.0/24"),
			    "branch-opnnva 65510 169.254.0.1; "
			    "az-hub-rs-0 12076-65001-12076 10.0.0.40; "
			    "az-hub-rs-1 12076-65001-12076 10.0.0.40; "
			    "az-hub-vpngw-1 65510 10.0.0.47");
	assert_string_equal(ways(f, "az-hub-vpngw-0", "10.100.0.4/32"),
			    "az-hub-rs-0 12076-65001 10.0.0.40; "
			    "az-hub-rs-1 12076-65001 10.0.0.40");
	/* a reflector tells it to the instance that it did not choose */
	assert_string_equal(ways(f, "az-hub-vpngw-0", "10.0.0.0/8"),
			    "branch-opnnva 65510 169.254.0.1; az-hub-vpngw-1 65510 10.0.0.47");
	assert_string_equal(ways(f, "az-hub-vpngw-1", "10.0.0.0/8"),
			    "branch-opnnva 65510 169.254.0.1; az-hub-rs-0 65510 10.0.0.46; "
			    "az-hub-rs-1 65510 10.0.0.46; az-hub-vpngw-0 65510 10.0.0.46");
}

static void what_the_nva_hears_comes_over_both_tunnels(void **state) /* R5.6 */
{
	const struct fixture *f = *state;

	assert_string_equal(heard(f, "branch-opnnva"), "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24 "
						       "10.100.0.0/24 10.100.0.4/32");
	assert_string_equal(ways(f, "branch-opnnva", "10.0.2.0/24"),
			    "az-hub-vpngw-0 65515 169.254.21.1; az-hub-vpngw-1 65515 169.254.21.2");
	/* told although the gateway itself prefers the NVA's: the best of what others said */
	assert_string_equal(ways(f, "branch-opnnva", "10.100.0.0/24"),
			    "own; az-hub-vpngw-0 65515-12076-65001-12076 169.254.21.1; "
			    "az-hub-vpngw-1 65515-12076-65001-12076 169.254.21.2");
}

static void expressroute_hears_of_the_tunnels_site(void **state) /* R6.7, R7.10 */
{
	const struct fixture *f = *state;

	assert_string_equal(ways(f, "az-hub-ergw-0", "10.0.0.0/8"),
			    "az-hub-rs-0 65510 10.0.0.46; az-hub-rs-1 65510 10.0.0.46");
	assert_string_equal(ways(f, "az-hub-ergw-0", "10.100.0.0/24"),
			    "azure-er-circuit-primary 12076-65001-12076 10.0.0.40");
	assert_string_equal(ways(f, "azure-er-circuit-primary", "10.0.0.0/8"),
			    "az-hub-ergw-0 65515-65510 10.0.0.44; "
			    "az-hub-ergw-1 65515-65510 10.0.0.45");
	assert_string_equal(ways(f, "megaport-mcr", "10.0.0.0/8"),
			    "azure-er-circuit-primary 12076 169.254.98.62");
	assert_string_equal(ways(f, "branch-ergw-1", "10.0.0.0/8"),
			    "branch-er-circuit-primary 12076-65001-12076 10.100.0.40");
	assert_string_equal(heard(f, "megaport-mcr"), "10.0.0.0/8 10.0.0.0/24 10.0.1.0/24 "
						      "10.0.2.0/24 10.100.0.0/24");
}

static void assert_golden_configuration(const struct fixture *f, const char *node)
{
	struct memory_file file = { 0 };
	char name[128], *text;

	bird_conf_print(f->graph, speaker_of(f, node), memory_open(&file));
	text = memory_close(&file);
	(void)snprintf(name, sizeof(name), "bird/%s.conf", node);
	assert_golden(name, text);
	free(text);
}

static void each_role_has_its_golden_configuration(void **state)
{
	const struct fixture *f = *state;
	struct fixture coexisting;

	assert_golden_configuration(f, "az-hub-vpngw-0");
	assert_golden_configuration(f, "az-hub-rs-0");
	assert_golden_configuration(f, "branch-opnnva");
	fixture_read(&coexisting, "tests/golden/coexist.yaml");
	assert_golden_configuration(&coexisting, "vpngw-0");
	assert_golden_configuration(&coexisting, "ergw-0");
	fixture_free(&coexisting);
}

/* The peers' own addresses stay with the VPN gateway (R7.19). */
static void the_route_server_prefers_expressroute_by_default(void **state) /* R7.12 */
{
	const struct fixture *f = *state;

	assert_string_equal(heard(f, "az-hub-rs-0"), "10.0.0.0/8 10.100.0.0/24 10.100.0.4/32");
	assert_string_equal(ways(f, "az-hub-rs-0", "10.100.0.0/24"),
			    "az-hub-ergw-0 12076-65001-12076 10.0.0.40; "
			    "az-hub-ergw-1 12076-65001-12076 10.0.0.40; "
			    "az-hub-vpngw-0 65510 10.0.0.46; az-hub-vpngw-1 65510 10.0.0.47");
}

/* Step 3; ExpressRoute keeps its own and tells the MSEE nothing of it (R6.4). */
static void with_vpn_gateway_preferred_the_tunnels_win(void **state) /* R7.12 */
{
	struct fixture f;

	(void)state;
	read_with_preference(&f, "VpnGateway");
	assert_string_equal(ways(&f, "az-hub-rs-1", "10.100.0.0/24"),
			    "az-hub-vpngw-0 65510 10.0.0.46; "
			    "az-hub-ergw-0 12076-65001-12076 10.0.0.40; "
			    "az-hub-ergw-1 12076-65001-12076 10.0.0.40; "
			    "az-hub-vpngw-1 65510 10.0.0.47");
	assert_string_equal(ways(&f, "az-hub-vpngw-1", "10.100.0.0/24"),
			    "branch-opnnva 65510 169.254.0.1; az-hub-rs-0 65510 10.0.0.46; "
			    "az-hub-rs-1 65510 10.0.0.46; az-hub-vpngw-0 65510 10.0.0.46");
	assert_string_equal(ways(&f, "branch-opnnva", "10.100.0.0/24"), "own");
	assert_string_equal(ways(&f, "az-hub-ergw-1", "10.100.0.0/24"),
			    "azure-er-circuit-primary 12076-65001-12076 10.0.0.40; "
			    "az-hub-rs-0 65510 10.0.0.46; az-hub-rs-1 65510 10.0.0.46");
	assert_string_equal(ways(&f, "azure-er-circuit-primary", "10.100.0.0/24"),
			    "megaport-mcr 65001-12076 169.254.98.61");
	fixture_free(&f);
}

/* Step 4: shorter wins, and of equal ones ExpressRoute stays. */
static void by_as_path_prepends_decide(void **state) /* R7.12 */
{
	static const struct {
		unsigned prepend;
		const char *best;
	} steps[] = { { 0, "az-hub-vpngw-0" },
		      { 1, "az-hub-vpngw-0" },
		      { 2, "az-hub-ergw-0" },
		      { 4, "az-hub-ergw-0" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		char *text = read_file("tests/golden/hybrid.yaml", NULL), *all;
		const char *first = strstr(text, "asn: 65515 }\n        instance1:");
		const char *second = strstr(first + 1, "asn: 65515 }");
		const char *server = strstr(second, "allow_branch_to_branch_traffic");
		struct fixture f;

		assert_true(asprintf(&all,
				     "%.*sasn: 65515, prepend: %u }%.*sasn: 65515, prepend: %u "
				     "}%.*shub_routing_preference: ASPath, %s",
				     (int)(first - text), text, steps[i].prepend,
				     (int)(second - first) - 12, first + 12, steps[i].prepend,
				     (int)(server - second) - 12, second + 12, server) > 0);
		fixture_parse(&f, all);
		assert_memory_equal(ways(&f, "az-hub-rs-0", "10.100.0.0/24"), steps[i].best,
				    strlen(steps[i].best));
		fixture_free(&f);
		free(all);
		free(text);
	}
}

static void without_branch_to_branch_nobody_hears_of_the_other(void **state) /* R7.10 */
{
	struct fixture f;

	(void)state;
	read_with(&f, "allow_branch_to_branch_traffic: true",
		  "allow_branch_to_branch_traffic: false");
	assert_string_equal(heard(&f, "az-hub-ergw-0"), "10.100.0.0/24 10.100.0.4/32");
	assert_string_equal(ways(&f, "az-hub-vpngw-0", "10.100.0.0/24"),
			    "branch-opnnva 65510 169.254.0.1; az-hub-vpngw-1 65510 10.0.0.47");
	assert_string_equal(ways(&f, "az-hub-vpngw-0", "10.100.0.4/32"), "");
	assert_string_equal(ways(&f, "branch-opnnva", "10.100.0.0/24"), "own");
	assert_string_equal(heard(&f, "az-hub-rs-0"), "10.0.0.0/8 10.100.0.0/24 10.100.0.4/32");
	fixture_free(&f);
}

/* The static is what the import check finds; without it nothing of the branch is told. */
static void a_network_that_is_not_in_the_table_is_not_announced(void **state)
{
	struct fixture f;

	(void)state;
	read_with(&f, "      - 10.100.0.0/24 10.100.0.17\n", "");
	assert_string_equal(ways(&f, "az-hub-rs-0", "10.0.0.0/8"),
			    "az-hub-vpngw-0 65510 10.0.0.46; az-hub-vpngw-1 65510 10.0.0.47");
	assert_string_equal(ways(&f, "branch-opnnva", "10.100.0.0/24"),
			    "az-hub-vpngw-0 65515-12076-65001-12076 169.254.21.1; "
			    "az-hub-vpngw-1 65515-12076-65001-12076 169.254.21.2");
	fixture_free(&f);
	read_with(&f, "networks: [ 10.100.0.0/24, 10.0.0.0/8 ]",
		  "networks: [ 10.100.0.16/28, 10.77.0.0/16 ]");
	assert_string_equal(heard(&f, "az-hub-rs-0"), "10.100.0.0/24 10.100.0.4/32 10.100.0.16/28");
	fixture_free(&f);
	read_with(
		&f, "asn: 65510\n      networks: [ 10.100.0.0/24, 10.0.0.0/8 ]",
		"asn: 65510\n      network_import_check: false\n      networks: [ 10.77.0.0/16 ]");
	assert_string_equal(ways(&f, "az-hub-rs-0", "10.77.0.0/16"),
			    "az-hub-vpngw-0 65510 10.0.0.46; az-hub-vpngw-1 65510 10.0.0.47");
	fixture_free(&f);
}

/* Both sides must mean each other: what one has wrong stays Connecting, and is expected to. */
static void an_end_that_nobody_answers_stays_alone(void **state)
{
	static const char *const wrong[][2] = {
		{ "instance0: { address: 169.254.21.1, asn: 65515 }",
		  "instance0: { address: 169.254.21.1, asn: 65514 }" },
		{ "branch-lgw:\n    gateway_ip_address: 10.100.0.4\n    bgp_settings: { asn: 65510",
		  "branch-lgw:\n    gateway_ip_address: 10.100.0.4\n    bgp_settings: { asn: "
		  "65509" },
		{ "        instance0: { address: 169.254.21.1, asn: 65515 }\n", "" },
	};
	static const unsigned left[] = { 20, 19, 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		const struct bgp_end *end;
		struct fixture f;

		read_with(&f, wrong[i][0], wrong[i][1]);
		end = end_of(&f, "az-hub-vpngw-0", "branch-opnnva");
		assert_null(end->peer);
		assert_false(bgp_end_lasts(end));
		assert_int_equal(bgp_session_count(f.graph), left[i]);
		/* the site is known by what Azure was told, and by the other instance */
		assert_string_equal(ways(&f, "az-hub-vpngw-0", "169.254.0.1/32"),
				    "own; az-hub-vpngw-1 10.0.0.47");
		fixture_free(&f);
	}
}

/* Whoever finds that no packet gets through says so, and the session brings nothing. */
static void a_session_that_is_not_expected_brings_nothing(void **state)
{
	struct fixture f;
	struct bgp_end *end;

	(void)state;
	fixture_read(&f, "tests/golden/hybrid.yaml");
	for (unsigned i = 0; i < 2; i++) {
		end = (struct bgp_end *)end_of(&f, i ? "az-hub-vpngw-1" : "az-hub-vpngw-0",
					       "branch-opnnva");
		end->is_expected = false;
	}
	bgp_ribs_free(f.ribs, f.graph);
	f.ribs = bgp_solve(f.graph, f.paths);
	assert_int_equal(bgp_session_count(f.graph), 19);
	assert_string_equal(heard(&f, "branch-opnnva"), "");
	assert_string_equal(ways(&f, "az-hub-rs-0", "10.0.0.0/8"), "");
	fixture_free(&f);
}

/* ---- Route Servers and NVAs ---- */

#define RS_HUB                                                                                     \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  hub:\n"                                                                                 \
	"    address_prefixes: 10.0.0.0/24\n"                                                      \
	"    subnets: { s: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27, RouteServerSubnet: "          \
	"10.0.0.128/27 }\n"                                                                        \
	"    peerings: { a: { remote: spoke, allow_gateway_transit: true } }\n"                    \
	"  spoke:\n"                                                                               \
	"    address_prefixes: 10.0.1.0/24\n"                                                      \
	"    subnets: { s: 10.0.1.0/27 }\n"                                                        \
	"    peerings: { b: { remote: hub, use_remote_gateways: true } }\n"                        \
	"virtual_network_gateways: { g: { virtual_network: hub, gateway_type: ExpressRoute } }\n"  \
	"express_route_circuits: { c: {} }\n"                                                      \
	"connections: { x: { gateway: g, circuit: c } }\n"                                         \
	"providers: { p: { asn: 64999, links: [ c, { branch: dc } ] } }\n"                         \
	"branches: { dc: { asn: 65010, announce: [ 10.9.0.0/16 ] } }\n"                            \
	"route_servers:\n"                                                                         \
	"  rs:\n"                                                                                  \
	"    virtual_network: hub\n"                                                               \
	"    allow_branch_to_branch_traffic: true\n"                                               \
	"    bgp_connections: { n: { peer_ip: 10.0.0.4, peer_asn: 3000 }, m: { peer_ip: "          \
	"10.0.1.4, peer_asn: 65002 } }\n"                                                          \
	"nvas:\n"

/* The NVAs `nva` in the hub and `far` in the spoke with these networks and words for neighbours. */
static void parse_nvas(struct fixture *f, const char *networks, const char *words,
		       const char *far_networks, const char *far_words)
{
	char *text;

	assert_true(
		asprintf(
			&text,
			"%s"
			"  nva: { subnet: hub/s, bgp: { asn: 3000, network_import_check: false, "
			"networks: [ %s ], neighbors: { a: { address: 10.0.0.132, asn: 65515 %s }, "
			"b: { address: 10.0.0.133, asn: 65515 %s } } } }\n"
			"  far: { subnet: spoke/s, bgp: { asn: 65002, network_import_check: "
			"false, networks: [ %s ], neighbors: { a: { address: 10.0.0.132, asn: "
			"65515 %s }, b: { address: 10.0.0.133, asn: 65515 %s } } } }\n",
			RS_HUB, networks, words, words, far_networks, far_words, far_words) > 0);
	fixture_parse(f, text);
	free(text);
}

/* R7.3, R7.10, G18; the path of the NVA's public number stays for the provider (R6.7). */
static void a_route_server_passes_between_nvas_and_gateways(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "10.50.0.0/16", "", "10.60.0.0/16", "");
	assert_string_equal(heard(&f, "nva"), "10.0.0.0/24 10.0.1.0/24 10.9.0.0/16");
	assert_string_equal(ways(&f, "nva", "10.0.1.0/24"),
			    "rs-0 65515 10.0.0.132; rs-1 65515 10.0.0.133");
	assert_string_equal(ways(&f, "nva", "10.9.0.0/16"),
			    "rs-0 65515-12076-64999-65010 10.0.0.132; "
			    "rs-1 65515-12076-64999-65010 10.0.0.133");
	assert_string_equal(ways(&f, "rs-1", "10.60.0.0/16"), "far 65002 10.0.1.4");
	assert_string_equal(ways(&f, "g-0", "10.60.0.0/16"),
			    "rs-0 65002 10.0.1.4; rs-1 65002 10.0.1.4");
	assert_string_equal(ways(&f, "c-primary", "10.60.0.0/16"),
			    "g-0 65515-65002 10.0.0.44; g-1 65515-65002 10.0.0.45");
	assert_string_equal(ways(&f, "p", "10.60.0.0/16"), "c-primary 12076 169.254.64.2");
	assert_string_equal(ways(&f, "p", "10.50.0.0/16"), "c-primary 12076-3000 169.254.64.2");
	/* 65515 is in the path of what an NVA passes on from one instance to the other (R7.9) */
	assert_string_equal(ways(&f, "rs-0", "10.9.0.0/16"),
			    "g-0 12076-64999-65010 10.0.0.40; g-1 12076-64999-65010 10.0.0.40");
	fixture_free(&f);
}

static void own_prefixes_are_never_accepted(void **state) /* R7.4, R7.20 */
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "10.0.1.0/24, 10.0.0.0/24, 10.0.1.128/25, 10.0.0.0/16", "", "10.60.0.0/16",
		   "");
	assert_string_equal(heard(&f, "rs-0"),
			    "10.0.0.0/16 10.0.1.128/25 10.9.0.0/16 10.60.0.0/16");
	assert_string_equal(ways(&f, "rs-0", "10.0.1.0/24"), "own");
	fixture_free(&f);
}

static void the_hub_preference_ranks_nvas_with_vpn(void **state) /* R7.12 */
{
	struct fixture f;
	char *text;

	(void)state;
	parse_nvas(&f, "10.9.0.0/16", "", "10.9.0.0/16", ", prepend: 1");
	assert_string_equal(ways(&f, "rs-0", "10.9.0.0/16"),
			    "g-0 12076-64999-65010 10.0.0.40; far 65002-65002 10.0.1.4; "
			    "g-1 12076-64999-65010 10.0.0.40; nva 3000 10.0.0.4");
	text = strdup(f.text);
	fixture_free(&f);
	parse_with(&f, text, "allow_branch_to_branch_traffic: true",
		   "hub_routing_preference: VpnGateway");
	free(text);
	assert_memory_equal(ways(&f, "rs-0", "10.9.0.0/16"), "nva 3000 ", 9);
	fixture_free(&f);
}

static void what_an_nva_says_about_its_routes_is_minded(void **state) /* R7.8, R7.11 */
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "10.50.0.0/16", ", communities: [ no-advertise ]",
		   "10.60.0.0/16, 10.61.0.0/16",
		   ", next_hop: 10.0.0.20, prepend: 2, only: [ 10.60.0.0/16 ]");
	assert_string_equal(ways(&f, "rs-0", "10.50.0.0/16"), "nva 3000 10.0.0.4");
	assert_string_equal(ways(&f, "g-0", "10.50.0.0/16"), "");
	assert_string_equal(ways(&f, "rs-0", "10.60.0.0/16"), "far 65002-65002-65002 10.0.0.20");
	assert_string_equal(ways(&f, "g-0", "10.60.0.0/16"),
			    "rs-0 65002-65002-65002 10.0.0.20; rs-1 65002-65002-65002 10.0.0.20");
	assert_string_equal(ways(&f, "rs-0", "10.61.0.0/16"), "");
	fixture_free(&f);
	/* 65535:65281: within the AS, so not to the MSEE */
	parse_nvas(&f, "10.50.0.0/16", ", communities: [ '65535:65281' ]", "10.60.0.0/16", "");
	assert_string_equal(ways(&f, "g-0", "10.50.0.0/16"),
			    "rs-0 3000 10.0.0.4; rs-1 3000 10.0.0.4");
	assert_string_equal(ways(&f, "c-primary", "10.50.0.0/16"), "");
	fixture_free(&f);
}

static void the_words_of_an_nva_have_their_golden_configuration(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "10.50.0.0/16",
		   ", as_override: true, prepend: 2, next_hop: 10.0.0.20, only: [ 10.50.0.0/16, "
		   "10.9.0.0/16 ], communities: [ no-advertise, '65535:65281' ]",
		   "10.60.0.0/16", "");
	assert_golden_configuration(&f, "nva");
	fixture_free(&f);
}

/* R7.9: overridden, what one instance said is accepted by the other. */
static void an_overridden_number_lets_routes_through(void **state)
{
	struct fixture f;

	(void)state;
	parse_nvas(&f, "10.50.0.0/16", ", as_override: true", "10.60.0.0/16", "");
	assert_string_equal(ways(&f, "rs-1", "10.9.0.0/16"),
			    "g-0 12076-64999-65010 10.0.0.40; g-1 12076-64999-65010 10.0.0.40; "
			    "nva 3000-3000-12076-64999-65010 10.0.0.4");
	fixture_free(&f);
}

/* `count` networks, each a /24. */
static void parse_many(struct fixture *f, unsigned count, const char *words)
{
	char networks[20000] = "";
	size_t len = 0;

	for (unsigned i = 0; i < count; i++)
		len += (size_t)snprintf(networks + len, sizeof(networks) - len, "%s172.%u.%u.0/24",
					i ? ", " : "", 20 + i / 256, i % 256);
	parse_nvas(f, networks, words, "10.60.0.0/16", "");
}

static void more_than_a_thousand_prefixes_end_the_session(void **state) /* R7.15 */
{
	struct fixture f;

	(void)state;
	for (unsigned count = 1000; count <= 1001; count++) {
		bool is_over = count > 1000;

		parse_many(&f, count, ", communities: [ no-advertise ]");
		assert_int_equal(bgp_session_count(f.graph), is_over ? 12 : 14);
		assert_int_equal(bgp_end_lasts(end_of(&f, "nva", "rs-0")), !is_over);
		assert_string_equal(ways(&f, "rs-0", "172.20.0.0/24"),
				    is_over ? "" : "nva 3000 10.0.0.4");
		assert_string_equal(ways(&f, "nva", "10.9.0.0/16"),
				    is_over ? ""
					    : "rs-0 65515-12076-64999-65010 10.0.0.132; "
					      "rs-1 65515-12076-64999-65010 10.0.0.133");
		fixture_free(&f);
	}
}

/* R6.15: two ranges, what the other NVA announces, and these: a thousand over one connection. */
static void a_connection_that_is_told_too_much_ends(void **state)
{
	struct fixture f;

	(void)state;
	for (unsigned count = 997; count <= 998; count++) {
		parse_many(&f, count, "");
		assert_int_equal(bgp_session_count(f.graph), count > 997 ? 10 : 14);
		assert_string_equal(ways(&f, "g-0", "10.9.0.0/16"),
				    count > 997 ? "" : "c-primary 12076-64999-65010 10.0.0.40");
		fixture_free(&f);
	}
}

/* ---- without a Route Server ---- */

/* R5.5, R5.13, G16: each hears of the other, and tells nobody. */
static void coexisting_gateways_keep_it_to_themselves(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/coexist.yaml");
	assert_string_equal(ways(&f, "ergw-0", "10.2.12.64/26"),
			    "vpngw-0 10.10.12.142; vpngw-1 10.10.12.143");
	assert_string_equal(ways(&f, "vpngw-0", "10.2.12.0/25"),
			    "ergw-0 12076-65021-65022 10.10.12.136; "
			    "ergw-1 12076-65021-65022 10.10.12.136");
	assert_string_equal(ways(&f, "vpngw-0", "10.2.12.64/26"), "own; vpngw-1 10.10.12.143");
	assert_string_equal(ways(&f, "vpngw-1", "10.7.0.1/32"), "own; vpngw-0 10.10.12.142");
	assert_string_equal(heard(&f, "circuit-primary"), "10.2.12.0/25 10.10.12.0/24");
	assert_null(end_of(&f, "vpngw-0", "10.7.0.1")->peer);
	assert_int_equal(bgp_session_count(f.graph), 12);
	fixture_free(&f);
}

/* G6 to G8: gateways of two networks, one of them with a spoke; a third without BGP. */
static void two_vpn_gateways_tell_each_other_their_networks(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/vnet_to_vnet.yaml");
	assert_string_equal(heard(&f, "gw5-1"),
			    "10.1.0.0/16 10.4.0.0/16 10.4.1.254/32 10.6.0.0/16");
	assert_string_equal(ways(&f, "gw5-1", "10.1.0.0/16"),
			    "gw4-0 65504 10.4.1.254; gw5-0 65504 10.5.1.4");
	assert_string_equal(ways(&f, "gw5-1", "10.4.1.254/32"), "own; gw5-0 10.5.1.4");
	assert_string_equal(ways(&f, "gw4-0", "10.5.0.0/16"),
			    "gw5-0 65505 10.5.1.4; gw5-1 65505 10.5.1.5");
	/* without BGP the other one's own ranges, and no more */
	assert_string_equal(ways(&f, "gw4-0", "10.6.0.0/16"), "own");
	assert_string_equal(ways(&f, "gw6-0", "10.4.0.0/16"), "own");
	assert_string_equal(ways(&f, "gw6-0", "10.1.0.0/16"), "");
	fixture_free(&f);
}

/* Sites behind one gateway: transit, but neither a default nor what covers the network. */
static void a_vpn_gateway_passes_between_sites(void **state) /* R5.6, R5.7, R5.12 */
{
	static const char text[] =
		"lab: t\n"
		"virtual_networks:\n"
		"  v: { address_prefixes: 10.4.0.0/16, subnets: { s: 10.4.0.0/24, GatewaySubnet: "
		"10.4.1.0/24 } }\n"
		"vms: { m: v/s }\n"
		"virtual_network_gateways:\n"
		"  gw: { virtual_network: v, gateway_type: Vpn, public_ip_addresses: [ pip ] }\n"
		"public_ip_addresses: { pip: { ip_address: 198.51.100.1 } }\n"
		"local_network_gateways:\n"
		"  l1: { gateway_ip_address: 203.0.113.1, bgp_settings: { asn: 65001, "
		"bgp_peering_address: 172.16.0.1 } }\n"
		"  l2: { gateway_ip_address: 203.0.113.2, address_prefixes: 10.90.0.0/16, "
		"bgp_settings: { asn: 65002, bgp_peering_address: 172.16.0.2 } }\n"
		"connections:\n"
		"  c1: { gateway: gw, local_network_gateway: l1, shared_key: k, enable_bgp: true "
		"}\n"
		"  c2: { gateway: gw, local_network_gateway: l2, shared_key: k, enable_bgp: true, "
		"routing_weight: 20 }\n"
		"branches:\n"
		"  b1:\n"
		"    asn: 65001\n"
		"    address: 172.16.0.1\n"
		"    public_address: 203.0.113.1\n"
		"    announce: [ 0.0.0.0/0, 10.0.0.0/8, 10.4.7.0/24, 10.71.0.0/16, 10.99.0.0/16 ]\n"
		"    tunnels: { t: { local_address: 203.0.113.1, remote_address: 198.51.100.1, "
		"tunnel_address: 172.16.0.1, peer_tunnel_address: 10.4.1.254, shared_key: k } }\n"
		"    bgp: { neighbors: { n: { address: 10.4.1.254, asn: 65515 } } }\n"
		"  b2:\n"
		"    asn: 65002\n"
		"    address: 172.16.0.2\n"
		"    public_address: 203.0.113.2\n"
		"    announce: [ { prefix: 10.99.0.0/16, as_path: [ 65003, 65004 ] } ]\n"
		"    tunnels: { t: { local_address: 203.0.113.2, remote_address: 198.51.100.1, "
		"tunnel_address: 172.16.0.2, peer_tunnel_address: 10.4.1.254, shared_key: k } }\n"
		"    bgp: { neighbors: { n: { address: 10.4.1.254, asn: 65515 } } }\n";
	struct fixture f;

	(void)state;
	fixture_parse(&f, text);
	assert_string_equal(heard(&f, "gw-0"), "0.0.0.0/0 10.0.0.0/8 10.71.0.0/16 10.99.0.0/16 "
					       "172.16.0.1/32 172.16.0.2/32");
	/* the connection's weight before the path */
	assert_string_equal(ways(&f, "gw-0", "10.99.0.0/16"),
			    "b2 65002-65003-65004 172.16.0.2; b1 65001 172.16.0.1");
	/* a site is told the best of what the other one says, whatever the gateway itself takes */
	assert_string_equal(ways(&f, "b2", "10.99.0.0/16"),
			    "own 65003-65004; gw-0 65515-65001 10.4.1.254");
	assert_string_equal(heard(&f, "b2"), "10.4.0.0/16 10.71.0.0/16 10.99.0.0/16 "
					     "172.16.0.1/32");
	assert_string_equal(heard(&f, "b1"), "10.4.0.0/16 10.90.0.0/16 10.99.0.0/16 172.16.0.2/32");
	fixture_free(&f);
}

/* ---- gateways on one circuit ---- */

/* R6.16, G32: only when both allow it, and with the path that G32 prints. */
static void gateways_on_one_circuit_hear_each_other_when_both_allow_it(void **state)
{
	static const char text[] =
		"lab: t\n"
		"virtual_networks:\n"
		"  a: { address_prefixes: 10.1.0.0/16, subnets: { s: 10.1.0.0/24, GatewaySubnet: "
		"10.1.1.0/27 } }\n"
		"  b: { address_prefixes: 10.3.0.0/16, subnets: { s: 10.3.0.0/24, GatewaySubnet: "
		"10.3.1.0/27 } }\n"
		"vms: { m: a/s, n: b/s }\n"
		"virtual_network_gateways:\n"
		"  g: { virtual_network: a, gateway_type: ExpressRoute, "
		"allow_remote_vnet_traffic: true }\n"
		"  h: { virtual_network: b, gateway_type: ExpressRoute, "
		"allow_remote_vnet_traffic: %s }\n"
		"express_route_circuits: { c: {} }\n"
		"connections: { x: { gateway: g, circuit: c }, y: { gateway: h, circuit: c } }\n";
	char filled[sizeof(text) + 8];
	struct fixture f;

	(void)state;
	(void)snprintf(filled, sizeof(filled), text, "false");
	fixture_parse(&f, filled);
	assert_string_equal(heard(&f, "g-0"), "");
	fixture_free(&f);
	(void)snprintf(filled, sizeof(filled), text, "true");
	fixture_parse(&f, filled);
	assert_string_equal(ways(&f, "g-0", "10.3.0.0/16"),
			    "c-primary 12076-12076 10.1.1.8; c-secondary 12076-12076 10.1.1.9");
	assert_string_equal(heard(&f, "g-0"), "10.3.0.0/16");
	assert_string_equal(heard(&f, "h-1"), "10.1.0.0/16");
	assert_golden_configuration(&f, "c-primary");
	fixture_free(&f);
}

/* R6.15: of a standard circuit, and of one connection. */
static void circuits_and_connections_have_their_limits(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "templates/vpner/lab.yaml");
	assert_int_equal(end_of(&f, "azure-er-circuit-primary", "megaport-mcr")->limit, 4000);
	assert_int_equal(end_of(&f, "azure-er-circuit-primary", "az-hub-ergw-0")->limit, 1000);
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_session_of_the_second_step_is_there),
		cmocka_unit_test(the_vpn_gateway_learns_what_section_9_lists),
		cmocka_unit_test(what_the_nva_hears_comes_over_both_tunnels),
		cmocka_unit_test(expressroute_hears_of_the_tunnels_site),
		cmocka_unit_test(the_route_server_prefers_expressroute_by_default),
		cmocka_unit_test(each_role_has_its_golden_configuration),
		cmocka_unit_test(with_vpn_gateway_preferred_the_tunnels_win),
		cmocka_unit_test(by_as_path_prepends_decide),
		cmocka_unit_test(without_branch_to_branch_nobody_hears_of_the_other),
		cmocka_unit_test(a_network_that_is_not_in_the_table_is_not_announced),
		cmocka_unit_test(an_end_that_nobody_answers_stays_alone),
		cmocka_unit_test(a_session_that_is_not_expected_brings_nothing),
		cmocka_unit_test(a_route_server_passes_between_nvas_and_gateways),
		cmocka_unit_test(own_prefixes_are_never_accepted),
		cmocka_unit_test(the_hub_preference_ranks_nvas_with_vpn),
		cmocka_unit_test(what_an_nva_says_about_its_routes_is_minded),
		cmocka_unit_test(the_words_of_an_nva_have_their_golden_configuration),
		cmocka_unit_test(an_overridden_number_lets_routes_through),
		cmocka_unit_test(more_than_a_thousand_prefixes_end_the_session),
		cmocka_unit_test(a_connection_that_is_told_too_much_ends),
		cmocka_unit_test(coexisting_gateways_keep_it_to_themselves),
		cmocka_unit_test(two_vpn_gateways_tell_each_other_their_networks),
		cmocka_unit_test(a_vpn_gateway_passes_between_sites),
		cmocka_unit_test(gateways_on_one_circuit_hear_each_other_when_both_allow_it),
		cmocka_unit_test(circuits_and_connections_have_their_limits),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
