/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What charon writes on standard error, line by line: that it has started, and why a tunnel is
 * down. */
#include <stdbool.h>

enum charon_log_kind {
	CHARON_LOG_OTHER,
	CHARON_LOG_READY,   /* its plugins are there, with them its device */
	CHARON_LOG_TUNNEL,  /* why the tunnel does not come up, or went down */
	CHARON_LOG_PROBLEM, /* of charon itself */
};

struct charon_log {
	enum charon_log_kind kind;
	const char *words; /* CHARON_LOG_TUNNEL: plain ones */
	const char *text;  /* the line without its thread and group; of the line */
};

struct charon_log charon_log_read(const char *line);
