/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The ways of packets through a lab, by the tables of its fabric, the guests of its machines and
 * what its routers know: what is predicted of probes, and why a flow fails.
 */
#include "lab/azure/fabric.h"

/* What one packet meets on its way from a NIC to an address. */
#define FLOW_MAX_HOPS 64

struct flow {
	bool is_delivered;
	unsigned hop_count; /* routers that take one from the TTL; the fabric does not (R9.6) */
	double delay_ms;    /* of the cables it crosses */
	const struct nic *target;                /* when delivered */
	const struct node *end;                  /* the machine it ends in; NULL: in the fabric */
	unsigned ways;                           /* that equal next hops give it; 1 without any */
	enum flow_reason reason;                 /* why it is not delivered, ... */
	char words[240];                         /* ... and at greater length */
	const struct node *nodes[FLOW_MAX_HOPS]; /* the routers it crosses, in order */
};

/* From the primary address of a NIC, by the first of equal next hops. */
void fabric_walk(const struct fabric *fabric, const struct nic *from, struct ip to,
		 struct flow *ret_flow);

struct packet {
	const struct nic *from;
	struct ip source, to;
	unsigned way; /* of those that equal next hops give, below `ways` of what is returned */
};

void fabric_walk_packet(const struct fabric *fabric, const struct packet *packet,
			struct flow *ret_flow);

/* What a ping or a fetch from one NIC to another will see, both directions walked. */
struct prediction {
	bool is_reply;
	bool is_echo; /* something answers: the machine itself, or another with its address there */
	unsigned ttl; /* of the answer, as the sender sees it */
	double rtt_ms;   /* of the cables alone */
	bool is_by_flow; /* equal next hops differ: some flows are answered, others not */
	enum flow_reason reason;
	char words[280]; /* why there is no reply */
};

/* Is an answer seen? Only HTTP tells from whom. */
bool prediction_is_answer(const struct prediction *prediction, enum probe_protocol protocol);

void fabric_predict(const struct fabric *fabric, const struct nic *from, const struct nic *to,
		    struct prediction *ret_prediction);
