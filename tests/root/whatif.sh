#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a change would change, said before, and what it then changed in the kernel's own tables.
. tests/support/lab.sh

needs strongswan
sed "s/^lab: .*/lab: $LAB/" tests/golden/hybrid.yaml >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
preference=route_servers/az-hub-rs/hub_routing_preference

# said, and nothing is changed
expect 0 "$H" whatif -l "$LAB" $preference VpnGateway
has "$out" '^routes of az-spk1-lxvm-nic$'
has "$out" '^  - VirtualNetworkGateway Active 10\.100\.0\.0/24 VirtualNetworkGateway 10\.3\.129\.58$'
has "$out" '^az-spk1-lxvm -> branch-vm1 Icmp$'
has "$out" '^It would change the routes of 3 NICs and [0-9]+ flows\.$'
lacks "$out" '^ .{80}'
expect 0 "$H" changes -l "$LAB" -o tsv
[ -z "$out" ] || fail "it was changed: $out"
expect 0 "$H" whatif -l "$LAB" $preference ExpressRoute
[ "$out" = "It would change the routes of 0 NICs and 0 flows." ] || fail "nothing is something: $out"
expect 0 "$H" whatif -l "$LAB" $preference ExpressRoute -o json
has "$(printf '%s' "$out" | tr -d ' \n')" '"nics":\[\],"flows":\[\]'

# of flows that are asked about, also those that stay
expect 0 "$H" whatif -l "$LAB" $preference VpnGateway -- az-spk1-lxvm branch-vm1 http az-spk1-lxvm az-hub-lxvm
has "$out" '^az-spk1-lxvm -> branch-vm1 http$'
has "$out" '^az-spk1-lxvm -> az-hub-lxvm icmp stays as it is$'
has "$out" '^It would change the routes of 3 NICs and 1 flow\.$'
expect 0 "$H" whatif -l "$LAB" vms/new az-spk1-vnet/subnet1 -- az-hub-lxvm new
has "$out" "^  - lab '$LAB' has no virtual machine or NIC 'new'"
has "$out" '^  \+ a reply, ttl 64$'
expect 0 "$H" whatif -l "$LAB" $preference VpnGateway -- az-spk1-lxvm az-hub-lxvm udp:53
has "$out" '^az-spk1-lxvm -> az-hub-lxvm udp:53 stays as it is$'
expect 2 "$H" whatif -l "$LAB" $preference VpnGateway -- az-spk1-lxvm
expect 2 "$H" whatif -l "$LAB" $preference VpnGateway -- az-spk1-lxvm az-hub-lxvm branch-vm1
has "$err" "where does 'branch-vm1' send to"
expect 2 "$H" whatif -l "$LAB" -- az-spk1-lxvm branch-vm1

# each said, done, and found to be so: routing, a user's route, flags, a table that is taken away
foretell() {
	expect 0 "$H" whatif -l "$LAB" --apply "$@"
	has "$out" '^Exactly this changed: the routes of [0-9]+ NICs? and [0-9]+ flows?\.$'
}
foretell $preference VpnGateway
foretell route_tables/rt '{ routes: { out: 0.0.0.0/0 None } }' \
	virtual_networks/az-spk1-vnet/subnets/subnet1 '{ address_prefix: 10.0.1.0/27, route_table: rt }'
has "$out" '^  \+ User Active 0\.0\.0\.0/0 None$'
foretell route_tables/rt/disable_bgp_route_propagation true
has "$out" '^It would change the routes of 1 NIC and '
foretell virtual_networks/az-spk2-vnet/peerings/Spoke2-to-Hub/use_remote_gateways false
foretell route_tables/rt/routes/out null
expect 0 "$H" changes -l "$LAB" -o tsv
[ "$(printf '%s\n' "$out" | wc -l)" -ge 5 ] || fail "not all were set: $out"

# what cannot be is refused, and nothing is done
expect 3 "$H" whatif -l "$LAB" vms/nobody/x 1
has "$err" "unknown key 'x' \[unknown-key\]"
expect 3 "$H" whatif -l "$LAB" --apply $preference Nonsense
expect 2 "$H" whatif -l "$LAB" $preference VpnGateway timers
has "$err" "'timers' needs a value"
