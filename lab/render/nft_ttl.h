/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* For those that forward and are no hop: nft cannot compute, so there is a chain for each TTL. */
#include <stdio.h>

/*
 * Chains that raise the TTL by one, which the kernel takes away again, and the map @m_ttl that
 * leads there; `field` is "ip ttl" or "ip6 hoplimit". What has 255 is marked with MARK_TTL_255
 * instead, to be put back behind the routing.
 */
void nft_ttl_print(const char *field, FILE *out);
