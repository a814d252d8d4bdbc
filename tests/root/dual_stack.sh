#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# IPv6 beside IPv4: within a subnet, over peerings, through an NVA by a user route and its guest's
# own; equal spaces stay apart, what is not its own a machine cannot send; IPv4 is as ever.
. tests/support/lab.sh

needs ipv6
lab() { # NAME-OF-LAB: with IPv6 in all networks but one
	cat <<Y
lab: $1
virtual_networks:
  hub:
    address_prefixes: [10.0.0.0/16, "fd00:0:1::/48"]
    subnets:
      nva: { address_prefix: [10.0.0.0/24, "fd00:0:1::/64"] }
      far: { address_prefix: [10.0.1.0/24, "fd00:0:1:1::/64"] }
      GatewaySubnet: { address_prefix: [10.0.255.0/27, "fd00:0:1:ff::/64"] }
    peerings:
      to-red: { remote: red, allow_forwarded_traffic: true }
      to-blue: { remote: blue, allow_forwarded_traffic: true }
      to-plain: plain
  red:
    address_prefixes: [10.1.0.0/16, "fd00:0:2::/48"]
    subnets: { s: { address_prefix: [10.1.0.0/24, "fd00:0:2::/64"], route_table: rt-red } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
  blue:
    address_prefixes: [10.2.0.0/16, "fd00:0:3::/48"]
    subnets: { s: { address_prefix: [10.2.0.0/24, "fd00:0:3::/64"], route_table: rt-blue } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
  island: # all of its addresses are red's
    address_prefixes: [10.1.0.0/16, "fd00:0:2::/48"]
    subnets: { s: { address_prefix: [10.1.0.0/24, "fd00:0:2::/64"] } }
  plain: { address_prefixes: 10.9.0.0/16, subnets: { s: 10.9.0.0/24 }, peerings: { to-hub: hub } }
route_tables:
  rt-red:
    routes:
      six: "fd00:0:3::/48 VirtualAppliance fd00:0:1::4"
      four: 10.2.0.0/16 VirtualAppliance 10.0.0.4
      shared: "fd0a::/48 VirtualApplianceEcmp fd00:0:1::4 fd00:0:1::66"
      dropped: "fd00:0:1:1::9/128 None"
  rt-blue:
    routes:
      six: "fd00:0:2::/48 VirtualAppliance fd00:0:1::4"
      four: 10.1.0.0/16 VirtualAppliance 10.0.0.4
nvas:
  fw: { network_interfaces: { fw-in: hub/nva, fw-out: hub/far }, routes: ["fd00:0:3::/48 fd00:0:1:1::1"] }
vms:
  hub-1: hub/far
  hub-9: { subnet: hub/far, private_ip_address: "fd00:0:1:1::9" }
  red-1: red/s
  red-2: { subnet: red/s, ip_configurations: [10.1.0.10, "fd00:0:2::10"] }
  blue-1: blue/s
  island-1: island/s
  island-2: island/s
  plain-1: plain/s
probes:
  - { from: red-1, to: blue-1 }
  - { from: hub-1, to: plain-1, protocol: Http }
Y
}
lab "$LAB" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"

answers() { # FROM TO TTL [OPTION ...]
	from=$1 to=$2 ttl=$3
	shift 3
	expect 0 "$H" ping -l "$LAB" "$from" "$to" -c 2 -i 0.2 -W 2 "$@"
	has "$out" "ttl=$ttl "
}
silent() { # FROM TO [OPTION ...]
	from=$1 to=$2
	shift 2
	expect 1 "$H" ping -l "$LAB" "$from" "$to" -c 1 -W 1 "$@"
	has "$out" '100% packet loss'
}
in_fabric() { "$H" shell -l "$LAB" -- ip netns exec fabric "$@"; }

# within a subnet and over a peering: the fabric is no hop, also for a packet that must not have one
answers red-1 red-2 64 -6
answers red-1 fd00:0:1:1::4 64
answers hub-1 red-1 64 -6
answers red-1 hub-1 64 -6 -t 1
answers red-1 hub-1 64 -4
expect 0 "$H" exec -l "$LAB" red-2 -- sysctl -qw net.ipv6.conf.eth0.hop_limit=255
answers red-1 red-2 255 -6
# through the NVA, whose guest sends on by its other NIC
answers red-1 blue-1 63 -6
answers blue-1 red-1 63 -6
answers red-1 blue-1 63 -4
has "$("$H" exec -l "$LAB" fw -- ip -6 route get fd00:0:3::4)" ' dev eth1 '
[ "$("$H" curl -l "$LAB" red-1 -s -m 3 -6 http://blue-1/)" = blue-1 ] || fail "no page by IPv6"
[ "$("$H" curl -l "$LAB" red-1 -s -m 3 -4 http://blue-1/)" = blue-1 ] || fail "no page by IPv4"
# what a user drops, what nobody has, what is of no lab, what has no IPv6
silent red-1 hub-9 -6
answers red-1 hub-9 64 -4
silent red-1 fd00:0:2::99
silent red-1 2001:db8::1
silent hub-1 fe80::1234:5678:9abc%eth0
expect 2 "$H" ping -l "$LAB" plain-1 fd00:0:1:1::4 -c 1 -W 1
has "$("$H" exec -l "$LAB" red-1 -- getent ahostsv6 blue-1)" '^fd00:0:3::4 '
expect 0 "$H" nexthop -l "$LAB" red-1 fd00:0:3::4 -o tsv
has "$out" '^fd00:0:1::4	VirtualAppliance	'
has "$(in_fabric ip -6 route show table all)" 'nexthop via fd00:0:1::66 dev any0 '

# equal spaces that no peering joins, with the same connection at once
answers island-1 fd00:0:2::5 64
silent red-1 fd00:0:2::5
silent island-1 fd00:0:2::10
for net in red island; do
	to=$([ $net = red ] && echo fd00:0:2::10 || echo fd00:0:2::5)
	"$H" exec -l "$LAB" $net-1 -- curl -s -m 3 -g --local-port 20000 "http://[$to]/" \
		>"$SCRATCH/$net" &
done
wait
[ "$(cat "$SCRATCH/red")" = red-2 ] || fail "red got '$(cat "$SCRATCH/red")'"
[ "$(cat "$SCRATCH/island")" = island-2 ] || fail "island got '$(cat "$SCRATCH/island")'"

# a machine that claims another's address, or nobody's, is not heard; an NVA may
for claimed in fd00:0:2::10 fd00:0:2::77; do
	expect 0 "$H" exec -l "$LAB" red-1 -- ip addr add $claimed/128 dev eth0 nodad
	silent red-1 hub-1 -6 -I $claimed
	expect 0 "$H" exec -l "$LAB" red-1 -- ip addr del $claimed/128 dev eth0
done
answers red-1 hub-1 64 -6

# what flags of peerings keep out
expect 0 "$H" set -l "$LAB" virtual_networks/blue/peerings/to-hub/allow_forwarded_traffic false
silent red-1 blue-1 -6
answers hub-1 blue-1 64 -6
expect 0 "$H" set -l "$LAB" virtual_networks/blue/peerings/to-hub '{ remote: hub, allow_virtual_network_access: false }'
silent hub-1 blue-1 -6
answers hub-1 red-1 64 -6
expect 0 "$H" undo -l "$LAB" all
answers red-1 blue-1 63 -6

# routes that come, change and go
expect 0 "$H" set -l "$LAB" route_tables/rt-red/routes/more '"fd00:0:3::4/128 None"'
silent red-1 blue-1 -6
expect 0 "$H" set -l "$LAB" route_tables/rt-red/routes/more '"fd00:0:3::4/128 VirtualAppliance fd00:0:1::4"'
answers red-1 blue-1 63 -6
# one next hop of two, then none, then two again: the kernel takes each in the place of the other
expect 0 "$H" set -l "$LAB" route_tables/rt-red/routes/shared '"fd0a::/48 VirtualAppliance fd00:0:1::4"'
has "$(in_fabric ip -6 route show table all)" '^fd0a::/48 via fd00:0:1::4 dev p-fw '
expect 0 "$H" set -l "$LAB" route_tables/rt-red/routes/shared '"fd0a::/48 None"'
has "$(in_fabric ip -6 route show table all)" '^blackhole fd0a::/48 '
lacks "$(in_fabric ip -6 route show table all)" '^fd0a::/48'
expect 0 "$H" undo -l "$LAB" 2
has "$(in_fabric ip -6 route show table all)" 'nexthop via fd00:0:1::66 dev any0 '
expect 0 "$H" set -l "$LAB" route_tables/rt-red/routes/dropped null
answers red-1 hub-9 64 -6
# what others change in the fabric is told, and mended
problems() { "$H" show -l "$LAB" | grep -E '^problem +drift: '; }
told() { problems | grep -Eq -- "$1"; }
no_problem() { ! problems; }
wait_for 3 no_problem || fail "its own changes are told: $(problems)"
table=$(in_fabric ip -6 rule | sed -n 's/^102:.* lookup //p' | tr -d ' ')
has "$(in_fabric ip -6 route show table "$table")" '^fd00:0:3::/48 via fd00:0:1::4 '
in_fabric ip -6 route replace blackhole fd00:0:3::/48 table "$table"
wait_for 3 told 'red/s \(IPv6\), fd00:0:3::/48: wanted via fd00:0:1::4 dev p-fw, the kernel has blackhole' ||
	fail "not told: $(problems)"
in_fabric ip -6 route del default table "$table"
wait_for 3 told 'red/s \(IPv6\), ::/0: wanted blackhole, the kernel has nothing' || fail "not told: $(problems)"
in_fabric ip -6 rule del pref 102
wait_for 3 told 'rules of the fabric \(IPv6\), 102: wanted ' || fail "not told: $(problems)"
in_fabric ip -6 rule add pref 50 lookup 4711
wait_for 3 told 'rules of the fabric \(IPv6\), 50: wanted nothing' || fail "not told: $(problems)"
expect 0 "$H" mend -l "$LAB"
wait_for 3 no_problem || fail "not mended: $(problems)"
answers red-1 blue-1 63 -6
# a network gets IPv6, and loses it
expect 0 "$H" set -l "$LAB" \
	virtual_networks/plain/address_prefixes '[10.9.0.0/16, "fd00:0:9::/48"]' \
	virtual_networks/plain/subnets/s/address_prefix '[10.9.0.0/24, "fd00:0:9::/64"]'
answers hub-1 plain-1 64 -6
expect 0 "$H" undo -l "$LAB" all
silent red-1 hub-9 -6
lacks "$(in_fabric ip -6 route show table all)" 'fd00:0:9:'
lacks "$("$H" exec -l "$LAB" plain-1 -- ip -6 addr)" 'fd00'

expect 0 "$H" down "$LAB"

# so does a lab, and nothing of it stays in the fabric
small() { # IPV6-OF-V IPV6-OF-W: what stands behind IPv4's prefixes
	cat <<Y
lab: $LAB
virtual_networks:
  v: { address_prefixes: [10.0.0.0/16$1], subnets: { s: { address_prefix: [10.0.0.0/24$1] } }, peerings: { vw: w } }
  w: { address_prefixes: [10.1.0.0/16$2], subnets: { s: { address_prefix: [10.1.0.0/24$2] } }, peerings: { wv: v } }
vms: { a: v/s, b: w/s }
Y
}
six() {
	in_fabric sh -c 'ip -6 route show table all; ip -6 addr; nft list tables ip6'
}
four() {
	in_fabric sh -c 'ip route show table all; ip rule; ip neigh show nud permanent | sort'
}
F=$SCRATCH/small.yaml
small '' '' >"$F"
expect 0 "$H" up "$F"
[ -z "$(six)" ] || fail "IPv6 in a lab that has none: $(six)"
before=$(four)
small ', "fd00:1::/64"' ', "fd00:2::/64"' >"$F"
expect 0 "$H" up "$F"
answers a b 64 -6
answers a b 64 -4
small '' '' >"$F"
expect 0 "$H" up "$F"
answers a b 64
[ -z "$(six)" ] || fail "IPv6 stays: $(six)"
wait_for 3 no_problem || fail "what went is told: $(problems)"
[ "$(four)" = "$before" ] || fail "the fabric was '$before', and is '$(four)'"
lacks "$("$H" exec -l "$LAB" a -- ip -6 route)" 'default|fd00'
expect 0 "$H" down "$LAB"
is_gone() { ! pgrep -f "^hublab: $LAB "; }
wait_for 5 is_gone || fail "processes stay"
