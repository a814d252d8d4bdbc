/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/fault.h"

#include "lab/base/arena.h"
#include "lab/base/diag.h"
#include "lab/plan/compile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const fault_kind_names[FAULT_KIND_COUNT] = {
	[FAULT_CUT] = "cut",
	[FAULT_DROP] = "drop",
	[FAULT_DELAY] = "delay",
	[FAULT_KILL] = "kill",
};

enum fault_kind fault_kind_named(const char *name)
{
	int kind = 0;

	while (kind < FAULT_KIND_COUNT && strcmp(fault_kind_names[kind], name) != 0)
		kind++;
	return (enum fault_kind)kind;
}

void fault_print(const struct fault *fault, char *text, size_t size)
{
	if (fault->kind == FAULT_DELAY)
		(void)snprintf(text, size, "delay %s by %g ms", fault->target, fault->delay_ms);
	else
		(void)snprintf(text, size, "%s %s", fault_kind_names[fault->kind], fault->target);
}

/* ---- what can break ---- */

struct listing {
	struct arena *arena;
	const struct bgp_graph *graph;
	struct fault_targets out;
};

/* A new one, or the one of that name. */
static struct fault_target *add_target(struct listing *l, const char *name, const char *what)
{
	struct fault_target *target;

	for (size_t i = 0; i < l->out.targets.count; i++)
		if (!strcasecmp(l->out.targets.items[i].name, name))
			return &l->out.targets.items[i];
	target = ARENA_PUSH(l->arena, l->out.targets.items, l->out.targets.count);
	target->name = name;
	target->what = what;
	return target;
}

static void add_cable_to(struct listing *l, struct fault_target *target, const struct cable *cable)
{
	for (size_t i = 0; i < target->cables.count; i++)
		if (target->cables.items[i] == cable)
			return;
	*ARENA_PUSH(l->arena, target->cables.items, target->cables.count) = cable;
}

static void add_daemon_to(struct listing *l, struct fault_target *target, const char *name,
			  const char *program)
{
	*ARENA_PUSH(l->arena, target->daemons.items, target->daemons.count) = name;
	target->program = program;
}

static void add_node_to(struct listing *l, struct fault_target *target, const struct node *node)
{
	const struct bgp_speaker *speaker = bgp_find_speaker(l->graph, node);

	for (size_t i = 0; i < node->interfaces.count; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->cable)
			add_cable_to(l, target, interface->cable);
		else if (interface->subnet || interface->kind == INTERFACE_LAN)
			*ARENA_PUSH(l->arena, target->ports.items, target->ports.count) = interface;
	}
	for (size_t i = 0; i < l->graph->topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = l->graph->topology->tunnel_ends.items[i];

		if (end->node == node && end->cable)
			add_cable_to(l, target, end->cable);
	}
	if (speaker)
		add_daemon_to(l, target, node->name, routing_daemon_name(speaker->daemon));
}

static void add_nodes(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->nodes.count; i++) {
		const struct node *node = t->nodes.items[i];

		add_node_to(l, add_target(l, node->name, node_role_name(node->role)), node);
	}
}

static void add_instances(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->nodes.count; i++) {
		const struct node *node = t->nodes.items[i];
		const char *name = node->gateway        ? node->gateway->object.name
				   : node->route_server ? node->route_server->object.name
							: NULL;

		if (name && !topology_find_node(t, name))
			add_node_to(l, add_target(l, name, "all its instances"), node);
	}
}

static void add_cables(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->cables.count; i++) {
		const struct cable *cable = t->cables.items[i];

		add_cable_to(l, add_target(l, cable_name(t, cable, l->arena), "cable"), cable);
	}
}

/* A circuit's cables, those of one path, and those to one provider. */
static void add_circuits(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->cables.count; i++) {
		const struct cable *cable = t->cables.items[i];

		for (int end = 0; end < 2; end++) {
			const struct node *msee = cable->ends[end]->node;
			const char *name, *path;

			if (msee->role != ROLE_MSEE)
				continue;
			name = msee->circuit->object.name;
			path = choice_name(path_names, msee->path);
			add_cable_to(l, add_target(l, name, "circuit"), cable);
			add_cable_to(l,
				     add_target(l, arena_printf(l->arena, "%s/%s", name, path),
						"one path of the circuit"),
				     cable);
			add_cable_to(l,
				     add_target(l,
						arena_printf(l->arena, "%s/%s",
							     cable->ends[!end]->node->name, name),
						"a provider's links to the circuit"),
				     cable);
		}
	}
}

static void add_nics(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->nodes.count; i++)
		for (size_t n = 0; n < t->nodes.items[i]->interfaces.count; n++) {
			const struct interface *port = t->nodes.items[i]->interfaces.items[n];
			struct fault_target *target;

			if (!port->nic || topology_find_node(t, port->nic->object.name))
				continue;
			target = add_target(l, port->nic->object.name, "NIC");
			*ARENA_PUSH(l->arena, target->ports.items, target->ports.count) = port;
		}
}

static void add_tunnel_to(struct listing *l, struct fault_target *target,
			  const struct tunnel_end *end)
{
	if (end->cable)
		add_cable_to(l, target, end->cable);
	else
		*ARENA_PUSH(l->arena, target->tunnels.items, target->tunnels.count) = end;
	add_daemon_to(l, target, end->name, "charon");
}

static void add_tunnels(struct listing *l)
{
	const struct topology *t = l->graph->topology;

	for (size_t i = 0; i < t->tunnel_ends.count; i++) {
		const struct tunnel_end *end = t->tunnel_ends.items[i];

		add_tunnel_to(l, add_target(l, end->name, "end of a tunnel"), end);
		if (end->connection)
			add_tunnel_to(l,
				      add_target(l, end->connection->object.name,
						 "a connection's tunnels"),
				      end);
	}
}

struct fault_targets fault_list_targets(const struct bgp_graph *graph, struct arena *arena)
{
	struct listing l = { .arena = arena, .graph = graph };

	add_nodes(&l);
	add_cables(&l);
	add_circuits(&l);
	add_tunnels(&l);
	add_instances(&l);
	add_nics(&l);
	return l.out;
}

/* ---- the one that is meant ---- */

#define NAME_MAX_BYTES 200

/* As it stands in the list: '/' for ':', and of "PROGRAM@NAME" the name. */
static void normalize_name(const char *name, char text[NAME_MAX_BYTES])
{
	const char *at = strchr(name, '@');

	if (at)
		name = at + 1;
	(void)snprintf(text, NAME_MAX_BYTES, "%s", name);
	for (char *c = text; *c; c++)
		if (*c == ':')
			*c = '/';
}

static const struct fault_target *find_exactly(const struct fault_targets *targets,
					       const char *name)
{
	for (size_t i = 0; i < targets->targets.count; i++)
		if (!strcasecmp(targets->targets.items[i].name, name))
			return &targets->targets.items[i];
	return NULL;
}

static const struct fault_target *find_by_name(const struct fault_targets *targets,
					       const char *name)
{
	const struct fault_target *found;
	char text[NAME_MAX_BYTES], turned[NAME_MAX_BYTES + 2];
	const char *first, *second;

	normalize_name(name, text);
	found = find_exactly(targets, text);
	first = strchr(text, '/');
	if (found || !first)
		return found;
	first++;
	second = strchr(first, '/'); /* the number, of several cables */
	(void)snprintf(turned, sizeof(turned), "%.*s/%.*s%s",
		       second ? (int)(second - first) : (int)strlen(first), first,
		       (int)(first - 1 - text), text, second ? second : "");
	return find_exactly(targets, turned);
}

#define TARGETS_NAMED 8

/* What there is to be broken in this way. */
bool fault_can_break(const struct fault_target *target, enum fault_kind kind)
{
	switch (kind) {
	case FAULT_CUT:
	case FAULT_DROP:
		return target->cables.count || target->ports.count || target->tunnels.count;
	case FAULT_DELAY:
		return target->cables.count;
	case FAULT_KILL:
		return target->daemons.count;
	case FAULT_KIND_COUNT:
		break;
	}
	return false;
}

static int refuse_unknown(const struct fault_targets *targets, enum fault_kind kind,
			  const char *name, struct err *err)
{
	struct arena *arena = arena_new();
	char list[300] = "", text[NAME_MAX_BYTES];
	const char **names = NULL, *near;
	size_t count = 0, len = 0;

	normalize_name(name, text);
	for (size_t i = 0; i < targets->targets.count; i++)
		if (fault_can_break(&targets->targets.items[i], kind))
			*ARENA_PUSH(arena, names, count) = targets->targets.items[i].name;
	near = nearest_word(text, names, count);
	for (size_t i = 0; i < count && i < TARGETS_NAMED && len < sizeof(list); i++)
		len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
					names[i]);
	if (near)
		err_set(err, -ENOENT,
			"there is nothing called '%.80s' in the lab: did you mean "
			"'%s'?",
			name, near);
	else
		err_set(err, -ENOENT, "there is nothing called '%.80s' in the lab; '%s' takes %s%s",
			name, kind < FAULT_KIND_COUNT ? fault_kind_names[kind] : "",
			count ? list : "nothing here", count > TARGETS_NAMED ? ", ..." : "");
	arena_free(arena);
	return err ? err->code : -ENOENT;
}

/* Several cables between the same two machines have numbers. */
static bool is_several(const struct fault_targets *targets, const char *name,
		       const struct fault_target **ret_first)
{
	char text[NAME_MAX_BYTES + 4];

	normalize_name(name, text);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "/1");
	*ret_first = find_by_name(targets, text);
	return *ret_first;
}

/* Does it, when the name says which program is meant? */
static bool runs_program(const struct fault_target *target, enum fault_kind kind, const char *name)
{
	size_t len = strcspn(name, "@");

	return kind != FAULT_KILL || !name[len] ||
	       (strlen(target->program) == len && !strncasecmp(target->program, name, len));
}

const struct fault_target *fault_find_target(const struct fault_targets *targets,
					     enum fault_kind kind, const char *name,
					     struct err *err)
{
	const struct fault_target *target = find_by_name(targets, name), *first;

	if (target && fault_can_break(target, kind) && runs_program(target, kind, name))
		return target;
	if (!target && is_several(targets, name, &first))
		err_set(err, -ENOENT, "there are several cables '%.80s': '%s' is the first of them",
			name, first->name);
	else if (!target)
		refuse_unknown(targets, kind, name, err);
	else if (kind == FAULT_KILL && target->daemons.count)
		err_set(err, -EINVAL, "the daemon of '%s' is %s", target->name, target->program);
	else if (kind == FAULT_KILL)
		err_set(err, -EINVAL, "'%s' has no daemon that could be killed", target->name);
	else if (kind == FAULT_DELAY)
		err_set(err, -EINVAL,
			"'%s' has no cable: only cables can be given a delay, and ports of the "
			"fabric are none",
			target->name);
	else
		err_set(err, -EINVAL, "'%s' has no link", target->name);
	return NULL;
}

/* ---- the plan with them ---- */

/* What all faults together do to one cable. */
struct effect {
	const struct cable *cable;
	bool is_cut, is_silent;
	double delay_ms;
};

/* An interface, by what the plan calls it. */
struct place {
	const char *ns; /* borrowed */
	uint32_t ifindex;
	char dev[IFNAME_SIZE];
};

struct places {
	LIST_OF(struct place) places;
};

struct faulty {
	struct arena *arena;
	const struct plan *plan;
	LIST_OF(struct effect) effects; /* on cables */
	struct places down;             /* of cables both ends, else the machines' ends */
	struct places silent;           /* both ends: what comes in there is dropped */
	struct places deaf;             /* of the one end: what goes out there is, too */
};

static struct effect *effect_on(struct faulty *f, const struct cable *cable)
{
	struct effect *effect;

	for (size_t i = 0; i < f->effects.count; i++)
		if (f->effects.items[i].cable == cable)
			return &f->effects.items[i];
	effect = ARENA_PUSH(f->arena, f->effects.items, f->effects.count);
	effect->cable = cable;
	return effect;
}

static void add_place(struct faulty *f, struct places *to, const char *ns, uint32_t ifindex,
		      const char *dev)
{
	struct place *place;

	for (size_t i = 0; i < to->places.count; i++)
		if (to->places.items[i].ifindex == ifindex && !strcmp(to->places.items[i].ns, ns))
			return;
	place = ARENA_PUSH(f->arena, to->places.items, to->places.count);
	place->ns = arena_strdup(f->arena, ns);
	place->ifindex = ifindex;
	(void)snprintf(place->dev, sizeof(place->dev), "%s", dev);
}

static void gather_cable(struct faulty *f, const struct fault *fault, const struct cable *cable)
{
	struct effect *effect = effect_on(f, cable);

	effect->is_cut |= fault->kind == FAULT_CUT;
	effect->is_silent |= fault->kind == FAULT_DROP;
	effect->delay_ms += fault->kind == FAULT_DELAY ? fault->delay_ms : 0;
	for (int end = 0; end < 2 && fault->kind == FAULT_CUT; end++)
		add_place(f, &f->down, interface_ns(cable->ends[end]), cable->ends[end]->ifindex,
			  cable->ends[end]->name);
}

static void gather_port(struct faulty *f, const struct fault *fault, const struct interface *port)
{
	struct device outside = device_of_port(port);

	if (fault->kind == FAULT_CUT)
		add_place(f, &f->down, port->node->name, port->ifindex, port->name);
	if (fault->kind != FAULT_DROP)
		return;
	if (node_is_guest(port->node)) /* a TAP's other end is nobody's but the guest's */
		add_place(f, &f->deaf, outside.ns, outside.ifindex, outside.name);
	else
		add_place(f, &f->silent, port->node->name, port->ifindex, port->name);
	if (outside.ifindex) /* a bridge has no other end */
		add_place(f, &f->silent, outside.ns, outside.ifindex, outside.name);
}

/* The link between its daemon and its node is the one of its namespace. */
static void gather_tunnel(struct faulty *f, const struct fault *fault, const struct tunnel_end *end)
{
	for (uint32_t i = 0; i < f->plan->step_count; i++) {
		const struct step *step = &f->plan->steps[i];
		const struct link_end *a = &step->veth.a, *b = &step->veth.b;

		if (step->kind != STEP_VETH || strcmp(plan_text(f->plan, step->ns), end->name) != 0)
			continue;
		if (fault->kind == FAULT_CUT)
			add_place(f, &f->down, plan_text(f->plan, b->ns), b->ifindex, b->name);
		if (fault->kind != FAULT_DROP)
			continue;
		add_place(f, &f->silent, plan_text(f->plan, a->ns), a->ifindex, a->name);
		add_place(f, &f->silent, plan_text(f->plan, b->ns), b->ifindex, b->name);
	}
}

static void gather(struct faulty *f, const struct fault *fault, const struct fault_target *target)
{
	for (size_t i = 0; i < target->cables.count; i++)
		gather_cable(f, fault, target->cables.items[i]);
	for (size_t i = 0; i < target->ports.count; i++)
		gather_port(f, fault, target->ports.items[i]);
}

#define ALL_PPM 1000000u

static void change_cable(const struct faulty *f, const struct plan *plan, struct step *step)
{
	const char *ns = plan_text(plan, step->ns);

	for (size_t i = 0; i < f->effects.count; i++) {
		const struct effect *effect = &f->effects.items[i];
		const struct interface *a = effect->cable->ends[0];

		if (step->cable.a.ifindex != cable_ifindex(a) || strcmp(ns, interface_ns(a)) != 0)
			continue;
		step->cable.is_cut = effect->is_cut;
		step->cable.delay_us += (uint32_t)lround(effect->delay_ms * 1000);
		if (effect->is_silent)
			step->cable.loss_ppm = ALL_PPM;
	}
}

/* Its NICs are eth0, eth1 and so on. */
static void change_guest(const struct faulty *f, const struct plan *plan, struct step *step)
{
	const char *name = plan_text(plan, step->ns);

	for (size_t i = 0; i < f->down.places.count; i++)
		if (!strcmp(f->down.places.items[i].ns, name))
			step->guest.cut |= 1u << strtoul(f->down.places.items[i].dev + 3, NULL, 10);
}

static bool is_down(const struct faulty *f, const char *ns, uint32_t ifindex)
{
	for (size_t i = 0; i < f->down.places.count; i++)
		if (f->down.places.items[i].ifindex == ifindex &&
		    !strcmp(f->down.places.items[i].ns, ns))
			return true;
	return false;
}

/*
 * Does it go with an interface that is down? The kernel keeps the IPv4 addresses of one, but
 * neither routes nor neighbours nor other addresses.
 */
static bool goes(const struct faulty *f, const struct plan *plan, const struct step *step)
{
	const char *ns = plan_text(plan, step->ns);

	switch (step->kind) {
	case STEP_UP:
		return is_down(f, ns, step->up.ifindex);
	case STEP_ADDRESS:
		return step->address.prefix.addr.family == IP_V6 &&
		       is_down(f, ns, step->address.ifindex);
	case STEP_NEIGHBOUR:
		return is_down(f, ns, step->neighbour.ifindex);
	case STEP_ROUTE:
		for (uint32_t i = 0; i < step->route.nexthop_count; i++)
			if (is_down(f, ns, plan->nexthops[step->route.first_nexthop + i].ifindex))
				return true;
		return false;
	case STEP_NAMESPACE:
	case STEP_SYSCTL:
	case STEP_BRIDGE:
	case STEP_VETH:
	case STEP_CABLE:
	case STEP_FRAMES:
	case STEP_TUNNEL:
	case STEP_TAP:
	case STEP_RULE:
	case STEP_NFT:
	case STEP_ELEMENT:
	case STEP_FILE:
	case STEP_DAEMON:
	case STEP_LISTENER:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		break;
	}
	return false;
}

/* All that comes in there, or goes out, is dropped, ARP with it. */
static void add_silence(struct plan *plan, const struct place *place, const char *hook)
{
	char table[64], text[200];

	(void)snprintf(table, sizeof(table), "netdev hublab_%s_%u",
		       strcmp(hook, "ingress") ? "deaf" : "fault", place->ifindex);
	(void)snprintf(text, sizeof(text),
		       "\tchain c_in {\n"
		       "\t\ttype filter hook %s device \"%s\" priority 0; policy drop;\n"
		       "\t}\n",
		       hook, place->dev);
	plan_add_table(plan, place->ns, table, text, (struct src_pos){ 0 });
}

static void change_steps(const struct faulty *f, struct plan *plan)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < plan->step_count; i++) {
		struct step *step = &plan->steps[i];

		if (step->kind == STEP_CABLE)
			change_cable(f, plan, step);
		else if (step->kind == STEP_GUEST)
			change_guest(f, plan, step);
		if (!goes(f, plan, step))
			memmove(&plan->steps[kept++], step, sizeof(*step)); /* padding too */
	}
	plan->step_count = kept;
}

/* What is of a tunnel's own link is in the plan that makes that: the host's, or a guest's. */
static void gather_all(struct faulty *f, const struct bgp_graph *graph, const struct fault *faults,
		       size_t count, bool is_inside)
{
	struct fault_targets targets = { 0 };

	if (count)
		targets = fault_list_targets(graph, f->arena);
	for (size_t i = 0; i < count; i++) {
		const struct fault_target *target =
			fault_find_target(&targets, faults[i].kind, faults[i].target, NULL);

		if (target && !is_inside)
			gather(f, &faults[i], target);
		for (size_t n = 0; target && n < target->tunnels.count; n++)
			gather_tunnel(f, &faults[i], target->tunnels.items[n]);
	}
}

static void break_plan(struct plan *plan, const struct bgp_graph *graph, const struct fault *faults,
		       size_t count, bool is_inside)
{
	struct faulty f = { .arena = arena_new(), .plan = plan };

	gather_all(&f, graph, faults, count, is_inside);
	if (f.effects.count || f.down.places.count)
		change_steps(&f, plan);
	for (size_t i = 0; i < f.silent.places.count; i++)
		add_silence(plan, &f.silent.places.items[i], "ingress");
	for (size_t i = 0; i < f.deaf.places.count; i++)
		add_silence(plan, &f.deaf.places.items[i], "egress");
	if (f.silent.places.count)
		plan_sort(plan);
	arena_free(f.arena);
}

void plan_apply_faults(struct plan *plan, const struct bgp_graph *graph, const struct fault *faults,
		       size_t count)
{
	break_plan(plan, graph, faults, count, false);
}

void plan_apply_faults_inside(struct plan *plan, const struct bgp_graph *graph,
			      const struct fault *faults, size_t count)
{
	break_plan(plan, graph, faults, count, true);
}
