#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every template: nothing is wrong with it, each of its steps is as it expects, and its README.md
# shows what its commands print. In three-tier a NIC changes its group (ASG-09). They run beside
# each other, each in a lab of its own.
# alone: its labs run beside each other
. tests/support/lab.sh

: "${TEMPLATES:=$(ls templates)}"
# one that needs what a host may lack
"$H" doctor -o tsv | grep -q '^libvirt	yes' ||
	TEMPLATES=$(printf '%s\n' $TEMPLATES | grep -v '^libvirt-')

# What a step breaks on purpose a comment says; nothing else is found in any.
check_template() {
	expect 0 "$H" check --strict "$1"
	[ -z "$err" ] || fail "check $1 finds: $err"
}

# Times are those of this run, and labs have names of their own.
plain() {
	sed -E 's/ +$//; s/\b'"$lab"'\b/'"$1"'/g; s/[0-9]+\.[0-9]+ (ms|s)\b/TIME \1/g'
}

# run_line TEMPLATE COMMAND ...: a command as the README has it, in the template's lab.
run_line() {
	template=$1 command=$2
	shift 2
	case $command in
	up) "$H" up "$@" --name "$lab" ;;
	*) "$H" "$command" -l "$lab" "$@" ;;
	esac 2>&1 | plain "$template"
}

# Lines "    $ hublab ..." are run; what follows, over blank lines, is all that they print, with "..." among it the least.
walk() {
	seen=$SCRATCH/seen shown=$SCRATCH/shown line=
	awk '/^$/ { blank = 1; next }
	     /^    \$ hublab / { sub(/^    \$ /, ""); print "--"; print; blank = 0; next }
	     /^    / { if (blank) print ""; print; blank = 0; next }
	     { print "--"; blank = 0 } END { print "--" }' "templates/$1/README.md" >"$SCRATCH/walk"
	while IFS= read -r text; do
		case $text in
		'hublab '*)
			eval "run_line $1 ${text#hublab }" >"$seen" </dev/null
			line=$text
			: >"$shown"
			continue
			;;
		--) ;;
		*)
			printf '%s\n' "$text" | sed 's/^    //' | plain "$1" >>"$shown"
			continue
			;;
		esac
		[ "$line" ] || continue
		if grep -qx '\.\.\.' "$shown"; then
			grep -vx '\.\.\.' "$shown" | while IFS= read -r wanted; do
				grep -Fqx -- "$wanted" "$seen" || echo "$wanted"
			done >"$SCRATCH/diff"
		else
			diff "$shown" "$seen" >"$SCRATCH/diff"
		fi
		[ ! -s "$SCRATCH/diff" ] ||
			fail "$1/README.md, $line: $(cat "$SCRATCH/diff") of $(cat "$seen")"
		line=
	done <"$SCRATCH/walk"
}

run_template() {
	lab=$LAB-$1
	check_template "$1"
	walk "$1"
	"$H" show "$lab" >/dev/null 2>&1 || expect 0 "$H" up "$1" --name "$lab"
	expect 0 "$H" step 1 -l "$lab"
	expect 0 "$H" test -l "$lab" --all-steps
	# on foot: each step from the one before it
	steps=$("$H" step -l "$lab" -o tsv | wc -l)
	i=1
	while [ $i -lt "$steps" ]; do
		i=$((i + 1))
		expect 0 "$H" step $i -l "$lab" # it may be a side branch, where "next" does not lead
	done
	[ "$steps" -eq 1 ] || expect 0 "$H" step prev -l "$lab"
	expect 0 "$H" down "$lab"
}

expect 0 "$H" ls --templates -o tsv
for template in $TEMPLATES; do
	has "$out" "^$template	[^	]+\.	/"
done
for template in $TEMPLATES; do
	mkdir "$SCRATCH/$template"
	(
		trap - EXIT
		SCRATCH=$SCRATCH/$template
		run_template "$template"
		touch "$SCRATCH/passed"
	) >"$SCRATCH/$template/log" 2>&1 &
done
wait
for template in $TEMPLATES; do
	[ -f "$SCRATCH/$template/passed" ] || fail "$template: $(cat "$SCRATCH/$template/log")"
done
