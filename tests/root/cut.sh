#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A link between the provider and an MSEE goes down: the far router sees it at once, the rows leave
# the NICs, pings fail, events say when; and all of it comes back.
# alone: it measures milliseconds
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "$LAB"

is_without_rows() { [ -z "$(gateway_rows az-spk1-lxvm)" ] && [ -z "$(gateway_rows branch-vm1)" ]; }
has_rows() { [ -n "$(gateway_rows az-spk1-lxvm)" ] && [ -n "$(gateway_rows branch-vm1)" ]; }

# the moment of the cut, by the clock that the events use
cut=$("$H" shell -l "$LAB" -- sh -c \
	'date +%s%N; ip -n megaport-mcr link set link0 down') || fail "the link cannot be cut"
wait_for 5 is_without_rows || fail "the rows did not leave the NICs"
wait_for 5 events_have 'azure-er-circuit-primary: session with megaport-mcr .* lost' ||
	fail "the MSEE did not lose its session"
late=$(ms_until_lost "$cut" 'azure-er-circuit-primary: session with megaport-mcr')
echo "the far BIRD saw the loss $late ms after the link was cut"
[ "$late" -le $((20 * SLOW)) ] || fail "the far BIRD needed $late ms"

expect 1 "$H" ping -l "$LAB" az-spk1-lxvm 10.100.0.100 -c 2 -i 0.2 -W 1
has "$out" '2 packets transmitted, 0 received'
is_red() { "$H" probes -l "$LAB" -o tsv | grep "^az-spk1-lxvm.*branch-vm1.*Icmp" | grep -q red; }
wait_for 5 is_red || fail "the probe did not turn red"
expect 0 "$H" show -l "$LAB"
has "$out" '^problem   Icmp az-spk1-lxvm -> branch-vm1: no reply'
has "$out" '^problem   .*no BGP session'
wait_for 5 events_have 'routes +removed .*10.100.0.0/24' || fail "no event says that the rows went"

"$H" shell -l "$LAB" -- ip -n megaport-mcr link set link0 up || fail "the link cannot be put back"
wait_for 15 has_rows || fail "the rows did not come back"
wait_for 15 is_green || fail "the lab did not become green again"
expect 0 "$H" ping -l "$LAB" az-spk1-lxvm 10.100.0.100 -c 1 -W 2
has "$out" 'ttl=60 '
wait_for 5 events_have 'azure-er-circuit-primary: session with megaport-mcr .* established' ||
	fail "no event says that the session is back"

# the same from the other end of the cable
"$H" shell -l "$LAB" -- ip -n branch-er-circuit-primary link set link0 down
wait_for 5 is_without_rows || fail "the rows did not leave the NICs"
"$H" shell -l "$LAB" -- ip -n branch-er-circuit-primary link set link0 up
wait_for 15 is_green || fail "the lab did not become green again"
