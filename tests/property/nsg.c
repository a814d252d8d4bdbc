/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/nsg.h"

#include "tests/property/nsg_cases.h"
#include "tests/property/nsg_log.h"
#include "tests/property/nsg_trace.h"
#include "tests/property/nsg_wire.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE      100 /* packets, before what was seen of them is taken in; one when traced */
#define QUIET_MS     300 /* nothing more comes, when nothing came for so long */
#define ROUND_MS     5
#define REPORTED_MAX 5
#define SEEN_MAX     FLOW_MAX_CROSSINGS

/* What became of one packet. */
struct seen {
	struct logged *logged;
	unsigned logged_count;
	struct traced *traced;
	unsigned traced_count;
	const struct node *at[SEEN_MAX]; /* machines it came to, by falling TTL, ... */
	unsigned ttl[SEEN_MAX];          /* ... with this TTL */
	unsigned at_count;
};

/* A rule where it stands. */
struct standing {
	const void *place; /* the NSG, the collection */
	const struct security_rule *rule;
	unsigned times; /* that it decided */
};

struct run {
	const struct wanted *wanted;
	struct nsg_cases cases;
	struct seen *seen; /* by number of the packet */
	struct standing *decided;
	size_t decided_count, arrived; /* arrived: whatever was logged or seen */
	struct wire *wire;
	struct nsg_log *log;
	struct nsg_trace *trace; /* NULL: nothing is traced */
	struct nsg_result result;
};

/* ---- what is seen ---- */

/* The packet of ours that it is; NULL when it is none. */
static struct seen *find_seen(struct run *run, const struct wire_packet *packet)
{
	size_t at = packet->number - 1; /* kernels give 0 to packets of their own */

	if (!packet->number || at >= run->cases.count ||
	    !tuple_equal(&run->cases.items[at].tuple, &packet->tuple))
		return NULL;
	run->arrived++;
	return &run->seen[at];
}

static void on_logged(void *arg, const struct logged *logged)
{
	struct seen *seen = find_seen(arg, &logged->packet);

	if (!seen)
		return;
	seen->logged = realloc(seen->logged, (seen->logged_count + 1) * sizeof(*seen->logged));
	if (!seen->logged)
		abort();
	seen->logged[seen->logged_count++] = *logged;
}

static void on_traced(void *arg, const struct traced *traced)
{
	struct seen *seen = find_seen(arg, &traced->packet);

	if (!seen)
		return;
	seen->traced = realloc(seen->traced, (seen->traced_count + 1) * sizeof(*seen->traced));
	if (!seen->traced)
		abort();
	seen->traced[seen->traced_count++] = *traced;
}

static void on_seen(void *arg, const struct node *node, const struct wire_packet *packet)
{
	struct seen *seen = find_seen(arg, packet);
	unsigned at;

	if (!seen || seen->at_count == SEEN_MAX)
		return;
	for (at = seen->at_count++; at && seen->ttl[at - 1] < packet->ttl; at--) {
		seen->at[at] = seen->at[at - 1];
		seen->ttl[at] = seen->ttl[at - 1];
	}
	seen->at[at] = node;
	seen->ttl[at] = packet->ttl;
}

/* ---- what should have been ---- */

/*
 * The n-th machine that a packet comes to, of those behind ports of the fabric, and the TTL that it
 * has there: NULL behind the last.
 */
static const struct node *arrival(const struct nsg_case *one, unsigned n)
{
	const struct flow *walk = &one->walk;

	for (unsigned i = 0; i < walk->crossing_count; i++) {
		bool is_denied = one->is_denied && i + 1 == walk->crossing_count;

		if (walk->crossings[i].direction == DIRECTION_INBOUND && !is_denied && !n--)
			return walk->crossings[i].port->node;
	}
	return NULL;
}

static bool is_machine(const struct node *node)
{
	return node->vm || node->role == ROLE_PRIVATE_ENDPOINT;
}

/* The kernel's decisions: was it at those machines, and at no other? */
static bool came_as_told(const struct nsg_case *one, const struct seen *seen)
{
	unsigned n = 0;

	for (unsigned i = 0; i < seen->at_count; i++) {
		if (!is_machine(seen->at[i]))
			continue; /* a router: whether it comes there, routes say */
		if (seen->at[i] != arrival(one, n) || seen->ttl[i] > WIRE_TTL - n)
			return false;
		n++;
	}
	return !arrival(one, n);
}

static bool is_as_told(const struct expected *expected, const struct logged *logged,
		       const struct topology *topology)
{
	struct layer_verdict layer;

	return expected->port == logged->port && hit_find(topology, &logged->hit, &layer) &&
	       layer.layer == expected->layer.layer &&
	       layer.direction == expected->layer.direction &&
	       layer.access == expected->layer.access && layer.drop == expected->layer.drop &&
	       layer.nsg == expected->layer.nsg && layer.collection == expected->layer.collection &&
	       layer.rule == expected->layer.rule;
}

static bool logged_as_told(const struct run *run, const struct nsg_case *one,
			   const struct seen *seen)
{
	if (seen->logged_count != one->expected_count)
		return false;
	for (unsigned i = 0; i < one->expected_count; i++)
		if (!is_as_told(&one->expected[i], &seen->logged[i], run->wanted->topology))
			return false;
	return true;
}

/* The words by which a rule of the kernel would say that it decided. */
static struct hit_text words_of(const struct run *run, const struct layer_verdict *layer)
{
	struct hit hit = { .layer = layer->layer,
			   .direction = layer->direction,
			   .access = layer->access,
			   .drop = layer->drop };

	if (layer->nsg)
		hit.number = topology_filter(run->wanted->topology, layer->nsg);
	if (layer->collection)
		hit.number = layer->collection->number;
	if (layer->rule)
		hit.priority = (unsigned)layer->rule->priority.value;
	return hit_print(&hit);
}

static bool traced_as_told(const struct run *run, const struct nsg_case *one,
			   const struct seen *seen)
{
	if (!run->trace)
		return true;
	if (seen->traced_count != one->expected_count)
		return false;
	for (unsigned i = 0; i < one->expected_count; i++) {
		const struct layer_verdict *layer = &one->expected[i].layer;

		if (strcmp(seen->traced[i].hit.text, words_of(run, layer).text) != 0 ||
		    seen->traced[i].is_drop != (layer->access == ACCESS_DENY))
			return false;
	}
	return true;
}

static bool agrees(const struct run *run, size_t number)
{
	const struct nsg_case *one = &run->cases.items[number];
	const struct seen *seen = &run->seen[number];

	return logged_as_told(run, one, seen) && traced_as_told(run, one, seen) &&
	       came_as_told(one, seen);
}

/* ---- words ---- */

static void print_layer(const struct interface *port, const struct layer_verdict *layer)
{
	static const char *const ways[] = { "into", "out of" };

	printf("    %s %s: %s %s %s", ways[layer->direction], port ? port->node->name : "no port",
	       verdict_layer_name(layer->layer), layer_verdict_resource(layer),
	       layer_verdict_rule(layer));
	if (layer->rule)
		printf(" (%.0f)", layer->rule->priority.value);
	printf(" %s\n", layer->access == ACCESS_DENY ? "denies" : "allows");
}

static void print_logged(const struct run *run, const struct logged *logged)
{
	struct layer_verdict layer;

	if (hit_find(run->wanted->topology, &logged->hit, &layer))
		print_layer(logged->port, &layer);
	else
		printf("    '%s', which the lab does not have\n", hit_print(&logged->hit).text);
}

static void report(struct run *run, size_t number)
{
	const struct nsg_case *one = &run->cases.items[number];
	const struct seen *seen = &run->seen[number];

	if (run->result.differences++ >= REPORTED_MAX)
		return;
	printf("DIFFERS: out of %s: protocol %u, %s:%u to ", one->from->node->name,
	       one->tuple.protocol, ip_print(one->tuple.source).text, one->tuple.source_port);
	printf("%s:%u\n  told:%s%s\n", ip_print(one->tuple.destination).text,
	       one->tuple.destination_port, *one->walk.words ? " " : "", one->walk.words);
	for (unsigned i = 0; i < one->expected_count; i++)
		print_layer(one->expected[i].port, &one->expected[i].layer);
	for (unsigned i = 0; arrival(one, i); i++)
		printf("    arrives at %s\n", arrival(one, i)->name);
	printf("  seen:\n");
	for (unsigned i = 0; i < seen->logged_count; i++)
		print_logged(run, &seen->logged[i]);
	for (unsigned i = 0; i < seen->traced_count; i++)
		printf("    traced: %s%s\n", seen->traced[i].hit.text,
		       seen->traced[i].is_drop ? " drops it" : "");
	for (unsigned i = 0; i < seen->at_count; i++)
		printf("    arrives at %s (ttl %u)\n", seen->at[i]->name, seen->ttl[i]);
}

/* ---- which rules were met ---- */

static const void *place_of(const struct layer_verdict *layer)
{
	return layer->nsg ? (const void *)layer->nsg : (const void *)layer->collection;
}

static void note_rule(struct run *run, const struct layer_verdict *layer)
{
	for (size_t i = 0; i < run->decided_count; i++)
		if (run->decided[i].place == place_of(layer) &&
		    run->decided[i].rule == layer->rule) {
			run->decided[i].times++;
			return;
		}
	run->decided = realloc(run->decided, (run->decided_count + 1) * sizeof(*run->decided));
	if (!run->decided)
		abort();
	run->decided[run->decided_count++] = (struct standing){ place_of(layer), layer->rule, 1 };
}

/* Of a user, not of a default rule; and of IPv4, since tests change it there. */
static void find_rarest(struct run *run)
{
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < run->cases.count; i++)
		for (unsigned n = 0; n < run->seen[i].logged_count; n++) {
			const struct hit *hit = &run->seen[i].logged[n].hit;
			struct layer_verdict layer;

			if (hit->layer < LAYER_SUBNET ||
			    run->cases.items[i].tuple.source.family == IP_V6 ||
			    !hit_find(run->wanted->topology, hit, &layer) ||
			    nsg_is_default(layer.rule))
				continue;
			for (size_t k = 0; k < run->decided_count; k++)
				if (run->decided[k].rule == layer.rule &&
				    run->decided[k].times < least) {
					least = run->decided[k].times;
					run->result.rarest = hit_print(hit);
				}
		}
}

static bool is_in_use(const struct topology *topology, const struct nsg *nsg)
{
	for (size_t i = 0; i < topology->ports.count; i++)
		if (topology->ports.items[i]->subnet->network_security_group == nsg ||
		    (topology->ports.items[i]->nic &&
		     topology->ports.items[i]->nic->network_security_group == nsg))
			return true;
	return false;
}

static size_t count_standing(const struct wanted *wanted)
{
	const struct lab *lab = wanted->lab;
	size_t count = 0;

	for (size_t i = 0; i < lab->network_security_groups.count; i++)
		if (is_in_use(wanted->topology, &lab->network_security_groups.items[i]))
			count += lab->network_security_groups.items[i].security_rules.count +
				 NSG_DEFAULT_RULES;
	for (size_t i = 0; i < lab->security_admin_configurations.count; i++)
		for (size_t n = 0;
		     n < lab->security_admin_configurations.items[i].rule_collections.count; n++)
			count += lab->security_admin_configurations.items[i]
					 .rule_collections.items[n]
					 .rules.count;
	return count;
}

static void count_case(struct run *run, size_t number)
{
	const struct nsg_case *one = &run->cases.items[number];

	run->result.denied += one->is_denied;
	run->result.delivered += arrival(one, 0) && !one->is_denied;
	run->result.lost += !arrival(one, 0) && !one->is_denied;
	for (unsigned i = 0; i < run->seen[number].logged_count; i++) {
		const struct hit *hit = &run->seen[number].logged[i].hit;
		struct layer_verdict layer;

		run->result.inbound += hit->direction == DIRECTION_INBOUND;
		if (hit->layer != LAYER_PLATFORM && hit_find(run->wanted->topology, hit, &layer))
			note_rule(run, &layer);
	}
}

/* ---- a run ---- */

static int read_all(struct run *run, struct err *err)
{
	int rc = nsg_log_read(run->log, on_logged, run, err);

	if (!rc && run->trace)
		rc = nsg_trace_read(run->trace, on_traced, run, err);
	return rc ? rc : wire_read(run->wire, on_seen, run, err);
}

/* Until nothing comes any more; or earlier, when all is seen of the packets up to `to`. */
static int collect(struct run *run, size_t from, size_t to, struct err *err)
{
	struct pollfd log = { .fd = nsg_log_fd(run->log), .events = POLLIN };
	bool is_last = from == to;
	unsigned quiet_ms = 0;
	int rc = 0;

	while (!rc && quiet_ms < QUIET_MS) {
		size_t before = run->arrived;

		(void)poll(&log, 1, ROUND_MS);
		rc = read_all(run, err);
		while (from < to && agrees(run, from))
			from++;
		if (from == to && !is_last)
			break;
		quiet_ms = run->arrived == before ? quiet_ms + ROUND_MS : 0;
	}
	return rc;
}

static int send_all(struct run *run, struct err *err)
{
	size_t count = run->cases.count, at_once = run->trace ? 1 : AT_ONCE;
	int rc = 0;

	for (size_t i = 0; i < count && !rc; i++) {
		const struct nsg_case *one = &run->cases.items[i];

		rc = wire_send(run->wire, one->from, &one->tuple, (uint32_t)i + 1, err);
		if (!rc && ((i + 1) % at_once == 0 || i + 1 == count))
			rc = collect(run, i / at_once * at_once, i + 1, err);
	}
	/* and what nobody waits for, since it should not come */
	return rc ? rc : collect(run, count, count, err);
}

static int run_packets(struct run *run, bool is_traced, struct err *err)
{
	run->wire = wire_new(run->wanted->topology, err);
	if (run->wire)
		run->log = nsg_log_new(run->wanted->topology, err);
	if (run->log && is_traced)
		run->trace = nsg_trace_new(err);
	if (!err->code)
		(void)wire_forget_flows(err);
	return err->code ? err->code : send_all(run, err);
}

static void run_fini(struct run *run)
{
	nsg_trace_free(run->trace);
	nsg_log_free(run->log);
	wire_free(run->wire);
	for (size_t i = 0; i < run->cases.count; i++) {
		free(run->seen[i].logged);
		free(run->seen[i].traced);
	}
	free(run->seen);
	free(run->decided);
	nsg_cases_free(&run->cases);
}

int nsg_run(const struct wanted *wanted, uint64_t seed, size_t count, bool is_traced,
	    struct nsg_result *ret_result, struct err *err)
{
	struct run run = { .wanted = wanted, .seen = calloc(count + 1, sizeof(*run.seen)) };
	int rc;

	if (!run.seen)
		abort();
	if (count >= WIRE_NUMBER_MAX) {
		free(run.seen);
		return err_set(err, -EINVAL, "no more than %u packets at once",
			       WIRE_NUMBER_MAX - 1);
	}
	run.cases = nsg_cases_new(wanted->fabric, seed, count);
	rc = run_packets(&run, is_traced, err);
	for (size_t i = 0; i < count && !rc; i++) {
		count_case(&run, i);
		if (!agrees(&run, i))
			report(&run, i);
	}
	find_rarest(&run);
	run.result.rules = run.decided_count;
	run.result.rules_standing = count_standing(wanted);
	*ret_result = run.result;
	run_fini(&run);
	return rc;
}
