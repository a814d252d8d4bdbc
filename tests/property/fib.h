/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the kernel's FIB says about a packet, and what the model says that it must say. */
#include "lab/azure/fabric.h"
#include "lab/base/err.h"

#define FIB_HOPS_MAX 64

struct fib_hop {
	struct ip via; /* IP_NONE: straight to the machine */
	uint32_t ifindex;
};

struct fib_answer {
	bool is_lost; /* blackhole: nothing else is told */
	uint32_t table;
	struct prefix prefix;
	unsigned hop_count;
	struct fib_hop hops[FIB_HOPS_MAX]; /* in ascending order */
};

/* By Azure's rules, for a packet that comes in by a port of the fabric. */
void fib_expect(const struct fabric *fabric, const struct interface *port, struct ip to,
		struct fib_answer *ret_answer);

/* A question to the kernel of the namespace we are in; the descriptor is the caller's. */
int fib_open(struct err *err);
int fib_ask(int fd, const struct interface *port, struct ip from, struct ip to,
	    struct fib_answer *ret_answer, struct err *err);

bool fib_answer_equal(const struct fib_answer *a, const struct fib_answer *b);
void fib_answer_print(const struct fib_answer *answer, FILE *out);
