#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What explains effective routes, on a running lab: reasons with their rules and places, what
# concerns one prefix, and the lab's rows beside those of a file that az wrote.
. tests/support/lab.sh

sed "s/^lab: .*/lab: $LAB/" "$ER" >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
why() { expect 0 "$H" routes -l "$LAB" "$@"; }
line_of() { grep -n -- "$1" "$SCRATCH/lab.yaml" | cut -d: -f1; }

# ---- reasons: of rows, and of what is not there ----
why az-spk1-lxvm --why
has "$out" '^VirtualNetworkGateway  Active   10\.100\.0\.0/24 +VirtualNetworkGateway  10\.3\.129\.58$'
has "$out" "^    R2\.8  az-hub-ergw has learned it from azure-er-circuit-primary, AS path"
has "$out" "^    R2\.7  .* by peering 'Spoke1-to-Hub'\$"
has "$out" "\(lab\.yaml:$(line_of 'Spoke1-to-Hub: ')\)\$"
has "$out" '^10\.0\.2\.0/24 is not here: az-spk2-vnet is not peered with az-spk1-vnet; both are$'
has "$out" "\(R4\.5\) lab\.yaml:$(line_of '^  az-spk2-vnet:')\$"
[ "$(printf '%s\n' "$out" | grep -c ' R2\.4 ')" -eq 1 ] || fail "None rows are not told together: $out"
[ "$(printf '%s\n' "$out" | grep -c ' None$')" -eq 21 ] || fail "not all None rows: $out"
lacks "$out" '^ .{80}'
why az-spk1-lxvm --why -o json
has "$out" '"schema_version": 1'
has "$(printf '%s' "$out" | tr -d ' \n')" '"rule":"R4\.5","words":"[^"]*transitive","place":"lab\.yaml:'

# ---- about one prefix ----
why az-spk1-lxvm --why --prefix 10.0.2.4
has "$out" '^10\.0\.2\.0/24 is not here: '
has "$out" '^packets to 10\.0\.2\.4 follow 10\.0\.0\.0/8 None, .*'
lacks "$out" '^VirtualNetworkGateway|172\.16'
why az-spk1-lxvm --prefix 10.100.0.0/24 -o tsv
[ "$(printf '%s\n' "$out" | cut -f3 | sort | tr '\n' ' ')" = '0.0.0.0/0 10.0.0.0/8 10.100.0.0/24 10.100.0.4/32 ' ] ||
	fail "--prefix alone: $out"
expect 2 "$H" routes -l "$LAB" az-spk1-lxvm --prefix here
has "$err" "'here' is neither an address nor a prefix"
expect 2 "$H" routes -l "$LAB" az-spk1-lxvm --why -o tsv
expect 1 "$H" routes -l "$LAB" nobody --why
has "$err" "nobody"

# ---- a change made by hand is named by its path ----
expect 0 "$H" set -l "$LAB" \
	route_tables/rt '{routes: {out: 0.0.0.0/0 None}}' \
	virtual_networks/az-spk1-vnet/subnets/subnet1 '{address_prefix: 10.0.1.0/27, route_table: rt}'
why az-spk1-lxvm --why --prefix 0.0.0.0/0
has "$out" "^    R3\.2  Invalid: route 'out' has the same prefix"
has "$out" '\(route_tables/rt\)$'
expect 0 "$H" nexthop -l "$LAB" az-spk1-lxvm 8.8.8.8 -o tsv
[ "$out" = "$(printf '\tNone\trt\t0.0.0.0/0\tUser')" ] || fail "next hop: $out"
expect 0 "$H" undo -l "$LAB" 2

# ---- beside az: equal, each kind of difference, and files that are none ----
"$H" routes -l "$LAB" az-spk1-lxvm -o json >"$SCRATCH/same.json"
compare() {
	code=$1
	shift
	expect "$code" "$H" routes -l "$LAB" az-spk1-lxvm --compare "$@"
}
compare 0 "$SCRATCH/same.json"
[ -z "$out" ] || fail "equal tables differ: $out"
sed 's,10\.0\.0\.0/24,10.7.0.0/24,; s/"10\.3\.129\.58"/"10.3.129.59"/' "$SCRATCH/same.json" >"$SCRATCH/other.json"
compare 4 "$SCRATCH/other.json"
has "$out" '^only here:$'
has "$out" '^  Default Active 10\.0\.0\.0/24 VNetPeering$'
has "$out" '^only there:$'
has "$out" '^  Default Active 10\.7\.0\.0/24 VNetPeering$'
has "$out" '^different:$'
has "$out" '^  here:  VirtualNetworkGateway Active 10\.100\.0\.0/24 VirtualNetworkGateway 10\.3\.129\.58$'
has "$out" '^  there: VirtualNetworkGateway Active 10\.100\.0\.0/24 VirtualNetworkGateway 10\.3\.129\.59$'
has "$out" '^    R2\.8 '
compare 4 "$SCRATCH/other.json" -o json
has "$out" '"difference": "only there"'
sed 's,10\.0\.0\.0/24,10.0.2.0/24,' "$SCRATCH/same.json" >"$SCRATCH/other.json"
compare 4 "$SCRATCH/other.json"
has "$out" '^    R4\.5  az-spk2-vnet is not peered with az-spk1-vnet; both'
compare 1 "$SCRATCH/none.json"
printf '{\n  "value": [ }\n' >"$SCRATCH/broken.json"
compare 3 "$SCRATCH/broken.json"
has "$err" "^hublab: $SCRATCH/broken\.json:2:14: no JSON: "
compare 3 "$ER"
echo '{ "value": [ { "state": "Active" } ] }' >"$SCRATCH/broken.json"
compare 3 "$SCRATCH/broken.json"
has "$err" "broken\.json: value\[0\]\."
compare 2 "$SCRATCH/same.json" --why
compare 2 "$SCRATCH/same.json" -o tsv
expect 0 "$H" down "$LAB"
