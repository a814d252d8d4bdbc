/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/graph/graph_parts.h"

#include "lab/base/arena.h"
#include "lab/snapshot/fill.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *graph_mark_text(enum graph_mark mark, bool is_ascii)
{
	static const char *const texts[MARK_COUNT][2] = { [MARK_NONE] = { "•", "*" },
							  [MARK_GOOD] = { "✓", "+" },
							  [MARK_BAD] = { "✗", "!" },
							  [MARK_WAITING] = { "?", "?" } };

	return texts[mark][is_ascii];
}

static bool is_worse(enum graph_mark a, enum graph_mark b)
{
	static const int ranks[MARK_COUNT] = {
		[MARK_NONE] = 0, [MARK_GOOD] = 1, [MARK_WAITING] = 2, [MARK_BAD] = 3
	};

	return ranks[a] > ranks[b];
}

/* The worst stays; what is as bad is told beside it. */
static void mark(struct graph_part_state *part, enum graph_mark to, const char *words,
		 struct arena *arena)
{
	if (is_worse(to, part->mark)) {
		part->mark = to;
		part->words = words;
	} else if (to == part->mark && words && part->words && !strstr(part->words, words)) {
		part->words = arena_printf(arena, "%s, %s", part->words, words);
	}
}

/* ---- machines ---- */

static void mark_machines(struct graph_state *s, const struct graph *g,
			  const struct snapshot_nodes *nodes, struct arena *arena)
{
	long long *up = arena_alloc(arena, (g->nodes.count + 1) * sizeof(*up));
	long long *all = arena_alloc(arena, (g->nodes.count + 1) * sizeof(*all));

	for (size_t i = 0; nodes && i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];
		unsigned at = graph_find(g, node->name);

		if (at == GRAPH_NONE)
			continue;
		up[at] += node->sessions_up;
		all[at] += node->sessions;
		if (strcmp(node->state, "up") != 0)
			mark(&s->nodes[at], MARK_BAD,
			     arena_printf(arena, "%s: %s", node->name, node->state), arena);
		else
			mark(&s->nodes[at], MARK_GOOD, NULL, arena);
	}
	for (unsigned i = 0; i < g->nodes.count; i++)
		if (up[i] < all[i])
			mark(&s->nodes[i], MARK_BAD,
			     arena_printf(arena, "%lld of %lld BGP sessions up", up[i], all[i]),
			     arena);
}

static void mark_vms(struct graph_state *s, const struct graph *g, const struct snapshot_vms *vms,
		     struct arena *arena)
{
	for (size_t i = 0; vms && i < vms->vms.count; i++) {
		const struct snapshot_vm *vm = &vms->vms.items[i];
		unsigned at = graph_find(g, vm->vm);
		const char *whose;

		if (at == GRAPH_NONE)
			continue;
		whose = g->nodes.items[at].is_fold ? arena_printf(arena, " from %s", vm->vm) : "";
		if (vm->probes_red)
			mark(&s->nodes[at], MARK_BAD,
			     arena_printf(arena, "%lld of %lld probes%s not as predicted",
					  (long long)vm->probes_red, (long long)vm->probes, whose),
			     arena);
		else if (vm->probes_amber)
			mark(&s->nodes[at], MARK_WAITING,
			     arena_printf(arena, "%lld of %lld probes%s not known",
					  (long long)vm->probes_amber, (long long)vm->probes,
					  whose),
			     arena);
	}
}

/* ---- faults ---- */

static bool has_text(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (!strcasecmp(texts->items[i], text))
			return true;
	return false;
}

/* A machine, or that of a NIC; GRAPH_NONE when it is neither. */
static unsigned find_target(const struct graph *g, const struct snapshot_vms *vms, const char *name)
{
	unsigned at = graph_find(g, name);

	for (size_t i = 0; at == GRAPH_NONE && vms && i < vms->vms.count; i++)
		if (!strcasecmp(vms->vms.items[i].nic, name))
			at = graph_find(g, vms->vms.items[i].vm);
	return at;
}

/* "1 cut ISP/er-primary", "2 delay ISP/er-primary by 50 ms" */
static void mark_fault(struct graph_state *s, const struct graph *g, const struct snapshot_vms *vms,
		       const char *text, struct arena *arena)
{
	const char *kind = strchr(text, ' '), *target = kind ? strchr(kind + 1, ' ') : NULL;
	const char *words = arena_printf(arena, "fault %s", text);
	enum graph_mark to;
	char *name;
	unsigned at;

	if (!target)
		return;
	to = !strncmp(kind, " delay ", 7) ? MARK_WAITING : MARK_BAD;
	name = arena_strdup(arena, target + 1);
	if (strstr(name, " by "))
		*strstr(name, " by ") = '\0';
	for (size_t i = 0; i < g->links.count; i++)
		if (has_text(&g->links.items[i].targets, name))
			mark(&s->links[i], to, words, arena);
	at = find_target(g, vms, name);
	if (at != GRAPH_NONE)
		mark(&s->nodes[at], to, words, arena);
}

/* ---- tunnels ---- */

/* So many of a link's parts are up. */
static void mark_count(struct graph_part_state *link, long long up, long long all, const char *what,
		       struct arena *arena)
{
	if (all)
		mark(link, up < all ? MARK_BAD : MARK_GOOD,
		     arena_printf(arena, "%lld of %lld %s", up, all, what), arena);
}

static void mark_tunnels(struct graph_state *s, const struct graph *g,
			 const struct snapshot_tunnels *tunnels, struct arena *arena)
{
	for (size_t n = 0; tunnels && n < g->links.count; n++) {
		long long up = 0, all = 0;

		for (size_t i = 0; i < tunnels->tunnels.count; i++) {
			const struct snapshot_tunnel *tunnel = &tunnels->tunnels.items[i];

			if (!has_text(&g->links.items[n].tunnels, tunnel->name))
				continue;
			up += !strcmp(tunnel->state, "established");
			all++;
		}
		mark_count(&s->links[n], up, all, "tunnel ends established", arena);
	}
}

/* ---- sessions ---- */

static bool is_end(const struct graph *g, const struct graph_link *link, int e, unsigned node)
{
	return link->nodes[e] == node ||
	       (link->nodes[e] == GRAPH_NONE && link->groups[e] == g->nodes.items[node].group);
}

/* The end at which `a` is, when `b` is at the other; -1: it is not between them. */
static int end_of(const struct graph *g, const struct graph_link *link, unsigned a, unsigned b)
{
	for (int e = 0; e < 2; e++)
		if (is_end(g, link, e, a) && is_end(g, link, !e, b))
			return e;
	return -1;
}

/* Of one link, by end: so many sessions are to be up, and so many are as that end sees it. */
struct sessions_of {
	long long up[2], all[2];
};

/* A session says of the link that it runs on whether that is up; it is when both ends say so. */
static void mark_sessions(struct graph_state *s, const struct graph *g,
			  const struct snapshot_sessions *sessions, struct arena *arena)
{
	struct sessions_of *of = arena_alloc(arena, (g->links.count + 1) * sizeof(*of));

	for (size_t i = 0; sessions && i < sessions->sessions.count; i++) {
		const struct snapshot_session *session = &sessions->sessions.items[i];
		unsigned a = graph_find(g, session->node), b;

		b = session->peer_node ? graph_find(g, session->peer_node) : GRAPH_NONE;
		if (a == GRAPH_NONE || b == GRAPH_NONE || !session->is_expected)
			continue;
		for (size_t n = 0; n < g->links.count; n++) {
			int e = g->links.items[n].kind == LINK_PEERING
					? -1
					: end_of(g, &g->links.items[n], a, b);

			if (e < 0)
				continue;
			of[n].up[e] += session->is_up;
			of[n].all[e]++;
		}
	}
	for (size_t n = 0; n < g->links.count; n++) {
		int worse = of[n].all[1] && (!of[n].all[0] || of[n].up[1] < of[n].up[0]);

		mark_count(&s->links[n], of[n].up[worse], of[n].all[worse], "BGP sessions up",
			   arena);
	}
}

/* ---- a flow ---- */

static bool joins_groups(const struct graph_link *link, unsigned a, unsigned b)
{
	return a != b && ((link->groups[0] == a && link->groups[1] == b) ||
			  (link->groups[0] == b && link->groups[1] == a));
}

/* A link between two nodes, else between the groups they are in. */
static unsigned find_link(const struct graph *g, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < g->links.count; i++)
		if (end_of(g, &g->links.items[i], a, b) >= 0)
			return i;
	for (unsigned i = 0; i < g->links.count; i++)
		if (joins_groups(&g->links.items[i], g->nodes.items[a].group,
				 g->nodes.items[b].group))
			return i;
	return GRAPH_NONE;
}

/* A peering to a network from which a link leads on there: that link goes to *ret_on. */
static unsigned find_peering(const struct graph *g, unsigned from, unsigned to, unsigned *ret_on)
{
	for (unsigned i = 0; i < g->links.count; i++) {
		const struct graph_link *peering = &g->links.items[i];

		for (int e = 0; e < 2 && peering->kind == LINK_PEERING; e++)
			for (unsigned n = 0; peering->groups[e] == from && n < g->links.count; n++)
				if (joins_groups(&g->links.items[n], peering->groups[!e], to)) {
					*ret_on = n;
					return i;
				}
	}
	return GRAPH_NONE;
}

/*
 * From one machine of the way to the next. A gateway in between, which packets pass unseen, is not
 * among those: then it is one of the hub's.
 */
static void mark_hop(struct graph_state *s, const struct graph *g, unsigned from, unsigned to)
{
	unsigned link = find_link(g, from, to), peering = GRAPH_NONE;

	if (link == GRAPH_NONE)
		peering = find_peering(g, g->nodes.items[from].group, g->nodes.items[to].group,
				       &link);
	if (peering == GRAPH_NONE && link == GRAPH_NONE) /* the other way round */
		peering = find_peering(g, g->nodes.items[to].group, g->nodes.items[from].group,
				       &link);
	if (peering != GRAPH_NONE)
		s->links[peering].is_on_flow = true;
	if (link == GRAPH_NONE)
		return;
	s->links[link].is_on_flow = true;
	if (s->links[link].mark == MARK_BAD && s->drop_link == GRAPH_NONE)
		s->drop_link = link;
}

/* What is known may still be about the flow before. */
static bool is_way_of(const struct snapshot_path *path, const struct snapshot_probe *probe)
{
	return path && !strcasecmp(path->from, probe->from) && !strcasecmp(path->to, probe->to) &&
	       !strcasecmp(path->protocol, probe->protocol);
}

static void mark_way(struct graph_state *s, const struct graph *g,
		     const struct snapshot_decisions *way)
{
	unsigned before = GRAPH_NONE;

	for (size_t i = 0; i < way->count; i++) {
		unsigned at = graph_find(g, way->items[i].node);

		if (at == GRAPH_NONE || at == before)
			continue;
		s->nodes[at].is_on_flow = true;
		if (before != GRAPH_NONE)
			mark_hop(s, g, before, at);
		before = at;
	}
}

/* Where it ends by what routers know; else on a link of its way that is down. "": not known. */
static const char *find_drop(struct graph_state *s, const struct graph *g,
			     const struct snapshot_path *path, struct arena *arena)
{
	const struct snapshot_decisions *way = path->back.count ? &path->back : &path->there;
	const struct snapshot_decision *end = way->count ? &way->items[way->count - 1] : NULL;

	if (!path->is_reply && end) {
		s->drop_node = graph_find(g, end->node);
		s->drop_link = GRAPH_NONE;
		return arena_printf(arena, "; %s at %s: %s",
				    way == &path->back ? "the answer ends" : "ends", end->node,
				    path->words ? path->words : end->words);
	}
	if (s->drop_link == GRAPH_NONE)
		return "";
	return arena_printf(arena, "; lost on %s: %s", g->links.items[s->drop_link].words,
			    s->links[s->drop_link].words);
}

static void mark_flow(struct graph_state *s, const struct graph *g,
		      const struct snapshot_probe *probe, const struct snapshot_path *path,
		      struct arena *arena)
{
	unsigned ends[] = { graph_find(g, probe->from), graph_find(g, probe->to) };
	const char *where = "";

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (ends[i] != GRAPH_NONE)
			s->nodes[ends[i]].is_on_flow = true;
	if (path) {
		mark_way(s, g, &path->there);
		mark_way(s, g, &path->back);
	}
	if (probe->is_reply)
		s->drop_link = GRAPH_NONE;
	else if (path)
		where = find_drop(s, g, path, arena);
	s->flow = arena_printf(arena, "%s %s -> %s: %s%s", probe->protocol, probe->from, probe->to,
			       probe->observation, where);
}

struct graph_state *graph_state_new(const struct graph *graph, const struct snapshot *snapshot,
				    const struct snapshot_probe *probe,
				    const struct snapshot_path *path, struct arena *arena)
{
	struct graph_state *s = arena_alloc(arena, sizeof(*s));
	const struct snapshot_lab *lab = snapshot->lab;

	s->nodes = arena_alloc(arena, (graph->nodes.count + 1) * sizeof(*s->nodes));
	s->links = arena_alloc(arena, (graph->links.count + 1) * sizeof(*s->links));
	s->drop_node = s->drop_link = GRAPH_NONE;
	for (size_t i = 0; lab && i < lab->faults.count; i++)
		mark_fault(s, graph, snapshot->vms, lab->faults.items[i], arena);
	mark_machines(s, graph, snapshot->nodes, arena);
	mark_vms(s, graph, snapshot->vms, arena);
	mark_tunnels(s, graph, snapshot->tunnels, arena);
	mark_sessions(s, graph, snapshot->sessions, arena);
	graph_rates(s, graph, snapshot->traffic, arena);
	if (probe)
		mark_flow(s, graph, probe, is_way_of(path, probe) ? path : NULL, arena);
	return s;
}

/* ---- for those who show it ---- */

struct graph *graph_of_lab(const struct lab *lab, unsigned fold)
{
	struct topology *topology = topology_new(lab, NULL);
	struct graph *graph = graph_new(topology, fold);

	topology_free(topology);
	return graph;
}

struct graph *graph_of_file(const struct snapshot_file *file, unsigned fold, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct lab *lab = snapshot_file_lab(file, &diags);
	struct graph *graph;

	if (!lab) {
		if (!diags_fail(&diags, file->file, err))
			(void)err_set(err, -EINVAL, "%s cannot be read", file->file);
		return NULL;
	}
	graph = graph_of_lab(lab, fold);
	lab_free(lab);
	return graph;
}

const struct snapshot_probe *graph_failing_probe(const struct snapshot_probes *probes,
						 const char *machine)
{
	const struct snapshot_probe *first = NULL;

	for (size_t i = 0; probes && i < probes->probes.count; i++) {
		const struct snapshot_probe *probe = &probes->probes.items[i];

		if (strcmp(probe->colour, "red") != 0 || !probe->is_reply_predicted)
			continue;
		if (machine &&
		    (!strcasecmp(probe->from, machine) || !strcasecmp(probe->to, machine)))
			return probe;
		first = first ? first : probe;
	}
	return first;
}

const char *graph_path_question(const struct snapshot_probe *probe, char *text, size_t size)
{
	(void)snprintf(text, size, "%s %s %s", probe->from, probe->to, probe->protocol);
	return text;
}
