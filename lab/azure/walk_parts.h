/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files walk*.c: a packet on its way, and what moves it on. */
#include "lab/azure/walk.h"

/* Each step moves it to the next machine or ends it. */
struct walk {
	const struct fabric *fabric;
	const struct packet *packet;
	struct ip from, to;
	unsigned way; /* what is left of it: the next choice is its remainder */
	struct flow *flow;
	const struct node *at;             /* the router that has it now; NULL when in the fabric */
	const struct interface *port;      /* in the fabric: where it came in, ... */
	unsigned zone;                     /* ... and what keeps the state of its flow there */
	struct prefix led_by;              /* of the route that was followed last */
	const struct tunnel_end *outer_of; /* whose outer packet it is; NULL: it is none */
	unsigned depth;                    /* so many packets are around it, if any could be */
	bool is_over;
};

void walk_stop(struct walk *w, enum flow_reason reason, const char *fmt, ...) PRINTF(3, 4);
/* Say what decides here, when somebody asked; the packet's addresses are added. */
void walk_note(struct walk *w, struct decision decision);
/* Likewise, that it passes an interface. */
void walk_pass(struct walk *w, const struct interface *interface, bool is_in);
/* False, and it is over, when it is too large for what has this MTU. */
bool walk_fits(struct walk *w, unsigned mtu, const char *what);
/* One of `count` equal next hops. */
size_t walk_choose(struct walk *w, size_t count);
void walk_arrive(struct walk *w, const struct interface *interface);
void walk_enter_machine(struct walk *w, const struct node *node);
/* Out of a port into the fabric. */
void walk_leave_port(struct walk *w, const struct interface *port);
/* To its end, from where it is. */
void walk_go_on(struct walk *w);

/* walk_router.c: out of the machine where it is, or of the one that sends it */
void walk_leave_router(struct walk *w);
void walk_leave_guest(struct walk *w, const struct node *node);
void walk_note_cable(struct flow *flow, const struct cable *cable, bool is_encrypted);

/* walk_tunnel.c: by the inside of a tunnel to its other end */
void walk_enter_tunnel(struct walk *w, const struct interface *inside);
/* A tunnel's packet that is on its way into the tunnel. */
void walk_recurse(struct walk *w);
