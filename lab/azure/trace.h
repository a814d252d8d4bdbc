/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What decided where one packet went, place by place: what walk.h follows it by, kept for those who
 * ask why. The words are made where it is shown.
 */
#include "lab/azure/internet.h"
#include "lab/azure/verdict.h"

enum decision_kind {
	DECISION_GUEST,  /* a machine's own table: its networks, its routes, what it learned */
	DECISION_FILTER, /* what stands at a port; it may stop there */
	DECISION_STATE,  /* nothing is asked there: it answers what was let through (NSG-17) */
	DECISION_ROUTE,  /* an effective route of the port's table */
	DECISION_EDGE,   /* what it leaves for the Internet as, or why it does not */
	DECISION_TUNNEL, /* its packets carry this one to the other end */
	DECISION_END,    /* it arrives */
};

struct decision {
	enum decision_kind kind;
	const struct node *node;      /* the machine, or the one whose port it is */
	const struct interface *port; /* in the fabric; of a guest where it goes out, or NULL */
	struct ip source, to;         /* the packet's, as it comes there */
	/* DECISION_GUEST */
	struct prefix prefix; /* of its route; IP_NONE: by its first NIC, for want of one */
	struct ip next_hop;   /* IP_NONE: the destination itself */
	const struct rib_route *learned; /* NULL: it is not learned */
	struct src_pos pos;              /* of a route that the file has; line 0: it has none */
	/* DECISION_FILTER, DECISION_STATE */
	enum rule_direction direction;
	struct verdict verdict;
	/* DECISION_ROUTE */
	const struct effective_route *route;
	const struct tunnel_end *tunnel; /* DECISION_TUNNEL */
	/* DECISION_EDGE */
	struct outbound outbound;
	const char *refusal; /* NULL: it leaves */
};

/* Out of a machine by one of its interfaces, or into it. */
struct passage {
	const struct interface *interface;
	bool is_in;
	bool is_carried;      /* inside the packets of a tunnel, whose addresses these are then */
	struct ip source, to; /* on the link */
};

struct trace {
	struct arena *arena; /* the caller's */
	LIST_OF(struct decision) decisions;
	LIST_OF(struct passage) passages;
};
