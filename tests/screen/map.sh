#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# View 0 in a terminal: the lab as a map, moving about on it, what a node opens, and a link that is
# cut, with the flow that is lost there.
. tests/support/lab.sh
. tests/support/tmux.sh

expect 0 "$H" up "$ER" --name "$LAB"

open_terminal 80 24
open_screen
keys 0
sees '┌─ az-hub-vnet 10\.0\.0\.0/24 ─' || fail "no map"
sees '▸✓ az-hub-lxvm' || fail "nothing is selected"
shows '✓ az-spk1-lxvm .*✓ az-spk2-lxvm' || fail "the spokes are not beside each other"
shows '\[ ✓ megaport-mcr AS 65001 \]' || fail "no provider"
shows '\[ azure-er-circuit  ✓ primary  ✓ secondary \]' || fail "no circuit"
shows ' ✓ az-hub-lxvm  virtual machine  10\.0\.0\.4' || fail "nothing is said of the selected one"

# across, down and back
keys Right
sees '▸✓ az-hub-ergw' || fail "Right does not go right"
sees ' ✓ az-hub-ergw  ExpressRoute gateway' || fail "the line below does not follow"
shows ' ✓ .*: 4 of 4 BGP sessions up' || fail "nothing is said of its sessions"
keys Up
sees '▸✓ az-spk[12]-lxvm' || fail "Up does not go up"
keys g Left Left
sees '▸✓ az-hub-lxvm' || fail "there is something left of the first one"

# x is about the selected one
keys x
sees '─ az-hub-lxvm ─' || fail "the menu is about something else"
shows 'cut az-hub-lxvm \(virtual machine\)' || fail "it cannot be cut from the map"
keys Escape

# probes flow, and BGP says that it is there: by the second look it is known what links carry
sees '┃ [0-9.]+k?b/s' || fail "nothing flows by any link"
shows '└─+ [0-9.]+k?b/s ─┘' || fail "no network has machines that send"

# Enter opens what fits: routes of a machine, the gateways view of a router
keys Up Enter
sees '10\.0\.[12]\.0/24 +.*VnetLocal|VnetLocal' || fail "no routes of a machine"
keys 0 /provider Enter
sees '▸✓ megaport-mcr' || fail "a filter does not select"
keys Enter
sees '^▸megaport-mcr +✓ 2/2' || fail "the gateways view has another one"
keys 0 Escape

# a link is cut: it is down, its ends say so, and the flow is told with the place where it ends
expect 0 "$H" fault cut -l "$LAB" megaport-mcr/branch-er-circuit-primary
sees '^ +✗ *$' || fail "the link is not down"
sees '✗ megaport-mcr AS 65001' || fail "the router says nothing of its session"
sees ' ✗ megaport-mcr  provider router .*1 of 2 BGP sessions up' || fail "no words"
sees '(Icmp|Http) .* -> .*: no reply; (the answer ends|ends|lost) ' 30 || fail "no flow is drawn"
sees '[▸→ ]× ' 10 || fail "nowhere is the flow lost"
out=$("$H" graph -l "$LAB")
has "$out" '^✗ megaport-mcr/branch-er-circuit-primary, .*: fault 1 cut megaport-mcr/'
has "$out" '^(Icmp|Http) .* -> .*: no reply'
expect 0 "$H" fault clear -l "$LAB" 1
sees_no '✗' 60 || fail "the map does not get well again"
sees '▸✓ megaport-mcr' || fail "the selection went elsewhere"

# what it is made of is also there for small terminals
tm resize-window -x 60 -y 16
sees '▸✓ megaport-mcr' || fail "a smaller window does not show the selected one"
close_screen
