/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Setting and clearing faults: the list of them is another, and so is what is wanted; the
 * difference goes to the engine as any change does, but the lab itself stays, with its sessions and
 * probes.
 */
#include "netns/super/super.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

/* A fault on its way through the engine. */
struct fault_run {
	struct fault_run *prev, *next;
	struct super *super;
	unsigned number;               /* 0: all that were on */
	int64_t command;               /* of the history */
	struct control_client *client; /* NULL: nobody is to be answered */
	json_t *id;
};

static void run_free(struct fault_run *run)
{
	DL_DELETE(run->super->fault_runs, run);
	json_decref(run->id);
	free(run);
}

static struct fault_run *run_new(struct super *s, unsigned number, struct control_client *client,
				 const json_t *id)
{
	struct fault_run *run = calloc(1, sizeof(*run));

	if (!run)
		abort();
	*run = (struct fault_run){ .super = s,
				   .number = number,
				   .command = s->asked,
				   .client = client,
				   .id = json_deep_copy(id) };
	DL_APPEND(s->fault_runs, run);
	return run;
}

void super_fault_forget(struct super *s, const struct control_client *client)
{
	struct fault_run *run;

	DL_FOREACH(s->fault_runs, run)
		if (run->client == client)
			run->client = NULL;
}

/* ---- what the engine does ---- */

static void answer(const struct fault_run *run, const struct err *err)
{
	struct arena *arena = arena_new();
	struct snapshot_fault fault = { 0 };

	if (run->client && err)
		super_refuse(run->client, run->id, err);
	else if (run->client && faults_fill_one(run->super->faults, run->number, &fault, arena))
		super_reply(run->client, run->id, record_encode(&snapshot_fault_record, &fault));
	else if (run->client)
		super_reply(run->client, run->id, NULL);
	arena_free(arena);
}

/* From one state to the other; `fn` gets `run`. */
static void go(struct super *s, const struct plan *from, bool is_undo, engine_applied_fn *fn,
	       void *arg)
{
	struct plan *to = super_standing_plan(s), *changes = plan_diff(from, to);

	plan_free(to);
	super_history_plan(s, s->asked, changes);
	super_let_go(s, changes);
	engine_client_apply(s->engine, changes, is_undo, fn, arg);
}

static void fault_set(void *arg, const struct err *err)
{
	struct fault_run *run = arg;
	struct super *s = run->super;

	if (err) {
		struct plan *half_made = super_standing_plan(s);

		journal_add(s->journal, "fault", "fault %u is not set: %s", run->number, err->text);
		faults_drop(s->faults, run->number);
		go(s, half_made, true, NULL, NULL);
		plan_free(half_made);
	}
	super_history_end(s, run->command, err);
	super_want_guests(s); /* what they see of their ports */
	answer(run, err);
	run_free(run);
	publisher_touch(s->publisher, CAUSE_STATE);
	super_go_on(s);
}

/* What could not be taken back is told; the fault is over all the same: 'hublab up' tries again. */
static void fault_cleared(void *arg, const struct err *err)
{
	struct fault_run *run = arg;
	struct super *s = run->super;

	if (err)
		journal_add(s->journal, "fault", "not wholly cleared: %s", err->text);
	super_history_end(s, run->command, err);
	super_want_guests(s); /* what they see of their ports */
	answer(run, err);
	run_free(run);
	publisher_touch(s->publisher, CAUSE_STATE);
	super_go_on(s);
}

/* ---- daemons ---- */

static const struct fault_target *find_target(const struct fault_targets *targets,
					      const struct fault *fault)
{
	return fault_find_target(targets, fault->kind, fault->target, NULL);
}

static int kill_daemons(struct super *s, const struct fault_target *target, bool is_held,
			struct err *err)
{
	unsigned killed = 0;

	for (size_t i = 0; i < target->daemons.count; i++) {
		const char *node = target->daemons.items[i];

		if (is_held)
			daemons_hold(s->daemons, node, true);
		killed += daemons_kill(s->daemons, node);
	}
	if (killed || is_held)
		return 0;
	return err_set(err, -ESRCH, "the daemon of '%s' does not run", target->name);
}

static void let_daemons_go(struct super *s, const struct fault *fault)
{
	struct arena *arena = arena_new();
	struct fault_targets targets = fault_list_targets(s->wanted->graph, arena);
	const struct fault_target *target = find_target(&targets, fault);

	for (size_t i = 0; target && i < target->daemons.count; i++)
		daemons_hold(s->daemons, target->daemons.items[i], false);
	arena_free(arena);
}

static bool has_daemon(const struct fault_target *target, const char *node)
{
	for (size_t i = 0; i < target->daemons.count; i++)
		if (!strcmp(target->daemons.items[i], node))
			return true;
	return false;
}

static bool runs_all(struct super *s, const struct fault_target *target)
{
	for (size_t i = 0; i < target->daemons.count; i++)
		if (!daemons_run(s->daemons, target->daemons.items[i]))
			return false;
	return true;
}

void super_fault_daemon_started(struct super *s, const char *node)
{
	struct arena *arena = arena_new();
	struct fault_targets targets = { 0 };
	const struct fault *standing;
	size_t count;

	standing = faults_standing(s->faults, &count);
	for (size_t i = count; i-- > 0;) {
		unsigned number = faults_number(s->faults, i);
		const struct fault_target *target;

		if (standing[i].kind != FAULT_KILL || faults_is_timed(s->faults, number))
			continue;
		if (!targets.targets.count)
			targets = fault_list_targets(s->wanted->graph, arena);
		target = find_target(&targets, &standing[i]);
		if (target && has_daemon(target, node) && runs_all(s, target))
			faults_end(s->faults, number, "the daemon was started again");
	}
	arena_free(arena);
}

/* ---- requests ---- */

static int check_free(const struct super *s, struct err *err)
{
	if (!s->wanted)
		return err_set(err, -EAGAIN, "the lab has no file yet");
	if (s->next || s->state < SUPER_CONVERGING)
		return err_set(err, -EBUSY,
			       "lab '%s' is being changed: try again when that is done", s->name);
	return 0;
}

#define DELAY_MAX_MS 60000.0
#define FOR_MAX_MS   (24 * 3600 * 1000.0)

static int read_fault(const json_t *request, struct fault *fault, double *ret_for_ms,
		      struct err *err)
{
	const char *kind = json_string_value(json_object_get(request, "kind"));

	fault->target = json_string_value(json_object_get(request, "target"));
	fault->delay_ms = json_number_value(json_object_get(request, "delay_ms"));
	*ret_for_ms = json_number_value(json_object_get(request, "for_ms"));
	if (!kind || !fault->target)
		return err_set(err, -EPROTO, "'fault' needs 'kind' and 'target'");
	fault->kind = fault_kind_named(kind);
	if (fault->kind == FAULT_KIND_COUNT)
		return err_set(err, -EINVAL, "there is no fault '%.40s'", kind);
	if (fault->kind == FAULT_DELAY && !(fault->delay_ms > 0 && fault->delay_ms <= DELAY_MAX_MS))
		return err_set(err, -EINVAL, "a delay is more than 0 and at most %g ms",
			       DELAY_MAX_MS);
	if (*ret_for_ms < 0 || *ret_for_ms > FOR_MAX_MS)
		return err_set(err, -EINVAL, "a fault can be set for at most a day");
	return 0;
}

static void set_fault(struct super *s, const struct fault_target *target, const struct fault *fault,
		      double for_ms, struct control_client *client, const json_t *id,
		      struct err *err)
{
	bool is_kill = fault->kind == FAULT_KILL;
	struct plan *before = is_kill ? NULL : super_standing_plan(s);
	unsigned number = faults_add(s->faults, fault, (uint64_t)(for_ms * 1e6), err);

	if (number && is_kill && kill_daemons(s, target, for_ms > 0, err))
		faults_drop(s->faults, number);
	else if (number && is_kill)
		fault_set(run_new(s, number, client, id), NULL);
	else if (number)
		go(s, before, false, fault_set, run_new(s, number, client, id));
	plan_free(before);
}

int super_fault_set(struct super *s, struct control_client *client, const json_t *id,
		    const json_t *request, struct err *err)
{
	struct arena *arena = arena_new();
	struct fault fault = { 0 };
	struct fault_targets targets;
	const struct fault_target *target = NULL;
	double for_ms = 0;

	if (!check_free(s, err) && !read_fault(request, &fault, &for_ms, err)) {
		targets = fault_list_targets(s->wanted->graph, arena);
		target = fault_find_target(&targets, fault.kind, fault.target, err);
	}
	if (target) {
		fault.target = target->name;
		set_fault(s, target, &fault, for_ms, client, id, err);
	}
	arena_free(arena);
	return err->code;
}

/* That one, or with 0 all that are on. */
static void clear(struct super *s, unsigned number, const char *why, struct control_client *client,
		  const json_t *id)
{
	struct plan *before = super_standing_plan(s);
	struct fault_run *run;
	size_t count;

	(void)faults_standing(s->faults, &count);
	while (count-- > 0) {
		unsigned each = faults_number(s->faults, count);
		const struct fault *fault = faults_find(s->faults, each);

		if (number && each != number)
			continue;
		if (fault->kind == FAULT_KILL)
			let_daemons_go(s, fault);
		faults_end(s->faults, each, why);
	}
	run = run_new(s, number, client, id);
	go(s, before, false, fault_cleared, run);
	plan_free(before);
}

void super_fault_due(void *super, unsigned number)
{
	struct super *s = super;

	if (!faults_find(s->faults, number))
		return;
	super_history_begin_clear(s, number);
	clear(s, number, "its time is over", NULL, NULL);
	super_history_asked(s, false);
}

/* Which is meant by a request without a number: the only one. */
static unsigned only_fault(struct super *s, struct err *err)
{
	char text[200];
	size_t count;

	(void)faults_standing(s->faults, &count);
	faults_print(s->faults, text, sizeof(text));
	if (count > 1)
		err_set(err, -EINVAL, "%s: say which, or 'all'", text);
	else if (!count)
		err_set(err, -ENOENT, "no fault is on");
	return count == 1 ? faults_number(s->faults, 0) : 0;
}

int super_fault_clear(struct super *s, struct control_client *client, const json_t *id,
		      const json_t *request, struct err *err)
{
	json_int_t number = json_integer_value(json_object_get(request, "number"));
	bool is_all = json_is_true(json_object_get(request, "all"));
	char text[200];

	if (check_free(s, err))
		return err->code;
	faults_print(s->faults, text, sizeof(text));
	if (!number && !is_all)
		number = only_fault(s, err);
	else if (is_all && !*text)
		err_set(err, -ENOENT, "no fault is on");
	else if (!is_all &&
		 (number < 1 || number > UINT32_MAX || !faults_find(s->faults, (unsigned)number)))
		err_set(err, -ENOENT, "there is no fault %lld that is on%s%s", (long long)number,
			*text ? ": " : "", text);
	if (err->code)
		return err->code;
	clear(s, (unsigned)number, NULL, client, id);
	return 0;
}

void super_check_faults(struct super *s)
{
	struct arena *arena = arena_new();
	struct fault_targets targets;
	const struct fault *standing;
	size_t count;

	standing = faults_standing(s->faults, &count);
	if (count)
		targets = fault_list_targets(s->wanted->graph, arena);
	while (count-- > 0)
		if (!find_target(&targets, &standing[count]))
			faults_end(s->faults, faults_number(s->faults, count),
				   "what it was set on is in the lab no more");
	arena_free(arena);
}

/* ---- topics ---- */

void super_fill_faults(struct super *s, struct snapshot_lab *lab, struct arena *arena)
{
	size_t count;
	const struct fault *faults = faults_standing(s->faults, &count);

	lab->fault_count = (int64_t)count;
	for (size_t i = 0; i < count; i++) {
		char text[260];

		fault_print(&faults[i], text, sizeof(text));
		*ARENA_PUSH(arena, lab->faults.items, lab->faults.count) =
			arena_printf(arena, "%u %s", faults_number(s->faults, i), text);
	}
}

json_t *super_topic_faults(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_faults out = { 0 };

	(void)name;
	(void)err;
	faults_fill(s->faults, &out, arena);
	return record_encode(&snapshot_faults_record, &out);
}

json_t *super_topic_targets(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct fault_targets targets = fault_list_targets(s->wanted->graph, arena);
	struct snapshot_targets out = { 0 };

	(void)name;
	(void)err;
	for (size_t i = 0; i < targets.targets.count; i++) {
		const struct fault_target *target = &targets.targets.items[i];
		struct snapshot_target *row =
			ARENA_PUSH(arena, out.targets.items, out.targets.count);

		row->name = target->name;
		row->what = target->what;
		for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
			if (fault_can_break(target, (enum fault_kind)kind))
				*ARENA_PUSH(arena, row->kinds.items, row->kinds.count) =
					fault_kind_names[kind];
	}
	return record_encode(&snapshot_targets_record, &out);
}
