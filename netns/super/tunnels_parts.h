/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The parts of tunnels.h's object: what is known of each tunnel. */
#include "netns/super/tunnels.h"

#include "netns/daemon/vici.h"

enum tunnel_state {
	TUNNEL_OFF,      /* its daemon does not run */
	TUNNEL_STARTING, /* it does, and is not configured yet */
	TUNNEL_REFUSED,  /* it does not take its configuration */
	TUNNEL_CONNECTING,
	TUNNEL_ESTABLISHED,
};

struct counts {
	uint64_t bytes_in, packets_in, bytes_out, packets_out;
};

/* An SA that was there when we last looked, to know what it had counted when it is gone. */
struct known_child {
	uint64_t unique_id;
	struct counts counts;
};

/* What one look finds, SA by SA. */
struct look {
	bool is_under_way, is_wanted_again;
	bool is_at_work;   /* charon brings it up, or keeps it up, by itself */
	struct vici_sa up; /* one that carries packets; its name is "" when there is none */
	const struct vici_child *child; /* of it */
	struct known_child children[VICI_CHILDREN_MAX];
	size_t child_count;
};

/* What was heard of the other end, and when it was asked. */
struct pulse {
	uint64_t heard_ns;                /* its last packet was seen; 0: not looked yet */
	uint64_t packets_in, packets_out; /* of the tunnel then; sent: when it was asked last */
	uint64_t again_ns;                /* not before that time is it asked again */
	unsigned questions;               /* since */
};

struct tunnel {
	struct tunnel *next;
	struct tunnels *tunnels;
	const struct tunnel_end *end; /* NULL: it goes */
	char *name, *control;
	enum tunnel_state state;
	struct loop_stream *log;
	struct vici *vici;
	struct loop_timer *timer;
	unsigned starts;      /* of its daemon */
	uint64_t started_ns;  /* the last one */
	bool is_ready;        /* it said that it has started */
	unsigned answers_due; /* of its configuration */
	struct look look;
	uint64_t retry_ns; /* not before that time is the tunnel tried again */
	unsigned retries;
	/* what it was configured by */
	uint8_t *settings;
	size_t settings_len;
	/* what is to be seen */
	uint64_t since_ns; /* it is in this state */
	struct known_child children[VICI_CHILDREN_MAX];
	size_t child_count;
	struct counts gone;  /* what SAs have counted that are no more */
	struct counts total; /* with those that are there */
	struct vici_sa sa;   /* as it was seen last */
	struct vici_child child;
	struct pulse pulse;
	uint64_t told_ns; /* its counts were */
	char error[320];
	char last_words[256];
};

struct tunnels {
	struct loop *loop;
	struct engine_client *engine;
	struct journal *journal;
	struct tunnels_ops ops;
	void *arg;
	double unix_offset;
	bool is_xfrm;
	enum timers timers;
	struct tunnel *all;
};

/* NULL when there is none of that name. */
struct tunnel *tunnels_find(const struct tunnels *tunnels, const char *name);
/* "A (10.0.0.36) and B (10.100.0.4)"; returns `text`. */
const char *tunnel_both_ends(const struct tunnel *tunnel, char text[320]);

/* tunnel_pulse.c: between two looks, and what one that stands is judged by after each. */
#define TUNNEL_PULSE_NS 100000000ull
void tunnel_take_pulse(struct tunnel *tunnel, uint64_t now_ns);
