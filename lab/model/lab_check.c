/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab_check.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct check {
	struct lab *lab;
	struct diags *diags;
};

/* Names of objects of one kind, for "did you mean". */
struct name_list {
	const char *names[256];
	size_t count;
};

static void name_list_add(struct name_list *list, const char *name)
{
	if (name && list->count < ARRAY_SIZE(list->names))
		list->names[list->count++] = name;
}

#define NAME_LIST(list, objects)                                                                   \
	struct name_list list = { .count = 0 };                                                    \
	for (size_t list##_i = 0; list##_i < (objects).count; list##_i++)                          \
	name_list_add(&(list), (objects).items[list##_i].object.name)

static void unknown_name(struct check *c, const struct ref *ref, const char *noun,
			 const struct name_list *list)
{
	struct diag *diag = diag_add(c->diags, DIAG_UNKNOWN_NAME, ref->pos,
				     "there is no %s '%.80s'", noun, ref->name);
	const char *near = nearest_word(ref->name, list->names, list->count);

	if (near)
		diag_hint(c->diags, diag, "did you mean '%s'?", near);
}

static struct vnet *resolve_vnet(struct check *c, const struct ref *ref)
{
	struct vnet *vnet = ref->name ? lab_find_vnet(c->lab, ref->name) : NULL;

	if (ref->name && !vnet) {
		NAME_LIST(names, c->lab->virtual_networks);
		unknown_name(c, ref, "virtual network", &names);
	}
	return vnet;
}

/* "virtual-network/subnet" */
static struct subnet *resolve_subnet(struct check *c, const struct ref *ref)
{
	const char *slash = ref->name ? strchr(ref->name, '/') : NULL;
	struct ref vnet_ref = *ref, subnet_ref = *ref;
	struct subnet *subnet;
	struct vnet *vnet;
	char name[130];

	if (!ref->name)
		return NULL;
	if (!slash) {
		struct diag *diag = diag_add(
			c->diags, DIAG_BAD_VALUE, ref->pos,
			"a subnet is written VIRTUAL-NETWORK/SUBNET, not '%.80s'", ref->name);

		vnet = lab_find_vnet(c->lab, ref->name);
		if (vnet && vnet->subnets.count)
			diag_hint(c->diags, diag, "for example %s/%s", vnet->object.name,
				  vnet->subnets.items[0].object.name);
		return NULL;
	}
	(void)snprintf(name, sizeof(name), "%.*s", (int)(slash - ref->name), ref->name);
	vnet_ref.name = name;
	vnet = resolve_vnet(c, &vnet_ref);
	if (!vnet)
		return NULL;
	subnet = vnet_find_subnet(vnet, slash + 1);
	if (!subnet) {
		char noun[160];
		NAME_LIST(names, vnet->subnets);

		subnet_ref.name = slash + 1;
		(void)snprintf(noun, sizeof(noun), "subnet of '%s' named", vnet->object.name);
		unknown_name(c, &subnet_ref, noun, &names);
	}
	return subnet;
}

/* Machines share one name space: each becomes a network namespace of that name. */
static void add_node_name(struct check *c, const char *name, const struct object *object)
{
	const struct object *other = lab_name_find(c->lab, NAME_NODE, name);

	if (!strcasecmp(name, "fabric")) {
		diag_add(c->diags, DIAG_DUPLICATE_NAME, object->pos,
			 "the name 'fabric' is kept for the lab's own fabric");
		return;
	}
	if (other) {
		struct diag *diag = diag_add(c->diags, DIAG_DUPLICATE_NAME, object->pos,
					     "a machine named '%s' is already in the lab", name);

		diag->also = other->pos;
		return;
	}
	lab_name_add(c->lab, NAME_NODE, name, (void *)object);
}

static void index_names(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		lab_name_add(lab, NAME_VNET, lab->virtual_networks.items[i].object.name,
			     &lab->virtual_networks.items[i]);
	for (size_t i = 0; i < lab->vms.count; i++) {
		struct vm *vm = &lab->vms.items[i];

		lab_name_add(lab, NAME_VM, vm->object.name, vm);
		add_node_name(c, vm->object.name, &vm->object);
	}
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		struct gateway *gateway = &lab->virtual_network_gateways.items[i];

		lab_name_add(lab, NAME_GATEWAY, gateway->object.name, gateway);
		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
			add_node_name(c, arena_printf(lab->arena, "%s-%u", gateway->object.name, n),
				      &gateway->object);
	}
	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		struct circuit *circuit = &lab->express_route_circuits.items[i];

		circuit->index = (unsigned)i;
		lab_name_add(lab, NAME_CIRCUIT, circuit->object.name, circuit);
		for (int path = 0; path < PATH_COUNT; path++)
			add_node_name(c,
				      arena_printf(lab->arena, "%s-%s", circuit->object.name,
						   choice_name(path_names, path)),
				      &circuit->object);
	}
	for (size_t i = 0; i < lab->providers.count; i++) {
		struct provider *provider = &lab->providers.items[i];

		lab_name_add(lab, NAME_PROVIDER, provider->object.name, provider);
		add_node_name(c, provider->object.name, &provider->object);
	}
	for (size_t i = 0; i < lab->branches.count; i++) {
		struct branch *branch = &lab->branches.items[i];

		lab_name_add(lab, NAME_BRANCH, branch->object.name, branch);
		add_node_name(c, branch->object.name, &branch->object);
	}
}

/* R9.4 */
static const char *const reserved_spaces[] = {
	"224.0.0.0/4", "255.255.255.255/32", "127.0.0.0/8", "169.254.0.0/16", "168.63.129.16/32",
};

/* False, with a finding, when the prefix cannot be part of a virtual network at all. */
static bool check_space(struct check *c, const struct object *object, const struct space *space)
{
	struct prefix reserved;

	if (space->prefix.addr.family == IP_NONE)
		return false; /* the reader said why */
	if (space->prefix.addr.family != IP_V4) {
		diag_add(c->diags, DIAG_BAD_VALUE, space->pos,
			 "'%s': %s is IPv6, which labs do not have yet", object->name,
			 prefix_print(space->prefix).text);
		return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reserved_spaces); i++) {
		if (!prefix_parse(reserved_spaces[i], &reserved) ||
		    !prefix_overlaps(reserved, space->prefix))
			continue;
		diag_add(c->diags, DIAG_RESERVED_SPACE, space->pos,
			 "'%s': %s contains addresses of %s", object->name,
			 prefix_print(space->prefix).text, reserved_spaces[i]);
		return false;
	}
	return true;
}

static bool covered_by(const struct spaces *spaces, struct prefix prefix)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_NONE &&
		    prefix_covers(spaces->items[i].prefix, prefix))
			return true;
	return false;
}

static void check_subnet_overlap(struct check *c, const struct vnet *vnet, size_t index)
{
	const struct subnet *subnet = &vnet->subnets.items[index];
	const struct space *space = &subnet->address_prefix.items[0];

	for (size_t i = 0; i < index; i++) {
		const struct subnet *other = &vnet->subnets.items[i];
		const struct space *taken = other->address_prefix.items;

		if (!taken || taken->prefix.addr.family == IP_NONE ||
		    !prefix_overlaps(taken->prefix, space->prefix))
			continue;
		diag_add(c->diags, DIAG_OVERLAP, space->pos, "subnet '%s': %s overlaps subnet '%s'",
			 subnet->object.name, prefix_print(space->prefix).text, other->object.name)
			->also = taken->pos;
		return;
	}
}

static void check_subnet(struct check *c, struct vnet *vnet, size_t index)
{
	struct subnet *subnet = &vnet->subnets.items[index];
	const struct space *space = subnet->address_prefix.items;

	subnet->vnet = vnet;
	if (!strcasecmp(subnet->object.name, "GatewaySubnet"))
		vnet->gateway_subnet = subnet;
	if (!subnet->address_prefix.count || !check_space(c, &subnet->object, space))
		return;
	if (subnet->address_prefix.count > 1)
		diag_add(c->diags, DIAG_BAD_VALUE, space[1].pos,
			 "subnet '%s' has more than one IPv4 prefix", subnet->object.name);
	if (space->prefix.len > 29)
		diag_add(c->diags, DIAG_SUBNET_SIZE, space->pos,
			 "subnet '%s': a /%u has no address to give: Azure keeps five",
			 subnet->object.name, space->prefix.len);
	if (!covered_by(&vnet->address_prefixes, space->prefix)) {
		struct diag *diag = diag_add(c->diags, DIAG_NOT_IN_SPACE, space->pos,
					     "subnet '%s': %s is not in the address space of '%s'",
					     subnet->object.name, prefix_print(space->prefix).text,
					     vnet->object.name);

		if (vnet->address_prefixes.count)
			diag->also = vnet->address_prefixes.items[0].pos;
	}
	check_subnet_overlap(c, vnet, index);
}

static void check_vnet(struct check *c, struct vnet *vnet)
{
	const struct spaces *spaces = &vnet->address_prefixes;

	for (size_t i = 0; i < spaces->count; i++) {
		if (!check_space(c, &vnet->object, &spaces->items[i]))
			continue;
		for (size_t j = 0; j < i; j++)
			if (spaces->items[j].prefix.addr.family != IP_NONE &&
			    prefix_overlaps(spaces->items[i].prefix, spaces->items[j].prefix))
				diag_add(c->diags, DIAG_OVERLAP, spaces->items[i].pos,
					 "virtual network '%s': %s overlaps %s", vnet->object.name,
					 prefix_print(spaces->items[i].prefix).text,
					 prefix_print(spaces->items[j].prefix).text)
					->also = spaces->items[j].pos;
	}
	for (size_t i = 0; i < vnet->subnets.count; i++)
		check_subnet(c, vnet, i);
}

/* The first pair of overlapping prefixes of two spaces. */
static bool spaces_overlap(const struct spaces *a, const struct spaces *b, struct prefix *ret_a,
			   struct prefix *ret_b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			*ret_a = a->items[i].prefix;
			*ret_b = b->items[j].prefix;
			if (ret_a->addr.family != IP_NONE && ret_b->addr.family != IP_NONE &&
			    prefix_overlaps(*ret_a, *ret_b))
				return true;
		}
	}
	return false;
}

static void check_peering_overlap(struct check *c, const struct vnet *vnet,
				  const struct peering *peering)
{
	const struct vnet *remote = peering->remote_vnet;
	struct prefix a, b;

	if (spaces_overlap(&remote->address_prefixes, &vnet->address_prefixes, &a, &b))
		diag_add(c->diags, DIAG_PEERING_OVERLAP, peering->remote.pos,
			 "peering '%s': %s of '%s' overlaps %s of '%s'", peering->object.name,
			 prefix_print(a).text, remote->object.name, prefix_print(b).text,
			 vnet->object.name)
			->also = remote->object.pos;
	for (size_t i = 0; &vnet->peerings.items[i] != peering; i++) {
		const struct peering *other = &vnet->peerings.items[i];

		if (other->remote_vnet &&
		    other->remote_vnet != remote && /* that one is a finding of its own */
		    spaces_overlap(&remote->address_prefixes, &other->remote_vnet->address_prefixes,
				   &a, &b))
			diag_add(
				c->diags, DIAG_PEERING_OVERLAP, peering->remote.pos,
				"peering '%s': %s of '%s' overlaps %s of '%s', which is peered too",
				peering->object.name, prefix_print(a).text, remote->object.name,
				prefix_print(b).text, other->remote_vnet->object.name)
				->also = other->object.pos;
	}
}

static void check_peering(struct check *c, struct vnet *vnet, struct peering *peering)
{
	struct vnet *remote = resolve_vnet(c, &peering->remote);

	if (!remote)
		return;
	if (remote == vnet) {
		diag_add(c->diags, DIAG_PEERING, peering->remote.pos,
			 "peering '%s' joins '%s' to itself", peering->object.name,
			 vnet->object.name);
		return;
	}
	for (size_t i = 0; &vnet->peerings.items[i] != peering; i++) {
		if (vnet->peerings.items[i].remote_vnet != remote)
			continue;
		diag_add(c->diags, DIAG_PEERING, peering->remote.pos,
			 "peering '%s': '%s' is already peered with '%s'", peering->object.name,
			 vnet->object.name, remote->object.name)
			->also = vnet->peerings.items[i].object.pos;
		return;
	}
	peering->remote_vnet = remote;
	check_peering_overlap(c, vnet, peering);
}

/* R4.1: a peering is Connected when both halves stand. */
static void pair_peerings(struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];
		struct vnet *remote = peering->remote_vnet;

		for (size_t j = 0; remote && j < remote->peerings.count; j++)
			if (remote->peerings.items[j].remote_vnet == vnet)
				peering->reverse = &remote->peerings.items[j];
		peering->state = peering->reverse ? PEERING_CONNECTED : PEERING_INITIATED;
	}
}

/* R4.4 */
static void check_remote_gateways(struct check *c, struct vnet *vnet)
{
	const struct peering *first = NULL;

	vnet->used_express_route = vnet->express_route;
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];
		struct src_pos pos = peering->use_remote_gateways.pos;
		const char *name = peering->object.name;
		struct vnet *remote = peering->remote_vnet;

		if (!peering->use_remote_gateways.value || !remote)
			continue;
		if (first)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': only one peering of '%s' can use remote gateways",
				 name, vnet->object.name)
				->also = first->use_remote_gateways.pos;
		else if (vnet->express_route)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' has a gateway of its own", name,
				 vnet->object.name)
				->also = vnet->express_route->object.pos;
		else if (!remote->express_route)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' has no gateway to use", name,
				 remote->object.name)
				->also = remote->object.pos;
		else if (!peering->reverse || !peering->reverse->allow_gateway_transit.value)
			diag_add(c->diags, DIAG_REMOTE_GATEWAYS, pos,
				 "peering '%s': '%s' does not say allow_gateway_transit: true",
				 name, remote->object.name)
				->also = peering->reverse ? peering->reverse->object.pos
							  : remote->object.pos;
		else
			vnet->used_express_route = remote->express_route;
		first = peering;
	}
}

/* Number the sets of virtual networks that peerings join. */
static void mark_group(struct vnet *vnet, unsigned group)
{
	vnet->group = group;
	for (size_t i = 0; i < vnet->peerings.count; i++) {
		struct peering *peering = &vnet->peerings.items[i];

		if (peering->state == PEERING_CONNECTED && !peering->remote_vnet->group)
			mark_group(peering->remote_vnet, group);
	}
}

static void check_gateway(struct check *c, struct gateway *gateway)
{
	struct vnet *vnet = resolve_vnet(c, &gateway->virtual_network);

	gateway->vnet = vnet;
	if (gateway->ip_configurations.count &&
	    gateway->ip_configurations.count != GATEWAY_INSTANCES)
		diag_add(c->diags, DIAG_BAD_VALUE, gateway->ip_configurations.items[0].pos,
			 "gateway '%s' has %d instances: 'ip_configurations' must list as many "
			 "addresses, not %zu",
			 gateway->object.name, GATEWAY_INSTANCES, gateway->ip_configurations.count);
	if (!vnet)
		return;
	if (vnet->express_route) {
		diag_add(c->diags, DIAG_GATEWAY_TAKEN, gateway->virtual_network.pos,
			 "gateway '%s': '%s' already has an ExpressRoute gateway",
			 gateway->object.name, vnet->object.name)
			->also = vnet->express_route->object.pos;
		return;
	}
	vnet->express_route = gateway;
	if (!vnet->gateway_subnet) {
		struct diag *diag =
			diag_add(c->diags, DIAG_NO_GATEWAY_SUBNET, gateway->virtual_network.pos,
				 "gateway '%s': '%s' has no subnet named GatewaySubnet",
				 gateway->object.name, vnet->object.name);

		diag->also = vnet->object.pos;
	}
}

/* A /30, of which the provider has the first address and the MSEE the second (R6.1). */
static void check_peer_prefix(struct check *c, struct circuit *circuit, enum path path,
			      const struct spaces *given)
{
	/* what stands in when the file gives none: a /30 of link-local space for each path */
	unsigned n = circuit->index * PATH_COUNT + (unsigned)path;

	circuit->peer_prefix[path] = prefix_of(ip4(0xa9fe4000u + n * 4), 30);
	if (!given->count || given->items[0].prefix.addr.family == IP_NONE)
		return;
	if (given->items[0].prefix.addr.family != IP_V4 || given->items[0].prefix.len != 30)
		diag_add(c->diags, DIAG_BAD_VALUE, given->items[0].pos,
			 "circuit '%s': a peer address prefix is an IPv4 /30",
			 circuit->object.name);
	circuit->peer_prefix[path] = given->items[0].prefix;
}

static bool in_any_vnet(const struct lab *lab, struct ip ip)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (covered_by(&lab->virtual_networks.items[i].address_prefixes, prefix_host(ip)))
			return true;
	return false;
}

/* MSEE addresses lie in no customer's range (R1.12, R6.8). */
static void check_msee_address(struct check *c, struct circuit *circuit)
{
	static const char *const usual[] = { "10.3.129.58", "10.20.78.137", "10.2.146.56",
					     "100.127.129.58" };
	const struct address *given[] = { &circuit->msee_address,
					  &circuit->msee_secondary_address };
	struct ip ip = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(usual) && ip.family == IP_NONE; i++) {
		if (ip_parse(usual[i], &ip) && in_any_vnet(c->lab, ip))
			ip = (struct ip){ 0 };
	}
	if (circuit->msee_address.ip.family != IP_NONE)
		ip = circuit->msee_address.ip;
	circuit->msee_ip[PATH_PRIMARY] = ip;
	circuit->msee_ip[PATH_SECONDARY] = circuit->msee_secondary_address.ip.family != IP_NONE
						   ? circuit->msee_secondary_address.ip
						   : ip_add(ip, 1);
	for (size_t i = 0; i < ARRAY_SIZE(given); i++) {
		if (given[i]->ip.family == IP_V6)
			diag_add(c->diags, DIAG_BAD_VALUE, given[i]->pos,
				 "circuit '%s': an MSEE address is IPv4", circuit->object.name);
		else if (given[i]->ip.family == IP_V4 && in_any_vnet(c->lab, given[i]->ip))
			diag_add(
				c->diags, DIAG_RESERVED_ADDRESS, given[i]->pos,
				"circuit '%s': %s lies in a virtual network of the lab; MSEEs have "
				"addresses of their own",
				circuit->object.name, ip_print(given[i]->ip).text);
	}
}

static void check_connection(struct check *c, struct connection *connection)
{
	const struct ref *gateway = &connection->gateway_ref, *circuit = &connection->circuit_ref;

	if (gateway->name) {
		connection->gateway = lab_find_gateway(c->lab, gateway->name);
		NAME_LIST(names, c->lab->virtual_network_gateways);
		if (!connection->gateway)
			unknown_name(c, gateway, "virtual network gateway", &names);
	}
	if (circuit->name) {
		connection->circuit = lab_find_circuit(c->lab, circuit->name);
		NAME_LIST(names, c->lab->express_route_circuits);
		if (!connection->circuit)
			unknown_name(c, circuit, "ExpressRoute circuit", &names);
	}
	if (!connection->gateway || !connection->circuit)
		return;
	for (size_t i = 0; &c->lab->connections.items[i] != connection; i++) {
		const struct connection *other = &c->lab->connections.items[i];

		if (other->circuit != connection->circuit)
			continue;
		connection->index_in_circuit = other->index_in_circuit + 1;
		if (other->gateway == connection->gateway)
			diag_add(c->diags, DIAG_CONNECTION, connection->object.pos,
				 "connection '%s': '%s' and '%s' are already connected",
				 connection->object.name, other->gateway->object.name,
				 other->circuit->object.name)
				->also = other->object.pos;
	}
}

static void check_link(struct check *c, struct provider *provider, struct provider_link *link)
{
	struct provider_link **taken;

	link->provider = provider;
	if (!link->circuit_ref.name)
		return;
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

static void check_provider(struct check *c, struct provider *provider)
{
	double asn = provider->asn.value;

	if (asn_is_kept_by_azure(asn))
		diag_add(c->diags, DIAG_ASN, provider->asn.pos,
			 "provider '%s': AS number %.0f is one that Azure keeps for itself",
			 provider->object.name, asn);
	for (size_t i = 0; i < provider->links.count; i++) {
		provider->links.items[i].index = (unsigned)i;
		check_link(c, provider, &provider->links.items[i]);
	}
}

/* The short form becomes the long one. */
static void expand_nic(struct check *c, struct vm *vm)
{
	struct nic *nic;

	if (vm->network_interfaces.count) {
		if (vm->subnet.name)
			diag_add(c->diags, DIAG_WRONG_SHAPE, vm->subnet.pos,
				 "virtual machine '%s' has 'network_interfaces': 'subnet' stands "
				 "there",
				 vm->object.name);
		return;
	}
	if (!vm->subnet.name) {
		if (!vm->subnet.pos.line)
			diag_add(c->diags, DIAG_MISSING_KEY, vm->object.pos,
				 "virtual machine '%s': 'subnet' is missing", vm->object.name);
		return;
	}
	nic = ARENA_PUSH(c->lab->arena, vm->network_interfaces.items, vm->network_interfaces.count);
	nic->object.name = vm->nic.value ? vm->nic.value
					 : arena_printf(c->lab->arena, "%s-nic", vm->object.name);
	nic->object.pos = vm->object.pos;
	nic->subnet_ref = vm->subnet;
	nic->private_ip_address = vm->private_ip_address;
	nic->enable_ip_forwarding = vm->enable_ip_forwarding;
}

static void check_nic(struct check *c, struct vm *vm, struct nic *nic)
{
	struct nic *other = lab_name_find(c->lab, NAME_NIC, nic->object.name);

	nic->vm = vm;
	if (other)
		diag_add(c->diags, DIAG_DUPLICATE_NAME, nic->object.pos,
			 "a NIC named '%s' is already in the lab", nic->object.name)
			->also = other->object.pos;
	else
		lab_name_add(c->lab, NAME_NIC, nic->object.name, nic);
	nic->subnet = resolve_subnet(c, &nic->subnet_ref);
	if (nic->subnet && (nic->subnet == nic->subnet->vnet->gateway_subnet ||
			    !strcasecmp(nic->subnet->object.name, "RouteServerSubnet")))
		diag_add(c->diags, DIAG_WRONG_SUBNET, nic->subnet_ref.pos,
			 "virtual machine '%s' cannot be placed in %s", vm->object.name,
			 nic->subnet->object.name);
}

static void check_vm(struct check *c, struct vm *vm)
{
	expand_nic(c, vm);
	for (size_t i = 0; i < vm->network_interfaces.count; i++)
		check_nic(c, vm, &vm->network_interfaces.items[i]);
}

static struct nic *resolve_probe_end(struct check *c, const struct ref *ref)
{
	struct vm *vm = ref->name ? lab_find_vm(c->lab, ref->name) : NULL;

	if (ref->name && !vm) {
		NAME_LIST(names, c->lab->vms);
		unknown_name(c, ref, "virtual machine", &names);
	}
	return vm && vm->network_interfaces.count ? &vm->network_interfaces.items[0] : NULL;
}

static void check_probe(struct check *c, struct probe_spec *probe)
{
	probe->from = resolve_probe_end(c, &probe->from_ref);
	probe->to = resolve_probe_end(c, &probe->to_ref);
	if (probe->from && probe->from == probe->to)
		diag_add(c->diags, DIAG_PROBE, probe->to_ref.pos,
			 "the probe goes from '%s' to itself", probe->to_ref.name);
}

static void check_networks(struct check *c)
{
	struct lab *lab = c->lab;
	unsigned groups = 0;

	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		lab->virtual_networks.items[i].index = (unsigned)i;
		check_vnet(c, &lab->virtual_networks.items[i]);
	}
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t j = 0; j < vnet->peerings.count; j++)
			check_peering(c, vnet, &vnet->peerings.items[j]);
	}
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++)
		check_gateway(c, &lab->virtual_network_gateways.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		pair_peerings(&lab->virtual_networks.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		check_remote_gateways(c, vnet);
		if (!vnet->location.value)
			vnet->location.value = lab->location.value;
		if (!vnet->group)
			mark_group(vnet, ++groups);
	}
}

static void check_express_route(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->express_route_circuits.count; i++) {
		struct circuit *circuit = &lab->express_route_circuits.items[i];

		check_peer_prefix(c, circuit, PATH_PRIMARY, &circuit->primary_peer_address_prefix);
		check_peer_prefix(c, circuit, PATH_SECONDARY,
				  &circuit->secondary_peer_address_prefix);
		check_msee_address(c, circuit);
	}
	for (size_t i = 0; i < lab->connections.count; i++)
		check_connection(c, &lab->connections.items[i]);
	for (size_t i = 0; i < lab->providers.count; i++)
		check_provider(c, &lab->providers.items[i]);
	lab_check_branches(lab, c->diags);
}

void lab_check(struct lab *lab, struct diags *diags)
{
	struct check c = { .lab = lab, .diags = diags };

	lab_join_steps(lab);
	index_names(&c);
	check_networks(&c);
	check_express_route(&c);
	for (size_t i = 0; i < lab->vms.count; i++)
		check_vm(&c, &lab->vms.items[i]);
	for (size_t i = 0; i < lab->probes.count; i++)
		check_probe(&c, &lab->probes.items[i]);
	lab_check_expectations(lab, diags);
	if (diags_error_count(diags))
		return;
	lab_assign_addresses(lab, diags);
	lab_complete_probes(lab);
}
