#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The reference lab with its NVA as a guest: BIRD, two tunnels and NAT in a kernel of its own, told as
# the lab's steps change it, and told anew after a reboot.
. tests/support/lab.sh
GUEST=branch-opnnva
. tests/support/guest.sh

[ "$BRIEF" -lt 2 ] || skip "BRIEF=$BRIEF"
needs libvirt id-ranges
[ -e build/images/router ] || skip "the routers' image"

sed 's/^  branch-opnnva:$/&\n    kind: libvirt/' templates/vpner/lab.yaml >"$SCRATCH/lab.yaml"
expect 0 "$H" check "$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
has "$out" '40 probes green'
all_passes() { "$H" test -l "$LAB" >"$SCRATCH/test" && grep -q ' 0 failed, 0 unknown$' "$SCRATCH/test"; }
for step in 2 3 4 5; do
	"$H" step -l "$LAB" $step >"$SCRATCH/step" 2>&1 || true # what counts is what it comes to
	wait_for 60 all_passes || fail "step $step: $(cat "$SCRATCH/step" "$SCRATCH/test")"
done
pgrep -f "guest=$LAB-branch-opnnva" >/dev/null || fail "the NVA is no guest"
expect 0 "$H" exec -l "$LAB" branch-opnnva -- birdc show protocols
has "$out" ' BGP .* Established'
expect 0 "$H" logs -l "$LAB" branch-opnnva-t0
has "$out" 'CHILD_SA inside'

# ---- a reboot: all is told anew ----
expect 0 "$H" reboot -l "$LAB" branch-opnnva
tunnel_is_down() { "$H" show -l "$LAB" | grep -q '^tunnels *[01] of 2'; }
wait_for 20 tunnel_is_down || fail "the tunnels outlive their guest"
wait_for 90 all_passes || fail "after a reboot: $(cat "$SCRATCH/test")"

# ---- another agent: its guest has what it was told ----
state_is() { "$H" show -l "$LAB" $GUEST | grep -Eq "^node .*, $1\$"; }
wait_for 10 state_is up || fail "it is not up: $("$H" show -l "$LAB" $GUEST)"
missed() { "$H" events -l "$LAB" | grep -c 'branch-opnnva: its agent '; }
is_missed() { [ "$(missed)" -gt "$before" ]; }
before=$(missed)
on_console 'killall hublab-agent' >/dev/null
wait_for 10 is_missed || fail "its agent is not missed"
wait_for 30 state_is up || fail "it is not up again: $("$H" show -l "$LAB" $GUEST)"
wait_for 90 all_passes || fail "with another agent: $(cat "$SCRATCH/test")"
[ "$(on_console 'ps | grep -c "[b]ird -f"')" = 1 ] || fail "its BIRD runs twice: $(on_console ps)"

# ---- a change of its own routes reaches its kernel without one ----
before=$(pgrep -f "guest=$LAB-branch-opnnva")
expect 0 "$H" step -l "$LAB" 1
wait_for 30 all_passes || fail "back at step 1: $(cat "$SCRATCH/test")"
[ "$(pgrep -f "guest=$LAB-branch-opnnva")" = "$before" ] || fail "it was started again"
expect 0 "$H" down "$LAB"

# ---- without the image it is said what builds it ----
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$SCRATCH/images"
	cp build/images/kernel build/images/initrd "$SCRATCH/images/"
	expect 5 unshare -m sh -c 'mount --bind "$1" build/images && exec "$2" up "$3" --name "$4"' - \
		"$SCRATCH/images" "$H" "$SCRATCH/lab.yaml" "$LAB"
	has "$err" "make images"
fi
exit 0
