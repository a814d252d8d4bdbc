#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed hublab needs nothing of the source tree.
. tests/support/lab.sh

config=$(readlink "$H" | sed 's|/hublab||; s|-clang||')
make --no-print-directory install CONFIG="$config" PREFIX="$SCRATCH/prefix" BUILD="build/$(readlink "$H" | sed 's|/hublab||')" >"$SCRATCH/log" 2>&1 ||
	fail "$(cat "$SCRATCH/log")"
H=$SCRATCH/prefix/bin/hublab
cd "$SCRATCH" || exit
expect 0 "$H" check vpner
has "$out" "^$SCRATCH/prefix/share/hublab/templates/vpner/lab.yaml: lab 'vpner' is valid"
expect 0 "$H" up vpner --name "$LAB"
expect 0 "$H" down "$LAB"
