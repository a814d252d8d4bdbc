/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The process that runs a lab's guests. It is told of one after the other by its supervisor;
 * libvirt and its threads are here and nowhere else. When it dies the guests go on, and the next
 * one finds them.
 */
#include "netns/guest/domain.h"

/* Below it a directory for each guest, with the sockets of its serial ports. */
#define GUESTS_DIRECTORY "/run/hublab/guests"

enum guests_verb {
	GUESTS_START,
	GUESTS_STOP,
	GUESTS_RESET,
	GUESTS_FORGET, /* stop it, and what it wrote is lost */
	GUESTS_LINKS   /* carriers of its ports */
};

struct guests_request {
	enum guests_verb verb;
	struct guest_domain guest;
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
	char text[240];
};

/* On the given control socket, until the supervisor ends it. */
int guests_main(const char *lab, int fd);

/*
 * Can this host run guests? What is missing, and the package that has it, is in `err`. Looks at
 * files alone.
 */
int guests_check(struct err *err);
/* Of all guests together, beside what QEMU itself takes; -ENOMEM. */
int guests_check_memory(unsigned count, unsigned long long memory_mb, struct err *err);
