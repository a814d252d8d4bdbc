/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which rows a list has, and in which order: those behind the filter, sorted if somebody asked. */
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool view_passes(const struct view *view, const struct scene *scene, const struct view_state *v,
		 size_t index)
{
	struct view_state other;

	if (*v->filter != '!')
		return view->passes(scene, v, index);
	other = *v; /* those that are rows at all, without those that have the words */
	*other.filter = '\0';
	if (!view->passes(scene, &other, index))
		return false;
	(void)snprintf(other.filter, sizeof(other.filter), "%s", v->filter + 1);
	return !*other.filter || !view->passes(scene, &other, index);
}

static const struct view_sort *sort_of(const struct view *view, const struct view_state *v)
{
	for (const struct view_sort *sort = view->sorts; sort && sort->letter; sort++)
		if (sort->letter == v->sort)
			return sort;
	return NULL;
}

struct sorting {
	const struct scene *scene;
	const struct view_sort *sort;
	int sign;
};

/* What is equal stays in its order. */
static int compare(const void *a, const void *b, void *arg)
{
	const size_t *x = a, *y = b;
	const struct sorting *sorting = arg;
	int by = sorting->sort->compare(sorting->scene, *x, *y) * sorting->sign;

	return by ? by : (*x > *y) - (*x < *y);
}

size_t view_order(const struct view *view, const struct scene *scene, const struct view_state *v,
		  size_t **ret_indices)
{
	size_t total = view->total ? view->total(scene) : 0, count = 0;
	size_t *indices = calloc(total + 1, sizeof(*indices));
	struct sorting sorting = { scene, sort_of(view, v), v->is_reversed ? -1 : 1 };

	if (!indices)
		abort();
	for (size_t i = 0; i < total; i++)
		if (view_passes(view, scene, v, i))
			indices[count++] = i;
	if (sorting.sort)
		qsort_r(indices, count, sizeof(*indices), compare, &sorting);
	*ret_indices = indices;
	return count;
}

size_t view_count(const struct view *view, const struct scene *scene, const struct view_state *v)
{
	size_t total = view->total ? view->total(scene) : 0, count = 0;

	for (size_t i = 0; i < total; i++)
		count += view_passes(view, scene, v, i);
	return count;
}

size_t view_at(const struct view *view, const struct scene *scene, const struct view_state *v,
	       size_t row)
{
	size_t total = view->total ? view->total(scene) : 0, found = VIEW_NOTHING, *indices;

	if (!sort_of(view, v)) {
		for (size_t i = 0; i < total; i++)
			if (view_passes(view, scene, v, i) && !row--)
				return i;
		return VIEW_NOTHING;
	}
	if (row < view_order(view, scene, v, &indices))
		found = indices[row];
	free(indices);
	return found;
}

unsigned view_rows(const struct view *view, const struct scene *scene, const struct view_state *v,
		   unsigned rows, size_t ret_indices[VIEW_ROWS_MAX], size_t *ret_first)
{
	size_t *indices, count = view_order(view, scene, v, &indices);
	unsigned out = 0;

	rows = rows < VIEW_ROWS_MAX ? rows : VIEW_ROWS_MAX;
	*ret_first = view_first_row(v, count, rows);
	while (out < rows && *ret_first + out < count) {
		ret_indices[out] = indices[*ret_first + out];
		out++;
	}
	free(indices);
	return out;
}

void view_hits(const struct view *view, const struct scene *scene, const struct view_state *v,
	       size_t *ret_hits, size_t *ret_all)
{
	struct view_state all = *v;

	if (view->hits) {
		view->hits(scene, v, ret_hits, ret_all);
		return;
	}
	*all.filter = '\0';
	*ret_hits = view_count(view, scene, v);
	*ret_all = view_count(view, scene, &all);
}

unsigned view_heading(struct grid *g, unsigned row, unsigned col, unsigned width,
		      const struct view_state *v, char letter, const char *text)
{
	char marked[64];

	if (v->sort != letter)
		return grid_put_field(g, row, col, width, STYLE_HEADING, text);
	(void)snprintf(marked, sizeof(marked), "%s%s", text,
		       grid_glyph(g, v->is_reversed ? GLYPH_SORT_DOWN : GLYPH_SORT_UP));
	return grid_put_field(g, row, col, width, STYLE_TITLE, marked);
}

int view_compare_texts(const char *a, const char *b)
{
	return strverscmp(a ? a : "", b ? b : ""); /* 10.0.0.9 stands before 10.0.0.10 */
}

int view_compare_numbers(double a, double b)
{
	return (a > b) - (a < b);
}
