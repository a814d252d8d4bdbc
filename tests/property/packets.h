/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Real packets in a lab, and where they were seen: in every machine one socket sees all that comes
 * in, another one what its kernel takes as its own.
 */
#include "lab/base/err.h"
#include "lab/model/topology.h"

/* One machine that a packet came to; its TTL then. */
struct sighting {
	const struct node *node;
	uint8_t ttl;
};

struct track {
	struct sighting *seen; /* in the order of falling TTLs */
	unsigned count, capacity;
	const struct node *taken_by; /* its end; NULL: nobody */
	unsigned taken_count;
	int refused; /* errno of the sender's kernel, which did not send it; 0 */
};

struct packets;

/* Enters each machine's namespace, and returns to the one of before. The caller owns the result. */
struct packets *packets_new(const struct topology *topology, size_t flow_count, struct err *err)
	NODISCARD;
void packets_free(struct packets *packets); /* NULL is fine */

/* A datagram from an address of a machine; `number` is one of the flows'. */
int packets_send(struct packets *packets, size_t number, const struct node *from, struct ip source,
		 struct ip to, unsigned source_port_choice, struct err *err);
/* Take in what was seen until nothing came for so long; -ENOBUFS: not all of it could be kept. */
int packets_collect(struct packets *packets, int quiet_ms, struct err *err);
const struct track *packets_track(const struct packets *packets, size_t number);
