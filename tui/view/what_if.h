/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The form for a packet that somebody asks about: direction and protocol are chosen, addresses and
 * ports are typed. Its question is asked anew with each key.
 */
#include "tui/view/form.h"

enum what_if_field {
	WHAT_IF_DIRECTION,
	WHAT_IF_PROTOCOL,
	WHAT_IF_LOCAL,
	WHAT_IF_REMOTE,
	WHAT_IF_COUNT
};

struct what_if {
	bool is_open;
	struct form form; /* its fields are those above, in their order */
};

/* With these values; a direction or protocol that is none of the form's is the first. */
void what_if_open(struct what_if *what_if, const char *direction, const char *protocol,
		  const char *local, const char *remote);
/* "DIRECTION PROTOCOL LOCAL REMOTE"; false while the remote address is missing. */
bool what_if_question(const struct what_if *what_if, char *text, size_t size);
