/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "tui/client/client.h"

#include <stdbool.h>

struct guest_words {
	const char *const *words; /* ends with NULL */
	bool has_input;           /* what comes to our input goes to its */
	double limit_seconds;     /* how long it may take; 0: as long as it likes */
};

/*
 * Run a program in a guest, and wait for it: what it says goes to our outputs as it comes, SIGINT
 * and the like to all that it started; a second one does not wait for it any more. It ends with us.
 * Its exit code, or 128 and the signal that ended it; a negative errno when that is not known,
 * -ETIMEDOUT when it took too long. Signals of the process are not as they were then.
 */
int guest_run(struct client *client, const char *guest, const struct guest_words *program,
	      struct err *err);
