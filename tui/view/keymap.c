/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/keymap.h"

#include "lab/base/macros.h"
#include "lab/base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct key_row keymap[] = {
	{ ACTION_VIEW, "0-9", "the view of that number", NULL, { 0 }, "view" },
	{ ACTION_NEXT_VIEW, "Tab", "the next view", NULL, { KEY_CODE_TAB }, "next_view" },
	{ ACTION_PREVIOUS_VIEW,
	  "Shift-Tab",
	  "the view before",
	  NULL,
	  { KEY_CODE_BACK_TAB },
	  "previous_view" },
	{ ACTION_UP, "Up, k", "one row up", NULL, { KEY_CODE_UP, 'k', KEY_CTRL('p') }, "up" },
	{ ACTION_DOWN,
	  "Down, j",
	  "one row down",
	  NULL,
	  { KEY_CODE_DOWN, 'j', KEY_CTRL('n') },
	  "down" },
	{ ACTION_LEFT,
	  "Left, h",
	  "back, left; of routes and security: the machine before",
	  NULL,
	  { KEY_CODE_LEFT, 'h' },
	  "left" },
	{ ACTION_RIGHT,
	  "Right, l",
	  "open, right; of routes and security: the next machine",
	  NULL,
	  { KEY_CODE_RIGHT, 'l' },
	  "right" },
	{ ACTION_PAGE_UP,
	  "Page Up, Ctrl-B",
	  "one page up",
	  NULL,
	  { KEY_CODE_PAGE_UP, KEY_CTRL('b') },
	  "page_up" },
	{ ACTION_PAGE_DOWN,
	  "Page Down, Ctrl-F",
	  "one page down",
	  NULL,
	  { KEY_CODE_PAGE_DOWN, KEY_CTRL('f') },
	  "page_down" },
	{ ACTION_FIRST, "Home, g", "the first row", NULL, { KEY_CODE_HOME, 'g' }, "first" },
	{ ACTION_LAST, "End, G", "the last row", NULL, { KEY_CODE_END, 'G' }, "last" },
	{ ACTION_OPEN,
	  "Enter",
	  "open what is selected",
	  "Enter open",
	  { KEY_CODE_ENTER, '\n' },
	  "open" },
	{ ACTION_COMMAND,
	  ":",
	  "a command: any of hublab's, Tab completes",
	  ": command",
	  { ':' },
	  "command" },
	{ ACTION_FILTER,
	  "/",
	  "show only rows with these words; with !WORDS those without",
	  "/ filter",
	  { '/' },
	  "filter" },
	{ ACTION_WHY,
	  "w",
	  "why: of a route or a flow its rules; of the rest as W",
	  NULL,
	  { 'w' },
	  "why" },
	{ ACTION_WAYS,
	  "W",
	  "why: the ways of the selected flow, probe or machine",
	  NULL,
	  { 'W' },
	  "ways" },
	{ ACTION_WHAT_IF,
	  "i",
	  "what if: a packet at the selected machine; of why: its mend",
	  NULL,
	  { 'i' },
	  "what_if" },
	{ ACTION_MATRIX, "m", "of probes: as a matrix, as a list", NULL, { 'm' }, "matrix" },
	{ ACTION_MESH, "M", "ask all pairs of machines, as a matrix", NULL, { 'M' }, "mesh" },
	{ ACTION_NEXT_FINDING,
	  "n",
	  "of a matrix: the next pair that is not as predicted",
	  NULL,
	  { 'n' },
	  "next_finding" },
	{ ACTION_NEXT_PEER,
	  "a",
	  "of gateways: what the next peer is told",
	  NULL,
	  { 'a' },
	  "next_peer" },
	{ ACTION_MENU,
	  "x",
	  "what can be done to what is selected; of why and whatif: that change",
	  "x act",
	  { 'x' },
	  "act" },
	{ ACTION_FAULTS,
	  "f",
	  "faults that are on, and what can be broken",
	  NULL,
	  { 'f' },
	  "faults" },
	{ ACTION_STEPS,
	  "t",
	  "the steps of the lab file, and what becomes of what it expects",
	  NULL,
	  { 't' },
	  "steps" },
	{ ACTION_UNDO, "u", "take back the newest change", NULL, { 'u' }, "undo" },
	{ ACTION_SHELL,
	  "s",
	  "a shell on the selected machine; exit comes back",
	  "s shell",
	  { 's' },
	  "shell" },
	{ ACTION_DESCRIBE,
	  "d",
	  "describe what is selected: all that is known of it",
	  "d describe",
	  { 'd' },
	  "describe" },
	{ ACTION_JSON, "y", "the same as JSON", "y JSON", { 'y' }, "json" },
	{ ACTION_COPY,
	  "c",
	  "copy what is selected: by the terminal, and into a file",
	  "c copy",
	  { 'c' },
	  "copy" },
	{ ACTION_ZOOM,
	  "z",
	  "what is selected on the whole terminal, and back",
	  "z zoom",
	  { 'z' },
	  "zoom" },
	{ ACTION_FREEZE, "Space", "freeze what is shown, and go on", NULL, { ' ' }, "freeze" },
	{ ACTION_SORT,
	  "Shift-letter",
	  "sort rows: by N name, A address and others; again: reversed; a third time: not",
	  NULL,
	  { 0 },
	  "sort" },
	{ ACTION_BACK, "Esc", "back, or drop the filter", "Esc back", { KEY_CODE_ESCAPE }, "back" },
	{ ACTION_CHOOSER, "o", "other labs and templates", NULL, { 'o' }, "labs" },
	{ ACTION_NEW, "N", "of labs: a form for a new one", NULL, { 'N' }, "new" },
	{ ACTION_CHANGE,
	  "e",
	  "build: add, change and remove parts of the lab; of why: another flow",
	  "e build",
	  { 'e' },
	  "build" },
	{ ACTION_EDIT,
	  "E",
	  "the lab file in your editor, then the difference",
	  NULL,
	  { 'E' },
	  "edit" },
	{ ACTION_DUMP,
	  "Ctrl-S, p",
	  "print the screen as text into a file",
	  NULL,
	  { KEY_CTRL('s'), 'p' },
	  "dump" },
	{ ACTION_HELP, "?", "the keys and commands", "? keys", { '?' }, "help" },
	{ ACTION_REDRAW, "Ctrl-L", "draw the screen anew", NULL, { KEY_CTRL('l') }, "redraw" },
	{ ACTION_SUSPEND, "Ctrl-Z", "suspend; fg comes back", NULL, { KEY_CTRL('z') }, "suspend" },
	{ ACTION_QUIT,
	  "q, Ctrl-C",
	  "leave the screen; the lab goes on running",
	  "q quit",
	  { 'q', KEY_CTRL('c') },
	  "quit" },
};
const size_t keymap_count = ARRAY_SIZE(keymap);

/* ---- names of keys ---- */

static const struct {
	const char *name;
	uint32_t key;
} key_names[] = {
	{ "Up", KEY_CODE_UP },
	{ "Down", KEY_CODE_DOWN },
	{ "Left", KEY_CODE_LEFT },
	{ "Right", KEY_CODE_RIGHT },
	{ "Page Up", KEY_CODE_PAGE_UP },
	{ "Page Down", KEY_CODE_PAGE_DOWN },
	{ "Home", KEY_CODE_HOME },
	{ "End", KEY_CODE_END },
	{ "Delete", KEY_CODE_DELETE },
	{ "Shift-Tab", KEY_CODE_BACK_TAB },
	{ "Tab", KEY_CODE_TAB },
	{ "Enter", KEY_CODE_ENTER },
	{ "Enter", '\n' },
	{ "Esc", KEY_CODE_ESCAPE },
	{ "Backspace", KEY_CODE_BACKSPACE },
	{ "Space", ' ' },
};

/* A character alone; 0: it is none. */
static uint32_t character_of(const char *text)
{
	uint32_t ch = *text ? utf8_next(&text) : 0;

	return *text || ch <= ' ' || ch == 127 ? 0 : ch;
}

uint32_t key_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(key_names); i++)
		if (!strcasecmp(key_names[i].name, name))
			return key_names[i].key;
	if (!strncasecmp(name, "Ctrl-", 5) && isalpha((unsigned char)name[5]) && !name[6])
		return KEY_CTRL((uint32_t)name[5]);
	if (!strncasecmp(name, "Shift-", 6) && isalpha((unsigned char)name[6]) && !name[7])
		return (uint32_t)toupper((unsigned char)name[6]);
	return character_of(name);
}

void key_print(uint32_t key, char text[KEY_NAME_SIZE])
{
	for (size_t i = 0; i < ARRAY_SIZE(key_names); i++)
		if (key_names[i].key == key) {
			(void)snprintf(text, KEY_NAME_SIZE, "%s", key_names[i].name);
			return;
		}
	if (key < ' ')
		(void)snprintf(text, KEY_NAME_SIZE, "Ctrl-%c", (int)key + '@');
	else
		(void)utf8_put(key, text);
}

/* ---- what keys do ---- */

void keys_init(struct keys *keys)
{
	*keys = (struct keys){ 0 };
	for (size_t i = 0; i < keymap_count && i < KEYMAP_MAX; i++) {
		(void)snprintf(keys->rows[i].names, sizeof(keys->rows[i].names), "%s",
			       keymap[i].names);
		memcpy(keys->rows[i].keys, keymap[i].keys, sizeof(keymap[i].keys));
	}
}

void keys_set(struct keys *keys, size_t row, const uint32_t *of, size_t count)
{
	struct bound_keys *bound = &keys->rows[row];
	char name[KEY_NAME_SIZE];
	size_t len = 0;

	*bound = (struct bound_keys){ .is_rebound = true };
	for (size_t i = 0; i < count && i + 1 < KEYS_MAX; i++) {
		bound->keys[i] = of[i];
		key_print(of[i], name);
		if (len < sizeof(bound->names))
			len += (size_t)snprintf(bound->names + len, sizeof(bound->names) - len,
						"%s%s", i ? ", " : "", name);
	}
	if (!count)
		(void)snprintf(bound->names, sizeof(bound->names), "no key");
}

size_t keys_find(const struct keys *keys, uint32_t key)
{
	for (size_t i = 0; i < keymap_count; i++) {
		const uint32_t *of = keys ? keys->rows[i].keys : keymap[i].keys;

		for (size_t n = 0; n < KEYS_MAX && of[n]; n++)
			if (of[n] == key)
				return i;
	}
	return KEYMAP_MAX;
}

const char *keys_names(const struct keys *keys, size_t row)
{
	return keys ? keys->rows[row].names : keymap[row].names;
}

void keys_footer(const struct keys *keys, size_t row, char text[KEY_FOOTER_SIZE])
{
	const char *footer = keymap[row].footer;

	if (!keys || !keys->rows[row].is_rebound || !keys->rows[row].keys[0])
		(void)snprintf(text, KEY_FOOTER_SIZE, "%s", footer);
	else
		(void)snprintf(text, KEY_FOOTER_SIZE, "%.*s%s",
			       (int)strcspn(keys->rows[row].names, ","), keys->rows[row].names,
			       footer + strcspn(footer, " "));
}

enum action keymap_action(const struct keys *keys, uint32_t key)
{
	size_t row;

	if (key >= '0' && key <= '9')
		return ACTION_VIEW;
	row = keys_find(keys, key);
	if (row < keymap_count)
		return keymap[row].action;
	return key >= 'A' && key <= 'Z' ? ACTION_SORT : ACTION_NONE;
}
