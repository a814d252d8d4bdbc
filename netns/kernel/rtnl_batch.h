/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Many rtnetlink changes in one system call. Each message carries the number of the step it is
 * for, so that a refusal names it. The kernel goes on after a refusal: the undo is the engine's.
 */
#include "lab/base/err.h"

#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdint.h>

struct rtnl_batch {
	struct nl_sock *sock; /* borrowed; decides the namespace */
	struct nl_msg *msg;   /* the one being built */
	char *bytes;
	size_t len, limit;
	uint32_t *step_of; /* by message, in order of their sequence numbers */
	unsigned count;
	uint32_t first_seq, next_seq;
};

/* In the caller's storage; one batch serves any number of sockets, one after the other. */
void rtnl_batch_init(struct rtnl_batch *batch);
void rtnl_batch_fini(struct rtnl_batch *batch);

/* A rtnetlink socket in the namespace the caller is in. NULL on failure. */
struct nl_sock *rtnl_open(struct err *err) NODISCARD;

/* Only while the batch is empty. */
void rtnl_batch_use(struct rtnl_batch *batch, struct nl_sock *sock);

/* Begin a message; attributes follow by libnl's nla_put family, then rtnl_batch_end. */
struct nl_msg *rtnl_batch_begin(struct rtnl_batch *batch, int type, int flags, const void *head,
				size_t head_size);
/*
 * The message is complete and belongs to `step`. A full batch is sent at once: the result is then
 * that of rtnl_batch_commit.
 */
int rtnl_batch_end(struct rtnl_batch *batch, uint32_t step, uint32_t *ret_step, struct err *err);

/* Send what is left. On failure *ret_step is the step of the first message that was refused. */
int rtnl_batch_commit(struct rtnl_batch *batch, uint32_t *ret_step, struct err *err);
