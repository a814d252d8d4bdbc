/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a change would change, for people and as JSON. */
#include "lab/snapshot/whatif.h"

#include <stdio.h>

struct whatif {
	struct outcome_changes nics, flows;
	struct outcomes unchanged; /* flows that were asked about by name and stay as they are */
};

void whatif_print(const struct whatif *whatif, FILE *out);
json_t *whatif_json(const struct whatif *whatif) NODISCARD;
/* "routes of 2 NICs and 1 flow"; in the arena. */
const char *whatif_count(const struct whatif *whatif, struct arena *arena);
