/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/lab_parts.h"

struct prefix part_default_subnet(struct prefix space, bool has_nva)
{
	return prefix_of(space.addr, space.len + (has_nva ? 2u : 1u));
}

/* The one behind a part of a network's space. */
static struct prefix behind(struct prefix part, unsigned len)
{
	return prefix_of(ip_add(prefix_last(part), 1), len);
}

struct prefix part_nva_subnet(struct prefix space)
{
	struct prefix machines = part_default_subnet(space, true);

	return behind(machines, machines.len);
}

struct prefix part_gateway_subnet(struct prefix space)
{
	return behind(part_default_subnet(space, false), PART_GATEWAY_LEN);
}

struct prefix part_route_server_subnet(struct prefix space)
{
	return behind(part_gateway_subnet(space), PART_ROUTE_SERVER_LEN);
}

static void write_subnets(const struct part_network *network, FILE *out)
{
	struct prefix machines = part_default_subnet(network->space, network->has_nva);
	bool is_list = network->has_nva || network->route_table || network->has_route_server;
	const char *between = is_list ? "\n      " : ", ";

	(void)fprintf(out, "    subnets:%sdefault: %s%s", is_list ? between : " { ",
		      network->nsg || network->route_table ? "{ address_prefix: " : "",
		      prefix_print(machines).text);
	if (network->nsg)
		(void)fprintf(out, ", network_security_group: nsg%u", network->nsg);
	if (network->route_table)
		(void)fprintf(out, ", route_table: %s", network->route_table);
	if (network->nsg || network->route_table)
		(void)fprintf(out, " }");
	if (network->has_nva)
		(void)fprintf(out, "%snva: %s%s", between,
			      network->nva_route_table ? "{ address_prefix: " : "",
			      prefix_print(part_nva_subnet(network->space)).text);
	if (network->nva_route_table)
		(void)fprintf(out, ", route_table: %s }", network->nva_route_table);
	if (network->has_gateway)
		(void)fprintf(out, "%sGatewaySubnet: %s", between,
			      prefix_print(part_gateway_subnet(network->space)).text);
	if (network->has_route_server)
		(void)fprintf(out, "%sRouteServerSubnet: %s", between,
			      prefix_print(part_route_server_subnet(network->space)).text);
	(void)fprintf(out, is_list ? "\n" : " }\n");
}

void part_network(const struct part_network *network, FILE *out)
{
	(void)fprintf(out, "  %s:\n    address_prefixes: %s\n", network->name,
		      prefix_print(network->space).text);
	write_subnets(network, out);
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

void part_spoke(unsigned number, struct part_network spoke, bool hub_has_gateway, FILE *out)
{
	/* what the hub's NVA forwards is not from the hub */
	static const char *const halves[2][2] = {
		{ "hub", "{ remote: hub, use_remote_gateways: true }" },
		{ "{ remote: hub, allow_forwarded_traffic: true }",
		  "{ remote: hub, use_remote_gateways: true,\n"
		  "                          allow_forwarded_traffic: true }" },
	};
	char name[16];

	(void)snprintf(name, sizeof(name), "spoke%u", number);
	spoke.name = name;
	part_network(&spoke, out);
	(void)fprintf(out, "    peerings: { to-hub: %s }\n",
		      halves[spoke.takes_forwarded][hub_has_gateway]);
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
