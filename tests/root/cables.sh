#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Cables of a running lab are changed, taken away and put back, by whatever carries them here.
# alone: it measures milliseconds
. tests/support/lab.sh

rtt() { # of the latest ping from spoke 1 to the branch, in whole ms; "" without a reply
	"$H" probes -l "$LAB" -o tsv | awk -F '\t' \
		'$1 == "az-spk1-lxvm" && $2 == "branch-vm1" && $3 == "Icmp" && $5 == "reply" { print int($6) }'
}
is_between() { [ -n "$1" ] && [ "$1" -ge "$2" ] && [ "$1" -lt "$3" ]; }

expect 0 "$H" up "$ER" --name "$LAB"
is_between "$(rtt)" 72 $((80 + 10 * SLOW)) || fail "$(rtt) ms at first"
expect 0 "$H" set -l "$LAB" providers/megaport-mcr/links/1/delay_ms 1
is_between "$(rtt)" 38 70 || fail "$(rtt) ms with the shorter cable"
expect 0 "$H" set -l "$LAB" providers/megaport-mcr/links/1 null
has "$out" '8? BGP sessions'
[ -z "$(rtt)" ] || fail "a reply without a cable: $(rtt) ms"
lacks "$("$H" shell -l "$LAB" -- ip -n megaport-mcr -br link)" '^link1'
expect 0 "$H" undo -l "$LAB" all
has "$out" '10 BGP sessions, 24 probes green'
is_between "$(rtt)" 72 $((80 + 10 * SLOW)) || fail "$(rtt) ms in the end"
# devices end without the supervisor waiting for the kernel
[ "$SLOW" -gt 1 ] || ! events_have 'slow +client took ([3-9][0-9]|[0-9]{3,})' ||
	fail "the supervisor waited: $("$H" events -l "$LAB" | grep slow)"
