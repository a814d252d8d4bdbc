/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/nsg_trace.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/ns.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define TRACE          (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE)
#define DROP           0 /* NF_DROP, whose header does not go with those of libc */
#define RECEIVE_BUFFER (64 << 20)
#define IDS            4096 /* of packets under way; those of others that share one begin anew */

/* A rule that logs. */
struct handle {
	uint64_t number;
	uint8_t family;
	struct hit_text hit;
};

struct nsg_trace {
	int fd, fabric, home;
	struct handle *handles;
	size_t handle_count;
	/* of which packet the kernel speaks: only its first word on it in a hook has its headers */
	struct {
		uint32_t id;
		struct wire_packet packet;
	} known[IDS];
};

/* ---- the rules ---- */

/* Of one family, as nft lists them: ... log prefix "n I 12 100 A" ... # handle 7 */
static void read_handles(struct nsg_trace *trace, uint8_t family, const char *list)
{
	FILE *in = popen(list, "r");
	char *line = NULL;
	size_t size = 0;

	while (in && getline(&line, &size, in) > 0) {
		const char *prefix = strstr(line, "log prefix \""), *at = strstr(line, "# handle ");
		struct handle *new;

		if (!prefix || !at)
			continue;
		trace->handles = realloc(trace->handles,
					 (trace->handle_count + 1) * sizeof(*trace->handles));
		if (!trace->handles)
			abort();
		new = &trace->handles[trace->handle_count++];
		*new = (struct handle){ .number = strtoull(at + strlen("# handle "), NULL, 10),
					.family = family };
		prefix += strlen("log prefix \"");
		(void)snprintf(new->hit.text, sizeof(new->hit.text), "%.*s",
			       (int)strcspn(prefix, "\""), prefix);
	}
	free(line);
	if (in)
		(void)pclose(in);
}

static const char begin[] = "nft 'add table inet traced; add chain inet traced c_all "
			    "{ type filter hook prerouting priority -450; }; "
			    "add rule inet traced c_all meta nftrace set 1'";
static const char end[] = "nft delete table inet traced";

static int open_socket(struct nsg_trace *trace, struct err *err)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };
	int group = NFNLGRP_NFTRACE, size = RECEIVE_BUFFER;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_NETFILTER);

	trace->fd = fd;
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return err_set(err, -errno, "nftrace: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

static int open_trace(struct nsg_trace *trace, struct err *err)
{
	trace->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (ns_open("fabric", &trace->fabric, err) || ns_enter(trace->fabric, err) ||
	    open_socket(trace, err))
		return err->code;
	read_handles(trace, AF_INET, "nft -a list table ip hublab");
	read_handles(trace, AF_INET6, "nft -a list table ip6 hublab 2>/dev/null");
	if (!trace->handle_count)
		return err_set(err, -ENOENT, "no rule of the fabric logs");
	if (system(begin))
		return err_set(err, -EIO, "nothing can be traced");
	return ns_enter(trace->home, err);
}

struct nsg_trace *nsg_trace_new(struct err *err)
{
	struct nsg_trace *trace = calloc(1, sizeof(*trace));

	if (!trace)
		abort();
	trace->fd = trace->fabric = trace->home = -1;
	if (!open_trace(trace, err))
		return trace;
	nsg_trace_free(trace);
	return NULL;
}

void nsg_trace_free(struct nsg_trace *trace)
{
	struct err err = { 0 };

	if (!trace)
		return;
	if (trace->fabric >= 0 &&
	    (ns_enter(trace->fabric, &err) || system(end) || ns_enter(trace->home, &err)))
		printf("packets are traced still: %s\n", err.text);
	fd_close(&trace->fd);
	fd_close(&trace->fabric);
	fd_close(&trace->home);
	free(trace->handles);
	free(trace);
}

/* ---- what is read ---- */

static const struct handle *find_handle(const struct nsg_trace *trace, uint8_t family,
					uint64_t number)
{
	for (size_t i = 0; i < trace->handle_count; i++)
		if (trace->handles[i].number == number && trace->handles[i].family == family)
			return &trace->handles[i];
	return NULL;
}

/* Both headers as one packet. */
static void note_packet(struct nsg_trace *trace, uint32_t id, struct nlattr *network,
			struct nlattr *transport)
{
	uint8_t bytes[WIRE_HEADERS] = { 0 };
	size_t head = (size_t)nla_len(network), rest = transport ? (size_t)nla_len(transport) : 0;

	if (head > sizeof(bytes))
		return;
	memcpy(bytes, nla_data(network), head);
	if (rest > sizeof(bytes) - head)
		rest = sizeof(bytes) - head;
	if (rest)
		memcpy(bytes + head, nla_data(transport), rest);
	trace->known[id % IDS].id = id;
	if (!wire_parse(bytes, head + rest, &trace->known[id % IDS].packet))
		trace->known[id % IDS].packet = (struct wire_packet){ 0 };
}

static int verdict_of(struct nlattr *verdict)
{
	struct nlattr *attrs[NFTA_VERDICT_MAX + 1];
	static const struct nla_policy policy[NFTA_VERDICT_MAX + 1];

	if (!verdict ||
	    nla_parse_nested(attrs, NFTA_VERDICT_MAX, verdict, (struct nla_policy *)policy) < 0 ||
	    !attrs[NFTA_VERDICT_CODE])
		return NFT_CONTINUE;
	return (int)be32toh(nla_get_u32(attrs[NFTA_VERDICT_CODE]));
}

static void read_message(struct nsg_trace *trace, struct nlmsghdr *h, traced_fn *on_traced,
			 void *arg)
{
	static const struct nla_policy policy[NFTA_TRACE_MAX + 1];
	struct nlattr *a[NFTA_TRACE_MAX + 1];
	const struct nfgenmsg *head = nlmsg_data(h);
	const struct handle *handle;
	struct traced traced;
	uint32_t id;

	if (h->nlmsg_type != TRACE ||
	    nlmsg_parse(h, sizeof(*head), a, NFTA_TRACE_MAX, (struct nla_policy *)policy) < 0 ||
	    !a[NFTA_TRACE_ID])
		return;
	id = nla_get_u32(a[NFTA_TRACE_ID]);
	if (a[NFTA_TRACE_NETWORK_HEADER])
		note_packet(trace, id, a[NFTA_TRACE_NETWORK_HEADER],
			    a[NFTA_TRACE_TRANSPORT_HEADER]);
	if (!a[NFTA_TRACE_RULE_HANDLE] || !a[NFTA_TRACE_TABLE] ||
	    strcmp(nla_get_string(a[NFTA_TRACE_TABLE]), "hublab") != 0 ||
	    trace->known[id % IDS].id != id)
		return;
	handle = find_handle(trace, head->nfgen_family,
			     be64toh(nla_get_u64(a[NFTA_TRACE_RULE_HANDLE])));
	if (!handle)
		return;
	traced = (struct traced){ .hit = handle->hit,
				  .is_drop = verdict_of(a[NFTA_TRACE_VERDICT]) == DROP,
				  .packet = trace->known[id % IDS].packet };
	on_traced(arg, &traced);
}

int nsg_trace_read(struct nsg_trace *trace, traced_fn *on_traced, void *arg, struct err *err)
{
	static char bytes[32 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got;

	while ((got = recv(trace->fd, bytes, sizeof(bytes), 0)) >= 0) {
		struct nlmsghdr *h = (struct nlmsghdr *)bytes;

		for (int left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			read_message(trace, h, on_traced, arg);
	}
	if (errno == ENOBUFS)
		return err_set(err, -ENOBUFS, "more was traced than could be read");
	return 0;
}
