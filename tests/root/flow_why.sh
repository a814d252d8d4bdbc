#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Why a flow works or not, in a running lab: what decides at each place, with the line of the file, what
# kernels answer and a packet gets, also where that is something else, and what would mend it.
. tests/support/lab.sh

sed "s/^lab: .*/lab: $LAB/" "$ER" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
why() { expect "$1" "$H" why -l "$LAB" az-spk1-lxvm branch-vm1; }

why 0
has "$out" '^az-spk1-lxvm \(10\.0\.1\.4\) to branch-vm1 \(10\.100\.0\.100\), icmp$'
has "$out" 'routes of az-spk1-vnet/subnet1: 10\.100\.0\.0/24$'
has "$out" '^  megaport-mcr +its own table: 10\.100\.0\.0/24 to 169\.254\.98\.66 by$'
has "$(printf '%s' "$out" | tr '\n' ' ')" 'It works: .* with ttl 60, after 72\.0 ms on cables\. A packet sent now got a reply, ttl 60, .* The kernel agrees at ([0-9]+) of \1 places\. nftables does as predicted at ([1-9][0-9]*) of \2 places\.'
lacks "$out" '^ .{80}'
# ICMP, by address; the same as JSON and as lines
expect 0 "$H" why -l "$LAB" 10.0.1.4 10.100.0.100 icmp -o json
has "$out" '"is_reply": true'
has "$out" '"observation": "reply"'
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 http -o tsv
has "$out" "^there	megaport-mcr	machine	its own table: "
has "$out" "^back	az-spk1-lxvm	end	has the address 10\.0\.1\.4"

# a rule denies it: which one, where
expect 0 "$H" set -l "$LAB" network_security_groups/no-ping \
	'{ security_rules: { no-icmp: 100 Inbound Deny Icmp * -> * } }' \
	virtual_networks/branch-vnet/subnets/subnet1 \
	'{ address_prefix: 10.100.0.96/27, network_security_group: no-ping }'
sees_none() { "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 -o json | grep -q '"observation": "no reply"'; }
wait_for 10 sees_none || fail "the probe does not see it: $("$H" probes -l "$LAB")"
why 4
text=$(printf '%s' "$out" | tr '\n' ' ')
has "$text" 'branch-vm1 +in: no-ping denies it: rule no-icmp [^;]*; +nftables, +too '
has "$text" 'It does not work: no-ping denies it into branch-vm1: .* A packet sent now got no reply\. The kernel agrees at ([0-9]+) of \1 places\.'
has "$text" 'The cause: the rule .no-icmp. denies it, at network_security_groups/no-ping/security_rules/no-icmp\.'
has "$out" '^    network_security_groups/no-ping/security_rules/no-icmp null$'
expect 4 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 -o json
has "$out" '"at": "network_security_groups/no-ping/security_rules/no-icmp"'
# what it says is what set takes
expect 0 "$H" set -l "$LAB" network_security_groups/no-ping/security_rules/no-icmp null
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1
expect 0 "$H" undo -l "$LAB" all
wait_for 20 expect 0 "$H" show -l "$LAB" -o json

# datagrams: a closed port says so; a rule for them alone
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 udp:53
expect 0 "$H" set -l "$LAB" network_security_groups/no-dns \
	'{ security_rules: { no-dns: 100 Inbound Deny Udp * -> *:53 } }' \
	virtual_networks/branch-vnet/subnets/subnet1 \
	'{ address_prefix: 10.100.0.96/27, network_security_group: no-dns }'
expect 4 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 udp:53
has "$out" '^    network_security_groups/no-dns/security_rules/no-dns null$'
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 udp:54
expect 0 "$H" undo -l "$LAB" all
wait_for 20 is_green || fail "the lab is not green again"

# the kernel decides by another rule than the file's, or by one that is nobody's: nftables says so
fabric() { "$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric "$@" || fail "fabric: $*"; }
expect 0 "$H" set -l "$LAB" network_security_groups/pings \
	'{ security_rules: { ours: 100 Inbound Allow Icmp 10.0.1.4 -> *, others: 110 Inbound Deny Icmp * -> * } }' \
	virtual_networks/branch-vnet/subnets/subnet1 \
	'{ address_prefix: 10.100.0.96/27, network_security_group: pings }'
wait_for 10 expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1
fabric nft -a list table ip hublab >"$SCRATCH/rules"
set -- $(sed -n 's/^[ \t]*chain \(c_nsg_[0-9]*_in\) .*/\1/p; s/.*"n I [0-9]* 100 A".* handle \([0-9]*\)$/\1/p' "$SCRATCH/rules")
fabric nft delete rule ip hublab "$1" handle "$2"
why 4
text=$(printf '%s' "$out" | tr -s '\n ' ' ')
has "$text" 'pings allows it: rule ours [^;]*; but nftables drops it: rule others of pings \(priority 110\), at '
has "$text" 'A packet sent now got no reply.* At branch-vm1, the way there, in, but nftables drops it: rule others'
expect 4 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 -o tsv
has "$out" '^there	branch-vm1	filter	.*	but nftables drops it: rule others'
expect 0 "$H" mend -l "$LAB"
expect 0 "$H" undo -l "$LAB" all
wait_for 20 is_green || fail "the lab is not green again"
fabric sh -c "nft add table ip t; nft 'add chain ip t c { type filter hook postrouting priority 0; }'; nft add rule ip t c ip daddr 10.100.0.100 drop"
why 4
has "$(printf '%s' "$out" | tr '\n' ' ')" 'At az-spk1-lxvm, the way there, but nftables drops it: rule [0-9]+ of chain c, table t\.'
fabric nft delete table ip t
expect 0 "$H" mend -l "$LAB"
wait_for 20 is_green || fail "the lab is not green again"

# who asks leaves nothing behind, also when killed in the middle, and is no drift
is_tracing() { fabric nft list tables | grep -q hublab_why; }
is_over() { ! is_tracing; }
expect 0 "$H" fault -l "$LAB" drop branch-vm1
fabric nft list tables >"$SCRATCH/tables"
lacks "$(cat "$SCRATCH/tables")" hublab_why
"$H" why -l "$LAB" az-spk1-lxvm branch-vm1 >/dev/null 2>&1 &
asker=$!
wait_for 5 is_tracing || fail "nothing is traced"
kill -KILL "$asker"
wait_for 5 is_over || fail "it is traced still: $(fabric nft list tables)"
fabric nft list tables | cmp - "$SCRATCH/tables" || fail "there is more than before"
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "the lab is not green again"
lacks "$("$H" show -l "$LAB")" 'drift: nftables'

# packets are lost, and neither the file nor BGP say so: that is told, and is not "works"
expect 0 "$H" fault -l "$LAB" drop branch-vm1
wait_for 10 sees_none || fail "the probe goes on: $("$H" probes -l "$LAB")"
why 4
has "$(printf '%s' "$out" | tr '\n' ' ')" 'It works: .* But: A packet sent now got no reply\. Something is not as'
expect 0 "$H" fault -l "$LAB" clear all
wait_for 20 is_green || fail "the lab is not green again"

# a router that is down is no mistake in the file
expect 0 "$H" fault -l "$LAB" cut megaport-mcr:azure-er-circuit-primary
is_lost() { "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 -o json | grep -q '"is_reply": false'; }
wait_for 10 is_lost || fail "the cut is not seen"
why 4
has "$out" '^By the lab file it works: what runs is not as it says'
expect 0 "$H" fault -l "$LAB" clear all

# of a file: nothing runs
expect 4 "$H" why --file hub-spoke-nva --step 'forgotten on the second spoke' spoke2-vm spoke1-vm
has "$(printf '%s' "$out" | tr '\n' ' ')" 'It does not work: .* Nothing runs'
has "$out" '^    virtual_networks/spoke2/subnets/workload/route_table rt-spokes$'
expect 0 "$H" why --file hub-spoke-nva --step 'a route table on both spokes' spoke2-vm spoke1-vm -o json
has "$out" '"mend": null'
expect 2 "$H" why --file hub-spoke-nva --step nowhere spoke2-vm spoke1-vm
expect 1 "$H" why --file nothing.yaml spoke2-vm spoke1-vm
expect 1 "$H" why --file hub-spoke-nva nobody spoke1-vm
expect 2 "$H" why --step 2 spoke2-vm spoke1-vm

wait_for 20 is_green || fail "the lab is not green again"
# a kernel that has something else is named, and nothing is sent when nothing is to be
"$H" exec -l "$LAB" megaport-mcr -- ip route replace blackhole 10.100.0.0/24 metric 1 ||
	fail "no route of somebody else's"
why 4
has "$(printf '%s' "$out" | tr '\n' ' ')" 'agrees at [0-9]+ of [0-9]+ places\. At megaport-mcr, the way there, the kernel has '
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip route del blackhole 10.100.0.0/24 metric 1
wait_for 20 is_green || fail "the lab is not green again"
expect 0 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 icmp --no-packet -o json
has "$out" '"evidence": null'

# what is no question
expect 2 "$H" why -l "$LAB" az-spk1-lxvm
expect 1 "$H" why -l "$LAB" nobody branch-vm1
has "$err" "no virtual machine or NIC 'nobody'"
expect 2 "$H" why -l "$LAB" az-spk1-lxvm branch-vm1 sctp:53
has "$err" "'sctp:53' is none of icmp\[:SIZE\], http, tcp:PORT and udp:PORT"
expect 2 "$H" why -l "$LAB" 'a b' branch-vm1
