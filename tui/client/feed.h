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

/* What of the lab is followed. */
enum feed_topic {
	/* from the beginning */
	FEED_LAB,
	FEED_NODES,
	FEED_VMS,
	FEED_PROBES,
	FEED_EVENTS,
	FEED_TARGETS,
	FEED_FAULTS,
	FEED_FILE,
	/* when it is asked for: of what */
	FEED_ROUTES,     /* a NIC */
	FEED_WHY,        /* a NIC: why it has those */
	FEED_NSG,        /* a NIC */
	FEED_FLOWS,      /* a NIC */
	FEED_VERDICT,    /* a packet, "NIC DIRECTION PROTOCOL LOCAL REMOTE" */
	FEED_PATH,       /* the ways of a flow, "SRC DST PROTOCOL[:PORT]" */
	FEED_BGP,        /* the peers and routes of a gateway or router */
	FEED_ADVERTISED, /* what one tells a peer, "NAME PEER" */
	FEED_TUNNELS,    /* all: "" */
	FEED_HISTORY,    /* all: "" */
	FEED_LOGS,       /* whose there are: "" */
	FEED_LOG,        /* the lines of one */
	FEED_SESSIONS,   /* all: "" */
	FEED_TRAFFIC,    /* all: "" */
	FEED_TOPIC_COUNT
};

/* Follow this one of the topic, and no other; NULL: none, as at the beginning. */
void feed_watch(struct feed *feed, enum feed_topic which, const char *of);
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
