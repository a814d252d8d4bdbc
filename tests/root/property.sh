#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random labs, random packets: the rules, the kernel's FIB and the machines that packets come to
# agree (tests/property). A wrong route in one table is found. Every lab comes up green, so what is
# predicted for its probes agrees, too; but for those that equal next hops answer or not by their
# ports, of which nothing can be predicted.
# usage: FIRST=SEED LABS=COUNT FLOWS=COUNT-IN-EACH tests/root/property.sh
. tests/support/lab.sh
FIRST=${FIRST:-1} LABS=${LABS:-4} FLOWS=${FLOWS:-250}
[ -x build/property ] || skip "build/property: make tests"

undecided='; predicted: it is answered or not by its ports: equal next hops differ'
up() { # SEED
	build/property lab "$1" >"$SCRATCH/lab.yaml" || fail "seed $1: no lab"
	"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >/dev/null 2>"$SCRATCH/up"
	code=$?
	others=$(grep -vE "$undecided|^hublab: $LAB runs, but |^ |: warning: |: note: |^and [0-9]+ more" "$SCRATCH/up")
	case $code in
	0) ;;
	4) [ -z "$others" ] || fail "seed $1: $others" ;;
	*) fail "seed $1: $code: $(cat "$SCRATCH/up")" ;;
	esac
}
flows() { # SEED COUNT
	"$H" shell -l "$LAB" -- "$PWD/build/property" run "$SCRATCH/lab.yaml" "$1" "$2"
}

delivered=0 lost=0
for seed in $(seq "$FIRST" $((FIRST + LABS - 1))); do
	up "$seed"
	flows "$seed" "$FLOWS" >"$SCRATCH/flows" || fail "seed $seed: $(cat "$SCRATCH/flows")"
	echo "seed $seed: $(cat "$SCRATCH/flows")"
	delivered=$((delivered + $(sed -n 's/.*: \([0-9]*\) delivered.*/\1/p' "$SCRATCH/flows")))
	lost=$((lost + $(sed -n 's/.*, \([0-9]*\) lost.*/\1/p' "$SCRATCH/flows")))
	expect 0 "$H" down "$LAB"
done
[ "$delivered" -gt $((LABS * FLOWS / 20)) ] || fail "of all packets only $delivered arrive"
[ "$lost" -gt $((LABS * FLOWS / 20)) ] || fail "of all packets only $lost are lost"

# In a lab where most packets arrive: a range that leads nowhere in one table, then an address that
# leads to another machine.
seed=15
up $seed
fabric() {
	"$H" shell -l "$LAB" -- ip -n fabric "$@"
}
plant() { # WORDS OF A ROUTE: with it the flows differ, in what is seen and in what the FIB answers
	fabric route replace "$@" || fail "ip route replace $*"
	flows "$seed" 500 >"$SCRATCH/flows" && fail "not found: $*"
	has "$(cat "$SCRATCH/flows")" '^  seen:'
	has "$(cat "$SCRATCH/flows")" '^  the FIB for '
}
range=$(fabric route show table all type throw | sed -n 's|^throw \(10\.[0-9.]*/16 table [0-9]*\) .*|\1|p' |
	head -n 1)
[ -n "$range" ] || fail "no range of a virtual network"
# shellcheck disable=SC2086 # words
plant blackhole $range proto 104
# shellcheck disable=SC2086 # words
fabric route replace throw $range proto 104
flows "$seed" 100 >"$SCRATCH/flows" || fail "mended, and yet: $(cat "$SCRATCH/flows")"
ports=$(fabric route show table all | sed -n 's|^\(10[0-9.]*\) dev \(p-[^ ]*\) table \(1[0-9]*\) .*|\1 \2 \3|p')
address=$(echo "$ports" | head -n 1 | cut -d ' ' -f 1) table=$(echo "$ports" | head -n 1 | cut -d ' ' -f 3)
other=$(echo "$ports" | tail -n 1 | cut -d ' ' -f 2)
plant "$address" dev "$other" table "$table" proto 104 scope link
