/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/test.h"

#include "lab/model/lab.h"
#include "lab/snapshot/fill.h"
#include "tests/support/golden.h"
#include "tests/support/screen.h"

#include <stdlib.h>
#include <string.h>

static const struct choice_row choices[] = {
	{ "vpner", "This lab runs: Enter shows it.", NULL, NULL, false },
	{ "vpner", "The reference lab, step 1: a branch reaches a hub and two spokes.",
	  "  az-spk1   az-spk2\n      \\       /\n       az-hub\n", "templates/vpner/lab.yaml",
	  false },
};
static const struct word_row commands[] = {
	{ "up", "FILE", "build a lab" },
	{ "routes", "VM", "effective routes" },
	{ "probes", "", "scheduled probes" },
};

static void *decode(const json_t *topics, const char *topic, const struct record *record,
		    struct arena *arena)
{
	void *object = arena_alloc(arena, record->size);
	struct err err = { 0 };

	if (!record_decode(record, json_object_get(topics, topic), object, arena, &err))
		fail_msg("%s: %s", topic, err.text);
	return object;
}

/* Of the lab whose topics were recorded; it stays, for all screens. */
static const struct graph *fixture_graph(void)
{
	static const char path[] = "tests/golden/express_route.yaml";
	static struct graph *graph;
	struct snapshot_file file = { .file = path };
	struct err err = { 0 };
	char *text;

	if (graph)
		return graph;
	text = read_file(path, NULL);
	file.text = text;
	graph = graph_of_file(&file, GRAPH_FOLD, &err);
	free(text);
	if (!graph)
		fail_msg("%s", err.text);
	return graph;
}

void screen_fixture(struct screen *s, struct arena *arena, unsigned rows, unsigned cols)
{
	json_t *topics = json_load_file("tests/golden/screen/vpner.json", 0, NULL);
	json_t *security = json_load_file("tests/golden/screen/security.json", 0, NULL);
	json_t *gateways = json_load_file("tests/golden/screen/gateways.json", 0, NULL);
	json_t *act = json_load_file("tests/golden/screen/act.json", 0, NULL);
	json_t *history = json_load_file("tests/golden/screen/history.json", 0, NULL);
	json_t *map = json_load_file("tests/golden/screen/map.json", 0, NULL);
	struct snapshot_routes *routes;
	double *changed_at;

	assert_non_null(topics);
	assert_non_null(security);
	assert_non_null(gateways);
	assert_non_null(act);
	assert_non_null(history);
	assert_non_null(map);
	screen_init(s, rows, cols);
	routes = decode(topics, "routes", &snapshot_routes_record, arena);
	changed_at = arena_alloc(arena, routes->routes.count * sizeof(*changed_at));
	s->scene = (struct scene){
		.snapshot = { .lab = decode(topics, "lab", &snapshot_lab_record, arena),
			      .nodes = decode(topics, "nodes", &snapshot_nodes_record, arena),
			      .vms = decode(topics, "vms", &snapshot_vms_record, arena),
			      .probes = decode(topics, "probes", &snapshot_probes_record, arena),
			      .events = decode(topics, "events", &snapshot_events_record, arena),
			      .routes = routes,
			      .why = decode(topics, "why", &snapshot_why_record, arena),
			      .nsg = decode(security, "nsg", &snapshot_nsg_record, arena),
			      .flows = decode(security, "flows", &snapshot_flows_record, arena),
			      .verdict = decode(security, "verdict", &snapshot_flow_verdict_record,
						arena),
			      .bgp = decode(gateways, "bgp", &snapshot_bgp_record, arena),
			      .advertised = decode(gateways, "advertised",
						   &snapshot_advertised_record, arena),
			      .faults = decode(act, "faults", &snapshot_faults_record, arena),
			      .targets = decode(act, "targets", &snapshot_targets_record, arena),
			      .file = decode(act, "file", &snapshot_file_record, arena),
			      .test = decode(act, "test", &snapshot_test_record, arena),
			      .history =
				      decode(history, "history", &snapshot_history_record, arena),
			      .log_sources = decode(history, "log_sources",
						    &snapshot_log_sources_record, arena),
			      .log = decode(history, "log", &snapshot_log_record, arena),
			      .sessions = decode(map, "sessions", &snapshot_sessions_record, arena),
			      .path = decode(map, "path", &snapshot_path_record, arena),
			      .routes_changed_at = changed_at },
		.graph = fixture_graph(),
		.now = json_number_value(json_object_get(topics, "now")),
		.choices = choices,
		.choice_count = ARRAY_SIZE(choices),
		.commands = commands,
		.command_count = ARRAY_SIZE(commands),
	};
	changed_at[1] = s->scene.now - 1; /* one that was just changed */
	s->lab = s->scene.snapshot.lab->name;
	s->heard_at = s->scene.now;
	json_decref(topics);
	json_decref(security);
	json_decref(gateways);
	json_decref(act);
	json_decref(history);
	json_decref(map);
	s->before = &view_vms;
	screen_show(s, &view_vms);
	screen_settle(s);
}

struct lab *screen_fixture_model(const struct screen *s)
{
	struct diags diags = { 0 };
	struct lab *lab = snapshot_file_lab(s->scene.snapshot.file, &diags);

	diags_fini(&diags);
	assert_non_null(lab);
	return lab;
}

/* ---- tests ---- */

void screen_test_init(struct screen_test *t)
{
	t->arena = arena_new();
	screen_fixture(&t->screen, t->arena, 24, 80);
}

void screen_test_fini(struct screen_test *t)
{
	grid_fini(&t->grid);
	screen_fini(&t->screen);
	arena_free(t->arena);
}

int screen_set_up(void **state)
{
	struct screen_test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	screen_test_init(t);
	*state = t;
	return 0;
}

int screen_tear_down(void **state)
{
	screen_test_fini(*state);
	free(*state);
	return 0;
}

struct effect screen_press(struct screen *s, const char *keys)
{
	struct effect effect = { 0 };

	for (; *keys; keys++)
		effect = screen_key(s, *keys == '\n' ? KEY_CODE_ENTER : (unsigned char)*keys);
	return effect;
}

void screen_draw_anew(const struct screen *s, struct grid *g, bool is_ascii)
{
	grid_fini(g);
	grid_init(g, s->rows, s->cols, is_ascii);
	screen_draw(s, g);
}

char *screen_text(const struct screen *s, bool is_ascii)
{
	struct memory_file file = { 0 };
	struct grid g = { 0 };

	screen_draw_anew(s, &g, is_ascii);
	grid_print(&g, memory_open(&file));
	grid_fini(&g);
	return memory_close(&file);
}

bool screen_shows(const struct screen *s, bool is_ascii, const char *words)
{
	char *text = screen_text(s, is_ascii);
	bool is_there = strstr(text, words) != NULL;

	free(text);
	return is_there;
}

/* ---- golden screens ---- */

static void assert_golden_screen(const struct screen *s, const char *name, bool is_ascii,
				 bool is_colour)
{
	struct memory_file file = { 0 };
	char path[128], *text;
	struct grid g = { 0 };

	screen_draw_anew(s, &g, is_ascii);
	grid_print_ansi(&g, is_colour, memory_open(&file));
	text = memory_close(&file);
	(void)snprintf(path, sizeof(path), "screen/%s_%ux%u_%s_%s.ans", name, s->cols, s->rows,
		       is_ascii ? "ascii" : "utf8", is_colour ? "colour" : "plain");
	assert_golden(path, text);
	free(text);
	grid_fini(&g);
}

void assert_golden_text(const struct screen *s, bool is_ascii, const char *name)
{
	char *text = screen_text(s, is_ascii);

	assert_golden(name, text);
	free(text);
}

void assert_golden_screens(struct screen *s, const char *name)
{
	static const struct {
		unsigned rows, cols;
	} sizes[] = { { 24, 80 }, { 40, 120 }, { 60, 200 }, { 10, 40 } };
	unsigned rows = s->rows, cols = s->cols;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		screen_resize(s, sizes[i].rows, sizes[i].cols);
		for (unsigned look = 0; look < 4; look++)
			assert_golden_screen(s, name, look & 1, look & 2);
	}
	screen_resize(s, rows, cols);
}
