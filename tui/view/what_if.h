/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The form for a packet that somebody asks about: direction and protocol are chosen, addresses and
 * ports are typed. Its question is asked anew with each key.
 */
#include "tui/view/line.h"

enum what_if_field {
	WHAT_IF_DIRECTION,
	WHAT_IF_PROTOCOL,
	WHAT_IF_LOCAL,
	WHAT_IF_REMOTE,
	WHAT_IF_COUNT
};

struct what_if {
	bool is_open;
	enum what_if_field field; /* that the keys are for */
	unsigned direction, protocol;
	struct line local, remote;
};

/* With these values; a direction or protocol that is none of the form's is the first. */
void what_if_open(struct what_if *form, const char *direction, const char *protocol,
		  const char *local, const char *remote);
void what_if_key(struct what_if *form, uint32_t key);

/* "Inbound" or "Outbound"; "Tcp" and so on; of others what was typed. */
const char *what_if_value(const struct what_if *form, enum what_if_field field);
const char *what_if_label(enum what_if_field field);
/* "DIRECTION PROTOCOL LOCAL REMOTE"; false while the remote address is missing. */
bool what_if_question(const struct what_if *form, char *text, size_t size);
