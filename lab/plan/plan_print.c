/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/plan.h"

#include <stdio.h>
#include <string.h>

const char *step_stage_name(enum step_stage stage)
{
	switch (stage) {
	case STAGE_NAMESPACES:
		return "namespaces";
	case STAGE_LINKS:
		return "links";
	case STAGE_ROUTES:
		return "addresses and routes";
	case STAGE_FIREWALL:
		return "firewall";
	case STAGE_DAEMONS:
		return "daemons";
	case STAGE_COUNT:
		break;
	}
	return "";
}

static void print_cable(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "cable %s/%s -- %s/%s delay %.3f ms",
				      plan_text(plan, step->ns), step->cable.a.name,
				      plan_text(plan, step->cable.b.ns), step->cable.b.name,
				      step->cable.delay_us / 1000.0);

	if (step->cable.loss_ppm && len < size)
		len += (size_t)snprintf(text + len, size - len, " loss %.4g %%",
					step->cable.loss_ppm / 10000.0);
	if (step->cable.rate_bps && len < size)
		len += (size_t)snprintf(text + len, size - len, " rate %.6g Mbit/s",
					(double)step->cable.rate_bps / 1e6);
	if (step->cable.is_cut && len < size)
		(void)snprintf(text + len, size - len, " cut");
}

/* Keys are secrets: what differs in them alone reads the same. */
static size_t print_frames_end(const struct plan *plan, const struct frames_end *end, char *text,
			       size_t size)
{
	char tags[24] = "", mac_sec[40] = "";

	if (end->s_tag)
		(void)snprintf(tags, sizeof(tags), " QinQ %u.%u", end->s_tag, end->c_tag);
	else if (end->c_tag)
		(void)snprintf(tags, sizeof(tags), " 802.1Q %u", end->c_tag);
	if (end->mac_sec)
		(void)snprintf(mac_sec, sizeof(mac_sec), " MACsec %s%s",
			       mac_sec_cipher_words((enum mac_sec_cipher)end->cipher),
			       end->sends_sci ? " with SCI" : "");
	return (size_t)snprintf(text, size, "%s/%s%s%s%s", plan_text(plan, end->end.ns),
				end->end.name, tags, mac_sec,
				frames_end_is_used(end) ? "" : " untagged");
}

static void print_frames(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	size_t len = (size_t)snprintf(text, size, "frames ");

	len += print_frames_end(plan, &step->frames.a, text + len, size - len);
	if (len < size)
		len += (size_t)snprintf(text + len, size - len, " -- ");
	if (len < size)
		len += print_frames_end(plan, &step->frames.b, text + len, size - len);
	if (!step->frames.fits && len < size)
		(void)snprintf(text + len, size - len, ", which do not fit");
}

static void print_rule(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	const char *ns = plan_text(plan, step->ns);
	char from[64] = "", to[64] = "", mark[40] = "", port[40] = "", iif[IFNAME_SIZE + 8] = "";

	if (step->rule.from.addr.family != IP_NONE)
		(void)snprintf(from, sizeof(from), " from %s", prefix_print(step->rule.from).text);
	if (step->rule.to.addr.family != IP_NONE)
		(void)snprintf(to, sizeof(to), " to %s", prefix_print(step->rule.to).text);
	if (step->rule.mask)
		(void)snprintf(mark, sizeof(mark), " fwmark 0x%x/0x%x", step->rule.mark,
			       step->rule.mask);
	if (step->rule.udp_port)
		(void)snprintf(port, sizeof(port), " UDP %u", step->rule.udp_port);
	if (*step->rule.iif)
		(void)snprintf(iif, sizeof(iif), " iif %s", step->rule.iif);
	(void)snprintf(text, size, "rule %s %s%u%s%s%s%s%s lookup %u", ns,
		       step->rule.family == IP_V6 ? "IPv6 " : "", step->rule.priority, from, to,
		       mark, port, iif, step->rule.table);
}

static void print_tunnel(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	const char *routes = plan_text(plan, step->tunnel.routes);

	(void)snprintf(text, size, "tunnel %s -- %s/%s %s peer %s mtu %u%s%s%s",
		       plan_text(plan, step->ns), plan_text(plan, step->tunnel.end.ns),
		       step->tunnel.end.name, ip_print(step->tunnel.local).text,
		       ip_print(step->tunnel.peer).text, step->tunnel.mtu, *routes ? " for " : "",
		       routes, step->tunnel.is_up ? " up" : "");
}

static void print_route(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	static const char *const types[] = {
		[ROUTE_UNICAST] = "",
		[ROUTE_THROW] = "throw ",
		[ROUTE_BLACKHOLE] = "blackhole ",
	};
	size_t len = (size_t)snprintf(
		text, size, "route %s table %u %s%s", plan_text(plan, step->ns), step->route.table,
		types[step->route.type], prefix_print(step->route.prefix).text);

	for (uint32_t i = 0; i < step->route.nexthop_count && len < size; i++) {
		const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop + i];

		if (hop->via.family != IP_NONE)
			len += (size_t)snprintf(text + len, size - len, " via %s",
						ip_print(hop->via).text);
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, " dev %s", hop->dev);
	}
}

static unsigned count_lines(const char *text)
{
	unsigned count = 0;

	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void print_nft(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	const char *ns = plan_text(plan, step->ns), *table = plan_text(plan, step->nft.table);
	const char *block = plan_text(plan, step->nft.block);
	unsigned lines = count_lines(plan_text(plan, step->nft.text));

	if (*block)
		(void)snprintf(text, size, "nft %s table %s %s (%u lines)", ns, table, block,
			       lines);
	else
		(void)snprintf(text, size, "nft %s table %s (%u lines)", ns, table, lines);
}

void step_print(const struct plan *plan, const struct step *step, char *text, size_t size)
{
	const char *ns = plan_text(plan, step->ns);

	switch (step->kind) {
	case STEP_NAMESPACE:
		(void)snprintf(text, size, "namespace %s", ns);
		break;
	case STEP_SYSCTL:
		(void)snprintf(text, size, "sysctl %s %s=%s", ns,
			       plan_text(plan, step->sysctl.path),
			       plan_text(plan, step->sysctl.value));
		break;
	case STEP_BRIDGE:
		(void)snprintf(text, size, "bridge %s/%s", ns, step->bridge.end.name);
		break;
	case STEP_VETH:
		(void)snprintf(text, size, "veth %s/%s -- %s/%s %s%s", ns, step->veth.a.name,
			       plan_text(plan, step->veth.b.ns), step->veth.b.name,
			       mac_print(step->veth.b.mac).text,
			       step->veth.is_port  ? " port"
			       : step->veth.bridge ? " on its bridge"
						   : "");
		break;
	case STEP_CABLE:
		print_cable(plan, step, text, size);
		break;
	case STEP_FRAMES:
		print_frames(plan, step, text, size);
		break;
	case STEP_TUNNEL:
		print_tunnel(plan, step, text, size);
		break;
	case STEP_UP:
		(void)snprintf(text, size, "up %s %s", ns, step->up.dev);
		break;
	case STEP_ADDRESS:
		(void)snprintf(text, size, "address %s %s dev %s", ns,
			       prefix_print(step->address.prefix).text, step->address.dev);
		break;
	case STEP_NEIGHBOUR:
		(void)snprintf(text, size, "neighbour %s %s dev %s lladdr %s", ns,
			       ip_print(step->neighbour.ip).text, step->neighbour.dev,
			       mac_print(step->neighbour.mac).text);
		break;
	case STEP_ROUTE:
		print_route(plan, step, text, size);
		break;
	case STEP_RULE:
		print_rule(plan, step, text, size);
		break;
	case STEP_NFT:
		print_nft(plan, step, text, size);
		break;
	case STEP_ELEMENT:
		(void)snprintf(text, size, "nft %s table %s %s %s", ns,
			       plan_text(plan, step->element.table),
			       plan_text(plan, step->element.block),
			       prefix_print(step->element.prefix).text);
		break;
	case STEP_FILE:
		(void)snprintf(text, size, "file %s (%u lines)", plan_text(plan, step->file.path),
			       count_lines(plan_text(plan, step->file.content)));
		break;
	case STEP_DAEMON:
		(void)snprintf(text, size, "daemon %s %s", ns, plan_text(plan, step->daemon.argv));
		break;
	case STEP_LISTENER:
		(void)snprintf(text, size, "responder %s TCP %u%s", ns, step->listener.port,
			       step->listener.has_ipv6 ? " and by IPv6" : "");
		break;
	case STEP_TAP:
		(void)snprintf(text, size, "tap %s/%s port", ns, step->tap.end.name);
		break;
	case STEP_GUEST:
		(void)snprintf(text, size, "guest %s %u MB%s%s%s", ns, step->guest.memory_mb,
			       step->guest.image ? " from " : "",
			       plan_text(plan, step->guest.image), step->guest.cut ? " cut" : "");
		break;
	case STEP_KIND_COUNT:
		break;
	}
}

void plan_print_inside(const struct plan *plan, const char *guest, FILE *out)
{
	static const char signs[] = { [STEP_ADD] = '+', [STEP_CHANGE] = '~', [STEP_REMOVE] = '-' };
	char text[512];

	for (uint32_t i = 0; i < plan->step_count; i++) {
		step_print(plan, &plan->steps[i], text, sizeof(text));
		(void)fprintf(out, "%c %s%s%s\n", signs[plan->steps[i].verb], guest,
			      *guest ? ": " : "", text);
	}
}

void plan_print(const struct plan *plan, FILE *out)
{
	plan_print_inside(plan, "", out);
}
