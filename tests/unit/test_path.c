/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decides on the ways of a flow, as it is told, and which questions are none. */
#include "tests/support/test.h"

#include "lab/render/path.h"
#include "lab/snapshot/fill_path.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct asked {
	const char *lab, *from, *to, *protocol;
	const char *golden;
	bool is_reply;
};

static void ask(const struct fixture *f, const struct asked *asked, struct snapshot_path *path,
		struct arena *arena)
{
	struct path_question question;
	struct err err = { 0 };

	if (path_question_read(f->lab, asked->from, asked->to, asked->protocol, &question, &err))
		fail_msg("%s", err.text);
	snapshot_fill_path(f->fabric, "test.yaml", &question, path, arena);
}

static char *seen_text(const struct snapshot_path *path, const struct path_seen *seen)
{
	struct memory_file file = { 0 };

	path_print(path, seen, &(struct path_mend){ 0 }, memory_open(&file));
	return memory_close(&file);
}

static char *path_text(const struct snapshot_path *path, const struct snapshot_probe *probe)
{
	struct memory_file file = { 0 };

	path_print(path, &(struct path_seen){ .probe = probe }, &(struct path_mend){ 0 },
		   memory_open(&file));
	return memory_close(&file);
}

static void assert_same_decisions(const struct snapshot_decisions *a,
				  const struct snapshot_decisions *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_string_equal(a->items[i].node, b->items[i].node);
		assert_string_equal(a->items[i].words, b->items[i].words);
	}
}

/* What a client gets of it is what it was. */
static void assert_survives_json(const struct snapshot_path *path, struct arena *arena)
{
	json_t *json = record_encode(&snapshot_path_record, path);
	struct snapshot_path copy = { 0 };
	struct err err = { 0 };

	assert_true(record_decode(&snapshot_path_record, json, &copy, arena, &err));
	assert_same_decisions(&path->there, &copy.there);
	assert_same_decisions(&path->back, &copy.back);
	assert_int_equal(path->is_reply, copy.is_reply);
	assert_int_equal(path->ttl, copy.ttl);
	json_decref(json);
}

static void each_place_says_what_decides(void **state)
{
	static const struct asked cases[] = {
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "branch-vm1", "icmp",
		  "path/express_route.txt", true },
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "az-spk2-lxvm", "icmp",
		  "path/not_transitive.txt", false },
		{ "tests/golden/hybrid.yaml", "branch-vm1", "10.0.1.4", "http",
		  "path/through_a_tunnel.txt", true },
		{ "tests/golden/hybrid.yaml", "az-spk1-lxvm", "10.9.9.9", "tcp:22",
		  "path/round_and_round.txt", false },
		{ "templates/three-tier/lab.yaml", "web1", "db1", "tcp:3306", "path/denied.txt",
		  false },
		/* it has another address for those who ask from outside */
		{ "templates/three-tier/lab.yaml", "updates", "10.1.0.4", "http",
		  "path/private_from_outside.txt", false },
		{ "tests/golden/internet.yaml", "both", "internet", "http", "path/to_internet.txt",
		  true },
		{ "templates/three-tier/lab.yaml", "logic1", "client", "icmp",
		  "path/not_by_a_nat_gateway.txt", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *arena = arena_new();
		struct snapshot_path path = { 0 };
		struct fixture f;
		char *text;

		fixture_read(&f, cases[i].lab);
		ask(&f, &cases[i], &path, arena);
		text = path_text(&path, NULL);
		assert_golden(cases[i].golden, text);
		assert_int_equal(path.is_reply, cases[i].is_reply);
		assert_int_equal(path_is_good(&path, NULL), cases[i].is_reply);
		assert_survives_json(&path, arena);
		free(text);
		fixture_free(&f);
		arena_free(arena);
	}
}

/* What follows from the file and BGP is not what is: only a packet tells. */
static void equal_next_hops_are_told_of_each_way(void **state)
{
	struct snapshot_path path = { .ways = 1, .ways_back = 1 };
	struct arena *arena = arena_new();
	struct fixture f;

	(void)state;
	assert_string_equal(path_ways(&path, arena), "");
	path.ways = 2;
	assert_string_equal(path_ways(&path, arena),
			    "Equal next hops give 2 ways there; this is the first.");
	path.ways_back = 4;
	assert_string_equal(path_ways(&path, arena),
			    "Equal next hops give 2 ways there and 4 back; these are the first.");

	/* the MSEE gives what comes from the branch to both instances of the gateway */
	fixture_read(&f, "templates/branch-frr/lab.yaml");
	path = (struct snapshot_path){ 0 };
	ask(&f, &(struct asked){ .from = "hub-vm", .to = "pc", .protocol = "tcp:22" }, &path,
	    arena);
	assert_string_equal(path_ways(&path, arena),
			    "Equal next hops give 2 ways back; this is the first.");
	fixture_free(&f);
	arena_free(arena);
}

/* What a flow left its state by does not open a NIC to the addresses of others (NSG-28). */
static void an_answer_is_not_taken_by_a_nic_that_does_not_forward(void **state)
{
	const struct snapshot_decision *last;
	struct snapshot_path path = { 0 };
	struct arena *arena = arena_new();
	struct fixture f;

	(void)state;
	fixture_parse(&f, "lab: astray\n"
			  "virtual_networks:\n"
			  "  v:\n"
			  "    address_prefixes: 10.0.0.0/16\n"
			  "    subnets:\n"
			  "      a: 10.0.0.0/24\n"
			  "      b: { address_prefix: 10.0.1.0/24, route_table: rt }\n"
			  "vms: { vm1: v/a, vm2: v/b, vm3: v/a }\n"
			  "route_tables: { rt: { routes: { r: 10.0.0.0/24 VirtualAppliance "
			  "10.0.0.5 } } }\n");
	ask(&f, &(struct asked){ .from = "vm1", .to = "vm2", .protocol = "tcp:22" }, &path, arena);
	assert_false(path.is_reply);
	last = &path.back.items[path.back.count - 1];
	assert_string_equal(last->node, "vm3");
	assert_string_equal(last->words, "in: Azure drops it: anti-spoof");
	assert_true(last->is_dropped);
	assert_int_equal(last->rules.count, 1);
	fixture_free(&f);
	arena_free(arena);
}

static void a_probe_that_sees_otherwise_is_told(void **state)
{
	static const struct asked asked = {
		NULL, "az-spk1-lxvm", "branch-vm1", "icmp", NULL, true
	};
	struct snapshot_probe probes[] = {
		{ .from = "az-spk1-lxvm",
		  .to = "branch-vm1",
		  .protocol = "Http",
		  .address = "10.100.0.100",
		  .observed_at = 1 },
		{ .from = "az-spk1-lxvm",
		  .to = "branch-vm1",
		  .protocol = "Icmp",
		  .address = "10.100.0.100" },
		{ .from = "branch-vm1",
		  .to = "az-spk1-lxvm",
		  .protocol = "Icmp",
		  .observed_at = 1 },
	};
	struct snapshot_probes all = { .probes = { probes, ARRAY_SIZE(probes) } };
	struct path_seen seen = { .probe = &probes[1] };
	struct arena *arena = arena_new();
	struct snapshot_path path = { 0 };
	struct fixture f;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	ask(&f, &asked, &path, arena);
	assert_null(path_find_probe(&path, &all)); /* the right one has seen nothing yet */
	probes[1].observed_at = 1;
	probes[1].address = "fd00::1"; /* that of another family says nothing of this one */
	assert_null(path_find_probe(&path, &all));
	probes[1].address = "10.100.0.100";
	assert_ptr_equal(path_find_probe(&path, &all), &probes[1]);
	assert_false(path_is_good(&path, &seen));
	text = path_text(&path, &probes[1]);
	assert_non_null(strstr(text,
			       "It works: an answer comes with ttl 60, after 72.0 ms on cables. "
			       "But: The lab's\nown probe saw no reply. "));
	free(text);
	probes[1].is_reply = true;
	probes[1].ttl = 60;
	assert_true(path_is_good(&path, &seen));
	text = path_text(&path, &probes[1]);
	assert_non_null(strstr(text, "probe saw a reply, ttl 60, after"));
	free(text);
	path.is_reply = path.is_answered = false; /* what cannot work, and does */
	path.words = "nothing";
	assert_false(path_is_good(&path, &seen));
	text = path_text(&path, &probes[1]);
	assert_non_null(
		strstr(text, "It does not work: nothing. But: The lab's own probe saw a reply"));
	free(text);
	fixture_free(&f);
	arena_free(arena);
}

static void what_is_no_question_is_refused(void **state)
{
	static const struct {
		const char *from, *to, *protocol, *words;
	} cases[] = {
		{ "nobody", "branch-vm1", "icmp", "no virtual machine or NIC 'nobody'" },
		{ "az-spk1-lxvm", "nobody", "icmp", "no virtual machine or NIC 'nobody'" },
		{ "10.9.9.9", "branch-vm1", "icmp",
		  "no machine of the lab has the address 10.9.9.9" },
		{ "internet", "branch-vm1", "icmp", "has no host of the Internet" },
		{ "az-spk1-lxvm", "branch-vm1", "udp",
		  "'udp' is none of icmp[:SIZE], http, tcp:PORT and udp:PORT" },
		{ "az-spk1-lxvm", "branch-vm1", "tcp:", "'' is no port" },
		{ "az-spk1-lxvm", "branch-vm1", "tcp:0", "'0' is no port" },
		{ "az-spk1-lxvm", "branch-vm1", "tcp:65536", "'65536' is no port" },
		{ "az-spk1-lxvm", "branch-vm1", "tcp:-1", "'-1' is no port" },
		{ "az-spk1-lxvm", "branch-vm1", "tcp:22x", "'22x' is no port" },
	};
	struct path_question question;
	struct fixture f;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct err err = { 0 };

		assert_int_equal(path_question_read(f.lab, cases[i].from, cases[i].to,
						    cases[i].protocol, &question, &err),
				 i < 4 ? -ENOENT : -EINVAL);
		if (!strstr(err.text, cases[i].words))
			fail_msg("'%s' is not in '%s'", cases[i].words, err.text);
	}
	fixture_free(&f);
}

/* Two networks that do not know of each other may have one address. */
static void an_address_is_that_of_the_own_network(void **state)
{
	static const char lab[] =
		"lab: t\nvirtual_networks:\n"
		"  a: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/25 } }\n"
		"  b: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/25 } }\n"
		"vms: { a1: a/s, a2: a/s, b1: b/s, b2: b/s }\n";
	struct path_question question;
	struct err err = { 0 };
	struct fixture f;

	(void)state;
	fixture_parse(&f, lab);
	assert_int_equal(path_question_read(f.lab, "b1", "10.0.0.5", "icmp", &question, &err), 0);
	assert_string_equal(question.flow.to->vm->object.name, "b2");
	assert_int_equal(path_question_read(f.lab, "a1", "10.0.0.5", "icmp", &question, &err), 0);
	assert_string_equal(question.flow.to->vm->object.name, "a2");
	fixture_free(&f);
}

static char *picture_text(const struct snapshot_path *path, bool is_ascii)
{
	struct memory_file file = { 0 };

	path_print_picture(path, is_ascii, memory_open(&file));
	return memory_close(&file);
}

/* Lines, and the columns of the longest; glyphs count as one. */
static void assert_fits(const char *text)
{
	size_t lines = 0, cols = 0;

	for (const char *c = text; *c; c++) {
		if (*c == '\n') {
			assert_in_range(cols, 0, 80);
			lines++;
			cols = 0;
		} else {
			cols += (*c & 0xc0) != 0x80;
		}
	}
	assert_in_range(lines, 1, 24);
}

static void pictures_fit(void **state)
{
	static const struct asked cases[] = {
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "branch-vm1", "icmp",
		  "path/picture_express_route.txt", true },
		{ "tests/golden/express_route.yaml", "az-spk1-lxvm", "az-spk2-lxvm", "icmp",
		  "path/picture_stops.txt", false },
		{ "tests/golden/hybrid.yaml", "branch-vm1", "10.0.1.4", "http",
		  "path/picture_tunnel.txt", true },
		{ "tests/golden/hybrid.yaml", "az-spk1-lxvm", "10.9.9.9", "tcp:22",
		  "path/picture_round.txt", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *arena = arena_new();
		struct snapshot_path path = { 0 };
		struct fixture f;
		char *text;

		fixture_read(&f, cases[i].lab);
		ask(&f, &cases[i], &path, arena);
		text = picture_text(&path, false);
		assert_fits(text);
		assert_golden(cases[i].golden, text);
		free(text);
		text = picture_text(&path, true);
		assert_fits(text);
		for (const char *c = text; *c; c++)
			assert_in_range(*c, '\n', '~');
		free(text);
		fixture_free(&f);
		arena_free(arena);
	}
}

/* However long the way is. */
static void long_ways_are_folded(void **state)
{
	struct snapshot_decision decisions[120] = { { 0 } };
	struct snapshot_path path = { .protocol = "icmp", .is_reply = true, .is_answered = true };
	char names[ARRAY_SIZE(decisions)][80];

	(void)state;
	for (size_t count = 1; count <= ARRAY_SIZE(decisions); count++) {
		char *text;

		(void)snprintf(names[count - 1], sizeof(names[0]), "%0*zu", (int)(count % 60 + 1),
			       count);
		decisions[count - 1] = (struct snapshot_decision){ .node = names[count - 1],
								   .kind = "machine",
								   .words = "its own table: x" };
		path.there = (struct snapshot_decisions){ decisions, count };
		path.back = (struct snapshot_decisions){ decisions, count / 2 };
		text = picture_text(&path, false);
		assert_fits(text);
		free(text);
	}
}

/* A packet counts more than a probe of before, and a kernel that has something else is named. */
static void evidence_stands_beside(void **state)
{
	static const struct asked asked = {
		.lab = "er", .from = "az-spk1-lxvm", .to = "branch-vm1", .protocol = "icmp"
	};
	struct snapshot_kernel_answer answers[] = { { "there", 0, "default via 10.0.1.1", true },
						    { "back", 2, "blackhole", false } };
	struct snapshot_evidence evidence = { .answers = { answers, ARRAY_SIZE(answers) },
					      .is_sent = true,
					      .is_reply = true,
					      .ttl = 60,
					      .rtt_ms = 72.5 };
	struct path_seen seen = { .evidence = &evidence };
	struct memory_file file = { 0 };
	struct arena *arena = arena_new();
	struct snapshot_path path = { 0 };
	struct fixture f;
	char *text;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	ask(&f, &asked, &path, arena);
	path_print(&path, &seen, &(struct path_mend){ 0 }, memory_open(&file));
	text = memory_close(&file);
	assert_non_null(strstr(text, "A packet sent\nnow got a reply, ttl 60, after 72.5 ms."));
	assert_non_null(strstr(text, "The kernel agrees at 1 of 2 places. At branch-vm1, the way "
				     "back, the kernel has\nblackhole."));
	free(text);
	assert_false(path_is_good(&path, &seen));
	answers[1].agrees = true;
	assert_true(path_is_good(&path, &seen));
	evidence.is_reply = false;
	assert_false(path_is_good(&path, &seen));
	evidence.is_sent = false; /* nothing is known of it */
	assert_false(path_is_good(&path, &seen));
	fixture_free(&f);
	arena_free(arena);
}

static void assert_says(const struct snapshot_path *path, const struct path_seen *seen,
			const char *words)
{
	char *text = seen_text(path, seen);

	if (!strstr(text, words))
		fail_msg("'%s' is not in %s", words, text);
	free(text);
}

/* Beside the rule that is predicted stands the one that nftables has. */
static void what_nftables_does_stands_beside(void **state)
{
	static const struct asked asked = {
		.lab = "three-tier", .from = "updates", .to = "web1", .protocol = "http"
	};
	struct snapshot_filter_answer filters[] = {
		{ .way = "there", .at = 3, .is_seen = true, .agrees = true },
	};
	struct snapshot_evidence evidence = { .filters = { filters, ARRAY_SIZE(filters) },
					      .is_sent = true,
					      .is_reply = true };
	struct path_seen seen = { .evidence = &evidence };
	struct snapshot_rule_name rule = { 0 };
	struct arena *arena = arena_new();
	struct snapshot_path path = { 0 };
	const struct snapshot_decision *d;
	struct fixture f;

	(void)state;
	fixture_read(&f, "templates/three-tier/lab.yaml");
	ask(&f, &asked, &path, arena);
	d = &path.there.items[3];
	assert_string_equal(d->kind, "filter");
	assert_string_equal(d->direction, "in");
	assert_int_equal(d->rules.count, 1);
	filters[0].rules = d->rules;
	assert_says(&path, &seen, "nftables does as predicted at 1 of 1 places.");
	assert_says(&path, &seen, "; nftables, too");
	assert_true(path_is_good(&path, &seen));
	/* its word leads to the lab file */
	assert_true(snapshot_fill_rule(f.topology, "test.yaml", d->rules.items[0], &rule, arena));
	assert_non_null(strstr(rule.words, "rule Allow-HTTP-Inbound-Internet of app-nsg"));
	assert_string_equal(rule.place, d->place);
	rule = (struct snapshot_rule_name){ 0 };
	assert_true(snapshot_fill_rule(f.topology, "test.yaml", "n I 99 100 A", &rule, arena));
	assert_null(rule.words);
	assert_false(snapshot_fill_rule(f.topology, "test.yaml", "n I", &rule, arena));
	/* it has something else */
	filters[0].agrees = false;
	filters[0].is_dropped = true;
	filters[0].words = "rule x of y";
	assert_says(&path, &seen,
		    "At web1, the way there, in, but\nnftables drops it: rule x of y.");
	assert_false(path_is_good(&path, &seen));
	filters[0].is_seen = false;
	assert_says(&path, &seen, "does not see it come there");
	/* what could not be asked is told */
	evidence.filters.count = 0;
	evidence.untraced = "at fabric: why not";
	assert_says(&path, &seen, "\nnftables could not be asked at fabric: why not.\n");
	fixture_free(&f);
	arena_free(arena);
}

/* A shell gives 'hublab set' what was proposed, whatever is in it. */
static void a_mend_is_words_of_a_shell(void **state)
{
	static const char *const cases[][2] = {
		{ "plain/10.0.0.0/8", "a plain/10.0.0.0/8" },
		{ "[x, y]", "a '[x, y]'" },
		{ "'a key'", "a \"'a key'\"" },
		{ "'a$HOME`id`'", "a ''\\''a$HOME`id`'\\'''" },
		{ "'a\"b\\'", "a ''\\''a\"b\\'\\'''" },
		{ NULL, "a null" },
	};
	struct arena *arena = arena_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct change_text change = { "a", cases[i][0] };
		struct mend mend = { .changes = { &change, 1 } };

		assert_string_equal(path_mend_words(&mend, arena), cases[i][1]);
	}
	arena_free(arena);
}

/* What another hublab printed is read as it was; what is no answer is refused. */
static void an_answer_is_read_from_json(void **state)
{
	static const struct asked asked = {
		NULL, "az-spk1-lxvm", "branch-vm1", "icmp", NULL, true
	};
	struct snapshot_kernel_answer answers[] = { { "there", 0, "via x", true },
						    { "back", 1, "blackhole", false } };
	struct snapshot_filter_answer filters[] = { { .way = "back", .at = 1, .is_seen = true } };
	struct snapshot_evidence evidence = { .answers = { answers, ARRAY_SIZE(answers) },
					      .filters = { filters, ARRAY_SIZE(filters) },
					      .is_sent = true,
					      .is_reply = true };
	struct change_text changes[] = { { "a/b", "two words" }, { "c", NULL } };
	struct mend found = { .at = "a/b", .words = "it is so", .changes = { changes, 2 } };
	struct path_seen seen = { .evidence = &evidence };
	struct path_mend mend = {
		.is_searched = true, .is_in_file = true, .found = &found, .tried = 3
	};
	struct arena *arena = arena_new();
	struct path_answer out = { 0 };
	struct snapshot_path path = { 0 };
	struct err err = { 0 };
	struct fixture f;
	json_t *json;

	(void)state;
	fixture_read(&f, "tests/golden/express_route.yaml");
	ask(&f, &asked, &path, arena);
	json = path_json(&path, &seen, &mend);
	assert_int_equal(path_read_json(json, &out, arena, &err), 0);
	assert_true(path_has_same_ways(&path, &out.path));
	assert_null(out.seen.probe);
	assert_string_equal(path_kernels(&out.path, out.seen.evidence, arena),
			    path_kernels(&path, &evidence, arena));
	assert_string_equal(path_cause(&out.mend, arena), "The cause: it is so, at a/b.");
	assert_string_equal(path_mend_words(out.mend.found, arena), "a/b 'two words' c null");

	answers[1].at = 100; /* no such place */
	json_decref(json);
	json = path_json(&path, &seen, &mend);
	assert_int_equal(path_read_json(json, &out, arena, &err), -EPROTO);
	answers[1].at = 1;
	filters[0].at = 100;
	json_decref(json);
	json = path_json(&path, &seen, &mend);
	assert_int_equal(path_read_json(json, &out, arena, &err), -EPROTO);
	filters[0].at = 1;
	found.changes.count = 0; /* a mend that changes nothing */
	json_decref(json);
	json = path_json(&path, &seen, &mend);
	assert_int_equal(path_read_json(json, &out, arena, &err), -EPROTO);
	found.changes.count = 2;
	path.protocol = NULL;
	json_decref(json);
	json = path_json(&path, &seen, &mend);
	assert_int_equal(path_read_json(json, &out, arena, &err), -EPROTO);
	assert_non_null(strstr(err.text, "no answer to why"));
	(void)json_object_set_new(json, "ttl", json_string("x"));
	assert_int_equal(path_read_json(json, &out, arena, &err), -EPROTO);
	json_decref(json);
	fixture_free(&f);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place_says_what_decides),
		cmocka_unit_test(equal_next_hops_are_told_of_each_way),
		cmocka_unit_test(an_answer_is_not_taken_by_a_nic_that_does_not_forward),
		cmocka_unit_test(a_probe_that_sees_otherwise_is_told),
		cmocka_unit_test(a_mend_is_words_of_a_shell),
		cmocka_unit_test(evidence_stands_beside),
		cmocka_unit_test(what_nftables_does_stands_beside),
		cmocka_unit_test(an_answer_is_read_from_json),
		cmocka_unit_test(pictures_fit),
		cmocka_unit_test(long_ways_are_folded),
		cmocka_unit_test(what_is_no_question_is_refused),
		cmocka_unit_test(an_address_is_that_of_the_own_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
