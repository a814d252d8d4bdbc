/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets from the rings of several interfaces, written in the order in which they passed, until
 * somebody or something ends it.
 */
#include "lab/render/pcapng.h"
#include "lab/snapshot/snapshot_capture.h"
#include "netns/kernel/packet_ring.h"
#include "tui/cli/capture_out.h"
#include "tui/cli/cli.h"

struct capture_source {
	const struct snapshot_place *place;
	struct packet_ring ring;
	bool is_down, is_gone; /* the interface: for now, or it is no more */
	bool was_down;         /* ever: nothing passed there meanwhile */
};

struct capture {
	struct capture_source *sources;
	size_t count;
	struct capture_out out;
	bool is_text;
	enum output output; /* of text */
	int lab;            /* readable when the lab is gone */
	uint64_t limit;     /* of packets; 0: none */
	uint64_t for_ns;    /* 0: without end */
	uint32_t snaplen;
	const char *comment; /* of the file; or NULL */
	/* as it goes on */
	struct pcapng file; /* what is not written yet */
	uint64_t start_ns;  /* Unix time */
	uint64_t captured;
};

/*
 * All of it, with the head of the file and, at its end, statistics. Returns 0 when it ended as it
 * was to, else an error that says what ended it; all that is written is whole then, too.
 */
int capture_run(struct capture *capture, struct err *err);
/* Of all sources, since it began; brought up to date by capture_run. */
uint64_t capture_dropped(const struct capture *capture);
