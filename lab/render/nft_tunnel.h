/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a machine with IPsec tunnels does to packets by them. */
#include "lab/model/topology.h"

#include <stdio.h>

#define TUNNEL_NFT "ip hublab_tunnel"
#define TUNNEL_MSS 1350 /* R5.16 */

/* What stands between the braces of its table. `keeps_ttl`: the machine is no hop (R9.6). */
void nft_tunnel_print(const struct lab *lab, const struct node *node, bool keeps_ttl, FILE *out);
