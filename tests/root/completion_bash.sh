#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The script for bash, with what bash would tell it while someone types.
. tests/support/lab.sh
. tests/support/completion.sh

command -v bash >/dev/null || skip bash
"$H" completion bash >"$SCRATCH/hublab.bash"
bash -n "$SCRATCH/hublab.bash" || fail "bash cannot read it"
cat >"$SCRATCH/offer.bash" <<'B'
set -u
source "$SCRIPT"
COMP_WORDS=(hublab "$@")
COMP_CWORD=$#
read -r _ _ function _ < <(complete -p hublab)
"$function" hublab "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
printf '%s\n' "${COMPREPLY[@]}"
B
offered() {
	SCRIPT="$SCRATCH/hublab.bash" bash "$SCRATCH/offer.bash" "$@"
}
check_completion

# bash makes three words of --option=value
offers 'table tsv' ls --output = t
offers 'json table tsv' ls --output =
