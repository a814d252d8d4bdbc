/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The probes of a lab, scheduled and judged. Each has a prediction from the model and observations
 * of real packets; green is when they agree (design.md section 6). Times are the kernel's, so a
 * late loop never looks like latency.
 */
#include "lab/azure/walk.h"
#include "netns/loop/loop.h"

#define PROBE_HISTORY 30

enum probe_colour {
	PROBE_AMBER, /* not observed yet, or not lately */
	PROBE_GREEN, /* as predicted */
	PROBE_RED,   /* not as predicted */
};

struct probe_result {
	bool is_reply;
	double rtt_ms; /* of a reply */
	unsigned ttl;  /* of an ICMP reply, as it arrived */
	char why[96];  /* why there is none */
};

struct probe {
	const struct probe_spec *spec;
	struct prediction prediction;
	struct probe_result last;
	uint64_t observed_ns; /* when `last` was true; 0: never */
	uint64_t sent, answered;
	uint64_t observed;    /* of those sent, whose answer came or whose time is over */
	uint64_t coloured_ns; /* since when it has the colour it has */
	uint64_t version;     /* prober_version() when it last changed */
	/* the newest results, history_next - 1 the last of them: RTT in ms, or NAN */
	double history[PROBE_HISTORY];
	unsigned history_count, history_next;
};

struct prober;
struct agent;

/*
 * How the prober gets sockets: it asks for one in a namespace, and prober_socket brings it later,
 * or -1 and `why`.
 */
enum prober_socket {
	PROBER_SOCKET_ICMP,
	PROBER_SOCKET_TCP,
	PROBER_SOCKET_UDP
};
/* Which one its packets need. */
enum prober_socket prober_socket_of(const struct probe_spec *spec);

/*
 * What a guest sends its agent does: it is asked for each time, and NULL, or not there, while the
 * guest boots. Without a guest there needs to be no `agent`.
 */
struct prober_ops {
	struct agent *(*agent)(void *arg, const char *guest);
	void (*need_socket)(void *arg, const char *ns, enum prober_socket type, size_t probe);
	/* A probe's colour, or what it observes, changed; only its figures when not `is_other`. */
	void (*on_result)(void *arg, const struct probe *probe, bool is_other);
	/*
	 * What became of one packet (or fetch) of a probe whose answer is predicted, in the order
	 * in which they were sent: times of the loop's clock, `answered_ns` is 0 of one that was
	 * lost.
	 */
	void (*on_packet)(void *arg, const struct probe *probe, uint64_t sent_ns,
			  uint64_t answered_ns);
};

/* The specs are borrowed, the list of them is not. The caller owns the prober. */
struct prober *prober_new(struct loop *loop, const struct probe_spec *const *specs, size_t count,
			  const struct prober_ops *ops, void *arg) NODISCARD;
/*
 * What probes of an earlier version of the lab have seen counts for those that ask the same of the
 * same machines. Before prober_predict.
 */
void prober_inherit(struct prober *prober, const struct prober *earlier);
void prober_free(struct prober *prober); /* NULL is fine */

void prober_start(struct prober *prober);
void prober_socket(struct prober *prober, size_t probe, enum prober_socket type, int fd,
		   const char *why);

/* New predictions; what was observed under another one counts no more. */
void prober_predict(struct prober *prober, const struct fabric *fabric);
/* Something changed: try all probes now, and those that are not green often, for a while. */
void prober_hurry(struct prober *prober);

/* Counts the changes of all probes. */
uint64_t prober_version(const struct prober *prober);
size_t prober_count(const struct prober *prober);
const struct probe *prober_get(const struct prober *prober, size_t index);
enum probe_colour probe_colour(const struct probe *probe, uint64_t now_ns);
const char *probe_colour_name(enum probe_colour colour);
/* How long an answer is waited for: what the file says, or what is predicted and some more. */
double probe_timeout_ms(const struct probe_spec *spec, const struct prediction *prediction);
