/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/why_lines.h"

#include "lab/render/path_picture.h"
#include "lab/render/why.h"

#include <string.h>

#define NODES_MOST 26

struct page {
	const struct scene *scene;
	const struct snapshot_path *path;
	struct arena *arena;
	struct grid glyphs; /* without cells: whose glyphs are meant */
	unsigned cols;      /* of what is laid out now */
	struct why_lines lines;
};

static struct why_line *add_line(struct page *p)
{
	return ARENA_PUSH(p->arena, p->lines.items, p->lines.count);
}

static void add_span(struct why_line *line, unsigned col, unsigned width, enum style style,
		     const char *text)
{
	if (line->count < WHY_SPANS_MAX && width)
		line->spans[line->count++] = (struct why_span){ col, width, style, text };
}

static unsigned from(const struct page *p, unsigned col)
{
	return p->cols > col ? p->cols - col : 0;
}

static void add_text(struct page *p, unsigned col, enum style style, const char *text)
{
	add_span(add_line(p), col, from(p, col), style, text);
}

static void add_wrapped(struct page *p, unsigned col, enum style style, const char *text)
{
	unsigned width = from(p, col + 1);
	struct texts lines = why_wrap(text, width, width, p->arena);

	for (size_t i = 0; i < lines.count; i++)
		add_text(p, col, style, lines.items[i]);
}

/* Behind a glyph: all glyphs take one column, so that lines break alike whatever they are. */
static void add_marked(struct page *p, unsigned col, enum style style, enum glyph glyph,
		       const char *text)
{
	unsigned width = from(p, col + 3);
	struct texts lines = why_wrap(text, width, width, p->arena);
	struct why_line *line = add_line(p);

	add_span(line, col, 1, style, grid_glyph(&p->glyphs, glyph));
	for (size_t i = 0; i < lines.count; i++) {
		line = i ? add_line(p) : line;
		add_span(line, col + 2, from(p, col + 2), style, lines.items[i]);
	}
}

static void add_blank(struct page *p)
{
	(void)add_line(p);
}

/* ---- both ways ---- */

static enum style cell_style(const struct picture_cell *cell)
{
	switch (cell->glyph) {
	case PICTURE_NODE:
		return STYLE_TEXT;
	case PICTURE_DOWN:
	case PICTURE_UP:
	case PICTURE_ON:
	case PICTURE_MORE:
	case PICTURE_NONE:
		return STYLE_DIM;
	case PICTURE_STOP:
		return STYLE_BAD;
	}
	return STYLE_TEXT;
}

static void add_cell(struct page *p, struct why_line *line, unsigned col, unsigned width,
		     const struct picture_cell *cell)
{
	bool is_node = cell->glyph == PICTURE_NODE;

	add_span(line, col, 1, is_node ? STYLE_TITLE : cell_style(cell),
		 picture_glyph(cell->glyph, p->glyphs.is_ascii));
	if (*cell->text)
		add_span(line, col + 2, width > 2 ? width - 2 : 0, cell_style(cell), cell->text);
}

static void add_picture(struct page *p)
{
	unsigned width = p->cols > 3 ? (p->cols - 3) / 2 : 1;
	struct path_picture picture;
	struct why_line *line;

	path_picture(p->path, SIZE_MAX, &picture, p->arena);
	line = add_line(p);
	add_span(line, 1, width, STYLE_HEADING, "THERE");
	if (picture.has_back)
		add_span(line, width + 2, width, STYLE_HEADING, "BACK");
	for (size_t i = 0; i < picture.count; i++) {
		line = add_line(p);
		add_cell(p, line, 1, picture.has_back ? width : from(p, 1), &picture.there[i]);
		if (picture.has_back && picture.back[i].glyph != PICTURE_NONE)
			add_cell(p, line, width + 2, width, &picture.back[i]);
	}
}

/* ---- how it ends ---- */

static void add_news(struct page *p)
{
	const struct why_news *news = &p->scene->why_news;
	bool is_new = view_is_new(p->scene, news->at);
	char at[16];

	if (!news->at)
		return;
	view_clock(p->scene, news->at, at);
	add_marked(p, 1, is_new ? STYLE_NEW : STYLE_DIM, GLYPH_NEW,
		   arena_printf(p->arena, "%.8s: %s; before: %s", at, news->words, news->before));
}

static void add_end(struct page *p)
{
	const struct why_scene *why = &p->scene->why;
	struct why_verdict verdict = view_why_verdict(p->scene);
	struct path_seen seen = why_seen(p->scene);

	add_marked(p, 1, verdict.style, verdict.glyph, path_sentence(p->path, p->arena));
	if (seen.evidence || (seen.probe && !why->is_asking))
		add_wrapped(p, 3, verdict.style == STYLE_BAD ? STYLE_BAD : STYLE_TEXT,
			    path_observed(p->path, &seen, p->arena));
	if (seen.evidence && seen.evidence->answers.count)
		add_wrapped(p, 3, STYLE_TEXT, path_kernels(p->path, seen.evidence, p->arena));
	if (seen.evidence)
		add_wrapped(p, 3, STYLE_TEXT, path_filters(p->path, seen.evidence, p->arena));
	if (why->error)
		add_wrapped(p, 3, STYLE_BAD, why->error);
	else if (why->is_asking && !seen.evidence)
		add_text(p, 3, STYLE_WAITING, "Kernels are asked, and a packet is sent.");
}

static void add_mend(struct page *p)
{
	const struct path_answer *answer = p->scene->why.answer;
	const struct mend *mend = view_why_mend(p->scene);
	const char *cause = answer && path_has_same_ways(&answer->path, p->path)
				    ? path_cause(&answer->mend, p->arena)
				    : NULL;

	if (!cause)
		return;
	add_blank(p);
	add_wrapped(p, 3, STYLE_TEXT, cause);
	if (!mend)
		return;
	add_wrapped(p, 3, STYLE_KEY,
		    arena_printf(p->arena, "set %s", path_mend_words(mend, p->arena)));
	add_wrapped(p, 3, STYLE_DIM,
		    "mends it, by the model: x has it in the command line, i tells what else it "
		    "changes");
}

/* ---- what decides at each place ---- */

static const struct snapshot_kernel_answer *answer_at(const struct path_seen *seen, const char *way,
						      size_t at)
{
	for (size_t i = 0; seen->evidence && i < seen->evidence->answers.count; i++) {
		const struct snapshot_kernel_answer *answer = &seen->evidence->answers.items[i];

		if (!strcmp(answer->way, way) && answer->at == (int64_t)at)
			return answer;
	}
	return NULL;
}

static void add_kernel(struct page *p, unsigned col, const struct snapshot_kernel_answer *answer)
{
	add_marked(p, col, answer->agrees ? STYLE_DIM : STYLE_BAD,
		   answer->agrees ? GLYPH_GOOD : GLYPH_BAD,
		   arena_printf(p->arena, "kernel: %s", answer->words));
}

static void add_filter(struct page *p, unsigned col, const struct snapshot_filter_answer *answer)
{
	const char *words = path_filter_words(answer, p->arena);

	if (*words)
		add_marked(p, col, answer->agrees ? STYLE_DIM : STYLE_BAD,
			   answer->agrees ? GLYPH_GOOD : GLYPH_BAD, words);
}

static void add_decision(struct page *p, const struct snapshot_decision *d, const char *name,
			 unsigned names, bool is_stop)
{
	unsigned col = names + 3, width = from(p, col + 1);
	const char *text = d->words;
	struct texts lines;

	if (d->place)
		text = arena_printf(p->arena, "%s (%s)", text, d->place);
	if (d->beaten)
		text = arena_printf(p->arena, "%s; it beats %s", text, d->beaten);
	lines = why_wrap(text, width, width, p->arena);
	for (size_t i = 0; i < lines.count; i++) {
		struct why_line *line = add_line(p);

		add_span(line, 1, names, STYLE_TITLE, i ? "" : name);
		add_span(line, col, from(p, col), is_stop ? STYLE_BAD : STYLE_TEXT, lines.items[i]);
	}
}

static unsigned longest_name(const struct page *p)
{
	const struct snapshot_decisions *const legs[] = { &p->path->there, &p->path->back };
	unsigned most = p->cols / 3 < NODES_MOST ? p->cols / 3 : NODES_MOST, width = 4;

	for (size_t l = 0; l < ARRAY_SIZE(legs); l++)
		for (size_t i = 0; i < legs[l]->count; i++)
			if (text_width(legs[l]->items[i].node) > width)
				width = text_width(legs[l]->items[i].node);
	return width < most ? width : most;
}

static void add_leg(struct page *p, const char *title, const char *way,
		    const struct snapshot_decisions *leg, bool is_complete)
{
	struct path_seen seen = why_seen(p->scene);
	unsigned names = longest_name(p);
	const char *before = "";

	if (!leg->count)
		return;
	if (p->lines.count)
		add_blank(p);
	add_text(p, 1, STYLE_HEADING, title);
	for (size_t i = 0; i < leg->count; i++) {
		const struct snapshot_decision *d = &leg->items[i];
		const struct snapshot_kernel_answer *answer = answer_at(&seen, way, i);
		const struct snapshot_filter_answer *filter = path_find_filter(&seen, way, i);
		bool is_stop = !is_complete && i + 1 == leg->count;

		add_decision(p, d, strcmp(d->node, before) != 0 ? d->node : "", names, is_stop);
		if (answer)
			add_kernel(p, names + 3, answer);
		if (filter)
			add_filter(p, names + 3, filter);
		before = d->node;
	}
}

static void add_places(struct page *p)
{
	bool returns = p->path->is_answered || p->path->is_by_flow;

	add_leg(p, "WHAT DECIDES, THERE", "there", &p->path->there,
		returns || p->path->back.count > 0);
	add_leg(p, "WHAT DECIDES, BACK", "back", &p->path->back, returns);
}

/* ---- all of it ---- */

static void add_head(struct page *p)
{
	add_news(p);
	add_wrapped(p, 1, STYLE_DIM, path_ways(p->path, p->arena));
	add_picture(p);
	add_blank(p);
	add_end(p);
	add_mend(p);
}

/* The lines of one page beside those of the other. */
static struct why_lines beside(const struct page *left, const struct page *right, unsigned col)
{
	size_t count =
		left->lines.count > right->lines.count ? left->lines.count : right->lines.count;
	struct why_lines out = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct why_line *line = ARENA_PUSH(left->arena, out.items, out.count);

		if (i < left->lines.count)
			*line = left->lines.items[i];
		for (unsigned n = 0; i < right->lines.count && n < right->lines.items[i].count;
		     n++) {
			const struct why_span *span = &right->lines.items[i].spans[n];

			add_span(line, span->col + col + 1, span->width, span->style, span->text);
		}
	}
	return out;
}

struct why_lines why_lines(const struct scene *scene, unsigned cols, bool is_ascii,
			   struct arena *arena)
{
	struct page left = { .scene = scene,
			     .path = scene->snapshot.path,
			     .arena = arena,
			     .glyphs = { .is_ascii = is_ascii },
			     .cols = cols };
	struct page right = left;

	if (cols < WHY_COLS_WIDE) {
		add_head(&left);
		add_places(&left);
		return left.lines;
	}
	left.cols = WHY_RULE(cols);
	right.cols = cols - left.cols - 1;
	add_head(&left);
	add_places(&right);
	return beside(&left, &right, left.cols);
}
