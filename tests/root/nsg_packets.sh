#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# NSGs and real packets: every layer decides as it should and says so, sessions outlive their rules,
# and what a gateway learns moves VirtualNetwork while all rules stay the objects they are (NSG-46).
. tests/support/lab.sh

needs ipv6
cat >"$SCRATCH/lab.yaml" <<E
lab: $LAB
internet: { client: 198.51.100.7 }
public_ip_addresses: { closed: 20.1.1.1, open: { ip_address: 20.1.1.2, sku: Basic } }
virtual_networks:
  v:
    address_prefixes: [10.0.0.0/16, "fd00:0:1::/48"]
    subnets:
      web: { address_prefix: [10.0.1.0/24, "fd00:0:1:1::/64"], network_security_group: web }
      data: { address_prefix: [10.0.2.0/24, "fd00:0:1:2::/64"], network_security_group: data }
      free: { address_prefix: [10.0.3.0/24, "fd00:0:1:3::/64"] }
      GatewaySubnet: { address_prefix: [10.0.255.0/27, "fd00:0:1:ff::/64"] }
      admin: { address_prefix: [10.0.4.0/24, "fd00:0:1:4::/64"] }
  w:
    address_prefixes: 10.9.0.0/16
    subnets: { s: { address_prefix: 10.9.0.0/24, network_security_group: shut } }
    peerings: { wv: v }
application_security_groups: { front, back }
network_security_groups:
  web:
    security_rules:
      http: 100 Inbound Allow Tcp VirtualNetwork -> *:80,443,8000-8100
      ping: 110 Inbound Allow Icmp VirtualNetwork -> *
      rest: 4000 Inbound Deny * * -> *
      nowhere: 200 Outbound Deny Tcp * -> *:8081
  data:
    security_rules:
      front: 100 Inbound Allow Tcp front -> back:1433
      dns: 120 Inbound Allow Udp 10.0.3.0/24,10.0.1.0/24 -> *:53
      ports: 130 Inbound Deny * * -> *:7
      ping: 140 Inbound Allow Icmp 10.0.1.4 -> *
  nic: { security_rules: { no: 300 Inbound Deny Tcp * -> *:8050 } }
  shut: { security_rules: { all: 100 Inbound Deny * VirtualNetwork -> * } }
network_groups: { g: { members: [w] } }
security_admin_configurations:
  admin:
    rule_collections:
      rules:
        applies_to_groups: [g]
        rules:
          always: { rule: 10 Inbound AlwaysAllow Tcp * -> *:80 }
          never: { rule: 20 Outbound Deny Icmp * -> 10.9.0.5 }
vms:
  a: { subnet: v/web, application_security_groups: [front] }
  b: { subnet: v/web, network_security_group: nic }
  c: { subnet: v/data, application_security_groups: [back] }
  d: v/free
  e: { subnet: v/free, public_ip_address: closed }
  f: { subnet: v/free, public_ip_address: open }
  x: w/s
  y: w/s
nvas: { fw: { subnet: v/free, private_ip_address: 10.0.3.9 } }
virtual_network_gateways: { ergw: { virtual_network: v, gateway_type: ExpressRoute } }
express_route_circuits: { er: { msee_address: 10.3.129.58 } }
connections: { c: { gateway: ergw, circuit: er } }
providers: { isp: { asn: 65001, links: [ er, { branch: site } ] } }
branches: { site: { asn: 65010, announce: [ 192.168.4.0/24 ] } }
probes: [ { from: a, to: b, protocol: Icmp } ]
E
expect 0 "$H" up "$SCRATCH/lab.yaml"

in_vm() { # VM COMMAND...
	vm=$1
	shift
	"$H" exec -l "$LAB" "$vm" -- "$@"
}
# What a connection meets: "open", "closed" by the machine itself, or "lost" on the way.
tcp() {
	in_vm "$1" timeout $((1 * SLOW)) bash -c "echo >/dev/tcp/$2/$3" >"$SCRATCH/tcp" 2>&1
	case $? in
	0) echo open ;;
	124) echo lost ;;
	*) grep -q refused "$SCRATCH/tcp" && echo closed || cat "$SCRATCH/tcp" ;;
	esac
}
is() { # WHAT COMMAND...
	want=$1
	shift
	got=$("$@")
	[ "$got" = "$want" ] || fail "'$*' is $got, not $want: $("$H" flows -l "$LAB" | tail -n 4)"
}
udp() { in_vm "$1" bash -c "head -c ${4:-4} /dev/zero >/dev/udp/$2/$3"; }
flow() { "$H" flows -l "$LAB" -o tsv | cut -f2- | grep -Eq -- "$1"; }
# says NIC DIRECTION ACCESS PROTOCOL DESTINATION RULE: the log has such a flow
says() {
	wait_for 3 flow "^$1	$2	$3	$4	[^	]*	$5	([^	]* )?$6" ||
		fail "no flow at $1 $2 is $3 by $6 to $5: $("$H" flows -l "$LAB" -o tsv | tail)"
}

# ---- layers, lists, groups, protocols (NSG-10 to NSG-14, NSG-23, NSG-24, ASG-02) ----
is open tcp a 10.0.1.5 80
says a-nic Outbound Allow Tcp 10.0.1.5:80 'web/AllowVnetOutBound\(65000\)'
says b-nic Inbound Allow Tcp 10.0.1.5:80 'nic nic/AllowVnetInBound\(65000\)'
is closed tcp a 10.0.1.5 8099
is lost tcp a 10.0.1.5 8101
says b-nic Inbound Deny Tcp 10.0.1.5:8101 'subnet web/rest\(4000\)'
is lost tcp a 10.0.1.5 8050
says b-nic Inbound Deny Tcp 10.0.1.5:8050 'nic nic/no\(300\)'
is lost tcp a 10.0.1.5 8081
says a-nic Outbound Deny Tcp 10.0.1.5:8081 'subnet web/nowhere\(200\)'
is closed tcp a 10.0.2.4 1433
says c-nic Inbound Allow Tcp 10.0.2.4:1433 'subnet data/front\(100\)'
is closed tcp d 10.0.2.4 1433
says c-nic Inbound Allow Tcp 10.0.2.4:1433 'subnet data/AllowVnetInBound\(65000\)'
udp a 10.0.2.4 53
says c-nic Inbound Allow Udp 10.0.2.4:53 'subnet data/dns\(120\)'
udp a 10.0.2.4 7
says c-nic Inbound Deny Udp 10.0.2.4:7 'subnet data/ports\(130\)'
in_vm a ping -c 1 -W 1 10.0.2.4 >/dev/null || fail "a rule with ports touched a ping (NSG-13)"
says c-nic Inbound Allow Icmp 10.0.2.4 'subnet data/ping\(140\)'

# ---- IPv6 has the same rules ----
six=$(in_vm b ip -6 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4 }')
is open tcp a "$six" 80
is lost tcp a "$six" 81
says b-nic Inbound Deny Tcp "\[?$six\]?:81" 'subnet web/rest\(4000\)'
in_vm a ping -c 1 -W 1 "$six" >/dev/null || fail "no ping by IPv6"

# ---- fragments have the verdict of their first one (NSG-16) ----
in_vm a ping -c 1 -W 1 -s 4000 10.0.1.5 >/dev/null || fail "no large ping"
datagrams() { in_vm c cat /proc/net/snmp | awk '/^Udp: [0-9]/ { print $2 + $3 + $4 }'; }
before=$(datagrams)
udp a 10.0.2.4 7 4000
udp a 10.0.2.4 53 4000
is_one_more() { [ "$(datagrams)" -eq $((before + 1)) ]; }
wait_for 3 is_one_more || fail "$before datagrams, then $(datagrams), of one allowed and one denied"

# ---- errors about what is allowed come back, whatever is denied (NSG-14) ----
expect 7 in_vm c timeout $((3 * SLOW)) bash -c 'exec 3<>/dev/udp/10.0.3.4/9
	while echo x >&3; do :; done 2>/dev/null
	exit 7'

# ---- what the platform does not carry, and what is spoofed (NSG-15, NSG-28) ----
in_vm a perl -MSocket -e 'socket S, PF_INET, SOCK_RAW, 47;
	send S, "....", 0, sockaddr_in(0, inet_aton("10.0.1.5"))' || fail "GRE was not sent"
says a-nic Outbound Deny '[^	]*' 10.0.1.5 'platform-protocol'
in_vm a perl -MSocket -e 'socket S, PF_INET, SOCK_DGRAM, 0;
	bind S, sockaddr_in(65330, INADDR_ANY) or die;
	send S, "....", 0, sockaddr_in(53, inet_aton("10.0.2.4"))' || fail "port 65330"
says a-nic Outbound Deny Udp 10.0.2.4:53 'platform-protocol'
in_vm a ip addr add 10.0.1.77/32 dev eth0
in_vm a ping -c 1 -W 1 -I 10.0.1.77 10.0.1.5 >/dev/null && fail "a spoofed packet arrived"
says a-nic Outbound Deny Icmp 10.0.1.5 'anti-spoof'

# ---- security admin rules come first (AVNM-03) ----
is open tcp y 10.9.0.4 80
says x-nic Inbound Allow Tcp 10.9.0.4:80 'avnm rules/always\(10\)'
is lost tcp y 10.9.0.4 81
says x-nic Inbound Deny Tcp 10.9.0.4:81 'subnet shut/all\(100\)'
in_vm x ping -c 1 -W 1 10.9.0.5 >/dev/null && fail "an admin rule was not asked"
says x-nic Outbound Deny Icmp 10.9.0.5 'avnm rules/never\(20\)'

# ---- a Standard public address opens nothing, a Basic one everything (NSG-25) ----
is lost tcp client 20.1.1.1 80
says e-nic Inbound Deny Tcp 10.0.3.5:80 'standard-pip-closed'
is open tcp client 20.1.1.2 80

# ---- a session outlives its rule, and a second one is refused (NSG-18, N50, N51) ----
mkfifo "$SCRATCH/go"
"$H" exec -l "$LAB" a -- bash -c 'exec 3<>/dev/tcp/10.0.1.5/80
	echo connected; read -r _; printf "GET / HTTP/1.0\r\n\r\n" >&3; cat <&3' \
	<"$SCRATCH/go" >"$SCRATCH/session" 2>&1 &
session=$!
exec 9>"$SCRATCH/go"
wait_for 3 grep -q connected "$SCRATCH/session" || fail "no session"
expect 0 "$H" set -l "$LAB" network_security_groups/web/security_rules/http null
is lost tcp a 10.0.1.5 80
echo go >&9
exec 9>&-
wait $session
has "$(cat "$SCRATCH/session")" '^HTTP/1.* 200'
expect 0 "$H" undo -l "$LAB" all
is open tcp a 10.0.1.5 80

# ---- what is learned moves VirtualNetwork, and no rule (NSG-29) ----
handles() {
	"$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric nft -a list table ip hublab |
		grep 'handle [0-9]'
}
in_vm fw ip addr add 192.168.4.9/32 dev lo
in_vm fw ip addr add 192.168.5.9/32 dev lo
heard() { in_vm fw ping -c 1 -W 1 -I "$1" 10.0.2.4 >/dev/null; }
handles >"$SCRATCH/before"
[ -s "$SCRATCH/before" ] || fail "no rules"
heard 192.168.4.9
wait_for 3 flow '^c-nic	Inbound	Allow	Icmp	192.168.4.9	10.0.2.4	.*AllowVnetInBound' ||
	fail "what is learned is not in VirtualNetwork: $("$H" flows -l "$LAB" | tail -n 3)"
heard 192.168.5.9
says c-nic Inbound Deny Icmp 10.0.2.4 'data/DenyAllInBound\(65500\)'
expect 0 "$H" set -l "$LAB" branches/site/announce '[192.168.4.0/24, 192.168.5.0/24]'
is_in_tag() {
	heard 192.168.5.9
	flow '^c-nic	Inbound	Allow	Icmp	192.168.5.9	10.0.2.4	.*AllowVnetInBound'
}
wait_for 10 is_in_tag || fail "VirtualNetwork did not follow: $("$H" flows -l "$LAB" | tail -n 3)"
handles >"$SCRATCH/after"
diff "$SCRATCH/before" "$SCRATCH/after" || fail "rules or sets are others"
lacks "$("$H" events -l "$LAB")" 'session with .* lost'
lacks "$("$H" events -l "$LAB")" '^[0-9:.]+  drift '

# ---- rules that someone takes away are told, and come back with what is learned ----
in_fabric() { "$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric nft "$@" || fail "nft $*"; }
in_fabric flush chain ip hublab c_nsg_1_in
in_fabric add chain ip hublab c_foreign
is_told() { "$H" show -l "$LAB" | grep -q '^problem   drift: nftables of the fabric: changed by nft'; }
wait_for 2 is_told || fail "a rule set that was emptied is not told"
is closed tcp a 10.0.1.5 8103
expect 0 "$H" mend -l "$LAB"
is lost tcp a 10.0.1.5 8104
in_fabric list table ip hublab >"$SCRATCH/mended"
lacks "$(cat "$SCRATCH/mended")" c_foreign
has "$(cat "$SCRATCH/mended")" 'elements = \{.*192.168.4.0/24'
has_no_problem() { ! "$H" show -l "$LAB" | grep -q '^problem'; }
wait_for 5 has_no_problem || fail "$("$H" show -l "$LAB")"
expect 0 "$H" down "$LAB"
