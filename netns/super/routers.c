/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/routers_parts.h"

#include "lab/base/text_file.h"
#include "lab/plan/compile.h"
#include "lab/plan/plan_script.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

/* Which was the last difference that a guest was told since it booted: all of it, or none. */
#define MARK "/run/told"
/* The process group of a script that is under way there. */
#define TELLING "/run/telling"

#define AGAIN_NS 1000000000u

struct routers *routers_new(struct loop *loop, struct guests_client *guests,
			    struct daemons *daemons, struct journal *journal,
			    const struct routers_ops *ops, void *arg)
{
	struct routers *routers = calloc(1, sizeof(*routers));

	if (!routers)
		abort();
	*routers = (struct routers){ .loop = loop,
				     .guests = guests,
				     .daemons = daemons,
				     .journal = journal,
				     .ops = *ops,
				     .arg = arg };
	return routers;
}

static struct router *find(const struct routers *routers, const char *name)
{
	struct router *router;

	LL_FOREACH(routers->all, router)
		if (!strcmp(router->name, name))
			return router;
	return NULL;
}

struct agent *routers_agent(const struct router *router)
{
	return guests_client_agent(router->routers->guests, router->name);
}

/* Can it be told something, and is it known what it was told? */
static bool is_ready(const struct router *router)
{
	return router->is_there && !router->is_asked;
}

static bool is_same(const struct plan *a, const struct plan *b)
{
	struct plan *changes = plan_diff(a, b);
	bool is_none = !changes->step_count;

	plan_free(changes);
	return is_none;
}

/* Is it to be told something? What it refused it is not told again as it is. */
static bool is_behind(const struct router *router)
{
	if (router->refused)
		return !is_same(router->refused, router->wanted);
	return router->becoming || router->doubtful->step_count ||
	       !is_same(router->told, router->wanted);
}

/* It has booted, and is to be told something: now, or when its agent is there again. */
static bool is_due(const struct router *router)
{
	return guests_client_is_up(router->routers->guests, router->name) && router->wanted &&
	       is_behind(router);
}

static void note(struct router *router)
{
	char text[sizeof(router->problem)] = "";

	if (*router->trouble)
		(void)snprintf(text, sizeof(text), "%s", router->trouble);
	else if (router->is_asked || (router->is_there && is_due(router)))
		(void)snprintf(text, sizeof(text), "is being told what to do");
	else if (is_due(router))
		(void)snprintf(text, sizeof(text), "was not told of the last change: its agent %s",
			       agent_why_not(routers_agent(router)));
	if (!strcmp(router->problem, text))
		return;
	(void)snprintf(router->problem, sizeof(router->problem), "%s", text);
	router->routers->ops.on_change(router->routers->arg);
}

void routers_try_again(struct router *router, const char *why)
{
	(void)snprintf(router->trouble, sizeof(router->trouble), "%s", why);
	loop_timer_set(router->again, AGAIN_NS);
	note(router);
}

const char *routers_of(const struct routers *routers, const char *daemon)
{
	const struct router *router;

	LL_FOREACH(routers->all, router)
		if (routers_find_step(router->wanted, daemon) ||
		    routers_find_step(router->told, daemon) ||
		    routers_find_step(router->doubtful, daemon))
			return router->name;
	return NULL;
}

/* ---- telling ---- */

static void advance(struct router *router);
static void settle(struct router *router);

static void telling_free(struct telling *telling)
{
	plan_free(telling->changes);
	free(telling->script);
	free(telling);
}

/* It may be told again what it refused: it is another one, or something changed there. */
static void forget_refusal(struct router *router)
{
	plan_free(router->refused);
	router->refused = NULL;
	*router->trouble = '\0';
}

/* All of it was told. */
static void become(struct router *router)
{
	plan_free(router->told);
	router->told = router->becoming;
	router->becoming = NULL;
	router->mark = router->next_mark;
	plan_free(router->doubtful);
	router->doubtful = plan_new();
	forget_refusal(router);
}

/* Some of it may have been. */
static void doubt(struct router *router)
{
	if (!router->becoming)
		return;
	plan_doubt(&router->told, router->doubtful, router->becoming);
	plan_free(router->becoming);
	router->becoming = NULL;
}

/* The first is over; `why` is NULL when it is done. */
static void telling_end(struct router *router, const char *why)
{
	struct telling *telling = router->tellings;
	struct err err = { .code = -EIO };
	const struct step *step;
	struct daemon *daemon;

	DL_DELETE(router->tellings, telling);
	router->is_running = false; /* only the first one can be */
	if (!why && telling->is_settling)
		become(router);
	if (why)
		(void)snprintf(err.text, sizeof(err.text), "%s", why);
	if (telling->fn)
		telling->fn(telling->arg, why ? &err : NULL);
	if (!why && telling->is_settling) {
		router->routers->ops.on_told(router->routers->arg, telling->changes);
		routers_start_programs(router);
	}
	step = telling->is_start ? routers_find_step(router->told, telling->daemon) : NULL;
	daemon = telling->is_start ? daemons_find(router->routers->daemons, telling->daemon) : NULL;
	if (!why && step)
		routers_start_program(router, router->told, step);
	else if (why && daemon)
		daemon->is_waiting = true;
	telling_free(telling);
}

static void drop_tellings(struct router *router, const char *why)
{
	while (router->tellings)
		telling_end(router, why);
}

static void refuse(struct router *router, const struct telling *telling, const char *output,
		   int code)
{
	char text[sizeof(router->trouble)];

	plan_script_refused(telling->script, output, text, sizeof(text));
	journal_add(router->routers->journal, "guest", "%s refused what it was told (code %d): %s",
		    router->name, code, text);
	if (telling->is_settling) {
		plan_free(router->refused);
		router->refused = plan_new();
		plan_append(router->refused, router->becoming);
		doubt(router);
	}
	(void)snprintf(router->trouble, sizeof(router->trouble), "%s", text);
}

static void on_told(void *arg, int code, const char *output, size_t len)
{
	struct router *router = arg;
	bool is_settling = router->tellings->is_settling;

	(void)len;
	if (code < 0) { /* it is lost, which routers_look will see */
		telling_end(router, output);
		return;
	}
	if (code)
		refuse(router, router->tellings, output, code);
	telling_end(router, code ? router->trouble : NULL);
	note(router);
	if (is_settling)
		settle(router); /* something else may be wanted by now */
	advance(router);
}

/* The mark is behind all else: it is made when all else is. */
static char *script_of(struct router *router, const struct telling *telling)
{
	struct text_file file;
	FILE *out = text_open(&file);

	(void)fprintf(out, "echo $$ >" TELLING "\n");
	plan_script(telling->changes, router->name, out);
	if (telling->is_settling) {
		router->next_mark = ++router->routers->last_mark;
		(void)fprintf(out, "echo %llu >" MARK "\n", (unsigned long long)router->next_mark);
	}
	(void)fprintf(out, "rm -f " TELLING "\n");
	return text_close(&file);
}

/* Nothing of it was said: it is all still to be told. */
static void not_begun(struct router *router, const char *why)
{
	if (router->tellings->is_settling) {
		plan_free(router->becoming);
		router->becoming = NULL;
	}
	telling_end(router, why);
	loop_timer_set(router->again, AGAIN_NS);
}

static void advance(struct router *router)
{
	static const char *const words[] = { "sh", "-e", NULL };
	struct telling *telling = router->tellings;
	struct err err = { 0 };

	if (!is_ready(router) || router->is_running || !telling)
		return;
	router->is_running = true;
	telling->script = script_of(router, telling);
	if (agent_run(routers_agent(router), words, telling->script, strlen(telling->script),
		      on_told, router, &err))
		not_begun(router, err.text);
}

static struct telling *tell(struct router *router, struct plan *changes, const char *daemon)
{
	struct telling *telling = calloc(1, sizeof(*telling) + strlen(daemon) + 1);

	if (!telling)
		abort();
	telling->changes = changes;
	telling->is_start = *daemon != '\0';
	strcpy(telling->daemon, daemon); /* the size was taken from it */
	DL_APPEND(router->tellings, telling);
	return telling;
}

void routers_apply(struct routers *routers, const char *name, struct plan *changes,
		   engine_applied_fn *fn, void *arg)
{
	static const struct err lost = { .code = -ENOTCONN, .text = "its guest is not there" };
	struct router *router = find(routers, name);
	struct telling *telling;

	if (!router || !is_ready(router)) {
		plan_free(changes);
		if (fn)
			fn(arg, &lost);
		return;
	}
	telling = tell(router, changes, "");
	telling->fn = fn;
	telling->arg = arg;
	advance(router);
}

bool routers_start(struct routers *routers, struct daemon *daemon, struct plan *changes)
{
	const char *name = routers_of(routers, daemon->name);
	struct router *router = name ? find(routers, name) : NULL;

	if (!router)
		return false;
	daemon->is_waiting = !is_ready(router);
	if (daemon->is_waiting) {
		plan_free(changes);
	} else {
		(void)tell(router, changes, daemon->name);
		advance(router);
	}
	return true;
}

/* From what it was told to what is wanted; one such telling at a time. */
static void settle(struct router *router)
{
	struct plan *changes;

	if (!is_ready(router) || router->becoming || !router->wanted)
		return;
	if (router->refused && is_same(router->refused, router->wanted))
		return;
	changes = plan_diff_doubtful(router->told, router->doubtful, router->wanted);
	if (!changes->step_count) {
		plan_free(changes);
		if (router->refused)
			forget_refusal(router);
		note(router);
		routers_start_programs(router);
		return;
	}
	router->routers->ops.on_tell(router->routers->arg, changes);
	router->becoming = plan_new();
	plan_append(router->becoming, router->wanted);
	tell(router, changes, "")->is_settling = true;
	note(router);
	advance(router);
}

/* ---- guests that come and go ---- */

/* What was under way when it was lost had come to its end. */
static void heard_all(struct router *router)
{
	struct plan *changes = plan_diff_doubtful(router->told, router->doubtful, router->becoming);

	become(router);
	router->routers->ops.on_told(router->routers->arg, changes);
	plan_free(changes);
}

/* Has it booted since it was told something, or is its agent alone another one? */
static void on_mark(void *arg, int code, const char *output, size_t len)
{
	struct router *router = arg;
	uint64_t mark;

	(void)len;
	if (code < 0)
		return; /* it is lost again */
	mark = strtoull(output, NULL, 10);
	router->is_asked = false;
	if (router->becoming && mark == router->next_mark) {
		heard_all(router);
	} else if (mark == router->mark) {
		doubt(router);
	} else {
		plan_free(router->told);
		plan_free(router->doubtful);
		plan_free(router->becoming);
		router->told = plan_new();
		router->doubtful = plan_new();
		router->becoming = NULL;
		router->mark = 0;
	}
	note(router);
	settle(router);
}

/* A script that goes on without its shell is ended before something else is told. */
static void ask_for_mark(struct router *router)
{
	static const char *const words[] = { "sh", "-c",
					     "[ ! -e " TELLING " ] || kill -9 -$(cat " TELLING
					     ") 2>/dev/null; "
					     "rm -f " TELLING "; cat " MARK " 2>/dev/null",
					     NULL };
	struct err err = { 0 };

	router->is_asked = true;
	if (agent_run(routers_agent(router), words, NULL, 0, on_mark, router, &err))
		loop_timer_set(router->again, AGAIN_NS);
}

static void comes(struct router *router)
{
	router->is_there = true;
	forget_refusal(router);
	ask_for_mark(router);
	note(router);
}

static void goes(struct router *router)
{
	router->is_there = router->is_asked = false;
	loop_timer_cancel(router->again);
	agent_forget(routers_agent(router), router); /* one that is about to be lost */
	drop_tellings(router, "its guest is not there");
}

static void on_again(void *arg, uint64_t now_ns)
{
	struct router *router = arg;

	(void)now_ns;
	if (!router->refused)
		*router->trouble = '\0';
	if (router->is_asked)
		ask_for_mark(router);
	else
		settle(router);
	advance(router);
	note(router);
}

void routers_look(struct routers *routers)
{
	struct router *router;

	LL_FOREACH(routers->all, router) {
		bool is_there = guests_client_is_ready(routers->guests, router->name);

		if (is_there && !router->is_there)
			comes(router);
		else if (!is_there && router->is_there)
			goes(router);
		if (!is_there)
			note(router);
	}
}

/* ---- which are wanted ---- */

static struct router *add(struct routers *routers, const char *name)
{
	struct router *router = calloc(1, sizeof(*router));

	if (!router)
		abort();
	router->routers = routers;
	router->name = strdup(name);
	if (!router->name)
		abort();
	router->told = plan_new();
	router->doubtful = plan_new();
	router->again = loop_timer_new(routers->loop, on_again, router, "router");
	LL_APPEND(routers->all, router);
	return router;
}

static void router_free(struct router *router)
{
	agent_forget(routers_agent(router), router);
	routers_drop_programs(router);
	plan_free(router->wanted);
	plan_free(router->told);
	plan_free(router->doubtful);
	plan_free(router->becoming);
	plan_free(router->refused);
	loop_timer_free(router->again);
	free(router->name);
	free(router);
}

/* One that is none any more: its guest goes, or becomes another one. */
static void drop(struct routers *routers, struct router *router)
{
	struct plan *nothing = plan_new(), *changes;

	doubt(router);
	changes = plan_diff_doubtful(router->told, router->doubtful, nothing);
	routers->ops.on_tell(routers->arg, changes);
	plan_free(changes);
	plan_free(nothing);
	drop_tellings(router, "it is not wanted any more");
	LL_DELETE(routers->all, router);
	router_free(router);
}

void routers_want(struct routers *routers, const struct topology *topology,
		  const struct bgp_graph *graph, const struct fault *faults, size_t fault_count)
{
	struct router *router, *next;

	LL_FOREACH(routers->all, router)
		router->is_wanted = false;
	for (size_t i = 0; i < topology->nodes.count; i++) {
		const struct node *node = topology->nodes.items[i];

		if (!node_is_guest_router(node))
			continue;
		router = find(routers, node->name);
		if (!router)
			router = add(routers, node->name);
		router->is_wanted = true;
		plan_free(router->wanted);
		router->wanted = plan_compile_inside(topology, graph, node);
		plan_apply_faults_inside(router->wanted, graph, faults, fault_count);
	}
	LL_FOREACH_SAFE(routers->all, router, next)
	{
		if (!router->is_wanted) {
			drop(routers, router);
			continue;
		}
		settle(router);
		note(router);
	}
}

void routers_free(struct routers *routers)
{
	struct router *router, *next;

	if (!routers)
		return;
	LL_FOREACH_SAFE(routers->all, router, next)
	{
		drop_tellings(router, "the lab ends");
		router_free(router);
	}
	free(routers);
}

const char *routers_problem(const struct routers *routers, const char *name)
{
	const struct router *router = find(routers, name);

	return router ? router->problem : "";
}

bool routers_are_busy(const struct routers *routers)
{
	const struct router *router;

	LL_FOREACH(routers->all, router)
		if (router->is_asked || router->tellings || is_due(router))
			return true;
	return false;
}
