/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/verdict_text.h"

const char *layer_verdict_text(const struct layer_verdict *verdict, struct arena *arena)
{
	const char *direction = verdict->direction == DIRECTION_INBOUND ? "in" : "out";
	const char *access = choice_name(admin_access_names, (int)verdict->access);

	if (!verdict->rule)
		return arena_printf(arena, "%s %s %s %s", direction,
				    verdict_layer_name(verdict->layer), layer_verdict_rule(verdict),
				    access);
	return arena_printf(arena, "%s %s %s %s(%.0f) %s", direction,
			    verdict_layer_name(verdict->layer), layer_verdict_resource(verdict),
			    layer_verdict_rule(verdict), verdict->rule->priority.value, access);
}

const char *verdict_text(const struct verdict *verdicts, size_t count, struct arena *arena)
{
	const char *text = NULL;

	for (size_t i = 0; i < count; i++)
		for (size_t n = 0; n < verdicts[i].count; n++) {
			const char *layer = layer_verdict_text(&verdicts[i].layers[n], arena);

			text = text ? arena_printf(arena, "%s ; %s", text, layer) : layer;
		}
	return text ? text : "no NSG on the path";
}
