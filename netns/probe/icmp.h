/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* ICMP echo on a raw socket, with the kernel's own time of arrival. */
#include "lab/base/ip.h"

#include <stdint.h>

struct icmp_reply {
	uint32_t probe;
	uint16_t sequence;
	unsigned ttl;
	uint64_t received_ns; /* CLOCK_REALTIME, by the kernel */
};

/* Only echo replies, each with its time. */
int icmp_prepare(int fd);
/*
 * Echo requests of one id are one flow to what filters on the way: what was allowed once stays so
 * (NSG-18). No two flows of this process have the same, until 65536 are made.
 */
uint16_t icmp_new_flow(void);
/* Returns when it was sent (CLOCK_REALTIME), 0 when the kernel refused: errno says why. */
uint64_t icmp_send(int fd, struct ip to, uint16_t flow, uint32_t probe, uint16_t sequence);
/* False when there is none, or none of ours. `*ret_more` is false when the socket is empty. */
bool icmp_receive(int fd, struct icmp_reply *ret_reply, bool *ret_more);
