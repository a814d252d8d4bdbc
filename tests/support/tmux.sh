# SPDX-License-Identifier: GPL-2.0-or-later
# For tests of the screen (sh): a terminal of one's own, by tmux, and what it shows. Sourced behind
# lab.sh. All labs of such a test are in a runtime directory of its own, so that the chooser shows
# no other's.

command -v tmux >/dev/null || skip tmux
XDG_RUNTIME_DIR=$SCRATCH/run
HUBLAB_TEMPLATES=$SCRATCH/templates
LC_ALL=C.UTF-8
export XDG_RUNTIME_DIR HUBLAB_TEMPLATES LC_ALL
unset NO_COLOR TMUX
mkdir -m 700 "$XDG_RUNTIME_DIR"
mkdir "$SCRATCH/cwd" "$HUBLAB_TEMPLATES"
case $H in /*) ;; *) H=$PWD/$H ;; esac
TOP=$PWD

tm() { tmux -S "$SCRATCH/tmux" -f /dev/null "$@"; }

end_terminal() {
	tm kill-server 2>/dev/null
	clean_up
}
trap end_terminal EXIT

# open_terminal COLUMNS ROWS: a shell in it
open_terminal() {
	(cd "$SCRATCH/cwd" && tm new-session -d -x "$1" -y "$2" "PS1='ready> ' exec bash --norc -i") ||
		fail "tmux does not start"
	sees '^ready>' || fail "no shell in tmux"
	[ -z "${RECORD-}" ] || tm pipe-pane -O "python3 $TOP/tests/support/cast.py $1 $2 >$RECORD"
}

# At the pace of the reader where a recording is made (RECORD=FILE.cast).
keys() {
	[ -z "${RECORD-}" ] || sleep 1
	tm send-keys "$@"
}
now_shown() { tm capture-pane -p; }

# What a failed test needs to be understood.
fail() {
	echo "FAILED: $*"
	now_shown
	"$H" events -l "$LAB" 2>&1 | tail -n 15
	exit 1
}

shows() { now_shown | grep -Eq -- "$1"; }
lacks_now() { ! shows "$1"; }
# Wait until the terminal shows a pattern, or does not any more.
sees() { wait_for "${2:-10}" shows "$1"; }
sees_no() { wait_for "${2:-10}" lacks_now "$1"; }

# The screen of the lab, in the terminal.
open_screen() {
	keys "$H -l $LAB" Enter
	sees 'ADDRESS +PROBES' || fail "no screen"
}

ms_now() { echo $(($(date +%s%N) / 1000000)); }

# Its first and its last line are those of the window: a new size has been seen.
fills_the_window() {
	rows=$(tm display-message -p '#{pane_height}')
	cols=$(tm display-message -p '#{pane_width}')
	now_shown | awk -v rows="$rows" -v cols="$cols" '
		NR == 1 { sub(/ *$/, ""); top = length($0) == cols - 1 }
		NR == rows { bottom = /q quit *$/ }
		END { exit !(top && bottom) }'
}

# What the program means to show, by the key p, in a file; without the line of messages, which tells
# of the dump in the one and not in the other, and without blanks at the ends.
mean() {
	rm -f "$SCRATCH"/cwd/hublab-*.txt
	keys Escape '?' g
	sees '^ KEYS' && sees_no 'the screen is in ' && wait_for 10 fills_the_window || return 1
	keys p
	sees 'the screen is in ' || return 1
	sed "$((rows - 1))d; s/ *$//" "$SCRATCH"/cwd/hublab-*.txt >"$SCRATCH/meant"
}
is_as_meant() {
	now_shown | sed "$((rows - 1))d; s/ *$//" | diff "$SCRATCH/meant" - >"$SCRATCH/diff"
}

# The terminal shows what the program meant to show, in the help, where little moves. A lab may go on
# between the two (a probe turns green), so it is asked again for as long as what is meant changes.
is_right() {
	keys Escape Escape Escape
	: >"$SCRATCH/meant"
	while cp "$SCRATCH/meant" "$SCRATCH/meant-before" && mean; do
		wait_for 2 is_as_meant && return
		cmp -s "$SCRATCH/meant" "$SCRATCH/meant-before" && break
	done
	cat "$SCRATCH/diff"
	return 1
}

# It shows what it should at the end, and gives the terminal back.
close_screen() {
	is_right || fail "the terminal shows something else"
	keys Escape q
	sees '^ready>' || fail "q does not leave"
}
