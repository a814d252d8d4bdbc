/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What links have carried, as the kernel counts it. By the file that it has of them in each
 * namespace: a question by netlink waits for a lock that all of the machine shares, 45 ms while
 * another lab was made; for this nothing waits.
 */
#include "lab/base/err.h"

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_stats {
	char name[IFNAMSIZ];
	uint64_t bytes_in, packets_in, bytes_out, packets_out; /* since it was made */
};

/* Of the namespace that the caller is in, whichever reads it. The descriptor is the caller's. */
int link_stats_open(int *ret_fd, struct err *err);

/* A line of the file. False: it is of no link. */
bool link_stats_parse(const char *line, struct link_stats *ret_stats);

#define LINK_STATS_LINE 512 /* longer ones there are not */

/* Zeroed, but for the descriptor, which is borrowed. */
struct link_stats_reader {
	int fd;
	size_t held; /* of the line whose end was not read yet */
	char line[LINK_STATS_LINE];
};

typedef void link_stats_fn(void *arg, const struct link_stats *stats);
/* The next hundred or so. False: those were the last, and the next are the first again. */
bool link_stats_read(struct link_stats_reader *reader, link_stats_fn *fn, void *arg);
