#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Acting on a lab from the screen: a link is cut from the menu, with its preview and its stopwatch, a
# preference is set and taken back, a step is gone on; what another screen sees of that, and what one
# that only looks refuses.
. tests/support/lab.sh
. tests/support/tmux.sh

XDG_STATE_HOME=$SCRATCH/state
export XDG_STATE_HOME
cat "$ER" - >"$SCRATCH/lab.yaml" <<'EOF'

  - name: Spoke 2 alone
    set:
      virtual_networks/az-spk2-vnet/peerings/Spoke2-to-Hub/use_remote_gateways: false
    expect:
      - { routes: az-spk2-lxvm, prefix: 10.100.0.0/24, absent: true }
EOF
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"

expect 0 "$H" screen -l "$LAB" --print steps
has "$out" '● 1 ExpressRoute only'

# a second screen, of somebody who only looks
other() { tm send-keys -t other "$@"; }
open_terminal 80 24
tm new-session -d -s other -x 80 -y 24 "XDG_STATE_HOME=$SCRATCH/other exec $H -l $LAB --read-only"
other_shows() { tm capture-pane -p -t other | grep -Eq -- "$1"; }
other_sees() { wait_for "${2:-10}" other_shows "$1"; }
first=$(tm list-sessions -F '#{session_name}:#{session_id}' | sed -n '/^other:/!s/.*://p')
keys() { tm send-keys -t "$first" "$@"; }
now_shown() { tm capture-pane -p -t "$first"; }
open_screen
other_sees 'read-only' || fail "the other screen does not say that it only looks"

# the menu of a router; its cable is cut after a look at what that does
keys 4 G x
sees '^── megaport-mcr' || fail "no menu"
keys 'cut mcr/azure'
sees '▸ cut megaport-mcr/azure-er-circuit-primary \(cable\)' || fail "the menu is not narrowed"
sees "hublab fault -l $LAB cut megaport-mcr/azure-er-circuit-primary" || fail "no command line"
keys Enter
sees 'the session with megaport-mcr ends' || fail "no preview"
sees 'It would change the routes of [1-9]' || fail "no sum"
sees 'fault cut megaport-mcr/azure-er-circuit-primary do it\?' || fail "it is not asked"
keys n
sees '^▸megaport-mcr' || fail "n does not go back"
expect 0 "$H" fault -l "$LAB" ls
has "$out" 'no fault is on'
keys x 'cut mcr/azure' Enter
sees 'do it\?' || fail "it is not asked again"
keys y
sees 'done, f has its stopwatch and clears it: fault cut ' || fail "it was not done"
sees ' 1 fault ' || fail "no fault in the header"
other_sees ' 1 fault ' || fail "the other screen has no fault in its header"
other_sees 'fault 1' || fail "the other screen is not told"

# the stopwatch, and the end of it
keys f
sees 'clear: cut megaport-mcr/azure-er-circuit-primary' || fail "the fault is not listed"
sees 'set: detected [0-9.]+ ms, withdrawn [0-9.]+ ms' || fail "no stopwatch"
keys Enter
sees 'fault clear 1 do it\?' || fail "clearing is not asked for"
keys y
sees 'done: fault clear 1' || fail "it was not cleared"
sees_no ' 1 fault ' || fail "the header still has a fault"
sees '10/10 BGP +24/24 probes' 30 || fail "the lab does not get well again"
keys f
sees 'over: cut megaport-mcr' || fail "the fault that is over is not listed"
keys Escape

# a value is set by the menu, seen by the other, and taken back by a key
keys 1 g j x 'use_rem' Enter
sees 'It would change the routes of [1-9]' || fail "no preview of a flag"
sees 'do it\?' || fail "it is not asked"
keys y
sees 'done, u takes it back: set virtual_networks/az-spk1' || fail "it was not set"
sees '\+1 change' || fail "the header has no change"
other_sees 'use_remote_gateways: true -> fals' || fail "the other screen is not told of the change"
other_sees '\+1 change' || fail "nor in its header"
keys u
sees 'undo do it\?' || fail "undo is not asked for"
keys y
sees 'done: undo' || fail "it was not taken back"
sees_no '\+1 change' || fail "the header still has a change"

# steps: their text, verdicts as they come, and on to the next
keys t
sees '▸● 1 ExpressRoute only' || fail "no steps"
sees ' 15 pass$' 60 || fail "not all expectations pass"
for _ in 1 2 3; do # a screen that looks is in nobody's way
	expect 0 "$H" test -l "$LAB"
	has "$out" '^15 passed, 0 failed, 0 unknown'
done
sees ' 15 pass$' 60 || fail "the screen lost its verdicts"
keys j
sees 'Spoke2-to-Hub/use_remote_gateways: false' || fail "no text of the step"
sees 'expects \{ routes: az-spk2-lxvm' || fail "no expectations of the step"
keys Enter
sees 'It would change the routes of [1-9]' || fail "no preview of the step"
sees 'do it\?' || fail "it is not asked"
keys y
sees 'done, t has all steps: step 2' || fail "the step was not gone"
sees '● 2 Spoke 2 alone' || fail "the lab is not at step 2"
other_sees 'step 2/2' || fail "the other screen is at another step"
other_sees 'step 2: Spoke 2 alone' || fail "and is not told"
sees '✓ routes of az-spk2-lxvm: 10\.100\.0\.0/24 absent' 60 || fail "no verdict on the step"
keys Escape

# who only looks: no key, no menu and no command changes anything
other x
other_sees 'ping from it' || fail "no menu for who only looks"
other_shows 'cut |set ' && fail "changes are offered to who only looks"
other Escape s
other_sees 'a shell may change something' || fail "a shell for who only looks"
other ':set timers azure' Enter
other_sees "'set' changes something: this screen only looks" || fail "set by who only looks"
other ':fault cut megaport-mcr' Enter
other_sees "'fault' changes something" || fail "a fault by who only looks"
other Escape ':down' Enter y
other_sees "'down' changes something" || fail "the end by who only looks"
other ':fault ls' Enter
other_sees 'ended with 0' || fail "what only looks is refused"
expect 0 "$H" changes -l "$LAB" -o tsv
[ -z "$out" ] || fail "something was changed: $out"

# paths are completed, and what was typed is there the next time, for its user only
keys ':set prov' Tab 'meg' Tab 'links/1/del' Tab '20'
sees ':set providers/megaport-mcr/links/1/delay_ms 20' || fail "no completion of a path"
keys Enter
sees 'ended with 0' 30 || fail "it was not set"
keys Escape ':whatif connections/azure-er-circuit-conn-az-hub/shared_key sesame' Enter
sees 'ended with [0-9]' || fail "whatif of a key did not end"
keys Escape q
sees '^ready>' || fail "q does not leave"
grep -q sesame "$XDG_STATE_HOME/hublab/history" && fail "a key is in the history"
[ "$(stat -c %a "$XDG_STATE_HOME/hublab/history")" = 600 ] || fail "others may read the history"
keys "$H -l $LAB" Enter
sees 'ADDRESS +PROBES' || fail "no screen again"
keys : Up
sees ':set providers/megaport-mcr/links/1/delay_ms 20' || fail "the history is gone"
keys Up
sees ':step 2' || fail "what the menu ran is not in the history"
keys Escape
is_right || fail "the terminal shows something else"
keys q
sees '^ready>' || fail "q does not leave"

# a history that has grown too long is begun anew with the latest
awk 'BEGIN { for (i = 1; i <= 4000; i++) print "routes az-hub-lxvm " i }' >>"$XDG_STATE_HOME/hublab/history"
keys clear Enter "$H -l $LAB" Enter
sees 'ADDRESS +PROBES' || fail "no screen with a long history"
keys : Up
sees ':routes az-hub-lxvm 4000' || fail "the latest is not in the history"
[ "$(wc -l <"$XDG_STATE_HOME/hublab/history")" -le 100 ] || fail "the history stays too long"
keys Escape q
sees '^ready>' || fail "q does not leave"
