/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/supervisor.h"

#include "lab/base/cleanup.h"
#include "netns/super/runtime.h"
#include "netns/super/super.h"
#include "netns/super/world.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#define GATHER_NS 5000000u /* what probes see is looked at together */

/* ---- what happens ---- */

static void on_event(void *arg, const struct snapshot_event *event)
{
	struct super *s = arg;

	if (s->faults)
		faults_event(s->faults, event);
	if (s->publisher)
		publisher_touch(s->publisher, CAUSE_EVENT);
}

void super_set_state(struct super *s, enum super_state state)
{
	s->state = state;
	publisher_touch(s->publisher, CAUSE_STATE);
}

void super_on_controller_change(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_STATE);
	super_go_on(s);
	if (s->state < SUPER_CONVERGING)
		return;
	prober_hurry(s->prober);
	loop_timer_set(s->check, 0);
}

void super_on_learned(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_BGP);
}

void super_on_program(void *arg, const struct plan *changes)
{
	struct super *s = arg;

	drift_want_changes(s->drift, changes);
}

void super_on_result(void *arg, const struct probe *probe, bool is_other)
{
	const struct prober_slot *slot = arg;
	struct super *s = slot->super;
	enum probe_colour colour = probe_colour(probe, loop_clock_ns());

	publisher_touch(s->publisher, CAUSE_PROBE);
	/* also what is as it was may be the first that is seen since a change */
	if (s->state == SUPER_CONVERGING && !loop_timer_is_set(s->check))
		loop_timer_set(s->check, is_other ? 0 : GATHER_NS);
	if (!is_other)
		return;
	if (s->state != SUPER_RUNNING)
		return;
	journal_add(s->journal, "probe", "%s %s -> %s: %s%s%s (%s)",
		    probe_protocol_print(probe->spec).text, probe->spec->from->vm->object.name,
		    probe->spec->to->vm->object.name, probe->last.is_reply ? "reply" : "no reply",
		    *probe->last.why ? ": " : "", probe->last.why, probe_colour_name(colour));
}

/* ---- sockets for probes ---- */

/* generation, probe, and which socket it is */
static size_t tag_of(const struct prober_slot *slot, size_t probe, enum prober_socket type)
{
	return (size_t)slot->generation << 32 | probe << 2 | type;
}

enum engine_socket super_probe_socket(enum prober_socket type)
{
	switch (type) {
	case PROBER_SOCKET_ICMP:
		return ENGINE_SOCKET_ICMP;
	case PROBER_SOCKET_UDP:
		return ENGINE_SOCKET_UDP;
	case PROBER_SOCKET_TCP:
		break;
	}
	return ENGINE_SOCKET_TCP;
}

static void got_socket(void *arg, size_t tag, int fd, const struct err *err)
{
	struct super *s = arg;
	struct prober_slot *slots[] = { &s->lab_slot, &s->test_slot };

	for (size_t i = 0; i < ARRAY_SIZE(slots); i++) {
		if (!slots[i]->prober || slots[i]->generation != tag >> 32)
			continue;
		prober_socket(slots[i]->prober, (tag & 0xffffffff) >> 2,
			      (enum prober_socket)(tag & 3), fd, err ? err->text : "");
		return;
	}
	fd_close(&fd); /* of one that is no more */
}

static void need_socket(void *arg, const char *ns, enum prober_socket type, size_t probe)
{
	struct prober_slot *slot = arg;

	engine_client_socket(slot->super->engine, ns, super_probe_socket(type), got_socket,
			     slot->super, tag_of(slot, probe, type));
}

static struct agent *agent_of(void *arg, const char *guest)
{
	const struct prober_slot *slot = arg;

	return guests_client_agent(slot->super->guests, guest);
}

static void on_packet(void *arg, const struct probe *probe, uint64_t sent_ns, uint64_t answered_ns)
{
	const struct prober_slot *slot = arg;
	const struct probe_text protocol = probe_protocol_print(probe->spec);
	struct probe_name name = { probe->spec->from->vm->object.name,
				   probe->spec->to->vm->object.name, protocol.text };

	faults_packet(slot->super->faults, &name, sent_ns, answered_ns,
		      (uint64_t)(probe->prediction.rtt_ms * 1e6));
}

struct prober *super_new_prober(struct super *s, struct prober_slot *slot,
				const struct probe_spec *const *specs, size_t count,
				void (*on_result)(void *slot, const struct probe *probe,
						  bool is_other))
{
	struct prober_ops ops = { .agent = agent_of,
				  .need_socket = need_socket,
				  .on_result = on_result,
				  .on_packet = slot == &s->lab_slot ? on_packet : NULL };

	prober_free(slot->prober);
	slot->super = s;
	slot->generation = ++s->last_generation;
	slot->prober = prober_new(s->loop, specs, count, &ops, slot);
	return slot->prober;
}

/* ---- the engine ---- */

static void on_engine_ready(void *arg, const struct engine_features *features)
{
	struct super *s = arg;

	s->features = *features;
	super_note_kernel(s);
	tunnels_use_xfrm(s->tunnels, features->has_xfrm);
}

static void on_stage(void *arg, enum step_stage stage, uint32_t step_count, uint64_t took_ns)
{
	struct super *s = arg;

	if (s->state == SUPER_BUILDING || s->state == SUPER_CHANGING)
		super_add_stage(s, step_stage_name(stage), step_count, took_ns);
}

static void on_engine_death(void *arg, const char *why)
{
	struct super *s = arg;

	journal_add(s->journal, "engine", "%s", why);
}

static void on_apply(void *arg, const struct plan *changes)
{
	struct super *s = arg;

	drift_pause(s->drift, changes);
}

static void on_applied(void *arg, const struct plan *changes, bool is_done)
{
	struct super *s = arg;

	drift_go_on(s->drift, changes, is_done);
}

static void on_drift(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_STATE);
	if (s->state == SUPER_CONVERGING)
		loop_timer_set(s->check, 0);
}

static void on_guests_change(void *arg)
{
	struct super *s = arg;

	routers_look(s->routers);
	publisher_touch(s->publisher, CAUSE_STATE);
	super_come_nearer(s);
}

static void on_flows(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_FLOW);
}

static bool are_flows_watched(void *arg)
{
	const struct super *s = arg;

	return publisher_is_watched(s->publisher, CAUSE_FLOW);
}

/* ---- daemons ---- */

static void restarted(void *arg, const struct err *err)
{
	struct daemon *daemon = arg;

	if (err)
		(void)snprintf(daemon->state, sizeof(daemon->state), "%.190s", err->text);
}

static void start_daemon(void *arg, struct daemon *daemon)
{
	struct plan *plan = plan_new();
	struct super *s = arg;

	tunnels_clear_way(s->tunnels, daemon->name, plan);
	if (routers_start(s->routers, daemon, plan))
		return;
	plan_append(plan, daemon->step);
	engine_client_apply(s->engine, plan, false, restarted, daemon);
}

static const struct bgp_speaker *speaker_of(const struct super *s, const struct daemon *daemon)
{
	return bgp_find_speaker(s->wanted->graph,
				topology_find_node(s->wanted->topology, daemon->node));
}

static void on_daemon_start(void *arg, struct daemon *daemon, int output)
{
	const char *control = plan_text(daemon->step, daemon->step->steps[0].daemon.control);
	struct super *s = arg;
	char path[256];

	publisher_touch(s->publisher, CAUSE_STATE);
	if (daemon->starts > 1)
		journal_add(s->journal, "daemon", "%s: %s started again", daemon->node,
			    daemon->program);
	(void)snprintf(path, sizeof(path), "/run/%s", control);
	if (tunnels_has(s->tunnels, daemon->name))
		tunnels_attach(s->tunnels, daemon->name, output, path);
	else
		controller_attach(s->controller, speaker_of(s, daemon), daemon->program, output,
				  path);
	if (daemon->starts > 1)
		super_fault_daemon_started(s, daemon->node);
}

void super_on_silence(void *arg, const char *node, const char *program)
{
	struct super *s = arg;

	daemons_end(s->daemons, node, program, "did not answer for 5 s and was ended");
}

/* Its device goes with its daemon, or else soon after it. */
static void end_tunnel(struct super *s, const char *name)
{
	const char *router = routers_of(s->routers, name);
	struct plan *plan = plan_new();

	tunnels_clear_way(s->tunnels, name, plan);
	tunnels_detach(s->tunnels, name);
	if (router)
		routers_apply(s->routers, router, plan, NULL, NULL);
	else
		engine_client_apply(s->engine, plan, true, NULL, NULL);
}

static void on_tunnels_change(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_STATE | CAUSE_TUNNEL);
	if (s->state == SUPER_CONVERGING)
		loop_timer_set(s->check, 0);
}

static void on_tunnel_silence(void *arg, const char *name, const char *program)
{
	struct super *s = arg;

	daemons_end(s->daemons, name, program,
		    routers_of(s->routers, name) ? "did not answer for 30 s and was ended"
						 : "did not answer for 10 s and was ended");
}

static void apply_inside(void *arg, const struct node *guest, struct plan *changes,
			 engine_applied_fn *fn, void *fn_arg)
{
	struct super *s = arg;

	routers_apply(s->routers, guest->name, changes, fn, fn_arg);
}

static void on_tunnels_count(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_TUNNEL);
}

static void on_daemon_end(void *arg, struct daemon *daemon)
{
	struct super *s = arg;
	bool is_tunnel = tunnels_has(s->tunnels, daemon->name);
	const struct bgp_speaker *speaker = is_tunnel ? NULL : speaker_of(s, daemon);
	/* of one that hung they say nothing about that */
	const char *words =
		daemon->end_reason ? ""
		: is_tunnel        ? tunnels_last_words(s->tunnels, daemon->name)
				   : controller_last_words(s->controller, speaker, daemon->program);
	size_t len = strlen(daemon->state);

	(void)snprintf(daemon->state + len, sizeof(daemon->state) - len, "%s%.120s",
		       *words ? ": " : "", words);
	journal_add(s->journal, "daemon", "%s: %s %s", daemon->node, daemon->program,
		    daemon->state);
	if (is_tunnel)
		end_tunnel(s, daemon->name);
	else
		controller_detach(s->controller, speaker, daemon->program);
	publisher_touch(s->publisher, CAUSE_STATE);
}

static void kill_inside(void *arg, pid_t pid)
{
	struct super *s = arg;

	routers_kill(s->routers, pid);
}

static void on_tell(void *arg, const struct plan *changes)
{
	super_let_go(arg, changes);
}

static void on_router_told(void *arg, const struct plan *changes)
{
	struct super *s = arg;

	super_configure_daemons(s, changes);
	daemons_forget(s->daemons);
}

static void on_router_change(void *arg)
{
	struct super *s = arg;

	publisher_touch(s->publisher, CAUSE_STATE);
	super_come_nearer(s);
}

/* ---- up and down ---- */

static void on_deadline(void *arg, uint64_t now_ns)
{
	struct super *s = arg;

	if (s->state == SUPER_EMPTY)
		super_down(s);
	else
		super_end_convergence(s, now_ns);
}

void super_down(struct super *s)
{
	runtime_remove(s->directory, s->name);
	_exit(0); /* the kernel ends and removes everything else */
}

/* ---- the process ---- */

static void on_go_on(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	super_go_on(arg);
}

static void on_client_leave(void *arg, struct control_client *client)
{
	struct super *s = arg;

	publisher_forget(s->publisher, client);
	super_test_end(s, client, "");
	super_mesh_end(s, client, "");
	super_fault_forget(s, client);
	super_guest_forget(s, client);
	super_guest_run_forget(s, client);
	super_capture_forget(s, client);
	if (client != s->starter)
		return;
	s->starter = NULL;
	if (s->state < SUPER_CHANGING) /* nobody waits for it any more, and it is not whole */
		super_down(s);
}

static void on_child(void *arg, int signal, uint64_t now_ns)
{
	struct super *s = arg;
	int status;
	pid_t pid;

	(void)signal;
	(void)now_ns;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (engine_client_reaped(s->engine, pid, status)) {
			if (s->state == SUPER_BUILDING)
				continue; /* built() was told */
		} else if (wire_client_reaped(s->wire, pid)) {
			journal_add(s->journal, "engine", "the wire ended and was started again");
		} else if (guests_client_reaped(s->guests, pid)) {
			continue;
		} else {
			daemons_reaped(s->daemons, pid, status);
		}
	}
}

static void on_end_signal(void *arg, int signal, uint64_t now_ns)
{
	(void)signal;
	(void)now_ns;
	super_down(arg);
}

static void on_slow(void *arg, const char *what, uint64_t took_ns)
{
	struct super *s = arg;

	journal_add(s->journal, "slow", "%s took %.1f ms", what, (double)took_ns / 1e6);
}

/* Nothing of the terminal we were started from stays with us. */
static int detach(struct super *s, struct err *err)
{
	int log =
		openat(s->directory, RUNTIME_LOG, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (log < 0 || null < 0)
		return err_set(err, -errno, "open the log: %s", strerror(errno));
	if (dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		return err_set(err, -errno, "descriptors: %s", strerror(errno));
	fd_close(&null);
	fd_close(&log);
	(void)setsid();
	(void)umask(022);
	if (chdir("/"))
		return err_set(err, -errno, "chdir /: %s", strerror(errno));
	return 0;
}

static int start(struct super *s, int control, struct err *err)
{
	static const struct control_ops control_ops = { super_request, on_client_leave };
	static const struct engine_client_ops engine_ops = {
		on_engine_ready, super_made, on_stage, on_engine_death, on_apply, on_applied
	};
	static const struct faults_ops faults_ops = { super_fault_due };
	static const struct tunnels_ops tunnels_ops = { on_tunnels_change, on_tunnels_count,
							on_tunnel_silence, super_on_tunnel_line,
							apply_inside };
	static const struct flows_ops flows_ops = { on_flows, are_flows_watched };
	static const struct daemons_ops daemons_ops = { start_daemon, on_daemon_start,
							on_daemon_end, kill_inside };
	static const struct routers_ops routers_ops = { on_router_told, on_tell, on_router_change };

	if (detach(s, err))
		return err->code;
	s->loop = loop_new();
	s->paths = as_paths_new();
	s->journal = journal_new(STDERR_FILENO, on_event, s);
	s->history = history_new();
	s->logs = logs_new();
	s->publisher = publisher_new(s);
	s->unix_offset = super_unix_time() - (double)loop_clock_ns() / 1e9;
	s->control = control_new(s->loop, s->directory, &control_ops, s, err);
	if (!s->control || world_make(s->name, err))
		return err->code;
	loop_on_slow(s->loop, on_slow, s);
	s->engine = engine_client_new(s->loop, s->name, &engine_ops, s, err);
	if (!s->engine)
		return err->code;
	s->drift = drift_new(s->loop, s->journal, DRIFT_PERIOD_NS, on_drift, s);
	s->flows = flows_new(s->loop, s->journal, FLOWS_KEPT, s->unix_offset, &flows_ops, s);
	s->faults = faults_new(s->loop, s->journal, s->unix_offset, &faults_ops, s);
	s->tunnels = tunnels_new(s->loop, s->engine, s->journal, s->unix_offset, &tunnels_ops, s);
	s->wire = wire_client_new(s->name);
	s->guests = guests_client_new(s->loop, s->engine, s->name, s->journal, on_guests_change, s);
	s->daemons = daemons_new(s->loop, &daemons_ops, s);
	s->routers = routers_new(s->loop, s->guests, s->daemons, s->journal, &routers_ops, s);
	s->dhcp = super_new_dhcp_server(s);
	s->deadline = loop_timer_new(s->loop, on_deadline, s, "deadline");
	s->check = loop_timer_new(s->loop, super_check_convergence, s, "convergence");
	s->go_on = loop_timer_new(s->loop, on_go_on, s, "plan");
	s->starter = control_adopt(s->control, control);
	return 0;
}

/* There is no loop yet: say it on the connection itself. */
static void report_failure(int control, const struct err *err)
{
	json_t *json = json_pack("{s:b, s:{s:i, s:s}}", "ok", 0, "error", "code", err->code, "text",
				 err->text);
	char *text = json_dumps(json, JSON_COMPACT);

	(void)dprintf(control, "%s\n", text);
	free(text);
	json_decref(json);
}

int supervisor_main(const char *lab, int control, int directory)
{
	struct super s = { .name = lab, .directory = directory };
	struct err err = { 0 };

	(void)close_range((unsigned)directory + 1, ~0u, 0);
	(void)fcntl(control, F_SETFD, FD_CLOEXEC);
	(void)fcntl(directory, F_SETFD, FD_CLOEXEC);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGHUP, SIG_IGN);
	s.is_rootless = world_is_rootless();
	if (start(&s, control, &err)) {
		report_failure(control, &err);
		runtime_remove(directory, lab);
		return 1;
	}
	s.on_child = loop_signal_new(s.loop, SIGCHLD, on_child, &s, "child");
	s.on_term = loop_signal_new(s.loop, SIGTERM, on_end_signal, &s, "end");
	loop_run(s.loop);
	return 1; /* only super_down ends a supervisor */
}
