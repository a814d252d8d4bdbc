/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The fabric's nftables tables: which port a packet came from, what it may claim, and its TTL. */
#include "lab/model/topology.h"

#include <stdio.h>

/*
 * What stands between the braces of "table ip hublab { }", and of "table ip6 hublab { }": first
 * what is the same in every lab.
 */
void nft_fabric_print_fixed(enum ip_family family, FILE *out);
void nft_fabric_print(const struct topology *topology, enum ip_family family, FILE *out);
