#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Who refuses a connection is heard behind an NVA, too, whatever is denied to new flows (NSG-17): the
# refusal passes the fabric twice, and conntrack has forgotten its flow the second time.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<'E'
lab: refused
virtual_networks:
  hub:
    address_prefixes: 10.4.0.0/16
    subnets: { nvas: 10.4.2.0/24 }
    peerings: { to-one: one, to-two: two }
  one:
    address_prefixes: 10.1.0.0/16
    subnets: { s: { address_prefix: 10.1.1.0/24, route_table: rt, network_security_group: closed } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
  two:
    address_prefixes: 10.2.0.0/16
    subnets: { s: { address_prefix: 10.2.1.0/24, route_table: rt } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
vms: { vm1: one/s, vm2: two/s }
nvas: { nva: { subnet: hub/nvas, private_ip_address: 10.4.2.101 } }
network_security_groups: { closed: { security_rules: { none: 100 Inbound Deny * * -> * } } }
route_tables: { rt: { routes: { all: 10.0.0.0/8 VirtualAppliance 10.4.2.101 } } }
probes: [ { from: vm1, to: vm2 } ]
E
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
expect 0 "$H" why -l "$LAB" vm1 vm2 tcp:81
has "$(printf '%s' "$out" | tr '\n' ' ')" 'A packet sent now got a reply after .* nftables does as predicted at ([0-9]+) of \1 places'
expect 7 "$H" exec -l "$LAB" vm1 -- curl -sS -m 3 http://10.2.1.4:81/
has "$err" 'Connection refused|Failed to connect'

# who is not answering is still asked, like anybody
expect 4 "$H" why -l "$LAB" vm2 vm1 tcp:81
has "$out" 'rule none \(subnet, priority 100\)'
