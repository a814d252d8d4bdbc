#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab in one file: when the lab is gone, each command that looks says from the file what it said
# of the lab; pre-shared keys are not in it, and its lab file runs.
. tests/support/lab.sh

needs strongswan
KEY=t0p-s3cret
{
	echo "# an older one: shared_key: 0ld-s3cret, then $KEY"
	sed -e "s/^lab: .*/lab: $LAB/" -e "s/shared_key: abc123/shared_key: $KEY/" tests/golden/hybrid.yaml
	printf 'network_security_groups:\n  n: { security_rules: { icmp: 300 Inbound Deny Icmp * -> * } }\n'
	printf 'expect:\n  - { from: az-hub-lxvm, to: az-spk2-lxvm, protocol: Icmp, result: works }\n'
} >"$SCRATCH/lab.yaml"
B=$SCRATCH/b.json
expect 1 "$H" bundle -l "$LAB" "$B"
has "$err" "no lab named '$LAB' is running"
expect 0 "$H" up "$SCRATCH/lab.yaml"
expect 0 "$H" set -l "$LAB" virtual_networks/az-spk1-vnet/subnets/subnet1 \
	'{ address_prefix: 10.0.1.0/27, network_security_group: n }' \
	connections/az-hub-to-branch-conn/shared_key "$KEY"
expect 0 "$H" fault delay megaport-mcr/branch-er-circuit-primary 5 -l "$LAB"
denied() { "$H" flows -l "$LAB" --denied -o tsv | grep -q .; }
wait_for 10 denied || fail "the NSG denies nothing"
wait_for 10 is_green || fail "not green again"

# what is asked of the lab, and then of the file; `as` of what moves on its own leaves times and
# counts out, and of nothing else
as() {
	case $1 in
	exact) cat ;;
	moves) sed -E '/^ *[0-9.]+,?$/d
		s/"(rtt_ms|observed_at|coloured_at|sent|answered|connectedDuration|messages[A-Z][a-z]+)": *"?[-0-9.:]+"?/"\1": N/
		s/[0-9]+(\.[0-9]+)?( ?ms|[smh])\b/TIME/g; s/[0-9:]{8}(\.[0-9]+ .*)?/CLOCK/g; s/ +/ /g; s/-+/-/g' ;;
	esac
}
cat >"$SCRATCH/questions" <<EOF
exact routes az-spk1-lxvm
exact routes AZ-SPK1-LXVM-nic -o json
exact routes az-spk1-lxvm:az-spk1-lxvm-nic -o tsv
exact routes az-hub-lxvm --why
exact routes az-hub-lxvm --why --prefix 10.100.0.4 -o json
exact routes branch-opnnva
exact nexthop az-spk1-lxvm branch-vm1
exact nexthop az-spk1-lxvm 8.8.8.8 -o json
exact nsg az-spk1-lxvm
exact nsg az-spk1-lxvm -o json
exact nsg az-spk2-lxvm
exact bgp -o tsv
exact bgp az-hub-ergw --learned
exact bgp az-hub-ergw-1 --learned -o json
exact bgp megaport-mcr --learned -o tsv
exact bgp az-hub-rs --advertised az-hub-ergw
exact bgp az-hub-ergw-0 --advertised 10.0.0.40 -o json
exact bgp megaport-mcr --advertised azure-er-circuit-primary -o tsv
moves bgp az-hub-rs
moves bgp azure-er-circuit-primary
exact changes
exact changes -o json
exact step
exact doctor -o tsv
exact show megaport-mcr
exact show az-spk1-lxvm -o json
exact show -o tsv
exact show --file
moves probes
moves why az-spk1-lxvm branch-vm1 icmp --no-packet
moves why az-hub-lxvm az-spk1-lxvm http --no-packet -o json
exact why az-spk2-lxvm az-spk1-lxvm icmp --no-packet -o tsv
moves fault ls -o tsv
exact whatif route_servers/az-hub-rs/hub_routing_preference VpnGateway
EOF
# ask LAB-OR-BUNDLE... with answers to FILE: a block a question, with what it ended with
ask() {
	file=$1
	shift
	while read -r how words; do
		echo "== $words"
		# shellcheck disable=SC2086 # words of a command line
		"$H" $words "$@" >"$SCRATCH/answer" 2>&1
		echo "ended with $?"
		as "$how" <"$SCRATCH/answer"
	done <"$SCRATCH/questions" | sed "s/$KEY/REDACTED-1/g; s/0ld-s3cret/REDACTED/" >"$file"
}
expect 0 "$H" bundle --test -l "$LAB" "$B"
has "$out" '^.*b.json: [0-9]+ topics, [0-9]+ KiB; 1 pre-shared key is REDACTED in it$'
ask "$SCRATCH/live" -l "$LAB"
expect 0 "$H" events -l "$LAB"
first_events=$(printf '%s\n' "$out" | head -n 20)
expect 0 "$H" sa -l "$LAB" -o tsv
tunnels=$(printf '%s\n' "$out" | cut -f1-6,10)

# for its owner alone; no key in it, be it in the file, a comment or a change
[ "$(stat -c %a "$B")" = 600 ] || fail "others may read it: $(stat -c %a "$B")"
! grep -q -e "$KEY" -e 0ld-s3cret "$B" || fail "a pre-shared key is in it"
expect 1 "$H" bundle -l "$LAB" "$B"
has "$err" "b.json exists: --force writes over it"
echo old >"$B.secret"
chmod 644 "$B.secret"
expect 0 "$H" bundle -l "$LAB" --with-secrets --force "$B.secret"
grep -q "$KEY" "$B.secret" || fail "--with-secrets has none"
[ "$(stat -c %a "$B.secret")" = 600 ] || fail "others may read the keys"
expect 1 "$H" bundle -l "$LAB" "$SCRATCH/nowhere/b.json"
has "$err" "nowhere/b.json: No such file or directory"
expect 1 "$H" bundle -l "$LAB" --force "$SCRATCH"
has "$err" "$SCRATCH is no file that could be replaced"
"$H" bundle -l "$LAB" - >/dev/full 2>"$SCRATCH/err" && fail "a full disk is no error"
grep -q 'standard output: No space left' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
mkdir "$SCRATCH/here"
(
	trap '' XFSZ
	ulimit -f 64
	exec "$H" bundle -l "$LAB" "$SCRATCH/here/b.json" 2>"$SCRATCH/err"
) && fail "half a bundle is no error"
grep -q 'here/b.json: File too large' "$SCRATCH/err" || fail "$(cat "$SCRATCH/err")"
[ -z "$(ls "$SCRATCH/here")" ] || fail "something is left: $(ls "$SCRATCH/here")"
(cd "$SCRATCH/here" && "$OLDPWD/$H" bundle -l "$LAB" -o json) >"$SCRATCH/report" 2>&1 || fail "$(cat "$SCRATCH/report")"
set -- "$SCRATCH/here"/*
[ $# = 1 ] || fail "something is left: $*"
has "$1" "/$LAB-[0-9]{8}-[0-9]{6}\.hublab\.json$"
"$H" bundle -l "$LAB" - 2>/dev/null | "$H" show --from /dev/stdin | grep -q "^bundle " || fail "not by a pipe"

# the lab is gone, and the answers are the same
expect 0 "$H" down "$LAB"
ask "$SCRATCH/then" --from "$B"
diff "$SCRATCH/live" "$SCRATCH/then" >"$SCRATCH/diff" || fail "other answers: $(head -n 60 "$SCRATCH/diff")"
# three are refused, or have another answer than 0
[ "$(grep -c '^ended with 0' "$SCRATCH/then")" -eq 31 ] || fail "$(grep -B 1 '^ended' "$SCRATCH/then")"
expect 0 "$H" events --from "$B"
[ "$(printf '%s\n' "$out" | head -n 20)" = "$first_events" ] || fail "other events"
expect 0 "$H" sa --from "$B" -o tsv
[ "$(printf '%s\n' "$out" | cut -f1-6,10)" = "$tunnels" ] || fail "other tunnels: $out"
expect 0 "$H" sa az-hub-vpngw --from "$B" -o tsv
[ "$(printf '%s\n' "$out" | wc -l)" = 2 ] || fail "not the gateway's tunnels: $out"
expect 0 "$H" flows az-spk1-lxvm --denied --from "$B" -o tsv
has "$out" 'subnet n/icmp\(300\)'
expect 0 "$H" test --from "$B"
has "$out" '^1 passed, 0 failed, 0 unknown$'
expect 0 "$H" show --from "$B"
has "$out" "^bundle    .*b.json of 20..-..-.. ..:..:.. .*, by hublab $("$H" version | cut -d ' ' -f 2) on Linux "
has "$out" "^lab       $LAB, running for [0-9]+s"
has "$out" '^fault     1 delay megaport-mcr/branch-er-circuit-primary'

# its lab file is valid, and says where the lab was
"$H" show --from "$B" --file >"$SCRATCH/again.yaml" 2>"$SCRATCH/err"
has "$(cat "$SCRATCH/err")" '^2 changes are not in it'
expect 0 "$H" check "$SCRATCH/again.yaml"
has "$(cat "$SCRATCH/again.yaml")" 'shared_key: REDACTED-1'

# what a bundle cannot answer
expect 2 "$H" ping --from "$B" az-hub-lxvm az-spk1-lxvm
has "$err" "needs a running lab: --from is for commands that only look"
expect 2 "$H" check --from "$B" vpner
has "$err" "unknown option '--from'"
for words in "step next" "fault clear" "events --follow" "flows -f" "test --all-steps" "whatif --apply a b"; do
	# shellcheck disable=SC2086
	expect 2 "$H" $words --from "$B"
	has "$err" "needs a running lab, and --from is one that was: 'hublab show --from .*b.json --file'"
done
expect 2 "$H" nsg az-spk1-lxvm in tcp 1.2.3.4 --from "$B"
has "$err" "a verdict on a new packet needs the running lab"
expect 1 "$H" why az-hub-lxvm 8.8.8.8 --from "$B"
has "$err" "it has the ways of flows that the lab probes"
expect 1 "$H" routes nobody --from "$B"
has "$err" "lab '$LAB' has no virtual machine or NIC 'nobody'"
expect 2 "$H" show --from "$B" -l other
expect 1 "$H" test --from "$B.secret"
has "$err" "'hublab bundle --test' looks at them"

# what is no bundle
expect 1 "$H" show --from "$SCRATCH/nothing"
has "$err" 'nothing: No such file'
head -c 20000 "$B" >"$SCRATCH/half"
expect 3 "$H" show --from "$SCRATCH/half"
has "$err" 'half:[0-9]+:[0-9]+: no bundle, or a part of one: '
expect 3 "$H" show --from "$SCRATCH/lab.yaml"
has "$err" 'lab.yaml:[0-9]+:[0-9]+: no bundle'
echo '{ "value": [] }' >"$SCRATCH/az.json"
expect 3 "$H" routes az-hub-lxvm --from "$SCRATCH/az.json"
has "$err" "az.json is no bundle: 'hublab bundle' writes one"
sed 's/"hublab_bundle":1/"hublab_bundle":2/' "$B" >"$SCRATCH/newer"
expect 3 "$H" show --from "$SCRATCH/newer"
has "$err" 'newer was written by hublab .*, as format 2 '

# what is one, with something of it gone or other than it was
other() { # SED-EXPRESSION CODE COMMAND...
	sed -E "$1" "$B" >"$SCRATCH/other"
	want=$2
	shift 2
	expect "$want" "$H" "$@" --from "$SCRATCH/other"
}
other 's/"changed":[0-9]+/"changed":3/' 0 show
has "$out" '^bundle    3 events while it was read: not all is of one moment$'
other 's/"kernel":"[^"]*",//' 0 show
has "$out" ' on an unknown kernel$'
other 's/"state":"running"/"state":1/' 1 show
has "$err" "other: topic 'lab': 'state' has the wrong type"
other '/^"lab":\{/d' 1 show
has "$err" "bundle .*other has no topic 'lab'"
other '/^"host":\{/d' 1 doctor
has "$err" "other does not say what its host can do"
other 's/"is_whole":true/"is_whole":false/' 1 bgp megaport-mcr --advertised azure-er-circuit-primary
has "$err" "other is a bundle: nothing more happens in it"
