/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/route_flush.h"

#include "lab/base/macros.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Copies of the messages of a dump, one behind the other. */
struct found {
	char *bytes;
	size_t len;
};

#define RTPROT_ZSTATIC 196 /* FRR's own number for what staticd says */

/* Those of BIRD, and of FRR's zebra. */
static bool is_learned(const struct rtmsg *route)
{
	return route->rtm_protocol == RTPROT_BIRD || route->rtm_protocol == RTPROT_ZEBRA ||
	       route->rtm_protocol == RTPROT_BGP || route->rtm_protocol == RTPROT_ZSTATIC;
}

static int note(struct nl_msg *msg, void *arg)
{
	const struct nlmsghdr *h = nlmsg_hdr(msg);
	struct found *found = arg;

	if (h->nlmsg_type != RTM_NEWROUTE || !is_learned(nlmsg_data(h)))
		return NL_OK;
	found->bytes = realloc(found->bytes, found->len + NLMSG_ALIGN(h->nlmsg_len));
	if (!found->bytes)
		abort();
	memcpy(found->bytes + found->len, h, h->nlmsg_len);
	found->len += NLMSG_ALIGN(h->nlmsg_len);
	return NL_OK;
}

static int dump(struct nl_sock *sock, struct found *found)
{
	struct rtmsg any = { .rtm_family = AF_UNSPEC };
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int rc;

	if (!cb)
		abort();
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, note, found);
	rc = nl_send_simple(sock, RTM_GETROUTE, NLM_F_DUMP, &any, sizeof(any));
	if (rc >= 0)
		rc = nl_recvmsgs(sock, cb);
	nl_cb_put(cb);
	return rc < 0 ? rc : 0;
}

/*
 * The message that tells of a route takes it away, too, but for its next hops where they stand in
 * an object of their own, as zebra's do: the kernel wants to hear of one or the other.
 */
static struct nl_msg *removal(const struct nlmsghdr *h)
{
	static const int others[] = { RTA_GATEWAY, RTA_VIA, RTA_OIF, RTA_MULTIPATH, RTA_PREFSRC };
	bool has_object = nlmsg_find_attr((struct nlmsghdr *)h, sizeof(struct rtmsg), RTA_NH_ID);
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_DELROUTE, NLM_F_ACK);
	const struct nlattr *attr;
	int left;

	if (!msg || nlmsg_append(msg, nlmsg_data(h), sizeof(struct rtmsg), NLMSG_ALIGNTO))
		abort();
	nlmsg_for_each_attr(attr, (struct nlmsghdr *)h, sizeof(struct rtmsg), left)
	{
		bool is_left_out = false;

		for (size_t i = 0; has_object && i < ARRAY_SIZE(others); i++)
			is_left_out |= nla_type(attr) == others[i];
		if (!is_left_out && nla_put(msg, nla_type(attr), nla_len(attr), nla_data(attr)))
			abort();
	}
	return msg;
}

static int take_away(struct nl_sock *sock, const struct nlmsghdr *h)
{
	struct nl_msg *msg = removal(h);
	int rc = nl_send_auto(sock, msg);

	nlmsg_free(msg);
	if (rc >= 0)
		rc = nl_wait_for_ack(sock);
	return rc == -NLE_OBJ_NOTFOUND ? 0 : rc; /* a link that went took it along */
}

int route_flush_learned(struct nl_sock *sock, struct err *err)
{
	struct found found = { 0 };
	int rc = dump(sock, &found);

	for (size_t at = 0; rc >= 0 && at < found.len;) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)(found.bytes + at);

		rc = take_away(sock, h);
		at += NLMSG_ALIGN(h->nlmsg_len);
	}
	free(found.bytes);
	if (rc < 0)
		return err_set(err, -EIO, "routes that a daemon left: %s", nl_geterror(rc));
	return 0;
}
