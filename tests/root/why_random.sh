#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random questions to templates (TEMPLATES; all of them in `make check-long`) at every step: what `hublab
# why` predicts is what its packet gets, and the kernels at each place have what it says; then to random
# labs (RANDOM_LABS: kind:seed). SEED and QUESTIONS (of each step) by the environment. Wrong answers are
# planted first: they are found.
. tests/support/lab.sh

find_python 'import json' || skip python3
SEED=${SEED:-1}
QUESTIONS=${QUESTIONS:-10}
[ -x build/property ] || skip "build/property: make tests"
asked=0 answered=0
ask() { # COUNT: to the lab as it is now
	expect 0 "$python" tests/support/questions.py "$H" "$LAB" "$1" "$SEED"
	SEED=$((SEED + 1))
	set -- $(printf '%s\n' "$out" | tail -n 1)
	asked=$((asked + $1)) answered=$((answered + $3))
	wrong=$(printf '%s\n' "$out" | sed '$d')
}

# what neither the file nor BGP know: packets go, and kernels do, what nobody said
expect 0 "$H" up hub-spoke-nva --step 2 --name "$LAB"
ask 40
[ -z "$wrong" ] || fail "wrong before anything was planted: $wrong"
expect 0 "$H" exec -l "$LAB" nva1 -- ip route add blackhole 10.2.0.0/16 metric 1
ask 40
has "$wrong" "^spoke1-vm-nic [^ ]+ [^ ]+ (a reply: True|at nva1: )"
expect 0 "$H" exec -l "$LAB" nva1 -- ip route del blackhole 10.2.0.0/16 metric 1
expect 0 "$H" down "$LAB"
asked=0 answered=0

for name in ${TEMPLATES:-hub-spoke-nva branch-frr overlap three-tier vpner}; do
	template=templates/$name/lab.yaml
	expect 0 "$H" up "$name" --name "$LAB"
	steps=$(grep -c '^  - name: ' "$template")
	step=1
	while :; do
		[ "$step" -eq 1 ] || expect 0 "$H" step -l "$LAB" "$step"
		ask "$QUESTIONS"
		[ -z "$wrong" ] || fail "$name, step $step, seed $SEED: $wrong"
		step=$((step + 1))
		[ "$step" -le "$steps" ] || break
	done
	expect 0 "$H" down "$LAB"
done
for random in ${RANDOM_LABS:-lab:31 nsg-lab:32}; do
	build/property "${random%:*}" "${random#*:}" >"$SCRATCH/lab.yaml" || fail "no lab $random"
	# 4: some of its probes are answered or not by their ports
	"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >/dev/null 2>&1 || [ $? -eq 4 ] || fail "up $random"
	ask $((QUESTIONS * 4))
	[ -z "$wrong" ] || fail "random lab $random, seed $SEED: $wrong"
	expect 0 "$H" down "$LAB"
done
printf '%s questions, %s answered\n' "$asked" "$answered"
# neither nobody nor everybody
[ "$answered" -gt $((asked / 10)) ] && [ "$answered" -lt "$asked" ] || fail "$answered of $asked"
