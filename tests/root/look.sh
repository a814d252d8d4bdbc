#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What can be seen of a lab and its machines, in each form of output, and a machine's own console.
# alone: it looks at all labs
. tests/support/lab.sh

tab=$(printf '\t')
expect 0 "$H" up "$ER" --name "$LAB"

expect 0 "$H" ls
has "$out" "^$LAB +running +4 +10/10 +24/24 +fast +[0-9]+s +/.*/express_route.yaml$"
expect 0 "$H" ls -o tsv
has "$out" "^$LAB${tab}running${tab}4${tab}10/10${tab}24/24${tab}fast${tab}"
expect 0 "$H" ls -o json
has "$out" '^  "schema_version": 1,$'
has "$out" '^  "labs": \[$'
has "$out" "^      \"name\": \"$LAB\",$"

# what the chooser of the screen shows
expect 0 "$H" ls --templates
has "$out" '^vpner +The reference lab: a branch reaches .* /.*/vpner/lab.yaml$'
expect 0 "$H" ls --templates -o json
has "$out" '^      "name": "vpner",$'

# a lab, by its name, by -l, or by both
expect 0 "$H" show "$LAB"
has "$out" "^lab +$LAB, running for "
has "$out" '^BGP +10 of 10 sessions$'
has "$out" '^megaport-mcr +provider router '
expect 0 "$H" show -l "$LAB" -o tsv
[ "$out" = "$("$H" show "$LAB" -l "$LAB" -o tsv)" ] || fail "show LAB is not show -l LAB"
has "$out" "^az-hub-ergw-0${tab}ExpressRoute gateway${tab}10.0.0.44/27${tab}2/2${tab}up$"
[ "$(printf '%s\n' "$out" | wc -l)" -eq 13 ] || fail "not 13 machines: $out"
expect 0 "$H" show -l "$LAB" -o json
has "$out" '^  "lab": \{$'
has "$out" '^        "name": "branch-vm1",$'
has "$out" '^        "nic": "branch-vm1VMNic",$'

# one machine of it; letter case does not count
expect 0 "$H" show -l "$LAB" AZ-hub-ergw-0
has "$out" '^node +az-hub-ergw-0, ExpressRoute gateway, up$'
has "$out" '^address +10.0.0.44/27$'
has "$out" '^daemon +bird, process [0-9]+ of the lab$'
has "$out" '^BGP +2 of 2 sessions$'
expect 0 "$H" show -l "$LAB" branch-vm1 -o tsv
[ "$out" = "branch-vm1${tab}virtual machine${tab}10.100.0.100/27${tab}${tab}up" ] || fail "row: $out"
expect 0 "$H" show -l "$LAB" branch-vm1 -o json
has "$out" '^  "schema_version": 1,$'
has "$out" '^    "name": "branch-vm1",$'
lacks "$out" 'az-hub-lxvm'
expect 2 "$H" show -l "$LAB" no-such-node
has "$err" "lab '$LAB' has no node 'no-such-node'"
expect 1 "$H" show no-such-lab
has "$err" "no lab named 'no-such-lab' is running"
if [ "$("$H" ls -o tsv | wc -l)" -eq 1 ]; then # else the test would depend on others' labs
	expect 0 "$H" show branch-vm1
	has "$out" '^node +branch-vm1, virtual machine, up$'
fi

# where packets go, and by which route
# as az network watcher show-next-hop says it (NW-04)
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 10.100.0.100 -o tsv
[ "$out" = "10.3.129.58${tab}VirtualNetworkGateway${tab}System Route${tab}10.100.0.0/24${tab}VirtualNetworkGateway" ] ||
	fail "nexthop: $out"
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 10.100.0.4 # the longest prefix decides
has "$out" ' 10\.100\.0\.4/32 '
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm az-hub-lxvm -o json
has "$out" '"nextHopType": "VNetPeering"'
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm az-spk2-lxvm # a verdict is an answer
has "$out" '^ +None +System Route +10\.0\.0\.0/8 +Default$'
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 8.8.8.8
has "$out" '^ +Internet +System Route +0\.0\.0\.0/0 +Default$'
expect 0 "$H" set -l "$LAB" route_tables/rt-spk1 '{ routes: { drop: 203.0.113.0/24 None } }' \
	virtual_networks/az-spk1-vnet/subnets/subnet1/route_table rt-spk1
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 203.0.113.7
has "$out" '^ +None +rt-spk1 +203\.0\.113\.0/24 +User$'
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 8.8.8.8 -o json
has "$out" '"routeTableId": "System Route"'
expect 0 "$H" undo -l "$LAB" all
expect 2 "$H" nexthop -l "$LAB" az-spk1-lxvm nobody
has "$err" 'no address and no virtual machine'
expect 1 "$H" nexthop -l "$LAB" nobody 8.8.8.8
expect 2 "$H" nexthop -l "$LAB" az-spk1-lxvm

# the console of a router is its daemon's, that of another machine a shell
echo 'show protocols' >"$SCRATCH/in"
expect 0 "$H" console -l "$LAB" az-hub-ergw-0 <"$SCRATCH/in"
has "$out" '^b_azure_er_circuit_primary +BGP .* Established'
echo 'hostname; exit 7' >"$SCRATCH/in"
SHELL=/bin/sh expect 7 "$H" console -l "$LAB" branch-vm1 <"$SCRATCH/in"
[ "$out" = branch-vm1 ] || fail "the shell says '$out'"
expect 2 "$H" console -l "$LAB" no-such-node
expect 2 "$H" console -l "$LAB"

# events as they come, one object a line
"$H" events -l "$LAB" -f -o json >"$SCRATCH/events" 2>/dev/null &
follower=$!
wait_for 5 grep -q '"kind":"lab","text":"up: ' "$SCRATCH/events" || fail "no event of the past"
lacks "$(cat "$SCRATCH/events")" 'session with .* lost'
expect 0 "$H" shell -l "$LAB" -- ip -n megaport-mcr link set link0 down
wait_for 10 grep -q '"kind":"bgp","text":"megaport-mcr: session with .* lost' "$SCRATCH/events" ||
	fail "the new event did not come"
expect 0 "$H" events -l "$LAB" -o json
has "$out" '"kind":"bgp","text":"megaport-mcr: session with .* lost'
expect 0 "$H" down "$LAB"
wait "$follower"
lacks "$(cat "$SCRATCH/events")" '^$'
! grep -Evq '^\{"number":[0-9]+,"time":[0-9.]+,"kind":"[a-z]+","text":".*"\}$' "$SCRATCH/events" ||
	fail "not one object a line: $(cat "$SCRATCH/events")"
