/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A set or map of nftables with its elements. After so many it is said again under the same head,
 * so that none is too long for one transaction (STEP_NFT takes several under one head as one).
 */
#include "lab/base/macros.h"

#include <stdbool.h>
#include <stdio.h>

struct nft_list {
	FILE *out;
	char head[160];
	bool has_lines; /* one for each element */
	size_t count;
};

/* "set s_name" or "map m_name", and what stands before its elements: "typeof iifname". */
struct nft_list nft_list_begin(FILE *out, const char *name, const char *type, bool has_lines);
/* Another element comes, which the caller prints; or print it. */
void nft_list_next(struct nft_list *list);
void nft_list_add(struct nft_list *list, const char *fmt, ...) PRINTF(2, 3);
void nft_list_end(const struct nft_list *list);
