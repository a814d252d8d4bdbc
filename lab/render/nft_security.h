/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What filters in the fabric, as nftables has it: for each combination of NSGs that ports share a
 * chain that finds out to which computed tags the addresses belong there, then goes through the
 * rules. Each rule says in the log that it decided (hit.h), and returns or drops.
 */
#include "lab/model/topology.h"

#include <stdio.h>

/* Does anything filter at a port that has addresses of the family? Else nothing is printed. */
bool nft_security_is_used(const struct topology *topology, enum ip_family family);

/*
 * Sets, chains, and the maps by which c_forward gets there: m_out by the port where a packet comes
 * in, m_in by the one where it goes out.
 */
void nft_security_print(const struct topology *topology, enum ip_family family, FILE *out);

/* "log prefix ... drop": what the platform drops, and says so. */
void nft_security_print_drop(enum rule_direction direction, int platform_drop, FILE *out);
