/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the lab looks like from outside: one function a topic, each filling its struct. */
#include "lab/snapshot/changes.h"
#include "lab/snapshot/fill.h"
#include "lab/snapshot/fill_bgp.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <utlist.h>

static const char *const state_names[] = {
	[SUPER_EMPTY] = "empty",       [SUPER_BUILDING] = "building",
	[SUPER_CHANGING] = "changing", [SUPER_CONVERGING] = "converging",
	[SUPER_RUNNING] = "running",
};

const char *super_topic_argument(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash ? slash + 1 : "";
}

double super_unix_time_of(const struct super *s, uint64_t time_ns)
{
	return s->unix_offset + (double)time_ns / 1e9;
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
		if (!daemon_is_up(daemon))
			add_problem(arena, problems, "%s: %s %s", daemon->node, daemon->program,
				    daemon->state);
}

static void add_guest_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	for (size_t i = 0; i < s->wanted->topology->nodes.count; i++) {
		const char *name = s->wanted->topology->nodes.items[i]->name;

		if (guests_client_is_wrong(s->guests, name))
			add_problem(arena, problems, "%s: the guest does not run: %s", name,
				    guests_client_state(s->guests, name));
		else if (*routers_problem(s->routers, name))
			add_problem(arena, problems, "%s: %s", name,
				    routers_problem(s->routers, name));
	}
	if (*dhcp_server_problem(s->dhcp))
		add_problem(arena, problems, "guests get no addresses by DHCP: %s",
			    dhcp_server_problem(s->dhcp));
}

struct problems_of {
	struct arena *arena;
	struct problems *problems;
};

static void add_tunnel_problem(void *arg, const char *text)
{
	struct problems_of *to = arg;

	add_problem(to->arena, to->problems, "%s", text);
}

static void add_drift_problem(void *arg, const char *text)
{
	struct problems_of *to = arg;

	add_problem(to->arena, to->problems, "drift: %s", text);
}

/* Returns how many there are; the first are told. */
static int64_t add_drift_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	struct problems_of to = { arena, problems };
	size_t count = drift_tell(s->drift, PROBLEMS_TOLD, add_drift_problem, &to);

	if (count > PROBLEMS_TOLD)
		problems->count += (int64_t)count - PROBLEMS_TOLD;
	return (int64_t)count;
}

static void add_link_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	const struct topology *t = s->wanted->topology;

	for (size_t i = 0; i < t->cables.count; i++)
		if (!cable_frames_fit(t->cables.items[i]))
			add_problem(arena, problems, "nothing passes the link %s: %s",
				    cable_name(t, t->cables.items[i], arena),
				    snapshot_why_unfit(t->cables.items[i], arena));
}

static void add_session_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[i];
		const struct bgp_daemon *routing = controller_daemon(s->controller, speaker);

		if (routing && *bgp_daemon_refusal(routing))
			add_problem(arena, problems, "%s: %s refused its configuration:%s",
				    speaker->node->name, routing_daemon_name(speaker->daemon),
				    bgp_daemon_refusal(routing));
		for (size_t n = 0; routing && n < speaker->ends.count; n++) {
			const struct bgp_end *end = speaker->ends.items[n];

			if (!bgp_daemon_sessions(routing)[n].is_up && bgp_end_lasts(end))
				add_problem(arena, problems, "%s: no BGP session with %s (%s)",
					    speaker->node->name, end->peer_name,
					    ip_print(end->peer_ip).text);
		}
	}
}

/* With a session down it is that which is wrong; else BIRD and our model of it disagree. */
static void add_route_problems(struct super *s, struct arena *arena, struct problems *problems)
{
	if (controller_sessions_up(s->controller) < bgp_session_count(s->wanted->graph))
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
	char faults[200];

	faults_print(s->faults, faults, sizeof(faults));
	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);
		enum probe_colour colour = probe_colour(probe, now_ns);

		if (colour == PROBE_GREEN)
			continue;
		add_problem(arena, problems, "%s %s -> %s: %s%s%s; predicted: %s%s%s",
			    probe_protocol_print(probe->spec).text,
			    probe->spec->from->vm->object.name, probe->spec->to->vm->object.name,
			    !probe->observed_ns ||
					    (colour == PROBE_AMBER && !probe->prediction.is_by_flow)
				    ? "not observed"
			    : probe->last.is_reply ? "reply"
						   : "no reply",
			    colour == PROBE_RED && *probe->last.why ? ", " : "",
			    colour == PROBE_RED ? probe->last.why : "",
			    super_probes_prediction(probe), *faults ? "; " : "", faults);
	}
}

static struct problems find_problems(struct super *s, struct arena *arena, int64_t *ret_drift)
{
	struct problems problems = { 0 };

	if (s->state < SUPER_CONVERGING)
		return problems;
	*ret_drift = add_drift_problems(s, arena, &problems);
	add_daemon_problems(s, arena, &problems);
	add_guest_problems(s, arena, &problems);
	super_tell_outlooks(s, add_tunnel_problem, &(struct problems_of){ arena, &problems });
	tunnels_tell_problems(s->tunnels, add_tunnel_problem,
			      &(struct problems_of){ arena, &problems });
	add_link_problems(s, arena, &problems);
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
	size_t tunnels_up;

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
	super_fill_faults(s, &lab, arena);
	lab.up_since = s->up_since;
	lab.vm_count = (int64_t)lab_vm_count(s->wanted->lab);
	lab.node_count = (int64_t)s->wanted->topology->nodes.count;
	lab.session_count = bgp_session_count(s->wanted->graph);
	lab.sessions_up = controller_sessions_up(s->controller);
	lab.tunnel_count = (int64_t)tunnels_count(s->tunnels, &tunnels_up);
	lab.tunnels_up = (int64_t)tunnels_up;
	lab.cables = !s->wanted->topology->cables.count ? "none"
		     : wire_client_is_used(s->wire)     ? "wire"
							: "netem";
	snapshot_fill_links(s->wanted->topology, &lab, arena);
	lab.flow_count = (int64_t)flow_table_last(flows_table(s->flows));
	lab.flows_evicted = (int64_t)flow_table_evicted(flows_table(s->flows));
	lab.flows_lost = (int64_t)flows_lost(s->flows);
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

/* A daemon of one of its tunnels is as much a part of it as its own. */
static const char *tunnel_state(const struct super *s, const struct node *node, struct arena *arena)
{
	const struct topology *t = s->wanted->topology;

	for (size_t i = 0; i < t->tunnel_ends.count; i++) {
		const struct tunnel_end *end = t->tunnel_ends.items[i];
		const struct daemon *daemon =
			end->node == node ? daemons_find_worst(s->daemons, end->name) : NULL;

		if (daemon && !daemon_is_up(daemon))
			return arena_printf(arena, "%s of %s: %s", daemon->program, end->name,
					    daemon->state);
	}
	return "up";
}

static void add_saved(const struct super *s, struct snapshot_node *out, struct arena *arena)
{
	const struct guest_snapshot *saved;

	DL_FOREACH(guests_client_snapshots(s->guests, out->name), saved)
		*ARENA_PUSH(arena, out->snapshots.items, out->snapshots.count) =
			(struct snapshot_saved){
				.name = arena_strdup(arena, saved->name),
				.taken_at = saved->taken_at,
				.size_bytes = (int64_t)saved->size_bytes,
				.fits = guests_client_fits(s->guests, out->name, saved),
			};
}

static void fill_node(struct super *s, const struct node *node, struct snapshot_node *out,
		      struct arena *arena)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(s->wanted->graph, node);
	const struct daemon *daemon = daemons_find_worst(s->daemons, node->name);
	const struct bgp_daemon *routing =
		speaker ? controller_daemon(s->controller, speaker) : NULL;

	out->name = node->name;
	out->role = node_role_name(node->role);
	if (node->gateway || node->route_server)
		out->part_of = snapshot_name_of(node);
	out->state = daemon && !daemon_is_up(daemon) ? daemon->state : tunnel_state(s, node, arena);
	if (node_is_guest(node)) {
		out->kind = choice_name(vm_kind_names, node->vm->kind.value);
		out->state = guests_client_state(s->guests, node->name);
		if (guests_client_is_ready(s->guests, node->name) &&
		    *routers_problem(s->routers, node->name))
			out->state = routers_problem(s->routers, node->name);
		add_saved(s, out, arena);
	}
	if (!out->state)
		out->state = "not started yet";
	out->pid = daemon && daemon->pid > 0 ? daemon->pid : 0;
	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		add_address(out, interface, interface->ip, arena);
		for (size_t n = 0; n < interface->more.count; n++)
			add_address(out, interface, interface->more.items[n], arena);
	}
	if (speaker)
		out->daemon = routing_daemon_name(speaker->daemon);
	for (size_t i = 0; speaker && i < speaker->ends.count; i++) {
		out->sessions += bgp_end_lasts(speaker->ends.items[i]);
		out->sessions_up += routing && bgp_daemon_sessions(routing)[i].is_up;
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

/* "tunnels" is all of them, "tunnels/NODE" those that end there */
static json_t *topic_tunnels(struct super *s, const char *node, struct arena *arena,
			     struct err *err)
{
	struct snapshot_tunnels out = { 0 };

	if (tunnels_fill(s->tunnels, node, &out, arena) || !*node)
		return record_encode(&snapshot_tunnels_record, &out);
	err_set(err, -ENOENT, "lab '%s' has no tunnel that ends at '%.60s'", s->name, node);
	return NULL;
}

static json_t *topic_events(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_events out = { 0 };

	(void)name;
	(void)err;
	journal_fill(s->journal, 0, &out, arena);
	return record_encode(&snapshot_events_record, &out);
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
			row->subnet = nic->subnet_ref.name ? nic->subnet_ref.name
				      : vm->is_internet    ? nic->subnet->vnet->object.name
				      : vm->branch         ? arena_printf(arena, "LAN of %s",
									  vm->branch->object.name)
							   : vm->subnet.name;
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
	  .fill = super_topic_routes },
	{ .name = "why",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_why },
	{ .name = "nsg",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_nsg,
	  .version = super_security_version },
	{ .name = "verdict",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_verdict,
	  .version = super_security_version },
	{ .name = "path",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_path,
	  .version = super_security_version },
	{ .name = "rule", .has_argument = true, .needs_lab = true, .fill = super_topic_rule },
	{ .name = "capture",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_capture },
	{ .name = "bgp",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_BGP,
	  .fill = super_topic_bgp },
	{ .name = "sessions",
	  .needs_lab = true,
	  .causes = CAUSE_STATE,
	  .fill = super_topic_sessions },
	{ .name = "advertised",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_BGP,
	  .fill = super_topic_advertised },
	{ .name = "tunnels",
	  .may_have_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_TUNNEL,
	  .fill = topic_tunnels },
	{ .name = "probes",
	  .may_have_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_PROBE,
	  .fill = super_probes_fill,
	  .begin = super_probes_begin,
	  .update = super_probes_update,
	  .version = super_probes_version },
	{ .name = "events",
	  .causes = CAUSE_EVENT,
	  .fill = topic_events,
	  .update = update_events,
	  .version = events_version },
	{ .name = "flows",
	  .may_have_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_FLOW,
	  .fill = super_flows_fill,
	  .begin = super_flows_begin,
	  .update = super_flows_update,
	  .version = super_flows_version },
	{ .name = "traffic",
	  .needs_lab = true,
	  .causes = CAUSE_TRAFFIC,
	  .fill = super_topic_traffic,
	  .version = super_traffic_version },
	{ .name = "history",
	  .causes = CAUSE_HISTORY,
	  .fill = super_topic_history,
	  .version = super_history_version },
	{ .name = "logs", .needs_lab = true, .causes = CAUSE_STATE, .fill = super_topic_logs },
	{ .name = "logs",
	  .has_argument = true,
	  .needs_lab = true,
	  .causes = CAUSE_LOG,
	  .fill = super_topic_log,
	  .update = super_update_log,
	  .version = super_logs_version },
	{ .name = "file", .needs_lab = true, .causes = CAUSE_STATE, .fill = topic_file },
	{ .name = "faults",
	  .needs_lab = true,
	  .causes = CAUSE_STATE | CAUSE_PROBE,
	  .fill = super_topic_faults },
	{ .name = "targets",
	  .needs_lab = true,
	  .fill = super_topic_targets }, /* another one only with another lab */
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
	json_t *json = topic->fill(s, super_topic_argument(name), arena, err);

	arena_free(arena);
	return json;
}

json_t *super_topic_begin(struct super *s, const struct topic *topic, struct topic_state *state,
			  struct err *err)
{
	if (topic->begin) {
		state->is_partial = true;
		return topic->begin(s, super_topic_argument(state->name), err);
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
	if (topic->version) {
		uint64_t version = topic->version(s);

		if (version == state->version)
			return NULL;
		state->version = version;
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
