/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/lab_parts.h"

struct prefix part_default_subnet(struct prefix space)
{
	return prefix_of(space.addr, space.len + 1u);
}

static struct prefix gateway_subnet(struct prefix space)
{
	struct prefix half = part_default_subnet(space);

	return prefix_of(ip_add(prefix_last(half), 1), PART_GATEWAY_LEN);
}

void part_network(const char *name, struct prefix space, bool has_gateway, FILE *out)
{
	(void)fprintf(out, "  %s:\n    address_prefixes: %s\n    subnets: { default: %s", name,
		      prefix_print(space).text, prefix_print(part_default_subnet(space)).text);
	if (has_gateway)
		(void)fprintf(out, ", GatewaySubnet: %s", prefix_print(gateway_subnet(space)).text);
	(void)fprintf(out, " }\n");
}

void part_hub_peerings(unsigned spokes, bool has_gateway, FILE *out)
{
	for (unsigned spoke = 1; spoke <= spokes; spoke++)
		(void)fprintf(out,
			      has_gateway ? "      to-spoke%u: { remote: spoke%u, "
					    "allow_gateway_transit: true }\n"
					  : "      to-spoke%u: spoke%u\n",
			      spoke, spoke);
}

void part_spoke(unsigned number, struct prefix space, bool hub_has_gateway, FILE *out)
{
	char name[16];

	(void)snprintf(name, sizeof(name), "spoke%u", number);
	part_network(name, space, false, out);
	(void)fprintf(out, "    peerings: { to-hub: %s }\n",
		      hub_has_gateway ? "{ remote: hub, use_remote_gateways: true }" : "hub");
}

void part_vms(unsigned spokes, unsigned spoke_vms, FILE *out)
{
	(void)fprintf(out, "  hub-vm: hub/default\n");
	for (unsigned spoke = 1; spoke <= spokes; spoke++)
		for (unsigned vm = 1; vm <= spoke_vms; vm++)
			(void)fprintf(out, "  spoke%u-vm%u: spoke%u/default\n", spoke, vm, spoke);
}

void part_gateway(const char *network, FILE *out)
{
	(void)fprintf(out, "  %s-ergw: { virtual_network: %s, gateway_type: ExpressRoute }\n",
		      network, network);
}

void part_connection(const char *network, FILE *out)
{
	(void)fprintf(out, "  %s-connection: { gateway: %s-ergw, circuit: %s-circuit }\n", network,
		      network, network);
}
