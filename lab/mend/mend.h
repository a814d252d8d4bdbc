/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What would mend a flow that does not work. From where it stops, and from what in the lab file
 * does not fit together, changes are proposed, the likeliest cause first; each is tried on the
 * model alone, and the first with which the flow is answered names the cause.
 */
#include "lab/plan/wanted.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot.h"

struct mend {
	const char *at;    /* path of what is at fault, in the lab file */
	const char *other; /* path of what it does not agree with; NULL: of nothing */
	const char *words; /* what is wrong there */
	LIST_OF(struct change_text) changes; /* as `hublab set` takes them, in their order */
};

struct mends {
	struct mend *items;
	size_t count;
};

/*
 * All that is worth trying for a flow which `followed`, with its traces, says is not answered; none
 * was tried. What it says lives in the arena, and borrows from the lab.
 */
struct mends mends_propose(const struct wanted *wanted, const struct path_question *question,
			   const struct followed *followed, struct arena *arena);

/* A state of a lab file, and what is asked of it: words as path_question_read takes them. */
struct mend_case {
	const struct snapshot_file *file;
	const char *from, *to, *protocol;
	const struct wanted *wanted; /* of that state */
	struct as_paths *paths;      /* of `wanted` */
};

/* Is the flow answered, whatever its ports, in the lab with these changes? False when it is none.
 */
bool mend_works(const struct mend_case *mend_case, const struct mend *mend);
