/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/heat.h"

#include "tui/view/view.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* Names with their places, in the order in which they came. */
struct place {
	UT_hash_handle hh;
	const char *name;
	size_t at;
};

static size_t place_of(struct place **places, struct texts *names, const char *name,
		       struct arena *arena)
{
	struct place *place;

	HASH_FIND_STR(*places, name, place);
	if (place)
		return place->at;
	place = arena_alloc(arena, sizeof(*place));
	place->name = arena_strdup(arena, name);
	place->at = names->count;
	HASH_ADD_KEYPTR(hh, *places, place->name, strlen(place->name), place);
	*ARENA_PUSH(arena, names->items, names->count) = place->name;
	return place->at;
}

static void count_cells(struct heat *heat)
{
	for (size_t i = 0; i < heat->rows.count * heat->columns.count; i++)
		heat->counts[heat->cells[i]]++;
}

/* ---- probes ---- */

static enum heat_cell probe_cell(const struct snapshot_probe *probe)
{
	enum glyph glyph = probe_glyph(probe);

	return glyph == GLYPH_GOOD       ? HEAT_GOOD
	       : glyph == GLYPH_EXPECTED ? HEAT_EXPECTED
	       : glyph == GLYPH_BAD      ? HEAT_BAD
					 : HEAT_WAITING;
}

/* Rows and columns are the same machines in the same order: those that ask, then the others. */
struct heat *heat_of_probes(const struct snapshot_probes *probes, struct arena *arena)
{
	struct heat *heat = arena_alloc(arena, sizeof(*heat));
	struct place *rows = NULL, *columns = NULL;
	size_t count = probes->probes.count;

	for (size_t i = 0; i < count; i++) {
		(void)place_of(&rows, &heat->rows, probes->probes.items[i].from, arena);
		(void)place_of(&columns, &heat->columns, probes->probes.items[i].from, arena);
	}
	for (size_t i = 0; i < count; i++)
		(void)place_of(&columns, &heat->columns, probes->probes.items[i].to, arena);
	heat->cells = arena_alloc(arena, heat->rows.count * heat->columns.count + 1);
	for (size_t i = 0; i < heat->rows.count; i++)
		heat->cells[i * heat->columns.count + i] = HEAT_SELF;
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_probe *probe = &probes->probes.items[i];
		uint8_t *cell = &heat->cells[place_of(&rows, &heat->rows, probe->from, arena) *
						     heat->columns.count +
					     place_of(&columns, &heat->columns, probe->to, arena)];
		enum heat_cell now = probe_cell(probe);

		if (now > *cell) /* the worst of those of a pair */
			*cell = (uint8_t)now;
	}
	HASH_CLEAR(hh, rows);
	HASH_CLEAR(hh, columns);
	count_cells(heat);
	return heat;
}

static bool is_of_pair(const struct heat *heat, const struct snapshot_probe *probe, size_t row,
		       size_t column)
{
	return !strcmp(probe->from, heat->rows.items[row]) &&
	       !strcmp(probe->to, heat->columns.items[column]);
}

static const char *probe_words(const struct snapshot_probe *probe, struct arena *arena)
{
	const char *name = probe_name(probe);
	const char *seen = probe->is_reply || !*probe->why ? probe->observation : probe->why;

	switch (probe_cell(probe)) {
	case HEAT_GOOD:
		return arena_printf(arena, "%s: a reply after %.1f ms, as predicted", name,
				    probe->rtt_ms);
	case HEAT_EXPECTED:
		return arena_printf(arena, "%s: fails as predicted: %s", name, probe->prediction);
	case HEAT_BAD:
		return arena_printf(arena, "%s: %s; predicted: %s", name, seen, probe->prediction);
	case HEAT_WAITING:
	case HEAT_NONE:
	case HEAT_SELF:
	case HEAT_COUNT:
		break;
	}
	return arena_printf(arena, "%s: not seen yet, or not lately; predicted: %s", name,
			    probe->prediction);
}

/* ---- a mesh ---- */

static enum heat_cell mesh_cell(char cell)
{
	switch ((enum mesh_cell)cell) {
	case MESH_REPLY:
		return HEAT_GOOD;
	case MESH_SILENCE:
		return HEAT_EXPECTED;
	case MESH_UNEXPECTED_REPLY:
	case MESH_UNEXPECTED_SILENCE:
		return HEAT_BAD;
	case MESH_SELF:
		return HEAT_SELF;
	case MESH_UNKNOWN:
		break;
	}
	return HEAT_WAITING;
}

struct heat *heat_of_mesh(const struct snapshot_mesh *mesh, struct arena *arena)
{
	struct heat *heat = arena_alloc(arena, sizeof(*heat));
	size_t width = mesh->to.count;

	heat->mesh = mesh;
	heat->columns = mesh->to;
	heat->cells = arena_alloc(arena, mesh->rows.count * width + 1);
	for (size_t i = 0; i < mesh->rows.count; i++) {
		*ARENA_PUSH(arena, heat->rows.items, heat->rows.count) = mesh->rows.items[i].from;
		for (size_t n = 0; n < width; n++)
			heat->cells[i * width + n] =
				(uint8_t)mesh_cell(mesh->rows.items[i].cells[n]);
	}
	count_cells(heat);
	return heat;
}

static const char *mesh_words(const struct heat *heat, size_t row, size_t column,
			      struct arena *arena)
{
	const struct snapshot_mesh_row *r = &heat->mesh->rows.items[row];
	double rtt_ms = r->rtt_ms.items[column];

	for (size_t i = 0; i < r->findings.count; i++) {
		const struct snapshot_mesh_finding *f = &r->findings.items[i];

		if (!strcmp(f->to, heat->columns.items[column]))
			return arena_printf(arena, "%s; predicted: %s", f->seen, f->prediction);
	}
	switch (heat_at(heat, row, column)) {
	case HEAT_GOOD:
		return isnan(rtt_ms)
			       ? "a reply, as predicted"
			       : arena_printf(arena, "a reply after %.2f ms, as predicted", rtt_ms);
	case HEAT_EXPECTED:
		return "no reply, as predicted";
	case HEAT_BAD:
		return r->cells[column] == (char)MESH_UNEXPECTED_REPLY
			       ? "a reply that is not predicted"
			       : "no reply, though one is predicted";
	case HEAT_SELF:
	case HEAT_NONE:
	case HEAT_WAITING:
	case HEAT_COUNT:
		break;
	}
	return "not known";
}

/* ---- either ---- */

enum heat_cell heat_at(const struct heat *heat, size_t row, size_t column)
{
	return (enum heat_cell)heat->cells[row * heat->columns.count + column];
}

const char *heat_words(const struct heat *heat, const struct snapshot_probes *probes, size_t row,
		       size_t column, struct arena *arena)
{
	struct texts words = { 0 };

	if (heat_at(heat, row, column) == HEAT_SELF)
		return "the machine itself";
	if (heat_at(heat, row, column) == HEAT_NONE)
		return "no probe asks that";
	if (heat->mesh)
		return mesh_words(heat, row, column, arena);
	for (size_t i = 0; probes && i < probes->probes.count; i++) {
		const struct snapshot_probe *probe = &probes->probes.items[i];

		if (is_of_pair(heat, probe, row, column))
			*ARENA_PUSH(arena, words.items, words.count) = probe_words(probe, arena);
	}
	return texts_join(&words, "; ", arena);
}

/* That of the worst, which is what one wants to know about. */
const char *heat_protocol(const struct heat *heat, const struct snapshot_probes *probes, size_t row,
			  size_t column, struct arena *arena)
{
	enum heat_cell cell = heat_at(heat, row, column);
	char *text;

	if (heat->mesh)
		return heat->mesh->protocol;
	for (size_t i = 0; probes && i < probes->probes.count; i++) {
		const struct snapshot_probe *probe = &probes->probes.items[i];

		if (!is_of_pair(heat, probe, row, column) || probe_cell(probe) != cell)
			continue;
		text = arena_strdup(arena, probe->protocol);
		for (char *c = text; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		return text;
	}
	return "icmp";
}
