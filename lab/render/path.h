/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The ways of a flow for people on 80 columns: who decides what, and how it ends. */
#include "lab/mend/mend.h"
#include "lab/snapshot/snapshot.h"
#include "lab/snapshot/snapshot_path.h"

#include <stdio.h>

/* What was found out about mending it. */
struct path_mend {
	bool is_dry;              /* no lab runs: nothing was sent */
	bool is_searched;         /* else nothing is said of it */
	bool is_in_file;          /* by the lab file alone it does not work, either */
	const struct mend *found; /* NULL: none mends it */
	unsigned tried;           /* changes, on the model */
};

/* What stands beside what is predicted; NULL: that is missing. */
struct path_seen {
	const struct snapshot_probe *probe; /* of the lab's own, with this very flow */
	const struct snapshot_evidence *evidence;
};

void path_print(const struct snapshot_path *path, const struct path_seen *seen,
		const struct path_mend *mend, FILE *out);
json_t *path_json(const struct snapshot_path *path, const struct path_seen *seen,
		  const struct path_mend *mend) NODISCARD;

/* What path_json wrote, as who asked another process reads it. */
struct path_answer {
	struct snapshot_path path;
	struct path_seen seen;
	struct path_mend mend;
};
/* All of it lives in the arena; -EPROTO when that is no answer. */
int path_read_json(const json_t *json, struct path_answer *ret_answer, struct arena *arena,
		   struct err *err);
/* Do they say the same of the same places? Then what is seen at one's is at the other's. */
bool path_has_same_ways(const struct snapshot_path *a, const struct snapshot_path *b);

/* What follows from what is known, as a sentence. */
const char *path_sentence(const struct snapshot_path *path, struct arena *arena);
/* Likewise what was seen, and what the kernels say: of which places they have something else. */
const char *path_observed(const struct snapshot_path *path, const struct path_seen *seen,
			  struct arena *arena);
const char *path_kernels(const struct snapshot_path *path, const struct snapshot_evidence *evidence,
			 struct arena *arena);
/* Likewise what nftables does; "" when nothing of it is known. */
const char *path_filters(const struct snapshot_path *path, const struct snapshot_evidence *evidence,
			 struct arena *arena);
/* What nftables did at one place, or NULL; and beside what was said of it: "" where it has no rule
 * and did nothing. */
const struct snapshot_filter_answer *path_find_filter(const struct path_seen *seen, const char *way,
						      size_t at);
const char *path_filter_words(const struct snapshot_filter_answer *answer, struct arena *arena);
/* That there are more than those that are shown; "" otherwise. */
const char *path_ways(const struct snapshot_path *path, struct arena *arena);
/* Likewise the cause; NULL when it was not looked for. */
const char *path_cause(const struct path_mend *mend, struct arena *arena);
/* "PATH VALUE PATH VALUE", as `hublab set` takes them. */
const char *path_mend_words(const struct mend *mend, struct arena *arena);

/* Both ways side by side, on 80 columns and 24 lines at most. */
void path_print_picture(const struct snapshot_path *path, bool is_ascii, FILE *out);
/* A line for each decision: there or back, machine, kind, words, what was beaten, place, seen. */
void path_print_tsv(const struct snapshot_path *path, const struct path_seen *seen, FILE *out);

/* The probe that asks the same; NULL when none does, or has not seen anything yet. */
const struct snapshot_probe *path_find_probe(const struct snapshot_path *path,
					     const struct snapshot_probes *probes);
/* Has every kernel the route that was said? */
bool path_kernels_agree(const struct snapshot_evidence *evidence);
/* Do all flows get an answer, so did whatever was sent, and does no kernel say otherwise? */
bool path_is_good(const struct snapshot_path *path, const struct path_seen *seen);
