/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/what_if.h"

#include "lab/base/macros.h"

#include <stdio.h>

#define TYPED_MAX 60

void what_if_open(struct what_if *what_if, const char *direction, const char *protocol,
		  const char *local, const char *remote)
{
	static const char *const directions[] = { "Inbound", "Outbound" };
	static const char *const protocols[] = { "Tcp", "Udp", "Icmp", "Esp", "Ah" };
	static const char *const labels[WHAT_IF_COUNT] = { "direction", "protocol", "local",
							   "remote" };
	const char *const values[WHAT_IF_COUNT] = { direction, protocol, local, remote };
	struct form *form = &what_if->form;

	what_if->is_open = true;
	form_init(form, "what if");
	for (int id = 0; id < WHAT_IF_COUNT; id++) {
		bool is_chosen = id == WHAT_IF_DIRECTION || id == WHAT_IF_PROTOCOL;
		struct form_field *field =
			form_add(form, is_chosen ? FORM_CHOICE : FORM_NAME, id, labels[id], NULL);

		field->size_max = TYPED_MAX;
		line_set(&field->line, values[id]);
	}
	form_choose_from(&form->fields[WHAT_IF_DIRECTION], directions, ARRAY_SIZE(directions));
	form_choose_from(&form->fields[WHAT_IF_PROTOCOL], protocols, ARRAY_SIZE(protocols));
	form->at = WHAT_IF_REMOTE;
}

bool what_if_question(const struct what_if *what_if, char *text, size_t size)
{
	const struct form *form = &what_if->form;
	const char *local = form_value(form, WHAT_IF_LOCAL);

	if (!what_if->is_open || !*form_value(form, WHAT_IF_REMOTE))
		return false;
	(void)snprintf(text, size, "%s %s %s %s", form_value(form, WHAT_IF_DIRECTION),
		       form_value(form, WHAT_IF_PROTOCOL), *local ? local : "*",
		       form_value(form, WHAT_IF_REMOTE));
	return true;
}
