/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches: what they may announce, and how much of it a circuit takes. */
#include "lab/model/lab_check_parts.h"

#include <string.h>

#define AS_PATH_MAX 64 /* numbers; routers refuse paths that are much longer */
#define LAN_LEN_MAX 29
/* Its machines learn their neighbours, and the kernel keeps 1024 for all its namespaces. */
#define HOSTS_MAX 250

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

/* ---- its LAN ---- */

void join_branch_hosts(struct lab *lab)
{
	for (size_t i = 0; i < lab->branches.count; i++) {
		const struct branch *branch = &lab->branches.items[i];

		for (size_t n = 0; n < branch->hosts.count; n++) {
			struct vm *vm = ARENA_PUSH(lab->arena, lab->vms.items, lab->vms.count);
			struct nic *nic = ARENA_PUSH(lab->arena, vm->network_interfaces.items,
						     vm->network_interfaces.count);

			vm->object.name = branch->hosts.items[n].value;
			vm->object.pos = branch->hosts.items[n].pos;
			vm->branch = branch;
			nic->object.name = arena_printf(lab->arena, "%s-nic", vm->object.name);
			nic->object.pos = vm->object.pos;
			if (branch->lan.count) /* else that is a finding */
				nic->ip = branch_lan_ip(branch, (unsigned)n + 1);
		}
	}
}

void check_branch_host(struct check *c, struct vm *vm)
{
	struct nic *nic = &vm->network_interfaces.items[0];

	nic->vm = vm;
	if (lab_name_find(c->lab, NAME_NODE, vm->object.name) == &vm->object) /* else a finding */
		check_nic_name(c, vm, nic);
	if (nic->ip.family != IP_NONE && ip_equal(nic->ip, vm->branch->address.ip))
		diag_add(c->diags, DIAG_ADDRESS_TAKEN, vm->branch->address.pos,
			 "branch '%s': %s belongs to its host '%s'", vm->branch->object.name,
			 ip_print(nic->ip).text, vm->object.name)
			->also = vm->object.pos;
}

static const struct space *vnet_space(const struct lab *lab, struct prefix prefix)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct spaces *spaces = &lab->virtual_networks.items[i].address_prefixes;

		for (size_t n = 0; n < spaces->count; n++)
			if (prefix_overlaps(spaces->items[n].prefix, prefix))
				return &spaces->items[n];
	}
	return NULL;
}

static void check_hosts(struct check *c, const struct branch *branch)
{
	const struct space *lan = branch->lan.count ? &branch->lan.items[0] : NULL;
	size_t room = lan && lan->prefix.len <= LAN_LEN_MAX
			      ? ((size_t)1 << (ip_bits(lan->prefix.addr) - lan->prefix.len)) - 3
			      : 0;

	for (size_t i = 0; i < branch->hosts.count; i++)
		if (!is_object_name(branch->hosts.items[i].value))
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_BAD_NAME, branch->hosts.items[i].pos,
					   "'%.80s' cannot be a name",
					   branch->hosts.items[i].value),
				  "%s", diag_table[DIAG_BAD_NAME].words);
	if (branch->hosts.count > HOSTS_MAX)
		diag_add(c->diags, DIAG_LAN, branch->hosts.items[HOSTS_MAX].pos,
			 "branch '%s' has %zu hosts, the limit is %d", branch->object.name,
			 branch->hosts.count, HOSTS_MAX);
	if (!lan && branch->hosts.count)
		diag_add(c->diags, DIAG_LAN, branch->hosts.items[0].pos,
			 "branch '%s' has no 'lan' for its hosts", branch->object.name);
	else if (room && branch->hosts.count > room)
		diag_add(c->diags, DIAG_LAN, branch->hosts.items[room].pos,
			 "branch '%s': %s has addresses for the router and %zu hosts",
			 branch->object.name, prefix_print(lan->prefix).text, room)
			->also = lan->pos;
}

static void check_lan(struct check *c, const struct branch *branch)
{
	const struct space *lan = branch->lan.items, *taken;

	check_hosts(c, branch);
	if (!branch->lan.count || lan->prefix.addr.family != IP_V4 || martian_with(lan->prefix))
		return; /* it is announced, and judged there */
	taken = vnet_space(c->lab, lan->prefix);
	if (branch->lan.count > 1)
		diag_add(c->diags, DIAG_LAN, branch->lan.items[1].pos,
			 "branch '%s' has one LAN; others of its networks are announced alone",
			 branch->object.name);
	if (lan->prefix.len > LAN_LEN_MAX)
		diag_add(c->diags, DIAG_LAN, lan->pos,
			 "branch '%s': a LAN is a /%d or larger, not a /%u", branch->object.name,
			 LAN_LEN_MAX, lan->prefix.len);
	if (taken)
		diag_add(c->diags, DIAG_LAN, lan->pos,
			 "branch '%s': %s overlaps %s of a virtual network", branch->object.name,
			 prefix_print(lan->prefix).text, prefix_print(taken->prefix).text)
			->also = taken->pos;
}

static void check_branch(struct check *c, struct branch *branch, struct owned **addresses)
{
	struct owned *announced = NULL;

	check_asn(c, "branch", branch->object.name, &branch->asn);
	check_branch_router(c, branch);
	check_lan(c, branch);
	if (branch->public_address.ip.family != IP_NONE)
		check_internet_address(c, &branch->object, &branch->public_address);
	if (!branch->link_count && !branch->public_address.pos.line) {
		struct diag *diag =
			diag_add(c->diags, DIAG_LINK, branch->object.pos,
				 "no provider has a link to branch '%s'", branch->object.name);

		diag_hint(c->diags, diag, "in the 'links' of a provider: { branch: %s }",
			  branch->object.name);
	}
	if (branch->lan.count)
		announce_once(c, branch, &announced, branch->lan.items[0].prefix,
			      branch->lan.items[0].pos);
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
	struct lab *lab = c->lab;
	struct owned *addresses = NULL;

	for (size_t i = 0; i < lab->branches.count; i++)
		check_branch(c, &lab->branches.items[i], &addresses);
	HASH_CLEAR(hh, addresses);
	for (size_t i = 0; i < lab->providers.count; i++)
		check_limits(c, &lab->providers.items[i]);
}
