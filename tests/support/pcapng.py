# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks of a pcapng file, one a line: its type, its length, and what statistics count. Ends with 1 when
the last one is not whole, or a length is not the same at both ends."""
import struct
import sys

data = open(sys.argv[1], "rb").read()
at = 0
while at < len(data):
    kind, size = struct.unpack_from("<II", data, at)
    if size % 4 or at + size > len(data) or struct.unpack_from("<I", data, at + size - 4)[0] != size:
        sys.exit("a block at %d is not whole" % at)
    line = "%d length %d" % (kind, size)
    option = at + 20
    while kind == 5 and option < at + size - 4:
        code, length = struct.unpack_from("<HH", data, option)
        if code in (4, 5):
            line += " %s %d" % ({4: "received", 5: "dropped"}[code],
                                struct.unpack_from("<Q", data, option + 4)[0])
        option += 4 + (length + 3) // 4 * 4
    print(line)
    at += size
