/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/app.h"

#include "lab/base/cleanup.h"
#include "lab/base/text_file.h"
#include "lab/model/lab.h"
#include "netns/super/runtime.h"
#include "tui/app/app_config.h"
#include "tui/app/asker.h"
#include "tui/app/building.h"
#include "tui/app/child.h"
#include "tui/app/choices.h"
#include "tui/app/job.h"
#include "tui/app/scene.h"
#include "tui/app/take.h"
#include "tui/app/typed.h"
#include "tui/cli/cli.h"
#include "tui/client/client.h"
#include "tui/client/feed.h"
#include "tui/term/term.h"
#include "tui/view/screen_build.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define TICK_NS    1000000000ull
#define CONNECT_NS 20000000ull /* between tries, while a lab is being started */

struct app {
	struct loop *loop;
	struct terminal *term;
	struct loop_fd *input;
	struct loop_timer *paint, *tick, *connect, *drop;
	struct loop_signal *on_resize, *on_child, *on_term, *on_hangup, *on_interrupt, *on_continue;
	struct screen screen;
	struct scene_parts parts;
	struct asker *asker; /* of view 6 */
	struct feed *feed;
	char lab[96];     /* that is shown, or is being started */
	bool is_starting; /* it is to be shown when it is there */
	struct arena *choices;
	struct word_row words[SCENE_WORDS_MAX];
	struct job *job;
	struct screen_config config;
	struct scene_held held;
	pid_t away; /* the program that has the terminal; 0: we have it */
};

static void wake(struct app *app)
{
	if (!loop_timer_is_set(app->paint))
		loop_timer_set(app->paint, 0);
}

static void paint(void *arg, uint64_t now_ns)
{
	struct app *app = arg;
	struct screen *s = &app->screen;
	unsigned cursor[2];
	struct grid g;

	(void)now_ns;
	if (app->away)
		return;
	if (!s->is_frozen)
		scene_set_time(&s->scene);
	scene_complete(s, &app->parts, app->feed);
	job_note_time(app->job);
	grid_init(&g, s->rows, s->cols, term_is_ascii(app->term));
	screen_draw(s, &g);
	term_paint(app->term, &g, screen_cursor(s, &cursor[0], &cursor[1]) ? cursor : NULL);
	grid_fini(&g);
}

/* Marks of what is new go out, and a lab that is silent is said to be, without any message. */
static void on_tick(void *arg, uint64_t now_ns)
{
	struct app *app = arg;

	loop_timer_set(app->tick, TICK_NS);
	if (app->feed) {
		app->screen.heard_at = feed_heard_at(app->feed);
		feed_ask(app->feed);
	}
	paint(app, now_ns);
}

/* ---- the lab ---- */

static void look_again(struct app *app)
{
	scene_hold(&app->screen, &app->held);
	scene_follow(&app->screen, &app->parts, app->feed);
	asker_follow(app->asker);
	wake(app);
}

static void on_feed_change(void *arg)
{
	look_again(arg);
}

static void on_answer(void *arg)
{
	struct app *app = arg;

	screen_settle(&app->screen);
	wake(app);
}

static void fill_choices(struct app *app)
{
	struct scene *scene = &app->screen.scene;

	arena_free(app->choices);
	app->choices = arena_new();
	scene->choices = choices_find(app->choices, &scene->choice_count);
	screen_settle(&app->screen);
}

/* Not at once: we are called by what is to be freed. */
static void on_feed_end(void *arg, const char *why)
{
	struct app *app = arg;

	screen_say(&app->screen, STYLE_BAD, "%s: %s", app->lab, why);
	loop_timer_set(app->drop, 0);
}

static void drop_feed(void *arg, uint64_t now_ns)
{
	struct app *app = arg;

	(void)now_ns;
	feed_free(app->feed);
	app->feed = NULL;
	app->screen.lab = NULL;
	look_again(app);
	if (app->is_starting)
		return;
	fill_choices(app);
	if (app->screen.view != &view_output)
		screen_show(&app->screen, &view_chooser);
	app->screen.before = &view_chooser;
}

static const struct feed_ops feed_ops = { on_feed_change, on_feed_end };

static void show_lab(struct app *app)
{
	app->screen.before = &view_vms;
	screen_show(&app->screen, &view_vms);
}

static int attach(struct app *app, const char *lab, struct err *err)
{
	struct feed *feed = feed_open(app->loop, lab, &feed_ops, app, err);

	if (!feed)
		return err->code;
	feed_free(app->feed);
	app->feed = feed;
	loop_timer_cancel(app->drop);
	if (lab != app->lab)
		(void)snprintf(app->lab, sizeof(app->lab), "%s", lab);
	app->screen.lab = app->lab;
	look_again(app);
	return 0;
}

/* ---- commands ---- */

static void on_job_line(void *arg)
{
	wake(arg);
}

static void on_job_end(void *arg, int code)
{
	struct app *app = arg;

	wake(app);
	if (!app->is_starting)
		return;
	app->is_starting = false;
	loop_timer_cancel(app->connect);
	if (code != EXIT_OK && code != EXIT_DIFFERENT) {
		app->screen.lab = app->feed ? app->lab : NULL;
		return;
	}
	if (!app->feed && attach(app, app->lab, &(struct err){ 0 }))
		return;
	show_lab(app);
	if (code == EXIT_OK)
		screen_say(&app->screen, STYLE_GOOD, "%s is up after %.1f s", app->lab,
			   app->screen.scene.output.took_s);
	else
		screen_say(&app->screen, STYLE_BAD, "%s runs, but not all is as predicted",
			   app->lab);
}

static void hand_over(struct app *app, char **words)
{
	struct err err = { 0 };

	term_leave(app->term);
	app->away = child_start_on_terminal(words, &err);
	if (app->away)
		return;
	term_return(app->term);
	screen_say(&app->screen, STYLE_BAD, "%s", err.text);
}

static void run_line(struct app *app, const char *text)
{
	char line[LINE_SIZE], *words[LINE_SIZE / 2 + 5];
	const struct screen *s = &app->screen;
	const struct command *command;
	char **typed;
	int count, out = 2;

	(void)snprintf(line, sizeof(line), "%s", text);
	typed = child_words(line, &count);
	command = count > 1 ? cli_find_command(typed[1]) : NULL;
	if (!command || command->is_hidden || command->is_screen) {
		screen_say(&app->screen, STYLE_BAD, "there is no command '%.60s': ? lists them",
			   count > 1 ? typed[1] : "");
		free(typed);
		return;
	}
	if (app->screen.scene.is_read_only && command->changes == cli_always) {
		screen_say(&app->screen, STYLE_WAITING,
			   "'%s' changes something: this screen only looks (--read-only)",
			   typed[1]);
		free(typed);
		return;
	}
	if (s->history_count && !strcmp(s->history[s->history_count - 1], text))
		typed_add(text); /* typed, or chosen */
	words[1] = typed[1];
	if (app->screen.lab && !command->has_no_lab) { /* the lab on the screen is meant */
		words[out++] = (char *)"-l";
		words[out++] = app->lab;
	}
	for (int i = 2; i < count; i++)
		words[out++] = typed[i];
	words[out] = NULL;
	if (command->needs_terminal)
		hand_over(app, words);
	else if (job_is_free(app->job))
		job_run(app->job, words, text);
	free(typed);
}

static void run_shell(struct app *app, const char *node)
{
	char *words[] = { NULL, (char *)"shell", (char *)"-l", app->lab, (char *)node, NULL };

	if (app->screen.scene.is_read_only)
		screen_say(&app->screen, STYLE_WAITING,
			   "a shell may change something: this screen only looks (--read-only)");
	else
		hand_over(app, words);
}

/* ---- starting a lab ---- */

static void try_to_connect(void *arg, uint64_t now_ns)
{
	struct app *app = arg;

	(void)now_ns;
	if (app->feed || !app->is_starting)
		return;
	if (attach(app, app->lab, &(struct err){ 0 }))
		loop_timer_set(app->connect, CONNECT_NS);
	app->screen.lab = app->lab;
}

static void show_findings(struct app *app, const struct diags *diags, const char *text, size_t len)
{
	struct text_file found;
	char *rest, *line;

	diags_print(diags, text, len, text_open(&found));
	for (line = strtok_r(text_close(&found), "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest))
		job_add(app->job, line);
	free(found.text);
}

static void start_template(struct app *app, const struct choice_row *choice)
{
	char *words[] = { NULL, (char *)"up", (char *)choice->path, NULL };
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup) char *text = NULL;
	char path[PATH_MAX], title[PATH_MAX + 8];
	struct err err = { 0 };
	struct lab *lab = NULL;
	size_t len = 0;

	(void)snprintf(title, sizeof(title), "up %s", choice->name);
	text = cli_read_file(choice->path, path, sizeof(path), &len, &err);
	if (text)
		lab = lab_parse(text, len, path, &diags);
	if (!lab) {
		job_begin(app->job, title);
		if (text)
			show_findings(app, &diags, text, len);
		else
			job_add(app->job, err.text);
		job_end(app->job, text ? EXIT_INVALID : EXIT_FAILED);
		return;
	}
	(void)snprintf(app->lab, sizeof(app->lab), "%s", lab->name.value);
	lab_free(lab);
	if (!attach(app, app->lab, &err)) {
		show_lab(app);
		screen_say(&app->screen, STYLE_DIM, "lab '%s' is running already", app->lab);
		return;
	}
	job_run(app->job, words, title);
	job_keep(app->job);
	app->screen.scene.output.is_start = true;
	app->is_starting = job_is_running(app->job);
	loop_timer_set(app->connect, 0);
}

static void open_choice(struct app *app, const struct choice_row *choice)
{
	struct err err = { 0 };
	char name[96];

	if (choice->path && app->screen.scene.is_read_only) {
		screen_say(&app->screen, STYLE_WAITING,
			   "no lab is started: this screen only looks (--read-only)");
		return;
	}
	if (choice->path) {
		if (job_is_free(app->job))
			start_template(app, choice);
		return;
	}
	(void)snprintf(name, sizeof(name), "%s", choice->name);
	if (attach(app, name, &err)) {
		fill_choices(app);
		screen_say(&app->screen, STYLE_BAD, "%s", err.text);
		return;
	}
	show_lab(app);
}

/* The form stays as long as its file cannot be written. */
static void make_new(struct app *app)
{
	struct build *build = &app->screen.scene.build;
	struct build made = *build;
	struct choice_row choice = { .name = made.lab.name, .path = made.path };
	struct err err = { 0 };

	if (cli_write_new(&made.lab, made.path, made.is_forced, &err)) {
		if (err.code == -EEXIST)
			(void)snprintf(build->question, sizeof(build->question),
				       "%.200s is there: overwrite it?", made.path);
		else
			screen_say(&app->screen, STYLE_BAD, "%s", err.text);
		return;
	}
	screen_build_close(&app->screen);
	fill_choices(app);
	screen_say(&app->screen, STYLE_GOOD, "%s is written", made.path);
	if (made.starts && job_is_free(app->job))
		start_template(app, &choice);
}

static void change_lab(struct app *app, const struct choice_row *choice)
{
	const char *path = choice ? choice->path : NULL;
	char name[sizeof(app->lab)];
	struct err err = { 0 };

	(void)snprintf(name, sizeof(name), "%s", choice ? choice->name : app->lab);
	if (!path && choice && strcmp(name, app->lab) != 0 && !attach(app, name, &err))
		show_lab(app);
	if (!err.code)
		(void)building_read(&app->screen, name, path, &err);
	if (err.code)
		screen_say(&app->screen, STYLE_BAD, "%s", err.text);
}

/* The command does it, and its output stays to be read. */
static void apply_changes(struct app *app)
{
	struct build *build = &app->screen.scene.build;

	if (!job_is_free(app->job))
		return;
	job_run(app->job, building_words(build, app->lab),
		build->is_running && !build->is_saved ? "set" : "set, and save");
	job_keep(app->job);
	screen_build_close(&app->screen);
}

/* ---- what the screen asks for ---- */

static void set_theme(struct app *app, const char *name)
{
	char names[THEME_NAMES_SIZE];
	enum theme theme;

	if (!theme_find(name, &theme))
		return;
	term_set_theme(app->term, theme);
	theme_names(names);
	screen_say(&app->screen, STYLE_DIM, "theme %s, of %s", name, names);
}

static void do_effect(struct app *app, const struct effect *effect)
{
	switch (effect->kind) {
	case EFFECT_NONE:
		break;
	case EFFECT_QUIT:
		loop_stop(app->loop);
		break;
	case EFFECT_SUSPEND:
		term_suspend(app->term);
		break;
	case EFFECT_REDRAW:
		term_forget(app->term);
		break;
	case EFFECT_DUMP:
		take_dump(&app->screen, term_is_ascii(app->term));
		break;
	case EFFECT_COPY:
		take_copy(&app->screen, app->term);
		break;
	case EFFECT_MOUSE:
		term_set_mouse(app->term, app->screen.has_mouse);
		break;
	case EFFECT_THEME:
		set_theme(app, effect->text);
		break;
	case EFFECT_RUN:
		run_line(app, effect->text);
		break;
	case EFFECT_MESH:
		if (app->feed)
			feed_ask_mesh(app->feed, effect->text);
		else
			screen_say(&app->screen, STYLE_BAD, "no lab is shown");
		break;
	case EFFECT_SHELL:
		run_shell(app, effect->text);
		break;
	case EFFECT_CHOICES:
		fill_choices(app);
		break;
	case EFFECT_CHANGE:
		change_lab(app, effect->choice);
		break;
	case EFFECT_APPLY:
		apply_changes(app);
		break;
	case EFFECT_NEW:
		make_new(app);
		break;
	case EFFECT_OPEN:
		open_choice(app, effect->choice);
		break;
	}
}

static void on_input(void *arg, unsigned events, uint64_t now_ns)
{
	struct app *app = arg;
	bool is_gone = false;
	uint32_t key;

	(void)events;
	(void)now_ns;
	while (!app->away && (key = term_key(app->term, &is_gone))) {
		struct effect effect = screen_key(&app->screen, key);

		do_effect(app, &effect);
		if (app->screen.view != &view_output)
			job_leave(app->job);
		if (screen_wants_model(&app->screen) && !app->screen.scene.model)
			look_again(app); /* for the next key, which may be here already */
	}
	if (is_gone)
		loop_stop(app->loop);
	look_again(app);
	if (!app->away) /* now, not when the loop comes round: a key is answered at once */
		paint(app, now_ns);
}

/* ---- signals ---- */

static void on_resize(void *arg, int signal_number, uint64_t now_ns)
{
	struct app *app = arg;
	unsigned rows, cols;

	(void)signal_number;
	(void)now_ns;
	if (app->away)
		return;
	term_size(app->term, &rows, &cols);
	screen_resize(&app->screen, rows, cols);
	wake(app);
}

static void on_child(void *arg, int signal_number, uint64_t now_ns)
{
	struct app *app = arg;

	(void)signal_number;
	job_reap(app->job);
	asker_reap(app->asker);
	if (!app->away || waitpid(app->away, NULL, WNOHANG) != app->away)
		return;
	app->away = 0;
	term_return(app->term);
	on_resize(app, SIGWINCH, now_ns);
	look_again(app);
}

static void on_end_signal(void *arg, int signal_number, uint64_t now_ns)
{
	struct app *app = arg;

	(void)now_ns;
	if (signal_number != SIGINT || !app->away) /* else it was for the program in the terminal */
		loop_stop(app->loop);
}

static void on_continue(void *arg, int signal_number, uint64_t now_ns)
{
	struct app *app = arg;

	if (app->away)
		return;
	term_resume(app->term);
	on_resize(app, signal_number, now_ns);
}

/* ---- the whole ---- */

static void start(struct app *app, unsigned rows, unsigned cols)
{
	static const struct job_ops ops = { on_job_line, on_job_end };

	app->loop = loop_new();
	screen_init(&app->screen, rows, cols);
	scene_list_commands(&app->screen.scene, app->words);
	app->job = job_new(app->loop, &app->screen, &ops, app);
	app->asker = asker_new(app->loop, &app->screen, on_answer, app);
	app->paint = loop_timer_new(app->loop, paint, app, "paint");
	app->tick = loop_timer_new(app->loop, on_tick, app, "tick");
	app->connect = loop_timer_new(app->loop, try_to_connect, app, "connect");
	app->drop = loop_timer_new(app->loop, drop_feed, app, "drop");
}

static void finish(struct app *app)
{
	job_free(app->job);
	asker_free(app->asker);
	scene_parts_fini(&app->parts);
	feed_free(app->feed);
	loop_timer_free(app->paint);
	loop_timer_free(app->tick);
	loop_timer_free(app->connect);
	loop_timer_free(app->drop);
	loop_fd_free(app->input);
	loop_signal_free(app->on_resize);
	loop_signal_free(app->on_child);
	loop_signal_free(app->on_term);
	loop_signal_free(app->on_hangup);
	loop_signal_free(app->on_interrupt);
	loop_signal_free(app->on_continue);
	loop_free(app->loop);
	screen_fini(&app->screen);
	scene_held_fini(&app->held);
	arena_free(app->choices);
	build_close(&app->screen.scene.build);
}

/* The lab to begin with: the one that is meant, or the only one. */
static int begin(struct app *app, const char *lab, struct err *err)
{
	struct scene *scene = &app->screen.scene;
	size_t running = 0;

	fill_choices(app);
	if (lab)
		return attach(app, lab, err);
	while (running < scene->choice_count && !scene->choices[running].path)
		running++;
	if (running == 1)
		(void)attach(app, scene->choices[0].name, &(struct err){ 0 });
	return 0;
}

int app_run(const char *lab, bool is_ascii, bool is_read_only, struct err *err)
{
	struct app app = { 0 };
	unsigned rows, cols;

	if (app_config_read(&app.config, err))
		return err->code;
	client_set_by("screen");
	start(&app, 24, 80);
	app.screen.scene.is_read_only = is_read_only;
	app.screen.scene.keys = &app.config.keys;
	app.screen.has_mouse = app.config.has_mouse;
	typed_load(&app.screen);
	if (begin(&app, lab, err) ||
	    !(app.term = term_open(is_ascii || app.config.is_ascii, err))) {
		finish(&app);
		return err->code;
	}
	term_size(app.term, &rows, &cols);
	screen_resize(&app.screen, rows, cols);
	term_set_theme(app.term, app_config_theme(&app.config));
	term_set_mouse(app.term, app.screen.has_mouse);
	if (app.feed)
		show_lab(&app);
	app.input = loop_fd_new(app.loop, STDIN_FILENO, LOOP_READ, on_input, &app, "keys");
	app.on_resize = loop_signal_new(app.loop, SIGWINCH, on_resize, &app, "resize");
	app.on_child = loop_signal_new(app.loop, SIGCHLD, on_child, &app, "child");
	app.on_term = loop_signal_new(app.loop, SIGTERM, on_end_signal, &app, "end");
	app.on_hangup = loop_signal_new(app.loop, SIGHUP, on_end_signal, &app, "hang-up");
	app.on_interrupt = loop_signal_new(app.loop, SIGINT, on_end_signal, &app, "interrupt");
	app.on_continue = loop_signal_new(app.loop, SIGCONT, on_continue, &app, "continue");
	loop_timer_set(app.tick, TICK_NS);
	wake(&app);
	loop_run(app.loop);
	term_close(app.term);
	finish(&app);
	return 0;
}
