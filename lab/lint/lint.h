/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What is not wrong with a lab, and yet not what people mean: design-review rules and routing traps
 * (azure-security.md chapter 13, azure-routing.md), each a row of diag_table behind
 * DIAG_FIRST_LINT. All follows from the model alone, in time about linear in its size; of labs with
 * tunnels or expectations also from what routers will know, as plan predicts it.
 */
#include "lab/model/lab.h"

/* Add what one state of a lab shows; to be sorted by the caller. */
void lint_lab(const struct lab *lab, struct diags *diags);

/*
 * Add what all states of a lab file show, behind the findings of the lab_parse that returned `lab`
 * for this text, and sort them. Also those comments of the file that ignore nothing.
 */
void lint_file(const struct lab *lab, const char *text, size_t len, const char *file,
	       struct diags *diags);
