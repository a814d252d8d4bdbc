/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A change of a lab as the lines of az that make it in Azure. */
#include "lab/base/arena.h"
#include "lab/model/lab.h"
#include "lab/snapshot/record.h"

/*
 * What leads from one state to the other, in an order in which Azure takes it; the resource group
 * is the lab. Only what az has a command for, and all of whose words the lab file says: of the
 * rest there is nothing. `before` is NULL when there was no lab. In the arena.
 */
struct texts az_change(const struct lab *before, const struct lab *after, struct arena *arena)
	NODISCARD;
