#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# IPsec between a VPN gateway and an appliance, over the Internet: real packets, what is too long,
# a wrong key, and daemons that die.
. tests/support/lab.sh

works() {
	"$H" doctor -o tsv | cut -f1,2 | grep -q "^$1	yes"
}
works strongswan || skip "strongswan"
works xfrm || works libipsec || skip "libipsec"

cat >"$SCRATCH/ipsec.yaml" <<'Y'
lab: ipsec
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { subnet1: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27 }
  branch:
    address_prefixes: 10.100.0.0/24
    subnets:
      wan: 10.100.0.0/28
      lan: 10.100.0.16/28
      hosts: { address_prefix: 10.100.0.96/27, route_table: by-nva }
route_tables:
  by-nva: { routes: { azure: 10.0.0.0/8 VirtualAppliance 10.100.0.20 } }
public_ip_addresses:
  nva-pip: { ip_address: 203.0.113.9 }
  gw-pip: { ip_address: 203.0.113.20 }
vms:
  hub-vm: hub/subnet1
  branch-vm: branch/hosts
nvas:
  nva:
    network_interfaces:
      nva-wan: { subnet: branch/wan, enable_ip_forwarding: true, public_ip_address: nva-pip }
      nva-lan: { subnet: branch/lan, enable_ip_forwarding: true }
    tunnels:
      azure:
        local_address: 203.0.113.9
        remote_address: 203.0.113.20
        tunnel_address: 169.254.0.1
        peer_tunnel_address: 169.254.21.1
        shared_key: abc123
    routes: [10.0.0.0/24 169.254.21.1, 10.100.0.96/27 10.100.0.17]
virtual_network_gateways:
  vpngw: { virtual_network: hub, gateway_type: Vpn, public_ip_addresses: [gw-pip] }
local_network_gateways:
  site: { gateway_ip_address: 203.0.113.9, address_prefixes: [10.100.0.0/24] }
connections:
  to-site: { gateway: vpngw, local_network_gateway: site, shared_key: abc123 }
expect:
  - { from: hub-vm, to: branch-vm, encrypted: true }
  - { from: branch-vm, to: hub-vm, protocol: Http, encrypted: true }
probes:
  - { from: hub-vm, to: branch-vm, protocol: Icmp }
  - { from: branch-vm, to: hub-vm, protocol: Http }
Y

# sa_has PATTERN: a line of the table matches.
sa_has() {
	"$H" sa -l "$LAB" -o tsv | grep -Eq -- "$1"
}
# bytes_in NODE
bytes_in() {
	"$H" sa -l "$LAB" "$1" -o tsv | cut -f8
}

expect 0 "$H" up "$SCRATCH/ipsec.yaml" --name "$LAB" --timings
has "$out" 'tunnels +1 '
expect 0 "$H" show -l "$LAB"
has "$out" '^tunnels +1 of 1'
sa_has '^nva	tun0	203.0.113.9	203.0.113.20	vpngw-0	established	.*AES_CBC-256' ||
	fail "the appliance's end is not shown: $("$H" sa -l "$LAB")"
sa_has '^vpngw-0	tun0	203.0.113.20	203.0.113.9	nva	established	' ||
	fail "the gateway's end is not shown: $("$H" sa -l "$LAB")"
expect 1 "$H" sa -l "$LAB" hub-vm
has "$err" "no tunnel that ends at 'hub-vm'"

# The appliance is a hop, the gateway is none; what passes is counted.
before=$(bytes_in vpngw)
expect 0 "$H" ping -l "$LAB" hub-vm branch-vm -c 3 -i 0.2
has "$out" ' ttl=63 '
counted() { [ "$(bytes_in vpngw)" -ge $((before + 252)) ]; }
wait_for 5 counted || fail "three pings were not counted"

# The Internet is looked at as other cables are.
expect 0 "$H" test -l "$LAB"

# Sizes (R5.16)
expect 1 "$H" exec -l "$LAB" hub-vm -- ping -M do -c 1 -W 1 -s 1472 10.100.0.100
has "$out" '10.0.0.36.* \(mtu = 1400\)|mtu ?= ?1400'
expect 0 "$H" exec -l "$LAB" hub-vm -- ping -M do -c 1 -W 2 -s 1350 10.100.0.100
expect 0 "$H" exec -l "$LAB" hub-vm -- ping -M dont -c 1 -W 2 -s 3000 10.100.0.100
expect 0 "$H" exec -l "$LAB" vpngw-0 -- nft list table ip hublab_tunnel
has "$out" 'maxseg size set 1350'
expect 0 "$H" exec -l "$LAB" hub-vm -- bash -c \
	'exec 3<>/dev/tcp/10.100.0.100/80; ss -tin dst 10.100.0.100'
has "$out" ' mss:13[0-5][0-9] '

# A daemon that is killed is started again, and the tunnel comes up again.
expect 0 "$H" shell -l "$LAB" -- sh -c 'kill -9 $(cat /run/hublab/node/nva-t0/charon/charon.pid)'
wait_for 5 events_have 'daemon +nva-t0: charon ended by signal 9' || fail "nobody noticed"
expect 0 "$H" show -l "$LAB"
has "$out" '^nva .*charon of nva-t0: ended by signal 9'
wait_for 20 events_have 'daemon +nva-t0: charon started again' || fail "it was not started again"
wait_for 20 is_green || fail "the lab did not recover"

# One that hangs is missed by the other end, ended, and never reads as healthy.
expect 0 "$H" shell -l "$LAB" -- sh -c 'kill -STOP $(cat /run/hublab/node/nva-t0/charon/charon.pid)'
wait_for 10 events_have 'tunnel +vpngw-0-t0: down between .*: the other end does not answer' ||
	fail "the other end did not notice"
wait_for 25 events_have 'daemon +nva-t0: charon did not answer for 10 s and was ended' ||
	fail "nobody noticed that it hangs"
wait_for 30 is_green || fail "the lab did not recover from a daemon that hung"

# Keys that differ are said to differ, by both names; the right one is enough.
expect 4 "$H" set -l "$LAB" connections/to-site/shared_key abc124
has "$err" 'no tunnel between nva \(203.0.113.9\) and vpngw-0 \(203.0.113.20\): the shared keys differ \(AUTHENTICATION_FAILED\)'
has "$err" 'no tunnel between vpngw-0 \(203.0.113.20\) and nva '
sa_has '^nva	.*	connecting	.*the shared keys differ' || fail "sa does not say it"
expect 0 "$H" undo -l "$LAB"
wait_for 10 is_green || fail "the tunnel did not come up with the right key"

# Likewise policies without anything in common.
expect 4 "$H" set -l "$LAB" connections/to-site/ipsec_policy '{ike_encryption: AES128, ike_integrity: SHA1, dh_group: DHGroup14, ipsec_encryption: AES128, ipsec_integrity: SHA1, pfs_group: None}'
has "$err" 'the IPsec policies have nothing in common \(NO_PROPOSAL_CHOSEN\)'
expect 0 "$H" undo -l "$LAB"
wait_for 10 is_green || fail "the tunnel did not come up with Azure's own policy"

# A lab without the connection has no tunnel, no namespace and no daemon of it.
"$H" set -l "$LAB" connections/to-site null >/dev/null 2>&1
expect 0 "$H" shell -l "$LAB" -- ip netns list
lacks "$out" '^vpngw-0-t'
expect 0 "$H" exec -l "$LAB" vpngw-0 -- ip link
lacks "$out" 'tun0'
