/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/frr.h"

#include "lab/base/arena.h"
#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/daemon/frr_config.h"
#include "netns/daemon/frr_reply.h"
#include "netns/daemon/vty.h"
#include "netns/daemon/vty_reply.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 65536
#define OPEN_AGAIN_NS  100000000ull
/* What comes together is read together. */
#define GATHER_NS 2000000ull
/* bgpd (8.4) clears away in the background what a lost session said, and does not tell the end. */
#define AFTERMATH_NS 200000000ull
#define PULSE_NS     2000000000ull

static const char *const programs[] = { "zebra", "staticd", "bfdd", "bgpd" };
#define PROGRAM_COUNT ARRAY_SIZE(programs)
#define BGPD          3

struct frr;

/* One of its programs. */
struct part {
	struct frr *frr;
	const char *program;
	char *control; /* path of its vty; NULL while it does not run */
	struct loop_stream *log;
	struct vty *vty; /* NULL until it says that it has started */
	struct loop_timer *open_again;
	char last_words[256];
	char *told; /* the configuration it was told of; NULL: none yet */
	/* lines to be said, from next_line on; the one before it is being answered */
	struct arena *script_arena;
	struct frr_script script;
	size_t next_line;
};

struct frr {
	struct bgp_daemon daemon;
	struct as_paths *paths;
	char config_path[ROUTING_CONF_SIZE + 8];
	struct part parts[PROGRAM_COUNT];
	struct loop_timer *gather, *aftermath, *pulse;
	bool needs_routes, needs_counts, needs_configure;
	bool is_stale; /* the answer that is on its way is to a question about another speaker */
	enum {
		IDLE,
		SAYING, /* lines of the script */
		READING_ROUTES,
		READING_COUNTS,
		READING_TOLD
	} reading; /* by bgpd */
	const struct bgp_end *reading_end;
	unsigned refused;
};

/* ---- what is asked ---- */

static void say_problem(struct part *part, const char *text)
{
	struct bgp_daemon *daemon = &part->frr->daemon;

	daemon->ops.on_log(daemon->arg, daemon, part->program, text, true);
}

static bool is_bgpd(const struct part *part)
{
	return part == &part->frr->parts[BGPD];
}

static bool has_script(const struct part *part)
{
	return part->next_line < part->script.count;
}

/* A session of which somebody wants to know what is told on it; NULL: of none. */
static struct bgp_session *find_asked(struct frr *frr)
{
	for (size_t i = 0; i < frr->daemon.speaker->ends.count; i++)
		if (frr->daemon.sessions[i].is_asked)
			return &frr->daemon.sessions[i];
	return NULL;
}

static void ask_told(struct frr *frr, struct bgp_session *session)
{
	char command[128];

	session->is_asked = false;
	frr->reading = READING_TOLD;
	frr->reading_end = session->end;
	(void)snprintf(command, sizeof(command),
		       "show bgp ipv4 unicast neighbors %s advertised-routes json",
		       ip_print(session->end->peer_ip).text);
	vty_ask(frr->parts[BGPD].vty, command);
}

static void ask_bgpd(struct frr *frr)
{
	struct bgp_session *asked = find_asked(frr);
	struct vty *vty = frr->parts[BGPD].vty;

	if (frr->needs_routes && !loop_timer_is_set(frr->gather)) {
		frr->needs_routes = false;
		frr->reading = READING_ROUTES;
		vty_ask(vty, "show bgp ipv4 unicast json");
	} else if (frr->needs_counts) {
		frr->needs_counts = false;
		frr->reading = READING_COUNTS;
		vty_ask(vty, "show bgp ipv4 unicast summary json");
	} else if (asked) {
		ask_told(frr, asked);
	}
}

/* Say or ask the next thing. */
static void ask(struct part *part)
{
	if (!part->vty || vty_is_busy(part->vty))
		return;
	if (has_script(part)) {
		if (is_bgpd(part))
			part->frr->reading = SAYING;
		vty_ask(part->vty, part->script.items[part->next_line++]);
	} else if (is_bgpd(part)) {
		part->frr->reading = IDLE;
		ask_bgpd(part->frr);
	}
}

static void gathered(void *arg, uint64_t now_ns)
{
	struct frr *frr = arg;

	(void)now_ns;
	ask(&frr->parts[BGPD]);
}

/* Read the tables soon, what is being told just now with it; and once more for what is not told. */
static void read_routes(struct frr *frr)
{
	frr->needs_routes = true;
	if (!loop_timer_is_set(frr->gather))
		loop_timer_set(frr->gather, GATHER_NS);
	if (!loop_timer_is_set(frr->aftermath))
		loop_timer_set(frr->aftermath, AFTERMATH_NS);
}

static void settled_down(void *arg, uint64_t now_ns)
{
	struct frr *frr = arg;

	(void)now_ns;
	frr->needs_routes = true;
	ask(&frr->parts[BGPD]);
}

/* ---- configuration ---- */

static char *read_file(const char *path)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	char *text;
	ssize_t len;

	if (fd < 0 || fstat(fd, &status))
		return NULL;
	text = malloc((size_t)status.st_size + 1);
	if (!text)
		abort();
	len = read(fd, text, (size_t)status.st_size);
	text[len > 0 ? len : 0] = '\0';
	return text;
}

static bool is_down(const void *arg, const char *neighbor)
{
	const struct frr *frr = arg;
	struct ip ip;

	for (size_t i = 0; ip_parse(neighbor, &ip) && i < frr->daemon.speaker->ends.count; i++)
		if (ip_equal(frr->daemon.sessions[i].end->peer_ip, ip))
			return !frr->daemon.sessions[i].is_up;
	return true;
}

static void push(struct part *part, const char *line)
{
	*ARENA_PUSH(part->script_arena, part->script.items, part->script.count) = line;
}

/* Behind what is still to be said; in the configuration's own mode. */
static void push_script(struct part *part, const struct frr_script *script, const char *last)
{
	if (!script->count)
		return;
	push(part, "enable");
	push(part, "configure terminal");
	for (size_t i = 0; i < script->count; i++)
		push(part, script->items[i]);
	if (last)
		push(part, last);
	push(part, "end");
}

/* Lines that were said need no memory any more. */
static void begin_script(struct part *part)
{
	if (has_script(part) || (part->vty && vty_is_busy(part->vty)))
		return;
	arena_free(part->script_arena);
	part->script_arena = arena_new();
	part->script = (struct frr_script){ 0 };
	part->next_line = 0;
}

static void configure_part(struct part *part, const char *text)
{
	struct frr_script script;
	const char *last = NULL;

	begin_script(part);
	script = frr_config_diff(part->script_arena, part->told ? part->told : "", text,
				 part->program, is_down, part->frr);
	/* route maps are looked at again when we say so: all of them are there by then */
	if (part->told && is_bgpd(part))
		last = "do clear bgp ipv4 unicast * soft";
	push_script(part, &script, last);
	free(part->told);
	part->told = strdup(text);
	if (!part->told)
		abort();
	ask(part);
}

/* Every daemon that runs is told what changed for it. */
static void configure(struct frr *frr)
{
	char *text = read_file(frr->config_path);

	frr->refused = 0;
	frr->daemon.refusal[0] = '\0';
	for (size_t i = 0; text && i < PROGRAM_COUNT; i++)
		if (frr->parts[i].vty)
			configure_part(&frr->parts[i], text);
	read_routes(frr);
	free(text);
}

/* Only what was never told matters: taking back what a person took back already is no harm. */
static void refused(struct part *part, const char *line, char *text)
{
	struct frr *frr = part->frr;
	char said[256];

	text[strcspn(text, "\n")] = '\0';
	(void)snprintf(said, sizeof(said), "'%.100s': %.120s", line, text);
	say_problem(part, said);
	if (!strncmp(line, "no ", 3) || !strncmp(line, "do ", 3))
		return;
	if (!frr->refused++)
		(void)snprintf(frr->daemon.refusal, sizeof(frr->daemon.refusal), " %s: %.230s",
			       part->program, said);
}

/* ---- answers ---- */

static void routes_came(struct frr *frr, const char *text)
{
	struct frr_routes routes;

	if (!frr_routes_read(text, frr->daemon.speaker, frr->paths, &routes))
		return; /* it has no BGP: it said why when it was told to */
	rib_assign(frr->daemon.rib, routes.items, routes.count);
	free(routes.items);
	frr->daemon.ops.on_rib(frr->daemon.arg, &frr->daemon);
}

static void told_came(struct frr *frr, char *text)
{
	struct bgp_daemon *daemon = &frr->daemon;
	struct frr_routes routes = { 0 };
	const char *refusal = NULL;

	if (!frr_told_read(text, frr->paths, &routes)) {
		text[strcspn(text, "\n")] = '\0';
		refusal = text;
	}
	daemon->ops.on_told(daemon->arg, daemon, frr->reading_end, routes.items, routes.count,
			    refusal);
	free(routes.items);
}

static void counts_came(struct frr *frr, const char *text)
{
	size_t count = frr->daemon.speaker->ends.count;
	struct frr_counts *counts = calloc(count + 1, sizeof(*counts));

	if (!counts)
		abort();
	frr_counts_read(text, frr->daemon.speaker, counts);
	for (size_t i = 0; i < count; i++) {
		frr->daemon.sessions[i].messages_sent = counts[i].messages_sent;
		frr->daemon.sessions[i].messages_received = counts[i].messages_received;
	}
	free(counts);
}

static void on_answer(void *arg, char *text, int status)
{
	struct part *part = arg;
	struct frr *frr = part->frr;
	bool was_script = part->next_line && (!is_bgpd(part) || frr->reading == SAYING);

	if (was_script && status != VTY_OK)
		refused(part, part->script.items[part->next_line - 1], text);
	if (is_bgpd(part) && !frr->is_stale && frr->reading == READING_ROUTES)
		routes_came(frr, text);
	else if (is_bgpd(part) && !frr->is_stale && frr->reading == READING_COUNTS)
		counts_came(frr, text);
	else if (is_bgpd(part) && !frr->is_stale && frr->reading == READING_TOLD)
		told_came(frr, text);
	if (is_bgpd(part))
		frr->is_stale = false;
	ask(part);
}

static void forget_told(struct part *part)
{
	free(part->told);
	part->told = NULL;
	arena_free(part->script_arena);
	part->script_arena = arena_new();
	part->script = (struct frr_script){ 0 };
	part->next_line = 0;
}

static void on_end(void *arg, const char *reason, bool is_silent)
{
	struct part *part = arg;
	struct bgp_daemon *daemon = &part->frr->daemon;

	(void)reason; /* the program's end is seen by who reaps it */
	vty_free(part->vty);
	part->vty = NULL;
	forget_told(part);
	if (is_bgpd(part))
		part->frr->reading = IDLE;
	if (is_silent)
		daemon->ops.on_silence(daemon->arg, daemon, part->program);
	else
		loop_timer_set(part->open_again, OPEN_AGAIN_NS);
}

static void open_vty(struct part *part)
{
	static const struct vty_ops ops = { on_answer, on_end };
	struct frr *frr = part->frr;
	struct err err = { 0 };
	char *text;

	if (part->vty || !part->control)
		return;
	part->vty = vty_open(frr->daemon.loop, part->control, &ops, part, part->program, &err);
	if (!part->vty) {
		loop_timer_set(part->open_again, OPEN_AGAIN_NS);
		return;
	}
	text = read_file(frr->config_path);
	if (text)
		configure_part(part, text);
	else
		say_problem(part, "its configuration cannot be read");
	free(text);
	if (is_bgpd(part))
		read_routes(frr);
}

static void time_to_open(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	open_vty(arg);
}

/* Counters are fresh by this, and a program that hangs is found. */
static void beat(void *arg, uint64_t now_ns)
{
	struct frr *frr = arg;

	(void)now_ns;
	frr->needs_counts = true;
	ask(&frr->parts[BGPD]);
	for (size_t i = 0; i < BGPD; i++) {
		struct part *part = &frr->parts[i];

		if (!part->vty || vty_is_busy(part->vty) || has_script(part))
			continue;
		begin_script(part);
		push(part, "enable");
		ask(part);
	}
	loop_timer_set(frr->pulse, PULSE_NS);
}

/* ---- logs ---- */

static void session_changed(struct frr *frr, const struct frr_log *log, bool is_up)
{
	struct part *bgpd = &frr->parts[BGPD];
	const char *down = strstr(log->text, " Down ");
	struct frr_script held;

	if (is_up && bgpd->told) {
		begin_script(bgpd);
		held = frr_config_held(bgpd->script_arena, bgpd->told,
				       ip_print(log->end->peer_ip).text);
		push_script(bgpd, &held, NULL);
	}
	bgp_daemon_session_is(&frr->daemon, log->end, is_up, down ? down + strlen(" Down ") : "");
	read_routes(frr);
	ask(bgpd);
}

static void log_line(void *arg, char *line, size_t len)
{
	struct part *part = arg;
	struct frr *frr = part->frr;
	struct frr_log log;

	(void)len;
	bgp_daemon_wrote(&frr->daemon, part->program, line);
	log = frr_log_read(frr->daemon.speaker, line);
	if (log.kind == FRR_LOG_PROBLEM || log.kind == FRR_LOG_CLOSED || log.kind == FRR_LOG_OTHER)
		(void)snprintf(part->last_words, sizeof(part->last_words), "%s", log.text);
	switch (log.kind) {
	case FRR_LOG_STARTED:
		open_vty(part);
		break;
	case FRR_LOG_ESTABLISHED:
		session_changed(frr, &log, true);
		break;
	case FRR_LOG_CLOSED:
		session_changed(frr, &log, false);
		break;
	case FRR_LOG_ROUTES:
		read_routes(frr);
		break;
	case FRR_LOG_OTHER:
	case FRR_LOG_DETAIL:
	case FRR_LOG_PROBLEM:
		break;
	}
	frr->daemon.ops.on_log(frr->daemon.arg, &frr->daemon, part->program, log.text,
			       log.kind == FRR_LOG_PROBLEM);
}

static void log_end(void *arg, const char *reason)
{
	struct part *part = arg;

	(void)reason; /* the program's end is seen by who reaps it */
	loop_stream_free(part->log);
	part->log = NULL;
}

/* ---- the daemon ---- */

static struct part *find_part(struct bgp_daemon *daemon, const char *program)
{
	struct frr *frr = (struct frr *)daemon;

	for (size_t i = 0; i < PROGRAM_COUNT; i++)
		if (!strcmp(programs[i], program))
			return &frr->parts[i];
	abort(); /* the plan starts no others */
}

static void stop_part(struct part *part)
{
	loop_stream_free(part->log);
	part->log = NULL;
	vty_free(part->vty);
	part->vty = NULL;
	loop_timer_cancel(part->open_again);
	free(part->control);
	part->control = NULL;
	forget_told(part);
	part->last_words[0] = '\0';
}

static void frr_open(struct bgp_daemon *daemon, struct as_paths *paths)
{
	struct frr *frr = (struct frr *)daemon;
	char path[ROUTING_CONF_SIZE];

	frr->paths = paths;
	routing_conf_path(daemon->speaker, path);
	(void)snprintf(frr->config_path, sizeof(frr->config_path), "/run/%s", path);
	frr->aftermath = loop_timer_new(daemon->loop, settled_down, frr, "frr aftermath");
	frr->gather = loop_timer_new(daemon->loop, gathered, frr, "frr tables");
	frr->pulse = loop_timer_new(daemon->loop, beat, frr, "frr pulse");
	loop_timer_set(frr->pulse, PULSE_NS);
	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		struct part *part = &frr->parts[i];

		part->frr = frr;
		part->program = programs[i];
		part->script_arena = arena_new();
		part->open_again = loop_timer_new(daemon->loop, time_to_open, part, "frr vty");
	}
}

static void frr_detach(struct bgp_daemon *daemon, const char *program)
{
	struct part *part = find_part(daemon, program);

	stop_part(part);
	if (!is_bgpd(part))
		return;
	part->frr->reading = IDLE;
	part->frr->needs_routes = part->frr->needs_counts = part->frr->is_stale = false;
	loop_timer_cancel(part->frr->gather);
	loop_timer_cancel(part->frr->aftermath);
}

static void frr_attach(struct bgp_daemon *daemon, const char *program, int output,
		       const char *control)
{
	static const struct loop_stream_ops ops = { .on_line = log_line, .on_end = log_end };
	struct part *part = find_part(daemon, program);

	frr_detach(daemon, program);
	part->control = strdup(control);
	if (!part->control)
		abort();
	part->log = loop_stream_new(daemon->loop, output, LINE_MAX_BYTES, &ops, part, "frr log");
}

static void frr_close(struct bgp_daemon *daemon)
{
	struct frr *frr = (struct frr *)daemon;

	for (size_t i = 0; i < PROGRAM_COUNT; i++) {
		stop_part(&frr->parts[i]);
		loop_timer_free(frr->parts[i].open_again);
		arena_free(frr->parts[i].script_arena);
	}
	loop_timer_free(frr->gather);
	loop_timer_free(frr->aftermath);
	loop_timer_free(frr->pulse);
}

static bool frr_is_running(const struct bgp_daemon *daemon)
{
	return ((const struct frr *)daemon)->parts[BGPD].control != NULL;
}

static void frr_move(struct bgp_daemon *daemon, struct as_paths *paths)
{
	struct frr *frr = (struct frr *)daemon;

	frr->paths = paths;
	frr->is_stale = frr->reading == READING_ROUTES || frr->reading == READING_COUNTS ||
			frr->reading == READING_TOLD;
	read_routes(frr);
}

static void frr_configure(struct bgp_daemon *daemon)
{
	configure((struct frr *)daemon);
}

static void frr_ask_told(struct bgp_daemon *daemon)
{
	ask(&((struct frr *)daemon)->parts[BGPD]);
}

static bool frr_is_settled(const struct bgp_daemon *daemon)
{
	const struct frr *frr = (const struct frr *)daemon;

	for (size_t i = 0; i < PROGRAM_COUNT; i++)
		if (!frr->parts[i].vty || has_script(&frr->parts[i]))
			return false;
	return !frr->needs_routes && !loop_timer_is_set(frr->aftermath) &&
	       frr->reading != READING_ROUTES && frr->reading != SAYING;
}

static const char *frr_last_words(struct bgp_daemon *daemon, const char *program)
{
	struct part *part = find_part(daemon, program);

	if (part->log)
		loop_stream_drain(part->log);
	return part->last_words;
}

const struct bgp_daemon_kind frr_daemon = {
	.size = sizeof(struct frr),
	.open = frr_open,
	.close = frr_close,
	.attach = frr_attach,
	.detach = frr_detach,
	.is_running = frr_is_running,
	.move = frr_move,
	.configure = frr_configure,
	.ask_told = frr_ask_told,
	.is_settled = frr_is_settled,
	.last_words = frr_last_words,
};
