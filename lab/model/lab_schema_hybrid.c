/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of what joins Azure to others: gateways, Route Servers, circuits, and customers' routers. */
#include "lab/model/lab_schema_parts.h"
#include "lab/model/link_frames.h"

const struct choice_name sku_tier_names[] = {
	{ "Standard", SKU_STANDARD },
	{ "Premium", SKU_PREMIUM },
	{ 0 },
};
const struct choice_name gateway_type_names[] = {
	{ "ExpressRoute", GATEWAY_EXPRESS_ROUTE },
	{ "Vpn", GATEWAY_VPN },
	{ 0 },
};
const struct choice_name hub_routing_preference_names[] = {
	{ "ExpressRoute", PREFER_EXPRESS_ROUTE },
	{ "VpnGateway", PREFER_VPN_GATEWAY },
	{ "ASPath", PREFER_AS_PATH },
	{ 0 },
};
const struct choice_name routing_daemon_names[] = {
	{ "bird", ROUTING_BIRD },
	{ "frr", ROUTING_FRR },
	{ 0 },
};
const struct choice_name encapsulation_names[] = {
	{ "Dot1Q", ENCAPSULATION_DOT1Q },
	{ "QinQ", ENCAPSULATION_QINQ },
	{ 0 },
};
const struct choice_name mac_sec_cipher_names[] = {
	{ "GcmAes128", MAC_SEC_GCM_AES_128 },
	{ "GcmAes256", MAC_SEC_GCM_AES_256 },
	{ "GcmAesXpn128", MAC_SEC_GCM_AES_XPN_128 },
	{ "GcmAesXpn256", MAC_SEC_GCM_AES_XPN_256 },
	{ 0 },
};
const struct choice_name sci_state_names[] = {
	{ "Disabled", SCI_DISABLED },
	{ "Enabled", SCI_ENABLED },
	{ 0 },
};
const struct choice_name path_names[] = {
	{ "primary", PATH_PRIMARY },
	{ "secondary", PATH_SECONDARY },
	{ 0 },
};

static const struct field guest_route_fields[] = {
	KEY("route", FIELD_TEXT, guest_route, route,
	    .words = "PREFIX ADDRESS: the two keys below in one line"),
	KEY("address_prefix", FIELD_SPACES, guest_route, address_prefix, .words = "its prefix"),
	KEY("next_hop_ip_address", FIELD_ADDRESS, guest_route, next_hop_ip_address,
	    .words = "the next hop, in a subnet of one of its NICs"),
};
const struct schema guest_route_schema =
	SCHEMA("guest route", guest_route, guest_route_fields, .main = "route");

/* ---- customers' routers ---- */

#define ASN_BOUNDS .min = 1, .max = 4294967294.0

static const struct field bgp_neighbor_fields[] = {
	KEY("address", FIELD_ADDRESS, bgp_neighbor, address, .is_required = true,
	    .words = "its address, also the inner one of a tunnel"),
	KEY("asn", FIELD_NUMBER, bgp_neighbor, asn, .is_required = true, ASN_BOUNDS,
	    .words = "its AS number"),
	KEY("prepend", FIELD_NUMBER, bgp_neighbor, prepend, .fallback = "0", .min = 0, .max = 64,
	    .words = "how often the router's own AS number stands once more in what is told"),
	KEY("only", FIELD_SPACES, bgp_neighbor, only,
	    .words = "prefixes that are told; default all"),
	KEY("communities", FIELD_TEXTS, bgp_neighbor, communities,
	    .words = "on what is told: no-advertise (R7.11), or NUMBER:NUMBER"),
	KEY("next_hop", FIELD_ADDRESS, bgp_neighbor, next_hop,
	    .words = "of what is told (R7.8); default the router itself"),
	KEY("as_override", FIELD_FLAG, bgp_neighbor, as_override, .fallback = "false",
	    .words = "the neighbour's AS number becomes the router's own in what is told (R7.9)"),
};
static const struct schema bgp_neighbor_schema =
	SCHEMA("BGP neighbour", bgp_neighbor, bgp_neighbor_fields);

#define ROUTER_BGP_FIELDS                                                                          \
	KEY("networks", FIELD_SPACES, router_bgp, networks,                                        \
	    .words = "prefixes that it announces"),                                                \
		KEY("network_import_check", FIELD_FLAG, router_bgp, network_import_check,          \
		    .fallback = "true", .words = "only those that its own table has"),             \
		KEY("neighbors", FIELD_MAP, router_bgp, neighbors, .object = &bgp_neighbor_schema, \
		    .words = "whom it speaks with")

static const struct field nva_bgp_fields[] = {
	KEY("asn", FIELD_NUMBER, router_bgp, asn, ASN_BOUNDS, .words = "its own AS number"),
	KEY("daemon", FIELD_CHOICE, router_bgp, daemon, .fallback = "bird",
	    .choices = routing_daemon_names, .words = "the program that speaks"),
	ROUTER_BGP_FIELDS,
};
const struct schema nva_bgp_schema = SCHEMA("BGP of an NVA", router_bgp, nva_bgp_fields);

static const struct field branch_bgp_fields[] = { ROUTER_BGP_FIELDS };
static const struct schema branch_bgp_schema =
	SCHEMA("BGP of a branch", router_bgp, branch_bgp_fields);

/* R5.15; the names alone matter */
static const struct choice_name ike_encryption_names[] = {
	{ "AES256", 0 },    { "AES192", 0 }, { "AES128", 0 }, { "GCMAES256", 0 },
	{ "GCMAES128", 0 }, { "DES3", 0 },   { "DES", 0 },    { 0 },
};
static const struct choice_name ike_integrity_names[] = {
	{ "SHA384", 0 },    { "SHA256", 0 },    { "SHA1", 0 }, { "MD5", 0 },
	{ "GCMAES256", 0 }, { "GCMAES128", 0 }, { 0 },
};
static const struct choice_name dh_group_names[] = {
	{ "DHGroup24", 0 }, { "ECP384", 0 },      { "ECP256", 0 },
	{ "DHGroup14", 0 }, { "DHGroup2048", 0 }, { "DHGroup2", 0 },
	{ "DHGroup1", 0 },  { "None", 0 },        { 0 },
};
static const struct choice_name ipsec_encryption_names[] = {
	{ "GCMAES256", 0 }, { "GCMAES192", 0 },
	{ "GCMAES128", 0 }, { "AES256", 0 },
	{ "AES192", 0 },    { "AES128", 0 },
	{ "DES3", 0 },      { "DES", 0 },
	{ "None", 0 },      { 0 },
};
static const struct choice_name ipsec_integrity_names[] = {
	{ "GCMAES256", 0 },
	{ "GCMAES192", 0 },
	{ "GCMAES128", 0 },
	{ "SHA256", 0 },
	{ "SHA1", 0 },
	{ "MD5", 0 },
	{ 0 },
};
static const struct choice_name pfs_group_names[] = {
	{ "PFS24", 0 },   { "ECP384", 0 }, { "ECP256", 0 },
	{ "PFS2048", 0 }, { "PFS14", 0 },  { "PFS2", 0 },
	{ "PFS1", 0 },    { "None", 0 },   { 0 },
};

static const struct field ipsec_policy_fields[] = {
	KEY("ike_encryption", FIELD_TEXT, ipsec_policy, ike_encryption,
	    .choices = ike_encryption_names, .words = "what encrypts IKE"),
	KEY("ike_integrity", FIELD_TEXT, ipsec_policy, ike_integrity,
	    .choices = ike_integrity_names, .words = "what protects IKE"),
	KEY("dh_group", FIELD_TEXT, ipsec_policy, dh_group, .choices = dh_group_names,
	    .words = "the group that IKE's keys are of"),
	KEY("ipsec_encryption", FIELD_TEXT, ipsec_policy, ipsec_encryption,
	    .choices = ipsec_encryption_names, .words = "what encrypts packets"),
	KEY("ipsec_integrity", FIELD_TEXT, ipsec_policy, ipsec_integrity,
	    .choices = ipsec_integrity_names, .words = "what protects packets"),
	KEY("pfs_group", FIELD_TEXT, ipsec_policy, pfs_group, .choices = pfs_group_names,
	    .words = "the group that packets' keys are of"),
	KEY("sa_life_time_seconds", FIELD_NUMBER, ipsec_policy, sa_life_time_seconds,
	    .fallback = "27000", .min = 300, .max = 172799, .words = "of the inner keys"),
};
const struct schema ipsec_policy_schema = SCHEMA("IPsec policy", ipsec_policy, ipsec_policy_fields);

static const struct field device_tunnel_fields[] = {
	KEY("local_address", FIELD_ADDRESS, device_tunnel, local_address, .is_required = true,
	    .words = "outer address of this side: its own, or its public one"),
	KEY("remote_address", FIELD_ADDRESS, device_tunnel, remote_address, .is_required = true,
	    .words = "outer address of the other side"),
	KEY("tunnel_address", FIELD_ADDRESS, device_tunnel, tunnel_address, .is_required = true,
	    .words = "inner address of this side"),
	KEY("peer_tunnel_address", FIELD_ADDRESS, device_tunnel, peer_tunnel_address,
	    .is_required = true, .words = "inner address of the other side"),
	KEY("shared_key", FIELD_TEXT, device_tunnel, shared_key, .is_required = true,
	    .words = "what both sides know"),
	KEY("ipsec_policy", FIELD_OBJECT, device_tunnel, ipsec_policy,
	    .object = &ipsec_policy_schema, .words = "algorithms; default those of Azure (R5.15)"),
};
const struct schema device_tunnel_schema = SCHEMA("tunnel", device_tunnel, device_tunnel_fields);

/* ---- gateways ---- */

static const struct field bgp_settings_fields[] = {
	KEY("asn", FIELD_NUMBER, bgp_settings, asn, ASN_BOUNDS,
	    .words = "its AS number (R5.3); default 65515"),
	KEY("bgp_peering_address", FIELD_ADDRESSES, bgp_settings, bgp_peering_address,
	    .words = "of each instance, in the GatewaySubnet (R5.2)"),
	KEY("custom_bgp_ip_addresses", FIELD_ADDRESSES, bgp_settings, custom_bgp_ip_addresses,
	    .words = "of each instance, for sites that speak BGP by link-local addresses (R5.4)"),
};
static const struct schema bgp_settings_schema =
	SCHEMA("BGP settings of a gateway", bgp_settings, bgp_settings_fields);

static const struct field site_bgp_fields[] = {
	KEY("asn", FIELD_NUMBER, bgp_settings, asn, ASN_BOUNDS, .words = "its AS number (R5.3)"),
	KEY("bgp_peering_address", FIELD_ADDRESSES, bgp_settings, bgp_peering_address,
	    .words = "the one that its router speaks BGP with, inside the tunnel"),
};
static const struct schema site_bgp_schema =
	SCHEMA("BGP settings of a site", bgp_settings, site_bgp_fields);

static const struct field gateway_fields[] = {
	KEY("virtual_network", FIELD_REF, gateway, virtual_network, .is_required = true,
	    .words = "the virtual network whose GatewaySubnet it stands in"),
	KEY("gateway_type", FIELD_CHOICE, gateway, gateway_type, .is_required = true,
	    .choices = gateway_type_names, .words = "ExpressRoute or Vpn"),
	KEY("ip_configurations", FIELD_ADDRESSES, gateway, ip_configurations,
	    .words = "the private addresses of its instances; of a VPN gateway its tunnels'"),
	KEY("active_active", FIELD_FLAG, gateway, active_active, .fallback = "false",
	    .words = "both instances of a VPN gateway carry tunnels (R5.1)"),
	KEY("enable_private_ip_address", FIELD_FLAG, gateway, enable_private_ip_address,
	    .fallback = "false", .words = "its tunnels may use its private addresses (R5.15)"),
	KEY("public_ip_addresses", FIELD_TEXTS, gateway, public_ip_addresses,
	    .words = "the names of its public addresses, one for each instance"),
	KEY("bgp_settings", FIELD_OBJECT, gateway, bgp_settings, .object = &bgp_settings_schema,
	    .words = "of a VPN gateway"),
	KEY("allow_remote_vnet_traffic", FIELD_FLAG, gateway, allow_remote_vnet_traffic,
	    .fallback = "false",
	    .words = "circuits lead to the virtual networks of others, too (R6.16)"),
};
const struct schema gateway_schema = SCHEMA("virtual network gateway", gateway, gateway_fields);

static const struct field local_network_gateway_fields[] = {
	KEY("gateway_ip_address", FIELD_ADDRESS, local_network_gateway, gateway_ip_address,
	    .is_required = true, .words = "where the site's VPN device is reached"),
	KEY("address_prefixes", FIELD_SPACES, local_network_gateway, address_prefixes,
	    .words = "of the site, when it does not speak BGP, or beside that (R5.5)"),
	KEY("bgp_settings", FIELD_OBJECT, local_network_gateway, bgp_settings,
	    .object = &site_bgp_schema, .words = "of a site that speaks BGP"),
};
const struct schema local_network_gateway_schema =
	SCHEMA("local network gateway", local_network_gateway, local_network_gateway_fields);

static const struct field route_server_peering_fields[] = {
	KEY("peer_ip", FIELD_ADDRESS, route_server_peering, peer_ip, .is_required = true,
	    .words = "the address of an NVA"),
	KEY("peer_asn", FIELD_NUMBER, route_server_peering, peer_asn, .is_required = true,
	    ASN_BOUNDS, .words = "its AS number (R7.1)"),
};
static const struct schema route_server_peering_schema =
	SCHEMA("BGP connection", route_server_peering, route_server_peering_fields);

static const struct field route_server_fields[] = {
	KEY("virtual_network", FIELD_REF, route_server, virtual_network, .is_required = true,
	    .words = "the virtual network whose RouteServerSubnet it stands in"),
	KEY("hub_routing_preference", FIELD_CHOICE, route_server, hub_routing_preference,
	    .fallback = "ExpressRoute", .choices = hub_routing_preference_names,
	    .words = "which of equal prefixes it takes (R7.12)"),
	KEY("allow_branch_to_branch_traffic", FIELD_FLAG, route_server,
	    allow_branch_to_branch_traffic, .fallback = "false",
	    .words = "gateways and NVAs hear what the others have learned (R7.10)"),
	KEY("ip_configurations", FIELD_ADDRESSES, route_server, ip_configurations,
	    .words = "the addresses of its two instances"),
	KEY("bgp_connections", FIELD_MAP, route_server, bgp_connections,
	    .object = &route_server_peering_schema, .words = "NVAs that it speaks BGP with"),
};
const struct schema route_server_schema = SCHEMA("Route Server", route_server, route_server_fields);

/* ---- circuits ---- */

static const struct field mac_sec_fields[] = {
	KEY("cipher", FIELD_CHOICE, mac_sec_config, cipher, .fallback = "GcmAes256",
	    .choices = mac_sec_cipher_names, .words = "what it is encrypted with (ENC-02)"),
	KEY("ckn_secret_identifier", FIELD_TEXT, mac_sec_config, ckn_secret_identifier,
	    .words = "the key's name, up to 64 hexadecimal digits: labs have no Key Vault, the "
		     "secret stands here itself"),
	KEY("cak_secret_identifier", FIELD_TEXT, mac_sec_config, cak_secret_identifier,
	    .words = "the key itself: 32 hexadecimal digits, or 64 with a cipher of 256 bits"),
	KEY("sci_state", FIELD_CHOICE, mac_sec_config, sci_state, .fallback = "Disabled",
	    .choices = sci_state_names, .words = "every frame says which channel it is of"),
};
static const struct schema mac_sec_schema = SCHEMA("MACsec", mac_sec_config, mac_sec_fields);

static const struct field port_link_fields[] = {
	KEY("mac_sec_config", FIELD_OBJECT, port_link, mac_sec_config, .object = &mac_sec_schema,
	    .words = "encryption of all that crosses it; off by default"),
};
static const struct schema port_link_schema = SCHEMA("port", port_link, port_link_fields);

static const struct field port_fields[] = {
	KEY("bandwidth_in_gbps", FIELD_NUMBER, express_route_port, bandwidth_in_gbps,
	    .is_required = true, .min = 1, .max = 400,
	    .words = "of each of the two: 10 or 100 (ENC-04)"),
	KEY("encapsulation", FIELD_CHOICE, express_route_port, encapsulation, .fallback = "Dot1Q",
	    .choices = encapsulation_names, .words = "one tag, or two (ENC-03)"),
	KEY("links", FIELD_MAP, express_route_port, links, .object = &port_link_schema,
	    .words = "link1, of the primary path, and link2, of the secondary one"),
};
const struct schema port_schema = SCHEMA("ExpressRoute port", express_route_port, port_fields);

#define TAG_BOUNDS .min = 1, .max = TAG_MAX

static const struct field circuit_fields[] = {
	KEY("express_route_port", FIELD_REF, circuit, express_route_port,
	    .words = "the pair of ports it is on, of ExpressRoute Direct; default a provider's"),
	KEY("bandwidth_in_gbps", FIELD_NUMBER, circuit, bandwidth_in_gbps, .min = 1, .max = 400,
	    .words = "what was ordered, of a circuit on ports (ENC-04)"),
	KEY("stag", FIELD_NUMBER, circuit, stag, TAG_BOUNDS,
	    .words = "the outer tag, which Azure gives; on ports with QinQ, default 100 and up"),
	KEY("vlan_id", FIELD_NUMBER, circuit, vlan_id, TAG_BOUNDS,
	    .words = "the tag of its peering (802.1Q); of a provider's circuit default none"),
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
const struct schema circuit_schema = SCHEMA("ExpressRoute circuit", circuit, circuit_fields);

static const struct field connection_fields[] = {
	KEY("gateway", FIELD_REF, connection, gateway_ref, .is_required = true,
	    .words = "a virtual network gateway"),
	KEY("circuit", FIELD_REF, connection, circuit_ref,
	    .words = "an ExpressRoute circuit; or one of the next two keys"),
	KEY("local_network_gateway", FIELD_REF, connection, local_network_gateway_ref,
	    .words = "a site, by IPsec"),
	KEY("virtual_network_gateway2", FIELD_REF, connection, gateway2_ref,
	    .words = "another VPN gateway, by IPsec; that one needs a connection back"),
	KEY("routing_weight", FIELD_NUMBER, connection, routing_weight, .min = 0, .max = 32000,
	    .words = "the higher one is preferred (R5.12, R6.12); default 0, of VPN connections "
		     "10"),
	KEY("shared_key", FIELD_TEXT, connection, shared_key, .words = "what both sides know"),
	KEY("enable_bgp", FIELD_FLAG, connection, enable_bgp, .fallback = "false",
	    .words = "BGP in the tunnels; else what the site is said to have is routed there"),
	KEY("use_local_azure_ip_address", FIELD_FLAG, connection, use_local_azure_ip_address,
	    .fallback = "false",
	    .words = "tunnels between private addresses: IPsec over ExpressRoute (R5.15)"),
	KEY("ipsec_policy", FIELD_OBJECT, connection, ipsec_policy, .object = &ipsec_policy_schema,
	    .words = "algorithms; default those of Azure (R5.15)"),
	KEY("msee_ip_addresses", FIELD_ADDRESSES, connection, msee_ip_addresses,
	    .words = "the MSEEs' addresses in the GatewaySubnet"),
};
const struct schema connection_schema = SCHEMA("connection", connection, connection_fields);

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
	KEY("stag", FIELD_NUMBER, provider_link, stag, TAG_BOUNDS,
	    .words = "the outer tag on the provider's side; default the circuit's"),
	KEY("vlan_id", FIELD_NUMBER, provider_link, vlan_id, TAG_BOUNDS,
	    .words = "the tag on the provider's side; default the circuit's"),
	KEY("mac_sec_config", FIELD_OBJECT, provider_link, mac_sec_config,
	    .object = &mac_sec_schema,
	    .words = "MACsec on the provider's side; default as that of the port"),
};
static const struct schema link_schema =
	SCHEMA("provider link", provider_link, link_fields, .main = "circuit");

static const struct field provider_fields[] = {
	KEY("asn", FIELD_NUMBER, provider, asn, .is_required = true, .min = 1, .max = 4294967294.0,
	    .words = "its AS number"),
	KEY("links", FIELD_LIST, provider, links, .object = &link_schema,
	    .words = "its cross-connects to circuits, and its lines to branches"),
	KEY("announce_links", FIELD_FLAG, provider, announce_links, .fallback = "false",
	    .words = "its links' own prefixes are announced as any network"),
};
const struct schema provider_schema = SCHEMA("provider", provider, provider_fields);

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
	KEY("daemon", FIELD_CHOICE, branch, daemon, .fallback = "bird",
	    .choices = routing_daemon_names, .words = "the program that speaks BGP"),
	KEY("public_address", FIELD_ADDRESS, branch, public_address,
	    .words = "where the Internet reaches its router"),
	KEY("lan", FIELD_SPACES, branch, lan,
	    .words = "a network behind it, which is announced; the router has its first address"),
	KEY("hosts", FIELD_TEXTS, branch, hosts,
	    .words = "names of machines in its LAN; they have the addresses behind the router's"),
	KEY("bgp", FIELD_OBJECT, branch, bgp, .object = &branch_bgp_schema,
	    .words = "with others than its providers"),
	KEY("tunnels", FIELD_MAP, branch, tunnels, .object = &device_tunnel_schema,
	    .words = "IPsec tunnels as its router has them"),
	KEY("routes", FIELD_LIST, branch, routes, .object = &guest_route_schema,
	    .words = "static routes of its router"),
};
const struct schema branch_schema = SCHEMA("branch", branch, branch_fields);
