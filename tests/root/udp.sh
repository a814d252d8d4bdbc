#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Probes and expectations of UDP and TCP ports: closed ports of UDP answer, NSGs are asked for the
# protocol, who listens counts, and a machine that says nothing is not green.
. tests/support/lab.sh

cat >"$SCRATCH/lab.yaml" <<END
lab: $LAB
virtual_networks:
  hub: { address_prefixes: 10.0.0.0/24, subnets: { a: { address_prefix: 10.0.0.0/25, network_security_group: n } } }
network_security_groups:
  n: { security_rules: { no-snmp: 100 Inbound Deny Udp * -> *:161 } }
vms: { a1: hub/a, a2: hub/a }
probes:
  - { from: a1, to: a2, protocol: Udp, port: 53, interval_ms: 100 }
  - { from: a1, to: a2, protocol: Udp, port: 161, interval_ms: 100 }
  - { from: a1, to: a2, protocol: Tcp, port: 8080, interval_ms: 100 }
expect:
  - { from: a1, to: a2, protocol: Udp, port: 53, within: 1s }
  - { from: a1, to: a2, protocol: Udp, port: 161, result: fails, because: nsg, rule: no-snmp, within: 1s }
END
expect 0 "$H" up "$SCRATCH/lab.yaml"
probes() { "$H" probes -l "$LAB" -o tsv; }
is_seen() { "$H" probes -l "$LAB" -o json | tr -d ' \n' | sed "s/.*\"protocol\":\"Udp:53\"//; s/.*\"answered\":\([0-9]*\).*/\1/"; }
has "$(probes)" '^a1	a2	Udp:53	green	reply	'
has "$(probes)" '^a1	a2	Udp:161	green	.*no-snmp'
has "$(probes)" '^a1	a2	Tcp:8080	green	reply	'
expect 0 "$H" test -l "$LAB"
has "$out" '^  pass     a1 -> a2 Udp 53 works$'
has "$out" '^  pass     a1 -> a2 Udp 161 fails because nsg'

# often, and for long: no closed port grows tired of it
seen() { "$H" probes -l "$LAB" -o json | tr -d ' \n' | sed 's/.*"protocol":"Udp:53"//; s/"answered":\([0-9]*\).*/@\1/; s/.*@//'; }
has_seen() { "$H" probes -l "$LAB" -o json | tr -d ' \n' | sed "s/.*\"protocol\":\"Udp:53\"//; s/.*\"answered\":\([0-9]*\).*/\1/"; }
wait_for 20 has_seen 15 || fail "not 15 answers: $("$H" show -l "$LAB" -o json)"
lacks "$("$H" events -l "$LAB")" ' probe .*Udp:53 '

# a rule that changes, and back; somebody who listens answers as well
expect 0 "$H" set -l "$LAB" network_security_groups/n/security_rules/no-snmp '100 Inbound Deny Udp * -> *:53'
has "$(probes)" '^a1	a2	Udp:53	green	.*no-snmp'
has "$(probes)" '^a1	a2	Udp:161	green	reply	'
expect 4 "$H" test -l "$LAB"
has "$out" '^  fail     a1 -> a2 Udp 53 works'
expect 0 "$H" undo -l "$LAB" all

# nothing says so: not a probe, not `test`, `why` or `mesh` is green
quiet() { "$H" exec -l "$LAB" a2 -- sh -c "$1" || fail "$1"; }
quiet "nft add table ip t; nft 'add chain ip t c { type filter hook input priority 0; }'; nft add rule ip t c udp dport 53 drop"
wait_for 5 is_seen '^a1	a2	Udp:53	red	' || fail "it stays green: $(probes)"
expect 4 "$H" why -l "$LAB" a1 a2 udp:53
has "$(printf '%s' "$out" | tr '\n' ' ')" 'At a2, the way there, but nftables drops it: rule [0-9]+ of chain c, table t\.'
expect 4 "$H" mesh -l "$LAB" udp:53 --src a1 --dst a2
expect 4 "$H" test -l "$LAB"
quiet "nft delete table ip t"
wait_for 5 is_seen '^a1	a2	Udp:53	green	reply' || fail "it stays red: $(probes)"
wait_for 10 expect 0 "$H" mesh -l "$LAB" udp:53
