/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Whether what is seen of a lab is what its file expects (design.md section 7). Pure: who looks,
 * when, and for how long is another's business; what was not seen is never a pass.
 */
#include "lab/azure/walk.h"

enum outcome {
	OUTCOME_UNKNOWN, /* nothing was seen that tells */
	OUTCOME_PASS,
	OUTCOME_FAIL,
};

struct judgement {
	enum outcome outcome;
	char seen[320]; /* what was seen, or why nothing was */
};

/* What crossed the lab's cables lately, as far as it is about one flow: see expect_wire.h. */
struct wire_sight {
	const char *why_not;    /* something may have gone by unseen; NULL: nothing did */
	const char *clear_on;   /* a cable where the flow's packets were in clear; NULL: none */
	const char *esp_on;     /* one where there was ESP, whosever; NULL: none */
	const char *mac_sec_on; /* likewise, one with frames of MACsec */
};

/* Packets of one flow. */
struct flow_sight {
	unsigned sent, answered; /* of those whose time is over */
	bool is_reply;           /* the latest one had one */
	unsigned ttl;            /* of the latest reply to Icmp */
	double rtt_ms;           /* of the fastest reply */
	const char *why;         /* there is no reply */
	struct wire_sight wire;  /* where it is expected to be encrypted, or not to be */
};

/* What is seen of the speakers: as struct learned, and which of their sessions are up. */
struct bgp_sight {
	struct learned learned;
	const struct speaker_sight {
		bool is_running;   /* its daemon, else nothing is known of it */
		const bool *is_up; /* by session, in the speaker's order */
	} * speakers;
};

#define LOSS_PACKETS 20 /* so many make a share of packets lost */

/* Is it met by something that is not there? Such a one must hold, not only have held once. */
bool expectation_is_negative(const struct expectation *expectation);

/* The fabric is that of what is really learned: it says why a flow fails. */
void expect_flow(const struct expectation *expectation, const struct flow_sight *sight,
		 const struct fabric *fabric, struct judgement *ret_judgement);
void expect_route(const struct expectation *expectation, const struct fabric *fabric,
		  struct judgement *ret_judgement);
void expect_session(const struct expectation *expectation, const struct bgp_sight *sight,
		    struct judgement *ret_judgement);

/* In words: "az-spk1-lxvm -> branch-vm1 Icmp works, ttl 60". */
void expectation_print(const struct expectation *expectation, char *text, size_t size);
const char *outcome_name(enum outcome outcome);
