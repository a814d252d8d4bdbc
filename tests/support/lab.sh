# SPDX-License-Identifier: GPL-2.0-or-later
# For scenario tests (sh): a lab of one's own, words for what must hold, and conditions to wait for.
# Sourced at the top of each tests/root/*.sh, which then runs with -u from the project's root.

set -u
H=${HUBLAB:-build/hublab}
LAB=t$$x                                  # names of this test's labs, and no other's, begin with it
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/hublab-test.XXXXXX")
ER=$PWD/tests/golden/express_route.yaml    # the reference lab, with ExpressRoute alone
SLOW=${SLOW:-1}                           # times by which everything may take longer
BRIEF=${BRIEF:-0}                         # 1, 2: a run beside others leaves out what takes minutes

clean_up() {
	for lab in $("$H" ls -o tsv 2>/dev/null | cut -f1 | grep "^$LAB"); do
		"$H" down "$lab"
	done
	rm -rf "$SCRATCH"
}
trap clean_up EXIT

fail() {
	echo "FAILED: $*"
	"$H" ls 2>&1
	"$H" events -l "$LAB" 2>&1 | tail -n 25
	exit 1
}

skip() {
	echo "$*"
	exit 77
}

# needs FEATURE...: those that `hublab doctor` names
needs() {
	features=$("$H" doctor -o tsv)
	for feature in "$@"; do
		printf '%s\n' "$features" | grep -q "^$feature	yes" || skip "$feature"
	done
}

# find_python PROGRAM: $python is one that runs it; false when none does.
find_python() {
	for python in python3 /usr/bin/python3; do
		"$python" -c "$1" 2>/dev/null && return
	done
	return 1
}

# expect CODE COMMAND...: the command ends with CODE; its output goes to $out and $err.
expect() {
	want=$1
	shift
	out=$("$@" 2>"$SCRATCH/err")
	got=$?
	err=$(cat "$SCRATCH/err")
	[ "$got" -eq "$want" ] || fail "'$*' ended with $got, not $want: $out $err"
}

# has TEXT PATTERN: a line of the text matches.
has() {
	printf '%s\n' "$1" | grep -Eq -- "$2" || fail "no line matches '$2' in: $1"
}

lacks() {
	! printf '%s\n' "$1" | grep -Eq -- "$2" || fail "a line matches '$2' in: $1"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
	limit=$(($(date +%s%N) + $1 * SLOW * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$limit" ] || return 1
		read -r _ </proc/loadavg # something to do between two tries, instead of a sleep
	done
}

# rows VM: its effective routes as tab-separated rows, those of gateways only.
gateway_rows() {
	"$H" routes -l "$LAB" "$1" -o tsv | grep ^VirtualNetworkGateway | sort
}

events_have() {
	"$H" events -l "$LAB" | grep -Eq -- "$1"
}

# ms_until_lost NANOSECONDS SESSION: from that Unix time to the event that the session was lost.
ms_until_lost() {
	"$H" events -l "$LAB" -o json | grep "$2 .* lost" | tail -n 1 |
		sed 's/.*"time":\([0-9.]*\).*/\1/' |
		awk -v since="$1" '{ printf "%d", ($1 - since / 1e9) * 1000 }'
}

is_green() {
	"$H" ls -o json | tr -d ' \n' | grep -q "\"name\":\"$LAB\",[^}]*\"state\":\"running\"" &&
		! "$H" probes -l "$LAB" -o tsv | cut -f4 | grep -qv green
}
