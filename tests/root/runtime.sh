#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The directory that running labs are found by is its user's alone.
. tests/support/lab.sh

if [ "$(id -u)" = 0 ]; then
	# another one than that of the labs that run: root's has a fixed place
	[ "${HIDDEN:-}" ] || HIDDEN=1 exec unshare --mount sh -c 'mount -t tmpfs tmpfs /run && exec "$0"' "$0"
	base=/run/hublab
else
	XDG_RUNTIME_DIR=$SCRATCH base=$SCRATCH/hublab
	export XDG_RUNTIME_DIR
fi

expect 0 "$H" ls
[ ! -e "$base" ] || fail "ls left $base"

# somebody made it by hand: others could look, and not write
mkdir -m 755 "$base"
expect 0 "$H" up peering-flags --name "$LAB"
[ "$(stat -c %a "$base")" = 700 ] || fail "$base is open to others"
expect 0 "$H" down "$LAB"

# what others may have put there is not taken for labs
mkdir -p "$base" && chmod 777 "$base"
expect 1 "$H" up peering-flags --name "$LAB"
has "$err" "$base is not this user's alone: .*; remove it"
rmdir "$base"
expect 0 "$H" up peering-flags --name "$LAB"
expect 0 "$H" down "$LAB"
