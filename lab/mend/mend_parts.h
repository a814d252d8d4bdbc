/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What the proposals are made with: for lab/mend alone. */
#include "lab/azure/verdict.h"
#include "lab/azure/walk.h"
#include "lab/mend/mend.h"

struct mending {
	const struct wanted *wanted;
	const struct lab *lab;
	const struct path_question *question;
	const struct prediction *prediction;
	const struct followed *followed;
	const struct leg *leg;    /* the way that fails: there, or back */
	struct ip to;             /* where that leads */
	const struct nic *target; /* who has it; NULL: nobody in the lab */
	struct arena *arena;
	struct mends mends;
};

/* The last proposal; what it says is in the arena. A NULL value takes away what is at the path. */
PRINTF(4, 5)
struct mend *mend_add(struct mending *m, const char *path, const char *value, const char *fmt, ...);
/* One more change of the same proposal. */
void mend_also(struct mending *m, struct mend *mend, const char *path, const char *value);

/* Paths in the lab file. */
const char *vm_path(struct mending *m, const struct vm *vm);
const char *subnet_path(struct mending *m, const struct subnet *subnet);
const char *router_path(struct mending *m, const struct node *node); /* an NVA or a branch */

/* The range of the virtual network where the flow leads, else the address alone. */
struct prefix mend_target_prefix(const struct mending *m);

void propose_rules(struct mending *m);       /* NSGs, admin rules, public addresses */
void propose_user_routes(struct mending *m); /* the route where it stops */
void propose_peerings(struct mending *m);
void propose_route_tables(struct mending *m); /* on which subnets they are */
void propose_tunnels(struct mending *m);      /* and connections */
void propose_bgp(struct mending *m);          /* who speaks with whom */
void propose_announcements(struct mending *m);
void propose_preferences(struct mending *m); /* which of several ways */
