/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/asker.h"

#include "tui/app/child.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAUSE_NS   300000000ull /* at least, and as long as an answer took, until the next one */
#define ANSWER_MAX (4u << 20)

/* A state of the lab, as far as an answer depends on it. */
struct moment {
	char question[400];
	char lab[96];
	int64_t step, changes, faults, drift, sessions, tunnels, event;
};

struct asker {
	struct loop *loop;
	struct screen *screen;
	void (*on_change)(void *arg);
	void *arg;
	struct child *child;
	bool is_stale; /* what it says is about something else by now */
	uint64_t began_ns;
	struct loop_timer *again;
	struct moment now, asked; /* as it is, and that the answer is about */
	struct arena *arena;      /* of the answer in the scene */
	char *text;               /* of the one that comes */
	size_t size;
	FILE *file;
	char error[400];
};

static struct moment moment_of(const struct screen *s)
{
	const struct snapshot_events *events = s->scene.snapshot.events;
	const struct snapshot_lab *lab = s->scene.snapshot.lab;
	const char *question = screen_path(s);
	struct moment m;

	memset(&m, 0, sizeof(m)); /* moments are compared byte by byte */
	if (!question || !lab || !lab->file || !s->lab)
		return m;
	(void)snprintf(m.question, sizeof(m.question), "%s", question);
	(void)snprintf(m.lab, sizeof(m.lab), "%s", s->lab);
	m.step = lab->step;
	m.changes = lab->change_count;
	m.faults = lab->fault_count;
	m.drift = lab->drift_count;
	m.sessions = lab->sessions_up;
	m.tunnels = lab->tunnels_up;
	if (events && events->events.count)
		m.event = events->events.items[events->events.count - 1].number;
	return m;
}

static bool is_same(const struct moment *a, const struct moment *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static void forget(struct asker *a)
{
	a->screen->scene.why = (struct why_scene){ 0 };
	arena_free(a->arena);
	a->arena = NULL;
}

static void end_child(struct asker *a)
{
	child_free(a->child);
	a->child = NULL;
	a->is_stale = false;
	if (a->file)
		(void)fclose(a->file);
	a->file = NULL;
	free(a->text);
	a->text = NULL;
	a->size = 0;
}

/* ---- the answer ---- */

static void take_answer(struct asker *a, const char *text)
{
	json_t *json = json_loads(text, 0, NULL);
	struct arena *arena = arena_new();
	struct path_answer *answer = arena_alloc(arena, sizeof(*answer));
	struct why_scene *why = &a->screen->scene.why;
	struct err err = { 0 };

	if (!json) /* what it says instead is why there is none */
		(void)snprintf(a->error, sizeof(a->error), "%.*s", (int)strcspn(text, "\n"),
			       *text ? text : "hublab why says nothing");
	else if (path_read_json(json, answer, arena, &err))
		(void)snprintf(a->error, sizeof(a->error), "%s", err.text);
	else
		a->error[0] = '\0';
	json_decref(json);
	forget(a);
	if (*a->error) {
		arena_free(arena);
		why->error = a->error;
		return;
	}
	a->arena = arena;
	why->answer = answer;
	why->answered_at = a->screen->scene.now;
}

static void on_line(void *arg, const char *line)
{
	struct asker *a = arg;

	if (a->file && ftello(a->file) < (off_t)ANSWER_MAX)
		(void)fprintf(a->file, "%s\n", line);
}

static void on_end(void *arg, int code)
{
	struct asker *a = arg;
	uint64_t took_ns = loop_clock_ns() - a->began_ns;

	(void)code;
	(void)fflush(a->file);
	if (!a->is_stale) {
		take_answer(a, a->text ? a->text : "");
		loop_timer_set(a->again, took_ns > PAUSE_NS ? took_ns : PAUSE_NS);
	}
	end_child(a);
	asker_follow(a);
	a->on_change(a->arg);
}

/* ---- the question ---- */

static void ask(struct asker *a)
{
	static const struct child_ops ops = { on_line, on_end };
	char question[sizeof(a->now.question)];
	struct why_scene *why = &a->screen->scene.why;
	char *words[10] = { NULL,         (char *)"why", (char *)"-l",
			    a->asked.lab, (char *)"-o",  (char *)"json" };
	struct err err = { 0 };
	char *rest = question;
	int count = 6;

	a->asked = a->now;
	a->began_ns = loop_clock_ns();
	(void)snprintf(question, sizeof(question), "%s", a->now.question);
	while (count < 9 && rest)
		words[count++] = strsep(&rest, " ");
	a->file = open_memstream(&a->text, &a->size);
	if (!a->file)
		abort();
	a->child = child_start(a->loop, words, &ops, a, &err);
	why->is_asking = a->child != NULL;
	if (a->child)
		return;
	end_child(a);
	(void)snprintf(a->error, sizeof(a->error), "%s", err.text);
	why->error = a->error;
}

static void on_pause_end(void *arg, uint64_t now_ns)
{
	struct asker *a = arg;

	(void)now_ns;
	asker_follow(a);
	a->on_change(a->arg);
}

void asker_follow(struct asker *a)
{
	bool is_other;

	a->now = moment_of(a->screen);
	is_other = strcmp(a->now.question, a->asked.question) != 0 ||
		   strcmp(a->now.lab, a->asked.lab) != 0;
	if (is_other) { /* it is waited for all the same, but not heard */
		if (a->child && !a->is_stale)
			child_signal(a->child, SIGTERM);
		a->is_stale = a->child != NULL;
		forget(a);
		loop_timer_cancel(a->again);
		memset(&a->asked, 0, sizeof(a->asked));
	}
	if (!*a->now.question || a->child || loop_timer_is_set(a->again) ||
	    is_same(&a->now, &a->asked))
		return;
	ask(a);
}

void asker_reap(struct asker *a)
{
	if (a->child)
		child_reap(a->child);
}

struct asker *asker_new(struct loop *loop, struct screen *screen, void (*on_change)(void *arg),
			void *arg)
{
	struct asker *a = calloc(1, sizeof(*a));

	if (!a)
		abort();
	a->loop = loop;
	a->screen = screen;
	a->on_change = on_change;
	a->arg = arg;
	a->again = loop_timer_new(loop, on_pause_end, a, "why");
	return a;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	if (a->child)
		child_signal(a->child, SIGTERM);
	end_child(a);
	arena_free(a->arena);
	loop_timer_free(a->again);
	free(a);
}
