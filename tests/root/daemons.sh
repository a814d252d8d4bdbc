#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A routing daemon that dies is said so, started again, and the lab recovers; one that cannot start
# is a problem with its own words, never a green lab.
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "$LAB"
pid=$("$H" show -l "$LAB" -o json | tr -d '\n' |
	sed 's/.*"name": "azure-er-circuit-primary"[^}]*"pid": \([0-9]*\).*/\1/')
expect 0 "$H" shell -l "$LAB" -- kill -9 "$pid"
wait_for 5 events_have 'daemon +azure-er-circuit-primary: bird ended by signal 9' ||
	fail "nobody noticed that the daemon died"
wait_for 5 events_have 'routes +removed .*10.100.0.0/24' || fail "its routes stayed"
wait_for 20 events_have 'daemon +azure-er-circuit-primary: bird started again' ||
	fail "it was not started again"
wait_for 20 is_green || fail "the lab did not recover"
expect 0 "$H" down "$LAB"

mkdir "$SCRATCH/bin"
cat >"$SCRATCH/bin/bird" <<'B'
#!/bin/sh
echo "bird: $3:7:1 syntax error, unexpected NETWORKS" >&2
exit 1
B
chmod +x "$SCRATCH/bin/bird"
PATH="$SCRATCH/bin:$PATH" expect 4 "$H" up "$ER" --name "$LAB"
has "$err" '^megaport-mcr: bird ended with code 1: bird: .*bird.conf:7:1 syntax error'
has "$err" '^Icmp az-spk1-lxvm -> branch-vm1: no reply, .*; predicted: reply'
has "$err" "^hublab: $LAB runs, but [0-9]+ things are not as they should be"
says_so() { "$H" show -l "$LAB" | grep -Eq '^megaport-mcr +provider router .* 0/2 +ended with code 1'; }
wait_for 5 says_so || fail "$("$H" show -l "$LAB")" # not while it is started once more
