#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole session at the screen, as a new user has it at 80x24: start a lab from the chooser, look,
# cut a link, see what changed, leave.
# alone: it measures milliseconds
. tests/support/lab.sh
. tests/support/tmux.sh

# a template whose file is wrong, and the reference lab under this test's name
mkdir "$HUBLAB_TEMPLATES/faulty" "$HUBLAB_TEMPLATES/$LAB"
printf '# One that has a mistake.\nlab: faulty\nvirtual_networks:\n  hub: { address_prefixes: 10.0.0.300/24 }\n' \
	>"$HUBLAB_TEMPLATES/faulty/lab.yaml"
sed "s/^lab: vpner/lab: $LAB/" "$ER" >"$HUBLAB_TEMPLATES/$LAB/lab.yaml"
cp templates/vpner/README.md "$HUBLAB_TEMPLATES/$LAB"

open_terminal 80 24
keys "$H" Enter
sees 'LABS AND TEMPLATES' || fail "no chooser"
sees 'no lab is shown' || fail "the header does not say that there is no lab"

# an error in a lab file has its line and a caret
keys /faulty Enter Enter
sees '4:[0-9]+: error:' || fail "no error of the lab file"
sees '\^' || fail "no caret"
keys Escape Escape
sees_no 'error:' || fail "the error stays"

# a lab comes up, stage by stage, and is shown
keys "/$LAB" Enter
sees 'azure-er-circuit +MSEEs' || fail "no picture"
keys Enter
sees "up $LAB +runs, " || fail "no progress"
keys ':ls' Enter
sees "'up $LAB' goes on: nothing else before its end" || fail "another command ends it"
sees "$LAB is up after" 30 || fail "it did not come up"
sees '10/10 BGP +24/24 probes' || fail "the header lacks its numbers"
keys j
sees '^▸az-spk1-lxvm' || fail "the selection did not move"
sees 'az-spk1-lxvm-nic' || fail "the routes are not those of the selected"
sees '10.100.0.0/24 +10.3.129.58' || fail "no route from the gateway"

# a command from the palette, completed; what it prints
keys ':exec meg' Tab
sees ':exec megaport-mcr' || fail "no completion"
keys -- '-- ip -br link' Enter
sees 'ended with 0' || fail "the command did not end"
sees 'link1 +UP' || fail "no output"
keys Escape
sees 'probes from az-spk1-lxvm' || fail "Esc does not go back"

# a route change and a probe change are on the screen within a second
start=$(ms_now)
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 down
sees_no 'VNG +10\.100\.0\.0/24' 5 || fail "the route stays on the screen"
routes_ms=$(($(ms_now) - start))
sees '✗ (ping|http) ' 5 || fail "the probe stays green on the screen"
probe_ms=$(($(ms_now) - start))
echo "on the screen after $routes_ms ms (route) and $probe_ms ms (probe)"
[ $routes_ms -le $((1000 * SLOW)) ] || fail "a route change took $routes_ms ms to the screen"
[ $probe_ms -le $((1000 * SLOW)) ] || fail "a probe change took $probe_ms ms to the screen"
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 up
sees 'VNG +10\.100\.0\.0/24' 30 || fail "the route does not come back"
sees '\*VNG ' || fail "the row is not marked as changed"
sees '24/24 probes' 30 || fail "not green again"

# why a route is there, and why another is not
keys 1 g j Enter
sees 'az-spk1-lxvm-nic  effective routes' || fail "Enter does not open the routes"
keys /VirtualNetworkGateway Enter w
sees 'why 10\.100\.0\.' || fail "no reasons of a route"
sees 'R2\.8  az-hub-ergw has learned it' || fail "no rule"
keys w Escape Escape Enter G
sees '10\.0\.2\.0/24 is not here: az-spk2-vnet is not peered' || fail "no word of what is not there"
keys Escape l
sees 'az-spk2-lxvm-nic  effective routes' || fail "no routes of the next machine"
keys Escape
sees 'ADDRESS +PROBES' || fail "Esc does not go back"

# the other views
keys 5
sees '^ FROM +TO +PROBE' || fail "no probes"
keys Enter
sees 'predicted +reply' || fail "no detail of a probe"
keys Escape 7 G
sees 'routes +(added|removed|changed) ' || fail "no events"
keys 9
sees 'hub-ergw-0 +bird' || fail "no logs"
keys Tab
sees ' az-hub-vnet 10\.0\.0\.0/24 ' || fail "Tab does not go round"
keys Tab
sees 'ADDRESS +PROBES' || fail "Tab does not go on from the map"
keys /hub Enter
sees "only rows with 'hub'" || fail "no filter"
sees_no 'az-spk1-lxvm +10' || fail "the filter hides nothing"
keys Escape
sees 'az-spk1-lxvm +10' || fail "Esc does not show all"

# the shell of the machine has the whole terminal, and gives it back
keys g s
has_left() { [ "$(tm display-message -p '#{alternate_on}')" = 0 ]; }
wait_for 10 has_left || fail "no shell"
keys 'hostname -I' Enter
sees '10\.0\.0\.4 *$' || fail "not the shell of the selected machine"
keys exit Enter
sees '▸az-hub-lxvm' || fail "the screen did not come back"
is_right || fail "the screen is not what was meant, after a shell"

# the end of the lab, asked for twice
keys Escape 1 ':down' Enter
sees 'end the lab, for all who use it' || fail "down is not asked for"
keys n
"$H" ls -o tsv | grep -q "^$LAB" || fail "n ended the lab"
keys ':down' Enter
sees 'y yes' || fail "down is not asked for"
keys y
sees 'no lab is shown' || fail "the lab is still shown"
keys Escape
sees 'LABS AND TEMPLATES' || fail "no chooser after the end"
has_ended() { ! "$H" ls -o tsv | grep -q "^$LAB"; }
wait_for 10 has_ended || fail "the lab still runs"
keys q
sees '^ready>' || fail "q does not leave"
