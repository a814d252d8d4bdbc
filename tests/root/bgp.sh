#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What speaks BGP, in az's columns: peers of all instances, what they learned, and what they tell,
# which is what the other side then has heard.
. tests/support/lab.sh

sed "s/^lab: vpner/lab: $LAB/" "$ER" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --step 1

# a gateway is its two instances one after the other (R6.5), each with two MSEEs
expect 0 "$H" bgp -l "$LAB" az-hub-ergw
has "$out" '^Neighbor +ASN +State +ConnectedDuration +RoutesReceived +MessagesSent +MessagesReceived$'
[ "$(printf '%s\n' "$out" | grep -c '^10.0.0.40 *12076  Connected  00:[0-9:.]* *2 ')" = 2 ] ||
	fail "not both instances: $out"
[ "$(printf '%s\n' "$out" | grep -c '^10.0.0.41 *12076  Connected  00:[0-9:.]* *0 ')" = 2 ] ||
	fail "not both instances: $out"
expect 0 "$H" bgp -l "$LAB" AZ-HUB-ERGW-1 -o json
has "$out" '"localAddress": "10.0.0.45"'
lacks "$out" '"localAddress": "10.0.0.44"'
has "$out" '"connectedDuration": "00:0[0-9]:[0-9]{2}\.[0-9]{7}"'
expect 0 "$H" bgp -l "$LAB" azure-er-circuit-primary
has "$out" '^169.254.98.61 +4 +65001 +00:0[0-9]:[0-9]+ +2$'

# what one side tells is what the other has heard, row by row, on every session
networks() { tail -n +3 | awk '{ print $1 }' | sort; }
tells() { # FROM TO ADDRESS-OF-FROM
	expect 0 "$H" bgp -l "$LAB" "$1" --advertised "$2"
	printf '%s\n' "$out" | networks >"$SCRATCH/told"
	expect 0 "$H" exec -l "$LAB" "$2" -- birdc show route all
	printf '%s\n' "$out" | awk -v from="$3" '
		/^[0-9]/ { prefix = $1 }
		$1 == "BGP.next_hop:" && $2 == from { print prefix }' | sort >"$SCRATCH/heard"
	diff "$SCRATCH/told" "$SCRATCH/heard" || fail "$1 tells $2 something else than it heard"
	[ -s "$SCRATCH/told" ] || fail "$1 tells $2 nothing"
}
tells az-hub-ergw-0 azure-er-circuit-primary 10.0.0.44
tells az-hub-ergw-1 azure-er-circuit-primary 10.0.0.45
tells azure-er-circuit-primary megaport-mcr 169.254.98.62
tells azure-er-circuit-primary az-hub-ergw-0 10.0.0.40
tells megaport-mcr azure-er-circuit-primary 169.254.98.61
tells megaport-mcr branch-er-circuit-primary 169.254.98.65

# with the paths and next hops that it sends (R5.10, R6.7)
expect 0 "$H" bgp -l "$LAB" az-hub-ergw --advertised 10.0.0.40
has "$out" '^Network +NextHop +Origin +AsPath +Weight$'
has "$out" '^10.0.2.0/24 +10.0.0.44 +Igp +65515 +0$'
lacks "$out" ' 10.0.0.45 ' # of one instance, as az lists it (G29); the other one has a name
lacks "$out" '^10.100'
expect 0 "$H" bgp -l "$LAB" az-hub-ergw-1 --advertised 10.0.0.40
has "$out" '^10.0.2.0/24 +10.0.0.45 +Igp +65515 +0$'
lacks "$out" '^10.100'
expect 0 "$H" bgp -l "$LAB" azure-er-circuit-primary --advertised megaport-mcr
has "$out" '^10.0.1.0/24 +169.254.98.62 +Igp +12076 +0$'
expect 0 "$H" bgp -l "$LAB" megaport-mcr --advertised 169.254.98.62
has "$out" '^10.100.0.0/24 +169.254.98.61 +Igp +65001-12076 +0$'
has "$out" '^10.100.0.4/32 +169.254.98.61 +Igp +65001 +0$'

# who is asked what cannot be answered
expect 2 "$H" bgp -l "$LAB" --learned
expect 2 "$H" bgp -l "$LAB" az-hub-ergw --learned --advertised 10.0.0.40
expect 1 "$H" bgp -l "$LAB" az-hub-ergw --advertised 10.0.0.99
has "$err" "az-hub-ergw has no BGP peer '10.0.0.99'"
expect 1 "$H" bgp -l "$LAB" az-hub-lxvm --advertised 10.0.0.99
has "$err" "has no gateway or router 'az-hub-lxvm'"

# a session that is down: what it had is no more told, and the peers say so
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 down
down() { "$H" bgp -l "$LAB" megaport-mcr | grep -q '^169.254.98.66 *12076  Connecting '; }
wait_for 10 down || fail "the session stays up"
expect 1 "$H" bgp -l "$LAB" megaport-mcr --advertised branch-er-circuit-primary
has "$err" 'megaport-mcr has no session with branch-er-circuit-primary \(169.254.98.66\) now'
expect 0 "$H" bgp -l "$LAB" megaport-mcr -o json
has "$out" '"connectedDuration": null'
told() { "$H" bgp -l "$LAB" megaport-mcr --advertised azure-er-circuit-primary; }
less() { ! told | grep -q '^10.100.0.0/24 '; }
wait_for 10 less || fail "what is told does not follow: $(told)"
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 up
more() { told | grep -q '^10.100.0.0/24 '; }
wait_for 30 more || fail "what is told does not come back: $(told)"

# a daemon that ended is asked anew when it is back
pid=$("$H" show -l "$LAB" megaport-mcr | sed -n 's/.*process \([0-9]*\) of the lab/\1/p')
expect 0 "$H" shell -l "$LAB" -- kill -9 "$pid"
gone() { ! more; }
wait_for 10 gone || fail "a daemon that was killed goes on"
wait_for 30 more || fail "the next daemon is not asked"
