/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The firewall and the NAT that an NVA's owner wrote into its guest. */
#include "lab/model/topology.h"

#include <stdio.h>

#define GUEST_NFT "ip hublab_guest"

bool nft_guest_is_needed(const struct node *node);
/* What stands between the braces of its table. */
void nft_guest_print(const struct node *node, FILE *out);
