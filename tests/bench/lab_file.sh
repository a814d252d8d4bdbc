#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Print a lab file: a hub, and spokes with virtual machines. usage: lab_file.sh NAME SPOKES VMS-EACH
awk -v name="$1" -v spokes="$2" -v vms="$3" 'BEGIN {
	print "lab: " name "\nlocation: westeurope\n\nvirtual_networks:"
	print "  hub:\n    address_prefixes: 10.0.0.0/24\n    subnets: { default: 10.0.0.0/25 }\n    peerings:"
	for (s = 1; s <= spokes; s++)
		printf "      to-spoke%d: spoke%d\n", s, s
	for (s = 1; s <= spokes; s++)
		printf "  spoke%d:\n    address_prefixes: 10.%d.%d.0/24\n    subnets: { default: 10.%d.%d.0/25 }\n    peerings: { to-hub: hub }\n",
			s, 1 + int(s / 250), s % 250, 1 + int(s / 250), s % 250
	print "\nvms:\n  hub-vm: hub/default"
	for (s = 1; s <= spokes; s++)
		for (v = 1; v <= vms; v++)
			printf "  spoke%d-vm%d: spoke%d/default\n", s, v, s
}'
