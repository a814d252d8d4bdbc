# SPDX-License-Identifier: GPL-2.0-or-later
# What completion must do in every shell. Sourced behind lab.sh by a test that then defines
# offered WORD ...: what its shell offers for the last word, one a line; and calls check_completion.

mkdir -p "$SCRATCH/bin" "$SCRATCH/here/directory" "$SCRATCH/templates"
ln -s "$(realpath "$H")" "$SCRATCH/bin/hublab"
H=$SCRATCH/bin/hublab
PATH=$SCRATCH/bin:$PATH
export HUBLAB_TEMPLATES="$SCRATCH/templates"
for template in my-own no-comment no-lab dotted.name; do
	mkdir "$SCRATCH/templates/$template"
	echo 'lab: x' >"$SCRATCH/templates/$template/lab.yaml"
done
rm "$SCRATCH/templates/no-lab/lab.yaml"
printf '# SPDX-License-Identifier: x\n#\n#  Two of\033[1m mine.\n# More.\nlab: x\n' \
	>"$SCRATCH/templates/my-own/lab.yaml"
printf '# Title\n\nFrom its page.\n' >"$SCRATCH/templates/no-comment/README.md"
touch "$SCRATCH/here/mine.yaml" "$SCRATCH/here/notes.txt" "$SCRATCH/here/old.hublab.json"

# offers "CANDIDATE ..." WORD ...: these, sorted, and no others.
offers() {
	wanted=$1
	shift
	got=$(offered "$@" | grep . | sort -u | tr '\n' ' ')
	[ "$got" = "${wanted:+$wanted }" ] ||
		fail "for '$*' these are offered: $got; instead of: $wanted"
}

# offers_also "CANDIDATE ..." WORD ...: these, and maybe more.
offers_also() {
	wanted=$1
	shift
	offered "$@" >"$SCRATCH/offered"
	for candidate in $wanted; do
		grep -qxF -e "$candidate" "$SCRATCH/offered" ||
			fail "for '$*' $candidate is not offered: $(cat "$SCRATCH/offered")"
	done
}

# offers_no_argument WORD ...: nothing, but for options, which some shells then offer.
offers_no_argument() {
	got=$(offered "$@" | grep . | grep -v '^-')
	[ -z "$got" ] || fail "for '$*' these are offered: $got"
}

check_static() {
	commands=$("$H" help | sed -nE 's/^  ([a-z]+)( .*)?$/\1/p' | sort | tr '\n' ' ')
	offers "${commands% }" ''
	offers probes pro
	offers '' no-such-command ''
	for command in $commands; do
		options=$("$H" help "$command" | sed -nE 's/^ .*(--[a-z-]+).*/\1/p' | sort | tr '\n' ' ')
		offers "${options% }" "$command" --
	done
	offers_also '-l -o -h --lab --timings' up -
	offers 'json table tsv' ls -o ''
	offers 'dot mermaid svg text' graph -o ''
	offers 'table tsv' ls --output t
	offers '' up vpner --name ''
	offers 'bash fish zsh' completion ''
	offers 'capture changes check completion connection console curl' help c
	offers_no_argument ls ''

	# templates, and files
	offers_also 'vpner my-own no-comment mine.yaml' up ''
	offers vpner plan vpn
	offers my-own check my
	offers mine.yaml up --timings min
	offers_no_argument up vpner ''
	offers old.hublab.json show --from old
	expect 0 "$H" __complete -o tsv file
	has "$out" '^my-own	Two of \[1m mine\.$'
	has "$out" '^no-comment	From its page\.$'
	lacks "$out" 'no-lab|dotted'
}

check_lab() {
	offers "$LAB" ls -l "$LAB"
	offers "$LAB" down "$LAB"
	offers "$LAB" plan vpner --name "$LAB"
	offers_also "$LAB" show ''
	offers megaport-mcr show -l "$LAB" meg
	offers 'az-hub-lxvm az-spk1-lxvm az-spk2-lxvm branch-vm1' routes -l "$LAB" ''
	offers branch-vm1 routes -o json --lab "$LAB" b
	offers branch-vm1 "routes" "-l$LAB" b
	offers 'az-hub-ergw az-hub-ergw-0 az-hub-ergw-1' bgp -l "$LAB" --learned az-
	offers 'azure-er-circuit-primary azure-er-circuit-secondary' console -l "$LAB" azu
	offers_no_argument routes -l "$LAB" az-hub-lxvm ''
	offers_no_argument routes -l no-such-lab ''

	# behind the first argument stand another program's options, behind -- stands a program
	offers 'az-spk1-lxvm az-spk2-lxvm' ping -l "$LAB" az-hub-lxvm az-s
	offers az-hub-lxvm curl -l "$LAB" branch-vm1 az-h
	offers '' ping -l "$LAB" az-hub-lxvm branch-vm1 -
	offers -- exec -l "$LAB" branch-vm1 ''
	offers_also traceroute exec -l "$LAB" branch-vm1 -- tracer
	offers_also traceroute shell -l "$LAB" -- tracer
	offers_also 'mine.yaml notes.txt' exec branch-vm1 -- cat ''
}

check_completion() {
	cd "$SCRATCH/here" || exit
	check_static
	expect 0 "$H" up "$ER" --name "$LAB"
	check_lab
	expect 0 "$H" down "$LAB"
	offers_no_argument routes -l "$LAB" ''
	cd / || exit
}
