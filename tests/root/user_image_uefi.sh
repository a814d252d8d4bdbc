#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest whose image boots by UEFI, which no BIOS can: it is what the lab says, and another firmware is a change
# of it. With STARTS=1 (`make check-long`) what the firmware wrote outlasts stops and reboots, and
# what is wrong about the firmware is said.
. tests/support/lab.sh

[ "$BRIEF" -lt 2 ] || skip "BRIEF=$BRIEF"
needs libvirt guest-images id-ranges
[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] || skip ovmf
out=$(tests/support/user_image/build 2>&1) || skip "no disk to boot: $out"

images=$PWD/build/images/user
before=$(cd "$images" && sha256sum uefi.qcow2 disk.qcow2)
cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
vms:
  vm: v/s
  guest:
    subnet: v/s
    private_ip_address: 10.0.0.9
    kind: libvirt
    image: $images/uefi.qcow2
    firmware: uefi
    memory_mb: 256
    boot_timeout: 90s
YAML
answers() { "$H" curl -l "$LAB" vm -s -m 2 "10.0.0.9/$1"; }
is() { [ "$(answers "$1")" = "$2" ]; }

# ---- without the firmware it is not begun ----
if [ "$(id -u)" = 0 ]; then
	expect 5 unshare -m sh -c 'mount -t tmpfs tmpfs /usr/share/OVMF && exec "$1" up "$2"' - "$H" "$SCRATCH/lab.yaml"
	has "$err" 'this host has no UEFI for guests: apt install ovmf'
fi

# ---- it boots ----
expect 0 "$H" up "$SCRATCH/lab.yaml"
wait_for 10 is boots 1 || fail "it serves nothing"
is firmware uefi || fail "it booted by '$(answers firmware)'"
is '' guest || fail "its name is not that of the seed"
variables() { "$H" shell -l "$LAB" -- cat /run/hublab/guests/guest/uefi-variables | sha256sum; }
[ "$(variables)" != "$(sha256sum </usr/share/OVMF/OVMF_VARS_4M.fd)" ] || fail "its firmware has written nothing"

if [ -n "${STARTS-}" ]; then
	place() { "$H" shell -l "$LAB" -- stat -c %i /run/hublab/guests/guest/uefi-variables; }
	first=$(place)
	expect 0 "$H" stop -l "$LAB" guest
	expect 0 "$H" start -l "$LAB" guest
	wait_for 60 is boots 2 || fail "it does not boot again"
	expect 0 "$H" reboot -l "$LAB" guest
	wait_for 60 is boots 3 || fail "it does not boot after a reset"
	is firmware uefi || fail "it booted by '$(answers firmware)'"
	[ "$(place)" = "$first" ] || fail "its firmware has another memory"
	# a BIOS finds nothing on this disk
	expect 4 "$H" set -l "$LAB" vms/guest/firmware null vms/guest/boot_timeout 3s
	has "$("$H" show -l "$LAB")" '^problem +guest: the guest does not run: it does not answer at 10.0.0.9, 3 s'
	expect 0 "$H" set -l "$LAB" vms/guest/firmware uefi vms/guest/boot_timeout 90s
	wait_for 60 is firmware uefi || fail "it does not boot by UEFI any more"
fi

# ---- another firmware and another disk are a change ----
expect 0 "$H" set -l "$LAB" vms/guest/firmware null vms/guest/image "$images/disk.qcow2"
wait_for 60 is firmware bios || fail "it does not boot by BIOS"
is boots 1 || fail "another image is not another disk"
expect 0 "$H" down "$LAB"
[ "$(cd "$images" && sha256sum uefi.qcow2 disk.qcow2)" = "$before" ] || fail "an image was written"
exit 0
