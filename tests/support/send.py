#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""One packet with any source, as those who forge them or forward others' send it.

usage: send.py Tcp|Udp|Icmp|Esp SOURCE[:PORT] DESTINATION[:PORT]

Of TCP it is the SYN that opens a connection, of ICMP an echo request.
"""
import socket
import struct
import sys

NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17, "esp": 50}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def split(side):
    address, _, port = side.partition(":")
    return socket.inet_aton(address), int(port or 0)


def payload(protocol, source, destination):
    (src, sport), (dst, dport) = source, destination
    if protocol == "icmp":
        body = struct.pack("!BBHHH", 8, 0, 0, 4711, 1)
        return body[:2] + struct.pack("!H", checksum(body)) + body[4:]
    if protocol == "esp":
        return struct.pack("!II", 4711, 1) + bytes(24)
    if protocol == "udp":
        body = struct.pack("!HHHH", sport, dport, 12, 0) + b"hub\n"
        at = 6
    else:
        body = struct.pack("!HHIIBBHHH", sport, dport, 4711, 0, 5 << 4, 2, 64240, 0, 0)
        at = 16
    pseudo = src + dst + struct.pack("!BBH", 0, NUMBERS[protocol], len(body))
    return body[:at] + struct.pack("!H", checksum(pseudo + body)) + body[at + 2:]


def main():
    if len(sys.argv) != 4 or sys.argv[1].lower() not in NUMBERS:
        sys.exit(__doc__)
    protocol = sys.argv[1].lower()
    source, destination = split(sys.argv[2]), split(sys.argv[3])
    body = payload(protocol, source, destination)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, NUMBERS[protocol], 0,
                       source[0], destination[0])
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        out.sendto(head + body, (socket.inet_ntoa(destination[0]), 0))


if __name__ == "__main__":
    main()
