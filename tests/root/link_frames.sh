#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ExpressRoute Direct: what is said of its links is what is there, tags and keys that differ end
# what passes, and the other link takes over (ENC-02, ENC-03). On any kernel: one that has neither
# VLANs nor MACsec goes without, says so, and nothing encrypted is seen there.
. tests/support/lab.sh

works() {
	"$H" doctor -o tsv | grep -q "^$1	yes"
}
# passes_by MSEE: pings get through, and by that one.
passes_by() {
	"$H" why -l "$LAB" hub-vm site-vm >"$SCRATCH/why" && grep -q "^  $1 " "$SCRATCH/why" &&
		"$H" ping -l "$LAB" hub-vm site-vm -c 1
}
session_is() { # ADDRESS STATE
	"$H" bgp -l "$LAB" edge -o tsv | cut -f1,3 | grep -q "^$1	$2\$"
}
nothing_passes() { # between the two ends of the first link
	! "$H" exec -l "$LAB" edge -- ping -q -c 2 -i 0.2 -W 1 169.254.64.2 >"$SCRATCH/ping" 2>&1 &&
		grep -q ' 0 received' "$SCRATCH/ping"
}

expect 0 "$H" up tests/golden/er_direct.yaml --name "$LAB"
warned=$err
expect 0 "$H" show -l "$LAB"
what=
works vlan || what=untagged
works macsec || what=${what:+$what and }NOT\ encrypted
has "$out" "^link +edge/hub-er-primary: ${what:+$what, instead of }QinQ 200.10, MACsec GCM-AES-256\$"
has "$out" "^link +edge/site-er-secondary: ${what:+$what, instead of }QinQ 101.10, MACsec GCM-AES-XPN-128\$"
if works vlan; then
	lacks "$warned" 'VLAN'
	lacks "$out" 'untagged'
else
	has "$warned" 'warning: this kernel has no VLANs \(802.1Q\): 4 links are untagged'
	has "$out" '^warning +this kernel has no VLANs'
fi
if works macsec; then
	lacks "$warned" 'MACsec'
	lacks "$out" 'NOT encrypted'
	expect 0 "$H" test -l "$LAB"
else
	has "$warned" 'warning: this kernel has no MACsec, or not for this user: 4 links are NOT encrypted'
	has "$out" '^warning +this kernel has no MACsec'
	expect 4 "$H" test -l "$LAB"
	has "$out" 'fail +hub-vm -> site-vm Icmp works, encrypted'
	has "$out" 'a reply, but in clear on the way via '
	has "$out" '2 passed, 1 failed, 0 unknown'
fi
expect 0 "$H" exec -l "$LAB" edge -- ip -br link
has "$out" '^link0-wire'
expect 0 "$H" ping -l "$LAB" hub-vm site-vm -c 2 -i 0.2
# the link's own networks carry whole packets (ENC-03)
expect 0 "$H" exec -l "$LAB" hub-vm -- ping -q -M do -c 1 -W 2 -s 1472 10.100.0.100

# Another key at one side: BGP goes down there, the second link takes over, and back.
OTHER='{ ckn_secret_identifier: "0101", cak_secret_identifier: 00112233445566778899aabbccddeeff00112233445566778899aabbccddee00 }'
expect 4 "$H" set -l "$LAB" providers/edge/links/0/mac_sec_config "$OTHER"
has "$err" 'nothing passes the link edge/hub-er-primary: MACsec has other keys, or another cipher, at its two ends'
wait_for 10 session_is 169.254.64.2 Connecting || fail "BGP goes on between different keys"
session_is 169.254.64.6 Connected || fail "the second link is down, too"
wait_for 10 passes_by hub-er-secondary || fail "the second link does not take over"
nothing_passes || fail "something passes between different keys: $(cat "$SCRATCH/ping")"
expect 0 "$H" show -l "$LAB"
has "$out" '^link +edge/hub-er-primary: carries nothing: MACsec has other keys'
! "$H" events -l "$LAB" -o json | grep -q ccddee00 || fail "the key is in the journal"
expect 0 "$H" undo -l "$LAB"
wait_for 10 session_is 169.254.64.2 Connected || fail "it does not come back with the right key"

# Another tag there; both sides with the same one again.
expect 4 "$H" set -l "$LAB" providers/edge/links/0/vlan_id 20
has "$err" 'nothing passes the link edge/hub-er-primary: QinQ 200.20, MACsec GCM-AES-256 at edge, QinQ 200.10, MACsec GCM-AES-256 at hub-er-primary'
wait_for 10 session_is 169.254.64.2 Connecting || fail "BGP goes on between different tags"
wait_for 10 passes_by hub-er-secondary || fail "the second link does not take over"
nothing_passes || fail "something passes between different tags: $(cat "$SCRATCH/ping")"
"$H" set -l "$LAB" express_route_circuits/hub-er/vlan_id 20 >/dev/null 2>&1
wait_for 10 session_is 169.254.64.2 Connected ||
	fail "the same tag at both sides does not do"
expect 0 "$H" undo -l "$LAB" all

# A cable below all that is cut, and mended.
expect 0 "$H" fault cut -l "$LAB" edge/hub-er-primary
wait_for 10 passes_by hub-er-secondary || fail "the second link does not take over"
expect 0 "$H" fault clear -l "$LAB" all
wait_for 10 session_is 169.254.64.2 Connected || fail "it does not come back when it is mended"
wait_for 10 is_green || fail "the lab did not recover"
