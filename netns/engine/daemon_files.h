/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What daemons read, own and listen on below /run. Paths are as in a plan, without that "/run/". */
#include "lab/plan/plan.h"

/* Write, or remove, the file of a STEP_FILE. Negative errno. */
int daemon_files_write(const struct plan *plan, const struct step *step, struct err *err);

/* Which of its ways an IPsec daemon goes depends on this machine, and on nothing in the plan. */
int daemon_files_write_backend(const char *run, bool has_xfrm, struct err *err);

/* The directory of its control socket is its user's: it makes that socket after it became it. */
int daemon_files_give_directory(const char *control, const char *user, struct err *err);

/*
 * Wait, a second at most, until a file is there that another daemon makes when it has started. One
 * that does not come is no failure here: who needs it tries again by itself, only later.
 */
void daemon_files_await(const char *needs);

/*
 * Wait, a second at most, for the end of whoever listens on that socket. The supervisor ends what
 * goes, and that takes a moment: what comes in its place may need the port that it has.
 */
void daemon_files_await_end(const char *control);
