/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Virtual machines, their NICs, and the probes between them. */
#include "lab/model/lab_check_parts.h"

#include <strings.h>

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

void check_vms(struct check *c)
{
	for (size_t i = 0; i < c->lab->vms.count; i++)
		check_vm(c, &c->lab->vms.items[i]);
	for (size_t i = 0; i < c->lab->probes.count; i++)
		check_probe(c, &c->lab->probes.items[i]);
}
