/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The pings of one machine: on a raw socket of its namespace, or by the agent of a guest. */
#include "netns/guest/agent.h"
#include "netns/probe/icmp.h"

struct pinger;

struct pinger_ops {
	void (*reply)(void *arg, const struct icmp_reply *reply);
	/* The guest's kernel would not send what was given to its agent; errno. */
	void (*unsent)(void *arg, uint32_t probe, uint16_t sequence, int error);
	/* The agent is lost: nothing can be sent until the pinger has one again. */
	void (*lost)(void *arg, const char *why);
};

/* It can send nothing yet. Replies are those to the owner's requests. The caller owns the pinger.
 */
struct pinger *pinger_new(struct loop *loop, uint32_t owner, const struct pinger_ops *ops,
			  void *arg) NODISCARD;
void pinger_free(struct pinger *pinger); /* NULL is fine */

/* The socket becomes the pinger's, in the place of the one it had. */
void pinger_use_socket(struct pinger *pinger, int fd);
/* Nothing when it has one; fails when the agent (which may be NULL) is not there. */
int pinger_use_agent(struct pinger *pinger, struct agent *agent, struct err *err);
bool pinger_is_ready(const struct pinger *pinger);

/* One whose owner is the pinger's. 0, or a negative errno: the machine would not send it. */
int pinger_send(struct pinger *pinger, struct ip to, const struct icmp_echo *echo);
