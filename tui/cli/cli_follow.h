/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Waiting for a lab that is built or changed, and saying how it went. */
#include "tui/cli/cli.h"

/*
 * How long a lab may be silent while it looks at expectations, in seconds: the longest 'within',
 * and what it needs besides.
 */
#define CLI_TEST_SILENT_S 660

double cli_now_s(void); /* of a clock that only goes forward */

/*
 * The answer to what was asked; each progress before it goes to `show`. The caller owns the
 * reference. NULL with `err` when none comes.
 */
json_t *cli_await(struct client *client, void (*show)(void *arg, const json_t *progress), void *arg,
		  struct err *err) NODISCARD;

/*
 * Read progress until the answer to what was asked comes; print it, and return the exit code.
 * `path` names the lab file in complaints, `start_s` is when the command began.
 */
int cli_follow(const struct cli *cli, struct client *client, const char *path, double start_s);

/* The state of a lab that runs. `took_s` is 0 when it was up before. */
int cli_report(const struct cli *cli, const struct snapshot_lab *lab, double took_s);

/* Connect to the lab that is meant, send the request, and follow what becomes of it. */
int cli_change(const struct cli *cli, json_t *request);
/* Likewise, with what the command line says: PATH VALUE... */
int cli_set(const struct cli *cli);

/* The topic "file" of the lab that is meant. NULL after having said what is wrong. */
struct client *cli_read_source(const struct cli *cli, struct snapshot_file *file,
			       struct arena *arena, int *ret_code);

/* How many changes "N" or "all" means; -1 after having said what is wrong. */
int64_t cli_undo_count(const struct cli *cli, const char *count, const struct snapshot_file *file);
/* The step of a name or number, "next" or "prev"; 0 after having said what is wrong. */
int64_t cli_find_step(const struct cli *cli, const struct snapshot_file *file, const char *name,
		      int *ret_code);
