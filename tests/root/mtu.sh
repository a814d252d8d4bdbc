#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets that must not be fragmented get through where they fit (R5.16): probes, expectations, why and
# mesh of a size, in a real tunnel of 1400 bytes.
. tests/support/lab.sh

cat templates/vnet-to-vnet/lab.yaml - >"$SCRATCH/lab.yaml" <<END
probes:
  - { from: east-vm, to: west-vm, size_bytes: 1372, dont_fragment: true, interval_ms: 100 }
  - { from: east-vm, to: west-vm, size_bytes: 1373, dont_fragment: true, interval_ms: 100 }
  - { from: east-vm, to: west-vm, size_bytes: 1373, interval_ms: 100 }
  - { from: east-vm, to: west-vm, size_bytes: 1473, dont_fragment: true, interval_ms: 100 }
  - { from: west-vm, to: spoke-vm, size_bytes: 1472, dont_fragment: true, interval_ms: 100 }
  - { from: east-vm, to: west-vm, interval_ms: 100 }
expect:
  - { from: east-vm, to: west-vm, size_bytes: 1372, dont_fragment: true, ttl: 64 }
  - { from: east-vm, to: west-vm, size_bytes: 1373, dont_fragment: true, result: fails, because: mtu }
  - { from: east-vm, to: west-vm, size_bytes: 8000 }
END
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
probes() { "$H" probes -l "$LAB" -o tsv; }
is_seen() { probes | grep -Eq "$1"; }
# what a slow machine has not observed lately is amber for a moment
shows() { wait_for 5 is_seen "$1" || fail "no probe is '$1': $(probes)"; }
shows '^east-vm	west-vm	Icmp:1372/df	green	reply	'
shows '^east-vm	west-vm	Icmp:1373/df	green	fails as predicted	.*its 1401 bytes do not fit into the 1400 of the tunnel '
shows '^east-vm	west-vm	Icmp:1373	green	reply	'
shows '^east-vm	west-vm	Icmp:1473/df	green	fails as predicted	.*its 1501 bytes do not fit into the 1500 of its own NIC'
shows '^west-vm	spoke-vm	Icmp:1472/df	green	reply	'
shows '^east-vm	west-vm	Icmp	green	reply	'
expect 0 "$H" test -l "$LAB"
has "$out" '^  pass     east-vm -> west-vm Icmp of 1373 bytes unfragmented fails because mtu'

# the same asked once, with what the packet gets
expect 0 "$H" why -l "$LAB" east-vm west-vm icmp:1372/df
has "$(printf '%s' "$out" | tr '\n' ' ')" 'It works: an answer comes with ttl 64.* A packet sent now got a reply, ttl 64'
expect 4 "$H" why -l "$LAB" east-vm west-vm icmp:1373/df
has "$(printf '%s' "$out" | tr '\n' ' ')" 'must not be fragmented \(R5.16\)\. A packet sent now got no reply\.'
has "$out" '^No change of the lab file could mend it\.$'
expect 0 "$H" mesh -l "$LAB" icmp:1400/df
has "$out" '^ +1 east-vm +--$'
has "$out" '^ +2 west-vm +- \+$'
expect 2 "$H" why -l "$LAB" east-vm west-vm icmp:1400/dff
has "$err" "'1400/dff' is no size of a ping: 24 to 65507 bytes, or 1472/df"

# a place that lets less through than the model has it is no success
quiet() { "$H" exec -l "$LAB" west-vm -- sh -c "$1" || fail "$1"; }
quiet "nft add table ip t; nft 'add chain ip t c { type filter hook input priority -500; }'; nft add rule ip t c ip length 1400 drop"
wait_for 5 is_seen '^east-vm	west-vm	Icmp:1372/df	red	' || fail "it stays green: $(probes)"
is_seen '^east-vm	west-vm	Icmp	green	' || fail "a small one is lost: $(probes)"
expect 4 "$H" test -l "$LAB"
has "$out" '^  fail     east-vm -> west-vm Icmp of 1372 bytes unfragmented works'
quiet "nft delete table ip t"
wait_for 5 is_seen '^east-vm	west-vm	Icmp:1372/df	green	' || fail "it stays red: $(probes)"
