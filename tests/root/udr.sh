#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A route of a route table that changes while the lab runs: the kernel is told about that prefix of
# that table and nothing else, and other flows lose no packet at 1000 a second.
# alone: no packet of many may be lost
. tests/support/lab.sh

awk -v name=udr -v spokes=3 -v subnets=2 -v vms=2 -v prefixes=20 -f tests/bench/lab_routes.awk \
	>"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"

# the table of spoke2/s1 is the one that has what no other subnet's has
expect 0 "$H" set -l "$LAB" route_tables/rt3/routes/probe '198.51.100.0/24 None'
table=$("$H" shell -l "$LAB" -- ip -n fabric route show table all |
	sed -n 's/^blackhole 198.51.100.0\/24 table \([0-9]*\).*/\1/p')
[ -n "$table" ] || fail "no table has the new route"

"$H" shell -l "$LAB" -- ip -n fabric monitor route rule address neigh link >"$SCRATCH/monitor" &
monitor=$!
"$H" ping -l "$LAB" vm1-1-1 vm3-2-1 -i 0.001 -c 3000 -q >"$SCRATCH/ping" 2>&1 &
pings=$!
"$H" ping -l "$LAB" vm2-1-1 nva -i 0.001 -c 3000 -q >"$SCRATCH/same" 2>&1 &
same=$!
is_told() { grep -q 'table' "$SCRATCH/monitor"; }
for route in '198.51.100.0/25 None' '198.51.100.0/24 VirtualAppliance 10.0.0.36' \
	'198.51.100.0/24 Internet' '198.51.100.128/25 VnetLocal' '198.51.100.0/24 None'; do
	expect 0 "$H" set -l "$LAB" route_tables/rt3/routes/probe "$route"
done
wait_for 5 is_told || fail "nothing was told of the changes"
wait "$pings" "$same"
kill "$monitor"
wait "$monitor" 2>/dev/null

others=$(grep -v "198.51.100.[0-9]*/2[45] .*table $table " "$SCRATCH/monitor")
[ -z "$others" ] || fail "more was changed than the route: $others"
for file in ping same; do
	has "$(cat "$SCRATCH/$file")" '3000 packets transmitted, 3000 received, 0% packet loss'
done
