#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests that boot images of the user's: by BIOS from what lies on top of an image that stays as it was, with a
# seed of cloud-init's that says all of their network; what they wrote ends with the lab, however that ends.
. tests/support/lab.sh

needs libvirt guest-images id-ranges
find_python 'import yaml' || skip "python3-yaml"
out=$(tests/support/user_image/build 2>&1) || skip "no disk to boot: $out"

# In a directory that is the user's alone, as nobody else can enter it.
mkdir -m 700 "$SCRATCH/private" "$SCRATCH/place"
cp build/images/user/disk.raw build/images/user/disk.qcow2 "$SCRATCH/private/"
before=$(cd "$SCRATCH/private" && sha256sum disk.raw disk.qcow2)
export TMPDIR="$SCRATCH/place" # where what guests write is kept
KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0m1pWqTz2Dk7q3q7m8Y0hWk1Zy7w8XG8yqT0Y0hWk1'
cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: [10.0.0.0/16, "fd00::/48"]
    subnets:
      a: { address_prefix: [10.0.0.0/24, "fd00:0:0:1::/64"] }
      b: 10.0.1.0/24
vms:
  vm: hub/a
nvas:
  appliance:
    kind: libvirt
    image: private/disk.raw
    memory_mb: 160
    network_interfaces:
      first: { subnet: hub/b, private_ip_address: 10.0.1.9 }
      second: { subnet: hub/a, ip_configurations: [10.0.0.9, 10.0.0.10, "fd00:0:0:1::9"] }
    routes: [10.9.0.0/16 10.0.0.77]
    ssh_public_keys: '$KEY me@"x: {y} # \\ \$(z)'
YAML
answers() { "$H" curl -l "$LAB" vm -s -m 2 "10.0.1.9/$1"; }
boots_are() { [ "$(answers boots)" = "$1" ]; }
state_is() { "$H" show -l "$LAB" | grep -Eq "^appliance .* $1\$"; }
no_qemu() { ! pgrep -f "guest=$LAB-" >/dev/null; }

# ---- it boots, and is what the lab says ----
expect 0 "$H" up "$SCRATCH/lab.yaml"
has "$out" "^$LAB is up: .* probes green"
has "$("$H" events -l "$LAB")" 'appliance answers at 10.0.1.9, [0-9.]+ s after its start'
wait_for 10 boots_are 1 || fail "it serves nothing"
[ "$(answers '')" = appliance ] || fail "its name is not that of meta-data"
for command in 'exec -l LAB appliance -- true' 'ping -l LAB appliance vm' 'curl -l LAB appliance vm'; do
	expect 1 "$H" $(printf '%s' "$command" | sed "s/LAB/$LAB/")
	has "$err" "appliance boots an image of yours.* 'hublab console appliance'"
done
expect 0 "$H" ping -l "$LAB" vm 10.0.0.9 -c 1
expect 0 "$H" ping -l "$LAB" vm 10.0.0.10 -c 1
expect 0 "$H" ping -l "$LAB" vm fd00:0:0:1::9 -c 1
for file in meta-data user-data network-config; do answers "seed/$file" >"$SCRATCH/$file"; done
"$python" - "$SCRATCH" "$KEY" <<'PY' || fail "the seed is wrong"
import sys, yaml
def read(name): return open(sys.argv[1] + "/" + name).read()
meta, network = yaml.safe_load(read("meta-data")), yaml.safe_load(read("network-config"))
assert meta["local-hostname"] == "appliance", meta
text = read("user-data")
assert text.startswith("#cloud-config\n"), text
user = yaml.safe_load(text)
assert user["user"]["name"] == "azureuser", user
assert user["ssh_authorized_keys"] == [sys.argv[2] + ' me@"x: {y} # \\ $(z)'], user
assert network["version"] == 2
first, second = network["ethernets"]["eth0"], network["ethernets"]["eth1"]
assert first["set-name"] == "eth0" and second["set-name"] == "eth1"
assert first["match"]["macaddress"] != second["match"]["macaddress"]
assert first["addresses"] == ["10.0.1.9/24"], first
assert second["addresses"] == ["10.0.0.9/24", "10.0.0.10/24", "fd00:0:0:1::9/128"], second
assert first["gateway4"] == "10.0.1.1" and "routes" not in first, first
assert second["gateway6"] == "fe80::1234:5678:9abc", second
assert second["routes"] == [{"to": "10.9.0.0/16", "via": "10.0.0.77"}], second
PY
first_id=$(grep instance-id "$SCRATCH/meta-data")

# ---- what it writes has no name, and stays for as long as the lab ----
[ -z "$(ls -A "$SCRATCH/place")" ] || fail "there is a name: $(ls -A "$SCRATCH/place")"
expect 0 "$H" stop -l "$LAB" appliance
wait_for 5 state_is stopped || fail "it is not stopped"
expect 0 "$H" start -l "$LAB" appliance
has "$("$H" show -l "$LAB")" '^appliance .* (starting|booting)$'
wait_for 40 boots_are 2 || fail "what it wrote is gone after a stop"
expect 0 "$H" reboot -l "$LAB" appliance
wait_for 5 state_is booting || fail "it does not boot"
wait_for 40 boots_are 3 || fail "what it wrote is gone after a reboot"
wait_for 5 state_is up || fail "it is not up again"
kill -9 "$(pgrep -f "^hublab: $LAB guests " | head -n 1)"
wait_for 5 events_have 'who runs the guests ended' || fail "its end is not told"
expect 0 "$H" stop -l "$LAB" appliance
wait_for 10 no_qemu || fail "the new one does not know the old one's guest"
expect 0 "$H" start -l "$LAB" appliance
wait_for 40 boots_are 4 || fail "what it wrote is gone with who ran it"

# ---- a change of what it is told starts it anew; another image is another disk ----
expect 0 "$H" set -l "$LAB" nvas/appliance/admin_username trainer
wait_for 40 boots_are 5 || fail "it does not start anew: it booted $(answers boots) times"
has "$(answers seed/user-data)" '"name": "trainer"'
[ "$(answers seed/meta-data | grep instance-id)" != "$first_id" ] || fail "cloud-init would not look again"
expect 3 "$H" set -l "$LAB" nvas/appliance/image private/nothing.qcow2
has "$err" "$SCRATCH/private/nothing.qcow2: there is no such file"
boots_are 5 || fail "what is refused had a consequence"
expect 0 "$H" set -l "$LAB" nvas/appliance/image private/disk.qcow2
wait_for 40 boots_are 1 || fail "another image is not another disk"
expect 0 "$H" set -l "$LAB" nvas/appliance/kind namespace nvas/appliance/image null \
	nvas/appliance/admin_username null nvas/appliance/ssh_public_keys null
wait_for 10 no_qemu || fail "a guest is left"
expect 0 "$H" set -l "$LAB" nvas/appliance/kind libvirt nvas/appliance/image private/disk.qcow2
wait_for 40 boots_are 1 || fail "what a guest wrote that was none any more is still there"

# ---- the end: its place is free again ----
kill -9 "$(pgrep -f "^hublab: $LAB supervisor " | head -n 1)"
nothing_left() { no_qemu && ! pgrep -f "^hublab: $LAB " >/dev/null; }
wait_for 5 nothing_left || fail "something is left: $(pgrep -af "$LAB")"
[ -z "$(ls -A "$SCRATCH/place")" ] || fail "its disk is left: $(ls -A "$SCRATCH/place")"
! find /proc/[0-9]*/fd -lname "$SCRATCH/place/*" 2>/dev/null | grep -q . || fail "its disk is still open"
[ "$(cd "$SCRATCH/private" && sha256sum disk.raw disk.qcow2)" = "$before" ] || fail "an image was written"

# ---- one that does not boot is amber for as long as it is given, and then a problem ----
dead() { # FILE: a sector that loops for ever
	truncate -s 1M "$1"
	printf '\353\376' | dd of="$1" conv=notrunc status=none
	printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}
dead "$SCRATCH/private/dead.raw"
lab() { # KEYS
	cat >"$SCRATCH/bad.yaml" <<-YAML
		lab: $LAB
		virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
		vms:
		  vm: v/s
		  appliance: { subnet: v/s, private_ip_address: 10.0.0.9, $1 }
	YAML
}
lab "kind: libvirt, image: private/dead.raw, boot_timeout: 3s, memory_mb: 96"
"$H" up "$SCRATCH/bad.yaml" >"$SCRATCH/up" 2>&1 &
wait_for 5 state_is booting || fail "it does not boot"
wait $!
has "$("$H" show -l "$LAB")" '^problem +appliance: the guest does not run: it does not answer at 10.0.0.9, 3 s after'
# the user mends it: another disk
expect 0 "$H" set -l "$LAB" vms/appliance/image private/disk.raw vms/appliance/boot_timeout 60s
wait_for 40 state_is up || fail "it does not come up with another disk"
expect 0 "$H" down "$LAB"
wait_for 5 no_qemu || fail "a guest is left"

# ---- bad input: a place in the file, and nothing is started ----
refused() { # IMAGE PATTERN
	lab "kind: libvirt, image: $1"
	expect 3 "$H" up "$SCRATCH/bad.yaml"
	has "$err" "bad.yaml:5:[0-9]+: error: 'appliance': .*$2"
	expect 3 "$H" check "$SCRATCH/bad.yaml"
	has "$err" "bad.yaml:5:[0-9]+: error: 'appliance': .*$2"
}
refused private/nothing 'there is no such file'
refused private 'is no file'
gzip -c "$SCRATCH/private/dead.raw" >"$SCRATCH/private/packed.raw.gz"
refused private/packed.raw.gz 'is packed: gunzip'
qemu-img create -q -f qcow2 -b disk.raw -F raw "$SCRATCH/private/on-top.qcow2"
refused private/on-top.qcow2 'is a qcow2 on top of another file'
cp "$SCRATCH/private/dead.raw" "$SCRATCH/private/secret.raw"
chmod 600 "$SCRATCH/private/secret.raw"
refused private/secret.raw 'may not be read by others, .*chmod o\+r'
lab "image: private/disk.raw"
expect 3 "$H" up "$SCRATCH/bad.yaml"
has "$err" "bad.yaml:5:[0-9]+: error: 'appliance' has no kernel of its own: 'image' is of guests"

# ---- what is missing is said ----
lab "kind: libvirt, image: private/disk.raw"
mkdir "$SCRATCH/bin"
for program in bird ip sh qemu-system-x86_64 newuidmap newgidmap; do
	ln -s "$(command -v $program || command -v /usr/sbin/$program)" "$SCRATCH/bin/"
done
expect 5 env PATH="$SCRATCH/bin" "$H" up "$SCRATCH/bad.yaml"
has "$err" 'need qemu-img, .* apt install qemu-utils'
ln -s "$(command -v qemu-img)" "$SCRATCH/bin/"
expect 5 env PATH="$SCRATCH/bin" "$H" up "$SCRATCH/bad.yaml"
has "$err" 'need mformat, .* apt install mtools'

# ---- no room: before the start, and later ----
[ "$(id -u)" = 0 ] || exit 0
expect 5 unshare -m sh -c 'mount -t tmpfs -o size=10m tmpfs "$1" && exec "$2" up "$3"' - \
	"$SCRATCH/place" "$H" "$SCRATCH/bad.yaml"
has "$err" "$SCRATCH/place, and that has [0-9]+ MB left"
exit 0
