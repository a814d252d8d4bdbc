/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of lab files, key by key. */
#include "lab/model/lab.h"

#define KEY(name, field_kind, type, member, ...)                                                   \
	{                                                                                          \
		.key = (name), .kind = (field_kind), .offset = offsetof(struct type, member),      \
		__VA_ARGS__                                                                        \
	}

#define SCHEMA(what, type, table, ...)                                                             \
	{                                                                                          \
		.noun = (what), .size = sizeof(struct type), .fields = (table),                    \
		.field_count = ARRAY_SIZE(table), __VA_ARGS__                                      \
	}

const struct choice_name timers_names[] = {
	{ "fast", TIMERS_FAST },
	{ "azure", TIMERS_AZURE },
	{ 0 },
};
const struct choice_name sku_tier_names[] = {
	{ "Standard", SKU_STANDARD },
	{ "Premium", SKU_PREMIUM },
	{ 0 },
};
const struct choice_name gateway_type_names[] = {
	{ "ExpressRoute", GATEWAY_EXPRESS_ROUTE },
	{ 0 },
};
const struct choice_name path_names[] = {
	{ "primary", PATH_PRIMARY },
	{ "secondary", PATH_SECONDARY },
	{ 0 },
};
const struct choice_name probe_protocol_names[] = {
	{ "Icmp", PROBE_ICMP },
	{ "Http", PROBE_HTTP },
	{ 0 },
};

const struct choice_name endpoint_policies_names[] = {
	{ "Disabled", ENDPOINT_POLICIES_DISABLED },
	{ "NetworkSecurityGroupEnabled", ENDPOINT_POLICIES_NSG },
	{ "RouteTableEnabled", ENDPOINT_POLICIES_ROUTE_TABLE },
	{ "Enabled", ENDPOINT_POLICIES_ENABLED },
	{ 0 },
};
/* R3.9, R3.22 */
const struct choice_name user_next_hop_type_names[] = {
	{ "VirtualAppliance", NEXT_HOP_VIRTUAL_APPLIANCE },
	{ "VnetLocal", NEXT_HOP_VNET_LOCAL },
	{ "Internet", NEXT_HOP_INTERNET },
	{ "VirtualNetworkGateway", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY },
	{ "None", NEXT_HOP_NONE },
	{ "VirtualApplianceEcmp", NEXT_HOP_VIRTUAL_APPLIANCE_ECMP },
	{ 0 },
};
const struct choice_name none_routes_names[] = {
	{ "2020", NONE_ROUTES_2020 },
	{ "2023", NONE_ROUTES_2023 },
	{ "2026", NONE_ROUTES_2026 },
	{ 0 },
};
const struct choice_name next_hop_form_names[] = {
	{ "list", NEXT_HOPS_LIST },
	{ "rows", NEXT_HOPS_ROWS },
	{ 0 },
};

static const struct field service_tag_fields[] = {
	KEY("address_prefixes", FIELD_SPACES, service_tag, address_prefixes, .is_required = true,
	    .words = "its prefixes"),
};
static const struct schema service_tag_schema =
	SCHEMA("service tag", service_tag, service_tag_fields, .main = "address_prefixes");

static const struct field user_route_fields[] = {
	KEY("route", FIELD_TEXT, user_route, route,
	    .words = "PREFIX TYPE [ADDRESS]: the three keys below in one line"),
	KEY("address_prefix", FIELD_TEXT, user_route, address_prefix,
	    .words = "a prefix, or a service tag (R3.18)"),
	KEY("next_hop_type", FIELD_CHOICE, user_route, next_hop_type,
	    .choices = user_next_hop_type_names, .words = "where it leads (R3.9)"),
	KEY("next_hop_ip_address", FIELD_ADDRESSES, user_route, next_hop_ip_address,
	    .words = "of a VirtualAppliance; of a VirtualApplianceEcmp 2 to 64"),
};
static const struct schema user_route_schema =
	SCHEMA("route", user_route, user_route_fields, .main = "route");

static const struct field route_table_fields[] = {
	KEY("disable_bgp_route_propagation", FIELD_FLAG, route_table, disable_bgp_route_propagation,
	    .fallback = "false", .words = "its NICs get no routes of gateways (R3.8)"),
	KEY("routes", FIELD_MAP, route_table, routes, .object = &user_route_schema,
	    .words = "user-defined routes"),
};
static const struct schema route_table_schema =
	SCHEMA("route table", route_table, route_table_fields);

static const struct field service_endpoint_fields[] = {
	KEY("service", FIELD_TEXT, service_endpoint, service, .is_required = true,
	    .words = "Microsoft.Storage has the prefixes of the service tag Storage"),
};
static const struct schema service_endpoint_schema =
	SCHEMA("service endpoint", service_endpoint, service_endpoint_fields, .main = "service");

static const struct field subnet_fields[] = {
	KEY("address_prefix", FIELD_SPACES, subnet, address_prefix, .is_required = true,
	    .words = "its prefix, or one of IPv4 and one of IPv6"),
	KEY("route_table", FIELD_REF, subnet, route_table_ref,
	    .words = "the route table of its NICs"),
	KEY("service_endpoints", FIELD_LIST, subnet, service_endpoints,
	    .object = &service_endpoint_schema,
	    .words = "services that its NICs reach past their other routes (R2.9)"),
	KEY("private_endpoint_network_policies", FIELD_CHOICE, subnet,
	    private_endpoint_network_policies, .fallback = "Disabled",
	    .choices = endpoint_policies_names,
	    .words = "whether route tables hold for private endpoints in it (R2.12)"),
};
static const struct schema subnet_schema =
	SCHEMA("subnet", subnet, subnet_fields, .main = "address_prefix");

static const struct field peering_fields[] = {
	KEY("remote", FIELD_REF, peering, remote, .is_required = true,
	    .words = "the virtual network on the other side"),
	KEY("allow_virtual_network_access", FIELD_FLAG, peering, allow_virtual_network_access,
	    .fallback = "true", .words = "the peer belongs to the tag VirtualNetwork"),
	KEY("allow_forwarded_traffic", FIELD_FLAG, peering, allow_forwarded_traffic,
	    .fallback = "false", .words = "accept what the peer only forwards"),
	KEY("allow_gateway_transit", FIELD_FLAG, peering, allow_gateway_transit,
	    .fallback = "false", .words = "the peer may use this side's gateways"),
	KEY("use_remote_gateways", FIELD_FLAG, peering, use_remote_gateways, .fallback = "false",
	    .words = "use the peer's gateways"),
};
static const struct schema peering_schema =
	SCHEMA("peering", peering, peering_fields, .main = "remote");

static const struct field vnet_fields[] = {
	KEY("location", FIELD_TEXT, vnet, location, .words = "its region; default the lab's"),
	KEY("address_prefixes", FIELD_SPACES, vnet, address_prefixes, .is_required = true,
	    .words = "its address space"),
	KEY("subnets", FIELD_MAP, vnet, subnets, .object = &subnet_schema, .words = "its subnets"),
	KEY("peerings", FIELD_MAP, vnet, peerings, .object = &peering_schema,
	    .words = "its half of each peering"),
};
static const struct schema vnet_schema = SCHEMA("virtual network", vnet, vnet_fields);

static const struct field nic_fields[] = {
	KEY("subnet", FIELD_REF, nic, subnet_ref, .is_required = true,
	    .words = "VIRTUAL-NETWORK/SUBNET"),
	KEY("private_ip_address", FIELD_ADDRESS, nic, private_ip_address,
	    .words = "its address, of either family; what is not said is the first free one"),
	KEY("ip_configurations", FIELD_ADDRESSES, nic, ip_configurations,
	    .words = "all its addresses, the primary one first, of IPv6 one at most"),
	KEY("enable_ip_forwarding", FIELD_FLAG, nic, enable_ip_forwarding,
	    .words = "may send and receive for other addresses (R9.7); default false, of an "
		     "NVA's true"),
};
static const struct schema nic_schema = SCHEMA("NIC", nic, nic_fields, .main = "subnet");

static const struct field guest_route_fields[] = {
	KEY("route", FIELD_TEXT, guest_route, route,
	    .words = "PREFIX ADDRESS: the two keys below in one line"),
	KEY("address_prefix", FIELD_SPACES, guest_route, address_prefix, .words = "its prefix"),
	KEY("next_hop_ip_address", FIELD_ADDRESS, guest_route, next_hop_ip_address,
	    .words = "the next hop, in a subnet of one of its NICs"),
};
static const struct schema guest_route_schema =
	SCHEMA("guest route", guest_route, guest_route_fields, .main = "route");

static const struct field vm_fields[] = {
	KEY("subnet", FIELD_REF, vm, subnet, .words = "VIRTUAL-NETWORK/SUBNET of its one NIC"),
	KEY("nic", FIELD_NAME, vm, nic, .words = "name of its NIC; default VM-nic"),
	KEY("private_ip_address", FIELD_ADDRESS, vm, private_ip_address,
	    .words = "its address, of either family; what is not said is the first free one"),
	KEY("ip_configurations", FIELD_ADDRESSES, vm, ip_configurations,
	    .words = "all its addresses, the primary one first, of IPv6 one at most"),
	KEY("enable_ip_forwarding", FIELD_FLAG, vm, enable_ip_forwarding,
	    .words = "its NIC may send and receive for other addresses; default false"),
	KEY("network_interfaces", FIELD_MAP, vm, network_interfaces, .object = &nic_schema,
	    .words = "its NICs, the primary one first, instead of 'subnet'"),
};
static const struct schema vm_schema = SCHEMA("virtual machine", vm, vm_fields, .main = "subnet");

static const struct field nva_fields[] = {
	KEY("subnet", FIELD_REF, vm, subnet, .words = "VIRTUAL-NETWORK/SUBNET of its one NIC"),
	KEY("nic", FIELD_NAME, vm, nic, .words = "name of its NIC; default NVA-nic"),
	KEY("private_ip_address", FIELD_ADDRESS, vm, private_ip_address,
	    .words = "its address, of either family; what is not said is the first free one"),
	KEY("ip_configurations", FIELD_ADDRESSES, vm, ip_configurations,
	    .words = "all its addresses, the primary one first, of IPv6 one at most"),
	KEY("enable_ip_forwarding", FIELD_FLAG, vm, enable_ip_forwarding,
	    .words = "its NIC may send and receive for other addresses (R9.7); default true"),
	KEY("network_interfaces", FIELD_MAP, vm, network_interfaces, .object = &nic_schema,
	    .words = "its NICs, the primary one first, instead of 'subnet'"),
	KEY("routes", FIELD_LIST, vm, routes, .object = &guest_route_schema,
	    .words = "routes of its own, beside those to its subnets and by its first NIC"),
};
static const struct schema nva_schema =
	SCHEMA("network virtual appliance", vm, nva_fields, .main = "subnet");

static const struct field private_endpoint_fields[] = {
	KEY("subnet", FIELD_REF, private_endpoint, subnet_ref, .is_required = true,
	    .words = "VIRTUAL-NETWORK/SUBNET"),
	KEY("private_ip_address", FIELD_ADDRESS, private_endpoint, private_ip_address,
	    .words = "its address; default the first free one"),
};
static const struct schema private_endpoint_schema =
	SCHEMA("private endpoint", private_endpoint, private_endpoint_fields, .main = "subnet");

static const struct field semantics_fields[] = {
	KEY("none_routes", FIELD_CHOICE, semantics, none_routes, .fallback = "2026",
	    .choices = none_routes_names,
	    .words = "which prefixes Azure drops, as it listed them in that year (R2.4)"),
	KEY("next_hops", FIELD_CHOICE, semantics, next_hops, .fallback = "list",
	    .choices = next_hop_form_names,
	    .words = "several next hops of a prefix as one row with a list, or, as until 2024, "
		     "one row each (R1.10)"),
};
static const struct schema semantics_schema = SCHEMA("semantics", semantics, semantics_fields);

static const struct field gateway_fields[] = {
	KEY("virtual_network", FIELD_REF, gateway, virtual_network, .is_required = true,
	    .words = "the virtual network whose GatewaySubnet it stands in"),
	KEY("gateway_type", FIELD_CHOICE, gateway, gateway_type, .is_required = true,
	    .choices = gateway_type_names, .words = "ExpressRoute"),
	KEY("ip_configurations", FIELD_ADDRESSES, gateway, ip_configurations,
	    .words = "the addresses of its two instances"),
};
static const struct schema gateway_schema =
	SCHEMA("virtual network gateway", gateway, gateway_fields);

static const struct field circuit_fields[] = {
	KEY("bandwidth_in_mbps", FIELD_NUMBER, circuit, bandwidth_in_mbps, .fallback = "50",
	    .min = 1, .max = 400000, .words = "what was ordered"),
	KEY("sku_tier", FIELD_CHOICE, circuit, sku_tier, .fallback = "Standard",
	    .choices = sku_tier_names,
	    .words = "with Premium each session takes 10000 prefixes instead of 4000 (R6.15), and "
		     "it connects more than 10 virtual networks"),
	KEY("msee_address", FIELD_ADDRESS, circuit, msee_address,
	    .words = "the primary MSEE as virtual machines see it"),
	KEY("msee_secondary_address", FIELD_ADDRESS, circuit, msee_secondary_address,
	    .words = "the secondary one; default the next address"),
	KEY("primary_peer_address_prefix", FIELD_SPACES, circuit, primary_peer_address_prefix,
	    .words = "the /30 between the provider and the primary MSEE"),
	KEY("secondary_peer_address_prefix", FIELD_SPACES, circuit, secondary_peer_address_prefix,
	    .words = "the /30 between the provider and the secondary MSEE"),
};
static const struct schema circuit_schema = SCHEMA("ExpressRoute circuit", circuit, circuit_fields);

static const struct field connection_fields[] = {
	KEY("gateway", FIELD_REF, connection, gateway_ref, .is_required = true,
	    .words = "a virtual network gateway"),
	KEY("circuit", FIELD_REF, connection, circuit_ref, .is_required = true,
	    .words = "an ExpressRoute circuit"),
	KEY("routing_weight", FIELD_NUMBER, connection, routing_weight, .fallback = "0", .min = 0,
	    .max = 32000, .words = "the higher one is preferred (R6.12)"),
	KEY("msee_ip_addresses", FIELD_ADDRESSES, connection, msee_ip_addresses,
	    .words = "the MSEEs' addresses in the GatewaySubnet"),
};
static const struct schema connection_schema = SCHEMA("connection", connection, connection_fields);

static const struct field link_fields[] = {
	KEY("circuit", FIELD_REF, provider_link, circuit_ref, .words = "the circuit it ends on"),
	KEY("branch", FIELD_REF, provider_link, branch_ref,
	    .words = "the branch it ends on, instead of a circuit"),
	KEY("path", FIELD_CHOICE, provider_link, path, .fallback = "primary", .choices = path_names,
	    .words = "which MSEE of the circuit"),
	KEY("delay_ms", FIELD_DECIMAL, provider_link, delay_ms, .fallback = "0", .min = 0,
	    .max = 10000, .words = "delay, one way"),
	KEY("loss_percent", FIELD_DECIMAL, provider_link, loss_percent, .fallback = "0", .min = 0,
	    .max = 100, .words = "share of packets lost, each way"),
	KEY("rate_mbps", FIELD_DECIMAL, provider_link, rate_mbps, .fallback = "0", .min = 0,
	    .max = 400000, .words = "what it carries each way; 0 is no limit"),
	KEY("peer_address_prefix", FIELD_SPACES, provider_link, peer_address_prefix,
	    .words = "the /30 between the provider and the branch"),
	KEY("static_routes", FIELD_SPACES, provider_link, static_routes,
	    .words = "prefixes the provider sends here and tells its other links"),
};
static const struct schema link_schema =
	SCHEMA("provider link", provider_link, link_fields, .main = "circuit");

static const struct field provider_fields[] = {
	KEY("asn", FIELD_NUMBER, provider, asn, .is_required = true, .min = 1, .max = 4294967294.0,
	    .words = "its AS number"),
	KEY("links", FIELD_LIST, provider, links, .object = &link_schema,
	    .words = "its cross-connects to circuits, and its lines to branches"),
};
static const struct schema provider_schema = SCHEMA("provider", provider, provider_fields);

const struct choice_name flow_protocol_names[] = {
	{ "Icmp", PROBE_ICMP },
	{ "Tcp", PROBE_TCP },
	{ "Http", PROBE_HTTP },
	{ 0 },
};
const struct choice_name flow_result_names[] = {
	{ "works", FLOW_WORKS },
	{ "fails", FLOW_FAILS },
	{ 0 },
};
const struct choice_name flow_reason_names[] = {
	{ "no_route", REASON_NO_ROUTE },
	{ "no_machine", REASON_NO_MACHINE },
	{ "other_machine", REASON_OTHER_MACHINE },
	{ "loop", REASON_LOOP },
	{ "next_hop", REASON_NEXT_HOP },
	{ "ip_forwarding", REASON_IP_FORWARDING },
	{ "peering", REASON_PEERING },
	{ 0 },
};
const struct choice_name session_state_names[] = {
	{ "Connected", SESSION_CONNECTED },
	{ "Connecting", SESSION_CONNECTING },
	{ 0 },
};
const struct choice_name next_hop_type_names[] = {
	{ "VnetLocal", NEXT_HOP_VNET_LOCAL },
	{ "VNetPeering", NEXT_HOP_VNET_PEERING },
	{ "VNetGlobalPeering", NEXT_HOP_VNET_GLOBAL_PEERING },
	{ "VirtualNetworkGateway", NEXT_HOP_VIRTUAL_NETWORK_GATEWAY },
	{ "Internet", NEXT_HOP_INTERNET },
	{ "None", NEXT_HOP_NONE },
	{ "VirtualAppliance", NEXT_HOP_VIRTUAL_APPLIANCE },
	{ "VirtualApplianceEcmp", NEXT_HOP_VIRTUAL_APPLIANCE_ECMP },
	{ "VirtualNetworkServiceEndpoint", NEXT_HOP_SERVICE_ENDPOINT },
	{ "InterfaceEndpoint", NEXT_HOP_INTERFACE_ENDPOINT },
	{ 0 },
};
static const struct field announcement_fields[] = {
	KEY("prefix", FIELD_SPACES, announcement, prefix, .is_required = true,
	    .words = "what it announces; several prefixes share the path"),
	KEY("as_path", FIELD_NUMBERS, announcement, as_path, .min = 1, .max = 4294967294.0,
	    .words = "AS numbers behind its own, the nearest first"),
};
static const struct schema announcement_schema =
	SCHEMA("announcement", announcement, announcement_fields, .main = "prefix");

static const struct field branch_fields[] = {
	KEY("asn", FIELD_NUMBER, branch, asn, .is_required = true, .min = 1, .max = 4294967294.0,
	    .words = "the AS number of its router"),
	KEY("address", FIELD_ADDRESS, branch, address,
	    .words = "an address of its router, which is announced and answers ping"),
	KEY("announce", FIELD_LIST, branch, announce, .object = &announcement_schema,
	    .words = "what it tells its providers; stands for networks without a host for each"),
};
static const struct schema branch_schema = SCHEMA("branch", branch, branch_fields);

static const struct field probe_fields[] = {
	KEY("from", FIELD_REF, probe_spec, from_ref, .is_required = true,
	    .words = "a virtual machine"),
	KEY("to", FIELD_REF, probe_spec, to_ref, .is_required = true, .words = "a virtual machine"),
	KEY("protocol", FIELD_CHOICE, probe_spec, protocol, .fallback = "Icmp",
	    .choices = probe_protocol_names, .words = "Icmp or Http"),
	KEY("interval_ms", FIELD_NUMBER, probe_spec, interval_ms, .min = 100, .max = 3600000,
	    .words = "time from one try to the next; default 500 for Icmp and 2000 for Http, or "
		     "what "
		     "makes 500 probes a second of all together"),
	KEY("timeout_ms", FIELD_NUMBER, probe_spec, timeout_ms, .min = 10, .max = 60000,
	    .words = "after which no answer is a failure"),
};
static const struct schema probe_schema = SCHEMA("probe", probe_spec, probe_fields);

static const struct field expectation_fields[] = {
	KEY("from", FIELD_REF, expectation, from_ref,
	    .words = "a flow: the virtual machine it starts at"),
	KEY("to", FIELD_REF, expectation, to_ref,
	    .words = "a flow: the virtual machine it goes to"),
	KEY("protocol", FIELD_CHOICE, expectation, protocol, .fallback = "Icmp",
	    .choices = flow_protocol_names, .words = "of the flow"),
	KEY("port", FIELD_NUMBER, expectation, port, .min = 1, .max = 65535,
	    .words = "of Tcp; the machine listens there as long as it is expected"),
	KEY("result", FIELD_CHOICE, expectation, result, .fallback = "works",
	    .choices = flow_result_names, .words = "what becomes of the flow"),
	KEY("because", FIELD_CHOICE, expectation, because, .choices = flow_reason_names,
	    .words = "why it fails"),
	KEY("ttl", FIELD_NUMBER, expectation, ttl, .min = 1, .max = 255,
	    .words = "of the reply to Icmp, as it arrives"),
	KEY("rtt_ms", FIELD_RANGE, expectation, rtt_ms, .min = 0, .max = 60000,
	    .words = "of the fastest reply"),
	KEY("loss", FIELD_RANGE, expectation, loss, .min = 0, .max = 100,
	    .words = "percent of 20 packets without a reply"),
	KEY("routes", FIELD_REF, expectation, routes,
	    .words = "a row: whose effective routes, a virtual machine or NIC"),
	KEY("prefix", FIELD_SPACES, expectation, prefix, .words = "of the row"),
	KEY("next_hop_type", FIELD_CHOICE, expectation, next_hop_type,
	    .choices = next_hop_type_names, .words = "of the row"),
	KEY("next_hop_ip", FIELD_ADDRESSES, expectation, next_hop_ip,
	    .words = "of the row: all of them, in any order"),
	KEY("absent", FIELD_FLAG, expectation, absent, .fallback = "false",
	    .words = "there is no such row, or nothing of this is learned"),
	KEY("bgp", FIELD_REF, expectation, bgp,
	    .words = "a session: of which gateway instance or router"),
	KEY("peer", FIELD_REF, expectation, peer, .words = "with which one"),
	KEY("state", FIELD_CHOICE, expectation, state, .choices = session_state_names,
	    .words = "of the session"),
	KEY("learned", FIELD_SPACES, expectation, learned,
	    .words = "prefixes that are learned, from 'peer' when it is given"),
	KEY("as_path", FIELD_TEXT, expectation, as_path,
	    .words = "that they are learned with: 12076-65001"),
	KEY("within", FIELD_DURATION, expectation, within, .fallback = "10s", .min = 0,
	    .max = 600000,
	    .words = "how long it may take to become so; with the timers of Azure default 4m"),
};
static const struct schema expectation_schema =
	SCHEMA("expectation", expectation, expectation_fields);

static const struct field step_fields[] = {
	KEY("name", FIELD_TEXT, lab_step, name, .is_required = true, .words = "what is done in it"),
	KEY("after", FIELD_TEXT, lab_step, after,
	    .words = "the step it goes on from; default the one before"),
	KEY("set", FIELD_CHANGES, lab_step, set,
	    .words = "what is different: the paths of values, keys with '/' between"),
	KEY("expect", FIELD_LIST, lab_step, expect, .object = &expectation_schema,
	    .words = "what must be seen in it"),
};
static const struct schema step_schema = SCHEMA("step", lab_step, step_fields);

static const struct field lab_fields[] = {
	KEY("lab", FIELD_NAME, lab, name, .is_required = true, .words = "its name"),
	KEY("location", FIELD_TEXT, lab, location, .fallback = "westus3",
	    .words = "the region of what names none"),
	KEY("timers", FIELD_CHOICE, lab, timers, .fallback = "fast", .choices = timers_names,
	    .words = "milliseconds, or Azure's own pace"),
	KEY("virtual_networks", FIELD_MAP, lab, virtual_networks, .object = &vnet_schema,
	    .words = "virtual networks"),
	KEY("vms", FIELD_MAP, lab, vms, .object = &vm_schema, .words = "virtual machines"),
	KEY("nvas", FIELD_MAP, lab, nvas, .object = &nva_schema,
	    .words = "virtual machines whose guests forward: firewalls, routers"),
	KEY("route_tables", FIELD_MAP, lab, route_tables, .object = &route_table_schema,
	    .words = "user-defined routes, for subnets"),
	KEY("service_tags", FIELD_MAP, lab, service_tags, .object = &service_tag_schema,
	    .words = "prefixes of Azure's services, for routes and service endpoints"),
	KEY("private_endpoints", FIELD_MAP, lab, private_endpoints,
	    .object = &private_endpoint_schema, .words = "services with an address in a subnet"),
	KEY("virtual_network_gateways", FIELD_MAP, lab, virtual_network_gateways,
	    .object = &gateway_schema, .words = "gateways"),
	KEY("express_route_circuits", FIELD_MAP, lab, express_route_circuits,
	    .object = &circuit_schema, .words = "circuits, each with its pair of MSEEs"),
	KEY("connections", FIELD_MAP, lab, connections, .object = &connection_schema,
	    .words = "which gateway uses which circuit"),
	KEY("providers", FIELD_MAP, lab, providers, .object = &provider_schema,
	    .words = "providers' routers and their cross-connects"),
	KEY("branches", FIELD_MAP, lab, branches, .object = &branch_schema,
	    .words = "customers' sites, each with a router on a provider's link"),
	KEY("semantics", FIELD_OBJECT, lab, semantics, .object = &semantics_schema,
	    .words = "what Azure did differently over the years"),
	KEY("probes", FIELD_LIST, lab, probes, .object = &probe_schema,
	    .words = "pings and fetches that run all the time"),
	KEY("expect", FIELD_LIST, lab, expect, .object = &expectation_schema,
	    .words = "what must be seen in the running lab, at every step"),
	KEY("steps", FIELD_LIST, lab, steps, .object = &step_schema,
	    .words = "states of the lab one after the other; the first is what the top level says"),
};
const struct schema lab_schema = SCHEMA("lab", lab, lab_fields);
