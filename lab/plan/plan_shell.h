/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Changes of the machine as the lines one could type in 'hublab shell' to make them. */
#include "lab/plan/plan.h"
#include "lab/snapshot/record.h"

/*
 * Lines of ip, nft, sysctl and birdc, in the order of the plan; what they cannot do is a comment.
 * At most `max` lines, each step whole or not at all; how many steps were left out to *ret_left.
 * In the arena.
 */
struct texts plan_shell(const struct plan *changes, size_t max, uint32_t *ret_left,
			struct arena *arena) NODISCARD;
/* Those of one step, behind the others. In the arena. */
void plan_shell_step(const struct plan *plan, const struct step *step, struct texts *lines,
		     struct arena *arena);
