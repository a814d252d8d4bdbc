/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What stands at a port of the fabric and may keep packets out, of what a lab file says. */
#include "lab/model/topology.h"

/* Of one direction. Ports of which all parts are equal filter alike. */
struct filtering {
	const struct vnet *vnet; /* whose tags and admin rules hold */
	const struct route_table *route_table;
	bool has_admin_rules;
	const struct nsg *of_subnet, *of_nic; /* NULL: none */
	bool is_closed;                       /* NSG-25: inbound, to what is of the Internet */
};

/*
 * False when nothing stands there: of NICs and of private endpoints where NSGs are enabled
 * (NSG-43), not of hosts of the Internet.
 */
bool filtering_of(const struct interface *port, enum rule_direction direction,
		  struct filtering *ret_filtering);
bool filtering_equal(const struct filtering *a, const struct filtering *b);

/* Does anything filter in virtual networks that use a hub, so that what it teaches is asked? */
bool filtering_asks(const struct topology *topology, const struct vnet *hub);
