/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * One packet for each of many pairs of machines, and what became of it: which one is next, which
 * are on their way, whose time is over. One that is lost though an answer was predicted is sent
 * again, when nothing else is on its way. Holds numbers alone; times are the caller's.
 */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pair_state {
	PAIR_WAITING, /* to be sent, or sent again */
	PAIR_SENT,
	PAIR_LEFT_OUT, /* nobody asks about it */
	PAIR_ANSWERED,
	PAIR_SILENT,
	PAIR_UNOBSERVED, /* nothing was sent, so nothing is known */
};

struct pair {
	union {
		float rtt_ms;  /* PAIR_ANSWERED */
		int32_t error; /* PAIR_SILENT, PAIR_UNOBSERVED: why nothing was sent; 0: it was */
	};
	uint8_t state; /* enum pair_state */
	uint8_t tries;
	bool is_answer_predicted, is_by_flow; /* struct prediction's, when it was sent */
};

struct pairs;

/* At most `window` are on their way. The caller owns them. All are PAIR_WAITING. */
struct pairs *pairs_new(size_t count, size_t window, unsigned tries) NODISCARD;
void pairs_free(struct pairs *pairs); /* NULL is fine */
void pairs_leave_out(struct pairs *pairs, size_t index);

/* The one to be sent next; it stays that until its fate is told. False when there is none now. */
bool pairs_next(struct pairs *pairs, size_t *ret_index);
/* It left, and is waited for until then. A deadline before an earlier one's is as that. */
void pairs_sent(struct pairs *pairs, size_t index, uint64_t deadline_ns);
/* An answer to any try, at any time: late ones and those that come twice count once. */
void pairs_answered(struct pairs *pairs, size_t index, float rtt_ms);
/* There is no answer to what was sent. */
void pairs_lost(struct pairs *pairs, size_t index);
/* Nothing was sent, by reason of a positive errno; `is_silent`: and that is the answer. */
void pairs_not_sent(struct pairs *pairs, size_t index, int error, bool is_silent);
/* Those whose time is over are lost. When the next one's is; 0: none is on its way. */
uint64_t pairs_expire(struct pairs *pairs, uint64_t now_ns);

/* How many are asked about, and of how many of them it is known what became. */
size_t pairs_asked(const struct pairs *pairs);
size_t pairs_decided(const struct pairs *pairs);
/* How often all of them were gone through: 1 while nothing was sent again. */
unsigned pairs_round(const struct pairs *pairs);
/* Borrowed. What is predicted of one is the caller's to set, before it is told to be sent. */
struct pair *pairs_get(struct pairs *pairs, size_t index);
