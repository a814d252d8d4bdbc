#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hublab test: what holds passes, what does not fails and says what was seen, and whatever is wrong
# with the lab, its daemons or its probes, nothing passes that was not seen.
. tests/support/lab.sh

pid_of() { pgrep -f "^hublab: $LAB $1"; } # supervisor, engine or wire
no_pass() { lacks "$out" '^( *pass|ok |pass	)'; }

# ---- the reference lab as it is ----
expect 0 "$H" up "$ER" --name "$LAB"
expect 0 "$H" test -l "$LAB"
has "$out" '^step 1: ExpressRoute only$'
has "$out" '^  pass     az-spk1-lxvm -> branch-vm1 Icmp works, ttl 60, rtt 72 to 76 ms$'
has "$out" '^  pass     az-spk1-lxvm -> az-spk2-lxvm Icmp fails because no_route$'
has "$out" '^15 passed, 0 failed, 0 unknown$'
expect 0 "$H" test -l "$LAB" --tap --junit "$SCRATCH/junit.xml" --all-steps
has "$out" '^ok 1 - az-hub-lxvm -> az-spk1-lxvm'
has "$out" '^1\.\.15$'
has "$(cat "$SCRATCH/junit.xml")" 'testsuite name="ExpressRoute only" tests="15" failures="0" errors="0"'
expect 0 "$H" test -l "$LAB" -o json
has "$out" '"verdict": "pass"'
expect 2 "$H" test -l "$LAB" --tap -o json
expect 1 "$H" test -l "$LAB" --junit /nowhere/x.xml

# from here on without much patience
sed "s/^lab: .*/lab: $LAB/; /^# What a trainer/,\$s/ }\$/, within: 2s }/" "$ER" >"$SCRATCH/hasty.yaml"
expect 0 "$H" up "$SCRATCH/hasty.yaml" --replace

# ---- a supervisor that does not answer ----
kill -STOP "$(pid_of supervisor)"
expect 1 timeout 60 "$H" test -l "$LAB" --tap
kill -CONT "$(pid_of supervisor)"
no_pass
has "$err" 'nothing is known: the lab does not answer'

# ---- an engine that opens no sockets: no packet is sent, and no flow passes ----
wait_for 10 is_green
kill -STOP "$(pid_of engine)"
expect 4 timeout 60 "$H" test -l "$LAB"
kill -CONT "$(pid_of engine)"
lacks "$out" '^  pass .* -> '
has "$out" '^  unknown  az-spk1-lxvm -> az-spk2-lxvm Icmp fails because no_route$'
has "$out" 'no packet was sent'

# ---- a daemon that hangs: what is not there because of it is no proof ----
wait_for 10 is_green
bird=$("$H" show -l "$LAB" -o json | tr -d ' \n' | sed -E 's/.*"name":"az-hub-ergw-0"[^}]*"pid":([0-9]+).*/\1/')
"$H" shell -l "$LAB" -- kill -STOP "$bird"
wait_for 20 events_have 'session with az-hub-ergw-0 .* lost'
expect 4 timeout 60 "$H" test -l "$LAB"
has "$out" '^  unknown  routes of az-spk1-lxvm: 10\.0\.2\.0/24 absent$'
has "$out" 'has no BGP session with az'
lacks "$out" '^  pass .* (absent|fails)'
"$H" shell -l "$LAB" -- kill -CONT "$bird"
expect 0 "$H" down "$LAB"

# ---- wrong expectations, one of each kind ----
sed "s/^lab: .*/lab: $LAB/; /^# What a trainer/,\$d" "$ER" >"$SCRATCH/lab.yaml"
cat >"$SCRATCH/wrong" <<'END'
expect:
  - { from: az-spk1-lxvm, to: branch-vm1, ttl: 63, within: 1s }
  - { from: az-spk1-lxvm, to: branch-vm1, rtt_ms: 40, within: 1s }
  - { from: az-spk1-lxvm, to: branch-vm1, loss: [50, 100], within: 5s }
  - { from: az-spk1-lxvm, to: branch-vm1, result: fails, within: 1s }
  - { from: az-spk1-lxvm, to: az-spk2-lxvm, within: 1s }
  - { from: az-spk1-lxvm, to: az-spk2-lxvm, result: fails, because: loop, within: 1s }
  - { from: az-spk1-lxvm, to: az-spk2-lxvm, protocol: Tcp, port: 22, within: 1s }
  - { routes: az-spk1-lxvm, prefix: 10.100.0.0/24, absent: true, within: 1s }
  - { routes: az-spk1-lxvm, prefix: 10.0.2.0/24, within: 1s }
  - { routes: az-spk1-lxvm, prefix: 10.100.0.0/24, next_hop_type: VNetPeering, within: 1s }
  - { routes: az-spk1-lxvm, prefix: 10.100.0.0/24, next_hop_ip: [10.3.129.58, 10.3.129.59], within: 1s }
  - { bgp: az-hub-ergw-0, peer: azure-er-circuit-primary, state: Connecting, within: 1s }
  - { bgp: az-hub-ergw-0, learned: 10.100.0.0/24, as_path: 12076-65001, within: 1s }
  - { bgp: az-hub-ergw-0, learned: 10.100.0.0/24, absent: true, within: 1s }
  - { bgp: az-hub-ergw-0, learned: [10.100.0.0/24, 10.200.0.0/24], within: 1s }
  - { bgp: az-hub-ergw-0, peer: megaport-mcr, state: Connected, within: 1s }
END
cat "$SCRATCH/wrong" >>"$SCRATCH/lab.yaml"
expect 0 "$H" up "$SCRATCH/lab.yaml"
expect 4 "$H" test -l "$LAB"
no_pass
has "$out" '^0 passed, 16 failed, 0 unknown$'
has "$out" 'line [0-9]+: ttl 60$'
has "$out" ': a round-trip time of 7[0-9]\.[0-9] ms$'
has "$out" ': a reply, 7[0-9]'
has "$out" ': no reply because no_route: az-spk1-vnet has no route'
has "$out" ': no active row for 10\.0\.2\.0/24$'
has "$out" ': 10\.100\.0\.0/24 VirtualNetworkGateway Active 10\.3\.129\.58$'
has "$out" ': 10\.200\.0\.0/24 is not learned: there is 10\.100\.0\.0/24 from azure-er-circuit-primary, path 12076-65001-12076'
has "$out" ': az-hub-ergw-0 has no session with megaport-mcr$'
expect 4 "$H" test -l "$LAB" --tap
has "$out" '^not ok 1 - '
expect 0 "$H" down "$LAB"

# ---- a file that is not understood is not tested, and one that expects nothing does not pass ----
for wrong in 'expct: [{ from: a, to: b }]' 'expect: [{ from: a, to: b, reslt: fails }]' \
	'expect: [{ from: a, to: b, ttl: 64, ttl: 63 }]' 'expect: [{ from: a, to: nobody }]' \
	'expect: [{ from: a, to: b, result: fail }]'; do
	printf 'lab: %s\nvirtual_networks: { v: { address_prefixes: 10.0.0.0/24, subnets: { s: 10.0.0.0/27 } } }\nvms: { a: v/s, b: v/s }\n%s\n' \
		"$LAB" "$wrong" >"$SCRATCH/bad.yaml"
	expect 3 "$H" check "$SCRATCH/bad.yaml"
	expect 3 "$H" up "$SCRATCH/bad.yaml"
	expect 1 "$H" test -l "$LAB"
	no_pass
done
sed '/^expect/d' "$SCRATCH/bad.yaml" >"$SCRATCH/nothing.yaml"
expect 0 "$H" up "$SCRATCH/nothing.yaml"
expect 4 "$H" test -l "$LAB"
has "$err" 'expects nothing'
# a machine that sends nothing: its flow fails, and its silence is no proof that another one would
expect 0 "$H" exec -l "$LAB" a -- ip link set eth0 down
sed 's/.*lab: .*/&\nexpect: [{ from: a, to: b, within: 1s }, { from: a, to: b, result: fails, within: 1s }]/' \
	"$SCRATCH/nothing.yaml" >"$SCRATCH/down.yaml"
"$H" up "$SCRATCH/down.yaml" --replace >/dev/null 2>&1
expect 4 "$H" test -l "$LAB"
no_pass
has "$out" '^  unknown  a -> b Icmp fails$'
expect 0 "$H" down "$LAB"

# ---- a daemon that refuses a line of its configuration: nothing passes at all ----
mkdir "$SCRATCH/bin"
cat >"$SCRATCH/bin/bird" <<END
#!/bin/sh
case \$3 in
*/az-hub-ergw-0/*) echo 'frobnicate all;' >>"\$3" ;;
esac
exec $(PATH=$PATH:/usr/sbin:/sbin command -v bird) "\$@"
END
chmod 755 "$SCRATCH" "$SCRATCH/bin" "$SCRATCH/bin/bird"
PATH=$SCRATCH/bin:$PATH
expect 4 "$H" up "$SCRATCH/hasty.yaml"
has "$err" 'az-hub-ergw-0: bird ended with code 1: .*(syntax error|frobnicate)'
expect 4 timeout 120 "$H" test -l "$LAB"
no_pass
has "$out" 'az-hub-ergw-0: bird ended'
