/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/probe.h"

#include "lab/base/cleanup.h"
#include "netns/probe/fetch.h"
#include "netns/probe/flights.h"
#include "netns/probe/pinger.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HURRY_NS      10000000000ull /* after a change, what is not green is tried often */
#define HURRY_STEP_NS 100000000ull
#define HURRY_WAIT_NS 200000000ull

/* One probe and what it takes to run it. */
struct runner {
	struct prober *prober;
	size_t index;
	struct probe probe;
	struct loop_timer *due, *timeout;
	bool is_guest;   /* its agent sends, and there are no sockets */
	bool is_waiting; /* sent, no answer yet: the next one is sent when that is decided */
	/* ICMP */
	struct machine *machine;
	uint16_t flow, sequence;
	struct flights flights;
	uint64_t answered_ns; /* when the newest of those answered was sent */
	/* HTTP, TCP, UDP */
	int fd; /* for the next fetch; -1 while there is none */
	bool is_asked_for;
	bool is_fetch_due;
	struct fetch *fetch;
	uint64_t fetch_ns;      /* when it began */
	uint64_t hurry_wait_ns; /* after that it is begun anew, while there is hurry */
};

/* A machine that pings; its probes share what they need for it. */
struct machine {
	const struct vm *vm;
	struct pinger *pinger;
	bool is_asked_for; /* its socket */
	struct prober *prober;
};

struct prober {
	struct loop *loop;
	struct prober_ops ops;
	void *arg;
	struct runner *runners;
	size_t count;
	struct machine *machines;
	size_t machine_count;
	struct http_pool *http;
	uint32_t owner; /* of its pings */
	uint64_t hurry_until_ns;
	uint64_t version;
};

const char *probe_colour_name(enum probe_colour colour)
{
	switch (colour) {
	case PROBE_AMBER:
		return "amber";
	case PROBE_GREEN:
		return "green";
	case PROBE_RED:
		return "red";
	}
	return "";
}

static uint64_t ms_to_ns(double ms)
{
	return (uint64_t)(ms * 1e6);
}

static bool is_answer_predicted(const struct probe *probe)
{
	return prediction_is_answer(&probe->prediction,
				    (enum probe_protocol)probe->spec->protocol.value);
}

static double timeout_ms(const struct probe *probe)
{
	return probe_timeout_ms(probe->spec, &probe->prediction);
}

enum probe_colour probe_colour(const struct probe *probe, uint64_t now_ns)
{
	uint64_t fresh_ns = ms_to_ns(2 * probe->spec->interval_ms.value + timeout_ms(probe));

	if (!probe->observed_ns || now_ns - probe->observed_ns > fresh_ns)
		return PROBE_AMBER;
	if (probe->prediction.is_by_flow)
		return PROBE_AMBER; /* what was seen of one flow says nothing of the others */
	return probe->last.is_reply == is_answer_predicted(probe) ? PROBE_GREEN : PROBE_RED;
}

static void schedule(struct runner *r, uint64_t now_ns)
{
	uint64_t interval_ns = ms_to_ns(r->probe.spec->interval_ms.value);

	if (now_ns < r->prober->hurry_until_ns && probe_colour(&r->probe, now_ns) != PROBE_GREEN &&
	    interval_ns > HURRY_STEP_NS)
		interval_ns = HURRY_STEP_NS;
	loop_timer_set(r->due, interval_ns);
}

/* What was seen, whatever it was, is the probe's state now. */
static void observe(struct runner *r, const struct probe_result *result, uint64_t now_ns)
{
	struct probe *probe = &r->probe;
	enum probe_colour before = probe_colour(probe, now_ns);
	bool is_other = !probe->observed_ns || probe->last.is_reply != result->is_reply;

	probe->version = ++r->prober->version;
	probe->last = *result;
	probe->observed_ns = now_ns;
	probe->answered += result->is_reply;
	probe->observed++;
	probe->history[probe->history_next] = result->is_reply ? result->rtt_ms : (double)NAN;
	probe->history_next = (probe->history_next + 1) % PROBE_HISTORY;
	if (probe->history_count < PROBE_HISTORY)
		probe->history_count++;
	if (before != probe_colour(probe, now_ns)) {
		probe->coloured_ns = now_ns;
		is_other = true;
	}
	r->prober->ops.on_result(r->prober->arg, probe, is_other);
}

static void fail(struct runner *r, const char *why, uint64_t now_ns)
{
	struct probe_result result = { .is_reply = false };

	(void)snprintf(result.why, sizeof(result.why), "%s", why);
	observe(r, &result, now_ns);
}

/* The packets whose fate is known by now, in their order. */
static void tell_packets(struct runner *r)
{
	const struct prober *prober = r->prober;
	struct flight flight;

	while (flights_take(&r->flights, &flight))
		if (prober->ops.on_packet && is_answer_predicted(&r->probe))
			prober->ops.on_packet(prober->arg, &r->probe, flight.sent_ns,
					      flight.answered_ns);
}

/* Nothing was sent, so nothing is known of the lab: that is no failure of the flow. */
static void unobserved(struct runner *r, const char *why, uint64_t now_ns)
{
	struct probe *probe = &r->probe;
	bool is_known = !probe->observed_ns && !strcmp(probe->last.why, why);

	r->is_waiting = false;
	schedule(r, now_ns);
	if (is_known)
		return;
	probe->observed_ns = 0;
	probe->coloured_ns = now_ns;
	probe->version = ++r->prober->version;
	(void)snprintf(probe->last.why, sizeof(probe->last.why), "%s", why);
	r->prober->ops.on_result(r->prober->arg, probe, true);
}

/*
 * The machine itself would not send it. Where a reply was predicted that is a failure; where none
 * was, its absence says nothing about what the packet would have met, but for one that is too
 * large.
 */
static void not_sent(struct runner *r, uint16_t sequence, int error, uint64_t now_ns)
{
	struct flight *flight = flights_find(&r->flights, sequence);
	bool is_stale = flight && flight->is_stale;

	if (!flight) { /* it was known at once */
		flight = flights_add(&r->flights, sequence);
		flight->sent_ns = now_ns;
	}
	flight->is_decided = true;
	tell_packets(r);
	if (is_stale)
		return;
	if (!is_answer_predicted(&r->probe) && error != EMSGSIZE) {
		unobserved(r, strerror(error), now_ns);
		return;
	}
	fail(r, strerror(error), now_ns);
	r->is_waiting = false;
	schedule(r, now_ns);
}

/* Ask for the socket that the probe lacks, once. */
static void need_socket(struct runner *r)
{
	bool *is_asked_for = r->machine ? &r->machine->is_asked_for : &r->is_asked_for;

	if (*is_asked_for || r->is_guest)
		return;
	*is_asked_for = true;
	r->prober->ops.need_socket(r->prober->arg, r->probe.spec->from->vm->object.name,
				   prober_socket_of(r->probe.spec), r->index);
}

/* Does the next one leave before this one's time is over? */
static bool is_train(const struct runner *r)
{
	return r->probe.spec->interval_ms.value < timeout_ms(&r->probe);
}

static struct agent *agent_of(const struct runner *r)
{
	const struct prober *prober = r->prober;

	return prober->ops.agent(prober->arg, r->probe.spec->from->vm->object.name);
}

/* Else it asked for what it lacks, and is tried again. */
static bool can_ping(struct runner *r, uint64_t now_ns)
{
	struct err err = { 0 };

	if (!r->is_guest && !pinger_is_ready(r->machine->pinger)) { /* it comes by prober_socket */
		need_socket(r);
		loop_timer_set(r->due, HURRY_STEP_NS);
		return false;
	}
	if (r->is_guest && pinger_use_agent(r->machine->pinger, agent_of(r), &err)) {
		unobserved(r, err.text, now_ns);
		return false;
	}
	return true;
}

static void send_ping(struct runner *r, uint64_t now_ns)
{
	const struct probe_spec *spec = r->probe.spec;
	struct flight *flight;
	struct icmp_echo echo;
	int rc;

	if (!can_ping(r, now_ns))
		return;
	r->probe.sent++;
	r->sequence++;
	echo = (struct icmp_echo){ .owner = r->prober->owner,
				   .probe = (uint32_t)r->index,
				   .flow = r->flow,
				   .sequence = r->sequence,
				   .bytes = (uint16_t)probe_size_bytes(spec),
				   .dont_fragment = spec->dont_fragment.value };
	rc = pinger_send(r->machine->pinger, nic_ip_from(spec->to, spec->from), &echo);
	if (rc) {
		not_sent(r, r->sequence, -rc, now_ns);
		return;
	}
	flight = flights_add(&r->flights, r->sequence);
	flight->sent_ns = now_ns;
	r->is_waiting = !is_train(r);
	if (is_train(r))
		loop_timer_set(r->due, ms_to_ns(r->probe.spec->interval_ms.value));
	if (!loop_timer_is_set(r->timeout))
		loop_timer_set(r->timeout, ms_to_ns(timeout_ms(&r->probe)));
}

/* When others that were sent later are answered, the probe is as they say. */
static void ping_lost(struct runner *r, struct flight *flight, uint64_t now_ns)
{
	char why[64];

	flight->is_decided = true;
	if (flight->is_stale)
		return;
	(void)snprintf(why, sizeof(why), "no reply within %.0f ms", timeout_ms(&r->probe));
	if (flight->sent_ns > r->answered_ns)
		fail(r, why, now_ns);
	else
		r->probe.observed++;
	if (!r->is_waiting || flight->sequence != r->sequence)
		return;
	r->is_waiting = false;
	schedule(r, now_ns);
}

static void ping_timed_out(void *arg, uint64_t now_ns)
{
	struct runner *r = arg;
	uint64_t timeout_ns = ms_to_ns(timeout_ms(&r->probe));
	struct flight *oldest;

	while ((oldest = flights_oldest(&r->flights)) && oldest->sent_ns + timeout_ns <= now_ns)
		ping_lost(r, oldest, now_ns);
	tell_packets(r);
	if (oldest)
		loop_timer_set(r->timeout, oldest->sent_ns + timeout_ns - now_ns);
}

/* By one clock: that of the kernel from which it was sent. */
static struct probe_result result_of(const struct icmp_reply *reply)
{
	struct probe_result result = { .is_reply = true, .ttl = reply->ttl };

	if (reply->received_ns > reply->sent_ns)
		result.rtt_ms = (double)(reply->received_ns - reply->sent_ns) / 1e6;
	return result;
}

/* It was counted as lost; when none was sent since, it says how things are. */
static void ping_late(struct runner *r, const struct icmp_reply *reply, uint64_t now_ns)
{
	struct probe_result result = result_of(reply);

	if (reply->sequence == r->sequence && !r->probe.last.is_reply)
		observe(r, &result, now_ns);
}

/* The probe that is meant, whoever says so; NULL when it is none of this machine's. */
static struct runner *runner_of(const struct machine *machine, uint32_t probe)
{
	const struct prober *prober = machine->prober;
	struct runner *r = probe < prober->count ? &prober->runners[probe] : NULL;

	return r && r->machine == machine ? r : NULL;
}

static void ping_answered(void *arg, const struct icmp_reply *reply)
{
	struct runner *r = runner_of(arg, reply->probe);
	struct probe_result result = result_of(reply);
	uint64_t now_ns = loop_clock_ns();
	struct flight *flight;

	if (!r)
		return;
	flight = flights_find(&r->flights, reply->sequence);
	if (!flight) {
		ping_late(r, reply, now_ns);
		return;
	}
	flight->is_decided = true;
	flight->answered_ns = now_ns;
	if (flight->sent_ns > r->answered_ns)
		r->answered_ns = flight->sent_ns;
	if (!flight->is_stale)
		observe(r, &result, now_ns);
	tell_packets(r);
	if (!is_answer_predicted(
		    &r->probe)) /* rules may have changed behind this flow's beginning */
		r->flow = icmp_new_flow();
	if (!r->is_waiting || reply->sequence != r->sequence)
		return;
	r->is_waiting = false;
	schedule(r, now_ns);
}

static void ping_unsent(void *arg, uint32_t probe, uint16_t sequence, int error)
{
	struct runner *r = runner_of(arg, probe);

	if (r && flights_find(&r->flights, sequence))
		not_sent(r, sequence, error, loop_clock_ns());
}

static void pings_lost(void *arg, const char *why)
{
	const struct machine *machine = arg;
	const struct prober *prober = machine->prober;

	for (size_t i = 0; i < prober->count; i++) {
		struct runner *r = &prober->runners[i];

		if (r->machine != machine)
			continue;
		r->probe.sent -= flights_make_stale(&r->flights);
		unobserved(r, why, loop_clock_ns());
	}
}

static void judge_fetch(struct runner *r, const struct http_result *http)
{
	const char *name = r->probe.spec->to->vm->object.name;
	bool is_http = r->probe.spec->protocol.value == PROBE_HTTP;
	bool is_reply =
		is_http ? http->status == 200 && !strcmp(http->body, name) : http->is_connected;
	struct probe_result result = { .is_reply = is_reply, .rtt_ms = http->total_ms };
	uint64_t now_ns = loop_clock_ns();

	if (r->prober->ops.on_packet && is_answer_predicted(&r->probe))
		r->prober->ops.on_packet(r->prober->arg, &r->probe, r->fetch_ns,
					 is_reply ? now_ns : 0);
	if (!http->is_connected)
		(void)snprintf(result.why, sizeof(result.why), "%s", http->why);
	else if (!result.is_reply)
		(void)snprintf(result.why, sizeof(result.why), "status %ld from '%.60s'",
			       http->status, http->body);
	observe(r, &result, now_ns);
	schedule(r, now_ns);
}

static void fetched(void *arg, const struct http_result *http, const char *why)
{
	struct runner *r = arg;

	r->fetch = NULL;
	r->is_waiting = false;
	if (http) {
		judge_fetch(r, http);
		return;
	}
	r->probe.sent--;
	unobserved(r, why, loop_clock_ns());
}

static void start_fetch(struct runner *r);

/* A connection's first packet that a change swallowed would be sent again after a second only. */
static void fetch_hangs(void *arg, uint64_t now_ns)
{
	struct runner *r = arg;

	if (!r->fetch || now_ns >= r->prober->hurry_until_ns)
		return;
	fetch_cancel(r->fetch);
	r->fetch = NULL;
	r->is_waiting = false;
	r->probe.sent--;
	r->hurry_wait_ns *= 2; /* on a busy machine it gets through at last */
	start_fetch(r);
}

/* By the machine's own agent, or on the socket that is there. */
static struct fetch *begin_fetch(struct runner *r, struct err *err)
{
	const struct probe_spec *spec = r->probe.spec;
	struct prober *prober = r->prober;
	struct fetch_spec wanted = { .protocol = (enum probe_protocol)spec->protocol.value,
				     .to = nic_ip_from(spec->to, spec->from),
				     .port = (unsigned)spec->port.value,
				     .timeout_ms = lround(timeout_ms(&r->probe)) };

	if (r->is_guest)
		return fetch_start_by(agent_of(r), &wanted, fetched, r, err);
	return fetch_start(prober->loop, prober->http, fd_take(&r->fd), &wanted, fetched, r);
}

static void start_fetch(struct runner *r)
{
	uint64_t now_ns = loop_clock_ns();
	struct err err = { 0 };

	r->is_fetch_due = r->fd < 0 && !r->is_guest;
	if (r->is_fetch_due) { /* not yet: it starts when prober_socket brings it */
		need_socket(r);
		return;
	}
	if (!(r->fetch = begin_fetch(r, &err))) {
		unobserved(r, err.text, now_ns);
		return;
	}
	r->is_waiting = true;
	r->probe.sent++;
	r->fetch_ns = now_ns;
	if (r->probe.spec->protocol.value != PROBE_UDP && is_answer_predicted(&r->probe) &&
	    now_ns < r->prober->hurry_until_ns)
		loop_timer_set(r->timeout,
			       r->hurry_wait_ns + ms_to_ns(4 * r->probe.prediction.rtt_ms));
	need_socket(r); /* for the next one */
}

static void probe_due(void *arg, uint64_t now_ns)
{
	struct runner *r = arg;

	if (r->is_waiting)
		return; /* its answer or timeout schedules the next one */
	if (r->probe.spec->protocol.value == PROBE_ICMP)
		send_ping(r, now_ns);
	else
		start_fetch(r);
}

/* Of a machine, made when its first probe asks for it. */
static struct machine *find_machine(struct prober *prober, const struct vm *vm)
{
	static const struct pinger_ops ops = { ping_answered, ping_unsent, pings_lost };
	struct machine *machine;

	for (size_t i = 0; i < prober->machine_count; i++)
		if (prober->machines[i].vm == vm)
			return &prober->machines[i];
	machine = &prober->machines[prober->machine_count++];
	*machine = (struct machine){ .vm = vm, .prober = prober };
	machine->pinger = pinger_new(prober->loop, prober->owner, &ops, machine);
	return machine;
}

struct prober *prober_new(struct loop *loop, const struct probe_spec *const *specs, size_t count,
			  const struct prober_ops *ops, void *arg)
{
	struct prober *prober = calloc(1, sizeof(*prober));

	if (!prober)
		abort();
	*prober = (struct prober){ .loop = loop, .ops = *ops, .arg = arg, .count = count };
	prober->runners = calloc(count + 1, sizeof(*prober->runners));
	prober->machines = calloc(count + 1, sizeof(*prober->machines));
	if (!prober->runners || !prober->machines)
		abort();
	prober->http = http_pool_new(loop);
	prober->owner = icmp_new_owner();
	for (size_t i = 0; i < prober->count; i++) {
		struct runner *r = &prober->runners[i];

		r->prober = prober;
		r->index = i;
		r->fd = -1;
		r->probe.spec = specs[i];
		r->is_guest = vm_is_guest(specs[i]->from->vm);
		r->due = loop_timer_new(loop, probe_due, r, "probe");
		r->hurry_wait_ns = HURRY_WAIT_NS;
		r->timeout = loop_timer_new(
			loop,
			r->probe.spec->protocol.value == PROBE_ICMP ? ping_timed_out : fetch_hangs,
			r, "probe timeout");
		if (r->probe.spec->protocol.value == PROBE_ICMP)
			r->machine = find_machine(prober, r->probe.spec->from->vm);
	}
	return prober;
}

/* The same packets, sent and awaited by the same machines? */
static bool is_same_probe(const struct probe_spec *a, const struct probe_spec *b)
{
	return a->protocol.value == b->protocol.value && a->port.value == b->port.value &&
	       a->size_bytes.value == b->size_bytes.value &&
	       a->dont_fragment.value == b->dont_fragment.value &&
	       ip_equal(a->from->ip, b->from->ip) &&
	       ip_equal(nic_ip_from(a->to, a->from), nic_ip_from(b->to, b->from)) &&
	       !strcmp(a->from->object.name, b->from->object.name) &&
	       !strcmp(a->to->object.name, b->to->object.name);
}

/* Where to look first: probes keep their order when others go or come. */
static const struct probe *find_same(const struct prober *prober, const struct probe_spec *spec,
				     size_t *hint)
{
	for (size_t i = 0; i < prober->count; i++) {
		size_t at = (*hint + i) % prober->count;

		if (!is_same_probe(prober->runners[at].probe.spec, spec))
			continue;
		*hint = at + 1;
		return &prober->runners[at].probe;
	}
	return NULL;
}

void prober_inherit(struct prober *prober, const struct prober *earlier)
{
	size_t hint = 0;

	prober->version = earlier->version;
	for (size_t i = 0; i < prober->count; i++) {
		struct probe *probe = &prober->runners[i].probe;
		const struct probe *same = find_same(earlier, probe->spec, &hint);
		const struct probe_spec *spec = probe->spec;

		if (!same)
			continue;
		*probe = *same;
		probe->spec = spec;
	}
}

void prober_free(struct prober *prober)
{
	if (!prober)
		return;
	for (size_t i = 0; i < prober->count; i++) {
		struct runner *r = &prober->runners[i];

		fetch_cancel(r->fetch);
		fd_close(&r->fd);
		flights_fini(&r->flights);
		loop_timer_free(r->due);
		loop_timer_free(r->timeout);
	}
	for (size_t i = 0; i < prober->machine_count; i++)
		pinger_free(prober->machines[i].pinger);
	http_pool_free(prober->http);
	free(prober->runners);
	free(prober->machines);
	free(prober);
}

void prober_start(struct prober *prober)
{
	for (size_t i = 0; i < prober->count; i++)
		need_socket(&prober->runners[i]);
	prober_hurry(prober);
}

void prober_socket(struct prober *prober, size_t probe, enum prober_socket type, int fd,
		   const char *why)
{
	struct runner *r = &prober->runners[probe];

	*(type == PROBER_SOCKET_ICMP ? &r->machine->is_asked_for : &r->is_asked_for) = false;
	if (fd < 0) { /* the next try asks again */
		r->is_fetch_due = false;
		unobserved(r, why, loop_clock_ns());
		return;
	}
	if (type == PROBER_SOCKET_ICMP) {
		pinger_use_socket(r->machine->pinger, fd);
		return;
	}
	fd_close(&r->fd);
	r->fd = fd;
	if (r->is_fetch_due)
		start_fetch(r);
}

void prober_predict(struct prober *prober, const struct fabric *fabric)
{
	for (size_t i = 0; i < prober->count; i++) {
		struct probe *probe = &prober->runners[i].probe;
		bool before = is_answer_predicted(probe);

		fabric_predict(fabric, probe->spec, &probe->prediction);
		probe->version = ++prober->version;
		if (before == is_answer_predicted(probe))
			continue;
		probe->observed_ns = 0;
		probe->coloured_ns = loop_clock_ns();
	}
}

void prober_hurry(struct prober *prober)
{
	prober->hurry_until_ns = loop_clock_ns() + HURRY_NS;
	for (size_t i = 0; i < prober->count; i++) {
		struct runner *r = &prober->runners[i];

		r->flow = icmp_new_flow(); /* it is asked of new flows what rules now say */
		/* what is under way asks about a lab that is no more: as if it was never sent */
		if (r->machine)
			r->probe.sent -= flights_make_stale(&r->flights);
		else
			r->probe.sent -= r->is_waiting;
		fetch_cancel(r->fetch);
		r->fetch = NULL;
		r->hurry_wait_ns = HURRY_WAIT_NS;
		r->is_waiting = false;
		if (!r->machine || !is_train(r) || !loop_timer_is_set(r->due))
			loop_timer_set(r->due, 0);
	}
}

uint64_t prober_version(const struct prober *prober)
{
	return prober->version;
}

size_t prober_count(const struct prober *prober)
{
	return prober->count;
}

const struct probe *prober_get(const struct prober *prober, size_t index)
{
	return &prober->runners[index].probe;
}
