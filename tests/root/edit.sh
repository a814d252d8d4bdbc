#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hublab edit with editors of all kinds, and set --save and --file: what is refused changes nothing.
. tests/support/lab.sh

FILE=$SCRATCH/lab.yaml
cat >"$FILE" <<-END
	lab: $LAB # the name
	virtual_networks:
	  hub: { address_prefixes: 10.0.0.0/24, subnets: { default: 10.0.0.0/25 } }
	vms:
	  vm1: hub/default # the first
END
cp "$FILE" "$SCRATCH/before"
TMPDIR=$SCRATCH/tmp
mkdir "$TMPDIR"
unset VISUAL
export TMPDIR EDITOR
stays() { cmp -s "$FILE" "$SCRATCH/before" || fail "$1 changed the file"; }
leaves_nothing() { rmdir "$TMPDIR"/* 2>/dev/null; [ -z "$(ls "$TMPDIR")" ] || fail "$1 left $(ls "$TMPDIR")"; }
editor() { # TEXT OF A SCRIPT
	printf '#!/bin/sh\n%s\n' "$1" >"$SCRATCH/editor"
	chmod +x "$SCRATCH/editor"
	EDITOR=$SCRATCH/editor
}

# an editor that fails, one that is none, and one that does nothing
EDITOR=false
expect 1 "$H" edit "$FILE" </dev/null
has "$err" 'false failed: nothing was changed'
EDITOR=$SCRATCH/no-such-program
expect 1 "$H" edit "$FILE" </dev/null
EDITOR='true --with an option'
expect 0 "$H" edit "$FILE" </dev/null
has "$out" '^nothing was changed$'
stays "an editor that writes nothing"
leaves_nothing "an editor that writes nothing"
expect 1 "$H" edit "$SCRATCH/none.yaml" </dev/null
has "$err" 'none.yaml'

# what is wrong is said with its place, and kept; what is not wanted is dropped
# shellcheck disable=SC2016
editor 'echo "vmss: 1" >>"$1"'
expect 3 "$H" edit "$FILE" </dev/null
has "$err" "lab.yaml:6:1: error: lab: unknown key 'vmss'"
has "$err" 'what you wrote is in .*/lab.yaml'
stays "what is wrong"
rm -r "$TMPDIR"/*
# shellcheck disable=SC2016
editor 'echo "  vm2: hub/default" >>"$1"'
echo q >"$SCRATCH/answers"
expect 0 "$H" edit "$FILE" <"$SCRATCH/answers"
has "$out" '^\+  vm2: hub/default'
has "$out" '^\+ namespace vm2'
stays "q"
leaves_nothing q

# somebody else changed the file meanwhile: neither is lost
# shellcheck disable=SC2016
editor "echo '  vm2: hub/default' >>\"\$1\"; echo '# theirs' >>'$FILE'"
echo a >"$SCRATCH/answers"
expect 1 "$H" edit "$FILE" <"$SCRATCH/answers"
has "$err" 'lab.yaml was changed meanwhile: what you wrote is in '
has "$(cat "$FILE")" '^# theirs$'
lacks "$(cat "$FILE")" vm2
rm -r "$TMPDIR"/*
cp "$SCRATCH/before" "$FILE"

# of a lab that does not run, by path and value
expect 0 "$H" set --file "$FILE" vms/vm3 hub/default vms/vm1/private_ip_address 10.0.0.9
has "$out" '^2 changes are in '
has "$(cat "$FILE")" '^  vm1: \{ subnet: hub/default, private_ip_address: 10.0.0.9 \} # the first$'
has "$(cat "$FILE")" "^lab: $LAB # the name$"
expect 3 "$H" set --file "$FILE" vms/vm4 nowhere/default
expect 2 "$H" set --file "$FILE" vms/vm4
expect 1 "$H" set --file "$SCRATCH/none.yaml" vms/vm4 hub/default
cp "$SCRATCH/before" "$FILE"

# of one that runs: the file and the lab
expect 0 "$H" up "$FILE"
# shellcheck disable=SC2016
editor 'echo "  vm2: hub/default" >>"$1"'
expect 0 "$H" edit -l "$LAB" <"$SCRATCH/answers"
has "$out" 'lab.yaml is written'
expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 1
expect 0 "$H" set -l "$LAB" --save vms/vm3 hub/default
has "$out" '1 changes are in '
expect 0 "$H" ping -l "$LAB" vm1 vm3 -c 1
expect 0 "$H" changes -l "$LAB"
has "$out" 'no changes'
has "$(cat "$FILE")" '^  vm1: hub/default # the first$'
has "$(cat "$FILE")" '^  vm3: hub/default$'

# what cannot be saved is applied, and said: the file is another one by now
echo '# theirs' >>"$FILE"
expect 1 "$H" set -l "$LAB" --save vms/vm4 hub/default
has "$err" 'was edited since the lab read it'
expect 0 "$H" ping -l "$LAB" vm1 vm4 -c 1
lacks "$(cat "$FILE")" vm4
