/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/daemons.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utlist.h>

#define QUICK_NS       5000000000ull
#define FIRST_DELAY_NS 500000000ull
#define MAX_DOUBLINGS  6           /* 32 s */
#define SETTLED_NS     1000000000u /* one that lived so long after a quick end is up again */

/* How long the word of the engine may take behind the end of what it started. */
#define EARLY_NS   5000000000ull
#define EARLY_ENDS 64

/* A child that ended and that nobody knew: perhaps a daemon we are yet to be told of. */
struct early_end {
	pid_t pid;
	int status;
	uint64_t ended_ns;
};

struct daemons {
	struct early_end early[EARLY_ENDS]; /* the oldest overwritten */
	size_t early_next;
	struct loop *loop;
	struct daemons_ops ops;
	void *arg;
	struct daemon *all;
};

struct daemons *daemons_new(struct loop *loop, const struct daemons_ops *ops, void *arg)
{
	struct daemons *daemons = calloc(1, sizeof(*daemons));

	if (!daemons)
		abort();
	*daemons = (struct daemons){ .loop = loop, .ops = *ops, .arg = arg };
	return daemons;
}

static void daemon_free(struct daemon *daemon)
{
	loop_timer_free(daemon->timer);
	plan_free(daemon->step);
	free(daemon);
}

void daemons_free(struct daemons *daemons)
{
	struct daemon *daemon, *next;

	if (!daemons)
		return;
	LL_FOREACH_SAFE(daemons->all, daemon, next)
	{
		daemon_free(daemon);
	}
	free(daemons);
}

struct daemon *daemons_find(const struct daemons *daemons, const char *name)
{
	struct daemon *daemon;

	LL_FOREACH(daemons->all, daemon)
		if (!strcmp(daemon->name, name))
			return daemon;
	return NULL;
}

bool daemon_is_up(const struct daemon *daemon)
{
	return !strcmp(daemon->state, "up");
}

const struct daemon *daemons_find_worst(const struct daemons *daemons, const char *node)
{
	const struct daemon *daemon, *worst = NULL;

	LL_FOREACH(daemons->all, daemon)
		if (!strcmp(daemon->node, node) &&
		    (!worst || (daemon_is_up(worst) && !daemon_is_up(daemon))))
			worst = daemon;
	return worst;
}

/* The last part of the path that is its first word. */
static void set_program(struct daemon *daemon)
{
	const char *argv = plan_text(daemon->step, daemon->step->steps[0].daemon.argv);
	size_t len = strcspn(argv, " ");
	const char *slash = memrchr(argv, '/', len), *program = slash ? slash + 1 : argv;

	(void)snprintf(daemon->program, sizeof(daemon->program), "%.*s",
		       (int)(argv + len - program), program);
}

static void set_step(struct daemon *daemon, const struct plan *plan, const struct step *step)
{
	plan_free(daemon->step);
	daemon->step = plan_new();
	(void)plan_copy_step(daemon->step, plan, step, STEP_ADD);
	daemon->name = plan_text(daemon->step, daemon->step->steps[0].daemon.name);
	daemon->node = plan_text(daemon->step, daemon->step->steps[0].ns);
	set_program(daemon);
}

/* Is it started by what it is to be started by now? */
static bool is_as_expected(const struct daemon *daemon, const struct plan *plan,
			   const struct step *step)
{
	const struct step *own = &daemon->step->steps[0];

	return !strcmp(plan_text(daemon->step, own->daemon.argv),
		       plan_text(plan, step->daemon.argv)) &&
	       !strcmp(plan_text(daemon->step, own->daemon.environment),
		       plan_text(plan, step->daemon.environment));
}

/* Those in guests have numbers below zero, which mean something else to kill(). */
static bool end(const struct daemons *daemons, pid_t pid)
{
	if (pid > 0)
		return !kill(pid, SIGKILL);
	daemons->ops.kill(daemons->arg, pid);
	return true;
}

void daemons_let_go(struct daemons *daemons, const char *name)
{
	struct daemon *daemon = daemons_find(daemons, name);

	if (!daemon)
		return;
	daemon->is_unwanted = true;
	if (daemon->pid)
		(void)end(daemon->daemons, daemon->pid);
}

/* What runs has been let go: its end is nobody's business, and what it was started by is gone. */
void daemons_expect(struct daemons *daemons, const struct plan *plan, const struct step *step)
{
	struct daemon *daemon = daemons_find(daemons, plan_text(plan, step->daemon.name));

	if (!daemon || !daemon->is_unwanted)
		return;
	daemon->is_unwanted = false;
	daemon->pid = 0;
	daemon->quick_ends = 0;
	(void)snprintf(daemon->state, sizeof(daemon->state), "starting");
	loop_timer_cancel(daemon->timer);
	set_step(daemon, plan, step);
}

void daemons_end(struct daemons *daemons, const char *node, const char *program, const char *why)
{
	struct daemon *daemon;

	LL_FOREACH(daemons->all, daemon) {
		if (!daemon->pid || strcmp(daemon->node, node) != 0 ||
		    strcmp(daemon->program, program) != 0)
			continue;
		daemon->end_reason = why;
		(void)end(daemon->daemons, daemon->pid);
	}
}

bool daemons_kill(struct daemons *daemons, const char *node)
{
	const struct daemon *daemon;
	bool is_any = false;

	LL_FOREACH(daemons->all, daemon)
		if (!strcmp(daemon->node, node) && daemon->pid)
			is_any |= end(daemon->daemons, daemon->pid);
	return is_any;
}

void daemons_hold(struct daemons *daemons, const char *node, bool is_held)
{
	struct daemon *daemon;

	LL_FOREACH(daemons->all, daemon) {
		if (strcmp(daemon->node, node) != 0 || daemon->is_held == is_held)
			continue;
		daemon->is_held = is_held;
		if (!is_held && !daemon->pid)
			loop_timer_set(daemon->timer, 0);
	}
}

void daemon_hurry(struct daemon *daemon)
{
	daemon->is_waiting = false;
	loop_timer_set(daemon->timer, 0);
}

bool daemons_run(const struct daemons *daemons, const char *node)
{
	const struct daemon *daemon;

	LL_FOREACH(daemons->all, daemon)
		if (!strcmp(daemon->node, node) && !daemon->pid)
			return false;
	return true;
}

void daemons_forget(struct daemons *daemons)
{
	struct daemon *daemon, *next;

	LL_FOREACH_SAFE(daemons->all, daemon, next)
	{
		if (!daemon->is_unwanted)
			continue;
		LL_DELETE(daemons->all, daemon);
		daemon_free(daemon);
	}
}

const struct daemon *daemons_first(const struct daemons *daemons)
{
	return daemons->all;
}

static void set_up(struct daemon *daemon)
{
	(void)snprintf(daemon->state, sizeof(daemon->state), "up");
}

/* Time to start it again, or it was and has lived on. */
static void timer_fired(void *arg, uint64_t now_ns)
{
	struct daemon *daemon = arg;

	(void)now_ns;
	if (daemon->pid)
		set_up(daemon);
	else if (!daemon->is_unwanted && !daemon->is_held)
		daemon->daemons->ops.start(daemon->daemons->arg, daemon);
}

static struct daemon *add(struct daemons *daemons, const struct plan *plan, const struct step *step)
{
	struct daemon *daemon = calloc(1, sizeof(*daemon));

	if (!daemon)
		abort();
	daemon->daemons = daemons;
	set_step(daemon, plan, step);
	daemon->timer = loop_timer_new(daemons->loop, timer_fired, daemon, "daemon start");
	LL_APPEND(daemons->all, daemon);
	return daemon;
}

void daemons_started(struct daemons *daemons, const struct plan *plan, const struct step *step,
		     pid_t pid, int output)
{
	struct daemon *daemon = daemons_find(daemons, plan_text(plan, step->daemon.name));

	if (!daemon)
		daemon = add(daemons, plan, step);
	if (daemon->is_unwanted || !is_as_expected(daemon, plan, step)) {
		/* it was being started again when that was said */
		(void)close(output);
		(void)end(daemons, pid);
		return;
	}
	daemon->pid = pid;
	daemon->starts++;
	daemon->started_ns = loop_clock_ns();
	if (daemon->quick_ends)
		loop_timer_set(daemon->timer,
			       SETTLED_NS); /* until then how it ended is what to say */
	else
		set_up(daemon);
	daemons->ops.on_start(daemons->arg, daemon, output);
	for (size_t i = 0; i < EARLY_ENDS; i++) {
		struct early_end *end = &daemons->early[i];

		if (end->pid != pid || daemon->started_ns - end->ended_ns > EARLY_NS)
			continue;
		end->pid = 0;
		daemons_reaped(daemons, pid, end->status);
		return;
	}
}

void daemons_reaped(struct daemons *daemons, pid_t pid, int status)
{
	struct daemon *daemon;
	unsigned doublings;
	bool is_quick;

	LL_FOREACH(daemons->all, daemon)
		if (daemon->pid == pid)
			break;
	if (!daemon) {
		daemons->early[daemons->early_next++ % EARLY_ENDS] =
			(struct early_end){ pid, status, loop_clock_ns() };
		return;
	}
	if (daemon->is_unwanted) {
		daemon->pid = 0;
		return;
	}
	is_quick = loop_clock_ns() - daemon->started_ns < QUICK_NS;
	daemon->quick_ends = is_quick ? daemon->quick_ends + 1 : 0;
	daemon->pid = 0;
	if (daemon->end_reason)
		(void)snprintf(daemon->state, sizeof(daemon->state), "%s", daemon->end_reason);
	else if (WIFSIGNALED(status))
		(void)snprintf(daemon->state, sizeof(daemon->state), "ended by signal %d",
			       WTERMSIG(status));
	else
		(void)snprintf(daemon->state, sizeof(daemon->state), "ended with code %d",
			       WEXITSTATUS(status));
	doublings = daemon->quick_ends < MAX_DOUBLINGS ? daemon->quick_ends : MAX_DOUBLINGS;
	loop_timer_set(daemon->timer, FIRST_DELAY_NS << doublings);
	daemons->ops.on_end(daemons->arg, daemon);
	daemon->end_reason = NULL;
}
