/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines that BIRD 2.0.12 really wrote, and such lines damaged. */
#include "tests/support/test.h"

#include "netns/daemon/bird_reply.h"
#include "tests/support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NOLINTBEGIN(bugprone-suspicious-missing-comma): some lines are long */
static const char *const answer[] = {
	"1007-Table master4:",
	" 10.100.0.0/24        unicast [b_azure_er_circuit_primary 02:58:42.460] * (100) "
	"[AS12076i]",
	" \tvia 10.0.0.40 on eth0",
	"1008-\tType: BGP univ",
	"1012-\tBGP.origin: IGP",
	" \tBGP.as_path: 12076 65001 12076",
	" \tBGP.next_hop: 10.0.0.40",
	" \tBGP.local_pref: 100",
	" \thublab_class: 4",
	"1007-10.0.1.0/24          unreachable [s_networks 02:58:41.373] * (200)",
	"1008-\tType: static univ",
	"1012-\thublab_class: 1",
	"1007-10.100.0.4/32        unicast [b_azure_er_circuit_primary 02:58:42.460] * (100) "
	"[AS65001i]",
	" \tvia 10.0.0.40 on eth0",
	"1012-\tBGP.as_path: 12076 65001",
	" \tBGP.next_hop: 10.0.0.40",
	" \thublab_class: 4",
	"1007-                     unicast [b_azure_er_circuit_secondary 02:58:42.460] (100) "
	"[AS65001i]",
	"1012-\tBGP.as_path: 12076 65001",
	" \tBGP.next_hop: 10.0.0.41",
	" \thublab_class: 4",
	"0000 ",
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

struct state {
	struct fixture f;
	const struct bgp_speaker *speaker;
};

static int set_up(void **state)
{
	static struct state st;

	fixture_read(&st.f, "templates/vpner/lab.yaml");
	st.speaker = bgp_find_instance(st.f.graph, lab_find_gateway(st.f.lab, "az-hub-ergw"), 0);
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	fixture_free(&((struct state *)*state)->f);
	return 0;
}

static void routes_are_read_with_paths_and_classes(void **state)
{
	const struct state *st = *state;
	struct bird_routes routes;
	char path[64];

	bird_routes_init(&routes, st->speaker, st->f.paths);
	for (size_t i = 0; i + 1 < ARRAY_SIZE(answer); i++)
		assert_int_equal(bird_routes_read(&routes, answer[i]), BIRD_MORE);
	assert_int_equal(bird_routes_read(&routes, answer[ARRAY_SIZE(answer) - 1]), BIRD_DONE);
	assert_int_equal(routes.count, 4);
	assert_string_equal(prefix_print(routes.items[0].prefix).text, "10.100.0.0/24");
	as_path_print(routes.items[0].path, path, sizeof(path));
	assert_string_equal(path, "12076-65001-12076");
	assert_int_equal(routes.items[0].class, BGP_CLASS_MSEE);
	assert_string_equal(ip_print(routes.items[0].next_hop).text, "10.0.0.40");
	assert_ptr_equal(routes.items[0].from, st->speaker->ends.items[0]);
	assert_true(routes.items[0].is_best);
	assert_null(routes.items[1].from);
	assert_int_equal(routes.items[1].class, BGP_CLASS_NETWORK);
	assert_string_equal(prefix_print(routes.items[3].prefix).text, "10.100.0.4/32");
	assert_ptr_equal(routes.items[3].from, st->speaker->ends.items[1]);
	assert_false(routes.items[3].is_best);
	bird_routes_fini(&routes);
}

static void the_end_of_an_answer_says_how_it_went(void **state)
{
	const struct state *st = *state;
	struct bird_routes routes;

	bird_routes_init(&routes, st->speaker, st->f.paths);
	assert_int_equal(bird_routes_read(&routes, "8001 Network not found"), BIRD_DONE);
	assert_int_equal(
		bird_routes_read(&routes, "9001 syntax error, unexpected CF_SYM_UNDEFINED"),
		BIRD_ERROR);
	assert_int_equal(bird_routes_read(&routes, "1007-Table master4:"), BIRD_MORE);
	assert_int_equal(routes.count, 0);
	bird_routes_fini(&routes);
}

static void log_lines_are_told_apart(void **state)
{
	static const struct {
		const char *line;
		enum bird_log_kind kind;
		int session; /* -1: none */
	} lines[] = {
		{ "2026-11-22 01:36:03.368 <INFO> Started", BIRD_LOG_STARTED, -1 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary: BGP session "
		  "established",
		  BIRD_LOG_ESTABLISHED, 0 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_secondary: BGP session "
		  "closed",
		  BIRD_LOG_CLOSED, 1 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary: State changed to "
		  "stop",
		  BIRD_LOG_CLOSED, 0 },
		{ "2026-11-22 01:36:04.176 <WARN> b_azure_er_circuit_primary: Route limit "
		  "exceeded, shutting down",
		  BIRD_LOG_LIMITED, 0 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary: State changed to "
		  "start",
		  BIRD_LOG_OTHER, 0 },
		{ "2026-11-22 01:36:04.460 <TRACE> b_azure_er_circuit_primary.ipv4 > added "
		  "[best] "
		  "10.100.0.0/24 0L 4G unicast",
		  BIRD_LOG_ROUTE, 0 },
		{ "2026-11-22 01:36:05.878 <TRACE> b_azure_er_circuit_primary.ipv4 > removed "
		  "[sole] "
		  "10.100.0.0/24 0L 4G unicast",
		  BIRD_LOG_ROUTE, 0 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary.ipv4 < added "
		  "10.0.0.0/24 0L 3G blackhole",
		  BIRD_LOG_OTHER, 0 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary: Got KEEPALIVE",
		  BIRD_LOG_GOT, 0 },
		{ "2026-11-22 01:36:04.176 <TRACE> b_azure_er_circuit_primary: Sending UPDATE",
		  BIRD_LOG_SENT, 0 },
		{ "2026-11-23 02:16:59.637 <TRACE> b_azure_er_circuit_primary: Got "
		  "ROUTE-REFRESH",
		  BIRD_LOG_REFRESH, 0 },
		{ "2026-11-23 02:17:00.759 <TRACE> b_azure_er_circuit_primary: Sending "
		  "BEGIN-OF-RR",
		  BIRD_LOG_SENT, 0 },
		{ "2026-11-23 02:17:00.759 <TRACE> b_azure_er_circuit_primary: Sending END-OF-RR",
		  BIRD_LOG_REFRESHED, 0 },
		{ "2026-11-22 01:25:37.205 <ERR> x: Cannot open listening socket", BIRD_LOG_PROBLEM,
		  -1 },
		{ "bird: xx00:13:17 syntax error, unexpected NETWORKS", BIRD_LOG_OTHER, -1 },
		{ "", BIRD_LOG_OTHER, -1 },
	};
	const struct state *st = *state;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct bird_log log = bird_log_read(st->speaker, lines[i].line);

		assert_int_equal(log.kind, lines[i].kind);
		assert_ptr_equal(log.end, lines[i].session < 0
						  ? NULL
						  : st->speaker->ends.items[lines[i].session]);
		if (log.kind == BIRD_LOG_ROUTE)
			assert_string_equal(prefix_print(log.prefix).text, "10.100.0.0/24");
	}
}

static void damaged_lines_do_no_harm(void **state)
{
	const struct state *st = *state;
	struct bird_routes routes;
	unsigned seed = 3;

	bird_routes_init(&routes, st->speaker, st->f.paths);
	for (int round = 0; round < 50000; round++) {
		char line[256];
		size_t len;

		(void)snprintf(line, sizeof(line), "%s",
			       answer[(size_t)rand_r(&seed) % ARRAY_SIZE(answer)]);
		len = strlen(line);
		for (int edit = rand_r(&seed) % 4; edit > 0; edit--)
			line[(size_t)rand_r(&seed) % len] = (char)(1 + rand_r(&seed) % 255);
		line[(size_t)rand_r(&seed) % (len + 1)] = '\0';
		(void)bird_routes_read(&routes, line);
		(void)bird_log_read(st->speaker, line);
		if (round % 100 == 0)
			bird_routes_reset(&routes);
	}
	bird_routes_fini(&routes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_read_with_paths_and_classes),
		cmocka_unit_test(the_end_of_an_answer_says_how_it_went),
		cmocka_unit_test(log_lines_are_told_apart),
		cmocka_unit_test(damaged_lines_do_no_harm),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
