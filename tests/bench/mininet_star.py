# SPDX-License-Identifier: GPL-2.0-or-later
"""Milliseconds that Mininet needs for N hosts on one switch, which is what comes nearest to a lab's
fabric with a port for each machine: from the topology to the switch with all of them plugged in.
Ends with 1 when they then do not reach each other. To be run in namespaces of its own, as
tests/bench/peers does: Mininet works in those it finds.
usage: mininet_star.py N"""
import resource
import sys
import time

import mininet.net
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo

# Its own would raise limits of the host, for good; it needs no others than these.
mininet.net.fixLimits = lambda: None
files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

count = int(sys.argv[1])
start = time.monotonic()
net = mininet.net.Mininet(SingleSwitchTopo(count), switch=LinuxBridge, controller=None)
net.start()
took = time.monotonic() - start
lost = net.ping([net.hosts[0], net.hosts[-1]], timeout="2")
net.stop()
print(f"{took * 1000:.1f}")
sys.exit(lost > 0)
