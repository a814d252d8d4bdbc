/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What others do in the fabric, as the kernel tells it. */
#include "netns/super/drift_parts.h"

#include "netns/kernel/nft_events.h"
#include "netns/kernel/nft_trace.h"

#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <stdio.h>

#define EVENTS_AT_ONCE 256 /* that are read in one callback */

/* One that is looked at now may have been seen as it was before. */
static void touched(struct drift *d, struct drift_table *table, bool is_as_wanted)
{
	if (is_as_wanted && !table->standing.count && table != d->current)
		return;
	drift_make_due(d, table, true);
	drift_hurry(d);
}

/* While changes of our own are made, which are told, too, all will be compared behind them. */
static void handle_event(struct drift *d, const struct nlmsghdr *h)
{
	struct fib_hop hops[FIB_HOPS_MAX];
	struct fib_route route;
	struct fib_rule rule;
	struct drift_table *table;

	d->has_news = true;
	if (drift_is_paused(d)) {
		d->has_ignored = true;
		return;
	}
	if (fib_parse_route(h, hops, &route)) {
		table = drift_set_find(&d->set, drift_id(route.prefix.addr.family, route.table));
		if (table)
			touched(d, table,
				drift_table_wants_route(table, &route) ==
					(h->nlmsg_type == RTM_NEWROUTE));
	} else if (fib_parse_rule(h, &rule)) {
		table = drift_set_find(&d->set, drift_id(rule.family, DRIFT_RULES));
		if (table)
			touched(d, table,
				drift_table_wants_rule(table, &rule) ==
					(h->nlmsg_type == RTM_NEWRULE));
	} else if (h->nlmsg_type == RTM_DELLINK ||
		   (h->nlmsg_type == RTM_NEWLINK &&
		    nlmsg_datalen(h) >= (int)sizeof(struct ifinfomsg) &&
		    !(((struct ifinfomsg *)nlmsg_data(h))->ifi_flags & IFF_UP))) {
		drift_all_due(d); /* its routes go without a word */
		drift_hurry(d);
	}
}

void drift_on_fib_event(void *arg, unsigned events, uint64_t now_ns)
{
	struct drift *d = arg;

	(void)events;
	(void)now_ns;
	for (unsigned i = 0; i < EVENTS_AT_ONCE; i++)
		if (!drift_read_packet(d, d->fds[SOCKET_EVENTS], handle_event))
			return;
}

static void handle_generation(struct drift *d, const struct nlmsghdr *h)
{
	struct nft_generation g;
	uint32_t before = d->generation;
	bool is_traced; /* by somebody who asks why: that takes itself away, without a word */

	if (nft_trace_is_own(h))
		d->tracer = h->nlmsg_pid;
	if (!nft_events_parse(h, &g))
		return;
	is_traced = d->tracer && d->tracer == h->nlmsg_pid;
	d->tracer = 0;
	d->generation = g.number;
	if (g.is_answer || d->applying_nft || is_traced)
		return;
	if (!*d->nft)
		d->foreign_since = before;
	(void)snprintf(d->nft, sizeof(d->nft),
		       "nftables of the fabric: changed by %s (process %u), generation %u -> %u",
		       *g.process ? g.process : "others", g.pid, d->foreign_since, g.number);
	drift_began(d, d->nft);
	d->changed(d->arg);
}

void drift_read_generations(struct drift *d)
{
	while (d->fds[SOCKET_NFT] >= 0 &&
	       drift_read_packet(d, d->fds[SOCKET_NFT], handle_generation))
		;
}

void drift_on_nft_event(void *arg, unsigned events, uint64_t now_ns)
{
	(void)events;
	(void)now_ns;
	drift_read_generations(arg);
}
