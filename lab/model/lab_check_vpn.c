/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VPN: sites as Azure knows them, and connections by IPsec to these and between gateways. */
#include "lab/model/lab_check_parts.h"

#include "lab/base/cleanup.h"
#include "lab/model/claims.h"
#include "lab/model/lab_schema_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define VPN_ROUTING_WEIGHT 10 /* R5.12 */

bool is_link_local(struct ip ip)
{
	static const char link_local[] = "169.254.0.0/16";
	struct prefix prefix;

	return prefix_parse(link_local, &prefix) && prefix_has_ip(prefix, ip);
}

/* ---- algorithms ---- */

static void check_algorithm(struct check *c, const char *owner, const struct field *field,
			    const struct text *given)
{
	const char *known[16], *near;
	struct diag *diag;
	size_t count = 0;

	for (; field->choices[count].name && count < ARRAY_SIZE(known); count++) {
		known[count] = field->choices[count].name;
		if (!strcasecmp(known[count], given->value))
			return;
	}
	diag = diag_add(c->diags, DIAG_IPSEC_POLICY, given->pos, "%s: '%s' takes no '%.80s'", owner,
			field->key, given->value);
	near = nearest_word(given->value, known, count);
	diag_hint(c->diags, diag, near ? "did you mean '%s'?" : "for example %s",
		  near ? near : known[0]);
}

static bool is_gcm(const struct text *text)
{
	return text->value && !strncasecmp(text->value, "GCM", 3);
}

void check_ipsec_policy(struct check *c, const char *noun, const char *name,
			const struct ipsec_policy *policy)
{
	const char *owner = arena_printf(c->lab->arena, "%s '%s'", noun, name);
	const struct text *encryption = &policy->ipsec_encryption;
	const struct text *integrity = &policy->ipsec_integrity;
	char lacks[160] = "";

	if (!policy->object.pos.line)
		return; /* Azure's own */
	for (size_t i = 0; i < ipsec_policy_schema.field_count; i++) {
		const struct field *field = &ipsec_policy_schema.fields[i];
		const struct text *text = (const void *)((const char *)policy + field->offset);
		size_t len = strlen(lacks);

		if (!field->choices)
			continue;
		if (text->value)
			check_algorithm(c, owner, field, text);
		else
			(void)snprintf(lacks + len, sizeof(lacks) - len, "%s%s", len ? ", " : "",
				       field->key);
	}
	if (*lacks)
		diag_add(c->diags, DIAG_IPSEC_POLICY, policy->object.pos,
			 "%s: 'ipsec_policy' lacks %s", owner, lacks);
	if (encryption->value && integrity->value && (is_gcm(encryption) || is_gcm(integrity)) &&
	    strcasecmp(encryption->value, integrity->value) != 0)
		diag_add(c->diags, DIAG_IPSEC_POLICY, integrity->pos,
			 "%s: with GCM 'ipsec_encryption' and 'ipsec_integrity' are the same, not "
			 "'%.40s' and '%.40s'",
			 owner, encryption->value, integrity->value)
			->also = encryption->pos;
}

/* ---- sites ---- */

static void check_site_prefixes(struct check *c, const struct local_network_gateway *site)
{
	CLEANUP(free_cleanup) struct claim *claims = claims_new(site->address_prefixes.count);

	for (size_t i = 0; i < site->address_prefixes.count; i++) {
		const struct space *space = &site->address_prefixes.items[i];
		const char *martian = martian_with(space->prefix);

		if (space->prefix.addr.family == IP_V6)
			diag_add(c->diags, DIAG_SITE, space->pos,
				 "local network gateway '%s': %s is IPv6, which gateways of labs "
				 "do not speak",
				 site->object.name, prefix_print(space->prefix).text);
		else if (space->prefix.addr.family == IP_V4 && (martian || !space->prefix.len))
			diag_add(c->diags, DIAG_SITE, space->pos,
				 "local network gateway '%s': %s cannot be a site's",
				 site->object.name, prefix_print(space->prefix).text);
		claims[i].space = space;
		claims[i].owner = space;
	}
	find_overlaps(claims, site->address_prefixes.count);
	for (size_t i = 0; i < site->address_prefixes.count; i++)
		if (claims[i].other)
			diag_add(c->diags, DIAG_SITE, claims[i].space->pos,
				 "local network gateway '%s': %s overlaps %s", site->object.name,
				 prefix_print(claims[i].space->prefix).text,
				 prefix_print(claims[i].other->space->prefix).text)
				->also = claims[i].other->space->pos;
}

/* R5.5 */
static void check_site(struct check *c, const struct local_network_gateway *site)
{
	const struct bgp_settings *bgp = &site->bgp_settings;
	const struct addresses *peers = &bgp->bgp_peering_address;
	bool has_asn = bgp->asn.pos.line;
	struct diag *diag;

	check_told_asn(c, "local network gateway", site->object.name, &bgp->asn);
	check_site_prefixes(c, site);
	if (site->gateway_ip_address.ip.family == IP_V6)
		diag_add(c->diags, DIAG_SITE, site->gateway_ip_address.pos,
			 "local network gateway '%s': 'gateway_ip_address' is an address of IPv4",
			 site->object.name);
	if (peers->count > 1 || (peers->count && peers->items[0].ip.family == IP_V6))
		diag_add(c->diags, DIAG_SITE, peers->items[peers->count > 1].pos,
			 "local network gateway '%s': 'bgp_peering_address' is one of IPv4",
			 site->object.name);
	if (has_asn != (peers->count > 0))
		diag_add(c->diags, DIAG_SITE, has_asn ? bgp->asn.pos : peers->items[0].pos,
			 "local network gateway '%s': 'asn' and 'bgp_peering_address' go together",
			 site->object.name);
	if (has_asn || peers->count || site->address_prefixes.count)
		return;
	diag = diag_add(c->diags, DIAG_SITE, site->object.pos,
			"local network gateway '%s' has no address prefixes and speaks no BGP: "
			"nothing leads there",
			site->object.name);
	diag_hint(c->diags, diag,
		  "give it address_prefixes, or bgp_settings: { asn: 65010, bgp_peering_address: "
		  "10.9.0.1 }");
}

void check_sites(struct check *c)
{
	for (size_t i = 0; i < c->lab->local_network_gateways.count; i++)
		check_site(c, &c->lab->local_network_gateways.items[i]);
}

/* ---- connections ---- */

static void refuse(struct check *c, const struct connection *connection, struct src_pos pos,
		   const char *words)
{
	diag_add(c->diags, DIAG_VPN_CONNECTION, pos, "connection '%s': %s", connection->object.name,
		 words);
}

void check_express_route_keys(struct check *c, const struct connection *connection)
{
	const struct {
		const char *key;
		struct src_pos pos;
	} keys[] = {
		{ "shared_key", connection->shared_key.pos },
		{ "enable_bgp", connection->enable_bgp.pos },
		{ "use_local_azure_ip_address", connection->use_local_azure_ip_address.pos },
		{ "ipsec_policy", connection->ipsec_policy.object.pos },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].pos.line)
			diag_add(c->diags, DIAG_VPN_CONNECTION, keys[i].pos,
				 "connection '%s' is of a circuit: only VPN connections have '%s'",
				 connection->object.name, keys[i].key);
}

/* R5.4: without one of its own a gateway cannot speak with a link-local address. */
static void check_apipa(struct check *c, const struct connection *connection)
{
	const struct gateway *gateway = connection->gateway;
	const struct addresses *peers =
		&connection->local_network_gateway->bgp_settings.bgp_peering_address;
	struct diag *diag;

	if (!connection->enable_bgp.value || !peers->count || !is_link_local(peers->items[0].ip) ||
	    gateway->bgp_settings.custom_bgp_ip_addresses.count)
		return;
	diag = diag_add(c->diags, DIAG_VPN_CONNECTION, connection->enable_bgp.pos,
			"connection '%s': '%s' speaks BGP by %s, and '%s' has no link-local "
			"address for that",
			connection->object.name, connection->local_network_gateway->object.name,
			ip_print(peers->items[0].ip).text, gateway->object.name);
	diag->also = gateway->object.pos;
	diag_hint(c->diags, diag,
		  "in its bgp_settings: custom_bgp_ip_addresses: [169.254.21.1, 169.254.21.2]");
}

static void check_bgp_of_site(struct check *c, const struct connection *connection)
{
	const struct local_network_gateway *site = connection->local_network_gateway;
	const struct number *asn = &site->bgp_settings.asn;
	const struct gateway *gateway = connection->gateway;

	if (connection->enable_bgp.value && !asn->pos.line)
		diag_add(c->diags, DIAG_VPN_CONNECTION, connection->enable_bgp.pos,
			 "connection '%s': enable_bgp, but '%s' has no 'asn' in its bgp_settings",
			 connection->object.name, site->object.name)
			->also = site->object.pos;
	if (!connection->enable_bgp.value && !site->address_prefixes.count)
		diag_add(c->diags, DIAG_VPN_CONNECTION, connection->object.pos,
			 "connection '%s': without enable_bgp nothing leads to '%s', which has no "
			 "address prefixes",
			 connection->object.name, site->object.name)
			->also = site->object.pos;
	if (connection->enable_bgp.value && asn->pos.line && (uint32_t)asn->value == gateway->asn)
		diag_add(c->diags, DIAG_VPN_CONNECTION, connection->enable_bgp.pos,
			 "connection '%s': '%s' and '%s' both have AS number %u (R5.3)",
			 connection->object.name, gateway->object.name, site->object.name,
			 gateway->asn)
			->also = asn->pos;
	check_apipa(c, connection);
}

/* R5.15 */
static void check_private_addresses(struct check *c, const struct connection *connection)
{
	const struct flag *flag = &connection->use_local_azure_ip_address;
	const struct gateway *gateways[] = { connection->gateway, connection->gateway2 };

	for (size_t i = 0; flag->value && i < ARRAY_SIZE(gateways); i++)
		if (gateways[i] && !gateways[i]->enable_private_ip_address.value)
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_VPN_CONNECTION, flag->pos,
					   "connection '%s': '%s' has no private addresses for "
					   "tunnels",
					   connection->object.name, gateways[i]->object.name),
				  "give it enable_private_ip_address: true");
}

/* A private address cannot be reached over the Internet, where the tunnel goes. */
static void warn_path(struct check *c, const struct connection *connection)
{
	const struct address *site = &connection->local_network_gateway->gateway_ip_address;
	const char *range = private_range_of(site->ip);

	if (connection->use_local_azure_ip_address.value || !range)
		return;
	diag_hint(c->diags,
		  diag_add(c->diags, DIAG_VPN_PATH, connection->object.pos,
			   "connection '%s' goes over the Internet, and %s of '%s' is in %s",
			   connection->object.name, ip_print(site->ip).text,
			   connection->local_network_gateway->object.name, range),
		  "over ExpressRoute it has use_local_azure_ip_address: true");
}

/* Another connection of the same gateway to the same other side; or NULL. */
static const struct connection *find_twin(struct check *c, struct connection *connection)
{
	const struct gateway *all = c->lab->virtual_network_gateways.items;
	const struct gateway *gateway = connection->gateway, *other = connection->gateway2;

	if (!gateway || (!other && !connection->local_network_gateway))
		return NULL;
	if (other)
		return note_address(
			c, arena_printf(c->lab->arena, "%td to %td", gateway - all, other - all),
			(struct ip){ 0 }, connection);
	return note_address(c, arena_printf(c->lab->arena, "to %td", gateway - all),
			    connection->local_network_gateway->gateway_ip_address.ip, connection);
}

static void check_site_connection(struct check *c, struct connection *connection)
{
	const struct ref *ref = &connection->local_network_gateway_ref;

	connection->local_network_gateway = lab_find_local_network_gateway(c->lab, ref->name);
	if (!connection->local_network_gateway) {
		NAME_LIST(names, c->lab->local_network_gateways);
		unknown_name(c, ref, "local network gateway", &names);
		return;
	}
	if (!connection->gateway || connection->gateway->gateway_type.value != GATEWAY_VPN)
		return;
	check_bgp_of_site(c, connection);
	warn_path(c, connection);
}

static void check_other_gateway(struct check *c, struct connection *connection)
{
	const struct ref *ref = &connection->gateway2_ref;
	const struct gateway *gateway = connection->gateway, *other;

	other = connection->gateway2 = lab_find_gateway(c->lab, ref->name);
	if (!other) {
		NAME_LIST(names, c->lab->virtual_network_gateways);
		unknown_name(c, ref, "virtual network gateway", &names);
		return;
	}
	if (other->gateway_type.value != GATEWAY_VPN && !other->gateway_type.is_refused)
		diag_add(c->diags, DIAG_CONNECTION, ref->pos,
			 "connection '%s': '%s' is an ExpressRoute gateway",
			 connection->object.name, other->object.name)
			->also = other->gateway_type.pos;
	if (other == gateway)
		refuse(c, connection, ref->pos, "it joins a gateway to itself");
	else if (gateway && connection->enable_bgp.value && other->asn == gateway->asn)
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_VPN_CONNECTION, connection->enable_bgp.pos,
				   "connection '%s': '%s' and '%s' both have AS number %u (R5.3)",
				   connection->object.name, gateway->object.name,
				   other->object.name, gateway->asn),
			  "one of them needs bgp_settings: { asn: 65010 }");
}

void check_vpn_connection(struct check *c, struct connection *connection)
{
	const struct connection *twin;

	if (!connection->routing_weight.pos.line)
		connection->routing_weight.value = VPN_ROUTING_WEIGHT;
	if (connection->type == CONNECTION_IPSEC)
		check_site_connection(c, connection);
	else
		check_other_gateway(c, connection);
	if (!connection->shared_key.value || !*connection->shared_key.value)
		refuse(c, connection, connection->object.pos,
		       "a VPN connection needs a 'shared_key'");
	if (connection->msee_ip_addresses.count)
		refuse(c, connection, connection->msee_ip_addresses.items[0].pos,
		       "only a circuit has MSEEs");
	check_private_addresses(c, connection);
	check_ipsec_policy(c, "connection", connection->object.name, &connection->ipsec_policy);
	twin = find_twin(c, connection);
	if (twin)
		diag_add(c->diags, DIAG_CONNECTION, connection->object.pos,
			 connection->gateway2
				 ? "connection '%s': '%s' joins the same two already"
				 : "connection '%s': '%s' leads to the same address already",
			 connection->object.name, twin->object.name)
			->also = twin->object.pos;
}

/* ---- two sides of one tunnel ---- */

static const struct connection *find_way_back(const struct lab *lab,
					      const struct connection *connection)
{
	for (size_t i = 0; i < lab->connections.count; i++) {
		const struct connection *other = &lab->connections.items[i];

		if (other->gateway2 && other->gateway2 == connection->gateway &&
		    other->gateway == connection->gateway2)
			return other;
	}
	return NULL;
}

static void warn_one_sided(struct check *c, const struct connection *connection)
{
	const struct connection *back = find_way_back(c->lab, connection);
	const char *what = NULL;
	struct diag *diag;

	if (!back) {
		diag = diag_add(c->diags, DIAG_ONE_SIDED, connection->object.pos,
				"connection '%s': '%s' has no connection back to '%s'",
				connection->object.name, connection->gateway2->object.name,
				connection->gateway->object.name);
		diag_hint(c->diags, diag,
			  "another one has gateway: %s, virtual_network_gateway2: %s",
			  connection->gateway2->object.name, connection->gateway->object.name);
		return;
	}
	if (back > connection)
		return; /* said there, once */
	if (strcmp(back->shared_key.value, connection->shared_key.value) != 0)
		what = "shared_key";
	else if (back->enable_bgp.value != connection->enable_bgp.value)
		what = "enable_bgp";
	if (what)
		diag_add(c->diags, DIAG_ONE_SIDED, connection->object.pos,
			 "connections '%s' and '%s' are two sides of one tunnel, and differ in "
			 "'%s'",
			 back->object.name, connection->object.name, what)
			->also = back->object.pos;
}

void check_vnet_to_vnet(struct check *c)
{
	const struct lab *lab = c->lab;

	for (size_t i = 0; !diags_error_count(c->diags) && i < lab->connections.count; i++)
		if (lab->connections.items[i].type == CONNECTION_VNET_TO_VNET)
			warn_one_sided(c, &lab->connections.items[i]);
}
