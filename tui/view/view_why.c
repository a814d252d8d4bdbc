/* SPDX-License-Identifier: GPL-2.0-or-later */
/* View 6: why one flow works or not, as it is now. */
#include "tui/view/why_lines.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The ways of the flow that is asked about here, and not of one on the map; NULL: not known. */
static const struct snapshot_path *path_of(const struct scene *scene)
{
	return *scene->asked ? scene->snapshot.path : NULL;
}

struct path_seen why_seen(const struct scene *scene)
{
	const struct path_answer *answer = scene->why.answer;
	const struct snapshot_path *path = path_of(scene);
	struct path_seen seen = { 0 };

	if (scene->snapshot.probes)
		seen.probe = path_find_probe(path, scene->snapshot.probes);
	if (answer && path_has_same_ways(&answer->path, path))
		seen.evidence = answer->seen.evidence;
	return seen;
}

/* A probe may have seen what was before a change: it counts only beside what was asked since. */
static bool is_seen(const struct path_seen *seen, bool *ret_is_reply)
{
	if (!seen->evidence)
		return false;
	if (seen->evidence->is_sent)
		*ret_is_reply = seen->evidence->is_reply;
	else if (seen->probe)
		*ret_is_reply = seen->probe->is_reply;
	else
		return false;
	return true;
}

struct why_verdict view_why_verdict(const struct scene *scene)
{
	const struct snapshot_path *path = path_of(scene);
	struct path_seen seen;
	bool is_reply = false;

	if (!path)
		return (struct why_verdict){ GLYPH_WAITING, STYLE_WAITING,
					     scene->snapshot.path_refusal ? "no answer" : "" };
	seen = why_seen(scene);
	if (path->is_by_flow)
		return (struct why_verdict){ GLYPH_WAITING, STYLE_WAITING, "works for some flows" };
	if (!is_seen(&seen, &is_reply))
		return path->is_reply
			       ? (struct why_verdict){ GLYPH_WAITING, STYLE_WAITING, "should work" }
			       : (struct why_verdict){ GLYPH_EXPECTED, STYLE_EXPECTED,
						       "does not work" };
	if (is_reply != path->is_answered)
		return (struct why_verdict){ GLYPH_BAD, STYLE_BAD,
					     is_reply ? "works, and should not"
						      : "should work, and does not" };
	if (!path->is_reply)
		return (struct why_verdict){ GLYPH_EXPECTED, STYLE_EXPECTED, "does not work" };
	if (!path_is_good(path, &seen))
		return (struct why_verdict){ GLYPH_BAD, STYLE_BAD,
					     seen.evidence && path_kernels_agree(seen.evidence)
						     ? "works, but nftables does otherwise"
						     : "works, but a kernel has other routes" };
	return (struct why_verdict){ GLYPH_GOOD, STYLE_GOOD, "works" };
}

const struct mend *view_why_mend(const struct scene *scene)
{
	const struct path_answer *answer = scene->why.answer;
	const struct snapshot_path *path = path_of(scene);

	return answer && path && path_has_same_ways(&answer->path, path) ? answer->mend.found
									 : NULL;
}

static void put_question(const char *from, const char *to, const char *protocol, char *text,
			 size_t size)
{
	(void)snprintf(text, size, "%s %s %s", from, to, protocol);
	for (char *c = text + strlen(from) + strlen(to) + 2; c < text + size && *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

bool view_probes_question(const struct scene *scene, const struct view_state *v, char *text,
			  size_t size)
{
	size_t index = view_at(&view_probes, scene, v, v->selected);
	const struct snapshot_probe *probe;

	if (index == VIEW_NOTHING)
		return false;
	probe = &scene->snapshot.probes->probes.items[index];
	put_question(probe->from, probe->to, probe->protocol, text, size);
	return true;
}

bool view_flow_question(const struct snapshot_flow *flow, char *text, size_t size)
{
	bool is_in = !strcmp(flow->direction, "Inbound");
	char protocol[24] = "icmp";

	if (!strcasecmp(flow->protocol, "Tcp") || !strcasecmp(flow->protocol, "Udp"))
		(void)snprintf(protocol, sizeof(protocol), "%s:%lld", flow->protocol,
			       (long long)flow->destination_port);
	else if (strcasecmp(flow->protocol, "Icmp") != 0)
		return false;
	put_question(is_in ? flow->source : flow->vm, is_in ? flow->vm : flow->destination,
		     protocol, text, size);
	return true;
}

/* ---- the view ---- */

static size_t detail_count(const struct scene *scene, const struct view_state *v, unsigned cols)
{
	struct arena *arena;
	size_t count;

	(void)v;
	if (!path_of(scene))
		return 0;
	arena = arena_new();
	count = why_lines(scene, cols, true, arena).count;
	arena_free(arena);
	return count + 1; /* the title stays above them */
}

/* The question and its answer; how much there is below, and what can be done, where there is room.
 */
static void draw_title(const struct scene *scene, size_t below, struct grid *g)
{
	const struct snapshot_path *path = path_of(scene);
	struct why_verdict verdict = view_why_verdict(scene);
	char more[64] = "";
	unsigned col;

	col = grid_put(g, 0, 0, STYLE_NEW, "%s",
		       view_is_new(scene, scene->why_news.at) ? grid_glyph(g, GLYPH_NEW) : " ");
	col = grid_put(g, 0, col, verdict.style, "%s ", grid_glyph(g, verdict.glyph));
	col = grid_put(g, 0, col, STYLE_TITLE, "%s %s %s  %s", path->from,
		       grid_glyph(g, GLYPH_ARROW), path->to, path->protocol);
	col = grid_put(g, 0, col, verdict.style, "  %s", verdict.words);
	if (scene->why.is_asking)
		col = grid_put(g, 0, col, STYLE_WAITING, "  asks");
	if (below)
		(void)snprintf(more, sizeof(more), "%zu more lines ", below);
	if (col + 24 + text_width(more) < g->cols)
		grid_put_right(g, 0, STYLE_DIM, "e asks anew  %s", more);
	else if (col + 2 + text_width(more) < g->cols)
		grid_put_right(g, 0, STYLE_DIM, "%s", more);
}

static void draw_line(const struct why_line *line, struct grid *g, unsigned row)
{
	for (unsigned i = 0; i < line->count; i++)
		(void)grid_put_field(g, row, line->spans[i].col, line->spans[i].width,
				     line->spans[i].style, line->spans[i].text);
}

static void say_nothing(const struct scene *scene, struct grid *g)
{
	if (scene->snapshot.path_refusal)
		view_say(g, scene->snapshot.path_refusal);
	else if (*scene->asked)
		view_say(g, "the lab is asked");
	else
		view_say(g, g->cols >= 60 ? "Does a flow work, and why? e asks: SRC DST PROTOCOL"
					  : "e asks about a flow");
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	unsigned rows = g->rows ? g->rows - 1 : 0;
	size_t first = v->detail_top;
	struct why_lines lines;
	struct arena *arena;

	if (!path_of(scene)) {
		say_nothing(scene, g);
		return;
	}
	arena = arena_new();
	lines = why_lines(scene, g->cols, g->is_ascii, arena);
	if (first + rows > lines.count)
		first = lines.count > rows ? lines.count - rows : 0;
	draw_title(scene, lines.count > first + rows ? lines.count - first - rows : 0, g);
	for (unsigned row = 0; row < rows && first + row < lines.count; row++)
		draw_line(&lines.items[first + row], g, row + 1);
	if (g->cols >= WHY_COLS_WIDE) {
		struct grid below = grid_window(g, 1, 0, rows, g->cols);

		grid_column_rule(&below, WHY_RULE(g->cols));
	}
	arena_free(arena);
}

const struct view view_why = {
	.digit = '6',
	.name = "why",
	.words = "one flow: its ways there and back, why it works or not, what mends it",
	.is_page = true,
	.detail_count = detail_count,
	.draw = draw,
};
