/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Keys and what they do: one table, which the screen obeys, the help prints and hublab-keys(7) is
 * made from.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A key: a Unicode character, or one of these. */
enum {
	KEY_BASE = 0x110000, /* behind Unicode */
	KEY_CODE_UP,
	KEY_CODE_DOWN,
	KEY_CODE_LEFT,
	KEY_CODE_RIGHT,
	KEY_CODE_PAGE_UP,
	KEY_CODE_PAGE_DOWN,
	KEY_CODE_HOME,
	KEY_CODE_END,
	KEY_CODE_DELETE,
	KEY_CODE_BACK_TAB,
	KEY_CODE_OTHER, /* one we have no use for */
	KEY_CODE_ENTER = '\r',
	KEY_CODE_TAB = '\t',
	KEY_CODE_ESCAPE = 27,
	KEY_CODE_BACKSPACE = 127,
};
#define KEY_CTRL(letter) ((letter)&31)

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_OPEN,
	ACTION_BACK,
	ACTION_NEXT_VIEW,
	ACTION_PREVIOUS_VIEW,
	ACTION_VIEW, /* the one of the digit */
	ACTION_COMMAND,
	ACTION_FILTER,
	ACTION_HELP,
	ACTION_WHY,
	ACTION_WAYS,
	ACTION_ASK,
	ACTION_WHAT_IF,
	ACTION_MATRIX,
	ACTION_MESH,
	ACTION_NEXT_FINDING,
	ACTION_NEXT_PEER,
	ACTION_MENU,
	ACTION_FAULTS,
	ACTION_STEPS,
	ACTION_UNDO,
	ACTION_SHELL,
	ACTION_CHOOSER,
	ACTION_DUMP,
	ACTION_REDRAW,
	ACTION_SUSPEND,
	ACTION_QUIT,
};

struct key_row {
	enum action action;
	const char *names;  /* as people read them: "Up, k" */
	const char *words;  /* what it does */
	const char *footer; /* in the last line of the screen: "/ filter"; NULL: not there */
	uint32_t keys[5];   /* ends with 0 */
};

extern const struct key_row keymap[];
extern const size_t keymap_count;

enum action keymap_action(uint32_t key);
