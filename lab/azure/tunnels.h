/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Which IPsec tunnels come up, and stay up: whether both ends agree, and whether their own packets
 * get from one to the other by what is learned (azure-routing.md R5.15). A tunnel may lead away the
 * very packets that carry it: then it comes up, BGP runs in it, what that teaches takes its way
 * from it, it goes down, and all of that again, for ever.
 */
#include "lab/azure/walk.h"

enum tunnel_outlook {
	TUNNEL_UP,
	TUNNEL_DOWN,      /* it does not come up */
	TUNNEL_RECURSIVE, /* it comes up, and what is then learned ends it */
};

/* One end's outlook is the other's, too. */
struct tunnel_state {
	const struct tunnel_end *end;
	enum tunnel_outlook outlook;
	char words[240]; /* why it is not up */
};

/* Do both ends have what it takes? If not, `words` says what is missing. */
bool tunnel_agrees(const struct tunnel_end *end, char *words, size_t size);

/*
 * By what the fabric's speakers know now: up, or down, or recursive when what leads its packets
 * away is the tunnel itself.
 */
void tunnel_judge(const struct fabric *fabric, const struct tunnel_end *end,
		  struct tunnel_state *ret_state);

/* What follows from a lab: what all speakers will know, the tables then, and its tunnels. */
struct prospect {
	struct rib *ribs;             /* by speaker */
	struct fabric *fabric;        /* it borrows the ribs */
	struct tunnel_state *tunnels; /* by place in the topology; both ends say the same */
};

/*
 * First without what is said over tunnels: those whose packets get through come up; then with it,
 * where what is learned may end them again. Sessions over tunnels that do not come up, or do not
 * stay, are not expected (is_expected of both, sessions and ends). A recursive tunnel has no state
 * that lasts; what is known is that without it. `paths` and the others are borrowed; the parts of
 * `prospect` are the caller's, to end with bgp_ribs_free, fabric_free and free.
 */
void prospect_init(struct prospect *prospect, const struct topology *topology,
		   const struct bgp_graph *graph, struct as_paths *paths);
