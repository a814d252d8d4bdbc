/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The ways of packets through a lab, by the tables of its fabric, the guests of its machines and
 * what its routers know: what is predicted of probes, and why a flow fails.
 */
#include "lab/azure/trace.h"

/* A port where a layer of what filters there does not let it through. */
struct denial {
	const struct interface *port; /* NULL: there is none */
	struct layer_verdict layer;
};

/* How a flow crosses the edge to the Internet, by which its answers come back (OUT-01). */
struct edge {
	const struct interface *port; /* of the NIC; NULL: it has not crossed it */
	struct ip inside, outside;    /* the NIC's address, and what stands for it outside */
	bool is_inbound;
};

/* Out of a NIC into the fabric, or from there into a port: where filters are asked (NSG-26). */
struct crossing {
	const struct interface *port;
	enum rule_direction direction;
};

/* A router of a guest that gave a packet its own address as the source. */
struct masquerade {
	const struct node *node;
	struct ip inside, outside;
};

/* A cable that the packet itself crosses, or the packet of a tunnel that it is in. */
struct cable_crossing {
	const struct cable *cable;
	bool is_encrypted;
};

#define FLOW_MAX_ZONES       8
#define FLOW_MAX_CROSSINGS   16
#define FLOW_MAX_HOPS        64
#define FLOW_MAX_TUNNELS     8
#define FLOW_MAX_CABLES      32
#define FLOW_MAX_FIREWALLS   4
#define FLOW_MAX_MASQUERADES 4

/* What one packet meets on its way from a NIC to an address. */

struct flow {
	bool is_delivered;
	unsigned hop_count; /* routers that take one from the TTL; the fabric does not (R9.6) */
	double delay_ms;    /* of the cables it crosses */
	bool has_arrived;   /* somewhere that has the address, be it a NIC's or another */
	const struct nic *target; /* when delivered */
	const struct node *end;   /* the machine it ends in; NULL: in the fabric */
	unsigned ways;            /* that equal next hops give it; 1 without any */
	enum flow_reason reason;  /* why it is not delivered, ... */
	char words[240];          /* ... and at greater length */
	/* the routers it crosses, in order; those between a tunnel's ends are not among them */
	const struct node *nodes[FLOW_MAX_HOPS];
	unsigned node_count;
	const struct tunnel_end *tunnels[FLOW_MAX_TUNNELS]; /* that it enters, in order */
	unsigned tunnel_count;
	struct cable_crossing cables[FLOW_MAX_CABLES];
	unsigned cable_count;
	const struct node *firewalls[FLOW_MAX_FIREWALLS]; /* of guests, that keep its state */
	unsigned firewall_count;
	struct masquerade masquerades[FLOW_MAX_MASQUERADES];
	unsigned masquerade_count;
	struct denial denial; /* REASON_NSG, REASON_PLATFORM */
	struct ip source, to; /* as they are at its end, behind the edge to the Internet */
	struct edge edge;
	/* the sets of peered networks, and edges to the Internet, that keep the state of its flow
	 */
	unsigned zones[FLOW_MAX_ZONES], zone_count;
	/* in their order, where it is denied included; those that have no place left are not
	   told */
	struct crossing crossings[FLOW_MAX_CROSSINGS];
	unsigned crossing_count;
};

/* From the primary address of a NIC, by the first of equal next hops. */
void fabric_walk(const struct fabric *fabric, const struct nic *from, struct ip to,
		 struct flow *ret_flow);

struct packet {
	const struct nic *from;
	struct ip source, to;
	unsigned way;     /* of those that equal next hops give, below `ways` of what is returned */
	uint8_t protocol; /* as IP numbers it; 0: routes alone are asked, nothing filters */
	uint16_t source_port, destination_port;
	unsigned bytes;     /* all of it */
	bool dont_fragment; /* where it does not fit it is lost */
	/* the flow it answers: where that has left its state, nothing filters (NSG-17) */
	const struct flow *answers;
	struct trace *trace; /* where to say what decides; or NULL */
};

void fabric_walk_packet(const struct fabric *fabric, const struct packet *packet,
			struct flow *ret_flow);

/*
 * The interface by which a machine sends to an address, by its guest's own table: its networks, its
 * routes, what it has learned, and else its first NIC; of those that have the family. NULL when
 * none has.
 */
const struct interface *node_exit(const struct fabric *fabric, const struct node *node,
				  struct ip to);

/*
 * The outer packets of a tunnel, from this end of it to the other, over whatever carries them: as
 * an IKE daemon's, whose other direction `answers` is, or NULL. What they meet is in *ret_flow.
 */
void fabric_walk_outer(const struct fabric *fabric, const struct tunnel_end *end,
		       const struct flow *answers, struct flow *ret_flow);

/* What a probe sends, from whichever address its machine's kernel takes for the way to the other.
 */
struct packet fabric_probe_packet(const struct fabric *fabric, const struct probe_spec *probe);

/* Likewise, to any address; `to` of the probe does not count. */
struct packet fabric_packet_to(const struct fabric *fabric, const struct probe_spec *probe,
			       struct ip to);

/* What a ping or a fetch from one NIC to another will see, both directions walked. */
struct prediction {
	bool is_reply;
	bool is_echo; /* something answers: the machine itself, or another with its address there */
	unsigned ttl; /* of the answer, as the sender sees it */
	double rtt_ms;   /* of the cables alone */
	bool is_by_flow; /* equal next hops differ: some flows are answered, others not */
	enum flow_reason reason;
	char words[280]; /* why there is no reply */
	struct denial denial;
};

/* Is an answer seen? Only HTTP tells from whom. */
bool prediction_is_answer(const struct prediction *prediction, enum probe_protocol protocol);

void fabric_predict(const struct fabric *fabric, const struct probe_spec *probe,
		    struct prediction *ret_prediction);

/* One of its packets, and what answers it, by the first of equal next hops. */
struct followed {
	struct leg {
		struct flow flow;
		struct trace trace;
	} there, back;                /* nothing is there of the way back when nothing arrives */
	struct prediction prediction; /* by all of them */
};

/*
 * The interfaces that its packets and those that answer may pass, by any of equal next hops; of
 * more than eight by the first eight.
 */
void fabric_passages(const struct fabric *fabric, const struct probe_spec *probe, struct ip to,
		     struct arena *arena, struct trace *ret_there, struct trace *ret_back);

/*
 * With what decides, place by place. `to` is an address of the probe's `to`, or, where that is
 * NULL, of no NIC in the lab. What decides lives in the arena; without one (NULL)
 * it is not written down.
 */
void fabric_follow(const struct fabric *fabric, const struct probe_spec *probe, struct ip to,
		   struct arena *arena, struct followed *ret_followed);
