#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the flow log says of one flow, as the worked cases write it.

usage: hublab flows -o json | chain.py PROTOCOL SOURCE[:PORT] DESTINATION[:PORT] [MACHINE-OR-NIC ...]

Of the machines or NICs that are named, the chain of deciding rules in their order; nothing when the
log has no such flow.
"""
import json
import sys


def end(address, port, has_ports):
    return f"{address}:{port}" if has_ports else address


def is_flow(item, protocol, source, destination):
    has_ports = protocol.lower() in ("tcp", "udp")
    return (item["protocol"].lower() == protocol.lower()
            and end(item["source"], item.get("source_port"), has_ports) == source
            and end(item["destination"], item.get("destination_port"), has_ports) == destination)


def layer(entry):
    words = [{"Inbound": "in", "Outbound": "out"}[entry["direction"]], entry["layer"],
             entry["resource"], entry["rule"]]
    priority = f"({entry['priority']:g})" if entry.get("priority") else ""
    return " ".join(word for word in words if word) + priority + " " + entry["access"]


def main():
    protocol, source, destination, *machines = sys.argv[1:]
    flows = json.load(sys.stdin)["flows"]
    chain = []
    for machine in machines:
        for item in reversed(flows):  # the newest, where one was sent again
            if machine in (item["vm"], item["nic"]) and is_flow(item, protocol, source, destination):
                chain += [layer(entry) for entry in item["layers"]]
                break
    print(" ; ".join(chain))


if __name__ == "__main__":
    main()
