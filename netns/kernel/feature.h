/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What this host can do, found by trying, each in namespaces that are thrown away: never by
 * version numbers, nor by whether a file is there.
 */
#include <stdbool.h>
#include <stddef.h>

struct feature {
	const char *name;   /* as tests skip by it */
	const char *words;  /* what it is for */
	const char *remedy; /* the way out when it is missing */
	bool is_needed;     /* no lab runs without it */
	bool (*try)(void);  /* in a child process, in new namespaces; true when it works */
};

/* All of them; the first ones are what the others need. */
extern const struct feature features[];
extern const size_t feature_count;

/* Try one, in a child of this process. */
bool feature_works(const struct feature *feature);
