#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a guest that routes was not told, or told in part, it is told when its agent is there again; what
# it refuses has a name, and another change mends it. Until then the lab is not well.
. tests/support/lab.sh
GUEST=fw
. tests/support/guest.sh

[ "$BRIEF" -lt 1 ] || skip "BRIEF=$BRIEF"
needs libvirt id-ranges
[ -e build/images/router ] || skip "the routers' image"

cat >"$SCRATCH/lab.yaml" <<'EOL'
lab: retold
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { s: 10.0.0.0/27, nvas: 10.0.0.64/27, in: 10.0.0.96/27, RouteServerSubnet: 10.0.0.128/27 }
vms: { a: hub/s }
nvas:
  fw:
    network_interfaces: { out: hub/nvas, in: hub/in }
    kind: libvirt
    masquerade: out
    bgp:
      asn: 65002
      networks: [ 10.8.0.0/16 ]
      network_import_check: false
      neighbors: { r0: { address: 10.0.0.132, asn: 65515 }, r1: { address: 10.0.0.133, asn: 65515 } }
route_servers:
  rs:
    virtual_network: hub
    bgp_connections: { fw: { peer_ip: 10.0.0.68, peer_asn: 65002 } }
EOL
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
BIRD=/run/hublab/node/fw/bird
PREPEND=nvas/fw/bgp/neighbors/r0/prepend
ROUTES=nvas/fw/routes
problems() { "$H" show -l "$LAB" | grep '^problem'; }
has_problem() { problems | grep -Eq "$1"; }
is_well() { is_green && ! problems; }
path() { "$H" bgp -l "$LAB" rs-0 --learned -o tsv | awk '$2 == "10.8.0.0/16" && $3 == "10.0.0.68" { print $6 }'; }
path_is() { [ "$(path)" = "$1" ]; }
is_told() { # WHAT PATH
	wait_for 60 is_well || fail "$1: $(problems)"
	wait_for 10 path_is "$2" || fail "$1: the path is $(path)"
	[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 1 ] || fail "$1: not one BIRD: $(on_console ps)"
}
# change PATH VALUE...: behind us, as it waits for what is to come of it
change() { "$H" set -l "$LAB" "$@" >"$SCRATCH/set" 2>&1 & change=$!; }
change_ends() { wait $change; }
wait_for 20 is_well || fail "it is not well: $(problems)"
wait_for 10 path_is 65002 || fail "the path is $("$H" bgp -l "$LAB" rs-0 --learned -o tsv)"

# ---- its agent does not listen, and is another one then ----
on_console 'killall -STOP hublab-agent' >/dev/null
change $PREPEND 2
wait_for 20 has_problem 'fw: is being told what to do' || fail "nobody sees that it is not told: $(problems)"
change_ends
grep -q 'fw: is being told what to do' "$SCRATCH/set" || fail "set says nothing: $(cat "$SCRATCH/set")"
path_is 65002 || fail "it was told: $(path)"
on_console 'killall -KILL hublab-agent' >/dev/null
is_told "what a stopped agent was told" 65002-65002-65002

# ---- it is not there: somebody else is at its port ----
on_console 'chmod -x /bin/hublab-agent; killall -KILL hublab-agent; for p in /dev/vport*; do printf %0100d 0 >$p; done' >/dev/null
wait_for 10 has_problem 'bird ended with its guest' || fail "its daemons do not end with it: $(problems)"
change $PREPEND 3
wait_for 20 has_problem 'fw: was not told of the last change: its agent says what makes no sense' || fail "it is not missed: $(problems)"
change_ends
on_console 'chmod +x /bin/hublab-agent' >/dev/null
is_told "what was changed without it" 65002-65002-65002-65002

# ---- it ends in the middle: the route is there, its file is not; what is wanted then is another thing ----
on_console "mkfifo $BIRD/bird.conf.new" >/dev/null
change $PREPEND 1 $ROUTES '[10.77.0.0/16 10.0.0.97]'
has_route() { on_console 'ip route' | grep -q "^$1 "; }
wait_for 30 has_route 10.77.0.0/16 || fail "it was not told the first half: $(on_console 'ip route')"
change_ends
has_problem 'fw: is being told what to do' || fail "half of it is enough: $(problems)"
change $PREPEND 2 $ROUTES '[10.78.0.0/16 10.0.0.97]'
change_ends
on_console "killall -KILL hublab-agent; rm $BIRD/bird.conf.new" >/dev/null
is_told "the other half" 65002-65002-65002
has_route 10.78.0.0/16 || fail "it lacks its route: $(on_console 'ip route')"
! has_route 10.77.0.0/16 || fail "it has what it was half told: $(on_console 'ip route')"
[ "$(on_console 'ps | grep -c "[s]h -e"')" = 0 ] || fail "the first script goes on: $(on_console ps)"

# ---- it refuses: a next hop that is a broadcast address ----
words='ip -n fw route replace 10.79.0.0/16 table 254 proto 104 via 10.0.0.127 dev eth1 onlink: .*invalid gateway'
expect 4 "$H" set -l "$LAB" $ROUTES '[10.76.0.0/16 10.0.0.97, 10.79.0.0/16 10.0.0.127]' $PREPEND 0
has "$err" "fw: $words"
events_have "fw refused what it was told \(code 1\): $words" || fail "nobody was told"
has_problem "$words" || fail "it is no problem"
expect 4 "$H" set -l "$LAB" vms/b hub/s # something else: it is not asked again
[ "$("$H" events -l "$LAB" | grep -c 'refused what it was told')" = 1 ] || fail "it was asked again"
expect 0 "$H" set -l "$LAB" $ROUTES '[10.79.0.0/16 10.0.0.97]'
is_told "what mends it" 65002
has_route 10.79.0.0/16 || fail "it lacks its route: $(on_console 'ip route')"
! has_route 10.76.0.0/16 || fail "it has what was told before it refused: $(on_console 'ip route')"
exit 0
