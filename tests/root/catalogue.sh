#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The fault catalogue: each entry of tests/catalogue breaks the flows that it says in its template's
# running lab, and its mend brings them back. So does the change that `hublab why` suggests, which
# names the entry's true cause, in 95 of 100 entries. One lab for each template is changed live, and the
# labs run beside each other. A catalogue with mistakes planted in it shows that they are found.
# CATALOGUE_EVERY=3: each third entry alone.
# alone: its labs run beside each other
. tests/support/lab.sh

find_python 'import yaml' || skip python3-yaml

# run_lab CATALOGUE DIRECTORY TEMPLATE: all its steps; what is not as entries say into TEMPLATE.wrong.
run_lab() {
	expect 0 "$H" up "$2/$3.yaml" --name "$LAB-$3"
	"$H" test -l "$LAB-$3" --all-steps -o json >"$2/$3.json" || [ $? -eq 4 ] ||
		fail "$3 was not looked at"
	expect 0 "$H" down "$LAB-$3"
	"$python" tests/support/catalogue.py judge "$1" "$3" <"$2/$3.json" >"$2/$3.wrong" ||
		fail "$3 was not judged"
	touch "$2/$3.done"
}

# run_catalogue DIRECTORY: $wrong is what is not as its entries say, $unnamed the causes that
# `hublab why` does not name.
run_catalogue() {
	labs=$(mktemp -d "$SCRATCH/labs.XXXXXX")
	expect 0 "$python" tests/support/catalogue.py compile "$1" "$labs"
	expect 0 "$python" tests/support/catalogue.py ask "$1" "$labs" "$H"
	unnamed=$out
	for file in "$labs"/*.yaml; do
		template=$(basename "$file" .yaml)
		(
			trap - EXIT
			run_lab "$1" "$labs" "$template"
		) >"$labs/$template.log" 2>&1 &
	done
	wait
	for file in "$labs"/*.yaml; do
		[ -f "${file%.yaml}.done" ] || fail "$(cat "${file%.yaml}.log")"
	done
	wrong=$(cat "$labs"/*.wrong)
}

# plant NAME: an entry, from standard input.
planted=$SCRATCH/planted
mkdir "$planted"
plant() {
	cat >"$planted/$1.yaml"
}

# refused PATTERN: what is planted is no catalogue.
refused() {
	expect 1 "$python" tests/support/catalogue.py compile "$planted" "$SCRATCH"
	has "$err" "$1"
	rm "$planted"/*
}

# ---- mistakes are found: in what entries say, ----
plant no-step <<E
template: hub-spoke-nva
step: nowhere
set: { nvas/nva1/enable_ip_forwarding: false }
cause: { at: nvas/nva1, words: none, mend: { nvas/nva1/enable_ip_forwarding: true } }
breaks: [{ from: spoke1-vm, to: spoke2-vm }]
E
refused "^no-step: 'hub-spoke-nva' has no step 'nowhere'$"
plant elsewhere <<E
template: hub-spoke-nva
set: { nvas/nva1/enable_ip_forwarding: false }
cause: { at: route_tables/rt-spokes, words: none, mend: { nvas/nva1/enable_ip_forwarding: true } }
breaks: [{ from: spoke1-vm, to: spoke2-vm }]
E
refused "^elsewhere: the mend leaves 'route_tables/rt-spokes' as it is$"
plant no-flow <<E
template: hub-spoke-nva
set: { nvas/nva1/enable_ip_forwarding: false }
cause: { at: nvas/nva1, words: none, mend: { nvas/nva1/enable_ip_forwarding: true } }
breaks: []
E
refused '^no-flow: not what an entry has$'

# ---- and in what they do ----
plant breaks-nothing <<E
template: hub-spoke-nva
step: a route table on both spokes
set: { route_tables/rt-spokes/routes/more: 10.99.0.0/16 None }
cause: { at: route_tables/rt-spokes/routes/more, words: none, mend: { route_tables/rt-spokes/routes/more: null } }
breaks: [{ from: spoke1-vm, to: spoke2-vm }]
E
plant mends-nothing <<E
template: hub-spoke-nva
step: a route table on both spokes
set: { nvas/nva1/enable_ip_forwarding: false, route_tables/rt-spokes/routes/more: 10.99.0.0/16 None }
cause: { at: route_tables/rt-spokes/routes/more, words: none, mend: { route_tables/rt-spokes/routes/more: null } }
breaks: [{ from: spoke1-vm, to: spoke2-vm }]
E
plant was-broken-before <<E
template: overlap
set: { nvas/contoso-nva/enable_ip_forwarding: false }
cause: { at: nvas/contoso-nva, words: none, mend: { nvas/contoso-nva/enable_ip_forwarding: true } }
breaks: [{ from: shared-vm, to: contoso-app }]
E
run_catalogue "$planted"
has "$wrong" '^fault breaks-nothing: is not broken: fail: spoke1-vm -> spoke2-vm Icmp fails: a reply'
has "$wrong" '^mend mends-nothing: is not mended: fail: spoke1-vm -> spoke2-vm Icmp works: no reply'
has "$wrong" '^three times 10\.0\.0\.0/16: does not pass in the template: fail: shared-vm -> contoso-app'
has "$wrong" '^mend was-broken-before: is not mended: fail: '
[ "$(printf '%s\n' "$wrong" | wc -l)" -eq 4 ] || fail "more is found than was planted: $wrong"
# what was not looked at is not what it says, either
echo '{ "tests": [] }' >"$SCRATCH/nothing.json"
expect 0 "$python" tests/support/catalogue.py judge "$planted" overlap <"$SCRATCH/nothing.json"
has "$out" "^was-broken-before: the step 'fault was-broken-before' was not looked at$"

# ---- the catalogue ----
count=$(find tests/catalogue -name '*.yaml' | wc -l)
[ "$count" -ge 90 ] || fail "the catalogue is smaller than it was"
mkdir "$SCRATCH/catalogue"
find tests/catalogue -name '*.yaml' | sort | awk -v every="${CATALOGUE_EVERY:-1}" 'NR % every == 0' |
	xargs cp -t "$SCRATCH/catalogue"
count=$(find "$SCRATCH/catalogue" -name '*.yaml' | wc -l)
run_catalogue "$SCRATCH/catalogue"
printf 'causes that are not named: %s\n' "${unnamed:-none}"
missed=$({ printf '%s\n' "$unnamed"; printf '%s\n' "$wrong" | sed -n 's/^said //p'; } |
	sed -n 's/:.*//p' | sort -u | wc -l)
[ "$((missed * 20))" -le "$count" ] || fail "of $count entries $missed are not explained: $unnamed $wrong"
wrong=$(printf '%s\n' "$wrong" | sed '/^said /d')
[ -z "$wrong" ] || fail "entries that are not as they say: $wrong"
