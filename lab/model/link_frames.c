/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/link_frames.h"

#include "lab/base/arena.h"

#include <strings.h>

static bool has_two_tags(const struct circuit *circuit)
{
	return circuit->port && circuit->port->encapsulation.value == ENCAPSULATION_QINQ;
}

struct link_frames link_frames_of_azure(const struct provider_link *link)
{
	const struct circuit *circuit = link->circuit;
	struct link_frames frames = { 0 };
	const struct port_link *port;

	if (!circuit)
		return frames;
	port = circuit->port ? circuit->port->link[link->path.value] : NULL;
	if (port && port->mac_sec_config.object.pos.line)
		frames.mac_sec = &port->mac_sec_config;
	if (has_two_tags(circuit))
		frames.s_tag = (unsigned)circuit->stag.value;
	frames.c_tag = (unsigned)circuit->vlan_id.value;
	return frames;
}

struct link_frames link_frames_of_provider(const struct provider_link *link)
{
	struct link_frames frames = link_frames_of_azure(link);

	if (link->mac_sec_config.object.pos.line)
		frames.mac_sec = &link->mac_sec_config;
	if (link->stag.pos.line)
		frames.s_tag = (unsigned)link->stag.value;
	if (link->vlan_id.pos.line)
		frames.c_tag = (unsigned)link->vlan_id.value;
	return frames;
}

static bool are_equal(const struct text *a, const struct text *b)
{
	return a->value && b->value && !strcasecmp(a->value, b->value);
}

/* sci_state may differ: a receiver knows the channel of the one other port either way. */
bool link_mac_sec_fits(const struct provider_link *link)
{
	const struct mac_sec_config *a = link_frames_of_azure(link).mac_sec;
	const struct mac_sec_config *b = link_frames_of_provider(link).mac_sec;

	if (!a || !b)
		return a == b;
	return a == b || (a->cipher.value == b->cipher.value &&
			  are_equal(&a->ckn_secret_identifier, &b->ckn_secret_identifier) &&
			  are_equal(&a->cak_secret_identifier, &b->cak_secret_identifier));
}

bool link_tags_fit(const struct provider_link *link)
{
	struct link_frames a = link_frames_of_azure(link), b = link_frames_of_provider(link);

	return a.s_tag == b.s_tag && a.c_tag == b.c_tag;
}

bool link_frames_fit(const struct provider_link *link)
{
	return link_tags_fit(link) && link_mac_sec_fits(link);
}

bool link_frames_are_any(const struct link_frames *frames)
{
	return frames->mac_sec || frames->s_tag || frames->c_tag;
}

bool link_is_framed(const struct provider_link *link)
{
	const struct link_frames azure = link_frames_of_azure(link);
	const struct link_frames provider = link_frames_of_provider(link);

	return link_frames_are_any(&azure) || link_frames_are_any(&provider);
}

const char *mac_sec_cipher_words(enum mac_sec_cipher cipher)
{
	switch (cipher) {
	case MAC_SEC_GCM_AES_128:
		return "GCM-AES-128";
	case MAC_SEC_GCM_AES_256:
		return "GCM-AES-256";
	case MAC_SEC_GCM_AES_XPN_128:
		return "GCM-AES-XPN-128";
	case MAC_SEC_GCM_AES_XPN_256:
		return "GCM-AES-XPN-256";
	}
	return "";
}

unsigned mac_sec_key_bytes(enum mac_sec_cipher cipher)
{
	return cipher == MAC_SEC_GCM_AES_128 || cipher == MAC_SEC_GCM_AES_XPN_128 ? 16 : 32;
}

const char *link_frames_print(struct link_frames frames, struct arena *arena)
{
	const char *tags = "untagged";

	if (frames.s_tag)
		tags = arena_printf(arena, "QinQ %u.%u", frames.s_tag, frames.c_tag);
	else if (frames.c_tag)
		tags = arena_printf(arena, "802.1Q %u", frames.c_tag);
	if (!frames.mac_sec)
		return tags;
	return arena_printf(
		arena, "%s, MACsec %s", tags,
		mac_sec_cipher_words((enum mac_sec_cipher)frames.mac_sec->cipher.value));
}
