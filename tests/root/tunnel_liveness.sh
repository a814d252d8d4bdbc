#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A tunnel that only ever takes packets one way has another end that lives: it is asked, answers, and
# nothing is lost by that; one that does not answer is noticed.
. tests/support/lab.sh

expect 0 "$H" up "templates/vpner/lab.yaml" --name "$LAB" --step 'Static routes and VpnGateway'
# there through the tunnels, back by ExpressRoute
spis() { "$H" sa -l "$LAB" -o json | grep spi_in; }
before=$(spis)
asked() { [ "$(spis)" != "$before" ]; }
"$H" ping -l "$LAB" az-spk1-lxvm branch-vm1 -q -c 400 -i 0.02 >"$SCRATCH/pings" &
ping=$!
wait_for 10 asked || fail "nobody asked the silent end"
wait $ping || fail "pings failed: $(cat "$SCRATCH/pings")"
grep -q '400 received, 0% packet loss' "$SCRATCH/pings" || fail "lost: $(cat "$SCRATCH/pings")"
events_have 'tunnel .*: down' && fail "a tunnel whose other end lives was ended"

# one whose daemon is gone
expect 0 "$H" fault -l "$LAB" kill charon@branch-opnnva-t0 --for 4s
wait_for 4 events_have 'az-hub-vpngw-0-t0: down .*the other end does not answer' ||
	fail "nobody noticed that it died"
is_up_again() { [ "$("$H" sa -l "$LAB" | grep -c established)" -eq 4 ]; }
wait_for 20 is_up_again || fail "the tunnel is not up again"
