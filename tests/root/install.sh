#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An installed hublab needs nothing of the source tree.
# alone: it runs make
. tests/support/lab.sh

config=$(readlink "$H" | sed 's|/hublab||; s|-clang||')
make --no-print-directory install CONFIG="$config" PREFIX="$SCRATCH/prefix" BUILD="build/$(readlink "$H" | sed 's|/hublab||')" >"$SCRATCH/log" 2>&1 ||
	fail "$(cat "$SCRATCH/log")"
H=$SCRATCH/prefix/bin/hublab
share=$SCRATCH/prefix/share
cd "$SCRATCH" || exit
expect 0 "$H" check vpner
has "$out" "^$share/hublab/templates/vpner/lab.yaml: lab 'vpner' is valid"
expect 0 "$H" up vpner --name "$LAB"
expect 0 "$H" down "$LAB"

# where shells and man look for it
for file in bash-completion/completions/hublab zsh/site-functions/_hublab \
	fish/vendor_completions.d/hublab.fish; do
	case $file in
	bash*) shell=bash ;;
	zsh*) shell=zsh ;;
	fish*) shell=fish ;;
	esac
	"$H" completion $shell | cmp - "$share/$file" || fail "$file is not what hublab writes"
done
for page in $("$H" __man); do
	"$H" __man "$page" | cmp - "$share/man/man${page##*.}/$page" ||
		fail "$page is not what hublab writes"
done
"$H" schema | cmp - "$share/hublab/hublab.schema.json" ||
	fail "hublab.schema.json is not what hublab writes"
[ -e "$share/man/man1/hublab.1" ] || fail "there is no hublab.1"
[ -e "$share/man/man5/hublab.yaml.5" ] || fail "there is no hublab.yaml.5"
