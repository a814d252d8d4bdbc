/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/evidence_parts.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "lab/render/nft_internet.h"
#include "tui/client/enter.h"

#include <errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LAB_TABLE "hublab"

/* A namespace, with all that its nftables did. */
struct traced_place {
	const char *ns;
	int fd;
	bool has_lost; /* the end of what was done */
	LIST_OF(struct nft_traced) rules;
};

struct evidence_trace {
	struct nft_traced_flow flow;
	const struct snapshot_path *path;
	struct snapshot_evidence *out;
	struct arena *arena;
	LIST_OF(struct traced_place) places;
};

static void cannot_trace(struct evidence_trace *t, const char *ns, const char *why)
{
	if (!t->out->untraced)
		t->out->untraced = arena_printf(t->arena, "at %s: %s", ns, why);
}

/* ---- where ---- */

static struct traced_place *find_place(struct evidence_trace *t, const char *ns)
{
	for (size_t i = 0; i < t->places.count; i++)
		if (!strcmp(t->places.items[i].ns, ns))
			return &t->places.items[i];
	return NULL;
}

static void open_place(struct evidence_trace *t, const char *ns)
{
	struct traced_place *place;
	struct err err = { 0 };

	if (find_place(t, ns))
		return;
	place = ARENA_PUSH(t->arena, t->places.items, t->places.count);
	*place = (struct traced_place){ .ns = ns, .fd = -1 };
	if (lab_enter_network(ns, &err) || nft_trace_open(&t->flow, &place->fd, &err))
		cannot_trace(t, ns, err.text);
}

static bool is_filter(const struct snapshot_decision *d)
{
	return d->direction != NULL;
}

static bool is_route(const struct snapshot_decision *d)
{
	return !strcmp(d->kind, "route");
}

static bool is_edge(const struct snapshot_decision *d)
{
	return !strcmp(d->kind, "edge");
}

static bool is_machine(const struct snapshot_decision *d)
{
	return !strcmp(d->kind, "machine") || !strcmp(d->kind, "end");
}

/* The namespace that a decision is made in; NULL: in none that is to be traced, or by a guest. */
static const char *place_of(const struct snapshot_decision *d)
{
	if (is_filter(d) || is_route(d))
		return FABRIC_NS;
	return is_machine(d) && lab_has_network(d->node) ? d->node : NULL;
}

static void open_leg(struct evidence_trace *t, const struct snapshot_decisions *leg)
{
	for (size_t i = 0; i < leg->count; i++) {
		const char *ns = place_of(&leg->items[i]);

		if (ns)
			open_place(t, ns);
	}
}

struct evidence_trace *evidence_trace_new(const struct nft_traced_flow *flow,
					  const struct snapshot_path *path,
					  struct snapshot_evidence *out, struct arena *arena)
{
	struct evidence_trace *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->flow = *flow;
	t->path = path;
	t->out = out;
	t->arena = arena;
	open_leg(t, &path->there);
	open_leg(t, &path->back);
	return t;
}

void evidence_trace_free(struct evidence_trace *t)
{
	for (size_t i = 0; i < t->places.count; i++)
		fd_close(&t->places.items[i].fd);
	free(t);
}

/* ---- what was done ---- */

static void read_place(struct evidence_trace *t, struct traced_place *place)
{
	static char bytes[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nft_trace_reader reader = { 0 };
	struct nft_traced traced;
	ssize_t got;

	for (;;) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		got = recv(place->fd, bytes, sizeof(bytes), 0);
		if (got < 0 && errno != ENOBUFS)
			return;
		place->has_lost |= got < 0;
		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			if (nft_trace_parse(&reader, &t->flow, h, &traced))
				*ARENA_PUSH(t->arena, place->rules.items, place->rules.count) =
					traced;
	}
}

static bool is_lab_rule(const struct nft_traced *rule)
{
	return !strcmp(rule->table, LAB_TABLE);
}

/* Asked behind what filters at the port that the packet came from. */
static bool is_edge_rule(const struct nft_traced *rule)
{
	return is_lab_rule(rule) && !strcmp(rule->chain, NFT_EDGE_CHAIN);
}

static const char *rule_name(const struct evidence_trace *t, const struct nft_traced *rule)
{
	const char *what =
		rule->rule ? arena_printf(t->arena, "rule %llu", (unsigned long long)rule->rule)
			   : "the policy";

	return arena_printf(t->arena, "%s of chain %s, table %s", what, rule->chain, rule->table);
}

static void note_rule(struct evidence_trace *t, struct snapshot_filter_answer *answer,
		      const char *prefix)
{
	for (size_t i = 0; i < answer->rules.count; i++)
		if (!strcmp(answer->rules.items[i], prefix))
			return; /* a packet that was sent again, or an NSG that stands twice */
	*ARENA_PUSH(t->arena, answer->rules.items, answer->rules.count) =
		arena_strdup(t->arena, prefix);
}

/* "n I 12 100 A", "p O 2": the letter says which way, whatever hook it is asked at. */
static char letter_of(const char *prefix)
{
	return strlen(prefix) > 2 ? prefix[2] : '\0';
}

/* Of the packet at the port: by its rules, or by who else has a hook there. */
static void note_at_port(struct evidence_trace *t, const struct snapshot_decision *d,
			 struct snapshot_filter_answer *answer, const struct nft_traced *rule,
			 bool *ret_is_silent)
{
	bool is_in = !strcmp(d->direction, "in");
	char prefix[80];
	struct err err = { 0 };
	bool is_here = is_in ? rule->oif == d->ifindex : rule->iif == d->ifindex;

	if (!is_here || is_edge_rule(rule) != is_edge(d))
		return;
	*prefix = '\0';
	if (rule->rule && is_lab_rule(rule) && nft_trace_rule(rule, prefix, sizeof(prefix), &err))
		cannot_trace(t, FABRIC_NS, err.text);
	if (*prefix ? letter_of(prefix) != (is_in ? 'I' : 'O') : !is_in && rule->oif && !is_edge(d))
		return;
	answer->is_seen = true;
	answer->is_dropped |= rule->is_drop;
	if (*prefix)
		note_rule(t, answer, prefix);
	else if (rule->is_drop)
		answer->words = rule_name(t, rule);
	*ret_is_silent |= rule->is_drop && !*prefix && is_lab_rule(rule);
}

static bool is_same(const struct texts *a, const struct texts *b)
{
	bool is_same = a->count == b->count;

	for (size_t i = 0; is_same && i < a->count; i++)
		is_same = !strcmp(a->items[i], b->items[i]);
	return is_same;
}

/* `is_last`: by what is predicted it gets no further, and not every reason for that is logged. */
static void judge_port(struct evidence_trace *t, const char *way, size_t at, bool is_last,
		       const struct snapshot_decision *d)
{
	int64_t ways = strcmp(way, "back") != 0 ? t->path->ways : t->path->ways_back;
	struct traced_place *fabric = find_place(t, FABRIC_NS);
	struct snapshot_filter_answer *answer;
	bool is_silent = false;

	if (fabric->fd < 0)
		return; /* that is told once */
	answer = ARENA_PUSH(t->arena, t->out->filters.items, t->out->filters.count);
	*answer = (struct snapshot_filter_answer){ .way = way, .at = (int64_t)at };
	for (size_t i = 0; i < fabric->rules.count; i++)
		if (fabric->rules.items[i].is_back == !strcmp(way, "back"))
			note_at_port(t, d, answer, &fabric->rules.items[i], &is_silent);
	if (!answer->is_seen && fabric->has_lost)
		cannot_trace(t, FABRIC_NS, "more was said than could be read");
	if (!answer->is_seen && (fabric->has_lost || ways > 1)) {
		t->out->filters.count--; /* it may have gone another of its ways */
		return;
	}
	answer->agrees = answer->is_seen && is_same(&answer->rules, &d->rules) &&
			 answer->is_dropped == d->is_dropped;
	answer->agrees |= is_last && is_silent;
}

/* Is what happens on the way out by this port the next decision's? */
static bool is_of_port(const struct snapshot_decision *next, uint32_t oif)
{
	return next && is_filter(next) && !strcmp(next->direction, "in") && next->ifindex == oif;
}

/*
 * Of machines, and on the way from a port of the fabric, only what nftables drop is told: what they
 * do with the rest is no rule's of the lab. `is_last`: that is predicted, for whatever reason.
 */
static void judge_drops(struct evidence_trace *t, const struct traced_place *place, const char *way,
			size_t at, bool is_last, const struct snapshot_decisions *leg)
{
	const struct snapshot_decision *d = &leg->items[at];
	const struct snapshot_decision *next = at + 1 < leg->count ? d + 1 : NULL;
	struct snapshot_filter_answer *answer;

	for (size_t i = 0; i < place->rules.count; i++) {
		const struct nft_traced *rule = &place->rules.items[i];
		/* an NVA's own firewall, of which the walk knows */
		bool is_expected = !t->path->is_reply && is_lab_rule(rule);

		if (!rule->is_drop || rule->is_back != !strcmp(way, "back"))
			continue;
		if (is_route(d) &&
		    (!rule->oif || rule->iif != d->ifindex || is_of_port(next, rule->oif) ||
		     (next && is_edge(next) && is_edge_rule(rule))))
			continue;
		answer = ARENA_PUSH(t->arena, t->out->filters.items, t->out->filters.count);
		*answer = (struct snapshot_filter_answer){ .way = way,
							   .at = (int64_t)at,
							   .is_seen = true,
							   .is_dropped = true,
							   .words = rule_name(t, rule),
							   .agrees = is_last || is_expected };
		return;
	}
}

static bool is_first_of_machine(const struct snapshot_decisions *leg, size_t at, const char *ns)
{
	for (size_t i = 0; i < at; i++) {
		const char *node = is_machine(&leg->items[i]) ? leg->items[i].node : NULL;

		if (node && !strcmp(node, ns))
			return false;
	}
	return true;
}

static void judge_leg(struct evidence_trace *t, const char *way,
		      const struct snapshot_decisions *leg)
{
	for (size_t i = 0; i < leg->count; i++) {
		const struct snapshot_decision *d = &leg->items[i];
		bool is_last = i + 1 == leg->count && !t->path->is_reply;
		const char *ns = place_of(d);

		if (is_filter(d))
			judge_port(t, way, i, is_last, d);
		else if (ns && (is_route(d) || is_first_of_machine(leg, i, ns)))
			judge_drops(t, find_place(t, ns), way, i, is_last, leg);
	}
}

void evidence_trace_read(struct evidence_trace *t)
{
	struct err err = { 0 };

	for (size_t i = 0; i < t->places.count; i++)
		if (t->places.items[i].fd >= 0)
			read_place(t, &t->places.items[i]);
	if (find_place(t, FABRIC_NS) && lab_enter_network(FABRIC_NS, &err))
		cannot_trace(t, FABRIC_NS, err.text);
	judge_leg(t, "there", &t->path->there);
	judge_leg(t, "back", &t->path->back);
}
