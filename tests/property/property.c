/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random labs and random flows: the rules (fabric_walk and the effective routes), the kernel's FIB
 * and the way of real packets agree.
 *
 *   property lab SEED              prints a lab file
 *   property run FILE SEED FLOWS   in the namespaces of that lab, running: hublab shell -- property
 *   property nsg-lab SEED               labs in which almost everything filters,
 *   property nsg-run FILE SEED PACKETS     and verdict, kernel and log on packets there,
 *   property nsg-trace FILE SEED PACKETS   and nft's own trace
 */
#include "lab/azure/walk.h"
#include "lab/base/cleanup.h"
#include "lab/plan/fabric_ids.h"
#include "lab/plan/wanted.h"
#include "netns/kernel/ns.h"
#include "tests/property/fib.h"
#include "tests/property/nsg.h"
#include "tests/property/nsg_lab.h"
#include "tests/property/packets.h"
#include "tests/property/random_lab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define VM_TTL       64 /* Linux' own */
#define AT_ONCE      4  /* packets, before what was seen of them is taken in: each may loop */
#define QUIET_MS     300
#define ROUNDS_MAX   10  /* of waiting for what is told and was not seen yet */
#define WAYS_TRIED   256 /* of equal next hops; flows with more go round among them */
#define REPORTED_MAX 5   /* of packets, and of the FIB */

struct flow_case {
	struct packet packet;
	const struct node *from;
	const struct interface *port; /* of the fabric: whose table is asked */
};

struct run {
	const struct wanted *wanted;
	uint64_t seed;
	const struct node **sources;
	size_t source_count;
	struct ip *targets;
	size_t target_count;
	struct flow_case *cases;
	size_t case_count;
	size_t delivered, lost, far, untold;
	size_t packet_differences, table_differences;
};

/* ---- what flows there are ---- */

static bool is_of_subnet(struct ip ip, const struct subnet *subnet, bool *is_edge)
{
	for (size_t i = 0; i < subnet->address_prefix.count; i++) {
		struct prefix prefix = subnet->address_prefix.items[i].prefix;

		if (!prefix_has_ip(prefix, ip))
			continue;
		*is_edge |= ip_equal(ip, prefix_first(prefix)) || ip_equal(ip, prefix_last(prefix));
		return true;
	}
	return false;
}

/* Guests take the first and the last address of a subnet for all of it, whatever the fabric does.
 */
static bool is_broadcast(const struct lab *lab, struct ip ip)
{
	bool is_edge = false;

	for (size_t i = 0; i < lab->virtual_networks.count; i++)
		for (size_t n = 0; n < lab->virtual_networks.items[i].subnets.count; n++)
			(void)is_of_subnet(ip, &lab->virtual_networks.items[i].subnets.items[n],
					   &is_edge);
	return is_edge;
}

/* What no packet to one machine is for, or what none leaves a machine for. */
static bool is_special(struct ip ip)
{
	if (ip.family == IP_V6)
		return ip.bytes[0] == 0xff;
	return !ip.bytes[0] || ip.bytes[0] == 127 || ip.bytes[0] >= 224;
}

static void add_target(struct run *run, struct ip ip)
{
	if (is_special(ip) || is_broadcast(run->wanted->lab, ip))
		return;
	run->targets = realloc(run->targets, (run->target_count + 1) * sizeof(*run->targets));
	if (!run->targets)
		abort();
	run->targets[run->target_count++] = ip;
}

/* Within a prefix: its beginning, its end, and near them. */
static void add_targets_of(struct run *run, struct prefix prefix)
{
	if (!prefix.len) {
		struct ip far;

		if (ip_parse(prefix.addr.family == IP_V6 ? "2001:db8::8" : "8.8.8.8", &far))
			add_target(run, far);
		return;
	}
	add_target(run, prefix_first(prefix));
	if (prefix.len == ip_bits(prefix.addr))
		return;
	add_target(run, ip_add(prefix_first(prefix), 1));
	add_target(run, prefix_last(prefix));
}

static void add_machines(struct run *run)
{
	const struct topology *t = run->wanted->topology;

	for (size_t i = 0; i < t->nodes.count; i++) {
		const struct node *node = t->nodes.items[i];

		for (size_t n = 0; n < node->interfaces.count; n++) {
			const struct interface *interface = node->interfaces.items[n];
			unsigned times = interface->kind == INTERFACE_NIC ? 10 : 1;

			for (; times; times--)
				add_target(run, interface->ip);
			for (size_t k = 0; k < interface->more.count; k++)
				add_target(run, interface->more.items[k]);
		}
		if (node->vm)
			run->sources[run->source_count++] = node;
	}
}

static void add_targets(struct run *run)
{
	const struct lab *lab = run->wanted->lab;

	add_machines(run);
	for (size_t i = 0; i < lab->virtual_networks.count; i++) {
		const struct vnet *vnet = &lab->virtual_networks.items[i];

		for (size_t n = 0; n < vnet->subnets.count; n++) {
			const struct spaces *own = &vnet->subnets.items[n].address_prefix;

			for (size_t k = 0; k < own->count; k++) {
				struct ip first = own->items[k].prefix.addr;

				add_target(run, ip_add(first, 1));   /* its router */
				add_target(run, ip_add(first, 200)); /* nobody */
			}
		}
	}
	for (size_t i = 0; i < lab->route_tables.count; i++)
		for (size_t n = 0; n < lab->route_tables.items[i].routes.count; n++) {
			const struct user_route *route =
				&lab->route_tables.items[i].routes.items[n];

			for (size_t k = 0; k < route->prefixes->count; k++)
				add_targets_of(run, route->prefixes->items[k].prefix);
		}
	for (size_t i = 0; i < run->wanted->graph->speakers.count; i++) {
		const struct bgp_speaker *speaker = run->wanted->graph->speakers.items[i];

		for (size_t n = 0; n < speaker->networks.count; n++)
			add_targets_of(run, speaker->networks.items[n].prefix);
	}
}

/* One of a machine's addresses, of the NIC that is returned. */
static const struct interface *any_address(struct run *run, const struct node *node, struct ip *ip)
{
	const struct interface *interface =
		node->interfaces.items[random_below(&run->seed, (unsigned)node->interfaces.count)];
	unsigned which = random_below(&run->seed, 2 + (unsigned)interface->more.count);

	*ip = which < 2 ? interface->ip : interface->more.items[which - 2];
	return interface;
}

static struct flow_case any_case(struct run *run)
{
	const struct topology *t = run->wanted->topology;

	for (;;) {
		const struct node *from =
			run->sources[random_below(&run->seed, (unsigned)run->source_count)];
		struct flow_case flow = { .from = from };
		const struct interface *interface = any_address(run, from, &flow.packet.source);

		flow.packet.from = interface->nic;
		flow.packet.to =
			run->targets[random_below(&run->seed, (unsigned)run->target_count)];
		flow.port = random_below(&run->seed, 3)
				    ? interface
				    : t->ports.items[random_below(&run->seed,
								  (unsigned)t->ports.count)];
		if (!fabric_table_has(flow.port->table, flow.packet.source.family))
			flow.port = interface;
		/* what is for itself does not leave the machine */
		if (flow.packet.to.family == flow.packet.source.family &&
		    !node_has_ip(from, flow.packet.to))
			return flow;
	}
}

/* ---- one flow, seen from both sides ---- */

/* All ports have one MAC: which of a gateway's instances gets a packet, its kernel chooses. */
static bool is_same_machine(const struct node *a, const struct node *b)
{
	return a == b || (a->role == ROLE_ER_GATEWAY && b->role == ROLE_ER_GATEWAY &&
			  a->gateway == b->gateway);
}

static bool is_seen_at(const struct track *track, unsigned at, const struct node *node)
{
	return at < track->count && is_same_machine(track->seen[at].node, node) &&
	       track->seen[at].ttl == VM_TTL - at;
}

/* Was it at each machine, with the TTL of that place, and nowhere else, and taken where it must? */
static bool is_as_told(const struct flow *flow, struct ip to, const struct track *track)
{
	unsigned at = 0;
	bool is_end_last, is_taken;

	for (; at < flow->hop_count; at++)
		if (!is_seen_at(track, at, flow->nodes[at]))
			return false;
	is_end_last = flow->end && (!at || flow->nodes[at - 1] != flow->end);
	if (is_end_last && !is_seen_at(track, at++, flow->end))
		return false;
	is_taken = flow->end && node_has_ip(flow->end, to);
	return track->count == at && track->taken_count == is_taken &&
	       (!is_taken || is_same_machine(track->taken_by, flow->end));
}

static void print_track(const struct track *track)
{
	for (unsigned i = 0; i < track->count && i < 8; i++)
		printf(" %s(ttl %u)", track->seen[i].node->name, track->seen[i].ttl);
	if (track->count > 8)
		printf(" ... %u in all", track->count);
	printf("%s%s", track->taken_by ? ", taken by " : ", taken by nobody",
	       track->taken_by ? track->taken_by->name : "");
	if (track->taken_count > 1)
		printf(" %u times", track->taken_count);
	if (track->refused)
		printf(", not sent: %s", strerror(track->refused));
	printf("\n");
}

static void print_walk(const struct flow *flow)
{
	for (unsigned i = 0; i < flow->hop_count && i < 8; i++)
		printf(" %s", flow->nodes[i]->name);
	if (flow->hop_count > 8)
		printf(" ... %u in all", flow->hop_count);
	printf(", %s%s%s%s\n", flow->end ? "ends at " : "ends in the fabric",
	       flow->end ? flow->end->name : "", flow->is_delivered ? "" : ": ", flow->words);
}

/* One more difference of a kind; is it among the first? */
static bool is_reported(size_t *differences, const struct flow_case *flow)
{
	if ((*differences)++ >= REPORTED_MAX)
		return false;
	printf("DIFFERS: %s (%s) to ", flow->from->name, ip_print(flow->packet.source).text);
	printf("%s\n", ip_print(flow->packet.to).text);
	return true;
}

enum judgement {
	AS_TOLD,
	OTHERWISE,
	UNTOLD /* too many equal next hops to look at all ways */
};

/* Is the track one of the ways that are told? Then that one is returned. */
static enum judgement find_way(const struct run *run, const struct flow_case *flow,
			       const struct track *track, struct flow *ret_walk)
{
	struct packet packet = flow->packet;
	unsigned ways = 1;

	for (packet.way = 0; packet.way < ways; packet.way++) {
		fabric_walk_packet(run->wanted->fabric, &packet, ret_walk);
		if (is_as_told(ret_walk, packet.to, track))
			return AS_TOLD;
		if (ret_walk->ways > ways)
			ways = ret_walk->ways;
		if (ways > WAYS_TRIED)
			return UNTOLD;
	}
	return OTHERWISE;
}

static void report_packet(struct run *run, const struct flow_case *flow, const struct track *track)
{
	struct packet packet = flow->packet;
	struct flow walk = { .ways = 1 };

	if (!is_reported(&run->packet_differences, flow))
		return;
	printf("  seen:");
	print_track(track);
	for (packet.way = 0; packet.way < walk.ways && packet.way < 4; packet.way++) {
		fabric_walk_packet(run->wanted->fabric, &packet, &walk);
		printf("  told:");
		print_walk(&walk);
	}
}

static void judge_packet(struct run *run, const struct flow_case *flow, const struct track *track)
{
	struct flow walk;

	switch (find_way(run, flow, track, &walk)) {
	case AS_TOLD:
		run->delivered += walk.is_delivered;
		run->lost += !walk.is_delivered;
		run->far += walk.hop_count > 0;
		return;
	case UNTOLD:
		run->untold++;
		return;
	case OTHERWISE:
		report_packet(run, flow, track);
		return;
	}
}

/* Was everything seen that is told? Else it may be on its way still. */
static bool is_complete(const struct run *run, const struct packets *packets)
{
	struct flow walk;

	for (size_t i = 0; i < run->case_count; i++)
		if (find_way(run, &run->cases[i], packets_track(packets, i), &walk) == OTHERWISE)
			return false;
	return true;
}

static int judge_table(struct run *run, int fd, const struct flow_case *flow, struct err *err)
{
	struct fib_answer expected, answer;

	fib_expect(run->wanted->fabric, flow->port, flow->packet.to, &expected);
	if (fib_ask(fd, flow->port, flow->packet.source, flow->packet.to, &answer, err))
		return err->code;
	if (fib_answer_equal(&expected, &answer) || !is_reported(&run->table_differences, flow))
		return 0;
	printf("  the FIB for %s of %s: ", flow->port->port_name, flow->port->node->name);
	fib_answer_print(&answer, stdout);
	printf("\n  by the rules: ");
	fib_answer_print(&expected, stdout);
	printf("\n");
	return 0;
}

/* ---- a run ---- */

static int ask_tables(struct run *run, struct err *err)
{
	CLEANUP(fd_cleanup) int fabric = -1;
	CLEANUP(fd_cleanup) int fd = -1;
	int rc = 0;

	if (ns_open("fabric", &fabric, err) || ns_enter(fabric, err))
		return err->code;
	fd = fib_open(err);
	if (fd < 0)
		return fd;
	for (size_t i = 0; i < run->case_count && !rc; i++)
		rc = judge_table(run, fd, &run->cases[i], err);
	return rc;
}

static int send_packets(struct run *run, struct packets *packets, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < run->case_count && !rc; i++) {
		const struct flow_case *flow = &run->cases[i];

		rc = packets_send(packets, i, flow->from, flow->packet.source, flow->packet.to,
				  random_below(&run->seed, 1000), err);
		if (!rc && i % AT_ONCE == AT_ONCE - 1)
			rc = packets_collect(packets, 0, err);
	}
	for (unsigned round = 0; !rc && round < ROUNDS_MAX; round++) {
		rc = packets_collect(packets, QUIET_MS, err);
		if (is_complete(run, packets))
			break;
	}
	return rc;
}

static int run_flows(struct run *run, struct err *err)
{
	struct packets *packets = packets_new(run->wanted->topology, run->case_count, err);
	int rc;

	if (!packets)
		return err->code;
	for (size_t i = 0; i < run->case_count; i++)
		run->cases[i] = any_case(run);
	rc = send_packets(run, packets, err);
	for (size_t i = 0; i < run->case_count && !rc; i++)
		judge_packet(run, &run->cases[i], packets_track(packets, i));
	if (!rc)
		rc = ask_tables(run, err);
	packets_free(packets);
	return rc;
}

/* All of a file, the caller's to free. */
static char *read_file(const char *path, size_t *ret_len)
{
	CLEANUP(file_cleanup) FILE *in = fopen(path, "r");
	FILE *out;
	char *text = NULL, part[4096];
	size_t got;

	if (!in)
		return NULL;
	out = open_memstream(&text, ret_len);
	if (!out)
		abort();
	while ((got = fread(part, 1, sizeof(part), in)))
		(void)fwrite(part, 1, got, out);
	if (fclose(out))
		abort();
	return text;
}

static struct wanted *read_wanted(const char *path, char *text, size_t len, struct as_paths *paths)
{
	struct diags diags = { 0 };
	struct lab *lab = lab_parse(text, len, path, &diags);

	if (!lab)
		diags_print(&diags, text, len, stdout);
	diags_fini(&diags);
	return lab ? wanted_new(lab, NULL, paths) : NULL;
}

static int run_lab(const char *path, uint64_t seed, size_t flow_count)
{
	size_t len = 0;
	char *text = read_file(path, &len);
	struct as_paths *paths = as_paths_new();
	struct run run = { .seed = seed, .case_count = flow_count };
	struct err err = { 0 };
	size_t differences;

	run.wanted = text ? read_wanted(path, text, len, paths) : NULL;
	if (!run.wanted) {
		printf("property: %s is no lab\n", path);
		return EXIT_FAILURE;
	}
	run.sources = calloc(run.wanted->topology->nodes.count + 1, sizeof(*run.sources));
	run.cases = calloc(flow_count + 1, sizeof(*run.cases));
	if (!run.sources || !run.cases)
		abort();
	add_targets(&run);
	if (run_flows(&run, &err)) {
		printf("property: %s\n", err.text);
		run.packet_differences++;
	}
	differences = run.packet_differences + run.table_differences;
	printf("%zu flows: %zu delivered, %zu lost, %zu of all by routers, %zu not told; "
	       "%zu differences\n",
	       flow_count, run.delivered, run.lost, run.far, run.untold, differences);
	wanted_free((struct wanted *)run.wanted);
	as_paths_free(paths);
	free(run.sources);
	free(run.targets);
	free(run.cases);
	free(text);
	return differences ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_nsg_lab(const char *path, uint64_t seed, size_t count, bool is_traced)
{
	size_t len = 0;
	char *text = read_file(path, &len);
	struct as_paths *paths = as_paths_new();
	struct wanted *wanted = text ? read_wanted(path, text, len, paths) : NULL;
	struct nsg_result result = { 0 };
	struct err err = { 0 };
	int rc = EXIT_FAILURE;

	if (!wanted)
		printf("property: %s is no lab\n", path);
	else if (nsg_run(wanted, seed, count, is_traced, &result, &err))
		printf("property: %s\n", err.text);
	else
		rc = result.differences ? EXIT_FAILURE : EXIT_SUCCESS;
	printf("%zu packets: %zu delivered, %zu denied, %zu lost; %zu words of rules at receivers; "
	       "%zu of %zu rules decided, '%s' least often; %zu differences\n",
	       count, result.delivered, result.denied, result.lost, result.inbound, result.rules,
	       result.rules_standing, result.rarest.text, result.differences);
	wanted_free(wanted);
	as_paths_free(paths);
	free(text);
	return rc;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "lab")) {
		random_lab_print(strtoull(argv[2], NULL, 10), stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 3 && !strcmp(argv[1], "nsg-lab")) {
		nsg_lab_print(strtoull(argv[2], NULL, 10), stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 5 && !strcmp(argv[1], "run"))
		return run_lab(argv[2], strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	if (argc == 5 && (!strcmp(argv[1], "nsg-run") || !strcmp(argv[1], "nsg-trace")))
		return run_nsg_lab(argv[2], strtoull(argv[3], NULL, 10),
				   strtoull(argv[4], NULL, 10), !strcmp(argv[1], "nsg-trace"));
	(void)fprintf(stderr, "usage: property lab|nsg-lab SEED | property run|nsg-run|nsg-trace "
			      "FILE SEED COUNT\n");
	return EXIT_FAILURE;
}
