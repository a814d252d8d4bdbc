/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The list of a classic endpoint: who may reach it from outside (EP-04, EP-05). */
#include "lab/base/ip.h"

struct acl_rule {
	unsigned number; /* the lowest is looked at first; the list is in this order */
	bool permits;
	struct prefix remote; /* bits behind its length do not count */
};

struct acl_verdict {
	bool is_permitted;
	const struct acl_rule *rule; /* NULL when none matched */
};

struct acl_verdict endpoint_acl_verdict(const struct acl_rule *rules, size_t count,
					struct ip remote);
