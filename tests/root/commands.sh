#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Exit codes and words of the commands when something is not as it should be (design.md section 8).
. tests/support/lab.sh

expect 2 "$H"
has "$err" '^usage: hublab COMMAND'
expect 2 "$H" frobnicate
has "$err" "unknown command 'frobnicate'"
expect 2 "$H" up
has "$err" '^usage: hublab up FILE'
expect 2 "$H" up a b
expect 2 "$H" up vpner --no-such-option
expect 2 "$H" ls -o yaml
expect 0 "$H" version
has "$out" '^hublab [0-9]'
expect 0 "$H" --version
expect 0 "$H" help up
has "$out" '^usage: hublab up FILE'
has "$out" '^      --timings +print'
[ "$out" = "$("$H" up --help)" ] || fail "help and --help differ"
expect 2 "$H" help frobnicate
expect 0 "$H" help
[ "$out" = "$("$H" --help)" ] || fail "help and --help differ"
has "$out" '^Labs$'
has "$out" '^  version +print'
# all of it on 80 columns
for command in $(printf '%s\n' "$out" | sed -nE 's/^  ([a-z]+) .*/\1/p') ""; do
	"$H" help $command | awk 'length > 80 { long = 1; print } END { exit long }' ||
		fail "help $command is too wide"
done
expect 2 "$H" up vpner --name ../x
expect 2 "$H" show ../../etc
expect 1 "$H" show "$LAB"
has "$err" "no lab named '$LAB' is running"
expect 1 "$H" down "$LAB"
expect 1 "$H" up no-such-template
has "$err" "there is no file and no template 'no-such-template'"
expect 1 "$H" check "$SCRATCH/nothing.yaml"
has "$err" 'No such file'

# an invalid file: all that is wrong, where, and exit 3; nothing is started
printf 'lab: %s\nvms: { a: nowhere/s }\ntimers: fsat\n' "$LAB" >"$SCRATCH/bad.yaml"
expect 3 "$H" check "$SCRATCH/bad.yaml"
has "$err" "bad.yaml:2:11: error: there is no virtual network 'nowhere'"
has "$err" "bad.yaml:3:9: error: .*'timers' takes fast or azure"
has "$err" "did you mean 'fast'"
expect 3 "$H" up "$SCRATCH/bad.yaml"
expect 3 "$H" plan "$SCRATCH/bad.yaml"
expect 1 "$H" show "$LAB"

# a plan needs no lab, and against a running one it is the difference
expect 0 "$H" check vpner
expect 0 "$H" plan vpner
has "$out" '^\+ namespace az-spk1-lxvm$'
expect 4 "$H" plan vpner --exit-code --name "$LAB"
printf 'lab: %s\nvirtual_networks: { v: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/27 } } }\nvms: { a: v/s, b: v/s }\n' \
	"$LAB" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$out" "^$LAB is up: 2 VMs, 0 BGP sessions, 4 probes green"
expect 0 "$H" plan "$SCRATCH/lab.yaml" --exit-code
[ -z "$out" ] || fail "a plan of what runs is not empty: $out"

# up again: the same is fine, another file of that name is refused
expect 0 "$H" up "$SCRATCH/lab.yaml"
sed 's|b: v/s|c: v/s|' "$SCRATCH/lab.yaml" >"$SCRATCH/other.yaml"
expect 4 "$H" plan "$SCRATCH/other.yaml" --exit-code
has "$out" '^- namespace b$'
has "$out" '^\+ namespace c$'
expect 1 "$H" up "$SCRATCH/other.yaml"
has "$err" "lab '$LAB' is running, from .*lab.yaml, and .*other.yaml is another one"
expect 0 "$H" curl -l "$LAB" a -s http://b/
[ "$out" = b ] || fail "curl says '$out'"
expect 0 "$H" ping -l "$LAB" a b -c 2 -i 0.2 -s 1472 -M do
has "$out" '^2 packets transmitted, 2 received'
expect 1 "$H" ping -l "$LAB" a b -c 1 -s 1473 -M do
has "$out$err" '[Mm]essage too long'

# what is asked of it and is not there
expect 1 "$H" routes -l "$LAB" z
has "$err" "has no virtual machine or NIC 'z'"
expect 1 "$H" bgp -l "$LAB" z
expect 2 "$H" exec -l "$LAB" z -- true
has "$err" "the lab has no node 'z'"
expect 2 "$H" exec -l "$LAB" a --
expect 0 "$H" events -l "$LAB"
has "$out" 'lab +up: 0 sessions, 4 probes green'
for command in ls show probes; do
	expect 0 "$H" $command -l "$LAB" -o json
	has "$out" '"schema_version": 1'
done
expect 0 "$H" down "$LAB"
expect 0 "$H" doctor
