#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random labs, random packets: the rules, the kernel's FIB and the machines that packets come to
# agree (tests/property). A wrong route in one table is found. Every lab comes up green, so what is
# predicted for its probes agrees, too.
# usage: FIRST=SEED LABS=COUNT FLOWS=COUNT-IN-EACH tests/root/property.sh
. tests/support/lab.sh
FIRST=${FIRST:-1} LABS=${LABS:-4} FLOWS=${FLOWS:-250}
[ -x build/property ] || skip "build/property: make tests"

up() { # SEED
	build/property lab "$1" >"$SCRATCH/lab.yaml" || fail "seed $1: no lab"
	"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >"$SCRATCH/up" 2>&1 ||
		fail "seed $1: $(grep -v '^ ' "$SCRATCH/up")"
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
	[ "$seed" -eq $((FIRST + LABS - 1)) ] || expect 0 "$H" down "$LAB"
done
[ "$delivered" -gt $((LABS * FLOWS / 20)) ] || fail "of all packets only $delivered arrive"
[ "$lost" -gt $((LABS * FLOWS / 20)) ] || fail "of all packets only $lost are lost"

# a way within a virtual network that leads nowhere, and an address that leads to another machine
fabric() {
	"$H" shell -l "$LAB" -- ip -n fabric "$@"
}
plant() { # ROUTE-OF-ip: until it is taken away again the flows differ
	fabric route replace "$@" || fail "ip route replace $*"
	flows "$seed" 500 >"$SCRATCH/flows" && fail "not found: $*"
	has "$(cat "$SCRATCH/flows")" '^  seen:'
	has "$(cat "$SCRATCH/flows")" '^  the FIB for '
}
throw=$(fabric route show table all type throw | grep -m 1 ' 10\.[0-9.]*/16 ')
[ -n "$throw" ] || fail "no range of a virtual network: $(fabric route show table all)"
prefix=$(echo "$throw" | sed 's/^throw \([^ ]*\) .*/\1/') table=$(echo "$throw" | sed 's/.*table \([0-9]*\).*/\1/')
plant blackhole "$prefix" table "$table" proto 104
