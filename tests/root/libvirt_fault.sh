#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults of the reference lab's NVA when it is a guest: its daemons are killed, by a fault and by
# somebody in it; its tunnels break in its own kernel, its NICs at their ports, its QEMU ends. All of it
# is told, timed, and comes back.
. tests/support/lab.sh
GUEST=branch-opnnva
. tests/support/guest.sh

"$H" doctor -o tsv | grep -q '^libvirt	yes' || skip libvirt
"$H" doctor -o tsv | grep -q '^id-ranges	yes' || skip id-ranges
[ -e build/images/router ] || skip "the routers' image"

sed 's/^  branch-opnnva:$/&\n    kind: libvirt/' templates/vpner/lab.yaml >"$SCRATCH/lab.yaml"
"$H" up "$SCRATCH/lab.yaml" --name "$LAB" --step 2 >"$SCRATCH/up" 2>&1 || true # is_well says whether
fault() { "$H" fault -l "$LAB" "$@"; }
problems() { "$H" show -l "$LAB" | grep -E '^(fault|problem)'; }
tunnels_are() { "$H" show -l "$LAB" | grep -q "^tunnels *$1 of 2"; }
is_well() { is_green && tunnels_are 2 && ! problems; }
comes_back() { wait_for 120 is_well || fail "the lab is not well after $1: $(problems)"; }
# seen KIND TARGET OF: the stopwatch of the latest such fault has noticed it
seen() {
	fault ls -o tsv | awk -v kind="$1" -v target="$2" -v of="$3" '
		$2 == kind && $3 == target && $5 == of { seen = $7 } END { exit seen !~ /^[0-9.]+/ }'
}
comes_back "its start"

# ---- its daemons ----
expect 0 fault kill branch-opnnva
wait_for 40 events_have 'fault 1 is over: kill branch-opnnva: the daemon was started again' || fail "BIRD stays away"
events_have 'daemon +branch-opnnva: bird ended by signal 9' || fail "its end is not told"
seen kill branch-opnnva set || fail "nobody noticed: $(fault ls)"
comes_back "the end of its BIRD"
expect 0 fault kill charon@branch-opnnva-t0
wait_for 10 events_have 'daemon +branch-opnnva-t0: charon ended by signal 9' || fail "its end is not told"
wait_for 40 events_have 'fault 2 is over: kill branch-opnnva-t0: the daemon was started again' || fail "charon stays away"
comes_back "the end of a charon"
expect 2 fault kill frr@branch-opnnva
has "$err" "the daemon of 'branch-opnnva' is bird"

# by somebody in there: it is started again all the same
on_console 'killall bird' >/dev/null
wait_for 20 events_have 'daemon +branch-opnnva: bird ended (with code 0|by signal 15)' || fail "its end is not told"
comes_back "the end of its BIRD by other means"
[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 1 ] || fail "not one BIRD: $(on_console ps)"

# one that is held stays away, whatever its guest is told meanwhile
expect 0 fault kill branch-opnnva --for 5m
"$H" set -l "$LAB" nvas/branch-opnnva/bgp/neighbors/az-hub-vpngw-0/prepend 1 >"$SCRATCH/set" 2>&1 || true
on_console "cat /run/hublab/node/branch-opnnva/bird/bird.conf" | grep -q prepend || fail "it was not told"
[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 0 ] || fail "it was started: $(on_console ps)"
expect 0 fault clear all
comes_back "a daemon that was held"

# ---- its tunnels: their links are in its kernel ----
expect 0 fault cut branch-opnnva-t0
wait_for 60 tunnels_are 1 || fail "the tunnel is not cut: $(on_console 'ip link')"
has "$(on_console '/sbin/ip link show o-tun0')" 'state DOWN'
fault ls -o tsv | grep -q '^[0-9]*	cut	branch-opnnva-t0' || fail "it is in no list: $(fault ls -o tsv)"
expect 0 fault clear all
comes_back "the cut of a tunnel"
expect 0 fault drop branch-opnnva-t1
wait_for 60 tunnels_are 1 || fail "the tunnel is not silent: $(on_console 'nft list ruleset')"
has "$(on_console 'nft list ruleset')" 'hook ingress device "o-tun1" .*policy drop'
expect 0 fault clear all
comes_back "the silence of a tunnel"
lacks "$(on_console 'nft list ruleset')" 'hook ingress'

# ---- its NICs: the carrier that it sees, and what crosses its port ----
expect 0 fault cut branch-opnnva-Untrusted-NIC
wait_for 10 events_have 'fault [0-9]+, set: noticed' || fail "nobody noticed the cut"
has "$(on_console '/sbin/ip link show eth0')" 'NO-CARRIER'
wait_for 60 tunnels_are 0 || fail "the tunnels do not need their NIC"
expect 0 fault clear all
comes_back "the cut of a NIC"
seen cut branch-opnnva-Untrusted-NIC set || fail "the cut was not timed: $(fault ls)"
expect 0 fault drop branch-opnnva-Untrusted-NIC
wait_for 60 tunnels_are 0 || fail "the NIC is not silent"
lacks "$(on_console '/sbin/ip link show eth0')" 'NO-CARRIER'
expect 0 fault clear all
comes_back "the silence of a NIC"
expect 2 fault delay branch-opnnva 10
has "$err" 'only cables can be given a delay'

# ---- its QEMU ----
kill -9 "$(pgrep -f "guest=$LAB-branch-opnnva")"
wait_for 20 events_have 'guest +branch-opnnva ended' || fail "its end is not told"
problems | grep -q 'branch-opnnva: the guest does not run' || fail "it is no problem: $(problems)"
expect 0 "$H" start -l "$LAB" branch-opnnva
comes_back "the end of its QEMU"
exit 0
