#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# timers: azure is Azure's own pace: keepalive 60, hold 180, BFD 300 ms (R6.18), and what is learned
# reaches the NICs half a minute later (R9.14). What is shown says so.
. tests/support/lab.sh

sed 's/^lab: vpner/lab: vpner\ntimers: azure/' "$ER" >"$SCRATCH/lab.yaml"
"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >"$SCRATCH/up" 2>&1 &
up=$!
has_sessions() { "$H" ls -o tsv | grep -q "^$LAB.*	10/10	"; }
wait_for 30 has_sessions || fail "no sessions: $(cat "$SCRATCH/up")"
[ -z "$(gateway_rows az-spk1-lxvm)" ] || fail "the rows are there at once"
knows() { "$H" bgp -l "$LAB" az-hub-ergw --learned | grep -q '^10.100.0.0/24 '; }
wait_for 10 knows || fail "the gateway did not learn 10.100.0.0/24"
[ -z "$(gateway_rows az-spk1-lxvm)" ] || fail "the NICs know it as soon as the gateway"
expect 0 "$H" exec -l "$LAB" azure-er-circuit-primary -- birdc show protocols all
has "$out" 'Hold timer: .*/180'
has "$out" 'Keepalive timer: .*/60'
wait $up || fail "up: $(cat "$SCRATCH/up")"
[ "$(gateway_rows az-spk1-lxvm | wc -l)" -eq 2 ] || fail "the rows did not come"
expect 0 "$H" ls
has "$out" "^$LAB .* azure "
