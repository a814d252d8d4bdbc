/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What a running lab looks like, kept up to date: subscribes to its topics and puts changes where
 * they belong. Never waits; a lab that ends, or does not answer, is told by callbacks.
 */
#include "lab/graph/graph_state.h"
#include "lab/snapshot/snapshot.h"
#include "netns/loop/loop.h"
#include "tui/client/feed_mesh.h"

struct feed;
struct lab;

struct feed_ops {
	/* The snapshot is another one; what was borrowed from the one before is gone. */
	void (*on_change)(void *arg);
	/* Once: the lab is gone, or it speaks what we do not understand. Free the feed now or
	 * later. */
	void (*on_end)(void *arg, const char *why);
};

/* Follow a lab by its name. NULL with -ENOENT when it is not there. The caller owns the feed. */
struct feed *feed_open(struct loop *loop, const char *lab, const struct feed_ops *ops, void *arg,
		       struct err *err) NODISCARD;
void feed_free(struct feed *feed); /* NULL is fine */

/* Follow the routes of this NIC, and no other's; NULL of none. */
void feed_watch_nic(struct feed *feed, const char *nic);
/* Follow why this NIC has the routes it has; as at the beginning of none (NULL). */
void feed_watch_why(struct feed *feed, const char *nic);
/* Follow the security rules and the flows of this NIC; as at the beginning of none (NULL). */
void feed_watch_security(struct feed *feed, const char *nic);
/* Follow the verdict on a packet, "NIC DIRECTION PROTOCOL LOCAL REMOTE"; NULL: on none. */
void feed_watch_verdict(struct feed *feed, const char *question);
/* Follow the ways of a flow, "SRC DST PROTOCOL[:PORT]"; NULL: of none. */
void feed_watch_path(struct feed *feed, const char *question);
/* Follow the peers and routes of a gateway or router; as at the beginning of none (NULL). */
void feed_watch_bgp(struct feed *feed, const char *name);
/* Follow all tunnels, or as at the beginning none. */
void feed_watch_tunnels(struct feed *feed, bool is_wanted);
/* Follow who changed the lab; or not. */
void feed_watch_history(struct feed *feed, bool is_wanted);
/* Whose logs there are, and the lines of one (NULL: of none). */
void feed_watch_logs(struct feed *feed, bool is_wanted, const char *name);
/* Follow what a map is made of, beside what is followed anyway; or none of it. */
void feed_watch_map(struct feed *feed, bool is_wanted);
/* Follow what one tells a peer, "NAME PEER"; NULL: of none. */
void feed_watch_advertised(struct feed *feed, const char *whom);
/* Follow the probes from this virtual machine, or, as at the beginning, all of them (NULL). */
void feed_watch_probes(struct feed *feed, const char *vm);

/*
 * Let the lab look at what its file expects, again and again, a while after each answer; as at the
 * beginning, do not. Verdicts come one by one.
 */
void feed_watch_test(struct feed *feed, bool is_wanted);
/* The lab as its file and changes say, made when it is asked for; NULL: not known, or not valid. */
const struct lab *feed_model(struct feed *feed);

/* Have every machine ask every other one ("icmp", "http", "tcp:PORT"), unless that goes on. */
void feed_ask_mesh(struct feed *feed, const char *protocol);
/* What became of it, borrowed until the next change. */
const struct feed_mesh *feed_mesh(const struct feed *feed);

/* Another number whenever the probes are others. */
unsigned feed_probes_version(const struct feed *feed);
/* Borrowed until the next change. */
const struct snapshot *feed_snapshot(const struct feed *feed);
/* The lab's machines and links, while the map is followed; NULL before. Borrowed likewise. */
const struct graph *feed_graph(struct feed *feed);
/* All that is followed has come, if it was not refused, and is the lab as it was at some moment. */
bool feed_is_whole(const struct feed *feed);
/* Unix time of the last word from the lab. */
double feed_heard_at(const struct feed *feed);
/* Whether it lives, where nothing changes it has nothing to say; once, until it answers. */
void feed_ask(struct feed *feed);
