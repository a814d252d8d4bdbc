#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What keys do alike in every view, in a terminal: describe, JSON, zoom, dump, sort, inverse filter,
# the mouse, themes, and a file with keys of one's own.
. tests/support/lab.sh
. tests/support/tmux.sh

expect 0 "$H" up "$ER" --name "$LAB"
XDG_CONFIG_HOME=$SCRATCH/config XDG_STATE_HOME=$SCRATCH/state
export XDG_CONFIG_HOME XDG_STATE_HOME

open_terminal 100 30
keys "$H -l $LAB" Enter
sees '^▸az-hub-lxvm' || fail "no screen"

keys d
sees 'az-hub-lxvm has the address 10\.0\.0\.4 on its NIC' || fail "d does not describe"
keys Escape y
sees '"address": "10\.0\.0\.4",' || fail "y does not show JSON"
keys c
sees 'copied [0-9]+ lines to the terminal' || fail "c does not copy a page"
sed 1,2d "$SCRATCH/state/hublab/copied" | grep -q '"nic": "az-hub-lxvm-nic"' || fail "the copy lacks the JSON"
[ "$(stat -c %a "$SCRATCH/state/hublab/copied")" = 600 ] || fail "others may read what was copied"
keys Escape

keys z
sees 'az-hub-lxvm-nic  effective routes' || fail "z does not open the detail"
sees_no 'q quit' || fail "it has not all lines"
keys z
sees '^▸az-hub-lxvm.*' && sees 'q quit' || fail "z does not come back"

# the terminal's flow control does not swallow it
keys C-s
sees 'the screen is in hublab-.*\.txt' || fail "Ctrl-S does not dump"
grep -q 'az-hub-lxvm' "$SCRATCH"/cwd/hublab-*.txt || fail "the dump has something else"

keys N N
sees '^ VM▼' || fail "Shift-N does not sort"
keys g
sees '^▸branch-vm1' || fail "the order is not reversed"
keys N '/!spk' Enter
sees "only rows without 'spk', 2 of 4" || fail "no inverse filter"
lacks_now '^.az-spk1-lxvm +10' || fail "it shows what it should not"
keys Escape

# the mouse is the terminal's until somebody wants it
[ "$(tm display-message -p '#{mouse_any_flag}')" = 0 ] || fail "the mouse is taken"
keys ':mouse on' Enter
wait_for 5 sh -c "[ \"\$(tmux -S '$SCRATCH/tmux' display-message -p '#{mouse_any_flag}')\" = 1 ]" ||
	fail "the mouse is not taken"
tm send-keys -H 1b 5b 4d 20 25 24 # the button, on column 5 of line 4
sees '^▸az-spk1-lxvm' || fail "a click does not select"
tm send-keys -H 1b 5b 4d 60 25 24 # the wheel, up
sees '^▸az-hub-lxvm' || fail "the wheel does not move"
keys ':mouse off' Enter
wait_for 5 sh -c "[ \"\$(tmux -S '$SCRATCH/tmux' display-message -p '#{mouse_any_flag}')\" = 0 ]" ||
	fail "the mouse is not given back"

# what is quoted for a shell is the same word here
keys ":'it'\\''s'" Enter
sees "there is no command 'it's': " || fail "a quoted quote is something else"

# themes: the eight colours, 256 and none
colours() { tm capture-pane -pe | grep -Eq "$1"; }
keys ':theme dark' Enter
wait_for 5 colours '\[[0-9;]*3[1-7]m' || fail "no theme of eight colours"
keys ':theme mono' Enter
sees 'theme mono' || fail "the theme is not said"
colours '\[([0-9]+;)*3[0-7]m' && fail "mono has colours"
keys ':theme pink' Enter
sees "there is no theme 'pink': mono, dark, light" || fail "a theme that is none is taken"
keys q
sees '^ready>' || fail "q does not leave"

keys "TERM=screen-256color $H -l $LAB" Enter
sees '^▸az-hub-lxvm' && wait_for 5 colours '\[([0-9]+;)*[34]8;5;[0-9]+' || fail "no theme of 256 colours"
keys q
sees_no 'q quit' || fail "q does not leave"
keys "NO_COLOR=1 TERM=screen-256color $H -l $LAB" Enter
sees '^▸az-hub-lxvm' || fail "no screen without colours"
colours '\[([0-9]+;)*[34][0-8]m|[34]8;5;' && fail "NO_COLOR has colours"
keys q
sees_no 'q quit' || fail "q does not leave"

# keys of one's own
mkdir -p "$XDG_CONFIG_HOME/hublab"
cat >"$XDG_CONFIG_HOME/hublab/screen.yaml" <<-END
	mouse: true
	keys:
	  quit: [b]
	  describe: F
END
keys "$H -l $LAB" Enter
sees '^▸az-hub-lxvm' || fail "no screen with keys of one's own"
sees 'b quit' || fail "the last line has other keys"
[ "$(tm display-message -p '#{mouse_any_flag}')" = 1 ] || fail "the mouse is not taken"
keys F
sees 'has the address' || fail "F does not describe"
keys Escape '?' C-f
sees '^ F +describe what is selected' || fail "the help has other keys"
expect 0 "$H" screen --print help --size 100x60
has "$out" '^ F +describe what is selected'
keys Escape b
sees_no 'describe what is selected' || fail "b does not leave"

# what is wrong with such a file is said, with its place and the way out
echo 'keys: { quit: d }' >"$XDG_CONFIG_HOME/hublab/screen.yaml"
expect 3 "$H" screen --print help
has "$err" "screen.yaml:1:15: error: 'quit': d is a key of 'describe' already"
echo 'keys: { quitt: x }' >"$XDG_CONFIG_HOME/hublab/screen.yaml"
tm clear-history
keys C-l "$H -l $LAB" Enter
sees "screen.yaml:1:9: error: .*quitt.*" || fail "an action that is none is taken"
sees 'mend it, or move it away' || fail "no way out"
