# SPDX-License-Identifier: GPL-2.0-or-later
# For benchmarks (sh): how hublab's plumbing is measured, and medians. Sourced with $H, the program,
# $lab, a name for labs, and $work, a directory.

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# plumbing FILE: bring the lab up, and print the milliseconds from its first namespace to its last
# acknowledged route and rule
plumbing() {
	"$H" up "$1" --timings >"$work/timings" || return
	awk '/^(namespaces|links|addresses and routes|firewall) / { sum += $NF } END { print sum }' \
		"$work/timings"
}
