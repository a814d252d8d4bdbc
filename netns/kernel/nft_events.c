/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/nft_events.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NEW_GENERATION (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN)
#define NEW_TABLE      (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE)
#define GET_GENERATION (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN)
#define SEQUENCE       0x6875626c /* of our question: events have that of who made the change */

/*
 * The group also tells every element of every set; a generation comes as a packet of its own, and
 * what begins with a table says whose it is.
 */
static int filter(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NEW_GENERATION), 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NEW_TABLE), 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htons(NLMSG_ERROR), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ~0u),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int nft_events_open(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int group = NFNLGRP_NFTABLES;

	if (fd < 0 || filter(fd) || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return err_set(err, -errno, "events of nftables: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

int nft_events_ask(int fd)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
	} message = { { sizeof(message), GET_GENERATION, NLM_F_REQUEST, SEQUENCE, 0 },
		      { AF_UNSPEC, NFNETLINK_V0, 0 } };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };

	return sendto(fd, &message, sizeof(message), 0, (struct sockaddr *)&kernel,
		      sizeof(kernel)) < 0
		       ? -errno
		       : 0;
}

static uint32_t number_of(struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? ntohl(nla_get_u32(attr)) : 0;
}

bool nft_events_parse(const struct nlmsghdr *h, struct nft_generation *ret_generation)
{
	static const struct nla_policy policy[NFTA_GEN_MAX + 1];
	struct nlattr *attrs[NFTA_GEN_MAX + 1], *process;
	struct nft_generation g = { 0 };

	if (h->nlmsg_type != NEW_GENERATION ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg), attrs, NFTA_GEN_MAX,
			policy) < 0 ||
	    !attrs[NFTA_GEN_ID])
		return false;
	g.number = number_of(attrs[NFTA_GEN_ID]);
	g.pid = number_of(attrs[NFTA_GEN_PROC_PID]);
	process = attrs[NFTA_GEN_PROC_NAME];
	if (process)
		(void)snprintf(g.process, sizeof(g.process), "%.*s", nla_len(process),
			       (const char *)nla_data(process));
	g.is_answer = h->nlmsg_seq == SEQUENCE;
	*ret_generation = g;
	return true;
}
