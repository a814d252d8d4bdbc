/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab_check_parts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void name_list_add(struct name_list *list, const char *name)
{
	if (name && list->count < ARRAY_SIZE(list->names))
		list->names[list->count++] = name;
}

/* The object that a resource id or an address of Terraform ends with, or nearly. */
static const char *named_within(const char *word, const struct name_list *list)
{
	const char *found = NULL;

	if (strcspn(word, "/.") == strlen(word))
		return NULL;
	for (size_t len; *word; word += len + (word[len] != '\0')) {
		len = strcspn(word, "/.");
		for (size_t i = 0; i < list->count; i++)
			if (strlen(list->names[i]) == len &&
			    !strncasecmp(list->names[i], word, len))
				found = list->names[i];
	}
	return found;
}

bool hint_near(struct check *c, struct diag *diag, const char *word, const struct name_list *list)
{
	const char *near = NULL;

	if (diag_is_kept(diag))
		near = named_within(word, list);
	if (diag_is_kept(diag) && !near)
		near = nearest_word(word, list->names, list->count);
	if (near)
		diag_hint(c->diags, diag, "did you mean '%s'?", near);
	return near;
}

/* The name may be that of something else. */
static void hint_other_kind(struct check *c, struct diag *diag, const char *name)
{
	static const struct {
		enum name_kind kind;
		const char *noun;
	} kinds[] = {
		{ NAME_VNET, "a virtual network" },
		{ NAME_VM, "a virtual machine" },
		{ NAME_GATEWAY, "a gateway" },
		{ NAME_LOCAL_NETWORK_GATEWAY, "a local network gateway" },
		{ NAME_ROUTE_SERVER, "a Route Server" },
		{ NAME_CIRCUIT, "a circuit" },
		{ NAME_ER_PORT, "an ExpressRoute port" },
		{ NAME_PROVIDER, "a provider" },
		{ NAME_BRANCH, "a branch" },
		{ NAME_ROUTE_TABLE, "a route table" },
		{ NAME_NSG, "an NSG" },
		{ NAME_ASG, "an ASG" },
		{ NAME_NETWORK_GROUP, "a network group" },
		{ NAME_PUBLIC_IP, "a public IP address" },
		{ NAME_NAT_GATEWAY, "a NAT gateway" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (lab_name_find(c->lab, kinds[i].kind, name)) {
			diag_hint(c->diags, diag, "'%.80s' is %s", name, kinds[i].noun);
			return;
		}
}

void unknown_name(struct check *c, const struct ref *ref, const char *noun,
		  const struct name_list *list)
{
	struct diag *diag = diag_add(c->diags, DIAG_UNKNOWN_NAME, ref->pos,
				     "there is no %s '%.80s'", noun, ref->name);

	if (!hint_near(c, diag, ref->name, list) && diag_is_kept(diag))
		hint_other_kind(c, diag, ref->name);
}

bool is_listed_twice(struct check *c, const struct text_list *list, size_t at, const char *owner)
{
	for (size_t i = 0; i < at; i++)
		if (!strcasecmp(list->items[i].value, list->items[at].value)) {
			diag_add(c->diags, DIAG_DUPLICATE_NAME, list->items[at].pos,
				 "%s lists '%.80s' twice", owner, list->items[at].value)
				->also = list->items[i].pos;
			return true;
		}
	return false;
}

struct vnet *resolve_vnet(struct check *c, const struct ref *ref)
{
	struct vnet *vnet = ref->name ? lab_find_vnet(c->lab, ref->name) : NULL;

	if (ref->name && !vnet) {
		NAME_LIST(names, c->lab->virtual_networks);
		unknown_name(c, ref, "virtual network", &names);
	}
	return vnet;
}

struct word {
	const char *text;
	int len;
};

/* The words of a resource id that stand behind "/KIND/"; empty when it has none. */
static struct word part_of_id(const char *id, const char *kind)
{
	const char *at = strcasestr(id, kind);

	if (!at)
		return (struct word){ "", 0 };
	at += strlen(kind);
	return (struct word){ at, (int)strcspn(at, "/") };
}

/* "/subscriptions/.../virtualNetworks/hub/subnets/s1" */
static void subnet_by_id(struct check *c, const struct ref *ref)
{
	struct diag *diag =
		diag_add(c->diags, DIAG_BAD_VALUE, ref->pos,
			 "a subnet is written VIRTUAL-NETWORK/SUBNET, not as a resource id");
	struct word vnet = part_of_id(ref->name, "/virtualNetworks/");
	struct word subnet = part_of_id(ref->name, "/subnets/");

	if (vnet.len && subnet.len)
		diag_hint(c->diags, diag, "did you mean '%.*s/%.*s'?", vnet.len, vnet.text,
			  subnet.len, subnet.text);
}

/* "virtual-network/subnet" */
struct subnet *resolve_subnet(struct check *c, const struct ref *ref)
{
	const char *slash = ref->name ? strchr(ref->name, '/') : NULL;
	struct ref vnet_ref = *ref, subnet_ref = *ref;
	struct subnet *subnet;
	struct vnet *vnet;
	char name[130];

	if (!ref->name)
		return NULL;
	if (slash == ref->name) {
		subnet_by_id(c, ref);
		return NULL;
	}
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

void *note_address(struct check *c, const char *owner, struct ip ip, void *object)
{
	const char *key = arena_printf(c->lab->arena, "%s %s", ip_print(ip).text, owner);
	void *other = lab_name_find(c->lab, NAME_ADDRESS_OF, key);

	if (!other)
		lab_name_add(c->lab, NAME_ADDRESS_OF, key, object);
	return other;
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

/* "This" network, loopback, and all from multicast on. */
const char *martian_with(struct prefix prefix)
{
	static const char *const martians[] = { "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3" };
	struct prefix martian;

	for (size_t i = 0; i < ARRAY_SIZE(martians); i++)
		if (prefix_parse(martians[i], &martian) && prefix_covers(martian, prefix))
			return martians[i];
	return NULL;
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
	for (size_t i = 0; i < lab->private_endpoints.count; i++)
		add_node_name(c, lab->private_endpoints.items[i].object.name,
			      &lab->private_endpoints.items[i].object);
	for (size_t i = 0; i < lab->virtual_network_gateways.count; i++) {
		struct gateway *gateway = &lab->virtual_network_gateways.items[i];

		lab_name_add(lab, NAME_GATEWAY, gateway->object.name, gateway);
		for (unsigned n = 0; n < gateway_instance_count(gateway); n++)
			add_node_name(c, arena_printf(lab->arena, "%s-%u", gateway->object.name, n),
				      &gateway->object);
	}
	for (size_t i = 0; i < lab->route_servers.count; i++) {
		struct route_server *server = &lab->route_servers.items[i];

		lab_name_add(lab, NAME_ROUTE_SERVER, server->object.name, server);
		for (unsigned n = 0; n < GATEWAY_INSTANCES; n++)
			add_node_name(c, arena_printf(lab->arena, "%s-%u", server->object.name, n),
				      &server->object);
	}
	for (size_t i = 0; i < lab->local_network_gateways.count; i++)
		lab_name_add(lab, NAME_LOCAL_NETWORK_GATEWAY,
			     lab->local_network_gateways.items[i].object.name,
			     &lab->local_network_gateways.items[i]);
	for (size_t i = 0; i < lab->express_route_ports.count; i++)
		lab_name_add(lab, NAME_ER_PORT, lab->express_route_ports.items[i].object.name,
			     &lab->express_route_ports.items[i]);
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

/* What may be a name here, but not in Azure. */
static void check_azure_name(struct check *c, const struct object *object, const char *noun)
{
	char last;

	if (!is_object_name(object->name))
		return; /* that is a finding already */
	last = object->name[strlen(object->name) - 1];
	if (last == '-' || last == '.')
		diag_add(c->diags, DIAG_AZURE_NAME, object->pos,
			 "%s '%.80s': in Azure a name does not end with '%c'", noun, object->name,
			 last);
}

#define CHECK_AZURE_NAMES(c, objects, noun)                                                        \
	for (size_t azure_i = 0; azure_i < (objects).count; azure_i++)                             \
	check_azure_name((c), &(objects).items[azure_i].object, (noun))

static void check_azure_names(struct check *c)
{
	const struct lab *lab = c->lab;

	CHECK_AZURE_NAMES(c, lab->virtual_networks, "virtual network");
	CHECK_AZURE_NAMES(c, lab->route_tables, "route table");
	CHECK_AZURE_NAMES(c, lab->private_endpoints, "private endpoint");
	CHECK_AZURE_NAMES(c, lab->virtual_network_gateways, "gateway");
	CHECK_AZURE_NAMES(c, lab->local_network_gateways, "local network gateway");
	CHECK_AZURE_NAMES(c, lab->route_servers, "Route Server");
	CHECK_AZURE_NAMES(c, lab->express_route_ports, "ExpressRoute port");
	CHECK_AZURE_NAMES(c, lab->express_route_circuits, "circuit");
	CHECK_AZURE_NAMES(c, lab->connections, "connection");
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		CHECK_AZURE_NAMES(c, lab->virtual_networks.items[i].subnets, "subnet");
		CHECK_AZURE_NAMES(c, lab->virtual_networks.items[i].peerings, "peering");
	}
	for (size_t i = 0; i < lab->vms.count; i++) {
		const struct object *vm = &lab->vms.items[i].object;
		const char *odd = strpbrk(vm->name, "_.");

		if (lab->vms.items[i].is_internet || lab->vms.items[i].branch)
			continue; /* it is not Azure's */
		check_azure_name(c, vm, "virtual machine");
		CHECK_AZURE_NAMES(c, lab->vms.items[i].network_interfaces, "NIC");
		if (odd && odd[1] && is_object_name(vm->name))
			diag_add(c->diags, DIAG_AZURE_NAME, vm->pos,
				 "virtual machine '%.80s': in Azure its name has no '%c'", vm->name,
				 *odd);
	}
}

/* An NVA is a virtual machine whose guest forwards, and whose NICs may (R9.7). */
static void join_nvas(struct lab *lab)
{
	for (size_t i = 0; i < lab->nvas.count; i++) {
		struct vm *vm = ARENA_PUSH(lab->arena, lab->vms.items, lab->vms.count);

		*vm = lab->nvas.items[i];
		vm->is_nva = true;
		if (!vm->enable_ip_forwarding.pos.line)
			vm->enable_ip_forwarding.value = true;
		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			struct flag *flag = &vm->network_interfaces.items[n].enable_ip_forwarding;

			if (!flag->pos.line)
				flag->value = true;
		}
	}
	lab->nvas.count = 0;
}

void lab_check(struct lab *lab, struct diags *diags)
{
	struct check c = { .lab = lab, .diags = diags };

	lab_join_steps(lab);
	join_nvas(lab);
	join_branch_hosts(lab);
	join_internet(lab);
	index_names(&c);
	check_azure_names(&c);
	check_networks(&c);
	check_routes(&c);
	check_security(&c);
	check_admin_rules(&c);
	check_internet(&c);
	check_public_ips_of_gateways(&c);
	check_express_route(&c);
	check_providers(&c);
	check_branches(&c);
	check_counts(&c);
	check_vms(&c);
	check_route_servers(&c);
	check_groups(&c);
	lab_check_expectations(lab, diags);
	if (diags_error_count(diags))
		return;
	lab_assign_addresses(lab, diags);
	check_next_hops_of_lab(&c);
	check_tunnels_of_lab(&c);
	lab_complete_probes(lab);
}
