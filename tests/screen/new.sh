#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The questions of `hublab new`, as someone answers them on a terminal.
. tests/support/lab.sh
. tests/support/tmux.sh

cd "$SCRATCH/cwd" || exit
open_terminal 100 30

# asked PATTERN ANSWER: the last line is this question; then type
asked() {
	wait_for 10 asks_now "$1" || fail "it does not ask '$1'"
	keys -l "$2"
	keys Enter
}
asks_now() { now_shown | grep . | tail -n 1 | grep -Eq -- "$1 ?$"; }

# Enter all the way, but for a branch; what is bad is said, and asked again
keys "$H new" Enter
asked '^Name of the lab \[hub-and-spoke\]:' 'two words'
sees "^  'two words' cannot be a name: Names are" || fail "a bad name was taken"
asked '^Name of the lab \[hub-and-spoke\]:' two
asked '^Azure region \[westus3\]:' ''
asked '^Address space of the hub \[10.0.0.0/24\]:' 10.1.0.7/24
sees '^  10.1.0.7/24 has bits set behind its length: the network is 10.1.0.0/24$' || fail "a bad hub"
asked '^Address space of the hub \[10.0.0.0/24\]:' ' 10.1.0.0/24 '
asked '^Spokes: how many, or their address spaces \[2\]:' ''
asked '^VMs in each spoke \[1\]:' 2
asked '^An NVA in the hub, through which spokes reach each other \[no\]:' perhaps
sees "^  yes or no, not 'perhaps'$" || fail "perhaps was taken"
asked '^An NVA in the hub, through which spokes reach each other \[no\]:' Y
asked '^ExpressRoute: a gateway, a circuit, a provider \[no\]:' ''
asked '^VPN: an active-active gateway with BGP \[no\]:' y
asked '^A Route Server in the hub, which the NVA and gateways speak BGP with \[no\]:' ''
asked '^A branch on-premises, at the other end \[no\]:' yes
asked '^Address space of the branch \[10.100.0.0/24\]:' 10.1.2.0/24
sees "^  10.1.2.0/24 overlaps spoke2's address space, 10.1.2.0/24$" || fail "an overlap was taken"
asked '^Address space of the branch \[10.100.0.0/24\]:' ''
sees '^two.yaml is written. Build it with$' || fail "it is not said what was written"
sees '^  hublab up two.yaml$' || fail "it is not said what is next"
wait_for 10 asks_now 'ready>' || fail "it does not end"
expect 0 "$H" check two.yaml
has "$out" "lab 'two' is valid: 4 virtual networks, 8 VMs"
"$H" new --name two --hub 10.1.0.0/24 --vms 2 --nva --vpn --branch - | cmp - two.yaml ||
	fail "options write another file than answers"

# a name whose file is there is refused at once; Ctrl-C, and an end of input, write nothing
for leave in C-c C-d; do
	tm clear-history
	keys clear Enter
	keys "$H new" Enter
	asked '^Name of the lab .*:' two
	sees '^  two.yaml exists: --force overwrites it$' || fail "two.yaml was not missed"
	asked '^Name of the lab .*:' three
	asked '^Azure region .*:' ''
	wait_for 10 asks_now '^Address space of the hub .*:' || fail "it does not ask on"
	keys $leave
	wait_for 10 asks_now 'ready>' || fail "$leave does not leave"
	[ ! -e three.yaml ] || fail "$leave wrote a file"
done
sees '^hublab: nothing was written$' || fail "it is not said that nothing was written"

# the questions are not part of the file
keys "$H new - >four.yaml" Enter
for _ in 1 2 3 4 5 6 7 8; do
	asked '\]:' ''
done
wait_for 10 asks_now 'ready>' || fail "it does not end"
"$H" new - </dev/null | cmp - four.yaml || fail "four.yaml is another file"

# with an option that says what is wanted nothing is asked
keys "clear; $H new --name five" Enter
sees '^  hublab up five.yaml$' || fail "it asks"
