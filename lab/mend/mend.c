/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/mend/mend_parts.h"

#include "lab/base/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mend_text(struct mending *m, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return arena_strdup(m->arena, text);
}

void mend_also(struct mending *m, struct mend *mend, const char *path, const char *value)
{
	*ARENA_PUSH(m->arena, mend->changes.items, mend->changes.count) =
		(struct change_text){ path, value };
}

struct mend *mend_add(struct mending *m, const char *path, const char *value, const char *fmt, ...)
{
	struct mend *mend = ARENA_PUSH(m->arena, m->mends.items, m->mends.count);
	char words[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	mend->at = path;
	mend->words = arena_strdup(m->arena, words);
	mend_also(m, mend, path, value);
	return mend;
}

const char *vm_path(struct mending *m, const struct vm *vm)
{
	return mend_text(m, "%s/%s", vm->is_nva ? "nvas" : "vms", vm->object.name);
}

const char *subnet_path(struct mending *m, const struct subnet *subnet)
{
	return mend_text(m, "virtual_networks/%s/subnets/%s", subnet->vnet->object.name,
			 subnet->object.name);
}

const char *router_path(struct mending *m, const struct node *node)
{
	return node->vm ? vm_path(m, node->vm)
			: mend_text(m, "branches/%s", node->branch->object.name);
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

struct ip nic_gateway(const struct nic *nic)
{
	for (size_t i = 0; nic->subnet && i < nic->subnet->address_prefix.count; i++)
		if (prefix_has_ip(nic->subnet->address_prefix.items[i].prefix, nic->ip))
			return ip_add(prefix_first(nic->subnet->address_prefix.items[i].prefix), 1);
	return (struct ip){ 0 };
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

static struct lab *changed_lab(const struct mend_case *c, const struct mend *mend)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	size_t count = c->state.change_count + mend->changes.count;
	struct change_text *changes = calloc(count + 1, sizeof(*changes));
	struct lab_state state = c->state;
	struct lab *lab;

	if (!changes)
		abort();
	for (size_t i = 0; i < c->state.change_count; i++)
		changes[i] = c->state.changes[i];
	for (size_t i = 0; i < mend->changes.count; i++)
		changes[c->state.change_count + i] = mend->changes.items[i];
	state.changes = changes;
	state.change_count = count;
	lab = lab_parse_at(c->text, strlen(c->text), c->file, &state, &diags);
	free(changes);
	return lab;
}

bool mend_works(const struct mend_case *c, const struct mend *mend)
{
	struct lab *lab = changed_lab(c, mend);
	struct path_question question;
	struct followed followed = { 0 };
	struct err err = { 0 };
	struct wanted *wanted;

	if (!lab)
		return false;
	wanted = wanted_new(lab, c->wanted, c->paths);
	if (!path_question_read(lab, c->from, c->to, c->protocol, &question, &err))
		fabric_follow(wanted->fabric, &question.flow, question.to, NULL, &followed);
	wanted_free(wanted);
	return followed.prediction.is_reply && !followed.prediction.is_by_flow;
}
