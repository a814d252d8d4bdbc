/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The language of lab files, key by key. */
#include "lab/model/lab_schema_parts.h"

const struct choice_name timers_names[] = {
	{ "fast", TIMERS_FAST },
	{ "azure", TIMERS_AZURE },
	{ 0 },
};
const struct choice_name probe_protocol_names[] = {
	{ "Icmp", PROBE_ICMP },
	{ "Tcp", PROBE_TCP },
	{ "Udp", PROBE_UDP },
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
const struct choice_name icmp_ports_names[] = {
	{ "skip", ICMP_PORTS_SKIP },
	{ "match", ICMP_PORTS_MATCH },
	{ 0 },
};
const struct choice_name user_routes_in_tag_names[] = {
	{ "all", USER_ROUTES_ALL },
	{ "appliance", USER_ROUTES_APPLIANCE },
	{ 0 },
};
const struct choice_name internet_tag_names[] = {
	{ "whole", INTERNET_TAG_WHOLE },
	{ "rest", INTERNET_TAG_REST },
	{ 0 },
};
const struct choice_name empty_group_names[] = {
	{ "nothing", EMPTY_GROUP_NOTHING },
	{ "rule", EMPTY_GROUP_RULE },
	{ 0 },
};
const struct choice_name public_ip_sku_names[] = {
	{ "Standard", PUBLIC_IP_STANDARD },
	{ "Basic", PUBLIC_IP_BASIC },
	{ 0 },
};
const struct choice_name vm_kind_names[] = {
	{ "namespace", VM_NAMESPACE },
	{ "libvirt", VM_LIBVIRT },
	{ 0 },
};
const struct choice_name firmware_names[] = {
	{ "bios", FIRMWARE_BIOS },
	{ "uefi", FIRMWARE_UEFI },
	{ 0 },
};
const struct choice_name firewall_names[] = {
	{ "None", FIREWALL_NONE },
	{ "Stateful", FIREWALL_STATEFUL },
	{ 0 },
};
const struct choice_name vpn_gateway_ttl_names[] = {
	{ "kept", VPN_GATEWAY_TTL_KEPT },
	{ "decremented", VPN_GATEWAY_TTL_DECREMENTED },
	{ 0 },
};
const struct choice_name msee_next_hops_names[] = {
	{ "single", MSEE_NEXT_HOPS_SINGLE },
	{ "all", MSEE_NEXT_HOPS_ALL },
	{ 0 },
};
const struct choice_name rule_direction_names[] = {
	{ "Inbound", DIRECTION_INBOUND },
	{ "Outbound", DIRECTION_OUTBOUND },
	{ 0 },
};
const struct choice_name rule_access_names[] = {
	{ "Allow", ACCESS_ALLOW },
	{ "Deny", ACCESS_DENY },
	{ 0 },
};
const struct choice_name admin_access_names[] = {
	{ "Allow", ACCESS_ALLOW },
	{ "Deny", ACCESS_DENY },
	{ "AlwaysAllow", ACCESS_ALWAYS_ALLOW },
	{ 0 },
};
const struct choice_name rule_protocol_names[] = {
	{ "*", PROTOCOL_ANY },
	{ "Tcp", PROTOCOL_TCP },
	{ "Udp", PROTOCOL_UDP },
	{ "Icmp", PROTOCOL_ICMP },
	{ "Esp", PROTOCOL_ESP },
	{ "Ah", PROTOCOL_AH },
	{ 0 },
};

static const struct field service_tag_fields[] = {
	KEY("address_prefixes", FIELD_SPACES, service_tag, address_prefixes, .is_required = true,
	    .words = "its prefixes"),
};
static const struct schema service_tag_schema =
	SCHEMA("service tag", service_tag, service_tag_fields, .main = "address_prefixes");

static const struct field security_rule_fields[] = {
	KEY("rule", FIELD_TEXT, security_rule, rule,
	    .words = "PRIORITY DIRECTION ACCESS PROTOCOL SOURCE[:PORTS] -> DESTINATION[:PORTS]: "
		     "the keys below in one line, lists with commas"),
	KEY("description", FIELD_TEXT, security_rule, description, .words = "for people"),
	KEY("priority", FIELD_NUMBER, security_rule, priority, .min = 100, .max = 4096,
	    .is_judged_later = true, .words = "the lower one is looked at first"),
	KEY("direction", FIELD_CHOICE, security_rule, direction, .choices = rule_direction_names,
	    .words = "of the flows it is for"),
	KEY("access", FIELD_CHOICE, security_rule, access, .choices = rule_access_names,
	    .words = "what becomes of them"),
	KEY("protocol", FIELD_CHOICE, security_rule, protocol, .choices = rule_protocol_names,
	    .words = "their protocol"),
	KEY("source_address_prefixes", FIELD_TEXTS, security_rule, source_address_prefixes,
	    .words = "*, prefixes, or one service tag"),
	KEY("source_port_ranges", FIELD_TEXTS, security_rule, source_port_ranges,
	    .words = "*, 80, 8000-8100, or several; default *"),
	KEY("source_application_security_groups", FIELD_TEXTS, security_rule,
	    source_application_security_groups, .words = "instead of prefixes"),
	KEY("destination_address_prefixes", FIELD_TEXTS, security_rule,
	    destination_address_prefixes, .words = "*, prefixes, or one service tag"),
	KEY("destination_port_ranges", FIELD_TEXTS, security_rule, destination_port_ranges,
	    .words = "*, 80, 8000-8100, or several; default *"),
	KEY("destination_application_security_groups", FIELD_TEXTS, security_rule,
	    destination_application_security_groups, .words = "instead of prefixes"),
};
static const struct schema security_rule_schema = SCHEMA(
	"security rule", security_rule, security_rule_fields, .main = "rule", .is_rule = true);

static const struct field nsg_fields[] = {
	KEY("security_rules", FIELD_MAP, nsg, security_rules, .object = &security_rule_schema,
	    .words = "its own rules; the six default ones are always there"),
};
static const struct schema nsg_schema = SCHEMA("network security group", nsg, nsg_fields);

static const struct schema asg_schema = { .noun = "application security group",
					  .size = sizeof(struct asg) };

static const struct field network_group_fields[] = {
	KEY("members", FIELD_TEXTS, network_group, members, .is_required = true,
	    .words = "virtual networks"),
};
static const struct schema network_group_schema =
	SCHEMA("network group", network_group, network_group_fields, .main = "members");

static const struct field admin_rule_fields[] = {
	KEY("rule", FIELD_TEXT, security_rule, rule,
	    .words = "PRIORITY DIRECTION ACCESS PROTOCOL SOURCE[:PORTS] -> DESTINATION[:PORTS]: "
		     "the keys below in one line, lists with commas"),
	KEY("description", FIELD_TEXT, security_rule, description, .words = "for people"),
	KEY("priority", FIELD_NUMBER, security_rule, priority, .min = 1, .max = 4096,
	    .is_judged_later = true, .words = "the lower one is looked at first"),
	KEY("direction", FIELD_CHOICE, security_rule, direction, .choices = rule_direction_names,
	    .words = "of the flows it is for"),
	KEY("access", FIELD_CHOICE, security_rule, access, .choices = admin_access_names,
	    .words = "what becomes of them"),
	KEY("protocol", FIELD_CHOICE, security_rule, protocol, .choices = rule_protocol_names,
	    .words = "their protocol"),
	KEY("source_address_prefixes", FIELD_TEXTS, security_rule, source_address_prefixes,
	    .words = "*, prefixes, or one service tag"),
	KEY("source_port_ranges", FIELD_TEXTS, security_rule, source_port_ranges,
	    .words = "*, 80, 8000-8100, or several; default *"),
	KEY("destination_address_prefixes", FIELD_TEXTS, security_rule,
	    destination_address_prefixes, .words = "*, prefixes, or one service tag"),
	KEY("destination_port_ranges", FIELD_TEXTS, security_rule, destination_port_ranges,
	    .words = "*, 80, 8000-8100, or several; default *"),
};
static const struct schema admin_rule_schema = SCHEMA(
	"security admin rule", security_rule, admin_rule_fields, .main = "rule", .is_rule = true);

static const struct field rule_collection_fields[] = {
	KEY("applies_to_groups", FIELD_TEXTS, rule_collection, applies_to_groups,
	    .is_required = true, .words = "network groups"),
	KEY("rules", FIELD_MAP, rule_collection, rules, .object = &admin_rule_schema,
	    .words = "rules that stand before all NSGs (AVNM-03)"),
};
static const struct schema rule_collection_schema =
	SCHEMA("rule collection", rule_collection, rule_collection_fields);

static const struct field admin_configuration_fields[] = {
	KEY("rule_collections", FIELD_MAP, admin_configuration, rule_collections,
	    .object = &rule_collection_schema, .words = "rules and the networks they are for"),
};
static const struct schema admin_configuration_schema =
	SCHEMA("security admin configuration", admin_configuration, admin_configuration_fields);

static const struct field public_ip_fields[] = {
	KEY("ip_address", FIELD_ADDRESS, public_ip, ip_address, .is_required = true,
	    .words = "the address"),
	KEY("sku", FIELD_CHOICE, public_ip, sku, .fallback = "Standard",
	    .choices = public_ip_sku_names,
	    .words = "what is Standard is closed until an NSG opens it, Basic is open (NSG-25)"),
};
static const struct schema public_ip_schema =
	SCHEMA("public IP address", public_ip, public_ip_fields, .main = "ip_address");

static const struct field nat_gateway_fields[] = {
	KEY("public_ip_addresses", FIELD_TEXTS, nat_gateway, public_ip_addresses,
	    .is_required = true, .words = "the names of its addresses"),
};
static const struct schema nat_gateway_schema =
	SCHEMA("NAT gateway", nat_gateway, nat_gateway_fields, .main = "public_ip_addresses");

static const struct field internet_host_fields[] = {
	KEY("ip_address", FIELD_ADDRESSES, internet_host, ip_address, .is_required = true,
	    .words = "its public addresses, the primary one first"),
};
static const struct schema internet_host_schema =
	SCHEMA("Internet host", internet_host, internet_host_fields, .main = "ip_address");

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
	KEY("network_security_group", FIELD_REF, subnet, network_security_group_ref,
	    .words = "the NSG of its NICs (NSG-23)"),
	KEY("nat_gateway", FIELD_REF, subnet, nat_gateway_ref,
	    .words = "by which its NICs reach the Internet (OUT-05)"),
	KEY("default_outbound_access", FIELD_FLAG, subnet, default_outbound_access,
	    .fallback = "false",
	    .words = "its NICs reach the Internet without any address of their own (OUT-07)"),
	KEY("service_endpoints", FIELD_LIST, subnet, service_endpoints,
	    .object = &service_endpoint_schema,
	    .words = "services that its NICs reach past their other routes (R2.9)"),
	KEY("private_endpoint_network_policies", FIELD_CHOICE, subnet,
	    private_endpoint_network_policies, .fallback = "Disabled",
	    .choices = endpoint_policies_names,
	    .words = "whether NSGs and route tables hold for private endpoints in it (R2.12, "
		     "NSG-43)"),
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
	KEY("summarized_gateway_prefixes", FIELD_SPACES, vnet, summarized_gateway_prefixes,
	    .words = "what its ExpressRoute gateway announces in place of its address space and of "
		     "peers' that they cover"),
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
	KEY("network_security_group", FIELD_REF, nic, network_security_group_ref,
	    .words = "the NSG of this NIC (NSG-23)"),
	KEY("application_security_groups", FIELD_TEXTS, nic, application_security_groups,
	    .words = "those that this NIC is in (ASG-01)"),
	KEY("public_ip_address", FIELD_REF, nic, public_ip_address_ref,
	    .words = "the public address of this NIC (OUT-01)"),
};
static const struct schema nic_schema = SCHEMA("NIC", nic, nic_fields, .main = "subnet");

/* Of those with a kernel of their own. */
#define GUEST_KEYS                                                                                 \
	KEY("memory_mb", FIELD_NUMBER, vm, memory_mb, .min = 96, .max = 65536,                     \
	    .words = "of a guest; default 96, with an image 1024"),                                \
		KEY("vcpus", FIELD_NUMBER, vm, vcpus, .min = 1, .max = 64, .fallback = "1",        \
		    .words = "processors of a guest"),                                             \
		KEY("image", FIELD_TEXT, vm, image,                                                \
		    .words = "what a guest boots: a disk, qcow2 or raw, by its path from this "    \
			     "file; it is only read"),                                             \
		KEY("firmware", FIELD_CHOICE, vm, firmware, .fallback = "bios",                    \
		    .choices = firmware_names, .words = "what boots the image"),                   \
		KEY("boot_timeout", FIELD_DURATION, vm, boot_timeout_ms, .fallback = "3m",         \
		    .min = 1000, .max = 3600000,                                                   \
		    .words = "in which the image answers at its address"),                         \
		KEY("admin_username", FIELD_TEXT, vm, admin_username, .fallback = "azureuser",     \
		    .words = "whom cloud-init makes in the image; may become root"),               \
		KEY("ssh_public_keys", FIELD_TEXTS, vm, ssh_public_keys,                           \
		    .words = "with which that user is let in: what is in a .pub file")

static const struct field vm_fields[] = {
	KEY("subnet", FIELD_REF, vm, subnet, .words = "VIRTUAL-NETWORK/SUBNET of its one NIC"),
	KEY("nic", FIELD_NAME, vm, nic, .words = "name of its NIC; default VM-nic"),
	KEY("private_ip_address", FIELD_ADDRESS, vm, private_ip_address,
	    .words = "its address, of either family; what is not said is the first free one"),
	KEY("ip_configurations", FIELD_ADDRESSES, vm, ip_configurations,
	    .words = "all its addresses, the primary one first, of IPv6 one at most"),
	KEY("enable_ip_forwarding", FIELD_FLAG, vm, enable_ip_forwarding,
	    .words = "its NIC may send and receive for other addresses; default false"),
	KEY("network_security_group", FIELD_REF, vm, network_security_group_ref,
	    .words = "the NSG of its NIC (NSG-23)"),
	KEY("application_security_groups", FIELD_TEXTS, vm, application_security_groups,
	    .words = "those that its NIC is in (ASG-01)"),
	KEY("public_ip_address", FIELD_REF, vm, public_ip_address_ref,
	    .words = "the public address of its NIC (OUT-01)"),
	KEY("network_interfaces", FIELD_MAP, vm, network_interfaces, .object = &nic_schema,
	    .words = "its NICs, the primary one first, instead of 'subnet'"),
	KEY("kind", FIELD_CHOICE, vm, kind, .fallback = "namespace", .choices = vm_kind_names,
	    .words = "libvirt is a guest with a kernel of its own, by QEMU"),
	GUEST_KEYS,
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
	KEY("network_security_group", FIELD_REF, vm, network_security_group_ref,
	    .words = "the NSG of its NIC (NSG-23)"),
	KEY("application_security_groups", FIELD_TEXTS, vm, application_security_groups,
	    .words = "those that its NIC is in (ASG-01)"),
	KEY("public_ip_address", FIELD_REF, vm, public_ip_address_ref,
	    .words = "the public address of its NIC (OUT-01)"),
	KEY("network_interfaces", FIELD_MAP, vm, network_interfaces, .object = &nic_schema,
	    .words = "its NICs, the primary one first, instead of 'subnet'"),
	KEY("kind", FIELD_CHOICE, vm, kind, .fallback = "namespace", .choices = vm_kind_names,
	    .words = "libvirt is a guest with a kernel of its own, by QEMU"),
	GUEST_KEYS,
	KEY("routes", FIELD_LIST, vm, routes, .object = &guest_route_schema,
	    .words = "routes of its own, beside those to its subnets and by its first NIC"),
	KEY("bgp", FIELD_OBJECT, vm, bgp, .object = &nva_bgp_schema,
	    .words = "with whom it speaks BGP, and what it tells"),
	KEY("tunnels", FIELD_MAP, vm, tunnels, .object = &device_tunnel_schema,
	    .words = "IPsec tunnels as its guest has them"),
	KEY("firewall", FIELD_CHOICE, vm, firewall, .fallback = "None", .choices = firewall_names,
	    .words = "Stateful drops what belongs to no flow that it saw begin"),
	KEY("masquerade", FIELD_REF, vm, masquerade_ref,
	    .words = "one of its NICs: what it forwards by it has its address"),
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
	KEY("icmp_ports", FIELD_CHOICE, semantics, icmp_ports, .fallback = "skip",
	    .choices = icmp_ports_names,
	    .words = "whether a rule for any protocol with ports matches ICMP (NSG-13)"),
	KEY("user_routes_in_tag", FIELD_CHOICE, semantics, user_routes_in_tag, .fallback = "all",
	    .choices = user_routes_in_tag_names,
	    .words = "which user routes belong to VirtualNetwork (NSG-29)"),
	KEY("internet_tag", FIELD_CHOICE, semantics, internet_tag, .fallback = "whole",
	    .choices = internet_tag_names,
	    .words = "whether Internet lacks what VirtualNetwork has by routes (NSG-30)"),
	KEY("empty_group", FIELD_CHOICE, semantics, empty_group, .fallback = "nothing",
	    .choices = empty_group_names,
	    .words = "whether an empty ASG adds nothing to a rule, or disables it (ASG-07)"),
	KEY("vpn_gateway_ttl", FIELD_CHOICE, semantics, vpn_gateway_ttl, .fallback = "kept",
	    .choices = vpn_gateway_ttl_names,
	    .words = "whether a VPN gateway takes one from the TTL (R9.6)"),
	KEY("msee_next_hops", FIELD_CHOICE, semantics, msee_next_hops, .fallback = "single",
	    .choices = msee_next_hops_names,
	    .words = "how many of equal MSEEs are used beside a Route Server (R7.22)"),
};
static const struct schema semantics_schema = SCHEMA("semantics", semantics, semantics_fields);

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
	{ "nsg", REASON_NSG },
	{ "platform", REASON_PLATFORM },
	{ "tunnel", REASON_TUNNEL },
	{ "recursion", REASON_RECURSION },
	{ "firewall", REASON_FIREWALL },
	{ "mtu", REASON_MTU },
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
#define SIZE_WORDS                                                                                 \
	"of Icmp: bytes behind its header, as ping -s has it; with 28 more it is the packet"
#define DONT_FRAGMENT_WORDS                                                                        \
	"of Icmp: it must not be fragmented, and is lost where it does not fit, such as in a "     \
	"tunnel"
static const struct field probe_fields[] = {
	KEY("from", FIELD_REF, probe_spec, from_ref, .is_required = true,
	    .words = "a virtual machine"),
	KEY("to", FIELD_REF, probe_spec, to_ref, .is_required = true, .words = "a virtual machine"),
	KEY("protocol", FIELD_CHOICE, probe_spec, protocol, .fallback = "Icmp",
	    .choices = probe_protocol_names,
	    .words = "Icmp, Tcp, Udp or Http; a closed port of Udp answers, too"),
	KEY("port", FIELD_NUMBER, probe_spec, port, .min = 1, .max = 65535,
	    .words = "of Tcp, where the machine then listens, or of Udp"),
	KEY("size_bytes", FIELD_NUMBER, probe_spec, size_bytes, .min = PROBE_SIZE_MIN,
	    .max = PROBE_SIZE_MAX, .words = SIZE_WORDS),
	KEY("dont_fragment", FIELD_FLAG, probe_spec, dont_fragment, .fallback = "false",
	    .words = DONT_FRAGMENT_WORDS),
	KEY("interval_ms", FIELD_NUMBER, probe_spec, interval_ms, .min = 10, .max = 3600000,
	    .words = "time from one try to the next; default 500 for Icmp and 2000 for others, or "
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
	    .choices = probe_protocol_names, .words = "of the flow"),
	KEY("port", FIELD_NUMBER, expectation, port, .min = 1, .max = 65535,
	    .words = "of Tcp, where the machine listens as long as it is expected, or of Udp, "
		     "which a closed port answers, too"),
	KEY("size_bytes", FIELD_NUMBER, expectation, size_bytes, .min = PROBE_SIZE_MIN,
	    .max = PROBE_SIZE_MAX, .words = SIZE_WORDS),
	KEY("dont_fragment", FIELD_FLAG, expectation, dont_fragment, .fallback = "false",
	    .words = DONT_FRAGMENT_WORDS),
	KEY("result", FIELD_CHOICE, expectation, result, .fallback = "works",
	    .choices = flow_result_names, .words = "what becomes of the flow"),
	KEY("because", FIELD_CHOICE, expectation, because, .choices = flow_reason_names,
	    .words = "why it fails"),
	KEY("rule", FIELD_TEXT, expectation, rule,
	    .words = "because nsg: the name of the rule that denies it"),
	KEY("ttl", FIELD_NUMBER, expectation, ttl, .min = 1, .max = 255,
	    .words = "of the reply to Icmp, as it arrives"),
	KEY("rtt_ms", FIELD_RANGE, expectation, rtt_ms, .min = 0, .max = 60000,
	    .words = "of the fastest reply"),
	KEY("loss", FIELD_RANGE, expectation, loss, .min = 0, .max = 100,
	    .words = "percent of 20 packets without a reply"),
	KEY("via", FIELD_TEXTS, expectation, via,
	    .words = "a flow: machines or gateways that it crosses on its way there"),
	KEY("encrypted", FIELD_FLAG, expectation, encrypted,
	    .words = "a flow: whether it is so on every cable that it crosses"),
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
	    .words = "prefixes of Azure's services, in the place of those that labs have "
		     "by themselves"),
	KEY("private_endpoints", FIELD_MAP, lab, private_endpoints,
	    .object = &private_endpoint_schema, .words = "services with an address in a subnet"),
	KEY("network_security_groups", FIELD_MAP, lab, network_security_groups,
	    .object = &nsg_schema, .words = "NSGs, for subnets and NICs"),
	KEY("application_security_groups", FIELD_MAP, lab, application_security_groups,
	    .object = &asg_schema, .words = "ASGs: sets of NICs that rules name"),
	KEY("network_groups", FIELD_MAP, lab, network_groups, .object = &network_group_schema,
	    .words = "sets of virtual networks, for security admin rules"),
	KEY("security_admin_configurations", FIELD_MAP, lab, security_admin_configurations,
	    .object = &admin_configuration_schema,
	    .words = "security admin rules of the Virtual Network Manager"),
	KEY("public_ip_addresses", FIELD_MAP, lab, public_ip_addresses, .object = &public_ip_schema,
	    .words = "public addresses, for NICs and NAT gateways"),
	KEY("nat_gateways", FIELD_MAP, lab, nat_gateways, .object = &nat_gateway_schema,
	    .words = "NAT gateways, for subnets"),
	KEY("internet", FIELD_MAP, lab, internet, .object = &internet_host_schema,
	    .words = "test hosts of an Internet that is the lab's own"),
	KEY("virtual_network_gateways", FIELD_MAP, lab, virtual_network_gateways,
	    .object = &gateway_schema, .words = "gateways"),
	KEY("local_network_gateways", FIELD_MAP, lab, local_network_gateways,
	    .object = &local_network_gateway_schema, .words = "sites, as VPN gateways know them"),
	KEY("route_servers", FIELD_MAP, lab, route_servers, .object = &route_server_schema,
	    .words = "Route Servers"),
	KEY("express_route_ports", FIELD_MAP, lab, express_route_ports, .object = &port_schema,
	    .words = "pairs of ports of ExpressRoute Direct, for circuits"),
	KEY("express_route_circuits", FIELD_MAP, lab, express_route_circuits,
	    .object = &circuit_schema, .words = "circuits, each with its pair of MSEEs"),
	KEY("connections", FIELD_MAP, lab, connections, .object = &connection_schema,
	    .words = "what gateways are connected to: circuits, sites, each other"),
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
