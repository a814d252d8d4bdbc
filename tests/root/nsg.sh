#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hublab nsg on a lab that runs: effective rules, verdicts, and both beside files of az (NW-01, NW-08).
. tests/support/lab.sh

sed "s/^lab: set-d/lab: $LAB/" tests/golden/nsg/set_d.yaml >"$SCRATCH/lab.yaml"
echo 'probes: [ { from: myVM, to: bastion, protocol: Icmp } ]' >>"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --step D1

# rules: for people, for programs, and none
expect 0 "$H" nsg -l "$LAB" myVM
has "$out" '^sec-admin at the virtual network myVNet$'
has "$out" '^ 1000 DenyVnetInBound +Deny +\* VirtualNetwork -> \*$'
[ "$(printf '%s\n' "$out" | awk '{ if (length > 80) print }')" = "" ] || fail "lines over 80 columns"
expect 0 "$H" nsg -l "$LAB" myVM-nic -o tsv
has "$out" '^nic	myVM-nsg	Inbound	1000	DenyVnetInBound	Deny	'
expect 0 "$H" nsg -l "$LAB" myVM -o json
has "$out" '"name": "securityRules/DenyVnetInBound"'
lacks "$out" 'sec-admin'
printf '%s\n' "$out" >"$SCRATCH/az.json"
expect 0 "$H" nsg -l "$LAB" bastion
has "$out" 'sec-admin'
expect 1 "$H" nsg -l "$LAB" bastion -o json
has "$err" 'no network security group stands at bastion-nic .*NW-08'

# one packet; the exit code is 0 whatever becomes of it
expect 0 "$H" nsg -l "$LAB" myVM in tcp :3389 bastion
has "$out" '^Deny +securityRules/DenyVnetInBound$'
has "$out" '^Allow +avnm sec-admin: VirtualNetwork \(100\)$'
expect 0 "$H" nsg -l "$LAB" myVM in tcp :3389 bastion -o tsv
[ "$out" = "Deny	securityRules/DenyVnetInBound" ] || fail "not one row: $out"
expect 0 "$H" nsg -l "$LAB" myVM in tcp '*:3389' bastion --diagnostic
has "$out" '"ruleName": "UserRule_DenyVnetInBound"'
expect 0 "$H" nsg -l "$LAB" myVM out icmp bastion --why
has "$out" '^Allow +defaultSecurityRules/AllowVnetOutBound$'

# what is no question
expect 1 "$H" nsg -l "$LAB" nobody
expect 2 "$H" nsg -l "$LAB" myVM in
expect 2 "$H" nsg -l "$LAB" myVM in tpc :80 bastion
has "$err" "'tpc' is no protocol"
expect 2 "$H" nsg -l "$LAB" myVM in tcp 10.0.0.9:80 bastion
has "$err" '10.0.0.9 is no address of myVM-nic'
expect 2 "$H" nsg -l "$LAB" myVM in tcp '*:80 x' bastion
expect 2 "$H" nsg -l "$LAB" myVM --why
expect 2 "$H" nsg -l "$LAB" myVM --compare "$SCRATCH/az.json" -o tsv
expect 2 "$H" nsg -l "$LAB" myVM in icmp bastion --compare "$SCRATCH/az.json"

# beside az: equal, then another rule, and files that are none
expect 0 "$H" nsg -l "$LAB" myVM --compare "$SCRATCH/az.json"
[ -z "$out" ] || fail "differences to itself: $out"
expect 1 "$H" nsg -l "$LAB" myVM --compare "$SCRATCH/missing.json"
echo '{ "value": [ {} ] }' >"$SCRATCH/wrong.json"
expect 3 "$H" nsg -l "$LAB" myVM --compare "$SCRATCH/wrong.json"
has "$err" 'wrong.json: value\[0\]\.association has neither'
expect 0 "$H" step -l "$LAB" D2
expect 4 "$H" nsg -l "$LAB" myVM --compare "$SCRATCH/az.json"
has "$out" 'nic myVM-nsg: Inbound AllowBastionConnections 900 Allow'

# a rule that comes by a step decides at once
expect 0 "$H" nsg -l "$LAB" myVM in tcp :3389 bastion
has "$out" '^Allow +securityRules/AllowBastionConnections$'
