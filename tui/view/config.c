/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/config.h"

#include "lab/base/macros.h"
#include "lab/model/schema.h"

#include <string.h>

static const struct choice_name theme_choices[] = {
	{ "auto", CONFIG_THEME_AUTO },
	{ "dark", CONFIG_THEME_DARK },
	{ "light", CONFIG_THEME_LIGHT },
	{ "mono", CONFIG_THEME_MONO },
	{ 0 },
};
static const struct choice_name colour_choices[] = {
	{ "auto", 0 },
	{ "8", 8 },
	{ "256", 256 },
	{ 0 },
};

/* The keys of each action, by row of the keymap. */
struct key_file {
	struct object object;
	struct text_list rows[KEYMAP_MAX];
};

struct config_file {
	struct object object;
	struct key_file keys;
	struct choice theme, colours;
	struct flag mouse, ascii;
};

static bool is_bindable(const struct key_row *row)
{
	return row->action != ACTION_VIEW && row->action != ACTION_SORT;
}

/* One key a row of the keymap: the file has the names that the keymap has. */
static size_t key_fields(struct field fields[KEYMAP_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < keymap_count; i++)
		if (is_bindable(&keymap[i]))
			fields[count++] = (struct field){
				.key = keymap[i].name,
				.kind = FIELD_TEXTS,
				.offset = offsetof(struct key_file, rows) +
					  i * sizeof(struct text_list),
				.words = keymap[i].words,
			};
	return count;
}

/* ---- keys ---- */

static void read_row(struct keys *keys, size_t row, const struct text_list *texts,
		     struct diags *diags)
{
	uint32_t of[KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < texts->count; i++) {
		const struct text *text = &texts->items[i];
		uint32_t key = key_named(text->value);

		if (!key) {
			(void)diag_add(diags, DIAG_BAD_VALUE, text->pos,
				       "'%s': '%s' is no key: a character, Ctrl-LETTER, Space, "
				       "Enter, Esc, Tab, Shift-Tab, Backspace, Delete, Up, Down, "
				       "Left, Right, Home, End, Page Up or Page Down",
				       keymap[row].name, text->value);
		} else if (key >= '0' && key <= '9') {
			(void)diag_add(diags, DIAG_BAD_VALUE, text->pos,
				       "'%s': digits are the views' own", keymap[row].name);
		} else if (count + 1 == KEYS_MAX) {
			(void)diag_add(diags, DIAG_BAD_VALUE, text->pos,
				       "'%s': an action has at most %d keys", keymap[row].name,
				       KEYS_MAX - 1);
			return;
		} else {
			of[count++] = key;
		}
	}
	keys_set(keys, row, of, count);
}

/* Is it said in the file, also as [] for no key at all? */
static const struct doc_node *said(const struct doc_node *root, size_t row)
{
	const struct doc_node *keys = root ? doc_find(root, "keys") : NULL;

	return keys && keys->kind == DOC_MAP ? doc_find(keys, keymap[row].name) : NULL;
}

/* A key can do one thing only; the finding stands where the file says it. */
static void find_conflicts(const struct keys *keys, const struct config_file *file,
			   const struct doc_node *root, struct diags *diags)
{
	for (size_t i = 0; i < keymap_count; i++)
		for (size_t n = 0; n < KEYS_MAX && keys->rows[i].keys[n]; n++) {
			uint32_t key = keys->rows[i].keys[n];
			char name[KEY_NAME_SIZE];
			size_t other = keys_find(keys, key);

			if (other == i)
				continue;
			key_print(key, name);
			if (said(root, i))
				(void)diag_add(diags, DIAG_BAD_VALUE,
					       file->keys.rows[i].items[n].pos,
					       "'%s': %s is a key of '%s' already: give that "
					       "another one",
					       keymap[i].name, name, keymap[other].name);
			else
				(void)diag_add(diags, DIAG_BAD_VALUE, said(root, other)->pos,
					       "'%s': %s is a key of '%s' already: give that "
					       "another one",
					       keymap[other].name, name, keymap[i].name);
		}
}

static void read_keys(struct keys *keys, const struct config_file *file,
		      const struct doc_node *root, struct diags *diags)
{
	for (size_t i = 0; i < keymap_count; i++)
		if (said(root, i))
			read_row(keys, i, &file->keys.rows[i], diags);
	if (!diags_error_count(diags))
		find_conflicts(keys, file, root, diags);
}

/* ---- the whole ---- */

void screen_config_init(struct screen_config *config)
{
	*config = (struct screen_config){ .theme = CONFIG_THEME_AUTO };
	keys_init(&config->keys);
}

#define KEY(name, field_kind, member, ...)                                                         \
	{                                                                                          \
		.key = (name), .kind = (field_kind),                                               \
		.offset = offsetof(struct config_file, member), __VA_ARGS__                        \
	}

static void read_file(const struct doc_node *root, struct config_file *file, struct arena *arena,
		      struct diags *diags)
{
	struct field keys_fields[KEYMAP_MAX];
	const struct schema keys_schema = {
		.noun = "keys",
		.size = sizeof(struct key_file),
		.fields = keys_fields,
		.field_count = key_fields(keys_fields),
	};
	const struct field fields[] = {
		KEY("keys", FIELD_OBJECT, keys, .object = &keys_schema),
		KEY("theme", FIELD_CHOICE, theme, .choices = theme_choices, .fallback = "auto"),
		KEY("colours", FIELD_CHOICE, colours, .choices = colour_choices,
		    .fallback = "auto"),
		KEY("mouse", FIELD_FLAG, mouse, .fallback = "false"),
		KEY("ascii", FIELD_FLAG, ascii, .fallback = "false"),
	};
	const struct schema schema = {
		.noun = "screen",
		.size = sizeof(*file),
		.fields = fields,
		.field_count = ARRAY_SIZE(fields),
	};

	schema_read(&schema, root, file, arena, diags);
}

bool screen_config_read(struct screen_config *config, const char *text, size_t len,
			const char *name, struct diags *diags)
{
	struct doc *doc = doc_parse(text, len, name, diags);
	struct screen_config out = *config;
	struct arena *arena = arena_new();
	struct config_file file = { 0 };

	if (doc) {
		read_file(doc_root(doc), &file, arena, diags);
		read_keys(&out.keys, &file, doc_root(doc), diags);
		out.theme = (enum config_theme)file.theme.value;
		out.colours = file.colours.value;
		out.has_mouse = file.mouse.value;
		out.is_ascii = file.ascii.value;
	}
	diags_sort(diags);
	doc_free(doc);
	arena_free(arena);
	if (!doc || diags_error_count(diags))
		return false;
	*config = out;
	return true;
}
