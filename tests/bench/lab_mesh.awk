# SPDX-License-Identifier: GPL-2.0-or-later
# A lab in which every machine reaches every other: one virtual network, two machines a subnet, so
# that the kernel's table of neighbours, which the whole machine shares, holds them all.
# usage: awk -v name=N -v machines=M -f lab_mesh.awk
BEGIN {
	print "lab: " name
	print "virtual_networks:\n  v:\n    address_prefixes: 10.0.0.0/16\n    subnets:"
	for (n = 0; n < machines; n += 2)
		printf "      s%d: 10.0.%d.0/24\n", n / 2, n / 2
	print "vms:"
	for (n = 0; n < machines; n++)
		printf "  vm%d: v/s%d\n", n + 1, int(n / 2)
	print "probes: [ { from: vm1, to: vm2 } ]"
}
