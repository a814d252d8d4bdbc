/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What FRR 8.4 says: bgpd's tables as JSON, and its daemons' logs. Foreign bytes: anything that
 * does not look as expected is passed over, nothing is trusted to be there.
 */
#include "lab/azure/rib.h"

struct frr_routes {
	struct rib_route *items; /* the caller frees it */
	size_t count;
};

/*
 * "show bgp ipv4 unicast json". Routes that cannot be used are left out, and so are those of
 * sessions that the speaker has no more. False when it is no such answer; nothing is there then.
 */
bool frr_routes_read(const char *json, const struct bgp_speaker *speaker, struct as_paths *paths,
		     struct frr_routes *ret_routes);

/* "show bgp ipv4 unicast neighbors ADDRESS advertised-routes json", likewise: prefixes and paths.
 */
bool frr_told_read(const char *json, struct as_paths *paths, struct frr_routes *ret_routes);

struct frr_counts {
	uint64_t messages_sent, messages_received;
};

/* "show bgp ipv4 unicast summary json": one for each session, in the speaker's order; those that
 * are not named there stay as they are. */
void frr_counts_read(const char *json, const struct bgp_speaker *speaker,
		     struct frr_counts *counts);

/* One line of a daemon's log. */
struct frr_log {
	enum frr_log_kind {
		FRR_LOG_OTHER,
		FRR_LOG_DETAIL,  /* said for debugging */
		FRR_LOG_STARTED, /* its vty socket is there */
		FRR_LOG_ESTABLISHED,
		FRR_LOG_CLOSED,
		FRR_LOG_ROUTES,  /* what is known for a prefix changed */
		FRR_LOG_PROBLEM, /* a warning or worse */
	} kind;
	const struct bgp_end *end; /* the session it is about; NULL when it is about none */
	const char *text;          /* behind date, level, program and number; within the line */
};

struct frr_log frr_log_read(const struct bgp_speaker *speaker, const char *line);
