/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/bird_conf.h"

#include <string.h>

/* Of a guest every instruction may be emulated; its peers follow the slower of the two. */
#define BFD_GUEST_FACTOR 5

/* Tables beside master4, which holds what the speaker knows. */
#define TABLE_IGP    "igp4"    /* how next hops are reached that are on no own network */
#define TABLE_KERNEL "kernel4" /* what a VPN gateway's kernel gets */

/* In those tables: below what others say. */
#define PREFERENCE_LAST 1u

/* R6.21: the MSEE's number and the circuit's. Communities of customers have other forms. */
#define LOOP_MARK "(%u, 0, %u)"
/* Likewise, and the gateway's number: of whom an MSEE heard it. */
#define GATEWAY_MARK "%u, 1"

static const enum bgp_class classes[] = {
	BGP_CLASS_NETWORK,  BGP_CLASS_STATIC,       BGP_CLASS_GATEWAY,    BGP_CLASS_MSEE,
	BGP_CLASS_PROVIDER, BGP_CLASS_BRANCH,       BGP_CLASS_SITE,       BGP_CLASS_LNG,
	BGP_CLASS_TWIN,     BGP_CLASS_ROUTE_SERVER, BGP_CLASS_ER_GATEWAY, BGP_CLASS_VPN_GATEWAY,
	BGP_CLASS_NVA,      BGP_CLASS_NEIGHBOR,     BGP_CLASS_LOOP,
};

/* ---- what the whole daemon has ---- */

/* Does it take or tell routes of the class? */
static bool uses_class(const struct bgp_speaker *speaker, enum bgp_class class)
{
	for (size_t i = 0; i < speaker->networks.count; i++)
		if (speaker->networks.items[i].class == class)
			return true;
	for (size_t i = 0; i < speaker->ends.count; i++)
		if (speaker->ends.items[i]->learns == class ||
		    (class == BGP_CLASS_LOOP && speaker->ends.items[i]->loop_mark) ||
		    speaker->ends.items[i]->sends & BGP_CLASS_BIT(class))
			return true;
	return false;
}

static bool is_multihop(const struct bgp_speaker *speaker)
{
	for (size_t i = 0; i < speaker->ends.count; i++)
		if (speaker->ends.items[i]->is_multihop)
			return true;
	return false;
}

static bool is_vpn_gateway(const struct bgp_speaker *speaker)
{
	return speaker->node->role == ROLE_VPN_GATEWAY;
}

/* The router of its subnet, which is the fabric; IP_NONE when it stands in none. */
static struct ip router_of(const struct bgp_speaker *speaker)
{
	const struct node *node = speaker->node;
	const struct interface *first = node->interfaces.count ? node->interfaces.items[0] : NULL;

	return first && first->subnet ? subnet_router_ip(first->subnet) : (struct ip){ 0 };
}

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
		if (uses_class(speaker, classes[i]))
			(void)fprintf(out, "define %s = %d;\n", bgp_class_name(classes[i]),
				      classes[i]);
	/* where a route came in; never leaves the daemon */
	(void)fprintf(out,
		      "attribute int hublab_class;\n"
		      "protocol device { }\n"
		      "protocol bfd { interface \"*\" { interval %u ms; multiplier %u; }; }\n",
		      graph->timers.bfd_interval_ms *
			      (node_is_guest(speaker->node) ? BFD_GUEST_FACTOR : 1),
		      graph->timers.bfd_multiplier);
}

/* Its own networks; of a VPN gateway those apart that are behind tunnels by the lab file alone. */
static void print_networks(const struct bgp_speaker *speaker, bool is_static, const char *name,
			   FILE *out)
{
	size_t count = 0;

	for (size_t i = 0; i < speaker->networks.count; i++) {
		const struct bgp_network *network = &speaker->networks.items[i];

		if (network->is_static != is_static)
			continue;
		if (!count++)
			(void)fprintf(out,
				      "protocol static %s {\n"
				      "\tipv4 { preference %u; };\n"
				      "\tcheck link;\n",
				      name, BGP_PREFERENCE_OWN);
		(void)fprintf(out, "\troute %s ", prefix_print(network->prefix).text);
		if (network->via)
			(void)fprintf(out, "via %s", ip_print(network->via->peer_ip).text);
		else
			(void)fprintf(out, "unreachable");
		(void)fprintf(out, " { hublab_class = %s;", bgp_class_name(network->class));
		for (size_t n = network->path.count; n > 0; n--)
			(void)fprintf(out, " bgp_path.prepend(%u);", network->path.items[n - 1]);
		(void)fprintf(out, " };\n");
	}
	if (count)
		(void)fprintf(out, "}\n");
}

/* ---- next hops and the kernel ---- */

static void print_guest_routes(const struct bgp_speaker *speaker, FILE *out)
{
	size_t count;
	const struct guest_route *routes = node_guest_routes(speaker->node, &count);

	for (size_t i = 0; i < count; i++)
		if (routes[i].prefix.addr.family == IP_V4)
			(void)fprintf(out, "\troute %s via %s;\n",
				      prefix_print(routes[i].prefix).text,
				      ip_print(routes[i].next_hop).text);
}

/* In the fabric every address is behind the subnet's router. */
static void print_igp(const struct bgp_speaker *speaker, FILE *out)
{
	struct ip router = router_of(speaker);

	if (!is_multihop(speaker))
		return;
	(void)fprintf(out, "ipv4 table " TABLE_IGP ";\n"
			   "protocol direct d_igp { ipv4 { table " TABLE_IGP "; }; }\n"
			   "protocol static s_igp {\n\tipv4 { table " TABLE_IGP "; };\n");
	if (router.family != IP_NONE)
		(void)fprintf(out, "\troute 0.0.0.0/0 via %s;\n", ip_print(router).text);
	print_guest_routes(speaker, out);
	(void)fprintf(out, "}\n");
}

static void print_tunnel_route(const struct bgp_network *network, FILE *out)
{
	(void)fprintf(out, "\troute %s", prefix_print(network->prefix).text);
	for (size_t i = 0; i < network->tunnels.count; i++)
		(void)fprintf(out, " via \"%s\"", network->tunnels.items[i]->name);
	(void)fprintf(out, ";\n");
}

/*
 * A VPN gateway sends by the longest prefix, into a tunnel or back into the fabric: so its kernel
 * has everything, its own networks as routes to the fabric and sites as routes into their tunnels.
 * A site whose tunnel is not there stays unreachable: the fabric would send it back for ever.
 */
static void print_vpn_kernel(const struct bgp_speaker *speaker, FILE *out)
{
	(void)fprintf(
		out,
		"ipv4 table " TABLE_KERNEL ";\n"
		"protocol pipe p_kernel {\n\ttable master4;\n\tpeer table " TABLE_KERNEL
		";\n\timport none;\n"
		"\texport filter { if source = RTS_STATIC then preference = %u; accept; };\n}\n"
		"protocol static s_kernel {\n\tipv4 { table " TABLE_KERNEL "; preference %u; };\n",
		PREFERENCE_LAST, BGP_PREFERENCE_OWN);
	for (size_t i = 0; i < speaker->networks.count; i++)
		if (speaker->networks.items[i].class == BGP_CLASS_NETWORK)
			(void)fprintf(out, "\troute %s via %s;\n",
				      prefix_print(speaker->networks.items[i].prefix).text,
				      ip_print(router_of(speaker)).text);
		else
			print_tunnel_route(&speaker->networks.items[i], out);
	(void)fprintf(out, "}\n"
			   "protocol kernel {\n"
			   "\tmerge paths on;\n"
			   "\tipv4 { table " TABLE_KERNEL "; import none; export all; };\n"
			   "}\n");
}

/*
 * Where a real network lacks the host, its last router asks for it by ARP and answers "host
 * unreachable": so does the kernel for an unreachable route. Others that announce networks have a
 * way to them which is no route of theirs.
 */
static void print_kernel(const struct bgp_speaker *speaker, FILE *out)
{
	(void)fprintf(out,
		      "protocol kernel {\n"
		      "\tmerge paths on;\n"
		      "\tipv4 { import none; export %s; };\n"
		      "}\n",
		      speaker->refuses_own ? "all" : "where dest != RTD_UNREACHABLE");
}

/* ---- what a session takes ---- */

/* "[ PREFIX+, ... ]" of the IPv4 ranges of a network, each followed by the ends. */
static void print_ranges(const struct vnet *vnet, const char *const ends[], size_t count, FILE *out)
{
	const char *comma = "";

	(void)fprintf(out, "[ ");
	for (size_t i = 0; i < vnet->address_prefixes.count; i++)
		for (size_t n = 0; n < count; n++) {
			struct prefix prefix = vnet->address_prefixes.items[i].prefix;

			if (prefix.addr.family != IP_V4)
				continue;
			(void)fprintf(out, "%s%s%s", comma, prefix_print(prefix).text, ends[n]);
			comma = ", ";
		}
	(void)fprintf(out, " ]");
}

static void print_own_networks(const struct bgp_speaker *speaker, FILE *out)
{
	const char *comma = "";

	if (!speaker->networks.count)
		return;
	(void)fprintf(out, "\t\t\tif net ~ [ ");
	for (size_t i = 0; i < speaker->networks.count; i++) {
		(void)fprintf(out, "%s%s", comma,
			      prefix_print(speaker->networks.items[i].prefix).text);
		comma = ", ";
	}
	(void)fprintf(out, " ] then reject;\n");
}

static void print_import(const struct bgp_end *end, FILE *out)
{
	static const char *const inside[] = { "+" };
	const struct vnet *own = end->own;

	(void)fprintf(out, "\t\timport filter {\n");
	for (size_t i = 0; own && i < own->address_prefixes.count; i++)
		if (own->address_prefixes.items[i].prefix.addr.family == IP_V4) {
			(void)fprintf(out, "\t\t\tif net ~ ");
			print_ranges(own, inside, 1, out);
			(void)fprintf(out, " then reject;\n");
			break;
		}
	if (end->refuses_networks)
		print_own_networks(end->speaker, out);
	if (end->ignores_communities)
		(void)fprintf(out, "\t\t\tbgp_community.empty;\n");
	if (end->loop_mark)
		(void)fprintf(out,
			      "\t\t\tif " LOOP_MARK " ~ bgp_large_community then {\n"
			      "\t\t\t\tbgp_local_pref = %u;\n"
			      "\t\t\t\thublab_class = %s;\n"
			      "\t\t\t\taccept;\n"
			      "\t\t\t}\n",
			      end->speaker->asn, end->loop_mark, BGP_LOCAL_PREF_LOOP,
			      bgp_class_name(BGP_CLASS_LOOP));
	if (end->gateway_mark)
		(void)fprintf(out,
			      "\t\t\tbgp_large_community.delete([ (" GATEWAY_MARK ", *) ]);\n"
			      "\t\t\tbgp_large_community.add((" GATEWAY_MARK ", %u));\n",
			      end->speaker->asn, end->speaker->asn, end->gateway_mark);
	if (end->local_pref)
		(void)fprintf(out, "\t\t\tbgp_local_pref = %u;\n", end->local_pref);
	if (end->med)
		(void)fprintf(out, "\t\t\tbgp_med = %u;\n", end->med);
	(void)fprintf(out, "\t\t\thublab_class = %s;\n\t\t\taccept;\n\t\t};\n",
		      bgp_class_name(end->learns));
}

/* ---- what a session tells ---- */

static void print_withheld(const struct bgp_end *end, FILE *out)
{
	static const char *const around[] = { "+", "-" };

	for (size_t i = 0; i < end->speaker->networks.count; i++) {
		const struct bgp_network *network = &end->speaker->networks.items[i];

		if (network->via == end)
			(void)fprintf(out,
				      "\t\t\tif net = %s && source = RTS_STATIC then reject;\n",
				      prefix_print(network->prefix).text);
	}
	for (size_t i = 0; i < end->withheld.count; i++)
		(void)fprintf(out, "\t\t\tif net = %s then reject;\n",
			      prefix_print(end->withheld.items[i]).text);
	if (!end->clears)
		return;
	(void)fprintf(out, "\t\t\tif net = 0.0.0.0/0 then reject;\n"
			   "\t\t\tif source = RTS_BGP && net ~ ");
	print_ranges(end->clears, around, ARRAY_SIZE(around), out);
	(void)fprintf(out, " then reject;\n");
}

static void print_strip(const char *indent, FILE *out)
{
	(void)fprintf(out, "%sbgp_path.delete([ 64512..65534, 4200000000..4294967294 ]);\n",
		      indent);
}

/* R6.16: as if from the MSEE's own network. */
static void print_reflected(const struct bgp_end *end, FILE *out)
{
	for (size_t i = 0; i < end->reflects.count; i++) {
		(void)fprintf(out, "\t\t\tif proto = \"%s\" then {\n",
			      end->reflects.items[i]->name);
		print_strip("\t\t\t\t", out);
		(void)fprintf(out, "\t\t\t\tbgp_path.prepend(%u);\n\t\t\t\taccept;\n\t\t\t}\n",
			      end->speaker->asn);
	}
}

/* BIRD has no word for it: the path is built anew, once backwards and once forwards. */
static void print_override(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out,
		      "\t\t\tbgppath v_turned = +empty+;\n"
		      "\t\t\tbgppath v_path = +empty+;\n"
		      "\t\t\tfor int v_one in bgp_path do\n"
		      "\t\t\t\tif v_one = %u then v_turned = prepend(v_turned, %u);\n"
		      "\t\t\t\telse v_turned = prepend(v_turned, v_one);\n"
		      "\t\t\tfor int v_one in v_turned do v_path = prepend(v_path, v_one);\n"
		      "\t\t\tbgp_path = v_path;\n",
		      end->peer_asn, end->speaker->asn);
}

/* "no-advertise" or NUMBER:NUMBER, as the daemon writes it. */
static void print_communities(const struct bgp_neighbor *neighbor, FILE *out)
{
	for (size_t i = 0; i < neighbor->communities.count; i++) {
		const char *text = neighbor->communities.items[i].value;
		const char *colon = strchr(text, ':');

		if (colon)
			(void)fprintf(out, "\t\t\tbgp_community.add((%.*s,%s));\n",
				      (int)(colon - text), text, colon + 1);
		else
			(void)fprintf(out, "\t\t\tbgp_community.add((65535,65282));\n");
	}
}

static void print_neighbor(const struct bgp_end *end, FILE *out)
{
	const struct bgp_neighbor *neighbor = end->neighbor;

	if (neighbor->only.count) {
		(void)fprintf(out, "\t\t\tif !(net ~ [ ");
		for (size_t i = 0; i < neighbor->only.count; i++)
			(void)fprintf(out, "%s%s", i ? ", " : "",
				      prefix_print(neighbor->only.items[i].prefix).text);
		(void)fprintf(out, " ]) then reject;\n");
	}
	if (neighbor->as_override.value)
		print_override(end, out);
	for (unsigned i = 0; i < end->prepend; i++)
		(void)fprintf(out, "\t\t\tbgp_path.prepend(%u);\n", end->speaker->asn);
	print_communities(neighbor, out);
	if (neighbor->next_hop.ip.family != IP_NONE)
		(void)fprintf(out, "\t\t\tbgp_next_hop = %s;\n",
			      ip_print(neighbor->next_hop.ip).text);
}

static void print_export(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out, "\t\texport filter {\n");
	print_withheld(end, out);
	if (end->loop_mark)
		(void)fprintf(out, "\t\t\tbgp_large_community.add(" LOOP_MARK ");\n",
			      end->speaker->asn, end->loop_mark);
	print_reflected(end, out);
	if (end->strips_private_asns)
		print_strip("\t\t\t", out);
	if (end->speaker->ranks_routes)
		(void)fprintf(out, "\t\t\tbgp_local_pref = %u;\n\t\t\tunset(bgp_med);\n",
			      BGP_LOCAL_PREF);
	if (end->neighbor)
		print_neighbor(end, out);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (end->sends & BGP_CLASS_BIT(classes[i]))
			(void)fprintf(out, "\t\t\tif hublab_class = %s then accept;\n",
				      bgp_class_name(classes[i]));
	(void)fprintf(out, "\t\t\treject;\n\t\t};\n");
}

/* ---- sessions ---- */

/* R6.16: these have a path over the peer's own number, and are told it all the same. */
static void print_reflected_first(const struct bgp_end *end, FILE *out)
{
	for (size_t i = 0; i < end->reflects.count; i++)
		(void)fprintf(out, "\t\tif proto = \"%s\" then accept;\n",
			      end->reflects.items[i]->name);
}

/*
 * A session that is told the next best has a table of its own: there stands everything but what has
 * the peer's own network in its path, and what the peer itself says, as the last resort.
 */
static void print_table(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out,
		      "ipv4 table t_%s;\n"
		      "protocol pipe p_%s {\n"
		      "\ttable master4;\n"
		      "\tpeer table t_%s;\n"
		      "\timport filter {\n"
		      "\t\tif proto != \"%s\" then reject;\n"
		      "\t\tpreference = %u;\n"
		      "\t\taccept;\n"
		      "\t};\n"
		      "\texport filter {\n",
		      end->name, end->name, end->name, end->name, end->preference);
	print_reflected_first(end, out);
	(void)fprintf(out, "\t\tif proto = \"%s\" || bgp_path ~ [ %u ] then reject;\n", end->name,
		      end->peer_asn);
	if (end->gateway_mark)
		(void)fprintf(out,
			      "\t\tif (" GATEWAY_MARK ", %u) ~ bgp_large_community then reject;\n",
			      end->speaker->asn, end->gateway_mark);
	(void)fprintf(out, "\t\taccept;\n\t};\n}\n");
}

static void print_next_hop(const struct bgp_end *end, FILE *out)
{
	if (end->neighbor && end->neighbor->next_hop.ip.family != IP_NONE)
		return; /* what the filter sets is kept */
	(void)fprintf(out, "\t\tnext hop %s;\n", end->keeps_next_hop ? "keep" : "self");
}

static void print_channel(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out, "\tipv4 {\n");
	if (end->tells_next_best)
		(void)fprintf(out, "\t\ttable t_%s;\n", end->name);
	if (end->is_multihop)
		(void)fprintf(out, "\t\tigp table " TABLE_IGP ";\n");
	(void)fprintf(out, "\t\tpreference %u;\n",
		      end->tells_next_best ? PREFERENCE_LAST : end->preference);
	print_next_hop(end, out);
	if (end->limit)
		(void)fprintf(out, "\t\timport limit %u action disable;\n", end->limit);
	print_import(end, out);
	print_export(end, out);
	(void)fprintf(out, "\t};\n}\n");
}

static void print_session(const struct bgp_graph *graph, const struct bgp_end *end, FILE *out)
{
	const struct bgp_timers *timers = &graph->timers;

	if (end->tells_next_best)
		print_table(end, out);
	(void)fprintf(out,
		      "protocol bgp %s {\n"
		      "\tlocal %s as %u;\n"
		      "\tneighbor %s as %u;\n",
		      end->name, ip_print(end->ip).text, end->speaker->asn,
		      ip_print(end->peer_ip).text, end->peer_asn);
	if (end->is_multihop)
		(void)fprintf(out, "\tmultihop;\n\tigp metric off;\n");
	else
		(void)fprintf(out, "\tinterface \"%s\";\n\tdirect;\n", end->interface->name);
	if (end->has_bfd)
		(void)fprintf(out, "\tbfd on;\n");
	if (end->is_client)
		(void)fprintf(out, "\trr client;\n");
	if (end->speaker->ranks_routes)
		(void)fprintf(out, "\tmed metric on;\n");
	(void)fprintf(out,
		      "\thold time %u;\n"
		      "\tkeepalive time %u;\n"
		      "\tconnect delay time 0;\n"
		      "\tconnect retry time 1;\n"
		      "\terror wait time 1, 2;\n"
		      "\tdebug { states, routes, events, packets };\n",
		      timers->hold_s, timers->keepalive_s);
	if (end->accepts_own_asn)
		(void)fprintf(out, "\tallow local as 1;\n");
	print_channel(end, out);
}

void bird_conf_print(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out)
{
	print_head(graph, speaker, out);
	print_networks(speaker, false, "s_networks", out);
	print_networks(speaker, true, BIRD_SITES, out);
	print_igp(speaker, out);
	if (is_vpn_gateway(speaker))
		print_vpn_kernel(speaker, out);
	else if (speaker->fills_kernel)
		print_kernel(speaker, out);
	for (size_t i = 0; i < speaker->ends.count; i++)
		print_session(graph, speaker->ends.items[i], out);
}
