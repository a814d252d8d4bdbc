/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/controller.h"

#include "lab/azure/tunnels.h"
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
	struct rib *ribs;            /* by speaker: what it really knows */
	struct bgp_daemon **daemons; /* by speaker; NULL before it first runs */
	uint64_t *versions;          /* by speaker: goes up when it knows something else */
	struct fabric *fabric;       /* computed from the ribs; in the kernel, or being put there */
	uint64_t security_version;   /* of what filters: goes up when it learns */
	struct plan *tables;         /* of that fabric; NULL: not asked for since it changed */
	struct fabric_touches touches; /* of what was learned; those from touch_at are to be done */
	size_t touch_at;
	struct plan *round;    /* changes by them, to be told as one; NULL when none is under way */
	struct plan *doubtful; /* changes that failed part way; NULL when there are none */
	struct loop_timer *retry;
	bool is_started, is_applying;
	bool is_stale; /* something changed that was not computed yet */
	struct loop_timer *compute;
	bool holds_sites; /* until look_at_sites finds that all else was told */
	struct loop_timer *sites;
	uint64_t sites_due_ns;   /* they are told by then, unless a session comes up meanwhile */
	unsigned sites_sessions; /* that were up when we last looked */
	bool is_quiet;           /* all else had been told when we last looked */
	uint64_t delay_ns;       /* from a change to its computation: Azure takes its time */
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

		if (changes->steps[n].kind != STEP_ROUTE)
			continue;
		first = table < first ? table : first;
		last = table > last ? table : last;
	}
	if (first > last)
		return 0;
	is_changed = calloc(last - first + 1, sizeof(*is_changed));
	if (!is_changed)
		abort();
	for (uint32_t n = 0; n < changes->step_count; n++)
		if (changes->steps[n].kind == STEP_ROUTE)
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
		bool is_named = step->kind != STEP_ROUTE || step->verb != verb;

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
	if (*text)
		journal_add(c->journal, "routes", "%s: %u NICs", text, count_nics(c, changes));
	else
		journal_add(c->journal, "routes", "only the tag VirtualNetwork changed");
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
	c->security_version++;
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
	struct fabric_touches portion = { 0 };
	size_t routes = 0;

	if (c->touch_at < c->touches.count)
		portion.items = c->touches.items + c->touch_at;
	while (c->touch_at < c->touches.count && routes < ROUTES_AT_ONCE) {
		const struct fabric_touch *touch = &c->touches.items[c->touch_at++];

		routes += !touch->table     ? fabric_tags(c->fabric, touch->hub)->prefixes.count
			  : touch->is_whole ? fabric_table_size(c->fabric, touch->table)
					    : 1;
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

static void on_rib(void *arg, struct bgp_daemon *daemon)
{
	struct controller *c = arg;

	c->versions[bgp_daemon_speaker(daemon)->index]++;
	changed(c);
	c->ops.on_learned(c->arg);
}

static void on_told(void *arg, struct bgp_daemon *daemon, const struct bgp_end *end,
		    const struct rib_route *routes, size_t count, const char *refusal)
{
	struct controller *c = arg;

	(void)daemon;
	c->ops.on_told(c->arg, end, routes, count, refusal);
}

/* A session in a tunnel is gone: what carries the tunnel, by what is known at this moment? */
static void explain_loss(const struct controller *c, const struct bgp_end *end)
{
	const struct tunnel_end *tunnel = end->interface->tunnel;
	struct tunnel_state state;

	if (!tunnel || end->interface != tunnel->interface || !tunnel->is_initiator)
		return;
	tunnel_judge(c->fabric, tunnel, &state);
	if (state.outlook != TUNNEL_UP)
		journal_add(c->journal, "tunnel", "%s: %s%s", tunnel->name,
			    state.outlook == TUNNEL_RECURSIVE ? "recursion: " : "", state.words);
}

static void on_session(void *arg, struct bgp_daemon *daemon, const struct bgp_session *session,
		       const char *why)
{
	const struct bgp_end *end = session->end;
	struct controller *c = arg;
	const char *behind = strstr(why, ": ");

	c->versions[bgp_daemon_speaker(daemon)->index]++;
	if (session->is_up)
		journal_add(c->journal, "bgp", "%s: session with %s (%s, AS %u) established",
			    end->speaker->node->name, end->peer_name, ip_print(end->peer_ip).text,
			    end->peer_asn);
	else
		journal_add(c->journal, "bgp", "%s: session with %s (%s, AS %u) lost: %s",
			    end->speaker->node->name, end->peer_name, ip_print(end->peer_ip).text,
			    end->peer_asn, behind ? behind + 2 : why);
	if (!session->is_up)
		explain_loss(c, end);
	c->ops.on_change(c->arg);
}

static void on_silence(void *arg, struct bgp_daemon *daemon, const char *program)
{
	struct controller *c = arg;

	c->ops.on_silence(c->arg, bgp_daemon_speaker(daemon)->node->name, program);
}

static void on_log(void *arg, struct bgp_daemon *daemon, const char *program, const char *text,
		   bool is_problem)
{
	const struct bgp_speaker *speaker = bgp_daemon_speaker(daemon);
	struct controller *c = arg;

	if (is_problem)
		journal_add(c->journal, "daemon", "%s: %s: %s", speaker->node->name, program, text);
}

/* ---- sites ---- */

#define SITES_LOOK_NS     100000000ull
#define SITES_PATIENCE_NS 5000000000ull

static void tell_sites(struct controller *c)
{
	c->holds_sites = false;
	for (size_t i = 0; i < c->graph->speakers.count; i++)
		if (c->daemons[i])
			bgp_daemon_hold_sites(c->daemons[i], false);
}

static void look_at_sites(void *arg, uint64_t now_ns)
{
	struct controller *c = arg;
	unsigned sessions = controller_sessions_up(c);
	bool was_quiet = c->is_quiet;

	if (sessions != c->sites_sessions)
		c->sites_due_ns = now_ns + SITES_PATIENCE_NS;
	c->sites_sessions = sessions;
	c->is_quiet = sessions == bgp_session_count(c->graph) && controller_is_settled(c);
	if ((c->is_quiet && was_quiet) || now_ns >= c->sites_due_ns)
		tell_sites(c);
	else
		loop_timer_set(c->sites, SITES_LOOK_NS);
}

void controller_hold_sites(struct controller *c)
{
	c->holds_sites = true;
}

static void wait_for_sessions(struct controller *c)
{
	c->sites_due_ns = loop_clock_ns() + SITES_PATIENCE_NS;
	loop_timer_set(c->sites, SITES_LOOK_NS);
}

static void on_line(void *arg, struct bgp_daemon *daemon, const char *program, const char *line)
{
	struct controller *c = arg;

	c->ops.on_line(c->arg, bgp_daemon_speaker(daemon), program, line);
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
	c->daemons = calloc(graph->speakers.count + 1, sizeof(struct bgp_daemon *));
	c->versions = calloc(graph->speakers.count + 1, sizeof(*c->versions));
	if (!c->ribs || !c->daemons || !c->versions)
		abort();
	nothing = (struct learned){ graph, c->ribs };
	c->fabric = fabric_new(graph->topology, &nothing);
	c->delay_ns = graph->topology->lab->timers.value == TIMERS_AZURE ? AZURE_DELAY_NS : 0;
	c->compute = loop_timer_new(loop, compute, c, "controller");
	c->retry = loop_timer_new(loop, tell_again, c, "controller retry");
	c->sites = loop_timer_new(loop, look_at_sites, c, "sites");
	return c;
}

void controller_free(struct controller *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->graph->speakers.count; i++) {
		bgp_daemon_free(c->daemons[i]);
		rib_fini(&c->ribs[i]);
	}
	loop_timer_free(c->compute);
	loop_timer_free(c->retry);
	loop_timer_free(c->sites);
	plan_free(c->doubtful);
	plan_free(c->round);
	free(c->touches.items);
	fabric_free(c->fabric);
	plan_free(c->tables);
	free(c->daemons);
	free(c->versions);
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
	loop_timer_cancel(earlier->sites);
	tell_sites(earlier);
	for (size_t i = 0; i < earlier->graph->speakers.count; i++) {
		const struct bgp_speaker *before = earlier->graph->speakers.items[i];
		const struct node *node =
			topology_find_node(c->graph->topology, before->node->name);
		const struct bgp_speaker *now = node ? bgp_find_speaker(c->graph, node) : NULL;

		if (!now || !earlier->daemons[i] || now->daemon != before->daemon)
			continue;
		move_rib(&c->ribs[now->index], &earlier->ribs[i], now);
		c->daemons[now->index] = earlier->daemons[i];
		earlier->daemons[i] = NULL;
		bgp_daemon_move(c->daemons[now->index], now, c->paths, &c->ribs[now->index], c);
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
	if (c->holds_sites)
		wait_for_sessions(c);
	changed(c);
}

void controller_attach(struct controller *c, const struct bgp_speaker *speaker, const char *program,
		       int output, const char *control)
{
	static const struct bgp_daemon_ops ops = { on_rib,     on_session, on_log,
						   on_silence, on_told,    on_line };
	struct bgp_daemon **daemon = &c->daemons[speaker->index];

	if (!*daemon)
		*daemon = bgp_daemon_new(c->loop, speaker, c->paths, &c->ribs[speaker->index], &ops,
					 c);
	bgp_daemon_hold_sites(*daemon, c->holds_sites);
	bgp_daemon_attach(*daemon, program, output, control);
}

void controller_detach(struct controller *c, const struct bgp_speaker *speaker, const char *program)
{
	if (!c->daemons[speaker->index])
		return;
	bgp_daemon_detach(c->daemons[speaker->index], program);
	c->versions[speaker->index]++;
	changed(c);
}

void controller_configure(struct controller *c, const char *node)
{
	for (size_t i = 0; i < c->graph->speakers.count; i++)
		if (c->daemons[i] && !strcmp(c->graph->speakers.items[i]->node->name, node))
			bgp_daemon_configure(c->daemons[i]);
}

const struct fabric *controller_fabric(const struct controller *c)
{
	return c->fabric;
}

const struct security *controller_security(const struct controller *c)
{
	return c->fabric->security;
}

uint64_t controller_security_version(const struct controller *c)
{
	return c->security_version;
}

const struct rib *controller_ribs(const struct controller *c)
{
	return c->ribs;
}

const struct rib *controller_rib(const struct controller *c, const struct bgp_speaker *speaker)
{
	return &c->ribs[speaker->index];
}

const struct bgp_daemon *controller_daemon(const struct controller *c,
					   const struct bgp_speaker *speaker)
{
	const struct bgp_daemon *daemon = c->daemons[speaker->index];

	return daemon && bgp_daemon_is_running(daemon) ? daemon : NULL;
}

uint64_t controller_version(const struct controller *c, const struct bgp_speaker *speaker)
{
	return c->versions[speaker->index];
}

bool controller_ask_told(struct controller *c, const struct bgp_end *end)
{
	struct bgp_daemon *daemon = c->daemons[end->speaker->index];

	return daemon && bgp_daemon_is_running(daemon) && bgp_daemon_ask_told(daemon, end);
}

const char *controller_last_words(struct controller *c, const struct bgp_speaker *speaker,
				  const char *program)
{
	struct bgp_daemon *daemon = c->daemons[speaker->index];

	return daemon ? bgp_daemon_last_words(daemon, program) : "";
}

bool controller_session_is_up(const struct controller *c, const struct bgp_end *end)
{
	const struct bgp_daemon *daemon = controller_daemon(c, end->speaker);

	if (!daemon)
		return false;
	for (size_t i = 0; i < end->speaker->ends.count; i++)
		if (end->speaker->ends.items[i] == end)
			return bgp_daemon_sessions(daemon)[i].is_up;
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
			if (bgp_end_lasts(end) && end->peer->speaker->index > speaker->index)
				count += controller_session_is_up(c, end) &&
					 controller_session_is_up(c, end->peer);
		}
	}
	return count;
}

bool controller_is_settled(const struct controller *c)
{
	if (c->is_stale || c->is_applying || c->round || c->doubtful || !c->is_started)
		return false;
	for (size_t i = 0; i < c->graph->speakers.count; i++)
		if (!c->daemons[i] || !bgp_daemon_is_settled(c->daemons[i]))
			return false;
	return true;
}
