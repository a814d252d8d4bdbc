#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# What frames on an interface look like: listens until a packet with MARKER, or COUNT frames of any
# kind, or SECONDS are over. Says "ready" when it listens, then a line for each kind of frame that
# there was ("88e5", or "vlan 200 vlan 10 0800"), and "in clear" when MARKER stood in one.
# usage: frames.py INTERFACE COUNT SECONDS MARKER
import socket
import struct
import sys
import time

ETH_P_ALL, SOL_PACKET, PACKET_AUXDATA, VLAN_VALID = 3, 263, 8, 1 << 4
interface, count, seconds, marker = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]

s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # else it heard all others until bind
s.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)  # the kernel takes the outer tag out of the frame
s.bind((interface, ETH_P_ALL))
print("ready", flush=True)

kinds, in_clear, seen = set(), False, 0
end = time.monotonic() + seconds
while seen < count and time.monotonic() < end:
    s.settimeout(max(0.01, end - time.monotonic()))
    try:
        frame, ancillary, _, _ = s.recvmsg(4096, 128)
    except TimeoutError:
        break
    seen += 1
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
    words.append("%04x" % ethertype)
    kinds.add(" ".join(words))
    in_clear = in_clear or marker.encode() in frame
for kind in sorted(kinds):
    print(kind)
if in_clear:
    print("in clear")
