/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What one speaker knows: its routing table, every candidate of every prefix. The same type holds
 * what the model predicts and what a daemon really has.
 */
#include "lab/azure/bgp.h"

/* AS paths are few and shared: one copy each, equal when the pointers are. */
struct as_path {
	size_t count;
	uint32_t asns[]; /* the neighbour's first */
};

struct as_paths;

struct as_paths *as_paths_new(void) NODISCARD;
void as_paths_free(struct as_paths *paths); /* NULL is fine; ends every path in it */
/* Lives as long as `paths`. */
const struct as_path *as_path_get(struct as_paths *paths, const uint32_t *asns, size_t count);
bool as_path_has(const struct as_path *path, uint32_t asn);
/* Joined by '-', as Azure prints it; cut when `size` is too small for it. */
void as_path_print(const struct as_path *path, char *text, size_t size);

struct rib_route {
	struct prefix prefix;
	const struct bgp_end *from; /* NULL for the speaker's own */
	enum bgp_class class;
	struct ip next_hop; /* IP_NONE for the speaker's own */
	const struct as_path *path;
	bool is_best;
	/* known of predicted ones, and of real ones where the daemon says it */
	unsigned local_pref;     /* BGP_LOCAL_PREF when nobody says anything else */
	unsigned communities;    /* ROUTE_* */
	unsigned med;            /* lower wins */
	struct ip originator;    /* router id of who brought it into the AS; IP_NONE: its peer */
	unsigned cluster_length; /* reflectors that it went through */
	uint32_t loop_mark;      /* of the last circuit that it went through; 0: none */
	uint32_t gateway_mark;   /* of the last gateway that told it an MSEE; 0: none */
};

/* Communities that say where a route may go (R7.11). */
#define ROUTE_NO_ADVERTISE 1u /* 65535:65282: to nobody */
#define ROUTE_NO_EXPORT    2u /* 65535:65281: to no other AS */

/* Sorted by prefix; the candidates of one prefix stand together, the best one first. */
struct rib {
	struct rib_route *routes;
	size_t count, capacity;
};

/* Zeroed is empty. */
void rib_fini(struct rib *rib);

/* Put `count` candidates (copied) in the place of all that were known for the prefix. */
void rib_replace(struct rib *rib, struct prefix prefix, const struct rib_route *routes,
		 size_t count);
/* Put `count` routes (copied) in the place of everything. */
void rib_assign(struct rib *rib, const struct rib_route *routes, size_t count);

/* The candidates of a prefix: the first and how many; borrowed until the next change. */
const struct rib_route *rib_find(const struct rib *rib, struct prefix prefix, size_t *ret_count);

bool rib_equal(const struct rib *a, const struct rib *b); /* the order of candidates aside */
/* The first prefix of which they know different things; false when they are equal. */
bool rib_find_difference(const struct rib *a, const struct rib *b, struct prefix *ret_prefix);
