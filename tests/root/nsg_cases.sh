#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every worked case of azure-security.md chapter 15 that is a flow (tests/golden/nsg/cases.txt): a
# real packet in the lab it is about, and the rules that decide as the live flow log names them.
. tests/support/lab.sh
CASES=tests/golden/nsg/cases.txt
GOLDEN=tests/golden/nsg

# Where a source without a machine comes from: an appliance behind no NSG, which may send anything.
with_injector() { # SET
	case $1 in
	set_a | set_b) echo 'nvas: { injector: { subnet: VNet1/Plain } }' ;;
	set_c) ;;
	set_d) echo 'nvas: { injector: { subnet: myVNet/bastion-subnet } }' ;;
	set_e) echo 'nvas: { injector: { subnet: VNet/subnet } }' ;;
	esac >"$SCRATCH/injector"
	sed 's|^\( *\)Subnet2: |\1Plain: 10.0.9.0/24\n&|' "$GOLDEN/$1.yaml" | cat - "$SCRATCH/injector" >"$SCRATCH/$1.yaml"
}

# The machine that has an address, and what it sends to reach a private one; else the injector.
sender() { # SET ADDRESS
	case $1/$2 in
	set_?/198.51.100.7) echo client ;;
	set_c/198.51.100.77) echo admin ;;
	set_c/198.51.100.78) echo stranger ;;
	set_c/203.0.113.50) echo far-end ;;
	set_c/10.0.1.4) echo spoke1-vm ;;
	set_c/10.100.0.100) echo branch-vm1 ;;
	set_d/10.0.1.5) echo bastion ;;
	set_e/203.0.113.9) echo admin ;;
	set_a/93.184.216.34) echo web ;;
	*) echo injector ;;
	esac
}
is_host() { # MACHINE: of the Internet
	case $1 in client | admin | stranger | far-end | web) true ;; *) false ;; esac
}
public_of() { # SET PRIVATE-ADDRESS: by which hosts of the Internet reach it
	awk -v ip="$2" '/private_ip_address:/ { here = index($0, "private_ip_address: " ip) }
		here && match($0, /public_ip_address: [^ }]+/) {
			print substr($0, RSTART + 19, RLENGTH - 19); exit
		}' "$GOLDEN/$1.yaml" >"$SCRATCH/pip"
	sed -n "s/.*[{ ]$(cat "$SCRATCH/pip"): \([0-9.]*\).*/\1/p" "$GOLDEN/$1.yaml"
}

send() { # MACHINE PROTOCOL SOURCE DESTINATION
	"$H" exec -l "$LAB" "$1" -- "$PWD/tests/support/send.py" "$2" "$3" "$4" || fail "send $*"
}

chain() { # PROTOCOL SOURCE DESTINATION MACHINE ...
	"$H" flows -l "$LAB" -o json | tests/support/chain.py "$@"
}

# is_chain WORDS CHAIN-ARGUMENTS: the log says it; "or" stands between two that are right.
is_chain() {
	wanted=$1
	shift
	seen=$(chain "$@")
	[ "$seen" ] && case " or $wanted or " in *" or $seen or "*) true ;; *) false ;; esac
}

run_case() { # NAME SET PROTOCOL FROM TO WORDS
	name=$1 set=$2 protocol=$3 from=$4 to=$5 words=$6
	from_machine=${from% *} to_machine=${to% *} source=${from##* } destination=${to##* }
	[ "$from_machine" = "$from" ] && from_machine=
	[ "$to_machine" = "$to" ] && to_machine=
	node=$from_machine
	case $node in NIC?) node=VM${node#NIC} ;; esac
	[ "$node" ] || node=$(sender "$set" "${source%:*}")
	wire=$destination
	if is_host "$node"; then
		wire=$(public_of "$set" "${destination%:*}")
		[ "$wire" ] || fail "$name: no public address of $destination"
		case $destination in *:*) wire=$wire:${destination##*:} ;; esac
	fi
	send "$node" "$protocol" "$source" "$wire"
	set -- "$protocol" "$source" "$destination" ${from_machine:+"$from_machine"} ${to_machine:+"$to_machine"}
	if [ "$words" = "no NSG on the path" ]; then
		[ -z "$(chain "$@")" ] || fail "$name: the log has it"
	else
		wait_for 5 is_chain "$words" "$@" || fail "$name: '$words' is not '$(chain "$@")'"
	fi
}

count=0 at=
grep -v "^#" "$CASES" | sed "s/ *| */|/g" >"$SCRATCH/cases"
while IFS='|' read -r name set step protocol from to _ words; do
	case $name in N5[0-3]) continue ;; esac # below, with what becomes of their states
	if [ "$at" != "$set" ]; then
		[ -z "$at" ] || expect 0 "$H" down "$LAB"
		with_injector "$set"
		"$H" up "$SCRATCH/$set.yaml" --name "$LAB" >/dev/null 2>"$SCRATCH/up"
		code=$?
		[ $code -eq 0 ] || [ $code -eq 4 ] || fail "up $set: $(cat "$SCRATCH/up")"
		at=$set now=
	fi
	if [ "$step" != - ] && [ "$step" != "$now" ]; then
		"$H" step -l "$LAB" "$step" >/dev/null 2>"$SCRATCH/step" || [ $? -eq 4 ] ||
			fail "step $step: $(cat "$SCRATCH/step")"
		now=$step
	fi
	run_case "$name" "$set" "$protocol" "$from" "$to" "$words"
	count=$((count + 1))
done <"$SCRATCH/cases"
[ "$count" -eq 41 ] || fail "$count cases, not N1 to N41"
expect 0 "$H" down "$LAB"

# ---- states (N50 to N53, R9.11) ----

step_to() {
	"$H" step -l "$LAB" "$1" >/dev/null 2>"$SCRATCH/step" || fail "step $1: $(cat "$SCRATCH/step")"
}
# start NAME MACHINE ARGUMENTS: a session in the background; what it says goes to $SCRATCH/NAME, and
# a line written to the pipe $SCRATCH/NAME.in makes it go on.
start() {
	name=$1 machine=$2
	shift 2
	mkfifo "$SCRATCH/$name.in"
	"$H" exec -l "$LAB" "$machine" -- "$PWD/tests/support/session.py" "$@" \
		<"$SCRATCH/$name.in" >"$SCRATCH/$name" 2>&1 &
}
says() { # NAME WORDS
	wait_for 5 grep -q "$2" "$SCRATCH/$1" || fail "$1 does not say '$2': $(cat "$SCRATCH/$1")"
}

with_injector set_a
expect 0 "$H" up "$SCRATCH/set_a.yaml" --name "$LAB"
step_to A2
start old client 20.1.1.1 80 51000
exec 3>"$SCRATCH/old.in"
says old connected
wait_for 5 is_chain "in subnet NSG1 Allow-80-In(100) Allow ; in nic NSG2 Allow-80-In(100) Allow" \
	Tcp 198.51.100.7:51000 10.0.1.4:80 VM1 || fail "N50: not allowed"
step_to A0
echo >&3
says old '^HTTP/1.* 200' # N50: both rules are gone, and the session goes on
exec 3>&-
send client Tcp 198.51.100.7:51001 20.1.1.1:80
wait_for 5 is_chain "in subnet NSG1 DenyAllInBound(65500) Deny" \
	Tcp 198.51.100.7:51001 10.0.1.4:80 VM1 || fail "N51: $(chain Tcp 198.51.100.7:51001 10.0.1.4:80 VM1)"

step_to "A0 with inbound denied"
start web web listen 443
exec 4>"$SCRATCH/web.in"
says web listening
start out VM1 93.184.216.34 443 51000
exec 3>"$SCRATCH/out.in"
says out connected # N52: replies pass
echo >&3
says out '^GET / HTTP'
exec 3>&- 4>&-
send web Tcp 93.184.216.34:443 20.1.1.1:51002
wait_for 5 is_chain "in subnet NSG1 Deny-All-In(100) Deny" \
	Tcp 93.184.216.34:443 10.0.1.4:51002 VM1 || fail "N53: it is let in"
expect 0 "$H" down "$LAB"
