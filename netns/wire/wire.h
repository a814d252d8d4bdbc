/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Cables where the kernel has no netem: a process that carries frames between pairs of TAP
 * devices, with delay, loss and rate, in order, and carries link state from end to end as a cable
 * does. It holds nothing but descriptors and timers; the supervisor holds copies, so that a wire
 * that dies can be replaced without its devices going away.
 */
#include <stdbool.h>
#include <stdint.h>

enum wire_message_type {
	WIRE_ADD, /* with four descriptors: device and link monitor of each end */
	WIRE_SET, /* delay, loss, rate and carrier of a cable that is there */
	WIRE_REMOVE,
};

struct wire_message {
	enum wire_message_type type;
	uint32_t id; /* the supervisor's, one a cable */
	uint32_t ifindex[2];
	uint32_t delay_us, loss_ppm; /* each way */
	uint64_t rate_bps;           /* 0: no limit */
	bool is_cut;                 /* neither end has a carrier */
};

/* Serve messages on `fd` until the other side is gone. Returns the exit code. */
int wire_main(int fd);
