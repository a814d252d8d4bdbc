#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# View 4 in a terminal: who speaks BGP, what the selected one learned and tells, and what becomes of
# that when a link is cut.
. tests/support/lab.sh
. tests/support/tmux.sh

expect 0 "$H" up "$ER" --name "$LAB"

open_terminal 80 24
open_screen
keys 4
sees '^▸az-hub-ergw +✓ 4/4' || fail "no gateways"
sees 'az-hub-ergw  ExpressRoute gateway  AS 65515' || fail "no detail"
sees '✓ azure-er-circuit-primary +2 ' || fail "no peer"
shows '✓ azure-er-circuit primary +megaport-mcr' || fail "no circuit"
shows '⊘ azure-er-circuit secondary no provider' || fail "no second link"
shows '● 10\.100\.0\.0/24 10\.0\.0\.40 12076-65001-12076' || fail "nothing learned"

# what the selected peer is told, and the next one
sees 'TOLD TO azure-er-circuit-primary' || fail "nothing is told"
sees '  10\.0\.2\.0/24 10\.0\.0\.44 65515' || fail "its daemon does not say what it tells"
keys a
sees 'TOLD TO azure-er-circuit-secondary' || fail "a does not go to the next peer"
sees '  10\.0\.2\.0/24 10\.0\.0\.44 65515' || fail "the next one is told nothing"

# a link is cut: the session is lost with its last words, and what was learned by it goes
keys G
sees '^▸megaport-mcr +✓ 2/2' || fail "the router is not selected"
sees '● 10\.100\.0\.0/24 169\.254\.98\.66' || fail "the router knows nothing"
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 down
sees '^▸megaport-mcr +✗ 1/2' 5 || fail "the list does not follow"
sees '✗ branch-er-circuit-primary +- ' 5 || fail "the session stays"
sees '  lost: ' 5 || fail "no last words"
sees_no '10\.100\.0\.0/24 169' 5 || fail "what was learned stays"
keys /branch Enter
sees '✗ branch-er-circuit primary +no session' || fail "the circuit does not say that its link is down"
expect 0 "$H" exec -l "$LAB" megaport-mcr -- ip link set link1 up
sees '✓ branch-er-circuit primary +megaport-mcr' 30 || fail "the link does not come back"

# all of one on a page of its own, and back
keys Escape g Enter
sees '^PEER +ADDRESS +AS +ROUTES FOR' || fail "Enter does not open it"
sees '✓ azure-er-circuit-primary +10\.0\.0\.40 +12076 +2 ' || fail "no addresses"
keys Escape
sees '^▸az-hub-ergw' || fail "Esc does not go back"
sees '10/10 BGP +24/24 probes' 30 || fail "the lab does not get well again"
close_screen
