#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Random labs of circuits, providers and branches, whose prefixes overlap, and whose paths hold the
# numbers of others: what every BIRD knows is what was predicted for it, or `up` ends with 4.
. tests/support/lab.sh

# random_lab SEED
random_lab() {
	awk -v seed="$1" '
	function pick(list, n, items) { n = split(list, items, " "); return items[1 + int(rand() * n)] }
	function prefix() {
		if (rand() < 0.1)
			return pick("0.0.0.0/0 10.0.0.0/8 10.0.0.0/15 128.0.0.0/1 192.168.0.0/16")
		return pick("10.0 10.1 10.2 192.168") "." int(rand() * 6) "." pick("0/24 0/25 128/25 7/32")
	}
	function path(n, text) {
		text = ""
		for (n = pick("0 0 1 1 2 3 6"); n > 0; n--)
			text = text (text ? ", " : "") pick("7 3356 12076 65001 65002 65010 65011 65515 65020 4200000000")
		return "[" text "]"
	}
	# one route for a prefix of a provider
	function route(p, to) {
		to = prefix()
		return (p, to) in routed || ++routed[p, to] > 1 ? "" : ", static_routes: " to
	}
	function link_to_branch(p, b) {
		return "      - { branch: b" b (rand() < 0.3 ? route(p) : "") " }\n"
	}
	BEGIN {
		srand(seed)
		hubs = 1 + int(rand() * 2); circuits = 1 + int(rand() * 3)
		providers = 1 + int(rand() * 2); branches = 1 + int(rand() * 3)
		print "lab: random\nvirtual_networks:"
		for (h = 0; h < hubs; h++) {
			printf "  hub%d: { address_prefixes: 10.%d.0.0/16, subnets: { s: 10.%d.0.0/24, GatewaySubnet: 10.%d.1.0/26 } }\n", h, h, h, h
			vms = vms sprintf("  vm%d: hub%d/s\n", h, h)
			gateways = gateways sprintf("  g%d: { virtual_network: hub%d, gateway_type: ExpressRoute }\n", h, h)
			for (c = 0; c < circuits; c++)
				if (!c || rand() < 0.5)
					connections = connections sprintf("  g%dc%d: { gateway: g%d, circuit: c%d, routing_weight: %d }\n", h, c, h, c, pick("0 0 10"))
		}
		printf "vms:\n%svirtual_network_gateways:\n%sconnections:\n%s", vms, gateways, connections
		print "express_route_circuits:"
		for (c = 0; c < circuits; c++) {
			printf "  c%d: { msee_address: 10.3.%d.58 }\n", c, 129 + c
			for (n = 0; n < 2; n++)
				if (rand() < 0.8)
					links[p = int(rand() * providers)] = links[p] sprintf("      - { circuit: c%d, path: %s, delay_ms: %d }\n", c, n ? "secondary" : "primary", rand() * 3)
		}
		for (b = 0; b < branches; b++)
			for (p = 0; p < providers; p++)
				for (n = !p && 1 || rand() < 0.5; n > 0; n = rand() < 0.3)
					links[p] = rand() < 0.5 ? links[p] link_to_branch(p, b) : link_to_branch(p, b) links[p]
		print "providers:"
		for (p = 0; p < providers; p++)
			printf "  p%d:\n    asn: %d\n    links:\n%s", p, p ? 133937 : 65001, links[p]
		print "branches:"
		for (b = 0; b < branches; b++) {
			printf "  b%d:\n    asn: %d\n", b, pick("65010 65011 3356")
			if (rand() < 0.5)
				printf "    address: 172.31.255.%d\n", b
			print "    announce:"
			split("", seen)
			for (n = 1 + int(rand() * 12); n > 0; n--)
				if (!((which = prefix()) in seen)) {
					seen[which] = 1
					printf "      - { prefix: %s, as_path: %s }\n", which, path()
				}
		}
	}'
}

for seed in 1 2 3 4 5 6; do
	random_lab $seed >"$SCRATCH/lab.yaml"
	"$H" up "$SCRATCH/lab.yaml" --name "$LAB" || fail "seed $seed: $(cat "$SCRATCH/lab.yaml")"
	expect 0 "$H" down "$LAB"
done
