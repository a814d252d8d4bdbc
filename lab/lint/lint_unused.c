/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What nothing refers to. Steps attach things, so it is what no state of the file does. */
#include "lab/lint/lint_parts.h"

#include <stdlib.h>
#include <string.h>

static int compare_places(const void *a, const void *b)
{
	const struct src_pos *one = &((const struct use *)a)->pos,
			     *other = &((const struct use *)b)->pos;

	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	return (one->col > other->col) - (one->col < other->col);
}

static void note(struct uses *uses, const char *noun, const struct object *object, bool is_used)
{
	*ARENA_PUSH(uses->arena, uses->items, uses->count) =
		(struct use){ object->pos, noun, arena_strdup(uses->arena, object->name), is_used };
}

/* Pointers that are sorted, to be asked for. */
struct pointers {
	const void **items;
	size_t count;
};

static int compare_pointers(const void *a, const void *b)
{
	const char *one = *(const char *const *)a, *other = *(const char *const *)b;

	return (one > other) - (one < other);
}

static void add_pointer(struct pointers *pointers, struct arena *arena, const void *pointer)
{
	if (pointer)
		*ARENA_PUSH(arena, pointers->items, pointers->count) = pointer;
}

static bool have_pointer(const struct pointers *pointers, const void *pointer)
{
	return pointers->count && bsearch(&pointer, pointers->items, pointers->count,
					  sizeof(*pointers->items), compare_pointers);
}

static struct pointers pointers_of(const struct lab *lab, struct arena *arena)
{
	struct pointers used = { 0 };

	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		for (size_t n = 0; n < lab->virtual_networks.items[i].subnets.count; n++) {
			const struct subnet *subnet =
				&lab->virtual_networks.items[i].subnets.items[n];

			add_pointer(&used, arena, subnet->route_table);
			add_pointer(&used, arena, subnet->network_security_group);
		}
	for (size_t i = 0; i < lab->vms.count; i++)
		for (size_t n = 0; n < lab->vms.items[i].network_interfaces.count; n++)
			add_pointer(&used, arena,
				    lab->vms.items[i]
					    .network_interfaces.items[n]
					    .network_security_group);
	for (size_t i = 0; i < lab->connections.count; i++)
		add_pointer(&used, arena, lab->connections.items[i].local_network_gateway);
	if (used.count)
		qsort(used.items, used.count, sizeof(*used.items), compare_pointers);
	return used;
}

void lint_note_uses(struct uses *uses, const struct lab *lab)
{
	struct arena *arena = arena_new();
	struct pointers used = pointers_of(lab, arena);

	for (size_t i = 0; i < lab->route_tables.count; i++)
		note(uses, "route table", &lab->route_tables.items[i].object,
		     have_pointer(&used, &lab->route_tables.items[i]));
	for (size_t i = 0; i < lab->network_security_groups.count; i++)
		note(uses, "NSG", &lab->network_security_groups.items[i].object,
		     have_pointer(&used, &lab->network_security_groups.items[i]));
	for (size_t i = 0; i < lab->local_network_gateways.count; i++)
		note(uses, "local network gateway", &lab->local_network_gateways.items[i].object,
		     have_pointer(&used, &lab->local_network_gateways.items[i]));
	for (size_t i = 0; i < lab->public_ip_addresses.count; i++) {
		const struct public_ip *ip = &lab->public_ip_addresses.items[i];

		note(uses, "public IP address", &ip->object,
		     ip->nic || ip->nat_gateway || ip->gateway);
	}
	for (size_t i = 0; i < lab->nat_gateways.count; i++)
		note(uses, "NAT gateway", &lab->nat_gateways.items[i].object,
		     lab->nat_gateways.items[i].vnet);
	for (size_t i = 0; i < lab->application_security_groups.count; i++)
		note(uses, "application security group",
		     &lab->application_security_groups.items[i].object,
		     lab->application_security_groups.items[i].members.count);
	arena_free(arena);
}

void lint_unused(struct uses *uses, struct diags *diags)
{
	if (uses->count)
		qsort(uses->items, uses->count, sizeof(*uses->items), compare_places);
	for (size_t first = 0, end; first < uses->count; first = end) {
		const struct use *use = &uses->items[first];
		bool is_used = false;

		for (end = first; end < uses->count && !compare_places(use, &uses->items[end]);
		     end++)
			is_used = is_used || uses->items[end].is_used;
		if (!is_used)
			diag_add(diags, DIAG_UNUSED, use->pos, "nothing uses %s '%s'", use->noun,
				 use->name);
	}
}
