/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/model/lab.h"

#include "lab/model/lab_check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct lab *lab_new(struct doc *doc, const char *file)
{
	struct arena *arena = arena_new();
	struct lab *lab = arena_alloc(arena, sizeof(*lab));

	lab->arena = arena;
	lab->doc = doc;
	lab->file = file;
	return lab;
}

/* The lab, unless there is an error. */
static struct lab *finish(struct lab *lab, struct diags *diags)
{
	diags_sort(diags);
	if (!diags_error_count(diags))
		return lab;
	lab_free(lab);
	return NULL;
}

struct lab *lab_parse_at(const char *text, size_t len, const char *file,
			 const struct lab_state *state, struct diags *diags)
{
	struct doc *doc = doc_parse(text, len, file, diags);
	const struct doc_node *root;
	struct lab *lab;

	if (!doc) {
		diags_sort(diags);
		return NULL;
	}
	lab = lab_new(doc, file);
	lab_read_ignores(doc, text, len, file, diags);
	root = lab_state_root(lab, doc_root(doc), state, diags);
	if (root) {
		lab->root = root;
		schema_read(&lab_schema, root, lab, lab->arena, diags);
		lab_check(lab, diags);
	}
	return finish(lab, diags);
}

struct lab *lab_parse(const char *text, size_t len, const char *file, struct diags *diags)
{
	struct doc *doc = doc_parse(text, len, file, diags);
	bool has_states;
	struct lab *lab;

	if (!doc) {
		diags_sort(diags);
		return NULL;
	}
	lab = lab_new(doc, file);
	lab_read_ignores(doc, text, len, file, diags);
	lab->root = doc_root(doc);
	schema_read(&lab_schema, lab->root, lab, lab->arena, diags);
	has_states = lab_check_steps(lab, diags);
	lab_check(lab, diags);
	for (size_t i = 1; has_states && i < lab->steps.count; i++) {
		struct lab_state state = { .step = (unsigned)i + 1 };
		struct diags of_step = { .ignores = diags->ignores };

		lab_free(lab_parse_at(text, len, file, &state, &of_step));
		diags_add_all(diags, &of_step, arena_printf(lab->arena, "in step %zu: ", i + 1));
		diags_fini(&of_step);
	}
	return finish(lab, diags);
}

void lab_free(struct lab *lab)
{
	struct arena *arena;

	if (!lab)
		return;
	HASH_CLEAR(hh, lab->names);
	doc_free(lab->doc);
	for (size_t i = 0; i < lab->values.count; i++)
		doc_free(lab->values.items[i]);
	arena = lab->arena; /* the lab itself is in it */
	arena_free(arena);
}

static size_t name_key(char *key, size_t size, char kind, const char *name)
{
	size_t len = 0;

	key[len++] = kind;
	for (; *name && len + 1 < size; name++)
		key[len++] = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
	key[len] = '\0';
	return len;
}

void lab_name_add(struct lab *lab, enum name_kind kind, const char *name, void *object)
{
	struct name_entry *entry = arena_alloc(lab->arena, sizeof(*entry));
	char key[128];
	size_t len = name_key(key, sizeof(key), (char)kind, name);

	entry->key = arena_strdup(lab->arena, key);
	entry->object = object;
	HASH_ADD_KEYPTR(hh, lab->names, entry->key, len, entry);
}

static struct name_entry *find_entry(const struct lab *lab, enum name_kind kind, const char *name)
{
	struct name_entry *entry = NULL;
	char key[128];
	size_t len = name_key(key, sizeof(key), (char)kind, name);

	HASH_FIND(hh, lab->names, key, len, entry);
	return entry;
}

void lab_name_set(struct lab *lab, enum name_kind kind, const char *name, void *object)
{
	struct name_entry *entry = find_entry(lab, kind, name);

	if (entry)
		entry->object = object;
	else
		lab_name_add(lab, kind, name, object);
}

void *lab_name_find(const struct lab *lab, enum name_kind kind, const char *name)
{
	const struct name_entry *entry = find_entry(lab, kind, name);

	return entry ? entry->object : NULL;
}

struct vnet *lab_find_vnet(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_VNET, name);
}

struct vm *lab_find_vm(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_VM, name);
}

struct gateway *lab_find_gateway(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_GATEWAY, name);
}

struct local_network_gateway *lab_find_local_network_gateway(const struct lab *lab,
							     const char *name)
{
	return lab_name_find(lab, NAME_LOCAL_NETWORK_GATEWAY, name);
}

unsigned gateway_instance_count(const struct gateway *gateway)
{
	return gateway->gateway_type.value == GATEWAY_VPN && !gateway->active_active.value
		       ? 1
		       : GATEWAY_INSTANCES;
}

struct circuit *lab_find_circuit(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_CIRCUIT, name);
}

const struct lab_step *lab_find_step(const struct lab *lab, const char *name, struct err *err)
{
	char all[300] = "", number[16];
	size_t len = 0;

	for (size_t i = 0; i < lab->steps.count; i++) {
		(void)snprintf(number, sizeof(number), "%u", lab->steps.items[i].number);
		if (!strcmp(number, name))
			return &lab->steps.items[i];
	}
	for (size_t i = 0; i < lab->steps.count; i++) {
		const struct lab_step *step = &lab->steps.items[i];

		if (!strcasecmp(step->name.value, name))
			return step;
		if (len < sizeof(all))
			len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%u (%s)",
						i ? ", " : "", step->number, step->name.value);
	}
	if (lab->steps.count)
		err_set(err, -ENOENT, "lab '%s' has no step '%.60s': it has %s", lab->name.value,
			name, all);
	else
		err_set(err, -ENOENT, "lab '%s' has no steps", lab->name.value);
	return NULL;
}

struct branch *lab_find_branch(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_BRANCH, name);
}

struct subnet *vnet_find_subnet(const struct vnet *vnet, const char *name)
{
	for (size_t i = 0; i < vnet->subnets.count; i++)
		if (!strcasecmp(vnet->subnets.items[i].object.name, name))
			return &vnet->subnets.items[i];
	return NULL;
}

/* "one, two or three" of the names of a VM's NICs. */
static void print_nics(const struct vm *vm, char *text, size_t size)
{
	size_t count = vm->network_interfaces.count, len = 0;

	for (size_t i = 0; i < count && len < size; i++)
		len += (size_t)snprintf(text + len, size - len, "%s%s",
					!i              ? ""
					: i + 1 < count ? ", "
							: " or ",
					vm->network_interfaces.items[i].object.name);
}

static struct nic *vm_nic(const struct vm *vm, const char *name, struct err *err)
{
	char nics[200];

	for (size_t i = 0; i < vm->network_interfaces.count; i++)
		if (!strcasecmp(vm->network_interfaces.items[i].object.name, name))
			return &vm->network_interfaces.items[i];
	print_nics(vm, nics, sizeof(nics));
	err_set(err, -ENOENT, "%s has no NIC '%s': it has %s", vm->object.name, name, nics);
	return NULL;
}

struct nic *lab_find_nic(const struct lab *lab, const char *name, struct err *err)
{
	const char *colon = strchr(name, ':');
	char vm_name[80], nics[200];
	struct vm *vm;

	(void)snprintf(vm_name, sizeof(vm_name), "%.*s",
		       (int)(colon ? (size_t)(colon - name) : strlen(name)), name);
	vm = lab_find_vm(lab, vm_name);
	if (vm && colon)
		return vm_nic(vm, colon + 1, err);
	if (vm && vm->network_interfaces.count == 1)
		return &vm->network_interfaces.items[0];
	if (vm) {
		print_nics(vm, nics, sizeof(nics));
		err_set(err, -EINVAL, "%s has several NICs: name one of %s", vm->object.name, nics);
		return NULL;
	}
	if (!colon) {
		struct nic *nic = lab_name_find(lab, NAME_NIC, name);

		if (nic)
			return nic;
	}
	err_set(err, -ENOENT, "lab '%s' has no virtual machine or NIC '%s'", lab->name.value, name);
	return NULL;
}

bool nic_has_ip(const struct nic *nic, struct ip ip)
{
	bool has = ip_equal(nic->ip, ip);

	for (size_t i = 0; i < nic->more.count; i++)
		has |= ip_equal(nic->more.items[i], ip);
	return has;
}

bool nic_is_routed_by_azure(const struct nic *nic, struct err *err)
{
	if (!nic->vm->branch)
		return true;
	err_set(err, -EOPNOTSUPP,
		"%s is in the LAN of branch '%s': effective routes and security rules are of "
		"Azure's NICs alone",
		nic->vm->object.name, nic->vm->branch->object.name);
	return false;
}

size_t lab_vm_count(const struct lab *lab)
{
	size_t count = 0;

	for (size_t i = 0; i < lab->vms.count; i++)
		count += !lab->vms.items[i].is_internet && !lab->vms.items[i].branch;
	return count;
}

struct ip branch_lan_ip(const struct branch *branch, unsigned n)
{
	return ip_add(prefix_first(branch->lan.items[0].prefix), n + 1);
}

struct prefix subnet_prefix(const struct subnet *subnet)
{
	return subnet_prefix_of(subnet, IP_V4);
}

struct prefix subnet_prefix_of(const struct subnet *subnet, enum ip_family family)
{
	for (size_t i = 0; i < subnet->address_prefix.count; i++)
		if (subnet->address_prefix.items[i].prefix.addr.family == family)
			return subnet->address_prefix.items[i].prefix;
	return (struct prefix){ 0 };
}

struct ip subnet_router_ip(const struct subnet *subnet)
{
	return ip_add(prefix_first(subnet_prefix(subnet)), 1);
}

bool subnet_is_first_of_table(const struct subnet *subnet)
{
	const struct vnet *vnet = subnet->vnet;

	for (size_t i = 0; &vnet->subnets.items[i] != subnet; i++)
		if (vnet->subnets.items[i].route_table == subnet->route_table)
			return false;
	return true;
}

bool vnet_has_ipv6(const struct vnet *vnet)
{
	for (size_t i = 0; i < vnet->address_prefixes.count; i++)
		if (vnet->address_prefixes.items[i].prefix.addr.family == IP_V6)
			return true;
	return false;
}

bool lab_has_ipv6(const struct lab *lab)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (vnet_has_ipv6(&lab->virtual_networks.items[i]))
			return true;
	return false;
}

struct ip nic_ip(const struct nic *nic, enum ip_family family)
{
	if (nic->ip.family == family)
		return nic->ip;
	for (size_t i = 0; i < nic->more.count; i++)
		if (nic->more.items[i].family == family)
			return nic->more.items[i];
	return (struct ip){ 0 };
}

struct ip nic_ip_from(const struct nic *nic, const struct nic *from)
{
	if (from->vm->is_internet && nic->public_ip_address)
		return nic->public_ip_address->ip_address.ip;
	return nic->ip;
}

struct peering *vnet_find_peering(const struct vnet *vnet, const struct vnet *remote)
{
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].remote_vnet == remote)
			return &vnet->peerings.items[i];
	return NULL;
}

const struct peering *vnet_find_connected(const struct vnet *vnet, const struct vnet *remote)
{
	const struct peering *peering = vnet_find_peering(vnet, remote);

	return peering && peering->state == PEERING_CONNECTED ? peering : NULL;
}

const struct peering *vnet_find_peered(const struct vnet *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->peerings.count; i++)
		if (vnet->peerings.items[i].state == PEERING_CONNECTED &&
		    spaces_cover(&vnet->peerings.items[i].remote_vnet->address_prefixes, prefix))
			return &vnet->peerings.items[i];
	return NULL;
}

bool vnet_has_gateways(const struct vnet *vnet)
{
	return vnet->express_route || vnet->vpn || vnet->route_server;
}

bool vnet_has_ip(const struct vnet *vnet, struct ip ip)
{
	return spaces_cover(&vnet->address_prefixes, prefix_host(ip));
}

bool vnet_has_range(const struct vnet *vnet, struct prefix prefix)
{
	for (size_t i = 0; i < vnet->address_prefixes.count; i++)
		if (prefix_equal(vnet->address_prefixes.items[i].prefix, prefix))
			return true;
	return false;
}

const struct space *spaces_find(const struct spaces *spaces, struct prefix prefix)
{
	for (size_t i = 0; i < spaces->count; i++)
		if (spaces->items[i].prefix.addr.family != IP_NONE &&
		    prefix_covers(spaces->items[i].prefix, prefix))
			return &spaces->items[i];
	return NULL;
}

bool spaces_cover(const struct spaces *spaces, struct prefix prefix)
{
	return spaces_find(spaces, prefix) != NULL;
}

bool peering_gives_access(const struct peering *peering)
{
	return peering->allow_virtual_network_access.value &&
	       peering->reverse->allow_virtual_network_access.value;
}

bool vm_is_guest(const struct vm *vm)
{
	return vm->kind.value == VM_LIBVIRT;
}

bool vm_can_ask(const struct vm *vm)
{
	return !vm_is_guest(vm) || !vm->image.value;
}

bool vm_is_guest_router(const struct vm *vm)
{
	return vm_is_guest(vm) && !vm->image.value &&
	       (vm->bgp.object.pos.line || vm->tunnels.count ||
		vm->firewall.value == FIREWALL_STATEFUL || vm->masquerade);
}
