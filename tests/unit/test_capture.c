/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where packets are captured: of machines, and of flows with what passes and decides there. */
#include "tests/support/test.h"

#include "lab/snapshot/fill_capture.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_of(const struct snapshot_capture *capture, bool has_filters)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	(void)fprintf(out, "%s\n%s%s", capture->flow, capture->words ? capture->words : "",
		      capture->words ? "\n" : "");
	for (size_t i = 0; i < capture->places.count; i++) {
		const struct snapshot_place *place = &capture->places.items[i];

		(void)fprintf(out, "\n%s: %s\n", place->name, place->description);
		if (place->comment)
			(void)fprintf(out, "%s\n", place->comment);
		if (has_filters)
			(void)fprintf(out, "filter: %s\n", place->filter);
	}
	return memory_close(&file);
}

/* What a client gets of it is what it was. */
static void assert_survives_json(const struct snapshot_capture *capture, struct arena *arena)
{
	json_t *json = record_encode(&snapshot_capture_record, capture);
	struct snapshot_capture copy = { 0 };
	struct err err = { 0 };
	char *before, *after;

	assert_true(record_decode(&snapshot_capture_record, json, &copy, arena, &err));
	before = text_of(capture, true);
	after = text_of(&copy, true);
	assert_string_equal(before, after);
	assert_string_equal(copy.lab, capture->lab);
	for (size_t i = 0; i < copy.places.count; i++) {
		assert_string_equal(copy.places.items[i].ns, capture->places.items[i].ns);
		assert_int_equal(copy.places.items[i].ifindex, capture->places.items[i].ifindex);
	}
	free(before);
	free(after);
	json_decref(json);
}

static void assert_flow(const struct fixture *f, const char *from, const char *to,
			const char *protocol, bool has_filters, const char *golden)
{
	struct snapshot_capture capture = { 0 };
	struct arena *arena = arena_new();
	struct path_question question;
	struct err err = { 0 };
	char *text;

	if (path_question_read(f->lab, from, to, protocol, &question, &err))
		fail_msg("%s", err.text);
	snapshot_fill_capture_flow(f->fabric, "test.yaml", &question, &capture, arena);
	text = text_of(&capture, has_filters);
	assert_golden(golden, text);
	assert_survives_json(&capture, arena);
	free(text);
	arena_free(arena);
}

static void a_flow_is_seen_wherever_it_may_pass(void **state)
{
	static const struct {
		const char *lab, *from, *to, *protocol;
		bool has_filters;
		const char *golden;
	} cases[] = {
		/* two gateways of two instances, two MSEEs each: answers may take other ones */
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "branch-vm1", "icmp", false,
		  "capture/express_route.txt" },
		/* where it is dropped is where it ends */
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "az-spk2-lxvm", "http", true,
		  "capture/not_transitive.txt" },
		/* tunnels: what is in them inside, ESP outside */
		{ "tests/golden/hybrid.yaml", "branch-opnnva-Trusted-NIC", "az-hub-lxvm", "tcp:22",
		  true, "capture/hybrid.txt" },
		{ "tests/golden/vnet_to_vnet.yaml", "m1", "m5", "icmp", true,
		  "capture/vnet_to_vnet.txt" },
		/* at the edge its addresses change */
		{ "tests/golden/internet.yaml", "both", "web", "http", true,
		  "capture/internet.txt" },
		{ "tests/golden/dual_stack.yaml", "spoke-2", "fd00:0:1:1::9", "http", true,
		  "capture/ipv6.txt" },
	};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture_read(&f, cases[i].lab);
		assert_flow(&f, cases[i].from, cases[i].to, cases[i].protocol, cases[i].has_filters,
			    cases[i].golden);
		fixture_free(&f);
	}
}

#define LAN                                                                                        \
	"lab: t\n"                                                                                 \
	"providers: { isp: { asn: 65001, links: [ { branch: east }, { branch: west } ] } }\n"      \
	"branches:\n"                                                                              \
	"  east: { asn: 65010, lan: 192.168.1.0/24, hosts: [ pc, printer ] }\n"                    \
	"  west: { asn: 65020, lan: 192.168.2.0/24, hosts: [ till ] }\n"

static void on_a_lan_it_passes_links_and_the_routers_bridge(void **state)
{
	struct fixture f;

	(void)state;
	fixture_parse(&f, LAN);
	assert_flow(&f, "pc", "till", "icmp", false, "capture/lan.txt");
	assert_flow(&f, "pc", "printer", "icmp", false, "capture/lan_inside.txt");
	fixture_free(&f);
}

/* "vm/eth0 ..." of all places; the error's text when there are none. */
static void assert_places(const struct fixture *f, const char *name, int code, const char *wanted)
{
	struct snapshot_capture capture = { 0 };
	struct arena *arena = arena_new();
	struct err err = { 0 };
	const char *text = "";

	assert_int_equal(snapshot_fill_capture_node(f->topology, name, &capture, arena, &err),
			 code);
	for (size_t i = 0; i < capture.places.count; i++) {
		text = arena_printf(arena, "%s%s%s", text, i ? " " : "",
				    capture.places.items[i].name);
		assert_null(capture.places.items[i].filter);
	}
	assert_string_equal(code ? err.text : text, wanted);
	arena_free(arena);
}

static void a_machine_is_captured_at_all_its_interfaces_or_one(void **state)
{
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/hybrid.yaml");
	assert_places(&f, "az-hub-lxvm", 0, "az-hub-lxvm/eth0");
	assert_places(&f, "AZ-HUB-LXVM:ETH0", 0, "az-hub-lxvm/eth0");
	assert_places(
		&f, "branch-opnnva", 0,
		"branch-opnnva/eth0 branch-opnnva/eth1 branch-opnnva/tun0 branch-opnnva/tun1");
	assert_places(&f, "branch-opnnva:branch-opnnva-Trusted-NIC", 0, "branch-opnnva/eth1");
	assert_places(&f, "az-hub-ergw", 0, "az-hub-ergw-0/eth0 az-hub-ergw-1/eth0");
	assert_places(&f, "az-hub-vpngw-1:tun0", 0, "az-hub-vpngw-1/tun0");
	assert_places(&f, "nobody", -ENOENT, "the lab has no node 'nobody': see hublab show");
	assert_places(&f, "", -ENOENT, "the lab has no node '': see hublab show");
	assert_places(&f, "az-hub-lxvm:eth1", -ENOENT,
		      "az-hub-lxvm has no interface 'eth1', but eth0");
	assert_places(&f, "az-hub-lxvm:", -ENOENT, "az-hub-lxvm has no interface '', but eth0");
	fixture_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flow_is_seen_wherever_it_may_pass),
		cmocka_unit_test(on_a_lan_it_passes_links_and_the_routers_bridge),
		cmocka_unit_test(a_machine_is_captured_at_all_its_interfaces_or_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
