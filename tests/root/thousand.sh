#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab of a thousand machines comes up whole and goes: more descriptors, longer batches and larger
# rule sets than small labs ever need.
# alone: it needs all of the machine
. tests/support/lab.sh

[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -ge 8192 ] || skip "open files"
"$H" generate --spokes 37 --vms 27 --name "$LAB" >"$SCRATCH/lab.yaml" || fail "generate"
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$out" "^$LAB is up: 1000 VMs, 0 BGP sessions, [0-9]+ probes green"
expect 0 "$H" show -l "$LAB" -o tsv
[ "$(printf '%s\n' "$out" | wc -l)" -eq 1000 ] || fail "not 1000 machines"
expect 0 "$H" down "$LAB"
expect 1 "$H" show "$LAB"
