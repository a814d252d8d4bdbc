#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine with a kernel of its own: it boots, answers as any other does, is filtered as any other
# is, can be stopped and started, and is gone with its lab.
. tests/support/lab.sh
GUEST=branch-vm1
. tests/support/guest.sh

needs libvirt id-ranges

pid_of() { pgrep -f "^hublab: $LAB supervisor " | head -n 1; }
qemus() { pgrep -f "guest=$LAB-" | wc -l; }
state_is() { "$H" show -l "$LAB" | grep -Eq "^branch-vm1 .* $1\$"; }

# ---- up, and the transcript ----
start=$(date +%s%N)
expect 0 "$H" up libvirt-branch --name "$LAB"
took_ms=$((($(date +%s%N) - start) / 1000000))
has "$out" "^$LAB is up .* 40 probes green"
[ $took_ms -le $((15000 * SLOW)) ] || fail "up took $took_ms ms"
expect 0 "$H" ping -l "$LAB" az-spk1-lxvm 10.100.0.100 -c 5 -i 0.2
[ "$(printf '%s\n' "$out" | grep -c 'ttl=60 ')" -eq 5 ] || fail "five replies with ttl=60: $out"
expect 0 "$H" curl -l "$LAB" az-spk1-lxvm -s 10.100.0.100
[ "$out" = branch-vm1 ] || fail "the guest says '$out'"
expect 0 "$H" test -l "$LAB"
has "$out" '^[0-9]+ passed, 0 failed, 0 unknown'
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1
has "$out" 'now got a reply, ttl 60'
[ "$(qemus)" -eq 1 ] || fail "$(qemus) guests run"

# ---- probes that start in the guest: its kernel's TTL and times, judged as all others ----
# probe_of PROTOCOL TO COLOUR: what branch-vm1 sends
probe_of() { "$H" probes -l "$LAB" -o tsv | grep -Eq "^branch-vm1	$2	$1	$3	"; }
probe_of Icmp az-spk1-lxvm green || fail "no green probe starts at the guest: $("$H" probes -l "$LAB")"
"$H" probes -l "$LAB" -o tsv | grep -E '^branch-vm1	az-spk1-lxvm	Icmp	' | grep -q '	60	' ||
	fail "its TTL is not 60: $("$H" probes -l "$LAB" -o tsv | grep '^branch-vm1')"
expect 0 "$H" mesh -l "$LAB"
has "$out" '^20 pairs'
# what the lab's file does not say: somebody drops what the guest sends
expect 0 "$H" fault -l "$LAB" drop az-spk1-lxvm
wait_for 10 probe_of Icmp az-spk1-lxvm red || fail "the guest's probe does not see the fault"
expect 0 "$H" fault -l "$LAB" clear
wait_for 10 probe_of Icmp az-spk1-lxvm green || fail "the guest's probe is not green again"

# ---- a kernel of its own, addresses and routes of Azure ----
out=$(on_console 'uname -r; ip -o -4 addr show eth0; ip route')
lacks "$out" "^$(uname -r)\$"
has "$out" 'inet 10.100.0.100/27 '
has "$out" '^default via 10.100.0.97 dev eth0'
expect 0 "$H" exec -l "$LAB" branch-vm1 -- uname -r
lacks "$out" "^$(uname -r)\$"
# it reaches others as they do it, and none with an address that is not its own
out=$(on_console 'ping -c 2 -W 2 10.0.2.4')
has "$out" 'ttl=60 '
out=$(on_console 'ip addr add 10.100.0.101/32 dev lo; ping -c 1 -W 1 -I 10.100.0.101 10.0.2.4')
has "$out" ', 100% packet loss'

# ---- segments and checksums are whole in both directions, at the MTU of all ----
expect 0 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -M do -s 1472 -c 1
expect 1 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -M do -s 1473 -c 1 -W 1
sum=$(on_console 'head -c 4000000 /dev/urandom >/www/big; md5sum </www/big' | cut -d ' ' -f 1)
expect 0 "$H" exec -l "$LAB" branch-opnnva -- curl -s -m 60 -o "$SCRATCH/big" 10.100.0.100/big
[ "$(md5sum <"$SCRATCH/big" | cut -d ' ' -f 1)" = "$sum" ] || fail "what was fetched is not '$sum'"

# ---- an NSG, a fault ----
expect 0 "$H" set -l "$LAB" network_security_groups/default-nsg/security_rules/no-web \
	'200 Inbound Deny Tcp * -> *:80'
expect 28 "$H" curl -l "$LAB" az-hub-lxvm -s -m 1 10.100.0.100
expect 0 "$H" undo -l "$LAB"
expect 0 "$H" curl -l "$LAB" az-hub-lxvm -s -m 5 10.100.0.100
# one that stops the guest's own packets: predicted, so green, and the expectation fails
expect 0 "$H" set -l "$LAB" network_security_groups/default-nsg/security_rules/no-out \
	'201 Outbound Deny Icmp 10.100.0.100 -> *'
has "$out" 'probes green'
expect 4 "$H" test -l "$LAB"
has "$out" '^ +fail +branch-vm1 -> az-spk1-lxvm Icmp works'
has "$("$H" probes -l "$LAB" -o tsv)" '^branch-vm1	az-spk1-lxvm	Icmp	green	fails as predicted	.*branch-vm1: rule no-out'
expect 0 "$H" undo -l "$LAB"
expect 0 "$H" fault -l "$LAB" cut branch-vm1
has "$(on_console 'cat /sys/class/net/eth0/carrier')" '^0$'
expect 1 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -c 1 -W 1
expect 0 "$H" fault -l "$LAB" clear
expect 0 "$H" fault -l "$LAB" drop branch-vm1VMNic
expect 1 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -c 1 -W 1
has "$(on_console 'cat /sys/class/net/eth0/carrier')" '^1$'
expect 0 "$H" fault -l "$LAB" clear
# its kernel has given its router up meanwhile, and asks for it anew
wait_for 5 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -c 1 -W 1 || fail "it does not answer again"
[ "$("$H" events -l "$LAB" | grep -c 'branch-vm1 is up')" -eq 1 ] ||
	fail "the guest was started again by what concerns it not"

# ---- stop, start, reboot; who runs it dies ----
expect 0 "$H" stop -l "$LAB" branch-vm1
wait_for 5 state_is stopped || fail "it is not stopped"
probe_of Icmp az-spk1-lxvm amber || fail "a guest that is off sends: $("$H" probes -l "$LAB")"
says_why() { "$H" probes -l "$LAB" | grep -q '^branch-vm1 .*its agent does not run'; }
wait_for 5 says_why || fail "its probes do not say why: $("$H" probes -l "$LAB")"
expect 1 "$H" stop -l "$LAB" branch-vm1
has "$err" 'is stopped already'
expect 1 "$H" reboot -l "$LAB" branch-vm1
expect 1 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -c 1 -W 1
expect 1 "$H" start -l "$LAB" az-hub-lxvm
has "$err" 'is no guest'
expect 0 "$H" start -l "$LAB" branch-vm1
wait_for 15 state_is up || fail "it does not start"
wait_for 10 probe_of Icmp az-spk1-lxvm green || fail "its probes are not green again"
expect 0 "$H" reboot -l "$LAB" branch-vm1
wait_for 5 state_is 'booting.*' || fail "it does not boot"
wait_for 5 probe_of Icmp az-spk1-lxvm amber || fail "its probes go on while it boots"
wait_for 15 state_is up || fail "it does not come up again"
wait_for 10 probe_of Icmp az-spk1-lxvm green || fail "its probes are not green after its reboot"
# an agent that ends is started again, and found
on_console 'killall hublab-agent' >/dev/null
wait_for 10 probe_of Icmp az-spk1-lxvm green || fail "the new agent is not found"
kill -9 "$(pgrep -f "guest=$LAB-")"
wait_for 5 state_is '(ended|crashed|failed)' || fail "the end of its QEMU is not told"
has "$("$H" show -l "$LAB")" '^problem +branch-vm1: the guest does not run'
expect 0 "$H" start -l "$LAB" branch-vm1
wait_for 15 state_is up || fail "it does not start again"
before=$(pgrep -f "guest=$LAB-")
kill -9 "$(pgrep -f "^hublab: $LAB guests " | head -n 1)"
wait_for 5 events_have 'who runs the guests ended' || fail "its end is not told"
expect 0 "$H" ping -l "$LAB" az-hub-lxvm 10.100.0.100 -c 1 -W 2
[ "$(pgrep -f "guest=$LAB-")" = "$before" ] || fail "another guest runs"
expect 0 "$H" stop -l "$LAB" branch-vm1
no_qemu() { [ "$(qemus)" -eq 0 ]; }
wait_for 10 no_qemu || fail "the new one does not know the old one's guest"
expect 0 "$H" start -l "$LAB" branch-vm1
wait_for 15 state_is up || fail "it does not start"

# ---- a machine becomes a guest, and one becomes a namespace ----
expect 0 "$H" set -l "$LAB" vms/branch-vm1/kind namespace
has "$out" 'probes green'
wait_for 10 no_qemu || fail "a guest is left"
expect 0 "$H" set -l "$LAB" vms/az-spk2-lxvm/kind libvirt
has "$out" 'probes green'
expect 0 "$H" curl -l "$LAB" az-hub-lxvm -s -m 5 10.0.2.4
[ "$out" = az-spk2-lxvm ] || fail "the guest says '$out'"

# ---- the end ----
kill -9 "$(pid_of)"
nothing_left() { no_qemu && ! "$H" ls -o tsv | grep -q "^$LAB	" && ! pgrep -f "^hublab: $LAB " >/dev/null; }
wait_for 5 nothing_left || fail "something is left: $(pgrep -af "$LAB")"
[ ! -e "/sys/class/net/p-branch-vm1" ] || fail "a TAP is left"

# ---- an NVA: it forwards, by IPv6 it answers, and takes one from the TTL itself ----
cat >"$SCRATCH/nva.yaml" <<YAML
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: [10.0.0.0/16, "fd00::/48"]
    subnets: { a: { address_prefix: [10.0.0.0/24, "fd00:0:0:1::/64"] } }
    peerings:
      s1: { remote: spoke1, allow_forwarded_traffic: true }
      s2: { remote: spoke2, allow_forwarded_traffic: true }
  spoke1:
    address_prefixes: 10.1.0.0/16
    subnets: { a: { address_prefix: 10.1.0.0/24, route_table: rt } }
    peerings: { h: { remote: hub, allow_forwarded_traffic: true } }
  spoke2:
    address_prefixes: 10.2.0.0/16
    subnets: { a: { address_prefix: 10.2.0.0/24, route_table: rt } }
    peerings: { h: { remote: hub, allow_forwarded_traffic: true } }
route_tables: { rt: { routes: { d: 10.0.0.0/8 VirtualAppliance 10.0.0.4 } } }
vms: { hub-vm: hub/a, one: spoke1/a, two: spoke2/a }
nvas: { fw: { subnet: hub/a, private_ip_address: 10.0.0.4, kind: libvirt } }
YAML
expect 0 "$H" up "$SCRATCH/nva.yaml" --name "$LAB"
has "$out" '24 probes green'
expect 0 "$H" ping -l "$LAB" one 10.2.0.4 -c 1
has "$out" 'ttl=63 '
expect 0 "$H" ping -l "$LAB" hub-vm -6 fw -c 1
expect 0 "$H" stop -l "$LAB" fw
expect 1 "$H" ping -l "$LAB" one 10.2.0.4 -c 1 -W 1
expect 0 "$H" down "$LAB"
wait_for 5 no_qemu || fail "a guest is left"

# ---- what is missing is said ----
mkdir "$SCRATCH/bin"
for program in bird ip sh; do ln -s "$(command -v $program || command -v /usr/sbin/$program)" "$SCRATCH/bin/"; done
expect 5 env PATH="$SCRATCH/bin" "$H" up libvirt-branch --name "$LAB"
has "$err" 'apt install qemu-system-x86'
{
	echo "lab: $LAB"
	echo "virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }"
	echo "vms:"
	for n in 1 2 3 4 5 6 7 8 9; do
		echo "  g$n: { subnet: v/s, kind: libvirt, memory_mb: 65536 }"
	done
} >"$SCRATCH/lab.yaml"
expect 5 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
has "$err" 'need [0-9]+ MB of memory'
if [ "$(id -u)" = 0 ]; then
	drivers=$(dirname "$(ldconfig -p | sed -n 's/.*libvirt\.so\.0 .*=> //p' | head -n 1)")/libvirt/connection-driver
	mkdir "$SCRATCH/empty"
	expect 5 unshare -m sh -c 'mount --bind "$1" "$2" && exec "$3" up libvirt-branch --name "$4"' - \
		"$SCRATCH/empty" "$drivers" "$H" "$LAB"
	has "$err" 'apt install libvirt-daemon-driver-qemu'
fi
exit 0
