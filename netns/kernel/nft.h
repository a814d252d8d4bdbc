/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

/*
 * Keep a descriptor with a low number for the library, which can wait on no other (it uses
 * select): to be called while there are few, by a process that will have thousands.
 */
void nft_reserve_descriptor(void);

/*
 * One table of the namespace the caller is in, each time in one transaction, or in several when it
 * is a large one. `table` is a family and a name: "ip hublab"; `text` is what stands between its
 * braces, each set, map and chain indented by one tab. Replacing costs some 15 ms more than adding:
 * the kernel waits until no packet uses what was there.
 */
int nft_add_table(const char *table, const char *text, struct err *err);
int nft_replace_table(const char *table, const char *text, struct err *err);
int nft_delete_table(const char *table, struct err *err);
