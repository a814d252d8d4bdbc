/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The supervisor's side of the wire. It is started with the first cable that needs it. The
 * supervisor keeps the devices' descriptors, so that a wire that dies is replaced by one that goes
 * on with the same devices.
 */
#include "lab/plan/plan.h"
#include "netns/loop/loop.h"

#include <sys/types.h>

struct wire_client;

/* The caller owns the client. */
struct wire_client *wire_client_new(const char *lab) NODISCARD;
void wire_client_free(struct wire_client *client); /* NULL is fine */

/* The four descriptors of a new cable become the client's. */
int wire_client_add(struct wire_client *client, const struct plan *plan, const struct step *step,
		    const int fds[4], struct err *err);
/* For cables that were made by netem these do nothing. */
void wire_client_set(struct wire_client *client, const struct plan *plan, const struct step *step);
void wire_client_remove(struct wire_client *client, const struct plan *plan,
			const struct step *step);

bool wire_client_is_used(const struct wire_client *client);

/* A child was reaped: true when it was the wire, which then runs again. */
bool wire_client_reaped(struct wire_client *client, pid_t pid);
