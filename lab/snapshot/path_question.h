/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* A flow that somebody asks about: from a machine of the lab to a machine or an address. */
#include "lab/base/err.h"
#include "lab/model/lab.h"

struct path_question {
	struct probe_spec flow; /* `to` is NULL where no machine has the address */
	struct ip to;
};

/*
 * `from` and `to`: a machine, a NIC, VM:NIC, an address of one, or "internet", the first host of
 * the lab's; `to` may be any address. Where machines have the same address, the one of from's own
 * network is meant. `protocol`: as path_question_read_protocol. -ENOENT when the lab has no such
 * machine, -EINVAL when it is no question; nothing but `err` is then written.
 */
int path_question_read(const struct lab *lab, const char *from, const char *to,
		       const char *protocol, struct path_question *ret_question, struct err *err);

/*
 * "icmp", "icmp:SIZE", "icmp:SIZE/df", "http", "tcp:PORT" or "udp:PORT" into a flow. -EINVAL when
 * it is none of them.
 */
int path_question_read_protocol(const char *text, struct probe_spec *flow, struct err *err);
/* The machine that somebody names, as `from` above but by no address: -ENOENT when there is none.
 */
const struct nic *path_question_find(const struct lab *lab, const char *name, struct err *err);
/* "icmp", "http", "tcp:22", as above; in the arena. */
const char *path_question_protocol(const struct probe_spec *flow, struct arena *arena);
