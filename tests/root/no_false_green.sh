#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Errors, more than a hundred in `make check-long` (NODES and KINDS), are planted where neither the lab file nor BGP knows of them: routes, rules,
# filters, links and forwarding of machines and routers on the way. Nothing says of the flow that it
# works: not `why`, not `mesh`, not `test`, nor the lab's own probe; and when an error is gone all
# of them say it again.
# alone: whoever is late is not to look like an error
. tests/support/lab.sh

A=az-spk1-lxvm B=branch-vm1 A_IP=10.0.1.4 B_IP=10.100.0.100
{
	sed '/^expect:/,$d' "$ER"
	echo 'expect:'
	echo "  - { from: $A, to: $B }"
	echo "  - { from: $A, to: $B, protocol: Http }"
} >"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
on() { # NODE COMMAND: of a shell
	"$H" exec -l "$LAB" "$1" -- sh -c "$2" >"$SCRATCH/on" 2>&1 || fail "$1: $2: $(cat "$SCRATCH/on")"
}
why() { "$H" why -l "$LAB" $A $B "$1" >"$SCRATCH/why" 2>&1; }
mesh() { "$H" mesh -l "$LAB" "$1" --src $A --dst $B >"$SCRATCH/mesh" 2>&1; }
works() { why icmp && why http && mesh icmp; }
again() { wait_for 20 works || fail "$1 is gone, and it does not work: $(cat "$SCRATCH/why" "$SCRATCH/mesh")"; }

planted=0
# plant NODE PROTOCOLS COMMAND ITS-END: meanwhile nothing passes
plant() {
	on "$1" "$3"
	planted=$((planted + 1))
	for protocol in $2; do
		"$H" why -l "$LAB" $A $B "$protocol" >"$SCRATCH/$protocol" 2>&1 &
		eval "pid_$protocol=$!"
	done
	for protocol in $2; do
		eval "wait \$pid_$protocol" && fail "$1: $3: $protocol works: $(cat "$SCRATCH/$protocol")"
	done
	[ $((planted % 10)) -ne 0 ] || ! mesh "${2%% *}" || fail "$1: $3: mesh: $(cat "$SCRATCH/mesh")"
	on "$1" "$4"
}
drop="nft add table ip t; nft 'add chain ip t c { type filter hook"
all='icmp http'
again "nothing"
for node in ${NODES:-megaport-mcr}; do
	for ip in $A_IP $B_IP; do
		case $node-$ip in $A-$A_IP | $B-$B_IP) continue ;; esac
		for kind in blackhole ${KINDS-}; do
			plant $node "$all" "ip route add $kind $ip" "ip route del $kind $ip"
			plant $node "$all" "ip rule add pref 10 to $ip $kind" "ip rule del pref 10 to $ip $kind"
		done
		for hook in prerouting postrouting; do
			for side in saddr daddr; do
				case $node-$hook-$side-$ip in
				# an address's own machine does not see it there
				$A-prerouting-daddr-$B_IP | $B-prerouting-daddr-$A_IP) continue ;;
				$A-postrouting-saddr-$B_IP | $B-postrouting-saddr-$A_IP) continue ;;
				esac
				plant $node icmp "$drop $hook priority -400; }'; nft add rule ip t c ip $side $ip ip protocol icmp drop" \
					"nft delete table ip t"
				plant $node http "$drop $hook priority -400; }'; nft add rule ip t c ip $side $ip tcp dport 80 drop; nft add rule ip t c ip $side $ip tcp sport 80 drop" \
					"nft delete table ip t"
			done
		done
	done
	again "what was planted on $node"
done
for node in azure-er-circuit-primary megaport-mcr branch-er-circuit-primary; do
	plant $node "$all" "echo 0 >/proc/sys/net/ipv4/ip_forward" "echo 1 >/proc/sys/net/ipv4/ip_forward"
done
plant $B icmp "echo 1 >/proc/sys/net/ipv4/icmp_echo_ignore_all" "echo 0 >/proc/sys/net/ipv4/icmp_echo_ignore_all"
plant $B http "$drop input priority 0; }'; nft add rule ip t c tcp dport 80 reject with tcp reset" "nft delete table ip t"
plant $A "$all" "$drop input priority 0; policy drop; }'" "nft delete table ip t"
again "all that was planted"

# what stays longer is seen by the lab's own probe and by `test`, too
on megaport-mcr "ip route add blackhole $B_IP"
is_red() { "$H" probes -l "$LAB" -o tsv | grep "^$A.*$B" | grep -q red; }
wait_for 10 is_red || fail "the probe stays green: $("$H" probes -l "$LAB")"
expect 4 "$H" test -l "$LAB"
has "$out" "fail"
on megaport-mcr "ip route del blackhole $B_IP"
again "the last one"
wait_for 20 is_green || fail "the lab is not green again"
expect 0 "$H" test -l "$LAB"
echo "$planted errors"
[ "$planted" -ge 20 ] || fail "only $planted errors were planted"
