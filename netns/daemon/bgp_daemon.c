/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/bgp_daemon.h"

#include "netns/daemon/bird.h"
#include "netns/daemon/frr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bgp_daemon_kind *kind_of(const struct bgp_speaker *speaker)
{
	switch (speaker->daemon) {
	case ROUTING_BIRD:
		return &bird_daemon;
	case ROUTING_FRR:
		return &frr_daemon;
	}
	abort();
}

static struct bgp_session *new_sessions(const struct bgp_speaker *speaker)
{
	struct bgp_session *sessions = calloc(speaker->ends.count + 1, sizeof(*sessions));

	if (!sessions)
		abort();
	for (size_t i = 0; i < speaker->ends.count; i++)
		sessions[i].end = speaker->ends.items[i];
	return sessions;
}

struct bgp_daemon *bgp_daemon_new(struct loop *loop, const struct bgp_speaker *speaker,
				  struct as_paths *paths, struct rib *rib,
				  const struct bgp_daemon_ops *ops, void *arg)
{
	const struct bgp_daemon_kind *kind = kind_of(speaker);
	struct bgp_daemon *daemon = calloc(1, kind->size);

	if (!daemon)
		abort();
	*daemon = (struct bgp_daemon){ .kind = kind,
				       .loop = loop,
				       .speaker = speaker,
				       .rib = rib,
				       .sessions = new_sessions(speaker),
				       .ops = *ops,
				       .arg = arg };
	kind->open(daemon, paths);
	return daemon;
}

void bgp_daemon_free(struct bgp_daemon *daemon)
{
	if (!daemon)
		return;
	daemon->kind->close(daemon);
	free(daemon->sessions);
	free(daemon);
}

void bgp_daemon_attach(struct bgp_daemon *daemon, const char *program, int output,
		       const char *control)
{
	daemon->kind->attach(daemon, program, output, control);
}

void bgp_daemon_detach(struct bgp_daemon *daemon, const char *program)
{
	daemon->kind->detach(daemon, program);
	if (bgp_daemon_is_running(daemon))
		return;
	free(daemon->sessions);
	daemon->sessions = new_sessions(daemon->speaker);
	daemon->refusal[0] = '\0';
	rib_assign(daemon->rib, NULL, 0);
}

bool bgp_daemon_is_running(const struct bgp_daemon *daemon)
{
	return daemon->kind->is_running(daemon);
}

void bgp_daemon_move(struct bgp_daemon *daemon, const struct bgp_speaker *speaker,
		     struct as_paths *paths, struct rib *rib, void *arg)
{
	struct bgp_session *sessions = new_sessions(speaker);

	for (size_t i = 0; i < speaker->ends.count; i++) {
		const struct bgp_end *now = speaker->ends.items[i];
		const struct bgp_end *before = bgp_find_end(daemon->speaker, now->name);

		if (before)
			sessions[i] = *bgp_daemon_find_session(daemon, before);
		sessions[i].end = now;
	}
	free(daemon->sessions);
	daemon->sessions = sessions;
	daemon->speaker = speaker;
	daemon->rib = rib;
	daemon->arg = arg;
	daemon->kind->move(daemon, paths);
}

static bool has_sites(const struct bgp_speaker *speaker)
{
	for (size_t i = 0; i < speaker->networks.count; i++)
		if (speaker->networks.items[i].is_static)
			return true;
	return false;
}

void bgp_daemon_hold_sites(struct bgp_daemon *daemon, bool is_held)
{
	is_held = is_held && has_sites(daemon->speaker);
	if (!daemon->kind->hold_sites || daemon->holds_sites == is_held)
		return;
	daemon->holds_sites = is_held;
	daemon->kind->hold_sites(daemon);
}

void bgp_daemon_configure(struct bgp_daemon *daemon)
{
	daemon->kind->configure(daemon);
}

bool bgp_daemon_ask_told(struct bgp_daemon *daemon, const struct bgp_end *end)
{
	if (!daemon->kind->ask_told)
		return false;
	bgp_daemon_find_session(daemon, end)->is_asked = true;
	daemon->kind->ask_told(daemon);
	return true;
}

const char *bgp_daemon_refusal(const struct bgp_daemon *daemon)
{
	return daemon->refusal;
}

const struct bgp_speaker *bgp_daemon_speaker(const struct bgp_daemon *daemon)
{
	return daemon->speaker;
}

const struct bgp_session *bgp_daemon_sessions(const struct bgp_daemon *daemon)
{
	return daemon->sessions;
}

bool bgp_daemon_is_settled(const struct bgp_daemon *daemon)
{
	return !*daemon->refusal && daemon->kind->is_settled(daemon);
}

const char *bgp_daemon_last_words(struct bgp_daemon *daemon, const char *program)
{
	return daemon->kind->last_words(daemon, program);
}

struct bgp_session *bgp_daemon_find_session(struct bgp_daemon *daemon, const struct bgp_end *end)
{
	for (size_t i = 0; i < daemon->speaker->ends.count; i++)
		if (daemon->sessions[i].end == end)
			return &daemon->sessions[i];
	return NULL;
}

void bgp_daemon_session_is(struct bgp_daemon *daemon, const struct bgp_end *end, bool is_up,
			   const char *why)
{
	struct bgp_session *session = bgp_daemon_find_session(daemon, end);
	const char *behind;

	if (session->is_up == is_up)
		return;
	session->is_up = is_up;
	session->changed_ns = loop_clock_ns();
	behind = strstr(why, ": ");
	(void)snprintf(session->last_words, sizeof(session->last_words), "%.*s",
		       (int)sizeof(session->last_words) - 1,
		       is_up    ? ""
		       : behind ? behind + 2
				: why);
	daemon->ops.on_session(daemon->arg, daemon, session, why);
}

void bgp_daemon_wrote(struct bgp_daemon *daemon, const char *program, const char *line)
{
	if (daemon->ops.on_line)
		daemon->ops.on_line(daemon->arg, daemon, program, line);
}
