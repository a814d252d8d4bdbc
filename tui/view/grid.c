/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/grid.h"

#include "lab/base/utf8.h"
#include "tui/view/theme.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const char *const glyphs[GLYPH_COUNT][2] = {
	[GLYPH_GOOD] = { "+", "✓" },    [GLYPH_BAD] = { "!", "✗" },
	[GLYPH_WAITING] = { "?", "?" }, [GLYPH_EXPECTED] = { "-", "⊘" },
	[GLYPH_CURSOR] = { ">", "▸" },  [GLYPH_NEW] = { "*", "*" },
	[GLYPH_LOST] = { "x", "×" },    [GLYPH_ELLIPSIS] = { "~", "…" },
	[GLYPH_ARROW] = { "->", "→" },  [GLYPH_RULE] = { "-", "─" },
	[GLYPH_COLUMN] = { "|", "│" },  [GLYPH_BEST] = { "=", "●" },
	[GLYPH_SORT_UP] = { "^", "▲" }, [GLYPH_SORT_DOWN] = { "v", "▼" },
};

void grid_init(struct grid *g, unsigned rows, unsigned cols, bool is_ascii)
{
	*g = (struct grid){ .rows = rows, .cols = cols, .stride = cols, .is_ascii = is_ascii };
	g->cells = calloc((size_t)rows * cols + 1, sizeof(*g->cells));
	if (!g->cells)
		abort();
	for (size_t i = 0; i < (size_t)rows * cols; i++)
		g->cells[i].ch = ' ';
}

void grid_fini(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){ 0 };
}

struct grid grid_window(const struct grid *g, unsigned row, unsigned col, unsigned rows,
			unsigned cols)
{
	struct grid window = *g;

	row = row < g->rows ? row : g->rows;
	col = col < g->cols ? col : g->cols;
	window.rows = rows < g->rows - row ? rows : g->rows - row;
	window.cols = cols < g->cols - col ? cols : g->cols - col;
	window.cells = g->cells + (size_t)row * g->stride + col;
	return window;
}

const char *grid_glyph(const struct grid *g, enum glyph glyph)
{
	return glyphs[glyph][!g->is_ascii];
}

unsigned text_width(const char *text)
{
	unsigned width = 0;

	for (; *text; width++)
		(void)utf8_next(&text);
	return width;
}

/* Is it among what the glyphs and sparklines are made of, or known to be one column wide? */
static bool is_one_column(uint32_t ch)
{
	return (ch >= ' ' && ch < 127) || (ch >= 0xa1 && ch < 0x300) ||
	       (ch >= 0x370 && ch < 0x530) || (ch >= 0x2010 && ch < 0x2028) ||
	       (ch >= 0x2190 && ch < 0x2320) || (ch >= 0x2500 && ch < 0x25fd) ||
	       (ch >= 0x2713 && ch < 0x2718);
}

static unsigned put_text(struct grid *g, unsigned row, unsigned col, unsigned end, enum style style,
			 const char *text)
{
	if (end > g->cols)
		end = g->cols;
	if (row >= g->rows)
		return col < g->cols ? col : g->cols;
	while (*text && col < end) {
		uint32_t ch = utf8_next(&text);
		struct cell *cell = &g->cells[(size_t)row * g->stride + col++];

		cell->ch = is_one_column(ch) && (ch < 127 || !g->is_ascii) ? ch : '?';
		cell->style = (uint8_t)style;
	}
	return col < g->cols ? col : g->cols;
}

unsigned grid_put(struct grid *g, unsigned row, unsigned col, enum style style, const char *fmt,
		  ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return put_text(g, row, col, g->cols, style, text);
}

unsigned grid_put_field(struct grid *g, unsigned row, unsigned col, unsigned width,
			enum style style, const char *text)
{
	unsigned end = col + width < g->cols ? col + width : g->cols;

	if (col >= end || row >= g->rows)
		return end;
	col = put_text(g, row, col, end, style, text);
	if (text_width(text) > width)
		(void)put_text(g, row, end - 1, end, style, grid_glyph(g, GLYPH_ELLIPSIS));
	while (col < end)
		col = put_text(g, row, col, end, style, " ");
	return end;
}

void grid_put_right(struct grid *g, unsigned row, enum style style, const char *fmt, ...)
{
	char text[512];
	unsigned width;
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	width = text_width(text);
	(void)put_text(g, row, width < g->cols ? g->cols - width : 0, g->cols, style, text);
}

unsigned grid_put_words(struct grid *g, unsigned row, unsigned col, enum style style,
			const char *text)
{
	unsigned width = g->cols > col + 1 ? g->cols - col - 1 : 1;

	while (*text && row < g->rows) {
		size_t len = strlen(text), cut = len <= width ? len : width;

		while (cut < len && cut && text[cut] != ' ')
			cut--;
		if (!cut)
			cut = len < width ? len : width;
		(void)grid_put(g, row++, col, style, "%.*s", (int)cut, text);
		text += cut;
		while (*text == ' ')
			text++;
	}
	return row;
}

void grid_clear(struct grid *g)
{
	for (unsigned row = 0; row < g->rows; row++)
		for (unsigned col = 0; col < g->cols; col++)
			g->cells[(size_t)row * g->stride + col] = (struct cell){ .ch = ' ' };
}

void grid_fill(struct grid *g, unsigned row, enum style style)
{
	for (unsigned col = 0; row < g->rows && col < g->cols; col++)
		g->cells[(size_t)row * g->stride + col].style = (uint8_t)style;
}

void grid_select(struct grid *g, unsigned row)
{
	for (unsigned col = 0; row < g->rows && col < g->cols; col++)
		g->cells[(size_t)row * g->stride + col].is_selected = true;
}

void grid_rule(struct grid *g, unsigned row)
{
	for (unsigned col = 0; col < g->cols; col++)
		(void)grid_put(g, row, col, STYLE_DIM, "%s", grid_glyph(g, GLYPH_RULE));
}

void grid_column_rule(struct grid *g, unsigned col)
{
	for (unsigned row = 0; row < g->rows; row++)
		(void)grid_put(g, row, col, STYLE_DIM, "%s", grid_glyph(g, GLYPH_COLUMN));
}

static void print_character(uint32_t ch, FILE *out)
{
	char text[UTF8_SIZE];
	size_t len = utf8_put(ch, text);

	(void)fwrite(text, 1, len, out);
}

static bool is_blank(const struct cell *cell)
{
	return cell->ch == ' ';
}

void grid_print(const struct grid *g, FILE *out)
{
	for (unsigned row = 0; row < g->rows; row++) {
		const struct cell *cells = &g->cells[(size_t)row * g->stride];
		unsigned end = g->cols;

		while (end && is_blank(&cells[end - 1]))
			end--;
		for (unsigned col = 0; col < end; col++)
			print_character(cells[col].ch, out);
		(void)fputc('\n', out);
	}
}

void grid_print_ansi(const struct grid *g, bool is_colour, FILE *out)
{
	for (unsigned row = 0; row < g->rows; row++) {
		const struct cell *cells = &g->cells[(size_t)row * g->stride];

		for (unsigned col = 0; col < g->cols; col++) {
			if (!col || cells[col].style != cells[col - 1].style ||
			    cells[col].is_selected != cells[col - 1].is_selected)
				theme_print(theme_look(cells[col].style, cells[col].is_selected,
						       is_colour ? THEME_DARK : THEME_MONO),
					    out);
			print_character(cells[col].ch, out);
		}
		(void)fputs("\033[0m\n", out);
	}
}
