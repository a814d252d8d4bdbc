/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/bird.h"

#include "lab/base/cleanup.h"
#include "lab/render/bird_conf.h"
#include "netns/daemon/bird_reply.h"
#include "netns/loop/ipc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define LINE_MAX_BYTES 65536
#define NS_PER_S       1000000000ull
/* More changed prefixes than this are read faster all at once. */
#define PREFIXES_MAX 32
/*
 * A daemon that leaves a question unanswered for so many ticks hangs; so often it is asked at
 * least. A tick that comes late does not count: then the machine has no time for anybody.
 */
#define TICK_NS        NS_PER_S
#define LATE_NS        (NS_PER_S / 4)
#define PATIENCE_TICKS 5u
#define START_TICKS    15u
/* After so long a session that heard too much begins again; the wait doubles. */
#define RETRY_FIRST_NS NS_PER_S
#define RETRY_LAST_NS  (60 * NS_PER_S)
/*
 * What a peer asked for again leaves BIRD 2.0.12 only when anything wakes it, which may take a
 * second: so many questions are put until it is all said.
 */
#define WAKINGS_MAX 64u

/* A prefix that changed and was not read since. */
struct dirty {
	struct prefix prefix;
	UT_hash_handle hh;
};

struct bird {
	struct bgp_daemon daemon;
	char *control_path;
	struct loop_stream *log, *control;
	struct bird_routes answer;
	char last_words[256];
	struct dirty *dirty;
	bool needs_all, needs_configure;
	bool has_held; /* what is behind tunnels by the lab file alone: BIRD was told to */
	enum {
		IDLE,
		GREETING,
		READING_ALL,
		READING_PREFIX,
		READING_TOLD,
		CONFIGURING,
		ENABLING,
		CHECKING
	} reading;
	struct prefix reading_prefix;
	const struct bgp_end *reading_end;
	struct loop_timer *watch, *retry;
	uint64_t tick_due_ns;
	unsigned ticks; /* since it was asked, or said anything on its control socket */
	uint64_t retry_ns;
	bool is_retry_due;
	unsigned refreshes, wakings; /* what peers asked for again; questions left to wake it */
};

static void say(struct bird *bird, const char *text, bool is_problem)
{
	bird->daemon.ops.on_log(bird->daemon.arg, &bird->daemon, "bird", text, is_problem);
}

static void clear_dirty(struct bird *bird)
{
	struct dirty *entry, *next;

	HASH_ITER(hh, bird->dirty, entry, next) {
		HASH_DEL(bird->dirty, entry);
		free(entry);
	}
}

/* A session of which somebody wants to know what is told on it; NULL: of none. */
static struct bgp_session *find_asked(struct bird *bird)
{
	for (size_t i = 0; i < bird->daemon.speaker->ends.count; i++)
		if (bird->daemon.sessions[i].is_asked)
			return &bird->daemon.sessions[i];
	return NULL;
}

/*
 * A session that heard too much, and is now expected to hear less (R6.15, R7.15). The daemon's own
 * way to begin again would let routes in for a moment each time.
 */
static struct bgp_session *find_limited(struct bird *bird)
{
	for (size_t i = 0; i < bird->daemon.speaker->ends.count; i++)
		if (bird->daemon.sessions[i].is_limited &&
		    !bird->daemon.sessions[i].end->is_over_limit)
			return &bird->daemon.sessions[i];
	return NULL;
}

static void plan_retry(struct bird *bird)
{
	if (find_limited(bird) && !loop_timer_is_set(bird->retry))
		loop_timer_set(bird->retry, bird->retry_ns);
}

/* Ask for what is known already. */
static void check(struct bird *bird)
{
	static const char question[] = "show status\n";

	bird->reading = CHECKING;
	bird->ticks = 0;
	loop_stream_write(bird->control, question, sizeof(question) - 1);
}

static void wake(struct bird *bird)
{
	if (!bird->refreshes || !bird->wakings)
		return;
	bird->wakings--;
	check(bird);
}

/* Ask for the next thing that is not known. */
static void ask(struct bird *bird)
{
	struct bgp_session *asked = find_asked(bird);
	struct bgp_session *limited = bird->is_retry_due ? find_limited(bird) : NULL;
	struct dirty *entry = bird->dirty;
	bool is_site_due = bird->has_held != bird->daemon.holds_sites;
	char command[128];
	int len;

	if (!bird->control || bird->reading != IDLE)
		return;
	if (!bird->needs_all && !bird->needs_configure && !entry && !asked && !limited &&
	    !is_site_due) {
		wake(bird);
		return;
	}
	bird_routes_reset(&bird->answer);
	if (is_site_due) {
		bird->has_held = bird->daemon.holds_sites;
		bird->needs_all = true; /* the log tells of what sessions bring */
		bird->reading = ENABLING;
		len = snprintf(command, sizeof(command), "%s " BIRD_SITES "\n",
			       bird->has_held ? "disable" : "enable");
	} else if (limited) {
		limited->is_limited = false;
		bird->is_retry_due = find_limited(bird);
		bird->reading = ENABLING;
		len = snprintf(command, sizeof(command), "enable %s\n", limited->end->name);
	} else if (bird->needs_configure) {
		bird->needs_configure = false;
		bird->reading = CONFIGURING;
		len = snprintf(command, sizeof(command), "configure\n");
	} else if (bird->needs_all || HASH_COUNT(bird->dirty) > PREFIXES_MAX) {
		clear_dirty(bird);
		bird->needs_all = false;
		bird->reading = READING_ALL;
		len = snprintf(command, sizeof(command), "show route all\n");
	} else if (!entry) {
		bird->reading = READING_TOLD;
		bird->reading_end = asked->end;
		asked->is_asked = false;
		len = snprintf(command, sizeof(command), "show route export %s all\n",
			       asked->end->name);
	} else {
		bird->reading = READING_PREFIX;
		bird->reading_prefix = entry->prefix;
		HASH_DEL(bird->dirty, entry);
		free(entry);
		len = snprintf(command, sizeof(command), "show route %s all\n",
			       prefix_print(bird->reading_prefix).text);
	}
	bird->ticks = 0;
	loop_stream_write(bird->control, command, (size_t)len);
}

static void retry(void *arg, uint64_t now_ns)
{
	struct bird *bird = arg;

	(void)now_ns;
	bird->is_retry_due = true;
	bird->retry_ns = bird->retry_ns * 2 < RETRY_LAST_NS ? bird->retry_ns * 2 : RETRY_LAST_NS;
	ask(bird);
}

static void set_watch(struct bird *bird)
{
	bird->tick_due_ns = loop_clock_ns() + TICK_NS;
	loop_timer_set(bird->watch, TICK_NS);
}

/* Hangs it? It is asked something when nothing else is. */
static void watch(void *arg, uint64_t now_ns)
{
	struct bird *bird = arg;

	bird->ticks += now_ns < bird->tick_due_ns + LATE_NS;
	if (bird->ticks > (bird->control ? PATIENCE_TICKS : START_TICKS) &&
	    (!bird->control || bird->reading != IDLE)) {
		bird->daemon.ops.on_silence(bird->daemon.arg, &bird->daemon, "bird");
		return;
	}
	if (bird->control && bird->reading == IDLE && bird->ticks >= PATIENCE_TICKS)
		check(bird);
	set_watch(bird);
}

/* It has read its configuration anew, or says what it does not take of it. */
static void configured(struct bird *bird, enum bird_answer answer, const char *line)
{
	bird->daemon.refusal[0] = '\0';
	bird->needs_all = true;
	bird->has_held = false; /* with that all of its protocols are enabled */
	if (answer != BIRD_ERROR)
		return;
	(void)snprintf(bird->daemon.refusal, sizeof(bird->daemon.refusal), "%.250s",
		       line + strcspn(line, " "));
	say(bird, line, true);
}

static void told(struct bird *bird, enum bird_answer answer, const char *line)
{
	const struct bgp_daemon_ops *ops = &bird->daemon.ops;

	bird->reading = IDLE; /* who is told may ask again */
	if (answer == BIRD_ERROR)
		ops->on_told(bird->daemon.arg, &bird->daemon, bird->reading_end, NULL, 0,
			     line + strcspn(line, " "));
	else
		ops->on_told(bird->daemon.arg, &bird->daemon, bird->reading_end, bird->answer.items,
			     bird->answer.count, NULL);
	ask(bird);
}

static void control_line(void *arg, char *line, size_t len)
{
	struct bird *bird = arg;
	enum bird_answer answer;

	(void)len;
	if (bird->reading == IDLE)
		return;
	bird->ticks = 0;
	answer = bird_routes_read(&bird->answer, line);
	if (answer == BIRD_MORE)
		return;
	if (bird->reading == GREETING || bird->reading == CHECKING || bird->reading == ENABLING) {
		bird->reading = IDLE;
		ask(bird);
		return;
	}
	if (bird->reading == READING_TOLD) {
		told(bird, answer, line);
		return;
	}
	if (bird->reading == CONFIGURING)
		configured(bird, answer, line);
	else if (answer == BIRD_ERROR)
		say(bird, line, true);
	else if (bird->reading == READING_ALL)
		rib_assign(bird->daemon.rib, bird->answer.items, bird->answer.count);
	else
		rib_replace(bird->daemon.rib, bird->reading_prefix, bird->answer.items,
			    bird->answer.count);
	bird->reading = IDLE;
	ask(bird);
	if (answer == BIRD_DONE)
		bird->daemon.ops.on_rib(bird->daemon.arg, &bird->daemon);
}

static void control_end(void *arg, const char *reason)
{
	struct bird *bird = arg;

	(void)reason; /* the daemon's end is seen by who reaps it */
	loop_stream_free(bird->control);
	bird->control = NULL;
	bird->reading = IDLE;
}

static void open_control(struct bird *bird)
{
	static const struct loop_stream_ops ops = { .on_line = control_line,
						    .on_end = control_end };
	CLEANUP(fd_cleanup) int fd = -1;
	struct err err = { 0 };

	if (bird->control)
		return;
	fd = ipc_connect(bird->control_path, &err);
	if (fd < 0) {
		(void)snprintf(bird->last_words, sizeof(bird->last_words), "%.200s", err.text);
		say(bird, bird->last_words, true);
		return;
	}
	bird->control = loop_stream_new(bird->daemon.loop, fd_take(&fd), LINE_MAX_BYTES, &ops, bird,
					"bird answer");
	bird->reading = GREETING;
	bird->needs_all = true;
	bird->has_held = false;
	bird->ticks = 0;
}

static void session_changed(struct bird *bird, const struct bird_log *log, bool is_up)
{
	/*
	 * A full read at each change; it also wakes the daemon, which else sends its first updates
	 * only when its next timer is due (BIRD 2.0.12, up to a second).
	 */
	bird->needs_all = true;
	ask(bird);
	bgp_daemon_session_is(&bird->daemon, log->end, is_up, bird->last_words);
}

static void prefix_changed(struct bird *bird, struct prefix prefix)
{
	struct dirty *entry = NULL;

	HASH_FIND(hh, bird->dirty, &prefix, sizeof(prefix), entry);
	if (!entry) {
		entry = calloc(1, sizeof(*entry));
		if (!entry)
			abort();
		entry->prefix = prefix;
		HASH_ADD(hh, bird->dirty, prefix, sizeof(entry->prefix), entry);
	}
	ask(bird);
}

/* Lines that say why a session ends come before the one that says that it ended. */
static void remember(struct bird *bird, const struct bird_log *log)
{
	if (log->kind == BIRD_LOG_OTHER || log->kind == BIRD_LOG_PROBLEM ||
	    log->kind == BIRD_LOG_LIMITED)
		(void)snprintf(bird->last_words, sizeof(bird->last_words), "%s", log->text);
}

static void limited(struct bird *bird, const struct bird_log *log)
{
	bgp_daemon_find_session(&bird->daemon, log->end)->is_limited = true;
	plan_retry(bird);
}

static void refresh(struct bird *bird)
{
	bird->refreshes = bird->wakings ? bird->refreshes + 1 : 1;
	bird->wakings = WAKINGS_MAX;
	ask(bird);
}

static void log_line(void *arg, char *line, size_t len)
{
	struct bird *bird = arg;
	struct bird_log log;

	(void)len;
	bgp_daemon_wrote(&bird->daemon, "bird", line);
	log = bird_log_read(bird->daemon.speaker, line);
	remember(bird, &log);
	switch (log.kind) {
	case BIRD_LOG_STARTED:
		open_control(bird);
		break;
	case BIRD_LOG_ESTABLISHED:
		session_changed(bird, &log, true);
		break;
	case BIRD_LOG_CLOSED:
		session_changed(bird, &log, false);
		break;
	case BIRD_LOG_LIMITED:
		limited(bird, &log);
		break;
	case BIRD_LOG_ROUTE:
		prefix_changed(bird, log.prefix);
		break;
	case BIRD_LOG_REFRESH:
		bgp_daemon_find_session(&bird->daemon, log.end)->messages_received++;
		refresh(bird);
		return;
	case BIRD_LOG_REFRESHED:
		bird->refreshes -= bird->refreshes > 0;
		bgp_daemon_find_session(&bird->daemon, log.end)->messages_sent++;
		return;
	case BIRD_LOG_SENT:
		bgp_daemon_find_session(&bird->daemon, log.end)->messages_sent++;
		return;
	case BIRD_LOG_GOT:
		bgp_daemon_find_session(&bird->daemon, log.end)->messages_received++;
		return;
	case BIRD_LOG_OTHER:
	case BIRD_LOG_PROBLEM:
		break;
	}
	say(bird, log.text, log.kind == BIRD_LOG_PROBLEM || log.kind == BIRD_LOG_LIMITED);
}

static void log_end(void *arg, const char *reason)
{
	struct bird *bird = arg;

	(void)reason; /* the daemon's end is seen by who reaps it */
	loop_stream_free(bird->log);
	bird->log = NULL;
}

static void bird_open(struct bgp_daemon *daemon, struct as_paths *paths)
{
	struct bird *bird = (struct bird *)daemon;

	bird_routes_init(&bird->answer, daemon->speaker, paths);
	bird->watch = loop_timer_new(daemon->loop, watch, bird, "bird watch");
	bird->retry = loop_timer_new(daemon->loop, retry, bird, "bird retry");
}

static void bird_detach(struct bgp_daemon *daemon, const char *program)
{
	struct bird *bird = (struct bird *)daemon;

	(void)program; /* there is one */
	loop_stream_free(bird->log);
	loop_stream_free(bird->control);
	bird->log = bird->control = NULL;
	bird->reading = IDLE;
	bird->needs_all = bird->needs_configure = false;
	bird->last_words[0] = '\0';
	bird->retry_ns = RETRY_FIRST_NS;
	bird->is_retry_due = false;
	bird->refreshes = bird->wakings = 0;
	loop_timer_cancel(bird->watch);
	loop_timer_cancel(bird->retry);
	for (size_t i = 0; i < daemon->speaker->ends.count; i++)
		daemon->sessions[i].is_limited = false;
	clear_dirty(bird);
	free(bird->control_path);
	bird->control_path = NULL;
}

static void bird_attach(struct bgp_daemon *daemon, const char *program, int output,
			const char *control)
{
	static const struct loop_stream_ops log_ops = { .on_line = log_line, .on_end = log_end };
	struct bird *bird = (struct bird *)daemon;

	bird_detach(daemon, program);
	bird->control_path = strdup(control);
	if (!bird->control_path)
		abort();
	bird->ticks = 0;
	set_watch(bird);
	bird->log =
		loop_stream_new(daemon->loop, output, LINE_MAX_BYTES, &log_ops, bird, "bird log");
}

static void bird_close(struct bgp_daemon *daemon)
{
	struct bird *bird = (struct bird *)daemon;

	bird_detach(daemon, "bird");
	loop_timer_free(bird->watch);
	loop_timer_free(bird->retry);
	bird_routes_fini(&bird->answer);
}

static bool bird_is_running(const struct bgp_daemon *daemon)
{
	return ((const struct bird *)daemon)->control_path != NULL;
}

static void bird_move(struct bgp_daemon *daemon, struct as_paths *paths)
{
	struct bird *bird = (struct bird *)daemon;

	bird_routes_fini(&bird->answer);
	bird_routes_init(&bird->answer, daemon->speaker, paths);
	bird->retry_ns = RETRY_FIRST_NS;
	loop_timer_cancel(bird->retry);
	plan_retry(bird);
	if (!bird->control)
		return;
	/* an answer that is on its way was to a question about the speaker it was */
	loop_stream_free(bird->control);
	bird->control = NULL;
	open_control(bird);
}

static void bird_configure(struct bgp_daemon *daemon)
{
	struct bird *bird = (struct bird *)daemon;

	bird->needs_configure = true;
	ask(bird);
}

/* `ask` finds what is new by itself. */
static void bird_ask(struct bgp_daemon *daemon)
{
	ask((struct bird *)daemon);
}

static bool bird_is_settled(const struct bgp_daemon *daemon)
{
	const struct bird *bird = (const struct bird *)daemon;

	return bird->control &&
	       (bird->reading == IDLE || bird->reading == READING_TOLD ||
		bird->reading == CHECKING) &&
	       !bird->needs_all && !bird->needs_configure && !bird->dirty;
}

static const char *bird_last_words(struct bgp_daemon *daemon, const char *program)
{
	struct bird *bird = (struct bird *)daemon;

	(void)program;
	if (bird->log)
		loop_stream_drain(bird->log);
	return bird->last_words;
}

const struct bgp_daemon_kind bird_daemon = {
	.size = sizeof(struct bird),
	.open = bird_open,
	.close = bird_close,
	.attach = bird_attach,
	.detach = bird_detach,
	.is_running = bird_is_running,
	.move = bird_move,
	.configure = bird_configure,
	.hold_sites = bird_ask,
	.ask_told = bird_ask,
	.is_settled = bird_is_settled,
	.last_words = bird_last_words,
};
