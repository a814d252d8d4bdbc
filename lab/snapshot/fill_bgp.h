/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What daemons know, as clients see it. The results borrow from their sources and the arena. */
#include "lab/azure/rib.h"
#include "lab/snapshot/snapshot.h"

/* What is seen of one session. Times are Unix time; 0: never. */
struct session_seen {
	bool is_up;
	double changed_at;      /* when it last went up or down */
	const char *last_words; /* when it went down; "" or NULL: none */
	uint64_t messages_sent, messages_received;
};

/* The gateway or Route Server that the node is an instance of, or its own name. */
const char *snapshot_name_of(const struct node *node);

/* R5.4: the default address stands for an instance also where sessions use another one. */
const char *snapshot_speaker_address(const struct bgp_speaker *speaker, struct arena *arena);

/*
 * `sessions` are in the order of the speaker's ends; NULL while its daemon does not run. `state`
 * says how that is. Weights are those of R5.9 and R6.4.
 */
void snapshot_fill_speaker(const struct bgp_speaker *speaker, const struct rib *rib,
			   const struct session_seen *sessions, const char *state,
			   struct snapshot_speaker *out, struct arena *arena);

/*
 * A route that the daemon tells on a session, as its filters leave it: what the session itself adds
 * is added here (R5.10: its own number and address).
 */
void snapshot_fill_told(const struct bgp_end *end, const struct rib_route *route,
			struct snapshot_told *out, struct arena *arena);
