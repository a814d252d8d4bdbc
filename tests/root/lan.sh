#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# LANs of branches: bridges with hosts that find each other by ARP, what a running lab does with
# them, and what they have not. There is nothing of Azure here but the language.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
providers:
  isp: { asn: 65001, links: [{ branch: east }, { branch: west }] }
branches:
  east: { asn: 65010, lan: 192.168.1.0/24, hosts: [pc, printer] }
  west: { asn: 65020, lan: 192.168.2.0/24, hosts: [till], daemon: bird }
E

# reds WORDS...: one "FROM-TO" for each of them is red, and no other is.
reds() {
	[ "$("$H" probes -l "$LAB" -o tsv | awk '$4 == "red" { print $1 "-" $2 }' | sort -u | xargs)" = "$*" ]
}
mac_of() {
	"$H" exec -l "$LAB" "$1" -- cat /sys/class/net/eth0/address
}
# on NODE PROGRAM...: what it prints there
on() {
	node=$1
	shift
	"$H" exec -l "$LAB" "$node" -- "$@"
}

expect 0 "$H" check "$SCRATCH/lab.yaml"
has "$out" "0 VMs, 3 branch hosts"
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$out" '0 VMs, 2 BGP sessions, 12 probes green'
expect 0 "$H" show -l "$LAB" till -o tsv
[ "$out" = "till	branch host	192.168.2.2/24		up" ] || fail "row: $out"

# a switch: the neighbour's own MAC is learned, and by the bridge, too; the router alone is a hop
expect 0 "$H" ping -l "$LAB" pc printer -c 1
has "$out" ' ttl=64 '
has "$(on pc ip neigh show 192.168.1.3)" "lladdr $(mac_of printer)"
has "$(on east bridge fdb show br lan0)" "^$(mac_of printer) dev p-printer "
expect 0 "$H" ping -l "$LAB" pc till -c 1
has "$out" ' ttl=61 '
has "$(on pc traceroute -n -q 1 -w 1 192.168.2.2)" '^ 1  192\.168\.1\.1 '
expect 0 "$H" curl -l "$LAB" till http://printer/ -s
has "$out" '^printer$'
# who is not there is nobody's: its router asks for it, and says so
expect 1 "$H" ping -l "$LAB" till 192.168.1.9 -c 1 -W 8
has "$out" '^From 169\.254\.128\.2 .*Destination Host Unreachable'

# of Azure they have nothing, and that is said
for words in 'routes pc' 'nexthop pc 192.168.2.2' 'nsg pc' 'nsg pc out tcp 192.168.2.2:80'; do
	# shellcheck disable=SC2086 # they are words
	expect 1 "$H" $words -l "$LAB"
	has "$err" "pc is in the LAN of branch 'east': effective routes and security rules are of "
done
for view in vms routes security; do
	expect 0 "$H" screen -l "$LAB" --print $view --size 120x30
	has "$out" "pc is in the LAN of branch 'east'"
done

# a host more, one less: those that stay are not touched
before=$(mac_of pc)
on pc ip link set eth0 alias untouched
expect 0 "$H" set -l "$LAB" branches/east/hosts '[pc, camera]'
expect 0 "$H" ping -l "$LAB" till camera -c 1
expect 2 "$H" ping -l "$LAB" till printer -c 1
has "$(on pc ip link show eth0)" 'alias untouched'
[ "$(mac_of pc)" = "$before" ] || fail "its MAC was $before, and is $(mac_of pc)"
lacks "$(on east ip -br link)" '^p-printer'
# the whole LAN: the router is as it was without one
expect 0 "$H" set -l "$LAB" branches/east/hosts null branches/east/lan null
lacks "$(on east ip -br link)" '^(lan0|p-)'
expect 0 "$H" undo -l "$LAB" all
expect 0 "$H" ping -l "$LAB" till printer -c 1

# what breaks
wait_for 10 is_green || fail "not green before the faults"
expect 0 "$H" fault -l "$LAB" cut printer
wait_for 20 reds pc-printer printer-pc printer-till till-printer || fail "cut: $("$H" probes -l "$LAB")"
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "not green after the cut"
expect 0 "$H" fault -l "$LAB" drop pc-nic
wait_for 20 reds pc-printer pc-till printer-pc till-pc || fail "drop: $("$H" probes -l "$LAB")"
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "not green after the drop"
# a router that is silent leaves its switch alone
expect 0 "$H" fault -l "$LAB" drop east
wait_for 20 reds pc-till printer-till till-pc till-printer || fail "silent: $("$H" probes -l "$LAB")"
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "not green after the router was silent"
expect 0 "$H" fault -l "$LAB" cut east
has "$(on east ip route)" '^unreachable 192\.168\.1\.0/24'
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "not green after the router was cut off"
expect 2 "$H" fault -l "$LAB" delay pc 5
has "$err" "'pc' has no cable"
