/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/azure/filtering.h"

/* NSG-43 */
static bool obeys_nsgs(const struct interface *endpoint)
{
	int policies = endpoint->subnet->private_endpoint_network_policies.value;

	return policies == ENDPOINT_POLICIES_NSG || policies == ENDPOINT_POLICIES_ENABLED;
}

static bool is_closed(const struct interface *port)
{
	const struct nic *nic = port->nic;

	return nic->public_ip_address && nic->public_ip_address->sku.value == PUBLIC_IP_STANDARD &&
	       !nic->network_security_group && !port->subnet->network_security_group;
}

bool filtering_of(const struct interface *port, enum rule_direction direction,
		  struct filtering *ret_filtering)
{
	bool is_nic = port->kind == INTERFACE_NIC && !port->nic->vm->is_internet;
	struct filtering f = { 0 };

	if (!is_nic && (port->kind != INTERFACE_ENDPOINT || !obeys_nsgs(port)))
		return false;
	f.vnet = port->subnet->vnet;
	f.route_table = port->subnet->route_table;
	f.of_subnet = port->subnet->network_security_group;
	if (is_nic) {
		f.of_nic = port->nic->network_security_group;
		f.has_admin_rules = f.vnet->admin_rules[direction].count > 0;
		f.is_closed = direction == DIRECTION_INBOUND && is_closed(port);
	}
	*ret_filtering = f;
	return f.has_admin_rules || f.of_subnet || f.of_nic || f.is_closed;
}

bool filtering_equal(const struct filtering *a, const struct filtering *b)
{
	return a->vnet == b->vnet && a->route_table == b->route_table &&
	       a->has_admin_rules == b->has_admin_rules && a->of_subnet == b->of_subnet &&
	       a->of_nic == b->of_nic && a->is_closed == b->is_closed;
}

bool filtering_asks(const struct topology *topology, const struct vnet *hub)
{
	struct filtering filtering;

	for (size_t i = 0; i < topology->ports.count; i++)
		for (int direction = 0; direction < DIRECTION_COUNT; direction++)
			if (topology->ports.items[i]->subnet->vnet->hub == hub &&
			    filtering_of(topology->ports.items[i], (enum rule_direction)direction,
					 &filtering))
				return true;
	return false;
}
