#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The edge to the Internet with real packets: as whom machines are seen there, and what comes in.
# Each state is green before anything is asked, so all of it was predicted, too (R9.9).
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
internet: { client: 198.51.100.7, web: [93.184.216.34, 13.107.21.200] }
public_ip_addresses:
  pip: 20.1.1.1
  nat1: 20.2.2.2
  nat2: 20.2.2.3
  twin1: 20.3.3.3
  twin2: { ip_address: 20.4.4.4, sku: Basic }
  behind: 20.5.5.5
  nva: 20.6.6.6
  shut: 20.7.7.7
nat_gateways: { ng: [nat1, nat2] }
network_security_groups:
  open: { security_rules: { all: 100 Inbound Allow * Internet -> * } }
  through: { security_rules: { all: 100 Inbound Allow * * -> * } } # N26
route_tables:
  by-nva: { routes: { default: 0.0.0.0/0 VirtualAppliance 10.0.9.4 } }
  odd:
    routes:
      own: 10.0.1.128/25 Internet
      far: 93.184.216.0/24 VnetLocal
      no: 13.107.21.200/32 None
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/16
    subnets:
      nat: { address_prefix: 10.0.0.0/24, nat_gateway: ng }
      private: 10.0.1.0/24
      lent: { address_prefix: 10.0.2.0/24, default_outbound_access: true }
      steered: { address_prefix: 10.0.3.0/24, route_table: by-nva }
      odd: { address_prefix: 10.0.4.0/24, route_table: odd, default_outbound_access: true }
      nvas: 10.0.9.0/24
  other: { address_prefixes: 10.0.0.0/16, subnets: { private: 10.0.1.0/24 } }
vms:
  both: { subnet: hub/nat, public_ip_address: pip, network_security_group: open }
  natted: { subnet: hub/nat, network_security_group: open }
  private: { subnet: hub/private, private_ip_address: 10.0.1.200 }
  lent: hub/lent
  one:
    subnet: hub/private
    private_ip_address: 10.0.1.10
    public_ip_address: twin1
    network_security_group: open
  two: { subnet: other/private, private_ip_address: 10.0.1.10, public_ip_address: twin2 }
  steered: { subnet: hub/steered, public_ip_address: behind, network_security_group: open }
  odd: hub/odd
  shut: { subnet: hub/private, public_ip_address: shut }
nvas: { fw: { subnet: hub/nvas, public_ip_address: nva, network_security_group: through } }
probes:
E
for machine in both natted private lent one two steered fw odd shut; do
	for protocol in icmp http; do
		echo "  - { from: $machine, to: web, protocol: $protocol }"
		echo "  - { from: client, to: $machine, protocol: $protocol }"
	done
done >>"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"

set_to() { # PATH VALUE...: each state is as predicted
	expect 0 "$H" set -l "$LAB" "$@"
}
seen_as() { # MACHINE PATTERN [ADDRESS]: what a host sees of it
	expect 0 "$H" curl -l "$LAB" "$1" -s -m 3 "${3:-93.184.216.34}/ip"
	printf '%s\n' "$out" | grep -Eqx "$2" || fail "$1 is '$out' on the Internet, not $2"
}
fetch() { # FROM ADDRESS NAME
	expect 0 "$H" curl -l "$LAB" "$1" -s -m 3 "$2"
	[ "$out" = "$3" ] || fail "$2 is '$out' for $1, not '$3'"
}
no_fetch() { # FROM ADDRESS: and nobody says so
	expect 28 "$H" curl -l "$LAB" "$1" -s -m 1 "$2"
}
answers() { # FROM ADDRESS TTL
	expect 0 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" "from $2: .*ttl=$3 "
}
lost() { # FROM ADDRESS: and nobody says so
	expect 1 "$H" ping -l "$LAB" "$1" "$2" -c 2 -i 0.2 -W 1
	has "$out" '2 packets transmitted, 0 received, 100% packet loss'
	lacks "$out" 'errors|nreachable'
}
predicted() { # FROM TO PROTOCOL WORDS
	has "$("$H" probes -l "$LAB" -o tsv | grep "^$1	$2	$3	green	")" "$4"
}
next_hop() { # MACHINE ADDRESS TYPE
	expect 0 "$H" nexthop -l "$LAB" "$1" "$2"
	has "$out" "$3"
}

# OUT-05: the NAT gateway before the NIC's own address; what comes in by that still arrives, and
# its answers leave as it
seen_as both '20\.2\.2\.[23]'
seen_as natted '20\.2\.2\.[23]' 13.107.21.200
seen_as one '20\.3\.3\.3'
fetch client 20.1.1.1 both
answers client 20.1.1.1 64
fetch web 20.1.1.1 both
expect 0 "$H" exec -l "$LAB" both -- curl -s -m 3 198.51.100.7/ip
has "$out" '^20\.2\.2\.[23]$'

# OUT-06: flows have any of its addresses; it takes TCP and UDP alone, and lets nothing in
seen=$(for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
	"$H" curl -l "$LAB" natted -s -m 3 93.184.216.34/ip
done | sort -u | tr '\n' ' ')
[ "$seen" = '20.2.2.2 20.2.2.3 ' ] || fail "the addresses of 30 flows are $seen"
lost natted 93.184.216.34
lost both 93.184.216.34
no_fetch client 20.2.2.2
lost client 20.2.2.2
predicted natted web Icmp "NAT gateway 'ng' takes TCP and UDP alone"

# OUT-07: nothing gives it an address, and the next hop still says Internet
no_fetch private 93.184.216.34
lost private 93.184.216.34
next_hop private 93.184.216.34 Internet
predicted private web Http 'private has no address on the Internet: hub/private is private'
told() {
	"$H" flows -l "$LAB" private | grep -q 'Deny  *Out Tcp .*93.184.216.34:80 .* platform no-outbound'
}
wait_for 5 told || fail "the flow log does not tell it: $("$H" flows -l "$LAB" private)"
no_fetch client 10.0.1.200
predicted client private Http '10.0.1.200 matches 10.0.0.0/8 None'
seen_as lent '20\.255\.0\.[0-9]+'
answers lent 93.184.216.34 64
no_fetch client "$("$H" curl -l "$LAB" lent -s -m 3 93.184.216.34/ip)"

# equal addresses in two virtual networks, at the same time
for _ in 1 2 3; do
	seen_as one '20\.3\.3\.3'
	seen_as two '20\.4\.4\.4'
	fetch client 20.3.3.3 one
	fetch client 20.4.4.4 two
done
answers one 93.184.216.34 64
answers two 93.184.216.34 64
fetch client 93.184.216.34 web

# NSG-25: a Standard address is closed until an NSG opens it, and yet it is that of what goes out
no_fetch client 20.7.7.7
predicted client shut Http standard-pip-closed
seen_as shut '20\.7\.7\.7'

# what a route says goes before all that: not into the own network by the Internet, and not out of
# it by the own network
lost odd 10.0.1.200
lost odd 93.184.216.34
lost odd 13.107.21.200
answers odd 198.51.100.7 64

# OUT-08: what comes in arrives; its answers follow the route to the appliance, with their private
# address, and nobody else may send them on
packets() { # CHAIN: of its rule with a counter
	"$H" exec -l "$LAB" fw -- nft list chain ip t "$1" |
		sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}
expect 0 "$H" exec -l "$LAB" fw -- nft 'add table ip t;
	add chain ip t inside { type filter hook forward priority 0; };
	add rule ip t inside ip saddr 10.0.3.4 ip daddr 198.51.100.7 counter;
	add chain ip t outside { type filter hook forward priority 0; };
	add rule ip t outside ip saddr 20.5.5.5 counter'
no_fetch client 20.5.5.5
lost client 20.5.5.5
[ "$(packets inside)" -ge 3 ] || fail "fw forwarded $(packets inside) answers"
[ "$(packets outside)" -eq 0 ] || fail "fw forwarded answers of 20.5.5.5"
predicted client steered Icmp 'fw cannot answer for 10.0.3.4'
predicted steered web Http '10.0.3.4 is not of fw'

# an appliance that translates is seen as what it is itself
expect 0 "$H" exec -l "$LAB" fw -- nft 'add chain ip t nat { type nat hook postrouting priority 100; };
	add rule ip t nat ip daddr 93.184.216.34 masquerade'
seen_as steered '20\.6\.6\.6'
expect 0 "$H" exec -l "$LAB" fw -- nft 'delete table ip t'

# while it runs: without the NAT gateway, with an address, and back
set_to virtual_networks/hub/subnets/nat/nat_gateway null
seen_as both '20\.1\.1\.1'
answers both 93.184.216.34 64
no_fetch natted 93.184.216.34
set_to vms/natted/public_ip_address nat1 nat_gateways/ng nat2
seen_as natted '20\.2\.2\.2'
set_to vms/natted/public_ip_address null
no_fetch natted 93.184.216.34
set_to virtual_networks/hub/subnets/nat/nat_gateway ng
seen_as natted '20\.2\.2\.3'
set_to internet/third 8.8.8.8
seen_as natted '20\.2\.2\.3' 8.8.8.8
set_to internet/third null
no_fetch natted 8.8.8.8
is_green || fail 'the lab is not green in the end'

# the first host comes to a lab that runs, and the last one goes
"$H" down "$LAB" || fail 'the lab does not end'
cat >"$SCRATCH/none.yaml" <<E
lab: $LAB
public_ip_addresses: { pip: 20.1.1.1 }
virtual_networks: { hub: { address_prefixes: 10.0.0.0/16, subnets: { s1: 10.0.0.0/24 } } }
vms: { vm1: { subnet: hub/s1, public_ip_address: pip }, vm2: hub/s1 }
E
expect 0 "$H" up "$SCRATCH/none.yaml"
no_fetch vm1 8.8.8.8
set_to internet/web 8.8.8.8
seen_as vm1 '20\.1\.1\.1' 8.8.8.8
no_fetch vm2 8.8.8.8
fetch vm1 10.0.0.5 vm2
set_to internet/web null
no_fetch vm1 8.8.8.8
fetch vm1 10.0.0.5 vm2
