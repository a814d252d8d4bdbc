/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets of any protocol, put on the wire behind a machine's kernel, so that it neither chooses
 * the NIC nor refuses the source; and what comes in at all machines.
 */
#include "lab/azure/verdict.h"
#include "lab/base/err.h"

#define WIRE_TTL        64
#define WIRE_HEADERS    128     /* bytes of a packet that are read */
#define WIRE_NUMBER_MAX 0xffffu /* what IPv4 has room for in its identification */

/*
 * What the bytes from the IP header on are: the number is that of the packet, and since others
 * have some number there, too, the tuple has to be compared. False for what begins no flow.
 */
struct wire_packet {
	uint32_t number;
	unsigned ttl;
	struct flow_tuple tuple;
};
bool wire_parse(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet);
bool tuple_equal(const struct flow_tuple *a, const struct flow_tuple *b);

struct wire;

typedef void wire_seen_fn(void *arg, const struct node *node, const struct wire_packet *packet);

/* Enters each machine's namespace, and returns to the one of before. The caller owns the result. */
struct wire *wire_new(const struct topology *topology, struct err *err) NODISCARD;
void wire_free(struct wire *wire); /* NULL is fine */

/* From a machine's interface to the fabric. */
int wire_send(struct wire *wire, const struct interface *from, const struct flow_tuple *tuple,
	      uint32_t number, struct err *err);
/*
 * The fabric forgets all flows, in each zone: what is sent next are new ones. From the namespace
 * that it returns to.
 */
int wire_forget_flows(struct err *err);
/* All that came in until now; -ENOBUFS: not all of it could be kept. */
int wire_read(struct wire *wire, wire_seen_fn *on_seen, void *arg, struct err *err);
