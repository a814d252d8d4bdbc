/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/frr_conf.h"

/* The classes that routes of this speaker can have: its own, and what its sessions hear. */
static unsigned classes_of(const struct bgp_speaker *speaker)
{
	unsigned classes = BGP_CLASS_BIT(BGP_CLASS_NETWORK);

	for (size_t i = 0; i < speaker->ends.count; i++)
		classes |= BGP_CLASS_BIT(speaker->ends.items[i]->learns);
	return classes;
}

static void print_head(const struct bgp_speaker *speaker, FILE *out)
{
	(void)fprintf(out, "! written by hublab for %s; it is written again at every change\n",
		      speaker->node->name);
	/* the controller reads this */
	(void)fprintf(out, "log record-priority\n"
			   "log timestamp precision 3\n"
			   "debug bgp updates in\n"
			   "debug bgp updates out\n");
	/* what its guest reaches by its default route is reached, as its kernel sees it */
	(void)fprintf(out, "ip nht resolve-via-default\n");
}

/* What it announces and has no host of is refused, as the kernel of a branch's BIRD does. */
static void print_own_routes(const struct bgp_speaker *speaker, FILE *out)
{
	for (size_t i = 0; speaker->refuses_own && i < speaker->networks.count; i++)
		(void)fprintf(out, "ip route %s reject\n",
			      prefix_print(speaker->networks.items[i].prefix).text);
}

static bool checks_networks(const struct bgp_speaker *speaker)
{
	const struct node *node = speaker->node;
	const struct router_bgp *bgp = node->branch ? &node->branch->bgp : &node->vm->bgp;

	return bgp->networks.count && bgp->network_import_check.value;
}

/*
 * Where a route came in stands in a tag that never leaves bgpd. What gives it to networks is named
 * by their path: bgpd looks at a network again when its map is another, not when the map changed.
 */
static void print_own_name(const struct bgp_network *network, FILE *out)
{
	(void)fprintf(out, "own");
	for (size_t i = 0; i < network->path.count; i++)
		(void)fprintf(out, "-%u", network->path.items[i]);
}

static bool has_same_path(const struct bgp_network *a, const struct bgp_network *b)
{
	if (a->path.count != b->path.count)
		return false;
	for (size_t i = 0; i < a->path.count; i++)
		if (a->path.items[i] != b->path.items[i])
			return false;
	return true;
}

static void print_own_map(const struct bgp_network *network, FILE *out)
{
	(void)fprintf(out, "route-map ");
	print_own_name(network, out);
	(void)fprintf(out, " permit 10\n set tag %d\n", network->class);
	if (network->path.count) {
		(void)fprintf(out, " set as-path prepend");
		for (size_t i = 0; i < network->path.count; i++)
			(void)fprintf(out, " %u", network->path.items[i]);
		(void)fprintf(out, "\n");
	}
	(void)fprintf(out, "exit\n");
}

static void print_own_maps(const struct bgp_speaker *speaker, FILE *out)
{
	for (size_t i = 0; i < speaker->networks.count; i++) {
		const struct bgp_network *network = &speaker->networks.items[i];
		bool is_first = true;

		for (size_t n = 0; n < i && is_first; n++)
			is_first = !has_same_path(&speaker->networks.items[n], network);
		if (is_first)
			print_own_map(network, out);
	}
}

static void print_import_map(const struct bgp_end *end, FILE *out)
{
	(void)fprintf(out, "route-map in-%s permit 10\n set tag %d\n set weight %u\n", end->name,
		      end->learns, end->preference);
	if (end->local_pref)
		(void)fprintf(out, " set local-preference %u\n", end->local_pref);
	if (end->med)
		(void)fprintf(out, " set metric %u\n", end->med);
	(void)fprintf(out, "exit\n");
}

static void print_only(const struct bgp_end *end, FILE *out)
{
	for (size_t i = 0; end->neighbor && i < end->neighbor->only.count; i++)
		(void)fprintf(out, "ip prefix-list only-%s seq %zu permit %s\n", end->name,
			      (i + 1) * 5, prefix_print(end->neighbor->only.items[i].prefix).text);
}

/* What is said of all that goes out there, whatever its class. */
static void print_told(const struct bgp_end *end, FILE *out)
{
	const struct bgp_neighbor *neighbor = end->neighbor;

	if (neighbor && neighbor->only.count)
		(void)fprintf(out, " match ip address prefix-list only-%s\n", end->name);
	if (end->prepend) {
		(void)fprintf(out, " set as-path prepend");
		for (unsigned i = 0; i < end->prepend; i++)
			(void)fprintf(out, " %u", end->speaker->asn);
		(void)fprintf(out, "\n");
	}
	if (neighbor && neighbor->communities.count) {
		(void)fprintf(out, " set community");
		for (size_t i = 0; i < neighbor->communities.count; i++)
			(void)fprintf(out, " %s", neighbor->communities.items[i].value);
		(void)fprintf(out, " additive\n");
	}
	if (neighbor && neighbor->next_hop.ip.family != IP_NONE)
		(void)fprintf(out, " set ip next-hop %s\n", ip_print(neighbor->next_hop.ip).text);
}

static void print_export_map(const struct bgp_end *end, FILE *out)
{
	unsigned classes = classes_of(end->speaker) & end->sends;

	print_only(end, out);
	for (unsigned class = 1; class < 32; class ++) {
		if (!(classes & BGP_CLASS_BIT(class)))
			continue;
		(void)fprintf(out, "route-map out-%s permit %u\n match tag %u\n", end->name,
			      class * 10, class);
		print_told(end, out);
		(void)fprintf(out, "exit\n");
	}
	(void)fprintf(out, "route-map out-%s deny 1000\nexit\n", end->name);
}

static void print_session(const struct bgp_graph *graph, const struct bgp_end *end, FILE *out)
{
	const struct bgp_timers *timers = &graph->timers;
	const struct ip_text peer_text = ip_print(end->peer_ip);
	const char *peer = peer_text.text;

	(void)fprintf(out,
		      " neighbor %s remote-as %u\n"
		      " neighbor %s description %s\n"
		      " neighbor %s update-source %s\n"
		      " neighbor %s timers %u %u\n"
		      " neighbor %s timers connect 1\n",
		      peer, end->peer_asn, peer, end->peer_name, peer, ip_print(end->ip).text, peer,
		      timers->keepalive_s, timers->hold_s, peer);
	if (end->has_bfd)
		(void)fprintf(out, " neighbor %s bfd\n neighbor %s bfd %u %u %u\n", peer, peer,
			      timers->bfd_multiplier, timers->bfd_interval_ms,
			      timers->bfd_interval_ms);
	if (end->is_multihop)
		(void)fprintf(out, " neighbor %s ebgp-multihop\n", peer);
	else if (end->interface->tunnel) /* the peer is on no network, but behind the interface */
		(void)fprintf(out, " neighbor %s disable-connected-check\n", peer);
}

static void print_session_routes(const struct bgp_end *end, FILE *out)
{
	const struct ip_text peer_text = ip_print(end->peer_ip);
	const char *peer = peer_text.text;

	(void)fprintf(out, "  neighbor %s activate\n", peer);
	if (!end->keeps_next_hop &&
	    !(end->neighbor && end->neighbor->next_hop.ip.family != IP_NONE))
		(void)fprintf(out, "  neighbor %s next-hop-self\n", peer);
	if (end->accepts_own_asn)
		(void)fprintf(out, "  neighbor %s allowas-in 1\n", peer);
	if (end->neighbor && end->neighbor->as_override.value)
		(void)fprintf(out, "  neighbor %s as-override\n", peer);
	if (end->limit)
		(void)fprintf(out, "  neighbor %s maximum-prefix %u\n", peer, end->limit);
	(void)fprintf(out, "  neighbor %s route-map in-%s in\n  neighbor %s route-map out-%s out\n",
		      peer, end->name, peer, end->name);
}

/*
 * Equal paths are shared, and the best of them is the one of the lowest router, as BIRD has it,
 * not the oldest. Filters are looked at again when they are told to: the whole of a change at once.
 */
static void print_router(const struct bgp_graph *graph, const struct bgp_speaker *speaker,
			 FILE *out)
{
	(void)fprintf(out,
		      "router bgp %u\n"
		      " bgp router-id %s\n"
		      " no bgp ebgp-requires-policy\n"
		      " no bgp default ipv4-unicast\n"
		      " %sbgp network import-check\n"
		      " bgp log-neighbor-changes\n"
		      " bgp bestpath as-path multipath-relax\n"
		      " bgp bestpath compare-routerid\n"
		      " bgp route-map delay-timer 0\n"
		      " coalesce-time 0\n",
		      speaker->asn, ip_print(speaker->router_id).text,
		      checks_networks(speaker) ? "" : "no ");
	for (size_t i = 0; i < speaker->ends.count; i++)
		print_session(graph, speaker->ends.items[i], out);
	(void)fprintf(out, " address-family ipv4 unicast\n  maximum-paths 16\n");
	for (size_t i = 0; i < speaker->networks.count; i++) {
		(void)fprintf(out, "  network %s route-map ",
			      prefix_print(speaker->networks.items[i].prefix).text);
		print_own_name(&speaker->networks.items[i], out);
		(void)fprintf(out, "\n");
	}
	for (size_t i = 0; i < speaker->ends.count; i++)
		print_session_routes(speaker->ends.items[i], out);
	(void)fprintf(out, " exit-address-family\nexit\n");
}

void frr_conf_print(const struct bgp_graph *graph, const struct bgp_speaker *speaker, FILE *out)
{
	print_head(speaker, out);
	print_own_routes(speaker, out);
	print_own_maps(speaker, out);
	for (size_t i = 0; i < speaker->ends.count; i++) {
		print_import_map(speaker->ends.items[i], out);
		print_export_map(speaker->ends.items[i], out);
	}
	print_router(graph, speaker, out);
}
