/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What filters: rules of NSGs and admin rules, whom they mean, and public addresses. */
#include "lab/mend/mend_parts.h"

#include "lab/snapshot/rule_words.h"

#include <netinet/in.h>
#include <string.h>

#define NEAR_RULES_MAX 16 /* that almost match, of one NSG */

/* The packet as it stands at the port where it is denied. */
static struct flow_tuple denied_tuple(const struct mending *m)
{
	const struct trace *trace = &m->leg->trace;
	const struct packet packet =
		fabric_packet_to(m->wanted->fabric, &m->question->flow, m->question->to);
	struct flow_tuple tuple = { .protocol = packet.protocol,
				    .source_port = packet.source_port,
				    .destination_port = packet.destination_port };

	for (size_t i = 0; i < trace->decisions.count; i++) {
		tuple.source = trace->decisions.items[i].source;
		tuple.destination = trace->decisions.items[i].to;
	}
	return tuple;
}

/* ---- rules that would let it through, but for one part ---- */

struct rule_text {
	const char *protocol, *source, *source_ports, *destination, *destination_ports;
};

static const char *joined(const struct texts *texts, struct arena *arena)
{
	static const struct texts none;

	return texts->count ? rule_side_words(texts, &none, arena) : NULL;
}

static struct rule_text text_of(const struct security_rule *rule, struct arena *arena)
{
	struct texts source = { 0 }, source_ports = { 0 }, destination = { 0 }, ports = { 0 };

	rule_side_fill(&rule->source, &source, &source_ports, arena);
	rule_side_fill(&rule->destination, &destination, &ports, arena);
	return (struct rule_text){ choice_name(rule_protocol_names, rule->protocol.value),
				   joined(&source, arena), joined(&source_ports, arena),
				   joined(&destination, arena), joined(&ports, arena) };
}

static const char *line_of(struct mending *m, double priority, enum rule_direction direction,
			   const char *access, const struct rule_text *t)
{
	return arena_printf(
		m->arena, "%.0f %s %s %s %s%s%s -> %s%s%s", priority,
		choice_name(rule_direction_names, direction), access, t->protocol, t->source,
		t->source_ports ? ":" : "", t->source_ports ? t->source_ports : "", t->destination,
		t->destination_ports ? ":" : "", t->destination_ports ? t->destination_ports : "");
}

static const char *rule_path(struct mending *m, const struct nsg *nsg, const char *name)
{
	return arena_printf(m->arena, "network_security_groups/%s/security_rules/%s",
			    nsg->object.name, name);
}

static const char *protocol_of(const struct flow_tuple *tuple)
{
	return tuple->protocol == IPPROTO_TCP   ? "Tcp"
	       : tuple->protocol == IPPROTO_UDP ? "Udp"
						: "Icmp";
}

/* The machine of the lab with that address; NULL: there is none. Hosts of the Internet are no such.
 */
static const struct vm *machine_at(const struct mending *m, struct ip ip)
{
	for (size_t i = 0; i < m->lab->vms.count; i++) {
		const struct vm *vm = &m->lab->vms.items[i];

		for (size_t n = 0; !vm->is_internet && n < vm->network_interfaces.count; n++)
			if (nic_has_ip(&vm->network_interfaces.items[n], ip))
				return vm;
	}
	return NULL;
}

static const char *groups_path(struct mending *m, const struct vm *vm)
{
	return arena_printf(m->arena, "%s/application_security_groups", vm_path(m, vm));
}

/* Whoever is meant by an ASG could be put into it. */
static void propose_group(struct mending *m, const struct rule_side *side, struct ip ip)
{
	const struct vm *vm = side->groups.count ? machine_at(m, ip) : NULL;

	if (vm)
		mend_add(m, groups_path(m, vm), side->groups.items[0]->object.name,
			 "%s is not in the group %s that a rule names", vm->object.name,
			 side->groups.items[0]->object.name);
}

/* The rule with the part that does not match as the packet has it. */
static void propose_part(struct mending *m, const struct denial *denial,
			 const struct security_rule *rule, const struct rule_match *match,
			 const struct flow_tuple *tuple)
{
	struct rule_text text = text_of(rule, m->arena);
	const char *part = "";

	if (!match->protocol) {
		part = "protocol";
		text.protocol = protocol_of(tuple);
		if (!tuple->destination_port)
			text.source_ports = text.destination_ports = NULL;
	}
	if (!match->source) {
		part = "source";
		text.source = arena_strdup(m->arena, prefix_print(prefix_host(tuple->source)).text);
		propose_group(m, &rule->source, tuple->source);
	}
	if (!match->destination) {
		part = "destination";
		text.destination =
			arena_strdup(m->arena, prefix_print(prefix_host(tuple->destination)).text);
		propose_group(m, &rule->destination, tuple->destination);
	}
	if (!match->source_port || !match->destination_port) {
		part = match->source_port ? "port" : "source port";
		text.source_ports = NULL;
		text.destination_ports =
			tuple->destination_port
				? arena_printf(m->arena, "%u", tuple->destination_port)
				: NULL;
	}
	mend_add(m, rule_path(m, denial->layer.nsg, rule->object.name),
		 line_of(m, rule->priority.value, denial->layer.direction, "Allow", &text),
		 "the rule '%s' allows another %s", rule->object.name, part);
}

static unsigned parts_missing(const struct rule_match *match)
{
	return !match->protocol + !match->source + !match->destination +
	       (!match->source_port || !match->destination_port);
}

static void propose_near_rules(struct mending *m, const struct denial *denial,
			       const struct flow_tuple *tuple)
{
	const struct rules *rules = &denial->layer.nsg->rules[denial->layer.direction];

	for (unsigned missing = 1, found = 0; missing <= 2; missing++)
		for (size_t i = 0; i < rules->count && found < NEAR_RULES_MAX; i++) {
			const struct security_rule *rule = rules->items[i];
			struct rule_match match;

			if (rule == denial->layer.rule)
				break;
			match = security_match(m->wanted->fabric->security, denial->port,
					       denial->layer.direction, rule, tuple);
			if (rule->access.value != ACCESS_ALLOW || parts_missing(&match) != missing)
				continue;
			propose_part(m, denial, rule, &match, tuple);
			found++;
		}
}

/* ---- the rule that denies it ---- */

/* The first priority in front of a rule that none of the NSG has; 0: there is none. */
static unsigned free_priority(const struct denial *denial)
{
	const struct rules *rules = &denial->layer.nsg->rules[denial->layer.direction];

	for (unsigned priority = PRIORITY_FIRST; priority < denial->layer.rule->priority.value;
	     priority++) {
		bool is_taken = false;

		for (size_t i = 0; i < rules->count; i++)
			is_taken |= (unsigned)rules->items[i]->priority.value == priority;
		if (!is_taken)
			return priority;
	}
	return 0;
}

static void propose_allow(struct mending *m, const struct denial *denial,
			  const struct flow_tuple *tuple)
{
	unsigned priority = free_priority(denial);
	struct rule_text text = {
		.protocol = protocol_of(tuple),
		.source = arena_strdup(m->arena, prefix_print(prefix_host(tuple->source)).text),
		.destination =
			arena_strdup(m->arena, prefix_print(prefix_host(tuple->destination)).text),
		.destination_ports = tuple->destination_port
					     ? arena_printf(m->arena, "%u", tuple->destination_port)
					     : NULL,
	};

	if (priority)
		mend_add(m, rule_path(m, denial->layer.nsg, "Allow-This"),
			 line_of(m, priority, denial->layer.direction, "Allow", &text),
			 "no rule of %s allows it", denial->layer.nsg->object.name);
}

/* Who is in a group that a rule denies may belong into another. */
static void propose_other_groups(struct mending *m, const struct rule_side *side, struct ip ip)
{
	const struct vm *vm = side->groups.count ? machine_at(m, ip) : NULL;

	for (size_t i = 0; vm && i < m->lab->application_security_groups.count; i++)
		mend_add(m, groups_path(m, vm),
			 m->lab->application_security_groups.items[i].object.name,
			 "%s is in the group %s", vm->object.name,
			 side->groups.items[0]->object.name);
}

static void propose_nsg_rules(struct mending *m, const struct denial *denial)
{
	struct flow_tuple tuple = denied_tuple(m);
	const struct security_rule *rule = denial->layer.rule;

	propose_near_rules(m, denial, &tuple);
	propose_other_groups(m, &rule->source, tuple.source);
	propose_other_groups(m, &rule->destination, tuple.destination);
	if (!nsg_is_default(rule))
		mend_add(m, rule_path(m, denial->layer.nsg, rule->object.name), NULL,
			 "the rule '%s' denies it", rule->object.name);
	propose_allow(m, denial, &tuple);
}

/* ---- admin rules ---- */

static void propose_admin_rule(struct mending *m, const struct denial *denial)
{
	for (size_t i = 0; i < m->lab->security_admin_configurations.count; i++) {
		const struct admin_configuration *c =
			&m->lab->security_admin_configurations.items[i];

		for (size_t n = 0; n < c->rule_collections.count; n++)
			if (&c->rule_collections.items[n] == denial->layer.collection)
				mend_add(m,
					 arena_printf(m->arena,
						      "security_admin_configurations/%s/"
						      "rule_collections/%s/rules/%s",
						      c->object.name,
						      denial->layer.collection->object.name,
						      denial->layer.rule->object.name),
					 NULL, "the admin rule '%s' denies it",
					 denial->layer.rule->object.name);
	}
}

/* What admin rules allow holds for networks of a group. */
static void propose_network_groups(struct mending *m, const struct denial *denial)
{
	const struct vnet *vnet = denial->port->subnet ? denial->port->subnet->vnet : NULL;

	for (size_t i = 0; vnet && i < m->lab->network_groups.count; i++) {
		const struct network_group *group = &m->lab->network_groups.items[i];
		const char *members = "";
		bool is_member = false;

		for (size_t n = 0; n < group->vnets.count; n++) {
			is_member |= group->vnets.items[n] == vnet;
			members = arena_printf(m->arena, "%s%s, ", members,
					       group->vnets.items[n]->object.name);
		}
		if (!is_member)
			mend_add(m, arena_printf(m->arena, "network_groups/%s", group->object.name),
				 arena_printf(m->arena, "[%s%s]", members, vnet->object.name),
				 "%s is not in the group %s", vnet->object.name,
				 group->object.name);
	}
}

/* ---- public addresses ---- */

static bool is_attached(const struct mending *m, const struct nsg *nsg)
{
	for (size_t i = 0; i < m->lab->virtual_networks.count; i++)
		for (size_t n = 0; n < m->lab->virtual_networks.items[i].subnets.count; n++)
			if (m->lab->virtual_networks.items[i]
				    .subnets.items[n]
				    .network_security_group == nsg)
				return true;
	return false;
}

/* Does a rule of it name a group that the NIC is in? Then it was made for it. */
static bool names_groups_of(const struct nsg *nsg, const struct nic *nic)
{
	for (size_t i = 0; i < nsg->security_rules.count; i++) {
		const struct rule_side *side = &nsg->security_rules.items[i].destination;

		for (size_t g = 0; g < side->groups.count; g++)
			for (size_t n = 0; n < nic->groups.count; n++)
				if (nic->groups.items[n] == side->groups.items[g])
					return true;
	}
	return false;
}

/* Standard addresses are closed until an NSG opens them (NSG-25). */
static void propose_opening(struct mending *m, const struct nic *nic)
{
	for (unsigned is_other = 0; is_other < 2; is_other++) {
		for (size_t i = 0; i < m->lab->network_security_groups.count; i++) {
			const struct nsg *nsg = &m->lab->network_security_groups.items[i];
			bool is_made_for_it = names_groups_of(nsg, nic) || !is_attached(m, nsg);

			if (is_made_for_it != is_other)
				mend_add(m,
					 arena_printf(m->arena, "%s/network_security_group",
						      subnet_path(m, nic->subnet)),
					 nsg->object.name,
					 "%s/%s has no NSG, and a Standard address is closed "
					 "without",
					 nic->subnet->vnet->object.name, nic->subnet->object.name);
		}
		if (!is_other && nic->public_ip_address)
			mend_add(m,
				 arena_printf(m->arena, "public_ip_addresses/%s/sku",
					      nic->public_ip_address->object.name),
				 "Basic", "a Standard address is closed without an NSG");
	}
}

/* OUT-01: an address of its own, a NAT gateway's, or that of whoever forwards it. */
static void propose_addresses(struct mending *m, const struct nic *nic)
{
	const struct subnet *own = nic->subnet;

	for (size_t i = 0; i < m->lab->public_ip_addresses.count; i++) {
		const struct public_ip *ip = &m->lab->public_ip_addresses.items[i];

		if (!ip->nic && !ip->nat_gateway && !ip->gateway)
			mend_add(
				m,
				arena_printf(m->arena, "%s/public_ip_address", vm_path(m, nic->vm)),
				ip->object.name, "%s does not have the address that is free",
				nic->vm->object.name);
	}
	for (size_t i = 0; i < m->lab->nat_gateways.count; i++)
		if (!m->lab->nat_gateways.items[i].vnet)
			mend_add(m, arena_printf(m->arena, "%s/nat_gateway", subnet_path(m, own)),
				 m->lab->nat_gateways.items[i].object.name,
				 "%s/%s has no NAT gateway", own->vnet->object.name,
				 own->object.name);
	for (size_t i = 0; i < own->vnet->subnets.count; i++)
		if (own->vnet->subnets.items[i].nat_gateway && &own->vnet->subnets.items[i] != own)
			mend_add(m, arena_printf(m->arena, "%s/subnet", vm_path(m, nic->vm)),
				 arena_printf(m->arena, "%s/%s", own->vnet->object.name,
					      own->vnet->subnets.items[i].object.name),
				 "%s is in a subnet without a way to the Internet",
				 nic->vm->object.name);
	for (size_t i = 0; i < m->lab->nat_gateways.count; i++)
		mend_add(m, arena_printf(m->arena, "%s/nat_gateway", subnet_path(m, own)),
			 m->lab->nat_gateways.items[i].object.name, "%s/%s has no NAT gateway",
			 own->vnet->object.name, own->object.name);
}

/* What an NVA forwards to the Internet has to have its address. */
static void propose_masquerade(struct mending *m)
{
	for (size_t i = 0; i < m->lab->vms.count; i++) {
		const struct vm *vm = &m->lab->vms.items[i];

		for (size_t n = 0;
		     vm->is_nva && !vm->masquerade && n < vm->network_interfaces.count; n++)
			mend_add(m, arena_printf(m->arena, "%s/masquerade", vm_path(m, vm)),
				 vm->network_interfaces.items[n].object.name,
				 "%s forwards it with an address that the Internet does not know",
				 vm->object.name);
	}
}

static void propose_platform(struct mending *m)
{
	const struct denial *denial = &m->prediction->denial;
	const struct nic *nic = denial->port ? denial->port->nic : m->question->flow.from;

	if (!nic || !nic->subnet)
		return;
	if (denial->layer.drop == DROP_STANDARD_PIP_CLOSED) {
		propose_opening(m, nic);
	} else if (denial->layer.drop == DROP_NO_OUTBOUND || !denial->port) {
		propose_masquerade(m);
		propose_addresses(m, nic);
	}
}

void propose_rules(struct mending *m)
{
	const struct denial *denial = &m->prediction->denial;

	if (m->prediction->reason == REASON_PLATFORM)
		propose_platform(m);
	if (m->prediction->reason != REASON_NSG || !denial->port || !denial->layer.rule)
		return;
	if (denial->layer.layer == LAYER_ADMIN)
		propose_admin_rule(m, denial);
	else
		propose_network_groups(m, denial);
	if (denial->layer.nsg)
		propose_nsg_rules(m, denial);
}
