/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When which table is compared, and how it goes on. */
#include "netns/super/drift_parts.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/kernel/nft_events.h"

#include <errno.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <utlist.h>

#define GATHER_NS       20000000ull   /* from a change of our own, if no other comes, ... */
#define PATIENCE_NS     1000000000ull /* ... to the comparison; or from the first of many */
#define STEPS_AT_ONCE   2000          /* of a plan that is taken in */
#define PACKETS_AT_ONCE 4             /* that are read in one callback */
#define ITEMS_TOLD      8             /* one by one in the journal, of one comparison */

static const enum engine_socket socket_types[] = {
	[SOCKET_ASK] = ENGINE_SOCKET_FIB,
	[SOCKET_EVENTS] = ENGINE_SOCKET_FIB_EVENTS,
	[SOCKET_NFT] = ENGINE_SOCKET_NFT_EVENTS,
};

/* ---- what is due ---- */

void drift_hurry(struct drift *d)
{
	loop_timer_set(d->work, 0);
}

/* A table that someone touched comes before those whose turn it is. */
void drift_make_due(struct drift *d, struct drift_table *table, bool is_urgent)
{
	if (table->is_due && !is_urgent)
		return;
	if (table->is_due)
		DL_DELETE(d->due, table);
	table->is_due = true;
	if (is_urgent)
		DL_PREPEND(d->due, table);
	else
		DL_APPEND(d->due, table);
}

void drift_all_due(struct drift *d)
{
	d->is_all_due = d->is_busy = true;
}

bool drift_is_paused(const struct drift *d)
{
	return d->applying || d->next;
}

/* It is told as long as it is so, but is an event only once. */
static void cannot_look(struct drift *d, const char *why)
{
	char text[sizeof(d->blind)];

	(void)snprintf(text, sizeof(text), "cannot look at the fabric: %.190s", why);
	if (!strcmp(text, d->blind))
		return;
	memcpy(d->blind, text, sizeof(text));
	journal_add(d->journal, "drift", "%s", d->blind);
	d->changed(d->arg);
}

static void can_look(struct drift *d)
{
	if (d->fds[SOCKET_ASK] >= 0 && d->fds[SOCKET_EVENTS] >= 0 && d->fds[SOCKET_NFT] >= 0)
		*d->blind = '\0';
}

/* ---- comparing ---- */

static void sample_done(struct drift *d)
{
	d->is_sampling = false;
	d->sample++;
	drift_hurry(d);
}

/* In the journal; of many only the first. */
static void tell_item(struct drift *d, const struct drift_table *table,
		      const struct drift_item *item, unsigned number,
		      void (*tell)(struct drift *d, const char *text))
{
	char text[TEXT_SIZE];

	drift_item_print(d, table->id, item, text, sizeof(text));
	if (number < ITEMS_TOLD)
		tell(d, text);
}

static void tell_rest(struct drift *d, const struct drift_table *table, unsigned count,
		      const char *what)
{
	char text[TEXT_SIZE];

	drift_table_print(d, table->id, text, sizeof(text));
	if (count > ITEMS_TOLD)
		journal_add(d->journal, "drift", "%s: %u more %s", text, count - ITEMS_TOLD, what);
}

/* What began and what ended, from one comparison of a table to the next; both are in order. */
static void settle(struct drift *d, struct drift_table *table)
{
	const struct drift_found old = table->standing, new = table->found;
	unsigned began = 0, ended = 0;
	size_t a = 0, b = 0;

	while (a < old.count || b < new.count) {
		int order = a == old.count   ? 1
			    : b == new.count ? -1
					     : drift_item_compare(&old.items[a], &new.items[b]);

		if (order < 0)
			tell_item(d, table, &old.items[a], ended++, drift_ended);
		else if (order > 0)
			tell_item(d, table, &new.items[b], began++, drift_began);
		a += order <= 0;
		b += order >= 0;
	}
	tell_rest(d, table, ended, "ended");
	tell_rest(d, table, began, "began");
	table->standing = new;
	table->found = old;
	if (!began && !ended)
		return;
	drift_choose_samples(d); /* packets see it in another way */
	d->changed(d->arg);
}

/* `error` is what the kernel says of the dump: a table that holds nothing does not exist. */
static void table_done(struct drift *d, int error)
{
	struct drift_table *table = d->current;

	d->current = NULL;
	if (error && error != -ENOENT) {
		cannot_look(d, strerror(-error)); /* the next period tries again */
	} else if (d->is_disturbed) {
		drift_make_due(d, table, false);
	} else {
		can_look(d);
		drift_table_end(table, drift_port_name, d);
		settle(d, table);
	}
	drift_hurry(d);
}

/* Its answers carry d->seq. What the kernel was heard to do is done before it is asked about it. */
static void begin_question(struct drift *d)
{
	if (d->has_news)
		(void)fib_wait(d->fds[SOCKET_ASK], ++d->seq);
	d->has_news = false;
	d->is_disturbed = false;
	d->seq++;
}

static void compare(struct drift *d)
{
	struct drift_table *table = d->due;
	enum ip_family family = drift_family(table->id);
	int rc;

	DL_DELETE(d->due, table);
	table->is_due = false;
	drift_table_begin(table);
	begin_question(d);
	rc = drift_is_rules(table->id)
		     ? fib_ask_rules(d->fds[SOCKET_ASK], d->seq, family)
		     : fib_ask_routes(d->fds[SOCKET_ASK], d->seq, family, drift_number(table->id));
	d->current = table;
	if (rc)
		table_done(d, rc);
}

static void ask_sample(struct drift *d)
{
	begin_question(d);
	d->is_sampling = !fib_ask_packet(d->fds[SOCKET_ASK], d->seq, &d->samples[d->sample]);
	if (d->is_sampling)
		return;
	d->sample = d->sample_count;
	drift_hurry(d);
}

static void handle_answer(struct drift *d, const struct nlmsghdr *h)
{
	struct fib_hop hops[FIB_HOPS_MAX];
	struct fib_route route;
	struct fib_rule rule;

	if (h->nlmsg_seq != d->seq)
		return;
	d->is_disturbed |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	if (h->nlmsg_type == NLMSG_ERROR || h->nlmsg_type == NLMSG_DONE) {
		if (d->is_sampling && !d->is_disturbed)
			drift_hear_witness(d, NULL, fib_error(h));
		if (d->is_sampling)
			sample_done(d);
		else if (d->current)
			table_done(d, fib_error(h));
	} else if (fib_parse_route(h, hops, &route)) {
		if (d->is_sampling) {
			if (!d->is_disturbed)
				drift_hear_witness(d, &route, 0);
			sample_done(d);
		} else if (d->current) {
			drift_table_see_route(d->current, &route, drift_port_name, d);
		}
	} else if (fib_parse_rule(h, &rule) && d->current) {
		drift_table_see_rule(d->current, &rule);
	}
}

/* False when there is nothing (more) to be read. */
bool drift_read_packet(struct drift *d, int fd,
		       void (*handle)(struct drift *d, const struct nlmsghdr *h))
{
	static char bytes[64 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	const struct nlmsghdr *h = (const struct nlmsghdr *)bytes;
	int left = (int)got;

	if (got < 0 && errno == ENOBUFS) { /* something was lost */
		d->has_news = true;
		drift_all_due(d);
		if (fd == d->fds[SOCKET_ASK]) {
			d->current = NULL;
			d->is_sampling = false;
			d->seq++;
		}
		drift_hurry(d);
		return true;
	}
	if (got < 0)
		return false;
	for (; nlmsg_ok(h, left); h = nlmsg_next((struct nlmsghdr *)h, &left))
		handle(d, h);
	return true;
}

static void on_answer(void *arg, unsigned events, uint64_t now_ns)
{
	struct drift *d = arg;

	(void)events;
	(void)now_ns;
	for (unsigned i = 0; i < PACKETS_AT_ONCE; i++)
		if (!drift_read_packet(d, d->fds[SOCKET_ASK], handle_answer))
			return;
}

/* ---- what we do ---- */

/* Something of one kind, or with STEP_KIND_COUNT of any, in the fabric. */
static bool has_step(const struct plan *changes, enum step_kind kind)
{
	for (uint32_t i = 0; i < changes->step_count; i++)
		if ((kind == STEP_KIND_COUNT || changes->steps[i].kind == kind) &&
		    !strcmp(plan_text(changes, changes->steps[i].ns), FABRIC_NS))
			return true;
	return false;
}

static bool has_nft(const struct plan *changes)
{
	return has_step(changes, STEP_NFT) || has_step(changes, STEP_ELEMENT);
}

/* What nftables said until now was not of these changes. */
void drift_pause(struct drift *d, const struct plan *changes)
{
	drift_read_generations(d);
	d->applying++;
	d->applying_nft += has_nft(changes);
	d->is_disturbed = true;
}

void drift_go_on(struct drift *d, const struct plan *changes, bool is_done)
{
	bool is_nft = has_nft(changes);

	drift_read_generations(d);
	d->applying--;
	d->applying_nft -= is_nft;
	if (is_nft && is_done && *d->nft) {
		drift_ended(d, d->nft);
		*d->nft = '\0';
		d->changed(d->arg);
	}
	if (!has_step(changes, STEP_KIND_COUNT)) {
		drift_hurry(d);
		return;
	}
	if (!d->is_all_due)
		d->changed_ns = loop_clock_ns();
	drift_all_due(d);
	loop_timer_set(d->work, loop_clock_ns() - d->changed_ns < PATIENCE_NS ? GATHER_NS : 0);
}

bool drift_is_settled(const struct drift *d)
{
	return *d->blind || !d->is_busy;
}

static void want(struct drift *d, bool is_whole, struct plan *plan)
{
	struct wanted_next *next = calloc(1, sizeof(*next));

	if (!next)
		abort();
	next->is_whole = is_whole;
	next->plan = plan;
	DL_APPEND(d->next, next);
	d->is_disturbed = true;
	drift_hurry(d);
}

void drift_want(struct drift *d, const struct topology *topology, struct plan *plan)
{
	d->topology = topology; /* the one before may go at once */
	want(d, true, plan);
}

void drift_want_changes(struct drift *d, const struct plan *changes)
{
	struct plan *plan = plan_new();

	for (uint32_t i = 0; i < changes->step_count; i++)
		(void)plan_copy_step(plan, changes, &changes->steps[i], changes->steps[i].verb);
	want(d, false, plan);
}

static void take_in(struct drift *d)
{
	struct wanted_next *next = d->next;
	const struct plan *plan = next->plan;

	if (!next->step)
		drift_set_begin(&d->set, next->is_whole);
	for (unsigned i = 0; i < STEPS_AT_ONCE && next->step < plan->step_count; i++, next->step++)
		drift_set_take(&d->set, plan, &plan->steps[next->step]);
	if (next->step < plan->step_count)
		return;
	drift_set_end(&d->set, next->is_whole);
	DL_DELETE(d->next, next);
	plan_free(next->plan);
	free(next);
}

/* ---- what is next ---- */

static void work(void *arg, uint64_t now_ns)
{
	struct drift *d = arg;
	struct drift_table *table;

	(void)now_ns;
	if (d->next) {
		take_in(d);
		drift_hurry(d);
		return;
	}
	if (drift_is_paused(d) || d->current || d->is_sampling || d->fds[SOCKET_ASK] < 0)
		return;
	if (d->has_ignored)
		drift_all_due(d);
	if (d->is_all_due) {
		d->is_all_due = d->has_ignored = false;
		for (table = d->set.tables; table; table = table->hh.next)
			drift_make_due(d, table, false);
		drift_choose_samples(d);
	}
	if (d->due)
		compare(d);
	else if (d->sample < d->sample_count)
		ask_sample(d);
	else if (d->is_busy) {
		d->is_busy = false;
		d->changed(d->arg);
	}
}

/* Also once more what could not be opened: an engine that died is there again. */
static void open_sockets(struct drift *d)
{
	for (size_t i = 0; d->engine && i < ARRAY_SIZE(socket_types); i++)
		if (d->fds[i] < 0)
			engine_client_socket(d->engine, FABRIC_NS, socket_types[i], drift_socket, d,
					     i);
}

static void on_period(void *arg, uint64_t now_ns)
{
	struct drift *d = arg;

	(void)now_ns;
	open_sockets(d);
	drift_all_due(d);
	drift_hurry(d);
	loop_timer_set(d->period, d->period_ns);
}

/* ---- its life ---- */

struct drift *drift_new(struct loop *loop, struct journal *journal, uint64_t period_ns,
			void (*changed)(void *arg), void *arg)
{
	struct drift *d = calloc(1, sizeof(*d));

	if (!d)
		abort();
	*d = (struct drift){ .loop = loop,
			     .journal = journal,
			     .changed = changed,
			     .arg = arg,
			     .period_ns = period_ns,
			     .fds = { -1, -1, -1 },
			     .random = loop_clock_ns() | 1 };
	drift_set_init(&d->set);
	d->work = loop_timer_new(loop, work, d, "drift");
	d->period = loop_timer_new(loop, on_period, d, "drift's period");
	return d;
}

void drift_free(struct drift *d)
{
	struct wanted_next *next, *other;

	if (!d)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(d->fds); i++) {
		loop_fd_free(d->watches[i]);
		fd_close(&d->fds[i]);
	}
	DL_FOREACH_SAFE(d->next, next, other)
	{
		plan_free(next->plan);
		free(next);
	}
	loop_timer_free(d->work);
	loop_timer_free(d->period);
	drift_set_fini(&d->set);
	free(d);
}

void drift_socket(void *drift, size_t type, int fd, const struct err *err)
{
	static loop_fd_fn *const readers[] = { on_answer, drift_on_fib_event, drift_on_nft_event };
	static const char *const names[] = { "drift: answer", "drift: event", "drift: nftables" };
	struct drift *d = drift;

	if (err) {
		cannot_look(d, err->text);
		return;
	}
	if (d->fds[type] >= 0) { /* it was asked for twice */
		fd_close(&fd);
		return;
	}
	d->fds[type] = fd;
	d->watches[type] = loop_fd_new(d->loop, fd, LOOP_READ, readers[type], d, names[type]);
	can_look(d);
	if (type == SOCKET_NFT)
		(void)nft_events_ask(fd);
	drift_all_due(d);
	drift_hurry(d);
}

void drift_begin(struct drift *d)
{
	loop_timer_set(d->period, d->period_ns);
	drift_all_due(d);
	drift_hurry(d);
}

void drift_open(struct drift *d, struct engine_client *engine)
{
	d->engine = engine;
	open_sockets(d);
	drift_begin(d);
}
