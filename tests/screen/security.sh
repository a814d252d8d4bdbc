#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# View 3 in a terminal: flows come as they are decided, the form asks key by key, and its verdict
# follows the lab.
. tests/support/lab.sh
. tests/support/tmux.sh

sed "s/^lab: set-d/lab: $LAB/" "$TOP/tests/golden/nsg/set_d.yaml" >"$SCRATCH/lab.yaml"
echo 'probes: [ { from: myVM, to: bastion, protocol: Icmp } ]' >>"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --step D1

open_terminal 80 24
open_screen
keys 3
sees 'mySubnet-nsg at the subnet myVNet/mySubnet' || fail "no rules"
sees '✓ Allow Out Icmp 10\.0\.0\.4 +10\.0\.1\.5 ' || fail "no flow of the probe"

# what is denied is seen, with what denied it
"$H" curl -l "$LAB" bastion --max-time 1 http://10.0.0.4:3389 >/dev/null 2>&1
sees '⊘ Deny  In  Tcp  10\.0\.1\.5:[0-9*]+ +10\.0\.0\.4:3389 +DenyVnetInBo' || fail "no denied flow"
keys / deny Enter
sees "only rows with 'deny'" || fail "no filter"
sees_no '✓ Allow Out' || fail "the filter hides nothing"
keys w
sees 'what the flow met' || fail "no layers"
sees '✓ Allow   (avnm|admin) sec-admin: VirtualNetwork \(100\)' || fail "not the admin rule"
sees '⊘ Deny    nic myVM-nsg: DenyVnetInBound \(1000\)' || fail "not the rule of the NIC"

# the same packet in the form, then another, and one that is none
keys i
sees '>10\.0\.1\.5:' || fail "the form does not begin with the flow"
sees '⊘ Deny    nic myVM-nsg: DenyVnetInBound \(1000\)' || fail "no verdict"
keys C-u 'bastion:x'
sees "'x' is no port" || fail "no refusal"
keys C-u bastion
sees '⊘ Deny    nic myVM-nsg: DenyVnetInBound' || fail "no verdict on a machine's name"
expect 0 "$H" step -l "$LAB" D2
sees '✓ Allow   nic myVM-nsg: AllowBastionConnections \(900\)' || fail "the verdict does not follow"
keys Tab o
sees 'direction>Outbound' || fail "the direction is not chosen"
keys Tab Tab C-u Escape
sees '── rules' || fail "the form does not end"

# all rules, and the next machine
keys Escape Enter
sees 'w flows' || fail "Enter does not show the rules"
sees 'AllowBastionConnections' || fail "not the rules of this step"
keys Escape l
sees '^ bastion-nic ' || fail "no next machine"
keys Escape q
sees '^ready>' || fail "q does not leave"
