#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A link that loses everything while it stays up is noticed by BFD, long before the hold time.
# alone: it measures milliseconds
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "$LAB"
cut=$("$H" shell -l "$LAB" -- sh -c 'date +%s%N; ip netns exec megaport-mcr nft "
	table netdev silence {
		chain c_in { type filter hook ingress device link0 priority 0; policy drop; }
		chain c_out { type filter hook egress device link0 priority 0; policy drop; }
	}"') || skip "nft netdev egress"
wait_for 8 events_have 'azure-er-circuit-primary: session with megaport-mcr .* lost' ||
	fail "the silence was not noticed before the hold time"
late=$(ms_until_lost "$cut" 'azure-er-circuit-primary: session with megaport-mcr')
echo "BFD needed $late ms"
[ "$late" -le $((600 * SLOW)) ] || fail "BFD needed $late ms"
expect 0 "$H" shell -l "$LAB" -- ip netns exec megaport-mcr nft delete table netdev silence
wait_for 20 is_green || fail "the lab did not recover"
