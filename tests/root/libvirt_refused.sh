#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of a lab that runs becomes a guest only where this host can run it: else nothing of the
# lab is changed, whoever asks and by which command, and all else goes on without QEMU and libvirt.
. tests/support/lab.sh

needs libvirt id-ranges

# Programs of this host, for a lab whose QEMU can be taken away.
chmod 755 "$SCRATCH" # guests are nobody
mkdir "$SCRATCH/bin" "$SCRATCH/empty"
ln -s /usr/bin/* "$SCRATCH/bin/"
ln -sf /usr/sbin/* "$SCRATCH/bin/"

lab_of() { # what the second machine is
	cat <<YAML
lab: $LAB
virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24 } } }
vms: { one: v/s, two: { subnet: v/s${1-} } }
steps:
  - name: as it is
  - name: a kernel of its own
    set: { vms/two/kind: libvirt }
YAML
}
changes_told() { "$H" events -l "$LAB" | grep -Ec '  (lab|change|guest) '; }
# refused WORDS COMMAND...: for want of that, and the lab is as it was
refused() {
	words=$1
	shift
	before=$(changes_told)
	expect 5 "$@"
	said=$err
	has "$err" 'this lab has guests of libvirt: '
	has "$err" "$words"
	has "$("$H" changes -l "$LAB")" 'no changes$'
	has "$("$H" show -l "$LAB" two)" ', up$'
	[ "$(changes_told)" -eq "$before" ] || fail "something was changed"
	expect 0 "$H" ping -l "$LAB" one 10.0.0.5 -c 1
}
# shellcheck disable=SC2016
printf '#!/bin/sh\nsed -i "s|two: { subnet: v/s|&, kind: libvirt|" "$1"\n' >"$SCRATCH/editor"
chmod +x "$SCRATCH/editor"
echo a >"$SCRATCH/answers"

# ---- without QEMU ----
lab_of >"$SCRATCH/lab.yaml"
expect 0 env PATH="$SCRATCH/bin" "$H" up "$SCRATCH/lab.yaml"
rm "$SCRATCH/bin/qemu-system-x86_64"
refused 'apt install qemu-system-x86' "$H" set -l "$LAB" vms/two/kind libvirt
refused 'apt install qemu-system-x86' "$H" step -l "$LAB" next
refused 'apt install qemu-system-x86' env TMPDIR="$SCRATCH" EDITOR="$SCRATCH/editor" "$H" edit -l "$LAB" <"$SCRATCH/answers"
has "$said" "are as they were; what you wrote is in $SCRATCH/"
lacks "$(cat "$SCRATCH/lab.yaml")" '^vms:.*libvirt'
lab_of ', kind: libvirt' >"$SCRATCH/lab.yaml"
refused 'apt install qemu-system-x86' "$H" up "$SCRATCH/lab.yaml"
expect 0 "$H" set -l "$LAB" virtual_networks/v/subnets/t 10.0.1.0/24
expect 0 "$H" undo -l "$LAB"

# ---- without the memory ----
ln -s "$(command -v qemu-system-x86_64)" "$SCRATCH/bin/qemu-system-x86_64"
lab_of >"$SCRATCH/lab.yaml"
needed=$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)
if [ $((needed / 1024)) -lt 65536 ]; then
	refused 'need 65616 MB of memory, and this host has' \
		"$H" set -l "$LAB" vms/two/memory_mb 65536 vms/two/kind libvirt
fi

# ---- it becomes one, more than there is room for is refused, and it is one no more ----
expect 0 "$H" set -l "$LAB" vms/two/kind libvirt
has "$out" 'probes green'
if [ $((needed / 1024)) -lt 65536 ]; then # of the guest that runs only what is more is needed
	expect 5 "$H" set -l "$LAB" vms/two/memory_mb 65536
	has "$err" 'need 65440 MB of memory'
	expect 0 "$H" ping -l "$LAB" one 10.0.0.5 -c 1
fi
rm "$SCRATCH/bin/qemu-system-x86_64" # of one that runs nobody asks for it
expect 0 "$H" set -l "$LAB" virtual_networks/v/subnets/t 10.0.1.0/24
expect 0 "$H" undo -l "$LAB" all
has "$out" 'probes green'
no_qemu() { ! pgrep -f "guest=$LAB-" >/dev/null; }
wait_for 10 no_qemu || fail "a guest is left"
expect 0 "$H" exec -l "$LAB" two -- true
expect 0 "$H" down "$LAB"

# ---- without what they boot ----
if [ ! -e /usr/local/share/hublab/images ] && [ ! -e /usr/share/hublab/images ]; then
	mkdir -p "$SCRATCH/a/b/c"
	cp "$H" "$SCRATCH/a/b/c/hublab"
	expect 0 "$SCRATCH/a/b/c/hublab" up "$SCRATCH/lab.yaml"
	refused "'make images'" "$H" set -l "$LAB" vms/two/kind libvirt
	expect 0 "$H" down "$LAB"
fi

# ---- without ids: nobody's file names this user ----
no_ids() {
	if [ "$(id -u)" = 0 ]; then
		unshare -m sh -c 'mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid &&
			mount --bind "$2" /mnt && cd / && shift 2 &&
			exec setpriv --reuid 54321 --regid 54321 --clear-groups env -i PATH="$PATH" \
				XDG_RUNTIME_DIR=/mnt HOME=/mnt "$@"' - /dev/null "$SCRATCH/home" "$@"
	else
		unshare -rm sh -c 'mount -t tmpfs -o mode=755 tmpfs /run && exec "$@"' - "$@"
	fi
}
mkdir -m 700 "$SCRATCH/home"

[ "$(id -u)" != 0 ] || chown 54321:54321 "$SCRATCH/home"
lab_of ', kind: libvirt' >"$SCRATCH/guest.yaml"
expect 5 no_ids "$(realpath "$H")" up "$SCRATCH/guest.yaml"
has "$err" 'apt install uidmap, and a range for this user in /etc/subuid'
expect 0 no_ids "$(realpath "$H")" ls
has "$err" 'no lab is running'

# ---- without libvirt's driver, and without libvirt ----
if [ "$(id -u)" = 0 ]; then
	libvirt=$(ldconfig -p | sed -n 's/.*libvirt\.so\.0 .*=> //p' | head -n 1)
	without() { # PATH PACKAGE: a directory or a file that is not there
		hidden=$SCRATCH/empty
		[ -d "$1" ] || hidden=/dev/null
		expect 0 unshare -m sh -c 'mount --bind "$1" "$2" && exec "$3" up "$4"' - \
			"$hidden" "$1" "$H" "$SCRATCH/lab.yaml"
		has "$out" 'probes green'
		refused "apt install $2" "$H" set -l "$LAB" vms/two/kind libvirt
		expect 0 "$H" down "$LAB"
	}
	without "$(dirname "$libvirt")/libvirt/connection-driver" libvirt-daemon-driver-qemu
	without "$(realpath "$libvirt")" libvirt0
fi
exit 0
