/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/wire_client.h"

#include "lab/base/cleanup.h"
#include "netns/loop/ipc.h"
#include "netns/super/part.h"
#include "netns/wire/wire.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

struct held_cable {
	struct held_cable *next;
	struct wire_message message; /* as it was last told */
	int fds[4];
	char ns[128]; /* of its first end, which with the number names it */
};

struct wire_client {
	const char *lab;
	pid_t pid;
	int fd;
	struct held_cable *cables;
	uint32_t last_id;
};

struct wire_client *wire_client_new(const char *lab)
{
	struct wire_client *c = calloc(1, sizeof(*c));

	if (!c)
		abort();
	*c = (struct wire_client){ .lab = lab, .fd = -1 };
	return c;
}

static void cable_free(struct held_cable *cable)
{
	for (int i = 0; i < 4; i++)
		fd_close(&cable->fds[i]);
	free(cable);
}

void wire_client_free(struct wire_client *c)
{
	struct held_cable *cable, *next;

	if (!c)
		return;
	if (c->pid)
		(void)kill(c->pid, SIGKILL);
	fd_close(&c->fd);
	LL_FOREACH_SAFE(c->cables, cable, next)
	cable_free(cable);
	free(c);
}

/* Run a wire and tell it all there is. */
static int start(struct wire_client *c, struct err *err)
{
	struct held_cable *cable;

	if (part_start(PART_WIRE, c->lab, &c->fd, &c->pid, err))
		return err->code;
	LL_FOREACH(c->cables, cable) {
		cable->message.type = WIRE_ADD;
		if (!err->code)
			(void)ipc_send(c->fd, &cable->message, sizeof(cable->message), cable->fds,
				       4, err);
	}
	return err->code;
}

static struct held_cable *find(struct wire_client *c, const struct plan *plan,
			       const struct step *step)
{
	const char *ns = plan_text(plan, step->ns);
	struct held_cable *cable;

	LL_FOREACH(c->cables, cable)
		if (cable->message.ifindex[0] == step->cable.a.ifindex && !strcmp(cable->ns, ns))
			return cable;
	return NULL;
}

static void set_limits(struct held_cable *cable, const struct step *step)
{
	cable->message.delay_us = step->cable.delay_us;
	cable->message.loss_ppm = step->cable.loss_ppm;
	cable->message.rate_bps = step->cable.rate_bps;
	cable->message.is_cut = step->cable.is_cut;
}

int wire_client_add(struct wire_client *c, const struct plan *plan, const struct step *step,
		    const int fds[4], struct err *err)
{
	struct held_cable *cable = calloc(1, sizeof(*cable));

	if (!cable)
		abort();
	wire_client_remove(c, plan, step); /* the one that is made anew */
	memcpy(cable->fds, fds, sizeof(cable->fds));
	(void)snprintf(cable->ns, sizeof(cable->ns), "%s", plan_text(plan, step->ns));
	cable->message.type = WIRE_ADD;
	cable->message.id = ++c->last_id;
	cable->message.ifindex[0] = step->cable.a.ifindex;
	cable->message.ifindex[1] = step->cable.b.ifindex;
	set_limits(cable, step);
	LL_PREPEND(c->cables, cable);
	if (!c->pid)
		return start(c, err);
	return ipc_send(c->fd, &cable->message, sizeof(cable->message), cable->fds, 4, err);
}

void wire_client_set(struct wire_client *c, const struct plan *plan, const struct step *step)
{
	struct held_cable *cable = find(c, plan, step);

	if (!cable)
		return;
	set_limits(cable, step);
	cable->message.type = WIRE_SET;
	(void)ipc_send(c->fd, &cable->message, sizeof(cable->message), NULL, 0, NULL);
}

void wire_client_remove(struct wire_client *c, const struct plan *plan, const struct step *step)
{
	struct held_cable *cable = find(c, plan, step);

	if (!cable)
		return;
	cable->message.type = WIRE_REMOVE;
	(void)ipc_send(c->fd, &cable->message, sizeof(cable->message), NULL, 0, NULL);
	LL_DELETE(c->cables, cable);
	cable_free(cable);
}

bool wire_client_is_used(const struct wire_client *c)
{
	return c->cables != NULL;
}

bool wire_client_reaped(struct wire_client *c, pid_t pid)
{
	struct err err = { 0 };

	if (!c->pid || pid != c->pid)
		return false;
	c->pid = 0;
	fd_close(&c->fd);
	if (c->cables)
		(void)start(c, &err);
	return true;
}
