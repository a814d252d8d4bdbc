#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random NSGs with every protocol (NSG-04), ASGs, tags and admin rules, random packets: the verdict, the kernel's decision and the
# rule that its log names agree (tests/property), in a sample also nft's own trace. One rule that
# differs in the kernel is found, and told as drift within two seconds.
# usage: FIRST=SEED LABS=COUNT PACKETS=COUNT-IN-EACH tests/root/nsg_property.sh
. tests/support/lab.sh
FIRST=${FIRST:-1} LABS=${LABS:-10} PACKETS=${PACKETS:-2000}
[ -x build/property ] || skip "build/property: make tests"
command -v nft >/dev/null || skip nft

up() { # SEED
	build/property nsg-lab "$1" >"$SCRATCH/lab.yaml" || fail "seed $1: no lab"
	expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
}
property() { # nsg-run|nsg-trace SEED COUNT
	"$H" shell -l "$LAB" -- "$PWD/build/property" "$1" "$SCRATCH/lab.yaml" "$2" "$3" \
		>"$SCRATCH/told" 2>&1
}
told() { # PATTERN: what it says of the last run
	sed -n 's/^[0-9]* packets://p' "$SCRATCH/told" | sed -n "s/.*$1.*/\1/p"
}

delivered=0 denied=0 decided=0 standing=0
for seed in $(seq "$FIRST" $((FIRST + LABS - 1))); do
	up "$seed"
	property nsg-run "$seed" "$PACKETS" || fail "seed $seed: $(cat "$SCRATCH/told")"
	echo "seed $seed: $(cat "$SCRATCH/told")"
	delivered=$((delivered + $(told ' \([0-9]*\) delivered')))
	denied=$((denied + $(told ' \([0-9]*\) denied')))
	decided=$((decided + $(told ' \([0-9]*\) of [0-9]* rules decided')))
	standing=$((standing + $(told ' of \([0-9]*\) rules decided')))
	[ "$seed" -ge $((FIRST + 3)) ] || property nsg-trace "$seed" 100 ||
		fail "seed $seed, traced: $(cat "$SCRATCH/told")"
	expect 0 "$H" down "$LAB"
done
echo "$delivered delivered, $denied denied, $decided of $standing rules decided"
[ "$delivered" -gt $((LABS * PACKETS / 5)) ] || fail "of all packets only $delivered arrive"
[ "$denied" -gt $((LABS * PACKETS / 5)) ] || fail "of all packets only $denied are denied"
[ $((decided * 5)) -gt $((standing * 2)) ] || fail "of $standing rules only $decided decide"

# ---- one rule of the kernel is another: that which met the fewest packets ----
problems() { "$H" show -l "$LAB" | grep -E '^problem   drift: '; }
is_told() { problems | grep -q 'drift: nftables of the fabric: changed by nft '; }
is_over() { [ -z "$(problems)" ]; }
nft() { "$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric nft "$@"; }
is_found() { # WHAT
	began=$(date +%s%N)
	wait_for 2 is_told || fail "$1 is not told as drift: $(problems)"
	echo "$1: told after at most $((($(date +%s%N) - began) / 1000000)) ms"
	property nsg-run 2 1000 && fail "$1 is not found"
	has "$(cat "$SCRATCH/told")" '^DIFFERS: '
	expect 0 "$H" mend -l "$LAB"
	wait_for 2 is_over || fail "still told: $(problems)"
	property nsg-run 2 1000 || fail "mended, and yet: $(cat "$SCRATCH/told")"
}
up 2
property nsg-run 2 1000 || fail "$(cat "$SCRATCH/told")"
rule=$(told "'\(.*\)' least often")
# its chain, and its handle
place=$(nft -a list table ip hublab | awk -v words="log prefix \"$rule\"" '
	/^\tchain / { chain = $2 }
	index($0, words) { print chain, $NF }')
[ "$(echo "$place" | wc -w)" -eq 2 ] || fail "'$rule' is in these places: $place"
nft delete rule ip hublab "${place% *}" handle "${place#* }" || fail "nft delete rule"
is_found "the rule '$rule' is deleted"
nft flush chain ip hublab "${place% *}" || fail "nft flush chain"
is_found "chain ${place% *} is flushed"
# who decides is the same, but for one port
nft insert rule ip hublab "${place% *}" tcp dport 443 return || fail "nft insert rule"
is_found "a rule that logs nothing is put before the others"
expect 0 "$H" down "$LAB"
