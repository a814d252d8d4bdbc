/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/lint/lint_parts.h"

#include <stdlib.h>
#include <string.h>

/* ---- who is where ---- */

static int compare_holders(const void *a, const void *b)
{
	const struct holder *one = a, *other = b;

	if (one->network != other->network)
		return one->network < other->network ? -1 : 1;
	return ip_compare(one->ip, other->ip);
}

static void add_holder(struct lint *l, const struct vnet *vnet, struct ip ip, const struct nic *nic,
		       const char *name, bool is_gateway)
{
	if (ip.family == IP_NONE)
		return;
	*ARENA_PUSH(l->arena, l->holders, l->holder_count) =
		(struct holder){ vnet->index, ip, nic, name, is_gateway };
}

static void add_holders(struct lint *l)
{
	const struct lab *lab = l->lab;

	for (size_t i = 0; i < l->nic_count; i++) {
		const struct nic *nic = l->nics[i];

		add_holder(l, nic->subnet->vnet, nic->ip, nic, nic->vm->object.name, false);
		for (size_t n = 0; n < nic->more.count; n++)
			add_holder(l, nic->subnet->vnet, nic->more.items[n], nic,
				   nic->vm->object.name, false);
	}
	for (size_t i = 0; i < lab->private_endpoints.count; i++)
		add_holder(l, lab->private_endpoints.items[i].subnet->vnet,
			   lab->private_endpoints.items[i].ip, NULL,
			   lab->private_endpoints.items[i].object.name, false);
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		const struct gateway *gateway = &lab->virtual_network_gateways.items[i];

		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
			add_holder(l, gateway->vnet, gateway->instance_ip[n], NULL,
				   gateway->object.name, true);
	}
	for (size_t i = 0; i < lab->route_servers.count; i++)
		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
			add_holder(l, lab->route_servers.items[i].vnet,
				   lab->route_servers.items[i].instance_ip[n], NULL,
				   lab->route_servers.items[i].object.name, false);
	if (l->holder_count)
		qsort(l->holders, l->holder_count, sizeof(*l->holders), compare_holders);
}

static bool is_in_vnet(const struct lint *l, const struct nic *nic)
{
	return nic->subnet && !nic->vm->is_internet &&
	       nic->subnet->vnet->index < l->lab->virtual_networks.count;
}

/* NICs of one subnet stand together. */
static void add_nics(struct lint *l)
{
	const struct lab *lab = l->lab;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < lab->vms.count; i++)
			for (size_t n = 0; n < lab->vms.items[i].network_interfaces.count; n++) {
				const struct nic *nic =
					&lab->vms.items[i].network_interfaces.items[n];
				struct place *place =
					is_in_vnet(l, nic) ? lint_place(l, nic->subnet) : NULL;

				if (!place)
					continue;
				if (pass) {
					l->nics[place->first_nic + place->nic_count] = nic;
					if (nic->vm->is_nva && !place->nva)
						place->nva = nic;
					if (!nic->vm->is_nva && !place->machine)
						place->machine = nic;
				}
				place->nic_count++;
			}
		if (pass)
			break;
		for (size_t i = 0; i < l->place_count; i++) {
			l->places[i].first_nic = l->nic_count;
			l->nic_count += l->places[i].nic_count;
			l->places[i].nic_count = 0;
		}
		l->nics = arena_alloc(l->arena, (l->nic_count + 1) * sizeof(const struct nic *));
	}
}

static void add_places(struct lint *l)
{
	const struct lab *lab = l->lab;

	l->first_place = arena_alloc(l->arena, (lab->virtual_networks.count + 1) * sizeof(size_t));
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		l->first_place[i] = l->place_count;
		for (size_t n = 0; n < vnet->subnets.count; n++)
			ARENA_PUSH(l->arena, l->places, l->place_count)->subnet =
				&vnet->subnets.items[n];
	}
}

struct place *lint_place(const struct lint *l, const struct subnet *subnet)
{
	const struct vnet *vnet = subnet->vnet;

	return &l->places[l->first_place[vnet->index] + (size_t)(subnet - vnet->subnets.items)];
}

const struct holder *lint_find_holder(const struct lint *l, const struct vnet *vnet, struct ip ip)
{
	const struct holder key = { .network = vnet->index, .ip = ip };

	if (!l->holder_count)
		return NULL;
	return bsearch(&key, l->holders, l->holder_count, sizeof(key), compare_holders);
}

/* ---- what the rules share ---- */

bool lint_may_work(struct lint *l, size_t amount)
{
	if (l->work < amount)
		return false;
	l->work -= amount;
	return true;
}

bool lint_is_said(struct lint *l, const void *what, const void *where)
{
	for (size_t i = 0; i + 1 < l->said_count; i += 2)
		if (l->said[i] == what && l->said[i + 1] == where)
			return true;
	*ARENA_PUSH(l->arena, l->said, l->said_count) = what;
	*ARENA_PUSH(l->arena, l->said, l->said_count) = where;
	return false;
}

const struct vnet *lint_hop_vnet(const struct vnet *from, struct ip ip)
{
	const struct peering *peering;

	if (vnet_has_ip(from, ip))
		return from;
	peering = vnet_find_peered(from, prefix_host(ip));
	return peering ? peering->remote_vnet : NULL;
}

const struct nic *lint_hop_nic(const struct lint *l, const struct vnet *from, struct ip ip)
{
	const struct vnet *vnet = lint_hop_vnet(from, ip);
	const struct holder *holder = vnet ? lint_find_holder(l, vnet, ip) : NULL;

	return holder ? holder->nic : NULL;
}

struct src_pos lint_route_pos(const struct user_route *route)
{
	return route->route.pos.line ? route->route.pos : route->object.pos;
}

struct src_pos lint_rule_pos(const struct security_rule *rule)
{
	return rule->rule.pos.line ? rule->rule.pos : rule->object.pos;
}

/* The longest of a route's prefixes that holds all of `prefix`; -1 when none does. */
static int length_that_covers(const struct user_route *route, struct prefix prefix)
{
	int longest = -1;

	for (size_t i = 0; i < route->prefixes->count; i++)
		if (prefix_covers(route->prefixes->items[i].prefix, prefix) &&
		    route->prefixes->items[i].prefix.len > longest)
			longest = route->prefixes->items[i].prefix.len;
	return longest;
}

static const struct user_route *find_route(const struct subnet *subnet, struct prefix prefix,
					   int *ret_len)
{
	const struct route_table *table = subnet->route_table;
	const struct user_route *found = NULL;

	*ret_len = -1;
	for (size_t i = 0; table && i < table->routes.count; i++) {
		int len = length_that_covers(&table->routes.items[i], prefix);

		if (len <= *ret_len)
			continue;
		*ret_len = len;
		found = &table->routes.items[i];
	}
	return found;
}

const struct user_route *lint_deciding_route(const struct subnet *subnet, struct prefix prefix)
{
	const struct peering *peering = vnet_find_peered(subnet->vnet, prefix);
	const struct space *range = spaces_find(&subnet->vnet->address_prefixes, prefix);
	const struct user_route *route;
	int len;

	route = find_route(subnet, prefix, &len);
	if (!range && peering)
		range = spaces_find(&peering->remote_vnet->address_prefixes, prefix);
	return range && range->prefix.len > len ? NULL : route;
}

bool lint_is_default(const struct user_route *route)
{
	return route->prefixes->count == 1 && !route->prefixes->items[0].prefix.len &&
	       route->prefixes->items[0].prefix.addr.family == IP_V4;
}

bool lint_is_joined(const struct lint *l, const struct vnet *vnet)
{
	for (size_t i = 0; i < l->lab->connections.count; i++) {
		const struct connection *connection = &l->lab->connections.items[i];

		if (connection->gateway->vnet == vnet)
			return true;
	}
	return false;
}

/* ---- all rules ---- */

static void lint_state(const struct lab *lab, struct diags *diags)
{
	struct lint l = { .lab = lab, .diags = diags, .work = LINT_WORK_MAX };

	l.arena = arena_new();
	add_places(&l);
	add_nics(&l);
	add_holders(&l);
	lint_routes(&l);
	lint_returns(&l);
	lint_networks(&l);
	lint_joined(&l);
	lint_gateways(&l);
	lint_sessions(&l);
	lint_exposure(&l);
	lint_rules(&l);
	arena_free(l.arena);
}

void lint_lab(const struct lab *lab, struct diags *diags)
{
	struct uses uses = { .arena = arena_new() };

	lint_state(lab, diags);
	lint_note_uses(&uses, lab);
	lint_unused(&uses, diags);
	arena_free(uses.arena);
}

/* A comment that says nothing of use. */
static void report_ignore(const struct ignore *ignore, struct diags *diags)
{
	const char *names[DIAG_COUNT], *near;
	struct diag *diag;

	if (ignore->id == DIAG_COUNT) {
		diag = diag_add(diags, DIAG_IGNORE, ignore->pos,
				"there is no rule '%.40s' to ignore", ignore->name);
		for (int i = 0; i < DIAG_COUNT; i++)
			names[i] = diag_table[i].name;
		near = nearest_word(ignore->name, names, DIAG_COUNT);
		if (near)
			diag_hint(diags, diag, "did you mean '%s'?", near);
	} else if (diag_table[ignore->id].severity == SEVERITY_ERROR) {
		diag_add(diags, DIAG_IGNORE, ignore->pos, "'%s' is an error: those are not ignored",
			 diag_table[ignore->id].name);
	} else if (!ignore->has_reason) {
		diag = diag_add(diags, DIAG_IGNORE, ignore->pos,
				"'%s' is ignored without a reason, and so is not",
				diag_table[ignore->id].name);
		diag_hint(diags, diag, "say why: # ignore: %s it is meant to be so, since ...",
			  diag_table[ignore->id].name);
	} else if (!ignore->is_used) {
		diag_add(diags, DIAG_IGNORE, ignore->pos, "line %u has no finding '%s' to ignore",
			 ignore->line, diag_table[ignore->id].name);
	}
}

void lint_file(const struct lab *lab, const char *text, size_t len, const char *file,
	       struct diags *diags)
{
	struct uses uses = { .arena = arena_new() };
	struct ignores *ignores = diags->ignores;

	lint_state(lab, diags);
	lint_note_uses(&uses, lab);
	for (size_t i = 1; i < lab->steps.count; i++) {
		struct lab_state state = { .step = (unsigned)i + 1 };
		struct diags of_step = { .ignores = ignores }, checked = { .ignores = ignores };
		struct lab *at_step = lab_parse_at(text, len, file, &state, &checked);

		if (at_step) {
			lint_state(at_step, &of_step);
			lint_note_uses(&uses, at_step);
			diags_add_all(diags, &of_step,
				      arena_printf(uses.arena, "in step %zu: ", i + 1));
		}
		lab_free(at_step);
		diags_fini(&of_step);
		diags_fini(&checked);
	}
	lint_unused(&uses, diags);
	diags->ignores = NULL; /* what is said of them is not to be ignored */
	for (size_t i = 0; ignores && i < ignores->count; i++)
		report_ignore(&ignores->items[i], diags);
	diags->ignores = ignores;
	diags_sort(diags);
	arena_free(uses.arena);
}
