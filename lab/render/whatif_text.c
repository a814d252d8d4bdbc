/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/whatif_text.h"

#include "lab/render/why.h"

#define COLS 80

const char *whatif_count(const struct whatif *whatif, struct arena *arena)
{
	return arena_printf(arena, "the routes of %zu NIC%s and %zu flow%s", whatif->nics.count,
			    whatif->nics.count == 1 ? "" : "s", whatif->flows.count,
			    whatif->flows.count == 1 ? "" : "s");
}

static void print_lines(const char *mark, const struct texts *lines, struct arena *arena, FILE *out)
{
	for (size_t i = 0; i < lines->count; i++) {
		struct texts parts = why_wrap(lines->items[i], COLS - 4, COLS - 6, arena);

		for (size_t n = 0; n < parts.count; n++)
			(void)fprintf(out, "  %s %s\n", n ? "   " : mark, parts.items[n]);
	}
}

static void print_changes(const char *what, const struct outcome_changes *changes,
			  struct arena *arena, FILE *out)
{
	for (size_t i = 0; i < changes->count; i++) {
		(void)fprintf(out, "%s%s\n", what, changes->items[i].name);
		print_lines("-", &changes->items[i].gone, arena, out);
		print_lines("+", &changes->items[i].come, arena, out);
	}
	if (changes->count)
		(void)fputc('\n', out);
}

void whatif_print(const struct whatif *whatif, FILE *out)
{
	struct arena *arena = arena_new();

	print_changes("routes of ", &whatif->nics, arena, out);
	print_changes("", &whatif->flows, arena, out);
	for (size_t i = 0; i < whatif->unchanged.count; i++) {
		(void)fprintf(out, "%s stays as it is\n", whatif->unchanged.items[i].name);
		print_lines(" ", &whatif->unchanged.items[i].lines, arena, out);
		(void)fputc('\n', out);
	}
	(void)fprintf(out, "It would change %s.\n", whatif_count(whatif, arena));
	arena_free(arena);
}

static json_t *texts_json(const struct texts *texts)
{
	json_t *json = json_array();

	for (size_t i = 0; i < texts->count; i++)
		(void)json_array_append_new(json, json_string(texts->items[i]));
	return json;
}

static json_t *changes_json(const char *key, const struct outcome_changes *changes)
{
	json_t *json = json_array();

	for (size_t i = 0; i < changes->count; i++)
		(void)json_array_append_new(
			json, json_pack("{s:s, s:o, s:o}", key, changes->items[i].name, "gone",
					texts_json(&changes->items[i].gone), "come",
					texts_json(&changes->items[i].come)));
	return json;
}

static json_t *outcomes_json(const struct outcomes *outcomes)
{
	json_t *json = json_array();

	for (size_t i = 0; i < outcomes->count; i++)
		(void)json_array_append_new(json, json_pack("{s:s, s:o}", "flow",
							    outcomes->items[i].name, "lines",
							    texts_json(&outcomes->items[i].lines)));
	return json;
}

json_t *whatif_json(const struct whatif *whatif)
{
	return json_pack("{s:o, s:o, s:o}", "nics", changes_json("nic", &whatif->nics), "flows",
			 changes_json("flow", &whatif->flows), "unchanged",
			 outcomes_json(&whatif->unchanged));
}
