/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/rtnl_step.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/neighbour.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <string.h>

#define PORT_QUEUE_PACKETS 1000 /* as the kernel gives Ethernet */

static unsigned char family(enum ip_family family)
{
	return family == IP_V6 ? AF_INET6 : AF_INET;
}

static void put_ip(struct nl_msg *msg, int type, struct ip ip)
{
	nla_put(msg, type, (int)(ip_bits(ip) / 8), ip.bytes);
}

static void put_link_end(struct nl_msg *msg, const struct link_end *end, uint32_t mtu)
{
	nla_put_string(msg, IFLA_IFNAME, end->name);
	nla_put(msg, IFLA_ADDRESS, MAC_SIZE, end->mac);
	nla_put_u32(msg, IFLA_MTU, mtu);
}

static void delete_link(struct rtnl_batch *batch, uint32_t ifindex)
{
	struct ifinfomsg head = { .ifi_index = (int)ifindex };

	rtnl_batch_begin(batch, RTM_DELLINK, 0, &head, sizeof(head));
}

/* Names, addresses, MTU, numbers and namespaces of both ends go into the one message. */
static void add_pair(struct rtnl_batch *batch, const struct link_end *a, const struct link_end *b,
		     uint32_t mtu, uint32_t bridge, int peer_ns)
{
	struct ifinfomsg head = { .ifi_index = (int)a->ifindex,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct ifinfomsg peer = { .ifi_index = (int)b->ifindex };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head,
					      sizeof(head));
	struct nlattr *info, *data, *end;

	put_link_end(msg, a, mtu);
	if (bridge)
		nla_put_u32(msg, IFLA_MASTER, bridge);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "veth");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	end = nla_nest_start(msg, VETH_INFO_PEER);
	nlmsg_append(msg, &peer, sizeof(peer), NLMSG_ALIGNTO);
	put_link_end(msg, b, mtu);
	nla_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)peer_ns);
	nla_nest_end(msg, end);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

struct nl_msg *rtnl_bridge_begin(struct rtnl_batch *batch, const struct link_end *end)
{
	static const uint8_t any_mac[MAC_SIZE] = { 0 };
	struct ifinfomsg head = { .ifi_index = (int)end->ifindex,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head,
					      sizeof(head));
	struct nlattr *info;

	nla_put_string(msg, IFLA_IFNAME, end->name);
	if (memcmp(end->mac, any_mac, MAC_SIZE) != 0)
		nla_put(msg, IFLA_ADDRESS, MAC_SIZE, end->mac);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "bridge");
	nla_nest_end(msg, info);
	return msg;
}

/* Answers for others at once: the kernel's own delay is up to 0.8 s. */
static void add_proxy_delay(struct rtnl_batch *batch, uint32_t ifindex)
{
	struct ndtmsg head = { .ndtm_family = AF_INET };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_SETNEIGHTBL, 0, &head, sizeof(head));
	struct nlattr *parms;

	nla_put_string(msg, NDTA_NAME, "arp_cache");
	parms = nla_nest_start(msg, NDTA_PARMS);
	nla_put_u32(msg, NDTPA_IFINDEX, ifindex);
	nla_put_u64(msg, NDTPA_PROXY_DELAY, 0);
	nla_nest_end(msg, parms);
}

static void add_address(struct rtnl_batch *batch, const struct step *step)
{
	struct ip ip = step->address.prefix.addr;
	/* nobody else has it: nothing is gained by asking for a second first */
	struct ifaddrmsg head = { .ifa_family = family(ip.family),
				  .ifa_prefixlen = step->address.prefix.len,
				  .ifa_flags = ip.family == IP_V6 ? IFA_F_NODAD : 0,
				  .ifa_index = step->address.ifindex };
	bool is_removal = step->verb == STEP_REMOVE;
	struct nl_msg *msg =
		rtnl_batch_begin(batch, is_removal ? RTM_DELADDR : RTM_NEWADDR,
				 is_removal ? 0 : NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));

	put_ip(msg, IFA_LOCAL, ip);
	put_ip(msg, IFA_ADDRESS, ip);
}

static void add_neighbour(struct rtnl_batch *batch, const struct step *step)
{
	struct ndmsg head = { .ndm_family = family(step->neighbour.ip.family),
			      .ndm_ifindex = (int)step->neighbour.ifindex,
			      .ndm_state = NUD_PERMANENT };
	bool is_removal = step->verb == STEP_REMOVE;
	struct nl_msg *msg = rtnl_batch_begin(batch, is_removal ? RTM_DELNEIGH : RTM_NEWNEIGH,
					      is_removal ? 0 : NLM_F_CREATE | NLM_F_REPLACE, &head,
					      sizeof(head));

	put_ip(msg, NDA_DST, step->neighbour.ip);
	if (!is_removal)
		nla_put(msg, NDA_LLADDR, MAC_SIZE, step->neighbour.mac);
}

static void put_nexthops(struct nl_msg *msg, const struct plan *plan, const struct step *step)
{
	const struct nexthop *hops = &plan->nexthops[step->route.first_nexthop];
	struct nlattr *list;

	if (step->route.nexthop_count == 1) {
		if (hops->via.family != IP_NONE)
			put_ip(msg, RTA_GATEWAY, hops->via);
		nla_put_u32(msg, RTA_OIF, hops->ifindex);
		return;
	}
	list = nla_nest_start(msg, RTA_MULTIPATH);
	for (uint32_t i = 0; i < step->route.nexthop_count; i++) {
		struct rtnexthop head = { .rtnh_flags = RTNH_F_ONLINK,
					  .rtnh_ifindex = (int)hops[i].ifindex };
		struct rtnexthop *at = nlmsg_tail(nlmsg_hdr(msg));

		nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO);
		put_ip(msg, RTA_GATEWAY, hops[i].via);
		at->rtnh_len = (unsigned short)((char *)nlmsg_tail(nlmsg_hdr(msg)) - (char *)at);
	}
	nla_nest_end(msg, list);
}

static void add_route(struct rtnl_batch *batch, const struct plan *plan, const struct step *step)
{
	static const unsigned char types[] = { [ROUTE_UNICAST] = RTN_UNICAST,
					       [ROUTE_THROW] = RTN_THROW,
					       [ROUTE_BLACKHOLE] = RTN_BLACKHOLE };
	const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop];
	bool is_removal = step->verb == STEP_REMOVE;
	bool has_gateway = step->route.nexthop_count && hop->via.family != IP_NONE;
	struct rtmsg head = { .rtm_family = family(step->route.prefix.addr.family),
			      .rtm_dst_len = step->route.prefix.len,
			      .rtm_table = RT_TABLE_UNSPEC };
	struct nl_msg *msg;

	if (is_removal) { /* whoever made it, and of whatever type */
		head.rtm_scope = RT_SCOPE_NOWHERE;
	} else {
		head.rtm_protocol = RTNL_PROTOCOL;
		head.rtm_type = types[step->route.type];
		if (step->route.type == ROUTE_UNICAST && !has_gateway)
			head.rtm_scope = RT_SCOPE_LINK;
	}
	if (has_gateway && step->route.nexthop_count == 1)
		head.rtm_flags = RTNH_F_ONLINK;
	msg = rtnl_batch_begin(batch, is_removal ? RTM_DELROUTE : RTM_NEWROUTE,
			       is_removal ? 0 : NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	nla_put_u32(msg, RTA_TABLE, step->route.table);
	if (step->route.prefix.len)
		put_ip(msg, RTA_DST, step->route.prefix.addr);
	if (step->route.nexthop_count)
		put_nexthops(msg, plan, step);
}

static struct nl_msg *begin_rule(struct rtnl_batch *batch, const struct step *step, bool is_removal)
{
	struct fib_rule_hdr head = { .family = family(step->rule.family),
				     .src_len = step->rule.from.len,
				     .dst_len = step->rule.to.len,
				     .action = is_removal ? FR_ACT_UNSPEC : FR_ACT_TO_TBL };

	return rtnl_batch_begin(batch, is_removal ? RTM_DELRULE : RTM_NEWRULE,
				is_removal ? 0 : NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
}

static void put_conditions(struct nl_msg *msg, const struct step *step)
{
	struct fib_rule_port_range ports = { (uint16_t)step->rule.udp_port,
					     (uint16_t)step->rule.udp_port };

	if (step->rule.from.len)
		put_ip(msg, FRA_SRC, step->rule.from.addr);
	if (step->rule.to.len)
		put_ip(msg, FRA_DST, step->rule.to.addr);
	if (step->rule.mask) {
		nla_put_u32(msg, FRA_FWMARK, step->rule.mark);
		nla_put_u32(msg, FRA_FWMASK, step->rule.mask);
	}
	if (step->rule.udp_port) {
		nla_put_u8(msg, FRA_IP_PROTO, IPPROTO_UDP);
		nla_put(msg, FRA_DPORT_RANGE, sizeof(ports), &ports);
	}
	if (*step->rule.iif)
		nla_put_string(msg, FRA_IIFNAME, step->rule.iif);
}

static void add_rule(struct rtnl_batch *batch, const struct step *step, uint32_t priority,
		     bool is_removal)
{
	struct nl_msg *msg = begin_rule(batch, step, is_removal);

	nla_put_u32(msg, FRA_PRIORITY, priority);
	nla_put_u32(msg, FRA_TABLE, step->rule.table);
	put_conditions(msg, step);
}

/* The kernel's own first rule stands at 0, before which there is no place: it is moved. */
static int move_local_rule(struct rtnl_batch *batch, const struct step *step, uint32_t index,
			   uint32_t *ret_index, struct err *err)
{
	bool is_back = step->verb == STEP_REMOVE;
	int rc;

	add_rule(batch, step, is_back ? 0 : step->rule.priority, false);
	rc = rtnl_batch_end(batch, index, ret_index, err);
	if (rc)
		return rc;
	add_rule(batch, step, is_back ? step->rule.priority : 0, true);
	return rtnl_batch_end(batch, index, ret_index, err);
}

/* Settings of one device can be told with it: its files are there only when it is. */
static void add_link_state(struct rtnl_batch *batch, uint32_t ifindex, bool is_up,
			   bool accepts_local)
{
	struct ifinfomsg head = { .ifi_index = (int)ifindex,
				  .ifi_flags = is_up ? IFF_UP : 0,
				  .ifi_change = IFF_UP };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, 0, &head, sizeof(head));
	struct nlattr *families, *inet, *settings;

	if (!accepts_local)
		return;
	families = nla_nest_start(msg, IFLA_AF_SPEC);
	inet = nla_nest_start(msg, AF_INET);
	settings = nla_nest_start(msg, IFLA_INET_CONF);
	nla_put_u32(msg, IPV4_DEVCONF_ACCEPT_LOCAL, 1);
	nla_nest_end(msg, settings);
	nla_nest_end(msg, inet);
	nla_nest_end(msg, families);
}

static int add_veth(struct rtnl_batch *batch, const struct step *step, uint32_t index, int peer_ns,
		    uint32_t *ret_index, struct err *err)
{
	int rc;

	add_pair(batch, &step->veth.a, &step->veth.b, step->veth.mtu, step->veth.bridge, peer_ns);
	if (!step->veth.is_port)
		return rtnl_batch_end(batch, index, ret_index, err);
	rc = rtnl_batch_end(batch, index, ret_index, err);
	if (rc)
		return rc;
	add_proxy_delay(batch, step->veth.a.ifindex);
	return rtnl_batch_end(batch, index, ret_index, err);
}

static int set_up_tap(struct rtnl_batch *batch, const struct step *step, uint32_t index,
		      uint32_t *ret_index, struct err *err)
{
	if (rtnl_link_set(batch, &step->tap.end, step->tap.mtu, PORT_QUEUE_PACKETS, index,
			  ret_index, err))
		return err->code;
	add_proxy_delay(batch, step->tap.end.ifindex);
	return rtnl_batch_end(batch, index, ret_index, err);
}

int rtnl_step_add(struct rtnl_batch *batch, const struct plan *plan, uint32_t index, int peer_ns,
		  uint32_t *ret_index, struct err *err)
{
	const struct step *step = &plan->steps[index];
	bool is_removal = step->verb == STEP_REMOVE;

	switch (step->kind) {
	case STEP_BRIDGE:
		if (is_removal)
			delete_link(batch, step->bridge.end.ifindex);
		else
			(void)rtnl_bridge_begin(batch, &step->bridge.end);
		break;
	case STEP_VETH:
		if (!is_removal)
			return add_veth(batch, step, index, peer_ns, ret_index, err);
		delete_link(batch, step->veth.a.ifindex);
		break;
	case STEP_CABLE:
		if (is_removal)
			delete_link(batch, step->cable.a.ifindex);
		else
			add_pair(batch, &step->cable.a, &step->cable.b, step->cable.mtu, 0,
				 peer_ns);
		break;
	case STEP_TAP:
		if (!is_removal)
			return set_up_tap(batch, step, index, ret_index, err);
		delete_link(batch, step->tap.end.ifindex);
		break;
	case STEP_UP:
		if (is_removal) /* of a link that stays */
			return rtnl_link_down(batch, step->up.ifindex, index, ret_index, err);
		add_link_state(batch, step->up.ifindex, true, step->up.accepts_local);
		break;
	case STEP_ADDRESS:
		add_address(batch, step);
		break;
	case STEP_NEIGHBOUR:
		add_neighbour(batch, step);
		break;
	case STEP_ROUTE:
		add_route(batch, plan, step);
		break;
	case STEP_RULE:
		if (step->rule.is_local)
			return move_local_rule(batch, step, index, ret_index, err);
		add_rule(batch, step, step->rule.priority, is_removal);
		break;
	case STEP_NAMESPACE:
	case STEP_SYSCTL:
	case STEP_FRAMES:
	case STEP_TUNNEL:
	case STEP_NFT:
	case STEP_ELEMENT:
	case STEP_FILE:
	case STEP_DAEMON:
	case STEP_LISTENER:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		return 0;
	}
	return rtnl_batch_end(batch, index, ret_index, err);
}

int rtnl_link_delete(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index,
		     uint32_t *ret_index, struct err *err)
{
	delete_link(batch, ifindex);
	return rtnl_batch_end(batch, index, ret_index, err);
}

int rtnl_link_set(struct rtnl_batch *batch, const struct link_end *end, uint32_t mtu,
		  uint32_t queue_length, uint32_t index, uint32_t *ret_index, struct err *err)
{
	struct ifinfomsg head = { .ifi_index = (int)end->ifindex,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, 0, &head, sizeof(head));

	nla_put(msg, IFLA_ADDRESS, MAC_SIZE, end->mac);
	nla_put_u32(msg, IFLA_MTU, mtu);
	nla_put_u32(msg, IFLA_TXQLEN, queue_length);
	return rtnl_batch_end(batch, index, ret_index, err);
}

static int set_link(struct rtnl_batch *batch, uint32_t ifindex, bool is_up, uint32_t index,
		    uint32_t *ret_index, struct err *err)
{
	add_link_state(batch, ifindex, is_up, false);
	return rtnl_batch_end(batch, index, ret_index, err);
}

int rtnl_link_up(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index, uint32_t *ret_index,
		 struct err *err)
{
	return set_link(batch, ifindex, true, index, ret_index, err);
}

int rtnl_link_down(struct rtnl_batch *batch, uint32_t ifindex, uint32_t index, uint32_t *ret_index,
		   struct err *err)
{
	return set_link(batch, ifindex, false, index, ret_index, err);
}

#define NETEM_QUEUE_PACKETS 100000 /* what a second of delay at full speed holds */

int rtnl_netem_set(struct rtnl_batch *batch, uint32_t ifindex, struct netem netem, uint32_t index,
		   uint32_t *ret_index, struct err *err)
{
	struct tcmsg head = { .tcm_family = AF_UNSPEC,
			      .tcm_ifindex = (int)ifindex,
			      .tcm_handle = TC_H_MAKE(1u << 16, 0),
			      .tcm_parent = TC_H_ROOT };
	struct tc_netem_qopt options = {
		.limit = NETEM_QUEUE_PACKETS,
		.loss = (uint32_t)(netem.loss_ppm / 1e6 * UINT32_MAX),
	};
	struct tc_netem_rate rate = { .rate = netem.rate_bps / 8 < UINT32_MAX
						      ? (uint32_t)(netem.rate_bps / 8)
						      : UINT32_MAX };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE,
					      &head, sizeof(head));
	struct nlattr *nest;

	nla_put_string(msg, TCA_KIND, "netem");
	nest = nla_nest_start(msg, TCA_OPTIONS);
	nlmsg_append(msg, &options, sizeof(options), NLMSG_ALIGNTO);
	nla_put_u64(msg, TCA_NETEM_LATENCY64, netem.delay_us * 1000ull);
	if (netem.rate_bps)
		nla_put(msg, TCA_NETEM_RATE, sizeof(rate), &rate);
	if (netem.rate_bps / 8 > UINT32_MAX)
		nla_put_u64(msg, TCA_NETEM_RATE64, netem.rate_bps / 8);
	nla_nest_end(msg, nest);
	return rtnl_batch_end(batch, index, ret_index, err);
}
