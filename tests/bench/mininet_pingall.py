# SPDX-License-Identifier: GPL-2.0-or-later
"""Milliseconds and pairs of Mininet's own pingall of N hosts on one switch. Ends with 1 when they do
not reach each other. To be run in namespaces of its own, as tests/bench/peers does.
usage: mininet_pingall.py N"""
import sys
import time

import mininet.net
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo

# Its own would raise limits of the host, for good.
mininet.net.fixLimits = lambda: None

count = int(sys.argv[1])
net = mininet.net.Mininet(SingleSwitchTopo(count), switch=LinuxBridge, controller=None)
net.start()
net.ping([net.hosts[0], net.hosts[-1]], timeout="2")  # the switch forwards
start = time.monotonic()
lost = net.pingAll(timeout="2")
took = time.monotonic() - start
net.stop()
print(f"{took * 1000:.1f} {count * (count - 1)}")
sys.exit(lost > 0)
