/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a lab that is built to one of which all is as predicted, or to the end of patience. */
#include "netns/super/super.h"

/* A lab that has not come nearer to green for so long is not waited for. */
#define PATIENCE_FAST_NS  12000000000ull
#define PATIENCE_AZURE_NS 240000000000ull
#define PATIENCE_FAULT_NS 3000000000ull /* what is broken on purpose will not be green */

void super_add_stage(struct super *s, const char *name, uint64_t count, uint64_t took_ns)
{
	struct snapshot_stage *stage;
	json_t *json;

	if (s->stage_count == SUPER_STAGES_MAX)
		return;
	publisher_touch(s->publisher, CAUSE_STATE);
	stage = &s->stages[s->stage_count++];
	*stage = (struct snapshot_stage){ .name = name,
					  .step_count = (int64_t)count,
					  .took_ms = (double)took_ns / 1e6 };
	if (!s->starter)
		return;
	json = json_pack("{s:{s:s, s:I, s:f}}", "progress", "stage", name, "step_count",
			 (json_int_t)count, "took_ms", stage->took_ms);
	control_send(s->starter, json);
}

/* By what was seen since the lab is as it is: how many are green, and how many cannot be. */
struct seen {
	size_t green, undecided;
};

static struct seen count_seen(const struct super *s)
{
	uint64_t now_ns = loop_clock_ns();
	struct seen seen = { 0 };

	for (size_t i = 0; i < prober_count(s->prober); i++) {
		const struct probe *probe = prober_get(s->prober, i);

		if (probe->observed_ns < s->built_ns)
			continue;
		seen.green += probe_colour(probe, now_ns) == PROBE_GREEN;
		seen.undecided += probe->prediction.is_by_flow;
	}
	return seen;
}

/* Also what no probe depends on has arrived: prefixes of networks that no machine stands for. */
static bool is_as_predicted(const struct super *s)
{
	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++)
		if (!rib_equal(&s->wanted->ribs[i],
			       controller_rib(s->controller, s->wanted->graph->speakers.items[i])))
			return false;
	return true;
}

static void be_patient(struct super *s)
{
	uint64_t guests_ns = guests_client_patience_ns(s->guests);
	size_t fault_count;

	(void)faults_standing(s->faults, &fault_count);
	if (guests_ns) {
		loop_timer_set(s->deadline, guests_ns);
		return;
	}
	loop_timer_set(s->deadline, s->wanted->lab->timers.value == TIMERS_AZURE ? PATIENCE_AZURE_NS
				    : fault_count                                ? PATIENCE_FAULT_NS
						  : PATIENCE_FAST_NS);
}

static void answer_starter(struct super *s)
{
	struct err err = { 0 };

	if (!s->starter)
		return;
	super_reply(s->starter, s->starter_id, super_topic(s, "lab", &err));
	s->starter = NULL;
}

void super_check_convergence(void *arg, uint64_t now_ns)
{
	struct super *s = arg;
	struct seen seen;
	size_t sessions, tunnels_up, tunnels;

	if (s->state != SUPER_CONVERGING)
		return;
	sessions = controller_sessions_up(s->controller);
	tunnels = tunnels_count(s->tunnels, &tunnels_up);
	seen = count_seen(s);
	if (sessions + seen.green + tunnels_up > s->best) {
		s->best = sessions + seen.green + tunnels_up;
		be_patient(s);
	}
	if (!s->tunnels_ns && tunnels && tunnels_are_settled(s->tunnels)) {
		s->tunnels_ns = now_ns;
		super_add_stage(s, "tunnels", tunnels_up, now_ns - s->built_ns);
	}
	if (!s->sessions_ns && sessions == bgp_session_count(s->wanted->graph)) {
		s->sessions_ns = now_ns;
		super_add_stage(s, "sessions", bgp_session_count(s->wanted->graph),
				now_ns - s->built_ns);
	}
	if (!s->sessions_ns || seen.green + seen.undecided != prober_count(s->prober) ||
	    !controller_is_settled(s->controller) || !is_as_predicted(s) ||
	    !drift_is_settled(s->drift) || !tunnels_are_settled(s->tunnels) ||
	    routers_are_busy(s->routers) || guests_client_patience_ns(s->guests))
		return;
	super_add_stage(s, "probes", prober_count(s->prober), now_ns - s->sessions_ns);
	loop_timer_cancel(s->deadline);
	super_set_state(s, SUPER_RUNNING);
	journal_add(s->journal, "lab", "up: %u sessions, %zu probes green, after %.2f s",
		    bgp_session_count(s->wanted->graph), seen.green,
		    (double)(now_ns - s->started_ns) / 1e9);
	answer_starter(s);
}

void super_end_convergence(struct super *s, uint64_t now_ns)
{
	super_set_state(s, SUPER_RUNNING);
	journal_add(s->journal, "lab", "not all is green after %.0f s",
		    (double)(now_ns - s->started_ns) / 1e9);
	answer_starter(s);
}

void super_come_nearer(struct super *s)
{
	if (s->state != SUPER_CONVERGING)
		return;
	be_patient(s);
	prober_hurry(s->prober);
	loop_timer_set(s->check, 0);
}

void super_converge(struct super *s)
{
	super_set_state(s, SUPER_CONVERGING);
	s->built_ns = loop_clock_ns();
	s->sessions_ns = s->tunnels_ns = 0;
	s->best = 0;
	be_patient(s);
	controller_start(s->controller);
	prober_start(s->prober);
	loop_timer_set(s->check, 0);
}
