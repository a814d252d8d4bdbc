/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/routers.h"

#include "lab/base/text_file.h"
#include "lab/plan/compile.h"
#include "lab/plan/plan_script.h"
#include "netns/guest/door.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

/* Which was the last difference that a guest was told since it booted: all of it, or none. */
#define MARK "/run/told"

/* A script that waits, or is under way: the first of its router's. */
struct telling {
	struct telling *prev, *next;
	struct plan *changes;
	bool is_settling; /* what was told is what is wanted when it is done */
	bool is_start;    /* a daemon is started behind it */
	engine_applied_fn *fn;
	void *arg;
	char daemon[];
};

/* A daemon that runs in a guest. */
struct program {
	struct program *next;
	struct router *router;
	struct door *door;
	pid_t pid; /* one of ours, below zero */
};

struct router {
	struct router *next;
	struct routers *routers;
	char *name;
	struct plan *wanted, *told;
	bool is_there;   /* and is told what is to be made */
	bool is_asked;   /* what it was told before */
	bool is_running; /* the first telling */
	bool is_wanted;
	/* that what it was told has, and what it is being told; 0: what it has is not known */
	uint64_t mark, next_mark;
	struct telling *tellings;
	struct program *programs;
	char problem[300];
};

struct routers {
	struct loop *loop;
	struct guests_client *guests;
	struct daemons *daemons;
	struct journal *journal;
	struct routers_ops ops;
	void *arg;
	struct router *all;
	pid_t last_pid;
	uint64_t last_mark;
};

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

static struct agent *agent_of(const struct router *router)
{
	return guests_client_agent(router->routers->guests, router->name);
}

static void set_problem(struct router *router, const char *text)
{
	if (!strcmp(router->problem, text))
		return;
	(void)snprintf(router->problem, sizeof(router->problem), "%s", text);
	router->routers->ops.on_change(router->routers->arg);
}

/* ---- its daemons ---- */

static const struct step *find_step(const struct plan *plan, const char *daemon)
{
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_DAEMON &&
		    !strcmp(plan_text(plan, plan->steps[i].daemon.name), daemon))
			return &plan->steps[i];
	return NULL;
}

/* It is no more: who knows daemons is told, as when a child was reaped. */
static void program_end(struct program *program, int code)
{
	struct router *router = program->router;
	int status = code >= 128 ? code - 128 : W_EXITCODE(code, 0);
	pid_t pid = program->pid;

	LL_DELETE(router->programs, program);
	door_free(program->door);
	free(program);
	daemons_reaped(router->routers->daemons, pid, status);
}

/* With its guest: then it waits until that is there again. */
static void on_program_end(void *arg, int code)
{
	struct program *program = arg;
	struct daemons *daemons = program->router->routers->daemons;
	const struct daemon *daemon = daemons_first(daemons);

	if (code >= 0) {
		program_end(program, code);
		return;
	}
	while (daemon && daemon->pid != program->pid)
		daemon = daemon->next;
	if (daemon) {
		daemons_find(daemons, daemon->name)->end_reason = "ended with its guest";
		daemons_hold(daemons, daemon->node, true);
	}
	program_end(program, 128 + SIGKILL);
}

/* What the guest's shell is told to become. */
static char *command_of(const struct router *router, const struct plan *plan,
			const struct step *step)
{
	const char *ns = plan_text(plan, step->ns), *run = plan_text(plan, step->daemon.run);
	struct text_file file;
	FILE *out = text_open(&file);
	bool is_outside = strcmp(ns, router->name) != 0;

	if (is_outside)
		(void)fprintf(out, "exec /sbin/ip netns exec %s sh -c '", ns);
	if (*run)
		(void)fprintf(out, "mount --bind /run/%s /run && ", run);
	(void)fprintf(out, "%s exec %s 2>&1%s", plan_text(plan, step->daemon.environment),
		      plan_text(plan, step->daemon.argv), is_outside ? "'" : "");
	return text_close(&file);
}

static void start_program(struct router *router, const struct plan *plan, const struct step *step)
{
	struct routers *routers = router->routers;
	char *command = command_of(router, plan, step), path[256];
	const char *words[] = { "sh", "-c", command, NULL };
	struct program *program = calloc(1, sizeof(*program));
	struct err err = { 0 };
	int output;

	if (!program)
		abort();
	*program = (struct program){ .router = router, .pid = --routers->last_pid };
	(void)snprintf(path, sizeof(path), "/run/%s", plan_text(plan, step->daemon.control));
	program->door = door_new(routers->loop, path, agent_of(router), &err);
	if (!program->door ||
	    agent_spawn(agent_of(router), words, on_program_end, program, &output, &err)) {
		journal_add(routers->journal, "daemon", "%s: %s", plan_text(plan, step->ns),
			    err.text);
		set_problem(router, err.text);
		door_free(program->door);
		free(program);
	} else {
		LL_PREPEND(router->programs, program);
		daemons_started(routers->daemons, plan, step, program->pid, output);
	}
	free(command);
}

/* All that are to run and do not. */
static void start_programs(struct router *router)
{
	struct daemons *daemons = router->routers->daemons;
	const struct plan *plan = router->told;

	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		const struct daemon *daemon;

		if (step->kind != STEP_DAEMON)
			continue;
		daemon = daemons_find(daemons, plan_text(plan, step->daemon.name));
		if (daemon && daemon->is_held)
			daemons_hold(daemons, daemon->node, false);
		else if (!daemon || (!daemon->pid && !strcmp(daemon->state, "starting")))
			start_program(router, plan, step);
	}
}

void routers_kill(struct routers *routers, pid_t pid)
{
	struct router *router;
	struct program *program, *next;

	LL_FOREACH(routers->all, router)
		LL_FOREACH_SAFE(router->programs, program, next)
		{
			if (program->pid != pid)
				continue;
			agent_forget(agent_of(router), program);
			program_end(program, 128 + SIGKILL);
			return;
		}
}

const char *routers_of(const struct routers *routers, const char *daemon)
{
	const struct router *router;

	LL_FOREACH(routers->all, router)
		if (find_step(router->wanted, daemon) || find_step(router->told, daemon))
			return router->name;
	return NULL;
}

/* ---- telling ---- */

static void advance(struct router *router);
static void settle(struct router *router);

static void telling_free(struct telling *telling)
{
	plan_free(telling->changes);
	free(telling);
}

/* The first is over; `why` is NULL when it is done. */
static void telling_end(struct router *router, const char *why)
{
	struct telling *telling = router->tellings;
	struct err err = { .code = -EIO };
	const struct step *step;

	DL_DELETE(router->tellings, telling);
	router->is_running = false; /* only the first one can be */
	if (telling->is_settling)
		router->mark = why ? 0 : router->next_mark;
	if (why)
		(void)snprintf(err.text, sizeof(err.text), "%s", why);
	if (telling->fn)
		telling->fn(telling->arg, why ? &err : NULL);
	if (!why && telling->is_settling) {
		router->routers->ops.on_told(router->routers->arg, telling->changes);
		start_programs(router);
	}
	step = telling->is_start ? find_step(router->told, telling->daemon) : NULL;
	if (!why && step)
		start_program(router, router->told, step);
	telling_free(telling);
}

static void drop_tellings(struct router *router, const char *why)
{
	while (router->tellings)
		telling_end(router, why);
}

/* Of several lines the first says most; what follows is of what it came from. */
static void refuse(struct router *router, const char *output, int code)
{
	char text[200];
	size_t len = strlen(output);

	while (len && output[len - 1] == '\n')
		len--;
	(void)snprintf(text, sizeof(text), "%.*s", (int)(len < 160 ? len : 160),
		       output + (len < 160 ? 0 : len - 160));
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
	journal_add(router->routers->journal, "guest", "%s refused what it was told (code %d): %s",
		    router->name, code, text);
	set_problem(router, text);
}

static void on_told(void *arg, int code, const char *output, size_t len)
{
	struct router *router = arg;
	struct telling *telling = router->tellings;

	(void)len;
	if (code < 0) { /* it is lost, which routers_look will see */
		telling_end(router, output);
		return;
	}
	if (code) {
		router->mark = 0;
		refuse(router, output, code);
		telling_end(router, router->problem);
	} else {
		if (telling->is_settling)
			set_problem(router, "");
		telling_end(router, NULL);
	}
	advance(router);
}

/* The mark is behind all else: it is made when all else is. */
static char *script_of(struct router *router, const struct telling *telling)
{
	struct text_file file;
	FILE *out = text_open(&file);

	plan_script(telling->changes, router->name, out);
	if (telling->is_settling) {
		router->next_mark = ++router->routers->last_mark;
		(void)fprintf(out, "echo %llu >" MARK "\n", (unsigned long long)router->next_mark);
	}
	return text_close(&file);
}

static void advance(struct router *router)
{
	static const char *const words[] = { "sh", "-e", NULL };
	struct err err = { 0 };
	char *script;

	if (!router->is_there || router->is_running || !router->tellings)
		return;
	router->is_running = true;
	script = script_of(router, router->tellings);
	if (agent_run(agent_of(router), words, script, strlen(script), on_told, router, &err))
		telling_end(router, err.text);
	free(script);
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

	if (!router || !router->is_there) {
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

bool routers_start(struct routers *routers, const struct daemon *daemon, struct plan *changes)
{
	const char *name = routers_of(routers, daemon->name);
	struct router *router = name ? find(routers, name) : NULL;

	if (!router)
		return false;
	if (router->is_there) {
		(void)tell(router, changes, daemon->name);
		advance(router);
	} else {
		plan_free(changes);
	}
	return true;
}

/* From what it was told to what is wanted. */
static void settle(struct router *router)
{
	struct plan *changes;

	if (!router->is_there || router->is_asked)
		return;
	changes = plan_diff(router->told, router->wanted);
	if (!changes->step_count) {
		plan_free(changes);
		start_programs(router);
		return;
	}
	router->routers->ops.on_tell(router->routers->arg, changes);
	plan_free(router->told);
	router->told = plan_new();
	plan_append(router->told, router->wanted);
	tell(router, changes, "")->is_settling = true;
	advance(router);
}

/* ---- guests that come and go ---- */

/* Has it booted since it was told something, or is its agent alone another one? */
static void on_mark(void *arg, int code, const char *output, size_t len)
{
	struct router *router = arg;

	(void)len;
	if (code < 0)
		return; /* it is lost again */
	router->is_asked = false;
	if (router->mark && strtoull(output, NULL, 10) == router->mark) {
		set_problem(router, ""); /* what it was told it has */
	} else {
		plan_free(router->told);
		router->told = plan_new();
	}
	settle(router);
}

static void comes(struct router *router)
{
	static const char *const words[] = { "cat", MARK, NULL };
	struct err err = { 0 };

	router->is_there = router->is_asked = true;
	set_problem(router, "is being told what to do");
	if (agent_run(agent_of(router), words, NULL, 0, on_mark, router, &err))
		set_problem(router, err.text);
}

static void goes(struct router *router)
{
	router->is_there = false;
	agent_forget(agent_of(router), router); /* one that is about to be lost */
	drop_tellings(router, "its guest is not there");
	set_problem(router, "");
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
	LL_APPEND(routers->all, router);
	return router;
}

static void router_free(struct router *router)
{
	struct agent *agent = agent_of(router);
	struct program *program, *next;

	agent_forget(agent, router);
	LL_FOREACH_SAFE(router->programs, program, next)
	{
		agent_forget(agent, program);
		door_free(program->door);
		free(program);
	}
	plan_free(router->wanted);
	plan_free(router->told);
	free(router->name);
	free(router);
}

/* One that is none any more: its guest goes, or becomes another one. */
static void drop(struct routers *routers, struct router *router)
{
	struct plan *nothing = plan_new(), *changes = plan_diff(router->told, nothing);

	routers->ops.on_tell(routers->arg, changes);
	plan_free(changes);
	plan_free(nothing);
	drop_tellings(router, "it is not wanted any more");
	LL_DELETE(routers->all, router);
	router_free(router);
}

void routers_want(struct routers *routers, const struct topology *topology,
		  const struct bgp_graph *graph)
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
	}
	LL_FOREACH_SAFE(routers->all, router, next)
	{
		if (router->is_wanted)
			settle(router);
		else
			drop(routers, router);
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
		if (router->is_there && (router->is_asked || router->is_running))
			return true;
	return false;
}
