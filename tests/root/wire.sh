#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Cables carry packets of every size whole, in order, with the delay, rate and loss they were given.
# alone: it measures how fast packets pass
. tests/support/lab.sh

lab_with() { # LINK-SETTINGS
	cat >"$SCRATCH/lab.yaml" <<Y
lab: wire
virtual_networks:
  a: { address_prefixes: 10.1.0.0/24, subnets: { s: 10.1.0.0/27, GatewaySubnet: 10.1.0.32/27 } }
  b: { address_prefixes: 10.2.0.0/24, subnets: { s: 10.2.0.0/27, GatewaySubnet: 10.2.0.32/27 } }
vms: { left: a/s, right: b/s }
virtual_network_gateways:
  ga: { virtual_network: a, gateway_type: ExpressRoute }
  gb: { virtual_network: b, gateway_type: ExpressRoute }
express_route_circuits: { ca: {}, cb: {} }
connections: { one: { gateway: ga, circuit: ca }, two: { gateway: gb, circuit: cb } }
providers: { p: { asn: 65001, links: [ { circuit: ca, $1 }, cb ] } }
probes: [ { from: left, to: right } ]
Y
}

# seconds that half a megabyte takes from right to left; its bytes are checked
copy() {
	rm -f "$SCRATCH/got"
	"$H" exec -l "$LAB" right -- busybox httpd -f -p 8080 -h "$SCRATCH" &
	server=$!
	wait_for 5 "$H" curl -l "$LAB" left -s -f -o /dev/null http://10.2.0.4:8080/lab.yaml ||
		fail "the file server does not answer"
	start=$(date +%s%N)
	"$H" curl -l "$LAB" left -s -f -o "$SCRATCH/got" http://10.2.0.4:8080/sent
	end=$(date +%s%N)
	kill $server
	wait $server
	cmp "$SCRATCH/sent" "$SCRATCH/got" || fail "the bytes came damaged"
	took=$(awk -v ns=$((end - start)) 'BEGIN { printf "%.2f", ns / 1e9 }')
}
head -c 524288 /dev/urandom >"$SCRATCH/sent"

lab_with 'delay_ms: 5'
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
expect 0 "$H" show -l "$LAB"
has "$out" 'cables by (wire|netem)'
for size in 0 1 1472 1473 8000 65000; do
	expect 0 "$H" ping -l "$LAB" left 10.2.0.4 -c 2 -i 0.2 -s $size
	has "$out" ' 0% packet loss'
done
expect 0 "$H" ping -l "$LAB" left 10.2.0.4 -c 2 -i 0.2 -s 1472 -M do
expect 0 "$H" ping -l "$LAB" left 10.2.0.4 -c 5 -i 0.2
min=$(printf '%s\n' "$out" | sed -n 's|^rtt min/avg/max/mdev = \([0-9.]*\)/.*|\1|p')
awk -v min="$min" -v slow="$SLOW" 'BEGIN { exit !(min >= 10 && min < 10 + 2 * slow) }' ||
	fail "minimum RTT is $min ms, the cable has 5 ms each way"
expect 0 "$H" ping -l "$LAB" left 10.2.0.4 -c 300 -i 0.002 -s 1000 # in order: none is out of it
has "$out" '300 received'
lacks "$out" 'DUP|out of order'
copy
echo "half a megabyte in $took s without a limit"
expect 0 "$H" down "$LAB"

lab_with 'rate_mbps: 4'
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
copy
echo "half a megabyte in $took s at 4 Mbit/s"
awk -v took="$took" -v slow="$SLOW" 'BEGIN { exit !(took >= 0.9 && took <= 2 * slow) }' ||
	fail "half a megabyte took $took s at 4 Mbit/s"
expect 0 "$H" down "$LAB"

lab_with 'loss_percent: 20'
"$H" up "$SCRATCH/lab.yaml" --name "$LAB" >/dev/null 2>&1 # green or not: it loses probes, too
has_row() { gateway_rows left | grep -q 10.2.0.0/24; }
wait_for 30 has_row || fail "BGP does not get through a loss of 20 percent"
"$H" ping -l "$LAB" left 10.2.0.4 -c 400 -i 0.005 -W 1 >"$SCRATCH/ping" 2>&1
loss=$(sed -n 's/.* \([0-9.]*\)% packet loss.*/\1/p' "$SCRATCH/ping")
echo "$loss % lost of 20 each way"
# both ways 36 percent; with 400 tries 25 to 47 is five deviations, and BFD may cut it meanwhile
awk -v loss="${loss:-0}" 'BEGIN { exit !(loss >= 20) }' || fail "only $loss percent were lost"
