/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a daemon of FRR (8.4) answers on its vty socket: text, then three zero bytes and one with
 * how it went. Foreign bytes in pieces of any length.
 */
#include <stdbool.h>
#include <stddef.h>

#define VTY_OK 0 /* other numbers are a refusal, and the text says why */

struct vty_reply {
	char *text; /* so far; ends with a zero byte once complete */
	size_t len, capacity;
	unsigned zeroes; /* of the end, so far */
	int status;
};

void vty_reply_fini(struct vty_reply *reply);  /* a zeroed one, too */
void vty_reply_reset(struct vty_reply *reply); /* for the next answer */

enum vty_progress {
	VTY_MORE,    /* all was taken, and more is to come */
	VTY_DONE,    /* text and status are there; bytes may be left over */
	VTY_TOO_LONG /* or no answer at all: nothing more can be read from there */
};

/* Takes from *bytes as much as belongs to the answer. */
enum vty_progress vty_reply_read(struct vty_reply *reply, const char **bytes, size_t *len);
