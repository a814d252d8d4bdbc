#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What VPN gateways and Route Servers list and tell, as the second step of the reference lab has it:
# real BGP through real tunnels (vpner-lab.md section 9).
. tests/support/lab.sh

needs strongswan
sed "s/^lab: .*/lab: $LAB/" tests/golden/hybrid.yaml >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
expect 0 "$H" show -l "$LAB"
has "$out" '^tunnels   2 of 2$'

count() { # NUMBER PATTERN
	[ "$(printf '%s\n' "$out" | grep -Ec -- "$2")" -eq "$1" ] || fail "not $1 lines of '$2': $out"
}

# each instance: the site, itself, its twin, both instances of the Route Server (R5.11, G31)
expect 0 "$H" bgp -l "$LAB" az-hub-vpngw
[ "$(printf '%s\n' "$out" | awk 'NR > 2 { print $1, $3 }' | tr '\n' ' ')" = \
	"169.254.0.1 Connected 10.0.0.46 Unknown 10.0.0.47 Connected 10.0.0.132 Connected 10.0.0.133 Connected 169.254.0.1 Connected 10.0.0.47 Unknown 10.0.0.46 Connected 10.0.0.132 Connected 10.0.0.133 Connected " ] ||
	fail "not in Azure's order: $out"
count 2 '^169.254.0.1 +65510 +Connected +[0-9:.]+ +2 '
count 2 ' 65515  Unknown +0 +0 +0$'
expect 0 "$H" bgp -l "$LAB" az-hub-vpngw -o json
has "$out" '"localAddress": "10.0.0.46"' # also where the session is with the APIPA address (R5.4)
lacks "$out" '"localAddress": "169.254'

# what it learned: the tunnel, its twin, and what the Route Server reflects
expect 0 "$H" bgp -l "$LAB" az-hub-vpngw --learned
has "$out" '^Network +NextHop +Origin +SourcePeer +AsPath +Weight$'
count 2 '^10.100.0.0/24 +169.254.0.1 +EBgp +169.254.0.1 +65510 +32768$'
count 2 '^10.100.0.0/24 +10.0.0.40 +IBgp +10.0.0.132 +12076-65001-12076 +32768$'
count 2 '^10.100.0.4/32 +10.0.0.40 +IBgp +10.0.0.133 +12076-65001 +32768$'
count 1 '^10.100.0.0/24 +10.0.0.47 +IBgp +10.0.0.47 +65510 +32768$'
count 1 '^169.254.0.1/32 +Network +10.0.0.46 +32768$'

# and tells: nothing of the site's own, what came over ExpressRoute with its path
expect 0 "$H" bgp -l "$LAB" az-hub-vpngw --advertised 169.254.0.1
[ "$(printf '%s\n' "$out" | awk 'NR > 2 { print $1, $2, $4 }' | head -n 5 | tr '\n' ' ')" = \
	"10.0.0.0/24 169.254.21.1 65515 10.0.1.0/24 169.254.21.1 65515 10.0.2.0/24 169.254.21.1 65515 10.100.0.0/24 169.254.21.1 65515-12076-65001-12076 10.100.0.4/32 169.254.21.1 65515-12076-65001 " ] ||
	fail "not what section 8 says: $out"
count 5 ' 169.254.21.2 '
expect 0 "$H" bgp -l "$LAB" branch-opnnva --learned
count 2 '^10.100.0.0/24 +EBgp +169.254.21.[12] +65515-12076-65001-12076 '
expect 0 "$H" bgp -l "$LAB" branch-opnnva --advertised az-hub-vpngw
count 2 '^10.0.0.0/8 +169.254.0.1 +Igp +65510 +0$'

# the ExpressRoute gateway hears the VPN's prefix from the Route Server and tells the MSEE (R7.10)
expect 0 "$H" bgp -l "$LAB" az-hub-ergw --learned
has "$out" '^10.0.0.0/8 +10.0.0.4[67] +IBgp +10.0.0.132 +65510 +32768$'
has "$out" '^10.100.0.0/24 +10.0.0.40 +EBgp +10.0.0.40 +12076-65001-12076 +32769$'
for instance in 0 1; do
	expect 0 "$H" bgp -l "$LAB" az-hub-ergw-$instance --advertised azure-er-circuit-primary
	count 1 "^10.0.0.0/8 +10.0.0.4$((4 + instance)) +Igp +65515-65510 +0\$"
done

# a Route Server has a list for each instance (R7.18)
expect 0 "$H" bgp -l "$LAB" az-hub-rs --learned -o json
has "$out" '^  "RouteServiceRole_IN_0": \['
has "$out" '^  "RouteServiceRole_IN_1": \['
lacks "$out" '"origin": "Network"'
expect 0 "$H" bgp -l "$LAB" az-hub-rs --learned
has "$out" '^LocalAddress +Network +NextHop +SourcePeer +Origin +AsPath +Weight$'
count 1 '^10.0.0.133 +10.100.0.0/24 +10.0.0.47 +10.0.0.47 +IBgp +65510 +32768$'
# it reflects its own choice alone, which the preference makes
expect 0 "$H" bgp -l "$LAB" az-hub-rs --advertised az-hub-ergw
lacks "$out" ' 10.100.0.0/24 '
expect 0 "$H" bgp -l "$LAB" az-hub-rs --advertised 10.0.0.46
count 2 ' 10.100.0.0/24 +10.0.0.40 +Igp +12076-65001-12076 +0$'
expect 0 "$H" set -l "$LAB" route_servers/az-hub-rs/hub_routing_preference VpnGateway
told() { "$H" bgp -l "$LAB" az-hub-rs --advertised 10.0.0.44 | grep -E ' 10.100.0.0/24 +10.0.0.4[67] +Igp +65510 '; }
wait_for 10 told || fail "what is told does not follow the preference"

# how a tunnel's end is
expect 0 "$H" show -l "$LAB" az-hub-vpngw-1
has "$out" '^tunnel    to branch-opnnva \(10.100.0.4\), established for [0-9]+s$'
has "$out" '^          in [0-9]+ bytes, out [0-9]+ bytes$'

# FRR is asked by its own words, and says the same as BIRD would (and what it sends back)
"$H" doctor -o tsv | grep -q '^frr	yes' || exit 0
expect 0 "$H" set -l "$LAB" nvas/branch-opnnva/bgp/daemon frr
frr_tells() { "$H" bgp -l "$LAB" branch-opnnva --advertised 169.254.21.1 | grep -E '^10.0.0.0/8 +169.254.0.1 +Igp +65510 +0$'; }
wait_for 30 frr_tells || fail "FRR is not asked what it tells"
expect 0 "$H" bgp -l "$LAB" branch-opnnva --advertised 169.254.21.2
has "$out" '^10.100.0.0/24 +169.254.0.1 +Igp +65510 +0$'
