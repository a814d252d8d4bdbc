/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/rule_words.h"

#include "lab/base/text_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void join(const struct texts *texts, bool has_brackets, FILE *out)
{
	for (size_t i = 0; i < texts->count; i++) {
		bool is_v6 = has_brackets && strchr(texts->items[i], ':');

		(void)fprintf(out, "%s%s%s%s", i ? "," : "", is_v6 ? "[" : "", texts->items[i],
			      is_v6 ? "]" : "");
	}
}

void rule_side_fill(const struct rule_side *side, struct texts *addresses, struct texts *ports,
		    struct arena *arena)
{
	if (side->tag)
		*ARENA_PUSH(arena, addresses->items, addresses->count) = side->tag->object.name;
	for (size_t i = 0; i < side->prefixes.count; i++)
		*ARENA_PUSH(arena, addresses->items, addresses->count) =
			arena_strdup(arena, prefix_print(side->prefixes.items[i].prefix).text);
	for (size_t i = 0; i < side->groups.count; i++)
		*ARENA_PUSH(arena, addresses->items, addresses->count) =
			side->groups.items[i]->object.name;
	if (!addresses->count)
		*ARENA_PUSH(arena, addresses->items, addresses->count) = "*";
	for (size_t i = 0; i < side->ports.count; i++) {
		const struct port_range *range = &side->ports.items[i];

		*ARENA_PUSH(arena, ports->items, ports->count) =
			range->first == range->last
				? arena_printf(arena, "%u", range->first)
				: arena_printf(arena, "%u-%u", range->first, range->last);
	}
}

const char *rule_side_words(const struct texts *addresses, const struct texts *ports,
			    struct arena *arena)
{
	const char *words;
	struct text_file file;
	FILE *out = text_open(&file);

	join(addresses, true, out);
	if (ports->count)
		(void)fputc(':', out);
	join(ports, false, out);
	words = arena_strdup(arena, text_close(&file));
	free(file.text);
	return words;
}

const char *rule_words(const struct snapshot_rule *rule, struct arena *arena)
{
	return arena_printf(arena, "%s %s -> %s", rule->protocol,
			    rule_side_words(&rule->source, &rule->source_ports, arena),
			    rule_side_words(&rule->destination, &rule->destination_ports, arena));
}
