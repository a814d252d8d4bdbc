#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A generated lab file is valid, and what cannot be generated is refused in words.
. tests/support/lab.sh

expect 0 "$H" generate --spokes 2 --vms 2
printf '%s\n' "$out" | cmp - tests/golden/hub_and_spoke.yaml || fail "this was generated: $out"

"$H" generate --spokes 40 --name "$LAB" >"$SCRATCH/lab.yaml" || fail "generate ended with $?"
expect 0 "$H" check "$SCRATCH/lab.yaml"
has "$out" "lab '$LAB' is valid: 41 virtual networks, 41 VMs"
[ -z "$err" ] || fail "it has warnings: $err"

# prefixes of a provider: each is a row of each spoke
expect 0 "$H" generate --spokes 2 --prefixes 3
printf '%s\n' "$out" | cmp - tests/golden/hub_and_spoke_prefixes.yaml || fail "this was generated: $out"
"$H" generate --spokes 3 --prefixes 500 --name "$LAB" >"$SCRATCH/lab.yaml" || fail "generate ended with $?"
expect 0 "$H" check "$SCRATCH/lab.yaml"
[ -z "$err" ] || fail "it has warnings: $err"
expect 0 "$H" up "$SCRATCH/lab.yaml"
rows_are() { [ "$(gateway_rows spoke3-vm1 | wc -l)" -eq "$1" ]; }
wait_for 10 rows_are 500 || fail "$(gateway_rows spoke3-vm1 | wc -l) rows" # no probe needs them
expect 0 "$H" down "$LAB"

# NSGs: valid, and without a warning
expect 0 "$H" generate --spokes 3 --vms 2 --nsgs 2 --rules 9
printf '%s\n' "$out" | cmp - tests/golden/hub_and_spoke_nsgs.yaml || fail "this was generated: $out"
"$H" generate --spokes 30 --vms 10 --nsgs 3 --rules 200 --name "$LAB" >"$SCRATCH/lab.yaml" || fail "generate ended with $?"
expect 0 "$H" check "$SCRATCH/lab.yaml"
[ -z "$err" ] || fail "it has warnings: $err"

# refuses WORDS ARGUMENT ...: nothing is printed but these words, and how it is used.
refuses() {
	words=$1
	shift
	expect 2 "$H" generate "$@"
	[ -z "$out" ] || fail "'generate $*' printed: $out"
	has "$err" "^hublab generate: $words"
	has "$err" "^usage: hublab generate --spokes N$"
}
refuses '--spokes is missing$'
refuses '--spokes is missing$' --vms 3
refuses "'--spokes' needs a value$" --spokes
for bad in x -1 1.5 ' 1' ''; do
	refuses "--spokes takes a whole number, not '$bad'$" --spokes "$bad"
	refuses "--vms takes a whole number, not '$bad'$" --spokes 1 --vms "$bad"
	refuses "--prefixes takes a whole number, not '$bad'$" --spokes 1 --prefixes "$bad"
	refuses "--nsgs takes a whole number, not '$bad'$" --spokes 1 --nsgs "$bad"
	refuses "--rules takes a whole number, not '$bad'$" --spokes 1 --nsgs 1 --rules "$bad"
done
for bad in 0 65536 4294967297 99999999999999999999999; do
	refuses 'there can be 1 to 65535 spokes' --spokes "$bad"
done
refuses 'there can be 1 to 123 VMs in a spoke' --spokes 1 --vms 0
refuses 'there can be 1 to 123 VMs in a spoke' --spokes 1 --vms 124
refuses 'there can be 0 to 4000 prefixes' --spokes 1 --prefixes 4001
refuses 'there can be 0 to 5000 NSGs' --spokes 1 --nsgs 5001
refuses 'there can be 1 to 1000 rules' --spokes 1 --nsgs 1 --rules 1001
refuses '--rules needs --nsgs$' --spokes 1 --rules 3
refuses 'a lab file holds at most 200000 values' --spokes 65535
refuses "'-x' cannot be the name of a lab$" --spokes 1 --name -x
refuses "'3' is one argument too many$" --spokes 1 3
