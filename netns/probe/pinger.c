/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/pinger.h"

#include "lab/base/cleanup.h"
#include "netns/guest/agent_probe.h"

#include <errno.h>
#include <stdlib.h>

struct pinger {
	struct loop *loop;
	uint32_t owner;
	struct pinger_ops ops;
	void *arg;
	int fd; /* -1 while there is none */
	struct loop_fd *watch;
	struct agent_pinger *agent; /* likewise NULL */
};

struct pinger *pinger_new(struct loop *loop, uint32_t owner, const struct pinger_ops *ops,
			  void *arg)
{
	struct pinger *p = calloc(1, sizeof(*p));

	if (!p)
		abort();
	*p = (struct pinger){ .loop = loop, .owner = owner, .ops = *ops, .arg = arg, .fd = -1 };
	return p;
}

void pinger_free(struct pinger *p)
{
	if (!p)
		return;
	loop_fd_free(p->watch);
	fd_close(&p->fd);
	agent_pinger_free(p->agent);
	free(p);
}

static void on_readable(void *arg, unsigned events, uint64_t now_ns)
{
	const struct pinger *p = arg;

	(void)events;
	(void)now_ns;
	icmp_receive_all(p->fd, p->owner, p->ops.reply, p->arg);
}

void pinger_use_socket(struct pinger *p, int fd)
{
	loop_fd_free(p->watch);
	if (p->fd >= 0)
		fd_close(&p->fd);
	(void)icmp_prepare(fd, p->owner);
	p->fd = fd;
	p->watch = loop_fd_new(p->loop, fd, LOOP_READ, on_readable, p, "ping replies");
}

static void on_reply(void *arg, const struct icmp_reply *reply)
{
	const struct pinger *p = arg;

	p->ops.reply(p->arg, reply);
}

static void on_unsent(void *arg, uint32_t probe, uint16_t sequence, int error)
{
	const struct pinger *p = arg;

	p->ops.unsent(p->arg, probe, sequence, error);
}

static void on_lost(void *arg, const char *why)
{
	struct pinger *p = arg;

	p->agent = NULL;
	p->ops.lost(p->arg, why);
}

int pinger_use_agent(struct pinger *p, struct agent *agent, struct err *err)
{
	static const struct agent_pinger_ops ops = { on_reply, on_unsent, on_lost };

	if (!p->agent)
		p->agent = agent_pinger_new(agent, p->owner, &ops, p, err);
	return p->agent ? 0 : err->code;
}

bool pinger_is_ready(const struct pinger *p)
{
	return p->fd >= 0 || p->agent;
}

int pinger_send(struct pinger *p, struct ip to, const struct icmp_echo *echo)
{
	if (p->agent)
		return agent_pinger_send(p->agent, to, echo, NULL);
	return icmp_send(p->fd, to, echo) ? 0 : -errno;
}
