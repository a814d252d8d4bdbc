/* SPDX-License-Identifier: GPL-2.0-or-later */
#define NCURSES_WIDECHAR 1

#include "tui/term/term.h"

#include "tui/view/keymap.h"
#include "tui/view/theme.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#define ESCAPE_MS 25 /* within which the bytes of one key come */

struct terminal {
	SCREEN *screen;
	bool is_ascii, is_colour, has_mouse;
	enum theme theme;
};

/* ---- giving it back when we crash ---- */

static struct termios as_found;
static char farewell[256]; /* what a terminal is told at the end: safe to write in a handler */
static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static void add_capability(const char *name)
{
	const char *text = tigetstr(name);

	/* none of these has parameters, and padding is for terminals of long ago */
	if (text && text != (const char *)-1 && strlen(farewell) + strlen(text) < sizeof(farewell))
		(void)strcat(farewell, text);
}

static void on_crash(int signal_number)
{
	(void)!write(STDOUT_FILENO, farewell, strlen(farewell));
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &as_found);
	(void)signal(signal_number, SIG_DFL);
	(void)raise(signal_number);
}

static void prepare_for_crashes(void)
{
	*farewell = '\0';
	add_capability("sgr0");
	add_capability("cnorm");
	add_capability("rmkx");
	add_capability("rmcup");
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		(void)signal(crashes[i], on_crash);
}

/* ---- opening and closing ---- */

static void set_up(void)
{
	(void)raw(); /* Ctrl-C and Ctrl-Z are keys */
	(void)noecho();
	(void)nonl();
	(void)keypad(stdscr, TRUE);
	(void)nodelay(stdscr, TRUE);
	(void)meta(stdscr, TRUE);
	(void)curs_set(0);
}

static void set_up_colours(struct terminal *term)
{
	const char *no_colour = getenv("NO_COLOR");

	term->is_colour = !(no_colour && *no_colour) && has_colors() && start_color() == OK;
	if (term->is_colour)
		(void)use_default_colors();
	term_set_theme(term, THEME_DARK_256);
}

void term_set_theme(struct terminal *term, enum theme theme)
{
	term->theme = term->is_colour ? theme_for(theme, COLORS) : THEME_MONO;
	for (int style = 0; term->theme != THEME_MONO && style < STYLE_COUNT; style++) {
		struct look look = theme_look((enum style)style, false, term->theme);

		(void)init_pair((short)(style + 1), look.foreground, look.background);
	}
	term_forget(term);
}

void term_set_mouse(struct terminal *term, bool is_wanted)
{
	static const char give_back[] = "\033[?1006l\033[?1000l";

	term->has_mouse = is_wanted;
	if (is_wanted && !strstr(farewell, give_back) &&
	    strlen(farewell) + sizeof(give_back) <= sizeof(farewell))
		(void)strcat(farewell, give_back);
	(void)mouseinterval(0); /* a click is told when the button goes down */
	(void)mousemask(is_wanted ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

#define COPY_MAX 74994 /* bytes; with what is around them some terminals take 100000 */

bool term_copy(struct terminal *term, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t len = strlen(text);

	(void)term;
	if (len > COPY_MAX)
		return false;
	(void)fputs("\033]52;c;", stdout);
	for (size_t i = 0; i < len; i += 3) {
		const unsigned char *t = (const unsigned char *)text + i;
		unsigned bits = (unsigned)t[0] << 16;

		if (i + 1 < len)
			bits |= (unsigned)t[1] << 8;
		if (i + 2 < len)
			bits |= t[2];
		(void)fputc(digits[bits >> 18], stdout);
		(void)fputc(digits[bits >> 12 & 63], stdout);
		(void)fputc(i + 1 < len ? digits[bits >> 6 & 63] : '=', stdout);
		(void)fputc(i + 2 < len ? digits[bits & 63] : '=', stdout);
	}
	(void)fputc('\a', stdout);
	(void)fflush(stdout);
	return true;
}

/* Can it place text anywhere? Asked before curses takes it: that would end us if it is unknown. */
static bool is_able(const char *name)
{
	int code;

	if (setupterm(name, STDOUT_FILENO, &code) != OK)
		return false;
	return tigetstr("cup") && tigetstr("cup") != (const char *)-1;
}

struct terminal *term_open(bool is_ascii, struct err *err)
{
	const char *name = getenv("TERM");
	struct terminal *term;
	SCREEN *screen;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		err_set(err, -ENOTTY, "the screen needs a terminal");
		return NULL;
	}
	(void)setlocale(LC_CTYPE, "");
	(void)tcgetattr(STDIN_FILENO, &as_found);
	screen = name && is_able(name) ? newterm(name, stdout, stdin) : NULL;
	if (!screen) {
		err_set(err, -ENOTTY, "the terminal '%s' is unknown here, or too simple: set TERM",
			name ? name : "");
		return NULL;
	}
	term = calloc(1, sizeof(*term));
	if (!term)
		abort();
	term->screen = screen;
	term->is_ascii = is_ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	(void)set_escdelay(ESCAPE_MS);
	set_up();
	set_up_colours(term);
	prepare_for_crashes();
	return term;
}

void term_close(struct terminal *term)
{
	if (!term)
		return;
	(void)endwin();
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		(void)signal(crashes[i], SIG_DFL);
	delscreen(term->screen);
	free(term);
}

void term_size(struct terminal *term, unsigned *ret_rows, unsigned *ret_cols)
{
	struct winsize size = { 0 };

	(void)term;
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col &&
	    is_term_resized(size.ws_row, size.ws_col))
		(void)resizeterm(size.ws_row, size.ws_col);
	*ret_rows = (unsigned)LINES;
	*ret_cols = (unsigned)COLS;
}

bool term_is_ascii(const struct terminal *term)
{
	return term->is_ascii;
}

void term_leave(struct terminal *term)
{
	(void)term;
	(void)endwin();
}

void term_resume(struct terminal *term)
{
	(void)reset_prog_mode();
	set_up();
	term_set_mouse(term, term->has_mouse);
	term_forget(term);
}

void term_return(struct terminal *term)
{
	/* a shell inside a lab does not see our process group, and so cannot give it back */
	(void)signal(SIGTTOU, SIG_IGN);
	(void)tcsetpgrp(STDIN_FILENO, getpgrp());
	(void)signal(SIGTTOU, SIG_DFL);
	term_resume(term);
}

void term_suspend(struct terminal *term)
{
	term_leave(term);
	(void)signal(SIGTSTP, SIG_DFL);
	(void)kill(0, SIGTSTP); /* with all of our job, as the terminal would */
	term_resume(term);
}

/* ---- keys ---- */

static const struct {
	wint_t curses;
	uint32_t key;
} keys[] = {
	{ KEY_UP, KEY_CODE_UP },         { KEY_DOWN, KEY_CODE_DOWN },
	{ KEY_LEFT, KEY_CODE_LEFT },     { KEY_RIGHT, KEY_CODE_RIGHT },
	{ KEY_PPAGE, KEY_CODE_PAGE_UP }, { KEY_NPAGE, KEY_CODE_PAGE_DOWN },
	{ KEY_HOME, KEY_CODE_HOME },     { KEY_END, KEY_CODE_END },
	{ KEY_DC, KEY_CODE_DELETE },     { KEY_BTAB, KEY_CODE_BACK_TAB },
	{ KEY_ENTER, KEY_CODE_ENTER },   { KEY_BACKSPACE, KEY_CODE_BACKSPACE },
};

static uint32_t mouse_key(void)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return KEY_CODE_OTHER;
	if (event.bstate & BUTTON4_PRESSED)
		return KEY_CODE_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return KEY_CODE_WHEEL_DOWN;
	return event.bstate & BUTTON1_PRESSED ? KEY_CODE_CLICK + (uint32_t)event.y : KEY_CODE_OTHER;
}

uint32_t term_key(struct terminal *term, bool *ret_is_gone)
{
	wint_t key = 0;
	int waiting = 0;

	(void)term;
	switch (get_wch(&key)) {
	case OK:
		return key ? (uint32_t)key : KEY_CODE_OTHER;
	case KEY_CODE_YES:
		if (key == KEY_MOUSE)
			return mouse_key();
		for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
			if (keys[i].curses == key)
				return keys[i].key;
		return KEY_CODE_OTHER;
	default:
		*ret_is_gone = ioctl(STDIN_FILENO, FIONREAD, &waiting) != 0;
		return 0;
	}
}

/* ---- painting ---- */

static attr_t attributes_of(struct look look)
{
	return (look.is_bold ? A_BOLD : 0) | (look.is_dim ? A_DIM : 0) |
	       (look.is_underlined ? A_UNDERLINE : 0) | (look.is_reversed ? A_REVERSE : 0);
}

static void paint_cell(const struct terminal *term, const struct cell *cell, unsigned row,
		       unsigned col)
{
	struct look look = theme_look((enum style)cell->style, cell->is_selected, term->theme);
	wchar_t text[2] = { (wchar_t)cell->ch, L'\0' };
	cchar_t out;

	if (setcchar(&out, text, attributes_of(look),
		     (short)(term->theme != THEME_MONO ? cell->style + 1 : 0), NULL) == OK)
		(void)mvadd_wch((int)row, (int)col, &out);
}

void term_paint(struct terminal *term, const struct grid *g, const unsigned cursor[2])
{
	(void)erase();
	for (unsigned row = 0; row < g->rows; row++)
		for (unsigned col = 0; col < g->cols; col++) {
			const struct cell *cell = &g->cells[(size_t)row * g->stride + col];

			if (cell->ch != ' ' || cell->style != STYLE_TEXT || cell->is_selected)
				paint_cell(term, cell, row, col);
		}
	(void)curs_set(cursor ? 1 : 0);
	if (cursor)
		(void)move((int)cursor[0], (int)cursor[1]);
	(void)refresh();
}

void term_forget(struct terminal *term)
{
	(void)term;
	(void)clearok(curscr, TRUE);
}
