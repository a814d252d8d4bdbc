/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * A device of MACsec (IEEE 802.1AE) between two ports and nobody else: one channel each way, one
 * association in it, whose key both have from the lab file. Nobody negotiates one (MKA).
 */
#include "lab/model/topology.h"
#include "lab/plan/plan.h"
#include "netns/kernel/rtnl_batch.h"

struct mac_sec {
	const char *keys; /* "KEY KEY-ID", hexadecimal; borrowed */
	enum mac_sec_cipher cipher;
	bool sends_sci;
	unsigned place; /* of this port among the two: 0 or 1 */
	uint8_t peer_mac[MAC_SIZE];
};

#define MAC_SEC_KEYS_TO_TRY                                                                        \
	"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff "                        \
	"000102030405060708090a0b0c0d0e0f"

/* The device, on another of that number; rtnl_batch_end is still to come. */
void mac_sec_put_link(struct rtnl_batch *batch, const struct mac_sec *mac_sec,
		      const struct link_end *end, uint32_t lower);
/* Its channels, in the namespace that the caller is in. */
int mac_sec_add_channels(const struct mac_sec *mac_sec, uint32_t ifindex, struct err *err);
