# SPDX-License-Identifier: GPL-2.0-or-later
# Turn what `hublab plan` prints, for a lab of virtual machines, into what a careful person would
# write with iproute2: one `ip -batch` for the namespaces, one for all that is in the fabric, one
# for each machine; fewer processes do not do, as ip works on one namespace at a time.
#
# It does what the lab does: the same namespaces with lo up, sysctls, veths with their MACs and ARP
# settings, addresses, neighbours, routes and rules. It does not load the nftables ruleset, and what
# hublab is measured by holds that.
#
# usage: awk -f tests/bench/ip_batch.awk -v dir=DIRECTORY PLAN; then sh -e DIRECTORY/run

function add(ns, line) { batch[ns] = batch[ns] line "\n" }

# words from one on, to the end of the line
function rest(from, i, words) {
	for (i = from; i <= NF; i++)
		words = words " " $i
	return words
}

{ split($3, here, "/"); ns = here[1]; port = here[2] }
$2 == "namespace" { order[++count] = ns; add(ns, "link set lo up"); next }
$2 == "sysctl" { split($4, set, "="); sysctls = sysctls "echo " set[2] " >/proc/sys/" set[1] "; "; next }
$2 == "bridge" { add(ns, "link add " port " up type bridge"); next }
$2 == "veth" {
	split($5, there, "/")
	add(ns, "link add " port " up address 12:34:56:78:9a:bc type veth peer name " there[2] \
		" address " $6 " netns " there[1])
	add(ns, "ntable change name arp_cache dev " port " proxy_delay 0")
	next
}
$2 == "up" { add(ns, "link set " $4 " up"); next }
$2 == "address" { add(ns, "address add" rest(4)); next }
$2 == "neighbour" { add(ns, "neighbour add" rest(4) " nud permanent"); next }
$2 == "route" { add(ns, "route add" rest(6) " table " $5); next }
$2 == "rule" { add(ns, "rule add pref" rest(4)); next }
$2 == "nft" || $2 == "file" || $2 == "responder" { next }
{ print "ip_batch.awk: what is this step: " $0 >"/dev/stderr"; failed = 1; exit }

END {
	if (failed)
		exit 1
	run = dir "/run"
	print "ip -batch " dir "/namespaces" >run
	print "ip netns exec fabric sh -c '" sysctls "'" >run
	for (i = 1; i <= count; i++) {
		file = dir "/ns-" order[i]
		printf "%s", batch[order[i]] >file
		close(file)
		print "netns add " order[i] >(dir "/namespaces")
		print "ip -n " order[i] " -batch " file >run
	}
}
