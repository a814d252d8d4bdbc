/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every probe: what was predicted, what is seen, and the last round-trip times. */
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *why(const struct snapshot_probe *probe)
{
	if (probe_glyph(probe) == GLYPH_EXPECTED)
		return probe->prediction;
	if (probe->is_reply && !probe->is_reply_predicted)
		return probe->prediction;
	if (probe->is_reply)
		return "";
	return *probe->why ? probe->why : probe->observation;
}

static size_t total(const struct scene *scene)
{
	return scene->snapshot.probes ? scene->snapshot.probes->probes.count : 0;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const struct snapshot_probe *probe = &scene->snapshot.probes->probes.items[index];
	const char *const texts[] = { probe->from,   probe->to,       probe->address,
				      probe->colour, probe->protocol, why(probe) };

	return view_has(v, texts, ARRAY_SIZE(texts));
}

static const struct snapshot_probe *probe_at(const struct scene *scene, size_t index)
{
	return &scene->snapshot.probes->probes.items[index];
}

static int by_from(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(probe_at(scene, a)->from, probe_at(scene, b)->from);
}

static int by_to(const struct scene *scene, size_t a, size_t b)
{
	return view_compare_texts(probe_at(scene, a)->to, probe_at(scene, b)->to);
}

/* The slowest first; without a reply there is none. */
static int by_latency(const struct scene *scene, size_t a, size_t b)
{
	const struct snapshot_probe *x = probe_at(scene, a), *y = probe_at(scene, b);

	return view_compare_numbers(y->is_reply ? y->rtt_ms : -1, x->is_reply ? x->rtt_ms : -1);
}

/* Those first that lose what should be answered. */
static int by_loss(const struct scene *scene, size_t a, size_t b)
{
	const struct snapshot_probe *x = probe_at(scene, a), *y = probe_at(scene, b);

	return view_compare_numbers(y->is_reply_predicted ? view_lost(y) : 0,
				    x->is_reply_predicted ? view_lost(x) : 0);
}

static const struct view_sort sorts[] = {
	{ 'N', "name of the sender", by_from },
	{ 'T', "name of the target", by_to },
	{ 'R', "round-trip time", by_latency },
	{ 'L', "loss", by_loss },
	{ 0 },
};

static const void *thing(const struct scene *scene, size_t index, const struct record **ret_record)
{
	*ret_record = &snapshot_probe_record;
	return probe_at(scene, index);
}

static const char *sentence(const struct scene *scene, size_t index, struct arena *arena)
{
	const struct snapshot_probe *probe = probe_at(scene, index);

	return arena_printf(
		arena, "%s asks %s at %s by %s every %.1f s. Predicted: %s. Seen: %s%s%s.",
		probe->from, probe->to, probe->address, probe->protocol,
		(double)probe->interval_ms / 1000, probe->prediction, probe->observation,
		!probe->is_reply && *probe->why ? ", " : "", probe->is_reply ? "" : probe->why);
}

static const struct snapshot_probe *get(const struct scene *scene, const struct view_state *v,
					size_t row)
{
	size_t index = view_at(&view_probes, scene, v, row);

	return index == VIEW_NOTHING ? NULL : &scene->snapshot.probes->probes.items[index];
}

static void about(const struct scene *scene, size_t index, struct subject *ret_subject)
{
	const struct snapshot_probe *probe;

	if (index == VIEW_NOTHING)
		return;
	probe = probe_at(scene, index);
	ret_subject->kind = SUBJECT_PROBE;
	(void)snprintf(ret_subject->name, sizeof(ret_subject->name), "%s %s %s", probe->from,
		       probe->to, probe->protocol);
}

static const char *machine(const struct scene *scene, size_t index)
{
	return index == VIEW_NOTHING ? NULL : probe_at(scene, index)->from;
}

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	(void)scene;
	(void)v;
	(void)cols;
	return 0; /* fits one page */
}

static void draw_row(const struct scene *scene, const struct snapshot_probe *probe,
		     bool is_selected, struct grid *g, unsigned row)
{
	bool is_new = view_is_new(scene, probe->coloured_at);
	unsigned names = g->cols >= 100 ? 20 : g->cols >= 76 ? 16 : 11;
	char rtt[16] = "";
	unsigned col;

	if (probe->is_reply)
		view_rtt(probe->rtt_ms, rtt);
	col = grid_put(g, row, 0, is_new ? STYLE_NEW : STYLE_TEXT, "%s",
		       is_selected ? grid_glyph(g, GLYPH_CURSOR)
		       : is_new    ? grid_glyph(g, GLYPH_NEW)
				   : " ");
	col = grid_put_field(g, row, col, names, STYLE_TEXT, probe->from);
	col = grid_put(g, row, col, STYLE_TEXT, " ");
	col = grid_put_field(g, row, col, names, STYLE_TEXT, probe->to);
	col = grid_put(g, row, col, STYLE_TEXT, " ");
	col = grid_put_field(g, row, col, 5, STYLE_TEXT, probe_word(probe));
	col = grid_put(g, row, col, probe_style(probe), "%s ", grid_glyph(g, probe_glyph(probe)));
	col = grid_put_field(g, row, col, 9, STYLE_TEXT, rtt);
	if (g->cols >= 60) {
		col = view_sparkline(g, row, col, g->cols >= 100 ? 30 : 12, probe);
		col = grid_put(g, row, col, STYLE_TEXT, " ");
	}
	(void)grid_put_field(g, row, col, g->cols - col, probe_style(probe), why(probe));
	if (is_selected)
		grid_select(g, row);
}

static void draw_detail(const struct scene *scene, const struct snapshot_probe *probe,
			struct grid *g)
{
	const char *seen =
		probe_glyph(probe) == GLYPH_EXPECTED ? "fails as predicted" : probe->observation;
	double low = INFINITY, high = 0, sum = 0;
	char at[16], least[16], most[16], mean[16];
	unsigned replies = 0, col;

	for (size_t i = 0; i < probe->recent.count; i++) {
		double rtt = probe->recent.items[i];

		if (isnan(rtt))
			continue;
		low = fmin(low, rtt);
		high = fmax(high, rtt);
		sum += rtt;
		replies++;
	}
	(void)grid_put(g, 0, 1, STYLE_TITLE, "%s %s %s %s (%s)", probe_name(probe), probe->from,
		       grid_glyph(g, GLYPH_ARROW), probe->to, probe->address);
	(void)grid_put(g, 2, 1, STYLE_HEADING, "predicted");
	(void)grid_put(g, 2, 12, STYLE_TEXT, "%s", probe->prediction);
	(void)grid_put(g, 3, 1, STYLE_HEADING, "seen");
	col = grid_put(g, 3, 12, probe_style(probe), "%s %s", grid_glyph(g, probe_glyph(probe)),
		       seen);
	if (!probe->is_reply && *probe->why)
		(void)grid_put(g, 3, col, STYLE_TEXT, ": %s", probe->why);
	view_clock(scene, probe->coloured_at, at);
	(void)grid_put(g, 4, 1, STYLE_HEADING, "since");
	(void)grid_put(g, 4, 12, STYLE_TEXT, "%.8s, %s", at, probe->colour);
	(void)grid_put(g, 5, 1, STYLE_HEADING, "replies");
	(void)grid_put(g, 5, 12, STYLE_TEXT, "%zu of the last %zu, one probe every %.1f s",
		       probe->recent.count - view_lost(probe), probe->recent.count,
		       (double)probe->interval_ms / 1000);
	if (replies) {
		view_rtt(low, least);
		view_rtt(sum / replies, mean);
		view_rtt(high, most);
		(void)grid_put(g, 6, 1, STYLE_HEADING, "RTT");
		col = grid_put(g, 6, 12, STYLE_TEXT, "%s, mean %s, most %s", least, mean, most);
		if (probe->ttl)
			(void)grid_put(g, 6, col, STYLE_TEXT, ", ttl %lld", (long long)probe->ttl);
	}
	(void)grid_put(g, 7, 1, STYLE_HEADING, "lately");
	(void)view_sparkline(g, 7, 12, (unsigned)probe->recent.count, probe);
	(void)grid_put(g, 9, 1, STYLE_HEADING, "by hand");
	if (strchr(probe->protocol, ':')) /* no program of its own asks a port */
		(void)grid_put(g, 9, 12, STYLE_TEXT, "hublab why %s %s %s", probe->from,
			       probe->address, probe->protocol);
	else
		(void)grid_put(g, 9, 12, STYLE_TEXT, "hublab %s %s %s",
			       !strcmp(probe->protocol, "Icmp") ? "ping" : "curl", probe->from,
			       probe->address);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	const struct snapshot_probe *selected = get(scene, v, v->selected);
	size_t indices[VIEW_ROWS_MAX], first;
	unsigned rows =
		view_rows(&view_probes, scene, v, g->rows ? g->rows - 1 : 0, indices, &first);
	unsigned names = g->cols >= 100 ? 20 : g->cols >= 76 ? 16 : 11;
	unsigned col;

	if (v->is_open && selected) {
		draw_detail(scene, selected, g);
		return;
	}
	col = view_heading(g, 0, 0, names + 2, v, 'N', " FROM");
	col = view_heading(g, 0, col, names + 1, v, 'T', "TO");
	col = grid_put_field(g, 0, col, 7, STYLE_HEADING, "PROBE");
	col = view_heading(g, 0, col, 9, v, 'R', "RTT");
	if (g->cols >= 60)
		col = view_heading(g, 0, col, g->cols >= 100 ? 31 : 13, v, 'L', "LATELY");
	(void)grid_put(g, 0, col, STYLE_HEADING, "WHY");
	for (unsigned row = 0; row < rows; row++)
		draw_row(scene, &scene->snapshot.probes->probes.items[indices[row]],
			 first + row == v->selected, g, row + 1);
	if (!rows)
		view_say(g, *v->filter ? "no probe matches" : "no probes");
}

const struct view view_probes = {
	.digit = '5',
	.name = "probes",
	.words = "pings and fetches: predicted, seen, and how long they took",
	.total = total,
	.passes = passes,
	.about = about,
	.machine = machine,
	.sorts = sorts,
	.thing = thing,
	.sentence = sentence,
	.detail_count = detail_count,
	.draw = draw,
};
