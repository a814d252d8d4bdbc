#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# G10: a user route for the subnet's own prefix takes packets between neighbours out of it (R3.15),
# to an appliance in the hub that drops pings.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
route_tables:
  vnet1-subnet1: { routes: { rfc1918-1: 10.0.0.0/8 VirtualAppliance 10.4.2.101 } }
virtual_networks:
  myVnet1:
    address_prefixes: 10.1.0.0/16
    subnets: { myVnet1Subnet1: { address_prefix: 10.1.1.0/24, route_table: vnet1-subnet1 } }
    peerings: { vnet1to4: { remote: myVnet4, allow_forwarded_traffic: true } }
  myVnet4:
    address_prefixes: 10.4.0.0/16
    subnets: { myVnet4Subnet2: 10.4.2.0/24 }
    peerings: { vnet4to1: { remote: myVnet1, allow_forwarded_traffic: true } }
vms:
  vm1: { subnet: myVnet1/myVnet1Subnet1, private_ip_address: 10.1.1.4 }
  vm2: { subnet: myVnet1/myVnet1Subnet1, private_ip_address: 10.1.1.5 }
nvas:
  linuxnva-1: { subnet: myVnet4/myVnet4Subnet2, private_ip_address: 10.4.2.101 }
probes:
  - { from: vm1, to: vm2, protocol: Http }
steps:
  - name: direct
  - name: steered
    set: { route_tables/vnet1-subnet1/routes/vnet1-subnet1: 10.1.1.0/24 VirtualAppliance 10.4.2.101 }
E

expect 0 "$H" up "$SCRATCH/lab.yaml"
expect 0 "$H" exec -l "$LAB" linuxnva-1 -- nft 'add table ip t; add chain ip t f { type filter hook forward priority 0; }; add rule ip t f ip protocol icmp drop'
expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 2 -i 0.2
has "$out" '^64 bytes from vm2 \(10.1.1.5\): icmp_seq=2 ttl=64 time='

expect 0 "$H" step -l "$LAB" steered
# pings are lost at the appliance, connections pass through it
expect 1 "$H" ping -l "$LAB" vm1 vm2 -c 2 -i 0.2 -W 1
expect 0 "$H" exec -l "$LAB" vm1 -- curl -s -m 5 http://10.1.1.5/
has "$out" '^vm2'
expect 0 "$H" exec -l "$LAB" linuxnva-1 -- nft flush chain ip t f
expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 2 -i 0.2
has "$out" '^64 bytes from vm2 \(10.1.1.5\): icmp_seq=2 ttl=63 time='
