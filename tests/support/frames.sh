# SPDX-License-Identifier: GPL-2.0-or-later
# For scenario tests, behind lab.sh: what frames cross an interface of a machine while something runs.

find_python 'import socket' || skip python3
MARKER=hublab-in-clear # what `ping -p` of mark_ping has in its packets

# listen NODE INTERFACE COMMAND...: the kinds of frames there meanwhile to $kinds (frames.py).
listen() {
	node=$1 interface=$2
	shift 2
	[ -p "$SCRATCH/until" ] || mkfifo "$SCRATCH/until"
	: >"$SCRATCH/frames"
	"$H" exec -l "$LAB" "$node" -- "$python" "$PWD/tests/support/frames.py" "$interface" \
		$MARKER <"$SCRATCH/until" >"$SCRATCH/frames" 2>&1 &
	exec 9>"$SCRATCH/until"
	wait_for 10 grep -q ready "$SCRATCH/frames" || fail "nobody listens: $(cat "$SCRATCH/frames")"
	"$@" >/dev/null
	exec 9>&-
	wait
	kinds=$(sed 1d "$SCRATCH/frames")
}

# mark_ping NODE ADDRESS
mark_ping() {
	"$H" exec -l "$LAB" "$1" -- ping -q -c 5 -i 0.2 -s 64 \
		-p "$(printf %s $MARKER | od -An -tx1 | tr -d ' \n')" "$2" 9>&-
}
