#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of a running lab as Wireshark sees them: a flow at each of its hops, in order, with what
# decides there; machines alone; pipes, signals, full disks, and labs that end meanwhile.
. tests/support/lab.sh

command -v tshark >/dev/null || skip tshark
find_python 'import socket' || skip python3
cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: 10.4.0.0/16
    subnets: { nvas: 10.4.2.0/24 }
    peerings: { to-one: one, to-two: two }
  one:
    address_prefixes: 10.1.0.0/16
    subnets: { s: { address_prefix: 10.1.1.0/24, route_table: rt } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
  two:
    address_prefixes: 10.2.0.0/16
    subnets: { s: { address_prefix: 10.2.1.0/24, route_table: rt, network_security_group: nsg } }
    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
vms: { vm1: one/s, vm2: two/s }
nvas: { nva: { subnet: hub/nvas, private_ip_address: 10.4.2.101 } }
network_security_groups:
  nsg: { security_rules: { in: 100 Inbound Allow * 10.0.0.0/8 -> * } }
route_tables: { rt: { routes: { all: 10.0.0.0/8 VirtualAppliance 10.4.2.101 } } }
probes: [ { from: vm2, to: nva, protocol: Http } ] # no pings but those here
E
expect 0 "$H" up "$SCRATCH/lab.yaml"
P=$SCRATCH/p.pcapng

# is_begun: the capture in the background, $capture, hears packets.
is_begun() {
	wait_for 5 grep -q '^capturing at' "$SCRATCH/told" || fail "no capture: $(cat "$SCRATCH/told")"
}
# begin ARGUMENTS...: one whose output goes to $SCRATCH/begun and $SCRATCH/told
begin() {
	: >"$SCRATCH/told"
	"$H" capture -l "$LAB" "$@" >"$SCRATCH/begun" 2>"$SCRATCH/told" &
	capture=$!
	is_begun
}
# end CODE [SIGNAL]: it ends with that, after the signal; $err is what it said
end() {
	[ -z "${2-}" ] || kill "-$2" "$capture"
	wait "$capture"
	got=$?
	err=$(cat "$SCRATCH/told")
	[ "$got" -eq "$1" ] || fail "capture ended with $got, not $1: $err"
}
ping_once() { expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 1 -W 2 "$@"; }
# fields FILE OPTIONS...: what tshark says of it
fields() { tshark -r "$@" 2>"$SCRATCH/tshark" || echo "tshark: $(cat "$SCRATCH/tshark")"; }
# whole: the file is, for us and for others, whose words are in $out
whole() {
	expect 0 "$python" tests/support/pcapng.py "$P"
	blocks=$out
	expect 0 capinfos "$P"
}

# ---- one ping at every hop, there and back, in order; the NVA alone takes one from the TTL ----
begin --flow vm1 vm2 -w "$P" -c 8
ping_once
end 0
has "$err" '^vm1 \(10\.1\.1\.4\) to vm2 \(10\.2\.1\.4\), icmp$'
has "$err" '^capturing at 3 places: vm1/eth0, nva/eth0, vm2/eth0$'
has "$err" '^8 packets captured, 0 dropped$'
out=$(fields "$P" -T fields -E separator=' ' -e frame.interface_name -e frame.packet_flags_direction \
	-e ip.src -e icmp.type -e ip.ttl)
[ "$out" = "vm1/eth0 0x00000002 10.1.1.4 8 64
nva/eth0 0x00000001 10.1.1.4 8 64
nva/eth0 0x00000002 10.1.1.4 8 63
vm2/eth0 0x00000001 10.1.1.4 8 63
vm2/eth0 0x00000002 10.2.1.4 0 64
nva/eth0 0x00000001 10.2.1.4 0 64
nva/eth0 0x00000002 10.2.1.4 0 63
vm1/eth0 0x00000001 10.2.1.4 0 63" ] || fail "not each hop once: $out"
whole
has "$out" '^File timestamp precision: +nanoseconds'
has "$out" '^Strict time order: +True'
has "$out" '^Capture application: +hublab [0-9]'
has "$out" "^Capture comment: +lab $LAB: vm1 \(10\.1\.1\.4\) to vm2"
has "$out" '^ +Description = NIC nva-nic of nva \(NVA\), 10\.4\.2\.101'
has "$out" "routes of one/s: 10\.0\.0\.0/8 VirtualAppliance 10\.4\.2\.101, route 'all' \[lab\.yaml:"
has "$out" '^ +Comment = there: in: nsg allows it: rule in \(subnet, priority 100\) \[lab\.yaml:'
[ "$(printf '%s\n' "$out" | grep -c 'Number of stat entries = 1$')" -eq 3 ] || fail "statistics: $out"

# another protocol between the two is not seen, and fragments are
begin --flow vm1 vm2 -w "$P"
expect 7 "$H" curl -l "$LAB" vm1 http://vm2:81/ -s -m 5
ping_once -s 3000
end 0 INT
out=$(fields "$P" -Y 'ip.proto != 1')
[ -z "$out" ] || fail "TCP in a capture of ICMP: $out"
has "$err" '^24 packets captured, 0 dropped$'

# one that is denied ends where it is denied; that is said before it begins
expect 0 "$H" set -l "$LAB" network_security_groups/nsg \
	'{ security_rules: { no: 100 Inbound Deny Tcp * -> * } }'
begin --flow vm1 vm2 tcp:80 -w "$P"
expect 28 "$H" curl -l "$LAB" vm1 http://vm2/ -s -m 0.5
end 0 TERM
has "$err" '^to be expected: nsg denies it into vm2: rule no '
out=$(fields "$P" -T fields -e frame.interface_name -Y 'tcp.flags.syn == 1' | sort -u | xargs)
[ "$out" = 'nva/eth0 vm1/eth0' ] || fail "a denied SYN was seen at: $out"
expect 0 "$H" undo -l "$LAB" 1

# ---- a machine, in text; filters ----
begin nva icmp and dst host 10.2.1.4 -c 2
ping_once
end 0
has "$(cat "$SCRATCH/begun")" '^[0-9:.]{15} nva/eth0 in  10\.1\.1\.4 > 10\.2\.1\.4 icmp echo request id [0-9]+ ttl 64 length 98$'
has "$(cat "$SCRATCH/begun")" '^[0-9:.]{15} nva/eth0 out 10\.1\.1\.4 > 10\.2\.1\.4 icmp echo request id [0-9]+ ttl 63 length 98$'
begin vm1:vm1-nic tcp port 80 -o tsv -c 3
expect 0 "$H" curl -l "$LAB" vm1 http://vm2/ -s -o /dev/null
end 0
has "$(sed -n 2p "$SCRATCH/begun")" '	vm1/eth0	in	10\.2\.1\.4:80	10\.1\.1\.4:[0-9]+	tcp \[S\.\]	63	74$'
begin vm1:eth0 -o json --for 500ms arp or icmp
ping_once
end 0
has "$(cat "$SCRATCH/begun")" '"words":"icmp echo reply id [0-9]+".*"ttl":63'

# ---- into a pipe: what there is is there at once; when its reader leaves, that is all ----
mkfifo "$SCRATCH/pipe"
: >"$SCRATCH/told"
tshark -l -i - -T fields -e frame.interface_name <"$SCRATCH/pipe" >"$SCRATCH/piped" 2>/dev/null &
reader=$!
"$H" capture -l "$LAB" vm1 icmp -w - >"$SCRATCH/pipe" 2>"$SCRATCH/told" &
capture=$!
is_begun
ping_once
has_two() { [ "$(wc -l <"$SCRATCH/piped")" -eq 2 ]; }
wait_for 10 has_two || fail "not piped: $(cat "$SCRATCH/piped")"
kill -INT "$reader"
wait "$reader"
end 0
[ "$(xargs <"$SCRATCH/piped")" = 'vm1/eth0 vm1/eth0' ] || fail "piped: $(cat "$SCRATCH/piped")"
# one who reads nothing does not keep it from ending
mkfifo "$SCRATCH/idle"
exec 3<>"$SCRATCH/idle"
begin vm1 -w "$SCRATCH/idle"
expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 100 -i 0.002 -q -s 1400
end 1 INT
has "$err" 'nobody reads what is written'
exec 3>&-

# ---- more than there is room for: counted, and told ----
begin vm1 -w "$P" --buffer 1 udp port 9
kill -STOP "$capture"
expect 0 "$H" exec -l "$LAB" vm1 -- "$python" -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(2000): s.sendto(b"x" * 1400, ("10.2.1.4", 9))'
kill -CONT "$capture"
end 0 INT
captured=$(printf '%s\n' "$err" | sed -nE 's/^([0-9]+) packets captured.*/\1/p')
dropped=$(printf '%s\n' "$err" | sed -nE 's/.* captured, ([0-9]+) dropped$/\1/p')
[ "$dropped" -gt 1000 ] || fail "nothing was dropped: $err"
[ $((captured + dropped)) -eq 2000 ] || fail "$captured captured and $dropped dropped of 2000"
has "$err" "^hublab: warning: $dropped of 2000 packets were dropped at vm1/eth0"
whole
has "$out" "^Number of packets: +$captured$"
has "$blocks" "^5 .* received 2000 dropped $dropped$"

# ---- a file as large as it may be is whole to its last packet, and that is an error ----
: >"$SCRATCH/told"
(
	ulimit -f 8
	exec "$H" capture -l "$LAB" vm1 icmp -w "$P" 2>"$SCRATCH/told"
) &
capture=$!
is_begun
expect 0 "$H" ping -l "$LAB" vm1 vm2 -c 100 -i 0.002 -q
end 1
has "$err" '^hublab: write packets: File too large$'
whole
lacks "$out" '^Number of packets: +0$'

# ---- tunnels: inside there is the ping, with the TTL it has there, outside ESP ----
V2V=${LAB}v
{
	sed "s/^lab: .*/lab: $V2V/" tests/golden/vnet_to_vnet.yaml
	echo 'probes: [ { from: m4, to: m5, protocol: Http } ]'
} >"$SCRATCH/tunnels.yaml"
expect 0 "$H" up "$SCRATCH/tunnels.yaml"
begin -l "$V2V" --flow m1 m5 -w "$P"
expect 0 "$H" ping -l "$V2V" m1 m5 -c 1 -W 2
end 0 INT
whole
# by which of two tunnels it goes is the kernel's choice: without their numbers
out=$(fields "$P" -Y 'icmp.type == 8' -T fields -E separator=' ' -e frame.interface_name -e ip.ttl |
	sed 's/gw5-[01]/gw5/; s/tun[0-9]/tun/')
[ "$out" = "m1/eth0 64
gw4-0/eth0 64
gw4-0/tun 64
gw5/tun 64
gw5/eth0 64
m5/eth0 64" ] || fail "not inside of the tunnel: $out"
has "$(fields "$P" -Y 'ip.proto == 50 || udp.port == 4500' -T fields -e frame.interface_name)" '^gw4-0-t[01]/wan0$'
expect 0 "$H" down "$V2V"

# ---- what is none ----
expect 1 "$H" capture -l "$LAB" nobody
has "$err" "the lab has no node 'nobody'"
expect 1 "$H" capture -l "$LAB" vm1:eth7
has "$err" "vm1 has no interface 'eth7', but eth0"
expect 1 "$H" capture -l "$LAB" vm1 -w "$SCRATCH/no/such/folder"
has "$err" 'No such file or directory'
expect 1 "$H" capture -l "$LAB" --flow vm1 nobody
expect 2 "$H" capture -l "$LAB" --flow vm1 vm2 sctp:53
expect 2 "$H" capture -l "$LAB" --flow vm1
expect 2 "$H" capture -l "$LAB"
expect 2 "$H" capture -l "$LAB" vm1 nonsense and
has "$err" "the filter 'nonsense and': "
expect 2 "$H" capture -l "$LAB" vm1 ip and ip6
has "$err" 'rejects all packets'
# ... and a host without libpcap, which only filters need
library=$(/sbin/ldconfig -p | sed -nE 's/.*libpcap\.so\.0\.8 .* => //p' | head -n 1)
expect 5 unshare -rm sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' -- "$library" \
	"$H" capture -l "$LAB" vm1 icmp
has "$err" '^hublab: this host has no libpcap'
for option in '-c 0' '--snaplen 300000' '--for soon' '--buffer x'; do
	# shellcheck disable=SC2086 # an option and its value
	expect 2 "$H" capture -l "$LAB" vm1 $option
done

# ---- a machine is taken out of the lab; that nothing is left to capture at is an error ----
begin vm1 -w "$P"
expect 0 "$H" set -l "$LAB" vms/vm1 null
end 1
has "$err" '^hublab: vm1/eth0 is no more$'
has "$err" '^hublab: nothing is left to capture at$'
whole
expect 0 "$H" undo -l "$LAB" 1

# ---- the lab ends, and so does it; what it has is whole ----
begin vm1 -w "$P" --snaplen 60
ping_once
expect 0 "$H" down "$LAB"
end 1
has "$err" '^hublab: the lab ended$'
whole
out=$(fields "$P" -T fields -e frame.cap_len -e frame.len -Y icmp | sort -u | xargs)
[ "$out" = '60 98' ] || fail "bytes of each packet: $out"
