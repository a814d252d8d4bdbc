/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Whom packets cross, and where they are encrypted, by what is learned: a part of expect.h. What
 * is true of one of several equal ways only is not as expected.
 */
#include "lab/expect/expect.h"

/* The ways of an expectation's packets there, by what is learned, one after the other. */
struct ways {
	const struct fabric *fabric;
	struct packet packet;
	struct flow flow; /* the one that ways_next came to */
};
struct ways ways_of(const struct expectation *expectation, const struct fabric *fabric);
bool ways_next(struct ways *ways);

/* Is the way as the expectation says, if it says anything? Else `why` says what it is. */
bool expect_way(const struct expectation *expectation, const struct fabric *fabric, char *why,
		size_t size);
