#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two copies of a lab run side by side and know nothing of each other.
# alone: it looks at all labs
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "${LAB}a"
expect 0 "$H" up "$ER" --name "${LAB}b"
expect 0 "$H" ls -o tsv
has "$out" "^${LAB}a	running"
has "$out" "^${LAB}b	running"
for lab in a b; do
	expect 0 "$H" curl -l "$LAB$lab" az-spk1-lxvm -s 10.100.0.100
	[ "$out" = branch-vm1 ] || fail "$lab says '$out'"
done
# a command that could mean either asks which
expect 2 "$H" routes az-spk1-lxvm
has "$err" "several labs are running, choose one with -l:.* ${LAB}a ${LAB}b"
# what is done to one is not done to the other
expect 0 "$H" shell -l "${LAB}a" -- ip -n megaport-mcr link set link0 down
is_cut() { "$H" probes -l "${LAB}a" -o tsv | cut -f4 | grep -q red; }
wait_for 5 is_cut || fail "the first lab was not cut"
expect 0 "$H" ping -l "${LAB}b" az-spk1-lxvm 10.100.0.100 -c 2 -i 0.2
expect 0 "$H" down "${LAB}a"
expect 0 "$H" curl -l "${LAB}b" az-spk1-lxvm -s 10.100.0.100
expect 0 "$H" down "${LAB}b"
