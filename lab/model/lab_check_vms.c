/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual machines, their NICs, and the probes between them. */
#include "lab/model/lab_check_parts.h"

#define NICS_MAX           8 /* of one machine: no size of Azure's has more */
#define ADDRESSES_MAX      65536
#define CONFIGURATIONS_MAX 256

/* What describes the one NIC has no place where there is a list of them. */
static void check_short_form(struct check *c, const struct vm *vm)
{
	const struct {
		const char *key;
		struct src_pos pos;
	} keys[] = {
		{ "subnet", vm->subnet.pos },
		{ "nic", vm->nic.pos },
		{ "private_ip_address", vm->private_ip_address.pos },
		{ "ip_configurations", vm->ip_configurations.count
					       ? vm->ip_configurations.items[0].pos
					       : (struct src_pos){ 0 } },
		{ "enable_ip_forwarding", vm->enable_ip_forwarding.pos },
		{ "network_security_group", vm->network_security_group_ref.pos },
		{ "application_security_groups",
		  vm->application_security_groups.count
			  ? vm->application_security_groups.items[0].pos
			  : (struct src_pos){ 0 } },
		{ "public_ip_address", vm->public_ip_address_ref.pos },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (keys[i].pos.line)
			diag_add(c->diags, DIAG_WRONG_SHAPE, keys[i].pos,
				 "virtual machine '%s' has 'network_interfaces': '%s' stands there",
				 vm->object.name, keys[i].key);
}

/* The short form becomes the long one. */
static void expand_nic(struct check *c, struct vm *vm)
{
	struct nic *nic;

	if (vm->network_interfaces.count) {
		check_short_form(c, vm);
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
	nic->ip_configurations = vm->ip_configurations;
	nic->enable_ip_forwarding = vm->enable_ip_forwarding;
	nic->network_security_group_ref = vm->network_security_group_ref;
	nic->application_security_groups = vm->application_security_groups;
	nic->public_ip_address_ref = vm->public_ip_address_ref;
}

/* NICs have different names, and none has that of another's machine: both are what users type. */
void check_nic_name(struct check *c, const struct vm *vm, struct nic *nic)
{
	const struct nic *other = lab_name_find(c->lab, NAME_NIC, nic->object.name);
	const struct vm *namesake = lab_find_vm(c->lab, nic->object.name);

	if (other)
		diag_add(c->diags, DIAG_DUPLICATE_NAME, nic->object.pos,
			 "a NIC named '%s' is already in the lab", nic->object.name)
			->also = other->object.pos;
	else
		lab_name_add(c->lab, NAME_NIC, nic->object.name, nic);
	if (namesake && namesake != vm)
		diag_add(c->diags, DIAG_DUPLICATE_NAME, nic->object.pos,
			 "a NIC of '%s' has the name of the virtual machine '%s'", vm->object.name,
			 namesake->object.name)
			->also = namesake->object.pos;
}

/* The primary address is of IPv4, and one more at most of IPv6. */
static void check_nic_families(struct check *c, const struct nic *nic)
{
	const struct address *first = NULL;

	for (size_t i = 0; i < nic->ip_configurations.count; i++) {
		const struct address *address = &nic->ip_configurations.items[i];

		if (address->ip.family != IP_V6)
			continue;
		if (!i)
			diag_add(c->diags, DIAG_IP_FAMILY, address->pos,
				 "NIC '%s': its first address is the primary one, of IPv4",
				 nic->object.name);
		if (first)
			diag_add(c->diags, DIAG_IP_FAMILY, address->pos,
				 "NIC '%s' has more than one IPv6 address", nic->object.name)
				->also = first->pos;
		first = address;
	}
}

/* R9.1: 256 addresses are the most that a NIC has. */
static void check_configurations(struct check *c, const struct nic *nic)
{
	const struct addresses *all = &nic->ip_configurations;

	if (all->count && nic->private_ip_address.pos.line)
		diag_add(c->diags, DIAG_WRONG_SHAPE, nic->private_ip_address.pos,
			 "NIC '%s' has 'ip_configurations': 'private_ip_address' is the first of "
			 "them",
			 nic->object.name)
			->also = all->items[0].pos;
	if (all->count > CONFIGURATIONS_MAX)
		diag_add(c->diags, DIAG_LIMIT, all->items[CONFIGURATIONS_MAX].pos,
			 "NIC '%s' has %zu addresses, the limit is %d", nic->object.name,
			 all->count, CONFIGURATIONS_MAX);
}

static void check_nic(struct check *c, struct vm *vm, struct nic *nic)
{
	const struct nic *first = &vm->network_interfaces.items[0];

	nic->vm = vm;
	check_nic_name(c, vm, nic);
	check_configurations(c, nic);
	check_nic_families(c, nic);
	nic->subnet = resolve_subnet(c, &nic->subnet_ref);
	check_security_of_nic(c, nic);
	check_public_ip_of_nic(c, nic);
	if (!nic->subnet)
		return;
	if (subnet_service(nic->subnet))
		diag_add(c->diags, DIAG_WRONG_SUBNET, nic->subnet_ref.pos,
			 "virtual machine '%s' cannot be placed in %s", vm->object.name,
			 nic->subnet->object.name);
	if (first->subnet && first->subnet->vnet != nic->subnet->vnet)
		diag_add(c->diags, DIAG_NIC_NETWORK, nic->subnet_ref.pos,
			 "virtual machine '%s' is in '%s': it can have no NIC in '%s'",
			 vm->object.name, first->subnet->vnet->object.name,
			 nic->subnet->vnet->object.name)
			->also = first->subnet_ref.pos;
}

/* The command line of a kernel has two thousand bytes; the longest word has 84 of them. */
#define GUEST_WORDS_MAX 20
#define WORDS_OF_NIC    3 /* an address of each family, and a route */

static bool is_in_a_network(const struct lab *lab, struct ip ip)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (spaces_cover(&lab->virtual_networks.items[i].address_prefixes, prefix_host(ip)))
			return true;
	return false;
}

/* Outer packets of others leave by a link of their own, which ends in no guest's kernel. */
static void check_guest_tunnel(struct check *c, const struct vm *vm,
			       const struct device_tunnel *tunnel)
{
	if (tunnel->local_address.ip.family == IP_NONE ||
	    tunnel->remote_address.ip.family == IP_NONE)
		return; /* which is said already */
	if (is_in_a_network(c->lab, tunnel->local_address.ip) &&
	    is_in_a_network(c->lab, tunnel->remote_address.ip))
		return;
	diag_add(c->diags, DIAG_GUEST, tunnel->object.pos,
		 "'%s' is a guest, and its tunnel '%s' goes over the Internet", vm->object.name,
		 tunnel->object.name)
		->also = vm->kind.pos;
}

/* What its image has beside a kernel that forwards. */
static void check_guest_router(struct check *c, struct vm *vm)
{
	if (vm->bgp.object.pos.line && vm->bgp.daemon.value == ROUTING_FRR)
		diag_add(c->diags, DIAG_GUEST, vm->bgp.daemon.pos,
			 "'%s' is a guest, whose image has BIRD and no FRR", vm->object.name)
			->also = vm->kind.pos;
	for (size_t i = 0; i < vm->tunnels.count; i++)
		check_guest_tunnel(c, vm, &vm->tunnels.items[i]);
	if (!vm->memory_mb.pos.line)
		vm->memory_mb.value = GUEST_ROUTER_MEMORY_MB;
	else if (vm->memory_mb.value < GUEST_ROUTER_MEMORY_MB)
		diag_add(c->diags, DIAG_GUEST, vm->memory_mb.pos,
			 "'%s' does more than to forward: as a guest it needs %d MB",
			 vm->object.name, GUEST_ROUTER_MEMORY_MB);
}

/* What is in an image of the user's hublab does not know. */
static void check_guest_image(struct check *c, const struct vm *vm)
{
	const struct {
		const char *what;
		struct src_pos pos;
	} inside[] = {
		{ "BGP", vm->bgp.object.pos },
		{ "tunnels",
		  vm->tunnels.count ? vm->tunnels.items[0].object.pos : (struct src_pos){ 0 } },
		{ "firewall", vm->firewall.pos },
		{ "translation of addresses", vm->masquerade_ref.pos },
	};

	for (size_t i = 0; i < ARRAY_SIZE(inside); i++)
		if (inside[i].pos.line)
			diag_add(c->diags, DIAG_GUEST, inside[i].pos,
				 "'%s' boots an image of yours, which hublab gives no %s",
				 vm->object.name, inside[i].what)
				->also = vm->image.pos;
}

static void check_guest(struct check *c, struct vm *vm)
{
	size_t words = vm_is_guest_router(vm) ? 0 : vm->routes.count;

	if (vm->image.value)
		check_guest_image(c, vm);
	if (vm_is_guest_router(vm))
		check_guest_router(c, vm);
	for (size_t i = 0; i < vm->network_interfaces.count; i++)
		words += WORDS_OF_NIC + vm->network_interfaces.items[i].ip_configurations.count;
	if (words > GUEST_WORDS_MAX && !vm->image.value)
		diag_add(c->diags, DIAG_GUEST, vm->kind.pos,
			 "'%s' is a guest: its kernel's command line has no room for so many "
			 "addresses and routes",
			 vm->object.name);
}

static void check_vm(struct check *c, struct vm *vm)
{
	size_t count;

	if (vm->is_internet) {
		check_internet_host(c, vm);
		return;
	}
	if (vm->branch) {
		check_branch_host(c, vm);
		return;
	}
	expand_nic(c, vm);
	count = vm->network_interfaces.count;
	for (size_t i = 0; i < count; i++)
		check_nic(c, vm, &vm->network_interfaces.items[i]);
	if (count > NICS_MAX)
		diag_add(c->diags, DIAG_LIMIT, vm->network_interfaces.items[NICS_MAX].object.pos,
			 "virtual machine '%s' has %zu NICs, the limit is %d", vm->object.name,
			 count, NICS_MAX);
	if (vm->is_nva)
		check_nva(c, vm);
	check_image(c, vm);
	if (vm_is_guest(vm))
		check_guest(c, vm);
}

/* Every NIC has one address. */
static void check_address_counts(struct check *c)
{
	size_t *counts =
		arena_alloc(c->lab->arena, (c->lab->virtual_networks.count + 1) * sizeof(*counts));

	for (size_t i = 0; i < c->lab->vms.count; i++) {
		const struct vm *vm = &c->lab->vms.items[i];

		for (size_t n = 0; n < vm->network_interfaces.count; n++) {
			const struct subnet *subnet = vm->network_interfaces.items[n].subnet;

			if (!subnet || ++counts[subnet->vnet->index] != ADDRESSES_MAX + 1)
				continue;
			diag_add(c->diags, DIAG_LIMIT, vm->object.pos,
				 "virtual network '%s' has more than %d addresses in use",
				 subnet->vnet->object.name, ADDRESSES_MAX)
				->also = subnet->vnet->object.pos;
		}
	}
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

static void check_probe_port(struct check *c, const struct probe_spec *probe)
{
	const char *protocol = choice_name(probe_protocol_names, probe->protocol.value);

	if (probe_has_port(probe) && !probe->port.pos.line)
		diag_hint(c->diags,
			  diag_add(c->diags, DIAG_PROBE, probe->object.pos,
				   "the probe lacks the 'port' of %s", protocol),
			  "such as 'port: 53'");
	if (!probe_has_port(probe) && probe->port.pos.line)
		diag_add(c->diags, DIAG_PROBE, probe->port.pos, "%s has no 'port' to choose",
			 protocol);
	check_probe_size(probe, DIAG_PROBE, c->diags);
}

static void check_probe(struct check *c, struct probe_spec *probe)
{
	const struct probe_spec *other;
	const char *key;

	probe->from = resolve_probe_end(c, &probe->from_ref);
	probe->to = resolve_probe_end(c, &probe->to_ref);
	if (probe->from && probe->from == probe->to)
		diag_add(c->diags, DIAG_PROBE, probe->to_ref.pos,
			 "the probe goes from '%s' to itself", probe->to_ref.name);
	check_probe_port(c, probe);
	if (!probe->from || !probe->to)
		return;
	if (!vm_can_ask(probe->from->vm))
		diag_add(c->diags, DIAG_GUEST, probe->from_ref.pos,
			 "'%s' boots an image of yours: probes start at other machines",
			 probe->from_ref.name)
			->also = probe->from->vm->image.pos;
	key = arena_printf(c->lab->arena, "%td/%td/%s", probe->from->vm - c->lab->vms.items,
			   probe->to->vm - c->lab->vms.items, probe_protocol_print(probe).text);
	other = lab_name_find(c->lab, NAME_PROBE, key);
	if (other)
		diag_add(c->diags, DIAG_PROBE_TWICE, probe->object.pos,
			 "there is a probe from '%s' to '%s' already", probe->from_ref.name,
			 probe->to_ref.name)
			->also = other->object.pos;
	else
		lab_name_add(c->lab, NAME_PROBE, key, probe);
}

void check_vms(struct check *c)
{
	for (size_t i = 0; i < c->lab->vms.count; i++)
		check_vm(c, &c->lab->vms.items[i]);
	check_address_counts(c);
	for (size_t i = 0; i < c->lab->probes.count; i++)
		check_probe(c, &c->lab->probes.items[i]);
}
