/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The views, and what they have in common. */
#include "tui/view/view.h"

#include "lab/render/why.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct view *const views[] = { &view_map,      &view_vms,    &view_routes, &view_security,
				     &view_gateways, &view_probes, &view_why,    &view_events,
				     &view_history,  &view_logs,   NULL };

const struct view_mark view_marks[] = {
	{ GLYPH_GOOD, STYLE_GOOD, "+", "✓", "as predicted, and just seen; of flows: allowed" },
	{ GLYPH_EXPECTED, STYLE_EXPECTED, "-", "⊘", "fails, as predicted; of flows: denied" },
	{ GLYPH_BAD, STYLE_BAD, "!", "✗", "not as predicted" },
	{ GLYPH_WAITING, STYLE_WAITING, "?", "?", "not seen yet, or not lately" },
	{ GLYPH_NEW, STYLE_NEW, "*", "*", "changed in the last ten seconds" },
	{ GLYPH_BEST, STYLE_GOOD, "=", "●", "the way that is taken, of those to a network" },
	{ GLYPH_LOST, STYLE_BAD, "x", "×", "no reply, in a line of round-trip times" },
};
const size_t view_mark_count = ARRAY_SIZE(view_marks);

bool view_has(const struct view_state *v, const char *const *texts, size_t count)
{
	if (!*v->filter)
		return true;
	for (size_t i = 0; i < count; i++)
		if (texts[i] && strcasestr(texts[i], v->filter))
			return true;
	return false;
}

size_t view_row_moved(size_t row, long by, size_t count)
{
	long to = (long)row + by;

	return to < 0 || !count ? 0 : to >= (long)count ? count - 1 : (size_t)to;
}

size_t view_first_row(const struct view_state *v, size_t count, unsigned rows)
{
	size_t top = v->top;

	if (!rows)
		return 0;
	if (v->selected < top)
		top = v->selected;
	if (v->selected >= top + rows)
		top = v->selected - rows + 1;
	if (top + rows > count)
		top = count > rows ? count - rows : 0;
	return top;
}

enum glyph probe_glyph(const struct snapshot_probe *probe)
{
	if (!strcmp(probe->colour, "red"))
		return GLYPH_BAD;
	if (strcmp(probe->colour, "green") != 0)
		return GLYPH_WAITING;
	return probe->is_reply_predicted ? GLYPH_GOOD : GLYPH_EXPECTED;
}

enum style probe_style(const struct snapshot_probe *probe)
{
	enum glyph glyph = probe_glyph(probe);

	for (size_t i = 0; i < view_mark_count; i++)
		if (view_marks[i].glyph == glyph)
			return view_marks[i].style;
	return STYLE_TEXT;
}

const char *probe_word(const struct snapshot_probe *probe)
{
	return !strncmp(probe->protocol, "Icmp", 4)   ? "ping"
	       : !strcmp(probe->protocol, "Http")     ? "http"
	       : !strncmp(probe->protocol, "Tcp:", 4) ? "tcp"
						      : "udp";
}

const char *probe_name(const struct snapshot_probe *probe)
{
	return strchr(probe->protocol, ':') ? probe->protocol : probe_word(probe);
}

/* A half more than the fastest is the least height, so that jitter does not look like trouble. */
static void find_scale(const struct reals *rtts, double *ret_low, double *ret_high)
{
	double low = INFINITY, high = 0;

	for (size_t i = 0; i < rtts->count; i++) {
		if (isnan(rtts->items[i]))
			continue;
		low = fmin(low, rtts->items[i]);
		high = fmax(high, rtts->items[i]);
	}
	*ret_low = low;
	*ret_high = fmax(high, low * 1.5 + 0.5);
}

unsigned view_sparkline(struct grid *g, unsigned row, unsigned col, unsigned width,
			const struct snapshot_probe *probe)
{
	static const char *const utf8[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const ascii[] = { ".", ".", ":", ":", "|", "|", "#", "#" };
	const struct reals *rtts = &probe->recent;
	size_t count = rtts->count < width ? rtts->count : width;
	double low, high;

	find_scale(rtts, &low, &high);
	for (size_t i = count; i < width; i++)
		col = grid_put(g, row, col, STYLE_TEXT, " ");
	for (size_t i = rtts->count - count; i < rtts->count; i++) {
		double rtt = rtts->items[i];
		int level;

		if (isnan(rtt)) {
			col = grid_put(g, row, col,
				       probe->is_reply_predicted ? STYLE_BAD : STYLE_DIM, "%s",
				       grid_glyph(g, GLYPH_LOST));
			continue;
		}
		level = (int)((rtt - low) / (high - low) * 7.99);
		col = grid_put(g, row, col, STYLE_GOOD, "%s",
			       g->is_ascii ? ascii[level] : utf8[level]);
	}
	return col;
}

unsigned view_lost(const struct snapshot_probe *probe)
{
	unsigned lost = 0;

	for (size_t i = 0; i < probe->recent.count; i++)
		lost += isnan(probe->recent.items[i]);
	return lost;
}

void view_clock(const struct scene *scene, double time, char text[16])
{
	double local = time + (double)scene->utc_offset_s;
	long seconds = (long)floor(local), of_day = seconds % 86400;
	unsigned ms = (unsigned)((local - (double)seconds) * 1000);

	(void)snprintf(text, 16, "%02ld:%02ld:%02ld.%03u", of_day / 3600 % 24, of_day / 60 % 60,
		       of_day % 60, ms % 1000);
}

void view_rtt(double ms, char text[16])
{
	if (ms < 10)
		(void)snprintf(text, 16, "%.2f ms", ms);
	else if (ms < 1000)
		(void)snprintf(text, 16, "%.1f ms", ms);
	else
		(void)snprintf(text, 16, "%.1f s", fmin(ms / 1000, 9999));
}

bool view_is_new(const struct scene *scene, double changed_at)
{
	return changed_at > 0 && scene->now - changed_at < VIEW_NEW_S;
}

void view_say(struct grid *g, const char *text)
{
	unsigned width = text_width(text);

	(void)grid_put(g, g->rows / 2, width < g->cols ? (g->cols - width) / 2 : 0, STYLE_DIM, "%s",
		       text);
}

void view_say_no_nic(const struct scene *scene, struct grid *g)
{
	const char *refusal = scene->snapshot.nic_refusal;
	struct arena *arena;
	struct texts lines;

	if (!refusal || g->cols < 2) {
		view_say(g, scene->snapshot.vms && scene->snapshot.vms->vms.count ? "" : "no VMs");
		return;
	}
	arena = arena_new();
	lines = why_wrap(refusal, g->cols - 2, g->cols - 2, arena);
	for (unsigned i = 0; i < lines.count; i++)
		(void)grid_put(g, i + 2, 1, STYLE_TEXT, "%s", lines.items[i]);
	arena_free(arena);
}
