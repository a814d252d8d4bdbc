#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest from the menu of actions: what it is is saved, gone back to after a question that says what is
# lost, and the snapshot is removed; it is stopped and started.
. tests/support/lab.sh
. tests/support/tmux.sh

needs libvirt id-ranges
[ -x /usr/lib/libvirt/libvirt_iohelper ] || [ -x /usr/libexec/libvirt_iohelper ] || skip libvirt_iohelper

cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
vms: { a: v/s, g: { subnet: v/s, kind: libvirt } }
YAML
state_is() { "$H" show -l "$LAB" g | grep -Eq "^node .*, $1\$"; }

expect 0 "$H" up "$SCRATCH/lab.yaml"
wait_for 60 state_is up || fail "the guest is not up"
open_terminal 80 24
keys "$H -l $LAB" Enter
sees '^ g ' || fail "no screen"
keys G
sees '^▸g ' || fail "the guest is not selected"

keys x
sees '^ ▸ the console of g' || fail "no console in the menu"
keys save Enter
sees 'snapshot g do it\?' || fail "saving is not asked for"
keys y
sees 'done: snapshot g' 30 || fail "it was not saved"
expect 0 "$H" snapshot -l "$LAB" -o tsv
has "$out" '^g	1	'

wait_for 30 state_is up || fail "it does not go on"
keys x 'back to 1'
sees '^ ▸ go back to 1 \(taken [0-9:]{8}\)' || fail "the snapshot is not in the menu"
sees '^     what it did since is lost' || fail "nothing is said of what is lost"
keys Enter
sees 'restore g 1 and lose what came since\?' || fail "going back is not asked for"
keys y
sees 'done: restore g 1' 30 || fail "it did not go back"

wait_for 30 state_is up || fail "it is not up after it went back"
keys x 'remove snapshot' Enter
sees 'snapshot --delete g 1 do it\?' || fail "removing is not asked for"
keys y
sees 'done: snapshot --delete g 1' 30 || fail "it was not removed"
expect 0 "$H" snapshot -l "$LAB"
[ "$out" = 'there are no snapshots' ] || fail "$out"

keys x 'its plug' Enter
sees 'stop g do it\?' || fail "stopping is not asked for"
keys y
sees 'done: stop g' 30 || fail "it was not stopped"
wait_for 10 state_is stopped || fail "it is not stopped"
keys x
sees 'it cannot be saved: it is not up \(stopped\)' || fail "no reason why it cannot be saved"
keys 'start it' Enter
sees 'start g do it\?' || fail "starting is not asked for"
keys y
sees 'done: start g' 30 || fail "it was not started"
wait_for 60 state_is up || fail "it does not come up again"
keys q
sees '^ready>' || fail "q does not leave"
