/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/line.h"

#include "lab/base/utf8.h"
#include "tui/view/keymap.h"

#include <stdio.h>
#include <string.h>

void line_set(struct line *line, const char *text)
{
	(void)snprintf(line->text, sizeof(line->text), "%s", text);
	line->cursor = strlen(line->text);
}

static size_t previous_character(const char *text, size_t at)
{
	while (at && (text[--at] & 0xc0) == 0x80)
		;
	return at;
}

size_t line_next(const char *text, size_t at)
{
	if (text[at])
		at++;
	while ((text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

static void erase(struct line *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, strlen(line->text + to) + 1);
	line->cursor = from;
}

static void insert(struct line *line, uint32_t ch)
{
	char bytes[UTF8_SIZE];
	size_t len = utf8_put(ch, bytes), all = strlen(line->text);

	if (ch >= 0x10000 || all + len >= sizeof(line->text))
		return;
	memmove(line->text + line->cursor + len, line->text + line->cursor, all - line->cursor + 1);
	memcpy(line->text + line->cursor, bytes, len);
	line->cursor += len;
}

bool line_key(struct line *line, uint32_t key)
{
	switch (key) {
	case KEY_CODE_BACKSPACE:
	case '\b':
		if (!*line->text)
			return false;
		erase(line, previous_character(line->text, line->cursor), line->cursor);
		return true;
	case KEY_CODE_DELETE:
		erase(line, line->cursor, line_next(line->text, line->cursor));
		return true;
	case KEY_CODE_LEFT:
		line->cursor = previous_character(line->text, line->cursor);
		return true;
	case KEY_CODE_RIGHT:
		line->cursor = line_next(line->text, line->cursor);
		return true;
	case KEY_CODE_HOME:
	case KEY_CTRL('a'):
		line->cursor = 0;
		return true;
	case KEY_CODE_END:
	case KEY_CTRL('e'):
		line->cursor = strlen(line->text);
		return true;
	case KEY_CTRL('u'):
		erase(line, 0, line->cursor);
		return true;
	case KEY_CTRL('w'): {
		size_t from = line->cursor;

		while (from && line->text[from - 1] == ' ')
			from--;
		while (from && line->text[from - 1] != ' ')
			from--;
		erase(line, from, line->cursor);
		return true;
	}
	default:
		if (key < ' ' || key >= KEY_BASE)
			return false;
		insert(line, key);
		return true;
	}
}
