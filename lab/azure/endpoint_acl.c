/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/endpoint_acl.h"

struct acl_verdict endpoint_acl_verdict(const struct acl_rule *rules, size_t count,
					struct ip remote)
{
	bool has_permit = false;

	for (size_t i = 0; i < count; i++) {
		if (prefix_has_ip(rules[i].remote, remote))
			return (struct acl_verdict){ rules[i].permits, &rules[i] };
		has_permit |= rules[i].permits;
	}
	return (struct acl_verdict){ !has_permit, NULL };
}
