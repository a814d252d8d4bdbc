#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Someone new builds a lab on the screen alone: the form of a new lab, then a VM and an NSG rule, with
# the difference before each; and the editor. Comments of the file stay.
# alone: it begins where no lab runs
. tests/support/lab.sh
. tests/support/tmux.sh

FILE=$SCRATCH/cwd/$LAB.yaml

# field LABEL: the keys go there
field() {
	for _ in $(seq 20); do
		shows "^[▸✗]$1( |\$)" && at "$1" && return
		keys Tab
	done
	fail "no field $1"
}
# The cursor, or for a choice the mark of what can be chosen, is in its line.
at() {
	wait_for 2 at_now "$1"
}
at_now() {
	row=$(tm display-message -p '#{cursor_y}')
	now_shown | grep -nE "^▸$1( |\$)" >/dev/null && return
	now_shown | sed -n "$((row + 1))p" | grep -Eq "^[▸✗]$1( |\$)"
}
retype() { # LABEL TEXT
	field "$1"
	keys C-u
	keys -l "$2"
}
choose() { # LABEL VALUE
	field "$1"
	for _ in $(seq 20); do
		shows "^[▸✗]$1 +$2( |\$)" && return
		before=$(now_shown | grep -E "^[▸✗]$1 ")
		keys Space
		wait_for 2 moved_on "$1" || break
	done
	fail "$1 cannot be $2"
}
moved_on() { [ "$(now_shown | grep -E "^[▸✗]$1 ")" != "$before" ]; }

open_terminal 80 24
keys "EDITOR=$SCRATCH/editor $H" Enter
sees 'no lab is shown' || fail "no screen"

# ---- a new lab: a hub, two spokes, a branch by VPN, an NVA ----
keys N
sees '^ A new lab' || fail "no form"
shows "^ Spokes' spaces +10.0.1.0/24, 10.0.2.0/24" || fail "no address plan"
retype Name 'two words'
sees "'two words' cannot be a name" || fail "a bad name is not missed"
retype Name "$LAB"
sees "^ File +$LAB.yaml" || fail "the file is not called after the lab"
retype "Spokes' spaces" '10.0.1.0/24, 10.0.0.128/25'
sees '10.0.0.128/25 overlaps the hub' || fail "an overlap is not missed"
keys PgDn Enter
sees "Spokes' spaces: 10.0.0.128/25 overlaps the hub" || fail "what is wrong is written"
[ ! -e "$FILE" ] || fail "what is wrong was written"
retype "Spokes' spaces" '10.0.1.0/24, 10.0.7.0/24'
sees '├─ spoke2 +10.0.7.0/24' || fail "the picture does not follow"
choose NVA yes
choose VPN yes
choose Branch yes
sees '^ .*│ branch +10.100.0.0/24' || fail "no branch in the picture"
: >"$FILE"
keys PgDn Enter
sees "$LAB.yaml is there: overwrite it\?" || fail "it does not ask"
keys n
sees '^ Tab next field' || fail "no does not go back"
[ ! -s "$FILE" ] || fail "it was overwritten"
keys Enter
sees 'overwrite it\?' || fail "it does not ask again"
keys y
sees "$LAB is up after" 60 || fail "the lab does not come up"
expect 0 "$H" check "$FILE"
has "$out" "lab '$LAB' is valid: 4 virtual networks, 6 VMs"
expect 0 "$H" ping -l "$LAB" spoke1-vm1 spoke2-vm1 -c 1 # through the NVA
expect 0 "$H" ping -l "$LAB" spoke2-vm1 branch-vm -c 1  # through a tunnel

# ---- a VM ----
shows "^ $LAB  " || fail "it is not our lab that is shown"
keys e
sees '^ Build ' || fail "no list of what there is"
sees '^ VM +4 hub-vm, spoke1-vm1, spoke2-vm1, branch-vm' || fail "the VMs are not listed"
keys j j j j Enter
sees '^▸hub-vm +hub/default' || fail "no list of VMs"
keys a
sees '^▸name +vm1' || fail "no name is proposed"
retype name added
choose subnet spoke1/default
retype private_ip_address 10.0.7.9
sees "10.0.7.9 is not in subnet 'default'" || fail "a wrong address is not missed"
retype private_ip_address 10.0.1.9
keys PgDn Enter
sees '^ \+  added: \{ subnet: spoke1/default, private_ip_address: 10.0.1.9 \}' || fail "no difference of the file"
sees '^ \+ namespace added' || fail "no difference of the plan"
cp "$FILE" "$SCRATCH/before"
keys a
sees '\+1 change' 20 || fail "it is not applied"
sees 'ended with 0' 60 || fail "the change does not end well"
cmp -s "$FILE" "$SCRATCH/before" || fail "it was saved unasked"
expect 0 "$H" ping -l "$LAB" added spoke2-vm1 -c 1

# ---- an NSG, its rule, and the subnet that has it: applied and saved ----
keys e
sees '^ Build ' || fail "no list again"
keys j j j j j j j j j a
sees '^✗NSG$' || fail "no form of a rule"
retype NSG web
retype name no-ping
choose protocol Icmp
choose access Deny
retype source_address_prefixes 10.0.7.0/24
keys PgDn Enter
sees '^ \+      no-ping: 100 Inbound Deny Icmp 10.0.7.0/24:\* -> \*:\*' || fail "no rule in the difference"
keys s
sees '2 changes are in ' 60 || fail "it is not saved"
sees 'ended with 0' 60 || fail "saving does not end well"
sees_no '\+[0-9] change' || fail "changes are left"
keys e
sees '^ Build ' || fail "no list once more"
keys j j Enter
sees '^▸hub +default' || fail "no list of subnets"
while ! shows '^▸spoke1 +default'; do
	before=$(now_shown | grep '^▸')
	keys j
	wait_for 2 lacks_now "^$before" || fail "spoke1's subnet is not listed"
done
keys Enter
choose network_security_group web
keys PgDn Enter
sees 'network_security_group: web' || fail "the subnet does not get it"
keys s
sees '1 changes are in ' 60 || fail "that is not saved"
sees 'ended with 0' 60 || fail "not all is as predicted"
expect 1 "$H" ping -l "$LAB" spoke2-vm1 spoke1-vm1 -c 1 -W 1
expect 0 "$H" ping -l "$LAB" hub-vm spoke1-vm1 -c 1

# what was saved is in its place, and all that was there before is there, comments too
diff "$SCRATCH/before" "$FILE" | grep '^<' >"$SCRATCH/lost"
[ "$(wc -l <"$SCRATCH/lost")" = 1 ] && grep -q 'default: { address_prefix: 10.0.1.0/25' "$SCRATCH/lost" ||
	fail "the file lost: $(cat "$SCRATCH/lost")"
has "$(cat "$FILE")" '# Each gets the first free address of its subnet, from .4 on. To choose one:'
expect 0 "$H" check "$FILE"

# ---- a value within a value: what the branch's router prepends, three forms deeper ----
keys e
sees '^ Build ' || fail "no list before the NVA"
keys j j j j j Enter
sees '^▸hub-nva' || fail "no list of NVAs"
keys j Enter
sees '^ Change NVA branch-nva' || fail "no form of the NVA"
field bgp
sees '^▸bgp +\{ asn: 65010' || fail "no entry for BGP"
keys Enter
sees '^ NVA branch-nva: bgp$' || fail "no form of BGP"
field neighbors
sees '^▸neighbors +hub-vpngw-0, hub-vpngw-1' || fail "no entry for neighbours"
keys Enter
sees '^▸hub-vpngw-0 +\{ address: 10.0.0.132, asn: 65515 \}' || fail "no list of neighbours"
keys Enter
sees '^ NVA branch-nva: bgp/neighbors/hub-vpngw-0$' || fail "no form of a neighbour"
retype prepend 65
sees "'prepend' is 65, must be 0 to 64" || fail "too much of it is not missed"
retype prepend 2
keys Escape
sees '^▸hub-vpngw-0 +\{ address: 10.0.0.132, asn: 65515, prepend: 2 \}' || fail "it is not kept"
keys Escape
sees '^▸neighbors ' || fail "Esc does not go back to BGP"
keys Escape
sees '^▸bgp ' || fail "Esc does not go back to the NVA"
keys PgDn Enter
sees '^ \+ +hub-vpngw-0: \{ address: 10.0.0.132, asn: 65515, prepend: 2 \}' ||
	fail "no difference of the file"
keys s
sees '1 changes are in ' 60 || fail "what is within is not saved"
sees 'ended with 0' 60 || fail "the change of the NVA does not end well"
expect 0 "$H" bgp -l "$LAB" hub-vpngw --learned
has "$out" '65010-65010-65010'
has "$(cat "$FILE")" 'neighbors: # prepend: 2 would make its paths longer'

# ---- the editor: what is wrong is said, edited again, shown, applied ----
cat >"$SCRATCH/editor" <<-'END'
	#!/bin/sh
	if grep -q bogus "$1"; then
		sed -i 's/bogus.*/# by hand/; s/^  added: .*/  added: spoke2\/default/' "$1"
	else
		echo 'bogus: 1' >>"$1"
	fi
END
chmod +x "$SCRATCH/editor"
keys E
sees "unknown key 'bogus'" || fail "what is wrong is not said"
keys e Enter
sees '^\+  added: spoke2/default' || fail "no difference of what was edited"
keys a Enter
sees 'live *$' 60 || fail "the screen does not come back"
expect 0 "$H" show -l "$LAB" added
has "$out" '10\.0\.7\.5'
grep -q '^# by hand$' "$FILE" || fail "the file is not what was edited"

# ---- and away again ----
keys e
sees '^ Build ' || fail "no list at the end"
keys j j j j Enter
sees '^▸hub-vm' || fail "no VMs at the end"
keys G
sees '^▸added' || fail "the added one is not the last"
keys d
sees '^ -  added: spoke2/default' || fail "no difference of what goes"
keys s
sees '1 changes are in ' 60 || fail "it does not go"
sees 'ended with 0' 60 || fail "not all is well without it"
grep -q '  added' "$FILE" && fail "it is still in the file"
close_screen

# ---- a lab that does not run: only its file ----
expect 0 "$H" down "$LAB"
keys clear Enter
keys "$H" Enter
sees "^▸$LAB +file" || fail "the file is not listed"
keys e
sees 'which does not run' || fail "the file is not read"
keys a
sees '^▸name +spoke3' || fail "no spoke is proposed"
shows '^ address_prefixes +10.0.2.0/24' || fail "no range is proposed"
keys PgDn Enter
sees '^ \+  spoke3: ' || fail "no difference of the file"
keys s
sees '3 changes are in ' || fail "the file is not written"
expect 0 "$H" check "$FILE"
has "$out" '5 virtual networks'
expect 3 "$H" set --file "$FILE" vms/bad nowhere/default
expect 1 "$H" set --file "$SCRATCH/none.yaml" vms/a b/c
expect 0 "$H" set --file "$FILE" vms/good hub/default
has "$out" '1 changes are in'
