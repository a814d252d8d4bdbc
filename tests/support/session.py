#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A TCP connection that stays: what becomes of it when rules change.

usage: session.py ADDRESS PORT [SOURCE-PORT]     says "connected", waits for a line, asks by HTTP
       session.py listen PORT                    says "listening", sends back what comes
"""
import socket
import sys


def connect(address, port, source_port):
    with socket.create_connection((address, port), 5, ("", source_port)) as session:
        print("connected", flush=True)
        sys.stdin.readline()
        session.settimeout(5)
        session.sendall(b"GET / HTTP/1.0\r\n\r\n")
        print(session.recv(4096).decode(errors="replace").splitlines()[0], flush=True)


def listen(port):
    with socket.create_server(("", port)) as server:
        print("listening", flush=True)
        peer, _ = server.accept()
        with peer:
            while data := peer.recv(4096):
                peer.sendall(data)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "listen":
        listen(int(sys.argv[2]))
    elif len(sys.argv) in (3, 4):
        connect(sys.argv[1], int(sys.argv[2]), int((sys.argv + ["0"])[3]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
