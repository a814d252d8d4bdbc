#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What `hublab whatif` says of the catalogue's faults, their mends and what `hublab why` suggests, 270
# changes, is exactly what changes when they are made. TEMPLATES: which labs; all of them in `make check-long`.
. tests/support/lab.sh

find_python 'import yaml' || skip python3-yaml
changes=0
for template in ${TEMPLATES:-hub-spoke-nva}; do
	expect 0 "$H" up "$template" --name "$LAB"
	expect 0 "$python" tests/support/catalogue.py apply tests/catalogue "$template" "$LAB" "$H"
	count=$(printf '%s\n' "$out" | tail -n 1)
	wrong=$(printf '%s\n' "$out" | sed '$d')
	[ -z "$wrong" ] || fail "$template: $wrong"
	changes=$((changes + count))
	expect 0 "$H" down "$LAB"
done
echo "$changes changes"
[ "$changes" -gt 0 ] || fail "nothing was changed"
