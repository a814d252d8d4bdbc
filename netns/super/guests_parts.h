/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Within the supervisor's side of guests: guests_client.c, and guests_saving.c for snapshots. */
#include "netns/guest/guests.h"
#include "netns/super/guests_client.h"

struct guest {
	struct guest *next;
	struct guests_client *client;
	struct guest_domain domain;
	char state[480];
	bool is_wrong;   /* it should run, and does not */
	bool is_late;    /* it does, and is wrong because it does not answer */
	bool is_stopped; /* by a user */
	bool is_up;
	bool is_wanted;
	uint64_t started_ns;
	struct loop_stream *said; /* its second serial port; NULL while it does not run */
	struct agent *agent;      /* likewise */
	/* of an image of the user's, which says nothing there */
	struct ip address, router;
	uint32_t boot_timeout_ms;
	struct guest_watch *watch; /* while it boots */
	struct loop_timer *patience;
	struct guest_snapshot *snapshots;
	guest_done_fn *done; /* who waits for a snapshot under way; else NULL */
	void *done_arg;
};

/* The next is sent when the one before it was answered: nobody waits for who is busy. */
struct waiting {
	struct waiting *prev, *next;
	struct guests_request request;
};

struct guests_client {
	struct loop *loop;
	struct engine_client *engine;
	struct waiting *queue; /* the first one is under way when is_sent */
	bool is_sent;
	const char *lab;
	struct journal *journal;
	guests_change_fn *on_change;
	void *arg;
	pid_t pid;
	int fd;
	bool has_answered; /* since it was started */
	struct loop_fd *watch;
	struct guest *guests;
};

struct guest *guests_find(const struct guests_client *client, const char *name);
/* "up", or other words and more of them. */
void guests_set_state(struct guest *guest, bool is_wrong, const char *words, const char *more);
double guests_seconds_since_start(const struct guest *guest);
/* That, with what its agent lacks. */
void guests_note_up(struct guest *guest);
/* To what the image says of how far it is, and to its end. */
void guests_listen_to(struct guest *guest);
void guests_stop_listening(struct guest *guest);
/* The same but for what it sees of its ports? */
bool guests_are_alike(const struct guest_domain *a, const struct guest_domain *b);
/* The process, when it does not run yet. */
int guests_run(struct guests_client *client, struct err *err);
void guests_ask_about(struct guests_client *client, const struct guest *guest,
		      enum guests_verb verb, const char *snapshot);

/* guests_saving.c: one that no snapshot is being taken of, and that is not being restored. */
struct guest *guests_find_idle(const struct guests_client *client, const char *name,
			       struct err *err);
/* A report that may be about a snapshot of that guest; NULL: it is gone by now. */
void guests_hear_of_snapshot(struct guests_client *client, struct guest *guest,
			     const struct guests_report *report);
/* Tell who waits for a snapshot, if anybody does. */
void guests_finish(struct guest *guest, const struct guest_snapshot *snapshot,
		   const struct err *err);
