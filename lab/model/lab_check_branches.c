/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branches and the links they are on: what a provider link ends on, which /30 it has, what a
 * branch may announce, and how much of it a circuit takes.
 */
#include "lab/model/lab_check_parts.h"

#include <string.h>

#define FIRST_LINK_PREFIX 0xa9fe8000u /* 169.254.128.0: behind those that circuits are given */
#define LINK_PREFIX_LEN   30
#define AS_PATH_MAX       64 /* numbers; routers refuse paths that are much longer */

/* A prefix that something has already, and only one may have. */
struct owned {
	struct prefix prefix;
	struct src_pos pos;
	const struct provider_link *link; /* the one it leads to; NULL when there are others */
	UT_hash_handle hh;
};

static struct owned *find_owned(struct owned *all, struct prefix prefix)
{
	struct owned *owned = NULL;

	HASH_FIND(hh, all, &prefix, sizeof(prefix), owned);
	return owned;
}

static struct owned *own(struct check *c, struct owned **all, struct prefix prefix,
			 struct src_pos pos)
{
	struct owned *owned = arena_alloc(c->lab->arena, sizeof(*owned));

	owned->prefix = prefix;
	owned->pos = pos;
	HASH_ADD(hh, *all, prefix, sizeof(owned->prefix), owned);
	return owned;
}

bool asn_is_kept_by_azure(double asn)
{
	return (asn >= 65515 && asn <= 65520) || asn == ASN_MSEE;
}

/* ---- links ---- */

static void resolve_branch(struct check *c, struct provider_link *link)
{
	link->branch = lab_find_branch(c->lab, link->branch_ref.name);
	if (link->branch) {
		link->branch->link_count++;
		return;
	}
	NAME_LIST(names, c->lab->branches);
	unknown_name(c, &link->branch_ref, "branch", &names);
}

/* One of the two, and of the keys only those that go with it. */
static void check_end(struct check *c, struct provider_link *link)
{
	const char *provider = link->provider->object.name;
	const struct ref *circuit = &link->circuit_ref, *branch = &link->branch_ref;
	struct diag *diag;

	if (!circuit->name && !branch->name) {
		diag = diag_add(c->diags, DIAG_LINK, link->object.pos,
				"a link of provider '%s' ends nowhere", provider);
		diag_hint(c->diags, diag, "give it a 'circuit' or a 'branch'");
	} else if (circuit->name && branch->name) {
		diag = diag_add(c->diags, DIAG_LINK, branch->pos,
				"a link of provider '%s' ends on circuit '%s' already", provider,
				circuit->name);
		diag_hint(c->diags, diag, "branch '%s' needs a link of its own", branch->name);
	} else if (branch->name && link->path.pos.line) {
		diag_add(c->diags, DIAG_LINK, link->path.pos,
			 "a link of provider '%s': only circuits have a 'path', branch '%s' has "
			 "none",
			 provider, branch->name);
	} else if (circuit->name && link->peer_address_prefix.count) {
		diag = diag_add(c->diags, DIAG_LINK, link->peer_address_prefix.items[0].pos,
				"a link of provider '%s': circuit '%s' gives its links their /30",
				provider, circuit->name);
		diag_hint(c->diags, diag, "the circuit's key is '%s_peer_address_prefix'",
			  choice_name(path_names, link->path.value));
	}
	if (branch->name)
		resolve_branch(c, link);
}

/* R5.3: BGP between them is between two networks. */
static void check_two_asns(struct check *c, const struct provider_link *link)
{
	const struct provider *provider = link->provider;

	if (link->branch && provider->asn.value && link->branch->asn.value == provider->asn.value)
		diag_add(c->diags, DIAG_ASN, link->branch_ref.pos,
			 "branch '%s' has AS number %.0f, which is its provider's",
			 link->branch->object.name, provider->asn.value)
			->also = provider->asn.pos;
}

static bool is_link_prefix(struct prefix prefix)
{
	return prefix.addr.family == IP_V4 && prefix.len == LINK_PREFIX_LEN;
}

static void check_given_prefix(struct check *c, struct provider_link *link, struct owned **taken)
{
	const struct spaces *given = &link->peer_address_prefix;
	const struct owned *other;

	if (!given->count || given->items[0].prefix.addr.family == IP_NONE)
		return;
	if (given->count > 1 || !is_link_prefix(given->items[0].prefix)) {
		diag_add(c->diags, DIAG_BAD_VALUE, given->items[0].pos,
			 "a link of provider '%s': 'peer_address_prefix' is one IPv4 /30",
			 link->provider->object.name);
		return;
	}
	link->peer_prefix = given->items[0].prefix;
	other = find_owned(*taken, link->peer_prefix);
	if (other)
		diag_add(c->diags, DIAG_LINK, given->items[0].pos,
			 "a link of provider '%s': %s belongs to another link",
			 link->provider->object.name, prefix_print(link->peer_prefix).text)
			->also = other->pos;
	else
		own(c, taken, link->peer_prefix, given->items[0].pos);
}

static void take_circuits_prefixes(struct check *c, struct owned **taken)
{
	for (size_t i = 0; i < c->lab->express_route_circuits.count; i++) {
		const struct circuit *circuit = &c->lab->express_route_circuits.items[i];

		for (int path = 0; path < PATH_COUNT; path++)
			if (!find_owned(*taken, circuit->peer_prefix[path]))
				own(c, taken, circuit->peer_prefix[path], circuit->object.pos);
	}
}

/* What stands in when the file gives none: the next /30 of link-local space that is free. */
static void choose_prefix(struct provider_link *link, struct owned *taken, uint32_t *next)
{
	if (!link->branch || link->peer_prefix.addr.family != IP_NONE)
		return;
	do {
		link->peer_prefix = prefix_of(ip4(*next), LINK_PREFIX_LEN);
		*next += 1u << (32 - LINK_PREFIX_LEN);
	} while (find_owned(taken, link->peer_prefix));
}

static void check_links(struct check *c)
{
	uint32_t next = FIRST_LINK_PREFIX;
	struct owned *taken = NULL;

	take_circuits_prefixes(c, &taken);
	for (size_t i = 0; i < c->lab->providers.count; i++) {
		const struct provider *provider = &c->lab->providers.items[i];

		for (size_t n = 0; n < provider->links.count; n++) {
			check_end(c, &provider->links.items[n]);
			check_two_asns(c, &provider->links.items[n]);
			check_given_prefix(c, &provider->links.items[n], &taken);
		}
	}
	for (size_t i = 0; i < c->lab->providers.count; i++) {
		const struct provider *provider = &c->lab->providers.items[i];

		for (size_t n = 0; n < provider->links.count; n++)
			choose_prefix(&provider->links.items[n], taken, &next);
	}
	HASH_CLEAR(hh, taken);
}

/* ---- branches ---- */

/* What routers take from nobody: "this" network, loopback, and all from multicast on. */
static const char *const martians[] = { "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3" };

/* False, with a finding, when no prefix of a branch can be this one. */
static bool check_prefix(struct check *c, const struct branch *branch, struct prefix prefix,
			 struct src_pos pos)
{
	struct prefix martian;

	if (prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
	if (prefix.addr.family != IP_V4) {
		diag_add(c->diags, DIAG_BAD_VALUE, pos,
			 "branch '%s': %s is IPv6, which labs do not have yet", branch->object.name,
			 prefix_print(prefix).text);
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(martians); i++) {
		if (!prefix_parse(martians[i], &martian) || !prefix_covers(martian, prefix))
			continue;
		diag_add(c->diags, DIAG_ANNOUNCE, pos,
			 "branch '%s': no router takes %s, which lies in %s", branch->object.name,
			 prefix_print(prefix).text, martians[i]);
		return false;
	}
	return true;
}

static void announce_once(struct check *c, const struct branch *branch, struct owned **announced,
			  struct prefix prefix, struct src_pos pos)
{
	const struct owned *other;

	if (!check_prefix(c, branch, prefix, pos))
		return;
	other = find_owned(*announced, prefix);
	if (other)
		diag_add(c->diags, DIAG_ANNOUNCE, pos, "branch '%s' announces %s twice",
			 branch->object.name, prefix_print(prefix).text)
			->also = other->pos;
	else
		own(c, announced, prefix, pos);
}

static void check_address(struct check *c, const struct branch *branch, struct owned **addresses)
{
	const struct address *address = &branch->address;
	const struct owned *other = find_owned(*addresses, prefix_host(address->ip));

	if (other)
		diag_add(c->diags, DIAG_ADDRESS_TAKEN, address->pos,
			 "branch '%s': %s belongs to another branch", branch->object.name,
			 ip_print(address->ip).text)
			->also = other->pos;
	else
		own(c, addresses, prefix_host(address->ip), address->pos);
	for (size_t i = 0; i < c->lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &c->lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->address_prefixes.count; n++)
			if (prefix_has_ip(vnet->address_prefixes.items[n].prefix, address->ip))
				diag_add(c->diags, DIAG_RESERVED_ADDRESS, address->pos,
					 "branch '%s': %s lies in virtual network '%s'",
					 branch->object.name, ip_print(address->ip).text,
					 vnet->object.name)
					->also = vnet->address_prefixes.items[n].pos;
	}
}

static void check_branch(struct check *c, const struct branch *branch, struct owned **addresses)
{
	struct owned *announced = NULL;

	if (asn_is_kept_by_azure(branch->asn.value))
		diag_add(c->diags, DIAG_ASN, branch->asn.pos,
			 "branch '%s': AS number %.0f is one that Azure keeps for itself",
			 branch->object.name, branch->asn.value);
	if (!branch->link_count) {
		struct diag *diag =
			diag_add(c->diags, DIAG_LINK, branch->object.pos,
				 "no provider has a link to branch '%s'", branch->object.name);

		diag_hint(c->diags, diag, "in the 'links' of a provider: { branch: %s }",
			  branch->object.name);
	}
	if (branch->address.ip.family != IP_NONE) {
		announce_once(c, branch, &announced, prefix_host(branch->address.ip),
			      branch->address.pos);
		check_address(c, branch, addresses);
	}
	for (size_t i = 0; i < branch->announce.count; i++) {
		const struct announcement *announcement = &branch->announce.items[i];
		const struct spaces *prefixes = &announcement->prefix;

		if (announcement->as_path.count > AS_PATH_MAX)
			diag_add(c->diags, DIAG_BAD_VALUE,
				 announcement->as_path.items[AS_PATH_MAX].pos,
				 "branch '%s': 'as_path' takes at most %d numbers, not %zu",
				 branch->object.name, AS_PATH_MAX, announcement->as_path.count);
		for (size_t n = 0; n < prefixes->count; n++)
			announce_once(c, branch, &announced, prefixes->items[n].prefix,
				      prefixes->items[n].pos);
	}
	HASH_CLEAR(hh, announced);
}

/* ---- how much ---- */

static void count_once(struct check *c, struct owned **told, const struct provider_link *link,
		       const struct spaces *prefixes)
{
	for (size_t i = 0; i < prefixes->count; i++) {
		struct owned *owned = find_owned(*told, prefixes->items[i].prefix);

		if (!owned)
			own(c, told, prefixes->items[i].prefix, prefixes->items[i].pos)->link =
				link;
		else if (owned->link != link)
			owned->link = NULL;
	}
}

/* What a provider tells some circuit: what leads to any of its links, by which link. */
static struct owned *collect_told(struct check *c, const struct provider *provider)
{
	struct owned *told = NULL;

	for (size_t i = 0; i < provider->links.count; i++) {
		const struct provider_link *link = &provider->links.items[i];

		count_once(c, &told, link, &link->static_routes);
		for (size_t n = 0; link->branch && n < link->branch->announce.count; n++)
			count_once(c, &told, link, &link->branch->announce.items[n].prefix);
	}
	return told;
}

/* R6.15: past the limit a real session goes down and stays down. */
static void check_limit(struct check *c, const struct provider_link *link, size_t count)
{
	bool is_premium = link->circuit->sku_tier.value == SKU_PREMIUM;
	size_t limit = is_premium ? 10000 : 4000;
	struct diag *diag;

	if (count <= limit)
		return;
	diag = diag_add(
		c->diags, DIAG_ANNOUNCE, link->object.pos,
		"provider '%s' would tell circuit '%s' %zu prefixes: it takes %zu, and then "
		"the session goes down",
		link->provider->object.name, link->circuit->object.name, count, limit);
	if (!is_premium)
		diag_hint(c->diags, diag, "with sku_tier: Premium it takes 10000");
}

static void check_limits(struct check *c, const struct provider *provider)
{
	struct owned *told = collect_told(c, provider), *owned, *next;
	size_t *only, count = HASH_COUNT(told);

	/* by link: prefixes that lead to it alone, and so are not told there */
	only = arena_alloc(c->lab->arena, provider->links.count * sizeof(*only));
	HASH_ITER(hh, told, owned, next) {
		if (owned->link)
			only[owned->link->index]++;
	}
	for (size_t i = 0; i < provider->links.count; i++)
		if (provider->links.items[i].circuit)
			check_limit(c, &provider->links.items[i], count - only[i]);
	HASH_CLEAR(hh, told);
}

void check_branches(struct check *c)
{
	const struct lab *lab = c->lab;
	struct owned *addresses = NULL;

	check_links(c);
	for (size_t i = 0; i < lab->branches.count; i++)
		check_branch(c, &lab->branches.items[i], &addresses);
	HASH_CLEAR(hh, addresses);
	for (size_t i = 0; i < lab->providers.count; i++)
		check_limits(c, &lab->providers.items[i]);
}
