/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What stands around packets on a circuit's link: tags and MACsec, as each side has them. */
#include "lab/model/lab.h"

#define TAG_MAX 4094 /* of 802.1Q */

/* What one side of a circuit's link puts around packets, from the outside in. */
struct link_frames {
	const struct mac_sec_config *mac_sec; /* NULL: nothing is encrypted */
	unsigned s_tag, c_tag;                /* 0: there is none */
};
bool link_frames_are_any(const struct link_frames *frames); /* does it put anything there? */
struct link_frames link_frames_of_azure(const struct provider_link *link);
struct link_frames link_frames_of_provider(const struct provider_link *link);
/* Both sides understand each other. Else no packet passes, and none in clear either (ENC-02). */
bool link_frames_fit(const struct provider_link *link);
bool link_tags_fit(const struct provider_link *link);
bool link_mac_sec_fits(const struct provider_link *link);
bool link_is_framed(const struct provider_link *link); /* by any of its sides */
/*
 * "QinQ 100.10, MACsec GCM-AES-256", as one side has it; "untagged" when nothing is there. In the
 * arena.
 */
const char *link_frames_print(struct link_frames frames, struct arena *arena);
const char *mac_sec_cipher_words(enum mac_sec_cipher cipher); /* as networking says: GCM-AES-256 */
unsigned mac_sec_key_bytes(enum mac_sec_cipher cipher);
