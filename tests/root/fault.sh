#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Something is broken on purpose, in each way and on each kind of thing; the stopwatch says what
# events say, the lab is green again when it is repaired, and nothing is left of it.
# alone: it is about how long things take
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
virtual_networks:
  hub-vnet:
    address_prefixes: 10.0.0.0/24
    subnets: { servers: 10.0.0.0/27, GatewaySubnet: 10.0.0.32/27 }
  branch-vnet:
    address_prefixes: 10.100.0.0/24
    subnets: { servers: 10.100.0.0/27, GatewaySubnet: 10.100.0.32/27 }
vms:
  vm1: hub-vnet/servers
  vm2: hub-vnet/servers
  branch-vm: branch-vnet/servers
virtual_network_gateways:
  hub-ergw: { virtual_network: hub-vnet, gateway_type: ExpressRoute }
  branch-ergw: { virtual_network: branch-vnet, gateway_type: ExpressRoute }
express_route_circuits: { er: {}, far: {} }
connections:
  er-conn: { gateway: hub-ergw, circuit: er }
  far-conn: { gateway: branch-ergw, circuit: far }
providers:
  isp: { asn: 65001, links: [ { circuit: er, delay_ms: 2 }, { circuit: far, delay_ms: 2 } ] }
probes:
  - { from: vm1, to: branch-vm, interval_ms: 100 }
  - { from: branch-vm, to: vm1, interval_ms: 100 }
  - { from: vm1, to: vm2, interval_ms: 100 }
E
expect 0 "$H" up "$SCRATCH/lab.yaml"

fault() { "$H" fault -l "$LAB" "$@"; }
is_probe() { "$H" probes -l "$LAB" -o tsv | grep "^$1.*$2" | grep -q "$3"; }
is_lost() { is_probe "$1" "$2" red; }

# figure NUMBER set|clear KEY: of the stopwatch; nothing while it has not happened
figure() {
	fault ls -o json | tr -d ' \n' | sed 's/{"number":/\n&/g' | grep "^{\"number\":$1," |
		sed 's/{"of":/\n&/g' | grep "^{\"of\":\"$2\"" | sed -n "s/\"probes\":.*//; s/.*[{,]\"$3\":\([0-9.]*\)[,}].*/\1/p"
}
has_figure() { [ -n "$(figure "$@")" ]; }
is_at_most() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 <= b + 0) }'; }
is_least() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a + 0 >= b + 0) }'; }

# ms_between PATTERN PATTERN: by the times of the last events that match
event_time() {
	"$H" events -l "$LAB" -o json | tr -d '\n' | sed 's/{ *"number"/\n&/g' | grep -E "$1" | tail -n 1 |
		sed 's/.*"time": *\([0-9.]*\).*/\1/'
}
ms_between() { awk -v a="$(event_time "$1")" -v b="$(event_time "$2")" 'BEGIN { print (b - a) * 1000 }'; }

is_well() { is_green && ! "$H" show -l "$LAB" | grep -Eq '^(fault|problem)'; }
clear_all() {
	expect 0 fault clear all
	wait_for 20 is_well || fail "the lab is not well after $1 was cleared: $("$H" show -l "$LAB")"
}

# ---- a cable: cut ----
expect 0 fault ls
has "$out" '^no fault is on, and none was'
expect 0 fault cut isp:er-primary
has "$out" '^fault 1 is on: cut isp/er-primary$'
wait_for 5 is_lost vm1 branch-vm || fail "the probe did not turn red"
expect 0 "$H" show -l "$LAB"
has "$out" '^fault +1 cut isp/er-primary$'
has "$out" '^problem +Icmp vm1 -> branch-vm: no reply.*; predicted: reply; fault 1 is on$'
"$H" probes -l "$LAB" -o json | grep -q '"why": "no reply within [0-9]* ms; fault 1 is on"' ||
	fail "the probe does not say that a fault is on"
for link in isp/link0 er-primary/link0; do
	"$H" shell -l "$LAB" -- ip -n "${link%/*}" -br link show "${link#*/}" | grep -Eq 'NO-CARRIER|DOWN' ||
		fail "$link has a carrier"
done
detected=$(figure 1 set detected_ms) withdrawn=$(figure 1 set withdrawn_ms)
echo "cut: detected after $detected ms, withdrawn after $withdrawn ms"
is_at_most "$detected" $((20 * SLOW)) || fail "detected after '$detected' ms"
is_at_most "$withdrawn" $((50 * SLOW)) || fail "withdrawn after '$withdrawn' ms"
is_least "$withdrawn" "$detected" || fail "withdrawn before it was detected"
events_have 'fault +fault 1 is set: cut isp/er-primary' || fail "no event says that it was set"
seen=$(ms_between 'fault 1 is set' 'fault 1, set: noticed after')
awk -v a="$seen" -v b="$detected" 'BEGIN { exit !((a - b) ^ 2 < 4) }' ||
	fail "by the events it was noticed after $seen ms, by the stopwatch after $detected ms"

expect 1 fault cut er-primary:isp
has "$err" '^hublab: fault 1, cut isp/er-primary, is on already$'
expect 0 fault clear
has "$out" '^fault 1 is cleared: cut isp/er-primary$'
wait_for 20 is_well || fail "the lab is not green after the cut was cleared"
wait_for 5 has_figure 1 clear rerouted_ms || fail "no probe was answered again"
is_least "$(figure 1 set lost)" 2 || fail "$(figure 1 set lost) packets were lost"
is_least "$(figure 1 clear gap_ms)" 100 || fail "the gap is $(figure 1 clear gap_ms) ms"
expect 0 fault ls
has "$out" '^1 +cut +isp/er-primary +over +set '
has "$out" '^1 +cut +isp/er-primary +over +clear '

# ---- a cable: silence, which only BFD notices, while the carrier stays ----
expect 0 fault drop er/primary
"$H" shell -l "$LAB" -- ip -n er-primary -br link show link0 | grep -q LOWER_UP || fail "no carrier"
wait_for 8 has_figure 2 set withdrawn_ms || fail "the silence was not noticed"
detected=$(figure 2 set detected_ms)
echo "drop: detected after $detected ms"
is_at_most "$detected" $((500 * SLOW)) || fail "BFD needed $detected ms"
is_least "$detected" 100 || fail "detected after $detected ms: that is not silence"
wait_for 2 events_have 'er-primary: session with isp .* lost: BFD session down' ||
	fail "it was not BFD"
clear_all "the silence"

# ---- a circuit: more delay ----
rtt() { "$H" ping -l "$LAB" vm1 10.100.0.4 -c 1 -W 2 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p'; }
expect 0 fault delay er 15
has "$out" '^fault 3 is on: delay er by 15 ms$'
is_least "$(rtt)" 38 || fail "the round trip takes $(rtt) ms"
expect 0 fault delay isp/er-primary 10ms
is_least "$(rtt)" 58 || fail "the round trip takes $(rtt) ms"
clear_all "the delay"
is_at_most "$(rtt)" $((20 * SLOW)) || fail "the round trip still takes $(rtt) ms"

# ---- machines: a virtual machine's port, cut and silent; mend leaves it alone ----
expect 0 fault cut vm2
wait_for 5 is_lost vm1 vm2 || fail "the probe did not turn red"
expect 4 "$H" mend -l "$LAB"
is_lost vm1 vm2 || fail "mend took the fault away"
"$H" shell -l "$LAB" -- ip -n vm2 route | grep -q default && fail "vm2 still has its route"
clear_all "the cut of a machine"
"$H" shell -l "$LAB" -- ip -n vm2 route | grep -q '^default via 10.0.0.1 dev eth0' || fail "no route"
expect 0 fault drop vm2-nic
wait_for 5 is_lost vm1 vm2 || fail "the probe did not turn red"
"$H" shell -l "$LAB" -- ip -n vm2 -br link show eth0 | grep -q LOWER_UP || fail "no carrier"
clear_all "the silence of a machine"
for ns in vm2 fabric; do
	"$H" shell -l "$LAB" -- ip netns exec "$ns" nft list tables | grep netdev &&
		fail "something is left in $ns"
done
[ -z "$("$H" events -l "$LAB" | grep -E '^[0-9:.]+  drift ' | grep -v mending)" ] || fail "its own faults are drift"

# ---- gateways: one instance, then both; an MSEE; a provider ----
expect 0 fault cut hub-ergw-0
wait_for 8 events_have 'hub-ergw-0: session with er-primary .* lost' || fail "nobody noticed"
expect 0 "$H" ping -l "$LAB" vm1 10.100.0.4 -c 1 -W 2
clear_all "the cut of an instance"
expect 0 fault drop hub-ergw
wait_for 5 is_lost vm1 branch-vm || fail "the probe did not turn red"
clear_all "the silence of a gateway"
expect 0 fault cut er-primary --for 300ms
has "$out" '^fault [0-9]+ is on: cut er-primary, until [0-9:]+$'
wait_for 5 events_have 'fault +fault [0-9]+ is over: cut er-primary: its time is over' ||
	fail "it did not end by itself"
wait_for 20 is_well || fail "the lab is not green after that"
expect 0 fault drop isp
wait_for 5 is_lost branch-vm vm1 || fail "the probe did not turn red"
clear_all "the silence of a provider"

# ---- daemons: once, and held down ----
expect 0 fault kill bird@er-primary
wait_for 10 events_have 'fault [0-9]+ is over: kill er-primary: the daemon was started again' ||
	fail "the daemon was not started again"
wait_for 20 is_well || fail "the lab is not green after that"
expect 0 fault kill hub-ergw-1 --for 10m
is_down() { "$H" show -l "$LAB" | grep -Eq '^hub-ergw-1 .* ended by signal 9'; }
wait_for 5 is_down || fail "the daemon runs"
before=$("$H" events -l "$LAB" | grep -c 'hub-ergw-1: bird started again')
clear_all "the kill"
[ "$("$H" events -l "$LAB" | grep -c 'hub-ergw-1: bird started again')" -eq $((before + 1)) ] ||
	fail "it was started while it was held down"

# ---- beside the file and its changes ----
expect 0 fault cut vm2
expect 4 "$H" set -l "$LAB" providers/isp/links/0/delay_ms 3
is_lost vm1 vm2 || fail "the change took the fault away"
expect 4 "$H" undo -l "$LAB"
expect 0 "$H" set -l "$LAB" vms/vm2 null probes/2 null
events_have 'fault [0-9]+ is over: cut vm2: what it was set on is in the lab no more' ||
	fail "nobody said that it is over"
expect 0 "$H" changes -l "$LAB"
lacks "$out" fault
expect 0 "$H" undo -l "$LAB" all

# ---- what cannot be done ----
expect 2 fault clear
has "$err" '^hublab: no fault is on$'
expect 2 fault clear all
has "$err" '^hublab: no fault is on$'
expect 2 fault clear 99
has "$err" '^hublab: there is no fault 99 that is on$'
expect 2 fault clear first
has "$err" "'first' is not the number of a fault, and not all"
expect 2 fault cut nowhere
has "$err" "^hublab: there is nothing called 'nowhere' in the lab; 'cut' takes vm1, vm2, branch-vm"
expect 2 fault drop isp/er-primry
has "$err" "did you mean 'isp/er-primary'\\?"
expect 2 fault delay vm1 10
has "$err" "'vm1' has no cable: only cables can be given a delay"
expect 2 fault kill vm1
has "$err" "'vm1' has no daemon that could be killed"
expect 2 fault delay er
expect 2 fault delay er soon
has "$err" "'soon' is not a number of milliseconds"
expect 2 fault delay er 100000
has "$err" 'a delay is more than 0 and at most 60000 ms'
expect 2 fault cut er 10
expect 2 fault cut er --for never
expect 2 fault cut er --for 1000h
expect 2 fault break er
has "$err" "'break' is none of cut, drop, delay, kill, clear and ls"
expect 2 fault cut
expect 2 fault
expect 2 fault ls more
expect 0 fault cut er
expect 0 fault drop far
expect 2 fault clear
has "$err" '^hublab: faults [0-9]+ [0-9]+ are on: say which, or .all.$'
expect 0 fault clear all
has "$out" '^all faults are cleared$'

# ---- completion ----
expect 0 "$H" __complete -l "$LAB" target
has "$out" '^isp/er-primary$'
has "$out" '^er/primary$'
has "$out" '^hub-ergw$'
expect 0 "$H" __complete -l "$LAB" fault
has "$out" '^cut$'

expect 0 fault cut er
expect 0 "$H" down "$LAB"
