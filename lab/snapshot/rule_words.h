/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Security rules as lab files write them in one line. */
#include "lab/snapshot/snapshot.h"

/* "Internet", "10.0.0.0/8,10.1.0.0/16:22,80-90", "*:443": one side, with its ports when it has any.
 */
const char *rule_side_words(const struct texts *addresses, const struct texts *ports,
			    struct arena *arena);
/* "Tcp Internet -> *:80" */
const char *rule_words(const struct snapshot_rule *rule, struct arena *arena);
