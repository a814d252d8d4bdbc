#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a fault, an undo and a step would change, said before, and what then became of the tables of
# NICs, and of the sessions, in the running lab.
. tests/support/lab.sh

needs strongswan
find_python 'import json' || skip python3
sed "s/^lab: .*/lab: $LAB/" tests/golden/hybrid.yaml >"$SCRATCH/lab.yaml"
cat >>"$SCRATCH/lab.yaml" <<'EOF'

steps:
  - name: as it is
    expect: [{ from: az-hub-lxvm, to: az-spk1-lxvm }]
  - name: spoke 2 without the hub
    set: { virtual_networks/az-spk2-vnet/peerings/Spoke2-to-Hub/use_remote_gateways: false }
EOF
expect 0 "$H" up "$SCRATCH/lab.yaml"
nics='az-hub-lxvm-nic az-spk1-lxvm-nic az-spk2-lxvm-nic branch-vm1VMNic branch-opnnva-Untrusted-NIC'

# NIC and row, a line each
tables() {
	for nic in $nics; do
		"$H" routes -l "$LAB" "$nic" -o tsv | tr '\t' ' ' | sed "s/^/$nic /; s/ *$//"
	done | LC_ALL=C sort
}

# foretell WHATIF-OPTION...: the tables as they are to be go to the file 'foretold'
foretell() {
	tables >"$SCRATCH/before"
	expect 0 "$H" whatif -l "$LAB" "$@" -o json
	printf '%s' "$out" >"$SCRATCH/whatif.json"
	"$python" - "$SCRATCH" "$nics" <<'EOF' | LC_ALL=C sort >"$SCRATCH/foretold"
import json, sys
rows = set(open(sys.argv[1] + "/before").read().splitlines())
for nic in json.load(open(sys.argv[1] + "/whatif.json"))["nics"]:
    if nic["nic"] in sys.argv[2].split():
        rows -= {nic["nic"] + " " + row.replace(",", " ") for row in nic["gone"]}
        rows |= {nic["nic"] + " " + row.replace(",", " ") for row in nic["come"]}
print("\n".join(rows))
EOF
}
is_foretold() { tables | diff "$SCRATCH/foretold" - >"$SCRATCH/diff"; }
becomes_so() { # WHAT
	wait_for 20 is_foretold || fail "$1: other tables than foretold: $(cat "$SCRATCH/diff")"
}
changes_something() {
	cmp -s "$SCRATCH/before" "$SCRATCH/foretold" && fail "$1: nothing is foretold"
}

tables >"$SCRATCH/whole"
is_well() {
	is_green && ! "$H" show -l "$LAB" | grep -q '^problem' && tables | cmp -s - "$SCRATCH/whole"
}

for target in megaport-mcr/azure-er-circuit-primary az-hub-vpngw branch-opnnva \
	az-hub-to-branch-conn; do
	foretell --cut $target
	changes_something $target
	expect 0 "$H" fault -l "$LAB" cut $target
	becomes_so $target
	expect 0 "$H" fault -l "$LAB" clear
	wait_for 60 is_well || fail "not well again after $target"
done

# one of two: no table changes, sessions end
expect 0 "$H" whatif -l "$LAB" --cut az-hub-ergw-0
has "$out" '^az-hub-ergw-0: the session with azure-er-circuit-primary ends$'
has "$out" '^It would change the routes of 0 NICs and '
expect 0 "$H" fault -l "$LAB" cut az-hub-ergw-0
has_lost() { "$H" show -l "$LAB" | grep -q 'az-hub-ergw-0: no BGP session with azure-er-circuit-primary'; }
wait_for 30 has_lost || fail "the session stays"
expect 0 "$H" fault -l "$LAB" clear
wait_for 60 is_well || fail "not well again"

# a link of a machine, and a daemon
expect 0 "$H" whatif -l "$LAB" --cut az-spk1-lxvm
has "$out" '^  \+ no reply: the link of az-spk1-lxvm is cut$'
expect 0 "$H" whatif -l "$LAB" --cut branch-opnnva-Trusted-NIC
has "$out" '^  \+ not known: one of the links of branch-opnnva is cut$'
expect 0 "$H" whatif -l "$LAB" --kill megaport-mcr
has "$out" '^azure-er-circuit-primary: the session with megaport-mcr ends$'

# a step there and back, and a change that is taken back
foretell --step next
changes_something step
expect 0 "$H" step -l "$LAB" next
becomes_so step
"$H" events -l "$LAB" | grep -q 'change  step 2: spoke 2 without the hub' || fail "the step is not told"
foretell --step 1
expect 0 "$H" step -l "$LAB" prev
becomes_so 'the step back'
path=virtual_networks/az-spk1-vnet/peerings/Spoke1-to-Hub/use_remote_gateways
expect 0 "$H" set -l "$LAB" $path false
"$H" events -l "$LAB" | grep -q "change  use_remote_gateways: true -> false, at $path" || fail "the change is not told"
foretell --undo 1
changes_something undo
expect 0 "$H" undo -l "$LAB"
becomes_so undo
"$H" events -l "$LAB" | grep -q "change  taken back: use_remote_gateways is true again, at $path" || fail "the undo is not told"
expect 0 "$H" set -l "$LAB" connections/az-hub-to-branch-conn/shared_key another-key-1 connections/az-hub-to-branch-conn/shared_key abc123
"$H" events -l "$LAB" | grep -q 'another-key-1' && fail "a key is in the journal"
expect 0 "$H" undo -l "$LAB" all

# what cannot be asked
expect 1 "$H" whatif -l "$LAB" --undo 1
has "$err" 'there are 0 changes to take back'
expect 1 "$H" whatif -l "$LAB" --undo all
expect 2 "$H" whatif -l "$LAB" --undo some
has "$err" "'some' is not a number of changes"
expect 2 "$H" whatif -l "$LAB" --step nowhere
expect 2 "$H" whatif -l "$LAB" --cut nothing
expect 2 "$H" whatif -l "$LAB" --kill az-spk1-lxvm
has "$err" "'az-spk1-lxvm' has no daemon"
expect 2 "$H" whatif -l "$LAB" --apply --step 1
has "$err" '\-\-apply sets values'
expect 2 "$H" whatif -l "$LAB"
has "$err" 'a change is missing'

# who only looks changes nothing: by no command, and no part of one
looking() {
	command=$2
	code=$1
	shift 2
	expect "$code" env HUBLAB_READ_ONLY=1 "$H" "$command" "$@"
}
for words in "set timers azure" "undo" "save $SCRATCH/other.yaml" "step 2" "mend" "fault cut az-hub-rs" \
	"fault clear all" "whatif --apply timers azure" "whatif --app timers azure" "test --all-steps" \
	"exec az-hub-lxvm" "shell az-hub-lxvm" "console az-hub-lxvm" \
	"start az-hub-lxvm" "stop az-hub-lxvm" "reboot az-hub-lxvm" "edit"; do
	looking 2 $words -l "$LAB"
	has "$err" "'$command' changes something, and here one only looks: --read-only, or HUBLAB_READ_ONLY"
done
looking 2 up "$SCRATCH/lab.yaml"
looking 2 down "$LAB"
[ -e "$SCRATCH/other.yaml" ] && fail "it was saved"
for words in "show" "step" "changes" "fault ls" "whatif --step 2" "routes az-hub-lxvm" "test" "set --help"; do
	looking 0 $words -l "$LAB"
done
expect 0 "$H" changes -l "$LAB" -o tsv
[ -z "$out" ] || fail "something was changed: $out"
