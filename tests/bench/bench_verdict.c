/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long verdicts take: new flows at a NIC behind an NSG of 1000 rules with prefixes, ranges of
 * ports, tags and ASGs, where 1000 prefixes are learned; and what it costs to take in what gateways
 * teach, in as many virtual networks as the lab has. Each the median of several runs.
 * usage: bench_verdict
 */
#include "lab/azure/bgp_solve.h"
#include "lab/azure/verdict.h"
#include "tests/bench/bench.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS   9
#define VNETS    50
#define RULES    1000
#define LEARNED  1000
#define MEMBERS  60
#define PACKETS  4096
#define VERDICTS 400000

/* Of the processor, for a verdict waits for nothing. */
static double now_ms(void)
{
	return clock_ms(CLOCK_PROCESS_CPUTIME_ID);
}

static unsigned below(unsigned count)
{
	static uint64_t chance = 1;

	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(chance >> 33) % count;
}

/* ---- the lab ---- */

static void print_side(FILE *out, bool has_groups)
{
	static const char *const tags[] = { "VirtualNetwork", "Internet",   "AzureLoadBalancer",
					    "Storage",        "Sql.WestUS", "AzureMonitor" };
	unsigned kind = below(has_groups ? 10 : 8);

	if (kind < 1)
		(void)fprintf(out, "*");
	else if (kind < 2)
		(void)fprintf(out, "%s", tags[below(sizeof(tags) / sizeof(*tags))]);
	else if (kind >= 8)
		(void)fprintf(out, "g%u", below(10));
	else
		for (unsigned i = 0, count = 1 + below(4); i < count; i++)
			(void)fprintf(out, "%s%u.%u.%u.0/24", i ? "," : "",
				      below(2) ? 10 : 20 + below(150), below(64), below(256));
}

/* Few are for all ports of everybody, or those behind would never be looked at. */
static void print_rule(FILE *out, unsigned n)
{
	static const char *const protocols[] = { "Tcp", "Udp", "Tcp", "*" };
	unsigned port = 1000 + below(60000);

	(void)fprintf(out, "      r%u: '%u Inbound %s %s ", n, 100 + n, below(2) ? "Allow" : "Deny",
		      protocols[below(4)]);
	print_side(out, true);
	(void)fprintf(out, " -> ");
	print_side(out, true);
	if (below(2))
		(void)fprintf(out, ":%u'\n", port);
	else
		(void)fprintf(out, ":%u-%u,%u'\n", port, port + below(500), below(65536));
}

static char *print_lab(void)
{
	size_t size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		abort();
	(void)fprintf(out, "lab: bench\nnetwork_security_groups:\n  n:\n    security_rules:\n");
	for (unsigned i = 0; i < RULES; i++)
		print_rule(out, i);
	(void)fprintf(out, "application_security_groups:\n");
	for (unsigned i = 0; i < 10; i++)
		(void)fprintf(out, "  g%u: {}\n", i);
	(void)fprintf(out, "virtual_networks:\n"
			   "  hub:\n    address_prefixes: 10.0.0.0/16\n"
			   "    subnets: { s: 10.0.1.0/24, GatewaySubnet: 10.0.0.0/24 }\n"
			   "    peerings:\n");
	for (unsigned i = 1; i < VNETS; i++)
		(void)fprintf(out, "      v%u: { remote: v%u, allow_gateway_transit: true }\n", i,
			      i);
	for (unsigned i = 1; i < VNETS; i++)
		(void)fprintf(out,
			      "  v%u:\n    address_prefixes: 10.%u.0.0/16\n"
			      "    subnets: { s: { address_prefix: 10.%u.1.0/24,\n"
			      "                    network_security_group: n } }\n"
			      "    peerings: { hub: { remote: hub, use_remote_gateways: true } }\n",
			      i, i, i);
	(void)fprintf(out, "vms:\n");
	for (unsigned i = 0; i < MEMBERS; i++)
		(void)fprintf(out,
			      "  m%u: { subnet: v1/s, private_ip_address: 10.1.1.%u,\n"
			      "        application_security_groups: g%u }\n",
			      i, 10 + i, i % 10);
	(void)fprintf(out, "virtual_network_gateways:\n"
			   "  g: { virtual_network: hub, gateway_type: ExpressRoute }\n"
			   "express_route_circuits: { c: { msee_address: 10.255.0.1 } }\n"
			   "connections: { x: { gateway: g, circuit: c } }\n"
			   "providers: { p: { asn: 65001, links: [ c, { branch: site } ] } }\n"
			   "branches:\n  site:\n    asn: 65010\n    announce:\n");
	for (unsigned i = 0; i < LEARNED; i++)
		(void)fprintf(out, "      - 172.%u.%u.0/24\n", 16 + i / 256, i % 256);
	if (fclose(out))
		abort();
	return text;
}

/* ---- packets ---- */

static struct ip random_ip(void)
{
	switch (below(4)) {
	case 0:
		return ip4(10u << 24 | below(64) << 16 | below(65536));
	case 1:
		return ip4(10u << 24 | 1 << 16 | 1 << 8 | (10 + below(MEMBERS)));
	case 2:
		return ip4(172u << 24 | (16 + below(4)) << 16 | below(65536));
	default:
		return ip4((20 + below(150)) << 24 | below(64) << 16 | below(65536));
	}
}

static void random_packets(const struct interface *port, struct flow_tuple *tuples)
{
	for (unsigned i = 0; i < PACKETS; i++) {
		tuples[i] = (struct flow_tuple){
			.source = random_ip(),
			.destination = port->ip,
			.protocol = below(2) ? IPPROTO_TCP : IPPROTO_UDP,
			.source_port = (uint16_t)(32768 + below(32000)),
			.destination_port = (uint16_t)below(65536),
		};
	}
}

/* Milliseconds of VERDICTS of them. */
static double ask(const struct fabric *fabric, const struct interface *port,
		  const struct flow_tuple *tuples, size_t *ret_by_users)
{
	double start = now_ms();
	struct verdict verdict;

	*ret_by_users = 0;
	for (unsigned i = 0; i < VERDICTS; i++) {
		security_verdict(fabric->security, port, DIRECTION_INBOUND, &tuples[i % PACKETS],
				 &verdict);
		*ret_by_users += verdict.count && verdict.layers[0].rule &&
				 !nsg_is_default(verdict.layers[0].rule);
	}
	return now_ms() - start;
}

int main(void)
{
	double first[ROUNDS], verdicts[ROUNDS], learn[ROUNDS];
	static struct flow_tuple tuples[PACKETS];
	struct as_paths *paths = as_paths_new();
	struct diags diags = { 0 };
	struct topology *topology;
	const struct interface *port;
	struct bgp_graph *graph;
	struct learned learned;
	size_t by_users = 0;
	char *text = print_lab();
	struct lab *lab = lab_parse(text, strlen(text), "bench.yaml", &diags);
	struct rib *ribs;

	if (!lab) {
		diags_print(&diags, text, strlen(text), stderr);
		return 3;
	}
	topology = topology_new(lab, NULL);
	graph = bgp_graph_new(topology);
	ribs = bgp_solve(graph, paths);
	learned = (struct learned){ graph, ribs };
	port = topology_find_nic(topology, lab_find_nic(lab, "m0", NULL));
	random_packets(port, tuples);
	for (int round = 0; round < ROUNDS; round++) {
		struct fabric *fabric = fabric_new(topology, &learned);
		struct verdict verdict;
		double start = now_ms();

		security_verdict(fabric->security, port, DIRECTION_INBOUND, &tuples[0], &verdict);
		first[round] = now_ms() - start;
		verdicts[round] = ask(fabric, port, tuples, &by_users);
		start = now_ms();
		security_learn(fabric->security);
		learn[round] = now_ms() - start;
		fabric_free(fabric);
	}
	(void)printf("verdict %.2f us, first %.2f ms, learned %.3f ms, rules decide %.0f %%\n",
		     median(verdicts, ROUNDS) / VERDICTS * 1000, median(first, ROUNDS),
		     median(learn, ROUNDS), 100.0 * (double)by_users / VERDICTS);
	bgp_ribs_free(ribs, graph);
	as_paths_free(paths);
	bgp_graph_free(graph);
	topology_free(topology);
	lab_free(lab);
	diags_fini(&diags);
	free(text);
	return 0;
}
