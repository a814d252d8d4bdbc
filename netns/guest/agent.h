/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The supervisor's side of the agent in a guest's image (netns/guest/agent/), by a virtio-serial
 * port. It is there once it has said hello after boot; a guest that boots anew, or whose agent is
 * started anew, is found again by itself. What a guest says is not trusted: what are no frames, or
 * more than was asked for, ends the connection, and it is tried again.
 *
 * All on the loop's thread. It may not be freed in a callback of its own. Callbacks come later,
 * never from within the call that asks for them.
 */
#include "netns/guest/frame.h"

struct agent;

/* It came, or it is lost, or why it is not there is another: agent_is_there, agent_why_not. */
typedef void agent_change_fn(void *arg);

/*
 * `path` is the port's socket, which QEMU has; the path is copied. The caller owns the agent, which
 * is not there at first. Free it when the guest's QEMU ended.
 */
struct agent *agent_new(struct loop *loop, const char *path, agent_change_fn *change, void *arg)
	NODISCARD;
/* What is under way ends as when the agent is lost, but `change` is not called. NULL is fine. */
void agent_free(struct agent *agent);

/* The guest begins to boot, or is about to: its agent is lost until it says hello. NULL is fine. */
void agent_boots(struct agent *agent);

bool agent_is_there(const struct agent *agent); /* NULL is not */
/* In words for users, to stand behind "its agent"; "" while it is there. NULL is fine. */
const char *agent_why_not(const struct agent *agent);

/*
 * The stream ended, and not by the one who has *ret_fd: `why` is "" when the socket in the guest
 * was closed, else it could not be opened, or the agent is lost. Once. What came before is in the
 * descriptor, with the end of the stream behind it.
 */
typedef void agent_stream_end_fn(void *arg, const char *why);
/*
 * A stream to a UNIX socket in the guest. *ret_fd, which does not block, is the caller's at once:
 * it is as if connected, and what is written waits. When that fails in the guest it is at its end,
 * and `end` (or NULL) is told why. Closing it, or one direction by shutdown(), closes the other
 * one. -ENOTCONN when the agent is not there, -EAGAIN when too much is under way.
 */
int agent_stream(struct agent *agent, const char *path, agent_stream_end_fn *end, void *arg,
		 int *ret_fd, struct err *err);

/* The same with a descriptor that is a socket's already, and does not block: it is the agent's. */
int agent_join(struct agent *agent, const char *path, int fd, agent_stream_end_fn *end, void *arg,
	       struct err *err);

/*
 * The program ended, and nobody has its output any more: its exit code (127: there is no such
 * program), 128 and the signal that ended it, or a negative errno when the agent is lost. `output`
 * has its two outputs as they came, or why; a NUL is behind it. What is longer than
 * AGENT_OUTPUT_MAX was cut.
 */
#define AGENT_OUTPUT_MAX (256u * 1024)
typedef void agent_run_fn(void *arg, int code, const char *output, size_t len);
/*
 * Run a program in the guest, found by PATH there; `words` end with NULL and are copied, as is what
 * it reads. One that goes on in the background must leave its outputs alone.
 */
int agent_run(struct agent *agent, const char *const *words, const void *input, size_t input_len,
	      agent_run_fn *done, void *arg, struct err *err);

/* It ended, and all it said is in the descriptor: the codes are those of agent_run. */
typedef void agent_spawn_fn(void *arg, int code);
/*
 * Run a program that goes on. *ret_output, which does not block, is the caller's and has its
 * standard output, as it comes: while nobody reads it the program waits. `words` end with NULL.
 */
int agent_spawn(struct agent *agent, const char *const *words, agent_spawn_fn *end, void *arg,
		int *ret_output, struct err *err);

/*
 * The same for somebody who sits in front of it: ret_fds, by lane, are the caller's ends of its
 * three. All do not block. Closing the first ends what it reads; its outputs are as those of
 * agent_spawn.
 */
int agent_exec(struct agent *agent, const char *const *words, agent_spawn_fn *end, void *arg,
	       int ret_fds[FRAME_LANES], struct err *err);
/* To each program with this `arg` that was spawned; 1 to FRAME_SIGNAL_MAX. NULL is fine. */
void agent_signal(struct agent *agent, const void *arg, int signal);

/* No callback with this `arg` comes any more; programs are killed, streams closed. */
void agent_forget(struct agent *agent, const void *arg);
