#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Virtual networks that no peering joins may have equal addresses: each packet reaches the machine
# of its own network, also one that owns another network's router address (.1).
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<'Y'
lab: overlap
virtual_networks:
  red:   { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0/24, b: 10.0.1.0/24 } }
  blue:  { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0/24, b: 10.0.1.0/24 } }
  # its second machine has the address that red's subnet b keeps for its router
  green: { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0/23 } }
vms:
  red-1: red/a
  red-2: red/b
  blue-1: blue/a
  blue-2: blue/b
  green-1: green/a
  green-2: { subnet: green/a, private_ip_address: 10.0.1.1 }
probes:
  - { from: red-1, to: red-2 }
  - { from: blue-1, to: blue-2 }
  - { from: green-1, to: green-2 }
  - { from: red-1, to: red-2, protocol: Http }
  - { from: green-1, to: green-2, protocol: Http }
Y
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"

says() { # FROM ADDRESS NAME
	expect 0 "$H" curl -l "$LAB" "$1" -s -m 3 "$2"
	[ "$out" = "$3" ] || fail "$2 is '$out' for $1, not '$3'"
	expect 0 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" 'ttl=64 '
}
says red-1 10.0.1.4 red-2
says red-2 10.0.0.4 red-1
says blue-1 10.0.1.4 blue-2
says blue-2 10.0.0.4 blue-1
says green-1 10.0.1.1 green-2
# there it is the router's address, and routers do not answer
expect 1 "$H" ping -l "$LAB" red-1 10.0.1.1 -c 1 -W 1
expect 1 "$H" ping -l "$LAB" blue-2 10.0.1.1 -c 1 -W 1

# the same connection in two networks at once: state is kept apart, each in its own zone
for net in red blue; do
	"$H" exec -l "$LAB" $net-1 -- curl -s -m 3 --local-port 20000 10.0.1.4 >"$SCRATCH/$net" &
done
wait
[ "$(cat "$SCRATCH/red")" = red-2 ] || fail "red got '$(cat "$SCRATCH/red")'"
[ "$(cat "$SCRATCH/blue")" = blue-2 ] || fail "blue got '$(cat "$SCRATCH/blue")'"

# a machine that claims another's address is not heard
expect 0 "$H" exec -l "$LAB" red-1 -- ip addr add 10.0.0.99/32 dev eth0
expect 1 "$H" exec -l "$LAB" red-1 -- ping -I 10.0.0.99 -c 1 -W 1 10.0.1.4
