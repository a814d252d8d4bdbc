/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A running BIRD as the controller sees it. Its log wakes us; then only what changed is read over
 * a control socket that stays open. Both are read whenever they have something, so that neither
 * side ever waits for the other.
 */
#include "lab/azure/rib.h"
#include "netns/loop/loop.h"

struct bird;

struct bird_session {
	const struct bgp_end *end;
	bool is_up;
	uint64_t changed_ns; /* when it last went up or down; 0 when it never was up */
	uint64_t messages_sent, messages_received;
};

struct bird_ops {
	void (*on_rib)(void *arg, struct bird *bird);
	void (*on_session)(void *arg, struct bird *bird, const struct bird_session *session,
			   const char *why);
	void (*on_log)(void *arg, struct bird *bird, const char *text, bool is_problem);
};

/*
 * `output` is the daemon's log and becomes the bird's; `control` is the path of its socket, used
 * from when the daemon says that it has started. What the daemon knows is kept in `rib`, which is
 * the caller's. The caller owns the bird.
 */
struct bird *bird_new(struct loop *loop, const struct bgp_speaker *speaker, struct as_paths *paths,
		      struct rib *rib, int output, const char *control, const struct bird_ops *ops,
		      void *arg) NODISCARD;
void bird_free(struct bird *bird); /* NULL is fine */

/*
 * The lab changed, the daemon did not: from now on it is this speaker, which has its name, of
 * another graph; sessions of the same name go on. What it knows is read into `rib`.
 */
void bird_move(struct bird *bird, const struct bgp_speaker *speaker, struct as_paths *paths,
	       struct rib *rib, void *arg);
/* Its configuration was written anew: it is to read it. */
void bird_configure(struct bird *bird);
/* What it said when it refused its configuration; "" when it did not. */
const char *bird_refusal(const struct bird *bird);

const struct bgp_speaker *bird_speaker(const struct bird *bird);
/* In the order of the speaker's sessions. */
const struct bird_session *bird_sessions(const struct bird *bird);
bool bird_is_settled(const struct bird *bird); /* nothing is being read or waits to be read */
/* The last line of its log that mattered, of one that ended: what is still to be read is read. */
const char *bird_last_words(struct bird *bird);
