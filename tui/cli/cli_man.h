/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The pages of the manual, written from the tables that the program itself works by. */
#include "lab/base/err.h"
#include "lab/render/roff.h"

struct man_page {
	const char *name;
	int section;
	const char *words; /* what it is about, in a line */
	/* All that stands between the page's NAME and its SEE ALSO. */
	int (*write)(struct roff *page, struct err *err);
};

/* Ends with a NULL name. `make` writes and installs every page of it. */
extern const struct man_page man_pages[];

int man_write_commands(struct roff *page, struct err *err);
int man_write_lab_file(struct roff *page, struct err *err);
int man_write_keys(struct roff *page, struct err *err);
