/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The topology map: all of a lab is in it, nothing overlaps, and what it looks like. */
#include "tests/support/test.h"

#include "lab/base/arena.h"
#include "lab/graph/picture.h"
#include "tests/support/golden.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* ---- every lab file there is, in each of its states ---- */

typedef void graph_fn(const struct lab *lab, const struct topology *t, const struct graph *g);

static void with_lab(const char *text, const char *file, unsigned step, unsigned fold, graph_fn *fn)
{
	struct lab_state state = { .step = step };
	struct diags diags = { 0 };
	struct lab *lab = lab_parse_at(text, strlen(text), file, &state, &diags);
	struct topology *t;
	struct graph *g;

	if (!lab) {
		fail_msg("%s at step %u is not valid", file, step);
		return;
	}
	t = topology_new(lab, NULL);
	g = graph_new(t, fold);
	fn(lab, t, g);
	graph_free(g);
	topology_free(t);
	lab_free(lab);
	diags_fini(&diags);
}

static size_t count_steps(const char *text, const char *file)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), file, &diags);
	size_t count;

	assert_non_null(lab);
	count = lab->steps.count;
	lab_free(lab);
	diags_fini(&diags);
	return count;
}

static size_t each_state(const char *pattern, unsigned fold, graph_fn *fn)
{
	size_t count = 0;
	glob_t files;

	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char *text = read_file(files.gl_pathv[i], NULL);
		size_t steps = count_steps(text, files.gl_pathv[i]);

		for (unsigned step = 0; step <= steps; step++, count++)
			with_lab(text, files.gl_pathv[i], step, fold, fn);
		free(text);
	}
	globfree(&files);
	return count;
}

/* ---- all of the model is in it ---- */

static bool has(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (!strcmp(texts->items[i], text))
			return true;
	return false;
}

static unsigned count_kind(const struct graph *g, enum graph_link_kind kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < g->links.count; i++)
		count += g->links.items[i].kind == kind;
	return count;
}

static void has_each_machine_once(const struct topology *t, const struct graph *g)
{
	for (size_t i = 0; i < t->nodes.count; i++) {
		unsigned at = graph_find(g, t->nodes.items[i]->name), seen = 0;

		if (at == GRAPH_NONE)
			fail_msg("%s: %s is missing", g->lab, t->nodes.items[i]->name);
		for (size_t n = 0; n < g->nodes.count; n++)
			seen += has(&g->nodes.items[n].machines, t->nodes.items[i]->name);
		assert_int_equal(seen, 1);
	}
	for (size_t i = 0; i < g->nodes.count; i++)
		for (size_t n = 0; n < i; n++)
			assert_string_not_equal(g->nodes.items[i].name, g->nodes.items[n].name);
}

static void has_each_peering(const struct lab *lab, const struct graph *g)
{
	unsigned whole = 0, half = 0;

	for (size_t v = 0; v < lab->virtual_networks.count; v++)
		for (size_t i = 0; i < lab->virtual_networks.items[v].peerings.count; i++) {
			if (lab->virtual_networks.items[v].peerings.items[i].reverse)
				whole++;
			else
				half++;
		}
	assert_int_equal(count_kind(g, LINK_PEERING), whole / 2 + half);
}

static void has_each_cable_and_tunnel(const struct topology *t, const struct graph *g)
{
	struct arena *arena = arena_new();
	unsigned cables = 0, connections = 0;

	for (size_t i = 0; i < t->cables.count; i++) {
		const char *name = cable_name(t, t->cables.items[i], arena);
		unsigned seen = 0;

		for (size_t n = 0; n < g->links.count; n++)
			seen += has(&g->links.items[n].targets, name);
		assert_int_equal(seen, 1);
		cables += !t->cables.items[i]->ends[0]->tunnel;
	}
	for (size_t i = 0; i < t->tunnel_ends.count; i++) {
		unsigned seen = 0;

		for (size_t n = 0; n < g->links.count; n++)
			seen += has(&g->links.items[n].tunnels, t->tunnel_ends.items[i]->name);
		assert_int_equal(seen, 1);
	}
	for (size_t i = 0; i < t->lab->connections.count; i++)
		connections += t->lab->connections.items[i].type == CONNECTION_EXPRESS_ROUTE;
	assert_int_equal(count_kind(g, LINK_CABLE), cables);
	assert_int_equal(count_kind(g, LINK_CONNECTION), connections);
	arena_free(arena);
}

/* ---- nothing overlaps ---- */

#define NOBODY 0u

struct board {
	const struct graph *g;
	const struct layout *l;
	unsigned *boxes;         /* by cell: the group + 1 */
	unsigned *across, *down; /* by cell: the net + 1 of what runs there */
};

static size_t cell(const struct board *b, unsigned row, unsigned col)
{
	assert_true(row < b->l->rows);
	assert_true(col < b->l->cols);
	return (size_t)row * b->l->cols + col;
}

static void put_boxes(struct board *b)
{
	for (unsigned i = 0; i < b->g->groups.count; i++) {
		const struct layout_box *box = &b->l->boxes[i];

		for (unsigned row = box->row; row < box->row + box->rows; row++)
			for (unsigned col = box->col; col < box->col + box->cols; col++) {
				size_t at = cell(b, row, col);

				assert_int_equal(b->boxes[at], NOBODY);
				b->boxes[at] = i + 1;
			}
	}
}

/* In its box, inside the frame, and beside no other's. */
static void labels_stand_in_their_boxes(const struct board *b)
{
	for (unsigned i = 0; i < b->g->nodes.count; i++) {
		const struct layout_label *a = &b->l->labels[i];

		assert_true(a->cols > 2);
		for (unsigned col = a->col; col < a->col + a->cols; col++)
			assert_int_equal(b->boxes[cell(b, a->row, col)],
					 b->g->nodes.items[i].group + 1);
		for (unsigned n = 0; n < i; n++) {
			const struct layout_label *other = &b->l->labels[n];

			assert_true(a->row != other->row ||
				    a->col >= other->col + other->cols + 2 ||
				    other->col >= a->col + a->cols + 2);
		}
	}
}

/* Past no box; where two meet, the one goes across and the other down. */
static void put_lines(struct board *b)
{
	for (size_t i = 0; i < b->l->lines.count; i++) {
		const struct layout_line *line = &b->l->lines.items[i];
		bool is_across = line->row == line->to_row && line->col != line->to_col;

		for (unsigned row = line->row; row <= line->to_row; row++)
			for (unsigned col = line->col; col <= line->to_col; col++) {
				size_t at = cell(b, row, col);
				unsigned *mine = is_across ? &b->across[at] : &b->down[at];

				assert_int_equal(b->boxes[at], NOBODY);
				assert_true(*mine == NOBODY || *mine == line->net + 1);
				*mine = line->net + 1;
			}
	}
}

static bool touches(const struct board *b, unsigned net, unsigned group)
{
	const struct layout_box *box = &b->l->boxes[group];

	for (unsigned col = box->col; col < box->col + box->cols; col++) {
		if (box->row && b->down[cell(b, box->row - 1, col)] == net + 1)
			return true;
		if (box->row + box->rows < b->l->rows &&
		    b->down[cell(b, box->row + box->rows, col)] == net + 1)
			return true;
	}
	return false;
}

/* Cells of the net that hang together with the first one found; and how many it has. */
static unsigned spread(const struct board *b, unsigned net, unsigned *ret_all)
{
	size_t count = (size_t)b->l->rows * b->l->cols, head = 0, tail = 0;
	size_t *queue = malloc((count + 1) * sizeof(*queue));
	bool *is_seen = calloc(count + 1, 1);

	*ret_all = 0;
	for (size_t i = 0; i < count; i++) {
		if (b->across[i] != net + 1 && b->down[i] != net + 1)
			continue;
		if (!(*ret_all)++) {
			is_seen[i] = true;
			queue[tail++] = i;
		}
	}
	while (head < tail) {
		size_t at = queue[head++];
		size_t next[] = { at - 1, at + 1, at - b->l->cols, at + b->l->cols };
		size_t col = at % b->l->cols;

		for (int i = 0; i < 4; i++) {
			bool is_across = i < 2;

			if (next[i] >= count || is_seen[next[i]] || (i == 0 && !col) ||
			    (i == 1 && col + 1 == b->l->cols))
				continue;
			if ((is_across ? b->across : b->down)[at] != net + 1 ||
			    (is_across ? b->across : b->down)[next[i]] != net + 1)
				continue;
			is_seen[next[i]] = true;
			queue[tail++] = next[i];
		}
	}
	free(queue);
	free(is_seen);
	return (unsigned)tail;
}

static void links_reach_both_ends(const struct board *b)
{
	unsigned *nets_of = calloc(b->g->links.count + 1, sizeof(*nets_of));

	for (unsigned n = 0; n < b->l->nets.count; n++) {
		const struct layout_net *net = &b->l->nets.items[n];
		unsigned all, joined = spread(b, n, &all);

		assert_true(all);
		assert_int_equal(joined, all);
		for (size_t i = 0; i < net->links.count; i++) {
			const struct graph_link *link = &b->g->links.items[net->links.items[i]];

			assert_int_equal(link->kind, net->kind);
			assert_true(touches(b, n, link->groups[0]));
			assert_true(touches(b, n, link->groups[1]));
			nets_of[net->links.items[i]]++;
		}
	}
	for (unsigned i = 0; i < b->g->links.count; i++) {
		assert_int_equal(nets_of[i], layout_draws(&b->g->links.items[i]));
		if (nets_of[i])
			assert_true(b->down[cell(b, b->l->marks[i].row, b->l->marks[i].col)]);
	}
	free(nets_of);
}

static void layout_is_sound(const struct graph *g, unsigned cols)
{
	struct layout *l = layout_new(g, cols);
	size_t cells = (size_t)l->rows * l->cols;
	struct board b = { g, l, calloc(cells + 1, sizeof(unsigned)),
			   calloc(cells + 1, sizeof(unsigned)),
			   calloc(cells + 1, sizeof(unsigned)) };

	put_boxes(&b);
	labels_stand_in_their_boxes(&b);
	put_lines(&b);
	links_reach_both_ends(&b);
	free(b.boxes);
	free(b.across);
	free(b.down);
	layout_free(l);
}

static void is_whole_and_sound(const struct lab *lab, const struct topology *t,
			       const struct graph *g)
{
	static const unsigned widths[] = { 40, 80, 120, 200 };

	has_each_machine_once(t, g);
	has_each_peering(lab, g);
	has_each_cable_and_tunnel(t, g);
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		layout_is_sound(g, widths[i]);
}

static void every_lab_is_drawn_whole(void **state)
{
	(void)state;
	assert_true(each_state("templates/*/lab.yaml", GRAPH_FOLD, is_whole_and_sound) > 50);
	assert_true(each_state("templates/*/lab.yaml", 0, is_whole_and_sound) > 50);
	assert_true(each_state("tests/golden/*.yaml", 2, is_whole_and_sound) > 10);
	assert_true(each_state("tests/golden/new/*.yaml", 1, is_whole_and_sound) > 3);
}

static void is_as_wide_as_a_terminal(const struct lab *lab, const struct topology *t,
				     const struct graph *g)
{
	struct layout *l = layout_new(g, 80);

	(void)lab;
	(void)t;
	if (l->cols > 80)
		fail_msg("%s takes %u columns", g->lab, l->cols);
	layout_free(l);
}

/* Lines may be scrolled. */
static void every_template_is_as_wide_as_a_terminal(void **state)
{
	(void)state;
	(void)each_state("templates/*/lab.yaml", GRAPH_FOLD, is_as_wide_as_a_terminal);
}

/* ---- large labs ---- */

static char *large_lab(unsigned spokes, unsigned vms)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	(void)fputs("lab: large\nvirtual_networks:\n  hub:\n    address_prefixes: 10.0.0.0/24\n"
		    "    subnets: { s: 10.0.0.0/25 }\n    peerings:\n",
		    out);
	for (unsigned i = 1; i <= spokes; i++)
		(void)fprintf(out, "      to-%u: { remote: spoke%u }\n", i, i);
	for (unsigned i = 1; i <= spokes; i++)
		(void)fprintf(out,
			      "  spoke%u:\n    address_prefixes: 10.%u.%u.0/24\n"
			      "    subnets: { s: 10.%u.%u.0/24 }\n"
			      "    peerings: { to-hub: { remote: hub } }\n",
			      i, 1 + i / 256, i % 256, 1 + i / 256, i % 256);
	(void)fputs("vms:\n  hub-vm: hub/s\n", out);
	for (unsigned i = 1; i <= spokes; i++)
		for (unsigned n = 1; n <= vms; n++)
			(void)fprintf(out, "  vm%u-%u: spoke%u/s\n", i, n, i);
	return memory_close(&file);
}

static void many_spokes_are_rows(const struct lab *lab, const struct topology *t,
				 const struct graph *g)
{
	struct layout *l = layout_new(g, 80);

	is_whole_and_sound(lab, t, g);
	assert_true(l->cols <= 80);
	assert_int_equal(l->nets.count, 1); /* all peerings are one line with branches */
	layout_free(l);
}

static void machines_are_a_count(const struct lab *lab, const struct topology *t,
				 const struct graph *g)
{
	unsigned at = graph_find(g, "vm1-150");

	is_whole_and_sound(lab, t, g);
	assert_int_equal(g->nodes.count, 2);
	assert_true(g->nodes.items[at].is_fold);
	assert_string_equal(g->nodes.items[at].label, "300 VMs");
	assert_int_equal(g->nodes.items[at].machines.count, 300);
}

static void machines_are_all_there(const struct lab *lab, const struct topology *t,
				   const struct graph *g)
{
	has_each_machine_once(t, g);
	layout_is_sound(g, 80);
	assert_int_equal(g->nodes.count, lab->vms.count);
}

static void large_labs(void **state)
{
	char *text = large_lab(120, 1);

	(void)state;
	with_lab(text, "large", 0, GRAPH_FOLD, many_spokes_are_rows);
	free(text);
	text = strdup("lab: large\nvirtual_networks:\n  v:\n    address_prefixes: 10.0.0.0/16\n"
		      "    subnets: { s: 10.0.0.0/16 }\n  w:\n    address_prefixes: 10.1.0.0/16\n"
		      "    subnets: { s: 10.1.0.0/16 }\nvms:\n  other: w/s\n");
	for (unsigned i = 1; i <= 300; i++) {
		char *more = NULL;

		assert_true(asprintf(&more, "%s  vm1-%u: v/s\n", text, i) > 0);
		free(text);
		text = more;
	}
	with_lab(text, "large", 0, GRAPH_FOLD, machines_are_a_count);
	with_lab(text, "large", 0, 0, machines_are_all_there);
	free(text);
}

static void a_lab_without_anything(const struct lab *lab, const struct topology *t,
				   const struct graph *g)
{
	struct layout *l = layout_new(g, 80);

	(void)lab;
	(void)t;
	assert_int_equal(g->groups.count, 1);
	assert_int_equal(l->rows, 2);
	layout_free(l);
}

static void an_empty_network_is_a_box(void **state)
{
	(void)state;
	with_lab("lab: e\nvirtual_networks: { v: { address_prefixes: 10.0.0.0/16 } }\n", "empty", 0,
		 GRAPH_FOLD, a_lab_without_anything);
}

/* ---- what it looks like ---- */

static const char *golden_name; /* of the lab that is drawn */

static void looks_as_before(const struct lab *lab, const struct topology *t, const struct graph *g)
{
	static const struct {
		const char *suffix;
		int form;
	} forms[] = {
		{ ".txt", 0 }, { "_ascii.txt", 1 }, { ".dot", 2 }, { ".mmd", 3 }, { ".svg", 4 }
	};

	(void)lab;
	(void)t;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct memory_file file = { 0 };
		FILE *out = memory_open(&file);
		char name[128], *text;

		switch (forms[i].form) {
		case 0:
		case 1:
			graph_print_text(g, NULL, 80, forms[i].form == 1, out);
			break;
		case 2:
			graph_print_dot(g, NULL, out);
			break;
		case 3:
			graph_print_mermaid(g, NULL, out);
			break;
		case 4:
			graph_print_svg(g, NULL, 80, out);
			break;
		}
		text = memory_close(&file);
		for (const char *at = text; forms[i].form == 1 && *at; at++)
			assert_true((unsigned char)*at < 0x80);
		(void)snprintf(name, sizeof(name), "graph/%s%s", golden_name, forms[i].suffix);
		assert_golden(name, text);
		free(text);
	}
}

static void golden_pictures(void **state)
{
	static const struct {
		const char *name, *path;
		unsigned step;
	} labs[] = {
		{ "vpner", "templates/vpner/lab.yaml", 2 },
		{ "two-circuits", "templates/two-circuits/lab.yaml", 0 },
		{ "branch-frr", "templates/branch-frr/lab.yaml", 0 },
		{ "er-vpn-coexist", "templates/er-vpn-coexist/lab.yaml", 0 },
		{ "hybrid", "tests/golden/hybrid.yaml", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(labs); i++) {
		char *text = read_file(labs[i].path, NULL);

		golden_name = labs[i].name;
		with_lab(text, labs[i].path, labs[i].step, GRAPH_FOLD, looks_as_before);
		free(text);
	}
}

/* ---- what is known of it ---- */

static const char *const cut[] = { "1 cut megaport-mcr/branch-er-circuit-primary",
				   "2 delay megaport-mcr/azure-er-circuit-primary by 50 ms",
				   "3 drop branch-vm1" };

static unsigned link_named(const struct graph *g, const char *target)
{
	for (unsigned i = 0; i < g->links.count; i++)
		if (has(&g->links.items[i].targets, target))
			return i;
	fail_msg("no link %s", target);
	return 0;
}

static void is_marked_by_what_is_known(const struct lab *lab, const struct topology *t,
				       const struct graph *g)
{
	struct arena *arena = arena_new();
	struct snapshot_lab topic = { .faults = { (const char **)cut, ARRAY_SIZE(cut) } };
	struct snapshot_session sessions[] = {
		{ "megaport-mcr", "azure-er-circuit-primary", "", true, true },
		{ "az-hub-ergw-0", "azure-er-circuit-primary", "", true, true },
		{ "az-hub-ergw-1", "azure-er-circuit-secondary", "", true, false },
		{ "branch-ergw-0", "branch-er-circuit-primary", "", false, false },
	};
	struct snapshot_sessions all = { { sessions, ARRAY_SIZE(sessions) } };
	struct snapshot_node nodes[] = {
		{ .name = "az-hub-ergw-0", .state = "up", .sessions = 2, .sessions_up = 2 },
		{ .name = "az-hub-ergw-1", .state = "up", .sessions = 2, .sessions_up = 1 },
		{ .name = "az-hub-lxvm", .state = "up" },
		{ .name = "az-spk1-lxvm", .state = "up" },
	};
	struct snapshot_nodes machines = { { nodes, ARRAY_SIZE(nodes) } };
	struct snapshot_vm vms[] = {
		{ .vm = "az-spk1-lxvm", .nic = "n", .probes = 4, .probes_amber = 1 }
	};
	struct snapshot_vms nics = { { vms, 1 } };
	struct snapshot snapshot = {
		.lab = &topic, .nodes = &machines, .vms = &nics, .sessions = &all
	};
	struct graph_state *s = graph_state_new(g, &snapshot, NULL, NULL, arena);
	unsigned branch = link_named(g, "megaport-mcr/branch-er-circuit-primary");
	unsigned azure = link_named(g, "megaport-mcr/azure-er-circuit-primary");
	unsigned gateway = graph_find(g, "az-hub-ergw");

	(void)lab;
	(void)t;
	assert_int_equal(s->links[branch].mark, MARK_BAD);
	assert_string_equal(s->links[branch].words,
			    "fault 1 cut megaport-mcr/branch-er-circuit-primary");
	assert_int_equal(s->links[azure].mark, MARK_WAITING); /* a delay is no end of it */
	assert_int_equal(s->nodes[graph_find(g, "branch-vm1")].mark, MARK_BAD);
	assert_int_equal(s->nodes[gateway].mark, MARK_BAD);
	assert_string_equal(s->nodes[gateway].words, "3 of 4 BGP sessions up");
	assert_int_equal(s->nodes[graph_find(g, "az-hub-lxvm")].mark, MARK_GOOD);
	assert_int_equal(s->nodes[graph_find(g, "az-spk1-lxvm")].mark, MARK_WAITING);
	assert_int_equal(s->nodes[graph_find(g, "az-spk2-lxvm")].mark, MARK_NONE);
	for (unsigned i = 0; i < g->links.count; i++) {
		const struct graph_link *link = &g->links.items[i];

		if (link->kind == LINK_CONNECTION && link->nodes[0] == gateway) {
			assert_int_equal(s->links[i].mark, MARK_BAD);
			assert_string_equal(s->links[i].words, "1 of 2 BGP sessions up");
		} else if (link->kind != LINK_CABLE) { /* not expected, or not known */
			assert_int_equal(s->links[i].mark, MARK_NONE);
		}
	}
	arena_free(arena);
}

static struct snapshot_decision ways[] = {
	{ .node = "az-spk1-lxvm", .kind = "route", .words = "to the gateway" },
	{ .node = "azure-er-circuit-primary", .kind = "machine", .words = "to megaport-mcr" },
	{ .node = "megaport-mcr", .kind = "machine", .words = "no route to 10.100.0.100" },
};

/* The way of a flow, to where it ends by what routers know; else to the link that is down. */
static void a_flow_is_drawn_to_where_it_ends(const struct lab *lab, const struct topology *t,
					     const struct graph *g)
{
	struct arena *arena = arena_new();
	struct snapshot_probe probe = { .from = "az-spk1-lxvm",
					.to = "branch-vm1",
					.protocol = "Icmp",
					.colour = "red",
					.observation = "no reply",
					.is_reply_predicted = true };
	struct snapshot_probes probes = { { &probe, 1 } };
	struct snapshot_path path = { .from = "az-spk1-lxvm",
				      .to = "branch-vm1",
				      .protocol = "icmp",
				      .there = { ways, ARRAY_SIZE(ways) },
				      .words = "no route to 10.100.0.100" };
	struct snapshot_lab topic = { .faults = { (const char **)cut, 1 } };
	struct snapshot snapshot = { .lab = &topic, .probes = &probes };
	struct graph_state *s;
	char question[80];
	struct memory_file file = { 0 };
	char *text;

	(void)lab;
	(void)t;
	assert_ptr_equal(graph_failing_probe(&probes, "other"), &probe);
	assert_string_equal(graph_path_question(&probe, question, sizeof(question)),
			    "az-spk1-lxvm branch-vm1 Icmp");
	s = graph_state_new(g, &snapshot, &probe, &path, arena);
	assert_int_equal(s->drop_node, graph_find(g, "megaport-mcr"));
	assert_string_equal(s->flow, "Icmp az-spk1-lxvm -> branch-vm1: no reply; ends at "
				     "megaport-mcr: no route to 10.100.0.100");
	assert_true(s->links[link_named(g, "megaport-mcr/azure-er-circuit-primary")].is_on_flow);
	assert_true(s->nodes[graph_find(g, "azure-er-circuit-primary")].is_on_flow);
	assert_false(s->nodes[graph_find(g, "az-spk2-lxvm")].is_on_flow);
	graph_print_text(g, s, 80, false, memory_open(&file));
	text = memory_close(&file);
	assert_golden("graph/flow.txt", text);
	free(text);
	/* by what routers know it would be answered: it is lost where the cut is */
	path.is_reply = true;
	ways[2].words = "to branch-er-circuit-primary";
	path.there.items = (struct snapshot_decision[]){
		ways[0],
		ways[1],
		ways[2],
		{ .node = "branch-er-circuit-primary", .kind = "machine", .words = "on" }
	};
	path.there.count = 4;
	s = graph_state_new(g, &snapshot, &probe, &path, arena);
	assert_int_equal(s->drop_node, GRAPH_NONE);
	assert_int_equal(s->drop_link, link_named(g, "megaport-mcr/branch-er-circuit-primary"));
	assert_non_null(strstr(s->flow, "; lost on megaport-mcr/branch-er-circuit-primary, 18 ms"));
	/* it arrives, and the answer does not */
	path.is_reply = false;
	path.back.items = ways;
	path.back.count = 1;
	path.words = NULL;
	s = graph_state_new(g, &snapshot, &probe, &path, arena);
	assert_int_equal(s->drop_node, graph_find(g, "az-spk1-lxvm"));
	assert_non_null(strstr(s->flow, "; the answer ends at az-spk1-lxvm: to the gateway"));
	/* what is known of another flow is not drawn */
	path.to = "az-spk2-lxvm";
	s = graph_state_new(g, &snapshot, &probe, &path, arena);
	assert_int_equal(s->drop_link, GRAPH_NONE);
	assert_string_equal(s->flow, "Icmp az-spk1-lxvm -> branch-vm1: no reply");
	probe.colour = "green";
	assert_null(graph_failing_probe(&probes, NULL));
	arena_free(arena);
}

static void states_and_flows(void **state)
{
	char *text = read_file("templates/vpner/lab.yaml", NULL);

	(void)state;
	with_lab(text, "vpner", 1, GRAPH_FOLD, is_marked_by_what_is_known);
	with_lab(text, "vpner", 1, GRAPH_FOLD, a_flow_is_drawn_to_where_it_ends);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_lab_is_drawn_whole),
		cmocka_unit_test(every_template_is_as_wide_as_a_terminal),
		cmocka_unit_test(large_labs),
		cmocka_unit_test(an_empty_network_is_a_box),
		cmocka_unit_test(golden_pictures),
		cmocka_unit_test(states_and_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
