/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets that the agent in a guest sends for a prober, which judges what comes of them. Times are
 * the guest's own: by its kernel's stamps of an echo, by its clock of the others.
 */
#include "netns/guest/agent.h"
#include "netns/probe/http.h"
#include "netns/probe/icmp.h"

struct agent_pinger;

struct agent_pinger_ops {
	void (*reply)(void *arg, const struct icmp_reply *reply);
	/* The guest's kernel would not send it; errno. */
	void (*unsent)(void *arg, uint32_t probe, uint16_t sequence, int error);
	/* The agent is lost, and the pinger is gone. */
	void (*lost)(void *arg, const char *why);
};

/*
 * The caller's until it is lost. NULL when the agent (which may be NULL) is not there, or has too
 * much to do.
 */
struct agent_pinger *agent_pinger_new(struct agent *agent, uint32_t owner,
				      const struct agent_pinger_ops *ops, void *arg,
				      struct err *err) NODISCARD;
/* One whose `owner` is the pinger's. */
int agent_pinger_send(struct agent_pinger *pinger, struct ip to, const struct icmp_echo *echo,
		      struct err *err);
void agent_pinger_free(struct agent_pinger *pinger); /* NULL is fine */

struct agent_fetch;

/* What became of it; or `result` is NULL: the agent was lost meanwhile, or could not, and why. */
typedef void agent_fetch_fn(void *arg, const struct http_result *result, const char *why);
/*
 * As http_fetch_start, or datagram_start when it `is_udp`. `done` is called once, later, after
 * which the fetch is gone; agent_fetch_cancel ends it without a call.
 */
struct agent_fetch *agent_fetch_start(struct agent *agent, bool is_udp, struct ip to, unsigned port,
				      long timeout_ms, agent_fetch_fn *done, void *arg,
				      struct err *err) NODISCARD;
void agent_fetch_cancel(struct agent_fetch *fetch); /* NULL is fine */
