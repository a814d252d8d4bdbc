#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The script for zsh, in a line editor on a pseudo terminal.
. tests/support/lab.sh
. tests/support/completion.sh

command -v zsh >/dev/null || skip zsh
mkdir "$SCRATCH/zsh"
"$H" completion zsh >"$SCRATCH/zsh/_hublab"
zsh -n "$SCRATCH/zsh/_hublab" || fail "zsh cannot read it"
# As soon as the editor is ready it completes $TYPED and ends; what it offers goes to $OFFERED.
cat >"$SCRATCH/zsh/.zshrc" <<'Z'
autoload -Uz compinit
if [[ -n $SOURCED ]]; then
	compinit -u -D
	source $ZDOTDIR/_hublab
else
	fpath=($ZDOTDIR $fpath)
	compinit -C -d $ZDOTDIR/dump
fi
zstyle ':completion:*' completer _complete
compadd() {
	local -a matches

	if [[ " $* " != *' -'[OAD]' '* ]]; then
		builtin compadd -O matches "$@"
		print -rl -- $matches >>$OFFERED
	fi
	builtin compadd "$@"
}
zle-line-init() {
	BUFFER=$TYPED
	CURSOR=$#BUFFER
	zle offer
	BUFFER=exit
	zle accept-line
}
zle -N zle-line-init
zle -C offer list-choices _main_complete
Z
offered() {
	: >"$SCRATCH/matches"
	ZDOTDIR="$SCRATCH/zsh" TERM=dumb OFFERED="$SCRATCH/matches" TYPED="hublab $*" \
		script -qec 'zsh -i' /dev/null </dev/null >"$SCRATCH/terminal" 2>&1 ||
		fail "zsh: $(cat "$SCRATCH/terminal")"
	cat "$SCRATCH/matches"
}
check_completion
offers 'table tsv' ls --output=t
SOURCED=1 offers probes pro
