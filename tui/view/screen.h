/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The whole screen as data: which view, where in it, what is typed. Keys change it, and say what is
 * to be done outside of it; drawing it makes cells. No terminal, no clock, no lab is needed for
 * either, so all of it is tested without them.
 */
#include "tui/view/keymap.h"
#include "tui/view/line.h"
#include "tui/view/menu.h"
#include "tui/view/view.h"

#define HISTORY_MAX  100
#define SCREEN_VIEWS 17

enum effect_kind {
	EFFECT_NONE,
	EFFECT_QUIT,
	EFFECT_SUSPEND,
	EFFECT_REDRAW,
	EFFECT_DUMP,
	EFFECT_COPY,    /* `copied` of the screen */
	EFFECT_MOUSE,   /* has_mouse is another */
	EFFECT_THEME,   /* `text` is the name of one */
	EFFECT_RUN,     /* `text` is a command line of hublab */
	EFFECT_MESH,    /* all pairs are to be asked; `text` is the protocol */
	EFFECT_SHELL,   /* `text` is a node */
	EFFECT_CHOICES, /* the chooser is to be filled anew */
	EFFECT_NEW,     /* write the new lab of the scene's build, and start it */
	EFFECT_CHANGE,  /* the lab, or that of `choice`, is to be read for the scene's build */
	EFFECT_APPLY,   /* the changes of the scene's build are to be made */
	EFFECT_OPEN,    /* `choice`: a lab to show, or a template to start */
};

struct effect {
	enum effect_kind kind;
	char text[LINE_SIZE];
	const struct choice_row *choice;
};

enum mode {
	MODE_VIEW,
	MODE_COMMAND,
	MODE_FILTER,
	MODE_CONFIRM, /* `input` is what is run on y */
	MODE_MENU,    /* the menu has the keys */
	MODE_FORM,    /* the scene's form has the keys */
	MODE_BUILD,   /* those of its build have them */
};

struct screen {
	struct scene scene; /* what there is to see; set by the owner, then screen_settle */
	const char *lab;    /* the one that is shown; NULL: none */
	double heard_at;    /* Unix time of the last word from it */
	unsigned rows, cols;
	const struct view *view, *before; /* and where Esc goes */
	const struct view *asked_from;    /* where it goes from view 6 */
	struct view_state states[SCREEN_VIEWS];
	enum mode mode;
	struct line input;
	char told[2 * VIEW_NAME]; /* the gateway and peer that are asked about; "": none */
	char path[200];           /* the flow on the map; "": none */
	char question[400];       /* that the form asks; "": none */
	struct menu menu;
	const char *asked;       /* of MODE_CONFIRM: what is asked behind `input` */
	const struct view *from; /* where the user was before a preview; NULL: nowhere */
	bool is_previewed;       /* the command that runs says what `input` would change */
	char applied[LINE_SIZE]; /* the command that runs, and was asked for; "": another */
	char history[HISTORY_MAX][LINE_SIZE];
	size_t history_count, history_at;
	bool is_frozen;   /* what is shown stays as it is, whatever comes; the owner holds it */
	bool is_zoomed;   /* the view has the whole terminal */
	bool zoom_opened; /* something, which is closed when it is over */
	bool has_mouse;
	struct arena *page_arena; /* of scene.page; NULL: there is none */
	struct arena *copy_arena; /* of `copied`; likewise */
	const char *copied;       /* that EFFECT_COPY is about */
	char message[LINE_SIZE];
	enum style message_style;
};

void screen_init(struct screen *s, unsigned rows, unsigned cols);
void screen_fini(struct screen *s);
void screen_resize(struct screen *s, unsigned rows, unsigned cols);
/* After the scene changed: what was selected is found again. */
void screen_settle(struct screen *s);
struct effect screen_key(struct screen *s, uint32_t key);
/* The command of the last EFFECT_RUN ended with this exit code. */
void screen_ended(struct screen *s, int code);
void screen_show(struct screen *s, const struct view *view);
/* The same from its beginning, without a filter. */
void screen_show_anew(struct screen *s, const struct view *view);
/* Show its last lines, also those to come, until the user moves. */
void screen_follow(struct screen *s, const struct view *view);
/* What is to be typed, or is ready for Enter. */
void screen_type(struct screen *s, enum mode mode, const char *text);
/* In the line above the last, until the next key. */
void screen_say(struct screen *s, enum style style, const char *fmt, ...) PRINTF(3, 4);

/* Keys and what they do, in the last line; `hints` ends with NULL. */
void screen_hints(struct grid *g, unsigned row, const char *const *hints);
void screen_draw(const struct screen *s, struct grid *g);
/* Where the terminal's cursor stands while something is typed; false when nothing is. */
bool screen_cursor(const struct screen *s, unsigned *ret_row, unsigned *ret_col);

/* Is the lab's model to be in the scene; is the lab to look at what its file expects? */
bool screen_wants_model(const struct screen *s);
bool screen_wants_test(const struct screen *s);
/* A line that can be found again by Up. */
void screen_remember(struct screen *s, const char *line);

/* Where the user is in the view that is shown, and the rows it has. */
const struct view_state *screen_state(const struct screen *s);
const struct view_state *screen_state_of(const struct screen *s, const struct view *view);
unsigned screen_body_rows(const struct screen *s);

/* The NIC whose routes are to be known; NULL when none is. */
const char *screen_nic(const struct screen *s);
/* The one of which it is to be known why; NULL while nobody asks. */
const char *screen_why(const struct screen *s);
/* The NIC whose security rules and flows are to be known; NULL while nobody looks. */
const char *screen_security(const struct screen *s);
/* What is asked about a packet, "NIC DIRECTION PROTOCOL LOCAL REMOTE"; NULL: nothing. */
const char *screen_question(const struct screen *s);
/* The flow whose ways are to be known, "SRC DST PROTOCOL"; NULL: none. */
const char *screen_path(const struct screen *s);
/* The gateway or router whose peers and routes are to be known; NULL when none is. */
const char *screen_gateway(const struct screen *s);
/* Is the map looked at? And the flow on it, whose way is to be known; NULL: none. */
bool screen_map(const struct screen *s);
const char *screen_map_path(struct screen *s);
/* "NAME PEER" of which it is to be known what is told; NULL while nobody looks. */
const char *screen_advertised(struct screen *s);
/* Is it to be known who changed the lab? */
bool screen_history(const struct screen *s);
/* Is it to be known whose logs there are, and which of them (NULL: none) has what lines? */
bool screen_logs(const struct screen *s);
const char *screen_log(const struct screen *s);
/* The virtual machine whose probes are to be known, where there are too many; NULL: all. */
const char *screen_probes_of(const struct screen *s);
