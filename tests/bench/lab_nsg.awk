# SPDX-License-Identifier: GPL-2.0-or-later
# A lab for measuring NSGs: a hub with an ExpressRoute gateway, spokes that use it, each with a
# route table and a tag context of its own, and three NSGs of many rules, which subnets have or not.
# usage: awk -v name=N -v spokes=S -v vms=EACH -v rules=R -v has_nsgs=0|1 -f lab_nsg.awk
function rule(n) {
	if (n % 4 == 0)
		return "Allow Tcp VirtualNetwork -> *:" 10000 + n
	if (n % 4 == 1)
		return "Deny Udp 192.0.2." n % 250 "/32 -> *:" 20000 + n
	if (n % 4 == 2)
		return "Allow Tcp 198.51.100.0/25,203.0.113." n % 250 " -> *:80,443,8000-8" 100 + n
	return "Deny Tcp Internet -> 10.0.0.0/8:" 30000 + n
}
BEGIN {
	print "lab: " name
	print "virtual_networks:"
	print "  hub:"
	print "    address_prefixes: 10.0.0.0/24"
	print "    subnets: { GatewaySubnet: 10.0.0.0/27, nva: 10.0.0.32/27 }"
	print "    peerings:"
	for (s = 1; s <= spokes; s++)
		printf "      s%d: { remote: spoke%d, allow_gateway_transit: true }\n", s, s
	for (s = 1; s <= spokes; s++) {
		printf "  spoke%d:\n    address_prefixes: 10.%d.0.0/16\n    subnets:\n", s, s
		printf "      s: { address_prefix: 10.%d.0.0/24, route_table: rt%d%s }\n", s, s,
			has_nsgs ? ", network_security_group: nsg" s % 3 : ""
		print "    peerings: { hub: { remote: hub, use_remote_gateways: true, allow_forwarded_traffic: true } }"
	}
	print "route_tables:"
	for (s = 1; s <= spokes; s++)
		printf "  rt%d: { routes: { spokes: 10.0.0.0/8 VirtualAppliance 10.0.0.36, own: 172.31.%d.0/24 None } }\n", s, s
	print "network_security_groups:"
	for (g = 0; g < 3; g++) {
		printf "  nsg%d:\n    security_rules:\n", g
		print "      probes: 100 Inbound Allow * VirtualNetwork -> *"
		for (r = 1; r < rules; r++)
			printf "      r%d: %d %s %s\n", r, 200 + r, r % 2 ? "Inbound" : "Outbound", rule(r + g)
	}
	print "nvas: { nva: hub/nva }"
	print "vms:"
	for (s = 1; s <= spokes; s++)
		for (v = 1; v <= vms; v++)
			printf "  vm%d-%d: spoke%d/s\n", s, v, s
	print "virtual_network_gateways: { ergw: { virtual_network: hub, gateway_type: ExpressRoute } }"
	print "express_route_circuits: { er: { msee_address: 10.255.0.1 } }"
	print "connections: { c: { gateway: ergw, circuit: er } }"
	print "providers: { mcr: { asn: 65001, links: [ er, { branch: site } ] } }"
	print "branches: { site: { asn: 65010, announce: [ 172.16.0.0/24 ] } }"
	print "probes:"
	print "  - { from: vm1-1, to: vm1-2, protocol: Icmp, interval_ms: 100 }"
	print "  - { from: vm1-1, to: vm2-1, protocol: Icmp, interval_ms: 100 }"
}
