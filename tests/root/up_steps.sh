#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each step of a template comes up at once as it does step by step, whatever its daemons hear first.
. tests/support/lab.sh

for template in ${TEMPLATES:-vnet-to-vnet vpner}; do
	file=templates/$template/lab.yaml
	"$H" up "$file" --name "$LAB" >"$SCRATCH/up" 2>&1 || fail "$template: $(cat "$SCRATCH/up")"
	steps=$("$H" show -l "$LAB" | sed -n 's/^step .* of \([0-9]*\):.*/\1/p')
	"$H" down "$LAB" >/dev/null
	for step in $(seq 1 "${steps:-0}"); do
		"$H" up "$file" --name "$LAB" --step "$step" >"$SCRATCH/up" 2>&1 ||
			fail "$template at step $step: $(cat "$SCRATCH/up")"
		"$H" down "$LAB" >/dev/null
	done
done
