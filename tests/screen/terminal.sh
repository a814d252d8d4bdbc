#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The terminal is given back as it was, whatever ends the screen; windows of any size and keys of any
# kind do it no harm; without colours there are none.
. tests/support/lab.sh
. tests/support/tmux.sh

expect 0 "$H" up "$ER" --name "$LAB"

pid_of_screen() { pgrep -f "^$H -l $LAB( |$)" | head -n 1; }

begin() { # OPTIONS...
	keys C-l "stty -g >before; $* $H -l $LAB; stty -g >after; echo done \$?" Enter
	sees '10/10 BGP' || fail "no screen"
}

is_sane() {
	sees '^done [0-9]' || return 1
	[ "$(tm display-message -p '#{alternate_on} #{cursor_flag}')" = "0 1" ] &&
		cmp "$SCRATCH/cwd/before" "$SCRATCH/cwd/after"
}

open_terminal 80 24
for how in q C-c TERM HUP SEGV ABRT; do
	begin
	case $how in
	q | C-c) keys "$how" ;;
	*) kill -s "$how" "$(pid_of_screen)" ;;
	esac
	is_sane || fail "the terminal is not sane after $how"
	case $how in
	SEGV | ABRT) ;;
	*) sees '^done 0' || fail "not a clean end after $how" ;; # nothing leaked, either
	esac
	keys clear Enter
	sees_no '^done' || fail "clear"
done

# suspended, and back
begin
keys C-z
sees 'Stopped' || fail "Ctrl-Z does not stop it"
[ "$(tm display-message -p '#{alternate_on}')" = 0 ] || fail "stopped, but still on the screen"
keys fg Enter
sees '10/10 BGP' || fail "fg does not come back"
is_right || fail "not the right screen after fg"

# any size
awk 'BEGIN { srand(3); for (i = 0; i < 500; i++) print 40 + int(rand() * 160), 10 + int(rand() * 50) }' |
	while read -r cols rows; do
		tm resize-window -x "$cols" -y "$rows"
	done
tm resize-window -x 40 -y 10
is_right || fail "not the right screen at 40x10"
tm resize-window -x 80 -y 24
is_right || fail "not the right screen at 80x24 after 500 sizes"

# any keys, but for those that leave it (q, s, :, and x, whose menu has a shell), write files (p) or
# lead to faults (f)
awk 'BEGIN {
	srand(4)
	n = split("Enter Escape Tab BTab Up Down Left Right Home End PPage NPage DC F5 IC j k h l g G / ? 0 1 2 3 4 5 6 7 8 9 a w t u z Space ä € C-a C-e C-u C-w C-n C-r BSpace", key, " ")
	for (i = 0; i < 10000; i++)
		printf "%s%s", key[1 + int(rand() * n)], i % 100 == 99 ? "\n" : " "
}' | while read -r some; do
	# shellcheck disable=SC2086 # words of a list
	keys $some
done
is_right || fail "not the right screen after 10000 keys"
tm resize-window -x 80 -y 24
keys Escape 1 g
sees '^▸az-hub-lxvm' || fail "the first view is not as it was"
keys q
is_sane || fail "the terminal is not sane"

# no colours, no glyphs
begin NO_COLOR=1
tm capture-pane -pe | grep -q "$(printf '\033')\[[0-9;]*[34][0-7]m" && fail "NO_COLOR, but colours"
keys q
is_sane || fail "the terminal is not sane"
keys clear Enter
sees_no '^done' || fail "clear"
begin LC_ALL=C
now_shown | LC_ALL=C grep -q '[^ -~]' && fail "more than ASCII in the C locale"
keys q
is_sane || fail "the terminal is not sane"

keys clear Enter
sees_no '^done' || fail "clear"
for terminal in dumb no-such-terminal; do
	keys "TERM=$terminal $H -l $LAB; echo ended \$?" Enter
	sees '^ended 2' || fail "no clean refusal of the terminal $terminal"
	sees "the terminal '$terminal' is unknown here, or too simple: set TERM" || fail "no reason"
	keys clear Enter
	sees_no '^ended' || fail "clear"
done

# a screen without a terminal, or without its lab, says so
expect 2 "$H" -l "$LAB" </dev/null
has "$err" 'the screen needs a terminal'
expect 1 "$H" -l nothing </dev/null
has "$err" "no lab named 'nothing'"
expect 0 "$H" screen -l "$LAB" --print vms --size 100x30
has "$out" 'az-spk1-lxvm +10.0.1.4'
expect 0 "$H" screen -l "$LAB" --print routes
has "$out" 'effective routes +[0-9]+ rows, w why$'
has "$out" '^.Default +Active +0\.0\.0\.0/0 +Internet$'
expect 2 "$H" screen -l "$LAB" --print nothing
expect 2 "$H" screen -l "$LAB" --print vms --size 0x3
