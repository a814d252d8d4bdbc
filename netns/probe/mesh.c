/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/mesh.h"

#include "lab/base/cleanup.h"
#include "netns/guest/agent_probe.h"
#include "netns/probe/fetch.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTION_NS      1000000ull    /* of one callback */
#define GAP_NS          50000ull      /* between two packets: 20,000 in a second */
#define BURST           64            /* that may leave together when some are behind */
#define PACE_NS         1000000ull    /* between two portions */
#define WINDOW          8192          /* pings on their way */
#define TRIES           3             /* of pings, to get an answer that is predicted */
#define FETCH_TRIES     2             /* of those that send again by themselves */
#define AHEAD           8             /* machines whose sockets are asked for before their turn */
#define FETCHES         256           /* at the same time; a tag has 8 bits for them */
#define SOCKET_NS       5000000000ull /* how long one may take to come */
#define REST_NS         10000000ull   /* when the kernel has no room for a packet */
#define RESTS           200           /* one after the other; then it has none */
#define LOOK_NS         20000000ull   /* while nothing can be done */
#define SOCKETS_AT_ONCE 64            /* of fetches, that the engine is asked for */

enum sender_state {
	SENDER_NEW,
	SENDER_ASKED, /* for its socket */
	SENDER_READY,
	SENDER_FAILED,
};

/* A machine that sends. */
struct sender {
	struct mesh *mesh;
	enum sender_state state;
	uint64_t asked_ns;
	int fd; /* -1: none */
	struct loop_fd *watch;
	struct agent_pinger *agent; /* of a guest; NULL: none */
	char why[96];               /* SENDER_FAILED */
};

/* A connection or a fetch that is under way. */
struct mesh_fetch {
	struct mesh *mesh;
	bool is_used;
	uint32_t tag; /* of the socket it waits for; 0: of none */
	size_t pair;
	uint64_t asked_ns;
	struct fetch *fetch;
};

struct mesh {
	struct loop *loop;
	struct mesh_spec spec;
	struct mesh_ops ops;
	void *arg;
	struct pairs *pairs;
	struct loop_timer *timer;
	uint64_t next_ns; /* when the next packet may leave */
	unsigned round;   /* pairs_round() of what is sent now */
	unsigned rests;   /* since one left */
	bool is_over;
	struct sender *senders;
	size_t asked_senders; /* so many of them have been asked for */
	/* ICMP */
	uint32_t owner;
	uint16_t flow; /* of this round */
	/* TCP, HTTP */
	struct http_pool *http;
	struct mesh_fetch *fetches;
	size_t fetch_count, socket_count; /* in use; of them those that wait for a socket */
	uint32_t last_serial;
	char no_socket[96]; /* why there was none for a fetch, the last time */
};

static size_t index_of(const struct mesh *m, size_t from, size_t to)
{
	return from * m->spec.to_count + to;
}

static struct probe_spec probe_of(const struct mesh *m, size_t pair)
{
	struct probe_spec probe = m->spec.flow;

	probe.from = m->spec.from[pair / m->spec.to_count];
	probe.to = m->spec.to[pair % m->spec.to_count];
	return probe;
}

static enum probe_protocol protocol_of(const struct mesh_spec *spec)
{
	return (enum probe_protocol)spec->flow.protocol.value;
}

/* What is predicted of it now, for its own record; returns how long its answer is waited for. */
static double predict(struct mesh *m, size_t index)
{
	struct probe_spec probe = probe_of(m, index);
	struct pair *pair = pairs_get(m->pairs, index);
	struct prediction prediction = { 0 };

	fabric_predict(m->spec.fabric, &probe, &prediction);
	pair->is_answer_predicted = prediction_is_answer(&prediction, protocol_of(&m->spec));
	pair->is_by_flow = prediction.is_by_flow;
	return probe_timeout_ms(&probe, &prediction);
}

/*
 * The machine itself would not. Where no answer was predicted, that none comes says nothing about
 * the way, but for what is too large for the first of it.
 */
static void not_sent(struct mesh *m, size_t pair, int error)
{
	pairs_not_sent(m->pairs, pair, error,
		       error == EMSGSIZE || pairs_get(m->pairs, pair)->is_answer_predicted);
}

#define NO_SOCKET EIO /* whose reason is elsewhere */

/* ---- the sockets of those that ping ---- */

static bool is_icmp(const struct mesh *m)
{
	return protocol_of(&m->spec) == PROBE_ICMP;
}

static void take_reply(const struct sender *sender, const struct icmp_reply *reply)
{
	const struct mesh *m = sender->mesh;
	size_t from = reply->probe / m->spec.to_count;

	if (from >= m->spec.from_count || &m->senders[from] != sender)
		return;
	pairs_answered(m->pairs, reply->probe,
		       reply->received_ns > reply->sent_ns
			       ? (float)(reply->received_ns - reply->sent_ns) / 1e6f
			       : 0);
}

static void fail_sender(struct sender *sender, const char *why)
{
	sender->state = SENDER_FAILED;
	(void)snprintf(sender->why, sizeof(sender->why), "%.90s", why);
}

static void on_agent_reply(void *arg, const struct icmp_reply *reply)
{
	const struct sender *sender = arg;

	take_reply(sender, reply);
	if (!sender->mesh->is_over)
		loop_timer_set(sender->mesh->timer, 0);
}

static void on_agent_unsent(void *arg, uint32_t pair, uint16_t sequence, int error)
{
	const struct sender *sender = arg;
	struct mesh *m = sender->mesh;
	size_t from = pair / m->spec.to_count;

	(void)sequence;
	if (from < m->spec.from_count && &m->senders[from] == sender &&
	    pairs_get(m->pairs, pair)->state == PAIR_SENT)
		not_sent(m, pair, error);
}

/* What was sent and not answered stays so; what is not sent yet will not be. */
static void on_agent_lost(void *arg, const char *why)
{
	struct sender *sender = arg;

	sender->agent = NULL;
	fail_sender(sender, why);
}

static bool is_guest(const struct mesh *m, size_t sender)
{
	return vm_is_guest(m->spec.from[sender]->vm);
}

static struct agent *agent_of(const struct mesh *m, size_t sender)
{
	return m->ops.agent(m->arg, m->spec.from[sender]->vm->object.name);
}

/* A guest's agent is there, or is not. */
static void use_agent(struct mesh *m, size_t index)
{
	static const struct agent_pinger_ops ops = { on_agent_reply, on_agent_unsent,
						     on_agent_lost };
	struct sender *sender = &m->senders[index];
	struct err err = { 0 };

	sender->state = SENDER_READY;
	sender->agent = agent_pinger_new(agent_of(m, index), m->owner, &ops, sender, &err);
	if (!sender->agent)
		fail_sender(sender, err.text);
}

/* Those of the next machines come while others send. */
static void ask_ahead(struct mesh *m, size_t sender, uint64_t now_ns)
{
	for (; m->asked_senders < m->spec.from_count && m->asked_senders < sender + AHEAD;
	     m->asked_senders++) {
		struct sender *next = &m->senders[m->asked_senders];

		if (is_guest(m, m->asked_senders)) {
			use_agent(m, m->asked_senders);
			continue;
		}
		next->state = SENDER_ASKED;
		next->asked_ns = now_ns;
		m->ops.need_socket(m->arg, m->spec.from[m->asked_senders]->vm->object.name,
				   PROBER_SOCKET_ICMP, (uint32_t)m->asked_senders);
	}
}

static void drain(struct sender *sender, uint64_t until_ns)
{
	const struct mesh *m = sender->mesh;
	struct icmp_reply reply;
	bool more = true;

	while (more && loop_clock_ns() < until_ns)
		if (icmp_receive(sender->fd, m->owner, &reply, &more))
			take_reply(sender, &reply);
}

static void replies_readable(void *arg, unsigned events, uint64_t now_ns)
{
	(void)events;
	drain(arg, now_ns + PORTION_NS);
}

static void sender_socket(struct sender *sender, int fd, const char *why)
{
	if (sender->state != SENDER_ASKED) { /* it came too late */
		fd_close(&fd);
		return;
	}
	if (fd < 0) {
		fail_sender(sender, why);
		return;
	}
	sender->fd = fd;
	if (icmp_prepare(fd, sender->mesh->owner)) {
		fail_sender(sender, "its socket cannot be used");
		return;
	}
	sender->state = SENDER_READY;
	sender->watch = loop_fd_new(sender->mesh->loop, fd, LOOP_READ, replies_readable, sender,
				    "mesh replies");
}

/* Can it send? One whose socket does not come is not waited for without end. */
static bool is_decided(struct sender *sender, uint64_t now_ns)
{
	if (sender->state == SENDER_ASKED && now_ns - sender->asked_ns > SOCKET_NS)
		fail_sender(sender, "the engine opens no socket");
	return sender->state >= SENDER_READY;
}

/* ---- pings ---- */

static bool is_transient(int error)
{
	return error == ENOBUFS || error == EAGAIN;
}

/* 0, or errno. */
static int send_echo(const struct sender *sender, struct ip to, const struct icmp_echo *echo)
{
	if (sender->agent)
		return -agent_pinger_send(sender->agent, to, echo, NULL);
	return icmp_send(sender->fd, to, echo) ? 0 : errno;
}

/* Returns false when nothing more can be sent now. */
static bool ping(struct mesh *m, size_t pair, uint64_t now_ns)
{
	struct sender *sender = &m->senders[pair / m->spec.to_count];
	struct probe_spec probe = probe_of(m, pair);
	struct icmp_echo echo = { .owner = m->owner,
				  .probe = (uint32_t)pair,
				  .flow = m->flow,
				  .sequence = (uint16_t)m->round,
				  .bytes = (uint16_t)probe_size_bytes(&probe),
				  .dont_fragment = probe.dont_fragment.value };
	double timeout_ms;
	int error;

	ask_ahead(m, pair / m->spec.to_count, now_ns);
	if (!is_decided(sender, now_ns))
		return false;
	timeout_ms = predict(m, pair);
	if (sender->state == SENDER_FAILED) {
		pairs_not_sent(m->pairs, pair, NO_SOCKET, false);
		return true;
	}
	error = send_echo(sender, nic_ip_from(probe.to, probe.from), &echo);
	if (!error) {
		m->rests = 0;
		pairs_sent(m->pairs, pair, now_ns + (uint64_t)(timeout_ms * 1e6));
		return true;
	}
	if (is_transient(error) && m->rests++ < RESTS) {
		m->next_ns = now_ns + REST_NS;
		return false;
	}
	not_sent(m, pair, error);
	return true;
}

/* ---- connections and fetches ---- */

static void no_socket(struct mesh *m, size_t pair, const char *why)
{
	(void)snprintf(m->no_socket, sizeof(m->no_socket), "%.90s", why);
	pairs_not_sent(m->pairs, pair, NO_SOCKET, false);
}

static void release(struct mesh_fetch *fetch)
{
	struct mesh *m = fetch->mesh;

	m->fetch_count--;
	m->socket_count -= fetch->tag != 0;
	*fetch = (struct mesh_fetch){ .mesh = m };
}

static bool is_answer(const struct mesh *m, size_t pair, const struct http_result *result)
{
	const struct nic *to = m->spec.to[pair % m->spec.to_count];

	if (protocol_of(&m->spec) == PROBE_HTTP)
		return result->status == 200 && !strcmp(result->body, to->vm->object.name);
	return result->is_connected || result->error == ECONNREFUSED /* by itself */;
}

static void fetched(void *arg, const struct http_result *result, const char *why)
{
	struct mesh_fetch *fetch = arg;
	struct mesh *m = fetch->mesh;

	if (!result) {
		no_socket(m, fetch->pair, why);
	} else if (is_answer(m, fetch->pair, result))
		pairs_answered(m->pairs, fetch->pair, (float)result->total_ms);
	else if (result->error == ENETUNREACH)
		not_sent(m, fetch->pair, result->error);
	else
		pairs_lost(m->pairs, fetch->pair);
	release(fetch);
	loop_timer_set(m->timer, 0);
}

/* A free place, which is known to be there. */
static struct mesh_fetch *free_fetch(const struct mesh *m)
{
	struct mesh_fetch *fetch = m->fetches;

	while (fetch->is_used)
		fetch++;
	return fetch;
}

static void fetch_socket(struct mesh_fetch *fetch, int fd, const char *why);

static bool start_fetch(struct mesh *m, size_t pair, uint64_t now_ns)
{
	struct probe_spec probe = probe_of(m, pair);
	struct mesh_fetch *fetch;

	if (m->fetch_count == FETCHES || m->socket_count == SOCKETS_AT_ONCE)
		return false;
	fetch = free_fetch(m);
	m->last_serial = m->last_serial % 0xffffff + 1;
	*fetch = (struct mesh_fetch){ .mesh = m,
				      .is_used = true,
				      .tag = m->last_serial << 8 | (uint32_t)(fetch - m->fetches),
				      .pair = pair,
				      .asked_ns = now_ns };
	m->fetch_count++;
	m->socket_count++;
	(void)predict(m, pair);
	pairs_sent(m->pairs, pair, UINT64_MAX); /* its fetch knows when its time is over */
	if (is_guest(m, pair / m->spec.to_count))
		fetch_socket(fetch, -1, "");
	else
		m->ops.need_socket(m->arg, m->spec.from[pair / m->spec.to_count]->vm->object.name,
				   prober_socket_of(&probe), fetch->tag);
	return true;
}

/* On the socket, or by the agent of a guest, which needs none. */
static void fetch_socket(struct mesh_fetch *fetch, int fd, const char *why)
{
	struct mesh *m = fetch->mesh;
	struct probe_spec probe = probe_of(m, fetch->pair);
	size_t from = fetch->pair / m->spec.to_count;
	struct fetch_spec spec = { .protocol = protocol_of(&m->spec),
				   .to = nic_ip_from(probe.to, probe.from),
				   .port = (unsigned)probe.port.value,
				   .timeout_ms = lround(predict(m, fetch->pair)) };
	struct err err = { 0 };

	fetch->tag = 0;
	m->socket_count--;
	if (is_guest(m, from))
		fetch->fetch = fetch_start_by(agent_of(m, from), &spec, fetched, fetch, &err);
	else if (fd >= 0)
		fetch->fetch = fetch_start(m->loop, m->http, fd, &spec, fetched, fetch);
	if (fetch->fetch)
		return;
	no_socket(m, fetch->pair, is_guest(m, from) ? err.text : why);
	release(fetch);
}

static void give_up_sockets(struct mesh *m, uint64_t now_ns)
{
	for (size_t i = 0; m->socket_count && i < FETCHES; i++)
		if (m->fetches[i].tag && now_ns - m->fetches[i].asked_ns > SOCKET_NS)
			fetch_socket(&m->fetches[i], -1, "the engine opens no socket");
}

void mesh_socket(struct mesh *m, uint32_t tag, int fd, const char *why)
{
	if (is_icmp(m))
		sender_socket(&m->senders[tag], fd, why);
	else if (m->fetches[tag % FETCHES].tag == tag)
		fetch_socket(&m->fetches[tag % FETCHES], fd, why);
	else
		fd_close(&fd); /* it came too late */
	if (!m->is_over)
		loop_timer_set(m->timer, 0);
}

/* ---- in portions ---- */

/* All are gone through once more, as a flow of their own. */
static void begin_round(struct mesh *m)
{
	m->round = pairs_round(m->pairs);
	m->flow = icmp_new_flow();
}

static bool send_next(struct mesh *m, uint64_t now_ns)
{
	size_t pair;

	if (m->next_ns > now_ns || !pairs_next(m->pairs, &pair))
		return false;
	if (m->round != pairs_round(m->pairs))
		begin_round(m);
	if (m->next_ns + BURST * GAP_NS < now_ns)
		m->next_ns = now_ns - BURST * GAP_NS;
	m->next_ns += GAP_NS;
	if (!is_icmp(m))
		return start_fetch(m, pair, now_ns);
	if (!ping(m, pair, now_ns))
		return false;
	/* most answers are there already: before there are more than the socket takes */
	if (pair % BURST == 0 && m->senders[pair / m->spec.to_count].fd >= 0)
		drain(&m->senders[pair / m->spec.to_count], now_ns + PORTION_NS);
	return true;
}

static uint64_t wait_ns(const struct mesh *m, uint64_t expiry_ns, bool is_more, uint64_t now_ns)
{
	uint64_t wait = LOOK_NS;

	if (is_more)
		return 0;
	if (m->next_ns > now_ns && m->next_ns - now_ns < wait) /* then several leave together */
		wait = m->next_ns - now_ns + PACE_NS;
	if (expiry_ns > now_ns && expiry_ns - now_ns < wait)
		wait = expiry_ns - now_ns;
	return wait;
}

static void tick(void *arg, uint64_t now_ns)
{
	struct mesh *m = arg;
	uint64_t start_ns = now_ns, expiry_ns;
	bool is_more;

	if (!is_icmp(m))
		give_up_sockets(m, now_ns);
	do {
		is_more = send_next(m, now_ns);
		now_ns = loop_clock_ns();
	} while (is_more && now_ns - start_ns < PORTION_NS);
	expiry_ns = pairs_expire(m->pairs, now_ns);
	if (mesh_decided(m) == mesh_asked(m)) {
		m->is_over = true;
		m->ops.on_done(m->arg);
		return;
	}
	loop_timer_set(m->timer, wait_ns(m, expiry_ns, is_more, now_ns));
}

/* ---- all of it ---- */

struct mesh *mesh_new(struct loop *loop, const struct mesh_spec *spec, const struct mesh_ops *ops,
		      void *arg)
{
	struct mesh *m = calloc(1, sizeof(*m));

	if (!m)
		abort();
	*m = (struct mesh){ .loop = loop, .spec = *spec, .ops = *ops, .arg = arg };
	m->pairs = pairs_new(spec->from_count * spec->to_count, WINDOW,
			     protocol_of(spec) == PROBE_ICMP ? TRIES : FETCH_TRIES);
	m->senders = calloc(spec->from_count + 1, sizeof(*m->senders));
	m->fetches = calloc(FETCHES, sizeof(*m->fetches));
	if (!m->senders || !m->fetches)
		abort();
	m->owner = icmp_new_owner();
	if (!is_icmp(m))
		m->http = http_pool_new(loop);
	for (size_t i = 0; i < spec->from_count; i++) {
		m->senders[i] = (struct sender){ .mesh = m, .fd = -1 };
		for (size_t n = 0; n < spec->to_count; n++)
			if (spec->from[i]->vm == spec->to[n]->vm)
				pairs_leave_out(m->pairs, index_of(m, i, n));
	}
	for (size_t i = 0; i < FETCHES; i++)
		m->fetches[i].mesh = m;
	m->timer = loop_timer_new(loop, tick, m, "mesh");
	loop_timer_set(m->timer, 0);
	return m;
}

void mesh_free(struct mesh *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < FETCHES; i++)
		fetch_cancel(m->fetches[i].fetch);
	http_pool_free(m->http);
	for (size_t i = 0; i < m->spec.from_count; i++) {
		loop_fd_free(m->senders[i].watch);
		agent_pinger_free(m->senders[i].agent);
		fd_close(&m->senders[i].fd);
	}
	loop_timer_free(m->timer);
	pairs_free(m->pairs);
	free(m->senders);
	free(m->fetches);
	free(m);
}

size_t mesh_asked(const struct mesh *m)
{
	return pairs_asked(m->pairs);
}

size_t mesh_decided(const struct mesh *m)
{
	return pairs_decided(m->pairs);
}

const struct pair *mesh_pair(const struct mesh *m, size_t from, size_t to)
{
	return pairs_get(m->pairs, index_of(m, from, to));
}

void mesh_predict(const struct mesh *m, size_t from, size_t to, struct prediction *ret_prediction)
{
	struct probe_spec probe = probe_of(m, index_of(m, from, to));

	fabric_predict(m->spec.fabric, &probe, ret_prediction);
}

const char *mesh_why_not(const struct mesh *m, size_t from, size_t to)
{
	const struct pair *pair = mesh_pair(m, from, to);

	if (pair->state == PAIR_ANSWERED || !pair->error)
		return "";
	if (pair->error == NO_SOCKET)
		return is_icmp(m) ? m->senders[from].why : m->no_socket;
	return strerror(pair->error);
}
