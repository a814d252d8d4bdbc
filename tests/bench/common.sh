# SPDX-License-Identifier: GPL-2.0-or-later
# For benchmarks (sh): how hublab's plumbing is measured, and medians. Sourced with $H, the program,
# $lab, a name for labs, $work, a directory, and $missed, which becomes 1 when a figure is missed.

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# plumbing FILE: bring the lab up, and print the milliseconds from its first namespace to its last
# acknowledged route and rule
plumbing() {
	"$H" up "$1" --timings >"$work/timings" || return
	awk '/^(namespaces|links|addresses and routes|firewall) / { sum += $NF } END { print sum }' \
		"$work/timings"
}

# report WHAT VALUE UNIT GOAL: at most that
report() {
	awk -v what="$1" -v value="$2" -v unit="$3" -v goal="$4" 'BEGIN {
		is_missed = value > goal
		printf "%-38s %8.2f %-3s (goal %g)%s\n", what, value, unit, goal, is_missed ? "  MISSED" : ""
		exit is_missed
	}' || missed=1
}

# until_true SECONDS CONDITION...: it holds, or the time is over
until_true() {
	end=$(($(date +%s) + $1))
	shift
	until "$@"; do [ "$(date +%s)" -lt $end ] || return 1; done
}
