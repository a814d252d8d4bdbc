/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lab looks like from outside: one function a topic, each filling its struct. */
#include "lab/snapshot/changes.h"
#include "lab/snapshot/fill.h"
#include "netns/super/super.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char *const state_names[] = {
	[SUPER_EMPTY] = "empty",       [SUPER_BUILDING] = "building",
	[SUPER_CHANGING] = "changing", [SUPER_CONVERGING] = "converging",
	[SUPER_RUNNING] = "running",
};

#define WEIGHT_LEARNED 32769 /* R6.4 */
#define WEIGHT_OWN     32768

static const char *argument_of(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? slash + 1 : "";
}

/* Of a time of the loop's clock. */
static double unix_time_of(const struct super *s, uint64_t time_ns)
{
	return s->unix_offset + (double)time_ns / 1e9;
}

static const char *prediction_text(const struct probe *probe)
{
	return *probe->prediction.words ? probe->prediction.words : "reply";
}

#define PROBLEMS_TOLD 50 /* the others are counted */

struct problems {
	struct texts texts;
	int64_t count;
};

static PRINTF(3, 4) void add_problem(struct arena *arena, struct problems *problems,
				     const char *fmt, ...)
{
	char text[600];
	va_list args;

	if (problems->count++ >= PROBLEMS_TOLD)
		return;
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	*ARENA_PUSH(arena, problems->texts.items, problems->texts.count) =
		arena_strdup(arena, text);
}

static void add_daemon_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	const struct daemon *daemon;

	for (daemon = daemons_first(s->daemons); daemon; daemon = daemon->next)
		if (strcmp(daemon->state, "up") != 0)
			add_problem(arena, problems, "%s: bird %s", daemon->name, daemon->state);
}

struct drift_problems {
	struct arena *arena;
	struct problems *problems;
};

static void add_drift_problem(void *arg, const char *text)
{
	struct drift_problems *to = arg;

	add_problem(to->arena, to->problems, "drift: %s", text);
}

/* Returns how many there are; the first are told. */
static int64_t add_drift_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	struct drift_problems to = { arena, problems };
	size_t count = drift_tell(s->drift, PROBLEMS_TOLD, add_drift_problem, &to);

	if (count > PROBLEMS_TOLD)
		problems->count += (int64_t)count - PROBLEMS_TOLD;
	return (int64_t)count;
}

static void add_session_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[i];
		const struct bird *bird = controller_bird(s->controller, speaker);

		if (bird && *bird_refusal(bird))
			add_problem(arena, problems, "%s: bird refused its configuration:%s",
				    speaker->node->name, bird_refusal(bird));
		for (size_t n = 0; bird && n < speaker->ends.count; n++) {
			const struct bgp_end *end = speaker->ends.items[n];

			if (!bird_sessions(bird)[n].is_up)
				add_problem(arena, problems, "%s: no BGP session with %s (%s)",
					    speaker->node->name, end->peer->speaker->node->name,
					    ip_print(end->peer->interface->ip).text);
		}
	}
}

/* With a session down it is that which is wrong; else BIRD and our model of it disagree. */
static void add_route_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	if (controller_sessions_up(s->controller) < s->wanted->graph->session_count)
		return;
	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[i];
		struct prefix prefix;

		if (rib_find_difference(&s->wanted->ribs[i], controller_rib(s->controller, speaker),
					&prefix))
			add_problem(arena, problems, "%s: routes to %s are not those predicted",
				    speaker->node->name, prefix_print(prefix).text);
	}
}

static void add_probe_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	uint64_t now_ns = loop_clock_ns();

	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);
		enum probe_colour colour = probe_colour(probe, now_ns);

		if (colour == PROBE_GREEN)
			continue;
		add_problem(arena, problems, "%s %s -> %s: %s%s%s; predicted: %s",
			    choice_name(probe_protocol_names, probe->spec->protocol.value),
			    probe->spec->from->vm->object.name, probe->spec->to->vm->object.name,
			    !probe->observed_ns ||
					    (colour == PROBE_AMBER && !probe->prediction.is_by_flow)
				    ? "not observed"
			    : probe->last.is_reply ? "reply"
						   : "no reply",
			    colour == PROBE_RED && *probe->last.why ? ", " : "",
			    colour == PROBE_RED ? probe->last.why : "", prediction_text(probe));
	}
}

static struct problems find_problems(struct super *s, struct arena *arena, int64_t *ret_drift)
{
	struct problems problems = { 0 };

	if (s->state < SUPER_CONVERGING)
		return problems;
	*ret_drift = add_drift_problems(s, arena, &problems);
	add_daemon_problems(s, arena, &problems);
	add_session_problems(s, arena, &problems);
	add_route_problems(s, arena, &problems);
	add_probe_problems(s, arena, &problems);
	return problems;
}

/* The one of three counters that a colour adds to. */
static int64_t *counter_of(enum probe_colour colour, int64_t *green, int64_t *red, int64_t *amber)
{
	switch (colour) {
	case PROBE_GREEN:
		return green;
	case PROBE_RED:
		return red;
	case PROBE_AMBER:
		return amber;
	}
	return amber;
}

static void count_probes(struct super *s, struct snapshot_lab *lab)
{
	uint64_t now_ns = loop_clock_ns();

	lab->probe_count = (int64_t)prober_count(s->prober);
	for (size_t i = 0; i < prober_count(s->prober); i++)
		++*counter_of(probe_colour(prober_get(s->prober, i), now_ns), &lab->probes_green,
			      &lab->probes_red, &lab->probes_amber);
}

/* Only the name and the state are there before a lab file is. */
static json_t *topic_lab(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_lab lab = { .name = s->name,
				    .state = state_names[s->state],
				    .is_rootless = s->is_rootless };
	struct problems problems;

	(void)name;
	(void)err;
	if (!s->wanted)
		return record_encode(&snapshot_lab_record, &lab);
	lab.file = s->source.file;
	lab.timers = choice_name(timers_names, s->wanted->lab->timers.value);
	lab.step = s->wanted->lab->step;
	lab.step_count = (int64_t)s->wanted->lab->steps.count;
	if (lab.step)
		lab.step_name = s->wanted->lab->steps.items[lab.step - 1].name.value;
	lab.change_count = (int64_t)s->source.change_count;
	lab.up_since = s->up_since;
	lab.vm_count = (int64_t)s->wanted->lab->vms.count;
	lab.node_count = (int64_t)s->wanted->topology->nodes.count;
	lab.session_count = s->wanted->graph->session_count;
	lab.sessions_up = controller_sessions_up(s->controller);
	lab.cables = !s->wanted->topology->cables.count ? "none"
		     : wire_client_is_used(s->wire)     ? "wire"
							: "netem";
	lab.stages.items = s->stages;
	lab.stages.count = s->stage_count;
	problems = find_problems(s, arena, &lab.drift_count);
	lab.problems = problems.texts;
	lab.problem_count = problems.count;
	count_probes(s, &lab);
	return record_encode(&snapshot_lab_record, &lab);
}

static void add_address(struct snapshot_node *out, const struct interface *interface, struct ip ip,
			struct arena *arena)
{
	*ARENA_PUSH(arena, out->addresses.items, out->addresses.count) =
		arena_strdup(arena, prefix_print(interface_prefix(interface, ip)).text);
}

static void fill_node(struct super *s, const struct node *node, struct snapshot_node *out,
		      struct arena *arena)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(s->wanted->graph, node);
	const struct daemon *daemon = daemons_find(s->daemons, node->name);
	const struct bird *bird = speaker ? controller_bird(s->controller, speaker) : NULL;

	out->name = node->name;
	out->role = node_role_name(node->role);
	out->state = daemon ? daemon->state : "up";
	out->pid = daemon ? daemon->pid : 0;
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		add_address(out, interface, interface->ip, arena);
		for (size_t n = 0; n < interface->more.count; n++)
			add_address(out, interface, interface->more.items[n], arena);
	}
	for (size_t i = 0; speaker && i < speaker->ends.count; i++) {
		out->sessions++;
		out->sessions_up += bird && bird_sessions(bird)[i].is_up;
	}
}

static json_t *topic_nodes(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_nodes nodes = { 0 };

	(void)name;
	(void)err;
	for (size_t i = 0; i < s->wanted->topology->nodes.count; i++)
		fill_node(s, s->wanted->topology->nodes.items[i],
			  ARENA_PUSH(arena, nodes.nodes.items, nodes.nodes.count), arena);
	return record_encode(&snapshot_nodes_record, &nodes);
}

/* "routes/VM", "routes/NIC" or "routes/VM:NIC" */
static json_t *topic_routes(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, err);
	struct snapshot_routes out = { 0 };

	if (!nic)
		return NULL;
	snapshot_fill_routes(
		nic,
		fabric_subnet_routes(controller_fabric(s->controller),
				     topology_find_nic(s->wanted->topology, nic)->table),
		&out, arena);
	return record_encode(&snapshot_routes_record, &out);
}

/* Computed anew each time: who asks wants to know why, and others do not pay for it. */
static json_t *topic_why(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, err);
	const struct fabric *fabric = controller_fabric(s->controller);
	struct snapshot_why out = { 0 };
	struct route_reasons *reasons;
	const struct vnet *vnet;
	json_t *json;

	if (!nic)
		return NULL;
	vnet = nic->subnet->vnet;
	reasons = route_reasons_new(s->wanted->lab, nic->subnet,
				    fabric_taught(fabric, vnet->used_express_route),
				    fabric_taught(fabric, route_reasons_offered(vnet)));
	snapshot_fill_why(s->wanted->lab, s->source.file, nic, reasons, &out, arena);
	json = record_encode(&snapshot_why_record, &out);
	route_reasons_free(reasons);
	return json;
}

static size_t count_from(const struct rib *rib, const struct bgp_end *end)
{
	size_t count = 0;

	for (size_t i = 0; i < rib->count; i++)
		count += rib->routes[i].from == end;
	return count;
}

static void fill_peers(const struct super *s, const struct bgp_speaker *speaker,
		       const struct bird *bird, const struct rib *rib, struct snapshot_bgp *out,
		       struct arena *arena)
{
	for (size_t i = 0; i < speaker->ends.count; i++) {
		const struct bgp_end *end = speaker->ends.items[i];
		const struct bird_session *session = bird ? &bird_sessions(bird)[i] : NULL;
		struct snapshot_peer *peer = ARENA_PUSH(arena, out->peers.items, out->peers.count);

		peer->neighbor = arena_strdup(arena, ip_print(end->peer->interface->ip).text);
		peer->peer_node = end->peer->speaker->node->name;
		peer->asn = end->peer->speaker->asn;
		peer->state = session && session->is_up ? "Connected" : "Connecting";
		peer->routes_received = (int64_t)count_from(rib, end);
		if (!session)
			continue;
		if (session->is_up)
			peer->connected_at = unix_time_of(s, session->changed_ns);
		peer->messages_sent = (int64_t)session->messages_sent;
		peer->messages_received = (int64_t)session->messages_received;
	}
}

/* R6.4; the rows of a gateway, and in the same shape those of any other speaker */
static void fill_learned(const struct bgp_speaker *speaker, const struct rib *rib,
			 struct snapshot_bgp *out, struct arena *arena)
{
	for (size_t i = 0; i < rib->count; i++) {
		const struct rib_route *route = &rib->routes[i];
		struct snapshot_learned *row =
			ARENA_PUSH(arena, out->learned.items, out->learned.count);
		char path[1024];

		row->network = arena_strdup(arena, prefix_print(route->prefix).text);
		if (!route->from) {
			row->origin = "Network";
			row->source_peer = out->local_address;
			row->weight = WEIGHT_OWN;
			continue;
		}
		as_path_print(route->path, path, sizeof(path));
		row->next_hop = arena_strdup(arena, ip_print(route->next_hop).text);
		row->source_peer =
			arena_strdup(arena, ip_print(route->from->peer->interface->ip).text);
		row->as_path = arena_strdup(arena, path);
		row->origin = route->from->peer->speaker->asn == speaker->asn ? "IBgp" : "EBgp";
		row->weight = WEIGHT_LEARNED;
		if (route->from->peer->interface->connection)
			row->weight += (int64_t)route->from->peer->interface->connection
					       ->routing_weight.value;
	}
}

/* A gateway stands for its first instance whose daemon runs. */
static const struct bgp_speaker *find_speaker(struct super *s, const char *name, struct err *err)
{
	const struct gateway *gateway = lab_find_gateway(s->wanted->lab, name);
	const struct node *node = topology_find_node(s->wanted->topology, name);
	const struct bgp_speaker *speaker = node ? bgp_find_speaker(s->wanted->graph, node) : NULL;

	for (unsigned n = GATEWAY_INSTANCES; gateway && n-- > 0;) {
		const struct bgp_speaker *instance =
			bgp_find_instance(s->wanted->graph, gateway, n);

		if (!speaker || controller_bird(s->controller, instance))
			speaker = instance;
	}
	if (!speaker)
		err_set(err, -ENOENT, "lab '%s' has no gateway or router '%s'", s->name, name);
	return speaker;
}

static json_t *topic_bgp(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct bgp_speaker *speaker = find_speaker(s, name, err);
	struct snapshot_bgp out = { 0 };
	const struct daemon *daemon;
	const struct bird *bird;
	const struct rib *rib;

	if (!speaker)
		return NULL;
	bird = controller_bird(s->controller, speaker);
	daemon = daemons_find(s->daemons, speaker->node->name);
	rib = controller_rib(s->controller, speaker);
	out.node = speaker->node->name;
	out.asn = speaker->asn;
	out.state = bird ? "up" : daemon ? daemon->state : "not started";
	out.local_address =
		speaker->node->interfaces.count
			? arena_strdup(arena, ip_print(speaker->node->interfaces.items[0]->ip).text)
			: "";
	fill_peers(s, speaker, bird, rib, &out, arena);
	fill_learned(speaker, rib, &out, arena);
	return record_encode(&snapshot_bgp_record, &out);
}

static void fill_recent(const struct probe *probe, struct reals *out, struct arena *arena)
{
	unsigned first = probe->history_next + PROBE_HISTORY - probe->history_count;

	out->count = probe->history_count;
	out->items = arena_alloc(arena, out->count * sizeof(*out->items));
	for (unsigned i = 0; i < probe->history_count; i++) /* in whole microseconds */
		out->items[i] = round(probe->history[(first + i) % PROBE_HISTORY] * 1000) / 1000;
}

static void fill_probe(const struct super *s, const struct probe *probe, struct snapshot_probe *out,
		       struct arena *arena)
{
	uint64_t now_ns = loop_clock_ns();

	out->from = probe->spec->from->vm->object.name;
	out->to = probe->spec->to->vm->object.name;
	out->protocol = choice_name(probe_protocol_names, probe->spec->protocol.value);
	out->address = arena_strdup(arena, ip_print(probe->spec->to->ip).text);
	out->colour = probe_colour_name(probe_colour(probe, now_ns));
	out->prediction = prediction_text(probe);
	out->is_reply_predicted = prediction_is_answer(
		&probe->prediction, (enum probe_protocol)probe->spec->protocol.value);
	out->observation = !probe->observed_ns    ? "not observed"
			   : probe->last.is_reply ? "reply"
						  : "no reply";
	out->why = probe->last.why;
	out->is_reply = probe->observed_ns && probe->last.is_reply;
	out->rtt_ms = probe->last.rtt_ms;
	out->ttl = probe->last.ttl;
	out->observed_at = probe->observed_ns ? unix_time_of(s, probe->observed_ns) : 0;
	out->coloured_at = unix_time_of(s, probe->coloured_ns);
	out->interval_ms = (int64_t)probe->spec->interval_ms.value;
	fill_recent(probe, &out->recent, arena);
	out->sent = (int64_t)probe->sent;
	out->answered = (int64_t)probe->answered;
}

static bool is_probe_of(const struct probe *probe, const char *vm)
{
	return !*vm || !strcasecmp(probe->spec->from->vm->object.name, vm);
}

static bool knows_vm(const struct super *s, const char *vm, struct err *err)
{
	if (!*vm || lab_find_vm(s->wanted->lab, vm))
		return true;
	err_set(err, -ENOENT, "lab '%s' has no virtual machine '%.60s'", s->name, vm);
	return false;
}

/* "probes" is all of them, "probes/VM" those that a virtual machine sends */
static json_t *topic_probes(struct super *s, const char *vm, struct arena *arena, struct err *err)
{
	struct snapshot_probes out = { 0 };

	if (!knows_vm(s, vm, err))
		return NULL;
	for (size_t i = 0; i < prober_count(s->prober); i++)
		if (is_probe_of(prober_get(s->prober, i), vm))
			fill_probe(s, prober_get(s->prober, i),
				   ARENA_PUSH(arena, out.probes.items, out.probes.count), arena);
	return record_encode(&snapshot_probes_record, &out);
}

static json_t *topic_events(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_events out = { 0 };

	(void)name;
	(void)err;
	journal_fill(s->journal, 0, &out, arena);
	return record_encode(&snapshot_events_record, &out);
}

static uint64_t probes_version(const struct super *s)
{
	return prober_version(s->prober);
}

static json_t *encode_probe(const struct super *s, const struct probe *probe, struct arena *arena)
{
	struct snapshot_probe out = { 0 };

	fill_probe(s, probe, &out, arena);
	return record_encode(&snapshot_probe_record, &out);
}

#define PROBES_AT_ONCE 64 /* new to a watcher; more would keep the loop for too long */

/*
 * A probe that has a result is a splice of its own, so a thousand others cost nothing. Those a
 * watcher has not seen yet are put behind the ones it has, some at a time.
 */
static void update_probes(struct super *s, struct topic_state *state, struct arena *arena,
			  json_t **changes)
{
	const char *vm = argument_of(state->name);
	json_t *more = json_array();
	size_t row = 0, had = state->count;

	state->is_partial = false;
	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);

		if (!is_probe_of(probe, vm))
			continue;
		if (row < had && probe->version > state->version)
			changes_splice(changes, "probes", row, 1,
				       json_pack("[o]", encode_probe(s, probe, arena)));
		else if (row >= had && row < had + PROBES_AT_ONCE)
			(void)json_array_append_new(more, encode_probe(s, probe, arena));
		row++;
	}
	state->count = row < had + PROBES_AT_ONCE ? row : had + PROBES_AT_ONCE;
	state->is_partial = state->count < row;
	if (json_array_size(more))
		changes_splice(changes, "probes", had, 0, more);
	else
		json_decref(more);
}

static json_t *begin_probes(struct super *s, const char *vm, struct err *err)
{
	return knows_vm(s, vm, err) ? json_pack("{s:[]}", "probes") : NULL;
}

static uint64_t events_version(const struct super *s)
{
	return (uint64_t)journal_last(s->journal);
}

static void update_events(struct super *s, struct topic_state *state, struct arena *arena,
			  json_t **changes)
{
	size_t had = json_array_size(json_object_get(state->json, "events")), gone = 0;
	struct snapshot_events out = { 0 };
	json_t *items = json_array();

	journal_fill(s->journal, (int64_t)state->version, &out, arena);
	for (size_t i = 0; i < out.events.count; i++)
		(void)json_array_append_new(
			items, record_encode(&snapshot_event_record, &out.events.items[i]));
	if (had + out.events.count > JOURNAL_EVENTS)
		gone = had + out.events.count - JOURNAL_EVENTS;
	if (gone)
		changes_splice(changes, "events", 0, gone, json_array());
	if (out.events.count)
		changes_splice(changes, "events", had - gone, 0, items);
	else
		json_decref(items);
}

static json_t *topic_vms(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_vm *sums = arena_alloc(arena, s->wanted->lab->vms.count * sizeof(*sums));
	struct snapshot_vms out = { 0 };
	uint64_t now_ns = loop_clock_ns();

	(void)name;
	(void)err;
	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);
		struct snapshot_vm *sum = &sums[probe->spec->from->vm - s->wanted->lab->vms.items];

		sum->probes++;
		++*counter_of(probe_colour(probe, now_ns), &sum->probes_green, &sum->probes_red,
			      &sum->probes_amber);
	}
	for (size_t i = 0; i < s->wanted->lab->vms.count; i++) {
		const struct vm *vm = &s->wanted->lab->vms.items[i];

		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			const struct nic *nic = &vm->network_interfaces.items[n];
			struct snapshot_vm *row = ARENA_PUSH(arena, out.vms.items, out.vms.count);

			*row = sums[i];
			row->vm = vm->object.name;
			row->nic = nic->object.name;
			row->address = arena_strdup(arena, ip_print(nic->ip).text);
			row->subnet = nic->subnet_ref.name ? nic->subnet_ref.name : vm->subnet.name;
		}
	}
	return record_encode(&snapshot_vms_record, &out);
}

/* The lab file as it runs, for those who compare. */
static json_t *topic_file(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct lab *lab = s->wanted->lab;
	struct snapshot_file out = { .file = s->source.file, .text = s->source.text };

	(void)name;
	(void)err;
	out.step = lab->step;
	for (size_t i = 0; i < lab->steps.count; i++)
		*ARENA_PUSH(arena, out.steps.items, out.steps.count) = (struct snapshot_step){
			.number = lab->steps.items[i].number,
			.after = lab->steps.items[i].base ? lab->steps.items[i].base->number : 0,
			.name = lab->steps.items[i].name.value,
		};
	for (size_t i = 0; i < s->source.change_count; i++)
		*ARENA_PUSH(arena, out.changes.items, out.changes.count) =
			(struct snapshot_change){ s->source.changes[i].path,
						  s->source.changes[i].value,
						  s->source.changes[i].old };
	return record_encode(&snapshot_file_record, &out);
}

static const struct topic topics[] = {
	{ .name = "lab", .causes = CAUSE_STATE | CAUSE_PROBE, .fill = topic_lab },
	{ .name = "nodes", .needs_lab = true, .causes = CAUSE_STATE, .fill = topic_nodes },
	{ .name = "vms",
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_PROBE,
	  .fill = topic_vms },
	{ .name = "routes",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = topic_routes },
	{ .name = "why",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = topic_why },
	{ .name = "bgp",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = topic_bgp },
	{ .name = "probes",
	  .may_have_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_PROBE,
	  .fill = topic_probes,
	  .begin = begin_probes,
	  .update = update_probes,
	  .version = probes_version },
	{ .name = "events",
	  .causes = CAUSE_EVENT,
	  .fill = topic_events,
	  .update = update_events,
	  .version = events_version },
	{ .name = "file", .needs_lab = true, .causes = CAUSE_STATE, .fill = topic_file },
};

const struct topic *super_topic_find(const struct super *s, const char *name, struct err *err)
{
	const char *slash = strchr(name, '/');
	size_t len = slash ? (size_t)(slash - name) : strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		if (strlen(topics[i].name) != len || strncmp(topics[i].name, name, len) != 0 ||
		    (!topics[i].may_have_argument && topics[i].has_argument != (slash != NULL)))
			continue;
		if (!topics[i].needs_lab || s->wanted)
			return &topics[i];
		err_set(err, -EAGAIN, "the lab has no file yet");
		return NULL;
	}
	err_set(err, -ENOENT, "there is no topic '%.60s'", name);
	return NULL;
}

static json_t *fill(struct super *s, const struct topic *topic, const char *name, struct err *err)
{
	struct arena *arena = arena_new();
	json_t *json = topic->fill(s, argument_of(name), arena, err);

	arena_free(arena);
	return json;
}

json_t *super_topic_begin(struct super *s, const struct topic *topic, struct topic_state *state,
			  struct err *err)
{
	if (topic->begin) {
		state->is_partial = true;
		return topic->begin(s, argument_of(state->name), err);
	}
	if (topic->version)
		state->version = topic->version(s);
	return fill(s, topic, state->name, err);
}

json_t *super_topic_update(struct super *s, const struct topic *topic, struct topic_state *state)
{
	json_t *changes = NULL, *now;
	struct arena *arena;

	if (topic->update) {
		uint64_t version = topic->version(s);

		arena = arena_new();
		topic->update(s, state, arena, &changes);
		arena_free(arena);
		state->version = version;
		if (changes && !topic->begin)
			(void)changes_apply(state->json, changes, NULL);
		return changes;
	}
	now = fill(s, topic, state->name, NULL);
	if (!now)
		return NULL;
	changes = changes_between(state->json, now);
	json_decref(state->json);
	state->json = now;
	return changes;
}

json_t *super_topic(struct super *s, const char *name, struct err *err)
{
	const struct topic *topic = super_topic_find(s, name, err);

	return topic ? fill(s, topic, name, err) : NULL;
}
