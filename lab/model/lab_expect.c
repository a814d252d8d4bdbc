/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expectations: of which kind each is, and whom it names (design.md section 7). */
#include "lab/model/lab_check.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The keys of a kind; those of the others have no business beside them. */
#define FLOW    1u
#define ROUTE   2u
#define SESSION 4u

struct key_use {
	const char *key;
	struct src_pos pos;
	unsigned kinds;
};

#define KEYS_MAX 24

static size_t list_keys(const struct expectation *e, struct key_use keys[KEYS_MAX])
{
	const struct key_use all[] = {
		{ "from", e->from_ref.pos, FLOW },
		{ "to", e->to_ref.pos, FLOW },
		{ "protocol", e->protocol.pos, FLOW },
		{ "port", e->port.pos, FLOW },
		{ "size_bytes", e->size_bytes.pos, FLOW },
		{ "dont_fragment", e->dont_fragment.pos, FLOW },
		{ "result", e->result.pos, FLOW },
		{ "because", e->because.pos, FLOW },
		{ "rule", e->rule.pos, FLOW },
		{ "ttl", e->ttl.pos, FLOW },
		{ "rtt_ms", e->rtt_ms.pos, FLOW },
		{ "loss", e->loss.pos, FLOW },
		{ "via", e->via.count ? e->via.items[0].pos : (struct src_pos){ 0 }, FLOW },
		{ "encrypted", e->encrypted.pos, FLOW },
		{ "routes", e->routes.pos, ROUTE },
		{ "prefix", e->prefix.count ? e->prefix.items[0].pos : (struct src_pos){ 0 },
		  ROUTE },
		{ "next_hop_type", e->next_hop_type.pos, ROUTE },
		{ "next_hop_ip",
		  e->next_hop_ip.count ? e->next_hop_ip.items[0].pos : (struct src_pos){ 0 },
		  ROUTE },
		{ "absent", e->absent.pos, ROUTE | SESSION },
		{ "bgp", e->bgp.pos, SESSION },
		{ "peer", e->peer.pos, SESSION },
		{ "state", e->state.pos, SESSION },
		{ "learned", e->learned.count ? e->learned.items[0].pos : (struct src_pos){ 0 },
		  SESSION },
		{ "as_path", e->as_path.pos, SESSION },
	};

	memcpy(keys, all, sizeof(all));
	return ARRAY_SIZE(all);
}

static bool check_kind(struct expectation *e, struct diags *diags)
{
	static const char *const of[] = { [FLOW] = "a flow (from, to)",
					  [ROUTE] = "a row (routes, prefix)",
					  [SESSION] = "a session (bgp)" };
	unsigned kind = e->from_ref.name || e->to_ref.name ? FLOW
			: e->routes.name                   ? ROUTE
			: e->bgp.name                      ? SESSION
							   : 0;
	struct key_use keys[KEYS_MAX];
	size_t count = list_keys(e, keys);
	bool is_ok = true;

	if (!kind) {
		diag_hint(diags,
			  diag_add(diags, DIAG_EXPECTATION, e->object.pos,
				   "the expectation is about nothing"),
			  "it needs 'from' and 'to', or 'routes' and 'prefix', or 'bgp'");
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (!keys[i].pos.line || keys[i].kinds & kind)
			continue;
		diag_add(diags, DIAG_EXPECTATION, keys[i].pos,
			 "the expectation is about %s, and '%s' is not a key of those", of[kind],
			 keys[i].key);
		is_ok = false;
	}
	e->kind = kind == FLOW ? EXPECT_FLOW : kind == ROUTE ? EXPECT_ROUTE : EXPECT_SESSION;
	return is_ok;
}

static void lacks(const struct expectation *e, struct diags *diags, const char *what)
{
	diag_add(diags, DIAG_EXPECTATION, e->object.pos, "the expectation lacks %s", what);
}

static struct nic *find_machine(struct lab *lab, const struct ref *ref, struct diags *diags)
{
	struct err err = { 0 };
	struct nic *nic = lab_find_nic(lab, ref->name, &err);
	const char *names[256], *near;
	size_t count = 0;
	struct diag *diag;

	if (nic)
		return nic;
	diag = diag_add(diags, DIAG_UNKNOWN_NAME, ref->pos, "%s", err.text);
	for (size_t i = 0; i < lab->vms.count && count < ARRAY_SIZE(names); i++)
		names[count++] = lab->vms.items[i].object.name;
	near = diag_is_kept(diag) ? nearest_word(ref->name, names, count) : NULL;
	if (near)
		diag_hint(diags, diag, "did you mean '%s'?", near);
	return NULL;
}

/* What only a reply can show is not asked of a flow that fails. */
static void check_failing(const struct expectation *e, struct diags *diags)
{
	const struct key_use keys[] = {
		{ "ttl", e->ttl.pos, 0 },
		{ "rtt_ms", e->rtt_ms.pos, 0 },
		{ "loss", e->loss.pos, 0 },
		{ "via", e->via.count ? e->via.items[0].pos : (struct src_pos){ 0 }, 0 },
		{ "encrypted", e->encrypted.pos, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (e->result.value == FLOW_FAILS && keys[i].pos.line)
			diag_add(diags, DIAG_EXPECTATION, keys[i].pos,
				 "the flow is to fail, and so has no '%s'", keys[i].key);
	if (e->result.value == FLOW_WORKS && e->because.pos.line)
		diag_add(diags, DIAG_EXPECTATION, e->because.pos,
			 "'because' says why a flow fails: it needs 'result: fails'");
	if (e->rule.value && (e->because.value != REASON_NSG || !e->because.pos.line))
		diag_add(diags, DIAG_EXPECTATION, e->rule.pos,
			 "'rule' names a rule of an NSG that denies: it needs 'because: nsg'");
}

/* A machine, or a gateway, Route Server or circuit: one of its instances. */
static bool is_on_a_way(const struct lab *lab, const char *name)
{
	return lab_name_find(lab, NAME_NODE, name) || lab_find_gateway(lab, name) ||
	       lab_find_circuit(lab, name);
}

static void check_via(struct lab *lab, const struct expectation *e, struct diags *diags)
{
	for (size_t i = 0; i < e->via.count; i++) {
		const struct text *via = &e->via.items[i];

		if (!is_on_a_way(lab, via->value))
			diag_hint(diags,
				  diag_add(diags, DIAG_UNKNOWN_NAME, via->pos,
					   "there is no machine or gateway '%.80s' to cross",
					   via->value),
				  "machines have their names, instances and MSEEs those that "
				  "hublab show lists");
	}
}

static void check_flow(struct lab *lab, struct expectation *e, struct diags *diags)
{
	struct probe_spec *probe = &e->probe;

	if (!e->from_ref.name || !e->to_ref.name) {
		lacks(e, diags, e->to_ref.name ? "'from'" : "'to'");
		return;
	}
	probe->object = e->object;
	probe->protocol = e->protocol;
	probe->port = e->port;
	probe->size_bytes = e->size_bytes;
	probe->dont_fragment = e->dont_fragment;
	probe->from = find_machine(lab, &e->from_ref, diags);
	probe->to = find_machine(lab, &e->to_ref, diags);
	if (probe->from && probe->from == probe->to)
		diag_add(diags, DIAG_EXPECTATION, e->to_ref.pos,
			 "the flow goes from '%s' to itself", e->to_ref.name);
	if (probe->from && !vm_can_ask(probe->from->vm))
		diag_add(diags, DIAG_GUEST, e->from_ref.pos,
			 "'%s' boots an image of yours: flows that are tried start at other "
			 "machines",
			 e->from_ref.name)
			->also = probe->from->vm->image.pos;
	check_failing(e, diags);
	check_via(lab, e, diags);
	if (probe_has_port(probe) && !e->port.pos.line)
		lacks(e, diags,
		      e->protocol.value == PROBE_TCP ? "the 'port' of Tcp" : "the 'port' of Udp");
	if (!probe_has_port(probe) && e->port.pos.line)
		diag_add(diags, DIAG_EXPECTATION, e->port.pos, "%s has no 'port' to choose",
			 choice_name(probe_protocol_names, e->protocol.value));
	check_probe_size(probe, DIAG_EXPECTATION, diags);
	if (e->protocol.value != PROBE_ICMP && (e->ttl.pos.line || e->loss.pos.line))
		diag_add(diags, DIAG_EXPECTATION, e->ttl.pos.line ? e->ttl.pos : e->loss.pos,
			 "'%s' is seen with Icmp only", e->ttl.pos.line ? "ttl" : "loss");
}

static void check_route(struct lab *lab, struct expectation *e, struct diags *diags)
{
	struct err err = { 0 };

	e->nic = find_machine(lab, &e->routes, diags);
	if (e->nic && !nic_is_routed_by_azure(e->nic, &err))
		diag_add(diags, DIAG_EXPECTATION, e->routes.pos, "%s", err.text);
	if (e->prefix.count != 1)
		lacks(e, diags, "the one 'prefix' of the row");
	if (e->absent.value && (e->next_hop_type.pos.line || e->next_hop_ip.count))
		diag_add(diags, DIAG_EXPECTATION, e->absent.pos,
			 "a row that is absent has no next hop");
}

static bool is_speaker(const struct lab *lab, const char *name)
{
	const struct vm *vm = lab_find_vm(lab, name);

	return lab_name_find(lab, NAME_NODE, name) && (!vm || vm->bgp.asn.pos.line);
}

static void check_speaker(const struct lab *lab, const struct ref *ref, struct diags *diags)
{
	const struct gateway *gateway = lab_find_gateway(lab, ref->name);
	struct diag *diag;

	if (is_speaker(lab, ref->name))
		return;
	diag = diag_add(diags, DIAG_UNKNOWN_NAME, ref->pos, "no machine '%.80s' speaks BGP",
			ref->name);
	if (gateway)
		diag_hint(diags, diag, "one of its instances does: %s-0", gateway->object.name);
	else if (lab_find_circuit(lab, ref->name))
		diag_hint(diags, diag, "its MSEEs do: %s-primary, %s-secondary", ref->name,
			  ref->name);
}

static void check_session(const struct lab *lab, struct expectation *e, struct diags *diags)
{
	check_speaker(lab, &e->bgp, diags);
	if (e->peer.name)
		check_speaker(lab, &e->peer, diags);
	if (!e->state.pos.line && !e->learned.count)
		lacks(e, diags, "'state' or 'learned'");
	if (e->state.pos.line && !e->peer.name)
		lacks(e, diags, "the 'peer' of the session");
	if ((e->as_path.value || e->absent.pos.line) && !e->learned.count)
		lacks(e, diags, "what is 'learned'");
	if (e->as_path.value && e->absent.value)
		diag_add(diags, DIAG_EXPECTATION, e->as_path.pos,
			 "what is not learned has no 'as_path'");
}

static void check_one(struct lab *lab, struct expectation *e, struct diags *diags)
{
	*ARENA_PUSH(lab->arena, lab->expectations.items, lab->expectations.count) = e;
	if (!check_kind(e, diags))
		return;
	switch (e->kind) {
	case EXPECT_FLOW:
		check_flow(lab, e, diags);
		return;
	case EXPECT_ROUTE:
		check_route(lab, e, diags);
		return;
	case EXPECT_SESSION:
		check_session(lab, e, diags);
		return;
	}
}

void lab_check_expectations(struct lab *lab, struct diags *diags)
{
	for (size_t i = 0; i < lab->expect.count; i++)
		check_one(lab, &lab->expect.items[i], diags);
	for (size_t i = 0; lab->step && i < lab->steps.items[lab->step - 1].expect.count; i++)
		check_one(lab, &lab->steps.items[lab->step - 1].expect.items[i], diags);
}
