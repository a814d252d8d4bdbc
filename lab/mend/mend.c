/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/mend/mend_parts.h"

#include "lab/base/cleanup.h"
#include "lab/snapshot/fill.h"

#include <stdarg.h>

void mend_also(struct mending *m, struct mend *mend, const char *path, const char *value)
{
	*ARENA_PUSH(m->arena, mend->changes.items, mend->changes.count) =
		(struct change_text){ path, value };
}

struct mend *mend_add(struct mending *m, const char *path, const char *value, const char *fmt, ...)
{
	struct mend *mend = ARENA_PUSH(m->arena, m->mends.items, m->mends.count);
	va_list args;

	va_start(args, fmt);
	mend->words = arena_vprintf(m->arena, fmt, args);
	va_end(args);
	mend->at = path;
	mend_also(m, mend, path, value);
	return mend;
}

const char *vm_path(struct mending *m, const struct vm *vm)
{
	return arena_printf(m->arena, "%s/%s", vm->is_nva ? "nvas" : "vms", vm->object.name);
}

const char *subnet_path(struct mending *m, const struct subnet *subnet)
{
	return arena_printf(m->arena, "virtual_networks/%s/subnets/%s", subnet->vnet->object.name,
			    subnet->object.name);
}

const char *router_path(struct mending *m, const struct node *node)
{
	return node->vm ? vm_path(m, node->vm)
			: arena_printf(m->arena, "branches/%s", node->branch->object.name);
}

struct prefix mend_target_prefix(const struct mending *m)
{
	const struct nic *nic = m->target;

	for (size_t i = 0; nic && nic->subnet && i < nic->subnet->vnet->address_prefixes.count;
	     i++) {
		struct prefix range = nic->subnet->vnet->address_prefixes.items[i].prefix;

		if (prefix_has_ip(range, m->to))
			return range;
	}
	return prefix_host(m->to);
}

struct mends mends_propose(const struct wanted *wanted, const struct path_question *question,
			   const struct followed *followed, struct arena *arena)
{
	bool is_there = !followed->there.flow.is_delivered;
	const struct denial *denial = &followed->prediction.denial;
	bool is_written;
	struct mending m = {
		.wanted = wanted,
		.lab = wanted->lab,
		.question = question,
		.prediction = &followed->prediction,
		.followed = followed,
		.leg = is_there ? &followed->there : &followed->back,
		.to = is_there ? question->to : followed->there.flow.source,
		.target = is_there ? question->flow.to : question->flow.from,
		.arena = arena,
	};

	if (followed->prediction.reason == REASON_MTU)
		return m.mends; /* the way is as it should be: its packets are not */
	/* what somebody wrote there stands first; what is only Azure's default follows from more */
	is_written = followed->prediction.reason == REASON_PLATFORM ||
		     (denial->layer.rule && !nsg_is_default(denial->layer.rule));
	if (is_written)
		propose_rules(&m);
	propose_user_routes(&m);
	propose_tunnels(&m);
	propose_bgp(&m);
	propose_peerings(&m);
	if (followed->prediction.reason == REASON_FIREWALL)
		propose_preferences(&m);
	propose_route_tables(&m);
	propose_announcements(&m);
	if (followed->prediction.reason != REASON_FIREWALL)
		propose_preferences(&m);
	if (!is_written)
		propose_rules(&m);
	return m.mends;
}

bool mend_works(const struct mend_case *c, const struct mend *mend)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct arena *arena = arena_new();
	struct snapshot_file file =
		snapshot_file_with(c->file, mend->changes.items, mend->changes.count, arena);
	struct lab *lab = snapshot_file_lab(&file, &diags);
	struct path_question question;
	struct followed followed = { 0 };
	struct err err = { 0 };
	struct wanted *wanted;

	arena_free(arena);
	if (!lab)
		return false;
	wanted = wanted_new(lab, c->wanted, c->paths);
	if (!path_question_read(lab, c->from, c->to, c->protocol, &question, &err))
		fabric_follow(wanted->fabric, &question.flow, question.to, NULL, &followed);
	wanted_free(wanted);
	return followed.prediction.is_reply && !followed.prediction.is_by_flow;
}
