/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/bird.h"

#include "lab/base/cleanup.h"
#include "netns/daemon/bird_reply.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uthash.h>

#define LINE_MAX_BYTES 65536
/* More changed prefixes than this are read faster all at once. */
#define PREFIXES_MAX 32

/* A prefix that changed and was not read since. */
struct dirty {
	struct prefix prefix;
	UT_hash_handle hh;
};

struct bird {
	struct loop *loop;
	const struct bgp_speaker *speaker;
	struct bird_ops ops;
	void *arg;
	char *control_path;
	struct loop_stream *log, *control;
	struct bird_session *sessions;
	struct bird_routes answer;
	struct rib *rib;
	struct dirty *dirty;
	bool needs_all, needs_configure;
	enum {
		IDLE,
		GREETING,
		READING_ALL,
		READING_PREFIX,
		CONFIGURING
	} reading;
	struct prefix reading_prefix;
	char last_words[256];
	char refusal[256];
};

static void clear_dirty(struct bird *bird)
{
	struct dirty *entry, *next;

	HASH_ITER(hh, bird->dirty, entry, next) {
		HASH_DEL(bird->dirty, entry);
		free(entry);
	}
}

/* Ask for the next thing that is not known. */
static void ask(struct bird *bird)
{
	struct dirty *entry = bird->dirty;
	char command[128];
	int len;

	if (!bird->control || bird->reading != IDLE ||
	    (!bird->needs_all && !bird->needs_configure && !entry))
		return;
	bird_routes_reset(&bird->answer);
	if (bird->needs_configure) {
		bird->needs_configure = false;
		bird->reading = CONFIGURING;
		len = snprintf(command, sizeof(command), "configure\n");
	} else if (bird->needs_all || HASH_COUNT(bird->dirty) > PREFIXES_MAX) {
		clear_dirty(bird);
		bird->needs_all = false;
		bird->reading = READING_ALL;
		len = snprintf(command, sizeof(command), "show route all\n");
	} else {
		bird->reading = READING_PREFIX;
		bird->reading_prefix = entry->prefix;
		HASH_DEL(bird->dirty, entry);
		free(entry);
		len = snprintf(command, sizeof(command), "show route %s all\n",
			       prefix_print(bird->reading_prefix).text);
	}
	loop_stream_write(bird->control, command, (size_t)len);
}

/* It has read its configuration anew, or says what it does not take of it. */
static void configured(struct bird *bird, enum bird_answer answer, const char *line)
{
	bird->refusal[0] = '\0';
	bird->needs_all = true;
	if (answer != BIRD_ERROR)
		return;
	(void)snprintf(bird->refusal, sizeof(bird->refusal), "%.250s", line + strcspn(line, " "));
	bird->ops.on_log(bird->arg, bird, line, true);
}

static void control_line(void *arg, char *line, size_t len)
{
	struct bird *bird = arg;
	enum bird_answer answer;

	(void)len;
	if (bird->reading == IDLE)
		return;
	answer = bird_routes_read(&bird->answer, line);
	if (answer == BIRD_MORE)
		return;
	if (bird->reading == GREETING) {
		bird->reading = IDLE;
		ask(bird);
		return;
	}
	if (bird->reading == CONFIGURING)
		configured(bird, answer, line);
	else if (answer == BIRD_ERROR)
		bird->ops.on_log(bird->arg, bird, line, true);
	else if (bird->reading == READING_ALL)
		rib_assign(bird->rib, bird->answer.items, bird->answer.count);
	else
		rib_replace(bird->rib, bird->reading_prefix, bird->answer.items,
			    bird->answer.count);
	bird->reading = IDLE;
	ask(bird);
	if (answer == BIRD_DONE)
		bird->ops.on_rib(bird->arg, bird);
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
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (bird->control || strlen(bird->control_path) >= sizeof(address.sun_path))
		return;
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", bird->control_path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		(void)snprintf(bird->last_words, sizeof(bird->last_words), "%.160s: %s",
			       bird->control_path, strerror(errno));
		bird->ops.on_log(bird->arg, bird, bird->last_words, true);
		return;
	}
	bird->control = loop_stream_new(bird->loop, fd_take(&fd), LINE_MAX_BYTES, &ops, bird,
					"bird answer");
	bird->reading = GREETING;
	bird->needs_all = true;
}

static struct bird_session *find_session(struct bird *bird, const struct bgp_end *end)
{
	for (size_t i = 0; i < bird->speaker->ends.count; i++)
		if (bird->sessions[i].end == end)
			return &bird->sessions[i];
	return NULL;
}

static void session_changed(struct bird *bird, const struct bird_log *log, bool is_up)
{
	struct bird_session *session = find_session(bird, log->end);

	/*
	 * A full read at each change; it also wakes the daemon, which else sends its first updates
	 * only when its next timer is due (BIRD 2.0.12, up to a second).
	 */
	bird->needs_all = true;
	ask(bird);
	if (session->is_up == is_up)
		return;
	session->is_up = is_up;
	session->changed_ns = loop_clock_ns();
	bird->ops.on_session(bird->arg, bird, session, bird->last_words);
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
	if (log->kind == BIRD_LOG_OTHER || log->kind == BIRD_LOG_PROBLEM)
		(void)snprintf(bird->last_words, sizeof(bird->last_words), "%s", log->text);
}

static void log_line(void *arg, char *line, size_t len)
{
	struct bird *bird = arg;
	struct bird_log log = bird_log_read(bird->speaker, line);

	(void)len;
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
	case BIRD_LOG_ROUTE:
		prefix_changed(bird, log.prefix);
		break;
	case BIRD_LOG_SENT:
		find_session(bird, log.end)->messages_sent++;
		return;
	case BIRD_LOG_GOT:
		find_session(bird, log.end)->messages_received++;
		return;
	case BIRD_LOG_OTHER:
	case BIRD_LOG_PROBLEM:
		break;
	}
	bird->ops.on_log(bird->arg, bird, log.text, log.kind == BIRD_LOG_PROBLEM);
}

static void log_end(void *arg, const char *reason)
{
	struct bird *bird = arg;

	(void)reason; /* the daemon's end is seen by who reaps it */
	loop_stream_free(bird->log);
	bird->log = NULL;
}

struct bird *bird_new(struct loop *loop, const struct bgp_speaker *speaker, struct as_paths *paths,
		      struct rib *rib, int output, const char *control, const struct bird_ops *ops,
		      void *arg)
{
	static const struct loop_stream_ops log_ops = { .on_line = log_line, .on_end = log_end };
	struct bird *bird = calloc(1, sizeof(*bird));

	if (!bird)
		abort();
	*bird = (struct bird){
		.loop = loop, .speaker = speaker, .rib = rib, .ops = *ops, .arg = arg
	};
	bird->control_path = strdup(control);
	bird->sessions = calloc(speaker->ends.count + 1, sizeof(*bird->sessions));
	if (!bird->control_path || !bird->sessions)
		abort();
	for (size_t i = 0; i < speaker->ends.count; i++)
		bird->sessions[i].end = speaker->ends.items[i];
	bird_routes_init(&bird->answer, speaker, paths);
	bird->log = loop_stream_new(loop, output, LINE_MAX_BYTES, &log_ops, bird, "bird log");
	return bird;
}

void bird_free(struct bird *bird)
{
	if (!bird)
		return;
	loop_stream_free(bird->log);
	loop_stream_free(bird->control);
	clear_dirty(bird);
	bird_routes_fini(&bird->answer);
	free(bird->sessions);
	free(bird->control_path);
	free(bird);
}

void bird_move(struct bird *bird, const struct bgp_speaker *speaker, struct as_paths *paths,
	       struct rib *rib, void *arg)
{
	struct bird_session *sessions = calloc(speaker->ends.count + 1, sizeof(*sessions));

	if (!sessions)
		abort();
	for (size_t i = 0; i < speaker->ends.count; i++) {
		const struct bgp_end *before =
			bgp_find_end(bird->speaker, speaker->ends.items[i]->name);

		if (before)
			sessions[i] = *find_session(bird, before);
		sessions[i].end = speaker->ends.items[i];
	}
	free(bird->sessions);
	bird->sessions = sessions;
	bird->speaker = speaker;
	bird->rib = rib;
	bird->arg = arg;
	bird_routes_fini(&bird->answer);
	bird_routes_init(&bird->answer, speaker, paths);
	if (!bird->control)
		return;
	/* an answer that is on its way was to a question about the speaker it was */
	loop_stream_free(bird->control);
	bird->control = NULL;
	open_control(bird);
}

void bird_configure(struct bird *bird)
{
	bird->needs_configure = true;
	ask(bird);
}

const char *bird_refusal(const struct bird *bird)
{
	return bird->refusal;
}

const struct bgp_speaker *bird_speaker(const struct bird *bird)
{
	return bird->speaker;
}

const struct bird_session *bird_sessions(const struct bird *bird)
{
	return bird->sessions;
}

bool bird_is_settled(const struct bird *bird)
{
	return bird->control && bird->reading == IDLE && !bird->needs_all &&
	       !bird->needs_configure && !*bird->refusal && !bird->dirty;
}

const char *bird_last_words(struct bird *bird)
{
	if (bird->log)
		loop_stream_drain(bird->log);
	return bird->last_words;
}
