/* SPDX-License-Identifier: GPL-2.0-or-later */
/* View 6 and the matrix: what they show of one flow and of all, and what is asked for. */
#include "tests/support/test.h"

#include "tests/support/screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fixture {
	struct screen_test test; /* the first member */
	json_t *recorded;
	struct path_answer answer;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->recorded = json_load_file("tests/golden/screen/why.json", 0, NULL);
	assert_non_null(f->recorded);
	screen_test_init(&f->test);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	json_decref(f->recorded);
	screen_test_fini(&f->test);
	free(f);
	return 0;
}

static bool shows(struct fixture *f, const char *words)
{
	return screen_shows(&f->test.screen, false, words);
}

static struct effect keys(struct fixture *f, const char *text)
{
	return screen_press(&f->test.screen, text);
}

/* What the lab says of the flow, as the feed has it. */
static const struct path_answer *hear_path(struct fixture *f, const char *which)
{
	struct path_answer *answer = arena_alloc(f->test.arena, sizeof(*answer));
	struct err err = { 0 };

	if (path_read_json(json_object_get(f->recorded, which), answer, f->test.arena, &err))
		fail_msg("%s", err.text);
	f->test.screen.scene.snapshot.path = &answer->path;
	f->test.screen.scene.snapshot.probes =
		NULL; /* those of the fixture are of another moment */
	screen_settle(&f->test.screen);
	return answer;
}

/* And what kernels, a packet and the model say. */
static void hear_answer(struct fixture *f, const char *which)
{
	f->answer = *hear_path(f, which);
	f->test.screen.scene.why.answer = &f->answer;
	screen_settle(&f->test.screen);
}

static void ask(struct fixture *f, const char *which)
{
	(void)keys(f, ":why az-spk1-lxvm branch-vm1\r");
	hear_answer(f, which);
}

static void look_at_mesh(struct fixture *f, const struct snapshot_mesh *mesh)
{
	(void)keys(f, "5M");
	f->test.screen.scene.mesh =
		(struct mesh_scene){ .seen = mesh, .seen_at = f->test.screen.scene.now };
	f->test.screen.scene.heat = heat_of_mesh(mesh, f->test.arena);
	screen_settle(&f->test.screen);
}

static struct snapshot_mesh *recorded_mesh(struct fixture *f)
{
	struct snapshot_mesh *mesh = arena_alloc(f->test.arena, sizeof(*mesh));
	struct err err = { 0 };

	assert_true(record_decode(&snapshot_mesh_record, json_object_get(f->recorded, "mesh"), mesh,
				  f->test.arena, &err));
	assert_int_equal(mesh_check(mesh, &err), 0);
	return mesh;
}

static void look_at_probes(struct fixture *f)
{
	(void)keys(f, "5m");
	f->test.screen.scene.heat =
		heat_of_probes(f->test.screen.scene.snapshot.probes, f->test.arena);
	screen_settle(&f->test.screen);
}

/* ---- golden screens ---- */

static void a_flow_that_works(void **state)
{
	struct fixture *f = *state;

	ask(f, "works");
	assert_golden_screens(&f->test.screen, "flow_works");
}

static void a_flow_that_stopped(void **state)
{
	struct fixture *f = *state;

	ask(f, "works");
	hear_answer(f, "fails");
	assert_golden_screens(&f->test.screen, "flow_fails");
}

static void the_matrix_of_probes(void **state)
{
	struct fixture *f = *state;

	look_at_probes(f);
	(void)keys(f, "l");
	assert_golden_screens(&f->test.screen, "matrix_probes");
}

static void the_matrix_of_all_pairs(void **state)
{
	struct fixture *f = *state;

	look_at_mesh(f, recorded_mesh(f));
	(void)keys(f, "n");
	assert_golden_screens(&f->test.screen, "matrix_mesh");
}

/* ---- who asks what ---- */

static void w_asks_about_what_is_selected(void **state)
{
	struct fixture *f = *state;

	assert_null(screen_path(&f->test.screen));
	(void)keys(f, "5jw");
	assert_ptr_equal(f->test.screen.view, &view_why);
	assert_string_equal(screen_path(&f->test.screen), "az-hub-lxvm az-spk1-lxvm http");
	(void)keys(f, "\033");
	assert_ptr_equal(f->test.screen.view, &view_probes);
	assert_null(screen_path(&f->test.screen));
	(void)keys(f, "6");
	assert_string_equal(screen_path(&f->test.screen), "az-hub-lxvm az-spk1-lxvm http");
	(void)keys(f, "\0331w");
	assert_int_equal(f->test.screen.mode, MODE_COMMAND);
	assert_string_equal(f->test.screen.input.text, "why az-hub-lxvm ");
	(void)keys(f, "\0334w");
	assert_true(shows(f, "no flow is selected"));
}

static void flows_keep_their_w_and_have_another(void **state)
{
	struct fixture *f = *state;
	const struct snapshot_flow *flow;
	char question[200];

	(void)keys(f, "3w");
	assert_ptr_equal(f->test.screen.view, &view_security);
	flow = view_security_flow(&f->test.screen.scene, screen_state(&f->test.screen));
	assert_non_null(flow);
	assert_true(view_flow_question(flow, question, sizeof(question)));
	(void)keys(f, "W");
	assert_ptr_equal(f->test.screen.view, &view_why);
	assert_string_equal(screen_path(&f->test.screen), question);
	(void)keys(f, "\033");
	assert_ptr_equal(f->test.screen.view, &view_security);
}

static void a_flow_is_asked_about_as_the_machine_sees_it(void **state)
{
	static const struct {
		const char *direction, *protocol, *question;
	} cases[] = {
		{ "Inbound", "Tcp", "10.0.0.4 vm tcp:443" },
		{ "Outbound", "Udp", "vm 10.0.1.4 udp:443" },
		{ "Outbound", "Icmp", "vm 10.0.1.4 icmp" },
		{ "Outbound", "Esp", NULL },
		{ "Outbound", "47", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_flow flow = { .vm = "vm",
					      .direction = cases[i].direction,
					      .protocol = cases[i].protocol,
					      .source = "10.0.0.4",
					      .destination = "10.0.1.4",
					      .source_port = 50000,
					      .destination_port = 443 };
		char question[200] = "";

		assert_int_equal(view_flow_question(&flow, question, sizeof(question)),
				 cases[i].question != NULL);
		assert_string_equal(question, cases[i].question ? cases[i].question : "");
	}
}

static void lines_ask_too_unless_they_have_options(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(keys(f, ":why a b udp:53\r").kind, EFFECT_NONE);
	assert_string_equal(screen_path(&f->test.screen), "a b udp:53");
	(void)keys(f, "e");
	assert_string_equal(f->test.screen.input.text, "why a b udp:53");
	(void)keys(f, "\033\r"); /* Enter likewise */
	assert_string_equal(f->test.screen.input.text, "why a b udp:53");
	(void)keys(f, "\033");
	assert_int_equal(keys(f, ":why a b --picture\r").kind, EFFECT_RUN);
	assert_int_equal(keys(f, ":why a\r").kind, EFFECT_RUN); /* it says what is missing */
	assert_int_equal(keys(f, ":mesh http --src a\r").kind, EFFECT_RUN);
	assert_int_equal(keys(f, ":meshes\r").kind, EFFECT_RUN);
}

static void the_words_of_a_question_are_completed(void **state)
{
	struct fixture *f = *state;

	(void)keys(f, ":why az-s");
	(void)screen_key(&f->test.screen, KEY_CODE_TAB);
	assert_string_equal(f->test.screen.input.text, "why az-spk");
	(void)keys(f, "1\t int\t i\t");
	assert_string_equal(f->test.screen.input.text, "why az-spk1-lxvm  internet  icmp ");
	(void)keys(f, "\t");
	assert_true(shows(f, "nothing begins with that"));
}

/* ---- what is known ---- */

static void nothing_is_asked_yet_or_the_lab_refuses(void **state)
{
	struct fixture *f = *state;

	(void)keys(f, "6");
	assert_true(shows(f, "e asks: SRC DST PROTOCOL"));
	f->test.screen.scene.snapshot.path = NULL;
	(void)keys(f, ":why a b\r");
	assert_true(shows(f, "the lab is asked"));
	f->test.screen.scene.snapshot.path_refusal = "no virtual machine or NIC 'a'";
	assert_true(shows(f, "no virtual machine or NIC 'a'"));
}

static void the_verdict_waits_for_what_is_seen(void **state)
{
	struct fixture *f = *state;

	(void)keys(f, ":why az-spk1-lxvm branch-vm1\r");
	(void)hear_path(f, "works");
	f->test.screen.scene.why.is_asking = true;
	assert_true(shows(f, "? az-spk1-lxvm → branch-vm1  icmp  should work  asks"));
	assert_true(shows(f, "Kernels are asked"));
	hear_answer(f, "works");
	assert_true(shows(f, "✓ az-spk1-lxvm → branch-vm1  icmp  works"));
	assert_true(shows(f, "The kernel agrees at 12 of 12 places."));
	assert_false(shows(f, "before:")); /* there was no other */
}

static void a_verdict_that_changes_says_when_and_from_what(void **state)
{
	struct fixture *f = *state;

	ask(f, "works");
	(void)hear_path(f, "fails");
	assert_true(shows(f, "*⊘ az-spk1-lxvm → branch-vm1  icmp  does not work"));
	assert_true(shows(f, ": does not work; before: works"));
	f->test.screen.scene.now += VIEW_NEW_S + 1;
	assert_true(shows(f, " ⊘ az-spk1-lxvm → branch-vm1"));
	assert_false(shows(f, "*⊘"));
	assert_true(shows(f, ": does not work; before: works"));
	(void)keys(f, ":why a b\r"); /* of another flow that says nothing */
	assert_false(shows(f, "before:"));
}

static void what_was_seen_of_other_ways_says_nothing(void **state)
{
	struct fixture *f = *state;

	ask(f, "fails");
	assert_true(shows(f, "The cause:"));
	(void)hear_path(f, "works"); /* the answer is the old one */
	assert_false(shows(f, "The cause:"));
	assert_false(shows(f, "The kernel agrees"));
}

static void what_differs_is_bad(void **state)
{
	struct fixture *f = *state;

	ask(f, "differs");
	assert_true(shows(f, "✗ az-spk1-lxvm → branch-vm1  icmp  should work, and does not"));
	(void)keys(f, "j");
	assert_true(shows(f, "But: A packet sent now got no reply."));
}

static void one_kernel_that_differs_is_bad_too(void **state)
{
	struct snapshot_evidence evidence;
	struct fixture *f = *state;

	ask(f, "works");
	evidence = *f->answer.seen.evidence;
	evidence.answers.items = arena_alloc(
		f->test.arena, evidence.answers.count * sizeof(*evidence.answers.items));
	memcpy(evidence.answers.items, f->answer.seen.evidence->answers.items,
	       evidence.answers.count * sizeof(*evidence.answers.items));
	evidence.answers.items[0].agrees = false;
	evidence.answers.items[0].words = "blackhole";
	f->answer.seen.evidence = &evidence;
	assert_true(shows(f, "works, but a kernel has other routes"));
	screen_resize(&f->test.screen, 60, 120);
	assert_true(shows(f, "✗ kernel: blackhole"));
}

static void no_answer_says_why(void **state)
{
	struct fixture *f = *state;

	ask(f, "works");
	f->test.screen.scene.why = (struct why_scene){ .error = "hublab: no such thing" };
	(void)keys(f, "j");
	assert_true(shows(f, "hublab: no such thing"));
	assert_true(shows(f, "should work"));
}

static void all_of_it_can_be_scrolled_to(void **state)
{
	static const char last[] = "has the address 10.0.1.4";
	struct fixture *f = *state;

	ask(f, "works");
	assert_false(shows(f, last));
	assert_true(shows(f, " more lines"));
	(void)keys(f, "G");
	assert_true(shows(f, last));
	assert_false(shows(f, " more lines"));
	screen_resize(&f->test.screen, 10, 40);
	(void)keys(f, "gG");
	assert_true(shows(f, "has the address\n                10.0.1.4\n"));
}

/* A terminal may be as small as it likes; what does not fit is not there. */
static void any_size_will_do(void **state)
{
	struct fixture *f = *state;

	for (unsigned look = 0; look < 3; look++) {
		if (look == 0)
			ask(f, "works");
		else if (look == 1)
			ask(f, "fails");
		else
			look_at_mesh(f, recorded_mesh(f));
		for (unsigned rows = 1; rows < 30; rows++)
			for (unsigned cols = 1; cols < 170; cols += cols < 20 ? 1 : 13) {
				screen_resize(&f->test.screen, rows, cols);
				(void)keys(f, rows & 1 ? "G" : "gjn");
				screen_draw_anew(&f->test.screen, &f->test.grid, cols & 1);
			}
		(void)keys(f, "\033");
	}
}

/* ---- changes ---- */

#define USE_GATEWAYS "virtual_networks/az-spk1-vnet/peerings/Spoke1-to-Hub/use_remote_gateways"

static void the_mend_is_put_in_the_command_line(void **state)
{
	struct fixture *f = *state;
	struct effect effect;

	ask(f, "works");
	(void)keys(f, "x");
	assert_int_equal(f->test.screen.mode, MODE_MENU); /* there is none */
	(void)keys(f, "\033");
	ask(f, "fails");
	(void)keys(f, "i");
	assert_string_equal(f->test.screen.input.text, "whatif " USE_GATEWAYS " true");
	(void)keys(f, "\033x");
	assert_string_equal(f->test.screen.input.text, "set " USE_GATEWAYS " true");
	effect = keys(f, "\r");
	assert_int_equal(effect.kind, EFFECT_RUN);
	assert_string_equal(effect.text, "set " USE_GATEWAYS " true");
}

static void a_mend_that_is_too_long_is_not_cut(void **state)
{
	struct change_text change = { "virtual_networks/v", NULL };
	struct mend mend = { .at = "a", .words = "w", .changes = { &change, 1 } };
	struct fixture *f = *state;
	char value[LINE_SIZE];

	memset(value, 'x', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	change.value = value;
	ask(f, "fails");
	f->answer.mend.found = &mend;
	(void)keys(f, "x");
	assert_int_equal(f->test.screen.mode, MODE_VIEW);
	assert_true(shows(f, "too long for this line"));
	change.value = "two words";
	(void)keys(f, "x");
	assert_string_equal(f->test.screen.input.text, "set virtual_networks/v 'two words'");
}

static void what_was_asked_about_can_be_made(void **state)
{
	struct fixture *f = *state;
	struct printed *output = &f->test.screen.scene.output;

	screen_show(&f->test.screen, &view_output);
	*output = (struct printed){ .title = "whatif a/b 'c d'" };
	(void)keys(f, "x");
	assert_string_equal(f->test.screen.input.text, "whatif --apply a/b 'c d'");
	(void)keys(f, "\033");
	output->code = 3; /* it cannot be */
	(void)keys(f, "x");
	assert_int_equal(f->test.screen.mode, MODE_MENU);
	*output = (struct printed){ .title = "whatif --apply a/b c" };
	(void)keys(f, "\033x");
	assert_int_equal(f->test.screen.mode, MODE_MENU);
	(void)keys(f, "\033");
	output->title = "whatif a/b "
			"a-value-so-long-that-there-is-no-room-for-the-rest-of-what-stands-there";
	assert_true(shows(f, "…  ended with 0 after 0.0 s"));
	*output = (struct printed){ .title = "routes a" };
	(void)keys(f, "x");
	assert_int_equal(f->test.screen.mode, MODE_MENU);
}

/* ---- the matrix ---- */

static void m_goes_round_its_forms(void **state)
{
	struct fixture *f = *state;

	(void)keys(f, "m");
	assert_true(shows(f, "m is about probes"));
	look_at_probes(f);
	assert_true(shows(f, "the lab's probes"));
	(void)keys(f, "m"); /* all pairs were never asked */
	assert_ptr_equal(f->test.screen.view, &view_probes);
	look_at_mesh(f, recorded_mesh(f));
	assert_true(shows(f, "all pairs, icmp, at "));
	(void)keys(f, "m");
	assert_ptr_equal(f->test.screen.view, &view_probes);
	(void)keys(f, "mm");
	assert_true(f->test.screen.scene.shows_mesh);
	(void)keys(f, "\033");
	assert_ptr_equal(f->test.screen.view, &view_probes);
}

static void all_pairs_are_asked_for(void **state)
{
	struct fixture *f = *state;
	struct effect effect = keys(f, "M");

	assert_int_equal(effect.kind, EFFECT_MESH);
	assert_string_equal(effect.text, "icmp");
	assert_ptr_equal(f->test.screen.view, &view_matrix);
	effect = keys(f, ":mesh tcp:22\r");
	assert_int_equal(effect.kind, EFFECT_MESH);
	assert_string_equal(effect.text, "tcp:22");
	f->test.screen.scene.mesh =
		(struct mesh_scene){ .is_running = true, .decided = 3, .pairs = 12 };
	assert_true(shows(f, "asks: 3 of 12"));
	f->test.screen.scene.mesh = (struct mesh_scene){ .error = "another mesh is running" };
	assert_true(shows(f, "another mesh is running"));
}

static void a_pair_says_what_was_seen_and_is_asked_about(void **state)
{
	struct fixture *f = *state;

	look_at_mesh(f, recorded_mesh(f));
	assert_true(shows(f, "az-hub-lxvm: the machine itself"));
	(void)keys(f, "w");
	assert_ptr_equal(f->test.screen.view, &view_matrix); /* that is no flow */
	(void)keys(f, "n");
	assert_true(shows(f, "az-hub-lxvm → az-spk1-lxvm  ✗ no reply, asked 3 times; predicted"));
	(void)keys(f, "l");
	assert_true(shows(f, "az-hub-lxvm → az-spk2-lxvm  ✓ a reply after "));
	(void)keys(f, "\r");
	assert_string_equal(screen_path(&f->test.screen), "az-hub-lxvm az-spk2-lxvm icmp");
	(void)keys(f, "\033");
	assert_ptr_equal(f->test.screen.view, &view_matrix);
	assert_int_equal(screen_state(&f->test.screen)->column, 2);
	(void)keys(f, "/red\r");
	assert_true(shows(f, "only rows with 'red'"));
	assert_int_equal(
		view_count(&view_matrix, &f->test.screen.scene, screen_state(&f->test.screen)), 3);
}

static void columns_go_round_and_findings_are_found(void **state)
{
	struct fixture *f = *state;
	struct snapshot_mesh *mesh = recorded_mesh(f);
	const struct view_state *v;

	look_at_mesh(f, mesh);
	v = screen_state(&f->test.screen);
	(void)keys(f, "h");
	assert_int_equal(v->column, 3);
	(void)keys(f, "l");
	assert_int_equal(v->column, 0);
	(void)keys(f, "nnn"); /* 0,1  1,0  1,3 */
	assert_int_equal(v->selected, 1);
	assert_int_equal(v->column, 3);
	(void)keys(f, "nn"); /* 3,1 and round again */
	assert_int_equal(v->selected, 0);
	assert_int_equal(v->column, 1);
	for (size_t i = 0; i < mesh->rows.count; i++)
		mesh->rows.items[i].cells = "++++";
	mesh->rows.items[0].findings.count = 0;
	look_at_mesh(f, mesh);
	(void)keys(f, "n");
	assert_true(shows(f, "all of it is as predicted"));
}

static struct snapshot_probe probe(const char *from, const char *to, const char *protocol,
				   const char *colour, const char *prediction,
				   const char *observation, const char *why)
{
	return (struct snapshot_probe){ .from = from,
					.to = to,
					.protocol = protocol,
					.colour = colour,
					.prediction = prediction,
					.is_reply_predicted = !strcmp(prediction, "reply"),
					.observation = observation,
					.why = why,
					.is_reply = !strcmp(observation, "reply"),
					.rtt_ms = 1.25 };
}

/* Of several probes of a pair the worst counts, and all are told. */
static void a_pair_of_two_probes(void **state)
{
	struct snapshot_probe probes[] = {
		probe("a", "b", "Icmp", "green", "reply", "reply", ""),
		probe("a", "b", "Http", "red", "reply", "no reply", "connection refused"),
		probe("b", "c", "Icmp", "amber", "no route", "not observed", ""),
		probe("b", "a", "Tcp:443", "green", "reply", "reply", ""),
	};
	struct snapshot_probes all = { { probes, ARRAY_SIZE(probes) } };
	struct fixture *f = *state;
	struct heat *heat;

	f->test.screen.scene.snapshot.probes = &all;
	look_at_probes(f);
	heat = heat_of_probes(&all, f->test.arena);
	assert_int_equal(heat->rows.count, 2);
	assert_int_equal(heat->columns.count, 3);
	assert_int_equal(heat_at(heat, 0, 0), HEAT_SELF);
	assert_int_equal(heat_at(heat, 0, 1), HEAT_BAD);
	assert_int_equal(heat_at(heat, 0, 2), HEAT_NONE);
	assert_int_equal(heat_at(heat, 1, 2), HEAT_WAITING);
	assert_string_equal(heat_words(heat, &all, 0, 1, f->test.arena),
			    "ping: a reply after 1.2 ms, as predicted; http: connection refused; "
			    "predicted: reply");
	assert_string_equal(heat_words(heat, &all, 0, 2, f->test.arena), "no probe asks that");
	assert_string_equal(heat_protocol(heat, &all, 0, 1, f->test.arena), "http");
	assert_string_equal(heat_words(heat, &all, 1, 0, f->test.arena),
			    "Tcp:443: a reply after 1.2 ms, as predicted");
	(void)keys(f, "lw");
	assert_string_equal(screen_path(&f->test.screen), "a b http");
}

/* So many that they neither have their names above them nor fit. */
static void very_many_machines(void **state)
{
	enum {
		COUNT = 300
	};
	struct fixture *f = *state;
	struct snapshot_mesh mesh = { .protocol = "icmp", .pairs = (int64_t)COUNT * (COUNT - 1) };
	struct err err = { 0 };

	for (int i = 0; i < COUNT; i++) {
		struct snapshot_mesh_row *row;
		char *cells = arena_alloc(f->test.arena, COUNT + 1);

		*ARENA_PUSH(f->test.arena, mesh.to.items, mesh.to.count) =
			arena_printf(f->test.arena, "spoke%03d-vm", i + 1);
		memset(cells, '+', COUNT);
		cells[i] = ' ';
		if (i == 288)
			cells[260] = '!';
		row = ARENA_PUSH(f->test.arena, mesh.rows.items, mesh.rows.count);
		row->from = mesh.to.items[i];
		row->cells = cells;
		row->rtt_ms.items = arena_alloc(f->test.arena, COUNT * sizeof(double));
		row->rtt_ms.count = COUNT;
	}
	assert_int_equal(mesh_check(&mesh, &err), 0);
	look_at_mesh(f, &mesh);
	assert_true(shows(f, "✗ 1  ✓ 89699"));
	assert_false(shows(f, "spoke289-vm"));
	(void)keys(f, "n");
	assert_true(shows(f, "▸289 spoke289-vm"));
	assert_true(shows(f, "spoke289-vm → spoke261-vm  ✗ a reply that is not predicted"));
	(void)keys(f, "/289\r");
	assert_true(shows(f, "▸289 spoke289-vm"));
	assert_false(shows(f, "spoke288-vm"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_flow_that_works),
		TEST(a_flow_that_stopped),
		TEST(the_matrix_of_probes),
		TEST(the_matrix_of_all_pairs),
		TEST(w_asks_about_what_is_selected),
		TEST(flows_keep_their_w_and_have_another),
		TEST(a_flow_is_asked_about_as_the_machine_sees_it),
		TEST(lines_ask_too_unless_they_have_options),
		TEST(the_words_of_a_question_are_completed),
		TEST(nothing_is_asked_yet_or_the_lab_refuses),
		TEST(the_verdict_waits_for_what_is_seen),
		TEST(a_verdict_that_changes_says_when_and_from_what),
		TEST(what_was_seen_of_other_ways_says_nothing),
		TEST(what_differs_is_bad),
		TEST(one_kernel_that_differs_is_bad_too),
		TEST(no_answer_says_why),
		TEST(all_of_it_can_be_scrolled_to),
		TEST(any_size_will_do),
		TEST(the_mend_is_put_in_the_command_line),
		TEST(a_mend_that_is_too_long_is_not_cut),
		TEST(what_was_asked_about_can_be_made),
		TEST(m_goes_round_its_forms),
		TEST(all_pairs_are_asked_for),
		TEST(a_pair_says_what_was_seen_and_is_asked_about),
		TEST(columns_go_round_and_findings_are_found),
		TEST(a_pair_of_two_probes),
		TEST(very_many_machines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
