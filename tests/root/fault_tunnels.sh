#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Tunnels are broken on purpose: silent ones, cut ones and killed daemons are noticed, the other tunnel
# takes over or the rows leave, and all of it comes back.
. tests/support/lab.sh

expect 0 "$H" up tests/golden/hybrid.yaml --name "$LAB"
fault() { "$H" fault -l "$LAB" "$@"; }
is_well() { is_green && ! "$H" show -l "$LAB" | grep -Eq '^(fault|problem)'; }
clear_all() {
	expect 0 fault clear all
	wait_for 30 is_well || fail "the lab is not well after $1: $("$H" show -l "$LAB" | grep ^problem)"
}
down() { events_have "tunnel +$1: down between .*$2"; }

expect 0 fault drop branch-opnnva-t0
wait_for 8 down az-hub-vpngw-0-t0 'the other end does not answer' || fail "nobody noticed the silence"
wait_for 8 down branch-opnnva-t0 'the other end does not answer' || fail "the other end did not"
expect 0 "$H" ping -l "$LAB" az-spk1-lxvm branch-vm1 -c 1 -W 2
clear_all "the silence of a tunnel"

before=$("$H" events -l "$LAB" | grep -c 'tunnel  az-hub-vpngw-1-t0: down')
is_down_again() { [ "$("$H" events -l "$LAB" | grep -c 'tunnel  az-hub-vpngw-1-t0: down')" -gt "$before" ]; }
expect 0 fault cut az-hub-vpngw-1-t0
wait_for 8 is_down_again || fail "nobody noticed the cut"
clear_all "the cut of a tunnel"

expect 0 fault kill charon@az-hub-vpngw-0-t0
wait_for 10 events_have 'fault [0-9]+ is over: kill az-hub-vpngw-0-t0: the daemon was started again' ||
	fail "charon was not started again"
wait_for 30 is_well || fail "the lab is not well after that"
expect 2 fault kill bird@az-hub-vpngw-0-t0
has "$err" "the daemon of 'az-hub-vpngw-0-t0' is charon"

# both tunnels of the connection: BGP goes, and what it told goes back to ExpressRoute or is gone
sessions() { "$H" show -l "$LAB" | sed -n 's/^BGP  *\([0-9]*\) of .*/\1/p'; }
all=$(sessions)
has_lost() { [ "$(sessions)" -le $((all - 2)) ]; }
expect 0 fault drop az-hub-to-branch-conn
wait_for 8 has_lost || fail "$(sessions) of $all sessions are up"
clear_all "the silence of a connection"

# what is broken in a machine of several tunnels is broken in all of them
expect 0 fault cut branch-opnnva
wait_for 8 has_lost || fail "$(sessions) of $all sessions are up"
clear_all "the cut of an NVA"
