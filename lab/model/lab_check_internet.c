/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The edge to the Internet: public addresses, NAT gateways, and the hosts behind it (chapter 7). */
#include "lab/model/lab_check_parts.h"

#include <strings.h>

#define NAT_GATEWAY_ADDRESSES_MAX 16 /* OUT-06 */

/*
 * Its name has a space, so no virtual network of a file has it. Without an address space its table
 * is what the Internet does: private ranges lead nowhere, all others to whoever has the address.
 */
#define INTERNET_NAME "the Internet"

static struct vnet *add_network(struct lab *lab)
{
	struct vnet *vnet = arena_alloc(lab->arena, sizeof(*vnet));
	struct subnet *subnet = ARENA_PUSH(lab->arena, vnet->subnets.items, vnet->subnets.count);
	struct space *all =
		ARENA_PUSH(lab->arena, subnet->address_prefix.items, subnet->address_prefix.count);

	vnet->object.name = INTERNET_NAME;
	vnet->object.pos = lab->internet.items[0].object.pos;
	vnet->index = (unsigned)lab->virtual_networks.count;
	vnet->is_internet = true;
	subnet->object.name = "hosts";
	subnet->object.pos = vnet->object.pos;
	subnet->vnet = vnet;
	all->prefix.addr.family = IP_V4; /* of any length: each host has its address alone */
	all->pos = vnet->object.pos;
	return vnet;
}

void join_internet(struct lab *lab)
{
	for (size_t i = 0; i < lab->internet.count; i++) {
		const struct internet_host *host = &lab->internet.items[i];
		struct vm *vm = ARENA_PUSH(lab->arena, lab->vms.items, lab->vms.count);
		struct nic *nic = ARENA_PUSH(lab->arena, vm->network_interfaces.items,
					     vm->network_interfaces.count);

		vm->object = host->object;
		vm->is_internet = true;
		nic->object.name = arena_printf(lab->arena, "%s-nic", host->object.name);
		nic->object.pos = host->object.pos;
		nic->ip_configurations = host->ip_address;
	}
	if (lab->internet.count)
		lab->internet_network = add_network(lab);
}

/* ---- addresses ---- */

const char *private_range_of(struct ip ip)
{
	static const char *const ranges[] = {
		"10.0.0.0/8",     "100.64.0.0/10",    "169.254.0.0/16", "172.16.0.0/12",
		"192.168.0.0/16", "168.63.129.16/32", "198.18.0.0/15",
	};
	struct prefix range;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (prefix_parse(ranges[i], &range) && prefix_has_ip(range, ip))
			return ranges[i];
	return martian_with(prefix_host(ip));
}

static const struct vnet *vnet_with(const struct lab *lab, struct ip ip)
{
	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		if (vnet_has_ip(&lab->virtual_networks.items[i], ip))
			return &lab->virtual_networks.items[i];
	return NULL;
}

/* What the range is for in which nobody has an address of the file's; NULL for others. */
static const char *kept_for(struct ip ip)
{
	static const char *const ranges[][2] = {
		{ DEFAULT_OUTBOUND_SPACE,
		  DEFAULT_OUTBOUND_SPACE ", which is kept for default outbound access" },
		{ GATEWAY_PUBLIC_SPACE, GATEWAY_PUBLIC_SPACE ", which is kept for VPN gateways" },
	};
	struct prefix kept;

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (prefix_parse(ranges[i][0], &kept) && prefix_has_ip(kept, ip))
			return ranges[i][1];
	return NULL;
}

void check_internet_address(struct check *c, const struct object *owner,
			    const struct address *address)
{
	struct ip ip = address->ip;
	const char *text = arena_strdup(c->lab->arena, ip_print(ip).text),
		   *range = private_range_of(ip);
	const struct address *other = lab_name_find(c->lab, NAME_INTERNET_ADDRESS, text);
	const struct vnet *vnet = vnet_with(c->lab, ip);

	if (ip.family == IP_NONE)
		return; /* the reader said why */
	if (ip.family == IP_V6)
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, address->pos,
			 "'%s': %s is of IPv6, and the Internet of labs has IPv4 alone",
			 owner->name, text);
	else if (range)
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, address->pos,
			 "'%s': %s is in %s, which is not public", owner->name, text, range);
	else if (vnet)
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, address->pos,
			 "'%s': %s lies in virtual network '%s'", owner->name, text,
			 vnet->object.name)
			->also = vnet->object.pos;
	else if (kept_for(ip))
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, address->pos, "'%s': %s is in %s",
			 owner->name, text, kept_for(ip));
	else if (other)
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, address->pos,
			 "'%s': somebody has %s already", owner->name, text)
			->also = other->pos;
	else
		lab_name_add(c->lab, NAME_INTERNET_ADDRESS, text, (void *)address);
}

static struct public_ip *resolve_public_ip(struct check *c, const struct ref *ref)
{
	struct public_ip *ip = ref->name ? lab_name_find(c->lab, NAME_PUBLIC_IP, ref->name) : NULL;

	if (ref->name && !ip) {
		NAME_LIST(names, c->lab->public_ip_addresses);
		unknown_name(c, ref, "public IP address", &names);
	}
	return ip;
}

/* False, with a finding, when somebody has it. */
static bool is_free(struct check *c, const struct public_ip *ip, const char *noun,
		    const char *owner, struct src_pos pos)
{
	const struct object *other = ip->nic           ? &ip->nic->object
				     : ip->nat_gateway ? &ip->nat_gateway->object
				     : ip->gateway     ? &ip->gateway->object
						       : NULL;

	if (other)
		diag_add(c->diags, DIAG_PUBLIC_ADDRESS, pos, "%s '%s': %s '%s' has '%s' already",
			 noun, owner,
			 ip->nic           ? "NIC"
			 : ip->nat_gateway ? "NAT gateway"
					   : "gateway",
			 other->name, ip->object.name)
			->also = other->pos;
	return !other;
}

void check_public_ip_of_nic(struct check *c, struct nic *nic)
{
	struct public_ip *ip = resolve_public_ip(c, &nic->public_ip_address_ref);
	struct src_pos pos = nic->public_ip_address_ref.pos;

	if (!ip || !is_free(c, ip, "NIC", nic->object.name, pos))
		return;
	ip->nic = nic;
	nic->public_ip_address = ip;
	if (ip->sku.value == PUBLIC_IP_BASIC && nic->subnet && nic->subnet->nat_gateway)
		diag_add(c->diags, DIAG_NAT_GATEWAY, pos,
			 "NIC '%s': '%s' is a Basic address, and its subnet has NAT gateway '%s'",
			 nic->object.name, ip->object.name, nic->subnet->nat_gateway->object.name)
			->also = nic->subnet->nat_gateway_ref.pos;
}

struct ip public_ip_of_gateway(struct check *c, struct gateway *gateway, unsigned instance)
{
	const struct text *name = &gateway->public_ip_addresses.items[instance];
	struct ref ref = { name->value, name->pos };
	struct public_ip *ip = resolve_public_ip(c, &ref);

	if (!ip || !is_free(c, ip, "gateway", gateway->object.name, name->pos))
		return (struct ip){ 0 };
	ip->gateway = gateway;
	return ip->ip_address.ip;
}

static void check_public_ip(struct check *c, struct public_ip *ip)
{
	lab_name_add(c->lab, NAME_PUBLIC_IP, ip->object.name, ip);
	check_internet_address(c, &ip->object, &ip->ip_address);
	if (ip->sku.value == PUBLIC_IP_BASIC)
		diag_add(c->diags, DIAG_BASIC_SKU, ip->sku.pos,
			 "public IP address '%s' is of the Basic SKU, which is retired: it is open "
			 "without an NSG (NSG-25)",
			 ip->object.name);
}

/* ---- NAT gateways ---- */

static void check_nat_gateway_ip(struct check *c, struct nat_gateway *gateway,
				 const struct text *name)
{
	struct ref ref = { name->value, name->pos };
	struct public_ip *ip = resolve_public_ip(c, &ref);

	if (!ip || !is_free(c, ip, "NAT gateway", gateway->object.name, name->pos))
		return;
	if (ip->sku.value == PUBLIC_IP_BASIC)
		diag_add(c->diags, DIAG_NAT_GATEWAY, name->pos,
			 "NAT gateway '%s': '%s' is a Basic address", gateway->object.name,
			 ip->object.name)
			->also = ip->object.pos;
	ip->nat_gateway = gateway;
	*ARENA_PUSH(c->lab->arena, gateway->public_ips.items, gateway->public_ips.count) = ip;
}

static void check_nat_gateway(struct check *c, struct nat_gateway *gateway)
{
	size_t count = gateway->public_ip_addresses.count;

	lab_name_add(c->lab, NAME_NAT_GATEWAY, gateway->object.name, gateway);
	for (size_t i = 0; i < count; i++)
		check_nat_gateway_ip(c, gateway, &gateway->public_ip_addresses.items[i]);
	if (count > NAT_GATEWAY_ADDRESSES_MAX)
		diag_add(c->diags, DIAG_NAT_GATEWAY,
			 gateway->public_ip_addresses.items[NAT_GATEWAY_ADDRESSES_MAX].pos,
			 "NAT gateway '%s' has %zu addresses, the limit is %d",
			 gateway->object.name, count, NAT_GATEWAY_ADDRESSES_MAX);
}

static void check_nat_of_subnet(struct check *c, struct subnet *subnet)
{
	const struct ref *ref = &subnet->nat_gateway_ref;
	struct nat_gateway *gateway =
		ref->name ? lab_name_find(c->lab, NAME_NAT_GATEWAY, ref->name) : NULL;

	if (ref->name && !gateway) {
		NAME_LIST(names, c->lab->nat_gateways);
		unknown_name(c, ref, "NAT gateway", &names);
	}
	if (!gateway)
		return;
	subnet->nat_gateway = gateway;
	if (subnet == subnet->vnet->gateway_subnet)
		diag_add(c->diags, DIAG_NAT_GATEWAY, ref->pos, "%s has no NAT gateway",
			 subnet->object.name);
	if (!gateway->vnet)
		gateway->vnet = subnet->vnet;
	else if (gateway->vnet != subnet->vnet)
		diag_add(c->diags, DIAG_NAT_GATEWAY, ref->pos,
			 "NAT gateway '%s' is for subnets of '%s': '%s' is in '%s'",
			 gateway->object.name, gateway->vnet->object.name, subnet->object.name,
			 subnet->vnet->object.name)
			->also = gateway->vnet->object.pos;
}

static void check_subnet(struct check *c, struct subnet *subnet)
{
	check_nat_of_subnet(c, subnet);
	if (subnet->default_outbound_access.value)
		diag_add(c->diags, DIAG_DEFAULT_OUTBOUND, subnet->default_outbound_access.pos,
			 "subnet '%s' of '%s' has default outbound access: its NICs have an "
			 "address on the Internet that is nobody's and may change",
			 subnet->object.name, subnet->vnet->object.name);
}

void check_internet(struct check *c)
{
	struct lab *lab = c->lab;

	for (size_t i = 0; i < lab->public_ip_addresses.count; i++)
		check_public_ip(c, &lab->public_ip_addresses.items[i]);
	for (size_t i = 0; i < lab->nat_gateways.count; i++)
		check_nat_gateway(c, &lab->nat_gateways.items[i]);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->subnets.count; n++)
			check_subnet(c, &vnet->subnets.items[n]);
	}
}

void check_internet_host(struct check *c, struct vm *vm)
{
	struct nic *nic = &vm->network_interfaces.items[0];

	nic->vm = vm;
	nic->subnet = &c->lab->internet_network->subnets.items[0];
	check_nic_name(c, vm, nic);
	for (size_t i = 0; i < nic->ip_configurations.count; i++)
		check_internet_address(c, &vm->object, &nic->ip_configurations.items[i]);
}
