/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * All of a lab's fabric at one moment: what each of its tables holds when the speakers know what
 * `learned` says. From it the kernel is programmed, and flows are followed.
 */
#include "lab/azure/effective_routes.h"

/* Where an MSEE sends what comes from its provider: to the gateway instances that announced it. */
struct msee_route {
	struct prefix prefix;
	LIST_OF(const struct interface *) instances; /* their ports */
};

struct msee_routes {
	struct arena *arena;
	LIST_OF(struct msee_route) routes; /* by prefix */
};

struct fabric {
	struct arena *arena;
	const struct topology *topology;
	struct learned learned;
	struct gateway_routes **taught; /* by the lab's gateways, in their order */
	/* by index of the fabric table; one of the two is filled */
	struct fabric_content {
		struct effective_routes *subnet;
		struct msee_routes *msee;
	} * tables;
};

/* The caller owns the fabric; it borrows from the topology, the graph and the tables. */
struct fabric *fabric_new(const struct topology *topology, const struct learned *learned) NODISCARD;
void fabric_free(struct fabric *fabric); /* NULL is fine */

/* What a change of what is learned touches: one prefix of a table, or all of it. */
struct fabric_touch {
	const struct fabric_table *table;
	bool is_whole;
	struct prefix prefix;
};

struct fabric_touches {
	struct fabric_touch *items;
	size_t count;
};

/*
 * Take in what is learned now, in two steps: the first says which tables it touches, and leaves
 * them as they were; fabric_settle then brings those up to date. The caller frees the touches'
 * items. Everything is as fabric_new would make it.
 */
struct fabric_touches fabric_learn(struct fabric *fabric) NODISCARD;
void fabric_settle(struct fabric *fabric, const struct fabric_touches *touches);
/* About as many routes as a table holds, or will. */
size_t fabric_table_size(const struct fabric *fabric, const struct fabric_table *table);

const struct effective_routes *fabric_subnet_routes(const struct fabric *fabric,
						    const struct fabric_table *table);
/* What a gateway teaches now; NULL for NULL. */
const struct gateway_routes *fabric_taught(const struct fabric *fabric,
					   const struct gateway *gateway);

/*
 * The port that has an address, as the fabric knows it from within a virtual network: of its own
 * or of a directly peered one (R3.10). NULL when nobody there has it.
 */
const struct interface *fabric_find_port(const struct topology *topology, const struct vnet *from,
					 struct ip ip);

/*
 * Is it an address of an MSEE in this GatewaySubnet, which has a route table? That may cover it
 * (R3.16), and yet the gateway's sessions with the MSEE are no matter of it.
 */
bool fabric_is_own_msee(const struct topology *topology, const struct subnet *subnet, struct ip ip);

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
