#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every page of the manual is well-formed, and holds all that the tables hold.
. tests/support/lab.sh

command -v mandoc >/dev/null || skip mandoc
backspace=$(printf '\b')
pages=$("$H" __man)
for page in $pages; do
	expect 0 "$H" __man "$page"
	printf '%s\n' "$out" >"$SCRATCH/$page"
	mandoc -T lint -W warning "$SCRATCH/$page" >"$SCRATCH/log" 2>&1 ||
		fail "$page: $(cat "$SCRATCH/log")"
	mandoc -T ascii -O width=200 "$SCRATCH/$page" | sed "s/.$backspace//g" >"$SCRATCH/$page.text"
	for other in $pages; do
		[ "$other" = "$page" ] || grep -q "^ .*${other%.*}(${other##*.})" "$SCRATCH/$page.text" ||
			fail "$page does not name $other"
	done
done
expect 2 "$H" __man no-such-page.1
has "$err" "there is no page 'no-such-page.1'"

# hublab(1): each command, and below it each of its options
text=$(cat "$SCRATCH/hublab.1.text")
expect 0 "$H" help
commands=$(printf '%s\n' "$out" | sed -nE 's/^  ([a-z]+)( .*)?$/\1/p')
[ -n "$commands" ] || fail "help names no command"
for command in $commands; do
	has "$text" "^ {7}hublab $command( .*)?$"
	entry=$(printf '%s\n' "$text" | sed -nE "/^ {7}hublab $command( |\$)/,/^ {7}hublab /p")
	"$H" help "$command" | sed -nE 's/^ .*--([a-z-]+).*/\1/p' >"$SCRATCH/options"
	while read -r option; do
		case $option in
		lab | output | help) has "$text" "^ {7}-[a-z], --$option( |$)" ;;
		*) has "$entry" "^ {14}(-[a-z], )?--$option( |$)" ;;
		esac
	done <"$SCRATCH/options"
done
lacks "$text" '__'
for code in 0 1 2 3 4 5; do
	has "$text" "^ {7}$code +[A-Z]"
done
for name in NO_COLOR HUBLAB_TEMPLATES XDG_RUNTIME_DIR; do
	has "$text" "^ {7}$name$"
done

# hublab.yaml(5): each key of each object, each rule, and the example as it stands
text=$(cat "$SCRATCH/hublab.yaml.5.text")
sed -nE 's/.*KEY\("([a-z_]+)".*/\1/p' lab/model/lab_schema*.c | sort -u >"$SCRATCH/keys"
printf '%s\n' "$text" | sed -nE 's/^ {7}([a-z_]+) \(.*\)$/\1/p' | sort -u >"$SCRATCH/found"
[ -s "$SCRATCH/keys" ] || fail "no key was found in lab_schema*.c"
diff "$SCRATCH/keys" "$SCRATCH/found" || fail "the keys of the page are not those of the language"
has "$text" '^ {7}timers \(fast or azure; default fast\)$'
has "$text" '^ {7}bandwidth_in_mbps \(a whole number from 1 to 400000; default 50\)$'
has "$text" '^ {7}subnets \(a mapping, each name to a subnet\)$'
has "$text" '^ {3}Subnet: virtual_networks.NAME.subnets.NAME$'
has "$text" '^ {7}In short: a value in the place of the mapping is its address_prefix\.$'
rules=$(tr -d '\n\t' <lab/base/diag_table.c | grep -oE '\[DIAG_[A-Z_]+\] = \{ ?"[A-Za-z0-9-]+"' | sed 's/.*{ *"//; s/"//')
[ "$(printf '%s\n' "$rules" | wc -l)" -ge 130 ] || fail "few rules were found in diag_table.c: $rules"
for rule in $rules; do
	has "$text" "^ {7}$rule( |$)"
done
grep . templates/vpner/lab.yaml | while IFS= read -r line; do
	printf '%s\n' "$text" | grep -qF -e "$line" || fail "the page does not show: $line"
done || exit

# hublab-keys(7): what the screen's own help shows
text=$(cat "$SCRATCH/hublab-keys.7.text")
expect 0 "$H" screen --print help --size 100x90 --ascii
printf '%s\n' "$out" | sed -nE '/^ KEYS/,/^ COMMANDS/s/^ ([^ ].{17,18}[^ ]*) +([a-z].*)$/\2/p' |
	sed 's/ *$//' >"$SCRATCH/words"
[ "$(wc -l <"$SCRATCH/words")" -ge 30 ] || fail "the help has few keys, views and marks: $out"
while read -r words; do
	printf '%s\n' "$text" | tr '[:upper:]' '[:lower:]' | grep -qiF -- "$words" ||
		fail "hublab-keys(7) lacks: $words"
done <"$SCRATCH/words"
