/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Security rules as lab files write them in one line. */
#include "lab/model/nsg.h"
#include "lab/snapshot/snapshot.h"

/* What a side means, as a list of each kind; no ports: any. Texts are borrowed, or in the arena. */
void rule_side_fill(const struct rule_side *side, struct texts *addresses, struct texts *ports,
		    struct arena *arena);

/* "Internet", "10.0.0.0/8,10.1.0.0/16:22,80-90", "*:443": one side, with its ports when it has any.
 */
const char *rule_side_words(const struct texts *addresses, const struct texts *ports,
			    struct arena *arena);
/* "Tcp Internet -> *:80" */
const char *rule_words(const struct snapshot_rule *rule, struct arena *arena);
