#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A lab in which nothing changes is live; one that does not answer is said to be silent.
. tests/support/lab.sh
. tests/support/tmux.sh

# so many probes that none is due for a minute
"$H" generate --spokes 50 --vms 6 --name "$LAB" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
supervisor=$(pgrep -f "supervisor $LAB\$")

open_terminal 100 24
keys "$H -l $LAB" Enter
sees 'timers fast +live' || fail "no screen"
kill -STOP "$supervisor"
sees 'silent for [0-9]+ s' || fail "nobody says that the lab does not answer"
kill -CONT "$supervisor"
sees 'timers fast +live' || fail "the lab answers, and is not live"
keys q
