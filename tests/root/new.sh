#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A new lab file from options: it is what the pure half writes, is written where it is wanted and
# never over another, and comes up. tests/screen/new.sh is about the questions.
. tests/support/lab.sh
case $H in /*) ;; *) H=$PWD/$H ;; esac
golden=$PWD/tests/golden/new
cd "$SCRATCH" || exit

# to standard output: the file and nothing else
expect 0 "$H" new -
[ -z "$err" ] || fail "it said: $err"
printf '%s\n' "$out" | cmp - "$golden/two_spokes.yaml" || fail "this was written: $out"
expect 0 "$H" new --name contoso --branch -
printf '%s\n' "$out" | cmp - "$golden/branch.yaml" || fail "this was written: $out"
expect 0 "$H" new --name own --location northeurope --hub 172.16.0.0/22 \
	--spokes 172.20.0.0/16,10.9.0.0/28 --vms 3 --on-premises 192.168.7.0/26 -
printf '%s\n' "$out" | cmp - "$golden/own_prefixes.yaml" || fail "this was written: $out"

# into a file, called after the lab, or the lab after it
expect 0 "$H" new --name two </dev/null
[ "$out" = "two.yaml is written. Build it with
  hublab up two.yaml" ] || fail "it said: $out"
expect 0 "$H" check two.yaml
has "$out" "^two.yaml: lab 'two' is valid"
[ -z "$err" ] || fail "it has warnings: $err"
mkdir "my labs"
expect 0 "$H" new "my labs/three.v1.yaml" </dev/null
has "$out" "^  hublab up 'my labs/three.v1.yaml'$"
expect 0 "$H" check "my labs/three.v1.yaml"
has "$out" "lab 'three' is valid"
expect 0 "$H" new --nva --er --vpn --branch -
printf '%s\n' "$out" | cmp - "$golden/all.yaml" || fail "this was written: $out"
for options in --er --branch "--branch --spokes 20" --nva --vpn "--vpn --on-premises 10.9.0.0/16"; do
	# shellcheck disable=SC2086 # several words
	expect 0 "$H" new --force $options three.yaml </dev/null
	expect 0 "$H" check three.yaml
	[ -z "$err" ] || fail "with $options it has warnings: $err"
done

# never over another
echo mine >mine.yaml
for name in mine.yaml --name=mine; do
	expect 1 "$H" new "$name" </dev/null
	has "$err" '^hublab: mine.yaml exists: --force overwrites it$'
	[ "$(cat mine.yaml)" = mine ] || fail "mine.yaml was overwritten"
done
expect 0 "$H" new --force mine.yaml </dev/null
expect 0 "$H" check mine.yaml
expect 1 "$H" new nowhere/lab.yaml </dev/null
has "$err" '^hublab: nowhere/lab.yaml: No such file or directory$'

# refuses WORDS ARGUMENT ...: no file is written
refuses() {
	words=$1
	shift
	expect 2 "$H" new bad.yaml "$@"
	has "$err" "^hublab new: $words"
	[ -z "$out" ] || fail "'new $*' printed: $out"
	[ ! -e bad.yaml ] || fail "'new $*' wrote a file"
}
refuses "--name: '-' cannot be a name" --name -
refuses "--hub: 'x' is not an IPv4 prefix" --hub x
refuses "--hub: 10.0.0.1/24 has bits set behind its length: the network is 10.0.0.0/24$" \
	--hub 10.0.0.1/24
refuses '--spokes: there can be 0 to 100 spokes' --spokes ''
refuses "--spokes: 10.0.0.0/16 overlaps the hub's address space, 10.0.0.0/24$" --spokes 10.0.0.0/16
refuses "--vms: there can be 1 to 100 VMs in a spoke, not '0'$" --vms 0
refuses "--on-premises: 10.0.1.0/25 overlaps spoke1's address space, 10.0.1.0/24$" \
	--on-premises 10.0.1.0/25
refuses "'more' is one argument too many$" more
refuses "unknown option '--vwan'$" --vwan
refuses "--nva: an NVA forwards what spokes send, and there are no spokes: give their number or " \
	--nva --spokes 0
refuses "--on-premises: tunnels end at public addresses of 203.0.113.0/24, 198.51.100.0/24 or " \
	--hub 203.0.113.0/24 --spokes 198.51.100.0/24 --vpn --on-premises 192.0.2.0/24

# it is a lab: up OPTION... SUMMARY
builds() {
	summary=$1
	shift
	expect 0 "$H" new --force --name "$LAB" "$@" </dev/null
	expect 0 "$H" up "$LAB.yaml"
	has "$out" "^$LAB is up: $summary"
}
builds '4 VMs, 10 BGP sessions, 24 probes green' --branch
expect 0 "$H" ping -l "$LAB" spoke2-vm1 branch-vm -c 1
expect 0 "$H" down "$LAB"

# spokes reach each other through the NVA, and no longer when Azure does not let it forward
builds '4 VMs, 0 BGP sessions, 24 probes green' --nva
expect 0 "$H" ping -l "$LAB" spoke1-vm1 spoke2-vm1 -c 1
has "$out" ' ttl=63 '
expect 0 "$H" set -l "$LAB" nvas/hub-nva/enable_ip_forwarding false
expect 1 "$H" ping -l "$LAB" spoke1-vm1 spoke2-vm1 -c 1 -W 1
expect 0 "$H" down "$LAB"

works() {
	"$H" doctor -o tsv | cut -f1,2 | grep -q "^$1	yes"
}
works strongswan || skip "strongswan"
works xfrm || works libipsec || skip "libipsec"

# two tunnels to the branch, whose router takes one from the TTL; frr is what the file offers
builds '5 VMs, 3 BGP sessions, 40 probes green' --vpn --branch
expect 0 "$H" show -l "$LAB"
has "$out" '^tunnels +2 of 2$'
expect 0 "$H" ping -l "$LAB" spoke2-vm1 branch-vm -c 1
has "$out" ' ttl=63 '
expect 0 "$H" ping -l "$LAB" branch-nva hub-vm -c 1
if works frr; then
	expect 0 "$H" set -l "$LAB" nvas/branch-nva/bgp/daemon frr
	expect 0 "$H" ping -l "$LAB" branch-vm spoke1-vm1 -c 1
fi
expect 0 "$H" down "$LAB"

# with all of it ExpressRoute is preferred, and the VPN takes over as the file says
builds '6 VMs, 17 BGP sessions, 60 probes green' --nva --er --vpn --branch
pings_with_ttl() {
	"$H" ping -l "$LAB" spoke1-vm1 branch-vm -c 1 -W 1 | grep -q " ttl=$1 "
}
wait_for 10 pings_with_ttl 60 || fail "ExpressRoute is not preferred"
expect 0 "$H" ping -l "$LAB" spoke1-vm1 spoke2-vm1 -c 1
expect 0 "$H" fault -l "$LAB" cut hub-circuit
wait_for 10 pings_with_ttl 63 || fail "the VPN does not take over"
expect 0 "$H" fault -l "$LAB" clear
wait_for 10 pings_with_ttl 60 || fail "ExpressRoute does not come back"
