/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From what runs to what is wanted: the difference of two plans goes to the engine, daemons that
 * stay go on with what they know, and when a step fails what was done is taken back.
 */
#include "lab/base/cleanup.h"
#include "lab/base/secret.h"
#include "lab/plan/compile.h"
#include "netns/guest/disk_image.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <utlist.h>

#define TIME_TO_LEAVE_NS 100000000u /* for the answer, before a lab that is none ends */

/* ---- what the engine made, and what goes ---- */

static struct held_responder *find_responder(const struct super *s, const char *ns, uint32_t port)
{
	struct held_responder *held;

	LL_FOREACH(s->responders, held)
		if (held->port == port && !strcmp(held->ns, ns))
			return held;
	return NULL;
}

static void drop_responder(struct super *s, const char *ns, uint32_t port)
{
	struct held_responder *held = find_responder(s, ns, port);

	if (!held)
		return;
	LL_DELETE(s->responders, held);
	responder_free(held->responder);
	free(held);
}

static void hold_responder(struct super *s, const struct plan *plan, const struct step *step,
			   int fd)
{
	const char *ns = plan_text(plan, step->ns);
	struct held_responder *held = calloc(1, sizeof(*held) + strlen(ns) + 1);

	if (!held)
		abort();
	drop_responder(s, ns, step->listener.port); /* one that was to go, and did not */
	strcpy(held->ns, ns);                       /* the size was taken from it */
	held->port = step->listener.port;
	held->responder = responder_new(s->loop, fd, plan_text(plan, step->listener.answer));
	LL_PREPEND(s->responders, held);
}

void super_made(void *arg, const struct plan *changes, const struct engine_made *made)
{
	const struct step *step = &changes->steps[made->step];
	struct super *s = arg;
	struct err err = { 0 };

	if (step->kind == STEP_DAEMON)
		daemons_started(s->daemons, changes, step, made->pid, made->fds[0]);
	else if (step->kind == STEP_LISTENER)
		hold_responder(s, changes, step, made->fds[0]);
	else if (step->kind == STEP_CABLE &&
		 wire_client_add(s->wire, changes, step, made->fds, &err))
		journal_add(s->journal, "engine", "wire: %s", err.text);
}

void super_let_go(struct super *s, const struct plan *changes)
{
	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];

		if (step->kind == STEP_DAEMON && step->verb == STEP_REMOVE) {
			daemons_let_go(s->daemons, plan_text(changes, step->daemon.name));
			logs_drop(s->logs, plan_text(changes, step->daemon.name));
		} else if (step->kind == STEP_DAEMON) {
			daemons_expect(s->daemons, changes, step);
		} else if (step->kind == STEP_CABLE && step->verb == STEP_CHANGE) {
			wire_client_set(s->wire, changes, step);
		} else if (step->kind == STEP_LISTENER && step->verb == STEP_REMOVE) {
			drop_responder(s, plan_text(changes, step->ns), step->listener.port);
		}
	}
	guests_client_let_go(s->guests, changes);
}

/* The descriptors of cables that went; one that was made anew has them no more. */
static void drop_cables(struct super *s, const struct plan *changes)
{
	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];
		bool is_made_again = false;

		if (step->kind != STEP_CABLE || step->verb != STEP_REMOVE)
			continue;
		for (uint32_t n = i + 1; n < changes->step_count; n++)
			is_made_again |= changes->steps[n].kind == STEP_CABLE &&
					 changes->steps[n].verb == STEP_ADD &&
					 changes->steps[n].ns == step->ns &&
					 changes->steps[n].cable.a.ifindex == step->cable.a.ifindex;
		if (!is_made_again)
			wire_client_remove(s->wire, changes, step);
	}
}

/* The ports of those that are wanted are there. */
void super_want_guests(struct super *s)
{
	bool has_guests = guests_client_is_used(s->guests);
	const struct fault *faults;
	struct plan *plan;
	size_t count;

	for (size_t i = 0; i < s->wanted->topology->nodes.count && !has_guests; i++)
		has_guests = node_is_guest(s->wanted->topology->nodes.items[i]);
	if (!has_guests)
		return;
	plan = super_standing_plan(s);
	guests_client_want(s->guests, plan);
	plan_free(plan);
	faults = faults_standing(s->faults, &count);
	routers_want(s->routers, s->wanted->topology, s->wanted->graph, faults, count);
	dhcp_server_want(s->dhcp, s->wanted->topology);
}

/* Daemons that stay read what was written for them. */
void super_configure_daemons(struct super *s, const struct plan *changes)
{
	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];

		if (step->kind != STEP_FILE || step->verb != STEP_CHANGE)
			continue;
		for (size_t n = 0; n < s->wanted->graph->speakers.count; n++) {
			const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[n];
			char path[ROUTING_CONF_SIZE];

			routing_conf_path(speaker, path);
			if (!strcmp(path, plan_text(changes, step->file.path)))
				controller_configure(s->controller, speaker->node->name);
		}
	}
}

/* ---- models ---- */

/* The probes of what is wanted; they know what those before them have seen. */
static void replace_prober(struct super *s)
{
	const struct lab *lab = s->wanted->lab;
	const struct probe_spec **specs = calloc(lab->probes.count + 1, sizeof(*specs));
	struct prober *earlier = s->lab_slot.prober;

	if (!specs)
		abort();
	for (size_t i = 0; i < lab->probes.count; i++)
		specs[i] = &lab->probes.items[i];
	s->lab_slot.prober = NULL; /* it is still asked below */
	s->prober = super_new_prober(s, &s->lab_slot, specs, lab->probes.count, super_on_result);
	free(specs);
	if (earlier)
		prober_inherit(s->prober, earlier);
	prober_free(earlier);
	prober_predict(s->prober, s->wanted->fabric);
}

struct plan *super_standing_plan(struct super *s)
{
	struct plan *plan = wanted_plan(s->wanted, controller_tables(s->controller));
	const struct fault *faults;
	size_t count;

	faults = faults_standing(s->faults, &count);
	plan_apply_faults(plan, s->wanted->graph, faults, count);
	return plan;
}

void super_note_kernel(struct super *s)
{
	if (s->wanted)
		s->wanted->topology->lacks =
			(struct kernel_lacks){ .vlan = !s->features.has_vlan,
					       .mac_sec = !s->features.has_mac_sec };
}

/* The lab in the place of what is wanted now, whose daemons and probes go on as far as they can. */
static void make_models(struct super *s, struct lab *lab)
{
	static const struct controller_ops ops = { super_on_controller_change, super_on_program,
						   super_on_learned,           super_on_told,
						   super_on_silence,           super_on_line };

	super_forget_told(s);
	s->wanted = wanted_new(lab, s->before.wanted, s->paths);
	super_note_kernel(s);
	s->controller =
		controller_new(s->loop, s->wanted->graph, s->paths, s->engine, s->journal, &ops, s);
	if (s->before.controller)
		controller_take_over(s->controller, s->before.controller);
	flows_name(s->flows, s->wanted->topology);
	traffic_let_go(s->traffic);
	tunnels_want(s->tunnels, s->wanted->topology);
	super_note_outlooks(s);
	replace_prober(s);
}

static void forget_before(struct super *s)
{
	plan_free(s->before.plan);
	controller_free(s->before.controller);
	wanted_free(s->before.wanted);
	source_fini(&s->before.source);
	s->before = (struct super_before){ 0 };
}

static void refuse_starter(struct super *s, const struct err *failure)
{
	struct err err = *failure;

	if (err.pos.line)
		err.pos.file = s->source.file;
	if (s->starter)
		super_refuse(s->starter, s->starter_id, &err);
	s->starter = NULL;
}

/* ---- the first plan ---- */

static void built(void *arg, const struct err *err)
{
	struct super *s = arg;

	super_history_end(s, s->change, err);
	if (!err) {
		super_want_guests(s);
		drift_open(s->drift, s->engine);
		flows_open(s->flows, s->engine);
		super_converge(s);
		return;
	}
	journal_add(s->journal, "lab", "not built: %s", err->text);
	refuse_starter(s, err);
	super_set_state(s, SUPER_EMPTY);
	loop_timer_set(s->deadline, TIME_TO_LEAVE_NS);
}

static void build(struct super *s, struct lab *lab)
{
	make_models(s, lab);
	controller_hold_sites(s->controller);
	super_set_state(s, SUPER_BUILDING);
	journal_add(s->journal, "lab", "building from %s", s->source.file);
	s->is_unplanned = true;
	loop_timer_set(s->go_on, 0); /* the loop goes on between that and its plan */
}

static void build_plan(struct super *s)
{
	struct plan *nothing = plan_new(), *wanted, *changes;

	s->is_unplanned = false;
	wanted = super_standing_plan(s);
	changes = plan_diff(nothing, wanted);
	plan_free(nothing);
	history_add_az(s->history, s->change, NULL, s->wanted->lab);
	super_history_plan(s, s->change, changes);
	drift_want(s->drift, s->wanted->topology, wanted);
	engine_client_apply(s->engine, changes, false, built, s);
}

/* ---- a change ---- */

/* Changes on their way through the engine. */
struct change_run {
	struct super *super;
	struct plan *changes; /* a copy: the engine's goes with it */
};

static void change_run_free(struct change_run *run)
{
	plan_free(run->changes);
	free(run);
}

/* The plan is taken; `fn` gets a struct change_run, which it frees. */
static void run_changes(struct super *s, struct plan *changes, bool is_undo, engine_applied_fn *fn)
{
	struct change_run *run = calloc(1, sizeof(*run));

	if (!run)
		abort();
	run->super = s;
	run->changes = plan_new();
	plan_append(run->changes, changes);
	super_let_go(s, changes);
	engine_client_apply(s->engine, changes, is_undo, fn, run);
}

/* What was before stands again, as far as it could be brought back. */
static void taken_back(void *arg, const struct err *err)
{
	struct change_run *run = arg;
	struct super *s = run->super;

	(void)err; /* an undo goes on after what fails */
	drop_cables(s, run->changes);
	change_run_free(run);
	daemons_forget(s->daemons);
	tunnels_settle(s->tunnels);
	super_want_guests(s);
	forget_before(s);
	refuse_starter(s, &s->failure);
	super_converge(s);
}

/* The lab before is the lab again, and the way to it is the way back. */
static void take_back(struct super *s, const struct err *failure)
{
	struct plan *half_made = super_standing_plan(s), *wanted, *back;
	struct super_before now = { s->source, s->wanted, s->controller, half_made };

	s->failure = *failure;
	super_history_end(s, s->change, failure);
	journal_add(s->journal, "lab", "not changed: %s", failure->text);
	super_forget_told(s);
	s->source = s->before.source;
	s->wanted = s->before.wanted;
	s->controller = s->before.controller;
	plan_free(s->before.plan);
	s->before = now;
	controller_take_over(s->controller, s->before.controller); /* with what was learned since */
	wanted = super_standing_plan(s);
	back = plan_diff(half_made, wanted);
	drift_want(s->drift, s->wanted->topology, wanted);
	flows_name(s->flows, s->wanted->topology);
	traffic_let_go(s->traffic);
	tunnels_want(s->tunnels, s->wanted->topology);
	replace_prober(s);
	publisher_restart(s->publisher);
	run_changes(s, back, true, taken_back);
}

static void changed(void *arg, const struct err *err)
{
	struct change_run *run = arg;
	struct super *s = run->super;

	if (err) {
		take_back(s, err);
	} else {
		super_history_end(s, s->change, NULL);
		super_configure_daemons(s, run->changes);
		drop_cables(s, run->changes);
		daemons_forget(s->daemons);
		tunnels_settle(s->tunnels);
		super_want_guests(s);
		forget_before(s);
		super_check_faults(s);
		super_converge(s);
	}
	change_run_free(run);
}

static bool are_same(const struct stored_change *a, const struct stored_change *b)
{
	return !strcmp(a->path, b->path) && !a->value == !b->value &&
	       (!a->value || !strcmp(a->value, b->value));
}

/* Pre-shared keys are for nobody's journal. */
static const char *words_of(const struct stored_change *change, const char *value)
{
	if (!value)
		return "nothing";
	return secret_is_named(change->path) || secret_is_named(value) ? "(a key)" : value;
}

/* What changes comes first: lines are cut at their end. */
static const char *key_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* By which words the lab became another one, for all who look at it. */
static void tell_changes(struct super *s)
{
	const struct source *before = &s->before.source, *now = &s->source;
	const struct lab *lab = s->wanted->lab;
	size_t same = 0;

	while (same < before->change_count && same < now->change_count &&
	       are_same(&before->changes[same], &now->changes[same]))
		same++;
	for (size_t i = before->change_count; i > same; i--) {
		const struct stored_change *change = &before->changes[i - 1];

		journal_add(s->journal, "change", "taken back: %s is %s again, at %s",
			    key_of(change->path), words_of(change, change->old), change->path);
	}
	for (size_t i = same; i < now->change_count; i++) {
		const struct stored_change *change = &now->changes[i];

		journal_add(s->journal, "change", "%s: %s -> %s, at %s", key_of(change->path),
			    words_of(change, change->old), words_of(change, change->value),
			    change->path);
	}
	if (lab->step && lab->step != (before->step ? before->step : 1))
		journal_add(s->journal, "change", "step %u: %s", lab->step,
			    lab->steps.items[lab->step - 1].name.value);
}

static void change(struct super *s, struct lab *lab)
{
	struct plan *wanted, *changes;

	super_test_end(s, NULL, "the lab is being changed");
	super_mesh_end(s, NULL, "the lab is being changed");
	s->before.wanted = s->wanted;
	s->before.controller = s->controller;
	s->before.plan = super_standing_plan(s);
	make_models(s, lab);
	super_set_state(s, SUPER_CHANGING);
	publisher_restart(s->publisher);
	wanted = super_standing_plan(s);
	changes = plan_diff(s->before.plan, wanted);
	history_add_az(s->history, s->change, s->before.wanted->lab, s->wanted->lab);
	super_history_plan(s, s->change, changes);
	drift_want(s->drift, s->wanted->topology, wanted);
	tell_changes(s);
	journal_add(s->journal, "lab", "changing: %u objects of the machine", changes->step_count);
	run_changes(s, changes, false, changed);
}

void super_go_on(struct super *s)
{
	struct lab *lab = s->next;

	if (s->is_unplanned)
		build_plan(s);
	if (!lab || s->fault_runs || (s->wanted && controller_is_busy(s->controller)))
		return;
	s->next = NULL;
	if (s->wanted)
		change(s, lab);
	else
		build(s, lab);
}

/* ---- what others changed ---- */

static void mended(void *arg, const struct err *err)
{
	struct super *s = arg;

	super_history_end(s, s->mending, err);
	if (err)
		journal_add(s->journal, "drift", "not mended: %s", err->text);
	if (s->next || s->state < SUPER_CONVERGING)
		return; /* the lab is being changed: who asks now asked for that */
	if (err)
		refuse_starter(s, err);
	super_converge(s);
}

int super_mend(struct super *s, struct control_client *client, const json_t *id, struct err *err)
{
	struct plan *wanted, *removals, *additions;

	if (s->state < SUPER_CONVERGING || s->next || controller_is_busy(s->controller))
		return err_set(err, -EBUSY,
			       "lab '%s' is being changed: try again when that is done", s->name);
	refuse_starter(s, &(struct err){ .code = -ECANCELED,
					 .text = "the lab was changed again meanwhile" });
	s->starter = client;
	json_decref(s->starter_id);
	s->starter_id = json_deep_copy(id);
	s->started_ns = loop_clock_ns();
	s->stage_count = 0;
	wanted = super_standing_plan(s);
	drift_mend(s->drift, wanted, &removals, &additions);
	s->mending = s->asked;
	super_history_plan(s, s->mending, removals);
	super_history_plan(s, s->mending, additions);
	plan_free(wanted);
	journal_add(s->journal, "drift", "mending: %u objects of the machine",
		    removals->step_count + additions->step_count);
	engine_client_apply(s->engine, removals, true, NULL, NULL);
	engine_client_apply(s->engine, additions, false, mended, s);
	return 0;
}

double super_unix_time(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What guests are to boot is on the host, and may have gone. */
static int refuse_images(const struct lab *lab, struct err *err)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };

	disk_images_check(lab, &diags);
	return diags_fail(&diags, lab->file, err);
}

int super_apply(struct super *s, struct control_client *client, const json_t *id,
		struct source *source, struct err *err)
{
	bool is_first = !s->wanted;
	struct lab *lab;

	if (s->next || s->state == SUPER_BUILDING || s->state == SUPER_CHANGING)
		err_set(err, -EBUSY, "lab '%s' is being changed: try again when that is done",
			s->name);
	lab = err->code ? NULL : source_parse(source, err);
	if (lab && (guests_check_lab(lab, is_first ? NULL : s->wanted->lab, err) ||
		    refuse_images(lab, err))) {
		lab_free(lab);
		lab = NULL;
		if (is_first)
			loop_timer_set(s->deadline, TIME_TO_LEAVE_NS);
	}
	if (lab && !is_first)
		refuse_starter(s, &(struct err){ .code = -ECANCELED,
						 .text = "the lab was changed again meanwhile" });
	if (!lab) {
		source_fini(source);
		return err->code ? err->code : err_set(err, -EINVAL, "the lab is not valid");
	}
	s->before.source = s->source;
	s->source = *source;
	s->starter = client;
	json_decref(s->starter_id);
	s->starter_id = json_deep_copy(id);
	s->started_ns = loop_clock_ns();
	s->stage_count = 0;
	loop_timer_cancel(s->deadline);
	if (is_first)
		s->up_since = super_unix_time();
	s->change = s->asked;
	s->next = lab; /* the loop goes on between reading and planning it */
	loop_timer_set(s->go_on, 0);
	return 0;
}
