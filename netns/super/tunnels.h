/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The IPsec tunnels of a lab: each end has a charon of its own, which is configured, watched and
 * asked by vici. The device of a tunnel is brought to its node when charon has made it, and is up
 * as long as there is an SA; so what routes by it hears at once when the tunnel is down.
 */
#include "lab/snapshot/snapshot.h"
#include "netns/super/engine_client.h"
#include "netns/super/journal.h"

struct tunnels;

struct tunnels_ops {
	/* A tunnel went up or down, or its daemon did. */
	void (*on_change)(void *arg);
	/* Packets were counted. */
	void (*on_count)(void *arg);
	/* A daemon hangs: it is to be ended, and with that started again. */
	void (*on_silence)(void *arg, const char *name, const char *program);
	/* Its daemon wrote a line into its log; may be NULL. */
	void (*on_line)(void *arg, const char *name, const char *line);
	/* What is to be made in a guest, as engine_client_apply for the host. */
	void (*apply_inside)(void *arg, const struct node *guest, struct plan *changes,
			     engine_applied_fn *fn, void *fn_arg);
};

/* The caller owns the result; the rest is borrowed. `unix_offset`: from the loop's time to Unix's.
 */
struct tunnels *tunnels_new(struct loop *loop, struct engine_client *engine,
			    struct journal *journal, double unix_offset,
			    const struct tunnels_ops *ops, void *arg) NODISCARD;
void tunnels_free(struct tunnels *tunnels); /* NULL is fine */

/* IPsec is the kernel's, or each daemon's own: known before the first daemon is started. */
void tunnels_use_xfrm(struct tunnels *tunnels, bool is_xfrm);

/*
 * From now on these ends are wanted, by their names; `topology` is borrowed until the next call.
 * Those that go are kept until tunnels_settle.
 */
void tunnels_want(struct tunnels *tunnels, const struct topology *topology);
/* What was wanted is made: daemons whose ends are configured otherwise now are told so. */
void tunnels_settle(struct tunnels *tunnels);

/* Is it the name of an end's daemon? */
bool tunnels_has(const struct tunnels *tunnels, const char *name);
/* A daemon runs; `output` becomes the tunnel's. `control` is the path of its socket. */
void tunnels_attach(struct tunnels *tunnels, const char *name, int output, const char *control);
/* It ended. */
void tunnels_detach(struct tunnels *tunnels, const char *name);
/* Of a daemon that ended; "" when it said nothing. */
const char *tunnels_last_words(struct tunnels *tunnels, const char *name);
/* Before a daemon is started again: what has to be out of its way. */
void tunnels_clear_way(const struct tunnels *tunnels, const char *name, struct plan *changes);

/* Each once, whether one or both of its ends are in the lab; up are those whose ends all are. */
size_t tunnels_count(const struct tunnels *tunnels, size_t *ret_up);
/* Is all up that is expected to come up and to stay? */
bool tunnels_are_settled(const struct tunnels *tunnels);

/* For each tunnel that is not as it should be, a sentence. */
typedef void tunnels_problem_fn(void *arg, const char *text);
void tunnels_tell_problems(const struct tunnels *tunnels, tunnels_problem_fn *fn, void *arg);

/* Those of a node or gateway, or all with ""; returns how many. Borrowed until a change, or of
 * `arena`. */
size_t tunnels_fill(const struct tunnels *tunnels, const char *node, struct snapshot_tunnels *out,
		    struct arena *arena);
