/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Everything that is wrong with one lab file, in file order. Each finding is a row of diag_table
 * (its rule) at a place of the file, with words of its own and, where we can guess it, the way out.
 * An error refuses the file; a warning says what Azure takes, but hardly anyone means; information
 * is what a review of a design would ask about.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum severity {
	SEVERITY_ERROR,
	SEVERITY_WARNING,
	SEVERITY_INFO
};

/*
 * Those of the file as text, of keys and values, of what holds between them; then warnings, and
 * what lint finds (lab/lint).
 */
enum diag_id {
	DIAG_SYNTAX,
	DIAG_ENCODING,
	DIAG_TOO_LARGE,
	DIAG_TOO_DEEP,
	DIAG_EMPTY,
	DIAG_SECOND_DOCUMENT,
	DIAG_NOT_ALLOWED,
	DIAG_UNKNOWN_ALIAS,
	DIAG_DUPLICATE_KEY,
	DIAG_UNKNOWN_KEY,
	DIAG_FOREIGN_KEY,
	DIAG_NOT_IN_LABS,
	DIAG_MISSING_KEY,
	DIAG_WRONG_SHAPE,
	DIAG_BAD_VALUE,
	DIAG_OUT_OF_RANGE,
	DIAG_BAD_NAME,
	DIAG_DUPLICATE_NAME,
	DIAG_UNKNOWN_NAME,
	DIAG_HOST_BITS,
	DIAG_RESERVED_SPACE,
	DIAG_OVERLAP,
	DIAG_NOT_IN_SPACE,
	DIAG_SUBNET_SIZE,
	DIAG_IP_FAMILY,
	DIAG_SUBNET_FULL,
	DIAG_ADDRESS_TAKEN,
	DIAG_RESERVED_ADDRESS,
	DIAG_NO_GATEWAY_SUBNET,
	DIAG_WRONG_SUBNET,
	DIAG_GATEWAY_TAKEN,
	DIAG_PEERING,
	DIAG_PEERING_OVERLAP,
	DIAG_REMOTE_GATEWAYS,
	DIAG_NIC_NETWORK,
	DIAG_LIMIT,
	DIAG_ASN,
	DIAG_LINK_TAKEN,
	DIAG_CONNECTION,
	DIAG_PEER_PREFIX,
	DIAG_MSEE_ADDRESS,
	DIAG_STATIC_ROUTE,
	DIAG_PROBE,
	DIAG_STEP,
	DIAG_EXPECTATION,
	DIAG_LINK,
	DIAG_ANNOUNCE,
	DIAG_ROUTE,
	DIAG_ROUTE_CONFLICT,
	DIAG_ROUTE_TABLE,
	DIAG_GUEST_ROUTE,
	DIAG_GUEST,
	DIAG_GUEST_IMAGE,
	DIAG_SECURITY_RULE,
	DIAG_RULE_CONFLICT,
	DIAG_ASG,
	DIAG_NSG_SUBNET,
	DIAG_PUBLIC_ADDRESS,
	DIAG_NAT_GATEWAY,
	DIAG_VPN_GATEWAY,
	DIAG_SITE,
	DIAG_VPN_CONNECTION,
	DIAG_IPSEC_POLICY,
	DIAG_ROUTE_SERVER,
	DIAG_ROUTER_BGP,
	DIAG_TUNNEL,
	DIAG_LAN,
	DIAG_ER_PORT,
	DIAG_LINK_TAG,
	DIAG_MAC_SEC,
	DIAG_INITIATED,
	DIAG_TRANSIT,
	DIAG_NEXT_HOP,
	DIAG_IPV6_GATEWAY,
	DIAG_SERVICE_SUBNET,
	DIAG_PUBLIC_SPACE,
	DIAG_MSEE_SPACE,
	DIAG_AZURE_NAME,
	DIAG_RESERVED_ASN,
	DIAG_BANDWIDTH,
	DIAG_UNCONNECTED,
	DIAG_SKU,
	DIAG_SCALE,
	DIAG_DEFAULT_OUTBOUND,
	DIAG_BASIC_SKU,
	DIAG_PROBE_TWICE,
	DIAG_ASG_USE,
	DIAG_GATEWAY_NSG,
	DIAG_ONE_SIDED,
	DIAG_VPN_PATH,
	DIAG_ROUTE_SERVER_VPN,
	DIAG_LONG_ASN,
	DIAG_IGNORE,
	DIAG_HOP_NOBODY,
	DIAG_HOP_LOOP,
	DIAG_GATEWAY_BYPASS,
	DIAG_ASYMMETRIC,
	DIAG_NO_WAY_BACK,
	DIAG_INGRESS_APPLIANCE,
	DIAG_INGRESS_TUNNELLED,
	DIAG_PRIVATE_INTERNET,
	DIAG_ROUTE_SERVER_PATH,
	DIAG_PROPAGATION_OFF,
	DIAG_NVA_FORWARDING,
	DIAG_NVA_NAT,
	DIAG_FORWARDED_TRAFFIC,
	DIAG_NO_ACCESS,
	DIAG_GATEWAY_UNUSED,
	DIAG_JOINED_OVERLAP,
	DIAG_SITE_OVERLAP,
	DIAG_UNUSED,
	DIAG_ONE_LINK,
	DIAG_TAGS_DIFFER,
	DIAG_MAC_SEC_DIFFERS,
	DIAG_TUNNEL_DIFFERS,
	DIAG_TUNNEL_UNANSWERED,
	DIAG_SECOND_TUNNEL,
	DIAG_BGP_UNANSWERED,
	DIAG_ROUTE_SERVER_INSTANCE,
	DIAG_NETWORK_STATEMENT,
	DIAG_SHARED_KEY,
	DIAG_SAME_ASN,
	DIAG_BRANCH_TO_BRANCH,
	DIAG_OPEN_LOGIN,
	DIAG_OPEN_RISK,
	DIAG_OPEN_SOON,
	DIAG_PUBLIC_WITHOUT_NSG,
	DIAG_NO_NSG,
	DIAG_TWO_NSGS,
	DIAG_DEFAULT_ROUTE_TAG,
	DIAG_ALLOW_ALL,
	DIAG_SHADOWED,
	DIAG_ADMIN_DENIES,
	DIAG_SOURCE_PORT,
	DIAG_PUBLIC_SIDE,
	DIAG_ELSEWHERE,
	DIAG_TAG_DIRECTION,
	DIAG_LITERAL_GROUP,
	DIAG_TUNNEL_PATH,
	DIAG_EXPECTED_FLOW,
	DIAG_COUNT,
};

#define DIAG_FIRST_LINT DIAG_IGNORE

struct diag_rule {
	const char *name; /* as printed, in brackets */
	enum severity severity;
	const char *words;   /* the rule, in a sentence or two */
	const char *example; /* a line of a file that breaks it */
};

/* One row for each enum diag_id, in its order. */
extern const struct diag_rule diag_table[DIAG_COUNT];

extern const char *const severity_names[];

/* The rule of that name; NULL when there is none. Letter case does not count. */
const struct diag_rule *diag_find_rule(const char *name);
/*
 * Where a rule comes from: the ids in brackets in its words, "LINT-28, R3.10"; "" when it is one of
 * our own.
 */
struct rule_source {
	char text[100];
};
struct rule_source diag_rule_source(const struct diag_rule *rule);

struct diag {
	enum diag_id id;
	struct src_pos pos;
	struct src_pos also; /* the other place, when two values disagree; else its line is 0 */
	const char *text;
	const char *hint; /* NULL when there is none */
};

#define DIAG_MAX 100 /* findings kept: errors first, then by place; the others are only counted */

/* A comment of the file that says which finding of a line is meant to be so, and why. */
struct ignore {
	struct src_pos pos; /* of the comment */
	unsigned line;      /* whose findings; those of one list are in this order */
	const char *name;   /* of the rule, as written; "" when it names none */
	enum diag_id id;    /* DIAG_COUNT: there is no such rule */
	bool has_reason;    /* else it ignores nothing */
	bool is_used;
};

struct ignores {
	const char *file; /* the one they stand in */
	struct ignore *items;
	size_t count;
};

/* Zeroed is empty. Owns the text of its findings. */
struct diags {
	struct arena *arena;
	struct diag *items;
	size_t count;                   /* of those kept */
	size_t errors, warnings, infos; /* of all */
	struct ignores *ignores;        /* no findings but errors; NULL, or borrowed */
};

void diags_fini(struct diags *diags);
void diags_cleanup(struct diags *diags);             /* for CLEANUP() */
size_t diags_error_count(const struct diags *diags); /* all of them, also those not kept */
size_t diags_count(const struct diags *diags);       /* likewise, of whatever severity */

/* Of those kept, in their order; NULL when nothing is refused. */
const struct diag *diags_first_error(const struct diags *diags);
/*
 * The first error in a line, with its hint, and its place when that is in `file`: -EINVAL; 0 when
 * there is none.
 */
int diags_fail(const struct diags *diags, const char *file, struct err *err);

/*
 * Record a finding, unless a comment of the file ignores it; returns it so that a hint or another
 * place can be put on it, until the next one is recorded. Never NULL, also when it is ignored or
 * one too many to be kept; diag_is_kept() saves the work of guessing what was meant.
 */
struct diag *diag_add(struct diags *diags, enum diag_id id, struct src_pos pos, const char *fmt,
		      ...) PRINTF(4, 5);
bool diag_is_kept(const struct diag *diag);
void diag_hint(struct diags *diags, struct diag *diag, const char *fmt, ...) PRINTF(3, 4);

/*
 * Add copies of findings, of whatever severity, with `where` in front of their words; those that
 * are there already, with or without such words in front, are left out.
 */
void diags_add_all(struct diags *diags, const struct diags *others, const char *where);

/* Take away what is no error and no warning. */
void diags_drop_infos(struct diags *diags);

/* Into file order; findings at one place stay in the order they were made. */
void diags_sort(struct diags *diags);

/*
 * Print each as "FILE:LINE:COLUMN: error: WORDS [rule]", the line itself with a caret below the
 * column, the hint, and the other place in the same way. `text` is the content of the file, for
 * the lines.
 */
void diags_print(const struct diags *diags, const char *text, size_t len, FILE *out);

/*
 * The candidate nearest to `word` by edit distance (letter case aside), or NULL when none is near
 * enough to be what was meant.
 */
const char *nearest_word(const char *word, const char *const *candidates, size_t count);
