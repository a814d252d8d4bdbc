#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Someone who has never seen it, with the screen alone, key by key: builds a lab and pings across it;
# starts the reference lab, sees why a route is not there, goes two steps on and watches next hops
# change, cuts the circuit and reads how long that took to be known, puts it back, leaves.
# alone: it begins where no lab runs
. tests/support/lab.sh
. tests/support/tmux.sh

# in a recording everything has a name that means something
if [ -n "${RECORD-}" ]; then
	LAB=contoso H=hublab PATH=$PWD/build:$PATH
	export PATH
fi
REFERENCE=$LAB-vpner
mkdir "$HUBLAB_TEMPLATES/$REFERENCE"
sed "s/^lab: vpner/lab: $REFERENCE/" templates/vpner/lab.yaml >"$HUBLAB_TEMPLATES/$REFERENCE/lab.yaml"
cp templates/vpner/README.md "$HUBLAB_TEMPLATES/$REFERENCE"

open_terminal 80 24
keys "$H" Enter
sees 'no lab is shown' || fail "no screen"

# ---- a hub, two spokes, a branch, an NVA ----
# to LABEL: Tab until the cursor is there
to() {
	for _ in $(seq 20); do
		wait_for 1 shows "^[▸✗]$1( |\$)" && return
		keys Tab
	done
	fail "no field $1"
}
keys N
sees '^ A new lab' || fail "no form"
to Name
keys C-u "$LAB"
for what in NVA VPN Branch; do
	to "$what"
	shows "^[▸✗]$what +yes" || keys Space
	sees "^[▸✗]$what +yes" || fail "no $what"
done
keys PgDn Enter
sees "$LAB is up after" 60 || fail "the new lab does not come up"
keys ':ping spoke1-vm1 spoke2-vm1 -c 2' Enter
sees ' 0% packet loss' || fail "no ping from spoke to spoke"
keys Escape ':ping spoke2-vm1 branch-vm -c 2' Enter
sees "^ ?--- branch-vm ping statistics" && sees ' 0% packet loss' || fail "no ping to the branch"
keys Escape 0
sees 'spoke1-vm1 +10\.0\.1\.4' || fail "it is not on the map"
keys :down Enter
sees 'end the lab' || fail "it does not ask"
keys y
sees 'no lab is shown' 20 || fail "the lab is not ended"

# ---- the reference lab ----
keys Escape
sees 'LABS AND TEMPLATES' || fail "no list of labs"
keys "/$REFERENCE" Enter
sees 'azure-er-circuit +MSEEs' || fail "no picture of the reference lab"
keys Enter
sees "$REFERENCE is up after" 60 || fail "the reference lab does not come up"
sees ' 40/40 probes' 60 || fail "not all is well in the reference lab"
keys 1 j
sees '^▸az-spk1-lxvm' || fail "the machine is not selected"

# why there is no route to the other spoke
keys 2
sees 'VNG +Active +10\.100\.0\.0/24 +10\.3\.129\.58' || fail "not by ExpressRoute at first"
shows '^.(Default|VNG|User) .* 10\.0\.2\.0/24' && fail "there is a route to the other spoke"
keys w
sees 'R2\.1 ' || fail "no rules"
keys w
sees 'w rows' || fail "w does not go on"
keys G
sees '10\.0\.2\.0/24' || fail "it is not said why 10.0.2.0/24 is not there"
keys w

# two steps on
step_on() { # NUMBER
	keys t
	sees "▸● $(($1 - 1)) " || fail "not at step $(($1 - 1))"
	keys j Enter
	sees 'do it\?' 20 || fail "it is not asked"
	keys y
	sees "step $1/" 60 || fail "the lab is not at step $1"
	keys Escape
}
step_on 2
sees '2/2 tunnels' 30 || fail "the tunnels are not up"
step_on 3
keys 2 g
sees 'VNG +Active +10\.100\.0\.0/24 +10\.0\.0\.46' 30 || fail "the next hop did not change"

# the circuit is cut, and put back
keys f
sees 'cut' || fail "no list of what can be broken"
keys 'cut azure-er-circuit/primary' Enter
sees 'do it\?' 20 || fail "it is not asked"
keys y
sees ' 1 fault ' || fail "nothing is broken"
keys f
sees 'set: detected [0-9.]+ ms, withdrawn [0-9.]+ ms' 20 || fail "no stopwatch"
keys Enter
sees 'fault clear 1 do it\?' || fail "it is not asked whether to put it back"
keys y
sees '2/2 tunnels' 60 || fail "the tunnels do not come back"
sees ' 40/40 probes' 60 || fail "not all is well again"
keys Escape q
sees '^ready>' || fail "q does not leave"
