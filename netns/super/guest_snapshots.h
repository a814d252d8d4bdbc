/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What of a guest was saved: a list, and the files on the lab's /run, which end with it. They are
 * made and read by who runs the guests.
 */
#include "netns/guest/guests.h"

struct guest_snapshot {
	struct guest_snapshot *prev, *next; /* the oldest first */
	char name[GUEST_SNAPSHOT_SIZE];
	struct guest_domain domain; /* what it was then */
	double taken_at;            /* Unix time */
	uint64_t size_bytes;
};

/* Borrowed; NULL when there is none of that name. */
const struct guest_snapshot *guest_snapshots_find(const struct guest_snapshot *list,
						  const char *name);
/* Without a name (NULL) the latest. -ENOENT */
const struct guest_snapshot *guest_snapshots_choose(const struct guest_snapshot *list,
						    const char *guest, const char *name,
						    struct err *err);
/* Could there be one of that name (NULL: the first number that is free)? -EEXIST, -EINVAL */
int guest_snapshots_name(const struct guest_snapshot *list, const char *guest, const char *name,
			 char ret_name[GUEST_SNAPSHOT_SIZE], struct err *err);
/* Its file is there. */
const struct guest_snapshot *guest_snapshots_add(struct guest_snapshot **list, const char *name,
						 const struct guest_domain *domain);
/* With its file. */
void guest_snapshots_remove(struct guest_snapshot **list, const struct guest_snapshot *snapshot);
void guest_snapshots_clear(struct guest_snapshot **list);
