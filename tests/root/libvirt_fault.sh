#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults of an NVA with BGP and a tunnel that is a guest: its daemons are killed, by a fault and by
# somebody in it; its tunnels break in its own kernel, its NICs at their ports, its QEMU ends. All of it
# is told, timed, and comes back.
. tests/support/lab.sh
GUEST=fw
. tests/support/guest.sh

[ "$BRIEF" -lt 1 ] || skip "BRIEF=$BRIEF"
needs libvirt id-ranges
[ -e build/images/router ] || skip "the routers' image"

cat >"$SCRATCH/lab.yaml" <<'EOL'
lab: faults
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { s: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27, nvas: 10.0.0.64/27, in: 10.0.0.96/27 }
vms: { a: hub/s }
nvas:
  fw:
    network_interfaces: { out: hub/nvas, in: hub/in }
    kind: libvirt
    masquerade: out
    routes: [ 10.0.0.36/32 10.0.0.65 ] # the tunnel's other end: never through the tunnel
    tunnels:
      t:
        local_address: 10.0.0.68
        remote_address: 10.0.0.36
        tunnel_address: 169.254.0.1
        peer_tunnel_address: 169.254.21.1
        shared_key: abc123
    bgp:
      asn: 65002
      networks: [ 10.8.0.0/16 ]
      network_import_check: false
      neighbors: { gw: { address: 169.254.21.1, asn: 65515 } }
virtual_network_gateways:
  gw:
    virtual_network: hub
    gateway_type: Vpn
    enable_private_ip_address: true
    bgp_settings: { asn: 65515, custom_bgp_ip_addresses: [169.254.21.1] }
local_network_gateways:
  lgw: { gateway_ip_address: 10.0.0.68, bgp_settings: { asn: 65002, bgp_peering_address: 169.254.0.1 } }
connections:
  c: { gateway: gw, local_network_gateway: lgw, shared_key: abc123, enable_bgp: true, use_local_azure_ip_address: true }
EOL
"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >"$SCRATCH/up" 2>&1 || true # is_well says whether
fault() { "$H" fault -l "$LAB" "$@"; }
problems() { "$H" show -l "$LAB" | grep -E '^(fault|problem)'; }
tunnels_are() { "$H" show -l "$LAB" | grep -q "^tunnels *$1 of 1"; }
is_well() { is_green && tunnels_are 1 && ! problems; }
comes_back() { wait_for 120 is_well || fail "the lab is not well after $1: $(problems)"; }
# seen KIND TARGET OF: the stopwatch of the latest such fault has noticed it
seen() {
	fault ls -o tsv | awk -v kind="$1" -v target="$2" -v of="$3" '
		$2 == kind && $3 == target && $5 == of && $7 != "" { is_seen = 1 } END { exit !is_seen }'
}
comes_back "its start"

# ---- its daemons ----
expect 0 fault kill fw
wait_for 40 events_have 'fault 1 is over: kill fw: the daemon was started again' || fail "BIRD stays away"
events_have 'daemon +fw: bird ended by signal 9' || fail "its end is not told"
seen kill fw set || fail "nobody noticed: $(fault ls)"
comes_back "the end of its BIRD"
expect 0 fault kill charon@fw-t0
wait_for 10 events_have 'daemon +fw-t0: charon ended by signal 9' || fail "its end is not told"
wait_for 40 events_have 'fault 2 is over: kill fw-t0: the daemon was started again' || fail "charon stays away"
comes_back "the end of a charon"
expect 2 fault kill frr@fw
has "$err" "the daemon of 'fw' is bird"

# by somebody in there: it is started again all the same
on_console 'killall bird' >/dev/null
wait_for 20 events_have 'daemon +fw: bird ended (with code 0|by signal 15)' || fail "its end is not told"
comes_back "the end of its BIRD by other means"
[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 1 ] || fail "not one BIRD: $(on_console ps)"

# one that is held stays away, whatever its guest is told meanwhile
expect 0 fault kill fw --for 5m
"$H" set -l "$LAB" nvas/fw/bgp/neighbors/gw/prepend 1 >"$SCRATCH/set" 2>&1 || true
is_told() { on_console "cat /run/hublab/node/fw/bird/bird.conf" | grep -q prepend; }
wait_for 30 is_told || fail "it was not told: $(on_console "cat /run/hublab/node/fw/bird/bird.conf")"
[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 0 ] || fail "it was started: $(on_console ps)"
expect 0 fault clear all
comes_back "a daemon that was held"

# ---- its tunnels: their links are in its kernel ----
expect 0 fault cut fw-t0
wait_for 60 tunnels_are 0 || fail "the tunnel is not cut: $(on_console 'ip link')"
has "$(on_console '/sbin/ip link show o-tun0')" 'state DOWN'
has "$(fault ls)" '^[0-9]+ +cut +fw-t0 +on +set'
expect 0 fault clear all
comes_back "the cut of a tunnel"
expect 0 fault drop fw-t0
wait_for 60 tunnels_are 0 || fail "the tunnel is not silent: $(on_console 'nft list ruleset')"
has "$(on_console 'nft list ruleset')" 'hook ingress device "o-tun0" .*policy drop'
expect 0 fault clear all
comes_back "the silence of a tunnel"
lacks "$(on_console 'nft list ruleset')" 'hook ingress'

# ---- its NICs: the carrier that it sees, and what crosses its port ----
expect 0 fault cut out
wait_for 10 events_have 'fault [0-9]+, set: noticed' || fail "nobody noticed the cut"
has "$(on_console '/sbin/ip link show eth0')" 'NO-CARRIER'
wait_for 60 tunnels_are 0 || fail "the tunnels do not need their NIC"
expect 0 fault clear all
comes_back "the cut of a NIC"
seen cut out set || fail "the cut was not timed: $(fault ls)"
expect 0 fault drop out
wait_for 60 tunnels_are 0 || fail "the NIC is not silent"
lacks "$(on_console '/sbin/ip link show eth0')" 'NO-CARRIER'
expect 0 fault clear all
comes_back "the silence of a NIC"
expect 2 fault delay fw 10
has "$err" 'only cables can be given a delay'

# ---- its QEMU ----
kill -9 "$(pgrep -f "guest=$LAB-fw")"
wait_for 20 events_have 'guest +fw ended' || fail "its end is not told"
problems | grep -q 'fw: the guest does not run' || fail "it is no problem: $(problems)"
expect 0 "$H" start -l "$LAB" fw
comes_back "the end of its QEMU"
exit 0
