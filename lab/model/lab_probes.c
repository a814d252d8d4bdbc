/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which probes run when the file does not say, and how often (design.md section 6). */
#include "lab/model/lab_check.h"

#include <stdio.h>

#define ALL_PAIRS_VMS 12 /* pings and fetches between all up to here; above, pings only */

static void add_probe(struct lab *lab, struct vm *from, struct vm *to, enum probe_protocol protocol)
{
	struct probe_spec *probe = ARENA_PUSH(lab->arena, lab->probes.items, lab->probes.count);

	probe->object.pos = from->object.pos;
	probe->protocol.value = protocol;
	probe->from = &from->network_interfaces.items[0];
	probe->to = &to->network_interfaces.items[0];
}

/* Hosts of the Internet, which are the last ones, are asked only by probes of the file. */
static size_t count_vms(const struct lab *lab)
{
	return lab->vms.count - lab->internet.count;
}

static void add_mesh(struct lab *lab)
{
	size_t vms = count_vms(lab);

	for (size_t i = 0; i < vms; i++)
		for (size_t n = 0; n < vms; n++) {
			if (i == n || !vm_can_ask(&lab->vms.items[i]))
				continue;
			add_probe(lab, &lab->vms.items[i], &lab->vms.items[n], PROBE_ICMP);
			if (!lab->vms.items[n].image_path) /* what it serves is its own */
				add_probe(lab, &lab->vms.items[i], &lab->vms.items[n], PROBE_HTTP);
		}
}

#define SAMPLES_MAX 20000 /* each is seen once in less than a minute */

/* Is the network one of the `share` that come behind `own`, the first one behind the last? */
static bool is_sampled(size_t n, size_t own, size_t count, size_t share)
{
	size_t distance = n >= own ? n - own : n + count - own;

	return share >= count || distance <= share;
}

/* LANs of branches come behind virtual networks. */
static size_t network_of(const struct lab *lab, const struct vm *vm)
{
	if (vm->branch)
		return lab->virtual_networks.count + (size_t)(vm->branch - lab->branches.items);
	return vm->network_interfaces.items[0].subnet->vnet->index;
}

/*
 * From each VM one ping to the first VM of every other network, or of as many of them as keeps all
 * within SAMPLES_MAX: beginning with the one behind its own, so that each has its share.
 */
static void add_samples(struct lab *lab)
{
	size_t count = lab->virtual_networks.count + lab->branches.count, vms = count_vms(lab);
	struct vm **first = arena_alloc(lab->arena, count * sizeof(struct vm *));
	size_t share = SAMPLES_MAX / vms;

	for (size_t i = vms; i-- > 0;)
		first[network_of(lab, &lab->vms.items[i])] = &lab->vms.items[i];
	for (size_t i = 0; i < vms; i++) {
		size_t own = network_of(lab, &lab->vms.items[i]);

		for (size_t n = 0; n < count; n++)
			if (is_sampled(n, own, count, share) && first[n] && n != own &&
			    vm_can_ask(&lab->vms.items[i]))
				add_probe(lab, &lab->vms.items[i], first[n], PROBE_ICMP);
	}
}

bool probe_has_port(const struct probe_spec *probe)
{
	return probe->protocol.value == PROBE_TCP || probe->protocol.value == PROBE_UDP;
}

#define PING_BYTES 56 /* when it is not said */

unsigned probe_size_bytes(const struct probe_spec *probe)
{
	if (probe->size_bytes.value)
		return (unsigned)probe->size_bytes.value;
	return probe->dont_fragment.value ? PING_BYTES : 0;
}

struct probe_text probe_protocol_print(const struct probe_spec *probe)
{
	const char *name = choice_name(probe_protocol_names, probe->protocol.value);
	struct probe_text text;

	if (probe_has_port(probe))
		(void)snprintf(text.text, sizeof(text.text), "%s:%.0f", name, probe->port.value);
	else if (probe_size_bytes(probe))
		(void)snprintf(text.text, sizeof(text.text), "%s:%u%s", name,
			       probe_size_bytes(probe), probe->dont_fragment.value ? "/df" : "");
	else
		(void)snprintf(text.text, sizeof(text.text), "%s", name);
	return text;
}

void check_probe_size(const struct probe_spec *probe, enum diag_id rule, struct diags *diags)
{
	const struct src_pos pos =
		probe->size_bytes.pos.line ? probe->size_bytes.pos : probe->dont_fragment.pos;

	if (probe->protocol.value != PROBE_ICMP && pos.line)
		diag_hint(diags,
			  diag_add(diags, rule, pos, "'%s' is of Icmp only",
				   probe->size_bytes.pos.line ? "size_bytes" : "dont_fragment"),
			  "a ping shows what fits: leave 'protocol' out");
}

#define ICMP_INTERVAL_MS   500
#define OTHERS_INTERVAL_MS 2000
#define PROBES_PER_S       500 /* of all together; the more there are, the less often each runs */

void lab_complete_probes(struct lab *lab)
{
	double per_s = 0, factor;

	if (!lab->probes.count && count_vms(lab) <= ALL_PAIRS_VMS)
		add_mesh(lab);
	else if (!lab->probes.count)
		add_samples(lab);
	for (size_t i = 0; i < lab->probes.count; i++)
		per_s += 1000.0 / (lab->probes.items[i].protocol.value == PROBE_ICMP
					   ? ICMP_INTERVAL_MS
					   : OTHERS_INTERVAL_MS);
	factor = per_s > PROBES_PER_S ? per_s / PROBES_PER_S : 1;
	for (size_t i = 0; i < lab->probes.count; i++) {
		struct probe_spec *probe = &lab->probes.items[i];
		bool is_icmp = probe->protocol.value == PROBE_ICMP;

		if (!probe->interval_ms.value) /* in whole milliseconds */
			probe->interval_ms.value =
				(double)(unsigned long)(factor * (is_icmp ? ICMP_INTERVAL_MS
									  : OTHERS_INTERVAL_MS));
	}
}
