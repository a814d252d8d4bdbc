/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to drift: its state, for the files that are parts of it. */
#include "netns/super/drift.h"
#include "netns/super/drift_set.h"

#define SAMPLES   16 /* packets that are asked for in each full comparison */
#define WITNESSES 4  /* of those, that are told when they differ */
#define TEXT_SIZE 700

/* A plan that was not taken in yet, or not all of it. */
struct wanted_next {
	struct wanted_next *prev, *next;
	struct plan *plan;
	bool is_whole; /* else changes of what is wanted */
	uint32_t step;
};

/* A packet that the kernel would send elsewhere than the tables say. */
struct witness {
	struct fib_packet packet;
	char text[TEXT_SIZE];
};

struct drift {
	struct loop *loop;
	struct journal *journal;
	struct engine_client *engine; /* opens the sockets; NULL before */
	void (*changed)(void *arg);
	void *arg;
	uint64_t period_ns;
	const struct topology *topology; /* of what is wanted; NULL before */
	struct drift_set set;
	struct wanted_next *next;
	int fds[3]; /* by what the engine calls them, in the order of `socket_types` */
	struct loop_fd *watches[3];
	char blind[240]; /* why nothing can be looked at; "" as long as it can */
	struct loop_timer *work, *period;
	unsigned applying, applying_nft; /* changes of our own that are under way */
	bool has_news;                   /* of others, since the kernel was waited for */
	bool has_ignored;                /* news, while changes of our own were made */
	bool is_all_due;
	bool is_busy;        /* with a comparison of everything, or soon */
	uint64_t changed_ns; /* the first change of our own since then */
	struct drift_table *due;
	/* the question under way */
	struct drift_table *current; /* whose routes are told */
	bool is_sampling;            /* a packet's route is */
	bool is_disturbed;           /* what comes is not to be trusted */
	uint32_t seq;
	/* witnesses */
	struct fib_packet samples[SAMPLES];
	size_t sample, sample_count;
	struct witness witnesses[WITNESSES];
	size_t witness_count;
	uint64_t random;
	/* nftables */
	uint32_t generation; /* 0: not known yet */
	uint32_t tracer;     /* whose table to trace with was made, until its generation comes */
	char nft[TEXT_SIZE]; /* what others did; "" when nothing */
	uint32_t foreign_since;
};

enum {
	SOCKET_ASK,
	SOCKET_EVENTS,
	SOCKET_NFT
};

/* Words. drift_words.c */
const struct interface *drift_find_port(const struct drift *d, uint32_t ifindex);
const char *drift_port_name(const void *drift, uint32_t ifindex); /* a fib_name_fn */
void drift_table_print(const struct drift *d, uint32_t id, char *text, size_t size);
void drift_item_print(const struct drift *d, uint32_t table, const struct drift_item *item,
		      char *text, size_t size);
void drift_began(struct drift *d, const char *text);
void drift_ended(struct drift *d, const char *text);

/* Which packets are asked for next, and what the kernel says of the one at hand. drift_witness.c */
void drift_choose_samples(struct drift *d);
void drift_hear_witness(struct drift *d, const struct fib_route *has, int error);

/* drift_events.c */
loop_fd_fn drift_on_fib_event, drift_on_nft_event;
/* What nftables said until now. */
void drift_read_generations(struct drift *d);

/* A table that someone touched comes before those whose turn it is. drift.c */
void drift_make_due(struct drift *d, struct drift_table *table, bool is_urgent);
void drift_all_due(struct drift *d);
void drift_hurry(struct drift *d); /* look at what is due */
bool drift_is_paused(const struct drift *d);
/* False when there is nothing (more) to be read. */
bool drift_read_packet(struct drift *d, int fd,
		       void (*handle)(struct drift *d, const struct nlmsghdr *h));
