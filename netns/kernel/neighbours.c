/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/neighbours.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>
#include <sys/socket.h>

static const struct nla_policy no_policy[NDTA_MAX + 1];

/* One message is of the table, the others are of interfaces. */
static int take(struct nl_msg *msg, void *arg)
{
	struct neighbour_table *table = arg;
	struct nlattr *attrs[NDTA_MAX + 1];
	struct ndt_stats stats;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct ndtmsg), attrs, NDTA_MAX,
			(struct nla_policy *)no_policy) < 0 ||
	    !attrs[NDTA_STATS] || !attrs[NDTA_THRESH3] ||
	    nla_len(attrs[NDTA_STATS]) < (int)sizeof(stats))
		return NL_OK;
	memcpy(&stats, nla_data(attrs[NDTA_STATS]), sizeof(stats));
	table->refusals = stats.ndts_table_fulls;
	table->limit = nla_get_u32(attrs[NDTA_THRESH3]);
	return NL_OK;
}

int neighbour_table_read(struct neighbour_table *ret_table, struct err *err)
{
	struct ndtmsg request = { .ndtm_family = AF_INET };
	struct neighbour_table table = { 0 };
	struct nl_sock *sock = nl_socket_alloc();
	int rc = -NLE_NOMEM;

	if (sock)
		rc = nl_connect(sock, NETLINK_ROUTE);
	if (!rc)
		rc = nl_socket_modify_cb(sock, NL_CB_VALID, NL_CB_CUSTOM, take, &table);
	if (!rc)
		rc = nl_send_simple(sock, RTM_GETNEIGHTBL, NLM_F_DUMP, &request, sizeof(request));
	if (rc >= 0)
		rc = nl_recvmsgs_default(sock);
	nl_socket_free(sock);
	if (rc < 0)
		return err_set(err, -EIO, "the table of neighbours: %s", nl_geterror(rc));
	if (!table.limit)
		return err_set(err, -ENOENT, "the kernel does not tell of its table of neighbours");
	*ret_table = table;
	return 0;
}
