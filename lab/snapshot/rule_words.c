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
