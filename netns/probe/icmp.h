/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* ICMP echo on a raw socket, with the kernel's own time of arrival. */
#include "lab/base/ip.h"

#include <stdbool.h>
#include <stdint.h>

/* What a request says and its answer says again. */
struct icmp_echo {
	uint32_t owner; /* of the socket it was sent on */
	uint32_t probe; /* which of the owner's */
	uint16_t flow, sequence;
	uint16_t bytes;     /* behind its header; 0: as ping has it, and as the kernel likes it */
	bool dont_fragment; /* of one that has a size */
};

struct icmp_reply {
	uint32_t probe;
	uint16_t sequence;
	unsigned ttl;
	uint64_t sent_ns;     /* CLOCK_REALTIME, as the request said */
	uint64_t received_ns; /* likewise, by the kernel */
};

/* Several send in one namespace, and each socket there gets all answers: whose are they? */
uint32_t icmp_new_owner(void);
/* Only echo replies to this owner's requests, each with its time. Returns a negative errno. */
int icmp_prepare(int fd, uint32_t owner);
/*
 * Echo requests of one id are one flow to what filters on the way: what was allowed once stays so
 * (NSG-18). No two flows of this process have the same, until 49152 are made; and none has
 * the number of a process of a young lab, which is the id that ping there takes.
 */
uint16_t icmp_new_flow(void);
/* Returns when it was sent (CLOCK_REALTIME), 0 when the kernel refused: errno says why. */
uint64_t icmp_send(int fd, struct ip to, const struct icmp_echo *echo);
/* False when there is none, or none of the owner's. `*ret_more` is false when the socket is empty.
 */
bool icmp_receive(int fd, uint32_t owner, struct icmp_reply *ret_reply, bool *ret_more);
/* Those that are there, but not for ever: the rest wakes who waits for it again. */
void icmp_receive_all(int fd, uint32_t owner, void (*fn)(void *arg, const struct icmp_reply *reply),
		      void *arg);
