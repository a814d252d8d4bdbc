/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches: what they may announce, and how much of it a circuit takes. */
#include "lab/model/lab_check_parts.h"

#include <string.h>

#define AS_PATH_MAX 64 /* numbers; routers refuse paths that are much longer */

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

/* ---- what they announce ---- */

/* False, with a finding, when no prefix of a branch can be this one. */
static bool check_prefix(struct check *c, const struct branch *branch, struct prefix prefix,
			 struct src_pos pos)
{
	const char *martian = martian_with(prefix);

	if (prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
	if (prefix.addr.family != IP_V4) {
		diag_add(c->diags, DIAG_BAD_VALUE, pos,
			 "branch '%s': %s is IPv6, which branches of labs do not speak",
			 branch->object.name, prefix_print(prefix).text);
		return false;
	}
	if (martian) {
		diag_add(c->diags, DIAG_ANNOUNCE, pos,
			 "branch '%s': no router takes %s, which lies in %s", branch->object.name,
			 prefix_print(prefix).text, martian);
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

	check_asn(c, "branch", branch->object.name, &branch->asn);
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

	for (size_t i = 0; i < lab->branches.count; i++)
		check_branch(c, &lab->branches.items[i], &addresses);
	HASH_CLEAR(hh, addresses);
	for (size_t i = 0; i < lab->providers.count; i++)
		check_limits(c, &lab->providers.items[i]);
}
