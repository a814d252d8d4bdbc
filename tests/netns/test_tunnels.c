/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two machines, a tunnel between them and real charons, in namespaces of the test's own: a host
 * behind one machine reaches an address of the other by it. The test is the supervisor.
 * alone: it holds daemons to seconds
 */
#include "tests/support/test.h"
#include "tests/support/tuple.h"

#include "lab/plan/compile.h"
#include "netns/kernel/feature.h"
#include "netns/super/daemons.h"
#include "netns/super/part.h"
#include "netns/super/tunnels.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define TUNNEL_IFINDEX 7

/* ---- the lab, by hand ---- */

struct side {
	struct vm vm;
	struct guest_route route;
	struct node node;
	struct interface tunnel;
	struct tunnel_end end;
};

static struct side left, right;
static struct tunnel_end *ends[] = { &left.end, &right.end };
static struct lab lab;
static struct topology topology;

static struct prefix prefix_from(const char *text)
{
	struct prefix prefix;

	assert_true(prefix_parse(text, &prefix));
	return prefix;
}

static void make_side(struct side *side, const char *name, const char *end_name, const char *outer,
		      const char *inner, const char *peer_inner, const char *behind_peer)
{
	side->route = (struct guest_route){ .prefix = prefix_from(behind_peer),
					    .next_hop = ip_of(peer_inner) };
	side->vm.routes.items = &side->route;
	side->vm.routes.count = 1;
	side->node = (struct node){ .name = name, .role = ROLE_NVA, .vm = &side->vm };
	side->tunnel = (struct interface){ .kind = INTERFACE_TUNNEL,
					   .node = &side->node,
					   .name = "tun0",
					   .ifindex = TUNNEL_IFINDEX,
					   .ip = ip_of(inner),
					   .prefix_len = 32,
					   .tunnel = &side->end,
					   .peer_ip = ip_of(peer_inner) };
	side->end = (struct tunnel_end){ .name = end_name,
					 .node = &side->node,
					 .interface = &side->tunnel,
					 .local = ip_of(outer),
					 .shared_key = "abc123" };
}

static void make_lab(void)
{
	make_side(&left, "left", "left-tunnel", "10.9.0.1", "169.254.21.1", "169.254.0.1",
		  "10.2.0.0/24");
	make_side(&right, "right", "right-tunnel", "10.9.0.2", "169.254.0.1", "169.254.21.1",
		  "10.1.0.0/24");
	left.end.peer = &right.end;
	right.end.peer = &left.end;
	left.end.remote = right.end.local;
	right.end.remote = left.end.local;
	left.end.is_initiator = true;
	left.end.is_expected = right.end.is_expected = true;
	topology.lab = &lab;
	topology.tunnel_ends.items = ends;
	topology.tunnel_ends.count = ARRAY_SIZE(ends);
}

static void add_veth(struct plan *plan, const char *a, const char *a_name, const char *b,
		     const char *b_name, uint32_t ifindex)
{
	struct link_end first = { .ns = plan_add_text(plan, a), .ifindex = ifindex };
	struct link_end second = { .ns = plan_add_text(plan, b), .ifindex = ifindex };
	struct step *step = plan_add_step(plan, STEP_VETH, a, (struct src_pos){ 0 });

	first.mac[0] = second.mac[0] = 2;
	first.mac[5] = (uint8_t)ifindex;
	second.mac[5] = (uint8_t)(ifindex + 100);
	(void)snprintf(first.name, sizeof(first.name), "%s", a_name);
	(void)snprintf(second.name, sizeof(second.name), "%s", b_name);
	step->veth.a = first;
	step->veth.b = second;
	step->veth.mtu = 1500;
	step = plan_add_step(plan, STEP_UP, b, (struct src_pos){ 0 });
	step->up.ifindex = ifindex;
	(void)snprintf(step->up.dev, sizeof(step->up.dev), "%s", b_name);
}

static void add_address(struct plan *plan, const char *ns, uint32_t ifindex, const char *prefix)
{
	struct step *step = plan_add_step(plan, STEP_ADDRESS, ns, (struct src_pos){ 0 });

	step->address.ifindex = ifindex;
	step->address.prefix = prefix_from(prefix);
}

/* host -- left == tunnel over a link == right, which has 10.2.0.1 */
static struct plan *plan_of_lab(void)
{
	static const char *const names[] = { "host", "left", "right" };
	struct plan *plan = plan_new();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)plan_add_step(plan, STEP_NAMESPACE, names[i], (struct src_pos){ 0 });
		plan_add_sysctl(plan, names[i], "net/ipv4/ip_forward", "1");
		plan_add_sysctl(plan, names[i], "net/ipv4/conf/all/rp_filter", "0");
		plan_add_sysctl(plan, names[i], "net/ipv4/conf/default/rp_filter", "0");
	}
	add_veth(plan, "left", "eth0", "right", "eth0", 2);
	add_veth(plan, "left", "eth1", "host", "eth0", 3);
	add_address(plan, "left", 2, "10.9.0.1/24");
	add_address(plan, "right", 2, "10.9.0.2/24");
	add_address(plan, "left", 3, "10.1.0.1/24");
	add_address(plan, "host", 3, "10.1.0.4/24");
	add_address(plan, "right", 1, "10.2.0.1/32");
	plan_add_route(plan, "host", 254, ROUTE_UNICAST, prefix_from("0.0.0.0/0"),
		       (struct src_pos){ 0 });
	plan_add_nexthop(plan, ip_of("10.1.0.1"), 3, "eth0");
	compile_tunnels(plan, &topology, NULL);
	plan_sort(plan);
	return plan;
}

/* ---- the supervisor ---- */

static struct world {
	struct loop *loop;
	struct journal *journal;
	struct engine_client *engine;
	struct daemons *daemons;
	struct tunnels *tunnels;
	struct loop_timer *tick;
	struct loop_signal *on_child;
	uint64_t deadline_ns;
	bool (*condition)(void);
	bool is_applied;
	struct err failure;
	struct plan *standing;
} w;

static void on_ready(void *arg, const struct engine_features *kernel)
{
	(void)arg;
	tunnels_use_xfrm(w.tunnels, kernel->has_xfrm);
}

static void on_made(void *arg, const struct plan *changes, const struct engine_made *made)
{
	(void)arg;
	daemons_started(w.daemons, changes, &changes->steps[made->step], made->pid, made->fds[0]);
}

static void on_stage(void *arg, enum step_stage stage, uint32_t count, uint64_t took_ns)
{
	(void)arg;
	(void)stage;
	(void)count;
	(void)took_ns;
}

static void on_death(void *arg, const char *why)
{
	(void)arg;
	fail_msg("%s", why);
}

static void on_apply(void *arg, const struct plan *changes)
{
	(void)arg;
	(void)changes;
}

static void on_engine_applied(void *arg, const struct plan *changes, bool is_done)
{
	(void)arg;
	(void)changes;
	(void)is_done;
}

static void start_daemon(void *arg, struct daemon *daemon)
{
	struct plan *plan = plan_new();

	(void)arg;
	tunnels_clear_way(w.tunnels, daemon->name, plan);
	plan_append(plan, daemon->step);
	engine_client_apply(w.engine, plan, false, NULL, NULL);
}

static void on_daemon_start(void *arg, struct daemon *daemon, int output)
{
	char path[256];

	(void)arg;
	(void)snprintf(path, sizeof(path), "/run/%s",
		       plan_text(daemon->step, daemon->step->steps[0].daemon.control));
	tunnels_attach(w.tunnels, daemon->name, output, path);
}

static void on_daemon_end(void *arg, struct daemon *daemon)
{
	struct plan *plan = plan_new();

	(void)arg;
	tunnels_clear_way(w.tunnels, daemon->name, plan);
	tunnels_detach(w.tunnels, daemon->name);
	engine_client_apply(w.engine, plan, true, NULL, NULL);
}

static void on_silence(void *arg, const char *name, const char *program)
{
	(void)arg;
	daemons_end(w.daemons, name, program, "did not answer");
}

static void on_child(void *arg, int signal, uint64_t now_ns)
{
	int status;
	pid_t pid;

	(void)arg;
	(void)signal;
	(void)now_ns;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!engine_client_reaped(w.engine, pid, status))
			daemons_reaped(w.daemons, pid, status);
}

static void on_journal(void *arg, const struct snapshot_event *event)
{
	(void)arg;
	(void)event;
}

static void on_nothing(void *arg)
{
	(void)arg;
}

static void on_tick(void *arg, uint64_t now_ns)
{
	(void)arg;
	if (w.condition() || now_ns > w.deadline_ns)
		loop_stop(w.loop);
	else
		loop_timer_set(w.tick, 2000000);
}

static unsigned slow(void)
{
	const char *text = getenv("SLOW");

	return text ? (unsigned)atoi(text) : 1;
}

/* Milliseconds until it holds; fails the test when that takes longer. */
static double await(bool (*condition)(void), unsigned seconds)
{
	uint64_t start_ns = loop_clock_ns();

	w.condition = condition;
	w.deadline_ns = start_ns + (uint64_t)seconds * slow() * 1000000000u;
	loop_timer_set(w.tick, 0);
	loop_run(w.loop);
	if (!condition())
		system("ip -all netns exec ip addr; tail -n 40 /run/journal >&2");
	assert_true(condition());
	return (double)(loop_clock_ns() - start_ns) / 1e6;
}

static void applied(void *arg, const struct err *err)
{
	(void)arg;
	w.is_applied = true;
	w.failure = err ? *err : (struct err){ 0 };
}

static bool is_applied(void)
{
	return w.is_applied;
}

static void apply(struct plan *changes)
{
	w.is_applied = false;
	engine_client_apply(w.engine, changes, false, applied, NULL);
	(void)await(is_applied, 20);
	assert_string_equal(w.failure.text, "");
}

/* What was asked of it before is done. */
static void await_engine(void)
{
	apply(plan_new());
}

static bool are_both_up(void)
{
	size_t up;

	return tunnels_count(w.tunnels, &up) == 1 && up == 1;
}

static bool is_left_down(void)
{
	size_t up;

	return tunnels_count(w.tunnels, &up) == 1 && up < 1;
}

/* What it prints, both outputs; until the next call. */
static const char *output_of(const char *command)
{
	static char text[16384];
	size_t len = 0, got;
	char line[1000];
	FILE *pipe;

	(void)snprintf(line, sizeof(line), "(%.900s) 2>&1", command);
	pipe = popen(line, "r");
	assert_non_null(pipe);
	while (len < sizeof(text) - 1 && (got = fread(text + len, 1, sizeof(text) - 1 - len, pipe)))
		len += got;
	text[len] = '\0';
	(void)pclose(pipe);
	return text;
}

#define assert_output(command, part)                                                               \
	do {                                                                                       \
		const char *text_ = output_of(command);                                            \
		if (!strstr(text_, part))                                                          \
			fail_msg("'%s' is not in: %s", part, text_);                               \
	} while (0)

/* Not at once: what one end still holds for good the other one may have lost. */
static bool passes(void)
{
	return strstr(output_of("ip netns exec host ping -c 1 -W 1 10.2.0.1"), " 0% packet loss");
}

static struct snapshot_tunnels seen(struct arena *arena)
{
	struct snapshot_tunnels tunnels = { 0 };

	(void)tunnels_fill(w.tunnels, "", &tunnels, arena);
	assert_int_equal(tunnels.tunnels.count, 2);
	return tunnels;
}

static bool error_has(const char *words)
{
	struct arena *arena = arena_new();
	struct snapshot_tunnels tunnels = seen(arena);
	bool is_there = false;

	for (size_t i = 0; i < tunnels.tunnels.count; i++)
		is_there |= tunnels.tunnels.items[i].error &&
			    strstr(tunnels.tunnels.items[i].error, words);
	arena_free(arena);
	return is_there;
}

/* ---- what holds ---- */

static void a_tunnel_comes_up_and_carries_packets(void **state)
{
	struct arena *arena = arena_new();
	struct snapshot_tunnels tunnels;

	(void)state;
	print_message("up after %.0f ms\n", await(are_both_up, 20));
	assert_true(tunnels_are_settled(w.tunnels));
	await_engine();
	tunnels = seen(arena);
	assert_output("ip netns exec host ping -c 3 -i 0.1 -W 2 10.2.0.1", " 0% packet loss");
	assert_string_equal(tunnels.tunnels.items[0].state, "established");
	assert_non_null(strstr(tunnels.tunnels.items[0].esp_proposal, "AES_CBC-256"));
	arena_free(arena);
}

static bool has_counted(void)
{
	struct arena *arena = arena_new();
	struct snapshot_tunnels tunnels = seen(arena);
	bool has = tunnels.tunnels.items[0].packets_out >= 3 &&
		   tunnels.tunnels.items[0].packets_in >= 3 &&
		   tunnels.tunnels.items[1].packets_in >= 3 &&
		   tunnels.tunnels.items[0].bytes_out >= 3 * 84;

	arena_free(arena);
	return has;
}

static void what_passed_is_counted(void **state)
{
	(void)state;
	(void)await(has_counted, 5);
}

static void the_device_has_its_name_number_mtu_and_addresses(void **state)
{
	(void)state;
	assert_output("ip -n left link show tun0", "7: tun0");
	assert_output("ip -n left link show tun0", "mtu 1400");
	assert_output("ip -n left addr show tun0", "inet 169.254.21.1 peer 169.254.0.1/32");
	assert_output("ip -n right addr show tun0", "inet 169.254.0.1 peer 169.254.21.1/32");
	assert_output("ip -n right route", "10.1.0.0/24 dev tun0");
}

/* tcpdump becomes another user, whom an ordinary user's namespace has not. */
static bool can_capture(void)
{
	return !system("command -v tcpdump >/dev/null && ! grep -q ' 1$' /proc/self/uid_map");
}

static void outer_packets_are_esp_in_udp_between_the_true_addresses(void **state)
{
	const char *packets;

	(void)state;
	if (!can_capture())
		skip();
	packets = output_of("ip netns exec right timeout 20 tcpdump -c 10 -n -i eth0 ip "
			    "2>/dev/null & while kill -0 $! 2>/dev/null; do "
			    "ip netns exec host ping -c 1 -W 1 10.2.0.1 >/dev/null; done; wait");
	assert_non_null(strstr(packets, "IP 10.9.0.1.4500 > 10.9.0.2.4500: UDP-encap: ESP"));
	assert_non_null(strstr(packets, "IP 10.9.0.2.4500 > 10.9.0.1.4500: UDP-encap: ESP"));
	assert_null(strstr(packets, "10.1.0.4"));
}

static void what_is_too_long_is_said_to_be_so(void **state)
{
	(void)state;
	assert_output("ip netns exec host ping -M do -c 1 -W 2 -s 1472 10.2.0.1", "mtu = 1400");
	assert_output("ip netns exec host ping -M do -c 1 -W 2 -s 1350 10.2.0.1",
		      " 0% packet loss");
	assert_output("ip netns exec host ping -M dont -c 1 -W 2 -s 3000 10.2.0.1",
		      " 0% packet loss");
}

static void connections_get_a_segment_size_that_fits(void **state)
{
	(void)state;
	if (!can_capture())
		skip();
	assert_output("ip netns exec right timeout 20 tcpdump -c 1 -v -n -i tun0 "
		      "'tcp[tcpflags] & tcp-syn != 0' 2>/dev/null & "
		      "while kill -0 $! 2>/dev/null; do ip netns exec host timeout 0.3 "
		      "bash -c '</dev/tcp/10.2.0.1/80' 2>/dev/null; done; wait",
		      "mss 1350");
}

static pid_t pid_of(const char *name)
{
	return daemons_find(w.daemons, name)->pid;
}

static void send_signal(const char *name, int signal)
{
	pid_t pid = pid_of(name);

	assert_true(pid > 0); /* 0 would be all of us */
	assert_int_equal(kill(pid, signal), 0);
}

static void a_peer_that_does_not_answer_is_noticed(void **state)
{
	double took_ms;

	(void)state;
	assert_output("ip netns exec host ping -c 3 -i 0.1 -W 2 10.2.0.1", " 0% packet loss");
	send_signal("right-tunnel", SIGSTOP);
	took_ms = await(is_left_down, 3);
	print_message("noticed after %.0f ms\n", took_ms);
	assert_true(took_ms < 2600 * slow());
	assert_true(error_has("does not answer"));
	send_signal("right-tunnel", SIGKILL);
	print_message("up again after %.0f ms\n", await(are_both_up, 20));
	(void)await(passes, 10);
}

static void a_daemon_that_is_killed_is_started_again(void **state)
{
	(void)state;
	send_signal("left-tunnel", SIGKILL);
	(void)await(is_left_down, 3);
	print_message("up again after %.0f ms\n", await(are_both_up, 20));
	(void)await(passes, 10);
	assert_output("ip -n left link show tun0", "7: tun0");
}

static bool has_said_that_it_hangs(void)
{
	return error_has("did not answer for 10 s");
}

static void a_daemon_that_hangs_is_said_so_and_started_again(void **state)
{
	(void)state;
	send_signal("left-tunnel", SIGSTOP);
	(void)await(has_said_that_it_hangs, 20);
	(void)await(are_both_up, 20);
	assert_false(error_has("did not answer"));
}

static bool says_that_keys_differ(void)
{
	return error_has("the shared keys differ (AUTHENTICATION_FAILED)");
}

static void note_problem(void *arg, const char *text)
{
	(void)snprintf(arg, 700, "%s", text);
}

static void keys_that_differ_are_said_to_differ(void **state)
{
	char problem[700] = "";

	(void)state;
	right.end.shared_key = "abc124";
	tunnels_settle(w.tunnels);
	(void)await(says_that_keys_differ, 10);
	assert_true(is_left_down());
	tunnels_tell_problems(w.tunnels, note_problem, problem);
	assert_string_equal(problem, "no tunnel between right (10.9.0.2) and left (10.9.0.1): the "
				     "shared keys differ (AUTHENTICATION_FAILED)");
	assert_output("ip -n left link show tun0", "state DOWN");
	right.end.shared_key = "abc123";
	tunnels_settle(w.tunnels);
	(void)await(are_both_up, 10);
}

static bool says_that_policies_differ(void)
{
	return error_has("(NO_PROPOSAL_CHOSEN)");
}

static void policies_without_anything_in_common_are_said_so(void **state)
{
	static const struct ipsec_policy policy = { .ike_encryption.value = "AES128" };

	(void)state;
	right.end.policy = &policy;
	tunnels_settle(w.tunnels);
	(void)await(says_that_policies_differ, 10);
	left.end.policy = &policy;
	tunnels_settle(w.tunnels);
	(void)await(are_both_up, 10);
	left.end.policy = right.end.policy = NULL;
	tunnels_settle(w.tunnels);
	(void)await(is_left_down, 10);
	(void)await(are_both_up, 10);
}

/* From what stands to what the lab is now. */
static void change(struct plan *wanted)
{
	struct plan *changes = plan_diff(w.standing, wanted);

	plan_free(w.standing);
	w.standing = wanted;
	apply(changes);
}

static void inner_addresses_change_while_the_tunnel_stays(void **state)
{
	pid_t pid = pid_of("left-tunnel");

	(void)state;
	left.tunnel.ip = right.tunnel.peer_ip = ip_of("169.254.21.5");
	left.tunnel.peer_ip = right.tunnel.ip = ip_of("169.254.21.6");
	left.route.next_hop = ip_of("169.254.21.6");
	right.route.next_hop = ip_of("169.254.21.5");
	change(plan_of_lab());
	tunnels_settle(w.tunnels);
	await_engine();
	assert_output("ip -n left addr show tun0", "inet 169.254.21.5 peer 169.254.21.6/32");
	assert_null(strstr(output_of("ip -n left addr show tun0"), "169.254.21.1 "));
	assert_output("ip netns exec host ping -c 3 -i 0.1 -W 2 10.2.0.1", " 0% packet loss");
	assert_int_equal(pid_of("left-tunnel"), pid);
}

static bool are_daemons_gone(void)
{
	return !pid_of("left-tunnel") && !pid_of("right-tunnel");
}

static void a_lab_without_the_tunnel_has_nothing_of_it(void **state)
{
	size_t up;

	(void)state;
	topology.tunnel_ends.count = 0;
	tunnels_want(w.tunnels, &topology);
	daemons_let_go(w.daemons, "left-tunnel");
	daemons_let_go(w.daemons, "right-tunnel");
	change(plan_of_lab());
	(void)await(are_daemons_gone, 5);
	tunnels_settle(w.tunnels);
	assert_int_equal(tunnels_count(w.tunnels, &up), 0);
	assert_null(strstr(output_of("ip netns list"), "tunnel"));
	assert_null(strstr(output_of("ip -n left link"), "tun0"));
	assert_string_equal(output_of("ip -n left rule"),
			    "0:\tfrom all lookup local\n32766:\tfrom all lookup main\n"
			    "32767:\tfrom all lookup default\n");
}

static int set_up(void **state)
{
	static const struct engine_client_ops engine_ops = {
		on_ready, on_made, on_stage, on_death, on_apply, on_engine_applied
	};
	static const struct daemons_ops daemons_ops = { start_daemon, on_daemon_start,
							on_daemon_end, NULL };
	static const struct tunnels_ops tunnels_ops = { on_nothing, on_nothing, on_silence, NULL,
							NULL };
	int log = open("/run/journal", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	struct plan *nothing = plan_new();
	struct err err = { 0 };

	(void)state;
	make_lab();
	w.loop = loop_new();
	w.journal = journal_new(log, on_journal, NULL);
	w.engine = engine_client_new(w.loop, "test", &engine_ops, NULL, &err);
	w.daemons = daemons_new(w.loop, &daemons_ops, NULL);
	w.tunnels = tunnels_new(w.loop, w.engine, w.journal, 0, &tunnels_ops, NULL);
	w.tick = loop_timer_new(w.loop, on_tick, NULL, "tick");
	w.on_child = loop_signal_new(w.loop, SIGCHLD, on_child, NULL, "child");
	tunnels_want(w.tunnels, &topology);
	assert_false(tunnels_are_settled(w.tunnels));
	w.standing = plan_of_lab();
	apply(plan_diff(nothing, w.standing));
	plan_free(nothing);
	return 0;
}

static int run_all(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tunnel_comes_up_and_carries_packets),
		cmocka_unit_test(what_passed_is_counted),
		cmocka_unit_test(the_device_has_its_name_number_mtu_and_addresses),
		cmocka_unit_test(outer_packets_are_esp_in_udp_between_the_true_addresses),
		cmocka_unit_test(what_is_too_long_is_said_to_be_so),
		cmocka_unit_test(connections_get_a_segment_size_that_fits),
		cmocka_unit_test(a_peer_that_does_not_answer_is_noticed),
		cmocka_unit_test(a_daemon_that_is_killed_is_started_again),
		cmocka_unit_test(a_daemon_that_hangs_is_said_so_and_started_again),
		cmocka_unit_test(keys_that_differ_are_said_to_differ),
		cmocka_unit_test(policies_without_anything_in_common_are_said_so),
		cmocka_unit_test(inner_addresses_change_while_the_tunnel_stays),
		cmocka_unit_test(a_lab_without_the_tunnel_has_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}

/* ---- a world of its own ---- */

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool is_done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return is_done;
}

static bool map_ids(unsigned uid, unsigned gid)
{
	char map[40];

	(void)snprintf(map, sizeof(map), "0 %u 1", uid);
	if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", map))
		return false;
	(void)snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

/* All of it ends with the first process there. */
static bool enter(void)
{
	unsigned uid = getuid(), gid = getgid();
	int status;
	pid_t pid;

	if (uid && (unshare(CLONE_NEWUSER) || !map_ids(uid, gid)))
		return false;
	if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC))
		return false;
	pid = fork();
	if (pid) {
		while (waitpid(pid, &status, 0) != pid)
			;
		exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	return !mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) &&
	       !mount("tmpfs", "/run", "tmpfs", 0, NULL) &&
	       !mount("proc", "/proc", "proc", 0, NULL) && !mkdir("/run/netns", 0755);
}

static bool has_feature(const char *name)
{
	for (size_t i = 0; i < feature_count; i++)
		if (!strcmp(features[i].name, name))
			return feature_works(&features[i]);
	return false;
}

#if defined(__SANITIZE_ADDRESS__)
/* The leak sanitizer cannot look into the first process of a PID namespace, and ends it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(int argc, char **argv)
{
	const char *name;

	if (part_of(argc, argv, &name) == PART_ENGINE)
		return worker_main(PART_CONTROL_FD);
	(void)setenv("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin:/usr/lib/ipsec", 1);
	if (!has_feature("strongswan") || (!has_feature("xfrm") && !has_feature("libipsec"))) {
		(void)puts("no strongSwan here: hublab doctor");
		return 77;
	}
	if (!enter()) {
		(void)puts("no namespaces here");
		return 77;
	}
	return run_all();
}
