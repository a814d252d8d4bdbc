/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Changes of a plan as a script for the shell of a guest (netns/guest/image/router), which makes
 * them with iproute2 and nft: where plan_shell has words for people, this has what does it.
 */
#include "lab/plan/plan.h"

/*
 * To be run by `sh -e` in the namespace that is named as the router: it ends at the first change
 * that is refused. What goes may have gone by itself. Daemons are not in it: who runs them ends
 * those that go before and starts the others behind it.
 */
void plan_script(const struct plan *changes, const char *router, FILE *out);

/*
 * The command of that script that was refused, with what it was given where that is known, and what
 * the guest said first of it, by its standard error.
 */
void plan_script_refused(const char *script, const char *output, char *text, size_t size);
