/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What Azure drops and what it lets through by itself, before any rule (NSG-15, NSG-28, NSG-36). */
#include "lab/azure/verdict.h"

/*
 * What of a packet does not depend on rules: an address that is not the port's where nothing
 * forwards, be it a NIC or a private endpoint, then what Azure does not carry to NICs and from
 * them.
 */
enum platform_drop platform_find_drop(const struct interface *port, enum rule_direction direction,
				      const struct flow_tuple *tuple);

/*
 * A service of the platform, to which NSGs do not apply: only rules that name its tag do, and
 * where none of them matches the packet passes.
 */
struct platform_service {
	struct ip ip;
	uint8_t protocol;
	uint16_t port;
	const char *tag; /* NULL: it has none */
};

/* By which machines have DNS, DHCP and the agent's channel; where they are told about themselves.
 */
extern const struct ip azure_wire_server, azure_metadata;

#define PLATFORM_SERVICES 6
extern const struct platform_service platform_services[PLATFORM_SERVICES];

/* What a packet goes to; NULL when that is none of them. */
const struct platform_service *platform_find_service(enum rule_direction direction,
						     const struct flow_tuple *tuple);
/* Does a rule mean the service by its tag? */
bool platform_service_obeys(const struct platform_service *service,
			    const struct security_rule *rule);
