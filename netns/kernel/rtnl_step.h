/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Steps of a plan as rtnetlink messages. */
#include "lab/plan/plan.h"
#include "netns/kernel/rtnl_batch.h"

/* Routes and addresses that hublab made say so; ip route shows it as "proto 104". */
#define RTNL_PROTOCOL PLAN_ROUTE_PROTOCOL

/*
 * Put one step's change into the batch, whose socket is in the step's namespace. `peer_ns` is the
 * namespace of a pair's other end. Steps of other kinds than links, addresses, neighbours, routes
 * and rules are not for it (tunnels are for netns/kernel/tunnel.h). Returns like rtnl_batch_end.
 */
int rtnl_step_add(struct rtnl_batch *batch, const struct plan *plan, uint32_t index, int peer_ns,
		  uint32_t *ret_index, struct err *err);

/*
 * A bridge, up, to whose message more may be added before rtnl_batch_end. Without a MAC address the
 * kernel gives it one, another with each port that comes or goes.
 */
struct nl_msg *rtnl_bridge_begin(struct rtnl_batch *batch, const struct link_end *end);
/* Bring an interface up with its address and MTU; for devices that were not made by netlink. */
int rtnl_link_set(struct rtnl_batch *batch, const struct link_end *end, uint32_t mtu,
		  uint32_t queue_length, uint32_t index, uint32_t *ret_index, struct err *err);
int rtnl_link_delete(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index,
		     uint32_t *ret_index, struct err *err);
int rtnl_link_down(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index, uint32_t *ret_index,
		   struct err *err);
int rtnl_link_up(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index, uint32_t *ret_index,
		 struct err *err);

/* Delay, loss and rate at the sending side of an interface, by the kernel's netem. */
struct netem {
	uint32_t delay_us, loss_ppm;
	uint64_t rate_bps;
};
int rtnl_netem_set(struct rtnl_batch *batch, uint32_t ifindex, struct netem netem, uint32_t index,
		   uint32_t *ret_index, struct err *err);
