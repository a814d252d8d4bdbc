/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/expect/expect.h"

#include "lab/expect/expect_way.h"
#include "lab/expect/expect_wire.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *outcome_name(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_UNKNOWN:
		return "unknown";
	case OUTCOME_PASS:
		return "pass";
	case OUTCOME_FAIL:
		return "fail";
	}
	return "";
}

static PRINTF(3, 4) void judge(struct judgement *j, enum outcome outcome, const char *fmt, ...)
{
	va_list args;

	j->outcome = outcome;
	va_start(args, fmt);
	(void)vsnprintf(j->seen, sizeof(j->seen), fmt, args);
	va_end(args);
}

/* Text that grows, cut at the end of its buffer. */
struct words {
	char *at;
	size_t size;
};

static PRINTF(2, 3) void add(struct words *text, const char *fmt, ...)
{
	size_t len = strlen(text->at);
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text->at + len, text->size - len, fmt, args);
	va_end(args);
}

bool expectation_is_negative(const struct expectation *e)
{
	return e->kind == EXPECT_FLOW ? e->result.value == FLOW_FAILS || e->encrypted.value
				      : e->absent.value || (e->state.pos.line &&
							    e->state.value == SESSION_CONNECTING);
}

/* ---- flows ---- */

static bool is_in(const struct range *range, double value)
{
	return value >= range->min && value <= range->max;
}

static double loss_percent(const struct flow_sight *sight)
{
	return sight->sent ? 100.0 * (sight->sent - sight->answered) / sight->sent : 100;
}

/* Is what answers another machine? Only HTTP tells by itself. */
static bool is_others(const struct expectation *e, const struct flow_sight *sight,
		      const struct prediction *now)
{
	return sight->is_reply && e->protocol.value != PROBE_HTTP && now->is_echo && !now->is_reply;
}

static void expect_reply(const struct expectation *e, const struct flow_sight *sight,
			 const struct fabric *fabric, struct judgement *j)
{
	struct prediction now;
	double loss = loss_percent(sight);
	enum outcome on_wire;
	char why[280];

	fabric_predict(fabric, &e->probe, &now);
	if (!sight->is_reply && !e->loss.pos.line)
		judge(j, OUTCOME_FAIL, "no reply: %s", sight->why);
	else if (now.is_by_flow)
		judge(j, OUTCOME_UNKNOWN, "a reply, but %s", now.words);
	else if (is_others(e, sight, &now))
		judge(j, OUTCOME_FAIL, "a reply, but %s", now.words);
	else if (!expect_way(e, fabric, why, sizeof(why)))
		judge(j, OUTCOME_FAIL, "a reply, but %s", why);
	else if ((on_wire = expect_wire(e, fabric, &sight->wire, why, sizeof(why))) != OUTCOME_PASS)
		judge(j, on_wire, "a reply, but %s", why);
	else if (e->ttl.pos.line && sight->answered && sight->ttl != (unsigned)e->ttl.value)
		judge(j, OUTCOME_FAIL, "ttl %u", sight->ttl);
	else if (e->rtt_ms.pos.line && sight->answered && !is_in(&e->rtt_ms, sight->rtt_ms))
		judge(j, OUTCOME_FAIL, "a round-trip time of %.1f ms", sight->rtt_ms);
	else if (e->loss.pos.line && sight->sent < LOSS_PACKETS)
		judge(j, OUTCOME_UNKNOWN, "%u of %d packets are sent", sight->sent, LOSS_PACKETS);
	else if (e->loss.pos.line && !is_in(&e->loss, loss))
		judge(j, OUTCOME_FAIL, "%.0f %% of %u packets had no reply", loss, sight->sent);
	else if (e->protocol.value == PROBE_ICMP && sight->answered)
		judge(j, OUTCOME_PASS, "a reply, ttl %u, %.1f ms", sight->ttl, sight->rtt_ms);
	else if (sight->answered)
		judge(j, OUTCOME_PASS, "an answer, %.1f ms", sight->rtt_ms);
	else
		judge(j, e->ttl.pos.line || e->rtt_ms.pos.line ? OUTCOME_FAIL : OUTCOME_PASS,
		      "no reply: %s", sight->why);
}

/* Is it that rule which denies it, if one is named? */
static bool is_rule(const struct expectation *e, const struct prediction *now)
{
	return !e->rule.value ||
	       (now->denial.port &&
		!strcasecmp(layer_verdict_rule(&now->denial.layer), e->rule.value));
}

static void expect_failure(const struct expectation *e, const struct flow_sight *sight,
			   const struct fabric *fabric, struct judgement *j)
{
	struct prediction now;

	fabric_predict(fabric, &e->probe, &now);
	if (sight->is_reply && !is_others(e, sight, &now)) {
		judge(j, OUTCOME_FAIL, "a reply, %.1f ms", sight->rtt_ms);
		return;
	}
	if (now.is_by_flow)
		judge(j, OUTCOME_UNKNOWN, "no reply, but %s", now.words);
	else if (now.is_reply)
		judge(j, OUTCOME_UNKNOWN,
		      "no reply (%s), though the routes lead there and back, and every rule "
		      "allows it",
		      sight->why);
	else if (!e->because.pos.line)
		judge(j, OUTCOME_PASS, "%s: %s", sight->is_reply ? "another's reply" : "no reply",
		      now.words);
	else
		judge(j,
		      now.reason == (enum flow_reason)e->because.value && is_rule(e, &now)
			      ? OUTCOME_PASS
			      : OUTCOME_FAIL,
		      "%s because %s: %s", sight->is_reply ? "another's reply" : "no reply",
		      choice_name(flow_reason_names, (int)now.reason), now.words);
}

void expect_flow(const struct expectation *e, const struct flow_sight *sight,
		 const struct fabric *fabric, struct judgement *ret_judgement)
{
	if (!sight->sent)
		judge(ret_judgement, OUTCOME_UNKNOWN, "no packet was sent%s%s",
		      *sight->why ? ": " : "", sight->why);
	else if (e->result.value == FLOW_FAILS)
		expect_failure(e, sight, fabric, ret_judgement);
	else
		expect_reply(e, sight, fabric, ret_judgement);
}

/* ---- rows ---- */

static bool is_next_hop(const struct effective_route *row, struct ip ip)
{
	for (size_t i = 0; i < row->next_hops.count; i++)
		if (ip_equal(row->next_hops.items[i].ip, ip))
			return true;
	return false;
}

/* The same addresses, in whatever order. */
static bool has_next_hops(const struct effective_route *row, const struct addresses *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (!is_next_hop(row, wanted->items[i].ip))
			return false;
	for (size_t i = 0; i < row->next_hops.count; i++) {
		bool is_wanted = false;

		for (size_t n = 0; n < wanted->count; n++)
			is_wanted |= ip_equal(row->next_hops.items[i].ip, wanted->items[n].ip);
		if (!is_wanted)
			return false;
	}
	return true;
}

static void print_row(const struct effective_route *row, struct words *text)
{
	add(text, "%s %s %s", prefix_print(row->prefix).text, next_hop_type_name(row->type),
	    route_state_name(row->state));
	for (size_t i = 0; i < row->next_hops.count; i++)
		add(text, "%s%s", i ? ", " : " ", ip_print(row->next_hops.items[i].ip).text);
}

static bool is_row(const struct expectation *e, const struct effective_route *row)
{
	return prefix_equal(row->prefix, e->prefix.items[0].prefix) && row->state == ROUTE_ACTIVE;
}

void expect_route(const struct expectation *e, const struct fabric *fabric,
		  struct judgement *ret_judgement)
{
	const struct interface *port = topology_find_nic(fabric->topology, e->nic);
	const struct effective_routes *routes = fabric_subnet_routes(fabric, port->table);
	struct prefix_text prefix = prefix_print(e->prefix.items[0].prefix);
	char seen[280] = "";
	struct words text = { seen, sizeof(seen) };
	bool is_met = false;

	for (size_t i = 0; i < routes->routes.count; i++) {
		const struct effective_route *row = &routes->routes.items[i];

		if (!is_row(e, row))
			continue;
		if (*seen)
			add(&text, "; ");
		print_row(row, &text);
		is_met |=
			(!e->next_hop_type.pos.line || (int)row->type == e->next_hop_type.value) &&
			(!e->next_hop_ip.count || has_next_hops(row, &e->next_hop_ip));
	}
	if (!*seen)
		judge(ret_judgement, e->absent.value ? OUTCOME_PASS : OUTCOME_FAIL,
		      "no active row for %s", prefix.text);
	else
		judge(ret_judgement, is_met && !e->absent.value ? OUTCOME_PASS : OUTCOME_FAIL, "%s",
		      seen);
}

/* ---- sessions ---- */

static bool is_with(const struct bgp_end *end, const char *peer)
{
	return !strcasecmp(end->peer_name, peer);
}

/* Has it a session with the peer, and are all of them up? Each link between two has its own. */
static bool find_sessions(const struct bgp_speaker *speaker, const char *peer, const bool *is_up,
			  bool *ret_is_up)
{
	bool is_found = false, are_up = true;

	for (size_t i = 0; i < speaker->ends.count; i++) {
		if (!is_with(speaker->ends.items[i], peer))
			continue;
		is_found = true;
		are_up &= is_up[i];
	}
	*ret_is_up = is_found && are_up;
	return is_found;
}

static bool has_path(const struct rib_route *route, const char *wanted)
{
	char path[1024] = "";

	if (route->path)
		as_path_print(route->path, path, sizeof(path));
	return !strcmp(path, wanted);
}

/* Is the prefix learned as expected? What is there of it is added to the text. */
static bool is_learned(const struct expectation *e, const struct rib *rib, struct prefix prefix,
		       struct words *text)
{
	const struct rib_route *route;
	bool is_met = false;
	size_t count;

	route = rib_find(rib, prefix, &count);
	for (size_t i = 0; i < count; i++) {
		char path[1024] = "";

		if (!route[i].from || (e->peer.name && !is_with(route[i].from, e->peer.name)))
			continue;
		if (route[i].path)
			as_path_print(route[i].path, path, sizeof(path));
		add(text, "%s%s from %s, path %s", *text->at ? "; " : "", prefix_print(prefix).text,
		    route[i].from->peer_name, path);
		is_met |= !e->as_path.value || has_path(&route[i], e->as_path.value);
	}
	return is_met;
}

static void expect_learned(const struct expectation *e, const struct rib *rib, struct judgement *j)
{
	char seen[280] = "", first[PREFIX_TEXT] = "";
	struct words text = { seen, sizeof(seen) };
	size_t met = 0;

	for (size_t i = 0; i < e->learned.count; i++) {
		struct prefix prefix = e->learned.items[i].prefix;

		if (is_learned(e, rib, prefix, &text))
			met++;
		else if (!*first)
			(void)snprintf(first, sizeof(first), "%s", prefix_print(prefix).text);
	}
	if (e->absent.value)
		judge(j, met ? OUTCOME_FAIL : OUTCOME_PASS, "%s", met ? seen : "not learned");
	else if (met == e->learned.count)
		judge(j, OUTCOME_PASS, "%s", seen);
	else
		judge(j, OUTCOME_FAIL, "%s is not learned%s%s%s", first,
		      e->as_path.value ? " with that path" : "", *seen ? ": there is " : "", seen);
}

void expect_session(const struct expectation *e, const struct bgp_sight *sight,
		    struct judgement *ret_judgement)
{
	const struct bgp_graph *graph = sight->learned.graph;
	const struct node *node = topology_find_node(graph->topology, e->bgp.name);
	const struct bgp_speaker *speaker = node ? bgp_find_speaker(graph, node) : NULL;
	const struct speaker_sight *seen = speaker ? &sight->speakers[speaker->index] : NULL;
	bool is_up = false;

	if (!seen || !seen->is_running) {
		judge(ret_judgement, OUTCOME_UNKNOWN, "the daemon of %s does not run", e->bgp.name);
		return;
	}
	if (e->peer.name && !find_sessions(speaker, e->peer.name, seen->is_up, &is_up)) {
		judge(ret_judgement, OUTCOME_FAIL, "%s has no session with %s", e->bgp.name,
		      e->peer.name);
		return;
	}
	judge(ret_judgement, OUTCOME_PASS, "%s",
	      choice_name(session_state_names, is_up ? SESSION_CONNECTED : SESSION_CONNECTING));
	if (e->state.pos.line && (e->state.value == SESSION_CONNECTED) != is_up)
		ret_judgement->outcome = OUTCOME_FAIL;
	else if (e->learned.count)
		expect_learned(e, &sight->learned.ribs[speaker->index], ret_judgement);
}

/* ---- words ---- */

static void print_range(const char *what, const struct range *range, const char *unit,
			struct words *text)
{
	if (range->pos.line && range->min > 0)
		add(text, ", %s %g to %g%s", what, range->min, range->max, unit);
	else if (range->pos.line)
		add(text, ", %s at most %g%s", what, range->max, unit);
}

static void print_flow(const struct expectation *e, struct words *text)
{
	add(text, "%s -> %s %s", e->from_ref.name, e->to_ref.name,
	    choice_name(probe_protocol_names, e->protocol.value));
	if (e->port.pos.line)
		add(text, " %.0f", e->port.value);
	if (e->size_bytes.pos.line)
		add(text, " of %.0f bytes", e->size_bytes.value);
	if (e->dont_fragment.value)
		add(text, " unfragmented");
	add(text, " %s", choice_name(flow_result_names, e->result.value));
	if (e->because.pos.line)
		add(text, " because %s", choice_name(flow_reason_names, e->because.value));
	if (e->ttl.pos.line)
		add(text, ", ttl %.0f", e->ttl.value);
	print_range("rtt", &e->rtt_ms, " ms", text);
	print_range("loss", &e->loss, " %", text);
	for (size_t i = 0; i < e->via.count; i++)
		add(text, "%s%s", i ? ", " : ", via ", e->via.items[i].value);
	if (e->encrypted.pos.line)
		add(text, ", %s", e->encrypted.value ? "encrypted" : "in clear");
}

static void print_route(const struct expectation *e, struct words *text)
{
	add(text, "routes of %s: %s", e->routes.name, prefix_print(e->prefix.items[0].prefix).text);
	if (e->absent.value)
		add(text, " absent");
	if (e->next_hop_type.pos.line)
		add(text, " %s", choice_name(next_hop_type_names, e->next_hop_type.value));
	for (size_t i = 0; i < e->next_hop_ip.count; i++)
		add(text, "%s%s", i ? ", " : " ", ip_print(e->next_hop_ip.items[i].ip).text);
}

static void print_session(const struct expectation *e, struct words *text)
{
	add(text, "bgp of %s", e->bgp.name);
	if (e->peer.name)
		add(text, " with %s", e->peer.name);
	if (e->state.pos.line)
		add(text, " %s", choice_name(session_state_names, e->state.value));
	for (size_t i = 0; i < e->learned.count; i++)
		add(text, "%s%s", i ? ", " : ": learned ",
		    prefix_print(e->learned.items[i].prefix).text);
	if (e->absent.value)
		add(text, " absent");
	if (e->as_path.value)
		add(text, " with path %s", e->as_path.value);
}

void expectation_print(const struct expectation *e, char *buffer, size_t size)
{
	struct words text = { buffer, size };

	buffer[0] = '\0';
	switch (e->kind) {
	case EXPECT_FLOW:
		print_flow(e, &text);
		return;
	case EXPECT_ROUTE:
		print_route(e, &text);
		return;
	case EXPECT_SESSION:
		print_session(e, &text);
		return;
	}
}
