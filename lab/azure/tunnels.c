/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/tunnels.h"

#include "lab/azure/bgp_solve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Both ends as the file has them; what it leaves out is Azure's own choice. */
static bool text_agrees(const struct text *a, const struct text *b, const char *usual)
{
	return !strcasecmp(a->value ? a->value : usual, b->value ? b->value : usual);
}

/* Two names for one. */
static const char *group_name(const struct text *group)
{
	return strcasecmp(group->value, "DHGroup2048") ? group->value : "DHGroup14";
}

static bool is_azures_group(const struct text *group)
{
	return !strcasecmp(group_name(group), "DHGroup2") ||
	       !strcasecmp(group_name(group), "DHGroup14");
}

/* An end that names none takes any of Azure's. */
static bool groups_agree(const struct text *a, const struct text *b)
{
	if (a->value && b->value)
		return !strcasecmp(group_name(a), group_name(b));
	return (!a->value || is_azures_group(a)) && (!b->value || is_azures_group(b));
}

/* GCM is its own integrity. */
static bool is_gcm(const struct text *encryption)
{
	return encryption->value && !strncasecmp(encryption->value, "GCM", 3);
}

/*
 * The first algorithm that the two do not share; NULL when they share all that it takes to come up:
 * the first keys of a tunnel are IKE's (RFC 7296, 1.2), so that its pfs_group says nothing of that.
 */
static const char *policy_difference(const struct ipsec_policy *a, const struct ipsec_policy *b)
{
	static const struct ipsec_policy azure;

	a = a ? a : &azure;
	b = b ? b : &azure;
	if (!text_agrees(&a->ike_encryption, &b->ike_encryption, "AES256"))
		return "ike_encryption";
	if (!text_agrees(&a->ike_integrity, &b->ike_integrity, "SHA256"))
		return "ike_integrity";
	if (!groups_agree(&a->dh_group, &b->dh_group))
		return "dh_group";
	if (!text_agrees(&a->ipsec_encryption, &b->ipsec_encryption, "AES256"))
		return "ipsec_encryption";
	if (!is_gcm(&a->ipsec_encryption) &&
	    !text_agrees(&a->ipsec_integrity, &b->ipsec_integrity, "SHA256"))
		return "ipsec_integrity";
	return NULL;
}

bool tunnel_agrees(const struct tunnel_end *end, char *words, size_t size)
{
	const struct tunnel_end *peer = end->peer;
	const char *difference;

	if (!peer) {
		(void)snprintf(words, size, "nobody in the lab answers at %s",
			       ip_print(end->remote).text);
		return false;
	}
	if (!*end->shared_key || !*peer->shared_key) {
		(void)snprintf(words, size, "%s has no shared_key for it",
			       *end->shared_key ? peer->node->name : end->node->name);
		return false;
	}
	if (strcmp(end->shared_key, peer->shared_key) != 0) {
		(void)snprintf(words, size, "%s and %s have different shared keys", end->node->name,
			       peer->node->name);
		return false;
	}
	difference = policy_difference(end->policy, peer->policy);
	if (difference)
		(void)snprintf(words, size, "%s and %s have no %s in common", end->node->name,
			       peer->node->name, difference);
	return !difference;
}

static bool is_through(const struct tunnel_end *end, const struct flow *outer,
		       struct tunnel_state *state)
{
	if (outer->has_arrived && outer->end == end->peer->node)
		return true;
	state->outlook = outer->reason == REASON_RECURSION ? TUNNEL_RECURSIVE : TUNNEL_DOWN;
	if (outer->has_arrived)
		(void)snprintf(state->words, sizeof(state->words), "%s is another machine's: %s",
			       ip_print(end->remote).text, outer->end->name);
	else
		(void)snprintf(state->words, sizeof(state->words), "%s", outer->words);
	return false;
}

void tunnel_judge(const struct fabric *fabric, const struct tunnel_end *end,
		  struct tunnel_state *ret_state)
{
	const struct tunnel_end *first;
	struct flow there, back;

	*ret_state = (struct tunnel_state){ .end = end, .outlook = TUNNEL_DOWN };
	if (!tunnel_agrees(end, ret_state->words, sizeof(ret_state->words)))
		return;
	first = end->is_initiator ? end : end->peer;
	fabric_walk_outer(fabric, first, NULL, &there);
	if (!is_through(first, &there, ret_state))
		return;
	fabric_walk_outer(fabric, first->peer, &there, &back);
	if (is_through(first->peer, &back, ret_state))
		ret_state->outlook = TUNNEL_UP;
}

/* ---- all of a lab ---- */

static void prospect_free_parts(struct prospect *prospect, const struct bgp_graph *graph)
{
	fabric_free(prospect->fabric);
	bgp_ribs_free(prospect->ribs, graph);
}

static void expect(const struct bgp_graph *graph, struct tunnel_end *end, bool is_up)
{
	struct bgp_speaker *speaker = bgp_find_speaker(graph, end->node);

	end->is_expected = is_up;
	for (size_t i = 0; speaker && i < speaker->ends.count; i++)
		if (speaker->ends.items[i]->interface == end->interface)
			speaker->ends.items[i]->is_expected = is_up && speaker->ends.items[i]->peer;
}

struct solver {
	struct prospect *out;
	const struct topology *topology;
	const struct bgp_graph *graph;
	struct as_paths *paths;
};

static void solve(struct solver *s)
{
	struct learned learned;

	prospect_free_parts(s->out, s->graph);
	s->out->ribs = bgp_solve(s->graph, s->paths);
	learned = (struct learned){ s->graph, s->out->ribs };
	s->out->fabric = fabric_new(s->topology, &learned);
}

/* Both ends are told. */
static void set_state(struct solver *s, size_t at, const struct tunnel_state *state)
{
	const struct tunnel_end *end = s->topology->tunnel_ends.items[at];

	for (size_t i = 0; i < s->topology->tunnel_ends.count; i++) {
		struct tunnel_end *each = s->topology->tunnel_ends.items[i];

		if (each != end && each != end->peer)
			continue;
		s->out->tunnels[i] = *state;
		s->out->tunnels[i].end = each;
		expect(s->graph, each, state->outlook == TUNNEL_UP);
	}
}

/* Has it been up, and ended by what it brought? Once is enough: it would be so again. */
static bool is_settled(const struct tunnel_state *state)
{
	return state->outlook == TUNNEL_RECURSIVE;
}

/*
 * One look at a tunnel with what is known now; true when it is another than was thought. One that
 * was up and is not any more is recursive, whatever stopped its packets: what it brought did.
 */
static bool look(struct solver *s, size_t at)
{
	const struct tunnel_state *before = &s->out->tunnels[at];
	struct tunnel_state now;

	if (is_settled(before))
		return false;
	tunnel_judge(s->out->fabric, s->topology->tunnel_ends.items[at], &now);
	if (before->outlook == TUNNEL_UP && now.outlook == TUNNEL_DOWN)
		now.outlook = TUNNEL_RECURSIVE;
	else if (before->outlook != TUNNEL_UP && now.outlook == TUNNEL_RECURSIVE)
		now.outlook = TUNNEL_DOWN; /* by what stands whether it is up or not */
	if (now.outlook == before->outlook) {
		memcpy(s->out->tunnels[at].words, now.words, sizeof(now.words));
		return false;
	}
	set_state(s, at, &now);
	return true;
}

static bool look_at_all(struct solver *s)
{
	bool is_changed = false;

	for (size_t i = 0; i < s->topology->tunnel_ends.count; i++)
		is_changed |= look(s, i);
	return is_changed;
}

void prospect_init(struct prospect *prospect, const struct topology *topology,
		   const struct bgp_graph *graph, struct as_paths *paths)
{
	struct solver s = { prospect, topology, graph, paths };
	/* each look but the last brings a tunnel up, or ends it for good */
	size_t looks = 2 * topology->tunnel_ends.count;

	*prospect = (struct prospect){ 0 };
	prospect->tunnels = calloc(topology->tunnel_ends.count + 1, sizeof(*prospect->tunnels));
	if (!prospect->tunnels)
		abort();
	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		prospect->tunnels[i] = (struct tunnel_state){ .end = topology->tunnel_ends.items[i],
							      .outlook = TUNNEL_DOWN };
		expect(graph, topology->tunnel_ends.items[i], false);
	}
	solve(&s);
	while (looks-- && look_at_all(&s))
		solve(&s);
}
