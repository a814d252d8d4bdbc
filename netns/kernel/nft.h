/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Tables of nftables, and what of them changes, in as few transactions as can be. */
#include "lab/plan/plan.h"

/*
 * Keep a descriptor with a low number for the library, which can wait on no other (it uses
 * select): to be called while there are few, by a process that will have thousands.
 */
void nft_reserve_descriptor(void);

/* `text`, as nft writes it, into a table that may not be there yet. */
int nft_add(const char *table, const char *text, struct err *err);

/*
 * Carry out steps of STEP_NFT and STEP_ELEMENT, all of the namespace the caller is in, by their
 * verbs: what a part of a table held is replaced, what goes may still be named by what changes with
 * it. But for elements that go, it may have been carried out before. It is one transaction, and
 * what the kernel refuses leaves all as it was; without the host's own CAP_NET_ADMIN, several when
 * it is much, of which each leaves parts whole that are not too long themselves. On failure
 * *ret_failed is the step that was refused.
 *
 * A table is made with nothing in it but what comes here when its own step adds it, which fails
 * when there is one, or changes it, which costs some 20 ms more: the kernel waits until no packet
 * uses what was there.
 */
int nft_apply(const struct plan *plan, const uint32_t *steps, size_t count, uint32_t *ret_failed,
	      struct err *err);
