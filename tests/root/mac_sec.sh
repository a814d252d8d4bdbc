#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel has MACsec: on the cable itself nothing stands in clear (ENC-02), and an
# expectation of encryption is met by what was seen there.
. tests/support/lab.sh

needs macsec
. tests/support/frames.sh

expect 0 "$H" up tests/golden/er_direct.yaml --name "$LAB"
expect 0 "$H" show -l "$LAB"
has "$out" '^link +edge/hub-er-primary: .*MACsec GCM-AES-256$'
# by the primary links both ways, so that one of them has all there is
expect 0 "$H" fault cut -l "$LAB" edge/hub-er-secondary
expect 0 "$H" fault cut -l "$LAB" edge/site-er-secondary
wait_for 10 "$H" ping -l "$LAB" hub-vm site-vm -c 1 || fail "the primary links do not do alone"
listen edge link0-wire mark_ping hub-vm 10.100.0.100
[ "$kinds" = 88e5 ] || fail "not all is MACsec on the cable: $kinds"
listen edge link0 mark_ping hub-vm 10.100.0.100
has "$kinds" '^in clear$' # the same packets, above: the listener sees what there is
has "$kinds" '^0800$'
expect 0 "$H" fault clear -l "$LAB" all
wait_for 10 is_green || fail "the lab did not recover"
expect 0 "$H" test -l "$LAB"
has "$out" '3 passed, 0 failed, 0 unknown'

# Without MACsec at either side the same expectation is not met: there is nothing but tags.
"$H" set -l "$LAB" express_route_ports/ports/links null >/dev/null 2>&1
wait_for 10 is_green || fail "the lab is not green without MACsec"
expect 4 "$H" test -l "$LAB"
has "$out" 'fail +hub-vm -> site-vm Icmp works, encrypted'
expect 0 "$H" exec -l "$LAB" edge -- ip -br link
lacks "$out" 'macsec'
