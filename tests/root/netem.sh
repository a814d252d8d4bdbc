#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the kernel has netem, cables are veth pairs delayed by it, and there is no wire.
. tests/support/lab.sh

needs netem
expect 0 "$H" up "$ER" --name "$LAB"
expect 0 "$H" show -l "$LAB"
has "$out" 'cables by netem'
expect 0 "$H" exec -l "$LAB" megaport-mcr -- tc qdisc show dev link0
has "$out" 'qdisc netem .* delay 18ms'
! pgrep -f "^hublab: $LAB wire" || fail "there is a wire"
