/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Azure's edge to the Internet as nftables rules of the fabric: public addresses become private
 * ones on the way in, and the other way round on the way out (NSG-11, OUT-01 to OUT-08).
 */
#include "lab/model/topology.h"

#include <stdio.h>

/*
 * The chain in which a packet gets its conntrack zone; c_prerouting jumps to it when it knows the
 * port. "ct zone set iifname map @m_zone" says all that there is in a lab without hosts.
 */
#define NFT_ZONE_CHAIN "c_zone"

/* Behind all NSGs: what leaves for the Internet, and what does not. */
#define NFT_EDGE_CHAIN "c_edge"

/* Does the lab have hosts of the Internet? Else nothing is to be printed. */
bool nft_internet_is_used(const struct topology *topology);
/* Sets, maps and chains, for the table "ip hublab". */
void nft_internet_print(const struct topology *topology, FILE *out);
