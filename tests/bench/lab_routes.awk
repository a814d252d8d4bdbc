# SPDX-License-Identifier: GPL-2.0-or-later
# A lab for measuring routes: a hub with an ExpressRoute gateway, spokes that use it, subnets with
# their machines in each, and a branch that announces prefixes.
# usage: awk -v name=N -v spokes=S -v subnets=EACH -v vms=EACH -v prefixes=P -f lab_routes.awk
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
		for (n = 1; n <= subnets; n++)
			printf "      s%d: { address_prefix: 10.%d.%d.0/24, route_table: rt%d }\n", n, s, n,
				(s - 1) * subnets + n
		print "    peerings: { hub: { remote: hub, use_remote_gateways: true, allow_forwarded_traffic: true } }"
	}
	print "route_tables:"
	for (n = 1; n <= spokes * subnets; n++)
		printf "  rt%d: { routes: { to-nva: 10.0.0.0/8 VirtualAppliance 10.0.0.36, drop: 192.0.2.0/24 None } }\n", n
	print "nvas: { nva: hub/nva }"
	print "vms:"
	for (s = 1; s <= spokes; s++)
		for (n = 1; n <= subnets; n++)
			for (v = 1; v <= vms; v++)
				printf "  vm%d-%d-%d: spoke%d/s%d\n", s, n, v, s, n
	print "virtual_network_gateways: { ergw: { virtual_network: hub, gateway_type: ExpressRoute } }"
	print "express_route_circuits: { er: { msee_address: 10.255.0.1, sku_tier: Premium } }"
	print "connections: { c: { gateway: ergw, circuit: er } }"
	print "providers:"
	print "  mcr:"
	print "    asn: 65001"
	print "    links: [ er, { circuit: er, path: secondary }, { branch: site } ]"
	print "branches:"
	print "  site:"
	print "    asn: 65010"
	print "    announce:"
	for (p = 0; p < prefixes; p++)
		printf "      - 172.%d.%d.0/24\n", 16 + int(p / 256), p % 256
	print "probes: [ { from: vm1-1-1, to: nva } ]"
}
