/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/tunnels_parts.h"

#include "lab/plan/compile.h"
#include "lab/render/strongswan_conf.h"
#include "netns/daemon/charon_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define LINE_MAX_BYTES 65536
#define LOOK_NS        1000000000ull /* between two looks at counters, and at whether it answers */
#define HANGS_S        10
#define HANGS_INSIDE_S 30 /* in a guest, whose every instruction may be emulated */
#define FIRST_RETRY_NS 100000000ull
#define MAX_DOUBLINGS  6 /* 6.4 s */

struct tunnels *tunnels_new(struct loop *loop, struct engine_client *engine,
			    struct journal *journal, double unix_offset,
			    const struct tunnels_ops *ops, void *arg)
{
	struct tunnels *tunnels = calloc(1, sizeof(*tunnels));

	if (!tunnels)
		abort();
	*tunnels = (struct tunnels){ .loop = loop,
				     .engine = engine,
				     .journal = journal,
				     .ops = *ops,
				     .arg = arg,
				     .unix_offset = unix_offset };
	return tunnels;
}

static void tunnel_free(struct tunnel *tunnel)
{
	loop_stream_free(tunnel->log);
	vici_free(tunnel->vici);
	loop_timer_free(tunnel->timer);
	free(tunnel->settings);
	free(tunnel->control);
	free(tunnel->name);
	free(tunnel);
}

void tunnels_free(struct tunnels *tunnels)
{
	struct tunnel *tunnel, *next;

	if (!tunnels)
		return;
	LL_FOREACH_SAFE(tunnels->all, tunnel, next)
	{
		tunnel_free(tunnel);
	}
	free(tunnels);
}

void tunnels_use_xfrm(struct tunnels *tunnels, bool is_xfrm)
{
	tunnels->is_xfrm = is_xfrm;
}

struct tunnel *tunnels_find(const struct tunnels *tunnels, const char *name)
{
	struct tunnel *tunnel;

	LL_FOREACH(tunnels->all, tunnel)
		if (!strcmp(tunnel->name, name))
			return tunnel;
	return NULL;
}

bool tunnels_has(const struct tunnels *tunnels, const char *name)
{
	return tunnels_find(tunnels, name) != NULL;
}

/* "az-hub-vpngw-0 (10.0.0.36) and branch-opnnva (10.100.0.4)" */
const char *tunnel_both_ends(const struct tunnel *tunnel, char text[320])
{
	const struct tunnel_end *end = tunnel->end;

	(void)snprintf(text, 320, "%.100s (%s) and %.100s%s%s%s", end->node->name,
		       ip_print(end->local).text,
		       end->peer ? end->peer->node->name : ip_print(end->remote).text,
		       end->peer ? " (" : "", end->peer ? ip_print(end->remote).text : "",
		       end->peer ? ")" : "");
	return text;
}

static void change_state(struct tunnel *tunnel, enum tunnel_state state)
{
	if (tunnel->state == state)
		return;
	tunnel->state = state;
	tunnel->since_ns = loop_clock_ns();
	tunnel->tunnels->ops.on_change(tunnel->tunnels->arg);
}

static void set_error(struct tunnel *tunnel, const char *text)
{
	if (!strcmp(tunnel->error, text))
		return;
	(void)snprintf(tunnel->error, sizeof(tunnel->error), "%s", text);
	tunnel->tunnels->ops.on_change(tunnel->tunnels->arg);
}

/* ---- the device ---- */

/* What the engine was asked for; the tunnel may be gone when it answers. */
struct errand {
	struct tunnels *tunnels;
	unsigned starts; /* of the daemon when it was sent */
	char name[];
};

static void errand_done(struct errand *errand, const struct err *err,
			void (*fn)(struct tunnel *tunnel))
{
	struct tunnel *tunnel = tunnels_find(errand->tunnels, errand->name);

	if (tunnel && tunnel->end && tunnel->starts == errand->starts &&
	    tunnel->state != TUNNEL_OFF) {
		if (err) {
			journal_add(errand->tunnels->journal, "tunnel", "%s: device: %s",
				    errand->name, err->text);
			set_error(tunnel, err->text);
		} else if (fn) {
			fn(tunnel);
		}
	}
	free(errand);
}

static void configure(struct tunnel *tunnel);

static void device_brought(void *arg, const struct err *err)
{
	errand_done(arg, err, configure);
}

static void device_changed(void *arg, const struct err *err)
{
	errand_done(arg, err, NULL);
}

static void send_device(struct tunnel *tunnel, enum step_verb verb, bool is_up,
			engine_applied_fn *fn)
{
	struct errand *errand = calloc(1, sizeof(*errand) + strlen(tunnel->name) + 1);
	struct plan *plan = plan_new();

	if (!errand)
		abort();
	errand->tunnels = tunnel->tunnels;
	errand->starts = tunnel->starts;
	strcpy(errand->name, tunnel->name); /* the size was taken from it */
	compile_tunnel_device(plan, tunnel->end, is_up);
	plan->steps[0].verb = verb;
	if (node_is_guest(tunnel->end->node))
		tunnel->tunnels->ops.apply_inside(tunnel->tunnels->arg, tunnel->end->node, plan, fn,
						  errand);
	else
		engine_client_apply(tunnel->tunnels->engine, plan, false, fn, errand);
}

void tunnels_clear_way(const struct tunnels *tunnels, const char *name, struct plan *changes)
{
	const struct tunnel *tunnel = tunnels_find(tunnels, name);

	if (!tunnel || !tunnel->end)
		return;
	compile_tunnel_device(changes, tunnel->end, false);
	changes->steps[changes->step_count - 1].verb = STEP_REMOVE;
}

/* ---- what there is ---- */

static void look(struct tunnel *tunnel);

static void went_up(struct tunnel *tunnel)
{
	char ends[320];

	tunnel->pulse = (struct pulse){ 0 };
	tunnel->retries = 0;
	tunnel->error[0] = '\0';
	journal_add(tunnel->tunnels->journal, "tunnel", "%s: up between %s, %s", tunnel->name,
		    tunnel_both_ends(tunnel, ends), tunnel->look.child->proposal);
	send_device(tunnel, STEP_CHANGE, true, device_changed);
	change_state(tunnel, TUNNEL_ESTABLISHED);
}

static void went_down(struct tunnel *tunnel, const char *why)
{
	char ends[320];

	journal_add(tunnel->tunnels->journal, "tunnel", "%s: down between %s%s%s", tunnel->name,
		    tunnel_both_ends(tunnel, ends), *why ? ": " : "", why);
	send_device(tunnel, STEP_CHANGE, false, device_changed);
	change_state(tunnel, TUNNEL_CONNECTING);
}

/* Does the lab's other end know by now whom it is to answer? */
static bool is_peer_configured(const struct tunnel *tunnel)
{
	const struct tunnel *peer =
		tunnel->end->peer ? tunnels_find(tunnel->tunnels, tunnel->end->peer->name) : NULL;

	return !peer || peer->state >= TUNNEL_CONNECTING;
}

/* Charon tries on by itself unless it was refused: then it is for us to try again. */
static void try_again(struct tunnel *tunnel)
{
	struct vici_writer message = { 0 };
	uint64_t now_ns = loop_clock_ns();
	unsigned doublings = tunnel->retries < MAX_DOUBLINGS ? tunnel->retries : MAX_DOUBLINGS;

	if (!tunnel->end->is_initiator || tunnel->look.is_at_work || !is_peer_configured(tunnel) ||
	    now_ns < tunnel->retry_ns)
		return;
	tunnel->retries++;
	tunnel->retry_ns = now_ns + (FIRST_RETRY_NS << doublings);
	if (FIRST_RETRY_NS << doublings < LOOK_NS)
		loop_timer_set(tunnel->timer, FIRST_RETRY_NS << doublings);
	strongswan_put_initiation(&message);
	vici_request(tunnel->vici, "initiate", &message, NULL);
}

static void add_counts(struct counts *sum, const struct counts *counts)
{
	sum->bytes_in += counts->bytes_in;
	sum->packets_in += counts->packets_in;
	sum->bytes_out += counts->bytes_out;
	sum->packets_out += counts->packets_out;
}

/* What SAs that are gone had counted is kept: the tunnel goes on counting. */
static void count(struct tunnel *tunnel)
{
	const struct look *now = &tunnel->look;

	for (size_t i = 0; i < tunnel->child_count; i++) {
		const struct known_child *before = &tunnel->children[i];
		bool is_there = false;

		for (size_t n = 0; n < now->child_count; n++)
			is_there |= now->children[n].unique_id == before->unique_id;
		if (!is_there)
			add_counts(&tunnel->gone, &before->counts);
	}
	tunnel->total = tunnel->gone;
	for (size_t i = 0; i < now->child_count; i++)
		add_counts(&tunnel->total, &now->children[i].counts);
	memcpy(tunnel->children, now->children, sizeof(tunnel->children));
	tunnel->child_count = now->child_count;
}

static bool is_one_of(const char *state, const char *const *states, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

static void see_child(struct look *look, const struct vici_sa *sa, const struct vici_child *child)
{
	/* one that is renewed carries packets until the new one does */
	static const char *const carrying[] = { "INSTALLED", "UPDATING", "REKEYING" };

	if (look->child_count < VICI_CHILDREN_MAX)
		look->children[look->child_count++] = (struct known_child){
			.unique_id = child->unique_id,
			.counts = { child->bytes_in, child->packets_in, child->bytes_out,
				    child->packets_out },
		};
	if (!is_one_of(child->state, carrying, ARRAY_SIZE(carrying)))
		return;
	look->up = *sa;
	look->child = &look->up.children[child - sa->children];
}

/* Also while it is renewed its children carry packets. */
static bool is_usable(const struct vici_sa *sa)
{
	static const char *const states[] = { "ESTABLISHED", "REKEYING", "REKEYED" };

	return is_one_of(sa->state, states, ARRAY_SIZE(states));
}

static void on_event(void *arg, const char *name, const void *message, size_t len)
{
	struct tunnel *tunnel = arg;
	struct vici_sa sa;

	if (strcmp(name, "list-sa") != 0) {
		look(tunnel); /* something went up or down */
		return;
	}
	if (!vici_sa_read(message, len, &sa))
		return;
	/* one that stands and has lost its child brings none by itself */
	tunnel->look.is_at_work |= sa.child_count || !is_usable(&sa);
	for (size_t i = 0; i < sa.child_count && is_usable(&sa); i++)
		see_child(&tunnel->look, &sa, &sa.children[i]);
}

/* What one look found. */
static void judge(struct tunnel *tunnel)
{
	bool was_up = tunnel->state == TUNNEL_ESTABLISHED, is_up = tunnel->look.child != NULL;
	uint64_t now_ns = loop_clock_ns();

	count(tunnel);
	if (is_up) {
		tunnel->sa = tunnel->look.up;
		tunnel->child = *tunnel->look.child;
	}
	if (is_up && !was_up)
		went_up(tunnel);
	else if (!is_up && was_up)
		went_down(tunnel, tunnel->error);
	if (!is_up)
		try_again(tunnel);
	else if (tunnel->tunnels->timers == TIMERS_FAST && !tunnel_has_guest(tunnel->end))
		tunnel_take_pulse(tunnel, now_ns);
	if (is_up == was_up && now_ns - tunnel->told_ns < LOOK_NS)
		return;
	tunnel->told_ns = now_ns;
	tunnel->tunnels->ops.on_count(tunnel->tunnels->arg);
}

static void looked(void *arg, const void *message, size_t len)
{
	struct tunnel *tunnel = arg;

	(void)message;
	(void)len;
	tunnel->look.is_under_way = false;
	if (tunnel->end && tunnel->state >= TUNNEL_CONNECTING)
		judge(tunnel);
	if (tunnel->look.is_wanted_again)
		look(tunnel);
}

static void look(struct tunnel *tunnel)
{
	if (!tunnel->vici)
		return;
	if (tunnel->look.is_under_way) {
		tunnel->look.is_wanted_again = true;
		return;
	}
	tunnel->look = (struct look){ .is_under_way = true };
	vici_request(tunnel->vici, "list-sas", NULL, looked);
}

/* ---- its daemon's configuration ---- */

/* The kernel of a guest's image does IPsec, whatever the host's does. */
static bool is_xfrm(const struct tunnel *tunnel)
{
	return tunnel->tunnels->is_xfrm || node_is_guest(tunnel->end->node);
}

/* All that an end is configured by, to know when it is another. */
static struct vici_writer settings_of(const struct tunnel *tunnel)
{
	const struct tunnels *tunnels = tunnel->tunnels;
	struct vici_writer settings = { 0 };

	strongswan_put_secret(tunnel->end, &settings);
	strongswan_put_connection(tunnel->end, tunnels->timers, is_xfrm(tunnel), &settings);
	return settings;
}

static void remember_settings(struct tunnel *tunnel)
{
	struct vici_writer settings = settings_of(tunnel);

	free(tunnel->settings);
	tunnel->settings = settings.bytes;
	tunnel->settings_len = settings.len;
}

static bool has_other_settings(const struct tunnel *tunnel)
{
	CLEANUP(vici_writer_cleanup) struct vici_writer settings = settings_of(tunnel);

	return settings.len != tunnel->settings_len ||
	       memcmp(settings.bytes, tunnel->settings, settings.len) != 0;
}

static void refuse(struct tunnel *tunnel, const char *why)
{
	char text[300];

	(void)snprintf(text, sizeof(text), "charon refused its configuration: %.240s", why);
	journal_add(tunnel->tunnels->journal, "tunnel", "%s: %s", tunnel->name, text);
	set_error(tunnel, text);
	change_state(tunnel, TUNNEL_REFUSED);
}

static void loaded(void *arg, const void *message, size_t len)
{
	char success[VICI_VALUE_SIZE] = "", why[VICI_VALUE_SIZE] = "no answer that can be read";
	struct tunnel *tunnel = arg;
	const struct tunnel *peer;

	tunnel->answers_due--;
	if (!message || !vici_find(message, len, "success", success) ||
	    strcmp(success, "yes") != 0) {
		if (message)
			(void)vici_find(message, len, "errmsg", why);
		refuse(tunnel, why);
		return;
	}
	if (tunnel->answers_due || tunnel->state == TUNNEL_REFUSED || !tunnel->end)
		return;
	change_state(tunnel, TUNNEL_CONNECTING);
	look(tunnel);
	peer = tunnel->end->peer ? tunnels_find(tunnel->tunnels, tunnel->end->peer->name) : NULL;
	if (peer) /* it may have waited for this one */
		look((struct tunnel *)peer);
}

static void load(struct tunnel *tunnel)
{
	const struct tunnels *tunnels = tunnel->tunnels;
	struct vici_writer message = { 0 };

	remember_settings(tunnel);
	tunnel->retry_ns = 0;
	tunnel->retries = 0;
	tunnel->answers_due = 2;
	strongswan_put_secret(tunnel->end, &message);
	vici_request(tunnel->vici, "load-shared", &message, loaded);
	strongswan_put_connection(tunnel->end, tunnels->timers, is_xfrm(tunnel), &message);
	vici_request(tunnel->vici, "load-conn", &message, loaded);
}

/* Who reaps the daemon sees its end; one that goes on without it hangs. */
static void vici_ended(void *arg, const char *reason)
{
	struct tunnel *tunnel = arg;

	(void)reason;
	vici_free(tunnel->vici);
	tunnel->vici = NULL;
	tunnel->look = (struct look){ 0 };
}

/* It has started, and its device is where it is to be. */
static void configure(struct tunnel *tunnel)
{
	static const struct vici_ops ops = { .on_event = on_event, .on_end = vici_ended };
	struct err err = { 0 };

	if (tunnel->vici || tunnel->state != TUNNEL_STARTING)
		return;
	tunnel->vici = vici_open(tunnel->tunnels->loop, tunnel->control, &ops, tunnel, &err);
	if (!tunnel->vici) {
		set_error(tunnel, err.text);
		return;
	}
	vici_listen(tunnel->vici, "list-sa");
	vici_listen(tunnel->vici, "ike-updown");
	vici_listen(tunnel->vici, "child-updown");
	load(tunnel);
}

/* ---- its daemon ---- */

static void log_line(void *arg, char *line, size_t len)
{
	struct tunnel *tunnel = arg;
	struct tunnels_ops *ops = &tunnel->tunnels->ops;
	struct charon_log log = charon_log_read(line);

	(void)len;
	if (ops->on_line)
		ops->on_line(tunnel->tunnels->arg, tunnel->name, line);
	switch (log.kind) {
	case CHARON_LOG_READY:
		tunnel->is_ready = true;
		tunnel->last_words[0] = '\0';
		if (tunnel->end)
			send_device(tunnel, STEP_ADD, false, device_brought);
		break;
	case CHARON_LOG_TUNNEL:
		if (tunnel->state != TUNNEL_ESTABLISHED || strstr(log.text, "giving up"))
			set_error(tunnel, log.words);
		break;
	case CHARON_LOG_PROBLEM:
	case CHARON_LOG_OTHER:
		break;
	}
	/* what one that runs says last has nothing to do with its end */
	if (!tunnel->is_ready || log.kind == CHARON_LOG_PROBLEM)
		(void)snprintf(tunnel->last_words, sizeof(tunnel->last_words), "%.250s", log.text);
}

static void log_end(void *arg, const char *reason)
{
	struct tunnel *tunnel = arg;

	(void)reason; /* the daemon's end is seen by who reaps it */
	loop_stream_free(tunnel->log);
	tunnel->log = NULL;
}

/* What does not answer is ended, and with that started again. */
static void check_answers(struct tunnel *tunnel, uint64_t now_ns)
{
	uint64_t waited_ns =
		tunnel->vici ? vici_waits_ns(tunnel->vici, now_ns) : now_ns - tunnel->started_ns;
	bool is_inside = tunnel->end && node_is_guest(tunnel->end->node);

	if (waited_ns < (is_inside ? HANGS_INSIDE_S : HANGS_S) * 1000000000ull ||
	    tunnel->state == TUNNEL_OFF)
		return;
	set_error(tunnel, is_inside ? "charon did not answer for 30 s and was ended"
				    : "charon did not answer for 10 s and was ended");
	tunnel->tunnels->ops.on_silence(tunnel->tunnels->arg, tunnel->name, "charon");
}

static void timer_fired(void *arg, uint64_t now_ns)
{
	struct tunnel *tunnel = arg;
	bool is_pulse =
		tunnel->state == TUNNEL_ESTABLISHED && tunnel->tunnels->timers == TIMERS_FAST;

	loop_timer_set(tunnel->timer, is_pulse ? TUNNEL_PULSE_NS : LOOK_NS);
	check_answers(tunnel, now_ns);
	look(tunnel);
}

void tunnels_attach(struct tunnels *tunnels, const char *name, int output, const char *control)
{
	static const struct loop_stream_ops ops = { .on_line = log_line, .on_end = log_end };
	struct tunnel *tunnel = tunnels_find(tunnels, name);

	if (!tunnel)
		return;
	tunnels_detach(tunnels, name);
	tunnel->starts++;
	tunnel->started_ns = loop_clock_ns();
	tunnel->is_ready = false;
	tunnel->last_words[0] = '\0';
	free(tunnel->control);
	tunnel->control = strdup(control);
	if (!tunnel->control)
		abort();
	tunnel->log =
		loop_stream_new(tunnels->loop, output, LINE_MAX_BYTES, &ops, tunnel, "charon log");
	loop_timer_set(tunnel->timer, LOOK_NS);
	change_state(tunnel, TUNNEL_STARTING);
}

void tunnels_detach(struct tunnels *tunnels, const char *name)
{
	struct tunnel *tunnel = tunnels_find(tunnels, name);
	char ends[320];

	if (!tunnel)
		return;
	if (tunnel->state == TUNNEL_ESTABLISHED && tunnel->end)
		journal_add(tunnels->journal, "tunnel", "%s: down between %s: its daemon ended",
			    name, tunnel_both_ends(tunnel, ends));
	loop_stream_free(tunnel->log);
	tunnel->log = NULL;
	vici_free(tunnel->vici);
	tunnel->vici = NULL;
	tunnel->look = (struct look){ 0 };
	count(tunnel); /* its SAs are gone */
	loop_timer_cancel(tunnel->timer);
	change_state(tunnel, TUNNEL_OFF);
}

const char *tunnels_last_words(struct tunnels *tunnels, const char *name)
{
	struct tunnel *tunnel = tunnels_find(tunnels, name);

	if (!tunnel)
		return "";
	if (tunnel->log)
		loop_stream_drain(tunnel->log);
	return tunnel->last_words;
}

/* ---- what is wanted ---- */

static struct tunnel *add(struct tunnels *tunnels, const char *name)
{
	struct tunnel *tunnel = calloc(1, sizeof(*tunnel));

	if (!tunnel)
		abort();
	tunnel->tunnels = tunnels;
	tunnel->name = strdup(name);
	if (!tunnel->name)
		abort();
	tunnel->timer = loop_timer_new(tunnels->loop, timer_fired, tunnel, "tunnel");
	tunnel->since_ns = loop_clock_ns();
	LL_APPEND(tunnels->all, tunnel);
	return tunnel;
}

void tunnels_want(struct tunnels *tunnels, const struct topology *topology)
{
	struct tunnel *tunnel;

	LL_FOREACH(tunnels->all, tunnel)
		tunnel->end = NULL;
	tunnels->timers = (enum timers)topology->lab->timers.value;
	for (size_t i = 0; i < topology->tunnel_ends.count; i++) {
		const struct tunnel_end *end = topology->tunnel_ends.items[i];

		tunnel = tunnels_find(tunnels, end->name);
		if (!tunnel)
			tunnel = add(tunnels, end->name);
		tunnel->end = end;
	}
}

/* Also what still stands by what was agreed on before begins anew, as at a gateway in Azure. */
static void begin_anew(struct tunnel *tunnel)
{
	struct vici_writer message = { 0 };

	journal_add(tunnel->tunnels->journal, "tunnel", "%s: configured anew", tunnel->name);
	tunnel->error[0] = '\0';
	load(tunnel);
	vici_put(&message, "ike", STRONGSWAN_CONNECTION);
	vici_put(&message, "force", "yes");
	vici_put(&message, "timeout", "-1");
	vici_request(tunnel->vici, "terminate", &message, NULL);
}

void tunnels_settle(struct tunnels *tunnels)
{
	struct tunnel *tunnel, *next;

	LL_FOREACH_SAFE(tunnels->all, tunnel, next)
	{
		if (!tunnel->end) {
			LL_DELETE(tunnels->all, tunnel);
			tunnel_free(tunnel);
		} else if (tunnel->vici && has_other_settings(tunnel)) {
			begin_anew(tunnel);
		} else if (tunnel->state == TUNNEL_ESTABLISHED) {
			/* the engine may have given it other addresses, and left it down */
			send_device(tunnel, STEP_CHANGE, true, device_changed);
		}
	}
}
