/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is foreseen of tunnels: those that end themselves come and go, and somebody must say why. */
#include "netns/super/super.h"

#include <stdio.h>
#include <string.h>

/* One sentence for both ends; empty when nothing is to be said. */
static void print_outlook(const struct tunnel_state *state, char *text, size_t size)
{
	const struct tunnel_end *end = state->end;

	*text = '\0';
	if (state->outlook == TUNNEL_UP || (end->peer && !end->is_initiator))
		return;
	if (end->peer && state->outlook == TUNNEL_RECURSIVE)
		(void)snprintf(text, size,
			       "recursion: the tunnel between %s and %s ends itself: %s",
			       end->node->name, end->peer->node->name, state->words);
	else
		(void)snprintf(text, size, "the tunnel of %s to %s does not come up: %s",
			       end->node->name,
			       end->peer ? end->peer->node->name : ip_print(end->remote).text,
			       state->words);
}

void super_tell_outlooks(struct super *s, super_outlook_fn *fn, void *arg)
{
	for (size_t i = 0; i < s->wanted->topology->tunnel_ends.count; i++) {
		char text[600];

		print_outlook(&s->wanted->tunnels[i], text, sizeof(text));
		if (*text)
			fn(arg, text);
	}
}

/* Was it foreseen before this change, too? */
static bool was_recursive(const struct wanted *wanted, const char *name)
{
	for (size_t i = 0; wanted && i < wanted->topology->tunnel_ends.count; i++)
		if (!strcmp(wanted->topology->tunnel_ends.items[i]->name, name))
			return wanted->tunnels[i].outlook == TUNNEL_RECURSIVE;
	return false;
}

void super_note_outlooks(struct super *s)
{
	for (size_t i = 0; i < s->wanted->topology->tunnel_ends.count; i++) {
		const struct tunnel_state *state = &s->wanted->tunnels[i];
		char text[600];

		if (state->outlook != TUNNEL_RECURSIVE ||
		    was_recursive(s->before.wanted, state->end->name))
			continue;
		print_outlook(state, text, sizeof(text));
		if (*text)
			journal_add(s->journal, "tunnel", "%s", text);
	}
}
