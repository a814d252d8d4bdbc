#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# G28, what routers say of themselves in traceroutes (R6.11): the addresses of Microsoft's
# interoperability lab. Between provider and on-premises it has further routers, silent ones.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: 10.10.30.0/24
    subnets: { vm: 10.10.30.0/25, GatewaySubnet: 10.10.30.128/25 }
    peerings: { to-spoke: { remote: spoke, allow_gateway_transit: true } }
  spoke:
    address_prefixes: 10.11.30.0/24
    subnets: { vm: 10.11.30.0/25 }
    peerings: { to-hub: { remote: hub, use_remote_gateways: true } }
vms: { hub-vm: hub/vm, spoke-vm: spoke/vm }
virtual_network_gateways:
  ergw: { virtual_network: hub, gateway_type: ExpressRoute, ip_configurations: [10.10.30.140, 10.10.30.141] }
express_route_circuits:
  er1: { primary_peer_address_prefix: 192.168.30.16/30 }
  er2: { primary_peer_address_prefix: 192.168.31.16/30 }
connections:
  er1-hub: { gateway: ergw, circuit: er1, msee_ip_addresses: [10.10.30.132, 10.10.30.133] }
  er2-hub: { gateway: ergw, circuit: er2, msee_ip_addresses: [10.10.30.134, 10.10.30.135] }
providers:
  carrier1: { asn: 64601, links: [er1, { branch: location1, peer_address_prefix: 192.168.30.0/30 }] }
  carrier2: { asn: 64602, links: [er2, { branch: location2 }] }
branches:
  location1: { asn: 65021, address: 10.2.30.10 }
  location2: { asn: 65022, address: 10.1.31.10 }
E

# hops PATTERN MACHINE ADDRESS [OPTION...]: the hops of a traceroute, each with a blank behind it
hops() {
	pattern=$1 machine=$2 to=$3
	shift 3
	found=$("$H" exec -l "$LAB" "$machine" -- traceroute -n -q 1 -w 1 -m 8 "$@" "$to" |
		sed -n 's/^ *[0-9]*  \([^ ]*\).*/\1/p' | tr '\n' ' ')
	printf '%s\n' "$found" | grep -Eqx "$pattern" ||
		fail "traceroute from $machine to $to: $found, not $pattern"
}

expect 0 "$H" up "$SCRATCH/lab.yaml"
hops '10\.11\.30\.4 ' hub-vm 10.11.30.4
# the first hop is the MSEE, by its address in the GatewaySubnet: each circuit has its own
hops '10\.10\.30\.132 [^ *]+ 10\.2\.30\.10 ' hub-vm 10.2.30.10
hops '10\.10\.30\.134 [^ *]+ 10\.1\.31\.10 ' hub-vm 10.1.31.10
# from on-premises it answers by its address on the link, and the gateway behind it is silent
hops '192\.168\.30\.1 192\.168\.30\.18 \* 10\.10\.30\.4 ' location1 10.10.30.4 -s 10.2.30.10
hops '192\.168\.30\.1 192\.168\.30\.18 \* 10\.11\.30\.4 ' location1 10.11.30.4 -s 10.2.30.10
