/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/flows.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "lab/plan/fabric_ids.h"
#include "netns/kernel/nflog.h"

#include <errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PORTION_NS        2000000ull /* of one callback */
#define QUESTIONS_AT_ONCE 64
#define SETTLE_NS         25000000ull    /* FLOW_SETTLE_S, and a little */
#define COUNT_NS          1000000000ull  /* from one count to the next, while somebody looks */
#define MINUTE_NS         60000000000ull /* ... and while nobody does */
#define LOSS_NS           5000000000ull  /* from one word in the journal on losses to the next */
#define COUNT_TAKES_NS    3000000000ull  /* a count that takes longer is given up */

enum {
	SOCKET_LOG,
	SOCKET_COUNT,
	SOCKET_ENDS,
	SOCKET_TYPES
};

static const enum engine_socket socket_types[SOCKET_TYPES] = {
	[SOCKET_LOG] = ENGINE_SOCKET_FLOW_LOG,
	[SOCKET_COUNT] = ENGINE_SOCKET_CONNTRACK,
	[SOCKET_ENDS] = ENGINE_SOCKET_CONNTRACK_EVENTS,
};

struct flow_question {
	struct conntrack_state ends;
	bool by_answer;
};

struct flows {
	struct loop *loop;
	struct journal *journal;
	struct flow_table *table;
	struct flows_ops ops;
	void *arg;
	double unix_offset;
	int fds[SOCKET_TYPES];
	struct loop_fd *watches[SOCKET_TYPES];
	struct loop_timer *settle, *count;
	uint32_t sequence; /* of the log, that comes next */
	bool has_sequence;
	uint64_t lost;    /* messages, by the holes between those that came */
	uint32_t unseen;  /* drops behind the last message */
	uint32_t dropped; /* by the socket, when it was last empty */
	bool has_hole;    /* ... since */
	uint64_t told_lost, told_ns;
	/* the count under way, or the last one */
	bool is_counting;
	struct flow_question questions[QUESTIONS_AT_ONCE];
	unsigned question_count, unanswered;
	uint32_t asked;       /* the sequence number of the first of them */
	uint64_t next_number; /* of the flow to be asked for next */
	uint64_t divided_ns;
	uint64_t counted_ns; /* when the latest one began */
	char error[240];
};

static double unix_time(const struct flows *f, uint64_t now_ns)
{
	return f->unix_offset + (double)now_ns / 1e9;
}

/* ---- losses ---- */

uint64_t flows_lost(const struct flows *f)
{
	return f->lost + f->unseen;
}

/*
 * Messages are numbered, so what is missing between two is known. What is lost behind the last one
 * shows, until another comes, in the drops of the socket only: there, several are one.
 */
static void look_for_drops(struct flows *f)
{
	uint32_t dropped = nflog_dropped(f->fds[SOCKET_LOG]);

	if (!f->has_hole)
		f->unseen += dropped - f->dropped;
	f->dropped = dropped;
	f->has_hole = false;
}

static void note_sequence(struct flows *f, uint32_t sequence)
{
	uint32_t missing = sequence - f->sequence;

	if (f->has_sequence && missing) {
		f->lost += missing;
		f->unseen = 0;
		f->has_hole = true;
	}
	f->has_sequence = true;
	f->sequence = sequence + 1;
}

/* Not more often than somebody can read. */
static void tell_losses(struct flows *f, uint64_t now_ns)
{
	uint64_t lost = flows_lost(f);

	if (lost <= f->told_lost || now_ns - f->told_ns < LOSS_NS)
		return;
	journal_add(f->journal, "flows",
		    "%llu messages of the flow log were lost: more came than could be read",
		    (unsigned long long)(lost - f->told_lost));
	f->told_lost = lost;
	f->told_ns = now_ns;
	f->ops.on_change(f->arg);
}

/* ---- reading ---- */

typedef void handle_fn(struct flows *f, const struct nlmsghdr *h, uint64_t now_ns);

/* False when there is nothing (more) to be read. */
static bool read_packet(struct flows *f, int fd, handle_fn *handle, uint64_t now_ns)
{
	static char bytes[128 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	const struct nlmsghdr *h = (const struct nlmsghdr *)bytes;
	int left = (int)got;

	if (got < 0)
		return errno ==
		       ENOBUFS; /* ends of states that were lost: the next count shows them */
	for (; nlmsg_ok(h, left); h = nlmsg_next((struct nlmsghdr *)h, &left))
		handle(f, h, now_ns);
	return true;
}

/* Others have their turn before the rest is read. False when there is no rest. */
static bool read_portion(struct flows *f, int fd, handle_fn *handle, uint64_t now_ns)
{
	while (read_packet(f, fd, handle, now_ns))
		if (loop_clock_ns() - now_ns >= PORTION_NS)
			return true;
	return false;
}

static void handle_log(struct flows *f, const struct nlmsghdr *h, uint64_t now_ns)
{
	struct nflog_message logged;
	struct flow_message message;

	if (!nflog_parse(h, &logged))
		return;
	note_sequence(f, logged.sequence);
	message = (struct flow_message){
		.prefix = logged.prefix, .mark = logged.mark, .in = logged.in, .out = logged.out
	};
	if (logged_packet_parse(logged.packet, logged.packet_size, &message.packet))
		(void)flow_table_hear(f->table, &message, unix_time(f, now_ns));
}

static void on_log(void *arg, unsigned events, uint64_t now_ns)
{
	struct flows *f = arg;

	(void)events;
	if (!read_portion(f, f->fds[SOCKET_LOG], handle_log, now_ns))
		look_for_drops(f);
	tell_losses(f, now_ns);
	if (!loop_timer_is_set(f->settle))
		loop_timer_set(f->settle, SETTLE_NS);
}

static void on_settle(void *arg, uint64_t now_ns)
{
	struct flows *f = arg;

	if (!flow_table_settle(f->table, unix_time(f, now_ns)))
		loop_timer_set(f->settle, SETTLE_NS);
	f->ops.on_change(f->arg);
}

/* ---- counting ---- */

static void count_over(struct flows *f)
{
	uint64_t now_ns = loop_clock_ns();

	f->is_counting = false;
	if (now_ns - f->divided_ns >= MINUTE_NS) {
		f->divided_ns = now_ns;
		flow_table_divide(f->table, unix_time(f, now_ns));
	}
	f->ops.on_change(f->arg);
}

/* The next ones from f->next_number on; when there are none, the count is over. */
static void ask_more(struct flows *f)
{
	struct flow_question *q;
	uint64_t number = f->next_number;

	for (f->question_count = 0; f->question_count < QUESTIONS_AT_ONCE; f->question_count++) {
		q = &f->questions[f->question_count];
		if (!flow_table_next_live(f->table, number, &number, &q->ends))
			break;
		q->by_answer = false;
		number++;
		if (conntrack_ask(f->fds[SOCKET_COUNT], f->asked + f->question_count, &q->ends,
				  false))
			break;
	}
	f->next_number = number;
	f->unanswered = f->question_count;
	if (!f->question_count)
		count_over(f);
}

/* Where nothing is found by the first packet, its answer may have another address. */
static void hear_nothing(struct flows *f, struct flow_question *q, uint32_t sequence,
			 uint64_t now_ns)
{
	if (!q->by_answer) {
		q->by_answer = true;
		if (!conntrack_ask(f->fds[SOCKET_COUNT], sequence, &q->ends, true)) {
			f->unanswered++;
			return;
		}
	}
	flow_table_no_state(f->table, &q->ends, unix_time(f, now_ns));
}

static void handle_count(struct flows *f, const struct nlmsghdr *h, uint64_t now_ns)
{
	uint32_t index = h->nlmsg_seq - f->asked;
	struct conntrack_state state;

	if (!f->is_counting || index >= f->question_count)
		return; /* of a count that was given up */
	f->unanswered--;
	if (conntrack_parse(h, &state))
		flow_table_count(f->table, &state, unix_time(f, now_ns));
	else
		hear_nothing(f, &f->questions[index], h->nlmsg_seq, now_ns);
	if (f->unanswered)
		return;
	f->asked += f->question_count;
	ask_more(f);
}

static void handle_end(struct flows *f, const struct nlmsghdr *h, uint64_t now_ns)
{
	struct conntrack_state state;

	if (conntrack_parse(h, &state) && state.is_gone)
		flow_table_count(f->table, &state, unix_time(f, now_ns));
}

static void on_count(void *arg, unsigned events, uint64_t now_ns)
{
	struct flows *f = arg;

	(void)events;
	(void)read_portion(f, f->fds[SOCKET_COUNT], handle_count, now_ns);
}

static void on_ends(void *arg, unsigned events, uint64_t now_ns)
{
	struct flows *f = arg;

	(void)events;
	(void)read_portion(f, f->fds[SOCKET_ENDS], handle_end, now_ns);
	f->ops.on_change(f->arg);
}

void flows_recount(struct flows *f)
{
	uint64_t now_ns = loop_clock_ns();

	if (f->fds[SOCKET_COUNT] < 0 || (f->counted_ns && now_ns - f->counted_ns < COUNT_NS))
		return;
	if (f->is_counting && now_ns - f->counted_ns < COUNT_TAKES_NS)
		return;
	f->counted_ns = now_ns;
	f->is_counting = true;
	f->asked += QUESTIONS_AT_ONCE; /* answers to earlier ones are told from these */
	f->next_number = 0;
	ask_more(f);
}

bool flows_is_counting(const struct flows *f)
{
	return f->is_counting;
}

static void on_timer(void *arg, uint64_t now_ns)
{
	struct flows *f = arg;

	loop_timer_set(f->count, COUNT_NS);
	tell_losses(f, now_ns);
	if (f->is_counting && now_ns - f->counted_ns >= COUNT_TAKES_NS)
		count_over(f);
	if (f->ops.is_watched(f->arg) || now_ns - f->counted_ns >= MINUTE_NS)
		flows_recount(f);
}

/* ---- the log ---- */

void flows_socket(void *flows, size_t type, int fd, const struct err *err)
{
	static loop_fd_fn *const readers[] = { on_log, on_count, on_ends };
	static const char *const names[] = { "flows: log", "flows: count", "flows: end" };
	struct flows *f = flows;

	if (err) {
		(void)snprintf(f->error, sizeof(f->error), "%.230s", err->text);
		journal_add(f->journal, "flows", "cannot be seen: %s", f->error);
		f->ops.on_change(f->arg);
		return;
	}
	f->fds[type] = fd;
	f->watches[type] = loop_fd_new(f->loop, fd, LOOP_READ, readers[type], f, names[type]);
	if (type == SOCKET_COUNT)
		loop_timer_set(f->count, COUNT_NS);
}

void flows_open(struct flows *f, struct engine_client *engine)
{
	for (size_t type = 0; type < SOCKET_TYPES; type++)
		engine_client_socket(engine, FABRIC_NS, socket_types[type], flows_socket, f, type);
}

void flows_name(struct flows *f, const struct topology *topology)
{
	flow_table_name(f->table, topology);
}

struct flows *flows_new(struct loop *loop, struct journal *journal, size_t kept, double unix_offset,
			const struct flows_ops *ops, void *arg)
{
	struct flows *f = calloc(1, sizeof(*f));

	if (!f)
		abort();
	f->loop = loop;
	f->journal = journal;
	f->table = flow_table_new(kept);
	f->unix_offset = unix_offset;
	f->ops = *ops;
	f->arg = arg;
	for (size_t i = 0; i < SOCKET_TYPES; i++)
		f->fds[i] = -1;
	f->settle = loop_timer_new(loop, on_settle, f, "flows: settle");
	f->count = loop_timer_new(loop, on_timer, f, "flows: count");
	return f;
}

void flows_free(struct flows *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < SOCKET_TYPES; i++) {
		loop_fd_free(f->watches[i]);
		fd_close(&f->fds[i]);
	}
	loop_timer_free(f->settle);
	loop_timer_free(f->count);
	flow_table_free(f->table);
	free(f);
}

const struct flow_table *flows_table(const struct flows *f)
{
	return f->table;
}

const char *flows_error(const struct flows *f)
{
	return *f->error ? f->error : NULL;
}
