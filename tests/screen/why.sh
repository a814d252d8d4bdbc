#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# View 6 in a terminal: a flow that works, what becomes of it when it is broken by a fault and by a
# change, and its mend, made from the screen; the matrix, and what a change would change.
. tests/support/lab.sh
. tests/support/tmux.sh

cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/24
    subnets: { s: { address_prefix: 10.0.0.0/27, network_security_group: nsg } }
    peerings: { one: one, two: two }
  one:
    address_prefixes: 10.1.0.0/24
    subnets: { s: 10.1.0.0/27 }
    peerings: { hub: hub }
  two:
    address_prefixes: 10.2.0.0/24
    subnets: { s: 10.2.0.0/27 }
    peerings: { hub: hub }
vms: { hub-vm: hub/s, one-vm: one/s, two-vm: two/s }
network_security_groups:
  nsg:
    security_rules:
      ssh: 110 Inbound Allow Tcp *:* -> *:22
E
expect 0 "$H" up "$SCRATCH/lab.yaml"
RULE=network_security_groups/nsg/security_rules/no-one
DENY="100 Inbound Deny * 10.1.0.0/24:* -> *:*"

open_terminal 80 24
open_screen

# asked from the machine, with names completed: both ways, what is seen, and the end
keys /one-vm Enter w
sees '^:why one-vm' || fail "w does not ask where to"
keys hub Tab
sees '^:why one-vm hub-vm *$' || fail "no completion"
keys Enter
sees '^ ✓ one-vm → hub-vm  icmp  works' || fail "it does not say that it works"
sees 'THERE +BACK' || fail "no picture"
sees '▼ 10\.0\.0\.0/24 VNetPeering +▲ 10\.1\.0\.0/24 VNetPeering' || fail "not both ways"
sees 'A packet sent now got a reply, ttl 64' || fail "no packet"
sees 'The kernel agrees at 4 of 4 places' || fail "no kernels"
sees '✓ kernel: ' || fail "no kernel beside its place"

# a fault is no change of the model: what is seen says otherwise, and then again not
expect 0 "$H" fault -l "$LAB" drop hub-vm
sees '^.✗ one-vm → hub-vm  icmp  should work, and does not' || fail "the fault is not seen"
sees ': should work, and does not; before: works' || fail "the change is not told"
sees 'But: A packet sent now got no reply' || fail "it does not say what is seen"
expect 0 "$H" fault -l "$LAB" clear
sees '^.✓ one-vm → hub-vm  icmp  works' || fail "the end of the fault is not seen"

# a rule that denies it: where, why, and what mends it
expect 0 "$H" set -l "$LAB" "$RULE" "$DENY"
sees '^.⊘ one-vm → hub-vm  icmp  does not work' || fail "the verdict stays"
sees '✗ here it stops' || fail "the picture stays"
sees "The cause: the rule 'no-one' denies it" || fail "no cause"
sees "^ +set $RULE null" || fail "no mend"

# what the mend would change, before it is made
keys i
sees "^:whatif $RULE null" || fail "i does not ask what the mend changes"
keys Enter
sees 'It would change the routes of 0 NICs and 2 flows' || fail "no outcome"
sees 'one-vm -> hub-vm Icmp' || fail "no flow"
keys x
sees "^:whatif --apply $RULE null" || fail "x does not offer to make it"
keys Escape
sees_no '^:whatif' || fail "Esc does not leave the line"
keys Escape
sees '^.⊘ one-vm → hub-vm' || fail "Esc does not go back to the flow"
[ "$("$H" changes -l "$LAB" -o tsv | wc -l)" = 1 ] || fail "something was changed"

# and made
sees "The cause: the rule 'no-one' denies it" || fail "no cause when it is seen again"
keys x
sees "^:set $RULE null" || fail "x does not offer the mend"
keys Enter
sees 'ended with 0' 20 || fail "the mend is refused"
keys Escape
sees '^.✓ one-vm → hub-vm  icmp  works' || fail "it does not work again"
sees ': works; before: ' || fail "the change is not told"

# another question; one that is none says why, and Esc goes back to where it was asked
keys e
sees '^:why one-vm hub-vm icmp' || fail "e does not edit the question"
keys C-u 'why one-vm nobody' Enter
sees "no virtual machine or NIC 'nobody'" || fail "no refusal"
keys e C-u 'why one-vm hub-vm tcp:22' Enter
sees 'one-vm → hub-vm  tcp:22  works' || fail "no other question"
keys e C-u 'why one-vm two-vm' Enter
sees '⊘ one-vm → two-vm  icmp  does not work' || fail "no question after one that works"
shows 'before:' && fail "the verdict on another flow is told as news"
keys Escape
sees '^▸one-vm' || fail "Esc does not go back to the machines"
keys Escape

# from a probe, and back
keys 5 g w
sees 'hub-vm → one-vm  icmp  works' || fail "w does not ask about a probe"
keys Escape
sees 'LATELY' || fail "Esc does not go back to the probes"

# the probes as a matrix, which follows the lab
keys m
sees "the lab's probes +⊘ 2 +✓ 4" || fail "no matrix of the probes"
sees '^▸hub-vm +✓ +✓' || fail "no row"
expect 0 "$H" fault -l "$LAB" drop two-vm
sees "the lab's probes +✗ 2 " || fail "the matrix does not follow"
keys n
sees 'hub-vm → two-vm  ✗ ping: no reply within 250 ms; fault 2 is on; predicted' || fail "n does not find it"

# all pairs, asked of the lab
keys M
sees 'all pairs, icmp, at [0-9:]+ +✗ 2 +⊘ 2 +✓ 2' || fail "no mesh"
sees 'hub-vm → two-vm  ✗ no reply, asked 3 times; predicted: a reply' || fail "no sentence"
keys Enter
sees 'hub-vm → two-vm  icmp  should work, and does not' || fail "Enter does not ask about the pair"
keys Escape
sees 'all pairs, icmp' || fail "Esc does not go back to the matrix"
expect 0 "$H" fault -l "$LAB" clear
keys ':mesh tcp:22' Enter
sees 'all pairs, tcp:22, at [0-9:]+ +⊘ 2 +✓ 4' || fail "no mesh of tcp:22"
keys ':mesh udp:1' Enter
sees 'all pairs, udp:1, at' || fail "no mesh of udp:1"
keys m
sees 'LATELY' || fail "m does not go back to the list"

# a change that is asked about is made with one key and Enter
keys ":whatif $RULE '$DENY'" Enter
sees 'It would change the routes of 0 NICs and 2 flows' || fail "no outcome of a change"
keys x Enter
sees 'Exactly this changed' 20 || fail "it is not made"
keys Escape ':why one-vm hub-vm http' Enter
sees '⊘ one-vm → hub-vm  http  does not work' || fail "the change is not there"

close_screen
