/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Links of circuits that have tags or MACsec by the lab file. What is said of them is what is there
 * in fact: where the kernel has no such devices they are untagged, and nothing is encrypted.
 */
#include "lab/snapshot/fill.h"

struct tally {
	unsigned untagged, in_clear;
};

static bool has_tags(const struct cable *cable)
{
	return cable->ends[0]->frames.c_tag || cable->ends[1]->frames.c_tag ||
	       cable->ends[0]->frames.s_tag || cable->ends[1]->frames.s_tag;
}

const char *snapshot_why_unfit(const struct cable *cable, struct arena *arena)
{
	const struct interface *near = cable->ends[0], *far = cable->ends[1];

	if (!link_tags_fit(cable->link))
		return arena_printf(arena, "%s at %s, %s at %s",
				    link_frames_print(near->frames, arena), near->node->name,
				    link_frames_print(far->frames, arena), far->node->name);
	if (cable_has_mac_sec(cable))
		return "MACsec has other keys, or another cipher, at its two ends";
	return arena_printf(arena, "only %s has MACsec",
			    near->frames.mac_sec ? near->node->name : far->node->name);
}

static const char *words_of(const struct topology *t, const struct cable *cable,
			    struct tally *tally, struct arena *arena)
{
	bool is_untagged = t->lacks.vlan && has_tags(cable);
	bool is_in_clear = t->lacks.mac_sec && cable_has_mac_sec(cable);
	const char *wanted = link_frames_print(cable->ends[1]->frames, arena);

	if (!cable_frames_fit(cable))
		return arena_printf(arena, "carries nothing: %s", snapshot_why_unfit(cable, arena));
	tally->untagged += is_untagged;
	tally->in_clear += is_in_clear;
	if (!is_untagged && !is_in_clear)
		return wanted;
	return arena_printf(arena, "%s%s%s, instead of %s", is_untagged ? "untagged" : "",
			    is_untagged && is_in_clear ? " and " : "",
			    is_in_clear ? "NOT encrypted" : "", wanted);
}

static void warn(struct snapshot_lab *out, unsigned count, const char *what, const char *how,
		 struct arena *arena)
{
	if (count)
		*ARENA_PUSH(arena, out->warnings.items, out->warnings.count) =
			arena_printf(arena, "this kernel has no %s: %u link%s %s %s", what, count,
				     count == 1 ? "" : "s", count == 1 ? "is" : "are", how);
}

void snapshot_fill_links(const struct topology *topology, struct snapshot_lab *out,
			 struct arena *arena)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < topology->cables.count; i++) {
		const struct cable *cable = topology->cables.items[i];

		if (cable_is_framed(cable))
			*ARENA_PUSH(arena, out->links.items, out->links.count) =
				arena_printf(arena, "%s: %s", cable_name(topology, cable, arena),
					     words_of(topology, cable, &tally, arena));
	}
	warn(out, tally.untagged, "VLANs (802.1Q)", "untagged", arena);
	warn(out, tally.in_clear, "MACsec, or not for this user", "NOT encrypted", arena);
}
