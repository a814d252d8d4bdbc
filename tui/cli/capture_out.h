/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Where captured packets go: a file, of which nothing but whole blocks is ever kept, or a pipe,
 * whose reader may be slow or leave. Also the signals by which people end a capture.
 */
#include "lab/base/err.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_out {
	int fd;
	bool is_owned;
	bool is_file;   /* a regular one: it can be cut */
	uint64_t whole; /* bytes of it that are whole blocks */
};

/* Made anew, or emptied; "-" is standard output. */
int capture_out_open(const char *path, struct capture_out *ret_out, struct err *err);
/* An error when what was written is lost now, as on a full disk. */
int capture_out_close(struct capture_out *out);

/*
 * All of it, or a negative errno: -EPIPE when the reader left, -EINTR when he does not read and a
 * signal told to end. Of blocks (of pcapng) a file keeps those that are whole.
 */
int capture_out_write(struct capture_out *out, const uint8_t *bytes, size_t len, bool is_blocks);

/* From now on SIGINT, SIGTERM and SIGHUP wait for capture_poll, and others do not end us. */
void capture_catch_signals(void);
/* As poll(), without a limit when `timeout_ns` is negative; ends early by a signal. */
int capture_poll(struct pollfd *polled, size_t count, int64_t timeout_ns);
bool capture_is_ended(void); /* by a signal */
