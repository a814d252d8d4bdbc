#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# kill -9 of any hublab process at random moments: while a lab comes up, runs and goes down. After
# one `hublab ls` either nothing of it is left, or it is whole and green again (its engine or wire
# was replaced, or only a command was killed). Never anything else changes on the host.
# alone: it looks at all of the machine
. tests/support/lab.sh
ROUNDS=${KILL_ROUNDS:-50}
RANDOM=${KILL_SEED:-$$}
echo "seed $RANDOM"

# Everything of the host that a lab must not touch. Probing sockets need no root.
host_state() {
	ip -o link
	ip route show table all
	ip rule
	nft list ruleset 2>/dev/null
	cut -d' ' -f4- /proc/self/mountinfo
	ls -A /run/netns "${XDG_RUNTIME_DIR:-/nonexistent}" 2>/dev/null
	ls -d /run/hublab /tmp/hublab-* 2>/dev/null | grep -v '/hublab-test\.'
}

parts() { pgrep -f "^hublab: $LAB (supervisor|engine|wire)"; }

# All that belongs to the lab: its parts, and the daemons, whose files have its name nowhere but
# which are in the network namespaces of none but it.
leftovers() {
	parts
	for pid in $(pgrep -x bird); do
		[ "$(readlink "/proc/$pid/ns/pid")" = "$our_pid_ns" ] || echo "$pid"
	done
}
our_pid_ns=$(readlink /proc/self/ns/pid)
others=$(leftovers | sort)

wait_until_random_moment() { # MILLISECONDS: at most so long from now
	local end=$(($(date +%s%N) + RANDOM % $1 * 1000000))
	while [ "$(date +%s%N)" -lt $end ]; do :; done
}

kill_one_of() {
	local victims=("$@")
	[ ${#victims[@]} -gt 0 ] || return
	local victim=${victims[RANDOM % ${#victims[@]}]}
	what=$(tr '\0' ' ' <"/proc/$victim/cmdline" 2>/dev/null)
	kill -9 "$victim" 2>/dev/null
}

is_gone() {
	"$H" ls >/dev/null 2>&1
	[ -z "$(comm -13 <(echo "$others") <(leftovers | sort))" ] &&
		[ "$(host_state)" = "$before" ]
}

is_settled() { is_gone || is_green; }

before=$(host_state)
declare -A killed
for ((round = 1; round <= ROUNDS; round++)); do
	what=nothing
	phase=$((RANDOM % 3))
	case $phase in
	0)
		"$H" up "$ER" --name "$LAB" >"$SCRATCH/up" 2>&1 &
		client=$!
		wait_until_random_moment 1500
		kill_one_of $client $(parts)
		wait $client 2>/dev/null
		;;
	1)
		"$H" up "$ER" --name "$LAB" >"$SCRATCH/up" 2>&1 || fail "up: $(cat "$SCRATCH/up")"
		wait_until_random_moment 200
		kill_one_of $(parts)
		;;
	2)
		"$H" up "$ER" --name "$LAB" >"$SCRATCH/up" 2>&1 || fail "up: $(cat "$SCRATCH/up")"
		"$H" down "$LAB" >"$SCRATCH/down" 2>&1 &
		client=$!
		wait_until_random_moment 30
		kill_one_of $client $(parts)
		wait $client 2>/dev/null
		;;
	esac
	killed["$phase ${what//$LAB/LAB}"]=$((${killed["$phase ${what//$LAB/LAB}"]:-0} + 1))
	wait_for 25 is_settled || {
		diff <(echo "$before") <(host_state)
		fail "round $round, phase $phase, killed '$what': neither gone nor green: $(leftovers)"
	}
	is_gone || "$H" down "$LAB" || fail "round $round: down"
	wait_for 5 is_gone || {
		diff <(echo "$before") <(host_state)
		fail "round $round, phase $phase, killed '$what': left: $(leftovers)"
	}
done
for what in "${!killed[@]}"; do echo "${killed[$what]} x phase $what"; done | sort -rn
