/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ports of ExpressRoute Direct, what circuits take of them, and what links put around packets. */
#include "lab/model/lab_check_parts.h"
#include "lab/model/link_frames.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define FIRST_S_TAG   100 /* of those that stand in for Azure's */
#define CKN_DIGITS    64
#define MBPS_PER_GBPS 1000

static const char *const port_link_names[PATH_COUNT] = { "link1", "link2" };

/* ---- MACsec ---- */

static bool is_hexadecimal(const char *text)
{
	for (; *text; text++)
		if (!isxdigit((unsigned char)*text))
			return false;
	return true;
}

/* In the place of a key, where others see the file (redact.h). */
static bool is_redacted(const char *text)
{
	return !strncmp(text, "REDACTED-", strlen("REDACTED-"));
}

/* ENC-02. A key is never part of what is said. */
static void check_mac_sec(struct check *c, const char *owner, const struct mac_sec_config *config)
{
	const struct text *cak = &config->cak_secret_identifier;
	const struct text *ckn = &config->ckn_secret_identifier;
	enum mac_sec_cipher cipher = (enum mac_sec_cipher)config->cipher.value;
	size_t digits = 2 * (size_t)mac_sec_key_bytes(cipher);

	if (!cak->value || !ckn->value)
		diag_add(c->diags, DIAG_MISSING_KEY, config->object.pos,
			 "%s: '%s_secret_identifier' of its MACsec is missing", owner,
			 cak->value ? "ckn" : "cak");
	if (cak->value && !config->cipher.is_refused && !is_redacted(cak->value) &&
	    (strlen(cak->value) != digits || !is_hexadecimal(cak->value)))
		diag_add(c->diags, DIAG_MAC_SEC, cak->pos,
			 "%s: with %s 'cak_secret_identifier' is %zu hexadecimal digits", owner,
			 mac_sec_cipher_words(cipher), digits);
	if (ckn->value && (!*ckn->value || strlen(ckn->value) % 2 ||
			   strlen(ckn->value) > CKN_DIGITS || !is_hexadecimal(ckn->value)))
		diag_add(c->diags, DIAG_MAC_SEC, ckn->pos,
			 "%s: 'ckn_secret_identifier' is an even number of hexadecimal digits, up "
			 "to %d",
			 owner, CKN_DIGITS);
}

/* ---- ports ---- */

static void check_port(struct check *c, struct express_route_port *port)
{
	double gbps = port->bandwidth_in_gbps.value;

	if (port->bandwidth_in_gbps.pos.line && !port->bandwidth_in_gbps.is_refused && gbps != 10 &&
	    gbps != 100)
		diag_add(c->diags, DIAG_ER_PORT, port->bandwidth_in_gbps.pos,
			 "ExpressRoute port '%s': there are pairs of 10 and of 100 Gbps, none of "
			 "%.0f",
			 port->object.name, gbps);
	for (size_t i = 0; i < port->links.count; i++) {
		const struct port_link *link = &port->links.items[i];
		const char *owner = arena_printf(c->lab->arena, "ExpressRoute port '%s', '%s'",
						 port->object.name, link->object.name);
		int path = 0;

		while (path < PATH_COUNT && strcasecmp(link->object.name, port_link_names[path]))
			path++;
		if (path == PATH_COUNT) {
			diag_add(c->diags, DIAG_ER_PORT, link->object.pos,
				 "ExpressRoute port '%s' has 'link1' and 'link2', and no '%.80s'",
				 port->object.name, link->object.name);
			continue;
		}
		port->link[path] = link;
		if (link->mac_sec_config.object.pos.line)
			check_mac_sec(c, owner, &link->mac_sec_config);
	}
}

/* ---- circuits on them ---- */

static struct express_route_port *find_port(struct check *c, const struct ref *ref)
{
	struct express_route_port *port = lab_name_find(c->lab, NAME_ER_PORT, ref->name);

	if (!port) {
		NAME_LIST(names, c->lab->express_route_ports);
		unknown_name(c, ref, "ExpressRoute port", &names);
	}
	return port;
}

/* What goes with ports alone. */
static void check_provider_circuit(struct check *c, const struct circuit *circuit)
{
	const struct {
		const struct number *value;
		const char *key;
	} keys[] = { { &circuit->stag, "stag" },
		     { &circuit->bandwidth_in_gbps, "bandwidth_in_gbps" } };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].value->pos.line)
			diag_add(c->diags, DIAG_ER_PORT, keys[i].value->pos,
				 "circuit '%s' is a provider's: '%s' is of circuits with an "
				 "'express_route_port'",
				 circuit->object.name, keys[i].key);
}

static bool is_sold(double port_gbps, double gbps)
{
	static const double of_10[] = { 1, 2, 5, 10 }, of_100[] = { 5, 10, 40, 100 };
	const double *sold = port_gbps == 10 ? of_10 : of_100;

	for (size_t i = 0; i < ARRAY_SIZE(of_10); i++)
		if (sold[i] == gbps)
			return true;
	return false;
}

static void check_bandwidth(struct check *c, struct circuit *circuit)
{
	const struct number *gbps = &circuit->bandwidth_in_gbps;
	double port_gbps = circuit->port->bandwidth_in_gbps.value;

	if (circuit->bandwidth_in_mbps.pos.line)
		diag_add(c->diags, DIAG_ER_PORT, circuit->bandwidth_in_mbps.pos,
			 "circuit '%s' is on port '%s': its key is 'bandwidth_in_gbps'",
			 circuit->object.name, circuit->port->object.name);
	if (!gbps->pos.line)
		diag_add(c->diags, DIAG_MISSING_KEY, circuit->object.pos,
			 "circuit '%s' is on a port: 'bandwidth_in_gbps' is missing",
			 circuit->object.name);
	else if (!gbps->is_refused && (port_gbps == 10 || port_gbps == 100) &&
		 !is_sold(port_gbps, gbps->value))
		diag_add(c->diags, DIAG_ER_PORT, gbps->pos,
			 "circuit '%s': on a pair of %.0f Gbps circuits have %s Gbps, not %.0f",
			 circuit->object.name, port_gbps,
			 port_gbps == 10 ? "1, 2, 5 or 10" : "5, 10, 40 or 100", gbps->value);
	circuit->bandwidth_in_mbps.value = gbps->value * MBPS_PER_GBPS;
}

/* ENC-03: Azure gives the outer tag; with one tag the peering's tells circuits apart. */
static void check_tags(struct check *c, struct circuit *circuit)
{
	bool has_two = circuit->port->encapsulation.value == ENCAPSULATION_QINQ;

	if (!circuit->vlan_id.pos.line)
		diag_add(c->diags, DIAG_MISSING_KEY, circuit->object.pos,
			 "circuit '%s' is on a port: 'vlan_id' is missing", circuit->object.name);
	if (!has_two && circuit->stag.pos.line)
		diag_add(c->diags, DIAG_ER_PORT, circuit->stag.pos,
			 "circuit '%s': port '%s' is Dot1Q, where frames have no outer tag",
			 circuit->object.name, circuit->port->object.name);
	if (has_two && !circuit->stag.pos.line)
		circuit->stag.value = FIRST_S_TAG + circuit->index;
}

static void check_on_port(struct check *c, struct circuit *circuit)
{
	circuit->port = find_port(c, &circuit->express_route_port);
	if (!circuit->port)
		return;
	check_bandwidth(c, circuit);
	check_tags(c, circuit);
}

static const struct number *tag_of(const struct circuit *circuit)
{
	return circuit->port->encapsulation.value == ENCAPSULATION_QINQ ? &circuit->stag
									: &circuit->vlan_id;
}

/* By which tag frames of a circuit are told from another's on the same ports. */
static void check_tag_taken(struct check *c, const struct circuit *circuit)
{
	const struct lab *lab = c->lab;
	const struct number *tag = tag_of(circuit);
	struct diag *diag;

	for (unsigned i = 0; i < circuit->index && tag->value; i++) {
		const struct circuit *other = &lab->express_route_circuits.items[i];

		if (other->port != circuit->port || tag_of(other)->value != tag->value)
			continue;
		diag = diag_add(
			c->diags, DIAG_LINK_TAG, tag->pos.line ? tag->pos : circuit->object.pos,
			"circuit '%s': tag %.0f is that of '%s' on port '%s'", circuit->object.name,
			tag->value, other->object.name, circuit->port->object.name);
		diag->also = tag_of(other)->pos.line ? tag_of(other)->pos : other->object.pos;
		if (tag == &circuit->vlan_id)
			diag_hint(c->diags, diag,
				  "with encapsulation: QinQ a tag is inside its circuit's alone");
		return;
	}
}

/* ENC-04: both ports of a pair carry, so together as much as twice one. */
static void check_sum(struct check *c, const struct express_route_port *port)
{
	double sum = 0, limit = 2 * port->bandwidth_in_gbps.value;

	for (size_t i = 0; i < c->lab->express_route_circuits.count; i++) {
		const struct circuit *circuit = &c->lab->express_route_circuits.items[i];

		if (circuit->port != port)
			continue;
		sum += circuit->bandwidth_in_gbps.value;
		if (sum <= limit)
			continue;
		diag_add(c->diags, DIAG_ER_PORT, circuit->bandwidth_in_gbps.pos,
			 "circuit '%s': with it those on port '%s' have %.0f Gbps, the limit is "
			 "%.0f",
			 circuit->object.name, port->object.name, sum, limit)
			->also = port->bandwidth_in_gbps.pos;
		return;
	}
}

void check_ports(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->express_route_ports.count; i++)
		check_port(c, &lab->express_route_ports.items[i]);
	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		struct circuit *circuit = &lab->express_route_circuits.items[i];

		if (circuit->express_route_port.name)
			check_on_port(c, circuit);
		else
			check_provider_circuit(c, circuit);
		if (circuit->port)
			check_tag_taken(c, circuit);
	}
	for (size_t i = 0; i < lab->express_route_ports.count; i++)
		check_sum(c, &lab->express_route_ports.items[i]);
}

/* ---- the provider's side ---- */

void check_link_frames(struct check *c, const struct provider_link *link)
{
	const struct mac_sec_config *mac_sec = &link->mac_sec_config;
	const char *owner =
		arena_printf(c->lab->arena, "a link of provider '%s'", link->provider->object.name);
	bool is_on_port = link->circuit && link->circuit->port;
	bool is_unknown = link->circuit_ref.name && !link->circuit; /* which is a finding already */

	if (link->branch && link->vlan_id.pos.line)
		diag_add(c->diags, DIAG_LINK, link->vlan_id.pos,
			 "%s: links to branches have no tags", owner);
	if (link->stag.pos.line && !is_unknown &&
	    !(is_on_port && link->circuit->port->encapsulation.value == ENCAPSULATION_QINQ))
		diag_add(c->diags, DIAG_LINK, link->stag.pos,
			 "%s: an outer tag is of circuits on ports with encapsulation: QinQ",
			 owner);
	if (!mac_sec->object.pos.line)
		return;
	if (!is_on_port && !is_unknown)
		diag_add(c->diags, DIAG_MAC_SEC, mac_sec->object.pos,
			 "%s: MACsec is of ports of ExpressRoute Direct, and '%s' is on none",
			 owner,
			 link->circuit  ? link->circuit->object.name
			 : link->branch ? link->branch->object.name
					: "it");
	check_mac_sec(c, owner, mac_sec);
}
