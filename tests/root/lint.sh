#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What check says beyond errors: as text, as rows and as JSON; what --strict makes of it, what a
# comment takes back, and that what lint says of a lab is so when it runs.
. tests/support/lab.sh

find_python 'import json' || skip python3

# holds EXPRESSION: of the JSON in $out, as Python writes it.
holds() {
	printf '%s\n' "$out" | "$python" -c "import json, sys; d = json.load(sys.stdin); sys.exit(not ($1))" ||
		fail "'$1' does not hold: $out"
}

write() { # NVA-KEYS COMMENT
	cat >"$SCRATCH/lab.yaml" <<-EOF
		lab: $LAB
		virtual_networks:
		  hub: { address_prefixes: 10.0.0.0/24, subnets: { nva: 10.0.0.0/27 }, peerings: { to-1: s1, to-2: s2 } }
		  s1:
		    address_prefixes: 10.0.1.0/24
		    subnets: { vms: { address_prefix: 10.0.1.0/27, route_table: rt } }
		    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
		  s2:
		    address_prefixes: 10.0.2.0/24
		    subnets: { vms: { address_prefix: 10.0.2.0/27, route_table: rt } }
		    peerings: { to-hub: { remote: hub, allow_forwarded_traffic: true } }
		vms: { a: s1/vms, b: s2/vms }
		nvas: { fw: { subnet: hub/nva, private_ip_address: 10.0.0.10 $1 } } $2
		route_tables:
		  rt: { routes: { all: 10.0.0.0/16 VirtualAppliance 10.0.0.10 } }
		  spare:
		probes: [ { from: a, to: b } ]
	EOF
}

write ', enable_ip_forwarding: false' ''
expect 0 "$H" check "$SCRATCH/lab.yaml"
has "$out" 'is valid: 3 virtual networks, 3 VMs, 1 warning, 1 note$'
has "$err" 'lab.yaml:13:86: warning: .* has no IP forwarding: .* \[nva-forwarding\]$'
has "$err" "lab.yaml:16:3: info: nothing uses route table 'spare' \[unused\]$"
expect 0 "$H" check -o tsv "$SCRATCH/lab.yaml"
[ -z "$err" ] || fail "rows, and besides: $err"
has "$out" "lab.yaml	16	3	info	unused	nothing uses route table 'spare'$"

# warnings are what --strict is about
expect 4 "$H" check --strict "$SCRATCH/lab.yaml"
expect 4 "$H" check --strict -o json "$SCRATCH/lab.yaml"
holds 'd["schema_version"] and d["is_valid"] and not d["errors"]'
holds 'd["warnings"] == 1 and d["infos"] == 1 and len(d["findings"]) == 2'
holds 'd["findings"][0]["rule"] == "nva-forwarding" and d["findings"][0]["severity"] == "warning"'
holds 'd["findings"][0]["line"] == 13 and d["findings"][0]["column"] == 86'
holds 'd["findings"][0]["source"] == "R9.7" and d["findings"][0]["file"].endswith("lab.yaml")'

# up and plan say warnings, and leave information to check; what lint says is so
expect 0 "$H" plan "$SCRATCH/lab.yaml"
has "$err" '\[nva-forwarding\]'
lacks "$err" '\[unused\]'
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$err" '\[nva-forwarding\]'
expect 1 "$H" ping -l "$LAB" a b -c 1 -W 1
expect 0 "$H" down "$LAB"

# a comment with a reason takes it back, and is a finding where there is nothing to take back
write ', enable_ip_forwarding: false' '# ignore: nva-forwarding to be seen'
expect 0 "$H" check --strict "$SCRATCH/lab.yaml"
has "$out" '3 VMs, 1 note$'
write '' '# ignore: nva-forwarding to be seen'
expect 4 "$H" check --strict "$SCRATCH/lab.yaml"
has "$err" "lab.yaml:13:67: warning: line 13 has no finding 'nva-forwarding' to ignore \[ignore\]$"
write '' ''
expect 0 "$H" check --strict "$SCRATCH/lab.yaml"

# an invalid file: as JSON, too, with all errors and its own code
printf 'lab: %s\nvms: { a: nowhere/s }\ntimers: fsat\n' "$LAB" >"$SCRATCH/bad.yaml"
expect 3 "$H" check --strict "$SCRATCH/bad.yaml" -o json
holds 'not d["is_valid"] and d["errors"] == 2'
holds 'd["findings"][1]["hint"] == "did you mean \x27fast\x27?"'
expect 1 "$H" check "$SCRATCH/nothing.yaml" -o json
[ -z "$out" ] || fail "nothing was read, and it printed: $out"
expect 2 "$H" check
has "$err" 'a FILE is missing'

# the rules: every one has a severity, words, and is known to help
expect 0 "$H" check --rules
has "$out" '^Rule +Severity +Source +Words$'
has "$out" '^LINT-28 +warning +LINT-28, R3.10, R9.7 +The next hop of a route is a machine'
expect 0 "$H" check --rules -o json
holds 'len(d["rules"]) >= 130'
holds 'len([r for r in d["rules"] if r["severity"] != "error"]) >= 60'
holds 'all(r["words"] and r["example"] for r in d["rules"])'
expect 0 "$H" help lint-28
has "$out" '^LINT-28 \(warning\)$'
expect 2 "$H" check --rules "$SCRATCH/lab.yaml"
has "$err" '--rules is about no file'
