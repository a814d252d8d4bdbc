/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drift over a real kernel, in a network namespace of the test's own: no privileges are needed. */
#include "tests/support/test.h"

#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/kernel/fib.h"
#include "netns/kernel/nft.h"
#include "netns/kernel/nft_events.h"
#include "netns/kernel/rtnl_step.h"
#include "netns/super/drift.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/msg.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE   10
#define LONG_NS  60000000000ull
#define SHORT_NS 30000000ull
#define LIMIT_NS 5000000000ull

struct state {
	struct loop *loop;
	struct journal *journal;
	struct drift *drift;
	struct plan *wanted;
	struct loop_timer *limit;
	unsigned events; /* of drift, in the journal */
	size_t expected; /* differences that are waited for */
	bool is_over;
	char text[700]; /* the first one that is told */
};

static struct prefix prefix(const char *text)
{
	struct prefix parsed;

	assert_true(prefix_parse(text, &parsed));
	return parsed;
}

static struct ip ip(const char *text)
{
	struct ip parsed;

	assert_true(ip_parse(text, &parsed));
	return parsed;
}

static struct step *add_route(struct plan *plan, enum route_type type, const char *text)
{
	plan_add_route(plan, FABRIC_NS, 10001, type, prefix(text), (struct src_pos){ 0 });
	return &plan->steps[plan->step_count - 1];
}

static void add_rule(struct plan *plan, uint32_t priority, uint32_t mark, uint32_t table)
{
	struct step *step = plan_add_step(plan, STEP_RULE, FABRIC_NS, (struct src_pos){ 0 });

	step->rule.priority = priority;
	step->rule.mark = mark;
	step->rule.mask = 0xffff;
	step->rule.table = table;
}

static bool has_ipv6(void)
{
	return !access("/proc/sys/net/ipv6", F_OK);
}

/* The same number of a table, and of a rule, is another one by IPv6. */
static void add_ipv6(struct plan *plan)
{
	add_route(plan, ROUTE_THROW, "fd00::/48");
	add_route(plan, ROUTE_BLACKHOLE, "::/0");
	add_route(plan, ROUTE_UNICAST, "fd01::/48");
	plan_add_nexthop(plan, ip("fd00::4"), DEVICE, "any0");
	add_route(plan, ROUTE_UNICAST, "fd02::/48");
	plan_add_nexthop(plan, ip("fd00::5"), DEVICE, "any0");
	plan_add_nexthop(plan, ip("fd00::4"), DEVICE, "any0");
	add_route(plan, ROUTE_UNICAST, "fd00::4/128");
	plan_add_nexthop(plan, (struct ip){ 0 }, DEVICE, "any0");
	add_rule(plan, 101, 1, 10001);
	plan->steps[plan->step_count - 1].rule.family = IP_V6;
}

/* One of each kind that a fabric has. */
static struct plan *make_plan(void)
{
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_BRIDGE, FABRIC_NS, (struct src_pos){ 0 });

	step->bridge.end = (struct link_end){ .ifindex = DEVICE, .name = "any0" };
	step = plan_add_step(plan, STEP_UP, FABRIC_NS, (struct src_pos){ 0 });
	step->up.ifindex = 1; /* with it come routes of the kernel's own */
	step = plan_add_step(plan, STEP_ADDRESS, FABRIC_NS, (struct src_pos){ 0 });
	step->address.ifindex = 1;
	step->address.prefix = prefix("192.0.0.8/32");
	plan_add_route(plan, FABRIC_NS, RT_TABLE_MAIN, ROUTE_UNICAST, prefix("0.0.0.0/0"),
		       (struct src_pos){ 0 });
	plan_add_nexthop(plan, (struct ip){ 0 }, DEVICE, "any0");
	add_route(plan, ROUTE_THROW, "10.0.0.0/24");
	add_route(plan, ROUTE_BLACKHOLE, "0.0.0.0/0");
	add_route(plan, ROUTE_UNICAST, "10.1.0.0/24");
	plan_add_nexthop(plan, ip("10.0.0.36"), DEVICE, "any0");
	add_route(plan, ROUTE_UNICAST, "10.2.0.0/24");
	plan_add_nexthop(plan, ip("10.0.0.37"), DEVICE, "any0");
	plan_add_nexthop(plan, ip("10.0.0.36"), DEVICE, "any0");
	add_route(plan, ROUTE_UNICAST, "10.0.0.4/32");
	plan_add_nexthop(plan, (struct ip){ 0 }, DEVICE, "any0");
	add_rule(plan, 101, 1, 10001);
	add_rule(plan, 100, 2, 10001);
	if (has_ipv6())
		add_ipv6(plan);
	return plan;
}

/* As the engine does it. */
static void run(const struct plan *plan)
{
	struct rtnl_batch batch;
	struct err err = { 0 };
	struct nl_sock *sock = rtnl_open(&err);
	uint32_t failed;

	assert_non_null(sock);
	rtnl_batch_init(&batch);
	rtnl_batch_use(&batch, sock);
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (rtnl_step_add(&batch, plan, i, -1, &failed, &err))
			fail_msg("%s", err.text);
	if (rtnl_batch_commit(&batch, &failed, &err))
		fail_msg("%s", err.text);
	rtnl_batch_fini(&batch);
	nl_socket_free(sock);
}

static void count_event(void *arg, const struct snapshot_event *event)
{
	struct state *st = arg;

	st->events += !strcmp(event->kind, "drift");
}

static void keep(void *arg, const char *text)
{
	struct state *st = arg;

	(void)snprintf(st->text, sizeof(st->text), "%s", text);
}

static void on_change(void *arg)
{
	struct state *st = arg;

	*st->text = '\0';
	if (drift_tell(st->drift, 1, keep, st) == st->expected && drift_is_settled(st->drift))
		loop_stop(st->loop);
}

static void on_limit(void *arg, uint64_t now_ns)
{
	struct state *st = arg;

	(void)now_ns;
	st->is_over = true;
	loop_stop(st->loop);
}

/* Until all is compared and so many differences stand. */
static void expect(struct state *st, size_t count, const char *text)
{
	st->expected = count;
	st->is_over = false;
	loop_timer_set(st->limit, LIMIT_NS);
	loop_run(st->loop);
	loop_timer_cancel(st->limit);
	if (st->is_over)
		fail_msg("%zu differences, not %zu: %s", drift_tell(st->drift, 1, keep, st), count,
			 st->text);
	if (text && !strstr(st->text, text))
		fail_msg("'%s' is not in '%s'", text, st->text);
}

/* With events or, as if every one was lost, without. */
static void begin(struct state *st, bool has_events, uint64_t period_ns)
{
	struct plan *copy = plan_new();
	int fds[3] = { -1, -1, -1 };
	struct err err = { 0 };

	st->loop = loop_new();
	st->journal = journal_new(open("/dev/null", O_WRONLY | O_CLOEXEC), count_event, st);
	st->limit = loop_timer_new(st->loop, on_limit, st, "limit");
	st->drift = drift_new(st->loop, st->journal, period_ns, on_change, st);
	assert_int_equal(fib_open(&fds[0], &err), 0);
	if (has_events)
		assert_int_equal(fib_open_events(&fds[1], &err), 0);
	assert_int_equal(nft_events_open(&fds[2], &err), 0);
	plan_append(copy, st->wanted);
	drift_want(st->drift, NULL, copy);
	for (size_t i = 0; i < 3; i++)
		if (fds[i] >= 0)
			drift_socket(st->drift, i, fds[i], NULL);
	drift_begin(st->drift);
	expect(st, 0, NULL);
}

static int set_up(void **state)
{
	static struct state st;

	st = (struct state){ .wanted = make_plan() };
	if (unshare(CLONE_NEWNET))
		return 1;
	run(st.wanted);
	*state = &st;
	return 0;
}

static int tear_down(void **state)
{
	struct state *st = *state;

	drift_free(st->drift);
	loop_timer_free(st->limit);
	journal_free(st->journal);
	loop_free(st->loop);
	plan_free(st->wanted);
	return 0;
}

static void foreign(enum step_verb verb, enum route_type type, const char *text)
{
	struct plan *plan = plan_new();

	add_route(plan, type, text)->verb = verb;
	run(plan);
	plan_free(plan);
}

static void *remove_foreign(void *prefix)
{
	foreign(STEP_REMOVE, ROUTE_BLACKHOLE, prefix);
	return NULL;
}

/*
 * The kernel says that a route goes while it is still there. It says so to every listener, the last
 * one first: with many before us it takes a while, and there is another processor to look
 * meanwhile.
 */
static void what_goes_is_gone_when_it_is_looked_at(void **state)
{
	struct state *st = *state;
	struct err err = { 0 };
	int listeners[300];

	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++)
		assert_int_equal(fib_open_events(&listeners[i], &err), 0);
	begin(st, true, LONG_NS);
	for (unsigned i = 0; i < 100; i++) {
		pthread_t thread;

		foreign(STEP_ADD, ROUTE_BLACKHOLE, "192.0.2.0/24");
		expect(st, 1, "192.0.2.0/24: wanted nothing, the kernel has blackhole");
		assert_int_equal(
			pthread_create(&thread, NULL, remove_foreign, (void *)"192.0.2.0/24"), 0);
		expect(st, 0, NULL);
		assert_int_equal(pthread_join(thread, NULL), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(listeners); i++)
		fd_close(&listeners[i]);
}

static void what_was_made_is_what_is_wanted(void **state)
{
	struct state *st = *state;

	begin(st, true, LONG_NS);
	assert_int_equal(st->events, 0);
}

static void a_changed_route_is_told_with_both_answers_until_it_is_back(void **state)
{
	struct state *st = *state;

	begin(st, true, LONG_NS);
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "10.0.0.0/24");
	expect(st, 1, "table 10001, 10.0.0.0/24: wanted throw, the kernel has blackhole");
	assert_int_equal(st->events, 1);
	foreign(STEP_ADD, ROUTE_THROW, "10.0.0.0/24");
	expect(st, 0, NULL);
	assert_int_equal(st->events, 2);
}

static void a_missing_route_and_a_foreign_one_are_told(void **state)
{
	struct state *st = *state;

	begin(st, true, LONG_NS);
	foreign(STEP_REMOVE, ROUTE_UNICAST, "10.2.0.0/24");
	expect(st, 1,
	       "10.2.0.0/24: wanted via 10.0.0.37 dev #10, via 10.0.0.36 dev #10, the kernel has "
	       "nothing");
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "192.0.2.0/24");
	expect(st, 2, "10.2.0.0/24: wanted via");
}

/* The order of next hops is nobody's wish; one of them less is. */
static void next_hops_are_compared_as_a_set(void **state)
{
	struct plan *plan = plan_new(), *less = plan_new();
	struct state *st = *state;

	begin(st, true, LONG_NS);
	add_route(plan, ROUTE_UNICAST, "10.2.0.0/24");
	plan_add_nexthop(plan, ip("10.0.0.36"), DEVICE, "any0");
	plan_add_nexthop(plan, ip("10.0.0.37"), DEVICE, "any0");
	run(plan);
	add_route(less, ROUTE_UNICAST, "10.1.0.0/24");
	plan_add_nexthop(less, ip("10.0.0.38"), DEVICE, "any0");
	run(less);
	expect(st, 1,
	       "10.1.0.0/24: wanted via 10.0.0.36 dev #10, the kernel has via 10.0.0.38 dev #10");
	plan_free(plan);
	plan_free(less);
}

static void rules_are_compared(void **state)
{
	struct plan *plan = plan_new();
	struct state *st = *state;

	begin(st, true, LONG_NS);
	add_rule(plan, 99, 7, 77);
	run(plan);
	expect(st, 1,
	       "rules of the fabric, 99: wanted nothing, the kernel has from all fwmark 0x7/0xffff "
	       "lookup 77");
	plan->steps[0].verb = STEP_REMOVE;
	run(plan);
	expect(st, 0, NULL);
	plan->steps[0].rule.priority = 101;
	plan->steps[0].rule.mark = 1;
	plan->steps[0].rule.table = 10001;
	run(plan);
	expect(st, 1, "rules of the fabric, 101: wanted from all fwmark 0x1/0xffff lookup 10001");
	plan_free(plan);
}

static void ipv6_is_compared_beside_ipv4(void **state)
{
	struct plan *rule = plan_new();
	struct state *st = *state;

	begin(st, true, LONG_NS);
	if (!has_ipv6()) {
		plan_free(rule);
		skip();
	}
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "fd01::/48");
	expect(st, 1,
	       "table 10001 (IPv6), fd01::/48: wanted via fd00::4 dev #10, the kernel has "
	       "blackhole");
	foreign(STEP_REMOVE, ROUTE_BLACKHOLE, "fd01::/48");
	expect(st, 1, "fd01::/48: wanted via fd00::4 dev #10, the kernel has nothing");
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "fd02::/48");
	expect(st, 2, NULL);
	add_rule(rule, 101, 1, 10001);
	rule->steps[0].rule.family = IP_V6;
	rule->steps[0].verb = STEP_REMOVE;
	run(rule);
	expect(st, 3, NULL);
	rule->steps[0].verb = STEP_ADD;
	run(rule);
	expect(st, 2, NULL);
	plan_free(rule);
}

/* The way that is left when a notification was lost. */
static void what_no_event_told_is_found_by_the_period(void **state)
{
	struct state *st = *state;

	begin(st, false, SHORT_NS);
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "10.0.0.0/24");
	expect(st, 1, "wanted throw, the kernel has blackhole");
}

static void changes_of_our_own_are_no_drift(void **state)
{
	struct plan *changes = plan_new();
	struct state *st = *state;

	begin(st, true, LONG_NS);
	add_route(changes, ROUTE_BLACKHOLE, "10.0.0.0/24")->verb = STEP_CHANGE;
	add_route(changes, ROUTE_UNICAST, "10.1.0.0/24")->verb = STEP_REMOVE;
	add_route(changes, ROUTE_THROW, "10.9.0.0/24");
	add_rule(changes, 50, 5, 10001);
	for (unsigned i = 0; i < 20; i++) { /* there and back */
		drift_want_changes(st->drift, changes);
		drift_pause(st->drift, changes);
		run(changes);
		drift_go_on(st->drift, changes, true);
		changes->steps[0].route.type = i % 2 ? ROUTE_BLACKHOLE : ROUTE_THROW;
		changes->steps[1].verb = i % 2 ? STEP_REMOVE : STEP_ADD;
		changes->steps[1].route.type = ROUTE_BLACKHOLE;
		changes->steps[2].verb = i % 2 ? STEP_ADD : STEP_REMOVE;
		changes->steps[3].verb = i % 2 ? STEP_ADD : STEP_REMOVE;
		expect(st, 0, NULL);
	}
	assert_int_equal(st->events, 0);
	plan_free(changes);
}

static void what_others_do_meanwhile_is_found(void **state)
{
	struct plan *elsewhere = plan_new();
	struct state *st = *state;

	begin(st, true, LONG_NS);
	(void)plan_add_step(elsewhere, STEP_UP, "a-machine", (struct src_pos){ 0 });
	drift_pause(st->drift, elsewhere);
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "10.0.0.0/24");
	loop_timer_set(st->limit, SHORT_NS);
	loop_run(st->loop); /* it is heard */
	drift_go_on(st->drift, elsewhere, true);
	expect(st, 1, "wanted throw, the kernel has blackhole");
	plan_free(elsewhere);
}

/* What was programmed is not what was said: found by the comparison behind each change. */
static void a_change_that_was_not_made_is_found(void **state)
{
	struct plan *changes = plan_new();
	struct state *st = *state;

	begin(st, false, LONG_NS);
	add_route(changes, ROUTE_THROW, "10.9.0.0/24");
	drift_want_changes(st->drift, changes);
	drift_pause(st->drift, changes);
	drift_go_on(st->drift, changes, true);
	expect(st, 1, "10.9.0.0/24: wanted throw, the kernel has nothing");
	plan_free(changes);
}

static void what_differs_can_be_mended(void **state)
{
	struct plan *rule = plan_new(), *removals, *additions;
	struct state *st = *state;

	begin(st, true, LONG_NS);
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "10.0.0.0/24");
	foreign(STEP_ADD, ROUTE_BLACKHOLE, "192.0.2.0/24");
	foreign(STEP_REMOVE, ROUTE_UNICAST, "10.2.0.0/24");
	add_rule(rule, 99, 7, 77);
	run(rule);
	expect(st, 4, NULL);
	drift_mend(st->drift, st->wanted, &removals, &additions);
	assert_int_equal(removals->step_count, 4); /* twice where something is wanted */
	assert_int_equal(additions->step_count, 2);
	for (uint32_t i = 0; i < removals->step_count; i++) { /* some may fail: one by one */
		struct plan *one = plan_new();
		struct rtnl_batch batch;
		struct err err = { 0 };
		struct nl_sock *sock = rtnl_open(&err);
		uint32_t failed;

		(void)plan_copy_step(one, removals, &removals->steps[i], STEP_REMOVE);
		rtnl_batch_init(&batch);
		rtnl_batch_use(&batch, sock);
		(void)rtnl_step_add(&batch, one, 0, -1, &failed, &err);
		(void)rtnl_batch_commit(&batch, &failed, &err);
		rtnl_batch_fini(&batch);
		nl_socket_free(sock);
		plan_free(one);
	}
	run(additions);
	expect(st, 0, NULL);
	plan_free(rule);
	plan_free(removals);
	plan_free(additions);
}

/* That nothing can be looked at is told, until it can. */
static void a_socket_that_is_not_there_is_told(void **state)
{
	struct err err = { .code = -EPERM, .text = "no such luck" };
	struct state *st = *state;
	int fd;

	begin(st, false, LONG_NS);
	drift_socket(st->drift, 1, -1, &err);
	drift_socket(st->drift, 1, -1, &err); /* tried again */
	assert_int_equal(st->events, 1);
	assert_int_equal(drift_tell(st->drift, 1, keep, st), 1);
	assert_string_equal(st->text, "cannot look at the fabric: no such luck");
	assert_int_equal(fib_open_events(&fd, &err), 0);
	drift_socket(st->drift, 1, fd, NULL);
	expect(st, 0, NULL);
}

static void nftables_of_others_stand_until_ours_are_made_again(void **state)
{
	struct plan *changes = plan_new();
	struct state *st = *state;
	struct step *step;
	struct err err = { 0 };

	begin(st, true, LONG_NS);
	if (nft_add("ip others", "", &err))
		skip();
	expect(st, 1, "nftables of the fabric: changed by test_drift (process ");
	step = plan_add_step(changes, STEP_NFT, FABRIC_NS, (struct src_pos){ 0 });
	step->nft.table = plan_add_text(changes, "ip hublab");
	drift_pause(st->drift, changes);
	assert_int_equal(nft_add("ip hublab", "", &err), 0);
	drift_go_on(st->drift, changes, true);
	expect(st, 0, NULL);
	assert_int_equal(st->events, 2);
	plan_free(changes);
}

static const char *no_name(const void *arg, uint32_t ifindex)
{
	(void)arg;
	return ifindex % 2 ? "dev" : NULL;
}

/* Whatever stands in the bytes, and wherever they end, nothing is read behind them. */
static void any_bytes_are_read(void **state)
{
	static const int types[] = { RTM_NEWROUTE, RTM_DELROUTE, RTM_NEWRULE, 2560 + 15 };
	struct fib_hop hops[FIB_HOPS_MAX];
	struct nft_generation generation;
	struct fib_route route;
	struct fib_rule rule;
	unsigned seed = 1;
	char text[100];

	(void)state;
	for (unsigned round = 0; round < 200000; round++) {
		size_t size = NLMSG_HDRLEN + (size_t)rand_r(&seed) % 120;
		struct nlmsghdr *h = malloc(size);

		assert_non_null(h);
		for (size_t i = 0; i < size; i++) /* many small numbers: lengths that fit */
			((unsigned char *)h)[i] =
				(unsigned char)(rand_r(&seed) % 4 ? rand_r(&seed) % 24
								  : rand_r(&seed));
		h->nlmsg_len = (uint32_t)size;
		h->nlmsg_type = (uint16_t)types[round % ARRAY_SIZE(types)];
		if (size > NLMSG_HDRLEN)
			*(unsigned char *)nlmsg_data(h) = round & 4 ? AF_INET : AF_INET6;
		if (fib_parse_route(h, hops, &route)) {
			fib_route_print(&route, no_name, NULL, text, sizeof(text));
			assert_true(fib_route_equal(&route, &route));
		}
		if (fib_parse_rule(h, &rule)) {
			fib_rule_print(&rule, text, sizeof(text));
			assert_true(fib_rule_equal(&rule, &rule));
		}
		(void)!nft_events_parse(h, &generation);
		free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_bytes_are_read),
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(what_was_made_is_what_is_wanted),
		TEST(a_changed_route_is_told_with_both_answers_until_it_is_back),
		TEST(a_missing_route_and_a_foreign_one_are_told),
		TEST(what_goes_is_gone_when_it_is_looked_at),
		TEST(next_hops_are_compared_as_a_set),
		TEST(rules_are_compared),
		TEST(ipv6_is_compared_beside_ipv4),
		TEST(what_no_event_told_is_found_by_the_period),
		TEST(changes_of_our_own_are_no_drift),
		TEST(what_others_do_meanwhile_is_found),
		TEST(a_change_that_was_not_made_is_found),
		TEST(what_differs_can_be_mended),
		TEST(a_socket_that_is_not_there_is_told),
		TEST(nftables_of_others_stand_until_ours_are_made_again),
	};

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET)) {
		(void)puts("user namespaces");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
