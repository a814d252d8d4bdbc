#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The reference lab with IPsec over ExpressRoute, in each of its states, as packets meet it: tables
# (vpner-lab.md section 9), TTLs, and an NVA whose firewall keeps state. `up` and `set` end with 0
# only when every probe sees what is predicted.
. tests/support/lab.sh

sed "s/^lab: .*/lab: $LAB/" tests/golden/hybrid.yaml >"$SCRATCH/lab.yaml"
cat >>"$SCRATCH/lab.yaml" <<E
route_tables:
  udr: { disable_bgp_route_propagation: true, routes: { d: 0.0.0.0/0 VirtualAppliance 10.100.0.20 } }
expect:
  - { from: branch-vm1, to: az-spk1-lxvm, encrypted: true, within: 3s }
  - { from: branch-vm1, to: az-spk1-lxvm, protocol: Http, encrypted: true, within: 3s }
  - { from: az-spk1-lxvm, to: branch-vm1, encrypted: true, within: 3s }
E
expect 0 "$H" up "$SCRATCH/lab.yaml"

preference=route_servers/az-hub-rs/hub_routing_preference
branch=virtual_networks/branch-vnet/subnets/subnet1

set_to() { # PATH VALUE...: each state is as predicted
	expect 0 "$H" set -l "$LAB" "$@"
}
ttl() { # FROM ADDRESS TTL: of the reply
	expect 0 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" "ttl=$3 "
}
lost() { # FROM ADDRESS
	expect 1 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" '2 packets transmitted, 0 received'
}
matrix() { # TTL-AT-SPOKE TTL-AT-BRANCH
	ttl az-spk1-lxvm 10.100.0.100 "$1"
	ttl branch-vm1 10.0.1.4 "$2"
	expect 0 "$H" curl -l "$LAB" az-spk1-lxvm -s -m 5 10.100.0.100
	[ "$out" = branch-vm1 ] || fail "the spoke fetched '$out'"
}
hops() { # PREFIX NEXT-HOPS
	for vm in az-hub-lxvm az-spk1-lxvm az-spk2-lxvm; do
		got=$(gateway_rows $vm | awk -F '\t' -v prefix="$1" '$3 == prefix { print $5 }')
		[ "$got" = "$2" ] || fail "$vm has $1 by '$got', not '$2'"
	done
}

msee=10.3.129.58 instances='10.0.0.46 10.0.0.47'

# step 2: the tunnels are up, and carry nothing for the branch
hops 10.100.0.0/24 $msee
hops 10.100.0.4/32 $msee
hops 10.0.0.0/8 "$instances"
matrix 60 60
ttl az-spk1-lxvm 10.0.2.4 64 # by 10.0.0.0/8 and the VPN gateway, which is no hop

set_to $branch '{ address_prefix: 10.100.0.96/27, route_table: udr }'
matrix 63 60
set_to $branch 10.100.0.96/27 $preference VpnGateway
hops 10.100.0.0/24 "$instances"
hops 10.100.0.4/32 $msee
matrix 60 63
set_to $preference ASPath
matrix 60 63
set_to $branch '{ address_prefix: 10.100.0.96/27, route_table: udr }'
matrix 63 63

# both ways are encrypted, and are seen to be; behind hublab's back the NVA then lets what comes from
# the branch out beside the tunnel, of which nobody learns: the packets alone tell
expect 0 "$H" test -l "$LAB"
has "$out" '^3 passed, 0 failed, 0 unknown$'
nva() {
	expect 0 "$H" exec -l "$LAB" branch-opnnva -- "$@"
}
nva ip route add 10.0.1.0/24 via 10.100.0.1 table 99
nva ip rule add iif eth1 to 10.0.1.0/24 priority 900 table 99
expect 4 "$H" test -l "$LAB"
has "$out" '^1 passed, 2 failed, 0 unknown$'
has "$out" '^  pass     az-spk1-lxvm -> branch-vm1 Icmp works, encrypted$'
has "$out" ': a reply, but seen in clear on megaport-mcr/(azure|branch)-er-circuit-primary$'
nva ip rule del priority 900
expect 0 "$H" test -l "$LAB"

set_to nvas/branch-opnnva/bgp/neighbors/instance0/prepend 4 \
	nvas/branch-opnnva/bgp/neighbors/instance1/prepend 4 $branch 10.100.0.96/27
hops 10.100.0.0/24 $msee
matrix 60 60

# what the provider sees of both ways through the tunnel: UDP 4500 between the tunnel's ends, and no
# byte of the probes (their pages say the machine's name, their echoes a pattern)
# COMMAND...: packets on its cables meanwhile, but for the routers' own and those to the NVA itself
seen_by_provider() {
	"$H" exec -l "$LAB" megaport-mcr -- tcpdump -U -n -i any -w - ip and not tcp port 179 \
		and not udp port 3784 and not '(host 10.100.0.4 and not udp)' 2>"$SCRATCH/tcpdump" >"$SCRATCH/seen.pcap" &
	capture=$!
	wait_for 5 grep -q 'listening on' "$SCRATCH/tcpdump" || fail 'nothing listens'
	"$@"
	kill $capture
	wait $capture
	tcpdump -n -r "$SCRATCH/seen.pcap" 2>/dev/null >"$SCRATCH/seen"
}
talk() {
	expect 0 "$H" exec -l "$LAB" az-spk1-lxvm -- ping -c 5 -i 0.2 -p 6b6c617274657874 \
		10.100.0.100
	expect 0 "$H" curl -l "$LAB" az-spk1-lxvm -s -m 5 10.100.0.100
}
if command -v tcpdump >/dev/null; then
	seen_by_provider talk
	grep -qa klartext "$SCRATCH/seen.pcap" || fail 'the capture saw no probe in clear'
fi
set_to nvas/branch-opnnva/bgp/neighbors/instance0/prepend null \
	nvas/branch-opnnva/bgp/neighbors/instance1/prepend null
if command -v tcpdump >/dev/null; then
	set_to $branch '{ address_prefix: 10.100.0.96/27, route_table: udr }'
	seen_by_provider talk
	[ "$(grep -c '\.4500: ' "$SCRATCH/seen")" -gt 20 ] || fail 'no packets of the tunnel'
	others=$(grep -Ev ' (10\.100\.0\.4\.4500 > 10\.0\.0\.3[67]|10\.0\.0\.3[67]\.4500 > 10\.100\.0\.4)\.4500: ' \
		"$SCRATCH/seen" | head -n 3)
	[ -z "$others" ] || fail "not of the tunnel: $others"
	! grep -Eqa 'klartext|branch-vm1' "$SCRATCH/seen.pcap" || fail 'a probe in clear'
	set_to $branch 10.100.0.96/27
fi

# a firewall that keeps state sees one direction only, where the ways differ
set_to nvas/branch-opnnva/firewall Stateful
ttl az-spk1-lxvm 10.100.0.100 60 # it sees the requests
lost branch-vm1 10.0.1.4         # and here the replies alone
expect 28 "$H" curl -l "$LAB" az-spk1-lxvm -s -m 2 10.100.0.100
set_to $branch '{ address_prefix: 10.100.0.96/27, route_table: udr }'
matrix 63 63
set_to $preference ExpressRoute
lost az-spk1-lxvm 10.100.0.100
ttl branch-vm1 10.0.1.4 60
expect 28 "$H" curl -l "$LAB" branch-vm1 -s -m 2 10.0.1.4

# what the NVA forwards by its first NIC has that NIC's address
set_to nvas/branch-opnnva/firewall null $branch 10.100.0.96/27 \
	nvas/branch-opnnva/masquerade branch-opnnva-Untrusted-NIC
matrix 60 60
set_to $branch '{ address_prefix: 10.100.0.96/27, route_table: udr }' $preference VpnGateway
matrix 63 63 # a tunnel is no way out of that NIC

# without the /32 beside them the tunnels carry themselves away, for ever (checks 8 and 9); the
# provider's is missed only when the VPN is preferred
recursion='recursion: the tunnel between branch-opnnva and az-hub-vpngw-0 ends itself'
set_to $branch 10.100.0.96/27 nvas/branch-opnnva/masquerade null $preference ExpressRoute \
	providers/megaport-mcr/links/1/static_routes null
expect 4 "$H" set -l "$LAB" $preference VpnGateway
has "$err" "$recursion: 10.100.0.4 is reached by 10.100.0.0/24, which leads into the tunnel"
expect 0 "$H" show -l "$LAB"
has "$out" "problem +$recursion"
wait_for 20 events_have 'branch-opnnva-t0: recursion: 10.100.0.4 is reached by 10.100.0.0/24'
came_back() { # it flaps: after it was lost the session is established once more
	"$H" events -l "$LAB" | sed -n '/ recursion: the tunnel between/,$p' |
		sed -n '/az-hub-vpngw-0: session with branch-opnnva .* lost/,$p' |
		grep -q 'az-hub-vpngw-0: session with branch-opnnva .* established'
}
wait_for 30 came_back || fail 'the tunnel does not come back'
set_to $preference ExpressRoute # and it stays
matrix 60 60

expect 4 "$H" set -l "$LAB" nvas/branch-opnnva/routes \
	'[ 10.0.0.0/8 10.100.0.17, 10.100.0.0/24 10.100.0.17 ]'
has "$err" "$recursion: 10.0.0.36 is reached by 10.0.0.0/24, which leads into the tunnel"
wait_for 20 events_have 'branch-opnnva-t0: recursion: 10.0.0.36 is reached by 10.0.0.0/24'
expect 0 "$H" undo -l "$LAB"
matrix 60 60
