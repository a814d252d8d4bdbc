/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What speaks BGP: gateways and Route Servers with all their instances, and single machines. What
 * they know is here already; what they tell a peer is asked of their daemons when somebody wants to
 * know, and the topic changes when the answer comes.
 */
#include "lab/snapshot/fill_bgp.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a daemon tells on one session, as it said when it was asked last. */
struct told {
	struct told *next;
	const struct bgp_end *end;
	uint64_t version; /* of what it knew when it was asked */
	bool is_asked;    /* and has not answered */
	struct arena *arena;
	LIST_OF(struct snapshot_told) routes;
	char *refusal; /* NULL: there was none */
};

struct speakers {
	const struct bgp_speaker **items;
	size_t count;
};

/* All instances of a gateway or Route Server, or the machine of that name. */
static struct speakers find_speakers(struct super *s, const char *name, const char **ret_name,
				     struct arena *arena, struct err *err)
{
	const struct bgp_graph *graph = s->wanted->graph;
	struct speakers found = { 0 };

	for (int pass = 0; pass < 2 && !found.count; pass++)
		for (size_t i = 0; i < graph->speakers.count; i++) {
			const struct bgp_speaker *speaker = graph->speakers.items[i];
			const char *own =
				pass ? speaker->node->name : snapshot_name_of(speaker->node);

			if (strcasecmp(own, name) != 0)
				continue;
			*ret_name = own;
			*ARENA_PUSH(arena, found.items, found.count) = speaker;
		}
	if (!found.count)
		err_set(err, -ENOENT, "lab '%s' has no gateway or router '%.80s'", s->name, name);
	return found;
}

static struct session_seen *see_sessions(const struct super *s, const struct bgp_daemon *routing,
					 struct arena *arena)
{
	size_t count = bgp_daemon_speaker(routing)->ends.count;
	struct session_seen *seen = arena_alloc(arena, (count + 1) * sizeof(*seen));

	for (size_t i = 0; i < count; i++) {
		const struct bgp_session *session = &bgp_daemon_sessions(routing)[i];

		seen[i].is_up = session->is_up;
		if (session->changed_ns)
			seen[i].changed_at = super_unix_time_of(s, session->changed_ns);
		seen[i].last_words = session->last_words;
		seen[i].messages_sent = session->messages_sent;
		seen[i].messages_received = session->messages_received;
	}
	return seen;
}

static void fill_speaker(struct super *s, const struct bgp_speaker *speaker,
			 struct snapshot_speaker *out, struct arena *arena)
{
	const struct bgp_daemon *routing = controller_daemon(s->controller, speaker);
	const struct daemon *daemon = daemons_find_worst(s->daemons, speaker->node->name);
	const char *state = routing ? "up" : daemon ? daemon->state : "not started";

	snapshot_fill_speaker(speaker, controller_rib(s->controller, speaker),
			      routing ? see_sessions(s, routing, arena) : NULL, state, out, arena);
}

static const struct bgp_end *find_provider(const struct bgp_speaker *msee)
{
	for (size_t i = 0; i < msee->ends.count; i++)
		if (msee->ends.items[i]->learns == BGP_CLASS_PROVIDER)
			return msee->ends.items[i];
	return NULL;
}

static void add_link(struct super *s, const struct bgp_speaker *msee, struct snapshot_bgp *out,
		     struct arena *arena)
{
	struct snapshot_link *link = ARENA_PUSH(arena, out->links.items, out->links.count);
	const struct rib *rib = controller_rib(s->controller, msee);
	const struct bgp_end *end = find_provider(msee);

	link->circuit = msee->node->circuit->object.name;
	link->path = choice_name(path_names, (int)msee->node->path);
	link->msee = msee->node->name;
	link->state = "no link";
	if (!end)
		return;
	link->provider = end->peer->speaker->node->name;
	link->neighbor = arena_strdup(arena, ip_print(end->peer->ip).text);
	link->state = controller_session_is_up(s->controller, end) ? "Connected" : "Connecting";
	for (size_t i = 0; i < rib->count; i++)
		link->routes_received += rib->routes[i].from == end;
}

/* Both links of each circuit that a gateway is connected to, or to which an MSEE belongs. */
static void fill_links(struct super *s, const struct node *node, struct snapshot_bgp *out,
		       struct arena *arena)
{
	const struct lab *lab = s->wanted->lab;

	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *msee = s->wanted->graph->speakers.items[i];
		bool is_its = msee->node->circuit && msee->node->circuit == node->circuit;

		for (size_t n = 0; node->gateway && n < lab->connections.count; n++)
			is_its |= msee->node->circuit &&
				  lab->connections.items[n].gateway == node->gateway &&
				  lab->connections.items[n].circuit == msee->node->circuit;
		if (is_its)
			add_link(s, msee, out, arena);
	}
}

json_t *super_topic_bgp(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_bgp out = { 0 };
	struct speakers speakers = find_speakers(s, name, &out.name, arena, err);

	if (!speakers.count)
		return NULL;
	out.role = node_role_name(speakers.items[0]->node->role);
	for (size_t i = 0; i < speakers.count; i++)
		fill_speaker(s, speakers.items[i],
			     ARENA_PUSH(arena, out.speakers.items, out.speakers.count), arena);
	fill_links(s, speakers.items[0]->node, &out, arena);
	return record_encode(&snapshot_bgp_record, &out);
}

json_t *super_topic_sessions(struct super *s, const char *name, struct arena *arena,
			     struct err *err)
{
	const struct bgp_graph *graph = s->wanted->graph;
	struct snapshot_sessions out = { 0 };

	(void)name;
	(void)err;
	for (size_t i = 0; i < graph->speakers.count; i++)
		for (size_t n = 0; n < graph->speakers.items[i]->ends.count; n++) {
			const struct bgp_end *end = graph->speakers.items[i]->ends.items[n];
			struct snapshot_session *session =
				ARENA_PUSH(arena, out.sessions.items, out.sessions.count);

			session->node = end->speaker->node->name;
			session->peer_node = end->peer ? end->peer->speaker->node->name : NULL;
			session->neighbor = arena_strdup(arena, ip_print(end->peer_ip).text);
			session->is_expected = bgp_end_lasts(end);
			session->is_up = controller_session_is_up(s->controller, end);
		}
	return record_encode(&snapshot_sessions_record, &out);
}

/* ---- what is told ---- */

static struct told *find_told(struct super *s, const struct bgp_end *end)
{
	struct told *told = s->told;

	while (told && told->end != end)
		told = told->next;
	return told;
}

static struct told *get_told(struct super *s, const struct bgp_end *end)
{
	struct told *told = find_told(s, end);

	if (told)
		return told;
	told = calloc(1, sizeof(*told));
	if (!told)
		abort();
	told->end = end;
	told->next = s->told;
	s->told = told;
	return told;
}

void super_forget_told(struct super *s)
{
	while (s->told) {
		struct told *told = s->told;

		s->told = told->next;
		arena_free(told->arena);
		free(told);
	}
}

void super_on_told(void *arg, const struct bgp_end *end, const struct rib_route *routes,
		   size_t count, const char *refusal)
{
	struct super *s = arg;
	struct told *told = find_told(s, end);
	struct rib sorted = { 0 };

	if (!told)
		return; /* asked in an earlier version of the lab */
	arena_free(told->arena);
	*told = (struct told){
		.next = told->next, .end = end, .version = told->version, .arena = arena_new()
	};
	if (refusal)
		told->refusal = arena_strdup(told->arena, refusal + strspn(refusal, " "));
	rib_assign(&sorted, routes, count);
	for (size_t i = 0; i < count; i++)
		snapshot_fill_told(end, &sorted.routes[i],
				   ARENA_PUSH(told->arena, told->routes.items, told->routes.count),
				   told->arena);
	rib_fini(&sorted);
	publisher_touch(s->publisher, CAUSE_BGP);
}

static const char *session_words(const struct bgp_end *end, struct arena *arena)
{
	return arena_printf(arena, "%s has no session with %s (%s) now", end->speaker->node->name,
			    end->peer_name, ip_print(end->peer_ip).text);
}

/* What is known of one session, and the question when that is not all. */
static void add_told(struct super *s, const struct bgp_end *end, struct snapshot_advertised *out,
		     struct arena *arena)
{
	uint64_t version = controller_version(s->controller, end->speaker);
	struct told *told;

	if (!controller_session_is_up(s->controller, end)) {
		out->error = session_words(end, arena);
		return;
	}
	told = get_told(s, end);
	/* what was asked of a daemon that ended meanwhile is asked of the next: it knows something
	 * else
	 */
	if (told->version != version || (!told->arena && !told->is_asked)) {
		told->version = version;
		told->is_asked = controller_ask_told(s->controller, end);
		if (!told->is_asked) {
			out->error = arena_printf(
				arena, "%s does not say what it tells: %s cannot be asked",
				end->speaker->node->name,
				routing_daemon_name(end->speaker->daemon));
			return;
		}
	}
	out->is_whole &= told->arena && !told->is_asked && told->version == version;
	if (told->refusal)
		out->error = arena_printf(arena, "%s: %s", end->speaker->node->name, told->refusal);
	for (size_t i = 0; i < told->routes.count; i++)
		*ARENA_PUSH(arena, out->routes.items, out->routes.count) = told->routes.items[i];
}

static bool is_peer(const struct bgp_end *end, const char *peer)
{
	return !strcmp(ip_print(end->peer_ip).text, peer) || !strcasecmp(end->peer_name, peer) ||
	       (end->peer_node && !strcasecmp(snapshot_name_of(end->peer_node), peer));
}

json_t *super_topic_advertised(struct super *s, const char *name, struct arena *arena,
			       struct err *err)
{
	struct snapshot_advertised out = { .is_whole = true };
	const char *blank = strchr(name, ' ');
	struct speakers speakers;

	if (!blank || !blank[1]) {
		err_set(err, -EINVAL, "'advertised' needs the name of a machine and a peer");
		return NULL;
	}
	out.peer = blank + 1;
	speakers = find_speakers(s, arena_strndup(arena, name, (size_t)(blank - name)), &out.name,
				 arena, err);
	if (!speakers.count)
		return NULL;
	out.role = node_role_name(speakers.items[0]->node->role);
	for (size_t i = 0; i < speakers.count; i++) {
		const struct bgp_speaker *speaker = speakers.items[i];
		bool is_any = false;

		for (size_t n = 0; n < speaker->ends.count; n++) {
			if (!is_peer(speaker->ends.items[n], out.peer))
				continue;
			is_any = true;
			add_told(s, speaker->ends.items[n], &out, arena);
		}
		if (is_any)
			*ARENA_PUSH(arena, out.local_addresses.items, out.local_addresses.count) =
				snapshot_speaker_address(speaker, arena);
	}
	if (out.local_addresses.count)
		return record_encode(&snapshot_advertised_record, &out);
	err_set(err, -ENOENT, "%s has no BGP peer '%.80s'", out.name, out.peer);
	return NULL;
}
