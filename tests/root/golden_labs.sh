#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Worked cases with VPN gateways, Route Servers and appliances as running labs: real tunnels, real
# BGP, and the rows that real Azure printed, of the kernel's own tables (R1.13). What is predicted of
# them is in tests/unit/test_golden_azure.c; here nothing is predicted, and all is green.
. tests/support/lab.sh

rows=$PWD/build/rows
[ -x "$rows" ] || skip "build/rows: make tests"

# same ROWS STEP NIC: the lab's table is Azure's.
same() {
	"$H" routes -l "$LAB" "$3" -o json | "$rows" "tests/golden/azure/$1.rows" "$2" "$3"
}

# all_same ROWS STEP: of every NIC that the file has in that step; '' are those that name none.
all_same() {
	"$rows" "tests/golden/azure/$1.rows" list | while IFS="$(printf '\t')" read -r step nic; do
		[ "$step" = "$2" ] || continue
		wait_for 10 same "$1" "$2" "$nic" || {
			same "$1" "$2" "$nic"
			echo "$1, step '$2', $nic" >>"$SCRATCH/different"
		}
	done
	[ ! -s "$SCRATCH/different" ] || fail "other rows than Azure's: $(cat "$SCRATCH/different")"
}

# bring_up FILE [OPTION...]: and everything that is predicted of it is so, tunnels and sessions too.
bring_up() {
	sed "s/^lab: .*/lab: $LAB/" "tests/golden/azure/$1.yaml" >"$SCRATCH/lab.yaml"
	shift
	expect 0 "$H" up "$SCRATCH/lab.yaml" "$@"
}

go_to() {
	expect 0 "$H" step -l "$LAB" "$1"
}

# a pair of active-standby gateways, before gateway transit and with it
bring_up G6-G9
all_same G6 ""
go_to 2
all_same G7 ""
all_same G8 ""
"$H" down "$LAB"

# static tunnels, then BGP, then a default route from on-premises
bring_up G12-G14
all_same G12 ""
go_to 2
all_same G13 ""
all_same G14 2 # in words there: before
"$H" down "$LAB"
bring_up G12-G14 --step 3 # another deployment
all_same G14 ""
"$H" down "$LAB"

# beside ExpressRoute; from there to a VPN over a Route Server; appliances; two hubs
for case in G16 G17 G18 G20 G21; do
	bring_up $case
	all_same $case ""
	"$H" down "$LAB"
done

# two hubs in two regions. One of the VPN gateway's instances has nobody at its far side, as in the
# source, so not all of it is green.
sed "s/^lab: .*/lab: $LAB/" tests/golden/azure/G15.yaml >"$SCRATCH/lab.yaml"
"$H" up "$SCRATCH/lab.yaml" >"$SCRATCH/up" 2>&1
has "$(cat "$SCRATCH/up")" "no tunnel between hub-gw-1 .* and 23.0.2.23"
all_same G15 ""
"$H" down "$LAB"

# equal next hops, of which one prepends; and a square of four gateways
bring_up G25
all_same G25 ""
go_to 2
all_same G25 2
go_to 3
all_same G25 "2026-08 square"
"$H" down "$LAB"

# says_the_same WORD...: what hublab bgp answers is table $number of $tables.
says_the_same() {
	"$H" bgp -l "$LAB" -o json "$@" >"$SCRATCH/answer" </dev/null &&
		python3 tests/support/bgp_rows.py "$tables" "$number" <"$SCRATCH/answer"
}

# What speakers of BGP say: a summary in place of networks (G29), the peers of a VPN gateway beside a
# Route Server (G31), a provider that announces its links (G33).
at=1
for case in G29 G31 G33; do
	bring_up $case
	tables=tests/golden/azure/$case.bgp
	python3 tests/support/bgp_rows.py "$tables" >"$SCRATCH/tables" || fail "$tables cannot be read"
	while read -r number step words; do
		[ "$step" = "$at" ] || go_to "$step"
		at=$step
		# shellcheck disable=SC2086 # words
		wait_for 10 says_the_same $words >"$SCRATCH/difference" ||
			fail "$case, table $number: $words: $(cat "$SCRATCH/difference")"
	done <"$SCRATCH/tables"
	at=1
	"$H" down "$LAB"
done
