/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/fill.h"

#include "lab/model/lab_save.h"

#include <stdlib.h>
#include <string.h>

static void fill_route(const struct effective_route *row, struct snapshot_route *out,
		       struct arena *arena)
{
	out->source = route_source_name(row->source);
	out->state = route_state_name(row->state);
	out->next_hop_type = next_hop_type_name(row->type);
	if (row->source == SOURCE_USER) {
		out->name = row->user->object.name;
		out->service_tag = row->user->tag ? row->user->tag->object.name : NULL;
	}
	for (size_t i = 0; i < effective_route_count(row); i++)
		*ARENA_PUSH(arena, out->address_prefix.items, out->address_prefix.count) =
			arena_strdup(arena, prefix_print(effective_route_prefix(row, i)).text);
	for (size_t i = 0; i < row->next_hops.count; i++) {
		const char *ip = arena_strdup(arena, ip_print(row->next_hops.items[i].ip).text);
		bool is_there = false;

		/* R5.21: what is shown by one address is one next hop */
		for (size_t n = 0; n < out->next_hop_ip.count; n++)
			is_there |= !strcmp(out->next_hop_ip.items[n], ip);
		if (!is_there)
			*ARENA_PUSH(arena, out->next_hop_ip.items, out->next_hop_ip.count) = ip;
	}
}

void snapshot_fill_routes(const struct nic *nic, const struct effective_routes *routes,
			  struct snapshot_routes *out, struct arena *arena)
{
	out->nic = nic->object.name;
	out->vm = nic->vm->object.name;
	out->route_table = nic->subnet->route_table ? nic->subnet->route_table->object.name : NULL;
	out->disable_bgp_route_propagation = routes->disables_propagation;
	for (size_t i = 0; i < routes->routes.count; i++)
		fill_route(&routes->routes.items[i],
			   ARENA_PUSH(arena, out->routes.items, out->routes.count), arena);
}

const char *snapshot_place(struct src_pos pos, const char *file, struct arena *arena)
{
	const char *slash = strrchr(file, '/');

	if (!pos.line)
		return NULL;
	if (strcmp(pos.file, file) != 0)
		return pos.file;
	return arena_printf(arena, "%s:%u", slash ? slash + 1 : file, pos.line);
}

static void fill_reason(const struct route_reason *reason, const struct route_reasons *reasons,
			const char *file, struct snapshot_reason *out, struct arena *arena)
{
	bool is_row = reason->row != NO_ROW;
	char *rest = arena_strdup(arena, reason->next_hops);
	const char *hop;

	out->row = is_row ? (int64_t)reason->row : -1;
	out->source = route_source_name(reason->source);
	if (is_row)
		out->state = route_state_name(reasons->routes->routes.items[reason->row].state);
	out->prefix = arena_strdup(arena, prefix_print(reason->prefix).text);
	out->next_hop_type = next_hop_type_name(reason->type);
	while ((hop = strsep(&rest, " ")))
		if (*hop)
			*ARENA_PUSH(arena, out->next_hop_ip.items, out->next_hop_ip.count) = hop;
	out->rule = reason->rule;
	out->words = reason->words;
	out->place = snapshot_place(reason->pos, file, arena);
	out->peer = *reason->peer ? reason->peer : NULL;
}

void snapshot_fill_why(const struct lab *lab, const char *file, const struct nic *nic,
		       const struct route_reasons *reasons, struct snapshot_why *out,
		       struct arena *arena)
{
	struct snapshot_routes routes = { 0 };

	snapshot_fill_routes(nic, reasons->routes, &routes, arena);
	out->nic = routes.nic;
	out->vm = routes.vm;
	out->route_table = routes.route_table;
	out->disable_bgp_route_propagation = routes.disable_bgp_route_propagation;
	out->none_routes = choice_name(none_routes_names, lab->semantics.none_routes.value);
	out->routes.items = routes.routes.items;
	out->routes.count = routes.routes.count;
	for (size_t i = 0; i < reasons->items.count; i++)
		fill_reason(&reasons->items.items[i], reasons, file,
			    ARENA_PUSH(arena, out->reasons.items, out->reasons.count), arena);
}

struct snapshot_file snapshot_file_with(const struct snapshot_file *file,
					const struct change_text *changes, size_t count,
					struct arena *arena)
{
	struct snapshot_file out = *file;

	/* a list of its own: what a decoder made has no room behind its last */
	out.changes.items = NULL;
	out.changes.count = 0;
	for (size_t i = 0; i < file->changes.count; i++)
		*ARENA_PUSH(arena, out.changes.items, out.changes.count) = file->changes.items[i];
	for (size_t i = 0; i < count; i++)
		*ARENA_PUSH(arena, out.changes.items, out.changes.count) =
			(struct snapshot_change){ .path = changes[i].path,
						  .value = changes[i].value };
	return out;
}

/* To be freed by the caller; the state borrows from it and from the topic. */
static struct change_text *state_of(const struct snapshot_file *file, struct lab_state *ret_state)
{
	struct change_text *changes = calloc(file->changes.count + 1, sizeof(*changes));

	if (!changes)
		abort();
	for (size_t i = 0; i < file->changes.count; i++)
		changes[i] = (struct change_text){ file->changes.items[i].path,
						   file->changes.items[i].value };
	*ret_state = (struct lab_state){ .step = (unsigned)file->step,
					 .changes = changes,
					 .change_count = file->changes.count };
	return changes;
}

struct lab *snapshot_file_lab(const struct snapshot_file *file, struct diags *diags)
{
	struct lab_state state;
	struct change_text *changes = state_of(file, &state);
	struct lab *lab = lab_parse_at(file->text, strlen(file->text), file->file, &state, diags);

	free(changes);
	return lab;
}

struct lab_tree snapshot_file_tree(const struct snapshot_file *file)
{
	struct lab_state state;
	struct change_text *changes = state_of(file, &state);
	struct lab_tree tree = lab_tree_read(file->text, strlen(file->text), file->file, &state);

	free(changes);
	return tree;
}

char *snapshot_file_save(const struct snapshot_file *file, size_t *ret_len, struct err *err)
{
	struct lab_state state;
	struct change_text *changes = state_of(file, &state);
	char *text = lab_save(file->text, strlen(file->text), file->file, &state, ret_len, err);

	free(changes);
	return text;
}
