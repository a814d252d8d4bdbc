#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest is saved, goes on, and goes on again from where it was saved, with its files, its uptime and its
# network; what it is not any more, it does not go on from.
. tests/support/lab.sh
GUEST=g
. tests/support/guest.sh

[ "$BRIEF" -lt 2 ] || skip "BRIEF=$BRIEF"
needs libvirt id-ranges
[ -x /usr/lib/libvirt/libvirt_iohelper ] || [ -x /usr/libexec/libvirt_iohelper ] || skip libvirt_iohelper

cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
vms: { a: v/s, g: { subnet: v/s, kind: libvirt } }
YAML
pid_of() { pgrep -f "^hublab: $LAB $1 " | head -n 1; }
state_is() { "$H" show -l "$LAB" g | grep -Eq "^node .*, $1\$"; }
answers() { [ "$("$H" curl -l "$LAB" a -s -m 2 10.0.0.5)" = g ]; }
uptime_of() { on_console 'cut -d . -f 1 /proc/uptime'; }

expect 0 "$H" up "$SCRATCH/lab.yaml"
expect 0 "$H" snapshot -l "$LAB"
[ "$out" = 'there are no snapshots' ] || fail "$out"
expect 1 "$H" restore -l "$LAB" g
has "$err" "'g' has no snapshot: hublab snapshot g takes one"
expect 1 "$H" snapshot -l "$LAB" a
has "$err" "'a' is no guest of this lab"
expect 1 "$H" snapshot -l "$LAB" g 'a b'
has "$err" "'a b' cannot be a snapshot's name: "
expect 2 "$H" snapshot -l "$LAB" g --delete

# ---- it goes on, and answers ----
on_console 'echo before >/www/note' >/dev/null
before=$(uptime_of)
expect 0 "$H" snapshot -l "$LAB" g first
[ "$out" = "g is saved as 'first'" ] || fail "$out"
wait_for 5 state_is up || fail "it is not up, with its agent"
wait_for 5 answers || fail "it does not answer any more"
has "$("$H" snapshot -l "$LAB")" '^g +first +[0-9:]+ +[0-9.]+ *$'
has "$("$H" snapshot -l "$LAB" -o json | tr -d ' \n')" '"guest":"g".*"name":"first".*"fits":true|"fits":true'
expect 1 "$H" snapshot -l "$LAB" g first
has "$err" "'g' has a snapshot 'first': hublab snapshot --delete g first removes it"

# ---- back to it ----
on_console 'echo after >/www/note; rm /www/index.html' >/dev/null
expect 0 "$H" curl -l "$LAB" a -s -m 5 10.0.0.5/note
[ "$out" = after ] || fail "the note says '$out'"
now=$(date +%s)
later=$((before + 6))
is_later() { [ "$(uptime_of)" -ge "$later" ]; }
wait_for 30 is_later || fail "its clock stands"
expect 0 "$H" restore -l "$LAB" g
[ "$out" = "g goes on from 'first'" ] || fail "$out"
wait_for 5 state_is up || fail "it is not up, with its agent"
uptime=$(uptime_of)
[ "$uptime" -ge "$before" ] && [ "$uptime" -lt "$later" ] || fail "up for $uptime s, and $before s when it was saved"
wait_for 5 answers || fail "it does not answer"
expect 0 "$H" curl -l "$LAB" a -s -m 5 10.0.0.5/note
[ "$out" = before ] || fail "the note says '$out'"
expect 0 "$H" ping -l "$LAB" a g -c 3 -i 0.2
is_green_again() { "$H" probes -l "$LAB" -o tsv | cut -f4 | grep -qv green && return 1; return 0; }
wait_for 10 is_green_again || fail "probes: $("$H" probes -l "$LAB")"
# its clock is behind, and is set from the machine's
[ "$(on_console 'date +%s')" -lt "$(date +%s)" ] || fail "its clock is not behind"
on_console 'hwclock -s -u' >/dev/null
[ "$(on_console 'date +%s')" -ge "$now" ] || fail "its clock cannot be set"

# ---- what is under way is seen, and nothing else is done meanwhile ----
meanwhile() { # STATE COMMAND...: while who runs the guests does nothing
	words=$1
	shift
	kill -STOP "$(pid_of guests)"
	"$@" >"$SCRATCH/slow" 2>&1 &
	asker=$!
	wait_for 5 state_is "$words" || fail "it is not $words"
	has "$("$H" show -l "$LAB")" '^probes '
	expect 1 "$H" stop -l "$LAB" g
	has "$err" "'g' is $words: wait until that is done"
	expect 1 "$H" snapshot -l "$LAB" g other
	expect 1 "$H" restore -l "$LAB" g
}
meanwhile saving "$H" snapshot -l "$LAB" g
kill -CONT "$(pid_of guests)"
wait $asker || fail "$(cat "$SCRATCH/slow")"
has "$(cat "$SCRATCH/slow")" "g is saved as '1'"
# who runs the guests dies, and the next one does it
meanwhile saving "$H" snapshot -l "$LAB" g third
kill -9 "$(pid_of guests)"
wait $asker || fail "$(cat "$SCRATCH/slow")"
wait_for 5 answers || fail "it does not answer"
# who asked leaves
meanwhile restoring "$H" restore -l "$LAB" g first
kill $asker
kill -CONT "$(pid_of guests)"
wait_for 10 state_is up || fail "it is not up again"
wait_for 5 events_have "g goes on from its snapshot 'first'" || fail "that is not told"
expect 0 "$H" __complete -l "$LAB" snapshot
has "$out" '^third'
expect 0 "$H" snapshot -l "$LAB" --delete g third
expect 1 "$H" restore -l "$LAB" g third
has "$err" "'g' has no snapshot 'third'"

# ---- a port that is cut since stays cut ----
expect 0 "$H" fault -l "$LAB" cut g
expect 0 "$H" restore -l "$LAB" g first
has "$(on_console 'cat /sys/class/net/eth0/carrier')" '^0$'
expect 0 "$H" fault -l "$LAB" clear

# ---- from a guest that is off, and from one that ended ----
expect 0 "$H" stop -l "$LAB" g
expect 1 "$H" snapshot -l "$LAB" g
has "$err" "'g' is not up, but stopped: it cannot be saved"
expect 0 "$H" restore -l "$LAB" g first
wait_for 5 answers || fail "it does not answer"
kill -9 "$(pgrep -f "guest=$LAB-")"
wait_for 5 state_is '(ended|crashed|failed)' || fail "its end is not told"
expect 0 "$H" restore -l "$LAB" g first
wait_for 5 answers || fail "it does not answer"

# ---- a file that is damaged: it is said, and the guest is not ----
file=/run/hublab/guests/g/snapshots/first
in_lab() { nsenter -t "$(pid_of supervisor)" -U -m --preserve-credentials "$@" 2>/dev/null || nsenter -t "$(pid_of supervisor)" -m "$@"; }
in_lab dd if=/dev/zero of=$file bs=512 count=1 conv=notrunc status=none || fail "there is no $file"
expect 1 "$H" restore -l "$LAB" g first
has "$("$H" show -l "$LAB")" '^problem +g: the guest does not run'
expect 0 "$H" start -l "$LAB" g
wait_for 15 state_is up || fail "it does not start"
expect 0 "$H" snapshot -l "$LAB" --delete g first

# ---- another machine does not go on from there; it itself does ----
expect 0 "$H" snapshot -l "$LAB" g second
expect 0 "$H" set -l "$LAB" vms/g/memory_mb 104
expect 1 "$H" restore -l "$LAB" g second
has "$err" "'g' was another machine when 'second' was taken"
has "$("$H" snapshot -l "$LAB")" '^g +second .* the guest was changed since'
expect 0 "$H" undo -l "$LAB"
expect 0 "$H" restore -l "$LAB" g second
wait_for 5 answers || fail "it does not answer"

# ---- they end with the guest ----
expect 0 "$H" set -l "$LAB" vms/g/kind namespace
expect 0 "$H" snapshot -l "$LAB"
[ "$out" = 'there are no snapshots' ] || fail "$out"
[ -z "$(in_lab ls /run/hublab/guests/g/snapshots)" ] || fail "a file is left"
expect 0 "$H" down "$LAB"

# ---- without libvirt's helper it is refused, and the guest runs on ----
if [ "$(id -u)" = 0 ]; then
	for helper in /usr/lib/libvirt/libvirt_iohelper /usr/libexec/libvirt_iohelper; do
		[ ! -x $helper ] || break
	done
	expect 0 unshare -m sh -c 'mount --bind /dev/null "$1" && exec "$2" up "$3"' - \
		$helper "$H" "$SCRATCH/lab.yaml"
	expect 1 "$H" snapshot -l "$LAB" g
	has "$err" '^hublab: g cannot be saved: .*: apt install libvirt-daemon$'
	wait_for 5 state_is up || fail "it does not run on"
	wait_for 5 answers || fail "it does not answer"
	has "$("$H" snapshot -l "$LAB")" 'there are no snapshots'
fi
exit 0
