/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What flows, on the map: which links have what is said of interfaces, and how it looks. */
#include "tests/support/test.h"

#include "lab/graph/picture.h"
#include "tests/support/fixture.h"
#include "tests/support/golden.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void figures_are_short(void **state)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} cases[] = {
		{ 0, "0b/s" },
		{ 1, "8b/s" },
		{ 124, "992b/s" },
		{ 125, "1.0kb/s" },
		{ 1243, "9.9kb/s" },
		{ 1244, "10kb/s" },
		{ 124937, "999kb/s" },
		{ 124938, "1.0Mb/s" },
		{ 6250000, "50Mb/s" },
		{ 1250000000, "10Gb/s" },
		{ INT64_MAX, "73787Pb/s" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[GRAPH_RATE_TEXT];

		graph_rate_text(cases[i].bytes, text);
		assert_string_equal(text, cases[i].text);
	}
}

static const struct interface *find_interface(const struct topology *t, const char *node,
					      const char *name)
{
	const struct node *of = topology_find_node(t, node);

	for (size_t i = 0; of && i < of->interfaces.count; i++)
		if (!strcmp(of->interfaces.items[i]->name, name))
			return of->interfaces.items[i];
	return NULL;
}

/* A circuit's connection has two MSEEs, a cable one end, each tunnel one that is in the lab. */
static size_t devices_wanted(const struct graph *g, const struct topology *t)
{
	size_t count = 0;

	for (size_t i = 0; i < g->links.count; i++)
		count += g->links.items[i].kind == LINK_CABLE        ? 1
			 : g->links.items[i].kind == LINK_CONNECTION ? PATH_COUNT
								     : 0;
	for (size_t i = 0; i < t->tunnel_ends.count; i++)
		count += t->tunnel_ends.items[i]->peer ? 1 : 2; /* halves */
	return count;
}

/* Each is an interface of the machine at that end of the link, and no link has none. */
static void links_have_their_devices(void **state)
{
	glob_t files;
	size_t seen = 0;

	(void)state;
	assert_int_equal(glob("templates/*/lab.yaml", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		struct fixture f = { 0 };
		struct topology *t;
		struct graph *g;
		size_t tunnels = 0, others = 0;

		fixture_read(&f, files.gl_pathv[i]);
		t = topology_new(f.lab, NULL);
		g = graph_new(t, GRAPH_FOLD);
		for (size_t n = 0; n < g->devices.count; n++) {
			const struct graph_device *device = &g->devices.items[n];
			const struct graph_link *link = &g->links.items[device->link];
			unsigned node = graph_find(g, device->machine);
			const struct interface *interface =
				find_interface(t, device->machine, device->interface);

			assert_non_null(interface);
			assert_true(node != GRAPH_NONE);
			assert_ptr_equal(graph_find_device(g, device->machine, device->interface),
					 device);
			assert_int_equal(link->groups[device->end], g->nodes.items[node].group);
			if (link->nodes[device->end] != GRAPH_NONE)
				assert_int_equal(link->nodes[device->end], node);
			tunnels += 2 * (link->kind == LINK_TUNNEL);
			others += link->kind != LINK_TUNNEL;
		}
		assert_int_equal(tunnels + others, devices_wanted(g, t));
		seen += g->devices.count;
		graph_free(g);
		topology_free(t);
		fixture_free(&f);
	}
	globfree(&files);
	assert_true(seen > 50);
}

struct drawn {
	struct arena *arena;
	struct fixture f;
	struct topology *t;
	struct graph *g;
	struct graph_state *state;
};

static void draw_set_up(struct drawn *d, const char *path, struct snapshot_traffic *traffic)
{
	struct snapshot snapshot = { .traffic = traffic };

	d->arena = arena_new();
	fixture_read(&d->f, path);
	d->t = topology_new(d->f.lab, NULL);
	d->g = graph_new(d->t, GRAPH_FOLD);
	d->state = graph_state_new(d->g, &snapshot, NULL, NULL, d->arena);
}

static void draw_tear_down(struct drawn *d)
{
	arena_free(d->arena);
	graph_free(d->g);
	topology_free(d->t);
	fixture_free(&d->f);
}

static unsigned find_link(const struct graph *g, const char *words)
{
	for (unsigned i = 0; i < g->links.count; i++)
		if (!strncmp(g->links.items[i].words, words, strlen(words)))
			return i;
	fail_msg("no link '%s'", words);
	return GRAPH_NONE;
}

static const char express_route[] = "tests/golden/express_route.yaml";

/* What the provider sends by its first cable goes to that MSEE, and is on no other link. */
static void what_flows_is_on_its_link_only(void **state)
{
	struct snapshot_carried rows[] = {
		{ "megaport-mcr", NULL, 100, 1, 2000, 2 },
		{ "az-spk1-lxvm", "eth0", 30, 1, 40, 1 },
		{ "az-hub-ergw-0", "eth0", 7, 1, 9, 1 },
		{ "azure-er-circuit-primary", NULL, 300, 1, 500, 1 },
		{ "azure-er-circuit-secondary", NULL, 3, 1, 5, 1 },
		{ "nobody", "eth0", 1000, 1, 1000, 1 },
		{ "megaport-mcr", "eth99", 1000, 1, 1000, 1 },
	};
	struct snapshot_traffic traffic = { true, { rows, ARRAY_SIZE(rows) } };
	struct drawn d = { 0 };
	unsigned cable, connection, node;

	(void)state;
	draw_set_up(&d, express_route, NULL);
	cable = find_link(d.g, "megaport-mcr/azure-er-circuit-primary");
	connection = find_link(d.g, "azure-er-circuit-conn");
	for (size_t i = 0; i < d.g->devices.count; i++)
		for (size_t n = 0; n < ARRAY_SIZE(rows); n++)
			if (!rows[n].interface &&
			    !strcmp(rows[n].node, d.g->devices.items[i].machine) &&
			    (d.g->devices.items[i].link == cable ||
			     d.g->devices.items[i].link == connection))
				rows[n].interface = d.g->devices.items[i].interface;
	d.state = graph_state_new(d.g, &(struct snapshot){ .traffic = &traffic }, NULL, NULL,
				  d.arena);
	for (unsigned i = 0; i < d.g->links.count; i++) {
		const struct graph_rate *rate = &d.state->link_rates[i];
		bool is_mcr_first = d.g->links.items[i].nodes[0] == graph_find(d.g, "megaport-mcr");

		if (i == cable) {
			assert_int_equal(is_mcr_first ? rate->out : rate->in, 2000);
			assert_int_equal(is_mcr_first ? rate->in : rate->out, 100);
		} else if (i == connection) { /* from the gateway to both MSEEs, and back */
			assert_int_equal(rate->out, 303);
			assert_int_equal(rate->in, 505);
		} else {
			assert_int_equal(graph_busier(rate), 0);
		}
	}
	node = graph_find(d.g, "az-spk1-lxvm");
	assert_int_equal(d.state->node_rates[node].out, 40);
	assert_int_equal(d.state->node_rates[node].in, 30);
	assert_int_equal(d.state->group_rates[d.g->nodes.items[node].group].out, 40);
	node = graph_find(d.g, "az-hub-ergw"); /* is of the network, not of its machines */
	assert_int_equal(d.state->node_rates[node].out, 9);
	assert_int_equal(d.state->group_rates[d.g->nodes.items[node].group].out, 0);
	draw_tear_down(&d);
}

static void what_is_not_known_is_not_drawn(void **state)
{
	struct snapshot_carried row = { "az-spk1-lxvm", "eth0", 30, 1, 40, 1 };
	struct snapshot_traffic traffic = { false, { &row, 1 } };
	struct drawn d = { 0 };

	(void)state;
	draw_set_up(&d, express_route, &traffic);
	assert_null(d.state->link_rates);
	assert_null(d.state->node_rates);
	draw_tear_down(&d);
	draw_set_up(&d, express_route, NULL);
	assert_null(d.state->link_rates);
	draw_tear_down(&d);
}

/* Of every interface another figure, so that each has one that can be found. */
static struct snapshot_traffic busy(const struct topology *t, struct arena *arena)
{
	struct snapshot_traffic out = { .is_whole = true };
	int64_t bytes = 1500;

	for (size_t i = 0; i < t->nodes.count; i++)
		for (size_t n = 0; n < t->nodes.items[i]->interfaces.count; n++) {
			*ARENA_PUSH(arena, out.interfaces.items, out.interfaces.count) =
				(struct snapshot_carried){
					t->nodes.items[i]->name,
					t->nodes.items[i]->interfaces.items[n]->name,
					bytes / 2,
					1,
					bytes,
					1
				};
			bytes += bytes / 3;
			bytes = bytes > 5000000000 ? 1700 : bytes;
		}
	return out;
}

static void figures_stand_beside_their_lines(void **state)
{
	static const struct {
		const char *name, *path;
	} labs[] = {
		{ "rates_er-vpn-coexist", "templates/er-vpn-coexist/lab.yaml" },
		{ "rates_two-circuits", "templates/two-circuits/lab.yaml" },
		{ "rates_branch-frr", "templates/branch-frr/lab.yaml" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(labs); i++) {
		struct memory_file file = { 0 };
		struct snapshot_traffic traffic;
		struct drawn d = { 0 };
		char name[128], *text;
		FILE *out = memory_open(&file);

		draw_set_up(&d, labs[i / 2].path, NULL);
		traffic = busy(d.t, d.arena);
		d.state = graph_state_new(d.g, &(struct snapshot){ .traffic = &traffic }, NULL,
					  NULL, d.arena);
		graph_print_text(d.g, d.state, 80, i & 1, out);
		text = memory_close(&file);
		(void)snprintf(name, sizeof(name), "graph/%s%s.txt", labs[i / 2].name,
			       i & 1 ? "_ascii" : "");
		assert_golden(name, text);
		free(text);
		draw_tear_down(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_short),
		cmocka_unit_test(links_have_their_devices),
		cmocka_unit_test(what_flows_is_on_its_link_only),
		cmocka_unit_test(what_is_not_known_is_not_drawn),
		cmocka_unit_test(figures_stand_beside_their_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
