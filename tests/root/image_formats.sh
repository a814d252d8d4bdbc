#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What QEMU's own tools write: each kind of qcow2 that boots is accepted, as soon as its last byte is there; what
# does not boot is known by name, with a place in the lab's file. No guest is started.
. tests/support/lab.sh

command -v qemu-img >/dev/null || skip qemu-utils
cd "$SCRATCH" || exit 1
H=$OLDPWD/$H
# 3 MB with something in them: what is packed or cut has an end
head -c 3000000 /dev/urandom >random
truncate -s 3M raw
dd if=random of=raw bs=1k seek=64 conv=notrunc status=none
printf '\125\252' | dd of=raw bs=1 seek=510 conv=notrunc status=none

check() { # CODE IMAGE
	cat >lab.yaml <<-YAML
		lab: $LAB
		virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
		vms:
		  vm: { subnet: v/s, kind: libvirt, image: '$2' }
	YAML
	expect "$1" "$H" check lab.yaml
}
accepted() { check 0 "$1"; }
refused() { # IMAGE PATTERN
	check 3 "$1"
	has "$err" "lab.yaml:4:44: error: 'vm': .*$1.* $2"
}

# ---- what boots ----
accepted raw
for options in compat=0.10 compat=1.1 cluster_size=512 cluster_size=2M lazy_refcounts=on refcount_bits=1 \
	refcount_bits=8 refcount_bits=64 compression_type=zstd extended_l2=on,cluster_size=128k; do
	qemu-img convert -f raw -O qcow2 -o "$options" raw "of-$options"
	accepted "of-$options"
	qemu-img create -q -f qcow2 -o "$options" empty 40G
	accepted empty
done
for preallocation in metadata falloc full; do
	qemu-img create -q -f qcow2 -o preallocation=$preallocation empty 20M
	accepted empty
done
for compression in zlib zstd; do
	qemu-img convert -c -f raw -O qcow2 -o compression_type=$compression raw packed
	accepted packed
done
qemu-img snapshot -c before of-compat=1.1
accepted of-compat=1.1
qemu-img resize -q of-compat=1.1 30G
accepted of-compat=1.1

# ---- what was not fetched to its end, but for the last cluster: one that is packed may end anywhere ----
for image in of-compat=0.10 of-compat=1.1 of-cluster_size=512 of-refcount_bits=64 packed; do
	bytes=$(stat -c %s $image)
	for kept in $((bytes - 66000)) $((bytes / 2)) 100000 600 100 50; do
		head -c $kept $image >begun
		refused begun 'is cut short: fetch it again'
	done
done
: >nothing
refused nothing 'is empty'
head -c 1000001 raw >odd
refused odd 'is cut short, as a raw disk has whole sectors'

# ---- what leads elsewhere, or nobody can read ----
qemu-img create -q -f qcow2 -b raw -F raw on-top
refused on-top 'on top of another file: .qemu-img convert -O qcow2. makes one file of both'
qemu-img convert -O qcow2 on-top whole
accepted whole
qemu-img create -q -f qcow2 -o data_file=data,data_file_raw=on outside 3M
refused outside 'data is in another file: .qemu-img convert'
qemu-img create -q --object secret,id=s,data=secret -f qcow2 \
	-o encrypt.format=aes,encrypt.key-secret=s locked 3M
refused locked 'is encrypted, .*qemu-img convert'
qemu-img create -q --object secret,id=s,data=secret -f luks -o key-secret=s,iter-time=200 luks 3M
refused luks 'is encrypted, .*qemu-img convert'
qemu-img create -q -f qcow2 huge 65T
refused huge 'is a disk of 65 TiB, the limit is 64'
qemu-img create -q -f qcow2 large 64T
accepted large

# ---- what others boot ----
other() { # FORMAT NAME [OPTIONS]
	qemu-img convert -f raw -O "$1" ${3:+-o "$3"} raw "$1"
	refused "$1" "is a $2, which guests cannot boot here: .qemu-img convert -O qcow2. makes one"
	qemu-img convert -f "$1" -O qcow2 "$1" mended # the way out is one
	accepted mended
}
other vmdk VMDK
other vmdk VMDK subformat=streamOptimized
other vmdk VMDK subformat=monolithicFlat
other vdi VDI
other vhdx VHDX
other vpc VHD
other vpc VHD subformat=fixed
other qed QED
other qcow 'qcow of the first version'
other parallels 'disk of Parallels'
for packer in 'gzip gunzip' 'bzip2 bunzip2' 'xz unxz' 'zstd unzstd'; do
	command -v "${packer% *}" >/dev/null || continue
	"${packer% *}" -q -c raw >packed
	refused packed "is packed: ${packer#* } it first"
done
tar -cf appliance.ova vmdk
refused appliance.ova "is an archive, as an OVA is: .tar xf. it"
exit 0
