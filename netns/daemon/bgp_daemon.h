/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A running routing daemon as the controller sees it, whichever program it is: its sessions, what
 * it knows, and what is wrong with it.
 */
#include "lab/azure/rib.h"
#include "netns/loop/loop.h"

struct bgp_daemon;

struct bgp_session {
	const struct bgp_end *end;
	bool is_up;
	uint64_t changed_ns; /* when it last went up or down; 0 when it never was up */
	uint64_t messages_sent, messages_received;
	char last_words[160]; /* why it was lost; "" when it was not, or nothing was said */
	bool is_limited;      /* it heard too much; the program does not begin it again by itself */
	bool is_asked;        /* what is told on it is to be asked of the program */
};

struct bgp_daemon_ops {
	void (*on_rib)(void *arg, struct bgp_daemon *daemon);
	void (*on_session)(void *arg, struct bgp_daemon *daemon, const struct bgp_session *session,
			   const char *why);
	void (*on_log)(void *arg, struct bgp_daemon *daemon, const char *program, const char *text,
		       bool is_problem);
	/* It hangs: it was asked and did not answer for seconds. */
	void (*on_silence)(void *arg, struct bgp_daemon *daemon, const char *program);
	/* What was asked by bgp_daemon_ask_told: as the filters leave it, without what the session
	   adds. `refusal` is what the program said instead; NULL: it has answered. */
	void (*on_told)(void *arg, struct bgp_daemon *daemon, const struct bgp_end *end,
			const struct rib_route *routes, size_t count, const char *refusal);
	/* Each line of its log, as it comes; may be NULL. */
	void (*on_line)(void *arg, struct bgp_daemon *daemon, const char *program,
			const char *line);
};

/*
 * What the speaker runs, none of whose programs runs yet. What it knows is kept in `rib`, which is
 * the caller's. The caller owns the daemon.
 */
struct bgp_daemon *bgp_daemon_new(struct loop *loop, const struct bgp_speaker *speaker,
				  struct as_paths *paths, struct rib *rib,
				  const struct bgp_daemon_ops *ops, void *arg) NODISCARD;
void bgp_daemon_free(struct bgp_daemon *daemon); /* NULL is fine */

/*
 * One of its programs runs. `output` is its log and becomes the daemon's; `control` is the path of
 * its socket, used from when the program says that it has started.
 */
void bgp_daemon_attach(struct bgp_daemon *daemon, const char *program, int output,
		       const char *control);
/* It ended. When it was the one that speaks BGP, sessions and what they said are gone. */
void bgp_daemon_detach(struct bgp_daemon *daemon, const char *program);
bool bgp_daemon_is_running(const struct bgp_daemon *daemon); /* the one that speaks BGP */

/*
 * The lab changed, the program did not: from now on it is this speaker, which has its name and its
 * kind of daemon, of another graph; sessions of the same name go on. What it knows is read into
 * `rib`.
 */
void bgp_daemon_move(struct bgp_daemon *daemon, const struct bgp_speaker *speaker,
		     struct as_paths *paths, struct rib *rib, void *arg);
/*
 * Networks that are behind tunnels by the lab file alone (bgp_network.is_static) are not told until
 * it is called again with false.
 */
void bgp_daemon_hold_sites(struct bgp_daemon *daemon, bool is_held);
/* Its configuration was written anew: it is to read it. */
void bgp_daemon_configure(struct bgp_daemon *daemon);
/* Ask what is told on a session; the answer comes by on_told. False: this program cannot say. */
bool bgp_daemon_ask_told(struct bgp_daemon *daemon, const struct bgp_end *end);
/* What it said when it refused its configuration; "" when it did not. */
const char *bgp_daemon_refusal(const struct bgp_daemon *daemon);

const struct bgp_speaker *bgp_daemon_speaker(const struct bgp_daemon *daemon);
/* In the order of the speaker's sessions. */
const struct bgp_session *bgp_daemon_sessions(const struct bgp_daemon *daemon);
/* Nothing is being read or waits to be read. */
bool bgp_daemon_is_settled(const struct bgp_daemon *daemon);
/* The last line of a log that mattered, of one that ended: what is still to be read is read. */
const char *bgp_daemon_last_words(struct bgp_daemon *daemon, const char *program);

/* ---- for the programs ---- */

/* One program that can be a routing daemon. */
struct bgp_daemon_kind {
	/* Memory for the daemon, whose first member is the struct bgp_daemon; filled by `open`. */
	size_t size;
	void (*open)(struct bgp_daemon *daemon, struct as_paths *paths);
	void (*close)(struct bgp_daemon *daemon); /* all but the memory of the daemon itself */
	void (*attach)(struct bgp_daemon *daemon, const char *program, int output,
		       const char *control);
	void (*detach)(struct bgp_daemon *daemon, const char *program);
	bool (*is_running)(const struct bgp_daemon *daemon);
	/* The speaker, the sessions and the rib are the new ones already. */
	void (*move)(struct bgp_daemon *daemon, struct as_paths *paths);
	void (*configure)(struct bgp_daemon *daemon);
	/* `holds_sites` changed; NULL: no speaker with this program has any. */
	void (*hold_sites)(struct bgp_daemon *daemon);
	/* There are sessions that are asked; NULL: it cannot say what is told on one. */
	void (*ask_told)(struct bgp_daemon *daemon);
	bool (*is_settled)(const struct bgp_daemon *daemon);
	const char *(*last_words)(struct bgp_daemon *daemon, const char *program);
};

struct bgp_daemon {
	const struct bgp_daemon_kind *kind;
	struct loop *loop;
	const struct bgp_speaker *speaker;
	struct rib *rib;
	struct bgp_session *sessions;
	struct bgp_daemon_ops ops;
	void *arg;
	char refusal[256];
	bool holds_sites;
};

struct bgp_session *bgp_daemon_find_session(struct bgp_daemon *daemon, const struct bgp_end *end);
/* A line of its log came. */
void bgp_daemon_wrote(struct bgp_daemon *daemon, const char *program, const char *line);
/* Tells it when it is news; `why` is what the daemon said. */
void bgp_daemon_session_is(struct bgp_daemon *daemon, const struct bgp_end *end, bool is_up,
			   const char *why);
