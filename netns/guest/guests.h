/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The process that runs a lab's guests. It is told of one after the other by its supervisor;
 * libvirt and its threads are here and nowhere else. When it dies the guests go on, and the next
 * one finds them.
 */
#include "lab/model/lab.h"
#include "netns/guest/domain.h"

#include <limits.h>

/* Below it a directory for each guest, with the sockets of its serial ports. */
#define GUESTS_DIRECTORY "/run/hublab/guests"

enum guests_verb {
	GUESTS_START,
	GUESTS_STOP,
	GUESTS_RESET,
	GUESTS_FORGET,  /* stop it, and what it wrote is lost */
	GUESTS_LINKS,   /* carriers of its ports */
	GUESTS_SAVE,    /* into a snapshot, and go on */
	GUESTS_RESTORE, /* go on from a snapshot */
};

#define GUEST_SNAPSHOT_SIZE 64 /* of its name */

struct guests_request {
	enum guests_verb verb;
	struct guest_domain guest;
	char snapshot[GUEST_SNAPSHOT_SIZE];
};

enum guests_news {
	GUESTS_READY,  /* no guest's: what runs them is in `text` */
	GUESTS_DONE,   /* what was asked for; `verb` */
	GUESTS_FAILED, /* likewise, and why not */
	GUESTS_ENDED   /* by itself, or because it was stopped */
};

struct guests_report {
	enum guests_news news;
	enum guests_verb verb;
	char guest[128];
	char text[400];
	bool is_running; /* of what failed: it runs all the same */
};

/* The file of a guest's snapshot. */
void guests_snapshot_path(const char *guest, const char *snapshot, char path[PATH_MAX]);

/* On the given control socket, until the supervisor ends it. */
int guests_main(const char *lab, int fd);

/*
 * Can this host run guests, and (needs_router) those that do more than to forward? What is missing,
 * and the package that has it, is in `err`. Looks at files alone.
 */
int guests_check(bool needs_router, struct err *err);
/* Of all guests together, beside what QEMU itself takes; -ENOMEM. */
int guests_check_memory(unsigned count, unsigned long long memory_mb, struct err *err);
/* Likewise for a snapshot of one, which is on the lab's /run. */
int guests_check_snapshot(unsigned long long memory_mb, struct err *err);
/*
 * By a process of the lab: can it run the guests that the lab has and `running` (NULL: nothing
 * does) has not? -EOPNOTSUPP, with the way out, before anything of the lab is changed.
 */
int guests_check_lab(const struct lab *lab, const struct lab *running, struct err *err);
