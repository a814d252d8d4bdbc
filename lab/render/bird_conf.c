/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/bird_conf.h"

static const enum bgp_class classes[] = {
	BGP_CLASS_NETWORK, BGP_CLASS_STATIC,   BGP_CLASS_GATEWAY,
	BGP_CLASS_MSEE,    BGP_CLASS_PROVIDER, BGP_CLASS_BRANCH,
};

static void print_head(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out)
{
	(void)fprintf(out, "# written by hublab for %s; it is written again at every change\n",
		      speaker->node->name);
	/* the controller reads this; sessions say more by their own debug lines */
	(void)fprintf(out,
		      "log stderr { info, warning, error, fatal, bug, remote, trace };\n"
		      "timeformat log iso long ms;\n"
		      "router id %s;\n",
		      ip_print(speaker->router_id).text);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		(void)fprintf(out, "define %s = %d;\n", bgp_class_name(classes[i]), classes[i]);
	/* where a route came in; never leaves the daemon */
	(void)fprintf(out,
		      "attribute int hublab_class;\n"
		      "protocol device { }\n"
		      "protocol bfd { interface \"*\" { interval %u ms; multiplier %u; }; }\n",
		      graph->timers.bfd_interval_ms, graph->timers.bfd_multiplier);
}

static void print_networks(const struct bgp_speaker *speaker, FILE *out)
{
	if (!speaker->networks.count)
		return;
	(void)fprintf(out, "protocol static s_networks {\n\tipv4;\n\tcheck link;\n");
	for (size_t i = 0; i < speaker->networks.count; i++) {
		const struct bgp_network *network = &speaker->networks.items[i];

		(void)fprintf(out, "\troute %s ", prefix_print(network->prefix).text);
		if (network->via)
			(void)fprintf(out, "via %s",
				      ip_print(network->via->peer->interface->ip).text);
		else
			(void)fprintf(out, "unreachable");
		(void)fprintf(out, " { hublab_class = %s;", bgp_class_name(network->class));
		for (size_t n = network->path.count; n > 0; n--)
			(void)fprintf(out, " bgp_path.prepend(%u);", network->path.items[n - 1]);
		(void)fprintf(out, " };\n");
	}
	(void)fprintf(out, "}\n");
}

static void print_import(const struct bgp_end *end, FILE *out)
{
	const struct vnet *own = end->own;

	(void)fprintf(out, "\t\timport filter {\n");
	for (size_t i = 0; own && i < own->address_prefixes.count; i++)
		if (own->address_prefixes.items[i].prefix.addr.family == IP_V4)
			(void)fprintf(out, "\t\t\tif net ~ [ %s+ ] then reject;\n",
				      prefix_print(own->address_prefixes.items[i].prefix).text);
	(void)fprintf(out, "\t\t\thublab_class = %s;\n\t\t\taccept;\n\t\t};\n",
		      bgp_class_name(end->learns));
}

static void print_export(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out, "\t\texport filter {\n");
	for (size_t i = 0; i < end->speaker->networks.count; i++) {
		const struct bgp_network *network = &end->speaker->networks.items[i];

		if (network->via == end)
			(void)fprintf(out,
				      "\t\t\tif net = %s && source = RTS_STATIC then reject;\n",
				      prefix_print(network->prefix).text);
	}
	if (end->strips_private_asns)
		(void)fprintf(out, "\t\t\tbgp_path.delete([ 64512..65534, "
				   "4200000000..4294967294 ]);\n");
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (end->sends & BGP_CLASS_BIT(classes[i]))
			(void)fprintf(out, "\t\t\tif hublab_class = %s then accept;\n",
				      bgp_class_name(classes[i]));
	(void)fprintf(out, "\t\t\treject;\n\t\t};\n");
}

static void print_session(const struct bgp_graph *graph, const struct bgp_end *end, FILE *out)
{
	const struct bgp_timers *timers = &graph->timers;

	(void)fprintf(out,
		      "protocol bgp %s {\n"
		      "\tlocal %s as %u;\n"
		      "\tneighbor %s as %u;\n"
		      "\tinterface \"%s\";\n"
		      "\tdirect;\n"
		      "\tbfd on;\n"
		      "\thold time %u;\n"
		      "\tkeepalive time %u;\n"
		      "\tconnect delay time 0;\n"
		      "\tconnect retry time 1;\n"
		      "\terror wait time 1, 2;\n"
		      "\tdebug { states, routes, events, packets };\n",
		      end->name, ip_print(end->interface->ip).text, end->speaker->asn,
		      ip_print(end->peer->interface->ip).text, end->peer->speaker->asn,
		      end->interface->name, timers->hold_s, timers->keepalive_s);
	if (end->accepts_own_asn)
		(void)fprintf(out, "\tallow local as 1;\n");
	(void)fprintf(out, "\tipv4 {\n\t\tpreference %u;\n\t\tnext hop self;\n", end->preference);
	print_import(end, out);
	print_export(end, out);
	(void)fprintf(out, "\t};\n}\n");
}

void bird_conf_print(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out)
{
	print_head(graph, speaker, out);
	print_networks(speaker, out);
	/*
	 * Where a real network lacks the host, its last router asks for it by ARP and answers "host
	 * unreachable": so does the kernel for an unreachable route. Others that announce networks
	 * have a way to them which is no route of theirs.
	 */
	if (speaker->fills_kernel)
		(void)fprintf(out,
			      "protocol kernel {\n"
			      "\tmerge paths on;\n"
			      "\tipv4 { import none; export %s; };\n"
			      "}\n",
			      speaker->refuses_own ? "all" : "where dest != RTD_UNREACHABLE");
	for (size_t i = 0; i < speaker->ends.count; i++)
		print_session(graph, speaker->ends.items[i], out);
}
