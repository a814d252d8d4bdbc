/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A snapshot that stays while the lab goes on. */
#include "lab/snapshot/snapshot.h"

/* All topics that `from` has, whole, in the arena. */
struct snapshot snapshot_copy(const struct snapshot *from, struct arena *arena) NODISCARD;
