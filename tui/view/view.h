/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A view is a function from what is known of a lab, and where the user is in it, to cells. It reads
 * only its arguments: no terminal, no clock, no globals. Views are listed in view.c.
 */
#include "lab/graph/graph_state.h"
#include "lab/render/path.h"
#include "lab/snapshot/snapshot.h"
#include "lab/snapshot/snapshot_mesh.h"
#include "tui/view/build.h"
#include "tui/view/grid.h"
#include "tui/view/heat.h"
#include "tui/view/keymap.h"
#include "tui/view/what_if.h"

#define FILTER_MAX 64
#define VIEW_NAME  96

/* What is shown of why routes are there, from key to key. */
enum why_shown {
	WHY_NONE,
	WHY_OF_ROW, /* of the selected one */
	WHY_ALL,    /* of each, and what is not there */
	WHY_COUNT
};

/* Where the user is in a view. */
struct view_state {
	size_t selected, top; /* rows of the list, after the filter */
	char name[VIEW_NAME]; /* of the selected row, which is followed when rows come and go */
	size_t detail_top;    /* first row shown of what the list's row opens */
	enum why_shown why;
	bool is_at_end;          /* of views that follow their end */
	char sort;               /* the letter of one of the view's orders; 0: its own */
	bool is_reversed;        /* that order */
	bool is_open;            /* the keys are for the detail, which has the whole view */
	char filter[FILTER_MAX]; /* "" shows all */
	char peer[64];           /* of gateways: of whom it is shown what it is told */
	size_t column;           /* of the matrix: the selected one */
};

/* What the selected row is about, for those who act on it. */
enum subject_kind {
	SUBJECT_LAB, /* nothing in particular */
	SUBJECT_NIC,
	SUBJECT_NODE,    /* a machine, the gateway whose instances are, or the end of a tunnel */
	SUBJECT_NETWORK, /* a virtual network */
	SUBJECT_PROBE,   /* "FROM TO PROTOCOL" */
};

struct subject {
	enum subject_kind kind;
	char name[3 * VIEW_NAME];
};

/* A lab file to start from, and a lab that runs, as the chooser lists them. */
struct choice_row {
	const char *name, *sentence; /* or the state of a running lab */
	const char *picture;         /* lines; NULL when there is none */
	const char *path;            /* NULL for a lab that runs */
	bool is_own;                 /* no template: a lab file where one is */
};

/* What a command that was run from the screen printed, or the stages of a lab that starts. */
struct printed {
	const char *title;
	const char *const *lines;
	size_t count;
	bool is_running;
	bool is_start; /* of a lab: its stages are shown, too */
	int code;      /* exit code, when it ended */
	double took_s; /* so far, or in all */
};

/* What is seen of the flow that is asked about, and what would mend it; from another process. */
struct why_scene {
	const struct path_answer *answer; /* NULL: there is none yet */
	const char *error;                /* why there is none; NULL: it is on its way */
	bool is_asking;
	double answered_at; /* Unix time */
};

/* Every machine asks every other one: the latest time, and the one that goes on. */
struct mesh_scene {
	const struct snapshot_mesh *seen; /* NULL: never */
	double seen_at;
	bool is_running;
	int64_t decided, pairs; /* of the one that goes on */
	const char *error;      /* of the latest; NULL: none */
};

/* In one word: "works". */
struct why_verdict {
	enum glyph glyph;
	enum style style;
	const char *words;
};

/* When the verdict became another one. */
struct why_news {
	const char *words, *before; /* of the verdict; NULL: there was none */
	double at;                  /* Unix time; 0: it did not change */
};

/* What is said of one thing, or of anything that is read once. */
struct page_text {
	const char *title;
	const char *const *lines;
	size_t count;
};

/* A command that can be typed. */
struct word_row {
	const char *name, *arguments, *words;
};

/* Everything a view may read. */
struct scene {
	struct snapshot snapshot;
	const struct lab *model; /* as the file and its changes say; NULL: not known, not wanted */
	bool is_read_only;       /* nothing can be changed from here */
	const struct graph *graph;         /* NULL while nobody looks at the map */
	const struct snapshot_probe *flow; /* that is drawn on it; NULL: none */
	double now;                        /* Unix time */
	long utc_offset_s;                 /* of local time, for clocks */
	struct printed output;
	struct what_if what_if;
	char asked[400]; /* the flow that view 6 is about, "SRC DST PROTOCOL"; "": none */
	struct why_scene why;
	struct why_news why_news;
	struct mesh_scene mesh;
	bool shows_mesh;         /* in the matrix; else what the lab's own probes saw */
	const struct heat *heat; /* the matrix; NULL while nobody looks */
	struct page_text page;
	const struct keys *keys; /* NULL: those of the program */
	struct build build;
	const struct choice_row *choices;
	size_t choice_count;
	const struct word_row *commands;
	size_t command_count;
};

/* An order that rows can have. */
struct view_sort {
	char letter;      /* its key, with Shift */
	const char *what; /* "name" */
	int (*compare)(const struct scene *scene, size_t a, size_t b);
};

struct view {
	char digit; /* its key; 0 for those without */
	const char *name, *words;
	bool is_page;     /* has no list, only what a detail has: lines to scroll */
	bool follows_end; /* at the last row the selection stays there when rows come */
	bool follows_top; /* at the first one it does */
	bool opens_empty; /* what rows open is there without any */
	/* Its list: how many things there are, and which of them pass the filter. */
	size_t (*total)(const struct scene *scene);
	bool (*passes)(const struct scene *scene, const struct view_state *v, size_t index);
	/* The name by which a row is found again; NULL when rows stay where they are. */
	void (*name_of)(const struct scene *scene, size_t index, char name[VIEW_NAME]);
	/* What row `index` is about (VIEW_NOTHING: none is selected); NULL: the lab. */
	void (*about)(const struct scene *scene, size_t index, struct subject *ret_subject);
	/* The machine it is about, of which one can have a shell; NULL, also as a result: none. */
	const char *(*machine)(const struct scene *scene, size_t index);
	/* What is open is a list that grows at its end, and the filter is for it. */
	bool filters_detail;
	/* How many pass the filter, of how many; NULL: rows of the list. */
	void (*hits)(const struct scene *scene, const struct view_state *v, size_t *ret_hits,
		     size_t *ret_all);
	const struct view_sort *sorts; /* ends with letter 0; NULL: the order says something */
	/*
	 * What a row is, as it came from the lab: for all of its fields, and as JSON. NULL:
	 * nothing. `sentence` says it in words, `copied` what is copied of it; NULL: as it is
	 * drawn.
	 */
	const void *(*thing)(const struct scene *scene, size_t index,
			     const struct record **ret_record);
	const char *(*sentence)(const struct scene *scene, size_t index, struct arena *arena);
	const char *(*copied)(const struct scene *scene, size_t index, struct arena *arena);
	/* Lines the list has for its rows, of a view of this size; NULL: all but the first. */
	unsigned (*list_rows)(const struct scene *scene, const struct view_state *v, unsigned rows,
			      unsigned cols);
	/* Rows of what the selected row opens; NULL when it opens nothing. */
	size_t (*detail_count)(const struct scene *scene, const struct view_state *v,
			       unsigned cols);
	void (*draw)(const struct scene *scene, const struct view_state *v, struct grid *g);
	/* Of rows that do not stand below each other: the row to the right of the selected one,
	   or below it (negative: the other way), in a view of so many columns. */
	size_t (*step)(const struct scene *scene, const struct view_state *v, unsigned cols,
		       int right, int down);
};

extern const struct view view_map, view_vms, view_routes, view_security, view_gateways, view_probes,
	view_events, view_history, view_logs, view_help, view_output, view_chooser, view_page,
	view_steps, view_why, view_matrix, view_build;
extern const struct view *const views[]; /* in the order of Tab; ends with NULL */

/* Does something with these texts pass the filter? Letter case does not count; NULLs are none. */
bool view_has(const struct view_state *v, const char *const *texts, size_t count);

/* Has a row what the filter wants? One that begins with '!' wants rows without its words. */
bool view_passes(const struct view *view, const struct scene *scene, const struct view_state *v,
		 size_t index);
/* The indices of all rows, in their order, to *ret_indices, which is to be freed; how many. */
size_t view_order(const struct view *view, const struct scene *scene, const struct view_state *v,
		  size_t **ret_indices);
/* How many rows, or lines of what is open, the filter leaves, of how many. */
void view_hits(const struct view *view, const struct scene *scene, const struct view_state *v,
	       size_t *ret_hits, size_t *ret_all);
/* The heading of a column, with a mark when rows are in its order. */
unsigned view_heading(struct grid *g, unsigned row, unsigned col, unsigned width,
		      const struct view_state *v, char letter, const char *text);
/* Numbers in texts by their value; NULL is "". */
int view_compare_texts(const char *a, const char *b);
int view_compare_numbers(double a, double b);

/* Rows of the list behind the filter, and what stands in one of them: VIEW_NOTHING when none does.
 */
#define VIEW_NOTHING ((size_t)-1)
size_t view_count(const struct view *view, const struct scene *scene, const struct view_state *v);
size_t view_at(const struct view *view, const struct scene *scene, const struct view_state *v,
	       size_t row);

/*
 * What stands in `rows` lines of the list: the index of each row to `ret_indices`, the number of
 * the first one to *ret_first, and how many there are in the result.
 */
#define VIEW_ROWS_MAX 1024
unsigned view_rows(const struct view *view, const struct scene *scene, const struct view_state *v,
		   unsigned rows, size_t ret_indices[VIEW_ROWS_MAX], size_t *ret_first);

/* The row that is so many further, of `count`: at the ends one stays. */
size_t view_row_moved(size_t row, long by, size_t count);
/* Where a list of `count` rows begins in `rows` lines, so that the selected one is seen. */
size_t view_first_row(const struct view_state *v, size_t count, unsigned rows);

/* What several views draw alike. */
struct view_mark {
	enum glyph glyph;
	enum style style;
	const char *ascii, *name; /* the glyph in ASCII and otherwise */
	const char *words;
};
extern const struct view_mark view_marks[];
extern const size_t view_mark_count;

enum style probe_style(const struct snapshot_probe *probe);
enum glyph probe_glyph(const struct snapshot_probe *probe);
const char *probe_word(const struct snapshot_probe *probe); /* "ping", "http", "tcp", "udp" */
const char *probe_name(const struct snapshot_probe *probe); /* with its port: "Tcp:443" */
/* The newest RTTs as a line of small columns, so many at most, the newest on the right. */
unsigned view_sparkline(struct grid *g, unsigned row, unsigned col, unsigned width,
			const struct snapshot_probe *probe);
/* How many of the latest had no reply. */
unsigned view_lost(const struct snapshot_probe *probe);
/* "12:03:07.123" */
void view_clock(const struct scene *scene, double time, char text[16]);
/* "75.1 ms" */
void view_rtt(double ms, char text[16]);
#define VIEW_NEW_S 10 /* how long something counts as just changed */
bool view_is_new(const struct scene *scene, double changed_at);
/* A row of effective routes, and what stands above them. */
void view_route_heading(struct grid *g, unsigned row);
void view_route(const struct scene *scene, size_t index, bool is_selected, struct grid *g,
		unsigned row);
/*
 * The address of the peer of which it is shown what it is told: the one that was chosen, or the
 * first with a session; NULL: there is none. Borrowed from the scene.
 */
const char *view_gateways_peer(const struct scene *scene, const struct view_state *v);
/* Choose the next one. */
void view_gateways_next_peer(const struct scene *scene, struct view_state *v);
/* The row of the step that the lab is at, without a filter. */
size_t view_steps_current(const struct scene *scene);
/* The command that goes to the selected step, and the one that says what that changes. */
bool view_steps_command(const struct scene *scene, const struct view_state *v, char *command,
			char *preview, size_t size);
/* The selected flow of that view; NULL when there is none. */
const struct snapshot_flow *view_security_flow(const struct scene *scene,
					       const struct view_state *v);
/* Where the cursor stands in the form of the security view; false while it is not seen. */
bool view_security_cursor(const struct scene *scene, const struct view_state *v, unsigned rows,
			  unsigned cols, unsigned *ret_row, unsigned *ret_col);
/* "SRC DST PROTOCOL" of the selected probe, or pair; false when none is selected. */
bool view_probes_question(const struct scene *scene, const struct view_state *v, char *text,
			  size_t size);
bool view_matrix_question(const struct scene *scene, const struct view_state *v, char *text,
			  size_t size);
/* To another column, round at the ends; to the next pair that is not as predicted, if any. */
void view_matrix_move(const struct scene *scene, struct view_state *v, int by);
bool view_matrix_next_finding(const struct scene *scene, struct view_state *v);
/* Likewise of a flow; false where its protocol is none that can be asked about. */
bool view_flow_question(const struct snapshot_flow *flow, char *text, size_t size);
/* Does the flow that is asked about work, as predicted and as seen? */
struct why_verdict view_why_verdict(const struct scene *scene);
/* The change with which it works; NULL: none is known. */
const struct mend *view_why_mend(const struct scene *scene);
/* In the middle of an empty view. */
void view_say(struct grid *g, const char *text);
/* Why there is nothing of the selected NIC, if that is known. */
void view_say_no_nic(const struct scene *scene, struct grid *g);
