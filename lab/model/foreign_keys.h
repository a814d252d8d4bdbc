/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What Terraform's azurerm, Bicep, ARM templates and az call the keys of lab files, and what they
 * have that labs have not: so that a key copied from there is answered with ours. Internal to
 * lab/model.
 */
#include <stdbool.h>
#include <stddef.h>

struct foreign_key {
	const char *noun;     /* of the schema it may stand in; NULL: any */
	const char *spelling; /* in snake_case; others that are the same word match too */
	const char *key;      /* ours; NULL when there is none */
	const char *words;    /* where there is none: why, and what to do */
};

/* Those of what joins Azure to others, gateways, circuits and routers, are a table of their own;
   both end with a NULL spelling. */
extern const struct foreign_key foreign_keys[], foreign_keys_hybrid[];

#define NOT_YET "labs do not have these yet"

/* NULL when it is no such key. One of ours that is only written otherwise is not in the table. */
const struct foreign_key *foreign_key_find(const char *noun, const char *spelling);

/* The same word in another style: addressPrefixes, address-prefixes, --address-prefixes. */
bool is_same_word(const char *a, const char *b);
