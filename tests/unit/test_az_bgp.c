/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BGP as az prints it, against what real Azure printed and the reference lab as it is predicted. */
#include "tests/support/test.h"

#include "lab/render/az_bgp.h"
#include "lab/snapshot/fill_bgp.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

#define NOW 1000000.0

static char *peers_text(const struct snapshot_bgp *bgp)
{
	struct memory_file file = { 0 };

	az_bgp_peers_print(bgp, NOW, false, memory_open(&file));
	return memory_close(&file);
}

static char *learned_text(const struct snapshot_bgp *bgp)
{
	struct memory_file file = { 0 };

	az_bgp_learned_print(bgp, false, memory_open(&file));
	return memory_close(&file);
}

static char *advertised_text(const struct snapshot_advertised *advertised)
{
	struct memory_file file = { 0 };

	az_bgp_advertised_print(advertised, false, memory_open(&file));
	return memory_close(&file);
}

/* The reference is taken. */
static char *json_text(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);

	json_decref(json);
	return text;
}

static void expect_text(char *text, const char *wanted)
{
	assert_string_equal(text, wanted);
	free(text);
}

static void expect_golden(const char *name, char *text)
{
	assert_golden(name, text);
	free(text);
}

#define SPEAKER(name_, address, asn_, peers_, learned_)                                            \
	{                                                                                          \
		.node = (name_), .local_address = (address), .state = "up", .asn = (asn_),         \
		.peers = { (peers_), ARRAY_SIZE(peers_) },                                         \
		.learned = { (learned_), ARRAY_SIZE(learned_) },                                   \
	}

/* ---- VPN gateways ---- */

/* R5.9, R5.11: the outputs printed there */
static void one_instance_with_a_site(void **state)
{
	struct snapshot_peer peers[] = {
		{ "10.3.0.10", 65100, "Connected", NOW - 176.0967494, 0, NULL, true, 2, 6, 9, "csr",
		  "csr", "branch router" },
	};
	struct snapshot_learned learned[] = {
		{ "10.1.0.0/16", NULL, "Network", "10.1.0.254", "", 32768, true, NULL },
		{ "10.2.0.4/32", NULL, "Network", "10.1.0.254", "", 32768, true, NULL },
		{ "10.3.0.0/16", "10.3.0.10", "EBgp", "10.3.0.10", "65100", 32768, true, "csr" },
	};
	struct snapshot_speaker speakers[] = {
		SPEAKER("vng1-0", "10.1.0.254", 65001, peers, learned),
	};
	struct snapshot_bgp bgp = { "vng1", "VPN gateway", { 0 }, { speakers, 1 } };
	char *text = peers_text(&bgp);

	(void)state;
	assert_non_null(strstr(text, "10.3.0.10   65100  Connected  00:02:56.09674"));
	free(text);
	expect_text(learned_text(&bgp),
		    "Network      Origin    SourcePeer    AsPath    Weight    NextHop\n"
		    "-----------  --------  ------------  --------  --------  ---------\n"
		    "10.1.0.0/16  Network   10.1.0.254              32768\n"
		    "10.2.0.4/32  Network   10.1.0.254              32768\n"
		    "10.3.0.0/16  EBgp      10.3.0.10     65100     32768     10.3.0.10\n");
}

/* G31: who is listed, in which order, with what state */
static void both_instances_beside_a_route_server(void **state)
{
	struct snapshot_peer first[] = {
		{ "10.10.0.5", 65515, "Connected", NOW - 10, 0, NULL, true, 3, 9, 9, "vpngw-hub1-1",
		  "vpngw-hub1", "VPN gateway" },
		{ "10.10.0.68", 65515, "Connected", NOW - 263403.5, 0, NULL, true, 5, 9, 9, "ars-0",
		  "ars", "Route Server" },
		{ "10.40.0.5", 65000, "Connected", NOW - 10, 0, NULL, true, 1, 8, 11, "onprem-1",
		  "onprem", "VPN gateway" },
		{ "10.40.0.4", 65000, "Connecting", 0, NOW - 10, "Received: Hold timer expired",
		  true, 0, 8, 11, "onprem-0", "onprem", "VPN gateway" },
	};
	struct snapshot_peer second[] = {
		{ "10.10.0.4", 65515, "Connected", NOW - 10, 0, NULL, true, 3, 9, 9, "vpngw-hub1-0",
		  "vpngw-hub1", "VPN gateway" },
	};
	struct snapshot_learned learned[] = {
		{ "10.40.0.0/16", "10.40.0.5", "EBgp", "10.40.0.5", "65000", 32768, true,
		  "onprem-1" },
		{ "10.31.0.0/24", "10.10.1.4", "IBgp", "10.10.0.68", "65001", 32768, true,
		  "ars-0" },
	};
	struct snapshot_speaker speakers[] = {
		SPEAKER("vpngw-hub1-0", "10.10.0.4", 65515, first, learned),
		SPEAKER("vpngw-hub1-1", "10.10.0.5", 65515, second, learned),
	};
	struct snapshot_bgp bgp = { "vpngw-hub1", "VPN gateway", { 0 }, { speakers, 2 } };

	(void)state;
	expect_golden("bgp/vpn_gateway_peers.txt", peers_text(&bgp));
	expect_golden("bgp/vpn_gateway_learned.txt", learned_text(&bgp));
	expect_golden("bgp/vpn_gateway_peers.json", json_text(az_bgp_peers_json(&bgp, NOW)));
	expect_golden("bgp/vpn_gateway_learned.json", json_text(az_bgp_learned_json(&bgp)));
	/* an instance by its own name is one machine, and lists no other */
	bgp = (struct snapshot_bgp){ "vpngw-hub1-1", "VPN gateway", { 0 }, { speakers + 1, 1 } };
	expect_text(json_text(az_bgp_peers_json(&bgp, NOW)),
		    "{\"value\":[{\"asn\":65515,\"connectedDuration\":\"00:00:10.0000000\","
		    "\"localAddress\":\"10.10.0.5\",\"messagesReceived\":9,\"messagesSent\":9,"
		    "\"neighbor\":\"10.10.0.4\",\"routesReceived\":3,\"state\":\"Connected\"}]}");
}

/* R5.10 */
static void what_a_gateway_tells(void **state)
{
	const char *addresses[] = { "10.1.0.254" };
	struct snapshot_told routes[] = {
		{ "10.1.0.0/16", "10.1.0.254", "65001", "10.1.0.254", "vng1-0" },
		{ "10.2.0.4/32", "10.1.0.254", "65001", "10.1.0.254", "vng1-0" },
	};
	struct snapshot_advertised advertised = { "vng1", "VPN gateway",    "10.3.0.10",  true,
						  NULL,   { addresses, 1 }, { routes, 2 } };

	(void)state;
	expect_text(advertised_text(&advertised),
		    "Network      NextHop     Origin    AsPath    Weight\n"
		    "-----------  ----------  --------  --------  --------\n"
		    "10.1.0.0/16  10.1.0.254  Igp       65001     0\n"
		    "10.2.0.4/32  10.1.0.254  Igp       65001     0\n");
	advertised.routes.count = 1;
	expect_text(json_text(az_bgp_advertised_json(&advertised)),
		    "{\"value\":[{\"asPath\":\"65001\",\"localAddress\":\"10.1.0.254\","
		    "\"network\":\"10.1.0.0/16\",\"nextHop\":\"10.1.0.254\",\"origin\":\"Igp\","
		    "\"sourcePeer\":null,\"weight\":0}]}");
	advertised.routes.count = 0; /* the columns are there when no row is */
	expect_text(advertised_text(&advertised),
		    "Network    NextHop    Origin    SourcePeer    AsPath    Weight\n"
		    "---------  ---------  --------  ------------  --------  --------\n");
}

/* ---- Route Servers ---- */

/* R7.18 */
static void a_route_server_has_a_list_for_each_instance(void **state)
{
	const char *addresses[] = { "10.0.100.68", "10.0.100.69" };
	struct snapshot_peer peers[] = {
		{ "10.0.100.10", 65001, "Connected", NOW - 1, 0, NULL, true, 1, 2, 3, "nva", "nva",
		  "NVA" },
	};
	struct snapshot_learned learned[] = {
		{ "10.0.100.0/24", NULL, "Network", "10.0.100.68", "", 32768, true, NULL },
		{ "10.0.50.0/24", "10.0.100.10", "EBgp", "10.0.100.10", "65001", 32768, true,
		  "nva" },
	};
	struct snapshot_speaker speakers[] = {
		SPEAKER("ars-0", "10.0.100.68", 65515, peers, learned),
		SPEAKER("ars-1", "10.0.100.69", 65515, peers, learned),
	};
	struct snapshot_bgp bgp = { "ars", "Route Server", { 0 }, { speakers, 2 } };
	struct snapshot_told told[] = {
		{ "10.1.34.0/25", "10.0.100.68", "65515-12076-65020", "10.0.100.68", "ars-0" },
		{ "10.0.100.0/24", "10.0.100.68", "65515", "10.0.100.68", "ars-0" },
	};
	struct snapshot_advertised advertised = { "ars", "Route Server",   "nva",      true,
						  NULL,  { addresses, 2 }, { told, 2 } };

	(void)state;
	expect_golden("bgp/route_server_learned.txt", learned_text(&bgp));
	expect_golden("bgp/route_server_learned.json", json_text(az_bgp_learned_json(&bgp)));
	expect_golden("bgp/route_server_advertised.json",
		      json_text(az_bgp_advertised_json(&advertised)));
	expect_golden("bgp/route_server_advertised.txt", advertised_text(&advertised));
	/* it lists no instance of itself */
	expect_golden("bgp/route_server_peers.txt", peers_text(&bgp));
}

/* ---- MSEEs ---- */

/* G33, R6.21: loops of the provider are listed and not best */
static void an_msee_marks_the_best_of_several(void **state)
{
	struct snapshot_peer peers[] = {
		{ "10.100.255.12", 65515, "Connected", NOW - 3725, 0, NULL, true, 1, 9, 9, "gw-0",
		  "gw", "ExpressRoute gateway" },
		{ "10.100.255.13", 65515, "Connected", NOW - 93725, 0, NULL, true, 1, 9, 9, "gw-1",
		  "gw", "ExpressRoute gateway" },
		{ "169.254.194.41", 64512, "Connecting", 0, 0, "Hold timer expired", true, 0, 9, 9,
		  "mcr", "mcr", "provider router" },
		{ "169.254.194.49", 64513, "Connecting", 0, 0, NULL, true, 0, 0, 0, "isp", "isp",
		  "provider router" },
	};
	struct snapshot_learned learned[] = {
		{ "10.100.0.0/16", "10.100.255.13", "EBgp", "10.100.255.13", "65515", 0, true,
		  "gw-1" },
		{ "10.100.0.0/16", "10.100.255.12", "EBgp", "10.100.255.12", "65515", 0, false,
		  "gw-0" },
		{ "10.100.0.0/16", "169.254.194.41", "EBgp", "169.254.194.41", "64512-12076", 0,
		  false, "mcr" },
		{ "169.254.194.40/30", "169.254.194.41", "EBgp", "169.254.194.41", "64512", 0, true,
		  "mcr" },
		{ "169.254.194.44/30", "169.254.194.41", "EBgp", "169.254.194.41", "64512", 0, true,
		  "mcr" },
	};
	struct snapshot_speaker speakers[] = {
		SPEAKER("er-primary", "10.100.255.4", 12076, peers, learned),
	};
	struct snapshot_bgp bgp = { "er-primary", "MSEE", { 0 }, { speakers, 1 } };

	(void)state;
	expect_text(learned_text(&bgp),
		    "Network            NextHop         LocPrf    Weight    Path\n"
		    "-----------------  --------------  --------  --------  -------------\n"
		    "10.100.0.0/16      10.100.255.13*  100       0         65515 I\n"
		    "10.100.0.0/16      10.100.255.12   100       0         65515 I\n"
		    "10.100.0.0/16      169.254.194.41  100       0         64512 12076 I\n"
		    "169.254.194.40/30  169.254.194.41  100       0         64512 I\n"
		    "169.254.194.44/30  169.254.194.41  100       0         64512 I\n");
	expect_text(peers_text(&bgp), "Neighbor        V    As     UpDown    StatePfxRcd\n"
				      "--------------  ---  -----  --------  -------------\n"
				      "10.100.255.12   4    65515  01:02:05  1\n"
				      "10.100.255.13   4    65515  1d02h     1\n"
				      "169.254.194.41  4    64512  never     Active\n"
				      "169.254.194.49  4    64513  never     Active\n");
	peers[2].lost_at = NOW - 800000;
	expect_golden("bgp/msee_peers.json", json_text(az_bgp_peers_json(&bgp, NOW)));
	expect_golden("bgp/msee_learned.json", json_text(az_bgp_learned_json(&bgp)));
}

/* ---- the reference lab, as it is predicted ---- */

static void add_speaker(const struct fixture *f, const char *node, const struct session_seen *seen,
			struct snapshot_bgp *bgp, struct arena *arena)
{
	const struct bgp_speaker *speaker =
		bgp_find_speaker(f->graph, topology_find_node(f->topology, node));

	assert_non_null(speaker);
	bgp->name = snapshot_name_of(speaker->node);
	bgp->role = node_role_name(speaker->node->role);
	snapshot_fill_speaker(speaker, &f->ribs[speaker->index], seen, seen ? "up" : "stopped",
			      ARENA_PUSH(arena, bgp->speakers.items, bgp->speakers.count), arena);
}

static void the_reference_lab(void **state) /* R6.4, R6.5, R6.6 */
{
	static const struct session_seen up[] = {
		{ true, NOW - 60, "", 5, 6 },
		{ true, NOW - 70, "", 7, 8 },
		{ false, NOW - 5, "Received: Cease", 1, 1 },
	};
	struct arena *arena = arena_new();
	struct snapshot_bgp gateway = { 0 }, msee = { 0 }, provider = { 0 };
	struct snapshot_told told = { 0 };
	const struct bgp_speaker *speaker;
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	add_speaker(&f, "az-hub-ergw-0", NULL, &gateway, arena);
	add_speaker(&f, "az-hub-ergw-1", up, &gateway, arena);
	expect_golden("bgp/vpner_gateway_peers.txt", peers_text(&gateway));
	/* of the two the one that runs */
	expect_golden("bgp/vpner_gateway_learned.txt", learned_text(&gateway));
	assert_string_equal(gateway.speakers.items[0].state, "stopped");
	assert_string_equal(gateway.speakers.items[0].peers.items[0].state, "Connecting");
	add_speaker(&f, "azure-er-circuit-primary", up, &msee, arena);
	expect_golden("bgp/vpner_msee_learned.txt", learned_text(&msee));
	assert_string_equal(msee.speakers.items[0].peers.items[2].last_words, "Received: Cease");
	assert_null(msee.speakers.items[0].peers.items[1].last_words);
	add_speaker(&f, "megaport-mcr", up, &provider, arena);
	expect_golden("bgp/vpner_provider_learned.txt", learned_text(&provider));
	speaker = bgp_find_speaker(f.graph, topology_find_node(f.topology, "megaport-mcr"));
	for (size_t i = 0; i < f.ribs[speaker->index].count; i++) { /* one that it heard itself */
		const struct rib_route *route = &f.ribs[speaker->index].routes[i];

		if (!route->from || strcmp(prefix_print(route->prefix).text, "10.0.1.0/24") != 0)
			continue;
		snapshot_fill_told(speaker->ends.items[1], route, &told, arena);
	}
	assert_string_equal(told.as_path, "65001-12076");
	assert_string_equal(told.next_hop, "169.254.98.65");
	assert_string_equal(told.local_address, "169.254.98.61");
	fixture_free(&f);
	arena_free(arena);
}

static void weights_of_connections_are_added(void **state) /* R6.4: 32769 and the weight */
{
	struct arena *arena = arena_new();
	struct snapshot_bgp bgp = { 0 };
	struct fixture f;
	char *text, *at, *weighted;
	size_t len;

	(void)state;
	text = read_file("tests/golden/express_route.yaml", &len);
	at = strstr(text, "circuit: azure-er-circuit }");
	assert_non_null(at);
	weighted = calloc(1, len + 100);
	assert_non_null(weighted);
	(void)snprintf(weighted, len + 100, "%.*scircuit: azure-er-circuit, routing_weight: 10 }%s",
		       (int)(at - text), text, at + strlen("circuit: azure-er-circuit }"));
	fixture_parse(&f, weighted);
	add_speaker(&f, "az-hub-ergw-0", NULL, &bgp, arena);
	for (size_t i = 0; i < bgp.speakers.items[0].learned.count; i++) {
		const struct snapshot_learned *row = &bgp.speakers.items[0].learned.items[i];

		assert_int_equal(row->weight, row->peer_node ? 32779 : 32768);
	}
	fixture_free(&f);
	arena_free(arena);
	free(weighted);
	free(text);
}

/* R6.21: a provider tells each link of a circuit what the other one told it. */
static void what_comes_back_to_its_circuit_is_the_last_choice(void **state)
{
	struct fixture f;
	unsigned loops = 0;

	(void)state;
	fixture_read(&f, "tests/golden/azure/G18.yaml");
	for (size_t i = 0; i < f.graph->speakers.count; i++) {
		const struct rib *rib = &f.ribs[f.graph->speakers.items[i]->index];

		for (size_t n = 0; n < rib->count; n++) {
			const struct rib_route *route = &rib->routes[n];

			if (route->class != BGP_CLASS_LOOP) {
				unsigned msees = 0;

				for (size_t a = 0; a < route->path->count; a++)
					msees += route->path->asns[a] == 12076;
				assert_true(msees < 2); /* it goes nowhere */
				continue;
			}
			loops++;
			assert_false(route->is_best);
			assert_int_equal(route->path->asns[0], 65020);
			assert_int_equal(route->path->asns[1], 12076);
		}
	}
	assert_int_equal(loops, 2); /* 10.0.50.0/24 and 10.0.100.0/24, of one of the two links */
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_to_its_circuit_is_the_last_choice),
		cmocka_unit_test(one_instance_with_a_site),
		cmocka_unit_test(both_instances_beside_a_route_server),
		cmocka_unit_test(what_a_gateway_tells),
		cmocka_unit_test(a_route_server_has_a_list_for_each_instance),
		cmocka_unit_test(an_msee_marks_the_best_of_several),
		cmocka_unit_test(the_reference_lab),
		cmocka_unit_test(weights_of_connections_are_added),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
