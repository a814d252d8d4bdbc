#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose image knows of no seed and is told nothing: by DHCP, router advertisements and DHCPv6 it gets what
# the lab file gives its NICs, whatever NSGs say, and nobody gets what is another's.
. tests/support/lab.sh
GUEST=appliance
. tests/support/guest.sh

needs libvirt guest-images id-ranges
out=$(tests/support/dhcp_image/build "$SCRATCH/disk.raw" 2>&1) || skip "no disk to boot: $out"
chmod 644 "$SCRATCH/disk.raw"

cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: [10.0.0.0/16, "fd00::/48"]
    subnets:
      a: { address_prefix: [10.0.0.0/26, "fd00:0:0:1::/64"] }
      b: { address_prefix: 10.0.1.0/24, network_security_group: no-udp }
network_security_groups:
  no-udp:
    security_rules:
      out: { priority: 100, direction: Outbound, access: Deny, protocol: Udp }
      in: { priority: 100, direction: Inbound, access: Deny, protocol: Udp }
vms:
  vm: hub/a
nvas:
  appliance:
    kind: libvirt
    image: disk.raw
    memory_mb: 160
    network_interfaces:
      first: { subnet: hub/b, private_ip_address: 10.0.1.9 }
      second: { subnet: hub/a, ip_configurations: [10.0.0.9, 10.0.0.10, "fd00:0:0:1::9"] }
YAML
address=10.0.1.9
answers() { "$H" curl -l "$LAB" vm -sf -m 2 "$address/$1"; }
is_told() { answers "$1" | grep -Eq "$2"; }
told() { is_told "$1" "^$2\$" || fail "$1 has not $2: $(answers "$1")"; }

# ---- it is there at all only because it was told its address ----
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$out" "^$LAB is up: .* probes green"
has "$("$H" events -l "$LAB")" 'appliance got 10.0.1.9 at eth0 by DHCP$'
told eth0.4 'ip=10\.0\.1\.9'
told eth0.4 'subnet=255\.255\.255\.0'
told eth0.4 'router=10\.0\.1\.1'
told eth0.4 'dns=168\.63\.129\.16'
told eth0.4 'serverid=168\.63\.129\.16'
told eth0.4 'mtu=1500'
told eth0.4 'lease=4294967295'
told eth0.4 'staticroutes=0\.0\.0\.0/0 10\.0\.1\.1 168\.63\.129\.16/32 10\.0\.1\.1 169\.254\.169\.254/32 10\.0\.1\.1'

# ---- the second NIC: its first configuration, no second way out; IPv6 ----
wait_for 20 is_told eth1.4 '^ip=10\.0\.0\.9$' || fail "the second NIC has no address"
told eth1.4 'subnet=255\.255\.255\.192'
answers eth1.4 | grep -Eq '^(router|staticroutes)=' && fail "two default routes: $(answers eth1.4)"
wait_for 30 is_told eth1.6 '^new_ip6_address=fd00:0:0:1::9$' || fail "there is no address of IPv6"
has "$("$H" events -l "$LAB")" 'appliance got fd00:0:0:1::9 at eth1 by DHCPv6$'
expect 0 "$H" ping -l "$LAB" vm 10.0.0.9 -c 1
# its kernel looks first whether somebody else has the address
wait_for 10 "$H" ping -l "$LAB" vm fd00:0:0:1::9 -c 1 -W 1 || fail "it is not reached by IPv6"
out=$(on_console 'ip addr; ip -6 route; ping -c 1 -W 2 10.0.0.4; ping -6 -c 1 -W 2 fd00:0:0:1::4')
has "$out" 'inet6 fd00:0:0:1::9/128 '
has "$out" '^default via fe80::1234:5678:9abc dev eth1'
lacks "$out" '^default .* dev eth0 .*metric 1024'
[ "$(printf '%s\n' "$out" | grep -c ', 0% packet loss')" -eq 2 ] || fail "it does not reach its neighbour: $out"

# ---- it is renewed, NSGs or not, and whoever builds ends or not ----
kill -9 "$(pgrep -f "^hublab: $LAB engine " | head -n 1)"
out=$(on_console "kill -USR1 \$(cat /run/eth0.pid)")
wait_for 10 is_told eth0.reasons '^renew$' || fail "it is not renewed: $(answers eth0.reasons)"
# what was answered is no flow that somebody denied; an answer that comes too late may be one to ICMP
lacks "$("$H" flows -l "$LAB" -o tsv)" '	Udp	.*(255\.255\.255\.255|168\.63\.129\.16)'

# ---- what is another's is refused, and another machine is not answered ----
out=$(on_console 'echo "lease { interface \"eth0\"; fixed-address 10.0.1.77; renew never; expire never; }" >/tmp/l;
	dhclient -4 -1 -v -sf /bin/true -lf /tmp/l -pf /tmp/p eth0 2>&1; kill $(cat /tmp/p)' | tr '\n' ' ')
has "$out" 'DHCPREQUEST for 10.0.1.77 .*DHCPNAK from 168.63.129.16.*DHCPACK of 10.0.1.9 from 168.63.129.16'
has "$("$H" events -l "$LAB")" 'appliance asked by DHCP for an address that eth0 has not: it has 10.0.1.9'
out=$(on_console 'ip link set eth1 down; ip link set eth1 address 02:00:00:00:00:01; ip link set eth1 up;
	udhcpc -i eth1 -n -q -t 3 -T 1 -s /bin/true')
has "$out" 'no lease, failing'
# machines in namespaces are told what they are: nobody answers them
expect 1 "$H" exec -l "$LAB" vm -- busybox udhcpc -i eth0 -f -n -q -t 2 -T 1 -s /bin/true
has "$err" 'no lease, failing'

# ---- another address in the file is another address there ----
expect 0 "$H" set -l "$LAB" nvas/appliance/network_interfaces/first/private_ip_address 10.0.1.20
address=10.0.1.20
wait_for 40 is_told eth0.4 '^ip=10\.0\.1\.20$' || fail "it has not got its new address"
expect 0 "$H" down "$LAB"
exit 0
