/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What becomes of a lab's expectations, for a feed: the lab is asked to look at them, its verdicts
 * come one by one, and a while after the last it is asked again.
 */
#include "lab/snapshot/snapshot.h"
#include "netns/loop/loop.h"

#include <jansson.h>

#define FEED_TEST_ID "test" /* of the request */

struct feed_test;

/* `ask` sends the request. The caller owns the result. */
struct feed_test *feed_test_new(struct loop *loop, void (*ask)(void *arg), void *arg) NODISCARD;
void feed_test_free(struct feed_test *test); /* NULL is fine */

void feed_test_want(struct feed_test *test, bool is_wanted);
/* False when the message is not about expectations. */
bool feed_test_take(struct feed_test *test, const json_t *message);
/* Borrowed until the next message; NULL while nothing is known. */
const struct snapshot_test *feed_test_seen(const struct feed_test *test, const char **ret_refusal);
