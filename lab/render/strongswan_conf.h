/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a tunnel end's charon is configured by: its file, and what it is told by vici. */
#include "lab/model/topology.h"
#include "lab/render/vici_message.h"

#include <stdio.h>

/* As the daemon sees them, in a /run of its own. */
#define STRONGSWAN_CONF         "strongswan.conf"
#define STRONGSWAN_BACKEND_CONF "backend.conf" /* included by it */
#define STRONGSWAN_VICI_SOCKET  "charon.vici"  /* compiled into it, as is charon.pid */

/* Has one of its ends a kernel of its own? Then it has more time to answer. */
bool tunnel_has_guest(const struct tunnel_end *end);
/* The same on every machine. `wan` is the interface of outer packets. */
void strongswan_conf_print(const struct tunnel_end *end, const char *wan, enum timers timers,
			   FILE *out);
/* Which plugins it loads, by whether the kernel does IPsec. */
const char *strongswan_backend_conf(bool is_xfrm);

/* What the connection and its CHILD_SA are called. */
#define STRONGSWAN_CONNECTION "tunnel"
#define STRONGSWAN_CHILD      "inside"

/* vici's load-shared and load-conn for this end. */
void strongswan_put_secret(const struct tunnel_end *end, struct vici_writer *out);
void strongswan_put_connection(const struct tunnel_end *end, enum timers timers, bool is_xfrm,
			       struct vici_writer *out);
/* vici's initiate; its answer does not wait until the tunnel is up. */
void strongswan_put_initiation(struct vici_writer *out);

/* What an end proposes and accepts, in strongSwan's words: "aes256-sha256-modp1024". */
#define STRONGSWAN_PROPOSAL_SIZE 160
void strongswan_ike_proposal(const struct ipsec_policy *policy, /* NULL: Azure's own */
			     char text[STRONGSWAN_PROPOSAL_SIZE]);
void strongswan_esp_proposal(const struct ipsec_policy *policy,
			     char text[STRONGSWAN_PROPOSAL_SIZE]);
