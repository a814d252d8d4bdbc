#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A running lab is changed: by its file, by values that are set, by steps. Only what differs is
# touched, daemons and sessions that stay go on, and what cannot be made leaves the lab as it was.
# alone: it looks at all BIRDs of the machine
. tests/support/lab.sh

F=$SCRATCH/lab.yaml
sed "s/^lab: .*/lab: $LAB/; /^expect:/,\$d" "$ER" >"$F"
cat >>"$F" <<'END'
steps:
  - name: as it is
  - name: a nearer provider # and one machine more
    set:
      providers/megaport-mcr/links/0/delay_ms: 5
      vms/az-spk3-lxvm: az-spk1-vnet/subnet1
  - name: no second spoke
    after: as it is
    set:
      vms/az-spk2-lxvm: null
      virtual_networks/az-hub-vnet/peerings/Hub-to-Spoke2: null
      virtual_networks/az-spk2-vnet: null
END
birds() { pgrep -x bird | sort | tr '\n' ' '; } # of all labs: none is made or ended beside this one
lost() { "$H" events -l "$LAB" | grep -c 'session .* lost'; }
rtt_below() { # FROM TO MS: the latest ping
	"$H" probes -l "$LAB" -o tsv | awk -F '\t' -v from="$1" -v to="$2" -v ms="$3" \
		'$1 == from && $2 == to && $3 == "Icmp" && $6 + 0 < ms { found = 1 } END { exit !found }'
}

expect 0 "$H" up "$F"
has "$out" "^$LAB is up at step 1 of 3 \(as it is\): 4 VMs, 10 BGP sessions, 24 probes green"
before=$(birds)
at_first=$(lost) # of two that called each other at once one is lost while the lab comes up

# the same file once more: nothing is done
expect 0 "$H" up "$F"
lacks "$out" ' in [0-9]'

# a step and back: the delay of a cable and a machine, no session ends
expect 0 "$H" step next -l "$LAB"
has "$out" "^$LAB is up at step 2 of 3 \(a nearer provider\): 5 VMs, 10 BGP sessions, 40 probes green"
rtt_below az-spk1-lxvm branch-vm1 60 || fail "the shorter cable is not felt"
expect 0 "$H" exec -l "$LAB" az-spk3-lxvm -- cat /etc/hostname
expect 0 "$H" step prev -l "$LAB"
has "$out" '4 VMs, 10 BGP sessions, 24 probes green'
rtt_below az-spk1-lxvm branch-vm1 60 && fail "the longer cable is not felt"
expect 2 "$H" exec -l "$LAB" az-spk3-lxvm -- true
[ "$(birds)" = "$before" ] || fail "daemons were started again: $(birds), not $before"
[ "$(lost)" -eq "$at_first" ] || fail "sessions were lost"

# a side branch: a network goes, its prefix with it, and nothing else
expect 0 "$H" step 'no second spoke' -l "$LAB"
has "$("$H" routes -l "$LAB" branch-vm1 -o tsv)" '10\.0\.1\.0/24'
lacks "$("$H" routes -l "$LAB" branch-vm1 -o tsv)" '10\.0\.2\.0/24'
expect 1 "$H" step next -l "$LAB"
has "$err" 'no step goes on from step 3'
expect 0 "$H" step 1 -l "$LAB"
has "$("$H" routes -l "$LAB" branch-vm1 -o tsv)" '10\.0\.2\.0/24'
[ "$(birds)" = "$before" ] || fail "daemons were started again"
[ "$(lost)" -eq "$at_first" ] || fail "sessions were lost"
expect 2 "$H" step 9 -l "$LAB"
expect 0 "$H" step -l "$LAB"
has "$out" '^> +1 +as it is$'
has "$out" '^ +3 +1 +no second spoke$'

# values that are set, each to be taken back
expect 0 "$H" changes -l "$LAB"
has "$out" 'no changes'
expect 0 "$H" set -l "$LAB" vms/az-spk1-lxvm/private_ip_address 10.0.1.20
has "$out" "^$LAB is up at step 1 of 3 \(as it is\) with 1 change: "
has "$("$H" exec -l "$LAB" az-spk1-lxvm -- ip -o address)" ' 10\.0\.1\.20/27 '
expect 0 "$H" set -l "$LAB" providers/megaport-mcr/links/1/delay_ms 1 \
	providers/megaport-mcr/links/1/loss_percent 0
expect 0 "$H" show -l "$LAB"
has "$out" '^step +1 of 3: as it is$'
has "$out" '^changes +3 that are in no file$'
expect 0 "$H" changes -l "$LAB" -o tsv
has "$out" '^2	providers/megaport-mcr/links/1/delay_ms	18	1$'
has "$out" '^3	providers/megaport-mcr/links/1/loss_percent		0$'
expect 0 "$H" undo -l "$LAB"
expect 0 "$H" changes -l "$LAB" -o tsv
lacks "$out" loss_percent
expect 2 "$H" undo -l "$LAB" nothing
expect 3 "$H" undo -l "$LAB" 7

# what is refused changes nothing
expect 3 "$H" set -l "$LAB" virtual_networks/az-hub-vnet/address_prefixes 10.0.0.0/27
has "$err" 'is not in the address space'
expect 3 "$H" set -l "$LAB" vms/az-spk1-lxvm/subnt x
has "$err" "did you mean 'subnet'"
expect 3 "$H" set -l "$LAB" lab other
expect 3 "$H" set -l "$LAB" vms/nobody null
expect 3 "$H" set -l "$LAB" vms/a '{ subnet: x'
expect 2 "$H" set -l "$LAB" vms/a
expect 0 "$H" changes -l "$LAB" -o tsv
[ "$(printf '%s\n' "$out" | wc -l)" -eq 2 ] || fail "a refused change is listed: $out"

# up with changes that are in no file: say what becomes of them
echo '# edited' >>"$F"
expect 1 "$H" up "$F"
has "$err" 'vms/az-spk1-lxvm/private_ip_address: nothing -> 10.0.1.20'
has "$err" 'keep'
expect 2 "$H" up "$F" --keep --discard
expect 0 "$H" up "$F" --keep
has "$out" 'with 2 changes'

# saved: into the lab file, and not a byte else
cp "$F" "$SCRATCH/before.yaml"
expect 0 "$H" save -l "$LAB"
diff "$SCRATCH/before.yaml" "$F" >"$SCRATCH/diff"
[ "$(grep -c '^[<>]' "$SCRATCH/diff")" -eq 4 ] || fail "save changed: $(cat "$SCRATCH/diff")"
has "$(cat "$F")" '^  az-spk1-lxvm: \{ subnet: az-spk1-vnet/subnet1, private_ip_address: 10.0.1.20 \}$'
expect 0 "$H" changes -l "$LAB"
has "$out" 'no changes'
# at a later step into what that step sets
expect 0 "$H" step 2 -l "$LAB"
expect 0 "$H" set -l "$LAB" providers/megaport-mcr/links/0/delay_ms 4 vms/az-hub-lxvm/nic other-nic
expect 0 "$H" save -l "$LAB"
has "$(cat "$F")" '^      providers/megaport-mcr/links/0/delay_ms: 4$'
has "$(cat "$F")" '^      vms/az-hub-lxvm/nic: other-nic$'
# edited behind the lab's back: refused, and another file is free
echo '# edited again' >>"$F"
expect 0 "$H" set -l "$LAB" timers fast
expect 1 "$H" save -l "$LAB"
has "$err" 'was edited since'
expect 0 "$H" save -l "$LAB" "$SCRATCH/other.yaml"
expect 1 "$H" save -l "$LAB" "$SCRATCH/before.yaml"
has "$err" '\-\-force'

# another file is not taken by accident
expect 1 "$H" up "$F"
has "$err" 'is another one'
expect 0 "$H" up "$F" --replace --step 1
has "$out" 'at step 1 of 3'

# one that fails half way is taken back: something in the fabric has the name of its port already
expect 0 "$H" set -l "$LAB" vms/before az-spk1-vnet/subnet1
expect 0 "$H" shell -l "$LAB" -- ip netns exec fabric ip link add p-az-new type bridge
expect 1 "$H" set -l "$LAB" vms/az-new az-spk2-vnet/subnet1 vms/before null \
	virtual_network_gateways/branch-ergw null connections/branch-er-circuit-conn-branch null
has "$err" 'File exists'
expect 0 "$H" changes -l "$LAB" -o tsv
[ "$(printf '%s\n' "$out" | wc -l)" -eq 1 ] || fail "a failed change is listed: $out"
wait_for 15 is_green || fail "not green again: $("$H" show -l "$LAB" -o json)"
expect 2 "$H" exec -l "$LAB" az-new -- true
expect 0 "$H" exec -l "$LAB" before -- true
has "$("$H" show -l "$LAB")" 'branch-ergw-0'
expect 0 "$H" shell -l "$LAB" -- ip netns exec fabric ip link del p-az-new
expect 0 "$H" set -l "$LAB" vms/az-new az-spk2-vnet/subnet1
expect 0 "$H" undo -l "$LAB" all
has "$out" '4 VMs, 10 BGP sessions, 24 probes green'
