/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The states of flows that a namespace keeps, with what passed by each (ctnetlink). */
#include "lab/base/err.h"
#include "lab/base/ip.h"

#include <linux/netlink.h>

/* As the chains behind the translation of destinations see the first packet. */
struct conntrack_state {
	struct ip source, destination;
	uint8_t protocol;
	uint16_t source_port, destination_port;
	uint16_t id; /* of a ping */
	uint16_t zone;
	bool is_gone;                  /* it has ended, and these are the last counts */
	uint64_t packets[2], bytes[2]; /* from source to destination, and back */
};

/*
 * Have the kernel load what keeps states, where that is a module: until then a namespace has no
 * settings for it (net/netfilter/nf_conntrack_acct). Whether it can shows there.
 */
void conntrack_load(void);

/* For questions, and for what ends, in the namespace the caller is in. They do not block. */
int conntrack_open(int *ret_fd, struct err *err);
int conntrack_open_events(int *ret_fd, struct err *err);
/*
 * Ask for one state, by its ends and zone: the answer has this sequence number, and is the state or
 * an NLMSG_ERROR (-ENOENT: there is none). A flow that began from outside, at an address that was
 * translated, is found `by_answer` only. A negative errno when that cannot be asked. To ask for all
 * at once takes too long: the kernel looks through the states of all namespaces.
 */
int conntrack_ask(int fd, uint32_t sequence, const struct conntrack_state *ends, bool by_answer);
/* Of an answer or an event; false of others. */
bool conntrack_parse(const struct nlmsghdr *h, struct conntrack_state *ret_state) NODISCARD;
