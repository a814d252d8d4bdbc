/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who reaches whom, as a heat map: view 5 in another form, or a mesh of all pairs. */
#include "tui/view/view.h"

#include "lab/render/why.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MOST 20
#define CELL_MOST  17 /* columns of the screen, for those that have their names above them */

/* What is wrong glows: it is what one looks for among very many. */
static const struct {
	enum glyph glyph;
	enum style style, cell;
	const char *words;
} looks[HEAT_COUNT] = {
	[HEAT_GOOD] = { GLYPH_GOOD, STYLE_GOOD, STYLE_GOOD, "as predicted" },
	[HEAT_EXPECTED] = { GLYPH_EXPECTED, STYLE_EXPECTED, STYLE_EXPECTED, "fail as predicted" },
	[HEAT_BAD] = { GLYPH_BAD, STYLE_BAD, STYLE_BAR_BAD, "not as predicted" },
	[HEAT_WAITING] = { GLYPH_WAITING, STYLE_WAITING, STYLE_WAITING, "not known" },
};

/* Where things are, at one size. */
struct matrix {
	const struct heat *heat;
	unsigned names;      /* columns of the screen for those of rows */
	unsigned cell;       /* for each cell */
	bool has_names;      /* of columns stand above them, else their numbers */
	unsigned head;       /* lines above the rows */
	unsigned foot;       /* and below them */
	size_t first, count; /* columns of the matrix that are shown */
};

static unsigned digits_of(size_t number)
{
	unsigned digits = 1;

	for (; number >= 10; number /= 10)
		digits++;
	return digits;
}

static unsigned longest(const struct texts *names, unsigned most)
{
	unsigned width = 0;

	for (size_t i = 0; i < names->count; i++)
		if (text_width(names->items[i]) > width)
			width = text_width(names->items[i]);
	return width < most ? width : most;
}

static struct matrix lay_out(const struct scene *scene, const struct view_state *v, unsigned rows,
			     unsigned cols)
{
	const struct heat *heat = scene->heat;
	struct matrix m = { .heat = heat, .foot = rows >= 18 ? 4 : rows >= 12 ? 2 : 1 };
	size_t count = heat->columns.count, column = v->column < count ? v->column : 0;
	unsigned width = longest(&heat->columns, CELL_MOST), room;

	/* the cursor, the name, a blank; without names of columns a number and a blank, too */
	m.names = longest(&heat->rows, cols >= 60 ? NAMES_MOST : 10) + 2;
	m.has_names = m.names + (width + 1) * count <= cols;
	m.names += m.has_names ? 0 : digits_of(count) + 1;
	room = cols > m.names ? cols - m.names : 1;
	m.cell = m.has_names ? width + 1 : 2 * count <= room ? 2 : 1;
	m.head = 1 + (m.has_names ? 1 : digits_of(count));
	m.count = room / m.cell ? room / m.cell : 1;
	/* by whole pages, so that nothing moves while the selected one does */
	m.first = column / m.count * m.count;
	if (m.count > count - m.first)
		m.count = count - m.first;
	return m;
}

static size_t total(const struct scene *scene)
{
	return scene->heat && scene->heat->columns.count ? scene->heat->rows.count : 0;
}

static bool has_bad(const struct heat *heat, size_t row)
{
	for (size_t i = 0; i < heat->columns.count; i++)
		if (heat_at(heat, row, i) == HEAT_BAD)
			return true;
	return false;
}

static bool passes(const struct scene *scene, const struct view_state *v, size_t index)
{
	const char *texts[] = { scene->heat->rows.items[index], NULL };

	if (!*v->filter)
		return true;
	texts[1] = has_bad(scene->heat, index) ? "red" : NULL;
	return view_has(v, texts, ARRAY_SIZE(texts));
}

static void name_of(const struct scene *scene, size_t index, char name[VIEW_NAME])
{
	(void)snprintf(name, VIEW_NAME, "%s", scene->heat->rows.items[index]);
}

static unsigned list_rows(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols)
{
	struct matrix m;

	if (!total(scene))
		return 0;
	m = lay_out(scene, v, rows, cols);
	return rows > m.head + m.foot ? rows - m.head - m.foot : 0;
}

bool view_matrix_question(const struct scene *scene, const struct view_state *v, char *text,
			  size_t size)
{
	size_t row = view_at(&view_matrix, scene, v, v->selected);
	const struct heat *heat = scene->heat;
	struct arena *arena;

	if (row == VIEW_NOTHING || v->column >= heat->columns.count ||
	    heat_at(heat, row, v->column) == HEAT_SELF)
		return false;
	arena = arena_new();
	(void)snprintf(text, size, "%s %s %s", heat->rows.items[row],
		       heat->columns.items[v->column],
		       heat_protocol(heat, scene->snapshot.probes, row, v->column, arena));
	arena_free(arena);
	return true;
}

/* ---- moving ---- */

void view_matrix_move(const struct scene *scene, struct view_state *v, int by)
{
	size_t count = total(scene) ? scene->heat->columns.count : 0;

	if (count)
		v->column = (v->column % count + count + (size_t)by) % count;
}

/* In the order of reading, from the pair behind the selected one on. */
bool view_matrix_next_finding(const struct scene *scene, struct view_state *v)
{
	size_t *indices, rows = view_order(&view_matrix, scene, v, &indices), left;
	size_t columns = rows ? scene->heat->columns.count : 0;
	size_t row = v->selected, column = v->column;

	for (left = rows * columns; left > 0; left--) {
		enum heat_cell cell;

		if (++column >= columns) {
			column = 0;
			row = (row + 1) % rows;
		}
		cell = heat_at(scene->heat, indices[row], column);
		if (cell != HEAT_BAD && cell != HEAT_WAITING)
			continue;
		v->selected = row;
		v->column = column;
		name_of(scene, indices[row], v->name);
		break;
	}
	free(indices);
	return left > 0;
}

/* ---- drawing ---- */

static void draw_title(const struct scene *scene, struct grid *g)
{
	static const enum heat_cell shown[] = { HEAT_BAD, HEAT_WAITING, HEAT_EXPECTED, HEAT_GOOD };
	const struct mesh_scene *mesh = &scene->mesh;
	unsigned col = 1;
	char at[16];

	if (!scene->shows_mesh) {
		col = grid_put(g, 0, col, STYLE_TITLE, "the lab's probes");
	} else if (mesh->seen) {
		view_clock(scene, mesh->seen_at, at);
		col = grid_put(g, 0, col, STYLE_TITLE, "all pairs, %s, at %.8s",
			       mesh->seen->protocol, at);
	} else {
		col = grid_put(g, 0, col, STYLE_TITLE, "all pairs");
	}
	if (scene->shows_mesh && mesh->is_running)
		col = grid_put(g, 0, col, STYLE_WAITING, "  asks: %lld of %lld",
			       (long long)mesh->decided, (long long)mesh->pairs);
	else if (scene->shows_mesh && mesh->error)
		col = grid_put(g, 0, col, STYLE_BAD, "  %s", mesh->error);
	for (size_t i = 0; scene->heat && i < ARRAY_SIZE(shown); i++) {
		size_t count = scene->heat->counts[shown[i]];

		if (!count)
			continue;
		col = grid_put(g, 0, col, looks[shown[i]].style, "  %s %zu",
			       grid_glyph(g, looks[shown[i]].glyph), count);
		if (g->cols >= 110)
			col = grid_put(g, 0, col, STYLE_DIM, " %s", looks[shown[i]].words);
	}
}

/* Names, or numbers from above to below; of the selected one they stand out. */
static void draw_head(const struct matrix *m, const struct view_state *v, struct grid *g)
{
	unsigned digits = m->head - 1;

	for (size_t i = 0; i < m->count; i++) {
		unsigned col = m->names + (unsigned)i * m->cell;
		size_t column = m->first + i, power = 1;
		enum style style = column == v->column ? STYLE_KEY : STYLE_HEADING;

		if (m->has_names) {
			(void)grid_put_field(g, 1, col, m->cell - 1, style,
					     m->heat->columns.items[column]);
			continue;
		}
		for (unsigned row = digits; row > 0; row--, power *= 10)
			if (column + 1 >= power)
				(void)grid_put(g, row, col, style, "%zu",
					       (column + 1) / power % 10);
	}
}

static void put_cell(const struct matrix *m, enum heat_cell cell, bool is_selected, struct grid *g,
		     unsigned row, unsigned col)
{
	unsigned width = m->cell > 1 ? m->cell - 1 : 1;

	if (looks[cell].words)
		(void)grid_put_field(g, row, col, width, looks[cell].cell,
				     grid_glyph(g, looks[cell].glyph));
	else
		(void)grid_put(g, row, col, STYLE_DIM, "%s", cell == HEAT_NONE ? "." : " ");
	for (unsigned i = 0; is_selected && i < width && col + i < g->cols; i++)
		g->cells[row * g->stride + col + i].is_selected = true;
}

static void draw_row(const struct matrix *m, const struct view_state *v, size_t row,
		     bool is_selected, struct grid *g, unsigned at)
{
	unsigned digits = digits_of(m->heat->columns.count), col;

	(void)grid_put(g, at, 0, STYLE_KEY, "%s", is_selected ? grid_glyph(g, GLYPH_CURSOR) : " ");
	col = m->has_names ? 1 : grid_put(g, at, 1, STYLE_DIM, "%*zu ", (int)digits, row + 1);
	(void)grid_put_field(g, at, col, m->names - col - 1, is_selected ? STYLE_KEY : STYLE_TEXT,
			     m->heat->rows.items[row]);
	for (size_t i = 0; i < m->count; i++)
		put_cell(m, heat_at(m->heat, row, m->first + i),
			 is_selected && m->first + i == v->column, g, at,
			 m->names + (unsigned)i * m->cell);
}

/* What is known of the selected pair. */
static void draw_foot(const struct matrix *m, const struct view_state *v,
		      const struct snapshot_probes *probes, size_t row, struct grid *g)
{
	struct arena *arena = arena_new();
	unsigned at = g->rows - m->foot, col;
	enum heat_cell cell = heat_at(m->heat, row, v->column);
	enum style style = looks[cell].words ? looks[cell].style : STYLE_DIM;
	const char *words = heat_words(m->heat, probes, row, v->column, arena);

	if (m->foot > 1)
		grid_rule(g, at++);
	if (cell == HEAT_SELF) {
		(void)grid_put(g, at, 1, STYLE_DIM, "%s: the machine itself",
			       m->heat->rows.items[row]);
	} else {
		struct texts lines;

		col = grid_put(g, at, 1, STYLE_TITLE, "%s %s %s", m->heat->rows.items[row],
			       grid_glyph(g, GLYPH_ARROW), m->heat->columns.items[v->column]);
		col = grid_put(g, at, col, style, "  %s ",
			       looks[cell].words ? grid_glyph(g, looks[cell].glyph) : "");
		lines = why_wrap(words, col < g->cols ? g->cols - col : 1,
				 g->cols > 2 ? g->cols - 2 : 1, arena);
		for (unsigned i = 0; i < lines.count && at + i < g->rows; i++)
			(void)grid_put(g, at + i, i ? 1 : col, style, "%s", lines.items[i]);
		if (lines.count < 3 && m->foot > 2)
			(void)grid_put(g, g->rows - 1, 1, STYLE_DIM,
				       "Enter why  M asks all pairs now  m other forms");
	}
	arena_free(arena);
}

static void draw(const struct scene *scene, const struct view_state *v, struct grid *g)
{
	size_t indices[VIEW_ROWS_MAX], first, selected;
	struct matrix m;
	unsigned rows;

	draw_title(scene, g);
	if (!total(scene)) {
		view_say(g, scene->shows_mesh && scene->mesh.is_running ? "machines are asked"
									: "no pairs: M asks all");
		return;
	}
	m = lay_out(scene, v, g->rows, g->cols);
	draw_head(&m, v, g);
	rows = view_rows(&view_matrix, scene, v, list_rows(scene, v, g->rows, g->cols), indices,
			 &first);
	for (unsigned i = 0; i < rows; i++)
		draw_row(&m, v, indices[i], first + i == v->selected, g, m.head + i);
	selected = view_at(&view_matrix, scene, v, v->selected);
	if (selected != VIEW_NOTHING && v->column < m.heat->columns.count && g->rows > m.foot)
		draw_foot(&m, v, scene->snapshot.probes, selected, g);
	if (!rows)
		view_say(g, "no machine matches");
}

const struct view view_matrix = {
	.name = "matrix",
	.words = "who reaches whom, of the probes or of all pairs",
	.total = total,
	.passes = passes,
	.name_of = name_of,
	.list_rows = list_rows,
	.draw = draw,
};
