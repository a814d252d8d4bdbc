/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/nflog.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONFIG          (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG)
#define PACKET          (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)
#define RECEIVE_BUFFER  (8 * 1024 * 1024)
#define KERNEL_BUFFER   (32 * 1024) /* messages gather in it, ... */
#define GATHER_MESSAGES 64          /* ... as many as these at most, ... */
#define GATHER_TIME     1           /* ... and this long, in hundredths of a second */
#define SNAPLEN         128         /* of packets whose rule names no other */
#define ANSWER_S        5

static int add_settings(struct nl_msg *msg)
{
	struct nfulnl_msg_config_cmd bind = { .command = NFULNL_CFG_CMD_BIND };
	struct nfulnl_msg_config_mode mode = { .copy_range = htonl(SNAPLEN),
					       .copy_mode = NFULNL_COPY_PACKET };

	if (nla_put(msg, NFULA_CFG_CMD, sizeof(bind), &bind) ||
	    nla_put(msg, NFULA_CFG_MODE, sizeof(mode), &mode) ||
	    nla_put_u32(msg, NFULA_CFG_NLBUFSIZ, htonl(KERNEL_BUFFER)) ||
	    nla_put_u32(msg, NFULA_CFG_QTHRESH, htonl(GATHER_MESSAGES)) ||
	    nla_put_u32(msg, NFULA_CFG_TIMEOUT, htonl(GATHER_TIME)) ||
	    nla_put_u16(msg, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ)))
		return -ENOMEM;
	return 0;
}

static int send_settings(int fd, uint16_t group)
{
	struct nfgenmsg head = { AF_UNSPEC, NFNETLINK_V0, htons(group) };
	struct nl_msg *msg = nlmsg_alloc_simple(CONFIG, NLM_F_REQUEST | NLM_F_ACK);
	int rc = -ENOMEM;

	if (msg && !nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) && !add_settings(msg)) {
		nlmsg_hdr(msg)->nlmsg_seq = 1;
		rc = send(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) < 0 ? -errno : 0;
	}
	nlmsg_free(msg);
	return rc;
}

/* The kernel's word on our settings; packets may be logged before it comes. */
static int receive_answer(int fd)
{
	static char bytes[KERNEL_BUFFER * 2] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) >= 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			if (h->nlmsg_type == NLMSG_ERROR &&
			    nlmsg_datalen(h) >= (int)sizeof(struct nlmsgerr))
				return ((struct nlmsgerr *)nlmsg_data(h))->error;
	}
	return errno == EAGAIN ? -ETIMEDOUT : -errno;
}

/* Ordinary users get what the system lets them have. */
static void enlarge(int fd)
{
	int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

int nflog_open(uint16_t group, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	struct timeval wait = { .tv_sec = ANSWER_S }, forever = { 0 };
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int yes = 1, flags = fd < 0 ? -1 : fcntl(fd, F_GETFL), rc;

	if (flags < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &yes, sizeof(yes)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)))
		return err_set(err, -errno, "flow log: %s", strerror(errno));
	enlarge(fd);
	rc = send_settings(fd, group);
	if (!rc)
		rc = receive_answer(fd);
	if (rc)
		return err_set(err, rc, "flow log, group %u: %s", group,
			       rc == -EPERM ? "another program reads it, or we may not"
					    : strerror(-rc));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return err_set(err, -errno, "flow log: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

static uint32_t number_of(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? ntohl(nla_get_u32(attr)) : 0;
}

bool nflog_parse(const struct nlmsghdr *h, struct nflog_message *ret_message)
{
	static const struct nla_policy policy[NFULA_MAX + 1];
	struct nlattr *attrs[NFULA_MAX + 1], *prefix, *packet;
	struct nflog_message m = { 0 };

	if (h->nlmsg_type != PACKET || nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg),
						   attrs, NFULA_MAX, policy) < 0)
		return false;
	prefix = attrs[NFULA_PREFIX];
	packet = attrs[NFULA_PAYLOAD];
	if (prefix)
		(void)snprintf(m.prefix, sizeof(m.prefix), "%.*s", nla_len(prefix),
			       (const char *)nla_data(prefix));
	m.mark = number_of(attrs[NFULA_MARK]);
	m.in = number_of(attrs[NFULA_IFINDEX_INDEV]);
	m.out = number_of(attrs[NFULA_IFINDEX_OUTDEV]);
	m.sequence = number_of(attrs[NFULA_SEQ]);
	if (packet) {
		m.packet = nla_data(packet);
		m.packet_size = (size_t)nla_len(packet);
	}
	*ret_message = m;
	return true;
}

uint32_t nflog_dropped(int fd)
{
	uint32_t values[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(values);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, values, &size))
		return 0;
	return values[SK_MEMINFO_DROPS];
}
