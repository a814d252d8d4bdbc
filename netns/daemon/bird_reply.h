/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What BIRD 2 says, read line by line: answers on its control socket, and its log. Foreign bytes:
 * anything that does not look as expected is passed over, nothing is trusted to be there.
 */
#include "lab/azure/rib.h"

/* Routes collected from the lines of one "show route ... all". */
struct bird_routes {
	const struct bgp_speaker *speaker;
	struct as_paths *paths;
	struct rib_route *items;
	size_t count, capacity;
	struct prefix prefix; /* of the lines being read */
	bool is_ignored;      /* they are about a route of a session that is going */
};

void bird_routes_init(struct bird_routes *routes, const struct bgp_speaker *speaker,
		      struct as_paths *paths);
void bird_routes_fini(struct bird_routes *routes);
void bird_routes_reset(struct bird_routes *routes);

enum bird_answer {
	BIRD_MORE,  /* more lines follow */
	BIRD_DONE,  /* the answer is complete */
	BIRD_ERROR, /* complete, and a refusal; "not found" is not one */
};

/* One line of an answer, its code included. */
enum bird_answer bird_routes_read(struct bird_routes *routes, const char *line);

/* One line of a daemon's log. */
struct bird_log {
	enum bird_log_kind {
		BIRD_LOG_OTHER,
		BIRD_LOG_STARTED,     /* the daemon is up: its control socket is there */
		BIRD_LOG_ESTABLISHED, /* a session */
		BIRD_LOG_CLOSED,      /* a session, whatever it was doing */
		BIRD_LOG_LIMITED,     /* a session is ended for good: it heard too much */
		BIRD_LOG_ROUTE,       /* what is known for a prefix changed */
		BIRD_LOG_REFRESH,     /* a peer asks for all routes again */
		BIRD_LOG_REFRESHED,   /* it has them */
		BIRD_LOG_SENT,        /* another message to a peer */
		BIRD_LOG_GOT,         /* another message from a peer */
		BIRD_LOG_PROBLEM,     /* a warning or worse */
	} kind;
	const struct bgp_end *end; /* the session it is about; NULL when it is about none */
	struct prefix prefix;      /* BIRD_LOG_ROUTE */
	const char *text;          /* behind date and level; within the line */
};

struct bird_log bird_log_read(const struct bgp_speaker *speaker, const char *line);
