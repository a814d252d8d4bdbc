#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What links carry is read from the kernel: a flow moves the figures of the links that it crosses, and
# of no others; and nothing is read while nobody looks.
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "$LAB"

# each link of kilobits a second, as "graph --traffic" lists them: NAME THERE BACK
figures() {
	"$H" graph -l "$LAB" --traffic | awk -F': ' '
		function kb(s) {
			return s * (s ~ /Gb/ ? 1e6 : s ~ /Mb/ ? 1e3 : s ~ /kb/ ? 1 : 0.001)
		}
		/b\/s, back / {
			split($2, way, ", back ")
			sub(/,.*/, "", $1)
			print $1, kb(way[1]), kb(way[2])
		}'
}
busy() { # NAME: more than a megabit both ways
	figures | awk -v name="$1" '$1 == name && $2 > 1000 && $3 > 1000 { found = 1 } END { exit !found }'
}
all_busy() {
	busy megaport-mcr/azure-er-circuit-primary && busy megaport-mcr/branch-er-circuit-primary
}
all_quiet() {
	figures | awk '$2 > 1000 || $3 > 1000 { exit 1 }'
}

# protocols and probes alone are little
wait_for 20 all_quiet || fail "too much flows: $(figures)"

# a flood of pings, there and back by both cables
"$H" exec -l "$LAB" az-spk1-lxvm -- ping -q -n -s 1400 -i 0.005 10.100.0.100 >/dev/null &
flow=$!
wait_for 20 all_busy || fail "the flow is not seen: $(figures)"
expect 0 "$H" graph -l "$LAB" --traffic --ascii
has "$out" '\| [0-9.]+Mb/s'
has "$out" '\+-+ [0-9.]+Mb/s -\+' # the box of the one who sends
kill $flow
wait $flow 2>/dev/null
wait_for 20 all_quiet || fail "it is still there: $(figures)"

# between two spokes: none of the cables has a part in it
"$H" exec -l "$LAB" az-hub-lxvm -- ping -q -n -s 1400 -i 0.005 10.0.1.4 >/dev/null &
flow=$!
box() { "$H" graph -l "$LAB" --traffic --ascii | grep -Eq '\+-+ [0-9.]+Mb/s -\+'; }
wait_for 20 box || fail "the flow in the hub is not seen"
all_quiet || fail "it is on links that it does not cross: $(figures)"
kill $flow
wait $flow 2>/dev/null

# what cannot be is said
expect 2 "$H" graph vpner --traffic
has "$err" '--traffic is about a lab that runs'
expect 2 "$H" graph -l "$LAB" --traffic -o dot
has "$err" '--traffic is shown in text only'
