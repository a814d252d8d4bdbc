/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/keymap.h"

#include "lab/base/macros.h"

const struct key_row keymap[] = {
	{ ACTION_VIEW, "0-9", "the view of that number", NULL, { 0 } },
	{ ACTION_NEXT_VIEW, "Tab", "the next view", NULL, { KEY_CODE_TAB } },
	{ ACTION_PREVIOUS_VIEW, "Shift-Tab", "the view before", NULL, { KEY_CODE_BACK_TAB } },
	{ ACTION_UP, "Up, k", "one row up", NULL, { KEY_CODE_UP, 'k', KEY_CTRL('p') } },
	{ ACTION_DOWN, "Down, j", "one row down", NULL, { KEY_CODE_DOWN, 'j', KEY_CTRL('n') } },
	{ ACTION_LEFT,
	  "Left, h",
	  "back; of routes and security: the machine before; a column",
	  NULL,
	  { KEY_CODE_LEFT, 'h' } },
	{ ACTION_RIGHT,
	  "Right, l",
	  "open; of routes and security: the next machine; a column",
	  NULL,
	  { KEY_CODE_RIGHT, 'l' } },
	{ ACTION_PAGE_UP,
	  "Page Up, Ctrl-B",
	  "one page up",
	  NULL,
	  { KEY_CODE_PAGE_UP, KEY_CTRL('b') } },
	{ ACTION_PAGE_DOWN,
	  "Page Down, Ctrl-F",
	  "one page down",
	  NULL,
	  { KEY_CODE_PAGE_DOWN, KEY_CTRL('f') } },
	{ ACTION_FIRST, "Home, g", "the first row", NULL, { KEY_CODE_HOME, 'g' } },
	{ ACTION_LAST, "End, G", "the last row", NULL, { KEY_CODE_END, 'G' } },
	{ ACTION_OPEN, "Enter", "open what is selected", "Enter open", { KEY_CODE_ENTER, '\n' } },
	{ ACTION_COMMAND, ":", "a command: any of hublab's, Tab completes", ": command", { ':' } },
	{ ACTION_FILTER, "/", "show only rows with these words", "/ filter", { '/' } },
	{ ACTION_WHY, "w", "why: of a route or a flow its rules; of the rest as W", NULL, { 'w' } },
	{ ACTION_WAYS, "W", "why: the ways of the selected flow, probe or machine", NULL, { 'W' } },
	{ ACTION_ASK, "e", "of why: ask about another flow", NULL, { 'e' } },
	{ ACTION_WHAT_IF,
	  "i",
	  "what if: a packet at the selected machine; of why: its mend",
	  NULL,
	  { 'i' } },
	{ ACTION_MATRIX, "m", "of probes: as a matrix, as a list", NULL, { 'm' } },
	{ ACTION_MESH, "M", "ask all pairs of machines, as a matrix", NULL, { 'M' } },
	{ ACTION_NEXT_FINDING,
	  "n",
	  "of a matrix: the next pair that is not as predicted",
	  NULL,
	  { 'n' } },
	{ ACTION_NEXT_PEER, "a", "of gateways: what the next peer is told", NULL, { 'a' } },
	{ ACTION_MENU,
	  "x",
	  "what can be done to what is selected; of why and whatif: that change",
	  "x act",
	  { 'x' } },
	{ ACTION_FAULTS, "f", "faults that are on, and what can be broken", NULL, { 'f' } },
	{ ACTION_STEPS,
	  "t",
	  "the steps of the lab file, and what becomes of what it expects",
	  NULL,
	  { 't' } },
	{ ACTION_UNDO, "u", "take back the newest change", NULL, { 'u' } },
	{ ACTION_SHELL,
	  "s",
	  "a shell on the selected machine; exit comes back",
	  "s shell",
	  { 's' } },
	{ ACTION_BACK, "Esc", "back, or drop the filter", "Esc back", { KEY_CODE_ESCAPE } },
	{ ACTION_CHOOSER, "o", "other labs and templates", NULL, { 'o' } },
	{ ACTION_DUMP, "p", "print the screen as text into a file", NULL, { 'p' } },
	{ ACTION_HELP, "?", "the keys and commands", "? keys", { '?' } },
	{ ACTION_REDRAW, "Ctrl-L", "draw the screen anew", NULL, { KEY_CTRL('l') } },
	{ ACTION_SUSPEND, "Ctrl-Z", "suspend; fg comes back", NULL, { KEY_CTRL('z') } },
	{ ACTION_QUIT,
	  "q, Ctrl-C",
	  "leave the screen; the lab goes on running",
	  "q quit",
	  { 'q', KEY_CTRL('c') } },
};
const size_t keymap_count = ARRAY_SIZE(keymap);

enum action keymap_action(uint32_t key)
{
	if (key >= '0' && key <= '9')
		return ACTION_VIEW;
	for (size_t i = 0; i < keymap_count; i++)
		for (size_t n = 0; keymap[i].keys[n]; n++)
			if (keymap[i].keys[n] == key)
				return keymap[i].action;
	return ACTION_NONE;
}
