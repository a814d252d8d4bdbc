#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# User routes and NVAs, as packets meet them: a lab that is changed while it runs, and what each
# change does. Every state is green, so what hublab predicts is what its probes see.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
route_tables:
  rt1: { routes: { spokes: 10.2.0.0/16 VirtualAppliance 10.4.2.101 } }
  rt2: { routes: { spokes: 10.1.0.0/16 VirtualAppliance 10.4.2.101 } }
  # what comes from the data centre to spoke1 is inspected
  gateways: { routes: { spoke1: 10.1.0.0/16 VirtualAppliance 10.4.2.101 } }
virtual_networks:
  hub:
    address_prefixes: 10.4.0.0/16
    subnets:
      nvas: 10.4.2.0/24
      inside: 10.4.3.0/24
      outside: 10.4.4.0/24
      GatewaySubnet: { address_prefix: 10.4.255.0/27, route_table: gateways }
    peerings:
      to1: { remote: spoke1, allow_forwarded_traffic: true, allow_gateway_transit: true }
      to2: { remote: spoke2, allow_forwarded_traffic: true }
  spoke1:
    address_prefixes: 10.1.0.0/16
    subnets: { s1: { address_prefix: 10.1.1.0/24, route_table: rt1 }, s2: 10.1.2.0/24 }
    peerings: { hub: { remote: hub, allow_forwarded_traffic: true, use_remote_gateways: true } }
  spoke2:
    address_prefixes: 10.2.0.0/16
    subnets: { s1: { address_prefix: 10.2.1.0/24, route_table: rt2 } }
    peerings: { hub: { remote: hub, allow_forwarded_traffic: true } }
  dc: { address_prefixes: 10.7.0.0/16, subnets: { s1: 10.7.1.0/24, GatewaySubnet: 10.7.255.0/27 } }
vms:
  vm1: { subnet: spoke1/s1, ip_configurations: [10.1.1.4, 10.1.1.14] }
  vm1b: { subnet: spoke1/s1, private_ip_address: 10.1.1.5 }
  vm1c: { subnet: spoke1/s2, private_ip_address: 10.1.2.4 }
  vm1d:
    network_interfaces:
      vm1d-a: { subnet: spoke1/s2, private_ip_address: 10.1.2.5 }
      vm1d-b: { subnet: spoke1/s1, private_ip_address: 10.1.1.6 }
  vm2: { subnet: spoke2/s1, private_ip_address: 10.2.1.4 }
  dcvm: { subnet: dc/s1, private_ip_address: 10.7.1.4 }
nvas:
  nva1: { subnet: hub/nvas, private_ip_address: 10.4.2.101 }
  nva2: { subnet: hub/nvas, private_ip_address: 10.4.2.102 }
  fw: # in by one NIC, out by the other
    network_interfaces:
      fw-in: { subnet: hub/inside, private_ip_address: 10.4.3.4 }
      fw-out: { subnet: hub/outside, private_ip_address: 10.4.4.4 }
    routes: [10.2.0.0/16 10.4.4.1]
private_endpoints: { pe: { subnet: spoke1/s2, private_ip_address: 10.1.2.10 } }
virtual_network_gateways:
  g: { virtual_network: hub, gateway_type: ExpressRoute }
  h: { virtual_network: dc, gateway_type: ExpressRoute }
express_route_circuits: { c: { msee_address: 10.3.129.58 }, d: { msee_address: 10.3.130.58 } }
connections: { x: { gateway: g, circuit: c }, y: { gateway: h, circuit: d } }
providers: { p: { asn: 65001, links: [ c, d ] } }
E
expect 0 "$H" up "$SCRATCH/lab.yaml"

set_to() { # PATH VALUE...: each state is as predicted
	expect 0 "$H" set -l "$LAB" "$@"
}
ttl() { # FROM ADDRESS TTL: of the reply
	expect 0 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" "ttl=$3 "
}
lost() { # FROM ADDRESS: and nobody says so
	expect 1 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" '2 packets transmitted, 0 received, 100% packet loss'
	lacks "$out" 'errors|nreachable'
}
trace() { # FROM ADDRESS HOPS: by echoes, whose replies no kernel limits
	got=$("$H" exec -l "$LAB" "$1" -- traceroute -I -n -q 1 -w 1 -m 8 "$2" |
		sed -n 's/^ *[0-9]*  \([^ ]*\).*/\1/p' | tr '\n' ' ')
	[ "$got" = "$3 " ] || fail "from $1 to $2: $got, not $3"
}
fetch() { # FROM ADDRESS NAME
	expect 0 "$H" curl -l "$LAB" "$1" -s -m 3 "$2"
	[ "$out" = "$3" ] || fail "$2 is '$out' for $1, not '$3'"
}
nft_on() { # MACHINE COMMAND
	expect 0 "$H" exec -l "$LAB" "$1" -- nft "$2"
}
packets() { # MACHINE CHAIN: of the rule with a counter
	"$H" exec -l "$LAB" "$1" -- nft list chain ip t "$2" |
		sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}
rows() {
	for vm in vm1 vm2 nva1; do
		"$H" routes -l "$LAB" $vm -o tsv || fail "rows of $vm"
	done
}

# spoke to spoke: the NVA is one hop each way (R4.6, R9.5)
ttl vm1 10.2.1.4 63
ttl vm2 10.1.1.4 63
trace vm1 10.2.1.4 '10.4.2.101 10.2.1.4'
trace vm2 10.1.1.4 '10.4.2.101 10.1.1.4'
fetch vm1 10.2.1.4 vm2

# every address of a NIC and every NIC answers
ttl vm2 10.1.1.14 63
ttl nva1 10.1.1.14 64
ttl nva1 10.1.2.5 64
ttl vm1 10.1.1.6 64
lost vm2 10.1.1.6 # the guest answers others by its first NIC, which may not send that (R9.7)
expect 0 "$H" exec -l "$LAB" vm1 -- ping -I 10.1.1.14 -c 1 -W 1 10.2.1.4

# a private endpoint: TCP, from its network and from peered ones, no ping (R2.11)
for vm in vm1 nva1; do
	fetch $vm 10.1.2.10 pe
	lost $vm 10.1.2.10
done

# the data centre's packets go by the NVA, those back do not (R3.16)
trace dcvm 10.1.1.4 '10.7.255.8 169.254.64.9 169.254.64.2 * 10.4.2.101 10.1.1.4'
trace vm1 10.7.1.4 '10.4.255.8 169.254.64.1 169.254.64.10 * 10.7.1.4'
ttl dcvm 10.1.1.4 60
ttl vm1 10.7.1.4 59

# part of the own network, then all of it (R3.14); a longer route keeps neighbours' packets direct
own=route_tables/rt1/routes/own keep=route_tables/rt1/routes/keep
set_to $own '10.1.2.0/24 VirtualAppliance 10.4.2.101'
trace vm1 10.1.2.4 '10.4.2.101 10.1.2.4'
trace vm1 10.1.1.5 '10.1.1.5'
set_to $own '10.1.0.0/16 VirtualAppliance 10.4.2.101'
trace vm1 10.1.2.4 '10.4.2.101 10.1.2.4'
trace vm1 10.1.1.5 '10.4.2.101 10.1.1.5'
ttl vm1 10.1.1.5 63
fetch vm1 10.1.2.10 pe # its own row is longer
set_to $keep '10.1.1.0/24 VnetLocal'
trace vm1 10.1.1.5 '10.1.1.5'
ttl vm1 10.1.1.5 64
trace vm1 10.1.2.4 '10.4.2.101 10.1.2.4'
set_to $own null $keep null

# two arms: in by one, and by the guest's own route out by the other
spokes=route_tables/rt1/routes/spokes
nft_on fw 'add table ip t; add chain ip t through { type filter hook forward priority 0; };
	add rule ip t through iifname eth0 oifname eth1 ip daddr 10.2.0.0/16 counter'
set_to $spokes '10.2.0.0/16 VirtualAppliance 10.4.3.4'
trace vm1 10.2.1.4 '10.4.3.4 10.2.1.4'
ttl vm1 10.2.1.4 63
[ "$(packets fw through)" -ge 3 ] || fail "fw forwarded $(packets fw through) packets"

# two NVAs: flows are spread over both by their ports, and each stays on one (R3.22)
for nva in nva1 nva2; do
	nft_on $nva 'add table ip t; add set ip t seen { type inet_service; };
		add chain ip t through { type filter hook forward priority 0; };
		add rule ip t through tcp dport 8000 add @seen { tcp sport }'
done
set_to $spokes '10.2.0.0/16 VirtualApplianceEcmp 10.4.2.101 10.4.2.102'
port=20000 # none that the kernel gives to the probes
while [ $port -lt 20032 ]; do # nobody listens there: vm2 says so, and the flow was seen
	"$H" curl -l "$LAB" vm1 -s -m 3 --local-port $port 10.2.1.4:8000
	port=$((port + 1))
done
for nva in nva1 nva2; do
	"$H" exec -l "$LAB" $nva -- nft list set ip t seen | grep -o '200[0-9][0-9]' |
		sort -u >"$SCRATCH/$nva"
	[ "$(wc -l <"$SCRATCH/$nva")" -ge 4 ] || fail "$nva had $(wc -l <"$SCRATCH/$nva") of 32 flows"
done
[ "$(sort -u "$SCRATCH/nva1" "$SCRATCH/nva2" | wc -l)" -eq 32 ] || fail "not all flows were seen"
# the same flow again, by other sockets: the same NVA
for port in 20000 20001 20000 20001 20000 20001; do
	"$H" curl -l "$LAB" vm1 -s -m 3 --local-port $port 10.2.1.4:8000
done
again=$(for nva in nva1 nva2; do "$H" exec -l "$LAB" $nva -- nft list set ip t seen; done |
	grep -o '200[0-9][0-9]' | sort | uniq -d)
[ -z "$again" ] || fail "on both NVAs: $again"

# routes that lose what they match, and say nothing
lossy() { # NEXT-HOP REASON
	set_to $spokes "10.2.0.0/16 $1"
	lost vm1 10.2.1.4
	ttl vm1 10.4.2.101 64 # nothing else is
	has "$("$H" probes -l "$LAB" -o tsv | tr '\t' ' ')" "^vm1 vm2 Icmp green .*$2"
}
lossy None '10.2.0.0/16 None'
lossy VirtualNetworkGateway 'leads to a VPN gateway, and spoke1 has none' # R3.12
lossy 'VirtualAppliance 10.4.2.99' 'leads to 10.4.2.99, which nobody has' # R3.10
lossy 'VirtualAppliance 10.7.1.4' 'leads to 10.7.1.4, which nobody has'   # behind a gateway
set_to route_tables/rt1/routes/hub '10.4.0.0/16 None' # the row of a peering
lost vm1 10.4.2.101
set_to route_tables/rt1/routes/hub null $spokes '10.2.0.0/16 VirtualAppliance 10.4.2.101'
ttl vm1 10.2.1.4 63

# a NIC without IP forwarding neither takes nor sends what is not its own (R9.7)
set_to nvas/nva1/enable_ip_forwarding false
lost vm1 10.2.1.4
ttl vm1 10.4.2.101 64
set_to nvas/nva1/enable_ip_forwarding true
ttl vm1 10.2.1.4 63
nft_on vm2 'add table ip t; add chain ip t forged { type filter hook input priority 0; };
	add rule ip t forged ip saddr 10.1.1.99 counter'
for machine in vm1 nva1; do
	expect 0 "$H" exec -l "$LAB" $machine -- ip addr add 10.1.1.99/32 dev eth0
	"$H" exec -l "$LAB" $machine -- ping -I 10.1.1.99 -c 2 -i 0.2 -W 1 10.2.1.4 >/dev/null
	expect 0 "$H" exec -l "$LAB" $machine -- ip addr del 10.1.1.99/32 dev eth0
	packets vm2 forged >"$SCRATCH/forged-$machine"
done
[ "$(cat "$SCRATCH/forged-vm1")" -eq 0 ] || fail "a forged source passed"
# one that may forward may have any source, and spoke2 takes what is forwarded
[ "$(cat "$SCRATCH/forged-nva1")" -eq 2 ] || fail "$(cat "$SCRATCH/forged-nva1") of 2 were forwarded"

# G34 and R4.3: flags of peerings lose packets and change no row
to_hub=virtual_networks/spoke1/peerings/hub from_hub=virtual_networks/hub/peerings/to1
before=$(rows)
set_to virtual_networks/spoke2/peerings/hub/allow_forwarded_traffic false
lost vm1 10.2.1.4
ttl nva1 10.2.1.4 64
set_to virtual_networks/spoke2/peerings/hub/allow_forwarded_traffic true
set_to $to_hub/allow_virtual_network_access false $from_hub/allow_virtual_network_access false
lost vm1 10.2.1.4
lost vm1 10.4.2.101
lost nva1 10.1.1.4
[ "$(rows)" = "$before" ] || fail "rows changed with a flag"
set_to $to_hub/allow_virtual_network_access true $from_hub/allow_virtual_network_access true
ttl vm1 10.2.1.4 63
