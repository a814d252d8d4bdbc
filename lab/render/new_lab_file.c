/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file that answers come to: parts of labs, and comments for someone who begins. */
#include "lab/render/new_lab.h"

#include "lab/render/lab_parts.h"

#define NVA_HOST 4u /* of its subnet: the first that Azure gives (R9.1) */

/* Hosts of the public range; those of the gateway's instances are one after the other. */
#define GATEWAY_PUBLIC_HOST 1u
#define BRANCH_PUBLIC_HOST  10u

/* Of the GatewaySubnet, for the first instance: alone there, or behind ExpressRoute's (R5.2). */
#define ALONE_BGP_HOST  4u
#define BEHIND_BGP_HOST 14u

#define GATEWAY_ASN 65515u /* Azure's own (R5.3) */
#define BRANCH_ASN  65010u
#define NVA_ASN     65020u

/* Of the RouteServerSubnet, for the first instance. */
#define ROUTE_SERVER_HOST 4u
#define INSTANCES         2u

static struct ip host(struct prefix prefix, unsigned number)
{
	return ip_add(prefix_first(prefix), number);
}

static struct ip nva_ip(struct prefix space)
{
	return host(part_nva_subnet(space), NVA_HOST);
}

static struct ip gateway_public_ip(const struct new_lab *lab, unsigned instance)
{
	return host(new_lab_public_range(lab), GATEWAY_PUBLIC_HOST + instance);
}

static struct ip gateway_bgp_ip(const struct new_lab *lab, unsigned instance)
{
	unsigned first = new_lab_has_express_route(lab) ? BEHIND_BGP_HOST : ALONE_BGP_HOST;

	return host(part_gateway_subnet(lab->hub), first + instance);
}

static struct ip branch_public_ip(const struct new_lab *lab)
{
	return host(new_lab_public_range(lab), BRANCH_PUBLIC_HOST);
}

static struct ip route_server_ip(const struct new_lab *lab, unsigned instance)
{
	return host(part_route_server_subnet(lab->hub), ROUTE_SERVER_HOST + instance);
}

/* Routes lead to the NVA by a table, or the Route Server tells all who use it. */
static bool has_announcing_nva(const struct new_lab *lab)
{
	return lab->has_nva && lab->has_route_server;
}

/* Spokes use it by their peerings. */
static bool has_transit(const struct new_lab *lab)
{
	return new_lab_has_gateway(lab) || lab->has_route_server;
}

static void write_summary(const struct new_lab *lab, FILE *out)
{
	bool has_express_route = new_lab_has_express_route(lab);

	(void)fprintf(out, "# A hub");
	if (lab->spoke_count)
		(void)fprintf(out, " with %u spoke%s", lab->spoke_count,
			      lab->spoke_count == 1 ? "" : "s");
	if (new_lab_has_branch(lab))
		(void)fprintf(out, ", and a branch that %s to them",
			      !lab->has_vpn       ? "ExpressRoute joins"
			      : has_express_route ? "ExpressRoute and a VPN join"
						  : "a VPN joins");
	else if (new_lab_has_gateway(lab))
		(void)fprintf(out, "%s",
			      !lab->has_vpn       ? " and an ExpressRoute circuit"
			      : has_express_route ? ", an ExpressRoute circuit and a VPN gateway"
						  : " and a VPN gateway");
	(void)fprintf(out, ".\n");
	if (lab->has_nva)
		(void)fprintf(out, "# %s through an NVA in the hub.\n",
			      lab->spoke_count == 1 ? "The spoke routes"
						    : "Spokes reach each other");
	if (lab->has_route_server)
		(void)fprintf(out, "# A Route Server tells of what %s by BGP.\n",
			      !lab->has_nva              ? "gateways learn"
			      : new_lab_has_gateway(lab) ? "the NVA and gateways know"
							 : "the NVA announces");
	if (new_lab_has_tunnels(lab) && has_express_route)
		(void)fprintf(out, "# After hublab fault cut hub-circuit the VPN takes over from "
				   "ExpressRoute.\n");
	(void)fprintf(out,
		      "# man hublab.yaml explains each key; after a change: hublab check.\n\n"
		      "lab: %s\nlocation: %s\n"
		      "timers: fast # BGP settles in milliseconds; azure: at Azure's own pace\n\n",
		      lab->name, lab->location);
}

static void write_hub(const struct new_lab *lab, FILE *out)
{
	bool has_gateway = new_lab_has_gateway(lab);
	struct part_network hub = { .name = "hub",
				    .space = lab->hub,
				    .has_gateway = has_gateway,
				    .has_nva = lab->has_nva,
				    .has_route_server = lab->has_route_server,
				    .nva_route_table =
					    has_announcing_nva(lab) ? "of-the-nva" : NULL };

	part_network(&hub, out);
	if (!lab->spoke_count)
		return;
	(void)fprintf(out, "    peerings: # each side has its half; %s\n",
		      has_transit(lab) ? "gateways are used where both say so"
		      : lab->has_nva   ? "the spokes' take what the NVA forwards"
				       : "spokes reach the hub, but not each other");
	part_hub_peerings(lab->spoke_count, has_transit(lab), out);
}

static void write_branch_network(const struct new_lab *lab, FILE *out)
{
	bool has_tunnels = new_lab_has_tunnels(lab);
	struct part_network branch = { .name = "branch",
				       .space = lab->on_premises,
				       .has_gateway = new_lab_has_express_route(lab),
				       .has_nva = has_tunnels,
				       .route_table = has_tunnels ? "via-branch-nva" : NULL };

	(void)fprintf(out, "  # plays on-premises: peered with none, it and Azure learn of each "
			   "other by BGP\n");
	part_network(&branch, out);
}

static void write_networks(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out,
		      "# Address spaces must not overlap. Each has room left for further subnets.\n"
		      "virtual_networks:\n");
	write_hub(lab, out);
	for (unsigned i = 0; i < lab->spoke_count; i++) {
		struct part_network spoke = { .space = lab->spokes[i],
					      .takes_forwarded = lab->has_nva };

		if (lab->has_nva && !lab->has_route_server)
			spoke.route_table = "via-hub-nva";
		part_spoke(i + 1, spoke, has_transit(lab), out);
	}
	if (new_lab_has_branch(lab))
		write_branch_network(lab, out);
}

static void write_vms(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(
		out,
		"\n# Each gets the first free address of its subnet, from .4 on. To choose one:\n"
		"#   hub-vm: { subnet: hub/default, private_ip_address: %s }\n"
		"vms:\n",
		ip_print(host(part_default_subnet(lab->hub, lab->has_nva), 10)).text);
	part_vms(lab->spoke_count, lab->spoke_vms, out);
	if (new_lab_has_branch(lab))
		(void)fprintf(out, "  branch-vm: branch/default\n");
}

/* ---- appliances ---- */

static void write_tunnel(const struct new_lab *lab, unsigned instance, FILE *out)
{
	(void)fprintf(out,
		      "      tunnel%u:\n"
		      "        local_address: %s\n"
		      "        remote_address: %s\n"
		      "        tunnel_address: %s\n"
		      "        peer_tunnel_address: %s\n"
		      "        shared_key: abc123\n",
		      instance + 1, ip_print(branch_public_ip(lab)).text,
		      ip_print(gateway_public_ip(lab, instance)).text,
		      ip_print(nva_ip(lab->on_premises)).text,
		      ip_print(gateway_bgp_ip(lab, instance)).text);
}

static void write_branch_nva(const struct new_lab *lab, FILE *out)
{
	struct prefix_text space = prefix_print(lab->on_premises);

	(void)fprintf(out,
		      "  branch-nva: # the branch's router\n"
		      "    subnet: branch/nva\n"
		      "    private_ip_address: %s\n"
		      "    public_ip_address: branch-nva-pip\n"
		      "    routes: [%s %s] # BGP announces what is in its table\n"
		      "    tunnels: # one to each instance of the gateway, over the Internet\n",
		      ip_print(nva_ip(lab->on_premises)).text, space.text,
		      ip_print(host(part_nva_subnet(lab->on_premises), 1)).text);
	for (unsigned i = 0; i < INSTANCES; i++)
		write_tunnel(lab, i, out);
	(void)fprintf(out,
		      "    bgp: # inside the tunnels; daemon: frr gives it the console vtysh\n"
		      "      asn: %u\n"
		      "      networks: [%s]\n"
		      "      neighbors: # prepend: 2 would make its paths longer\n",
		      BRANCH_ASN, space.text);
	for (unsigned i = 0; i < INSTANCES; i++)
		(void)fprintf(out, "        hub-vpngw-%u: { address: %s, asn: %u }\n", i,
			      ip_print(gateway_bgp_ip(lab, i)).text, GATEWAY_ASN);
}

/* Each in brackets, behind what stands before. */
static void write_list(const struct new_lab *lab, const char *before, const char *behind, FILE *out)
{
	struct prefix summaries[NEW_LAB_SUMMARIES];
	unsigned count = new_lab_summaries(lab, summaries);

	(void)fprintf(out, "%s[", before);
	for (unsigned i = 0; i < count; i++)
		(void)fprintf(out, "%s%s%s", i ? ", " : "", prefix_print(summaries[i]).text,
			      behind);
	(void)fprintf(out, "]");
}

static void write_announcing_nva(const struct new_lab *lab, FILE *out)
{
	char by[IP_TEXT + 1];

	(void)snprintf(by, sizeof(by), " %s", ip_print(host(part_nva_subnet(lab->hub), 1)).text);
	(void)fprintf(
		out,
		"  hub-nva:\n"
		"    subnet: hub/nva\n"
		"    private_ip_address: %s\n"
		"    # BGP announces what is in its table: not the spokes' own ranges, which\n"
		"    # nobody can take over, but one that they are in\n",
		ip_print(nva_ip(lab->hub)).text);
	write_list(lab, "    routes: ", by, out);
	(void)fprintf(out, "\n    bgp:\n      asn: %u\n", NVA_ASN);
	write_list(lab, "      networks: ", "", out);
	(void)fprintf(out, "\n      neighbors: # both instances of the Route Server\n");
	for (unsigned i = 0; i < INSTANCES; i++)
		(void)fprintf(out, "        hub-rs-%u: { address: %s, asn: %u }\n", i,
			      ip_print(route_server_ip(lab, i)).text, GATEWAY_ASN);
}

static void write_route_table(const char *network, struct prefix space, FILE *out)
{
	(void)fprintf(out, "  via-%s-nva: { routes: { all: 0.0.0.0/0 VirtualAppliance %s } }\n",
		      network, ip_print(nva_ip(space)).text);
}

static void write_nvas(const struct new_lab *lab, FILE *out)
{
	bool has_tunnels = new_lab_has_tunnels(lab);

	if (!lab->has_nva && !has_tunnels)
		return;
	(void)fprintf(out,
		      "\n# Machines that forward; with enable_ip_forwarding: false Azure drops "
		      "it.\nnvas:\n");
	if (has_announcing_nva(lab))
		write_announcing_nva(lab, out);
	else if (lab->has_nva)
		(void)fprintf(out, "  hub-nva: { subnet: hub/nva, private_ip_address: %s }\n",
			      ip_print(nva_ip(lab->hub)).text);
	if (has_tunnels)
		write_branch_nva(lab, out);
	(void)fprintf(out, "\n# Longer prefixes go past the NVA: those of peers, and what "
			   "gateways learn,\n"
			   "# which disable_bgp_route_propagation: true keeps out of a table.\n"
			   "route_tables:\n");
	if (has_announcing_nva(lab))
		(void)fprintf(out, "  of-the-nva: # what it announces would come back to it\n"
				   "    disable_bgp_route_propagation: true\n");
	else if (lab->has_nva)
		write_route_table("hub", lab->hub, out);
	if (has_tunnels)
		write_route_table("branch", lab->on_premises, out);
}

/* ---- gateways, and what they are connected to ---- */

/* Whom to write a part of ExpressRoute for: each network that it joins. */
static void write_for_each(const struct new_lab *lab, void (*write)(const char *network, FILE *out),
			   FILE *out)
{
	write("hub", out);
	if (new_lab_has_branch(lab))
		write("branch", out);
}

static void write_public_ips(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out, "\n# On the lab's own Internet: packets never go to the real one.\n"
			   "public_ip_addresses:\n");
	for (unsigned i = 0; i < INSTANCES; i++)
		(void)fprintf(out, "  hub-vpngw-pip%u: %s\n", i + 1,
			      ip_print(gateway_public_ip(lab, i)).text);
	(void)fprintf(out, "  branch-nva-pip: %s\n", ip_print(branch_public_ip(lab)).text);
}

static void write_vpn_gateway(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out,
		      "  hub-vpngw:%s\n"
		      "    virtual_network: hub\n"
		      "    gateway_type: Vpn\n"
		      "    active_active: true # both of its instances have tunnels\n",
		      new_lab_has_tunnels(lab)
			      ? ""
			      : " # without a site yet: hublab new --vpn --branch - shows one");
	if (new_lab_has_tunnels(lab))
		(void)fprintf(out, "    public_ip_addresses: [hub-vpngw-pip1, hub-vpngw-pip2]\n");
	(void)fprintf(out,
		      "    bgp_settings:\n"
		      "      asn: %u # that of Azure; a site needs another one\n"
		      "      bgp_peering_address: [%s, %s]\n",
		      GATEWAY_ASN, ip_print(gateway_bgp_ip(lab, 0)).text,
		      ip_print(gateway_bgp_ip(lab, 1)).text);
}

static void write_site(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out,
		      "\n# The branch as Azure is told of it: what is behind it comes by BGP.\n"
		      "local_network_gateways:\n"
		      "  branch-lgw:\n"
		      "    gateway_ip_address: %s\n"
		      "    bgp_settings: { asn: %u, bgp_peering_address: %s }\n",
		      ip_print(branch_public_ip(lab)).text, BRANCH_ASN,
		      ip_print(nva_ip(lab->on_premises)).text);
}

static void write_gateways(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out, "\nvirtual_network_gateways:\n");
	if (new_lab_has_express_route(lab))
		write_for_each(lab, part_gateway, out);
	if (lab->has_vpn)
		write_vpn_gateway(lab, out);
	if (new_lab_has_tunnels(lab))
		write_site(lab, out);
}

static void write_route_server(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out, "\nroute_servers:\n  hub-rs:\n    virtual_network: hub\n");
	if (new_lab_has_gateway(lab))
		(void)fprintf(out,
			      "    allow_branch_to_branch_traffic: true # all hear what others "
			      "learn\n");
	if (lab->has_nva)
		(void)fprintf(out,
			      "    bgp_connections: { hub-nva: { peer_ip: %s, peer_asn: %u } }\n",
			      ip_print(nva_ip(lab->hub)).text, NVA_ASN);
}

static void write_circuit(const char *network, FILE *out)
{
	(void)fprintf(out, "  %s-circuit: { bandwidth_in_mbps: 50 }\n", network);
}

static void write_connections(const struct new_lab *lab, FILE *out)
{
	(void)fprintf(out, "\nconnections:\n");
	if (new_lab_has_express_route(lab))
		write_for_each(lab, part_connection, out);
	if (new_lab_has_tunnels(lab))
		(void)fprintf(out, "  hub-to-branch: # the key is that of both tunnels\n"
				   "    gateway: hub-vpngw\n"
				   "    local_network_gateway: branch-lgw\n"
				   "    shared_key: abc123\n"
				   "    enable_bgp: true\n");
}

static void write_link(const char *network, FILE *out)
{
	(void)fprintf(out, "      - { circuit: %s-circuit, delay_ms: 10 }\n", network);
}

static void write_joints(const struct new_lab *lab, FILE *out)
{
	bool has_express_route = new_lab_has_express_route(lab);

	if (new_lab_has_tunnels(lab))
		write_public_ips(lab, out);
	if (new_lab_has_gateway(lab))
		write_gateways(lab, out);
	if (lab->has_route_server)
		write_route_server(lab, out);
	if (has_express_route) {
		(void)fprintf(out, "\n# A circuit ends on two MSEEs, Azure's edge; a connection "
				   "joins it to a gateway.\n"
				   "express_route_circuits:\n");
		write_for_each(lab, write_circuit, out);
	}
	if (has_express_route || new_lab_has_tunnels(lab))
		write_connections(lab, out);
	if (has_express_route) {
		(void)fprintf(out, "\n# delay_ms is one way; loss_percent and rate_mbps may stand "
				   "beside it.\n"
				   "providers:\n"
				   "  provider:\n"
				   "    asn: 65001\n"
				   "    links:\n");
		write_for_each(lab, write_link, out);
	}
}

void new_lab_write(const struct new_lab *lab, FILE *out)
{
	write_summary(lab, out);
	write_networks(lab, out);
	write_vms(lab, out);
	write_nvas(lab, out);
	write_joints(lab, out);
}
