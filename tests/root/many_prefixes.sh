#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand prefixes arrive at once and go at once: log and control socket of each daemon are both
# read all the time, so nothing waits for anything (a daemon writes its log and waits until it can).
. tests/support/lab.sh
COUNT=1000

{
	sed '/static_routes/d; /^# What a trainer/,$d' "$ER"
	printf '      - circuit: branch-er-circuit\n        delay_ms: 18\n        static_routes:\n'
	awk -v n=$COUNT 'BEGIN { for (i = 0; i < n; i++) printf "          - 172.%d.%d.0/24\n", 20 + i / 256, i % 256 }'
} >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB" --timings
echo "$out"
rows_are() { [ "$(gateway_rows az-spk1-lxvm | wc -l)" -eq "$1" ]; }
rows_are $((COUNT + 1)) || fail "$(gateway_rows az-spk1-lxvm | wc -l) rows"
in_kernel() { "$H" exec -l "$LAB" fabric -- ip route show table all | grep -c '^172\..* via 10.3.129.58 dev p-azure-er-circ'; }
tables=4 # the hub's two subnets with ports and the two spokes
[ "$(in_kernel)" -eq $((tables * COUNT)) ] || fail "$(in_kernel) routes in the kernel"
expect 0 "$H" shell -l "$LAB" -- ip -n megaport-mcr link set link1 down
wait_for 10 rows_are 0 || fail "rows stayed: $(gateway_rows az-spk1-lxvm | wc -l)"
kernel_is_empty() { [ "$(in_kernel)" -eq 0 ]; }
wait_for 5 kernel_is_empty || fail "routes stayed: $(in_kernel)"
expect 0 "$H" shell -l "$LAB" -- ip -n megaport-mcr link set link1 up
wait_for 20 rows_are $((COUNT + 1)) || fail "the rows did not come back"
wait_for 20 is_green || fail "the lab did not become green again"
