/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The supervisor's side of the lab's guests: which are wanted, and how far each is. The process
 * that runs them is started with the first one; one that dies is replaced, and told of all.
 */
#include "lab/plan/plan.h"
#include "netns/guest/agent.h"
#include "netns/loop/loop.h"
#include "netns/super/engine_client.h"
#include "netns/super/guest_snapshots.h"
#include "netns/super/journal.h"

#include <sys/types.h>

struct guests_client;

/* `on_change`: the state of a guest is another. */
typedef void guests_change_fn(void *arg);
/* The caller owns the client. */
struct guests_client *guests_client_new(struct loop *loop, struct engine_client *engine,
					const char *lab, struct journal *journal,
					guests_change_fn *on_change, void *arg) NODISCARD;
void guests_client_free(struct guests_client *client); /* NULL is fine */

/* Are there any, or were there until now? */
bool guests_client_is_used(const struct guests_client *client);
/* A plan of wanted state, whose ports are there: its guests run, and no others. */
void guests_client_want(struct guests_client *client, const struct plan *plan);
/* Changes that are about to be made: guests that go, or are made anew, stop now. */
void guests_client_let_go(struct guests_client *client, const struct plan *changes);

enum guest_action {
	GUEST_STOP,
	GUEST_START,
	GUEST_REBOOT
};
/* As a user asks: one that was stopped stays so, whatever is wanted, until it is started. */
int guests_client_act(struct guests_client *client, const char *guest, enum guest_action action,
		      struct err *err);

/* What can be asked inside it: borrowed until the loop is next; NULL when the guest does not run.
 */
struct agent *guests_client_agent(const struct guests_client *client, const char *guest);
/* The same for who wants to run something in it: NULL with the way out. guests_enter.c */
struct agent *guests_client_enter(const struct guests_client *client, const char *guest,
				  struct err *err);
bool guests_client_is_up(const struct guests_client *client, const char *guest); /* it has booted */
/* It has, and its agent is there. */
bool guests_client_is_ready(const struct guests_client *client, const char *guest);
/*
 * What was asked for is done: that snapshot was taken, or the guest goes on from it; else NULL, and
 * why not.
 */
typedef void guest_done_fn(void *arg, const struct guest_snapshot *snapshot, const struct err *err);
/*
 * Take one of a guest that is up, which then goes on; go on from one that was taken, whatever the
 * guest does now. `done` comes later, once, when 0 is returned. Without a name (NULL) the first
 * number that is free, and the latest one. -EBUSY while either is under way.
 */
int guests_client_save(struct guests_client *client, const char *guest, const char *snapshot,
		       guest_done_fn *done, void *arg, struct err *err);
int guests_client_restore(struct guests_client *client, const char *guest, const char *snapshot,
			  guest_done_fn *done, void *arg, struct err *err);
int guests_client_forget(struct guests_client *client, const char *guest, const char *snapshot,
			 struct err *err);
/* Borrowed until the next event: a list, NULL when there are none. */
const struct guest_snapshot *guests_client_snapshots(const struct guests_client *client,
						     const char *guest);
/* Is the guest still what it was then, so that it can go on from there? */
bool guests_client_fits(const struct guests_client *client, const char *guest,
			const struct guest_snapshot *snapshot);

/* "up", how far it is on the way there, or what is wrong; NULL when there is no such guest. */
const char *guests_client_state(const struct guests_client *client, const char *guest);
/* It does not run, by itself or because it was stopped. */
bool guests_client_is_wrong(const struct guests_client *client, const char *guest);
/* How much longer those on their way up are waited for; 0 when there are none. */
uint64_t guests_client_patience_ns(const struct guests_client *client);
/* A child was reaped: true when it was theirs. */
bool guests_client_reaped(struct guests_client *client, pid_t pid);
