/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing two plans. Each object has a key (what it is) and content (how it is). */
#include "lab/plan/plan.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
	struct step key;
	const struct step *step; /* of `from`, in its own texts */
	struct step normal;      /* the same in the texts of the comparison */
	bool is_kept;
	UT_hash_handle hh;
};

/*
 * An interface or a table of nftables that goes, or is made anew: what stood on it goes with it. Or
 * an interface that loses an IPv4 address: the kernel then drops the routes whose next hop was a
 * neighbour by it.
 */
struct lost_key { /* hashed as bytes: no padding */
	plan_text_id ns;
	uint32_t ifindex; /* 0: the whole namespace, or the table */
	plan_text_id table, block;
	uint32_t is_address, is_last_address;
};

struct lost {
	struct lost_key key;
	UT_hash_handle hh;
};

struct diff {
	const struct plan *from, *to;
	struct plan *texts; /* both plans' texts, so that equal texts have equal ids */
	struct {
		const struct plan *plan;
		plan_text_id id, common;
	} last;                /* namespaces come many in a row */
	struct entry *entries; /* in the order of the steps */
	struct lost *lost;
	struct plan *out;
	struct plan *kept; /* what is in both, or NULL */
};

static plan_text_id common_text(struct diff *d, const struct plan *plan, plan_text_id id)
{
	if (d->last.plan != plan || d->last.id != id) {
		d->last.common = plan_add_text(d->texts, plan_text(plan, id));
		d->last.plan = plan;
		d->last.id = id;
	}
	return d->last.common;
}

/* The step in common texts, without what does not matter: its verb and place. */
static struct step normalize(struct diff *d, const struct plan *plan, const struct step *step)
{
	struct step normal;
	struct text_places places;

	memcpy(&normal, step, sizeof(normal)); /* padding too */
	normal.verb = STEP_ADD;
	normal.line = normal.col = 0;
	if (normal.kind == STEP_ROUTE)
		normal.route.first_nexthop = 0;
	places = step_text_places(&normal);
	for (size_t i = 0; i < places.count; i++)
		*places.ids[i] = common_text(d, plan, *places.ids[i]);
	return normal;
}

static void key_of(const struct step *normal, struct step *key)
{
	memset(key, 0, sizeof(*key)); /* hashed as bytes */
	key->kind = normal->kind;
	key->ns = normal->ns;
	switch (normal->kind) {
	case STEP_NAMESPACE:
	case STEP_KIND_COUNT:
		break;
	case STEP_SYSCTL:
		key->sysctl.path = normal->sysctl.path;
		break;
	case STEP_BRIDGE:
		key->bridge.end.ifindex = normal->bridge.end.ifindex;
		break;
	case STEP_VETH:
		key->veth.a.ifindex = normal->veth.a.ifindex;
		break;
	case STEP_CABLE:
		key->cable.a.ifindex = normal->cable.a.ifindex;
		break;
	case STEP_FRAMES:
		key->frames.a.end.ifindex = normal->frames.a.end.ifindex;
		break;
	case STEP_TUNNEL:
		key->tunnel.end.ns = normal->tunnel.end.ns;
		key->tunnel.end.ifindex = normal->tunnel.end.ifindex;
		break;
	case STEP_UP:
		key->up.ifindex = normal->up.ifindex;
		break;
	case STEP_ADDRESS:
		key->address.ifindex = normal->address.ifindex;
		key->address.prefix = normal->address.prefix;
		break;
	case STEP_NEIGHBOUR:
		key->neighbour.ifindex = normal->neighbour.ifindex;
		key->neighbour.ip = normal->neighbour.ip;
		break;
	case STEP_ROUTE:
		key->route.table = normal->route.table;
		key->route.prefix = normal->route.prefix;
		break;
	case STEP_RULE:
		key->rule.family = normal->rule.family;
		key->rule.priority = normal->rule.priority;
		break;
	case STEP_NFT:
		key->nft.table = normal->nft.table;
		key->nft.block = normal->nft.block;
		break;
	case STEP_ELEMENT:
		key->element = normal->element;
		break;
	case STEP_FILE:
		key->file.path = normal->file.path;
		break;
	case STEP_DAEMON:
		key->daemon.name = normal->daemon.name;
		break;
	case STEP_LISTENER:
		key->listener.port = normal->listener.port;
		break;
	case STEP_TAP:
		key->tap.end.ifindex = normal->tap.end.ifindex;
		break;
	case STEP_GUEST: /* by its name */
		break;
	}
}

static bool is_table(const struct step *step)
{
	return step->kind == STEP_NFT && !step->nft.block;
}

/* Can the kernel be told the new content while the object stays? */
static bool changes_in_place(const struct step *old, const struct step *new)
{
	struct step same;

	switch (new->kind) {
	case STEP_SYSCTL:
	case STEP_NEIGHBOUR:
	case STEP_ROUTE:
	case STEP_FILE:
		return true;
	case STEP_NFT: /* what stands as long as a table does is not changed */
		return !is_table(new);
	case STEP_CABLE: /* delay, loss, rate and carrier of the same two ends */
		memcpy(&same, old, sizeof(same));
		same.cable.delay_us = new->cable.delay_us;
		same.cable.loss_ppm = new->cable.loss_ppm;
		same.cable.rate_bps = new->cable.rate_bps;
		same.cable.is_cut = new->cable.is_cut;
		return !memcmp(&same, new, sizeof(same));
	case STEP_TUNNEL: /* all but its place and name */
		return !strcmp(old->tunnel.end.name, new->tunnel.end.name) &&
		       old->tunnel.wan_ifindex == new->tunnel.wan_ifindex;
	case STEP_GUEST: /* what it sees of its ports; all else it is told when it starts */
		memcpy(&same, old, sizeof(same));
		same.guest.cut = new->guest.cut;
		return !memcmp(&same, new, sizeof(same));
	case STEP_NAMESPACE:
	case STEP_BRIDGE:
	case STEP_VETH:
	case STEP_FRAMES:
	case STEP_TAP:
	case STEP_UP:
	case STEP_ADDRESS:
	case STEP_RULE:
	case STEP_ELEMENT:
	case STEP_DAEMON:
	case STEP_LISTENER:
	case STEP_KIND_COUNT:
		return false;
	}
	return false;
}

static bool is_equal(const struct diff *d, const struct entry *old, const struct step *new,
		     const struct step *new_normal)
{
	if (memcmp(&old->normal, new_normal, sizeof(*new_normal)))
		return false;
	for (uint32_t i = 0; new->kind == STEP_ROUTE &&i < new->route.nexthop_count; i++) {
		const struct nexthop *a = &d->from->nexthops[old->step->route.first_nexthop + i];
		const struct nexthop *b = &d->to->nexthops[new->route.first_nexthop + i];

		if (a->ifindex != b->ifindex || !ip_equal(a->via, b->via))
			return false;
	}
	return true;
}

static struct lost_key lost_key(plan_text_id ns, uint32_t ifindex)
{
	return (struct lost_key){ .ns = ns, .ifindex = ifindex };
}

static struct lost_key lost_address_key(plan_text_id ns, uint32_t ifindex)
{
	struct lost_key key = lost_key(ns, ifindex);

	key.is_address = true;
	return key;
}

/* With the last address of a family the kernel forgets all neighbours, those that are permanent,
 * too. */
static struct lost_key lost_last_address_key(plan_text_id ns, uint32_t ifindex)
{
	struct lost_key key = lost_address_key(ns, ifindex);

	key.is_last_address = true;
	return key;
}

static struct lost_key lost_block_key(plan_text_id ns, plan_text_id table, plan_text_id block)
{
	struct lost_key key = lost_key(ns, 0);

	key.table = table;
	key.block = block;
	return key;
}

static bool find_lost(const struct diff *d, struct lost_key key)
{
	struct lost *lost = NULL;

	HASH_FIND(hh, d->lost, &key, sizeof(key), lost);
	return lost != NULL;
}

static bool is_lost(const struct diff *d, plan_text_id ns, uint32_t ifindex)
{
	return find_lost(d, lost_key(ns, ifindex));
}

static void lose(struct diff *d, struct lost_key key)
{
	struct lost *lost;

	if (find_lost(d, key))
		return;
	lost = calloc(1, sizeof(*lost));
	if (!lost)
		abort();
	lost->key = key;
	HASH_ADD(hh, d->lost, key, sizeof(lost->key), lost);
}

static bool is_ipv4_address(const struct step *normal)
{
	return normal->kind == STEP_ADDRESS && normal->address.prefix.addr.family == IP_V4;
}

/* Note what goes when this step goes. */
static void lose_step(struct diff *d, const struct step *normal)
{
	if (normal->kind == STEP_NAMESPACE) {
		lose(d, lost_key(normal->ns, 0));
	} else if (normal->kind == STEP_BRIDGE) {
		lose(d, lost_key(normal->ns, normal->bridge.end.ifindex));
	} else if (normal->kind == STEP_VETH) {
		lose(d, lost_key(normal->veth.a.ns, normal->veth.a.ifindex));
		lose(d, lost_key(normal->veth.b.ns, normal->veth.b.ifindex));
	} else if (normal->kind == STEP_CABLE) {
		lose(d, lost_key(normal->cable.a.ns, normal->cable.a.ifindex));
		lose(d, lost_key(normal->cable.b.ns, normal->cable.b.ifindex));
	} else if (normal->kind == STEP_FRAMES) {
		lose(d, lost_key(normal->frames.a.end.ns, normal->frames.a.end.ifindex));
		lose(d, lost_key(normal->frames.b.end.ns, normal->frames.b.end.ifindex));
	} else if (normal->kind == STEP_TUNNEL) {
		lose(d, lost_key(normal->tunnel.end.ns, normal->tunnel.end.ifindex));
	} else if (normal->kind == STEP_TAP) {
		lose(d, lost_key(normal->ns, normal->tap.end.ifindex));
	} else if (is_ipv4_address(normal)) {
		lose(d, lost_address_key(normal->ns, normal->address.ifindex));
	} else if (normal->kind == STEP_NFT) {
		lose(d, lost_block_key(normal->ns, normal->nft.table, normal->nft.block));
	}
}

/* Has the kernel dropped this step's object by itself, with something it stood on? */
static bool went_along(const struct diff *d, const struct plan *plan, const struct step *step,
		       const struct step *normal)
{
	switch (normal->kind) {
	case STEP_UP:
		return is_lost(d, normal->ns, 0) || is_lost(d, normal->ns, normal->up.ifindex);
	case STEP_ADDRESS:
		return is_lost(d, normal->ns, 0) || is_lost(d, normal->ns, normal->address.ifindex);
	case STEP_NEIGHBOUR:
		return is_lost(d, normal->ns, 0) ||
		       is_lost(d, normal->ns, normal->neighbour.ifindex) ||
		       (normal->neighbour.ip.family == IP_V4 &&
			find_lost(d, lost_last_address_key(normal->ns, normal->neighbour.ifindex)));
	case STEP_ROUTE:
		for (uint32_t i = 0; i < step->route.nexthop_count; i++) {
			const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop + i];

			if (is_lost(d, normal->ns, hop->ifindex) ||
			    (hop->via.family == IP_V4 &&
			     find_lost(d, lost_address_key(normal->ns, hop->ifindex))))
				return true;
		}
		return is_lost(d, normal->ns, 0);
	case STEP_SYSCTL:
	case STEP_BRIDGE:
	case STEP_RULE:
		return is_lost(d, normal->ns, 0);
	case STEP_NFT:
		return is_lost(d, normal->ns, 0) ||
		       (!is_table(normal) &&
			find_lost(d, lost_block_key(normal->ns, normal->nft.table, 0)));
	case STEP_ELEMENT:
		return is_lost(d, normal->ns, 0) ||
		       find_lost(d, lost_block_key(normal->ns, normal->element.table, 0)) ||
		       find_lost(d, lost_block_key(normal->ns, normal->element.table,
						   normal->element.block));
	case STEP_VETH: /* a namespace ends some time after its name: its links must end at once */
	case STEP_CABLE:
	case STEP_FRAMES: /* nor does what stands in for them go with a cable */
	case STEP_TUNNEL:
	case STEP_TAP:
	case STEP_NAMESPACE:
	case STEP_FILE:
	case STEP_DAEMON:
	case STEP_LISTENER:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		return false;
	}
	return false;
}

static void add_entries(struct diff *d)
{
	for (uint32_t i = 0; i < d->from->step_count; i++) {
		struct entry *entry = calloc(1, sizeof(*entry));

		if (!entry)
			abort();
		entry->step = &d->from->steps[i];
		entry->normal = normalize(d, d->from, entry->step);
		key_of(&entry->normal, &entry->key);
		HASH_ADD(hh, d->entries, key, sizeof(entry->key), entry);
	}
}

static struct entry *find_entry(const struct diff *d, const struct step *normal)
{
	struct entry *entry = NULL;
	struct step key;

	key_of(normal, &key);
	HASH_FIND(hh, d->entries, &key, sizeof(key), entry);
	return entry;
}

/* Those of interfaces that lose addresses, but for those that keep one. */
static void lose_neighbours(struct diff *d)
{
	struct lost *last;
	struct lost_key key;

	for (struct entry *entry = d->entries; entry; entry = entry->hh.next)
		if (!entry->is_kept && is_ipv4_address(&entry->normal))
			lose(d, lost_last_address_key(entry->normal.ns,
						      entry->normal.address.ifindex));
	for (struct entry *entry = d->entries; entry; entry = entry->hh.next) {
		if (!entry->is_kept || !is_ipv4_address(&entry->normal))
			continue;
		key = lost_last_address_key(entry->normal.ns, entry->normal.address.ifindex);
		HASH_FIND(hh, d->lost, &key, sizeof(key), last);
		if (!last)
			continue;
		HASH_DEL(d->lost, last);
		free(last);
	}
}

/* Those of cables that go, and with them what stands on them. */
static void lose_frames(struct diff *d)
{
	for (struct entry *entry = d->entries; entry; entry = entry->hh.next) {
		const struct link_end *a = &entry->normal.frames.a.end;

		if (entry->normal.kind != STEP_FRAMES || !entry->is_kept ||
		    !(is_lost(d, a->ns, a->ifindex) ||
		      is_lost(d, a->ns, frames_below(a, LAYER_WIRE).ifindex)))
			continue;
		entry->is_kept = false;
		lose_step(d, &entry->normal);
	}
}

/* Which old objects stay, as they are or changed in place; the others are lost. */
static void match(struct diff *d)
{
	struct entry *entry, *next;

	for (uint32_t i = 0; i < d->to->step_count; i++) {
		struct step normal = normalize(d, d->to, &d->to->steps[i]);

		entry = find_entry(d, &normal);
		if (entry)
			entry->is_kept = is_equal(d, entry, &d->to->steps[i], &normal) ||
					 changes_in_place(&entry->normal, &normal);
	}
	HASH_ITER(hh, d->entries, entry, next)
		if (!entry->is_kept)
			lose_step(d, &entry->normal);
	lose_frames(d);
	lose_neighbours(d);
}

/* A part of a table goes with the changes of others, which may name it until then. */
static bool is_part(const struct step *step)
{
	return step->kind == STEP_ELEMENT || (step->kind == STEP_NFT && !is_table(step));
}

static void add_removals(struct diff *d, bool of_parts)
{
	struct entry *last = NULL, *entry;

	/* uthash keeps the order of insertion: walk it from its end */
	for (entry = d->entries; entry; entry = entry->hh.next)
		last = entry;
	for (entry = last; entry; entry = entry->hh.prev)
		if (is_part(&entry->normal) == of_parts && !entry->is_kept &&
		    !went_along(d, d->from, entry->step, &entry->normal))
			(void)plan_copy_step(d->out, d->from, entry->step, STEP_REMOVE);
}

static void add_additions(struct diff *d)
{
	bool has_parts = false; /* those that go come first of their stage */

	for (uint32_t i = 0; i < d->to->step_count; i++) {
		const struct step *step = &d->to->steps[i];
		struct step normal = normalize(d, d->to, step);
		const struct entry *entry = find_entry(d, &normal);

		if (!has_parts && step_stage(step->kind) >= STAGE_FIREWALL) {
			add_removals(d, true);
			has_parts = true;
		}
		if (!entry || !entry->is_kept ||
		    went_along(d, d->from, entry->step, &entry->normal))
			(void)plan_copy_step(d->out, d->to, step, STEP_ADD);
		else if (!is_equal(d, entry, step, &normal))
			(void)plan_copy_step(d->out, d->to, step, STEP_CHANGE);
		else if (d->kept)
			(void)plan_copy_step(d->kept, d->to, step, STEP_ADD);
	}
	if (!has_parts)
		add_removals(d, true);
}

static struct plan *compare(const struct plan *from, const struct plan *to, struct plan *kept)
{
	struct diff d = {
		.from = from, .to = to, .texts = plan_new(), .out = plan_new(), .kept = kept
	};
	struct lost *lost, *next_lost;
	struct entry *entry, *next;

	add_entries(&d);
	match(&d);
	add_removals(&d, false);
	add_additions(&d);
	HASH_ITER(hh, d.entries, entry, next) {
		HASH_DEL(d.entries, entry);
		free(entry);
	}
	HASH_ITER(hh, d.lost, lost, next_lost) {
		HASH_DEL(d.lost, lost);
		free(lost);
	}
	plan_free(d.texts);
	return d.out;
}

struct plan *plan_diff(const struct plan *from, const struct plan *to)
{
	return compare(from, to, NULL);
}

/* ---- when it is not known how far changes came ---- */

/* It stays where it is and is written anew, whatever it says now: who uses it may be running. */
static bool spoil(struct plan *kept, const struct plan *changes, const struct step *step)
{
	struct step *copy;

	if (step->verb != STEP_CHANGE || (step->kind != STEP_FILE && step->kind != STEP_TUNNEL))
		return false;
	copy = plan_copy_step(kept, changes, step, STEP_ADD);
	if (copy->kind == STEP_FILE)
		copy->file.content = plan_add_text(kept, "nobody knows");
	else
		copy->tunnel.mtu = 0;
	return true;
}

void plan_doubt(struct plan **certain, struct plan *doubtful, const struct plan *to)
{
	struct plan *kept = plan_new(), *changes = compare(*certain, to, kept);

	for (uint32_t i = 0; i < changes->step_count; i++)
		if (!spoil(kept, changes, &changes->steps[i]))
			(void)plan_copy_step(doubtful, changes, &changes->steps[i], STEP_REMOVE);
	plan_sort(kept);
	plan_sort(doubtful);
	plan_free(changes);
	plan_free(*certain);
	*certain = kept;
}

struct plan *plan_diff_doubtful(const struct plan *certain, const struct plan *doubtful,
				const struct plan *to)
{
	struct plan *out = plan_new(), *changes = plan_diff(certain, to);

	for (uint32_t i = doubtful->step_count; i-- > 0;)
		(void)plan_copy_step(out, doubtful, &doubtful->steps[i], STEP_REMOVE);
	plan_append(out, changes);
	plan_free(changes);
	return out;
}
