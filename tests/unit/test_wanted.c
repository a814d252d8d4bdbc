/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From one version of a lab to the next: what is in both keeps its numbers, so the difference of
 * their plans is about what differs and about nothing else.
 */
#include "tests/support/test.h"

#include "lab/azure/bgp_solve.h"
#include "lab/base/macros.h"
#include "lab/plan/compile.h"
#include "lab/plan/wanted.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

static struct lab *parse(const char *text)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, strlen(text), "lab.yaml", &diags);

	if (!lab) {
		diags_print(&diags, text, strlen(text), stderr);
		fail_msg("not a lab:\n%s", text);
	}
	diags_fini(&diags);
	return lab;
}

static struct plan *plan_of(const struct wanted *wanted)
{
	struct plan *tables = plan_compile_tables(wanted->fabric);
	struct plan *plan = wanted_plan(wanted, tables);

	plan_free(tables);
	return plan;
}

/* ---- labs at random, each a change of the one before ---- */

#define MAX 12

struct thing {
	bool is_there;
	unsigned name;     /* new when it is renamed */
	unsigned a, b;     /* what it joins, or stands in */
	unsigned value;    /* something about it */
	bool is_other_way; /* another thing about it */
};

struct model {
	unsigned next_name, circuit_order;
	bool is_azure_paced;
	struct thing vnets[MAX], vms[MAX], peerings[MAX], gateways[MAX], links[MAX], branches[MAX];
};

static unsigned any(unsigned *seed, unsigned below)
{
	return (unsigned)rand_r(seed) % below;
}

static struct thing *any_thing(unsigned *seed, struct thing *things, bool is_there)
{
	unsigned first = any(seed, MAX);

	for (unsigned i = 0; i < MAX; i++)
		if (things[(first + i) % MAX].is_there == is_there)
			return &things[(first + i) % MAX];
	return NULL;
}

static void add_thing(unsigned *seed, struct model *m, struct thing *things)
{
	struct thing *thing = any_thing(seed, things, false);

	if (!thing)
		return;
	*thing = (struct thing){ true,           m->next_name++, any(seed, MAX),
				 any(seed, MAX), any(seed, 3),   any(seed, 2) };
}

static void change_thing(unsigned *seed, struct model *m, struct thing *things)
{
	struct thing *thing = any_thing(seed, things, true), *other;

	if (!thing)
		return;
	switch (any(seed, 5)) {
	case 0:
		thing->is_there = false;
		break;
	case 1:
		thing->name = m->next_name++;
		break;
	case 2:
		thing->a = any(seed, MAX);
		break;
	case 3:
		thing->value = any(seed, 3);
		thing->is_other_way = !thing->is_other_way;
		break;
	default: /* it changes its place in the file with another one */
		other = any_thing(seed, things, true);
		if (things != m->vnets) {
			struct thing kept = *thing;

			*thing = *other;
			*other = kept;
		}
		break;
	}
}

static void change_model(unsigned *seed, struct model *m)
{
	struct thing *const kinds[] = { m->vnets,    m->vms,   m->vms,     m->peerings,
					m->gateways, m->links, m->branches };
	struct thing *things = kinds[any(seed, ARRAY_SIZE(kinds))];

	if (any(seed, 40) == 0)
		m->is_azure_paced = !m->is_azure_paced;
	if (any(seed, 2))
		add_thing(seed, m, things);
	else
		change_thing(seed, m, things);
}

static bool is_peered(const struct model *m, unsigned upto, unsigned a, unsigned b)
{
	for (unsigned i = 0; i < upto; i++) {
		const struct thing *p = &m->peerings[i];

		if (p->is_there && ((p->a == a && p->b == b) || (p->a == b && p->b == a)))
			return true;
	}
	return false;
}

static void print_vnet(const struct model *m, unsigned v, FILE *out)
{
	if (m->vnets[v].is_other_way)
		(void)fprintf(out,
			      "  v%u: { address_prefixes: [ 10.%u.0.0/16, \"fd00:%u::/48\" ], "
			      "subnets: { s: { address_prefix: [ 10.%u.0.0/24, \"fd00:%u::/64\" ] "
			      "}, r: 10.%u.1.0/24, GatewaySubnet: 10.%u.255.0/24 }, peerings: {",
			      m->vnets[v].name, v, v, v, v, v, v);
	else
		(void)fprintf(out,
			      "  v%u: { address_prefixes: 10.%u.0.0/16, subnets: { s: "
			      "10.%u.0.0/24, r: 10.%u.1.0/24, GatewaySubnet: 10.%u.255.0/24 }, "
			      "peerings: {",
			      m->vnets[v].name, v, v, v, v);
	for (unsigned i = 0; i < MAX; i++) {
		const struct thing *p = &m->peerings[i];
		unsigned other = p->a == v ? p->b : p->a;

		if (p->is_there && (p->a == v || p->b == v) && p->a != p->b &&
		    m->vnets[other].is_there && !is_peered(m, i, p->a, p->b))
			(void)fprintf(out, " p%u: v%u,", p->name, m->vnets[other].name);
	}
	(void)fprintf(out, " } }\n");
}

static void print_gateways(const struct model *m, FILE *out)
{
	(void)fprintf(out, "virtual_network_gateways:\n");
	for (unsigned i = 0; i < MAX; i++) /* at most one in a network: by its place */
		if (m->gateways[i].is_there && m->vnets[i].is_there)
			(void)fprintf(
				out,
				"  g%u: { virtual_network: v%u, gateway_type: ExpressRoute }\n",
				m->gateways[i].name, m->vnets[i].name);
	(void)fprintf(out,
		      "express_route_circuits:\n"
		      "  c0: { msee_address: 100.127.0.1, msee_secondary_address: 100.127.0.3 }\n"
		      "  c1: { msee_address: 100.127.0.2, msee_secondary_address: 100.127.0.4 }\n"
		      "connections:\n");
	for (unsigned i = 0; i < MAX; i++)
		for (unsigned c = 0; c < 2 && m->gateways[i].is_there && m->vnets[i].is_there; c++)
			if (m->gateways[i].value != c)
				(void)fprintf(out, "  x%u-%u: { gateway: g%u, circuit: c%u }\n", c,
					      m->gateways[i].name, m->gateways[i].name, c);
}

static void print_links(const struct model *m, FILE *out)
{
	bool is_taken[2][2] = { 0 };

	(void)fprintf(out, "providers:\n  isp:\n    asn: 65001\n    links:\n");
	for (unsigned i = 0; i < MAX; i++) {
		const struct thing *l = &m->links[i];

		if (!l->is_there)
			continue;
		if (l->a % 2 && m->branches[l->b].is_there)
			(void)fprintf(out, "      - { branch: b%u, delay_ms: %u }\n",
				      m->branches[l->b].name, l->value);
		else if (!is_taken[l->b % 2][l->is_other_way])
			(void)fprintf(out, "      - { circuit: c%u, path: %s, delay_ms: %u }\n",
				      l->b % 2, l->is_other_way ? "secondary" : "primary",
				      l->value);
		if (!(l->a % 2 && m->branches[l->b].is_there))
			is_taken[l->b % 2][l->is_other_way] = true;
	}
	for (unsigned i = 0; i < MAX; i++) /* each branch is on one at least */
		if (m->branches[i].is_there)
			(void)fprintf(out, "      - { branch: b%u, delay_ms: %u }\n",
				      m->branches[i].name, m->branches[i].value);
	(void)fprintf(out, "branches:\n");
	for (unsigned i = 0; i < MAX; i++)
		if (m->branches[i].is_there)
			(void)fprintf(
				out, "  b%u: { asn: %u, announce: [ 192.168.%u.0/24 ]%s%u }\n",
				m->branches[i].name, 65010 + i,
				m->branches[i].is_other_way ? 100 + i : i,
				m->branches[i].a % 2 ? ", address: 172.31.0." : " } #", i + 1);
}

/* The caller frees it. */
static char *print_model(const struct model *m)
{
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);

	(void)fprintf(out, "lab: t\ntimers: %s\nvirtual_networks:\n",
		      m->is_azure_paced ? "azure" : "fast");
	for (unsigned v = 0; v < MAX; v++)
		if (m->vnets[v].is_there)
			print_vnet(m, v, out);
	(void)fprintf(out, "vms:\n");
	for (unsigned i = 0; i < MAX; i++) {
		const struct thing *vm = &m->vms[i];
		const struct thing *vnet = &m->vnets[vm->a];

		if (!vm->is_there || !vnet->is_there)
			continue;
		(void)fprintf(out, "  m%u: { subnet: v%u/%s, nic: n%u-%s, enable_ip_forwarding: %s",
			      vm->name, vnet->name, vm->is_other_way ? "r" : "s", vm->name,
			      vm->value ? "first" : "other", vm->value == 2 ? "true" : "false");
		if (vm->b % 2)
			(void)fprintf(out, ", private_ip_address: 10.%u.%u.%u", vm->a,
				      vm->is_other_way, 100 + i);
		(void)fprintf(out, " }\n");
	}
	print_gateways(m, out);
	print_links(m, out);
	return memory_close(&file);
}

/* ---- numbers by what they are for, as if none were ever given twice ---- */

struct id {
	UT_hash_handle hh;
	unsigned number;
	char key[];
};

struct id_list {
	struct id *all;
	unsigned count;
};

static PRINTF(2, 3) unsigned number_of(struct id_list *numbers, const char *fmt, ...)
{
	struct id *number = NULL;
	char key[200];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(key, sizeof(key), fmt, args);
	va_end(args);
	HASH_FIND_STR(numbers->all, key, number);
	if (number)
		return number->number;
	number = calloc(1, sizeof(*number) + strlen(key) + 1);
	assert_non_null(number);
	strcpy(number->key, key);
	number->number = ++numbers->count;
	HASH_ADD_STR(numbers->all, key, number);
	return number->number;
}

static void numbers_free(struct id_list *numbers)
{
	struct id *number, *next;

	HASH_ITER(hh, numbers->all, number, next) {
		HASH_DEL(numbers->all, number);
		free(number);
	}
}

static void set_mac(struct interface *interface, unsigned kind, unsigned n)
{
	interface->mac[0] = (uint8_t)kind;
	for (int i = 1; i < MAC_SIZE; i++)
		interface->mac[i] = i < 4 ? 0 : (uint8_t)(n >> (5 - i) * 8);
}

/* Steps are compared as bytes, those behind the end of a name too. */
static void set_name(char name[IFNAME_SIZE], char letter, unsigned n)
{
	memset(name, 0, IFNAME_SIZE);
	(void)snprintf(name, IFNAME_SIZE, "%c%u", letter, n);
}

static void renumber_interface(struct interface *interface, struct id_list *ids)
{
	unsigned n = number_of(ids, "interface %s %s", interface->node->name, interface->key);

	if (interface->kind != INTERFACE_LOOPBACK) {
		interface->ifindex = n + 10;
		set_name(interface->name, 'i', n);
		set_mac(interface, 2, n);
	}
	if (!interface->subnet)
		return;
	interface->port_ifindex = n + 100;
	set_name(interface->port_name, 'p', n);
}

static void renumber(struct topology *t, struct id_list *ids)
{
	for (size_t i = 0; i < t->nodes.count; i++) {
		struct node *node = t->nodes.items[i];

		for (size_t n = 0; n < node->interfaces.count; n++)
			renumber_interface(node->interfaces.items[n], ids);
	}
	for (size_t i = 0; i < t->networks.count; i++)
		t->networks.items[i].number =
			number_of(ids, "network %s", t->networks.items[i].vnet->object.name);
	for (size_t i = 0; i < t->tables.count; i++) {
		struct fabric_table *table = t->tables.items[i];

		table->number = table->msee ? number_of(ids, "table %s %s", table->msee->node->name,
							table->msee->key)
					    : number_of(ids, "table %s/%s",
							table->subnet->vnet->object.name,
							table->subnet->object.name);
	}
}

/* Everything that follows from the topology, anew. */
static void compute_again(struct wanted *wanted, struct as_paths *paths)
{
	struct learned learned;

	fabric_free(wanted->fabric);
	bgp_ribs_free(wanted->ribs, wanted->graph);
	bgp_graph_free(wanted->graph);
	wanted->graph = bgp_graph_new(wanted->topology);
	wanted->ribs = bgp_solve(wanted->graph, paths);
	learned = (struct learned){ wanted->graph, wanted->ribs };
	wanted->fabric = fabric_new(wanted->topology, &learned);
}

/* The numbers of another topology of the same lab. */
static void take_numbers(struct topology *t, const struct topology *from)
{
	assert_int_equal(t->nodes.count, from->nodes.count);
	for (size_t i = 0; i < t->nodes.count; i++) {
		struct node *node = t->nodes.items[i], *other = from->nodes.items[i];

		assert_string_equal(node->name, other->name);
		assert_int_equal(node->interfaces.count, other->interfaces.count);
		for (size_t n = 0; n < node->interfaces.count; n++) {
			struct interface *a = node->interfaces.items[n];
			const struct interface *b = other->interfaces.items[n];

			assert_string_equal(a->key, b->key);
			a->ifindex = b->ifindex;
			a->port_ifindex = b->port_ifindex;
			memcpy(a->name, b->name, sizeof(a->name));
			memcpy(a->port_name, b->port_name, sizeof(a->port_name));
			memcpy(a->mac, b->mac, sizeof(a->mac));
		}
	}
	for (size_t i = 0; i < t->networks.count; i++) {
		t->networks.items[i].number = from->networks.items[i].number;
		t->networks.items[i].zone = from->networks.items[i].zone;
	}
	for (size_t i = 0; i < t->tables.count; i++)
		t->tables.items[i]->number = from->tables.items[i]->number;
}

/* ---- what must hold ---- */

static struct node *find_node(const struct topology *t, const char *name)
{
	struct node *node = topology_find_node(t, name);

	return node && !strcmp(node->name, name) ? node : NULL;
}

static const struct interface *find_interface(const struct node *node, const char *key)
{
	for (size_t i = 0; node && i < node->interfaces.count; i++)
		if (!strcmp(node->interfaces.items[i]->key, key))
			return node->interfaces.items[i];
	return NULL;
}

static void assert_interface_kept(const struct interface *now, const struct interface *was)
{
	assert_int_equal(now->ifindex, was->ifindex);
	assert_string_equal(now->name, was->name);
	assert_memory_equal(now->mac, was->mac, MAC_SIZE);
	assert_int_equal(now->port_ifindex, was->port_ifindex);
	assert_string_equal(now->port_name, was->port_name);
}

static void assert_interface_new(const struct interface *now, const struct topology *before)
{
	const struct node *node = find_node(before, now->node->name);

	for (size_t i = 0; node && i < node->interfaces.count; i++) {
		assert_int_not_equal(node->interfaces.items[i]->ifindex, now->ifindex);
		assert_string_not_equal(node->interfaces.items[i]->name, now->name);
	}
	for (size_t i = 0; now->subnet && i < before->ports.count; i++) {
		const struct interface *port = before->ports.items[i];

		assert_int_not_equal(port->port_ifindex, now->port_ifindex);
		assert_string_not_equal(port->port_name, now->port_name);
		assert_memory_not_equal(port->mac, now->mac, MAC_SIZE);
	}
	for (size_t i = 0; now->cable && i < before->cables.count; i++) {
		assert_int_not_equal(before->cables.items[i]->number, now->cable->number);
		for (int end = 0; end < 2; end++)
			assert_memory_not_equal(before->cables.items[i]->ends[end]->mac, now->mac,
						MAC_SIZE);
	}
}

static bool is_same_table(const struct fabric_table *a, const struct fabric_table *b)
{
	if (!a->msee != !b->msee)
		return false;
	if (a->msee)
		return !strcmp(a->msee->key, b->msee->key) &&
		       !strcmp(a->msee->node->name, b->msee->node->name);
	return !strcmp(a->subnet->object.name, b->subnet->object.name) &&
	       !strcmp(a->subnet->vnet->object.name, b->subnet->vnet->object.name);
}

/* What is in both has its numbers, and what is new has none that was in use. */
static void assert_numbers(const struct topology *before, const struct topology *now)
{
	for (size_t i = 0; i < now->nodes.count; i++) {
		const struct node *node = now->nodes.items[i];
		const struct node *was = find_node(before, node->name);

		for (size_t n = 0; n < node->interfaces.count; n++) {
			const struct interface *interface = node->interfaces.items[n];
			const struct interface *other = find_interface(was, interface->key);

			if (other)
				assert_interface_kept(interface, other);
			else
				assert_interface_new(interface, before);
		}
	}
	for (size_t i = 0; i < now->tables.count; i++)
		for (size_t n = 0; n < before->tables.count; n++)
			assert_int_equal(
				is_same_table(now->tables.items[i], before->tables.items[n]),
				now->tables.items[i]->number == before->tables.items[n]->number);
	for (size_t i = 0; i < now->networks.count; i++)
		for (size_t n = 0; n < before->networks.count; n++)
			assert_int_equal(!strcmp(now->networks.items[i].vnet->object.name,
						 before->networks.items[n].vnet->object.name),
					 now->networks.items[i].number ==
						 before->networks.items[n].number);
}

/* No two things of one topology have the same. */
static void assert_unique(const struct topology *t)
{
	for (size_t i = 0; i < t->ports.count; i++)
		for (size_t n = 0; n < i; n++) {
			const struct interface *a = t->ports.items[i], *b = t->ports.items[n];

			assert_int_not_equal(a->port_ifindex, b->port_ifindex);
			assert_string_not_equal(a->port_name, b->port_name);
			assert_memory_not_equal(a->mac, b->mac, MAC_SIZE);
		}
	for (size_t i = 0; i < t->nodes.count; i++) {
		const struct node *node = t->nodes.items[i];

		for (size_t a = 0; a < node->interfaces.count; a++)
			for (size_t b = 0; b < a; b++) {
				assert_int_not_equal(node->interfaces.items[a]->ifindex,
						     node->interfaces.items[b]->ifindex);
				assert_string_not_equal(node->interfaces.items[a]->name,
							node->interfaces.items[b]->name);
			}
	}
	for (size_t i = 0; i < t->tables.count; i++)
		for (size_t n = 0; n < i; n++)
			assert_int_not_equal(t->tables.items[i]->number,
					     t->tables.items[n]->number);
	for (size_t i = 0; i < t->networks.count; i++)
		for (size_t n = 0; n < i; n++) {
			const struct network *a = &t->networks.items[i], *b = &t->networks.items[n];

			assert_int_not_equal(a->number, b->number);
			assert_int_equal(a->zone == b->zone, a->vnet->group == b->vnet->group);
		}
	for (size_t i = 0; i < t->cables.count; i++)
		for (size_t n = 0; n < i; n++)
			assert_int_not_equal(t->cables.items[i]->number,
					     t->cables.items[n]->number);
}

/* ---- a machine on which a plan stands: objects by what they are ---- */

struct made {
	UT_hash_handle hh;
	const struct plan *plan;
	const struct step *step;
	char *content;
	char key[];
};

static void print_end(const struct plan *plan, const struct link_end *end, FILE *out)
{
	(void)fprintf(out, " %s %u %s", plan_text(plan, end->ns), end->ifindex, end->name);
	for (int i = 0; i < MAC_SIZE; i++)
		(void)fprintf(out, ":%02x", end->mac[i]);
}

static void print_key(const struct plan *plan, const struct step *s, FILE *out)
{
	(void)fprintf(out, "%d %s ", s->kind, plan_text(plan, s->ns));
	switch (s->kind) {
	case STEP_SYSCTL:
		(void)fprintf(out, "%s", plan_text(plan, s->sysctl.path));
		break;
	case STEP_VETH:
		(void)fprintf(out, "%u", s->veth.a.ifindex);
		break;
	case STEP_CABLE:
		(void)fprintf(out, "%u", s->cable.a.ifindex);
		break;
	case STEP_FRAMES:
		(void)fprintf(out, "%u", s->frames.a.end.ifindex);
		break;
	case STEP_TUNNEL:
		(void)fprintf(out, "%s %u", plan_text(plan, s->tunnel.end.ns),
			      s->tunnel.end.ifindex);
		break;
	case STEP_TAP:
		(void)fprintf(out, "%u", s->tap.end.ifindex);
		break;
	case STEP_UP:
		(void)fprintf(out, "%u", s->up.ifindex);
		break;
	case STEP_ADDRESS:
		(void)fprintf(out, "%u %s", s->address.ifindex,
			      prefix_print(s->address.prefix).text);
		break;
	case STEP_NEIGHBOUR:
		(void)fprintf(out, "%u %s", s->neighbour.ifindex, ip_print(s->neighbour.ip).text);
		break;
	case STEP_ROUTE:
		(void)fprintf(out, "%u %s", s->route.table, prefix_print(s->route.prefix).text);
		break;
	case STEP_RULE:
		(void)fprintf(out, "%d %u", s->rule.family, s->rule.priority);
		break;
	case STEP_FILE:
		(void)fprintf(out, "%s", plan_text(plan, s->file.path));
		break;
	case STEP_LISTENER:
		(void)fprintf(out, "%u", s->listener.port);
		break;
	case STEP_NFT:
		(void)fprintf(out, "%s %s", plan_text(plan, s->nft.table),
			      plan_text(plan, s->nft.block));
		break;
	case STEP_ELEMENT:
		(void)fprintf(out, "%s %s %s", plan_text(plan, s->element.table),
			      plan_text(plan, s->element.block),
			      prefix_print(s->element.prefix).text);
		break;
	case STEP_NAMESPACE:
	case STEP_BRIDGE:
	case STEP_DAEMON:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		break;
	}
}

static void print_content(const struct plan *plan, const struct step *s, FILE *out)
{
	char text[600];

	step_print(plan, s, text, sizeof(text));
	(void)fprintf(out, "%s", text);
	if (s->kind == STEP_VETH) {
		print_end(plan, &s->veth.a, out);
		print_end(plan, &s->veth.b, out);
	} else if (s->kind == STEP_CABLE) {
		print_end(plan, &s->cable.a, out);
		print_end(plan, &s->cable.b, out);
	} else if (s->kind == STEP_TAP) {
		print_end(plan, &s->tap.end, out);
	} else if (s->kind == STEP_GUEST) {
		(void)fprintf(out, "%s %s %x", plan_text(plan, s->guest.ports),
			      plan_text(plan, s->guest.command_line), s->guest.cut);
	} else if (s->kind == STEP_NFT) {
		(void)fputs(plan_text(plan, s->nft.text), out);
	} else if (s->kind == STEP_FILE) {
		(void)fputs(plan_text(plan, s->file.content), out);
	}
	for (uint32_t i = 0; s->kind == STEP_ROUTE && i < s->route.nexthop_count; i++)
		(void)fprintf(out, " %u", plan->nexthops[s->route.first_nexthop + i].ifindex);
}

static char *text_of(const struct plan *plan, const struct step *step,
		     void (*print)(const struct plan *plan, const struct step *s, FILE *out))
{
	struct memory_file file = { 0 };

	print(plan, step, memory_open(&file));
	return memory_close(&file);
}

static void drop(struct made **machine, struct made *object)
{
	HASH_DEL(*machine, object);
	free(object->content);
	free(object);
}

static struct made *find(struct made *machine, const struct plan *plan, const struct step *step)
{
	struct made *object = NULL;
	char *key = text_of(plan, step, print_key);

	HASH_FIND_STR(machine, key, object);
	free(key);
	return object;
}

static void make(struct made **machine, const struct plan *plan, const struct step *step)
{
	char *key = text_of(plan, step, print_key);
	struct made *object = calloc(1, sizeof(*object) + strlen(key) + 1);

	assert_non_null(object);
	strcpy(object->key, key);
	free(key);
	object->content = text_of(plan, step, print_content);
	object->plan = plan;
	object->step = step;
	HASH_ADD_STR(*machine, key, object);
}

static struct made *machine_of(const struct plan *plan)
{
	struct made *machine = NULL;

	for (uint32_t i = 0; i < plan->step_count; i++) {
		assert_int_equal(plan->steps[i].verb, STEP_ADD);
		assert_null(find(machine, plan, &plan->steps[i])); /* each object once */
		make(&machine, plan, &plan->steps[i]);
	}
	return machine;
}

/* Does the kernel take it away with this interface, or with an address of it? */
static bool goes_with(const struct made *o, const char *ns, uint32_t ifindex, bool is_address)
{
	const struct step *s = o->step;

	if (strcmp(plan_text(o->plan, s->ns), ns) != 0)
		return false;
	for (uint32_t i = 0; s->kind == STEP_ROUTE && i < s->route.nexthop_count; i++) {
		const struct nexthop *hop = &o->plan->nexthops[s->route.first_nexthop + i];

		if (hop->ifindex == ifindex && (!is_address || hop->via.family == IP_V4))
			return true;
	}
	return !is_address && ((s->kind == STEP_UP && s->up.ifindex == ifindex) ||
			       (s->kind == STEP_ADDRESS && s->address.ifindex == ifindex) ||
			       (s->kind == STEP_NEIGHBOUR && s->neighbour.ifindex == ifindex));
}

/* Is it a part of the table, or an element of one? */
static bool is_of_table(const struct made *o, const struct plan *plan, const struct step *table)
{
	const struct step *s = o->step;

	return !strcmp(plan_text(o->plan, s->ns), plan_text(plan, table->ns)) &&
	       (s->kind == STEP_NFT || s->kind == STEP_ELEMENT) &&
	       !strcmp(plan_text(o->plan, s->kind == STEP_NFT ? s->nft.table : s->element.table),
		       plan_text(plan, table->nft.table));
}

static bool is_inside(const struct made *o, const char *ns)
{
	return !strcmp(plan_text(o->plan, o->step->ns), ns) && o->step->kind < STEP_FILE &&
	       o->step->kind != STEP_NAMESPACE && o->step->kind != STEP_VETH &&
	       o->step->kind != STEP_CABLE;
}

static bool is_ipv4_on(const struct made *o, const char *ns, uint32_t ifindex)
{
	return o->step->kind == STEP_ADDRESS && !strcmp(plan_text(o->plan, o->step->ns), ns) &&
	       o->step->address.ifindex == ifindex && o->step->address.prefix.addr.family == IP_V4;
}

static bool is_neighbour_on(const struct made *o, const char *ns, uint32_t ifindex)
{
	return o->step->kind == STEP_NEIGHBOUR && !strcmp(plan_text(o->plan, o->step->ns), ns) &&
	       o->step->neighbour.ifindex == ifindex && o->step->neighbour.ip.family == IP_V4;
}

/* fib_disable_ip: with an interface's last IPv4 address go all neighbours there, ARP's own or not.
 */
static void lose_neighbours(struct made **machine, const char *ns, uint32_t ifindex)
{
	struct made *object, *next;

	HASH_ITER(hh, *machine, object, next)
		if (is_ipv4_on(object, ns, ifindex))
			return;
	HASH_ITER(hh, *machine, object, next)
		if (is_neighbour_on(object, ns, ifindex))
			drop(machine, object);
}

static void lose_with(struct made **machine, const struct plan *plan, const struct step *s)
{
	const struct link_end *ends[2] = { NULL, NULL };
	bool is_ipv4_address = s->kind == STEP_ADDRESS && s->address.prefix.addr.family == IP_V4;
	struct made *object, *next;

	if (s->kind == STEP_VETH || s->kind == STEP_CABLE) {
		ends[0] = s->kind == STEP_VETH ? &s->veth.a : &s->cable.a;
		ends[1] = s->kind == STEP_VETH ? &s->veth.b : &s->cable.b;
	}
	HASH_ITER(hh, *machine, object, next) {
		bool is_lost = s->kind == STEP_NAMESPACE ? is_inside(object, plan_text(plan, s->ns))
			       : is_ipv4_address         ? goes_with(object, plan_text(plan, s->ns),
								     s->address.ifindex, true)
			       : s->kind == STEP_NFT && !s->nft.block ? is_of_table(object, plan, s)
								      : false;

		for (int end = 0; end < 2 && ends[end]; end++)
			is_lost |= goes_with(object, plan_text(plan, ends[end]->ns),
					     ends[end]->ifindex, false);
		if (is_lost)
			drop(machine, object);
	}
	if (is_ipv4_address)
		lose_neighbours(machine, plan_text(plan, s->ns), s->address.ifindex);
}

static void assert_same_machine(struct made *a, struct made *b)
{
	struct made *object, *next, *other;

	HASH_ITER(hh, a, object, next) {
		HASH_FIND_STR(b, object->key, other);
		if (other)
			assert_string_equal(object->content, other->content);
		else
			fail_msg("should be gone: %s", object->content);
	}
	assert_int_equal(HASH_COUNT(a), HASH_COUNT(b));
}

static void machine_free(struct made *machine)
{
	struct made *object, *next;

	HASH_ITER(hh, machine, object, next)
		drop(&machine, object);
}

/* Objects go that are there, change that are there, are made that are not: then all is as in to. */
static void assert_leads_to(const struct plan *from, const struct plan *changes,
			    const struct plan *to)
{
	struct made *machine = machine_of(from), *wanted = machine_of(to), *object;

	for (uint32_t i = 0; i < changes->step_count; i++) {
		const struct step *step = &changes->steps[i];
		char text[600];

		step_print(changes, step, text, sizeof(text));
		object = find(machine, changes, step);
		if (!object != (step->verb == STEP_ADD))
			fail_msg("%d %s: it is %s", step->verb, text,
				 object ? "there" : "not there");
		if (object)
			drop(&machine, object);
		if (step->verb == STEP_REMOVE)
			lose_with(&machine, changes, step);
		else
			make(&machine, changes, step);
	}
	assert_same_machine(machine, wanted);
	machine_free(machine);
	machine_free(wanted);
}

/* How many steps of each kind are about each namespace; the firewall's zones are numbers. */
static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *summary(const struct plan *plan)
{
	char **lines = calloc(plan->step_count + 1, sizeof(*lines));
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	size_t count = 0;

	assert_non_null(lines);
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];
		const char *what = step->kind == STEP_FILE ? plan_text(plan, step->file.path) : "";

		if (step->kind != STEP_NFT && step->kind != STEP_ELEMENT)
			assert_true(asprintf(&lines[count++], "%d %d %s %s", step->verb, step->kind,
					     plan_text(plan, step->ns), what) > 0);
	}
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(out, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
	return memory_close(&file);
}

/* ---- */

/* The same two labs with numbers that depend on nothing but names: as few steps lead on. */
static void assert_shortest(const char *before, const char *after, const struct plan *changes,
			    struct as_paths *paths)
{
	struct id_list ids = { 0 };
	struct wanted *a = wanted_new(parse(before), NULL, paths);
	struct wanted *b = wanted_new(parse(after), NULL, paths);
	struct plan *from, *to, *ideal;
	char *x, *y;

	renumber(a->topology, &ids);
	renumber(b->topology, &ids);
	compute_again(a, paths);
	compute_again(b, paths);
	from = plan_of(a);
	to = plan_of(b);
	ideal = plan_diff(from, to);
	x = summary(ideal);
	y = summary(changes);
	if (strcmp(x, y) != 0) {
		(void)fprintf(stderr, "from\n%s\nto\n%s\n", before, after);
		fail_msg("the changes should be\n%s\nbut are\n%s", x, y);
	}
	free(x);
	free(y);
	plan_free(ideal);
	plan_free(from);
	plan_free(to);
	wanted_free(a);
	wanted_free(b);
	numbers_free(&ids);
}

/* What has a history is, numbers aside, what has none. */
static void assert_no_history(struct wanted *evolved, const char *text, struct as_paths *paths)
{
	struct wanted *fresh = wanted_new(parse(text), NULL, paths);
	struct plan *a, *b, *difference;
	char *printed;

	take_numbers(evolved->topology, fresh->topology);
	for (size_t i = 0; i < fresh->graph->speakers.count; i++)
		evolved->graph->speakers.items[i]->router_id =
			fresh->graph->speakers.items[i]->router_id;
	a = plan_of(evolved);
	b = plan_of(fresh);
	difference = plan_diff(a, b);
	printed = summary(difference);
	if (difference->step_count) {
		(void)fputs(text, stderr);
		fail_msg("differs in\n%s", printed);
	}
	assert_int_equal(a->step_count, b->step_count);
	free(printed);
	plan_free(difference);
	plan_free(a);
	plan_free(b);
	wanted_free(fresh);
}

static struct model first_model(unsigned *seed)
{
	struct model m = { 0 };
	struct thing *const kinds[] = { m.vnets,    m.vms,      m.vms,   m.peerings,
					m.peerings, m.gateways, m.links, m.branches };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (int n = 0; n < 4; n++)
			add_thing(seed, &m, kinds[i]);
	return m;
}

static void a_change_touches_what_it_changes(void **state)
{
	struct as_paths *paths = as_paths_new();
	unsigned seed = 3;

	(void)state;
	for (int lab = 0; lab < 30; lab++) {
		struct model model = first_model(&seed);
		char *text = print_model(&model), *next;
		struct wanted *old = wanted_new(parse(text), NULL, paths), *new;

		assert_unique(old->topology);
		for (int round = 0; round < 10; round++) {
			struct plan *from, *to, *changes;

			for (unsigned n = 1 + any(&seed, 4); n > 0; n--)
				change_model(&seed, &model);
			next = print_model(&model);
			new = wanted_new(parse(next), old, paths);
			from = plan_of(old);
			to = plan_of(new);
			changes = plan_diff(from, to);
			assert_unique(new->topology);
			assert_numbers(old->topology, new->topology);
			assert_leads_to(from, changes, to);
			assert_shortest(text, next, changes, paths);
			plan_free(changes);
			plan_free(from);
			plan_free(to);
			wanted_free(old);
			free(text);
			old = new;
			text = next;
		}
		assert_no_history(old, text, paths);
		wanted_free(old);
		free(text);
	}
	as_paths_free(paths);
}

/* "file hublab/hosts (4 lines)": how many is not the matter here. */
static void cut_counts(char *text)
{
	for (char *c = strstr(text, " ("); c; c = strstr(c, " ("))
		memmove(c, strchr(c, ')') + 1, strlen(strchr(c, ')')));
}

/* All steps of the change as text. */
static char *changes_between(const char *before, const char *after)
{
	struct as_paths *paths = as_paths_new();
	struct wanted *old = wanted_new(parse(before), NULL, paths);
	struct wanted *new = wanted_new(parse(after), old, paths);
	struct plan *from = plan_of(old), *to = plan_of(new), *changes = plan_diff(from, to);
	struct memory_file file = { 0 };
	char *text;

	plan_print(changes, memory_open(&file));
	text = memory_close(&file);
	cut_counts(text);
	plan_free(changes);
	plan_free(from);
	plan_free(to);
	wanted_free(new);
	wanted_free(old);
	as_paths_free(paths);
	return text;
}

#define VNETS                                                                                      \
	"lab: t\nvirtual_networks:\n"                                                              \
	"  v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24, r: 10.0.1.0/24 } }\n"    \
	"  w: { address_prefixes: 10.1.0.0/16, subnets: { s: 10.1.0.0/24 } }\n"                    \
	"vms:\n"
#define VM_A "  a: { subnet: v/s, private_ip_address: 10.0.0.10 }\n"
#define VM_B "  b: { subnet: v/s, private_ip_address: 10.0.0.11 }\n"
#define VM_C "  c: { subnet: w/s, private_ip_address: 10.1.0.10 }\n"

/* Only the names they know it by, and the tables of the fabric, are others' business. */
static void without_its_first_machine_the_others_are_untouched(void **state)
{
	char *text = changes_between(VNETS VM_A VM_B VM_C, VNETS VM_B VM_C);

	(void)state;
	assert_string_equal(text, "- responder a TCP 80\n"
				  "- veth fabric/p-a -- a/eth0 00:0d:3a:00:00:00 port\n"
				  "- namespace a\n"
				  "~ nft fabric table ip hublab set s_checked\n"
				  "~ nft fabric table ip hublab set s_own\n"
				  "~ nft fabric table ip hublab set s_broadcast\n"
				  "~ nft fabric table ip hublab map m_mark\n"
				  "~ nft fabric table ip hublab map m_zone\n"
				  "~ file hublab/hosts\n");
	free(text);
}

static void a_machine_that_moves_keeps_its_link(void **state)
{
	char *text =
		changes_between(VNETS VM_A VM_B VM_C, VNETS
				"  a: { subnet: v/r, private_ip_address: 10.0.1.10 }\n" VM_B VM_C);

	(void)state;
	assert_null(strstr(text, "veth"));
	assert_null(strstr(text, "namespace"));
	assert_null(strstr(text, " b "));
	assert_null(strstr(text, " c "));
	assert_non_null(strstr(text, "- address a 10.0.0.10/24 dev eth0\n"));
	assert_non_null(strstr(text, "+ address a 10.0.1.10/24 dev eth0\n"));
	free(text);
}

/*
 * The kernel dropped its default route with its address, though the route is the same, and with its
 * last address of IPv4 all neighbours, those that are permanent, too.
 */
static void what_went_with_an_address_is_made_again(void **state)
{
	char *text = changes_between(VNETS VM_A,
				     VNETS "  a: { subnet: v/s, private_ip_address: 10.0.0.99 }\n");

	(void)state;
	assert_non_null(strstr(text, "+ route a table 254 0.0.0.0/0 via 10.0.0.1 dev eth0\n"));
	assert_null(strstr(text, "- route a table 254"));
	assert_non_null(strstr(text, "+ neighbour a 10.0.0.1 dev eth0 "));
	assert_null(strstr(text, "- neighbour a "));
	free(text);
}

/* As long as it has another address of IPv4 its neighbours stay; IPv6 is no matter of theirs. */
static void neighbours_stay_with_another_address(void **state)
{
	char *text = changes_between(
		VNETS "  a: { subnet: v/s, ip_configurations: [10.0.0.10, 10.0.0.11] }\n",
		VNETS "  a: { subnet: v/s, ip_configurations: [10.0.0.10, 10.0.0.12] }\n");

	(void)state;
	assert_non_null(strstr(text, "- address a 10.0.0.11/24 dev eth0\n"));
	assert_null(strstr(text, "neighbour a "));
	free(text);
}

static void the_same_lab_has_no_changes(void **state)
{
	static const char *const files[] = { "templates/vpner/lab.yaml",
					     "tests/golden/contoso.yaml" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char *text = read_file(files[i], NULL), *changes = changes_between(text, text);

		assert_string_equal(changes, "");
		free(changes);
		free(text);
	}
}

#define TWO_CIRCUITS                                                                               \
	"lab: t\n"                                                                                 \
	"virtual_networks: { v: { address_prefixes: 10.0.0.0/16, subnets: { s: 10.0.0.0/24, "      \
	"GatewaySubnet: 10.0.255.0/24 } } }\n"                                                     \
	"vms: { a: v/s }\n"                                                                        \
	"virtual_network_gateways: { g: { virtual_network: v, gateway_type: ExpressRoute } }\n"    \
	"express_route_circuits: { c: { msee_address: 100.127.0.1 }, d: { msee_address: "          \
	"100.127.0.5 } }\n"                                                                        \
	"providers: { p: { asn: 65001, links: [ c, d, { branch: b } ] } }\n"                       \
	"branches: { b: { asn: 65010, announce: [ 192.168.0.0/16 ] } }\n"                          \
	"connections: { "

/* Rows list next hops in the order of the file, whichever was there first. */
static void next_hops_do_not_tell_which_came_first(void **state)
{
	static const char after[] =
		TWO_CIRCUITS "x: { gateway: g, circuit: c }, y: { gateway: g, circuit: d } }\n";
	struct as_paths *paths = as_paths_new();
	struct wanted *old =
		wanted_new(parse(TWO_CIRCUITS "y: { gateway: g, circuit: d } }\n"), NULL, paths);
	struct wanted *new = wanted_new(parse(after), old, paths);

	(void)state;
	assert_no_history(new, after, paths);
	wanted_free(new);
	wanted_free(old);
	as_paths_free(paths);
}

/* Until something is learned all that is known is what the lab says. */
static void tables_before_anything_is_learned_have_no_learned_routes(void **state)
{
	struct as_paths *paths = as_paths_new();
	char *text = read_file("tests/golden/express_route.yaml", NULL);
	struct wanted *wanted = wanted_new(parse(text), NULL, paths);
	struct plan *none = wanted_tables(wanted, NULL);
	struct plan *all = wanted_tables(wanted, wanted->ribs);
	struct plan *predicted = plan_compile_tables(wanted->fabric);
	struct plan *difference = plan_diff(all, predicted);

	(void)state;
	assert_int_equal(difference->step_count, 0);
	assert_true(none->step_count < all->step_count);
	for (uint32_t i = 0; i < none->step_count; i++)
		assert_int_equal(none->steps[i].route.nexthop_count, 0);
	plan_free(difference);
	plan_free(predicted);
	plan_free(all);
	plan_free(none);
	wanted_free(wanted);
	as_paths_free(paths);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_touches_what_it_changes),
		cmocka_unit_test(without_its_first_machine_the_others_are_untouched),
		cmocka_unit_test(a_machine_that_moves_keeps_its_link),
		cmocka_unit_test(what_went_with_an_address_is_made_again),
		cmocka_unit_test(neighbours_stay_with_another_address),
		cmocka_unit_test(the_same_lab_has_no_changes),
		cmocka_unit_test(next_hops_do_not_tell_which_came_first),
		cmocka_unit_test(tables_before_anything_is_learned_have_no_learned_routes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
