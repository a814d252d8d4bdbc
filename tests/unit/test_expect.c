/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectations against what is seen: passed and failed with what was seen, unknown otherwise. */
#include "tests/support/test.h"

#include "lab/base/macros.h"
#include "lab/expect/expect.h"
#include "lab/render/junit.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

/* A hub and a spoke on a circuit, a machine that no route leads to, and two customers' routers. */
#define LAB                                                                                        \
	"lab: t\n"                                                                                 \
	"virtual_networks:\n"                                                                      \
	"  hub:\n"                                                                                 \
	"    address_prefixes: 10.0.0.0/16\n"                                                      \
	"    subnets: { s: 10.0.0.0/24, GatewaySubnet: 10.0.255.0/27 }\n"                          \
	"    peerings: { p: { remote: spoke, allow_gateway_transit: true } }\n"                    \
	"  spoke:\n"                                                                               \
	"    address_prefixes: 10.1.0.0/16\n"                                                      \
	"    subnets: { s: 10.1.0.0/24 }\n"                                                        \
	"    peerings: { p: { remote: hub, use_remote_gateways: true } }\n"                        \
	"  alone: { address_prefixes: 10.2.0.0/16, subnets: { s: 10.2.0.0/24 } }\n"                \
	"vms: { a: hub/s, b: spoke/s, far: alone/s }\n"                                            \
	"virtual_network_gateways: { gw: { virtual_network: hub, gateway_type: ExpressRoute } }\n" \
	"express_route_circuits: { c: { msee_address: 100.127.0.1, msee_secondary_address: "       \
	"100.127.0.9 } }\n"                                                                        \
	"connections: { x: { gateway: gw, circuit: c } }\n"                                        \
	"providers: { isp: { asn: 65001, links: [ c, { circuit: c, path: secondary }, { branch: "  \
	"dc } ] } }\n"                                                                             \
	"branches: { dc: { asn: 65010, announce: [ { prefix: 192.168.0.0/16, as_path: 65020 }, "   \
	"172.16.0.0/12 ] } }\n"

/* The lab with one expectation, in a place of its own. */
static const struct expectation *expect(struct fixture *f, const char *expectation)
{
	char text[4000];

	(void)snprintf(text, sizeof(text), "%sexpect:\n  - { %s }\n", LAB, expectation);
	fixture_parse(f, text);
	assert_int_equal(f->lab->expectations.count, 1);
	return f->lab->expectations.items[0];
}

static void check(const char *what, const struct judgement *j, enum outcome verdict,
		  const char *seen)
{
	if (j->outcome != verdict || strcmp(j->seen, seen) != 0)
		fail_msg("%s: %s: %s", what, outcome_name(j->outcome), j->seen);
}

/* ---- flows ---- */

static const struct flow_sight nothing_sent = { .why = "" },
			       kernel_refused = { .why = "Operation not permitted" },
			       one_reply = { .sent = 1,
					     .answered = 1,
					     .is_reply = true,
					     .ttl = 60,
					     .rtt_ms = 72.25,
					     .why = "" },
			       one_lost = { .sent = 1, .why = "no reply within 1000 ms" },
			       lost_after_one = { .sent = 2,
						  .answered = 1,
						  .ttl = 60,
						  .rtt_ms = 72.25,
						  .why = "no reply within 1000 ms" },
			       nineteen = { .sent = 19,
					    .answered = 19,
					    .is_reply = true,
					    .ttl = 64,
					    .rtt_ms = 1,
					    .why = "" },
			       twenty = { .sent = 20,
					  .answered = 20,
					  .is_reply = true,
					  .ttl = 64,
					  .rtt_ms = 1,
					  .why = "" },
			       nine_of_twenty = { .sent = 20,
						  .answered = 9,
						  .is_reply = true,
						  .ttl = 64,
						  .rtt_ms = 1,
						  .why = "" },
			       none_of_twenty = { .sent = 20, .why = "no reply within 1000 ms" };

#define NO_ROUTE_WORDS "hub has no route: 10.2.0.4 matches 10.0.0.0/8 None"

static const struct {
	const char *expectation;
	const struct flow_sight *sight;
	enum outcome verdict;
	const char *seen;
} flows[] = {
	{ "from: a, to: b", &one_reply, OUTCOME_PASS, "a reply, ttl 60, 72.2 ms" },
	{ "from: a, to: b, protocol: Http", &one_reply, OUTCOME_PASS, "an answer, 72.2 ms" },
	{ "from: a, to: b, protocol: Tcp, port: 22", &one_reply, OUTCOME_PASS,
	  "an answer, 72.2 ms" },
	{ "from: a, to: b", &one_lost, OUTCOME_FAIL, "no reply: no reply within 1000 ms" },
	{ "from: a, to: b", &lost_after_one, OUTCOME_FAIL, "no reply: no reply within 1000 ms" },
	{ "from: a, to: b", &nothing_sent, OUTCOME_UNKNOWN, "no packet was sent" },
	{ "from: a, to: b", &kernel_refused, OUTCOME_UNKNOWN,
	  "no packet was sent: Operation not permitted" },
	{ "from: a, to: b, result: fails", &nothing_sent, OUTCOME_UNKNOWN, "no packet was sent" },
	{ "from: a, to: far, result: fails, because: no_route", &nothing_sent, OUTCOME_UNKNOWN,
	  "no packet was sent" },
	{ "from: a, to: b, loss: 100", &nothing_sent, OUTCOME_UNKNOWN, "no packet was sent" },
	/* ttl and time */
	{ "from: a, to: b, ttl: 60", &one_reply, OUTCOME_PASS, "a reply, ttl 60, 72.2 ms" },
	{ "from: a, to: b, ttl: 61", &one_reply, OUTCOME_FAIL, "ttl 60" },
	{ "from: a, to: b, rtt_ms: [70, 76]", &one_reply, OUTCOME_PASS,
	  "a reply, ttl 60, 72.2 ms" },
	{ "from: a, to: b, rtt_ms: [72.25, 72.25]", &one_reply, OUTCOME_PASS,
	  "a reply, ttl 60, 72.2 ms" },
	{ "from: a, to: b, rtt_ms: [73, 76]", &one_reply, OUTCOME_FAIL,
	  "a round-trip time of 72.2 ms" },
	{ "from: a, to: b, rtt_ms: 72", &one_reply, OUTCOME_FAIL, "a round-trip time of 72.2 ms" },
	{ "from: a, to: b, ttl: 60, rtt_ms: 72", &one_reply, OUTCOME_FAIL,
	  "a round-trip time of 72.2 ms" },
	/* a share of packets lost is one of twenty */
	{ "from: a, to: b, loss: 0", &nineteen, OUTCOME_UNKNOWN, "19 of 20 packets are sent" },
	{ "from: a, to: b, loss: 100", &one_lost, OUTCOME_UNKNOWN, "1 of 20 packets are sent" },
	{ "from: a, to: b, loss: 0", &twenty, OUTCOME_PASS, "a reply, ttl 64, 1.0 ms" },
	{ "from: a, to: b, loss: [50, 60]", &nine_of_twenty, OUTCOME_PASS,
	  "a reply, ttl 64, 1.0 ms" },
	{ "from: a, to: b, loss: [56, 60]", &nine_of_twenty, OUTCOME_FAIL,
	  "55 % of 20 packets had no reply" },
	{ "from: a, to: b, loss: 5", &nine_of_twenty, OUTCOME_FAIL,
	  "55 % of 20 packets had no reply" },
	{ "from: a, to: b, loss: [100, 100]", &none_of_twenty, OUTCOME_PASS,
	  "no reply: no reply within 1000 ms" },
	{ "from: a, to: b, loss: 10", &none_of_twenty, OUTCOME_FAIL,
	  "100 % of 20 packets had no reply" },
	{ "from: a, to: b, loss: 100, ttl: 64", &none_of_twenty, OUTCOME_FAIL,
	  "no reply: no reply within 1000 ms" },
	{ "from: a, to: b, loss: 0, ttl: 63", &nineteen, OUTCOME_FAIL, "ttl 64" },
	/* flows that fail, and why */
	{ "from: a, to: far, result: fails", &one_lost, OUTCOME_PASS, "no reply: " NO_ROUTE_WORDS },
	{ "from: a, to: far, result: fails", &one_reply, OUTCOME_FAIL, "a reply, 72.2 ms" },
	{ "from: a, to: far, result: fails, because: no_route", &one_lost, OUTCOME_PASS,
	  "no reply because no_route: " NO_ROUTE_WORDS },
	{ "from: a, to: far, result: fails, because: no_route", &one_reply, OUTCOME_FAIL,
	  "a reply, 72.2 ms" },
	{ "from: a, to: far, result: fails, because: loop", &one_lost, OUTCOME_FAIL,
	  "no reply because no_route: " NO_ROUTE_WORDS },
	{ "from: a, to: b, result: fails", &one_lost, OUTCOME_UNKNOWN,
	  "no reply (no reply within 1000 ms), though the routes lead there and back, and every "
	  "rule allows it" },
	{ "from: a, to: b, result: fails, because: no_route", &one_lost, OUTCOME_UNKNOWN,
	  "no reply (no reply within 1000 ms), though the routes lead there and back, and every "
	  "rule allows it" },
};

static void a_flow_is_judged_by_its_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		struct judgement j = { 0 };
		struct fixture f;
		const struct expectation *e = expect(&f, flows[i].expectation);

		expect_flow(e, flows[i].sight, f.fabric, &j);
		check(flows[i].expectation, &j, flows[i].verdict, flows[i].seen);
		fixture_free(&f);
	}
}

/* An echo that comes from another machine is no success, whatever answers. */
static void anothers_reply_is_told_from_the_machines_own(void **state)
{
	static const struct {
		const char *expectation;
		enum outcome verdict;
		const char *seen;
	} cases[] = {
		{ "from: a, to: x", OUTCOME_FAIL,
		  "a reply, but 10.0.0.5 is another machine's address there: b" },
		{ "from: a, to: x, protocol: Tcp, port: 22", OUTCOME_FAIL,
		  "a reply, but 10.0.0.5 is another machine's address there: b" },
		{ "from: a, to: x, result: fails, because: other_machine", OUTCOME_PASS,
		  "another's reply because other_machine: 10.0.0.5 is another machine's address "
		  "there: b" },
		{ "from: a, to: x, result: fails", OUTCOME_PASS,
		  "another's reply: 10.0.0.5 is another machine's address there: b" },
		{ "from: a, to: x, result: fails, because: no_route", OUTCOME_FAIL,
		  "another's reply because other_machine: 10.0.0.5 is another machine's address "
		  "there: b" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct judgement j = { 0 };
		struct fixture f;
		char text[1000];

		(void)snprintf(
			text, sizeof(text),
			"lab: t\n"
			"virtual_networks:\n"
			"  v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } }\n"
			"  w: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } }\n"
			"vms: { a: v/s, b: v/s, y: w/s, x: w/s }\n"
			"expect: [ { %s } ]\n",
			cases[i].expectation);
		fixture_parse(&f, text);
		expect_flow(f.lab->expectations.items[0], &one_reply, f.fabric, &j);
		check(cases[i].expectation, &j, cases[i].verdict, cases[i].seen);
		fixture_free(&f);
	}
}

/* What some flows get and others do not is neither: one that was seen says nothing of the next. */
static void what_depends_on_the_flow_is_unknown(void **state)
{
	static const struct {
		const char *expectation;
		const struct flow_sight *sight;
	} cases[] = {
		{ "from: a, to: b", &one_reply },
		{ "from: a, to: b, result: fails", &one_lost },
		{ "from: a, to: b, result: fails, because: ip_forwarding", &one_lost },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct judgement j = { 0 };
		struct fixture f;
		char text[1000];

		(void)snprintf(
			text, sizeof(text),
			"lab: t\n"
			"virtual_networks:\n"
			"  v: { address_prefixes: 10.0.0.0/16, subnets: { t: 10.0.1.0/24, n: "
			"10.0.2.0/24, s: { address_prefix: 10.0.0.0/24, route_table: rt } } }\n"
			"vms: { a: v/s, b: v/t }\n"
			"nvas: { x: v/n, y: { subnet: v/n, enable_ip_forwarding: false } }\n"
			"route_tables: { rt: { routes: { r: 10.0.1.0/24 VirtualApplianceEcmp "
			"10.0.2.4 10.0.2.5 } } }\n"
			"expect: [ { %s } ]\n",
			cases[i].expectation);
		fixture_parse(&f, text);
		expect_flow(f.lab->expectations.items[0], cases[i].sight, f.fabric, &j);
		assert_int_equal(j.outcome, OUTCOME_UNKNOWN);
		assert_non_null(strstr(j.seen, "equal next hops differ"));
		fixture_free(&f);
	}
}

/* ---- rows ---- */

static const struct {
	const char *expectation;
	enum outcome verdict;
	const char *seen;
} rows[] = {
#define LOCAL   "10.0.0.0/16 VnetLocal Active"
#define LEARNED "172.16.0.0/12 VirtualNetworkGateway Active 100.127.0.1, 100.127.0.9"
	{ "routes: a, prefix: 10.0.0.0/16", OUTCOME_PASS, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/16, next_hop_type: VnetLocal", OUTCOME_PASS, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/16, next_hop_type: None", OUTCOME_FAIL, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/16, next_hop_ip: 10.0.0.1", OUTCOME_FAIL, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/16, absent: true", OUTCOME_FAIL, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/16, absent: false", OUTCOME_PASS, LOCAL },
	{ "routes: a, prefix: 10.0.0.0/24", OUTCOME_FAIL, "no active row for 10.0.0.0/24" },
	{ "routes: a, prefix: 10.0.0.0/24, absent: true", OUTCOME_PASS,
	  "no active row for 10.0.0.0/24" },
	{ "routes: a, prefix: 10.0.0.0/24, next_hop_type: VnetLocal", OUTCOME_FAIL,
	  "no active row for 10.0.0.0/24" },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_type: VirtualNetworkGateway", OUTCOME_PASS,
	  LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_ip: [100.127.0.1, 100.127.0.9]", OUTCOME_PASS,
	  LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_ip: [100.127.0.9, 100.127.0.1]", OUTCOME_PASS,
	  LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_ip: 100.127.0.9", OUTCOME_FAIL, LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_ip: [100.127.0.9, 100.127.0.9]", OUTCOME_FAIL,
	  LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_ip: [100.127.0.1, 100.127.0.9, "
	  "100.127.0.3]",
	  OUTCOME_FAIL, LEARNED },
	{ "routes: b, prefix: 172.16.0.0/12, next_hop_type: VnetLocal, next_hop_ip: "
	  "[100.127.0.1, 100.127.0.9]",
	  OUTCOME_FAIL, LEARNED },
	{ "routes: far, prefix: 172.16.0.0/12, next_hop_type: None", OUTCOME_PASS,
	  "172.16.0.0/12 None Active" },
};

static void a_row_is_judged_by_the_effective_routes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct judgement j = { 0 };
		struct fixture f;
		const struct expectation *e = expect(&f, rows[i].expectation);

		expect_route(e, f.fabric, &j);
		check(rows[i].expectation, &j, rows[i].verdict, rows[i].seen);
		fixture_free(&f);
	}
}

/* ---- sessions ---- */

/* What is seen when all daemons run and all sessions stand, but for those named. */
static void judge_session(struct fixture *f, const struct expectation *e, const char *stopped,
			  const char *down, struct judgement *j)
{
	struct speaker_sight *speakers = calloc(f->graph->speakers.count, sizeof(*speakers));
	bool all_up[16], all_down[16] = { false };
	struct bgp_sight sight = { { f->graph, f->ribs }, speakers };

	assert_non_null(speakers);
	memset(all_up, true, sizeof(all_up));
	for (size_t i = 0; i < f->graph->speakers.count; i++) {
		const char *name = f->graph->speakers.items[i]->node->name;

		assert_true(f->graph->speakers.items[i]->ends.count <= ARRAY_SIZE(all_up));
		speakers[i].is_running = !stopped || strcmp(name, stopped) != 0;
		speakers[i].is_up = down && !strcmp(name, down) ? all_down : all_up;
	}
	expect_session(e, &sight, j);
	free(speakers);
}

static const struct {
	const char *expectation, *stopped, *down;
	enum outcome verdict;
	const char *seen;
} sessions[] = {
#define PATH_172 "172.16.0.0/12 from isp, path 65001-65010"
#define PATH_192 "192.168.0.0/16 from isp, path 65001-65010-65020"
	{ "bgp: isp, peer: dc, state: Connected", NULL, NULL, OUTCOME_PASS, "Connected" },
	{ "bgp: isp, peer: DC, state: Connected", NULL, NULL, OUTCOME_PASS, "Connected" },
	{ "bgp: isp, peer: dc, state: Connected", NULL, "isp", OUTCOME_FAIL, "Connecting" },
	{ "bgp: isp, peer: dc, state: Connecting", NULL, "isp", OUTCOME_PASS, "Connecting" },
	{ "bgp: isp, peer: dc, state: Connecting", NULL, NULL, OUTCOME_FAIL, "Connected" },
	/* of what does not run nothing is known */
	{ "bgp: isp, peer: dc, state: Connected", "isp", NULL, OUTCOME_UNKNOWN,
	  "the daemon of isp does not run" },
	{ "bgp: isp, peer: dc, state: Connecting", "isp", "isp", OUTCOME_UNKNOWN,
	  "the daemon of isp does not run" },
	{ "bgp: c-primary, learned: 172.16.0.0/12", "c-primary", NULL, OUTCOME_UNKNOWN,
	  "the daemon of c-primary does not run" },
	{ "bgp: c-primary, learned: 1.2.3.0/24, absent: true", "c-primary", NULL, OUTCOME_UNKNOWN,
	  "the daemon of c-primary does not run" },
	{ "bgp: isp, peer: dc, state: Connected", "dc", NULL, OUTCOME_PASS, "Connected" },
	/* who is no peer */
	{ "bgp: dc, peer: c-primary, state: Connected", NULL, NULL, OUTCOME_FAIL,
	  "dc has no session with c-primary" },
	{ "bgp: dc, peer: c-primary, state: Connecting", NULL, NULL, OUTCOME_FAIL,
	  "dc has no session with c-primary" },
	/* what is learned, from whom and by which path */
	{ "bgp: c-primary, learned: 172.16.0.0/12", NULL, NULL, OUTCOME_PASS, PATH_172 },
	{ "bgp: c-primary, peer: isp, learned: 172.16.0.0/12", NULL, NULL, OUTCOME_PASS, PATH_172 },
	{ "bgp: c-primary, peer: isp, learned: [172.16.0.0/12, 192.168.0.0/16]", NULL, NULL,
	  OUTCOME_PASS, PATH_172 "; " PATH_192 },
	{ "bgp: c-primary, learned: 172.16.0.0/12, as_path: 65001-65010", NULL, NULL, OUTCOME_PASS,
	  PATH_172 },
	{ "bgp: c-primary, learned: 172.16.0.0/12, as_path: 65001", NULL, NULL, OUTCOME_FAIL,
	  "172.16.0.0/12 is not learned with that path: there is " PATH_172 },
	{ "bgp: c-primary, learned: [172.16.0.0/12, 192.168.0.0/16], as_path: 65001-65010", NULL,
	  NULL, OUTCOME_FAIL,
	  "192.168.0.0/16 is not learned with that path: there is " PATH_172 "; " PATH_192 },
	{ "bgp: c-primary, peer: gw-0, learned: 172.16.0.0/12", NULL, NULL, OUTCOME_FAIL,
	  "172.16.0.0/12 is not learned" },
	{ "bgp: c-primary, learned: [10.99.0.0/16, 172.16.0.0/12, 10.98.0.0/16]", NULL, NULL,
	  OUTCOME_FAIL, "10.99.0.0/16 is not learned: there is " PATH_172 },
	{ "bgp: c-primary, learned: 10.99.0.0/16, absent: true", NULL, NULL, OUTCOME_PASS,
	  "not learned" },
	{ "bgp: c-primary, learned: [10.99.0.0/16, 172.16.0.0/12], absent: true", NULL, NULL,
	  OUTCOME_FAIL, PATH_172 },
	{ "bgp: dc, learned: 172.16.0.0/12, absent: true", NULL, NULL, OUTCOME_PASS,
	  "not learned" }, /* its own is not learned */
	{ "bgp: c-primary, peer: isp, state: Connected, learned: 172.16.0.0/12", NULL, "c-primary",
	  OUTCOME_FAIL, "Connecting" },
	{ "bgp: c-primary, peer: isp, state: Connected, learned: 10.99.0.0/16", NULL, NULL,
	  OUTCOME_FAIL, "10.99.0.0/16 is not learned" },
};

static void a_session_is_judged_by_its_daemon(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		struct judgement j = { 0 };
		struct fixture f;
		const struct expectation *e = expect(&f, sessions[i].expectation);

		judge_session(&f, e, sessions[i].stopped, sessions[i].down, &j);
		check(sessions[i].expectation, &j, sessions[i].verdict, sessions[i].seen);
		fixture_free(&f);
	}
}

/* Over two links there are two sessions; what either brings is learned from the peer. */
static void two_sessions_with_a_peer_are_both_looked_at(void **state)
{
	static const char text[] =
		"lab: t\n"
		"providers: { p: { asn: 65001, links: [ { branch: b }, { branch: b } ] } }\n"
		"branches: { b: { asn: 65010, announce: [ 192.168.0.0/16 ] } }\n"
		"expect:\n"
		"  - { bgp: p, peer: b, state: Connected }\n"
		"  - { bgp: p, peer: b, state: Connecting }\n"
		"  - { bgp: p, peer: b, learned: 192.168.0.0/16 }\n";
	struct expectation *const *e;
	struct judgement j = { 0 };
	struct bgp_speaker *p;
	struct fixture f;
	struct speaker_sight speakers[2] = { 0 };
	struct rib_route routes[2];
	size_t count;

	(void)state;
	fixture_parse(&f, text);
	e = f.lab->expectations.items;
	p = bgp_find_speaker(f.graph, topology_find_node(f.topology, "p"));
	assert_int_equal(p->ends.count, 2);
	for (int up = 0; up < 4; up++) {
		const bool is_up[] = { up & 1, up & 2 };
		struct bgp_sight sight = { { f.graph, f.ribs }, speakers };

		speakers[p->index] = (struct speaker_sight){ true, is_up };
		expect_session(e[0], &sight, &j);
		check("Connected", &j, up == 3 ? OUTCOME_PASS : OUTCOME_FAIL,
		      up == 3 ? "Connected" : "Connecting");
		expect_session(e[1], &sight, &j);
		check("Connecting", &j, up == 3 ? OUTCOME_FAIL : OUTCOME_PASS,
		      up == 3 ? "Connected" : "Connecting");
	}
	/* the first session is down, and what it brought is gone */
	memcpy(routes, rib_find(&f.ribs[p->index], e[2]->learned.items[0].prefix, &count),
	       sizeof(routes));
	assert_int_equal(count, 2);
	for (int i = 0; i < 2; i++) {
		const bool is_up[] = { true, true };
		struct bgp_sight sight = { { f.graph, f.ribs }, speakers };

		speakers[p->index] = (struct speaker_sight){ true, is_up };
		rib_replace(&f.ribs[p->index], e[2]->learned.items[0].prefix, &routes[i], 1);
		expect_session(e[2], &sight, &j);
		check("learned", &j, OUTCOME_PASS, "192.168.0.0/16 from b, path 65010");
	}
	fixture_free(&f);
}

/* ---- words ---- */

static const struct {
	const char *expectation, *words;
	bool is_negative;
} words[] = {
	{ "from: a, to: b", "a -> b Icmp works", false },
	{ "from: a, to: b, ttl: 60, rtt_ms: [70, 76], loss: 5",
	  "a -> b Icmp works, ttl 60, rtt 70 to 76 ms, loss at most 5 %", false },
	{ "from: a, to: b, protocol: Tcp, port: 22", "a -> b Tcp 22 works", false },
	{ "from: a, to: b, encrypted: false", "a -> b Icmp works, in clear", false },
	{ "from: a, to: b, encrypted: true", "a -> b Icmp works, encrypted", true },
	{ "from: a, to: b, protocol: Http, result: fails, because: no_route",
	  "a -> b Http fails because no_route", true },
	{ "routes: a, prefix: 10.0.0.0/16", "routes of a: 10.0.0.0/16", false },
	{ "routes: a, prefix: 10.0.0.0/16, absent: true", "routes of a: 10.0.0.0/16 absent", true },
	{ "routes: a, prefix: 10.0.0.0/16, next_hop_type: None, next_hop_ip: [1.1.1.1, 2.2.2.2]",
	  "routes of a: 10.0.0.0/16 None 1.1.1.1, 2.2.2.2", false },
	{ "bgp: isp, peer: dc, state: Connected", "bgp of isp with dc Connected", false },
	{ "bgp: isp, peer: dc, state: Connecting", "bgp of isp with dc Connecting", true },
	{ "bgp: isp, learned: [10.0.0.0/8, 1.0.0.0/8], as_path: 1-2",
	  "bgp of isp: learned 10.0.0.0/8, 1.0.0.0/8 with path 1-2", false },
	{ "bgp: isp, learned: 10.0.0.0/8, absent: true", "bgp of isp: learned 10.0.0.0/8 absent",
	  true },
};

static void an_expectation_is_told_in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct fixture f;
		const struct expectation *e = expect(&f, words[i].expectation);
		char text[200], cut[10];

		expectation_print(e, text, sizeof(text));
		assert_string_equal(text, words[i].words);
		expectation_print(e, cut, sizeof(cut));
		assert_int_equal(strlen(cut), sizeof(cut) - 1);
		assert_memory_equal(cut, text, sizeof(cut) - 1);
		assert_int_equal(expectation_is_negative(e), words[i].is_negative);
		fixture_free(&f);
	}
}

/* However much there is to be seen, it is cut and not lost. */
static void what_is_seen_fits_its_place(void **state)
{
	char expectation[2000] = "bgp: c-primary, learned: [ 172.16.0.0/12";
	struct judgement j = { 0 };
	struct fixture f;
	const struct expectation *e;

	(void)state;
	for (int i = 0; i < 40; i++)
		(void)snprintf(expectation + strlen(expectation),
			       sizeof(expectation) - strlen(expectation), ", 192.168.0.0/16");
	(void)snprintf(expectation + strlen(expectation), sizeof(expectation) - strlen(expectation),
		       " ]");
	e = expect(&f, expectation);
	judge_session(&f, e, NULL, NULL, &j);
	assert_int_equal(j.outcome, OUTCOME_PASS);
	assert_true(strlen(j.seen) < sizeof(j.seen));
	assert_memory_equal(j.seen, PATH_172 "; " PATH_192 "; ", strlen(PATH_172 PATH_192) + 4);
	fixture_free(&f);
}

/* ---- the report ---- */

static void a_report_is_well_formed_whatever_names_have(void **state)
{
	struct snapshot_verdict first[] = {
		{ 12, 5, "a -> b Icmp works", "pass", "a reply, ttl 64, 0.1 ms", 104 },
		{ 13, 5, "a -> \"b\" & <c> 'd'", "fail", "no reply: 5 < 6 && \"x\" > 'y'", 10000 },
		{ 14, 5, "line\none\ttab\x1b[31m", "unknown", "\x01\x7f\xc3\xa4", 0.4 },
		{ 15, 5, "one of no verdict", "", "", 0 },
	};
	struct snapshot_verdict second[] = { { 20, 3, "b -> a Icmp works", "pass", "", 1234 } };
	struct snapshot_test tests[] = {
		{ .step = 1, .step_name = "IPsec & \"more\"", .verdicts = { first, 4 } },
		{ .step = 2, .step_name = "two", .verdicts = { second, 1 } },
		{ .step = 0, .step_name = NULL, .verdicts = { NULL, 0 } },
	};
	struct memory_file file = { 0 };
	char *text;

	(void)state;
	junit_print("a<b>.yaml", tests, ARRAY_SIZE(tests), memory_open(&file));
	text = memory_close(&file);
	assert_golden("expect/junit.xml", text);
	free(text);
	file = (struct memory_file){ 0 };
	junit_print("t.yaml", NULL, 0, memory_open(&file));
	text = memory_close(&file);
	assert_string_equal(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
				  "<testsuites name=\"t.yaml\">\n</testsuites>\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_judged_by_its_packets),
		cmocka_unit_test(anothers_reply_is_told_from_the_machines_own),
		cmocka_unit_test(what_depends_on_the_flow_is_unknown),
		cmocka_unit_test(a_row_is_judged_by_the_effective_routes),
		cmocka_unit_test(a_session_is_judged_by_its_daemon),
		cmocka_unit_test(two_sessions_with_a_peer_are_both_looked_at),
		cmocka_unit_test(an_expectation_is_told_in_words),
		cmocka_unit_test(what_is_seen_fits_its_place),
		cmocka_unit_test(a_report_is_well_formed_whatever_names_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
