/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hublab-keys(7): the screen, from the tables it obeys. */
#include "tui/cli/cli_man.h"

#include "tui/view/keymap.h"
#include "tui/view/theme.h"
#include "tui/view/view.h"

#include <stdio.h>

static const char example[] = "keys:\n"
			      "  quit: [x, Ctrl-C]\n"
			      "  describe: F\n"
			      "  suspend: []\n"
			      "theme: light\n"
			      "mouse: true\n";

static void write_files(struct roff *page)
{
	roff_section(page, "FILES");
	roff_named_entry(page, "$XDG_CONFIG_HOME/hublab/screen.yaml", NULL);
	roff_text(page,
		  "How the screen is wanted; without that variable in ~/.config. What is wrong "
		  "in it is said with its line, and the screen does not begin. All of it may "
		  "be left out:");
	roff_example(page, example);
	roff_named_entry(page, "keys", NULL);
	roff_text(page, "Of each action its keys, one or a list of up to four, in the place of "
			"those above; none is []. A key is a character, Ctrl-LETTER, Shift-LETTER, "
			"Space, Enter, Esc, Tab, Shift-Tab, Backspace, Delete, Up, Down, Left, "
			"Right, Home, End, Page Up or Page Down; no two actions have the same one. "
			"Digits are the views. The actions:");
	for (size_t i = 0; i < keymap_count; i++) {
		if (!keymap[i].name || keymap[i].action == ACTION_VIEW ||
		    keymap[i].action == ACTION_SORT)
			continue;
		roff_named_entry(page, keymap[i].name, NULL);
		roff_sentence(page, keymap[i].words);
	}
	roff_named_entry(page, "theme", NULL);
	roff_text(page, "auto (by COLORFGBG, else dark), dark, light or mono.");
	roff_named_entry(page, "colours", NULL);
	roff_text(page, "auto (those of the terminal), 8 or 256.");
	roff_named_entry(page, "mouse", NULL);
	roff_text(page, "true: the wheel moves and a click selects. Else the mouse is the "
			"terminal's, to mark text.");
	roff_named_entry(page, "ascii", NULL);
	roff_text(page, "true: as with --ascii.");
	roff_named_entry(page, "$XDG_STATE_HOME/hublab/copied", NULL);
	roff_text(page, "What was copied last, beside the terminal's clipboard (OSC 52); without "
			"that variable in ~/.local/state.");
}

int man_write_keys(struct roff *page, struct err *err)
{
	char name[64], names[THEME_NAMES_SIZE], text[THEME_NAMES_SIZE + 100];

	(void)err;
	roff_section(page, "DESCRIPTION");
	roff_paragraph(page,
		       "Without a command hublab is a screen: the lab that runs, as it is now. It "
		       "shows the only lab, or the one that -l names, or else a list of labs and "
		       "of templates to start one from. Leaving it does not touch the lab.");
	roff_paragraph(page, "The line at the top says how the lab is, and is red where something "
			     "is not as predicted. The line above the last is the latest event, or "
			     "an answer; the last line has the keys that matter most.");
	roff_section(page, "KEYS");
	for (size_t i = 0; i < keymap_count; i++) {
		roff_named_entry(page, keymap[i].names, NULL);
		roff_sentence(page, keymap[i].words);
	}
	roff_section(page, "ACTING");
	roff_paragraph(
		page, "The menu lists what can be done to the selected machine, gateway, router "
		      "or probe, and to the lab. Arrows move, letters narrow it, and its last "
		      "line is the command line that does the same. What changes something is "
		      "shown first, as hublab whatif foretells it, and done after y; until then it "
		      "can be read with the keys that move. A change is taken back by u, a "
		      "fault is cleared from its list.");
	roff_paragraph(page,
		       "Several screens may show one lab. What is changed from one, or by a "
		       "command, is told by all. With --read-only nothing can be changed from a "
		       "screen, nor a shell be had: commands that would are refused.");
	roff_section(page, "FORMS");
	roff_paragraph(
		page, "Tab and arrows move, Space goes through what can be chosen, and each key is "
		      "checked with the whole lab. A value that has keys of its own is opened by "
		      "Enter, as a form or a list, and taken away by d; Esc leads back, and what "
		      "was typed is kept. Nothing is changed before its difference was shown.");
	roff_section(page, "VIEWS");
	for (size_t i = 0; views[i]; i++) {
		(void)snprintf(name, sizeof(name), "%c %s", views[i]->digit, views[i]->name);
		roff_named_entry(page, name, NULL);
		roff_sentence(page, views[i]->words);
	}
	roff_section(page, "MARKS");
	for (size_t i = 0; i < view_mark_count; i++) {
		roff_named_entry(page, view_marks[i].ascii, view_marks[i].name);
		roff_sentence(page, view_marks[i].words);
	}
	roff_section(page, "COMMANDS");
	roff_paragraph(page,
		       "Behind a colon stands any command of hublab, about the lab that is shown; "
		       "what it prints is shown until Esc. The name of a view goes to it, and so "
		       "do 'why' with a flow and 'mesh'. Tab completes commands and what stands "
		       "behind them: machines, gateways, steps, what faults can be set on, guests "
		       "and their snapshots, paths of the lab file and their values. Up and Down "
		       "find earlier lines, also those of earlier sessions. The end of a lab is "
		       "asked for once more, and so is to go back to a snapshot.");
	theme_names(names);
	(void)snprintf(text, sizeof(text),
		       "mouse on and mouse off, and theme NAME (one of %s), are about the screen "
		       "itself.",
		       names);
	roff_paragraph(page, text);
	write_files(page);
	roff_section(page, "ENVIRONMENT");
	roff_named_entry(page, "NO_COLOR", NULL);
	roff_text(page, "When set, no colours are used; nothing is told by colour alone.");
	roff_named_entry(page, "HUBLAB_READ_ONLY", NULL);
	roff_text(page, "When set, the screen is as with --read-only.");
	roff_named_entry(page, "XDG_STATE_HOME", NULL);
	roff_text(page, "The lines that were typed are kept in hublab/history there, else in "
			"~/.local/state, for the user alone; not those with pre-shared keys.");
	roff_named_entry(page, "LC_ALL, LC_CTYPE, LANG", NULL);
	roff_text(page, "In a locale without UTF-8, or with --ascii, all is drawn in ASCII.");
	return 0;
}
