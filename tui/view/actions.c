/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/actions_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void listing_push(struct listing *l, enum menu_kind kind, const char *label, const char *command,
		  const char *preview)
{
	*ARENA_PUSH(l->arena, l->rows.items, l->rows.count) =
		(struct menu_row){ kind, label, command, preview };
}

void listing_push_look(struct listing *l, const char *label, const char *command)
{
	listing_push(l, MENU_LOOK, label, command, NULL);
}

void listing_push_change(struct listing *l, const char *label, const char *command,
			 const char *preview)
{
	if (!l->scene->is_read_only)
		listing_push(l, MENU_CHANGE, label, command, preview);
}

void listing_push_note(struct listing *l, const char *words)
{
	listing_push(l, MENU_NOTE, words, NULL, NULL);
}

void listing_push_line(struct listing *l, const char *label, const char *command)
{
	if (!l->scene->is_read_only)
		listing_push(l, MENU_TYPE, label, command, NULL);
}

static void push_set(struct listing *l, const char *label, const char *path, const char *value)
{
	listing_push_change(l, label, TEXT(l, "set %s %s", path, value),
			    TEXT(l, "whatif %s %s", path, value));
}

/* The other value of a flag of the lab file. */
static void push_flag(struct listing *l, const char *path, const char *name, bool is_on)
{
	push_set(l, TEXT(l, "%s: %s", name, is_on ? "off" : "on"), TEXT(l, "%s/%s", path, name),
		 is_on ? "false" : "true");
}

/* Under a heading that goes when nothing is listed under it. */
static size_t begin(struct listing *l, const char *label)
{
	listing_push(l, MENU_HEADING, label, NULL, NULL);
	return l->rows.count;
}

static void end(struct listing *l, size_t begun)
{
	if (l->rows.count == begun)
		l->rows.count--;
}

/* ---- a NIC and what stands around it ---- */

static const struct nic *find_nic(const struct listing *l, const char *name)
{
	for (size_t i = 0; l->lab && i < l->lab->vms.count; i++)
		for (size_t n = 0; n < l->lab->vms.items[i].network_interfaces.count; n++)
			if (!strcmp(l->lab->vms.items[i].network_interfaces.items[n].object.name,
				    name))
				return &l->lab->vms.items[i].network_interfaces.items[n];
	return NULL;
}

/* Its machine's name; NULL: it is not known. */
static const char *machine_of(const struct listing *l, const char *name)
{
	const struct snapshot_vms *vms = l->scene->snapshot.vms;
	const struct nic *nic = find_nic(l, name);

	for (size_t i = 0; vms && i < vms->vms.count && !nic; i++)
		if (!strcmp(vms->vms.items[i].nic, name))
			return vms->vms.items[i].vm;
	return nic ? nic->vm->object.name : NULL;
}

static const char *nic_path(struct listing *l, const struct nic *nic)
{
	const struct vm *vm = nic->vm;
	const char *key = vm->is_nva ? "nvas" : "vms";

	if (vm->subnet.name) /* one NIC in short */
		return TEXT(l, "%s/%s", key, vm->object.name);
	return TEXT(l, "%s/%s/network_interfaces/%s", key, vm->object.name, nic->object.name);
}

static void push_route_table(struct listing *l, const struct route_table *table)
{
	const char *name = table->object.name, *path = TEXT(l, "route_tables/%s", name);
	bool is_off = table->disable_bgp_route_propagation.value;

	push_set(l, TEXT(l, "%s: gateways' routes %s", name, is_off ? "on" : "off"),
		 TEXT(l, "%s/disable_bgp_route_propagation", path), is_off ? "false" : "true");
	listing_push_line(l, TEXT(l, "%s: add a route", name),
			  TEXT(l, "set %s/routes/NAME 'PREFIX VirtualAppliance ADDRESS'", path));
	for (size_t i = 0; i < table->routes.count; i++) {
		const char *route = table->routes.items[i].object.name;

		push_set(l, TEXT(l, "%s: remove route %s", name, route),
			 TEXT(l, "%s/routes/%s", path, route), "null");
	}
}

/* What a subnet could refer to by a key, and `own`, to which it does; NULL: to none. */
static void push_reference(struct listing *l, const char *path, const char *words,
			   const struct object *object, const struct object *own)
{
	if (object != own)
		push_set(l, TEXT(l, "attach %s %s", words, object->name), path, object->name);
}

static void push_detach(struct listing *l, const char *path, const char *words,
			const struct object *own)
{
	if (own)
		push_set(l, TEXT(l, "detach %s %s", words, own->name), path, "null");
}

static void push_subnet(struct listing *l, const struct subnet *subnet)
{
	const char *path = TEXT(l, "virtual_networks/%s/subnets/%s", subnet->vnet->object.name,
				subnet->object.name);
	const char *table_path = TEXT(l, "%s/route_table", path);
	const char *nsg_path = TEXT(l, "%s/network_security_group", path);
	const struct object *table = subnet->route_table ? &subnet->route_table->object : NULL;
	const struct object *nsg =
		subnet->network_security_group ? &subnet->network_security_group->object : NULL;

	for (size_t i = 0; i < l->lab->route_tables.count; i++)
		push_reference(l, table_path, "route table", &l->lab->route_tables.items[i].object,
			       table);
	push_detach(l, table_path, "route table", table);
	if (subnet->route_table)
		push_route_table(l, subnet->route_table);
	for (size_t i = 0; i < l->lab->network_security_groups.count; i++)
		push_reference(l, nsg_path, "NSG", &l->lab->network_security_groups.items[i].object,
			       nsg);
	push_detach(l, nsg_path, "NSG", nsg);
}

#define PRIORITY_FIRST 100
#define PRIORITY_STEP  10
#define PRIORITY_LAST  4096

/* One that no rule of the NSG has, so that the new one comes before as many as possible. */
static int free_priority(const struct nsg *nsg)
{
	for (int priority = PRIORITY_FIRST; priority < PRIORITY_LAST; priority += PRIORITY_STEP) {
		bool is_taken = false;

		for (size_t i = 0; i < nsg->security_rules.count; i++)
			is_taken |= (int)nsg->security_rules.items[i].priority.value == priority;
		if (!is_taken)
			return priority;
	}
	return PRIORITY_LAST;
}

static void push_nsg(struct listing *l, const struct nsg *nsg)
{
	const char *name = nsg->object.name;
	const char *path = TEXT(l, "network_security_groups/%s/security_rules", name);

	listing_push_line(
		l, TEXT(l, "%s: add a rule", name),
		TEXT(l, "set %s/NAME '%d Inbound Deny Tcp * -> *:80'", path, free_priority(nsg)));
	for (size_t i = 0; i < nsg->security_rules.count; i++) {
		const char *rule = nsg->security_rules.items[i].object.name;

		push_set(l, TEXT(l, "%s: remove rule %s", name, rule), TEXT(l, "%s/%s", path, rule),
			 "null");
	}
}

/*
 * A half that uses gateways needs one that lends them (R4.4): what Azure would refuse alone is set
 * on both.
 */
static const char *with_other_half(struct listing *l, const struct peering *peering,
				   const char *flag, bool is_on, const char *pair)
{
	const struct peering *other = peering->reverse;
	bool is_use = !strcmp(flag, "use_remote_gateways");

	if (!other || !(is_use ? is_on && !other->allow_gateway_transit.value
			       : !strcmp(flag, "allow_gateway_transit") && !is_on &&
					 other->use_remote_gateways.value))
		return pair;
	return TEXT(l, "%s virtual_networks/%s/peerings/%s/%s %s", pair,
		    peering->remote_vnet->object.name, other->object.name,
		    is_use ? "allow_gateway_transit" : "use_remote_gateways",
		    is_on ? "true" : "false");
}

static void push_peerings(struct listing *l, const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		const struct peering *peering = &vnet->peerings.items[i];
		const struct {
			const char *name;
			bool is_on;
		} flags[] = {
			{ "allow_gateway_transit", peering->allow_gateway_transit.value },
			{ "use_remote_gateways", peering->use_remote_gateways.value },
			{ "allow_forwarded_traffic", peering->allow_forwarded_traffic.value },
			{ "allow_virtual_network_access",
			  peering->allow_virtual_network_access.value },
		};
		const char *name = peering->object.name;
		const char *path =
			TEXT(l, "virtual_networks/%s/peerings/%s", vnet->object.name, name);

		for (size_t n = 0; n < ARRAY_SIZE(flags); n++) {
			const char *pair = TEXT(l, "%s/%s %s", path, flags[n].name,
						flags[n].is_on ? "false" : "true");

			pair = with_other_half(l, peering, flags[n].name, !flags[n].is_on, pair);
			listing_push_change(l,
					    TEXT(l, "%s: %s %s", name, flags[n].name,
						 flags[n].is_on ? "off" : "on"),
					    TEXT(l, "set %s", pair), TEXT(l, "whatif %s", pair));
		}
	}
}

/* The machine of that name, or the first instance of that gateway; NULL: it is neither. */
static const struct snapshot_node *find_machine(const struct listing *l, const char *name)
{
	const struct snapshot_nodes *nodes = l->scene->snapshot.nodes;

	for (size_t i = 0; nodes && i < nodes->nodes.count; i++) {
		const struct snapshot_node *node = &nodes->nodes.items[i];

		if (!strcasecmp(node->name, name) ||
		    (node->part_of && !strcasecmp(node->part_of, name)))
			return node;
	}
	return NULL;
}

/* What is inside: of a guest, which has a kernel of its own, by other ways. */
static void push_inside(struct listing *l, const struct snapshot_node *node)
{
	if (node->kind)
		listing_push_guest(l, node);
	else if (!l->scene->is_read_only)
		listing_push_look(l, TEXT(l, "a shell on %s", node->name),
				  TEXT(l, "shell %s", node->name));
}

static void push_machine(struct listing *l, const char *name)
{
	const struct snapshot_node *node = find_machine(l, name);

	if (node)
		push_inside(l, node);
	listing_push_look(l, "capture its packets", TEXT(l, "capture %s", name));
}

static void push_questions(struct listing *l, const char *vm)
{
	listing_push(l, MENU_TYPE, "ping from it", TEXT(l, "ping %s ", vm), NULL);
	listing_push(l, MENU_TYPE, "why a flow from it works, or not", TEXT(l, "why %s ", vm),
		     NULL);
}

/* Is it in a virtual network, whose rules are the lab file's? */
static bool is_routed(const struct nic *nic)
{
	return nic && nic->subnet && !nic->vm->is_internet;
}

static void push_subnet_of(struct listing *l, const struct subnet *subnet)
{
	size_t begun =
		begin(l, TEXT(l, "subnet %s/%s", subnet->vnet->object.name, subnet->object.name));

	push_subnet(l, subnet);
	end(l, begun);
}

static void push_peerings_of(struct listing *l, const struct vnet *vnet)
{
	size_t begun = begin(l, TEXT(l, "peerings of %s", vnet->object.name));

	push_peerings(l, vnet);
	end(l, begun);
}

static void push_around(struct listing *l, const struct nic *nic)
{
	size_t begun;

	push_subnet_of(l, nic->subnet);
	begun = begin(l, "security rules");
	if (nic->network_security_group)
		push_nsg(l, nic->network_security_group);
	if (nic->subnet->network_security_group &&
	    nic->subnet->network_security_group != nic->network_security_group)
		push_nsg(l, nic->subnet->network_security_group);
	end(l, begun);
	push_peerings_of(l, nic->subnet->vnet);
}

static void push_nic(struct listing *l, const char *name)
{
	const struct nic *nic = find_nic(l, name);
	const char *vm = machine_of(l, name);
	size_t begun;

	if (!vm)
		return;
	begun = begin(l, vm);
	push_machine(l, vm);
	push_questions(l, vm);
	if (is_routed(nic))
		push_flag(l, nic_path(l, nic), "enable_ip_forwarding",
			  nic->enable_ip_forwarding.value);
	listing_push_targets(l, vm, name);
	end(l, begun);
	if (is_routed(nic))
		push_around(l, nic);
}

/* Where many machines are one row: what holds for all of them. */
static void push_network(struct listing *l, const char *name)
{
	const struct vnet *vnet = l->lab ? lab_find_vnet(l->lab, name) : NULL;

	if (!vnet)
		return;
	for (size_t n = 0; n < vnet->subnets.count; n++)
		push_subnet_of(l, &vnet->subnets.items[n]);
	push_peerings_of(l, vnet);
}

/* ---- machines that route ---- */

static void push_route_server(struct listing *l, const struct route_server *server)
{
	const char *path = TEXT(l, "route_servers/%s", server->object.name);

	for (const struct choice_name *choice = hub_routing_preference_names; choice->name;
	     choice++)
		if (choice->value != server->hub_routing_preference.value)
			push_set(l, TEXT(l, "hub_routing_preference: %s", choice->name),
				 TEXT(l, "%s/hub_routing_preference", path), choice->name);
	push_flag(l, path, "allow_branch_to_branch_traffic",
		  server->allow_branch_to_branch_traffic.value);
}

/* How often its own number stands in what it tells: one more, or none. */
static void push_neighbors(struct listing *l, const char *path, const struct router_bgp *bgp)
{
	for (size_t i = 0; i < bgp->neighbors.count; i++) {
		const struct bgp_neighbor *neighbor = &bgp->neighbors.items[i];
		int prepend = (int)neighbor->prepend.value;
		const char *ip = TEXT(l, "%s", ip_print(neighbor->address.ip).text);

		push_set(l, TEXT(l, "prepend %d to what %s is told", prepend + 1, ip),
			 TEXT(l, "%s/bgp/neighbors/%zu/prepend", path, i),
			 TEXT(l, "%d", prepend + 1));
		if (prepend)
			push_set(l, TEXT(l, "prepend nothing to what %s is told", ip),
				 TEXT(l, "%s/bgp/neighbors/%zu/prepend", path, i), "null");
	}
}

static void push_links(struct listing *l, const struct provider *provider)
{
	for (size_t i = 0; i < provider->links.count; i++) {
		const struct provider_link *link = &provider->links.items[i];
		const char *far = link->circuit  ? link->circuit->object.name
				  : link->branch ? link->branch->object.name
						 : "";

		listing_push_line(l, TEXT(l, "link to %s: another delay", far),
				  TEXT(l, "set providers/%s/links/%zu/delay_ms %g",
				       provider->object.name, i, link->delay_ms.value));
	}
}

/* What the lab file says of the machine, or of the gateway whose instances it is. */
static void push_settings(struct listing *l, const char *name)
{
	const struct lab *lab = l->lab;

	for (size_t i = 0; i < lab->route_servers.count; i++)
		if (!strcasecmp(lab->route_servers.items[i].object.name, name))
			push_route_server(l, &lab->route_servers.items[i]);
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		const struct gateway *gateway = &lab->virtual_network_gateways.items[i];
		const char *path = TEXT(l, "virtual_network_gateways/%s", name);

		if (strcasecmp(gateway->object.name, name) != 0)
			continue;
		if (gateway->gateway_type.value == GATEWAY_VPN)
			push_flag(l, path, "active_active", gateway->active_active.value);
		else
			push_flag(l, path, "allow_remote_vnet_traffic",
				  gateway->allow_remote_vnet_traffic.value);
	}
	for (size_t i = 0; i < lab->vms.count; i++)
		if (lab->vms.items[i].is_nva && !strcasecmp(lab->vms.items[i].object.name, name))
			push_neighbors(l, TEXT(l, "nvas/%s", name), &lab->vms.items[i].bgp);
	for (size_t i = 0; i < lab->branches.count; i++)
		if (!strcasecmp(lab->branches.items[i].object.name, name))
			push_neighbors(l, TEXT(l, "branches/%s", name),
				       &lab->branches.items[i].bgp);
	for (size_t i = 0; i < lab->providers.count; i++)
		if (!strcasecmp(lab->providers.items[i].object.name, name))
			push_links(l, &lab->providers.items[i]);
}

/* Of several NICs in one subnet the first. */
static bool is_first_there(const struct vm *vm, size_t nic)
{
	for (size_t i = 0; i < nic; i++)
		if (vm->network_interfaces.items[i].subnet ==
		    vm->network_interfaces.items[nic].subnet)
			return false;
	return is_routed(&vm->network_interfaces.items[nic]);
}

/* NULL of what has none. */
static const char *first_nic(const struct vm *vm)
{
	return vm && vm->network_interfaces.count ? vm->network_interfaces.items[0].object.name
						  : NULL;
}

/* The end of a tunnel is none of the machines: it can be broken, and no more. */
static void push_node(struct listing *l, const char *name)
{
	const struct snapshot_node *node = find_machine(l, name);
	const struct vm *vm = l->lab ? lab_find_vm(l->lab, name) : NULL; /* else it is none */
	size_t nics = vm ? vm->network_interfaces.count : 0, begun = begin(l, name);

	if (l->lab)
		push_settings(l, node && node->part_of ? node->part_of : name);
	for (size_t i = 0; i < nics; i++)
		if (is_routed(&vm->network_interfaces.items[i]))
			push_flag(l, nic_path(l, &vm->network_interfaces.items[i]),
				  "enable_ip_forwarding",
				  vm->network_interfaces.items[i].enable_ip_forwarding.value);
	listing_push_targets(l, name, first_nic(vm));
	if (node && !strcasecmp(node->name, name))
		push_machine(l, node->name);
	else if (node)
		push_inside(l, node);
	if (vm)
		push_questions(l, name);
	if (node && node->daemon)
		listing_push_look(l, "its peers", TEXT(l, "bgp %s", name));
	end(l, begun);
	for (size_t i = 0; i < nics; i++)
		if (is_first_there(vm, i))
			push_around(l, &vm->network_interfaces.items[i]);
}

/* ---- probes, and the lab ---- */

static void push_probe(struct listing *l, const char *name)
{
	char from[VIEW_NAME], to[VIEW_NAME], protocol[VIEW_NAME];
	size_t begun;

	if (sscanf(name, "%95s %95s %95s", from, to, protocol) != 3)
		return;
	begun = begin(l, TEXT(l, "%s to %s", from, to));
	listing_push_look(l, "why it works, or not", TEXT(l, "why %s", name));
	listing_push_look(l, "why, the other way round",
			  TEXT(l, "why %s %s %s", to, from, protocol));
	listing_push_look(l, "capture it, wherever it passes", TEXT(l, "capture --flow %s", name));
	listing_push_look(l, "ping three times", TEXT(l, "ping %s %s -c 3", from, to));
	listing_push_targets(l, from, to);
	end(l, begun);
}

static void push_step(struct listing *l, const char *words, const struct snapshot_step *step)
{
	listing_push_change(l, TEXT(l, "%s %lld: %s", words, (long long)step->number, step->name),
			    TEXT(l, "step %lld", (long long)step->number),
			    TEXT(l, "whatif --step %lld", (long long)step->number));
}

static void push_steps(struct listing *l, const struct snapshot_file *file)
{
	const struct snapshot_step *now = NULL;

	for (size_t i = 0; i < file->steps.count; i++) {
		if (file->steps.items[i].after == file->step)
			push_step(l, "go on to step", &file->steps.items[i]);
		if (file->steps.items[i].number == file->step)
			now = &file->steps.items[i];
	}
	for (size_t i = 0; now && i < file->steps.count; i++)
		if (file->steps.items[i].number == now->after)
			push_step(l, "go back to step", &file->steps.items[i]);
}

static void push_changes(struct listing *l, const struct snapshot_file *file)
{
	const struct snapshot_change *last;

	if (!file->changes.count)
		return;
	last = &file->changes.items[file->changes.count - 1];
	listing_push_change(l, TEXT(l, "take back %s", last->path), "undo", "whatif --undo 1");
	if (file->changes.count > 1)
		listing_push_change(l, TEXT(l, "take back all %zu changes", file->changes.count),
				    "undo all", "whatif --undo all");
	listing_push_look(l, "list the changes", "changes");
	listing_push_change(l, "save the changes into the lab file", "save", "changes");
}

static void push_lab(struct listing *l)
{
	const struct snapshot_lab *lab = l->scene->snapshot.lab;
	size_t begun = begin(l, "the lab");

	if (l->scene->snapshot.file) {
		push_steps(l, l->scene->snapshot.file);
		push_changes(l, l->scene->snapshot.file);
	}
	listing_push_standing(l, false);
	listing_push_look(l, "hold it against what its file expects", "test");
	if (lab && lab->drift_count)
		listing_push_change(l, "put right what others changed", "mend", NULL);
	end(l, begun);
}

/* ---- all of it ---- */

/* Those whose faults a thing's are; NULL: of nobody. */
static void find_broken(struct listing *l, const struct subject *subject, const char **ret_name,
			const char **ret_other)
{
	char from[VIEW_NAME], to[VIEW_NAME];

	*ret_name = *ret_other = NULL;
	switch (subject->kind) {
	case SUBJECT_LAB:
	case SUBJECT_NETWORK:
		break;
	case SUBJECT_NIC:
		*ret_name = machine_of(l, subject->name);
		*ret_other = subject->name;
		break;
	case SUBJECT_NODE:
		*ret_name = subject->name;
		*ret_other = l->lab ? first_nic(lab_find_vm(l->lab, subject->name)) : NULL;
		break;
	case SUBJECT_PROBE:
		if (sscanf(subject->name, "%95s %95s", from, to) == 2) {
			*ret_name = TEXT(l, "%s", from);
			*ret_other = TEXT(l, "%s", to);
		}
		break;
	}
}

/* Those of what is selected first. */
static void push_faults(struct listing *l, const struct subject *subject)
{
	const char *name, *other, *rest = "what can be broken";
	size_t begun = begin(l, "faults");

	listing_push_standing(l, true);
	end(l, begun);
	find_broken(l, subject, &name, &other);
	if (name) {
		begun = begin(l, subject->kind == SUBJECT_PROBE
					 ? TEXT(l, "%s of %s and %s", rest, name, other)
					 : TEXT(l, "%s of %s", rest, name));
		listing_push_targets(l, name, other);
		if (l->rows.count > begun)
			rest = "what else can be broken";
		end(l, begun);
	}
	begun = begin(l, rest);
	listing_push_other_targets(l, name, other);
	end(l, begun);
}

struct menu_rows actions_list(const struct scene *scene, const struct subject *subject,
			      bool only_faults, struct arena *arena)
{
	struct listing l = { scene, scene->model, arena, { 0 } };

	if (only_faults) {
		push_faults(&l, subject);
		return l.rows;
	}
	switch (subject->kind) {
	case SUBJECT_LAB:
		break;
	case SUBJECT_NIC:
		push_nic(&l, subject->name);
		break;
	case SUBJECT_NODE:
		push_node(&l, subject->name);
		break;
	case SUBJECT_NETWORK:
		push_network(&l, subject->name);
		break;
	case SUBJECT_PROBE:
		push_probe(&l, subject->name);
		break;
	}
	push_lab(&l);
	return l.rows;
}
