/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/what_if.h"

#include "lab/base/macros.h"
#include "tui/view/keymap.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TYPED_MAX 60

static const char *const directions[] = { "Inbound", "Outbound" };
static const char *const protocols[] = { "Tcp", "Udp", "Icmp", "Esp", "Ah" };

static unsigned find(const char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (!strcasecmp(words[i], word))
			return (unsigned)i;
	return 0;
}

void what_if_open(struct what_if *form, const char *direction, const char *protocol,
		  const char *local, const char *remote)
{
	*form = (struct what_if){ .is_open = true, .field = WHAT_IF_REMOTE };
	form->direction = find(directions, ARRAY_SIZE(directions), direction);
	form->protocol = find(protocols, ARRAY_SIZE(protocols), protocol);
	line_set(&form->local, local);
	line_set(&form->remote, remote);
}

static void choose(unsigned *at, size_t count, uint32_t key)
{
	if (key == KEY_CODE_LEFT)
		*at = (unsigned)((*at + count - 1) % count);
	else if (key == KEY_CODE_RIGHT || key == ' ')
		*at = (unsigned)((*at + 1) % count);
}

/* The one that begins with this letter. */
static void choose_letter(unsigned *at, const char *const *words, size_t count, uint32_t key)
{
	for (size_t i = 0; i < count; i++)
		if ((uint32_t)words[i][0] == key || (uint32_t)words[i][0] + 'a' - 'A' == key)
			*at = (unsigned)i;
}

/* The question is made of words: none has a blank. */
static void type(struct line *line, uint32_t key)
{
	bool is_text = key > ' ' && key < KEY_CODE_BACKSPACE;
	bool is_foreign = key > KEY_CODE_BACKSPACE && key < KEY_BASE;

	if (key != ' ' && !is_foreign && (!is_text || strlen(line->text) < TYPED_MAX))
		(void)line_key(line, key);
}

static void move(struct what_if *form, int by)
{
	form->field = (enum what_if_field)(((int)form->field + by + WHAT_IF_COUNT) % WHAT_IF_COUNT);
}

void what_if_key(struct what_if *form, uint32_t key)
{
	switch (key) {
	case KEY_CODE_TAB:
	case KEY_CODE_DOWN:
	case KEY_CODE_ENTER:
	case '\n':
		move(form, 1);
		return;
	case KEY_CODE_BACK_TAB:
	case KEY_CODE_UP:
		move(form, -1);
		return;
	default:
		break;
	}
	switch (form->field) {
	case WHAT_IF_DIRECTION:
		choose(&form->direction, ARRAY_SIZE(directions), key);
		choose_letter(&form->direction, directions, ARRAY_SIZE(directions), key);
		break;
	case WHAT_IF_PROTOCOL:
		choose(&form->protocol, ARRAY_SIZE(protocols), key);
		choose_letter(&form->protocol, protocols, ARRAY_SIZE(protocols), key);
		break;
	case WHAT_IF_LOCAL:
		type(&form->local, key);
		break;
	case WHAT_IF_REMOTE:
		type(&form->remote, key);
		break;
	case WHAT_IF_COUNT:
		break;
	}
}

const char *what_if_value(const struct what_if *form, enum what_if_field field)
{
	switch (field) {
	case WHAT_IF_DIRECTION:
		return directions[form->direction];
	case WHAT_IF_PROTOCOL:
		return protocols[form->protocol];
	case WHAT_IF_LOCAL:
		return form->local.text;
	case WHAT_IF_REMOTE:
		return form->remote.text;
	case WHAT_IF_COUNT:
		break;
	}
	return "";
}

const char *what_if_label(enum what_if_field field)
{
	static const char *const labels[] = { "direction", "protocol", "local", "remote" };

	return field < WHAT_IF_COUNT ? labels[field] : "";
}

bool what_if_question(const struct what_if *form, char *text, size_t size)
{
	if (!form->is_open || !*form->remote.text)
		return false;
	(void)snprintf(text, size, "%s %s %s %s", directions[form->direction],
		       protocols[form->protocol], *form->local.text ? form->local.text : "*",
		       form->remote.text);
	return true;
}
