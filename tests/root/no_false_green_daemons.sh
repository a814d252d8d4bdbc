#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Daemons that are killed and stay down, or whose configuration is refused, and captures that cannot
# see: nothing says that all is well. KINDS is whose daemons: bird; also frr, charon and those that are
# "refused" in `make check-long`.
. tests/support/lab.sh

KINDS=${KINDS-bird}
why() { "$H" why -l "$LAB" "$FROM" "$TO" -o json >"$SCRATCH/why"; }
mesh() { "$H" mesh -l "$LAB" --src "$FROM" --dst "$TO" >"$SCRATCH/mesh"; }
is_red() { "$H" probes -l "$LAB" -o tsv | grep "^$FROM	$TO	" | grep -qv green; }
is_well() { why && mesh && is_green && ! is_red; }
is_told() { "$H" show -l "$LAB" | grep -q "^problem .*$TARGET"; }
has_none() { ! why && ! mesh && is_red; }

# begin FILE: a lab that expects of the one flow that it works
begin() {
	sed "/^expect:/,\$d; s/^lab: .*/lab: $LAB/" "$1" >"$SCRATCH/lab.yaml"
	cat >>"$SCRATCH/lab.yaml" <<-END
		expect: [ { from: $FROM, to: $TO, within: 1s } ]
	END
}
# nobody_is_fine WHAT: of what has no way now
nobody_is_fine() {
	wait_for 30 has_none || fail "$1: somebody says that it works: $(cat "$SCRATCH/why" "$SCRATCH/mesh")
$("$H" probes -l "$LAB")"
	expect 4 "$H" test -l "$LAB"
	lacks "$out" '^  pass '
	! is_green || fail "$1: the lab is green"
}
# broken KIND TARGET FILE FROM TO: its daemon is killed, and stays down
broken() {
	KIND=$1 TARGET=$2 FROM=$4 TO=$5
	begin "$3"
	expect 0 "$H" up "$SCRATCH/lab.yaml"
	wait_for 20 is_well || fail "it does not work before: $(cat "$SCRATCH/why")"
	expect 0 "$H" fault -l "$LAB" kill "$KIND@$TARGET" --for 10m
	# who heard FRR keeps its routes for a while (RFC 4724), so that packets go on: but it is told
	[ "$KIND" = frr ] || nobody_is_fine "$KIND of $TARGET is killed"
	wait_for 10 is_told || fail "$KIND of $TARGET is killed, and nobody says so: $("$H" show -l "$LAB")"
	expect 0 "$H" fault -l "$LAB" clear all
	wait_for 60 is_well || fail "$KIND of $TARGET runs again, and it does not work: $(cat "$SCRATCH/why" "$SCRATCH/mesh")"
}

for kind in $KINDS; do
	case $kind in
	bird) broken bird megaport-mcr "$ER" az-spk1-lxvm branch-vm1 ;;
	frr) broken frr branch templates/branch-frr/lab.yaml spoke-vm pc ;;
	charon) broken charon gw6-0-t0 tests/golden/vnet_to_vnet.yaml m4 m6 ;;
	refused) ;;
	*) fail "KINDS has $kind" ;;
	esac
	[ "$kind" = refused ] || expect 0 "$H" down "$LAB"
done

# ---- captures: what cannot see does not say that there is nothing ----
FROM=az-spk1-lxvm TO=branch-vm1
begin "$ER"
expect 0 "$H" up "$SCRATCH/lab.yaml"
capture() { timeout 60 "$H" capture -l "$LAB" "$@"; }
expect 0 capture $TO icmp -c 2 --for 10s
"$H" exec -l "$LAB" $TO -- ip link set eth0 down || fail "eth0 stays up"
expect 4 capture $TO icmp --for 300ms
has "$err" '^0 packets captured'
has "$err" "warning: $TO/eth0 was down: nothing passes there"
expect 2 capture $TO icmp and and --for 300ms
case $KINDS in
*refused*)
	for process in engine supervisor; do
		pid=$(pgrep -f "^hublab: $LAB $process")
		kill -STOP "$pid"
		expect 1 capture $FROM icmp --for 300ms
		kill -CONT "$pid"
		lacks "$err" 'packets captured'
		has "$err" 'the lab does not answer'
	done
	;;
esac
expect 0 "$H" down "$LAB"

# ---- a daemon that refuses whatever it is told: `up` waits long for it ----
case $KINDS in
*refused*)
	mkdir "$SCRATCH/bin"
	printf '#!/bin/sh\necho refused >&2\nexit 1\n' >"$SCRATCH/bin/bird"
	chmod +x "$SCRATCH/bin/bird"
	out=$(PATH=$SCRATCH/bin:$PATH "$H" up "$SCRATCH/lab.yaml" 2>&1) && fail "up is fine: $out"
	has "$out" 'megaport-mcr: bird ended with code 1: refused'
	nobody_is_fine "BIRD refuses its configuration"
	expect 0 "$H" down "$LAB"
	;;
esac
