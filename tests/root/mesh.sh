#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hublab mesh: who reaches whom as it is predicted, by pings, fetches and connections; what is broken
# shows, what was not observed is never well, and a run ends with its client.
. tests/support/lab.sh

pid_of() { pgrep -f "^hublab: $LAB $1"; } # supervisor or engine
mesh() { "$H" mesh -l "$LAB" "$@"; }

# is_matrix NAME: what was printed, but for how long it took, is tests/golden/mesh/NAME
is_matrix() {
	printf '%s\n' "$out" | sed -E 's/, in [0-9.]+ s$//' >"$SCRATCH/$1"
	if [ "${UPDATE_GOLDEN:-0}" = 1 ]; then cp "$SCRATCH/$1" tests/golden/mesh/"$1"; fi
	diff "tests/golden/mesh/$1" "$SCRATCH/$1" || fail "the matrix is not that of $1"
}

# two and three are peered with the hub alone, which answers nothing that two asks; lone with nobody
cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { s: { address_prefix: 10.0.0.0/27, network_security_group: nsg } }
    peerings: { two: two, three: three }
  two:
    address_prefixes: 10.2.0.0/24
    subnets: { s: 10.2.0.0/27 }
    peerings: { hub: hub }
  three:
    address_prefixes: 10.3.0.0/24
    subnets: { s: 10.3.0.0/27 }
    peerings: { hub: hub }
  lone: { address_prefixes: 10.4.0.0/24, subnets: { s: 10.4.0.0/27 } }
vms:
  hub1: hub/s
  hub2: hub/s
  two1: two/s
  three1: { subnet: three/s, public_ip_address: pip }
  three2: three/s
  lone1: lone/s
public_ip_addresses: { pip: 20.1.1.1 }
network_security_groups:
  nsg:
    security_rules:
      no-two: 100 Inbound Deny * 10.2.0.0/24:* -> *:*
      no-22: 110 Inbound Deny Tcp *:* -> *:22
internet: { web: 203.0.113.80 }
probes: [ { from: hub1, to: hub2, interval_ms: 100 } ]
E
expect 0 "$H" up "$SCRATCH/lab.yaml"

# ---- as it is ----
expect 0 mesh
is_matrix lab_icmp.txt
expect 0 mesh http
is_matrix lab_http.txt
expect 0 mesh tcp:22
is_matrix lab_tcp.txt
expect 0 mesh --src hub1,three1 --dst two1,hub1,internet
is_matrix lab_some.txt
expect 0 mesh --src hub1 -o tsv
has "$out" '^hub1	two1	reply	[0-9.]+		$'
has "$out" '^hub1	lone1	silence			$'
lacks "$out" '^hub1	hub1'
expect 0 mesh -o json
has "$out" '"schema_version": 1'
has "$out" '"unexpected_silence": 0'

# ---- datagrams: closed ports answer, as often as they are asked ----
for try in 1 2 3; do
	expect 0 mesh udp:53 -o json
	has "$out" '"unexpected_silence": 0'
	has "$out" '"unexpected_reply": 0'
done

# ---- what is no question ----
expect 2 mesh udp
has "$err" "'udp' is none of icmp"
expect 2 mesh udp:65536
expect 2 mesh tcp:0
expect 2 mesh icmp icmp
expect 1 mesh --src nobody
has "$err" "no virtual machine or NIC 'nobody'"
expect 1 mesh --dst hub1,
expect 2 mesh --src hub1 --dst hub1
has "$err" 'no two machines'

# ---- broken on purpose: it shows, with both answers ----
expect 0 "$H" fault -l "$LAB" drop three2
expect 4 mesh
is_matrix lab_fault.txt
expect 4 mesh http --src hub1
has "$out" 'NO REPLY, one is predicted'
expect 0 "$H" fault -l "$LAB" clear
expect 0 mesh

# ---- rules taken away behind the lab's back: a reply that nobody predicts ----
fabric_nft() { "$H" shell -l "$LAB" -- ip netns exec fabric nft "$@"; }
# shellcheck disable=SC2046 # table, chain, handle
fabric_nft delete rule $(fabric_nft -a list ruleset | awk '
	$1 == "table" { table = $2 " " $3 }
	$1 == "chain" { chain = $2 }
	/ip saddr 10.2.0.0\/24 .* drop/ { print table, chain, "handle", $NF }') || fail 'the rule stays'
expect 4 mesh --src two1 --dst hub1,hub2
has "$out" 'REPLY that is not predicted'
has "$out" 'predicted: no reply: .*no-two'
expect 0 "$H" mend -l "$LAB"
expect 0 mesh

# ---- a machine that cannot send: what is silent then is not known ----
"$H" exec -l "$LAB" lone1 -- ip link set eth0 down
expect 4 mesh --src lone1
has "$out" 'not observed: Network is unreachable'
lacks "$out" 'as predicted'
expect 4 mesh http --src lone1
lacks "$out" 'as predicted'
"$H" exec -l "$LAB" lone1 -- ip link set eth0 up

# ---- an engine that opens no sockets: nothing is known, and so it is said ----
kill -STOP "$(pid_of engine)"
expect 4 timeout 60 "$H" mesh -l "$LAB" --src hub1
has "$out" '\? +6  unknown'
has "$out" 'not observed: the engine opens no socket'
lacks "$out" 'as predicted'

# ---- while one runs (it waits for the engine): no second one; it ends with its client ----
"$H" mesh -l "$LAB" >/dev/null 2>&1 &
first=$!
is_refused() { mesh --src nobody 2>&1 | grep -q 'being asked for already'; }
wait_for 5 is_refused || fail 'a second mesh is not refused'
kill $first
kill -CONT "$(pid_of engine)"
wait $first
wait_for 5 mesh --src hub1 || fail "a mesh whose client left is in the way: $(mesh 2>&1)"

# ---- a lab that is changed meanwhile is another one ----
kill -STOP "$(pid_of engine)"
"$H" mesh -l "$LAB" >/dev/null 2>"$SCRATCH/first" &
first=$!
wait_for 5 is_refused || fail 'it does not run'
"$H" set -l "$LAB" vms/new three/s >/dev/null 2>&1 &
change=$!
wait $first
got=$?
kill -CONT "$(pid_of engine)"
wait $change || fail 'the lab cannot be changed'
[ $got = 1 ] || fail "the mesh of a lab that is changed ended with $got: $(cat "$SCRATCH/first")"
has "$(cat "$SCRATCH/first")" 'nothing is known: the lab is being changed'
expect 0 mesh --src new
has "$out" '1 new'
