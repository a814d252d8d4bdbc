/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* One failure of one operation: what failed, and where in the lab file it comes from. */
#include "lab/base/macros.h"

struct src_pos {
	const char *file;   /* borrowed; NULL when the value is in no file */
	unsigned line, col; /* from 1 */
};

struct err {
	int code; /* negative errno; 0 when nothing failed */
	struct src_pos pos;
	char text[400];
};

/*
 * Record a failure. The first one wins: a struct err that already holds one is left alone.
 * All return err->code, so that callers can return them. `err` may be NULL.
 */
int err_set(struct err *err, int code, const char *fmt, ...) PRINTF(3, 4);
int err_at(struct err *err, struct src_pos pos, int code, const char *fmt, ...) PRINTF(4, 5);

/* Put what we were doing in front of a failure that is already recorded. */
int err_in(struct err *err, const char *fmt, ...) PRINTF(2, 3);
