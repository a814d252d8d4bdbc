#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs in a guest from outside: what they say comes as they say it, both ways nothing is lost, signals
# reach them, and nothing is left of one whose caller is gone. What cannot be run says what else there is.
. tests/support/lab.sh
GUEST=g
. tests/support/guest.sh

needs libvirt id-ranges

cat >"$SCRATCH/lab.yaml" <<YAML
lab: $LAB
virtual_networks:
  v:
    address_prefixes: [10.0.0.0/16, "fd00::/48"]
    subnets: { s: { address_prefix: [10.0.0.0/24, "fd00:0:0:1::/64"] } }
vms:
  vm: v/s
  g: { subnet: v/s, kind: libvirt }
YAML
expect 0 "$H" up "$SCRATCH/lab.yaml" --name "$LAB"
EXEC="$H exec -l $LAB g --" # of which $! is the command itself
in_guest() { $EXEC "$@"; }

# ---- words, outputs, exit codes ----
expect 0 in_guest uname -r
[ "$out" != "$(uname -r)" ] || fail "that is this host's kernel"
expect 7 in_guest sh -c 'echo "$1"; echo to err >&2; exit 7' - 'two  words'
[ "$out" = 'two  words' ] && [ "$err" = 'to err' ] || fail "its outputs are '$out', '$err'"
expect 137 in_guest sh -c 'kill -9 $$'
expect 127 in_guest no-such-program
has "$err" '^hublab: no-such-program: No such file'
expect 126 in_guest /etc
has "$err" '^hublab: /etc: Permission denied'
expect 2 "$H" exec -l "$LAB" g --
has "$err" 'a program is missing'
expect 1 in_guest echo "$(head -c 5000 /dev/zero | tr '\0' x)"
has "$err" 'too long for its agent: 4096 bytes'
expect 1 in_guest $(seq 300)
has "$err" '255 words at most'
expect 1 in_guest echo "$(printf '\377')"
has "$err" 'must be UTF-8'
expect 2 env HUBLAB_READ_ONLY=1 "$H" exec -l "$LAB" g -- true
has "$err" "'exec' changes something"
expect 1 "$H" shell -l "$LAB" g
has "$err" "hublab console g"

# ---- what is passed is whole, both ways, and slow readers lose nothing ----
head -c 2000000 /dev/urandom >"$SCRATCH/much"
sum=$(md5sum <"$SCRATCH/much")
[ "$(in_guest md5sum <"$SCRATCH/much")" = "$sum" ] || fail "what it reads is not what it was given"
[ "$(in_guest cat <"$SCRATCH/much" | md5sum)" = "$sum" ] || fail "what it says is not what it was given"
[ "$(in_guest sh -c 'cat >&2' <"$SCRATCH/much" 2>&1 >/dev/null | md5sum)" = "$sum" ] || fail "nor on the other one"
expect 0 in_guest cat </dev/null
[ -z "$out" ] || fail "from nothing comes '$out'"
# nobody reads: it waits, while others go on
mkfifo "$SCRATCH/slow"
$EXEC sh -c 'cat /bin/busybox /bin/busybox; echo >/all-said' >"$SCRATCH/slow" &
exec 8<"$SCRATCH/slow"
head -c 1 <&8 >/dev/null
for _ in 1 2 3; do expect 0 in_guest cat /proc/uptime; done
expect 1 in_guest test -e /all-said
cat <&8 >/dev/null
wait $! || fail "it did not go on"
expect 0 in_guest test -e /all-said

# ---- line by line ----
mkfifo "$SCRATCH/lines"
$EXEC sh -c 'echo first; read -r word; echo "then $word"' <"$SCRATCH/lines" >"$SCRATCH/said" &
exec 9>"$SCRATCH/lines"
wait_for 10 grep -q '^first$' "$SCRATCH/said" || fail "a line waits for the next one"
echo typed >&9
wait $! || fail "it does not end"
exec 9>&-
has "$(cat "$SCRATCH/said")" '^then typed$'

# ---- ping and curl, with the lab's names ----
expect 0 "$H" ping -l "$LAB" g vm -c 2 -i 0.2
[ "$(printf '%s\n' "$out" | grep -c '^64 bytes from .* ttl=64 ')" -eq 2 ] || fail "two replies: $out"
expect 0 "$H" ping -l "$LAB" g fd00:0:0:1::4 -c 1
expect 1 "$H" ping -l "$LAB" g 10.0.0.99 -c 1 -W 1
expect 1 "$H" ping -l "$LAB" g nobody -c 1
has "$err" "bad address 'nobody'"
expect 2 "$H" ping -l "$LAB" nobody vm -c 1
expect 0 "$H" curl -l "$LAB" g -s vm
[ "$out" = vm ] || fail "the other one says '$out'"
expect 0 "$H" curl -l "$LAB" g http://10.0.0.4/ -sS --max-time 5
[ "$out" = vm ] || fail "the other one says '$out'"
expect 1 "$H" curl -l "$LAB" g vm:81
has "$err" 'Connection refused'
expect 0 "$H" fault -l "$LAB" drop vm
expect 28 "$H" curl -l "$LAB" g -s -m 0.5 vm
has "$err" 'took too long'
expect 0 "$H" fault -l "$LAB" clear
for words in '-I vm' 'vm vm' '-s' 'vm -m' 'vm -m x' 'vm -m 0'; do
	expect 2 "$H" curl -l "$LAB" g $words
	has "$err" "hublab exec g -- wget"
done

# ---- signals: Ctrl-C ends what runs there, and ping has the last word ----
asleep() { in_guest ps | grep -Eq '[s]leep 1000'; }
nobody_sleeps() { ! asleep; }
# in the background a shell makes programs ignore SIGINT; one that asks for it gets it all the same
"$H" ping -l "$LAB" g 10.0.0.4 >"$SCRATCH/said" &
wait_for 10 grep -q 'seq=1 ' "$SCRATCH/said" || fail "nothing is said: $(cat "$SCRATCH/said")"
kill -INT $!
wait $! || fail "ping ended with $?"
has "$(cat "$SCRATCH/said")" ' 0% packet loss'
$EXEC sh -c 'sleep 1000; true' & # both of them
wait_for 10 asleep || fail "it does not begin"
kill -INT $!
wait $!
[ $? -eq 130 ] || fail "INT does not end it"
wait_for 10 nobody_sleeps || fail "INT does not reach what it started"
for signal in TERM HUP QUIT; do
	$EXEC sleep 1000 &
	wait_for 10 asleep || fail "it does not begin"
	kill -$signal $!
	wait $!
	[ $? -gt 128 ] || fail "$signal does not end it"
done
# who does not want to end is left by the second one
$EXEC sh -c 'trap "" INT; sleep 1000; sleep 1000' &
wait_for 10 asleep || fail "it does not begin"
kill -INT $!
asleep || fail "it ends though it ignores that"
kill -INT $!
wait $!
[ $? -eq 130 ] || fail "the second one is not heard"
wait_for 10 nobody_sleeps || fail "it is left"

# ---- its caller dies, or reads no more: nothing is left, also of what it started ----
$EXEC sh -c 'sleep 1000 & sleep 1001' &
wait_for 10 asleep || fail "it does not begin"
kill -9 $!
wait_for 10 nobody_sleeps || fail "it outlives its caller"
$EXEC sh -c 'sleep 1000 & exit 0' & # and one whose first program is no more
wait_for 10 asleep || fail "it does not begin"
kill -9 $!
wait_for 10 nobody_sleeps || fail "what it started outlives its caller"
[ "$(in_guest yes | head -n 2 | tr '\n' ' ')" = 'y y ' ] || fail "two lines of many"
says_yes() { in_guest ps | grep -Eq ' [y]es$'; }
! says_yes || fail "it goes on though nobody reads"

# ---- a change, while it runs ----
$EXEC sleep 1000 &
wait_for 10 asleep || fail "it does not begin"
expect 0 "$H" set -l "$LAB" vms/late '{ subnet: v/s }'
asleep || fail "a change elsewhere ended it"
expect 0 "$H" ping -l "$LAB" g late -c 1
[ -z "$(in_guest ls /etc | grep -v '^hosts$')" ] || fail "something is left of names"

# ---- its agent ends, its guest boots, is off, crashes, is no more ----
expect 1 in_guest killall hublab-agent
has "$err" "g was lost.*'hublab show g'"
wait $!
[ $? -eq 1 ] || fail "the one before it does not end with it"
state_is() { "$H" show -l "$LAB" | grep -Eq "^g .* $1\$"; }
ready() { in_guest true; }
wait_for 20 ready || fail "its new agent is not there"
on_console 'killall -STOP hublab-agent' >/dev/null
expect 1 in_guest true
has "$err" "the agent in g does not answer: 'hublab console g'"
on_console 'killall -CONT hublab-agent' >/dev/null
wait_for 20 ready || fail "its agent does not go on"
$EXEC sleep 1000 2>"$SCRATCH/said" &
wait_for 10 asleep || fail "it does not begin"
expect 0 "$H" reboot -l "$LAB" g
expect 1 in_guest true
has "$err" "g is not up yet \(booting.*'hublab console g'"
wait $!
[ $? -eq 1 ] || fail "it does not end when its guest boots"
has "$(cat "$SCRATCH/said")" 'g was lost'
wait_for 30 ready || fail "it is not up again"
expect 0 "$H" stop -l "$LAB" g
for command in 'exec -l LAB g -- true' 'ping -l LAB g vm' 'curl -l LAB g vm'; do
	expect 1 "$H" $(printf '%s' "$command" | sed "s/LAB/$LAB/")
	has "$err" 'g is stopped: hublab start g'
done
expect 0 "$H" start -l "$LAB" g
wait_for 30 ready || fail "it does not start"
kill -9 "$(pgrep -f "guest=$LAB-g,")"
wait_for 10 state_is '(ended|crashed|failed)' || fail "the end of its QEMU is not told"
expect 1 in_guest true
has "$err" 'g does not run \(.*\): hublab start g'
expect 0 "$H" start -l "$LAB" g
wait_for 30 ready || fail "it does not start"
$EXEC sleep 1000 2>"$SCRATCH/said" &
wait_for 10 asleep || fail "it does not begin"
expect 0 "$H" down "$LAB"
wait $!
[ $? -eq 1 ] || fail "it outlives its lab"
has "$(cat "$SCRATCH/said")" 'the lab ended'

# ---- an agent that never says a word: an image without one ----
mkdir -p "$SCRATCH/bare/bin" "$SCRATCH/beside/images"
printf '#!/bin/sh\nexec sleep 10000\n' >"$SCRATCH/bare/bin/hublab-agent"
chmod 755 "$SCRATCH/bare/bin/hublab-agent"
cp "$(readlink -f "$H")" "$SCRATCH/beside/hublab"
cp build/images/kernel "$SCRATCH/beside/images/"
{
	cat build/images/initrd
	(cd "$SCRATCH/bare" && echo bin/hublab-agent | busybox cpio -o -H newc 2>/dev/null | gzip -n)
} >"$SCRATCH/beside/images/initrd"
chmod -R a+rX "$SCRATCH"
"$SCRATCH/beside/hublab" up "$SCRATCH/lab.yaml" --name "$LAB" >"$SCRATCH/said" 2>&1
state_is 'up, its agent has not said anything' || fail "it is not up: $("$H" show -l "$LAB") $(cat "$SCRATCH/said")"
expect 1 in_guest true
has "$err" "g: its agent has not said anything; 'hublab console g' is the way in"
exit 0
