#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel has VLANs: one tag on a provider's circuit, two on ports with QinQ, both 0x8100;
# and nobody answers to another one (ENC-03).
. tests/support/lab.sh

needs vlan
. tests/support/frames.sh

sed -e '/^        mac_sec_config:/,/cak_secret_identifier/d' -e 's/link[12]:$/&  {}/' \
	-e '/encrypted: true/d' \
	-e 's/^  site-er: .*/  site-er: { vlan_id: 30 }/' tests/golden/er_direct.yaml >"$SCRATCH/tags.yaml"
expect 0 "$H" up "$SCRATCH/tags.yaml" --name "$LAB"
expect 0 "$H" show -l "$LAB"
has "$out" '^link +edge/hub-er-primary: QinQ 200.10$'
has "$out" '^link +edge/site-er-primary: 802.1Q 30$'

listen edge link0-wire mark_ping edge 169.254.64.2
has "$kinds" '^vlan 200 vlan 10 0800$'
has "$kinds" '^in clear$' # tags hide nothing
lacks "$kinds" '^0800$'
listen edge link2-wire mark_ping edge 169.254.64.10
has "$kinds" '^vlan 30 0800$'
lacks "$kinds" '^0800$'
listen edge link2 mark_ping edge 169.254.64.10
has "$kinds" '^0800$'
lacks "$kinds" '^vlan'

# Another inner tag at the one side: nobody answers there, whoever is asked.
expect 4 "$H" set -l "$LAB" providers/edge/links/0/vlan_id 11
expect 1 "$H" exec -l "$LAB" edge -- ping -q -c 2 -i 0.2 -W 1 169.254.64.2
expect 0 "$H" exec -l "$LAB" edge -- ip neighbour show dev link0
has "$out" '169.254.64.2 +(FAILED|INCOMPLETE)'
expect 0 "$H" ping -l "$LAB" hub-vm site-vm -c 1
expect 0 "$H" undo -l "$LAB"
wait_for 10 is_green || fail "the lab did not recover"
