#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The script for fish, which completes without a terminal too.
. tests/support/lab.sh
. tests/support/completion.sh

command -v fish >/dev/null || skip fish
mkdir "$SCRATCH/home"
"$H" completion fish >"$SCRATCH/hublab.fish"
fish --no-execute "$SCRATCH/hublab.fish" || fail "fish cannot read it"
offered() {
	HOME="$SCRATCH/home" fish --no-config -c 'source $argv[1]; complete -C $argv[2]' \
		"$SCRATCH/hublab.fish" "hublab $*" | cut -f1
}
check_completion
offers '--output=table --output=tsv' ls --output=t
