/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules that findings name, in words. */
#include "lab/base/diag.h"

const struct diag_rule diag_table[DIAG_COUNT] = {
	[DIAG_SYNTAX] = { "syntax", SEVERITY_ERROR, "The file must be well-formed YAML 1.1.",
			  "vms: { a: hub/s1" },
	[DIAG_ENCODING] = { "encoding", SEVERITY_ERROR,
			    "The file must be UTF-8 without NUL and other control characters.",
			    "lab: \"t\\0\"" },
	[DIAG_TOO_LARGE] = { "too-large", SEVERITY_ERROR,
			     "A lab file is at most 4 MiB and 200,000 values, those of an alias "
			     "counted each time it is used.",
			     "vms: { a: *a, b: *a, c: *a }" },
	[DIAG_TOO_DEEP] = { "too-deep", SEVERITY_ERROR, "Values nest at most 32 levels deep.",
			    "vms: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[ ]" },
	[DIAG_EMPTY] = { "empty", SEVERITY_ERROR,
			 "A lab file describes one lab: a mapping of keys to values.",
			 "# nothing" },
	[DIAG_SECOND_DOCUMENT] = { "second-document", SEVERITY_ERROR,
				   "A lab file holds one YAML document.", "---" },
	[DIAG_NOT_ALLOWED] = { "not-allowed", SEVERITY_ERROR,
			       "Tags and merge keys are not part of the language.",
			       "b: { <<: *a }" },
	[DIAG_UNKNOWN_ALIAS] = { "unknown-alias", SEVERITY_ERROR,
				 "An alias repeats an anchor set before it.", "location: *where" },
	[DIAG_DUPLICATE_KEY] = { "duplicate-key", SEVERITY_ERROR,
				 "A key stands once in its mapping; letter case does not count.",
				 "vms: { a: hub/s1, A: hub/s1 }" },
	[DIAG_UNKNOWN_KEY] = { "unknown-key", SEVERITY_ERROR,
			       "Every key is one the language knows.",
			       "vms: { a: { subnt: hub/s1 } }" },
	[DIAG_FOREIGN_KEY] = { "foreign-key", SEVERITY_ERROR,
			       "Keys are those of Azure Resource Manager in snake_case, not what "
			       "Terraform, Bicep or az call the same.",
			       "hub: { address_space: 10.0.0.0/24 }" },
	[DIAG_NOT_IN_LABS] = { "not-in-labs", SEVERITY_ERROR,
			       "Some of what Azure has makes no sense in a lab, or is not there "
			       "yet.",
			       "resource_group: rg1" },
	[DIAG_MISSING_KEY] = { "missing-key", SEVERITY_ERROR,
			       "Some keys have no default and must be given.",
			       "virtual_networks: { hub: {} }" },
	[DIAG_WRONG_SHAPE] = { "wrong-shape", SEVERITY_ERROR,
			       "A value is a scalar, a list or a mapping as its key asks.",
			       "vms: [a]" },
	[DIAG_BAD_VALUE] = { "bad-value", SEVERITY_ERROR, "A value has the form its key asks.",
			     "timers: fats" },
	[DIAG_OUT_OF_RANGE] = { "out-of-range", SEVERITY_ERROR,
				"A number lies within the bounds of its key.",
				"providers: { p: { asn: 4294967295 } }" },
	[DIAG_BAD_NAME] = { "bad-name", SEVERITY_ERROR,
			    "Names are 1 to 64 letters, digits, '-', '_' and '.', and start with a "
			    "letter or digit.",
			    "lab: \"my lab\"" },
	[DIAG_DUPLICATE_NAME] = { "duplicate-name", SEVERITY_ERROR,
				  "Machines of a lab have different names, and so have NICs; "
				  "letter case does not count.",
				  "vms: { fabric: hub/s1 }" },
	[DIAG_UNKNOWN_NAME] = { "unknown-name", SEVERITY_ERROR,
				"A reference names an object of the file.", "vms: { a: hubb/s1 }" },
	[DIAG_HOST_BITS] = { "host-bits", SEVERITY_ERROR,
			     "A prefix has no bits set behind its length.",
			     "hub: { address_prefixes: 10.0.0.1/24 }" },
	[DIAG_RESERVED_SPACE] = { "reserved-space", SEVERITY_ERROR,
				  "Virtual networks cannot use multicast, loopback, link-local, "
				  "broadcast or platform addresses (R9.4).",
				  "a: { address_prefixes: 169.254.10.0/24 }" },
	[DIAG_OVERLAP] = { "overlap", SEVERITY_ERROR,
			   "Prefixes of one virtual network do not overlap.",
			   "hub: { address_prefixes: [10.0.0.0/16, 10.0.1.0/24] }" },
	[DIAG_NOT_IN_SPACE] = { "not-in-space", SEVERITY_ERROR,
				"A subnet lies within its virtual network's address space, an "
				"address within its subnet.",
				"hub: { address_prefixes: 10.0.0.0/24, subnets: { s1: 10.0.1.0/24 "
				"} }" },
	[DIAG_SUBNET_SIZE] = { "subnet-size", SEVERITY_ERROR,
			       "An IPv4 subnet is a /29 or larger, an IPv6 subnet a /64, an "
			       "address space as large as that (R9.1).",
			       "subnets: { s1: 10.0.0.0/30 }" },
	[DIAG_IP_FAMILY] = { "ip-family", SEVERITY_ERROR,
			     "What has IPv6 has IPv4, too, and first: a virtual network; a subnet, "
			     "with at most one prefix of each; a NIC, with at most one IPv6 "
			     "address. Private endpoints have IPv4 alone.",
			     "v6: { address_prefixes: \"fd00::/48\" }" },
	[DIAG_SUBNET_FULL] = { "subnet-full", SEVERITY_ERROR,
			       "A subnet has an address for each of its NICs.",
			       "vms: { a: hub/s1, b: hub/s1, c: hub/s1, d: hub/s1 }" },
	[DIAG_ADDRESS_TAKEN] = { "address-taken", SEVERITY_ERROR,
				 "An address belongs to one NIC of its virtual network, or to one "
				 "branch.",
				 "b: { subnet: hub/s1, private_ip_address: 10.0.0.7 }" },
	[DIAG_RESERVED_ADDRESS] = { "reserved-address", SEVERITY_ERROR,
				    "Azure keeps the first four addresses and the last of every "
				    "subnet (R9.1).",
				    "a: { subnet: hub/s1, private_ip_address: 10.0.0.3 }" },
	[DIAG_NO_GATEWAY_SUBNET] = { "no-gateway-subnet", SEVERITY_ERROR,
				     "A gateway needs a subnet named GatewaySubnet, a Route Server "
				     "one named "
				     "RouteServerSubnet.",
				     "g: { virtual_network: spoke, gateway_type: ExpressRoute }" },
	[DIAG_WRONG_SUBNET] = { "wrong-subnet", SEVERITY_ERROR,
				"Virtual machines are not placed in subnets that belong to a "
				"service: GatewaySubnet, RouteServerSubnet, AzureFirewallSubnet, "
				"AzureFirewallManagementSubnet, AzureBastionSubnet.",
				"vms: { a: hub/GatewaySubnet }" },
	[DIAG_GATEWAY_TAKEN] = { "gateway-taken", SEVERITY_ERROR,
				 "A virtual network has one gateway of each type, and one Route "
				 "Server.",
				 "h: { virtual_network: hub, gateway_type: ExpressRoute }" },
	[DIAG_PEERING] = { "peering", SEVERITY_ERROR,
			   "A peering joins two different virtual networks, once.",
			   "hub: { address_prefixes: 10.0.0.0/24, peerings: { self: hub } }" },
	[DIAG_PEERING_OVERLAP] = { "peering-overlap", SEVERITY_ERROR,
				   "Virtual networks with overlapping address spaces cannot be "
				   "peered (R4.1).",
				   "b: { address_prefixes: 10.0.1.0/24, peerings: { ba: a } }" },
	[DIAG_REMOTE_GATEWAYS] = { "remote-gateways", SEVERITY_ERROR,
				   "use_remote_gateways needs a gateway and allow_gateway_transit "
				   "on the other side, none on its own side, and stands once in a "
				   "virtual network (R4.4).",
				   "peerings: { s: { remote: hub, use_remote_gateways: true } }" },
	[DIAG_NIC_NETWORK] = { "nic-network", SEVERITY_ERROR,
			       "All NICs of a virtual machine are in one virtual network.",
			       "a: { network_interfaces: { lan: hub/s1, wan: spoke/s1 } }" },
	[DIAG_LIMIT] = { "limit", SEVERITY_ERROR,
			 "Of one virtual network: 3,000 subnets, 1,000 address prefixes and 65,536 "
			 "addresses in use; of one virtual machine: 8 NICs; of one gateway: 16 "
			 "circuits; of one circuit: 10 virtual networks, or with sku_tier: Premium "
			 "as many as its bandwidth allows; of one Route Server: 8 BGP "
			 "connections (R7.15); of one NSG: 1,000 rules, 4,000 "
			 "addresses as source, as many as destination, and 100 ASGs; of one rule: "
			 "10 ASGs on a side; of one NIC: 20 ASGs (NSG-44).",
			 "a: { network_interfaces: { n1: *s, n2: *s, n3: *s, n4: *s, n5: *s, n6: "
			 "*s, n7: *s, n8: *s, n9: *s } }" },
	[DIAG_ASN] = { "asn", SEVERITY_ERROR,
		       "The AS number of a provider, branch or NVA is none that Azure keeps "
		       "(R6.2), and that of a branch is not its provider's; those that Azure is "
		       "told are none that is reserved (R5.3).",
		       "providers: { p: { asn: 65515 } }" },
	[DIAG_LINK_TAKEN] = { "link-taken", SEVERITY_ERROR,
			      "Each path of a circuit ends on one provider link.",
			      "providers: { p: { asn: 65001, links: [ c, c ] } }" },
	[DIAG_CONNECTION] = { "connection", SEVERITY_ERROR,
			      "A connection joins a gateway to one of circuit, local network "
			      "gateway and other gateway, of the type that goes with it, and no "
			      "two join the same.",
			      "two: { gateway: g, circuit: c }" },
	[DIAG_PEER_PREFIX] = { "peer-prefix", SEVERITY_ERROR,
			       "A link of a provider has a /30 of its own, of addresses that "
			       "routers take: not that of the other path of its circuit, not that "
			       "of another link of its provider or branch, and not in a virtual "
			       "network that the circuit is connected to (R6.1).",
			       "d: { primary_peer_address_prefix: 192.168.0.0/30, "
			       "secondary_peer_address_prefix: 192.168.0.0/30 }" },
	[DIAG_MSEE_ADDRESS] = { "msee-address", SEVERITY_ERROR,
				"The two MSEEs of a circuit have two addresses, such as machines "
				"have (R6.8).",
				"c: { msee_address: 10.9.0.1, msee_secondary_address: 10.9.0.1 }" },
	[DIAG_STATIC_ROUTE] = { "static-route", SEVERITY_ERROR,
				"A provider has one static route for a prefix.",
				"- { circuit: d, static_routes: 10.9.0.0/24 }" },
	[DIAG_PROBE] = { "probe", SEVERITY_ERROR,
			 "A probe joins two different machines of the lab.",
			 "probes: [ { from: a, to: a } ]" },
	[DIAG_STEP] = { "step", SEVERITY_ERROR,
			"A step has a name of its own, starts from one before it, and sets neither "
			"the lab's name nor steps nor expectations; the first is what the top "
			"level says, and there are 100 at most.",
			"- { name: later, after: nowhere }" },
	[DIAG_EXPECTATION] = { "expectation", SEVERITY_ERROR,
			       "An expectation is about a flow (from, to), a row (routes, prefix) "
			       "or a session (bgp), and has keys of one of them.",
			       "expect: [ { from: a, to: a } ]" },
	[DIAG_LINK] = { "link", SEVERITY_ERROR,
			"A provider link ends on a circuit or on a branch; every branch is on a "
			"link.",
			"- { circuit: er, branch: dc }" },
	[DIAG_ANNOUNCE] = { "announce", SEVERITY_ERROR,
			    "A branch announces a prefix once, and nothing that no router takes; a "
			    "circuit takes 4000 prefixes, or 10000 (R6.15).",
			    "announce: [ 10.20.0.0/16, 127.0.0.0/8 ]" },
	[DIAG_ROUTE] = { "route", SEVERITY_ERROR,
			 "A route has a prefix or service tag, a next hop type that users may "
			 "choose, and an address when that is an appliance (R3.9).",
			 "default: 0.0.0.0/0 VNetPeering" },
	[DIAG_ROUTE_CONFLICT] = { "route-conflict", SEVERITY_ERROR,
				  "The routes of a route table have different prefixes (R3.6).",
				  "routes: { a: 10.0.0.0/8 None, b: 10.0.0.0/8 Internet }" },
	[DIAG_ROUTE_TABLE] = { "route-table", SEVERITY_ERROR,
			       "RouteServerSubnet has no route table; that of a GatewaySubnet "
			       "keeps "
			       "propagation and has no route to 0.0.0.0/0 (R3.16, R3.17).",
			       "RouteServerSubnet: { address_prefix: 10.0.1.0/27, route_table: rt "
			       "}" },
	[DIAG_GUEST_ROUTE] = { "guest-route", SEVERITY_ERROR,
			       "A machine's own route leads to an address in a subnet of one of "
			       "its "
			       "NICs, and there is one for a prefix.",
			       "nvas: { fw: { subnet: hub/nva, routes: [10.9.0.0/16 192.0.2.1] } "
			       "}" },
	[DIAG_GUEST] = { "guest", SEVERITY_ERROR,
			 "A guest has what its image has: addresses and routes; one that is an "
			 "NVA BIRD, tunnels between virtual networks, a firewall and NAT, too, "
			 "and 128 MB for them.",
			 "frr: { subnet: hub/s, kind: libvirt, bgp: { asn: 65010, daemon: FRR } "
			 "}" },
	[DIAG_GUEST_IMAGE] = { "guest-image", SEVERITY_ERROR,
			       "What a guest boots is a disk that QEMU can read, qcow2 or raw, "
			       "whole in "
			       "one file; who is let in is a user with public keys of SSH.",
			       "vms: { a: { subnet: hub/s, image: debian.qcow2 } }" },
	[DIAG_SECURITY_RULE] = { "security-rule", SEVERITY_ERROR,
				 "A security rule has a priority, a direction, an access, a "
				 "protocol, and two sides, each prefixes, one service tag or ASGs, "
				 "with ports (NSG-01 to NSG-07).",
				 "security_rules: { a: 50 Inbound Allow Tcp * -> *:22 }" },
	[DIAG_RULE_CONFLICT] = { "rule-conflict", SEVERITY_ERROR,
				 "Rules of an NSG with one direction have different priorities "
				 "(NSG-03), and so have all of a rule collection (AVNM-02).",
				 "security_rules: { a: 100 Inbound Allow * * -> *, b: 100 Inbound "
				 "Deny * * -> * }" },
	[DIAG_PUBLIC_ADDRESS] = { "public-address", SEVERITY_ERROR,
				  "An address of the Internet is a public one of IPv4, in no "
				  "virtual network, and belongs to one host, NIC or NAT gateway "
				  "(OUT-01).",
				  "internet: { client: 10.0.0.9 }" },
	[DIAG_NAT_GATEWAY] = { "nat-gateway", SEVERITY_ERROR,
			       "A NAT gateway has 1 to 16 public IP addresses of the Standard SKU, "
			       "is for subnets of one virtual network but not GatewaySubnet, and "
			       "not for NICs with a Basic one (OUT-06).",
			       "GatewaySubnet: { address_prefix: 10.0.1.0/27, nat_gateway: ng }" },
	[DIAG_ASG] = { "asg", SEVERITY_ERROR,
		       "All NICs of an ASG, and all ASGs of a rule, are in one virtual network, "
		       "and "
		       "an ASG has no name by which rules call something else (ASG-03, ASG-04).",
		       "application_security_groups: { web: {}, Storage: {} }" },
	[DIAG_NSG_SUBNET] = { "nsg-subnet", SEVERITY_ERROR,
			      "AzureFirewallSubnet, AzureFirewallManagementSubnet and "
			      "RouteServerSubnet have no NSG; that of an AzureBastionSubnet allows "
			      "what Bastion needs (NSG-40, NSG-41).",
			      "RouteServerSubnet: { address_prefix: 10.0.1.0/27, "
			      "network_security_group: nsg }" },
	[DIAG_VPN_GATEWAY] = { "vpn-gateway", SEVERITY_ERROR,
			       "A VPN gateway and one of ExpressRoute have keys of their own; the "
			       "link-local addresses of a VPN gateway are two of 169.254.21.0 to "
			       "169.254.22.255 (R5.4).",
			       "bgp_settings: { custom_bgp_ip_addresses: [169.254.30.1, "
			       "169.254.30.2] }" },
	[DIAG_SITE] = { "local-network-gateway", SEVERITY_ERROR,
			"A local network gateway has the address of a site's device, and address "
			"prefixes that do not overlap, or an AS number and the one address that "
			"it speaks BGP by (R5.5).",
			"site: { gateway_ip_address: 20.9.9.9 }" },
	[DIAG_VPN_CONNECTION] = { "vpn-connection", SEVERITY_ERROR,
				  "A VPN connection has a shared key; with enable_bgp both sides "
				  "have AS numbers, which differ (R5.3), and addresses to speak by "
				  "(R5.4), without it a site has prefixes; private addresses are "
				  "used where the gateway has them (R5.15).",
				  "conn: { gateway: vpngw, local_network_gateway: site }" },
	[DIAG_IPSEC_POLICY] = { "ipsec-policy", SEVERITY_ERROR,
				"An IPsec policy names all six algorithms, as Azure calls them; "
				"with GCM the two of IPsec are the same.",
				"ipsec_policy: { ike_encryption: AES512 }" },
	[DIAG_ROUTE_SERVER] = { "route-server", SEVERITY_ERROR,
				"A Route Server speaks with each NVA of its virtual network, or of "
				"one that is peered with it, once (R7.1, R7.16).",
				"nva: { peer_ip: 192.0.2.1, peer_asn: 65001 }" },
	[DIAG_ROUTER_BGP] = { "router-bgp", SEVERITY_ERROR,
			      "A router has one neighbour of an address, and tells prefixes and "
			      "communities such as there are.",
			      "neighbors: { a: { address: 10.0.0.4, asn: 65515, communities: "
			      "none } }" },
	[DIAG_TUNNEL] = { "tunnel", SEVERITY_ERROR,
			  "A tunnel begins at an address of its own machine, and no two of a "
			  "machine have the same other side.",
			  "tunnels: { t: { local_address: 192.0.2.1, remote_address: 20.9.9.9, "
			  "tunnel_address: 169.254.0.1, peer_tunnel_address: 169.254.21.1, "
			  "shared_key: k } }" },
	[DIAG_LAN] = { "lan", SEVERITY_ERROR,
		       "A branch has one LAN, of a /29 or larger and of no virtual network, with "
		       "an address for its router and each of its hosts, of which there are 250 at "
		       "most.",
		       "branches: { b: { asn: 65010, public_address: 20.9.9.9, hosts: pc } }" },
	[DIAG_ER_PORT] = { "er-port", SEVERITY_ERROR,
			   "A pair of ports of ExpressRoute Direct has twice 10 or twice 100 Gbps. "
			   "On it are circuits of 1, 2, 5 or 10 Gbps, or of 5, 10, 40 or 100, "
			   "together as much as both ports (ENC-04).",
			   "c3: { express_route_port: p, bandwidth_in_gbps: 1, vlan_id: 30 }" },
	[DIAG_LINK_TAG] = { "LINT-44", SEVERITY_ERROR,
			    "Circuits on one pair of ports have different tags: with Dot1Q those "
			    "of their peerings, with QinQ those of the circuits, which stay as "
			    "Azure gave them (LINT-44, ENC-03).",
			    "d: { express_route_port: p, bandwidth_in_gbps: 1, vlan_id: 10 }" },
	[DIAG_MAC_SEC] = { "mac-sec", SEVERITY_ERROR,
			   "MACsec is of ports of ExpressRoute Direct, with a key as long as its "
			   "cipher's; circuits of providers have none (ENC-02).",
			   "mac_sec_config: { cipher: GcmAes128, ckn_secret_identifier: 01, "
			   "cak_secret_identifier: 00112233 }" },
	[DIAG_INITIATED] = { "initiated", SEVERITY_WARNING,
			     "A peering stands on both sides: with one half alone it is Initiated, "
			     "and nothing passes (R4.1).",
			     "hub: { address_prefixes: 10.0.0.0/24, peerings: { p: spoke } }" },
	[DIAG_TRANSIT] = { "transit", SEVERITY_WARNING,
			   "allow_gateway_transit offers a gateway of its own virtual network "
			   "(R4.4).",
			   "peerings: { h: { remote: spoke, allow_gateway_transit: true } }" },
	[DIAG_NEXT_HOP] = { "next-hop", SEVERITY_WARNING,
			    "The next hop of a route is in the virtual network or in one that is "
			    "peered with it; what cannot be reached drops packets (R3.10).",
			    "default: 0.0.0.0/0 VirtualAppliance 192.0.2.1" },
	[DIAG_IPV6_GATEWAY] = { "ipv6-gateway", SEVERITY_WARNING,
				"Gateways of labs speak IPv4 alone: they announce no IPv6 range "
				"and learn none.",
				"address_prefixes: [10.0.0.0/24, \"fd00::/48\"]" },
	[DIAG_SERVICE_SUBNET] = { "service-subnet", SEVERITY_WARNING,
				  "GatewaySubnet and RouteServerSubnet are a /27 or larger, "
				  "AzureFirewallSubnet, AzureFirewallManagementSubnet and "
				  "AzureBastionSubnet a /26, or the service they are for refuses "
				  "them.",
				  "RouteServerSubnet: 10.0.0.0/28" },
	[DIAG_PUBLIC_SPACE] = { "public-space", SEVERITY_WARNING,
				"An address space is a private one: what it holds of the Internet "
				"is out of reach.",
				"hub: { address_prefixes: 172.32.0.0/16 }" },
	[DIAG_MSEE_SPACE] = { "msee-space", SEVERITY_WARNING,
			      "What machines see of an MSEE is an address of no virtual network "
			      "(R6.8).",
			      "c: { msee_address: 10.0.0.58 }" },
	[DIAG_AZURE_NAME] = { "azure-name", SEVERITY_WARNING,
			      "In Azure names do not end with '-' or '.', and those of virtual "
			      "machines have no '_' and no '.'.",
			      "vms: { web_1: hub/s1 }" },
	[DIAG_RESERVED_ASN] = { "reserved-asn", SEVERITY_WARNING,
				"The AS number of a provider or branch is none that IANA reserves "
				"(23456, 64496 to 64511, 65535 to 65551) and not Microsoft's own "
				"(8074, 8075).",
				"providers: { p: { asn: 64500, links: [ c ] } }" },
	[DIAG_BANDWIDTH] = { "bandwidth", SEVERITY_WARNING,
			     "A circuit is ordered with 50, 100, 200 or 500 Mbps, 1, 2, 5 or 10 "
			     "Gbps, on ExpressRoute Direct with up to 400.",
			     "c: { bandwidth_in_mbps: 300 }" },
	[DIAG_UNCONNECTED] = { "unconnected", SEVERITY_WARNING,
			       "A circuit joins a gateway and a provider: without one of them "
			       "nothing passes, but to where static routes lead.",
			       "express_route_circuits: { c: {} }" },
	[DIAG_SKU] = { "sku", SEVERITY_WARNING,
		       "A gateway of the SKU ErGw1AZ takes 4 circuits, and so do all of one "
		       "peering location.",
		       "c5: { gateway: g, circuit: e5 }" },
	[DIAG_SCALE] = { "scale", SEVERITY_WARNING,
			 "Azure peers a virtual network with 500 others and has 200 route tables "
			 "in a region at most; a lab may try more.",
			 "hub: { peerings: { p1: spoke1, p2: spoke2 } } # and so on" },
	[DIAG_DEFAULT_OUTBOUND] = { "default-outbound", SEVERITY_WARNING,
				    "With default outbound access machines have an address on the "
				    "Internet that is nobody's and may change; new virtual "
				    "networks of Azure have none (OUT-07).",
				    "s1: { address_prefix: 10.0.0.0/25, default_outbound_access: "
				    "true }" },
	[DIAG_BASIC_SKU] = { "basic-sku", SEVERITY_WARNING,
			     "Public IP addresses of the Basic SKU are retired: Azure makes no "
			     "new ones (OUT-02).",
			     "pip: { ip_address: 20.1.1.1, sku: Basic }" },
	[DIAG_PROBE_TWICE] = { "probe-twice", SEVERITY_WARNING,
			       "A probe stands once; interval_ms says how often it is sent.",
			       "probes: [ { from: a, to: b }, { from: a, to: b } ]" },
	[DIAG_ASG_USE] = { "asg-use", SEVERITY_WARNING,
			   "A rule names one ASG on a side, and one that has NICs (ASG-06, "
			   "ASG-07).",
			   "http: 100 Inbound Allow Tcp Internet -> nobody:80" },
	[DIAG_ONE_SIDED] = { "one-sided", SEVERITY_WARNING,
			     "Two gateways are joined by two connections, one of each, with the "
			     "same shared_key and enable_bgp.",
			     "conn: { gateway: g1, virtual_network_gateway2: g2, shared_key: k }" },
	[DIAG_VPN_PATH] = { "vpn-path", SEVERITY_WARNING,
			    "A site's device is reached over the Internet by a public address; by "
			    "a private one with use_local_azure_ip_address (R5.15).",
			    "site: { gateway_ip_address: 10.9.0.4, address_prefixes: 10.9.0.0/24 "
			    "}" },
	[DIAG_ROUTE_SERVER_VPN] = { "route-server-vpn", SEVERITY_WARNING,
				    "A VPN gateway beside a Route Server is active-active and has "
				    "AS number 65515 (R7.13).",
				    "vpngw: { virtual_network: hub, gateway_type: Vpn }" },
	[DIAG_LONG_ASN] = { "long-asn", SEVERITY_WARNING,
			    "AS numbers of a Route Server's peers have 16 bits (R7.1).",
			    "nva: { peer_ip: 10.0.0.4, peer_asn: 4200000001 }" },
	[DIAG_GATEWAY_NSG] = { "gateway-nsg", SEVERITY_WARNING,
			       "A GatewaySubnet has no NSG: with one its gateways may stop working "
			       "(NSG-39).",
			       "GatewaySubnet: { address_prefix: 10.0.0.32/27, "
			       "network_security_group: nsg }" },
	[DIAG_IGNORE] = { "ignore", SEVERITY_WARNING,
			  "A comment that ignores a finding names its rule and a reason, and there "
			  "is "
			  "such a finding: at its line or, where it stands alone, at the next.",
			  "vms: { a: hub/s1 } # ignore: LINT-05" },
	[DIAG_HOP_NOBODY] = { "LINT-28", SEVERITY_WARNING,
			      "The next hop of a route is a machine, and one that forwards: the "
			      "row is "
			      "Active whoever has the address, and packets are lost (LINT-28, "
			      "R3.10, "
			      "R9.7).",
			      "default: 0.0.0.0/0 VirtualAppliance 10.0.0.99" },
	[DIAG_HOP_LOOP] = { "LINT-29", SEVERITY_WARNING,
			    "The route table of an appliance's own subnet does not lead to the "
			    "appliance: what it forwards comes back to it (LINT-29, R3.15).",
			    "nva: { address_prefix: 10.0.0.0/27, route_table: rt }" },
	[DIAG_GATEWAY_BYPASS] = { "LINT-30", SEVERITY_WARNING,
				  "Where machines answer on-premises by an appliance, the "
				  "GatewaySubnet has a "
				  "route to them by it, too: else it sees one direction only "
				  "(LINT-30, "
				  "R3.16).",
				  "GatewaySubnet: { address_prefix: 10.0.0.32/27 }" },
	[DIAG_ASYMMETRIC] = { "LINT-27", SEVERITY_WARNING,
			      "What goes by a stateful firewall comes back by it: it drops replies "
			      "to "
			      "what it never saw (LINT-27, R9.11).",
			      "s2: { address_prefix: 10.0.2.0/24 }" },
	[DIAG_NO_WAY_BACK] = { "no-way-back", SEVERITY_WARNING,
			       "A subnet that another one reaches by an appliance has a route "
			       "back: "
			       "peering is not transitive (R4.5).",
			       "s2: { address_prefix: 10.2.0.0/24 }" },
	[DIAG_INGRESS_APPLIANCE] = { "LINT-31", SEVERITY_WARNING,
				     "A machine with a public address has no route for 0.0.0.0/0 "
				     "to an "
				     "appliance: replies to the Internet follow it, and not the "
				     "way that "
				     "requests came (LINT-31, OUT-08).",
				     "vms: { a: { subnet: hub/s1, public_ip_address: pip } }" },
	[DIAG_INGRESS_TUNNELLED] = { "LINT-24", SEVERITY_WARNING,
				     "A machine with a public address is not force tunnelled: its "
				     "replies to the "
				     "Internet go on-premises (LINT-24, R9.9).",
				     "vms: { a: { subnet: hub/s1, public_ip_address: pip } }" },
	[DIAG_PRIVATE_INTERNET] = { "private-internet", SEVERITY_WARNING,
				    "A route of type Internet is for public addresses: behind it "
				    "nobody has a "
				    "private one (R3.9, NSG-30).",
				    "routes: { private: 10.0.0.0/8 Internet }" },
	[DIAG_ROUTE_SERVER_PATH] = { "route-server-path", SEVERITY_WARNING,
				     "No route of a GatewaySubnet leads what is for "
				     "RouteServerSubnet elsewhere, "
				     "or BGP between gateway and Route Server ends (R3.16).",
				     "routes: { all: 10.0.0.0/16 VirtualAppliance 10.0.0.4 }" },
	[DIAG_PROPAGATION_OFF] = { "propagation-off", SEVERITY_INFO,
				   "A subnet that learns nothing from its gateways has a route of "
				   "its own to "
				   "what is behind them (R3.8).",
				   "rt: { disable_bgp_route_propagation: true }" },
	[DIAG_NVA_FORWARDING] = { "nva-forwarding", SEVERITY_WARNING,
				  "The NICs of an NVA have IP forwarding: without it the platform "
				  "drops what "
				  "is not the NIC's own (R9.7).",
				  "nvas: { fw: { subnet: hub/s1, enable_ip_forwarding: false } }" },
	[DIAG_NVA_NAT] = { "nva-without-nat", SEVERITY_WARNING,
			   "An NVA that subnets use for 0.0.0.0/0 translates addresses: at the "
			   "edge of "
			   "Azure only its own are (OUT-01).",
			   "fw: { subnet: hub/nva, public_ip_address: pip }" },
	[DIAG_FORWARDED_TRAFFIC] = { "forwarded-traffic", SEVERITY_WARNING,
				     "A network that an appliance of its peer forwards to takes "
				     "forwarded "
				     "traffic, by its own half of the peering (R4.3).",
				     "peerings: { to-hub: hub }" },
	[DIAG_NO_ACCESS] = { "no-access", SEVERITY_INFO,
			     "A peering gives access: without it all rows stay Active, and packets "
			     "are "
			     "lost (R4.2).",
			     "to-spoke: { remote: spoke, allow_virtual_network_access: false }" },
	[DIAG_GATEWAY_UNUSED] = { "gateway-unused", SEVERITY_INFO,
				  "A gateway that is offered to a peer is used by it: "
				  "allow_gateway_transit "
				  "alone teaches it nothing (R4.4).",
				  "peerings: { to-spoke: { remote: spoke, allow_gateway_transit: "
				  "true } }" },
	[DIAG_JOINED_OVERLAP] = { "joined-overlap", SEVERITY_WARNING,
				  "Virtual networks that circuits or VPNs join have different "
				  "ranges: what is "
				  "equal to a network's own, or inside of it, is never learned "
				  "there (R3.5, "
				  "R5.7).",
				  "address_prefixes: 10.1.0.0/16" },
	[DIAG_SITE_OVERLAP] = { "site-overlap", SEVERITY_WARNING,
				"What a site or a branch has is in none of the virtual networks "
				"that it is "
				"joined with: what is equal to a network's own range, or inside of "
				"it, is "
				"never learned there (R3.5, R5.7).",
				"site: { gateway_ip_address: 20.9.9.9, address_prefixes: "
				"10.0.0.128/25 }" },
	[DIAG_UNUSED] = { "unused", SEVERITY_INFO,
			  "What a lab has is in use, in one of its steps at least.",
			  "route_tables: { rt: {} }" },
	[DIAG_ONE_LINK] = { "LINT-42", SEVERITY_INFO,
			    "Where a circuit has links on both of its paths all have: with one, "
			    "the first fault cuts everything off (LINT-42, R6.1).",
			    "links: [ a, { circuit: a, path: secondary }, b ]" },
	[DIAG_TAGS_DIFFER] = { "tags-differ", SEVERITY_WARNING,
			       "Both sides of a circuit's link have the same tags: else nobody "
			       "answers there (ENC-03).",
			       "links: [ { circuit: a, vlan_id: 20 } ]" },
	[DIAG_MAC_SEC_DIFFERS] = { "LINT-45", SEVERITY_WARNING,
				   "Both sides of a link have MACsec, with the same cipher and "
				   "keys, or none has: else nothing passes (LINT-45, ENC-02).",
				   "mac_sec_config: { cipher: GcmAes128, ckn_secret_identifier: "
				   "02, cak_secret_identifier: 00112233445566778899aabbccddeeff "
				   "}" },
	[DIAG_TUNNEL_DIFFERS] = { "tunnel-differs", SEVERITY_WARNING,
				  "Both sides of a tunnel have the same shared key, and algorithms "
				  "in common "
				  "(R5.15).",
				  "shared_key: not-the-same-at-all" },
	[DIAG_TUNNEL_UNANSWERED] = { "tunnel-unanswered", SEVERITY_WARNING,
				     "At the other end of a tunnel is a device that has one back, "
				     "with these "
				     "addresses (R5.5, R5.15).",
				     "remote_address: 20.9.9.10" },
	[DIAG_SECOND_TUNNEL] = { "second-tunnel", SEVERITY_WARNING,
				 "A device has a tunnel to each instance of an active-active "
				 "gateway, which "
				 "uses both (R5.1).",
				 "active_active: true" },
	[DIAG_BGP_UNANSWERED] = { "bgp-unanswered", SEVERITY_WARNING,
				  "With whom a router speaks BGP is somebody who has that address "
				  "and AS "
				  "number, and speaks back (R5.4, R7.1).",
				  "rs0: { address: 10.0.0.68, asn: 65001 }" },
	[DIAG_ROUTE_SERVER_INSTANCE] = { "route-server-instance", SEVERITY_WARNING,
					 "An NVA speaks with both instances of a Route Server: "
					 "with one alone, what "
					 "is forwarded is left to chance (R7.1).",
					 "neighbors: { rs0: { address: 10.0.0.68, asn: 65515 } }" },
	[DIAG_NETWORK_STATEMENT] = { "network-statement", SEVERITY_WARNING,
				     "A network that a router announces is in its own table, with "
				     "exactly that "
				     "length, or network_import_check is off.",
				     "bgp: { asn: 65001, networks: 10.0.0.0/8 }" },
	[DIAG_SHARED_KEY] = { "shared-key", SEVERITY_INFO,
			      "A shared key is one pair's alone: who has that of two has both "
			      "(RFC 7296).",
			      "two: { gateway: gw, local_network_gateway: b, shared_key: "
			      "one-for-all }" },
	[DIAG_SAME_ASN] = { "same-asn", SEVERITY_INFO,
			    "Sites of one gateway that speak BGP have different AS numbers: a "
			    "router "
			    "drops what has its own number in its path, so they never learn of "
			    "each "
			    "other (RFC 4271).",
			    "b: { gateway_ip_address: 20.9.9.8, bgp_settings: { asn: 65010, "
			    "bgp_peering_address: 10.8.0.1 } }" },
	[DIAG_BRANCH_TO_BRANCH] = { "branch-to-branch", SEVERITY_INFO,
				    "Where a virtual network has gateways of both types, its Route "
				    "Server has "
				    "allow_branch_to_branch_traffic, or they do not tell each "
				    "other what they "
				    "learn (R7.10).",
				    "route_servers: { rs: { virtual_network: hub } }" },
	[DIAG_OPEN_LOGIN] = { "LINT-01", SEVERITY_WARNING,
			      "No machine accepts SSH or remote desktop from all of the Internet "
			      "(LINT-01).",
			      "ssh: 100 Inbound Allow Tcp * -> *:22" },
	[DIAG_OPEN_RISK] = { "LINT-02", SEVERITY_WARNING,
			     "No machine accepts, from all of the Internet, remote PowerShell or a "
			     "port "
			     "of high risk (LINT-02, AVNM-06).",
			     "smb: 100 Inbound Allow Tcp Internet -> *:445" },
	[DIAG_OPEN_SOON] = { "LINT-03", SEVERITY_INFO,
			     "A rule for SSH, remote desktop or remote PowerShell names who may "
			     "come: "
			     "from anywhere, it is open as soon as a machine has a public address "
			     "(LINT-03).",
			     "ssh: 100 Inbound Allow Tcp * -> *:22" },
	[DIAG_PUBLIC_WITHOUT_NSG] = { "LINT-05", SEVERITY_WARNING,
				      "A machine with a public address has an NSG: without one all "
				      "its ports are "
				      "as the SKU of the address has them, open or closed "
				      "(LINT-05, NSG-25).",
				      "vms: { a: { subnet: hub/s1, public_ip_address: pip } }" },
	[DIAG_NO_NSG] = { "LINT-06", SEVERITY_INFO,
			  "Where subnets of a virtual network have NSGs, all of them have that "
			  "machines are in (LINT-06).",
			  "s2: { address_prefix: 10.0.0.64/26 }" },
	[DIAG_TWO_NSGS] = { "LINT-08", SEVERITY_WARNING,
			    "Of two NSGs both have to allow: what the one of subnet and NIC opens "
			    "the other opens, too (LINT-08, NSG-23).",
			    "web: 100 Inbound Allow Tcp Internet -> *:443" },
	[DIAG_DEFAULT_ROUTE_TAG] = { "LINT-32", SEVERITY_WARNING,
				     "A route for 0.0.0.0/0 makes VirtualNetwork everybody: "
				     "AllowVnetInBound "
				     "then lets the Internet in to a public address (LINT-32, "
				     "NSG-29).",
				     "vms: { a: { subnet: hub/s1, public_ip_address: pip } }" },
	[DIAG_ALLOW_ALL] = { "LINT-51", SEVERITY_WARNING,
			     "No rule allows all that comes in, nor all ports from the Internet "
			     "(LINT-51).",
			     "all: 100 Inbound Allow * * -> *" },
	[DIAG_SHADOWED] = { "LINT-52", SEVERITY_WARNING,
			    "A rule can be the first that matches: where one before it matches all "
			    "that "
			    "it could, it never decides (LINT-52, NSG-10).",
			    "late: 200 Inbound Allow Tcp 10.1.0.0/16 -> *:443" },
	[DIAG_ADMIN_DENIES] = { "admin-denies", SEVERITY_WARNING,
				"What an NSG allows no admin rule denies, which is asked first "
				"(AVNM-03).",
				"ssh: 100 Inbound Allow Tcp 10.0.0.0/8 -> *:22" },
	[DIAG_SOURCE_PORT] = { "source-port", SEVERITY_WARNING,
			       "A rule has the port of a service as its destination: clients send "
			       "from "
			       "other ports, most above 1023 (NSG-05).",
			       "web: 100 Inbound Allow Tcp Internet:80 -> *" },
	[DIAG_PUBLIC_SIDE] = { "public-side", SEVERITY_WARNING,
			       "Rules name private addresses: public ones are translated before an "
			       "NSG "
			       "sees what comes in, and behind it for what goes out (NSG-11).",
			       "web: 100 Inbound Allow Tcp Internet -> 20.1.1.1:443" },
	[DIAG_ELSEWHERE] = { "rule-elsewhere", SEVERITY_WARNING,
			     "Inbound rules have a destination, and outbound ones a source, that "
			     "is "
			     "where their NSG stands (NSG-10, NSG-11).",
			     "web: 100 Inbound Allow Tcp Internet -> 10.9.0.0/24:443" },
	[DIAG_TAG_DIRECTION] = { "tag-direction", SEVERITY_INFO,
				 "A service tag stands on the side it is meant for: services such "
				 "as Storage "
				 "are called, and GatewayManager calls (NSG-34).",
				 "in: 100 Inbound Allow Tcp Storage -> *:443" },
	[DIAG_LITERAL_GROUP] = { "LINT-50", SEVERITY_INFO,
				 "A rule names an ASG in the place of the addresses of all its "
				 "NICs: those "
				 "change (LINT-50, ASG-12).",
				 "source_address_prefixes: [10.0.0.4, 10.0.0.5]" },
	[DIAG_TUNNEL_PATH] = { "LINT-41", SEVERITY_WARNING,
			       "What carries a tunnel gets from end to end, and not by what the "
			       "tunnel itself brings (LINT-41, R5.15).",
			       "use_local_azure_ip_address: true" },
	[DIAG_EXPECTED_FLOW] = { "LINT-11", SEVERITY_WARNING,
				 "What is expected of a flow follows from routes and rules "
				 "(LINT-11, LINT-60).",
				 "- { from: a, to: b }" },
};
