/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/guests_parts.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "netns/loop/ipc.h"
#include "netns/super/guest_watch.h"
#include "netns/super/part.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define LINE_MAX_BYTES 256
#define STAGE_NS       30000000000ull /* the longest between two of hublab's own image's words */

struct guests_client *guests_client_new(struct loop *loop, struct engine_client *engine,
					const char *lab, struct journal *journal,
					guests_change_fn *on_change, void *arg)
{
	struct guests_client *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct guests_client){ .loop = loop,
				     .engine = engine,
				     .lab = lab,
				     .journal = journal,
				     .on_change = on_change,
				     .arg = arg,
				     .fd = -1 };
	return c;
}

static void forget_queue(struct guests_client *c)
{
	struct waiting *waiting, *next;

	DL_FOREACH_SAFE(c->queue, waiting, next)
	{
		DL_DELETE(c->queue, waiting);
		free(waiting);
	}
	c->is_sent = false;
}

static void guest_free(struct guest *guest)
{
	guests_stop_listening(guest);
	guest_snapshots_clear(&guest->snapshots);
	guest_watch_free(guest->watch);
	loop_timer_free(guest->patience);
	free(guest);
}

void guests_client_free(struct guests_client *c)
{
	struct guest *guest, *next;

	if (!c)
		return;
	if (c->pid)
		(void)kill(c->pid, SIGKILL);
	loop_fd_free(c->watch);
	fd_close(&c->fd);
	forget_queue(c);
	LL_FOREACH_SAFE(c->guests, guest, next)
	guest_free(guest);
	free(c);
}

struct guest *guests_find(const struct guests_client *c, const char *name)
{
	struct guest *guest;

	LL_FOREACH(c->guests, guest)
		if (!strcmp(guest->domain.name, name))
			return guest;
	return NULL;
}

void guests_set_state(struct guest *guest, bool is_wrong, const char *words, const char *more)
{
	guest->is_wrong = is_wrong;
	guest->is_late = false;
	guest->is_up = !strcmp(words, "up");
	(void)snprintf(guest->state, sizeof(guest->state), "%s%s", words, more);
	guest->client->on_change(guest->client->arg);
}

/* ---- how far a guest is ---- */

void guests_note_up(struct guest *guest)
{
	const char *why = agent_why_not(guest->agent);
	char more[160] = "";

	if (*why)
		(void)snprintf(more, sizeof(more), ", its agent %s", why);
	guests_set_state(guest, false, "up", more);
}

double guests_seconds_since_start(const struct guest *guest)
{
	return (double)(loop_clock_ns() - guest->started_ns) / 1e9;
}

static bool has_image(const struct guest *guest)
{
	return *guest->domain.image != '\0';
}

static void on_word(void *arg, char *line, size_t len)
{
	struct guest *guest = arg;

	if (has_image(guest))
		return; /* those words are hublab's own image's */
	while (len && (line[len - 1] == '\r' || line[len - 1] == ' '))
		line[--len] = '\0';
	if (!strcmp(line, "kernel"))
		agent_boots(guest->agent);
	if (strcmp(line, "ready") != 0) {
		guests_set_state(guest, false, "booting: ", line);
		return;
	}
	journal_add(guest->client->journal, "guest", "%s is up, %.1f s after its start",
		    guest->domain.name, guests_seconds_since_start(guest));
	guests_note_up(guest);
}

static void end_watch(struct guest *guest)
{
	guest_watch_free(guest->watch);
	guest->watch = NULL;
	loop_timer_free(guest->patience);
	guest->patience = NULL;
}

static void on_answer(void *arg)
{
	struct guest *guest = arg;

	end_watch(guest);
	journal_add(guest->client->journal, "guest", "%s answers at %s, %.1f s after its start",
		    guest->domain.name, ip_print(guest->address).text,
		    guests_seconds_since_start(guest));
	guests_set_state(guest, false, "up", "");
}

/* Of its boot_timeout. */
static uint64_t left_ns(const struct guest *guest)
{
	uint64_t end_ns = guest->started_ns + guest->boot_timeout_ms * 1000000ull;
	uint64_t now_ns = loop_clock_ns();

	return end_ns > now_ns ? end_ns - now_ns : 0;
}

/* It is still watched: what takes long may come. */
static void on_patience_end(void *arg, uint64_t now_ns)
{
	struct guest *guest = arg;
	char words[120];

	(void)now_ns;
	(void)snprintf(words, sizeof(words), "it does not answer at %s, %u s after its start",
		       ip_print(guest->address).text, guest->boot_timeout_ms / 1000);
	journal_add(guest->client->journal, "guest", "%s: %s", guest->domain.name, words);
	guests_set_state(guest, true, "", words);
	guest->is_late = true;
}

static void begin_watch(struct guest *guest)
{
	struct guests_client *c = guest->client;
	const struct guest_port *port = &guest->domain.ports[0];

	end_watch(guest);
	guests_set_state(guest, false, "booting", "");
	guest->patience = loop_timer_new(c->loop, on_patience_end, guest, "guest's boot");
	loop_timer_set(guest->patience, left_ns(guest));
	guest->watch = guest_watch_new(c->loop, c->engine, port->ns, port->name, guest->address,
				       guest->router, on_answer, guest);
}

/* It ends because it is being stopped, or made anew. */
static bool is_asked(const struct guests_client *c, const struct guest *guest)
{
	const struct waiting *waiting;

	DL_FOREACH(c->queue, waiting)
		if (!strcmp(waiting->request.guest.name, guest->domain.name))
			return true;
	return false;
}

static void note_end(struct guest *guest, const char *how)
{
	if (guest->is_stopped || !guest->is_wanted || (guest->is_wrong && !guest->is_late) ||
	    is_asked(guest->client, guest))
		return;
	end_watch(guest);
	journal_add(guest->client->journal, "guest", "%s %s", guest->domain.name, how);
	guests_set_state(guest, true, "", how);
}

void guests_stop_listening(struct guest *guest)
{
	struct agent *agent = guest->agent;

	loop_stream_free(guest->said);
	guest->said = NULL;
	guest->agent = NULL; /* before others are told that it is lost */
	agent_free(agent);
}

/* QEMU is no more, whether somebody was there to see it or not. */
static void on_silence(void *arg, const char *reason)
{
	struct guest *guest = arg;

	(void)reason;
	guests_stop_listening(guest);
	guest->client->on_change(guest->client->arg);
	note_end(guest, "ended");
}

static void on_agent_change(void *arg)
{
	struct guest *guest = arg;
	const char *why = agent_why_not(guest->agent);

	if (guest->is_up && *why && !strcmp(guest->state, "up"))
		journal_add(guest->client->journal, "guest", "%s: its agent %s", guest->domain.name,
			    why);
	if (guest->is_up)
		guests_note_up(guest);
	else
		guest->client->on_change(guest->client->arg);
}

void guests_listen_to(struct guest *guest)
{
	static const struct loop_stream_ops ops = { .on_line = on_word, .on_end = on_silence };
	struct err err = { 0 };
	char path[PATH_MAX];
	int fd;

	if (guest->said)
		return;
	(void)snprintf(path, sizeof(path), GUESTS_DIRECTORY "/%s/" GUEST_STAGES,
		       guest->domain.name);
	fd = ipc_connect(path, &err);
	if (fd < 0) {
		guests_set_state(guest, true, "", err.text);
		return;
	}
	guest->said = loop_stream_new(guest->client->loop, fd, LINE_MAX_BYTES, &ops, guest,
				      "guest's stages");
	(void)snprintf(path, sizeof(path), GUESTS_DIRECTORY "/%s/" GUEST_AGENT, guest->domain.name);
	if (!has_image(guest))
		guest->agent = agent_new(guest->client->loop, path, on_agent_change, guest);
}

/* ---- the process ---- */

static void advance(struct guests_client *c)
{
	if (c->fd < 0 || !c->queue || c->is_sent)
		return;
	c->is_sent = true;
	(void)ipc_send(c->fd, &c->queue->request, sizeof(c->queue->request), NULL, 0, NULL);
}

void guests_ask_about(struct guests_client *c, const struct guest *guest, enum guests_verb verb,
		      const char *snapshot)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		abort();
	waiting->request = (struct guests_request){ .verb = verb, .guest = guest->domain };
	(void)snprintf(waiting->request.snapshot, sizeof(waiting->request.snapshot), "%s",
		       snapshot);
	DL_APPEND(c->queue, waiting);
	advance(c);
}

static void ask(struct guests_client *c, const struct guest *guest, enum guests_verb verb)
{
	guests_ask_about(c, guest, verb, "");
}

static void answered(struct guests_client *c)
{
	struct waiting *waiting = c->queue;

	if (waiting && c->is_sent) {
		DL_DELETE(c->queue, waiting);
		free(waiting);
	}
	c->is_sent = false;
	advance(c);
}

static void hear(struct guests_client *c, const struct guests_report *r)
{
	struct guest *guest = guests_find(c, r->guest);

	if (r->news == GUESTS_READY)
		journal_add(c->journal, "guest", "guests run by %s",
			    strcmp(r->text, "kvm") ? "tcg" : "kvm");
	guests_hear_of_snapshot(c, guest, r);
	if (!guest)
		return;
	if (r->news == GUESTS_DONE && r->verb == GUESTS_START) {
		guests_listen_to(guest);
		if (has_image(guest) && guest->said)
			begin_watch(guest);
	} else if (r->news == GUESTS_DONE && r->verb == GUESTS_RESET && has_image(guest)) {
		begin_watch(guest);
	} else if (r->news == GUESTS_FAILED) {
		journal_add(c->journal, "guest", "%s: %s", r->guest, r->text);
		if (r->verb == GUESTS_START)
			guests_set_state(guest, true, "", r->text);
	} else if (r->news == GUESTS_ENDED) {
		note_end(guest, r->text);
	}
}

static void readable(void *arg, unsigned events, uint64_t now_ns)
{
	struct guests_client *c = arg;
	struct guests_report r;
	int fds[IPC_MAX_FDS];

	(void)events;
	(void)now_ns;
	if (ipc_receive(c->fd, &r, sizeof(r), fds, NULL) == (ssize_t)sizeof(r)) {
		c->has_answered = true;
		hear(c, &r);
		if (r.news == GUESTS_DONE || r.news == GUESTS_FAILED)
			answered(c);
		return;
	}
	loop_fd_free(c->watch); /* it is dead: what follows comes when it is reaped */
	c->watch = NULL;
}

int guests_run(struct guests_client *c, struct err *err)
{
	if (c->pid)
		return 0;
	if (part_start(PART_GUESTS, c->lab, &c->fd, &c->pid, err))
		return err->code;
	c->has_answered = false;
	c->watch = loop_fd_new(c->loop, c->fd, LOOP_READ, readable, c, "guests");
	return 0;
}

static void start_guest(struct guests_client *c, struct guest *guest)
{
	struct err err = { 0 };

	guest->started_ns = loop_clock_ns();
	guests_set_state(guest, false, "starting", "");
	if (guests_run(c, &err)) {
		guests_set_state(guest, true, "", err.text);
		return;
	}
	ask(c, guest, GUESTS_START);
}

/* Nobody runs them, and trying again at once would end likewise: a user may. */
static void give_up(struct guests_client *c, const char *why)
{
	struct err err = { .code = -EIO };
	struct guest *guest;

	(void)snprintf(err.text, sizeof(err.text), "%s", why);
	forget_queue(c);
	journal_add(c->journal, "guest", "%s", why);
	LL_FOREACH(c->guests, guest) {
		if (!guest->is_stopped)
			guests_set_state(guest, true, "", why);
		guests_finish(guest, NULL, &err);
	}
}

bool guests_client_reaped(struct guests_client *c, pid_t pid)
{
	struct err err = { 0 };

	if (!c->pid || pid != c->pid)
		return false;
	c->pid = 0;
	loop_fd_free(c->watch);
	c->watch = NULL;
	fd_close(&c->fd);
	c->is_sent = false; /* what it was asked is asked again: none of it does harm twice */
	if (!c->has_answered) {
		give_up(c, "who runs the guests ended before it began");
		return true;
	}
	journal_add(c->journal, "guest", "who runs the guests ended; they go on");
	if (guests_run(c, &err))
		give_up(c, err.text);
	else
		advance(c);
	return true;
}

/* ---- what is wanted ---- */

static int hex(const char *text, uint8_t mac[MAC_SIZE])
{
	unsigned n[MAC_SIZE];

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5]) !=
	    MAC_SIZE)
		return -1;
	for (int i = 0; i < MAC_SIZE; i++)
		mac[i] = (uint8_t)n[i];
	return 0;
}

static void read_step(const struct guests_client *c, const struct plan *plan,
		      const struct step *step, struct guest_domain *guest)
{
	CLEANUP(free_cleanup) char *words = strdup(plan_text(plan, step->guest.ports));
	char *rest, *ns;

	if (!words)
		abort();
	memset(guest, 0, sizeof(*guest)); /* compared as bytes */
	(void)snprintf(guest->lab, sizeof(guest->lab), "%s", c->lab);
	(void)snprintf(guest->name, sizeof(guest->name), "%s", plan_text(plan, step->ns));
	(void)snprintf(guest->command_line, sizeof(guest->command_line), "%s",
		       plan_text(plan, step->guest.command_line));
	guest->memory_mb = step->guest.memory_mb;
	guest->is_router = step->guest.is_router;
	guest->vcpus = step->guest.vcpus;
	guest->is_uefi = step->guest.is_uefi;
	(void)snprintf(guest->image, sizeof(guest->image), "%s",
		       plan_text(plan, step->guest.image));
	(void)snprintf(guest->seed, sizeof(guest->seed), "%s", plan_text(plan, step->guest.seed));
	for (ns = strtok_r(words, " ", &rest); ns && guest->port_count < GUEST_PORTS_MAX;
	     ns = strtok_r(NULL, " ", &rest)) {
		struct guest_port *port = &guest->ports[guest->port_count];
		const char *name = strtok_r(NULL, " ", &rest);
		const char *mac = name ? strtok_r(NULL, " ", &rest) : NULL;

		if (!mac || hex(mac, port->mac))
			abort(); /* compile_libvirt.c wrote it */
		(void)snprintf(port->ns, sizeof(port->ns), "%s", ns);
		(void)snprintf(port->name, sizeof(port->name), "%s", name);
		port->is_cut = step->guest.cut >> guest->port_count & 1;
		guest->port_count++;
	}
}

bool guests_are_alike(const struct guest_domain *a, const struct guest_domain *b)
{
	struct guest_domain same = *a;

	for (uint32_t i = 0; i < same.port_count && i < b->port_count; i++)
		same.ports[i].is_cut = b->ports[i].is_cut;
	return !memcmp(&same, b, sizeof(same));
}

/* How it is found out that an image of the user's is up. */
static void read_answer(struct guest *guest, const struct plan *plan, const struct step *step)
{
	char address[64], router[64];

	guest->boot_timeout_ms = step->guest.boot_timeout_ms;
	if (!step->guest.image)
		return;
	if (sscanf(plan_text(plan, step->guest.addresses), "%63s %63s", address, router) != 2 ||
	    !ip_parse(address, &guest->address) || !ip_parse(router, &guest->router))
		abort(); /* compile_libvirt.c wrote it */
}

static struct guest *add(struct guests_client *c)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (!guest)
		abort();
	guest->client = c;
	LL_APPEND(c->guests, guest);
	return guest;
}

static void want(struct guests_client *c, const struct plan *plan, const struct step *step)
{
	struct guest_domain wanted, *domain = &wanted;
	struct guest *guest;
	bool is_new;

	read_step(c, plan, step, domain);
	guest = guests_find(c, domain->name);
	is_new = !guest;
	if (is_new)
		guest = add(c);
	guest->is_wanted = true;
	read_answer(guest, plan, step);
	if (!is_new && !memcmp(&guest->domain, domain, sizeof(*domain)))
		return;
	if (!is_new && guests_are_alike(&guest->domain, domain)) {
		guest->domain = *domain;
		ask(c, guest, GUESTS_LINKS);
		return;
	}
	if (!is_new)
		ask(c, guest, GUESTS_STOP);
	guest->domain = *domain;
	if (!guest->is_stopped)
		start_guest(c, guest);
}

static void drop(struct guests_client *c, struct guest *guest)
{
	static const struct err gone = { .code = -ECANCELED, .text = "the guest is no more" };

	ask(c, guest, GUESTS_FORGET);
	guests_finish(guest, NULL, &gone);
	LL_DELETE(c->guests, guest);
	guest_free(guest);
}

bool guests_client_is_used(const struct guests_client *c)
{
	return c->guests != NULL;
}

void guests_client_want(struct guests_client *c, const struct plan *plan)
{
	struct guest *guest, *next;

	LL_FOREACH(c->guests, guest)
		guest->is_wanted = false;
	for (uint32_t i = 0; i < plan->step_count; i++)
		if (plan->steps[i].kind == STEP_GUEST)
			want(c, plan, &plan->steps[i]);
	LL_FOREACH_SAFE(c->guests, guest, next)
	if (!guest->is_wanted)
		drop(c, guest);
}

void guests_client_let_go(struct guests_client *c, const struct plan *changes)
{
	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];
		struct guest *guest = step->kind == STEP_GUEST && step->verb == STEP_REMOVE
					      ? guests_find(c, plan_text(changes, step->ns))
					      : NULL;

		if (!guest)
			continue;
		ask(c, guest, GUESTS_STOP);
		guest->is_wanted = false;
		guest->domain.memory_mb = 0; /* as none that is wanted: it will be made anew */
	}
}

/* ---- what users ask ---- */

int guests_client_act(struct guests_client *c, const char *name, enum guest_action action,
		      struct err *err)
{
	struct guest *guest = guests_find_idle(c, name, err);

	if (!guest)
		return err->code;
	if (action == GUEST_STOP && guest->is_stopped)
		return err_set(err, -EALREADY, "'%s' is stopped already", name);
	if (action == GUEST_REBOOT && guest->is_stopped)
		return err_set(err, -EINVAL, "'%s' is stopped: hublab start %s", name, name);
	if (action == GUEST_START && !guest->is_stopped && !guest->is_wrong)
		return err_set(err, -EALREADY, "'%s' runs already", name);
	guest->is_stopped = action == GUEST_STOP;
	end_watch(guest);
	if (action == GUEST_STOP) {
		ask(c, guest, GUESTS_STOP);
		journal_add(c->journal, "guest", "%s was stopped", name);
		guests_set_state(guest, false, "stopped", "");
	} else if (action == GUEST_START) {
		ask(c, guest, GUESTS_STOP); /* libvirt may not have seen yet that it ended */
		start_guest(c, guest);
	} else {
		guest->started_ns = loop_clock_ns();
		agent_boots(guest->agent);
		guests_set_state(guest, false, "booting", "");
		ask(c, guest, GUESTS_RESET);
	}
	return 0;
}

const char *guests_client_state(const struct guests_client *c, const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest ? guest->state : NULL;
}

struct agent *guests_client_agent(const struct guests_client *c, const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest ? guest->agent : NULL;
}

bool guests_client_is_up(const struct guests_client *c, const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest && guest->is_up;
}

bool guests_client_is_ready(const struct guests_client *c, const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest && guest->is_up && agent_is_there(guest->agent);
}

bool guests_client_is_wrong(const struct guests_client *c, const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest && (guest->is_wrong || guest->is_stopped);
}

/* Of one on its way up: how much longer. */
static uint64_t patience_ns(const struct guest *guest)
{
	if (!has_image(guest))
		return STAGE_NS;
	return left_ns(guest) + 1000000000u; /* it is told first */
}

uint64_t guests_client_patience_ns(const struct guests_client *c)
{
	const struct guest *guest;
	uint64_t longest = 0;

	LL_FOREACH(c->guests, guest)
		if (!guest->is_wrong && !guest->is_stopped && !guest->is_up &&
		    patience_ns(guest) > longest)
			longest = patience_ns(guest);
	return longest;
}
