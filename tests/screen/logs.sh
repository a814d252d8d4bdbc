#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Views 8 and 9 in terminals: two screens see each other's changes as commands, with their lines of
# az and ip, and what daemons write comes as it is written.
. tests/support/lab.sh
. tests/support/tmux.sh

expect 0 "$H" up templates/branch-frr/lab.yaml --name "$LAB"
XDG_STATE_HOME=$SCRATCH/state
export XDG_STATE_HOME

open_terminal 120 40
tm set -s set-clipboard on
open_screen
keys 8
sees "✓ .* hublab up --name $LAB --step 1 .*branch-frr/" || fail "the lab's beginning is no command"

# a second screen, in a window of its own, changes the lab; the first one sees it
tm new-window "$H -l $LAB"
sees 'ADDRESS +PROBES' || fail "no second screen"
keys ':set virtual_networks/hub/peerings/hub-to-spoke/allow_forwarded_traffic true' Enter
sees 'ended with 0' 30 || fail "the change fails"
tm select-window -t 0
sees "hublab set -l $LAB virtual_networks/hub/peerings/hub-to-spoke/allow_forw" ||
	fail "another screen's change is not seen"
"$H" history -l "$LAB" -o tsv | grep -q ', screen.*hublab set' || fail "it is not said that a screen made it"
keys Enter
sees '^ in Azure' || fail "no lines of az"
sees 'az network vnet peering update --resource-group branch-frr --vnet-name hub --name' ||
	fail "not the line of az"
keys Escape

# and the other way round: from a command line, with what it does to the machine
expect 0 "$H" fault -l "$LAB" cut hub-vm
sees "hublab fault -l $LAB cut hub-vm" || fail "the fault is no command"
keys Enter
sees "ip -n hub-vm link set eth0 down" || fail "not the line of ip"
keys Escape
tm select-window -t 1
keys 8
sees "▸.*hublab fault -l $LAB cut hub-vm" || fail "the second screen does not see it"
keys ':fault clear' Enter
sees 'fault 1 is cleared' 30 || fail "the fault is not cleared"
keys q
tm select-window -t 0
sees "hublab fault -l $LAB clear" || fail "clearing is no command"
expect 0 "$H" history -l "$LAB" -o tsv
has "$out" "	done	.*	hublab fault -l $LAB clear"
expect 0 "$H" history -l "$LAB" 2
has "$out" '^    az network vnet peering update '
expect 2 "$H" history -l "$LAB" two
has "$err" "'two' is not the number of a change"
# what is refused changes nothing
"$H" set -l "$LAB" no/such/path 1 2>/dev/null && fail "a wrong path is taken"
expect 0 "$H" history -l "$LAB"
lacks "$out" 'no/such/path'

# c copies the command line, to the terminal's clipboard and into a file
keys G c
sees 'copied 1 line to the terminal.s clipboard \(OSC 52\) and .*state/hublab/copied' || fail "no word of a copy"
[ "$(cat "$SCRATCH/state/hublab/copied")" = "hublab fault -l $LAB clear" ] || fail "the file has something else"
wait_for 5 sh -c "tmux -S '$SCRATCH/tmux' show-buffer | grep -qx 'hublab fault -l $LAB clear'" ||
	fail "the clipboard has something else"

# logs: those of BIRD and of each program of FRR, and what is written as it is written
keys 9
sees '^▸✓ hub-ergw-0 +bird' || fail "no logs"
sees 'bgpd@branch +bgpd' || fail "no log of FRR"
sees '│ .*<TRACE> b_circuit_primary' || fail "no lines"
keys '/isp' Enter
sees '^▸✓ isp +bird' || fail "the filter finds no log"
keys Enter
sees 'followed' || fail "the log is not followed"
expect 0 "$H" fault -l "$LAB" cut isp/circuit-primary
sees 'b_circuit_primary: .*([Ll]ink|down)' || fail "what it writes is not seen"
keys '/State changed' Enter
sees "only rows with 'State changed', [0-9]+ of [0-9]+" || fail "the filter is not for the lines"
expect 0 "$H" fault -l "$LAB" clear
expect 0 "$H" logs -l "$LAB" isp
has "$out" '<TRACE> b_circuit_primary: '
expect 0 "$H" logs -l "$LAB" -o tsv
has "$out" '^zebra@branch	branch	zebra	up	'
expect 1 "$H" logs -l "$LAB" nobody
has "$err" "nothing writes a log as 'nobody'"
expect 2 "$H" logs -l "$LAB" -f
has "$err" '--follow needs the name of a log'

# frozen: lines come, the screen stays; then it has them
keys Escape Escape
keys Enter
sees followed || fail "it does not open again"
keys Space
sees 'FROZEN at [0-9:]+: Space goes on' || fail "no badge"
expect 0 "$H" exec -l "$LAB" isp -- ip link set link1 down
has_said() { "$H" events -l "$LAB" | grep -q 'isp: session with branch .* lost'; }
wait_for 20 has_said || fail "the session does not go"
shows 'b_branch: .*Link' && fail "it is not frozen"
keys Space
sees 'b_branch: ' || fail "what came meanwhile is not shown"
sees_no FROZEN || fail "the badge stays"
expect 0 "$H" exec -l "$LAB" isp -- ip link set link1 up
close_screen
