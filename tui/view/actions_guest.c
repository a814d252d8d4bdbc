/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done to a guest: its console, its plug, and what was saved of it. */
#include "tui/view/actions_parts.h"

#include <string.h>

/* Its state may have more words behind it: "up, its agent ...", "booting: ...". */
static bool state_is(const struct snapshot_node *node, const char *state)
{
	size_t len = strlen(state);

	return !strncmp(node->state, state, len) && strcspn(node->state, ",: ") == len;
}

/* NULL: it can be saved now. */
static const char *why_unsaved(const struct listing *l, const struct snapshot_node *node)
{
	const struct vm *vm = l->lab ? lab_find_vm(l->lab, node->name) : NULL;

	if (vm && vm->image.value)
		return "it boots an image of yours, whose disk is no part of a snapshot";
	if (vm && vm_is_guest_router(vm))
		return "it has BGP, tunnels or connections of others, whose other ends go on";
	return state_is(node, "up") ? NULL : TEXT(l, "it is not up (%s)", node->state);
}

static void push_saving(struct listing *l, const struct snapshot_node *node)
{
	const char *why = why_unsaved(l, node);

	if (!why)
		listing_push_change(l, "save what it is now", TEXT(l, "snapshot %s", node->name),
				    NULL);
	else
		listing_push_note(l, TEXT(l, "it cannot be saved: %s", why));
}

static void push_saved(struct listing *l, const struct snapshot_node *node,
		       const struct snapshot_saved *saved)
{
	char clock[16];

	if (saved->fits) {
		view_clock(l->scene, saved->taken_at, clock);
		listing_push_change(l, TEXT(l, "go back to %s (taken %.8s)", saved->name, clock),
				    TEXT(l, "restore %s %s", node->name, saved->name), NULL);
		listing_push_note(l, "what it did since is lost");
	}
	listing_push_change(l, TEXT(l, "remove snapshot %s", saved->name),
			    TEXT(l, "snapshot --delete %s %s", node->name, saved->name), NULL);
	if (!saved->fits)
		listing_push_note(l, "the guest was changed since: it cannot go back to it");
}

/* Other words than these say why it ended, or does not come up. */
static bool is_on_its_way(const struct snapshot_node *node)
{
	static const char *const states[] = { "starting", "booting", "up", "saving", "restoring" };

	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (state_is(node, states[i]))
			return true;
	return false;
}

void listing_push_guest(struct listing *l, const struct snapshot_node *node)
{
	const char *name = node->name;

	if (l->scene->is_read_only)
		return;
	listing_push_look(l, TEXT(l, "the console of %s", name), TEXT(l, "console %s", name));
	push_saving(l, node);
	for (size_t i = 0; i < node->snapshots.count; i++)
		push_saved(l, node, &node->snapshots.items[i]);
	if (is_on_its_way(node))
		listing_push_change(l, "reboot it", TEXT(l, "reboot %s", name), NULL);
	else
		listing_push_change(l, "start it", TEXT(l, "start %s", name), NULL);
	if (!state_is(node, "stopped"))
		listing_push_change(l, "stop it, as by pulling its plug", TEXT(l, "stop %s", name),
				    NULL);
}
