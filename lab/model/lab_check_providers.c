/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Providers and their links: what each ends on, which /30 it has, and the routes it is given. */
#include "lab/model/lab_check_parts.h"

#include "lab/base/cleanup.h"
#include "lab/model/claims.h"

#define FIRST_LINK_PREFIX 0xa9fe8000u /* 169.254.128.0: behind those that circuits are given */
#define LINK_PREFIX_LEN   30

bool check_link_space(struct check *c, const char *owner, const struct spaces *given)
{
	const struct space *space = &given->items[0];
	const char *martian = martian_with(space->prefix);

	if (space->prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
	if (given->count > 1)
		diag_add(c->diags, DIAG_BAD_VALUE, given->items[1].pos,
			 "%s: each link has one peer address prefix", owner);
	if (space->prefix.addr.family != IP_V4 || space->prefix.len != LINK_PREFIX_LEN) {
		diag_add(c->diags, DIAG_BAD_VALUE, space->pos,
			 "%s: a peer address prefix is an IPv4 /%d", owner, LINK_PREFIX_LEN);
		return false;
	}
	if (martian)
		diag_add(c->diags, DIAG_PEER_PREFIX, space->pos,
			 "%s: addresses of %s belong to no router", owner, martian);
	return !martian;
}

/* ---- what a link ends on ---- */

static void resolve_circuit(struct check *c, struct provider_link *link)
{
	struct provider_link **taken;

	link->circuit = lab_find_circuit(c->lab, link->circuit_ref.name);
	if (!link->circuit) {
		NAME_LIST(names, c->lab->express_route_circuits);
		unknown_name(c, &link->circuit_ref, "ExpressRoute circuit", &names);
		return;
	}
	taken = &link->circuit->link[link->path.value];
	if (*taken)
		diag_add(c->diags, DIAG_LINK_TAKEN, link->object.pos,
			 "the %s path of circuit '%s' already ends on a link",
			 choice_name(path_names, link->path.value), link->circuit->object.name)
			->also = (*taken)->object.pos;
	*taken = link;
}

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

	if (circuit->name)
		resolve_circuit(c, link);
	if (branch->name)
		resolve_branch(c, link);
	check_link_frames(c, link);
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

/* ---- its /30 ---- */

static void take_given_prefix(struct check *c, struct provider_link *link)
{
	const char *owner =
		arena_printf(c->lab->arena, "a link of provider '%s'", link->provider->object.name);

	if (link->branch_ref.name && link->peer_address_prefix.count &&
	    check_link_space(c, owner, &link->peer_address_prefix))
		link->peer_prefix = link->peer_address_prefix.items[0].prefix;
}

/* The prefix that a link has so far, and where it was given; of no family when it has none. */
static struct space space_of(const struct provider_link *link)
{
	struct space space = { .pos = link->object.pos };

	if (link->branch && link->peer_prefix.addr.family != IP_NONE)
		space = (struct space){ link->peer_prefix, link->peer_address_prefix.items[0].pos };
	else if (link->circuit && link->circuit->link[link->path.value] == link)
		space.prefix = link->circuit->peer_prefix[link->path.value];
	return space;
}

/* Links and their prefixes, to be compared. */
struct link_claims {
	struct claim *claims;
	struct space *spaces;
	size_t count;
};

static struct link_claims link_claims_new(struct check *c, size_t count)
{
	return (struct link_claims){ claims_new(count),
				     arena_alloc(c->lab->arena, (count + 1) * sizeof(struct space)),
				     0 };
}

static void add_link(struct link_claims *all, const struct provider_link *link, const void *owner)
{
	all->spaces[all->count] = space_of(link);
	all->claims[all->count].space = &all->spaces[all->count];
	all->claims[all->count].owner = owner;
	all->count++;
}

/* A router cannot have one prefix on two of its links. */
static void compare_links(struct check *c, struct link_claims *all, const char *noun,
			  const char *name)
{
	find_overlaps(all->claims, all->count);
	for (size_t i = 0; i < all->count; i++)
		if (all->claims[i].other)
			diag_add(c->diags, DIAG_PEER_PREFIX, all->spaces[i].pos,
				 "%s '%s' has the peer address prefix %s on two links", noun, name,
				 prefix_print(all->spaces[i].prefix).text)
				->also = all->claims[i].other->space->pos;
	free(all->claims);
}

static void check_peers_of_provider(struct check *c, const struct provider *provider)
{
	struct link_claims all = link_claims_new(c, provider->links.count);

	for (size_t i = 0; i < provider->links.count; i++)
		add_link(&all, &provider->links.items[i], &provider->links.items[i]);
	compare_links(c, &all, "provider", provider->object.name);
}

struct branch_link {
	const struct branch *branch;
	const struct provider_link *link;
};

static int compare_branches(const void *a, const void *b)
{
	const struct branch_link *one = a, *other = b;

	if (one->branch != other->branch)
		return one->branch < other->branch ? -1 : 1;
	return (one->link > other->link) - (one->link < other->link);
}

/* Its links are of several providers: what one of these has twice itself is said already. */
static void check_peers_of_branches(struct check *c)
{
	CLEANUP(free_cleanup) struct branch_link *links = NULL;
	const struct lab *lab = c->lab;
	size_t count = 0, at = 0;

	for (size_t i = 0; i < lab->branches.count; i++)
		count += lab->branches.items[i].link_count;
	links = calloc(count + 1, sizeof(*links));
	if (!links)
		abort();
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++) {
			const struct provider_link *link = &lab->providers.items[i].links.items[n];

			if (link->branch)
				links[at++] = (struct branch_link){ link->branch, link };
		}
	qsort(links, count, sizeof(*links), compare_branches);
	for (size_t i = 0; i < count;) {
		const struct branch *branch = links[i].branch;
		struct link_claims all = link_claims_new(c, branch->link_count);

		for (; i < count && links[i].branch == branch; i++)
			add_link(&all, links[i].link, links[i].link->provider);
		compare_links(c, &all, "branch", branch->object.name);
	}
}

/* A prefix that some link has. */
struct taken {
	struct prefix prefix;
	UT_hash_handle hh;
};

static void take(struct check *c, struct taken **all, struct prefix prefix)
{
	struct taken *taken = NULL;

	HASH_FIND(hh, *all, &prefix, sizeof(prefix), taken);
	if (taken)
		return;
	taken = arena_alloc(c->lab->arena, sizeof(*taken));
	taken->prefix = prefix;
	HASH_ADD(hh, *all, prefix, sizeof(taken->prefix), taken);
}

static bool is_taken(struct taken *all, struct prefix prefix)
{
	struct taken *taken = NULL;

	HASH_FIND(hh, all, &prefix, sizeof(prefix), taken);
	return taken;
}

/* What stands in when the file gives none: the next /30 of link-local space that is free. */
static void choose_prefix(struct provider_link *link, struct taken *taken, uint32_t *next)
{
	if (!link->branch || link->peer_prefix.addr.family != IP_NONE)
		return;
	do {
		link->peer_prefix = prefix_of(ip4(*next), LINK_PREFIX_LEN);
		*next += 1u << (32 - LINK_PREFIX_LEN);
	} while (is_taken(taken, link->peer_prefix));
}

static void choose_prefixes(struct check *c)
{
	const struct lab *lab = c->lab;
	uint32_t next = FIRST_LINK_PREFIX;
	struct taken *taken = NULL;

	for (size_t i = 0; i < lab->express_route_circuits.count; i++)
		for (int path = 0; path < PATH_COUNT; path++)
			take(c, &taken, lab->express_route_circuits.items[i].peer_prefix[path]);
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++)
			take(c, &taken, lab->providers.items[i].links.items[n].peer_prefix);
	for (size_t i = 0; i < lab->providers.count; i++)
		for (size_t n = 0; n < lab->providers.items[i].links.count; n++)
			choose_prefix(&lab->providers.items[i].links.items[n], taken, &next);
	HASH_CLEAR(hh, taken);
}

/* ---- static routes ---- */

static void claim_routes(struct check *c, const struct provider_link *link, struct claim *claims,
			 size_t *at)
{
	for (size_t n = 0; n < link->static_routes.count; n++) {
		const struct space *space = &link->static_routes.items[n];

		if (space->prefix.addr.family == IP_V6)
			diag_add(c->diags, DIAG_BAD_VALUE, space->pos,
				 "provider '%s': %s is IPv6, which providers of labs do not speak",
				 link->provider->object.name, prefix_print(space->prefix).text);
		claims[*at].space = space;
		claims[*at].owner = space;
		++*at;
	}
}

/* What is sent to one link cannot be sent to another. */
static void check_static_routes(struct check *c, const struct provider *provider)
{
	CLEANUP(free_cleanup) struct claim *claims = NULL;
	size_t count = 0, at = 0;

	for (size_t i = 0; i < provider->links.count; i++)
		count += provider->links.items[i].static_routes.count;
	claims = claims_new(count);
	for (size_t i = 0; i < provider->links.count; i++)
		claim_routes(c, &provider->links.items[i], claims, &at);
	find_twins(claims, count);
	for (size_t i = 0; i < count; i++)
		if (claims[i].other)
			diag_add(c->diags, DIAG_STATIC_ROUTE, claims[i].space->pos,
				 "provider '%s' has a static route for %s already",
				 provider->object.name, prefix_print(claims[i].space->prefix).text)
				->also = claims[i].other->space->pos;
}

/* ---- all of it ---- */

/* Numbers that are nobody's, or Microsoft's for itself (R5.3). */
static bool is_reserved_asn(uint32_t asn)
{
	return asn == 8074 || asn == 8075 || asn == 23456 || (asn >= 64496 && asn <= 64511) ||
	       (asn >= 65535 && asn <= 65551);
}

void check_asn(struct check *c, const char *noun, const char *name, const struct number *asn)
{
	double n = asn->value;

	if ((n >= 65515 && n <= 65520) || n == ASN_MSEE)
		diag_add(c->diags, DIAG_ASN, asn->pos,
			 "%s '%s': AS number %.0f is one that Azure keeps for itself", noun, name,
			 n);
	else if (is_reserved_asn((uint32_t)n))
		diag_add(c->diags, DIAG_RESERVED_ASN, asn->pos, "%s '%s': AS number %.0f is %s",
			 noun, name, n,
			 n == 8074 || n == 8075 ? "Microsoft's own" : "reserved by IANA");
}

void check_told_asn(struct check *c, const char *noun, const char *name, const struct number *asn)
{
	double n = asn->value;

	if (!asn->pos.line || asn->is_refused)
		return;
	if ((n >= 65515 && n <= 65520) || n == ASN_MSEE || is_reserved_asn((uint32_t)n))
		diag_add(c->diags, DIAG_ASN, asn->pos,
			 "%s '%s': AS number %.0f is reserved, and Azure refuses it", noun, name,
			 n);
}

static void check_provider(struct check *c, struct provider *provider)
{
	check_asn(c, "provider", provider->object.name, &provider->asn);
	for (size_t i = 0; i < provider->links.count; i++) {
		struct provider_link *link = &provider->links.items[i];

		link->index = (unsigned)i;
		link->provider = provider;
		check_end(c, link);
		check_two_asns(c, link);
		take_given_prefix(c, link);
	}
	check_peers_of_provider(c, provider);
	check_static_routes(c, provider);
}

void check_providers(struct check *c)
{
	for (size_t i = 0; i < c->lab->providers.count; i++)
		check_provider(c, &c->lab->providers.items[i]);
	check_peers_of_branches(c);
	choose_prefixes(c);
}
