/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/controller.h"

#include "lab/plan/compile.h"
#include "lab/plan/fabric_ids.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct controller {
	struct loop *loop;
	const struct bgp_graph *graph;
	struct as_paths *paths;
	struct engine_client *engine;
	struct journal *journal;
	struct controller_ops ops;
	void *arg;
	struct rib *ribs;      /* by speaker: what it really knows */
	struct bird **birds;   /* by speaker; NULL while its daemon does not run */
	struct fabric *fabric; /* computed from the ribs; in the kernel, or being put there */
	struct plan *tables;   /* of that fabric; NULL: not asked for since it changed */
	struct fabric_touches touches; /* of what was learned; those from touch_at are to be done */
	size_t touch_at;
	struct plan *round;    /* changes by them, to be told as one; NULL when none is under way */
	struct plan *doubtful; /* changes that failed part way; NULL when there are none */
	struct loop_timer *retry;
	bool is_started, is_applying;
	bool is_stale; /* something changed that was not computed yet */
	struct loop_timer *compute;
	uint64_t delay_ns; /* from a change to its computation: Azure takes its time */
};

#define RETRY_NS       500000000ull
#define AZURE_DELAY_NS 30000000000ull /* R9.14: until a change reaches the NICs */

static void applied(void *arg, const struct err *err)
{
	struct controller *c = arg;

	c->is_applying = false;
	if (err) {
		journal_add(c->journal, "routes", "tables could not be changed: %s", err->text);
		loop_timer_set(c->retry, RETRY_NS);
	} else {
		plan_free(c->doubtful);
		c->doubtful = NULL;
	}
	if ((c->is_stale || c->round) && !loop_timer_is_set(c->compute))
		loop_timer_set(c->compute, 0);
	c->ops.on_change(c->arg);
}

/* After a failure what is in the kernel is not known for sure, so all is told again. */
static void tell_again(void *arg, uint64_t now_ns)
{
	struct plan *removals = plan_new(), *all = plan_new();
	struct controller *c = arg;

	(void)now_ns;
	for (uint32_t i = 0; c->doubtful && i < c->doubtful->step_count; i++)
		if (c->doubtful->steps[i].verb == STEP_REMOVE)
			(void)plan_copy_step(removals, c->doubtful, &c->doubtful->steps[i],
					     STEP_REMOVE);
	plan_append(all, controller_tables(c));
	c->is_applying = true;
	engine_client_apply(c->engine, removals, true, NULL, NULL);
	engine_client_apply(c->engine, all, false, applied, c);
}

/* Count the NICs whose subnet's table is one of the changed ones. */
static unsigned count_nics(const struct controller *c, const struct plan *changes)
{
	const struct topology *t = c->graph->topology;
	unsigned first = UINT_MAX, last = 0, count = 0;
	bool *is_changed;

	for (uint32_t n = 0; n < changes->step_count; n++) {
		unsigned table = changes->steps[n].route.table;

		first = table < first ? table : first;
		last = table > last ? table : last;
	}
	if (first > last)
		return 0;
	is_changed = calloc(last - first + 1, sizeof(*is_changed));
	if (!is_changed)
		abort();
	for (uint32_t n = 0; n < changes->step_count; n++)
		is_changed[changes->steps[n].route.table - first] = true;
	for (size_t i = 0; i < t->ports.count; i++) {
		unsigned table = fabric_table_id(t->ports.items[i]->table);

		count += t->ports.items[i]->kind == INTERFACE_NIC && table >= first &&
			 table <= last && is_changed[table - first];
	}
	free(is_changed);
	return count;
}

#define PREFIXES_NAMED 8

/* "added A, B" of the changes with one verb, each prefix once; "" when there are none. */
static void describe(const struct plan *changes, enum step_verb verb, const char *word, char *text,
		     size_t size)
{
	struct prefix named[PREFIXES_NAMED];
	size_t count = 0, len = strlen(text);

	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];
		bool is_named = step->verb != verb;

		for (size_t n = 0; n < count && !is_named; n++)
			is_named = prefix_equal(named[n], step->route.prefix);
		if (is_named)
			continue;
		if (count == PREFIXES_NAMED) {
			(void)snprintf(text + len, size - len, " and more");
			return;
		}
		len += (size_t)snprintf(text + len, size - len, "%s%s %s",
					count   ? ","
					: *text ? "; "
						: "",
					count ? "" : word, prefix_print(step->route.prefix).text);
		named[count++] = step->route.prefix;
	}
}

static void tell(const struct controller *c, const struct plan *changes)
{
	char text[1000] = "";

	describe(changes, STEP_ADD, "added", text, sizeof(text));
	describe(changes, STEP_CHANGE, "changed", text, sizeof(text));
	describe(changes, STEP_REMOVE, "removed", text, sizeof(text));
	journal_add(c->journal, "routes", "%s: %u NICs", text, count_nics(c, changes));
}

static void program(struct controller *c, struct plan *changes)
{
	if (!c->doubtful)
		c->doubtful = plan_new();
	plan_append(c->doubtful, changes);
	c->ops.on_program(c->arg, changes);
	c->is_applying = true;
	engine_client_apply(c->engine, changes, false, applied, c);
}

/* Begin a round: which tables have to follow what is learned now. */
static void learn(struct controller *c)
{
	c->is_stale = false;
	free(c->touches.items);
	c->touches = fabric_learn(c->fabric);
	c->touch_at = 0;
	c->round = plan_new();
}

static void end_round(struct controller *c)
{
	if (c->round->step_count)
		tell(c, c->round);
	plan_free(c->round);
	c->round = NULL;
}

/* So much at once that the loop goes on within milliseconds. */
#define ROUTES_AT_ONCE 2000

static struct plan *settle_portion(struct controller *c)
{
	struct fabric_touches portion = { .items = c->touches.items + c->touch_at };
	size_t routes = 0;

	while (c->touch_at < c->touches.count && routes < ROUTES_AT_ONCE) {
		const struct fabric_touch *touch = &c->touches.items[c->touch_at++];

		routes += touch->is_whole ? fabric_table_size(c->fabric, touch->table) : 1;
		portion.count++;
	}
	return plan_settle(c->fabric, &portion);
}

/* From what is learned to what is programmed. */
static void compute(void *arg, uint64_t now_ns)
{
	struct controller *c = arg;
	struct plan *changes;

	(void)now_ns;
	if (c->is_applying || !c->is_started)
		return;
	if (!c->round)
		learn(c);
	changes = settle_portion(c);
	if (changes->step_count) {
		plan_append(c->round, changes);
		plan_free(c->tables);
		c->tables = NULL;
		program(c, changes); /* then it goes on */
	} else {
		plan_free(changes);
		if (c->touch_at < c->touches.count)
			loop_timer_set(c->compute, 0);
	}
	if (c->touch_at == c->touches.count)
		end_round(c);
	c->ops.on_change(c->arg);
}

static void changed(struct controller *c)
{
	c->is_stale = true;
	if (!loop_timer_is_set(c->compute))
		loop_timer_set(c->compute, c->delay_ns);
}

static void on_rib(void *arg, struct bird *bird)
{
	(void)bird;
	changed(arg);
}

static void on_session(void *arg, struct bird *bird, const struct bird_session *session,
		       const char *why)
{
	const struct bgp_end *end = session->end;
	struct controller *c = arg;
	const char *behind = strstr(why, ": ");

	(void)bird;
	if (session->is_up)
		journal_add(c->journal, "bgp", "%s: session with %s (%s, AS %u) established",
			    end->speaker->node->name, end->peer->speaker->node->name,
			    ip_print(end->peer->interface->ip).text, end->peer->speaker->asn);
	else
		journal_add(c->journal, "bgp", "%s: session with %s (%s, AS %u) lost: %s",
			    end->speaker->node->name, end->peer->speaker->node->name,
			    ip_print(end->peer->interface->ip).text, end->peer->speaker->asn,
			    behind ? behind + 2 : why);
	c->ops.on_change(c->arg);
}

static void on_log(void *arg, struct bird *bird, const char *text, bool is_problem)
{
	struct controller *c = arg;

	if (is_problem)
		journal_add(c->journal, "daemon", "%s: bird: %s", bird_speaker(bird)->node->name,
			    text);
}

struct controller *controller_new(struct loop *loop, const struct bgp_graph *graph,
				  struct as_paths *paths, struct engine_client *engine,
				  struct journal *journal, const struct controller_ops *ops,
				  void *arg)
{
	struct controller *c = calloc(1, sizeof(*c));
	struct learned nothing;

	if (!c)
		abort();
	*c = (struct controller){ .loop = loop,
				  .graph = graph,
				  .paths = paths,
				  .engine = engine,
				  .journal = journal,
				  .ops = *ops,
				  .arg = arg };
	c->ribs = calloc(graph->speakers.count + 1, sizeof(*c->ribs));
	c->birds = calloc(graph->speakers.count + 1, sizeof(struct bird *));
	if (!c->ribs || !c->birds)
		abort();
	nothing = (struct learned){ graph, c->ribs };
	c->fabric = fabric_new(graph->topology, &nothing);
	c->delay_ns = graph->topology->lab->timers.value == TIMERS_AZURE ? AZURE_DELAY_NS : 0;
	c->compute = loop_timer_new(loop, compute, c, "controller");
	c->retry = loop_timer_new(loop, tell_again, c, "controller retry");
	return c;
}

void controller_free(struct controller *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->graph->speakers.count; i++) {
		bird_free(c->birds[i]);
		rib_fini(&c->ribs[i]);
	}
	loop_timer_free(c->compute);
	loop_timer_free(c->retry);
	plan_free(c->doubtful);
	plan_free(c->round);
	free(c->touches.items);
	fabric_free(c->fabric);
	plan_free(c->tables);
	free(c->birds);
	free(c->ribs);
	free(c);
}

/* What it knew, as the speaker it is now; what is of sessions that went is left out. */
static void move_rib(struct rib *to, const struct rib *from, const struct bgp_speaker *speaker)
{
	struct rib_route *routes = calloc(from->count + 1, sizeof(*routes));
	size_t count = 0;

	if (!routes)
		abort();
	for (size_t i = 0; i < from->count; i++) {
		const struct rib_route *route = &from->routes[i];
		const struct bgp_end *end =
			route->from ? bgp_find_end(speaker, route->from->name) : NULL;

		if (route->from && !end)
			continue;
		routes[count] = *route;
		routes[count++].from = end;
	}
	rib_assign(to, routes, count);
	free(routes);
}

void controller_take_over(struct controller *c, struct controller *earlier)
{
	struct learned learned = { c->graph, c->ribs };

	earlier->is_started = false;
	loop_timer_cancel(earlier->compute);
	loop_timer_cancel(earlier->retry);
	for (size_t i = 0; i < earlier->graph->speakers.count; i++) {
		const struct bgp_speaker *before = earlier->graph->speakers.items[i];
		const struct node *node =
			topology_find_node(c->graph->topology, before->node->name);
		const struct bgp_speaker *now = node ? bgp_find_speaker(c->graph, node) : NULL;

		if (!now || !earlier->birds[i])
			continue;
		move_rib(&c->ribs[now->index], &earlier->ribs[i], now);
		c->birds[now->index] = earlier->birds[i];
		earlier->birds[i] = NULL;
		bird_move(c->birds[now->index], now, c->paths, &c->ribs[now->index], c);
	}
	fabric_free(c->fabric);
	plan_free(c->tables);
	c->tables = NULL;
	c->fabric = fabric_new(c->graph->topology, &learned);
}

bool controller_is_busy(const struct controller *c)
{
	return c->is_applying || c->round || c->doubtful;
}

const struct plan *controller_tables(struct controller *c)
{
	if (!c->tables)
		c->tables = plan_compile_tables(c->fabric);
	return c->tables;
}

void controller_start(struct controller *c)
{
	c->is_started = true;
	changed(c);
}

void controller_attach(struct controller *c, const struct bgp_speaker *speaker, int output,
		       const char *control)
{
	static const struct bird_ops ops = { on_rib, on_session, on_log };

	controller_detach(c, speaker);
	c->birds[speaker->index] = bird_new(c->loop, speaker, c->paths, &c->ribs[speaker->index],
					    output, control, &ops, c);
}

void controller_detach(struct controller *c, const struct bgp_speaker *speaker)
{
	if (!c->birds[speaker->index])
		return;
	bird_free(c->birds[speaker->index]);
	c->birds[speaker->index] = NULL;
	rib_assign(&c->ribs[speaker->index], NULL, 0);
	changed(c);
}

void controller_configure(struct controller *c, const char *node)
{
	for (size_t i = 0; i < c->graph->speakers.count; i++)
		if (c->birds[i] && !strcmp(c->graph->speakers.items[i]->node->name, node))
			bird_configure(c->birds[i]);
}

const struct fabric *controller_fabric(const struct controller *c)
{
	return c->fabric;
}

const struct rib *controller_ribs(const struct controller *c)
{
	return c->ribs;
}

const struct rib *controller_rib(const struct controller *c, const struct bgp_speaker *speaker)
{
	return &c->ribs[speaker->index];
}

const struct bird *controller_bird(const struct controller *c, const struct bgp_speaker *speaker)
{
	return c->birds[speaker->index];
}

const char *controller_last_words(struct controller *c, const struct bgp_speaker *speaker)
{
	struct bird *bird = c->birds[speaker->index];

	return bird ? bird_last_words(bird) : "";
}

static bool is_up(const struct controller *c, const struct bgp_end *end)
{
	const struct bird *bird = c->birds[end->speaker->index];

	if (!bird)
		return false;
	for (size_t i = 0; i < end->speaker->ends.count; i++)
		if (end->speaker->ends.items[i] == end)
			return bird_sessions(bird)[i].is_up;
	return false;
}

unsigned controller_sessions_up(const struct controller *c)
{
	unsigned count = 0;

	for (size_t i = 0; i < c->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = c->graph->speakers.items[i];

		for (size_t n = 0; n < speaker->ends.count; n++) {
			const struct bgp_end *end = speaker->ends.items[n];

			/* each session once: seen from the speaker that comes first */
			if (end->peer->speaker->index > speaker->index)
				count += is_up(c, end) && is_up(c, end->peer);
		}
	}
	return count;
}

bool controller_is_settled(const struct controller *c)
{
	if (c->is_stale || c->is_applying || c->round || c->doubtful || !c->is_started)
		return false;
	for (size_t i = 0; i < c->graph->speakers.count; i++)
		if (!c->birds[i] || !bird_is_settled(c->birds[i]))
			return false;
	return true;
}
