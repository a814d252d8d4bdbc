/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What FRR 8.4.4 really wrote, in pieces and damaged; and how it is told of changes. */
#include "tests/support/test.h"

#include "netns/daemon/frr_config.h"
#include "netns/daemon/frr_reply.h"
#include "netns/daemon/vty_reply.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- answers ---- */

static void an_answer_is_whole_however_it_comes(void **state)
{
	static const char bytes[] = "% [BGP] Unknown command: show foo\n\0\0\0\x02"
				    "\0\0\0\0next";
	struct vty_reply reply = { 0 };

	(void)state;
	for (size_t piece = 1; piece < sizeof(bytes); piece++) {
		const char *at = bytes, *end = bytes + sizeof(bytes) - 1;
		enum vty_progress progress = VTY_MORE;

		vty_reply_reset(&reply);
		while (progress == VTY_MORE) {
			size_t len = (size_t)(end - at) < piece ? (size_t)(end - at) : piece;

			progress = vty_reply_read(&reply, &at, &len);
		}
		assert_int_equal(progress, VTY_DONE);
		assert_int_equal(reply.status, 2);
		assert_string_equal(reply.text, "% [BGP] Unknown command: show foo\n");
		assert_ptr_equal(at, bytes + 38);
	}
	vty_reply_fini(&reply);
}

static void an_answer_may_be_empty(void **state)
{
	const char *at = "\0\0\0\0";
	struct vty_reply reply = { 0 };
	size_t len = 4;

	(void)state;
	assert_int_equal(vty_reply_read(&reply, &at, &len), VTY_DONE);
	assert_int_equal(reply.status, VTY_OK);
	assert_string_equal(reply.text, "");
	assert_int_equal(len, 0);
	vty_reply_fini(&reply);
}

static void what_is_no_answer_is_refused(void **state)
{
	const char *at = "text\0\0x\0";
	struct vty_reply reply = { 0 };
	size_t len = 8;

	(void)state;
	assert_int_equal(vty_reply_read(&reply, &at, &len), VTY_TOO_LONG);
	vty_reply_fini(&reply);
}

/* ---- tables ---- */

static const char table[] =
	"{\n \"vrfId\": 0,\n \"localAS\": 65011,\n"
	" \"routes\": { \"10.0.1.0/24\": "
	"[{\"valid\":true,\"bestpath\":true,\"pathFrom\":\"external\","
	"\"prefix\":\"10.0.1.0\",\"prefixLen\":24,\"weight\":100,\"peerId\":\"192.0.2.1\","
	"\"path\":\"65001 12076\",\"origin\":\"IGP\",\"nexthops\":[{\"ip\":\"192.0.2.1\","
	"\"afi\":\"ipv4\",\"used\":true}]}]\n"
	",\"10.0.2.0/24\": "
	"[{\"valid\":true,\"removed\":true,\"peerId\":\"192.0.2.1\",\"path\":\"\","
	"\"nexthops\":[{\"ip\":\"192.0.2.1\"}]}]\n"
	",\"10.0.3.0/24\": [{\"valid\":true,\"peerId\":\"192.0.2.9\",\"path\":\"\","
	"\"nexthops\":[{\"ip\":\"192.0.2.9\"}]}]\n"
	",\"10.61.0.0/16\": [{\"weight\":32768,\"peerId\":\"(unspec)\",\"path\":\"\"}]\n"
	",\"192.168.7.0/24\": [{\"valid\":true,\"bestpath\":true,\"metric\":0,\"weight\":32768,"
	"\"peerId\":\"(unspec)\",\"path\":\"65100 65200\",\"origin\":\"IGP\",\"nexthops\":"
	"[{\"ip\":\"0.0.0.0\",\"hostname\":\"vm\",\"used\":true}]}]\n }  } \n";

struct state {
	struct fixture f;
	const struct bgp_speaker *speaker;
};

static int set_up(void **state)
{
	static struct state st;

	fixture_read(&st.f, "tests/golden/contoso.yaml");
	st.speaker =
		bgp_find_speaker(st.f.graph, topology_find_node(st.f.topology, "contoso-shop"));
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(&((struct state *)*state)->f);
	return 0;
}

static void routes_are_read_with_paths_and_sessions(void **state)
{
	const struct state *st = *state;
	struct frr_routes routes;
	char path[64];

	assert_true(frr_routes_read(table, st->speaker, st->f.paths, &routes));
	assert_int_equal(routes.count, 2); /* not what goes, is another's or cannot be used */
	assert_string_equal(prefix_print(routes.items[0].prefix).text, "10.0.1.0/24");
	assert_ptr_equal(routes.items[0].from, st->speaker->ends.items[0]);
	assert_int_equal(routes.items[0].class, BGP_CLASS_PROVIDER);
	assert_string_equal(ip_print(routes.items[0].next_hop).text, "192.0.2.1");
	as_path_print(routes.items[0].path, path, sizeof(path));
	assert_string_equal(path, "65001-12076");
	assert_true(routes.items[0].is_best);
	assert_null(routes.items[1].from);
	assert_int_equal(routes.items[1].class, BGP_CLASS_NETWORK);
	assert_int_equal(routes.items[1].next_hop.family, IP_NONE);
	as_path_print(routes.items[1].path, path, sizeof(path));
	assert_string_equal(path, "65100-65200");
	free(routes.items);
}

static void what_is_no_table_is_refused(void **state)
{
	static const char *const texts[] = { "", "{}", "[]", "{ \"routes\": 3 }",
					     "% BGP instance not found" };
	const struct state *st = *state;
	struct frr_routes routes;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(frr_routes_read(texts[i], st->speaker, st->f.paths, &routes));
}

static void messages_are_counted_by_session(void **state)
{
	const struct state *st = *state;
	struct frr_counts counts[1] = { { 1, 2 } };

	frr_counts_read("{ \"peers\": { \"192.0.2.9\": { \"msgSent\": 7 } } }", st->speaker,
			counts);
	assert_int_equal(counts[0].messages_sent, 1);
	frr_counts_read("{ \"peers\": { \"192.0.2.1\": { \"msgSent\": 10, \"msgRcvd\": 4 } } }",
			st->speaker, counts);
	assert_int_equal(counts[0].messages_sent, 10);
	assert_int_equal(counts[0].messages_received, 4);
}

static void what_is_told_is_read_as_the_filters_leave_it(void **state)
{
	const struct state *st = *state;
	struct frr_routes routes;
	char path[64];

	assert_true(frr_told_read(
		"{ \"localAS\": 65001, \"advertisedRoutes\": {"
		"\"10.50.0.0/16\": { \"nextHop\": \"10.0.0.69\", \"metric\": 7, \"weight\": 32768,"
		"\"path\": \"65001 65001\" },"
		"\"nonsense\": { \"path\": \"\" },"
		"\"0.0.0.0/0\": { \"nextHop\": \"0.0.0.0\", \"path\": \"\" } } }",
		st->f.paths, &routes));
	assert_int_equal(routes.count, 2);
	assert_string_equal(prefix_print(routes.items[0].prefix).text, "10.50.0.0/16");
	as_path_print(routes.items[0].path, path, sizeof(path));
	assert_string_equal(path, "65001-65001");
	assert_int_equal(routes.items[1].prefix.len, 0);
	free(routes.items);
	assert_false(frr_told_read("{ \"warning\": \"No such neighbor\" }", st->f.paths, &routes));
}

/* ---- logs ---- */

static void log_lines_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		enum frr_log_kind kind;
		bool has_session;
		const char *text;
	} lines[] = {
		{ "2026/11/22 19:12:24 BGP: [T83RR-8SM5G] bgpd 8.4.4 starting: vty@0, "
		  "bgp@<all>:179",
		  FRR_LOG_STARTED, false, "bgpd 8.4.4 starting: vty@0, bgp@<all>:179" },
		{ "2026/11/22 19:22:10.544 informational: BGP: [N9HHH-F8H1M] %ADJCHANGE: neighbor "
		  "192.0.2.1(Unknown) in vrf default Up",
		  FRR_LOG_ESTABLISHED, true,
		  "%ADJCHANGE: neighbor 192.0.2.1(Unknown) in vrf default Up" },
		{ "2026/11/22 19:22:14.929 informational: BGP: [PXVXG-TFNNT] %ADJCHANGE: neighbor "
		  "192.0.2.1(Unknown) in vrf default Down BFD down received",
		  FRR_LOG_CLOSED, true,
		  "%ADJCHANGE: neighbor 192.0.2.1(Unknown) in vrf default Down BFD down received" },
		{ "2026/11/22 19:22:14.929 informational: BGP: [PXVXG-TFNNT] %ADJCHANGE: neighbor "
		  "192.0.2.9(Unknown) in vrf default Up",
		  FRR_LOG_OTHER, false,
		  "%ADJCHANGE: neighbor 192.0.2.9(Unknown) in vrf default Up" },
		{ "2026/11/22 19:22:10.588 debugging: BGP: [YCKEM-GB33T] 192.0.2.1(Unknown) rcvd "
		  "10.50.0.0/16 IPv4 unicast",
		  FRR_LOG_ROUTES, false, "192.0.2.1(Unknown) rcvd 10.50.0.0/16 IPv4 unicast" },
		{ "2026/11/22 19:22:10.638 debugging: BGP: [K423X-ETGCQ] "
		  "group_announce_route_walkcb: afi=IPv4, safi=unicast, p=10.50.0.0/16",
		  FRR_LOG_ROUTES, false,
		  "group_announce_route_walkcb: afi=IPv4, safi=unicast, p=10.50.0.0/16" },
		{ "2026/11/22 19:22:10.545 debugging: BGP: [HVRWP-5R9NQ] u1:s1 send UPDATE "
		  "10.60.0.0/16 IPv4 unicast",
		  FRR_LOG_DETAIL, false, "u1:s1 send UPDATE 10.60.0.0/16 IPv4 unicast" },
		{ "2026/11/22 19:22:08.711 errors: BGP: [HTQD2-0R1WR][EC 33554451] "
		  "bgp_process_packet: BGP OPEN receipt failed for peer: 192.0.2.1",
		  FRR_LOG_PROBLEM, false,
		  "bgp_process_packet: BGP OPEN receipt failed for peer: 192.0.2.1" },
		{ "2026/11/22 19:22:08.711 warnings: ZEBRA: [NNACN-54BDA][EC 4043309110] Disabling "
		  "MPLS support (no kernel support)",
		  FRR_LOG_OTHER, false, "Disabling MPLS support (no kernel support)" },
		{ "privs_init: user(root) is not part of vty group specified(frrvty)",
		  FRR_LOG_OTHER, false,
		  "privs_init: user(root) is not part of vty group specified(frrvty)" },
		{ "", FRR_LOG_OTHER, false, "" },
	};
	const struct state *st = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct frr_log log = frr_log_read(st->speaker, lines[i].line);

		assert_int_equal(log.kind, lines[i].kind);
		assert_string_equal(log.text, lines[i].text);
		assert_ptr_equal(log.end, lines[i].has_session ? st->speaker->ends.items[0] : NULL);
	}
}

static void damaged_bytes_do_no_harm(void **state)
{
	const struct state *st = *state;
	unsigned seed = 5;

	for (int round = 0; round < 5000; round++) {
		struct frr_routes routes = { 0 };
		char text[sizeof(table)];

		memcpy(text, table, sizeof(text));
		for (int edit = rand_r(&seed) % 6; edit > 0; edit--)
			text[(size_t)rand_r(&seed) % (sizeof(text) - 1)] =
				(char)(1 + rand_r(&seed) % 255);
		if (frr_routes_read(text, st->speaker, st->f.paths, &routes))
			assert_true(routes.count <= 5);
		free(routes.items);
		(void)frr_log_read(st->speaker, text + (size_t)rand_r(&seed) % sizeof(text));
	}
}

/* ---- being told ---- */

#define HEAD                                                                                       \
	"! a comment\n"                                                                            \
	"log record-priority\n"                                                                    \
	"ip route 10.1.0.0/16 reject\n"
#define MAPS                                                                                       \
	"route-map out-a permit 10\n"                                                              \
	" match tag 1\n"                                                                           \
	"exit\n"
#define ROUTER                                                                                     \
	"router bgp 65001\n"                                                                       \
	" no bgp default ipv4-unicast\n"                                                           \
	" neighbor 10.9.0.2 remote-as 65002\n"                                                     \
	" neighbor 10.9.0.2 timers 3 9\n"                                                          \
	" neighbor 10.9.0.2 bfd\n"                                                                 \
	" address-family ipv4 unicast\n"                                                           \
	"  network 10.1.0.0/16\n"                                                                  \
	"  neighbor 10.9.0.2 activate\n"                                                           \
	" exit-address-family\n"                                                                   \
	"exit\n"

static bool all_are_down(const void *arg, const char *neighbor)
{
	(void)arg;
	(void)neighbor;
	return true;
}

static bool all_are_up(const void *arg, const char *neighbor)
{
	(void)arg;
	(void)neighbor;
	return false;
}

static void assert_script(const struct frr_script *script, const char *wanted)
{
	char text[2000] = "";
	size_t len = 0;

	for (size_t i = 0; i < script->count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s\n", script->items[i]);
	assert_string_equal(text, wanted);
}

static void assert_told(const char *from, const char *to, const char *program,
			frr_is_held_fn *is_held, const char *wanted)
{
	struct arena *arena = arena_new();
	struct frr_script script = frr_config_diff(arena, from, to, program, is_held, NULL);

	assert_script(&script, wanted);
	arena_free(arena);
}

static void a_new_daemon_is_told_its_part(void **state)
{
	(void)state;
	assert_told("", HEAD MAPS ROUTER, "zebra", all_are_down, "log record-priority\n");
	assert_told("", HEAD MAPS ROUTER, "staticd", all_are_down,
		    "log record-priority\nip route 10.1.0.0/16 reject\n");
	assert_told("", HEAD MAPS ROUTER, "bgpd", all_are_down,
		    "log record-priority\n"
		    "route-map out-a permit 10\n"
		    "match tag 1\n"
		    "exit\n"
		    "router bgp 65001\n"
		    "no bgp default ipv4-unicast\n"
		    "neighbor 10.9.0.2 remote-as 65002\n"
		    "neighbor 10.9.0.2 shutdown\n"
		    "neighbor 10.9.0.2 timers 3 9\n"
		    "address-family ipv4 unicast\n"
		    "network 10.1.0.0/16\n"
		    "neighbor 10.9.0.2 activate\n"
		    "exit-address-family\n"
		    "no neighbor 10.9.0.2 shutdown\n"
		    "exit\n");
}

static void what_was_held_back_is_told_when_the_session_is_up(void **state)
{
	struct arena *arena = arena_new();
	struct frr_script script = frr_config_held(arena, HEAD MAPS ROUTER, "10.9.0.2");

	(void)state;
	assert_script(&script, "router bgp 65001\nneighbor 10.9.0.2 bfd\nexit\n");
	script = frr_config_held(arena, HEAD MAPS ROUTER, "10.9.0.3");
	assert_script(&script, "");
	arena_free(arena);
}

static void nothing_is_told_where_nothing_changed(void **state)
{
	(void)state;
	assert_told(HEAD MAPS ROUTER, HEAD MAPS ROUTER, "bgpd", all_are_up, "");
	assert_told(HEAD MAPS ROUTER, HEAD MAPS ROUTER, "staticd", all_are_up, "");
}

static void changes_are_told_and_sessions_are_left_alone(void **state)
{
	(void)state;
	assert_told(HEAD MAPS ROUTER,
		    "log record-priority\n"
		    "route-map out-a permit 10\n"
		    " match tag 1\n"
		    " set as-path prepend 65001\n"
		    "exit\n"
		    "router bgp 65001\n"
		    " neighbor 10.9.0.2 remote-as 65002\n"
		    " neighbor 10.9.0.2 timers 60 180\n"
		    " neighbor 10.9.0.2 bfd\n"
		    " address-family ipv4 unicast\n"
		    "  neighbor 10.9.0.2 activate\n"
		    "  network 10.2.0.0/16\n"
		    " exit-address-family\n"
		    "exit\n",
		    "bgpd", all_are_up,
		    "router bgp 65001\n"
		    "address-family ipv4 unicast\n"
		    "no network 10.1.0.0/16\n"
		    "exit-address-family\n"
		    "no neighbor 10.9.0.2 timers 3 9\n"
		    "bgp default ipv4-unicast\n"
		    "exit\n"
		    "no route-map out-a permit 10\n"
		    "route-map out-a permit 10\n"
		    "match tag 1\n"
		    "set as-path prepend 65001\n"
		    "exit\n"
		    "router bgp 65001\n"
		    "neighbor 10.9.0.2 timers 60 180\n"
		    "address-family ipv4 unicast\n"
		    "network 10.2.0.0/16\n"
		    "exit-address-family\n"
		    "exit\n");
	assert_told(HEAD, "log record-priority\n", "staticd", all_are_up,
		    "no ip route 10.1.0.0/16 reject\n");
}

/* What is said of a neighbour is taken back before the neighbour itself is. */
static void a_neighbour_goes_last(void **state)
{
	(void)state;
	assert_told(ROUTER, "router bgp 65001\n no bgp default ipv4-unicast\n", "bgpd", all_are_up,
		    "router bgp 65001\n"
		    "address-family ipv4 unicast\n"
		    "no neighbor 10.9.0.2 activate\n"
		    "no network 10.1.0.0/16\n"
		    "exit-address-family\n"
		    "no neighbor 10.9.0.2 bfd\n"
		    "no neighbor 10.9.0.2 timers 3 9\n"
		    "no neighbor 10.9.0.2 remote-as 65002\n"
		    "exit\n"
		    "router bgp 65001\n"
		    "exit\n");
	assert_told(ROUTER, "", "bgpd", all_are_up, "no router bgp 65001\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_whole_however_it_comes),
		cmocka_unit_test(an_answer_may_be_empty),
		cmocka_unit_test(what_is_no_answer_is_refused),
		cmocka_unit_test(routes_are_read_with_paths_and_sessions),
		cmocka_unit_test(what_is_no_table_is_refused),
		cmocka_unit_test(messages_are_counted_by_session),
		cmocka_unit_test(what_is_told_is_read_as_the_filters_leave_it),
		cmocka_unit_test(log_lines_are_told_apart),
		cmocka_unit_test(damaged_bytes_do_no_harm),
		cmocka_unit_test(a_new_daemon_is_told_its_part),
		cmocka_unit_test(what_was_held_back_is_told_when_the_session_is_up),
		cmocka_unit_test(nothing_is_told_where_nothing_changed),
		cmocka_unit_test(changes_are_told_and_sessions_are_left_alone),
		cmocka_unit_test(a_neighbour_goes_last),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
