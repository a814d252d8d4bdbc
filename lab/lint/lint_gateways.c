/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gateways, circuits and connections, as the file has them. */
#include "lab/lint/lint_parts.h"

#include "lab/model/link_frames.h"

#include <stdlib.h>
#include <string.h>

/* Have both paths a link? Labs that show no such thing are simple on purpose. */
static const struct circuit *find_complete(const struct lab *lab)
{
	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		const struct circuit *circuit = &lab->express_route_circuits.items[i];

		if (circuit->link[PATH_PRIMARY] && circuit->link[PATH_SECONDARY])
			return circuit;
	}
	return NULL;
}

static void check_circuit(struct lint *l, const struct circuit *circuit,
			  const struct circuit *complete)
{
	const struct provider_link *link = circuit->link[PATH_PRIMARY];
	int missing = PATH_SECONDARY;
	struct diag *diag;

	if (!link) {
		link = circuit->link[PATH_SECONDARY];
		missing = PATH_PRIMARY;
	}
	if (!link || circuit->link[missing])
		return;
	diag = diag_add(l->diags, DIAG_ONE_LINK, link->object.pos,
			"circuit '%s' has one link, to '%s', and none on its %s path: '%s' has "
			"both",
			circuit->object.name, link->provider->object.name,
			choice_name(path_names, missing), complete->object.name);
	diag->also = circuit->object.pos;
	diag_hint(l->diags, diag, "add one: { circuit: %s, path: %s }", circuit->object.name,
		  choice_name(path_names, missing));
}

/* ---- both sides of a link ---- */

static void check_link(struct lint *l, const struct provider_link *link)
{
	struct link_frames near = link_frames_of_provider(link);
	struct link_frames far = link_frames_of_azure(link);
	const char *provider = link->provider->object.name;
	const char *circuit = link->circuit->object.name;

	if (!link_tags_fit(link))
		diag_add(l->diags, DIAG_TAGS_DIFFER,
			 link->vlan_id.pos.line ? link->vlan_id.pos : link->stag.pos,
			 "the link of '%s' to '%s' is %s at the provider, and %s at Azure",
			 provider, circuit,
			 link_frames_print((struct link_frames){ NULL, near.s_tag, near.c_tag },
					   l->arena),
			 link_frames_print((struct link_frames){ NULL, far.s_tag, far.c_tag },
					   l->arena))
			->also = link->circuit->object.pos;
	if (!link_mac_sec_fits(link))
		diag_add(l->diags, DIAG_MAC_SEC_DIFFERS, link->mac_sec_config.object.pos,
			 "the link of '%s' to '%s' has MACsec %s", provider, circuit,
			 far.mac_sec ? "with other keys, or another cipher, than its port"
				     : "at the provider, and its port has none")
			->also = link->circuit->port->object.pos;
}

static void check_links(struct lint *l)
{
	const struct lab *lab = l->lab;

	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++)
			if (lab->providers.items[i].links.items[n].circuit)
				check_link(l, &lab->providers.items[i].links.items[n]);
}

/* ---- shared keys ---- */

/* Is the site of one the gateway of the other? */
static bool is_far_side(const struct connection *a, const struct connection *b)
{
	struct ip ip = a->local_network_gateway->gateway_ip_address.ip;

	for (unsigned i = 0; i < GATEWAY_INSTANCES; i++)
		if (ip_equal(ip, b->gateway->public_ip[i]) ||
		    ip_equal(ip, b->gateway->instance_ip[i]))
			return true;
	return false;
}

/* Are both with one site, or the two sides of one tunnel? */
static bool is_same_pair(const struct connection *a, const struct connection *b)
{
	if (a->local_network_gateway && b->local_network_gateway)
		return a->local_network_gateway == b->local_network_gateway ||
		       (is_far_side(a, b) && is_far_side(b, a));
	if (a->local_network_gateway || b->local_network_gateway)
		return false;
	return (a->gateway == b->gateway && a->gateway2 == b->gateway2) ||
	       (a->gateway == b->gateway2 && a->gateway2 == b->gateway);
}

static int compare_keys(const void *a, const void *b)
{
	const struct connection *one = *(const struct connection *const *)a;
	const struct connection *other = *(const struct connection *const *)b;
	int order = strcmp(one->shared_key.value, other->shared_key.value);

	return order ? order : (one > other) - (one < other);
}

static void check_key(struct lint *l, const struct connection *connection,
		      const struct connection *first)
{
	if (!is_same_pair(connection, first))
		diag_add(l->diags, DIAG_SHARED_KEY, connection->shared_key.pos,
			 "connection '%s' has the shared key of '%s': who has one has both",
			 connection->object.name, first->object.name)
			->also = first->shared_key.pos;
}

static void check_keys(struct lint *l)
{
	const struct connection **sorted = NULL;
	size_t count = 0;

	for (size_t i = 0; i < l->lab->connections.count; i++)
		if (l->lab->connections.items[i].shared_key.value)
			*ARENA_PUSH(l->arena, sorted, count) = &l->lab->connections.items[i];
	if (count)
		qsort(sorted, count, sizeof(const struct connection *), compare_keys);
	for (size_t i = 0, first = 0; i < count; i++) {
		if (strcmp(sorted[i]->shared_key.value, sorted[first]->shared_key.value) != 0)
			first = i;
		check_key(l, sorted[i], sorted[first]);
	}
}

/* ---- AS numbers of sites ---- */

static bool speaks_bgp(const struct connection *connection)
{
	return connection->local_network_gateway && connection->enable_bgp.value &&
	       connection->local_network_gateway->bgp_settings.asn.pos.line;
}

static int compare_sites(const void *a, const void *b)
{
	const struct connection *one = *(const struct connection *const *)a;
	const struct connection *other = *(const struct connection *const *)b;
	double one_asn = one->local_network_gateway->bgp_settings.asn.value;
	double other_asn = other->local_network_gateway->bgp_settings.asn.value;

	if (one->gateway != other->gateway)
		return one->gateway < other->gateway ? -1 : 1;
	if (one_asn < other_asn || one_asn > other_asn)
		return one_asn < other_asn ? -1 : 1;
	return (one > other) - (one < other);
}

static void check_site_asns(struct lint *l)
{
	const struct connection **sorted = NULL;
	size_t count = 0;

	for (size_t i = 0; i < l->lab->connections.count; i++)
		if (speaks_bgp(&l->lab->connections.items[i]))
			*ARENA_PUSH(l->arena, sorted, count) = &l->lab->connections.items[i];
	if (count)
		qsort(sorted, count, sizeof(const struct connection *), compare_sites);
	for (size_t i = 1; i < count; i++) {
		const struct local_network_gateway *site = sorted[i]->local_network_gateway;
		const struct local_network_gateway *other = sorted[i - 1]->local_network_gateway;

		if (sorted[i]->gateway != sorted[i - 1]->gateway || site == other ||
		    (uint32_t)site->bgp_settings.asn.value !=
			    (uint32_t)other->bgp_settings.asn.value)
			continue;
		diag_add(l->diags, DIAG_SAME_ASN, site->bgp_settings.asn.pos,
			 "sites '%s' and '%s' of gateway '%s' have AS number %u both, and never "
			 "learn of each other",
			 other->object.name, site->object.name, sorted[i]->gateway->object.name,
			 (uint32_t)site->bgp_settings.asn.value)
			->also = other->bgp_settings.asn.pos;
	}
}

/* ---- Route Servers ---- */

static void check_route_server(struct lint *l, const struct route_server *server)
{
	struct diag *diag;

	if (server->allow_branch_to_branch_traffic.value || !server->vnet->express_route ||
	    !server->vnet->vpn)
		return;
	diag = diag_add(l->diags, DIAG_BRANCH_TO_BRANCH, server->object.pos,
			"Route Server '%s' does not tell '%s' and '%s' what the other has learned",
			server->object.name, server->vnet->express_route->object.name,
			server->vnet->vpn->object.name);
	diag_hint(l->diags, diag, "write: allow_branch_to_branch_traffic: true");
}

void lint_gateways(struct lint *l)
{
	const struct circuit *complete = find_complete(l->lab);

	for (size_t i = 0; complete && i < l->lab->express_route_circuits.count; i++)
		check_circuit(l, &l->lab->express_route_circuits.items[i], complete);
	check_links(l);
	check_keys(l);
	check_site_asns(l);
	for (size_t i = 0; i < l->lab->route_servers.count; i++)
		check_route_server(l, &l->lab->route_servers.items[i]);
}
