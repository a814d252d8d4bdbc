/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The expectations of the lab's step, looked at until each is decided: one that needs something to
 * be there when it is seen, one that needs something not to be there when the lab has settled and
 * it stayed away for a while. What cannot be seen, or is seen in a lab that is not what its file
 * says, is unknown.
 */
#include "lab/expect/expect.h"
#include "netns/super/cable_watch.h"
#include "netns/super/super.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS     50000000ull
#define STABLE_NS   1000000000ull /* what must not be there is not seen for so long */
#define LATELY_NS   STABLE_NS     /* what crossed a cable is not counted any more after so long */
#define INTERVAL_MS 100           /* between two packets of a flow */
#define FAILURES    2             /* in a row are a flow that fails */

struct case_state {
	const struct expectation *expectation;
	const struct probe *probe; /* of a flow */
	struct probe_spec spec;
	struct judgement judgement;
	bool is_decided;
	uint64_t since_ns;  /* it was met, without a break; 0: it is not */
	uint64_t seen_then; /* packets seen to have an answer or none by then */
	double took_ms;
};

struct tester {
	struct super *super;
	struct control_client *client;
	json_t *id;
	bool gives_way; /* to one that does not */
	struct loop_timer *timer;
	struct case_state *cases;
	size_t count;
	uint64_t started_ns;        /* when the lab was up; 0 while it is not */
	struct cable_watch *cables; /* NULL: no flow is to be encrypted, or not to be */
	uint32_t generation;        /* by which its sockets, which come later, know it */
};

/* ---- what is seen ---- */

static bool *sessions_of(const struct super *s, const struct bgp_speaker *speaker,
			 struct arena *arena)
{
	const struct bgp_daemon *routing = controller_daemon(s->controller, speaker);
	bool *is_up = arena_alloc(arena, (speaker->ends.count + 1) * sizeof(*is_up));

	for (size_t i = 0; routing && i < speaker->ends.count; i++)
		is_up[i] = bgp_daemon_sessions(routing)[i].is_up;
	return is_up;
}

static void look_at_session(const struct super *s, struct case_state *c, struct judgement *j)
{
	const struct bgp_graph *graph = s->wanted->graph;
	struct arena *arena = arena_new();
	struct speaker_sight *speakers =
		arena_alloc(arena, (graph->speakers.count + 1) * sizeof(*speakers));
	struct bgp_sight sight = { { graph, controller_ribs(s->controller) }, speakers };

	for (size_t i = 0; i < graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = graph->speakers.items[i];

		speakers[i].is_running = controller_daemon(s->controller, speaker) != NULL;
		speakers[i].is_up = sessions_of(s, speaker, arena);
	}
	expect_session(c->expectation, &sight, j);
	arena_free(arena);
}

static void look_at_flow(const struct tester *t, struct case_state *c, uint64_t now_ns,
			 struct judgement *j)
{
	const struct fabric *fabric = controller_fabric(t->super->controller);
	const struct probe *probe = c->probe;
	struct flow_sight sight = { .sent = (unsigned)probe->observed,
				    .answered = (unsigned)probe->answered,
				    .is_reply = probe->observed_ns && probe->last.is_reply,
				    .ttl = probe->last.ttl,
				    .why = probe->last.why };
	double fastest = INFINITY;

	for (unsigned i = 0; i < probe->history_count; i++)
		if (!isnan(probe->history[i]) && probe->history[i] < fastest)
			fastest = probe->history[i];
	sight.rtt_ms = isfinite(fastest) ? fastest : 0;
	if (c->expectation->encrypted.pos.line) {
		size_t flow = (size_t)(c - t->cases);

		cable_watch_learn(t->cables, flow, c->expectation, fabric);
		sight.wire = cable_watch_look(t->cables, flow, now_ns - LATELY_NS);
	}
	expect_flow(c->expectation, &sight, fabric, j);
}

static void look(const struct tester *t, struct case_state *c, uint64_t now_ns, struct judgement *j)
{
	const struct super *s = t->super;

	*j = (struct judgement){ .outcome = OUTCOME_UNKNOWN };
	switch (c->expectation->kind) {
	case EXPECT_FLOW:
		look_at_flow(t, c, now_ns, j);
		return;
	case EXPECT_ROUTE:
		expect_route(c->expectation, controller_fabric(s->controller), j);
		return;
	case EXPECT_SESSION:
		look_at_session(s, c, j);
		return;
	}
}

/* ---- what can be trusted ---- */

/* Why what is seen says nothing about the lab its file describes; "" when it does. */
static const char *distrust(struct super *s, struct arena *arena)
{
	const struct daemon *daemon;

	if (controller_is_busy(s->controller))
		return "the kernel's tables are being changed";
	for (daemon = daemons_first(s->daemons); daemon; daemon = daemon->next)
		if (!daemon_is_up(daemon))
			return arena_printf(arena, "%s: %s %s", daemon->node, daemon->program,
					    daemon->state);
	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[i];
		const struct bgp_daemon *routing = controller_daemon(s->controller, speaker);

		if (!routing)
			return arena_printf(arena, "%s: its %s does not run", speaker->node->name,
					    routing_daemon_name(speaker->daemon));
		if (*bgp_daemon_refusal(routing))
			return arena_printf(
				arena, "%s: %s refused its configuration:%s", speaker->node->name,
				routing_daemon_name(speaker->daemon), bgp_daemon_refusal(routing));
	}
	return "";
}

/* Is a session expected to be down, by one of the cases or by its configuration? */
static bool is_expected_down(const struct tester *t, const struct bgp_end *end)
{
	if (!bgp_end_lasts(end))
		return true;
	for (size_t i = 0; i < t->count; i++) {
		const struct expectation *e = t->cases[i].expectation;
		const char *here = end->speaker->node->name, *there = end->peer_name;

		if (e->kind == EXPECT_SESSION && e->state.pos.line &&
		    e->state.value == SESSION_CONNECTING &&
		    ((!strcasecmp(e->bgp.name, here) && !strcasecmp(e->peer.name, there)) ||
		     (!strcasecmp(e->bgp.name, there) && !strcasecmp(e->peer.name, here))))
			return true;
	}
	return false;
}

/* Why what is not there may still come; "" when nothing is on its way. */
static const char *unsettled(const struct tester *t, struct arena *arena)
{
	const struct super *s = t->super;

	for (size_t i = 0; i < s->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = s->wanted->graph->speakers.items[i];
		const struct bgp_daemon *routing = controller_daemon(s->controller, speaker);

		for (size_t n = 0; routing && n < speaker->ends.count; n++)
			if (!bgp_daemon_sessions(routing)[n].is_up &&
			    !is_expected_down(t, speaker->ends.items[n]))
				return arena_printf(arena, "%s has no BGP session with %s",
						    speaker->node->name,
						    speaker->ends.items[n]->peer_name);
	}
	return controller_is_settled(s->controller) ? "" : "routes are still on their way";
}

/* ---- deciding ---- */

static void tell_progress(const struct tester *t, const struct case_state *c)
{
	char text[300];

	expectation_print(c->expectation, text, sizeof(text));
	control_send(t->client, json_pack("{s:{s:s, s:s, s:s, s:I}}", "progress", "verdict",
					  outcome_name(c->judgement.outcome), "text", text, "seen",
					  c->judgement.seen, "line",
					  (json_int_t)c->expectation->object.pos.line));
}

static void decide(const struct tester *t, struct case_state *c, uint64_t now_ns)
{
	c->is_decided = true;
	c->took_ms = (double)(now_ns - t->started_ns) / 1e6;
	tell_progress(t, c);
}

/* Met without a break for as long as it takes to believe that something is not there? */
static bool has_lasted(const struct case_state *c, uint64_t now_ns)
{
	return c->since_ns && now_ns - c->since_ns >= STABLE_NS &&
	       (!c->probe || c->probe->observed >= c->seen_then + FAILURES);
}

#define WITHIN_AZURE_MS 240000 /* at Azure's own pace, when the file does not say */

static double within_ms(const struct tester *t, const struct expectation *e)
{
	bool is_azure = t->super->wanted->lab->timers.value == TIMERS_AZURE;

	return is_azure && !e->within.pos.line ? WITHIN_AZURE_MS : e->within.value;
}

static void step_case(const struct tester *t, struct case_state *c, const char *why_not,
		      const char *why_wait, uint64_t now_ns)
{
	bool is_negative = expectation_is_negative(c->expectation);
	bool is_over = now_ns - t->started_ns >= (uint64_t)(within_ms(t, c->expectation) * 1e6) +
							 (is_negative ? STABLE_NS : 0);
	const char *doubt = *why_not ? why_not : is_negative ? why_wait : "";
	bool is_met, is_fail;

	look(t, c, now_ns, &c->judgement);
	is_met = c->judgement.outcome == OUTCOME_PASS && !*doubt;
	if (!is_met) {
		c->since_ns = 0;
	} else if (!c->since_ns) {
		c->since_ns = now_ns;
		c->seen_then = c->probe ? c->probe->observed : 0;
	}
	is_fail = c->judgement.outcome == OUTCOME_FAIL && !*why_not;
	if (is_met ? is_negative && !has_lasted(c, now_ns) : !is_over)
		return; /* it may still change */
	if (!is_met && !is_fail) {
		c->judgement.outcome = OUTCOME_UNKNOWN;
		if (*doubt)
			(void)snprintf(c->judgement.seen, sizeof(c->judgement.seen), "%s", doubt);
	}
	decide(t, c, now_ns);
}

static json_t *result(const struct tester *t)
{
	const struct lab *lab = t->super->wanted->lab;
	struct snapshot_test out = { .step = lab->step };
	struct arena *arena = arena_new();
	json_t *json;

	if (lab->step)
		out.step_name = lab->steps.items[lab->step - 1].name.value;
	for (size_t i = 0; i < t->count; i++) {
		const struct case_state *c = &t->cases[i];
		char text[300];

		expectation_print(c->expectation, text, sizeof(text));
		*ARENA_PUSH(arena, out.verdicts.items, out.verdicts.count) =
			(struct snapshot_verdict){
				.line = c->expectation->object.pos.line,
				.column = c->expectation->object.pos.col,
				.text = arena_strdup(arena, text),
				.verdict = outcome_name(c->judgement.outcome),
				.seen = c->judgement.seen,
				.took_ms = c->took_ms,
			};
	}
	json = record_encode(&snapshot_test_record, &out);
	arena_free(arena);
	return json;
}

static void tester_free(struct tester *t)
{
	struct super *s = t->super;

	prober_free(s->test_slot.prober);
	s->test_slot.prober = NULL;
	s->tester = NULL;
	cable_watch_free(t->cables);
	loop_timer_free(t->timer);
	json_decref(t->id);
	free(t->cases);
	free(t);
}

static void tick(void *arg, uint64_t now_ns)
{
	struct tester *t = arg;
	struct super *s = t->super;
	struct arena *arena = arena_new();
	const char *why_not = distrust(s, arena), *why_wait = unsettled(t, arena);
	size_t open = 0;

	for (size_t i = 0; i < t->count; i++) {
		if (!t->cases[i].is_decided)
			step_case(t, &t->cases[i], why_not, why_wait, now_ns);
		open += !t->cases[i].is_decided;
	}
	arena_free(arena);
	loop_timer_set(t->timer, LOOK_NS);
	if (open)
		return;
	super_reply(t->client, t->id, result(t));
	tester_free(t);
}

static void on_result(void *slot, const struct probe *probe, bool is_other)
{
	(void)slot; /* the next tick sees it */
	(void)probe;
	(void)is_other;
}

static void start_probes(struct tester *t)
{
	const struct probe_spec **specs = calloc(t->count + 1, sizeof(*specs));
	struct super *s = t->super;
	struct prober *prober;
	size_t count = 0;

	if (!specs)
		abort();
	for (size_t i = 0; i < t->count; i++) {
		struct case_state *c = &t->cases[i];

		if (c->expectation->kind != EXPECT_FLOW)
			continue;
		c->spec = c->expectation->probe;
		c->spec.interval_ms.value = INTERVAL_MS;
		specs[count++] = &c->spec;
	}
	prober = super_new_prober(s, &s->test_slot, specs, count, on_result);
	free(specs);
	prober_predict(prober, s->wanted->fabric);
	count = 0;
	for (size_t i = 0; i < t->count; i++)
		if (t->cases[i].expectation->kind == EXPECT_FLOW)
			t->cases[i].probe = prober_get(prober, count++);
	prober_start(prober);
}

static void got_socket(void *arg, size_t tag, int fd, const struct err *err)
{
	const struct super *s = arg;

	if (s->tester && s->tester->generation == tag >> 32)
		cable_watch_socket(s->tester->cables, tag & 0xffffffff, fd, err);
	else
		engine_client_close(s->engine, fd); /* of one that is no more */
}

static void need_socket(void *arg, const char *ns, size_t cable)
{
	const struct tester *t = arg;

	engine_client_socket(t->super->engine, ns, ENGINE_SOCKET_PACKETS, got_socket, t->super,
			     (size_t)t->generation << 32 | cable);
}

static void close_socket(void *arg, int fd)
{
	const struct tester *t = arg;

	engine_client_close(t->super->engine, fd);
}

/* Only when some expectation is about what crosses them. */
static void watch_cables(struct tester *t)
{
	static const struct cable_watch_ops ops = { need_socket, close_socket };
	struct super *s = t->super;
	bool is_asked = false;

	for (size_t i = 0; i < t->count; i++)
		is_asked |= t->cases[i].expectation->encrypted.pos.line > 0;
	if (!is_asked)
		return;
	t->generation = ++s->last_generation;
	t->cables = cable_watch_new(s->loop, s->wanted->topology, t->count, &ops, t);
	for (size_t i = 0; i < t->count; i++)
		if (t->cases[i].expectation->encrypted.pos.line)
			cable_watch_learn(t->cables, i, t->cases[i].expectation,
					  controller_fabric(s->controller));
	cable_watch_start(t->cables);
}

int super_test(struct super *s, struct control_client *client, const json_t *id, bool gives_way,
	       struct err *err)
{
	const struct lab *lab = s->wanted ? s->wanted->lab : NULL;
	struct tester *t;

	if (!lab)
		return err_set(err, -EAGAIN, "the lab has no file yet");
	if (s->state != SUPER_RUNNING)
		return err_set(err, -EBUSY, "lab '%s' is being built or changed", s->name);
	if (s->tester && s->tester->gives_way && !gives_way)
		super_test_end(s, NULL, "somebody else looks at them");
	if (s->tester)
		return err_set(err, -EBUSY, "lab '%s' is being tested already", s->name);
	t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	*t = (struct tester){ .super = s,
			      .client = client,
			      .id = json_deep_copy(id),
			      .gives_way = gives_way,
			      .count = lab->expectations.count,
			      .started_ns = loop_clock_ns() };
	t->cases = calloc(t->count + 1, sizeof(*t->cases));
	if (!t->cases)
		abort();
	for (size_t i = 0; i < t->count; i++)
		t->cases[i].expectation = lab->expectations.items[i];
	s->tester = t;
	t->timer = loop_timer_new(s->loop, tick, t, "test");
	watch_cables(t);
	start_probes(t);
	loop_timer_set(t->timer, 0);
	return 0;
}

void super_test_end(struct super *s, const struct control_client *client, const char *why)
{
	struct err err = { .code = -ECANCELED };

	if (!s->tester || (client && s->tester->client != client))
		return;
	(void)snprintf(err.text, sizeof(err.text), "%s", why);
	if (!client)
		super_refuse(s->tester->client, s->tester->id, &err);
	tester_free(s->tester);
}
