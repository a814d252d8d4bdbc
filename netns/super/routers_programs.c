/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemons of routers that are guests: run by the agents there. */
#include "netns/super/routers_parts.h"

#include "lab/base/text_file.h"
#include "netns/guest/door.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <utlist.h>

const struct step *routers_find_step(const struct plan *plan, const char *daemon)
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

/* With its guest, or its agent: routers_start is then asked in vain. */
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
	if (daemon)
		daemons_find(daemons, daemon->name)->end_reason = "ended with its guest";
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

void routers_start_program(struct router *router, const struct plan *plan, const struct step *step)
{
	struct routers *routers = router->routers;
	struct daemon *daemon = daemons_find(routers->daemons, plan_text(plan, step->daemon.name));
	char *command, path[256];
	const char *words[] = { "sh", "-c", NULL, NULL };
	struct program *program;
	struct err err = { 0 };
	int output;

	if (daemon && (daemon->pid || daemon->is_held))
		return;
	words[2] = command = command_of(router, plan, step);
	program = calloc(1, sizeof(*program));
	if (!program)
		abort();
	*program = (struct program){ .router = router, .pid = --routers->last_pid };
	(void)snprintf(path, sizeof(path), "/run/%s", plan_text(plan, step->daemon.control));
	program->door = door_new(routers->loop, path, routers_agent(router), &err);
	if (!program->door ||
	    agent_spawn(routers_agent(router), words, on_program_end, program, &output, &err)) {
		journal_add(routers->journal, "daemon", "%s: %s", plan_text(plan, step->ns),
			    err.text);
		if (daemon)
			daemon->is_waiting = true;
		routers_try_again(router, err.text);
		door_free(program->door);
		free(program);
	} else {
		LL_PREPEND(router->programs, program);
		daemons_started(routers->daemons, plan, step, program->pid, output);
	}
	free(command);
}

/* All that are to run and do not. */
void routers_start_programs(struct router *router)
{
	struct daemons *daemons = router->routers->daemons;
	const struct plan *plan = router->told;

	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		struct daemon *daemon;

		if (step->kind != STEP_DAEMON)
			continue;
		daemon = daemons_find(daemons, plan_text(plan, step->daemon.name));
		if (daemon && daemon->is_waiting)
			daemon_hurry(daemon);
		else if (!daemon || !strcmp(daemon->state, "starting"))
			routers_start_program(router, plan, step);
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
			agent_forget(routers_agent(router), program);
			program_end(program, 128 + SIGKILL);
			return;
		}
}

void routers_drop_programs(struct router *router)
{
	struct program *program, *next;

	LL_FOREACH_SAFE(router->programs, program, next)
	{
		agent_forget(routers_agent(router), program);
		door_free(program->door);
		free(program);
	}
	router->programs = NULL;
}
