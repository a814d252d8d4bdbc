#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A branch announces forty prefixes, and more with paths of their own: gateways learn them with the
# whole path, machines get rows for them, and packets reach the branch, which has none of the hosts.
. tests/support/lab.sh

{
	cat tests/golden/contoso.yaml
	printf '  contoso-campus:\n    asn: 65012\n    announce:\n'
	awk 'BEGIN { for (i = 0; i < 40; i++) printf "      - 10.64.%d.0/24\n", i }'
	printf '      - { prefix: 10.65.0.0/16, as_path: [65021, 133937] }\n'
} | sed 's/^      - { branch: contoso-dc,/      - { branch: contoso-campus }\n&/' >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
has "$out" "^$LAB is up: 2 VMs, 8 BGP sessions, 4 probes green"

# rows, at once: `up` waits for what it predicts, also where no probe needs it
tab=$(printf '\t')
learned='10.0.0.0/8 10.20.0.0/16 10.8.0.0/16 10.9.0.0/16 172.16.0.0/12 172.20.0.0/16 172.31.255.1/32
	192.168.0.0/16 192.168.7.0/24 10.65.0.0/16'
for i in $(seq 0 39); do
	learned="$learned 10.64.$i.0/24"
done
for prefix in $learned; do
	printf 'VirtualNetworkGateway\tActive\t%s\tVirtualNetworkGateway\t10.3.129.58\n' "$prefix"
done | sort >"$SCRATCH/wanted"
for vm in hub-vm spoke-vm; do
	gateway_rows $vm >"$SCRATCH/rows"
	cmp "$SCRATCH/wanted" "$SCRATCH/rows" || fail "rows of $vm: $(cat "$SCRATCH/rows")"
done

# paths: private numbers stay (R6.24), and what has a receiver's own number is dropped there
path_is() {
	path=$(printf '%s\n' "$out" | awk -v prefix="$1" '$1 == prefix && /EBgp/ {
		for (i = 2; $i ~ /[.a-z]/; i++) # neither addresses nor the origin
			;
		print $i }')
	[ "$path" = "$2" ] || fail "path of $1: $out"
}
expect 0 "$H" bgp -l "$LAB" hub-ergw --learned
path_is 192.168.0.0/16 12076-65001-65010
path_is 172.16.0.0/12 12076-65001-65010-65020-65030
path_is 10.8.0.0/16 12076-65001-65010-65010-65010
path_is 10.20.0.0/16 12076-65001-65010-12076
path_is 10.64.39.0/24 12076-65001-65012
path_is 10.65.0.0/16 12076-65001-65012-65021-133937
lacks "$out" '^10.(21|22|23).0.0/16|^10.0.0.0/25'
expect 0 "$H" bgp -l "$LAB" circuit-primary --learned
has "$out" '^10.22.0.0/16 +169.254[0-9.]+ +100 +0 +65001 65010 65515 I$'
lacks "$out" '^10.(21|23).0.0/16'
expect 0 "$H" bgp -l "$LAB" mcr --learned
path_is 10.21.0.0/16 65010-12076-12076
lacks "$out" '^10.23.0.0/16'
expect 0 "$H" bgp -l "$LAB" contoso-shop --learned
path_is 10.0.1.0/24 65001-12076
path_is 10.65.0.0/16 65001-65012-65021-133937

# packets: the branch's own address answers, what it only announces is refused by it
expect 0 "$H" show -l "$LAB"
has "$out" '^contoso-dc +branch router +172.31.255.1/32 169.254.128.6/30 +1/1 +up'
expect 0 "$H" ping -l "$LAB" spoke-vm contoso-dc -c 2 -i 0.2
has "$out" '^64 bytes from contoso-dc \(172.31.255.1\): icmp_seq=2 ttl=61 time='
expect 1 "$H" ping -l "$LAB" spoke-vm 192.168.3.4 -c 1 -W 2
has "$out" '^From 169.254.128.6 icmp_seq=1 Destination Host Unreachable'
expect 0 "$H" exec -l "$LAB" contoso-dc -- ip route get 192.168.7.1
has "$out" 'via 169.254.128.5 dev link0'

# what differs from the prediction is a problem by name, until it is as predicted again
differs() { "$H" show -l "$LAB" | grep -q '^problem   mcr: routes to 192.168.7.0/24 are not those'; }
expect 0 "$H" exec -l "$LAB" contoso-shop -- birdc disable s_networks
wait_for 5 differs || fail "no problem is named: $("$H" show -l "$LAB")"
has_row() { gateway_rows spoke-vm | grep -q 192.168.7.0/24; }
has_no_row() { ! has_row; }
wait_for 5 has_no_row || fail 'the row stayed'
expect 0 "$H" exec -l "$LAB" contoso-shop -- birdc enable s_networks
wait_for 5 has_row || fail 'the row did not come back'
wait_for 5 is_green || fail 'the lab did not become green again'
has_no_problem() { ! "$H" show -l "$LAB" | grep -q '^problem'; }
wait_for 5 has_no_problem || fail "a problem stayed: $("$H" show -l "$LAB")"
