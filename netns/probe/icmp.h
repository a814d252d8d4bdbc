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
/* Returns when it was sent (CLOCK_REALTIME), 0 when the kernel refused: errno says why. */
uint64_t icmp_send(int fd, struct ip to, uint32_t probe, uint16_t sequence);
/* False when there is none, or none of ours. `*ret_more` is false when the socket is empty. */
bool icmp_receive(int fd, struct icmp_reply *ret_reply, bool *ret_more);
