#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Someone else changes routes, rules and nftables in the fabric: within two seconds the lab says
# what is wanted and what the kernel has; it mends nothing by itself, and says when it is over. What
# the lab changes itself is no drift.
# alone: what is told within seconds
. tests/support/lab.sh

expect 0 "$H" up "$ER" --name "$LAB"
told() { "$H" events -l "$LAB" | grep -cE '^[0-9:.]+  drift '; }
problems() { "$H" show -l "$LAB" | grep -E '^problem   drift: '; }
problem() { problems | grep -Eq -- "$1"; }
no_problem() { [ -z "$(problems)" ]; }
fabric() { "$H" shell -l "$LAB" -- ip -n fabric "$@" || fail "ip $*"; }

# appears PATTERN: within two seconds, counted from the change that was just made
appears() {
	wait_for 2 problem "$1" || fail "no problem matches '$1' in: $(problems)"
	events_have " drift +$1.*'hublab mend' puts it right" || fail "no event matches '$1'"
}
# ends PATTERN: it is over, and an event says so
ends() {
	wait_for 2 no_problem || fail "still told: $(problems)"
	events_have " drift +no more: $1" || fail "no event says that '$1' is over"
}

# ---- what the lab does itself is no drift: not while it is built, cut or changed ----
no_problem || fail "there is drift from the beginning: $(problems)"
"$H" shell -l "$LAB" -- ip -n megaport-mcr link set link0 down
is_without_rows() { [ -z "$(gateway_rows az-spk1-lxvm)" ]; }
wait_for 5 is_without_rows || fail "the rows did not leave the NICs"
"$H" shell -l "$LAB" -- ip -n megaport-mcr link set link0 up
wait_for 15 is_green || fail "the lab did not become green again"
expect 0 "$H" set -l "$LAB" vms/az-spk1-lxvm/private_ip_address 10.0.1.20
expect 0 "$H" set -l "$LAB" vms/extra az-spk1-vnet/subnet1
expect 0 "$H" set -l "$LAB" virtual_networks/az-hub-vnet/peerings/Hub-to-Spoke2 null \
	virtual_networks/az-spk2-vnet/peerings/Spoke2-to-Hub null
expect 0 "$H" undo -l "$LAB" all
[ "$(told)" -eq 0 ] || fail "its own changes are told as drift: $("$H" events -l "$LAB" | grep drift)"

# ---- tables: those of the second subnet with ports, and the delivery table of its network ----
table=$(fabric rule | sed -n 's|^102:.* lookup ||p' | tr -d ' ')
fabric route show table "$table" | grep -q '^throw 10.0.1.0/24' || fail "table $table is another one"
where='table of az-spk1-vnet/subnet1'

fabric route replace blackhole 10.0.1.0/24 table "$table"
planted=$(date +%s%N)
wrong="$where, 10.0.1.0/24: wanted throw, the kernel has blackhole"
appears "$wrong"
late=$(($(date +%s%N) - planted))
echo "told $((late / 1000000)) ms after it was planted"
expect 4 "$H" up "$ER" --name "$LAB"
has "$err" "drift: $wrong"
fabric route replace throw 10.0.1.0/24 table "$table"
ends "$wrong"
expect 0 "$H" up "$ER" --name "$LAB"

fabric route del 10.100.0.0/24 table "$table"
gone="$where, 10.100.0.0/24: wanted via 10.3.129.58 dev p-azure-er-circ, the kernel has nothing"
appears "$gone"
expect 0 "$H" mend -l "$LAB"
ends "$gone"

fabric route add unreachable 192.0.2.0/24 table "$table"
foreign="$where, 192.0.2.0/24: wanted nothing, the kernel has unreachable"
appears "$foreign"
fabric route del unreachable 192.0.2.0/24 table "$table"
ends "$foreign"

# beside one that is wanted: it would decide if the other went
fabric route append throw 10.0.1.0/24 metric 7 table "$table"
beside="$where, 10.0.1.0/24: wanted throw, the kernel has also throw metric 7"
appears "$beside"
expect 0 "$H" mend -l "$LAB"
ends "$beside"

# a whole delivery table, then an address of the fabric's own
fabric route flush table 1002
delivery='delivery of az-spk1-vnet, 10.0.1.4/32: wanted dev p-az-spk1-lxvm, the kernel has nothing'
appears "$delivery"
expect 0 "$H" mend -l "$LAB"
ends "$delivery"
fabric address add 10.0.1.4/32 dev lo
appears 'local table of the fabric, 10.0.1.4/32: wanted nothing, the kernel has local dev lo'
fabric address del 10.0.1.4/32 dev lo
ends 'local table of the fabric'
fabric address del 192.0.0.8/32 dev lo
appears 'local table of the fabric, 192.0.0.8/32: wanted local dev lo'
expect 0 "$H" mend -l "$LAB"
ends 'local table of the fabric, 192.0.0.8/32'

# ---- rules; the route of a packet that is asked for is another witness of the first ----
fabric rule add from 10.0.1.0/24 priority 50 blackhole
appears 'rules of the fabric, 50: wanted nothing, the kernel has from 10.0.1.0/24 blackhole'
fabric rule del priority 32766
appears 'rules of the fabric, 32766: wanted from all lookup 254, the kernel has nothing'
expect 0 "$H" mend -l "$LAB"
ends 'rules of the fabric, 50'
events_have ' drift +no more: rules of the fabric, 32766' || fail "the kernel's own rule is not back"
fabric rule show | grep -q '^32766:.* lookup main' || fail "the kernel's own rule is not back"

# no table is wrong here, and no packet goes where they say
fabric rule add priority 60 unreachable
appears 'packet of .* to .*: wanted .*, the kernel takes unreachable'
appears 'rules of the fabric, 60: wanted nothing, the kernel has from all unreachable'
fabric rule del priority 60
ends 'packet of .*, the kernel takes unreachable'
wait_for 30 is_green || fail "the lab did not become green again"

# ---- nftables: who it was; what it was is not looked at, so it stands until it is made again ----
"$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric nft add table ip others || fail "nft"
nft='nftables of the fabric: changed by nft \(process [0-9]+\), generation [0-9]+ -> [0-9]+'
appears "$nft"
"$H" shell -l "$LAB" -- nsenter --net=/run/netns/fabric nft delete table ip others || fail "nft"
problem "$nft" || fail "it is told no more, and nobody knows what nftables has: $(problems)"
expect 0 "$H" mend -l "$LAB"
ends "$nft"
wait_for 5 is_green || fail "the lab is not green after it was mended"

# ---- a machine's interface is taken away: its routes go without a word of the kernel ----
"$H" shell -l "$LAB" -- ip -n fabric link set p-az-spk1-lxvm down
appears 'delivery of az-hub-vnet, 10.0.1.4/32: wanted dev p-az-spk1-lxvm, the kernel has nothing'
"$H" shell -l "$LAB" -- ip -n fabric link set p-az-spk1-lxvm up
expect 0 "$H" mend -l "$LAB"
ends 'delivery of az-hub-vnet, 10.0.1.4/32'

# nothing of all that kept the lab from its work
lacks "$("$H" events -l "$LAB")" ' slow +drift'
expect 0 "$H" down "$LAB"
expect 1 "$H" mend -l "$LAB"
