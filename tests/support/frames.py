#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# What frames on an interface look like, from when it says "ready" until its input ends: a line for
# each kind of frame that there was ("88e5", or "vlan 200 vlan 10 0800"), and "in clear" when MARKER
# stood in one. listen in frames.sh is how tests use it.
# usage: frames.py INTERFACE MARKER
import select
import socket
import struct
import sys

ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 3, 263, 8, 1 << 4
interface, marker = sys.argv[1], sys.argv[2].encode()

s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # else it heard all others until bind
s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)  # the kernel takes the outer tag out of the frame
s.setblocking(False)
s.bind((interface, ETH_P_ALL))
print("ready", flush=True)

kinds, in_clear, is_over = set(), False, False


def kind_of(frame, ancillary):
    words = []
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tci, _ = struct.unpack("IIIHHHH", data[:20])
            if status & VLAN_VALID:
                words.append("vlan %d" % (tci & 0xFFF))
    at = 12
    (ethertype,) = struct.unpack_from("!H", frame, at)
    while ethertype == 0x8100:
        words.append("vlan %d" % (struct.unpack_from("!H", frame, at + 2)[0] & 0xFFF))
        at += 4
        (ethertype,) = struct.unpack_from("!H", frame, at)
    return " ".join(words + ["%04x" % ethertype])


while True:
    if not is_over:
        readable, _, _ = select.select([s, sys.stdin], [], [])
        is_over = sys.stdin in readable
    try:
        frame, ancillary, _, _ = s.recvmsg(4096, 128)
    except BlockingIOError:
        if is_over:  # and nothing is left
            break
        continue
    kinds.add(kind_of(frame, ancillary))
    in_clear = in_clear or marker in frame
for kind in sorted(kinds):
    print(kind)
if in_clear:
    print("in clear")
