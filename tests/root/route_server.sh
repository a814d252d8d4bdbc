#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A Route Server with real BGP: an ExpressRoute gateway with two circuits of one provider, which brings
# back on each link what it heard on the others, and three NVAs, one of them in a spoke. What
# each hears is as predicted in every state (else `up` and `set` end with 4): branch-to-branch, the
# three preferences, communities, next hops, own prefixes, paths with 65515, a thousand prefixes and
# one. A daemon that hangs is ended and named.
# alone: a changed preference is timed
. tests/support/lab.sh

command -v bird >/dev/null || skip "no bird"
for file in tests/golden/bird/*.conf; do
	expect 0 bird -p -c "$file"
done

cat >"$SCRATCH/lab.yaml" <<'EOF'
lab: rs
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { s: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27, nvas: 10.0.0.64/27, RouteServerSubnet: 10.0.0.128/27 }
    peerings: { hs: { remote: spoke, allow_gateway_transit: true } }
  spoke:
    address_prefixes: 10.0.1.0/24
    subnets: { s: 10.0.1.0/27 }
    peerings: { sh: { remote: hub, use_remote_gateways: true, allow_forwarded_traffic: true } }
vms: { hub-vm: hub/s, spoke-vm: spoke/s }
nvas:
  nva1:
    subnet: hub/nvas
    bgp:
      asn: 3000
      networks: [ 10.50.0.0/16, 10.100.0.0/24, 10.0.1.0/24 ]
      network_import_check: false
      neighbors: { r0: { address: 10.0.0.132, asn: 65515 }, r1: { address: 10.0.0.133, asn: 65515 } }
  nva2:
    subnet: hub/nvas
    bgp:
      asn: 65002
      networks: [ 10.8.0.0/16 ]
      network_import_check: false
      neighbors:
        r0: { address: 10.0.0.132, asn: 65515, communities: [ no-advertise ] }
        r1: { address: 10.0.0.133, asn: 65515, communities: [ no-advertise ] }
  nva3:
    subnet: spoke/s
    bgp:
      asn: 65003
      networks: [ 10.7.0.0/16 ]
      network_import_check: false
      neighbors:
        r0: { address: 10.0.0.132, asn: 65515, next_hop: 10.0.1.20 }
        r1: { address: 10.0.0.133, asn: 65515, next_hop: 10.0.1.20, only: [ 10.7.0.0/16 ] }
virtual_network_gateways: { ergw: { virtual_network: hub, gateway_type: ExpressRoute } }
route_servers:
  rs:
    virtual_network: hub
    bgp_connections:
      nva1: { peer_ip: 10.0.0.68, peer_asn: 3000 }
      nva2: { peer_ip: 10.0.0.69, peer_asn: 65002 }
      nva3: { peer_ip: 10.0.1.5, peer_asn: 65003 }
      nobody: { peer_ip: 10.0.0.70, peer_asn: 65004 }
express_route_circuits: { circuit: { msee_address: 10.3.129.58 }, second: { msee_address: 10.3.129.60 } }
connections: { c: { gateway: ergw, circuit: circuit }, d: { gateway: ergw, circuit: second } }
providers: { mcr: { asn: 64999, links: [ circuit, second, { circuit: circuit, path: secondary }, { branch: dc } ] } }
branches: { dc: { asn: 65010, announce: [ 10.100.0.0/24, 10.101.0.0/16 ] } }
EOF
learned() { "$H" bgp -l "$LAB" "$1" --learned; }
# set PATH VALUE: the lab is as predicted again; how long it took goes to $ms
set_to() {
	from=$(date +%s%N)
	expect 0 "$H" set -l "$LAB" "$1" "$2"
	ms=$((($(date +%s%N) - from) / 1000000))
}

expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
has "$out" '22 BGP sessions'
# a peer that nobody is: expected, and no problem
expect 0 "$H" show -l "$LAB"
lacks "$out" '^problem'
has "$("$H" bgp -l "$LAB" rs)" '^10\.0\.0\.70 +65004 +Connecting'

# branch-to-branch is off: the server knows all, and tells the gateway nothing
has "$(learned rs-0)" '10\.50\.0\.0/16 +10\.0\.0\.68 .* 3000 '
has "$(learned rs-0)" '10\.7\.0\.0/16 +10\.0\.1\.20 '
has "$(learned rs-0)" '10\.8\.0\.0/16 +10\.0\.0\.69 '
lacks "$(learned rs-0)" '10\.0\.1\.0/24 +10' # its own, whatever an NVA says (R7.4)
lacks "$(learned rs-0)" '65515'              # R7.9
lacks "$(learned ergw)" '10\.(50|7|8)\.'
lacks "$(learned nva2)" '10\.101\.'

set_to route_servers/rs/allow_branch_to_branch_traffic true
has "$(learned ergw-0)" '10\.50\.0\.0/16 +IBgp +10\.0\.0\.132 '
has "$(learned ergw-0)" '10\.7\.0\.0/16 +IBgp .* 10\.0\.1\.20$'
lacks "$(learned ergw-0)" '10\.8\.' # no-advertise (R7.11)
has "$(learned circuit-primary)" '10\.50\.0\.0/16 .* 65515 3000 I'
has "$(learned nva2)" '10\.101\.0\.0/16 +10\.0\.0\.132 .* 65515-12076-64999-65010'
has "$(learned dc)" '10\.50\.0\.0/16'

# ExpressRoute, then the NVA, then the shorter path: each in under a second (R7.12)
best() { "$H" routes -l "$LAB" spoke-vm -o tsv | grep '10\.100\.0\.0/24'; }
has "$(best)" '10\.3\.129\.58'
for preference in VpnGateway ASPath; do
	set_to route_servers/rs/hub_routing_preference $preference
	echo "$preference: $ms ms"
	[ "$ms" -le $((1000 * SLOW)) ] || fail "$preference took $ms ms"
	has "$(best)" '10\.0\.0\.68'
done
set_to nvas/nva1/bgp/neighbors/r0/prepend 4
set_to nvas/nva1/bgp/neighbors/r1/prepend 4
has "$(learned rs-1)" '3000-3000-3000-3000-3000'
has "$(best)" '10\.3\.129\.58'
set_to route_servers/rs/hub_routing_preference ExpressRoute

# one more than a thousand: the session ends, and begins again when there are less (R7.15)
many=$(awk 'BEGIN { for (i = 0; i < 1001; i++) printf "%s172.%d.%d.0/24", i ? ", " : "", 20 + i / 256, i % 256 }')
set_to nvas/nva2/bgp/networks "[ $many ]"
has "$out" '20 BGP sessions'
expect 0 "$H" bgp -l "$LAB" rs
has "$out" '^10\.0\.0\.69 +65002 +Connecting'
wait_for 5 events_have 'rs-0: session with nva2 .* lost: Route limit exceeded' ||
	fail "no event says why the session ended"
lacks "$(learned rs-0)" '172\.20\.'
set_to nvas/nva2/bgp/networks '[ 10.8.0.0/16 ]'
has "$out" '22 BGP sessions'
has "$(learned rs-0)" '10\.8\.0\.0/16'

# it answers nothing any more
"$H" shell -l "$LAB" -- sh -c 'kill -STOP $(pgrep -f node/nva[1]/bird)' || fail "nva1 cannot be stopped"
wait_for 30 events_have 'nva1: bird did not answer for 5 s and was ended' || fail "nobody noticed"
wait_for 30 is_green || fail "nva1 did not come back"
