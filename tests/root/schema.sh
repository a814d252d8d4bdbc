#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The JSON Schema takes what hublab takes, and refuses what breaks the rules of a single key.
. tests/support/lab.sh

find_python 'import jsonschema, yaml; jsonschema.Draft202012Validator' || skip python3-jsonschema

expect 0 "$H" schema
printf '%s\n' "$out" >"$SCRATCH/schema.json"
expect 2 "$H" schema more
has "$err" "'more' is one argument too many"

# judge FILE ...: what the schema says of each goes to $verdicts.
judge() {
	verdicts=$("$python" tests/support/schema_check.py "$SCRATCH/schema.json" "$@" 2>&1) ||
		fail "$verdicts"
}

"$H" generate --spokes 3 >"$SCRATCH/generated.yaml"
judge templates/*/lab.yaml "$SCRATCH/generated.yaml"
lacks "$verdicts" ': (does not fit|not YAML)'

# The malformed files: those that break the rule of a key, those that no reader of YAML takes or
# takes otherwise, and all others, which are wrong only in what holds between objects.
judge tests/golden/diag/*.yaml
printf '%s\n' "$verdicts" | while IFS=: read -r file verdict; do
	rule=$(basename "$file" .yaml)
	case $rule in
	bad-value-branch | bad-value-circuit | bad-value-peers | bad-value-resource-id | \
		bad-value-static-route | bad-value-summaries | bad-value-vpn-gateway | \
		wrong-shape-nic-*)
		wanted=fits
		;;
	bad-name* | bad-value* | duplicate-key-nested | empty* | encoding-*nul-key | encoding-nul | \
		expectation | foreign-key* | ipsec-policy | local-network-gateway | missing-key* | \
		not-allowed-merge | not-in-labs* | \
		out-of-range* | security-rule-admin | security-rule-keys | \
		too-deep | tunnel-twice | unknown-key* | wrong-shape | wrong-shape-lists)
		wanted='does not fit'
		;;
	encoding-* | not-allowed-tag-kinds | second-document* | syntax-* | too-deep-open | \
		unknown-alias | wrong-shape-key)
		wanted='not YAML'
		;;
	*) wanted=fits ;;
	esac
	case $verdict in
	" $wanted"*) ;;
	*) fail "$file should be '$wanted', but:$verdict" ;;
	esac
done || exit

# One construct a file, on which hublab and the schema must agree: a name, or what follows one.
construct() {
	count=$((count + 1))
	file=$SCRATCH/$kind-$(printf %03d "$count").yaml
	case $1 in
	lab:*) printf '%s\n' "$1" >"$file" ;;
	*) printf 'lab: t\n%s\n' "$1" >"$file" ;;
	esac
}
count=0
V='virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0/24 } } }'
G="virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { GatewaySubnet: 10.0.0.0/24 } } }
virtual_network_gateways: { g: { virtual_network: v, gateway_type: ExpressRoute"
C='express_route_circuits:'
P='providers: { p: { asn: 65001, links:'

kind=taken
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { a: [ 10.0.0.0/24 ] } } }'
construct 'lab: 10'
construct 'lab: true'
construct 'lab: 2026-11-22'
construct 'lab: "a.b_c-d"'
construct 'location: 10'
construct 'location: 1.5'
construct 'location: no'
construct 'location: ""'
construct 'timers: AZURE'
construct 'timers: "fast"'
construct 'vms:'
construct 'vms: ~'
construct 'probes:'
construct 'probes: []'
construct 'virtual_networks: {}'
construct "$C { c: }"
construct "$C { 10: {} }"
construct "$C { c: { bandwidth_in_mbps: 50 } }"
construct "$C { c: { bandwidth_in_mbps: '50' } }"
construct "$C { c: { bandwidth_in_mbps: 050 } }"
construct "$C { c: { bandwidth_in_mbps: 400000, msee_address: 192.0.2.1 } }"
construct "$C { c: { primary_peer_address_prefix: [ 192.168.0.0/30 ] } }"
construct "virtual_networks: { v: { address_prefixes: [ 10.0.0.0/16, 10.2.0.0/16 ], location: 3 } }"
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: , peerings: ~ } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { a: { address_prefix: [10.0.0.0/24] } } } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, peerings: { x: w } }, w: { address_prefixes: 10.1.0.0/16 } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, peerings: { x: { remote: 7, allow_gateway_transit: "TRUE" } } }, 7: { address_prefixes: 10.1.0.0/16 } }'
construct "$V
vms: { m: v/a, n: { subnet: v/a, private_ip_address: 10.0.0.9, enable_ip_forwarding: True } }"
construct "$V
vms: { m: { nic: 5, subnet: v/a }, n: { network_interfaces: { x: v/a, y: { subnet: v/a } } } }
probes: [ { from: m, to: n, protocol: http, interval_ms: 100 }, { from: m, to: n, protocol: Udp, port: 53 } ]"
construct "$G, ip_configurations: [ 10.0.0.9, 10.0.0.10 ] } }"
construct "$C { c: , d: }
$P [ c, { circuit: c, path: Secondary }, { circuit: d, delay_ms: 1.5, loss_percent: '0.5', rate_mbps: 0, static_routes: [ 10.0.0.0/8, 0.0.0.0/0 ] } ] } }"
construct "$P [] } }"
construct 'branches:'
construct "$C { c: { sku_tier: premium } }"
construct "$P [ { branch: b }, { branch: b, peer_address_prefix: [ 192.0.2.0/30 ], delay_ms: 3 } ] } }
branches: { b: { asn: 65010, announce: } }"
construct "$P [ b, { branch: B } ] } }
$C { b: }
branches: { B: { asn: '65010', address: 172.31.0.1, announce: [] } }"
construct "$P [ { branch: b } ] } }
branches: { b: { asn: 4200000000, announce: [ 0.0.0.0/0, { prefix: 10.0.0.0/8 }, [ 10.5.0.0/16 ], { prefix: [ 10.4.0.0/16 ], as_path: [] }, { prefix: [ 10.1.0.0/16, 10.2.0.0/16 ], as_path: 65020 }, { prefix: 10.3.0.0/16, as_path: [ 1, '2', 4294967294 ] } ] } }"
M="$V
vms: { a: v/a, b: v/a }"
for each in 'from: a, to: b' 'from: a, to: b, result: Fails' 'from: a, to: b, rtt_ms: 5' \
	'from: a, to: b, rtt_ms: [ 1.5, "2" ]' 'from: a, to: b, loss: [ 0 ]' \
	'from: a, to: b, protocol: tcp, port: 22, within: 500ms' 'from: a, to: b, within: 1.5s' \
	'routes: a, prefix: 10.0.0.0/16, absent: true' \
	'routes: a-nic, prefix: 10.0.0.0/16, next_hop_type: vnetlocal, next_hop_ip: [ 10.0.0.1 ]'; do
	construct "$M
expect: [ { $each } ]"
done
construct 'expect:'
construct 'steps: ~'
construct "$M
steps: [ { name: one }, { name: 2, after: one, set: { vms/b: null, 'vms/c': { subnet: v/a } } } ]"
taken=$count

kind=refused
construct 'lab: -x'
construct 'lab: "a b"'
construct 'lab: ""'
construct 'lab:'
construct 'lab: [ t ]'
construct 'lab: -1'
construct "lab: x$(printf '%064d' 0)"
construct 'location: [ here ]'
construct 'location:'
construct 'locaton: here'
construct 'timers: slow'
construct 'timers: [ fast ]'
construct 'timers:'
construct 'vms: []'
construct 'vms: 5'
construct "$M
probes: [ { from: m, to: n, protocol: Udp, port: 0 } ]"
construct "$M
probes: [ { from: m, to: n, protocol: Sctp, port: 7 } ]"
construct 'probes: {}'
construct 'probes: [ ~ ]'
construct 'probes: [ { from: a } ]'
construct "$C { -c: }"
construct "$C { 'c d': }"
construct "$C { c: text }"
construct "$C { c: [] }"
construct "$C { c: { bandwidth_in_mbps: 0 } }"
construct "$C { c: { bandwidth_in_mbps: 400001 } }"
construct "$C { c: { bandwidth_in_mbps: 1.5 } }"
construct "$C { c: { bandwidth_in_mbps: '1.5' } }"
construct "$C { c: { bandwidth_in_mbps: -5 } }"
construct "$C { c: { bandwidth_in_mbps: '0x10' } }"
construct "$C { c: { bandwidth_in_mbps: true } }"
construct "$C { c: { bandwidth_in_mbps: [ 5 ] } }"
construct "$C { c: { bandwidth_in_mbps: } }"
construct "$C { c: { msee_address: 10.0.0 } }"
construct "$C { c: { msee_address: 10.0.0.256 } }"
construct "$C { c: { msee_address: 10.0.0.01 } }"
construct "$C { c: { msee_address: 10.0.0.0/30 } }"
construct "$C { c: { msee_address: [ 192.0.2.1 ] } }"
construct "$C { c: { primary_peer_address_prefix: 192.168.0.0 } }"
construct "$C { c: { primary_peer_address_prefix: 192.168.0.0/33 } }"
construct "$C { c: { primary_peer_address_prefix: 192.168.0.0/030 } }"
construct "$C { c: { primary_peer_address_prefix: [ [ 192.168.0.0/30 ] ] } }"
construct "$C { c: { primary_peer_address_prefix: 'fd00::/129' } }"
construct 'virtual_networks: { v: }'
construct 'virtual_networks: { v: 10.0.0.0/16 }'
construct 'virtual_networks: { v: { address_prefixes: } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { a: } } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { a: 10.0.0.0 } } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, peerings: { x: { remote: v, allow_gateway_transit: yes } } } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, peerings: { x: { remote: v, allow_gateway_transit: 1 } } } }'
construct 'virtual_networks: { v: { address_prefixes: 10.0.0.0/16, peerings: { x: { allow_gateway_transit: true } } } }'
construct "$G, ip_configurations: [ 10.0.0.9, here ] } }"
construct "$P [ { circuit: c, delay_ms: 20000 } ] } }"
construct "$P [ { circuit: c, delay_ms: a while } ] } }"
construct "$P c } }"
construct 'providers: { p: { links: [] } }'
construct 'branches: { b: }'
construct 'branches: { b: 65010 }'
construct "$C { c: { sku_tier: Basic } }"
for each in '10.0.0.0/8' '[ 10.0.0.0 ]' '[ { as_path: 1 } ]' '[ { prefix: 10.0.0.0/8, as_path: 0 } ]' \
	'[ { prefix: 10.0.0.0/8, as_path: [ x ] } ]' '[ { prefix: 10.0.0.0/8, as_path: [ 1.5 ] } ]' \
	'[ { prefix: 10.0.0.0/8, as_path: [ [ 1 ] ] } ]' \
	'[ { prefix: 10.0.0.0/8, as_path: 4294967295 } ]' '[ { prefix: 10.0.0.0/8, path: 1 } ]'; do
	construct "$P [ { branch: b } ] } }
branches: { b: { asn: 65010, announce: $each } }"
done

for each in 'from: a, to: b, reslt: fails' 'from: a, to: b, result: fail' 'from: a, to: b, rtt_ms: []' \
	'from: a, to: b, rtt_ms: [ 1, 2, 3 ]' 'from: a, to: b, rtt_ms: { min: 1 }' \
	'from: a, to: b, ttl: 0' 'from: a, to: b, within: 5' 'from: a, to: b, within: 5h' \
	'from: a, to: b, protocol: Sctp' 'routes: a, prefix: 10.0.0.0, absent: true' \
	'routes: a, prefix: 10.0.0.0/16, absent: 1'; do
	construct "$M
expect: [ { $each } ]"
done
construct 'expect: { from: a }'
construct 'steps: [ one ]'
construct 'steps: [ { set: { vms/a: x } } ]'
construct 'steps: [ { name: a }, { name: b, set: [ vms/a ] } ]'

judge "$SCRATCH"/taken-*.yaml "$SCRATCH"/refused-*.yaml
printf '%s\n' "$verdicts" | while IFS=: read -r file verdict; do
	"$H" check "$file" >"$SCRATCH/log" 2>&1
	code=$?
	case $(basename "$file"):$code:$verdict in
	taken-*:0:\ fits | refused-*:3:\ does\ not\ fit*) ;;
	*) fail "$(cat "$file"): hublab says: $(cat "$SCRATCH/log"), and the schema:$verdict" ;;
	esac
done || exit
[ "$(printf '%s\n' "$verdicts" | wc -l)" -eq "$count" ] && [ "$taken" -gt 30 ] ||
	fail "not all constructs were judged: $verdicts"
