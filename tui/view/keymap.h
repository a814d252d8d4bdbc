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
	KEY_CODE_WHEEL_UP,
	KEY_CODE_WHEEL_DOWN,
	KEY_CODE_OTHER,            /* one we have no use for */
	KEY_CODE_CLICK = 0x200000, /* and the row of the terminal, from 0 */
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
	ACTION_DESCRIBE,
	ACTION_JSON,
	ACTION_COPY,
	ACTION_ZOOM,
	ACTION_FREEZE,
	ACTION_SORT, /* by the letter */
	ACTION_CHOOSER,
	ACTION_NEW,
	ACTION_CHANGE,
	ACTION_EDIT,
	ACTION_DUMP,
	ACTION_REDRAW,
	ACTION_SUSPEND,
	ACTION_QUIT,
};

#define KEYS_MAX 5

struct key_row {
	enum action action;
	const char *names;       /* as people read them: "Up, k" */
	const char *words;       /* what it does */
	const char *footer;      /* in the last line of the screen: "/ filter"; NULL: not there */
	uint32_t keys[KEYS_MAX]; /* ends with 0 */
	const char *name;        /* by which a file of keys means it: "next_view" */
};

extern const struct key_row keymap[];
extern const size_t keymap_count;

/* ---- keys as somebody wants them ---- */

#define KEYMAP_MAX      64
#define KEY_NAME_SIZE   16
#define KEY_FOOTER_SIZE 48

struct bound_keys {
	uint32_t keys[KEYS_MAX]; /* ends with 0 */
	char names[KEYS_MAX * KEY_NAME_SIZE];
	bool is_rebound;
};

/* By row of the keymap. */
struct keys {
	struct bound_keys rows[KEYMAP_MAX];
};

void keys_init(struct keys *keys); /* those of the keymap */
void keys_set(struct keys *keys, size_t row, const uint32_t *of, size_t count);
/* The row that has the key; KEYMAP_MAX: none. In all of these `keys` NULL: those of the keymap. */
size_t keys_find(const struct keys *keys, uint32_t key);
const char *keys_names(const struct keys *keys, size_t row);
/* "/ filter", of a row with a footer. */
void keys_footer(const struct keys *keys, size_t row, char text[KEY_FOOTER_SIZE]);
enum action keymap_action(const struct keys *keys, uint32_t key);

/* A key by its name: "q", "Ctrl-S", "Page Up"; 0: there is none of that name. */
uint32_t key_named(const char *name);
void key_print(uint32_t key, char text[KEY_NAME_SIZE]);
