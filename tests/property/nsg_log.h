/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What the rules of a running lab log, message by message. The kernel has one reader a group, and
 * that is the lab itself: it has to give its group up, and sees no flows from then on.
 */
#include "lab/azure/hit.h"
#include "tests/property/nsg_wire.h"

struct nsg_log;

/* One rule's word on one packet. */
struct logged {
	struct hit hit;
	const struct interface *port; /* where it decided; NULL when the fabric has no such port */
	struct wire_packet packet;
};

typedef void logged_fn(void *arg, const struct logged *logged);

/* From within the lab. The caller owns the result. */
struct nsg_log *nsg_log_new(const struct topology *topology, struct err *err) NODISCARD;
void nsg_log_free(struct nsg_log *log); /* NULL is fine */

int nsg_log_fd(const struct nsg_log *log); /* readable when there is something */
/* All that was logged until now; -ENOBUFS: not all of it could be kept. */
int nsg_log_read(struct nsg_log *log, logged_fn *on_logged, void *arg, struct err *err);
