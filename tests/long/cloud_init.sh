#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's cloud-init reads the seed of a guest: it finds the NICs, and its name, network and keys are the lab's, by
# whichever program the network is configured; told otherwise it does all of it again, and else nothing. It runs in
# this host's root with an overlay of memory upon it, and with namespaces of its own; nothing is installed.
. tests/support/lab.sh

[ "$(id -u)" = 0 ] || skip root
needs guest-images libvirt id-ranges
find_python 'import yaml' || skip python3-yaml

# ---- cloud-init, and what of its needs this host has not ----
packages=build/images/cloud-init
if [ ! -e $packages/done ]; then
	rm -rf $packages && mkdir -p $packages
	names=$(apt-get -qq --print-uris install --no-install-recommends cloud-init 2>/dev/null |
		sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p")
	[ -n "$names" ] || names=cloud-init # it is installed here
	# shellcheck disable=SC2086 # words of a list
	(cd $packages && apt-get download -q $names >/dev/null 2>&1) || skip "no cloud-init to be fetched"
	touch $packages/done
fi

# ---- seeds of a lab: that of a disk which does not boot is as good ----
truncate -s 1M "$SCRATCH/dead.raw"
printf '\353\376' | dd of="$SCRATCH/dead.raw" conv=notrunc status=none
printf '\125\252' | dd of="$SCRATCH/dead.raw" bs=1 seek=510 conv=notrunc status=none
KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0m1pWqTz2Dk7q3q7m8Y0hWk1Zy7w8XG8yqT0Y0hWk1'
cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks:
  hub:
    address_prefixes: [10.0.0.0/16, "fd00::/48"]
    subnets:
      a: { address_prefix: [10.0.0.0/24, "fd00:0:0:1::/64"] }
      b: 10.0.1.0/24
nvas:
  appliance:
    kind: libvirt
    image: dead.raw
    boot_timeout: 1s
    memory_mb: 96
    network_interfaces:
      first: { subnet: hub/b, private_ip_address: 10.0.1.9 }
      second: { subnet: hub/a, ip_configurations: [10.0.0.9, 10.0.0.10, "fd00:0:0:1::9"] }
    routes: [10.9.0.0/16 10.0.0.77]
    ssh_public_keys:
    - '$KEY me@"x: {y} # \\ \$(z)'
    - "$KEY a\\x85b\\x80c\\u2028d ä 漢 🔑"
YAML
take_seed() { # DIRECTORY
	mkdir "$1"
	"$H" shell -l "$LAB" -- cat /run/hublab/guests/appliance/seed.img >"$1.img"
	[ "$(blkid -p -o value -s LABEL "$1.img")/$(blkid -p -o value -s TYPE "$1.img")" = CIDATA/vfat ] ||
		fail "no datasource is found by it: $(blkid -p "$1.img")"
	MTOOLSRC=/dev/null mcopy -n -i "$1.img" '::*' "$1/"
}
"$H" up "$SCRATCH/lab.yaml" >/dev/null 2>&1
take_seed "$SCRATCH/seed1"
has_another_seed() {
	"$H" shell -l "$LAB" -- cat /run/hublab/guests/appliance/seed.img | cmp -s "$SCRATCH/seed1.img" - && return 1
	"$H" shell -l "$LAB" -- cat /run/hublab/guests/appliance/seed.img | grep -aq trainer
}
expect 4 "$H" set -l "$LAB" nvas/appliance/admin_username trainer nvas/appliance/routes null
wait_for 10 has_another_seed || fail "there is no other seed"
take_seed "$SCRATCH/seed2"
"$H" down "$LAB"

# ---- cloud-init, with NICs that another order of a kernel's has called otherwise ----
cat >"$SCRATCH/boot" <<'SH'
set -eu
scratch=$1 packages=$2 root=$1/over/root
mount -t tmpfs tmpfs "$scratch/over"
mkdir "$scratch/over/upper" "$scratch/over/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$scratch/over/upper,workdir=$scratch/over/work" overlay "$root"
# who adds users to this host meanwhile has its files locked
cp -a /etc "$scratch/over/etc"
rm -f "$scratch"/over/etc/*.lock
mount --bind "$scratch/over/etc" "$root/etc"
for package in "$packages"/*.deb; do
	dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
done
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
echo 'datasource_list: [ NoCloud ]' >"$root/etc/cloud/cloud.cfg.d/99_seed.cfg"
nics=$(sed -n 's/.*"macaddress": "\(.*\)".*/\1/p' "$scratch/seed1/network-config")
set -- $nics
ip link add eth0 address "$2" type veth peer name other0
ip link add enp9s0 address "$1" type veth peer name other1
ip link add eth1 address 00:0d:3a:ff:ff:ff type veth peer name other2 # nobody told of it
as_booted() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"; }
boot() { # SEED: from power on to the stage in which users are made
	rm -rf "$root/var/lib/cloud/seed" "$root"/run/*
	mkdir -p "$root/var/lib/cloud/seed"
	cp -r "$1" "$root/var/lib/cloud/seed/nocloud"
	: >"$root/var/log/cloud-init.log"
	as_booted cloud-init init --local >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }
	as_booted cloud-init init >"$scratch/said" 2>&1 || { cat "$scratch/said"; exit 1; }
	! grep -E 'WARNING|ERROR|Traceback' "$root/var/log/cloud-init.log" || exit 1
}
is() { [ "$1" = "$2" ] || { echo "FAILED: '$1' is not '$2'"; exit 1; }; }
mac_of() { cat "$root/sys/class/net/$1/address"; }
seed_key() { sed -n 's/^ *"\(ssh-ed25519.*[^,]\),*$/\1/p' "$scratch/$1/user-data"; }

as_booted rm -rf /var/lib/cloud/seed
cp "$scratch/seed1/user-data" "$root/tmp/user-data"
as_booted cloud-init schema --config-file /tmp/user-data
boot "$scratch/seed1"
is "$(mac_of eth0) $(mac_of eth1)" "$1 $2"
is "$(hostname)" appliance
is "$(cat "$root/etc/hostname")" appliance
is "$(as_booted id -un azureuser)" azureuser
cp "$root/home/azureuser/.ssh/authorized_keys" "$scratch/keys"
is "$(stat -c '%U %a' "$root/home/azureuser/.ssh/authorized_keys" 2>/dev/null | cut -d ' ' -f 2)" 600
as_booted grep -q '^azureuser .*NOPASSWD:ALL' /etc/sudoers.d/90-cloud-init-users
# the same again: nothing is done, what its user changed stays
echo mine >"$root/home/azureuser/.ssh/authorized_keys"
boot "$scratch/seed1"
is "$(cat "$root/home/azureuser/.ssh/authorized_keys")" mine
# another: all of it is done
boot "$scratch/seed2"
is "$(as_booted id -un trainer)" trainer
is "$(LC_ALL=C sort "$root/home/trainer/.ssh/authorized_keys")" "$(LC_ALL=C sort "$scratch/keys")"
for renderer in eni netplan networkd network-manager; do
	as_booted cloud-init devel net-convert -p /var/lib/cloud/seed/nocloud/network-config -k yaml \
		-O $renderer -D debian -d "/tmp/seed2/$renderer" >"$scratch/said" 2>&1 ||
		{ cat "$scratch/said"; exit 1; }
	cp "$scratch/seed1/network-config" "$root/tmp/network-config"
	as_booted cloud-init devel net-convert -p /tmp/network-config -k yaml \
		-O $renderer -D debian -d "/tmp/seed1/$renderer" >"$scratch/said" 2>&1 ||
		{ cat "$scratch/said"; exit 1; }
done
cp -r "$root/tmp/seed1" "$scratch/network1"
cp -r "$root/tmp/seed2" "$scratch/network2"
SH
mkdir "$SCRATCH/over"
unshare -m -n -u sh "$SCRATCH/boot" "$SCRATCH" $packages >"$SCRATCH/out" 2>&1 || fail "$(cat "$SCRATCH/out")"
has "$(cat "$SCRATCH/out")" '^Valid cloud-config'
"$python" - "$SCRATCH/keys" "$KEY" <<'PY' || fail "the keys are not those of the lab: $(cat "$SCRATCH/keys")"
import sys
lines = sorted(open(sys.argv[1], encoding="utf-8", newline="").read().split("\n")) # it has them in no order
key = sys.argv[2]
assert lines == ["", key + " a\x85b\x80c\u2028d ä 漢 🔑", key + ' me@"x: {y} # \\ $(z)'], lines
PY

# ---- its network, as each of them has it ----
network() { # FILE: without blank lines, comments, and indentation
	sed 's/^ *//; /^#/d; /^$/d' "$SCRATCH/$1"
}
same() { # FILE, and what it is on standard input
	network "$1" >"$SCRATCH/is"
	sed 's/^[ 	]*//' | diff - "$SCRATCH/is" || fail "$1 is not what the lab says"
}
same network1/eni/etc/network/interfaces.d/50-cloud-init <<-'TEXT'
	auto lo
	iface lo inet loopback
	auto eth0
	iface eth0 inet static
	address 10.0.1.9/24
	gateway 10.0.1.1
	auto eth1
	iface eth1 inet static
	address 10.0.0.9/24
	post-up route add -net 10.9.0.0/16 gw 10.0.0.77 || true
	pre-down route del -net 10.9.0.0/16 gw 10.0.0.77 || true
	iface eth1 inet static
	address 10.0.0.10/24
	iface eth1 inet6 static
	address fd00:0:0:1::9/128
	gateway fe80::1234:5678:9abc
TEXT
"$python" - "$SCRATCH/network1/netplan/etc/netplan/50-cloud-init.yaml" "$SCRATCH/seed1/network-config" <<'PY' ||
import sys, yaml
assert yaml.safe_load(open(sys.argv[1])) == {"network": yaml.safe_load(open(sys.argv[2]))}
PY
	fail "netplan is told otherwise"
same network1/networkd/etc/systemd/network/10-cloud-init-eth0.network <<-TEXT
	[Address]
	Address=10.0.1.9/24
	[Match]
	MACAddress=$(sed -n "s/.*\"macaddress\": \"\(.*\)\".*/\1/p" "$SCRATCH/seed1/network-config" | head -n 1)
	Name=eth0
	[Network]
	DHCP=no
	[Route]
	Gateway=10.0.1.1
TEXT
second=$(network network1/networkd/etc/systemd/network/10-cloud-init-eth1.network)
for line in 'Address=10.0.0.9/24' 'Address=10.0.0.10/24' 'Address=fd00:0:0:1::9/128' 'Destination=10.9.0.0/16' \
	'Gateway=10.0.0.77' 'Gateway=fe80::1234:5678:9abc' 'Name=eth1' 'DHCP=no'; do
	has "$second" "^$line\$"
done
[ "$(printf '%s\n' "$second" | grep -c '^Destination=')" = 1 ] || fail "there is another route: $second"
manager=$(network network1/network-manager/etc/NetworkManager/system-connections/cloud-init-eth1.nmconnection)
for line in 'address1=10.0.0.9/24' 'address2=10.0.0.10/24' 'route1=10.9.0.0/16,10.0.0.77' \
	'address1=fd00:0:0:1::9/128' 'gateway=fe80::1234:5678:9abc'; do
	has "$manager" "^$line\$"
done
lacks "$(network network2/eni/etc/network/interfaces.d/50-cloud-init)" '10\.9\.0\.0'
exit 0
