#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Five seconds of SYNs to a port that an NSG denies: states do not grow, the lab answers at once, other
# flows are told meanwhile and stay in the log, and what was too much to be read is counted.
# alone: it needs a processor for itself
. tests/support/lab.sh
# what a sanitizer keeps of freed memory is not what the supervisor needs
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=8
export ASAN_OPTIONS

cat >"$SCRATCH/lab.yaml" <<EOF
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: 10.0.0.0/16
    subnets: { s1: { address_prefix: 10.0.0.0/24, network_security_group: nsg } }
vms: { vm1: hub/s1, vm2: hub/s1, vm3: hub/s1 }
network_security_groups:
  nsg:
    security_rules:
      no-81: 100 Inbound Deny Tcp *:* -> *:81
EOF
expect 0 "$H" up "$SCRATCH/lab.yaml"
flood=$PWD/build/flood
fabric() { "$H" shell -l "$LAB" -- ip netns exec fabric "$@"; }
states() { fabric cat /proc/sys/net/netfilter/nf_conntrack_count; }
denied() { "$H" flows -l "$LAB" --denied -o json | tr -d ' \n'; }
memory() { # of the supervisor, in kilobytes
	pid=$(pgrep -f "^hublab: $LAB supervisor" | head -n 1)
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$pid/status"
}
ms() { echo $(($(date +%s%N) / 1000000)); }
lost() { "$H" flows -l "$LAB" -o json | sed -n 's/^ *"lost": \([0-9]*\),/\1/p'; }
told() { "$H" flows -l "$LAB" vm3 -o tsv | grep -q "$1"; }

expect 0 "$H" exec -l "$LAB" vm3 -- curl -sf -m 5 --local-port 20001 http://10.0.0.5/
wait_for 2 told '10.0.0.6:20001.*AllowVnetOutBound' || fail "the first flow is not told"
before=$(states)
memory_before=$(memory)

# ---- while it lasts ----
"$H" exec -l "$LAB" vm1 -- "$flood" 10.0.0.5 81 5 >"$SCRATCH/sent" 2>&1 &
flooder=$!
is_seen() { denied | grep -q '"has_any_source_port":true'; }
wait_for 4 is_seen || fail "the flood is not told: $(denied | cut -c 1-500)"
most=0
slowest=0
rounds=0
missed=0
while kill -0 "$flooder" 2>/dev/null; do
	begin=$(ms)
	expect 0 "$H" show "$LAB"
	took=$(($(ms) - begin))
	[ "$took" -le "$slowest" ] || slowest=$took
	now=$(states)
	[ "$now" -le "$most" ] || most=$now
	rounds=$((rounds + 1))
	expect 0 "$H" exec -l "$LAB" vm3 -- curl -sf -m 5 --local-port $((21000 + rounds)) \
		http://10.0.0.5/
	# among what was too much to be read it may be, too: then that was counted
	if ! wait_for 2 told "10.0.0.6:$((21000 + rounds)).*AllowVnetOutBound"; then
		[ "$(lost)" -gt 0 ] || fail "flow $rounds is not told while it lasts"
		missed=$((missed + 1))
	fi
done
[ $((missed * 2)) -lt "$rounds" ] || fail "$missed of $rounds flows were missed"
wait "$flooder" || fail "the flood did not begin: $(cat "$SCRATCH/sent")"
sent=$(cat "$SCRATCH/sent")
[ "$sent" -gt 10000 ] || fail "that was no flood: $sent packets"
[ "$rounds" -gt 2 ] || fail "only $rounds rounds while it lasted"
[ "$most" -le $((before + 4 * rounds + 50)) ] || fail "$before states, then $most"
[ "$slowest" -le $((500 * SLOW)) ] || fail "an answer took $slowest ms"

# ---- afterwards ----
is_whole() { # every message was told or missed: two of each packet, what comes last shows holes
	expect 0 "$H" exec -l "$LAB" vm3 -- curl -sf -m 5 http://10.0.0.5/
	"$H" flows -l "$LAB" -o json >"$SCRATCH/flows.json"
	python3 - "$SCRATCH/flows.json" "$sent" <<-EOF
		import json, sys
		log = json.load(open(sys.argv[1]))
		flood = [f for f in log["flows"] if f["destination_port"] == 81]
		told = sum(f["count"] for f in flood)
		sent = 2 * int(sys.argv[2])
		print("sent", sent, "told", told, "lost", log["lost"], "items", len(flood))
		assert told <= sent <= told + log["lost"] + 8, "some were neither told nor missed"
		assert log["evicted"] == 0 and len(flood) < 1100, "it drove others out"
		assert all(f["rule"] == "UserRule_no-81" for f in flood if f["access"] == "Deny")
	EOF
}
wait_for 10 is_whole || fail "$(is_whole 2>&1)"
is_whole
told '10.0.0.6:20001' || fail "the first flow is gone"
lost=$(lost)
if [ "$lost" -gt 0 ]; then
	has "$("$H" show "$LAB")" "^flows .* $lost messages of the log lost"
	has "$("$H" flows -l "$LAB" 2>&1 >/dev/null)" "$lost messages of the log were lost"
	events_have ' flows .* messages of the flow log were lost'
fi
grown=$(($(memory) - memory_before))
[ "$grown" -lt $((30000 * SLOW)) ] || fail "the supervisor grew by $grown kB"
[ "$SLOW" -gt 1 ] || ! events_have ' slow .*flows' || fail "the loop waited: $("$H" events -l "$LAB" | grep slow)"
echo "$sent SYNs in 5 s, $lost messages lost; $before states, $most at most;" \
	"slowest answer $slowest ms; $grown kB more"
