#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Routers that run FRR: they learn and are heard as predicted, their console is vtysh, changes reach
# them without ending a session, and a program that dies, hangs or refuses a line is said so.
. tests/support/lab.sh

needs frr
expect 0 "$H" up tests/golden/frr.yaml --name "$LAB"
has "$out" "^$LAB is up: 3 VMs, 13 BGP sessions, .* probes green"

# ---- routes, paths, next hops ----
path_is() {
	path=$(printf '%s\n' "$out" | awk -v prefix="$1" -v peer="$2" '$1 == peer && $2 == prefix { print $6 }')
	[ "$path" = "$3" ] || fail "path of $1 at $2: '$path' of $out"
}
expect 0 "$H" bgp -l "$LAB" rs --learned
path_is 10.50.0.0/16 10.0.0.132 65001
path_is 10.50.0.0/16 10.0.0.133 65001-65001-65001
path_is 0.0.0.0/0 10.0.0.132 65001
path_is 0.0.0.0/0 10.0.0.133 ''
has "$out" '^10.0.0.133 +10.50.0.0/16 +10.0.0.69 '
expect 0 "$H" bgp -l "$LAB" hub-ergw --learned
has "$out" '^172.16.0.0/12 .* 12076-65100-65010-65020-65030 '
has "$out" '^10.8.0.0/16 .* 12076-65100-65010-65010-65010 '
expect 0 "$H" bgp -l "$LAB" contoso-dc --learned
has "$out" '^10.0.1.0/24 .* 65100-12076 '
has "$out" '^172.20.0.0/16 .* 65100 '
expect 0 "$H" ping -l "$LAB" spoke-vm 172.31.255.1 -c 2 -i 0.2
expect 1 "$H" ping -l "$LAB" spoke-vm 192.168.3.4 -c 1 -W 2
has "$out" 'Destination Host Unreachable'

# what it tells on a session, as its filters leave it
expect 0 "$H" bgp -l "$LAB" contoso-nva --advertised 10.0.0.133 -o tsv
has "$out" "^10.50.0.0/16	10.0.0.69	Igp	65001-65001-65001	"
lacks "$out" '^0.0.0.0/0'
expect 0 "$H" bgp -l "$LAB" contoso-nva --advertised 10.0.0.132 -o tsv
has "$out" "^0.0.0.0/0	10.0.0.68	Igp	65001	"

# ---- the console, and nothing of the host's ----
expect 0 "$H" exec -l "$LAB" contoso-dc -- vtysh -c 'show bgp ipv4 unicast summary'
has "$out" '^169.254.128.1 +4 +65100 '
out=$(echo 'show running-config' | "$H" console -l "$LAB" contoso-dc)
has "$out" '^router bgp 65010'
has "$out" '^contoso-dc# '
expect 0 "$H" show -l "$LAB" contoso-dc
has "$out" '^daemon +frr, process [0-9]+ of the lab'
[ ! -e /var/tmp/frr ] || fail "FRR left something in the host's /var/tmp"

# ---- BFD is told when the session is up ----
bfd_is_up() {
	"$H" exec -l "$LAB" contoso-dc -- vtysh -c 'show bfd peers brief' | grep -Eq ' 169.254.128.1 +up'
}
wait_for 10 bfd_is_up || fail "no BFD"

# ---- a change, told as a difference ----
up_since() {
	"$H" exec -l "$LAB" contoso-dc -- vtysh -c 'show bgp ipv4 unicast neighbors 169.254.128.1 json' |
		grep -Eo '"connectionsEstablished":[0-9]+|"connectionsDropped":[0-9]+'
}
before=$(up_since)
expect 0 "$H" set -l "$LAB" branches/contoso-dc/announce '[192.168.0.0/16, { prefix: 172.16.0.0/12, as_path: 65020 }]'
expect 0 "$H" bgp -l "$LAB" hub-ergw --learned
has "$out" '^172.16.0.0/12 .* 12076-65100-65010-65020 '
lacks "$out" '^10.8.0.0/16 '
[ "$(up_since)" = "$before" ] || fail "a session was ended by a change: $(up_since), not $before"
expect 0 "$H" set -l "$LAB" nvas/contoso-nva/bgp/neighbors/rs0/prepend 1
expect 0 "$H" bgp -l "$LAB" rs --learned
path_is 10.50.0.0/16 10.0.0.132 65001-65001
expect 0 "$H" undo all -l "$LAB"
expect 0 "$H" bgp -l "$LAB" hub-ergw --learned
has "$out" '^10.8.0.0/16 '

# ---- a program that dies: each is started again ----
is_well() {
	"$H" show -l "$LAB" >"$SCRATCH/show"
	grep -Eq '^BGP +13 of 13 sessions' "$SCRATCH/show" && ! grep -q '^problem' "$SCRATCH/show" &&
		is_green
}
pid_of() {
	"$H" shell -l "$LAB" -- cat "/run/hublab/node/contoso-dc/frr/$1.pid"
}
for program in bgpd zebra staticd bfdd; do
	expect 0 "$H" shell -l "$LAB" -- kill -9 "$(pid_of $program)"
	wait_for 5 events_have "daemon +contoso-dc: $program ended by signal 9" ||
		fail "nobody noticed that $program died"
	wait_for 20 events_have "daemon +contoso-dc: $program started again" ||
		fail "$program was not started again"
	wait_for 40 is_well || fail "the lab did not recover from the end of $program: $("$H" show -l "$LAB")"
done
events_have 'routes +removed .*10.8.0.0/16' || fail "its routes stayed"

# ---- one that hangs ----
expect 0 "$H" shell -l "$LAB" -- kill -STOP "$(pid_of bgpd)"
wait_for 20 events_have 'daemon +contoso-dc: bgpd did not answer for 5 s and was ended$' ||
	fail "nobody noticed that bgpd hangs"
wait_for 40 is_well || fail "the lab did not recover: $("$H" show -l "$LAB")"

# ---- one that refuses a line: that line is named, and nothing passes ----
"$H" shell -l "$LAB" -- sh -c 'echo frobnicate >>/run/hublab/node/contoso-dc/frr/frr.conf'
expect 0 "$H" shell -l "$LAB" -- kill -9 "$(pid_of bgpd)"
says_so() {
	"$H" show -l "$LAB" |
		grep -q "^problem .*contoso-dc: frr refused its configuration: bgpd: 'frobnicate': % .*Unknown command"
}
wait_for 20 says_so || fail "the refused line is not told: $("$H" show -l "$LAB")"
expect 4 timeout 60 "$H" test -l "$LAB"
lacks "$out" '^ +pass '
# it is gone with the next change
expect 0 "$H" set -l "$LAB" branches/contoso-dc/announce '[192.168.0.0/16]'
wait_for 20 is_well || fail "the lab did not recover: $("$H" show -l "$LAB")"

# ---- from one program to the other ----
expect 0 "$H" set -l "$LAB" branches/contoso-dc/daemon bird
expect 0 "$H" show -l "$LAB" contoso-dc
has "$out" '^daemon +bird, '
expect 0 "$H" exec -l "$LAB" contoso-dc -- ip route
lacks "$out" 'proto (196|186|static|bgp|zebra)' # nothing of FRR is left in the kernel
expect 0 "$H" set -l "$LAB" branches/contoso-shop/daemon frr
expect 0 "$H" show -l "$LAB" contoso-shop
has "$out" '^daemon +frr, '
expect 0 "$H" down "$LAB"
