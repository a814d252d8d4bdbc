# SPDX-License-Identifier: GPL-2.0-or-later
# For scenario tests (sh) that speak with a guest of their lab, which is $GUEST. Sourced behind lab.sh.

# on_console LINE: what the guest's shell says to it
on_console() {
	rm -f "$SCRATCH/keys" && mkfifo "$SCRATCH/keys"
	: >"$SCRATCH/said"
	"$H" console -l "$LAB" "$GUEST" <"$SCRATCH/keys" >"$SCRATCH/said" &
	exec 7>"$SCRATCH/keys"
	printf 'echo be""gin; %s; echo e""nd\n' "$1" >&7
	wait_for 20 grep -q '^end' "$SCRATCH/said" || fail "the guest's shell does not answer: $(cat "$SCRATCH/said")"
	exec 7>&-
	kill $! && wait $!
	tr -d '\r' <"$SCRATCH/said" | sed -n '/^begin$/,/^end$/p' | sed '1d;$d'
}
