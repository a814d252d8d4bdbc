/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/print.h"

#include "tui/app/app_config.h"
#include "tui/app/choices.h"
#include "tui/app/scene.h"

#include <errno.h>
#include <string.h>

#define PATIENCE_NS 10000000000ull

struct printing {
	struct loop *loop;
	struct screen screen;
	struct word_row words[SCENE_WORDS_MAX];
	struct scene_parts parts;
	struct feed *feed;
	const char *why; /* it is not whole; NULL when it is */
};

static void on_change(void *arg)
{
	struct printing *p = arg;

	scene_follow(&p->screen, &p->parts, p->feed);
	if (!feed_is_whole(p->feed))
		return;
	p->why = NULL;
	loop_stop(p->loop);
}

static void on_end(void *arg, const char *why)
{
	struct printing *p = arg;

	(void)why;
	p->why = "the lab ended";
	loop_stop(p->loop);
}

static void give_up(void *arg, uint64_t now_ns)
{
	struct printing *p = arg;

	(void)now_ns;
	p->why = "the lab does not answer";
	loop_stop(p->loop);
}

static int wait_for_lab(struct printing *p, const char *lab, struct err *err)
{
	static const struct feed_ops ops = { on_change, on_end };
	struct loop_timer *patience;

	p->feed = feed_open(p->loop, lab, &ops, p, err);
	if (!p->feed)
		return err->code;
	p->screen.lab = lab;
	patience = loop_timer_new(p->loop, give_up, p, "patience");
	loop_timer_set(patience, PATIENCE_NS);
	loop_run(p->loop);
	loop_timer_free(patience);
	return p->why ? err_set(err, -ETIMEDOUT, "%s: %s", lab, p->why) : 0;
}

static const struct view *find_view(const char *name)
{
	static const struct view *const others[] = { &view_help, &view_chooser, &view_steps,
						     &view_matrix };

	for (size_t i = 0; views[i]; i++)
		if (!strcmp(views[i]->name, name))
			return views[i];
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (!strcmp(others[i]->name, name))
			return others[i];
	return NULL;
}

static void print(struct printing *p, bool is_ascii, enum print_as as, FILE *out)
{
	struct grid g;

	scene_set_time(&p->screen.scene);
	scene_complete(&p->screen, &p->parts, p->feed);
	grid_init(&g, p->screen.rows, p->screen.cols, is_ascii);
	screen_draw(&p->screen, &g);
	if (as == PRINT_TEXT)
		grid_print(&g, out);
	else
		grid_print_ansi(&g, as == PRINT_COLOURS, out);
	grid_fini(&g);
}

int print_view(const char *lab, const char *view, unsigned rows, unsigned cols, bool is_ascii,
	       enum print_as as, FILE *out, struct err *err)
{
	const struct view *wanted = find_view(view);
	struct printing p = { .why = "" };
	struct screen_config config;
	struct arena *arena;

	if (app_config_read(&config, err))
		return err->code;
	if (!wanted)
		return err_set(err, -EINVAL, "there is no view '%.60s'", view);
	arena = arena_new();
	p.loop = loop_new();
	screen_init(&p.screen, rows, cols);
	scene_list_commands(&p.screen.scene, p.words);
	p.screen.scene.choices = choices_find(arena, &p.screen.scene.choice_count);
	p.screen.scene.keys = &config.keys;
	screen_show(&p.screen, wanted);
	if (!lab || !wait_for_lab(&p, lab, err))
		print(&p, is_ascii, as, out);
	scene_parts_fini(&p.parts);
	feed_free(p.feed);
	loop_free(p.loop);
	arena_free(arena);
	return err->code;
}
