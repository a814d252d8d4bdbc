/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/tunnel.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/ns.h"
#include "netns/kernel/rtnl_step.h"

#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The name that the daemon gives its device, and what it looks for when it sets up routes. */
#define DAEMON_DEVICE "ipsec0"
#define XFRM_KEY      1 /* each namespace has one tunnel only */

#define LOOPBACK_IFINDEX 1

/* A socket with its batch, in the namespace we are in. */
struct work {
	struct nl_sock *sock;
	struct rtnl_batch batch;
};

static int work_begin(struct work *work, int ns, struct err *err)
{
	if (ns_enter(ns, err))
		return err->code;
	work->sock = rtnl_open(err);
	if (!work->sock)
		return err->code;
	rtnl_batch_init(&work->batch);
	rtnl_batch_use(&work->batch, work->sock);
	return 0;
}

static int work_end(struct work *work, int rc, struct err *err)
{
	uint32_t failed;

	if (!rc)
		rc = rtnl_batch_commit(&work->batch, &failed, err);
	rtnl_batch_fini(&work->batch);
	nl_socket_free(work->sock);
	return rc;
}

static struct nl_msg *begin(struct work *work, int type, int flags, const void *head, size_t size)
{
	return rtnl_batch_begin(&work->batch, type, flags, head, size);
}

static int end(struct work *work, struct err *err)
{
	uint32_t failed;

	return rtnl_batch_end(&work->batch, 0, &failed, err);
}

/* Is it a device of the daemon's, and not what stands in for it? */
static bool is_tunnel(const char *name)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request) &&
	       (request.ifr_flags & IFF_POINTOPOINT);
}

static int delete_link(struct work *work, unsigned ifindex, struct err *err)
{
	struct ifinfomsg head = { .ifi_index = (int)ifindex };

	begin(work, RTM_DELLINK, 0, &head, sizeof(head));
	return end(work, err);
}

/* Whatever is left where the daemon looks for its device. */
static int delete_stand_in(const struct tunnel_device *device, struct err *err)
{
	struct work work;
	unsigned ifindex;
	int rc;

	rc = work_begin(&work, device->outside, err);
	if (rc)
		return rc;
	ifindex = if_nametoindex(DAEMON_DEVICE);
	return work_end(&work, ifindex ? delete_link(&work, ifindex, err) : 0, err);
}

/* States and policies of a daemon that was killed stay in the kernel. */
static int flush_xfrm(int ns, struct err *err)
{
	struct {
		struct nlmsghdr head;
		struct xfrm_usersa_flush flush;
	} states = { .head = { sizeof(states), XFRM_MSG_FLUSHSA, NLM_F_REQUEST, 0, 0 } };
	struct nlmsghdr policies = { NLMSG_HDRLEN, XFRM_MSG_FLUSHPOLICY, NLM_F_REQUEST, 0, 0 };
	CLEANUP(fd_cleanup) int fd = -1;

	if (ns_enter(ns, err))
		return err->code;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	if (fd < 0 || send(fd, &states, sizeof(states), 0) < 0 ||
	    send(fd, &policies, sizeof(policies), 0) < 0)
		return err_set(err, -errno, "flush IPsec: %s", strerror(errno));
	return 0;
}

static int delete_device(const struct tunnel_device *device, struct err *err)
{
	uint32_t ifindex = device->step->tunnel.end.ifindex;
	char name[IF_NAMESIZE];
	struct work work;
	int rc;

	rc = work_begin(&work, device->node, err);
	if (rc)
		return rc;
	rc = work_end(&work, if_indextoname(ifindex, name) ? delete_link(&work, ifindex, err) : 0,
		      err);
	if (rc == -ENODEV) /* it went with its daemon at that moment */
		rc = 0;
	return rc;
}

static int remove_all(const struct tunnel_device *device, struct err *err)
{
	if (delete_device(device, err))
		return err->code;
	return device->is_xfrm ? flush_xfrm(device->outside, err) : delete_stand_in(device, err);
}

/* One of the kernel's, by which IPsec is looked up where it was made, wherever it stands. */
static int add_xfrm(struct work *work, const char *name, uint32_t ifindex, uint32_t wan_ifindex,
		    struct err *err)
{
	struct ifinfomsg head = { .ifi_index = (int)ifindex };
	struct nl_msg *msg =
		begin(work, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	struct nlattr *info, *data;

	nla_put_string(msg, IFLA_IFNAME, name);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "xfrm");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u32(msg, IFLA_XFRM_LINK, wan_ifindex);
	nla_put_u32(msg, IFLA_XFRM_IF_ID, XFRM_KEY);
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return end(work, err);
}

/* Its number there may be another's here: it gets the one it is to have when it moves. */
static int make_xfrm(const struct tunnel_device *device, struct err *err)
{
	const struct step *step = device->step;
	struct work work;
	int rc;

	if (work_begin(&work, device->outside, err))
		return err->code;
	rc = add_xfrm(&work, step->tunnel.end.name, 0, step->tunnel.wan_ifindex, err);
	return work_end(&work, rc, err);
}

/* The namespaces are two: the device made in one moves to the other with its name and number. */
static int move(const struct tunnel_device *device, const char *name, struct err *err)
{
	const struct step *step = device->step;
	struct ifinfomsg head = { 0 };
	struct nl_msg *msg;
	struct work work;

	if (work_begin(&work, device->outside, err))
		return err->code;
	head.ifi_index = (int)if_nametoindex(name);
	msg = begin(&work, RTM_NEWLINK, 0, &head, sizeof(head));
	nla_put_u32(msg, IFLA_NET_NS_FD, (uint32_t)device->node);
	nla_put_string(msg, IFLA_IFNAME, step->tunnel.end.name);
	nla_put_s32(msg, IFLA_NEW_IFINDEX, (int32_t)step->tunnel.end.ifindex);
	return work_end(&work, end(&work, err), err);
}

/*
 * The daemon puts routes for its tunnels on its device, and refuses a tunnel when it finds none of
 * that name: something has to be there.
 */
static int add_stand_in(const struct tunnel_device *device, struct err *err)
{
	struct ifinfomsg head = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct nlattr *info;
	struct nl_msg *msg;
	struct work work;

	if (work_begin(&work, device->outside, err))
		return err->code;
	msg = begin(&work, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head, sizeof(head));
	nla_put_string(msg, IFLA_IFNAME, DAEMON_DEVICE);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "bridge");
	nla_nest_end(msg, info);
	return work_end(&work, end(&work, err), err);
}

static bool is_in_node(const struct tunnel_device *device)
{
	char name[IF_NAMESIZE];

	return !ns_enter(device->node, NULL) &&
	       if_indextoname(device->step->tunnel.end.ifindex, name);
}

static int bring(const struct tunnel_device *device, struct err *err)
{
	if (device->is_xfrm)
		return make_xfrm(device, err) ? err->code
					      : move(device, device->step->tunnel.end.name, err);
	if (ns_enter(device->outside, err))
		return err->code;
	if (!is_tunnel(DAEMON_DEVICE))
		return 0; /* the daemon has not made it yet */
	return move(device, DAEMON_DEVICE, err) ? err->code : add_stand_in(device, err);
}

static int change_address(struct work *work, int type, int flags, const struct step *step,
			  struct in_addr local, struct in_addr peer, struct err *err)
{
	struct ifaddrmsg head = { .ifa_family = AF_INET,
				  .ifa_prefixlen = 32,
				  .ifa_index = step->tunnel.end.ifindex };
	struct nl_msg *msg = begin(work, type, flags, &head, sizeof(head));

	nla_put(msg, IFA_LOCAL, sizeof(local), &local);
	nla_put(msg, IFA_ADDRESS, sizeof(peer), &peer);
	return end(work, err);
}

static struct in_addr in_addr_of(struct ip ip)
{
	struct in_addr address;

	memcpy(&address, ip.bytes, sizeof(address));
	return address;
}

static struct in_addr in_addr_from(const struct sockaddr *address)
{
	struct sockaddr_in in;

	memcpy(&in, address, sizeof(in));
	return in.sin_addr;
}

/* One that is there already stays, so that sessions by it do. */
static int set_addresses(struct work *work, const struct step *step, struct err *err)
{
	struct in_addr local = in_addr_of(step->tunnel.local);
	struct in_addr peer = in_addr_of(step->tunnel.peer);
	struct ifaddrs *all = NULL;
	bool is_there = false;
	int rc = 0;

	if (getifaddrs(&all))
		return err_set(err, -errno, "addresses: %s", strerror(errno));
	for (const struct ifaddrs *a = all; a && !rc; a = a->ifa_next) {
		struct in_addr its_local, its_peer;

		if (!a->ifa_addr || a->ifa_addr->sa_family != AF_INET ||
		    strcmp(a->ifa_name, step->tunnel.end.name) != 0 || !a->ifa_dstaddr)
			continue;
		its_local = in_addr_from(a->ifa_addr);
		its_peer = in_addr_from(a->ifa_dstaddr);
		if (its_local.s_addr == local.s_addr && its_peer.s_addr == peer.s_addr)
			is_there = true;
		else
			rc = change_address(work, RTM_DELADDR, 0, step, its_local, its_peer, err);
	}
	freeifaddrs(all);
	if (rc || is_there || step->tunnel.local.family != IP_V4)
		return rc;
	return change_address(work, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, step, local, peer,
			      err);
}

static int set_link(struct work *work, const struct step *step, struct err *err)
{
	struct ifinfomsg head = { .ifi_index = (int)step->tunnel.end.ifindex,
				  .ifi_flags = step->tunnel.is_up ? IFF_UP : 0,
				  .ifi_change = IFF_UP };

	nla_put_u32(begin(work, RTM_NEWLINK, 0, &head, sizeof(head)), IFLA_MTU, step->tunnel.mtu);
	return end(work, err);
}

static int add_route(struct work *work, const struct step *step, struct prefix prefix,
		     struct err *err)
{
	struct rtmsg head = { .rtm_family = AF_INET,
			      .rtm_dst_len = prefix.len,
			      .rtm_table = RT_TABLE_MAIN,
			      .rtm_protocol = RTNL_PROTOCOL,
			      .rtm_scope = RT_SCOPE_LINK,
			      .rtm_type = RTN_UNICAST };
	struct nl_msg *msg =
		begin(work, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));

	if (prefix.len)
		nla_put(msg, RTA_DST, 4, prefix.addr.bytes);
	nla_put_u32(msg, RTA_OIF, step->tunnel.end.ifindex);
	return end(work, err);
}

/* They went when the device was down. */
static int add_routes(struct work *work, const struct tunnel_device *device, struct err *err)
{
	CLEANUP(free_cleanup)
	char *words = strdup(plan_text(device->plan, device->step->tunnel.routes));
	struct prefix prefix;
	char *rest;
	int rc = 0;

	if (!words)
		abort();
	for (char *word = strtok_r(words, " ", &rest); word && !rc;
	     word = strtok_r(NULL, " ", &rest))
		if (prefix_parse(word, &prefix))
			rc = add_route(work, device->step, prefix, err);
	return rc;
}

static int configure(const struct tunnel_device *device, struct err *err)
{
	const struct step *step = device->step;
	struct work work;
	int rc;

	if (work_begin(&work, device->node, err))
		return err->code;
	rc = set_addresses(&work, step, err);
	if (!rc)
		rc = set_link(&work, step, err);
	if (!rc && step->tunnel.is_up)
		rc = add_routes(&work, device, err);
	return work_end(&work, rc, err);
}

int tunnel_device_run(const struct tunnel_device *device, struct err *err)
{
	if (device->step->verb == STEP_REMOVE)
		return remove_all(device, err);
	if (!is_in_node(device) && bring(device, err))
		return err->code;
	return is_in_node(device) ? configure(device, err) : 0;
}

/* ESP with the cipher that tunnels use, as a state that nothing passes through. */
static bool try_state(void)
{
	static const char cipher[] = "cbc(aes)", hash[] = "hmac(sha256)";
	struct {
		struct nlmsghdr head;
		struct xfrm_usersa_info info;
		char attributes[512];
	} request = { .head = { .nlmsg_type = XFRM_MSG_NEWSA,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE },
		      .info = { .family = AF_INET,
				.id = { .proto = IPPROTO_ESP, .spi = htonl(0x1000) },
				.mode = XFRM_MODE_TUNNEL,
				.reqid = 1 } };
	struct xfrm_algo algo[2] = { { .alg_key_len = 256 }, { .alg_key_len = 256 } };
	static const int types[] = { XFRMA_ALG_CRYPT, XFRMA_ALG_AUTH };
	CLEANUP(fd_cleanup)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_XFRM);
	struct {
		struct nlmsghdr head;
		struct nlmsgerr answer;
	} reply = { 0 };
	size_t len = NLMSG_LENGTH(sizeof(request.info));

	request.info.lft.soft_byte_limit = request.info.lft.hard_byte_limit = XFRM_INF;
	request.info.lft.soft_packet_limit = request.info.lft.hard_packet_limit = XFRM_INF;
	request.info.saddr.a4 = htonl(INADDR_LOOPBACK);
	request.info.id.daddr.a4 = htonl(INADDR_LOOPBACK);
	(void)snprintf(algo[0].alg_name, sizeof(algo[0].alg_name), "%s", cipher);
	(void)snprintf(algo[1].alg_name, sizeof(algo[1].alg_name), "%s", hash);
	for (int i = 0; i < 2; i++) {
		struct nlattr attr = { (uint16_t)(sizeof(attr) + sizeof(algo[i]) + 32),
				       (uint16_t)types[i] };

		memcpy((char *)&request + len, &attr, sizeof(attr));
		memcpy((char *)&request + len + sizeof(attr), &algo[i], sizeof(algo[i]));
		len += NLA_ALIGN(attr.nla_len); /* the key stays zero */
	}
	request.head.nlmsg_len = (uint32_t)len;
	return fd >= 0 && send(fd, &request, len, 0) == (ssize_t)len &&
	       recv(fd, &reply, sizeof(reply), 0) > 0 && reply.head.nlmsg_type == NLMSG_ERROR &&
	       !reply.answer.error;
}

bool tunnel_try_xfrm(void)
{
	struct err err = { 0 };
	struct work work = { .sock = rtnl_open(&err) };
	int rc;

	if (!work.sock)
		return false;
	rtnl_batch_init(&work.batch);
	rtnl_batch_use(&work.batch, work.sock);
	rc = add_xfrm(&work, "tun0", 100, LOOPBACK_IFINDEX, &err);
	return !work_end(&work, rc, &err) && try_state();
}
