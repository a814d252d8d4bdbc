/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/nft_trace.h"

#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <linux/icmp.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NFT(type)      (NFNL_SUBSYS_NFTABLES << 8 | (type))
#define RECEIVE_BUFFER (16 << 20) /* a packet that goes round is told 64 times */
#define ANSWER_MS      1000
#define PRIORITY       (-1000000) /* before whatever else may drop it */
#define FAMILY_INET                                                                                \
	1 /* NFPROTO_INET, NF_INET_*, NF_DROP: their header and libc's do not go together */
#define HOOK_PREROUTING 0
#define HOOK_OUTPUT     3
#define DROP            0
#define RST             0x04
#define SYN_OR_RST      0x06
#define TCP_FLAGS       13 /* bytes from the beginning of the header */
#define ICMP_ID         4
#define ICMP_INNER      28 /* the ports of what an ICMP error is about, without IP options */

/* ---- one transaction, written by hand: what the library makes is removed with its socket ---- */

struct batch {
	int fd;
	uint32_t seq;
	char table[NFT_NAME_MAX];
	struct nl_msg *msg; /* that is being written */
	char bytes[8192];
	size_t used;
};

static struct nl_msg *begin(struct batch *b, int type, int flags, uint8_t family, uint16_t resource)
{
	struct nfgenmsg head = { .nfgen_family = family,
				 .version = NFNETLINK_V0,
				 .res_id = htons(resource) };

	b->msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);
	if (!b->msg || nlmsg_append(b->msg, &head, sizeof(head), NLMSG_ALIGNTO))
		abort();
	nlmsg_hdr(b->msg)->nlmsg_seq = ++b->seq;
	return b->msg;
}

static void end(struct batch *b)
{
	const struct nlmsghdr *h = nlmsg_hdr(b->msg);
	size_t size = NLMSG_ALIGN(h->nlmsg_len);

	if (b->used + size > sizeof(b->bytes))
		abort(); /* they are few, and always the same */
	memcpy(b->bytes + b->used, h, h->nlmsg_len);
	b->used += size;
	nlmsg_free(b->msg);
	b->msg = NULL;
}

static struct nl_msg *begin_object(struct batch *b, int type)
{
	return begin(b, NFT(type), NLM_F_CREATE | NLM_F_ACK, FAMILY_INET, 0);
}

static void put_table(struct batch *b)
{
	struct nl_msg *msg = begin_object(b, NFT_MSG_NEWTABLE);

	NLA_PUT_STRING(msg, NFTA_TABLE_NAME, b->table);
	NLA_PUT_U32(msg, NFTA_TABLE_FLAGS, htonl(NFT_TABLE_F_OWNER));
	end(b);
	return;
nla_put_failure:
	abort();
}

static void put_chain(struct batch *b, const char *name, uint32_t hook_number)
{
	struct nl_msg *msg = begin_object(b, NFT_MSG_NEWCHAIN);
	struct nlattr *hook;

	NLA_PUT_STRING(msg, NFTA_CHAIN_TABLE, b->table);
	NLA_PUT_STRING(msg, NFTA_CHAIN_NAME, name);
	NLA_PUT_STRING(msg, NFTA_CHAIN_TYPE, "filter");
	hook = nla_nest_start(msg, NFTA_CHAIN_HOOK);
	NLA_PUT_U32(msg, NFTA_HOOK_HOOKNUM, htonl(hook_number));
	NLA_PUT_U32(msg, NFTA_HOOK_PRIORITY, htonl((uint32_t)PRIORITY));
	nla_nest_end(msg, hook);
	end(b);
	return;
nla_put_failure:
	abort();
}

/* ---- expressions: each loads something into register 1, or looks at it ---- */

struct expression {
	struct nlattr *element, *data;
};

static struct expression begin_expression(struct nl_msg *msg, const char *name)
{
	struct expression e = { .element = nla_nest_start(msg, NFTA_LIST_ELEM) };

	if (nla_put_string(msg, NFTA_EXPR_NAME, name))
		abort();
	e.data = nla_nest_start(msg, NFTA_EXPR_DATA);
	return e;
}

static void end_expression(struct nl_msg *msg, struct expression e)
{
	nla_nest_end(msg, e.data);
	nla_nest_end(msg, e.element);
}

static void put_number(struct nl_msg *msg, int type, uint32_t number)
{
	if (nla_put_u32(msg, type, htonl(number)))
		abort();
}

static void put_value(struct nl_msg *msg, int type, const void *value, int size)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (!nest || nla_put(msg, NFTA_DATA_VALUE, size, value))
		abort();
	nla_nest_end(msg, nest);
}

static void put_compare(struct nl_msg *msg, enum nft_cmp_ops op, const void *value, int size)
{
	struct expression e = begin_expression(msg, "cmp");

	put_number(msg, NFTA_CMP_SREG, NFT_REG_1);
	put_number(msg, NFTA_CMP_OP, op);
	put_value(msg, NFTA_CMP_DATA, value, size);
	end_expression(msg, e);
}

static void put_protocol(struct nl_msg *msg, uint8_t protocol)
{
	struct expression e = begin_expression(msg, "meta");

	put_number(msg, NFTA_META_KEY, NFT_META_L4PROTO);
	put_number(msg, NFTA_META_DREG, NFT_REG_1);
	end_expression(msg, e);
	put_compare(msg, NFT_CMP_EQ, &protocol, sizeof(protocol));
}

static void put_payload(struct nl_msg *msg, uint32_t offset, uint32_t size)
{
	struct expression e = begin_expression(msg, "payload");

	put_number(msg, NFTA_PAYLOAD_DREG, NFT_REG_1);
	put_number(msg, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	put_number(msg, NFTA_PAYLOAD_OFFSET, offset);
	put_number(msg, NFTA_PAYLOAD_LEN, size);
	end_expression(msg, e);
}

static void put_syn_or_rst(struct nl_msg *msg)
{
	static const uint8_t mask = SYN_OR_RST, none;
	struct expression e;

	put_payload(msg, TCP_FLAGS, sizeof(mask));
	e = begin_expression(msg, "bitwise");
	put_number(msg, NFTA_BITWISE_SREG, NFT_REG_1);
	put_number(msg, NFTA_BITWISE_DREG, NFT_REG_1);
	put_number(msg, NFTA_BITWISE_LEN, sizeof(mask));
	put_value(msg, NFTA_BITWISE_MASK, &mask, sizeof(mask));
	put_value(msg, NFTA_BITWISE_XOR, &none, sizeof(none));
	end_expression(msg, e);
	put_compare(msg, NFT_CMP_NEQ, &none, sizeof(none));
}

/* meta nftrace set 1 */
static void put_trace(struct nl_msg *msg)
{
	static const uint8_t one = 1;
	struct expression e = begin_expression(msg, "immediate");

	put_number(msg, NFTA_IMMEDIATE_DREG, NFT_REG_1);
	put_value(msg, NFTA_IMMEDIATE_DATA, &one, sizeof(one));
	end_expression(msg, e);
	e = begin_expression(msg, "meta");
	put_number(msg, NFTA_META_KEY, NFT_META_NFTRACE);
	put_number(msg, NFTA_META_SREG, NFT_REG_1);
	end_expression(msg, e);
}

/* Whose two bytes at `offset` of the header behind IP's are the flow's own. */
static void put_rule(struct batch *b, const char *chain, const struct nft_traced_flow *flow,
		     uint8_t protocol, uint32_t offset)
{
	struct nl_msg *msg = begin_object(b, NFT_MSG_NEWRULE);
	uint16_t id = htons(flow->id);
	struct nlattr *expressions;

	NLA_PUT_STRING(msg, NFTA_RULE_TABLE, b->table);
	NLA_PUT_STRING(msg, NFTA_RULE_CHAIN, chain);
	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_APPEND;
	expressions = nla_nest_start(msg, NFTA_RULE_EXPRESSIONS);
	put_protocol(msg, protocol);
	put_payload(msg, offset, sizeof(id));
	put_compare(msg, NFT_CMP_EQ, &id, sizeof(id));
	if (protocol == IPPROTO_TCP)
		put_syn_or_rst(msg);
	put_trace(msg);
	nla_nest_end(msg, expressions);
	end(b);
	return;
nla_put_failure:
	abort();
}

static void put_rules(struct batch *b, const char *chain, const struct nft_traced_flow *flow)
{
	if (flow->protocol == IPPROTO_ICMP) {
		put_rule(b, chain, flow, IPPROTO_ICMP, ICMP_ID);
		return;
	}
	put_rule(b, chain, flow, flow->protocol, 0);
	put_rule(b, chain, flow, flow->protocol, sizeof(uint16_t));
	put_rule(b, chain, flow, IPPROTO_ICMP, ICMP_INNER);
}

/* The kernel acknowledges each object, and says of each what it has against it. */
static int read_acks(struct batch *b, uint32_t first, uint32_t last, struct err *err)
{
	struct pollfd readable = { .fd = b->fd, .events = POLLIN };
	char bytes[16 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));

	while (poll(&readable, 1, ANSWER_MS) == 1) {
		ssize_t got = recv(b->fd, bytes, sizeof(bytes), 0);
		const struct nlmsghdr *h = (const struct nlmsghdr *)bytes;

		if (got < 0)
			return err_set(err, -errno, "trace by nftables: %s", strerror(errno));
		for (int left = (int)got; nlmsg_ok(h, left);
		     h = nlmsg_next((struct nlmsghdr *)h, &left)) {
			const struct nlmsgerr *ack = nlmsg_data(h);

			if (h->nlmsg_type != NLMSG_ERROR || h->nlmsg_seq < first)
				continue;
			if (ack->error)
				return err_set(err, ack->error, "trace by nftables: %s",
					       strerror(-ack->error));
			if (h->nlmsg_seq == last)
				return 0;
		}
	}
	return err_set(err, -ETIMEDOUT, "trace by nftables: the kernel does not answer");
}

static int commit(struct batch *b, const struct nft_traced_flow *flow, struct err *err)
{
	static const char *const chains[] = { "c_in", "c_out" };
	static const uint32_t hooks[] = { HOOK_PREROUTING, HOOK_OUTPUT };
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	uint32_t first, last;

	begin(b, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	end(b);
	first = b->seq + 1;
	put_table(b);
	for (size_t i = 0; i < ARRAY_SIZE(chains); i++) {
		put_chain(b, chains[i], hooks[i]);
		put_rules(b, chains[i], flow);
	}
	last = b->seq;
	begin(b, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
	end(b);
	if (sendto(b->fd, b->bytes, b->used, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return err_set(err, -errno, "trace by nftables: %s", strerror(errno));
	return read_acks(b, first, last, err);
}

static int open_socket(int *ret_fd, uint32_t *ret_port)
{
	CLEANUP(fd_cleanup)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_NETFILTER);
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	socklen_t len = sizeof(name);
	int size = RECEIVE_BUFFER;

	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) ||
	    getsockname(fd, (struct sockaddr *)&name, &len))
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*ret_port = name.nl_pid;
	*ret_fd = fd_take(&fd);
	return 0;
}

int nft_trace_open(const struct nft_traced_flow *flow, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	int group = NFNLGRP_NFTRACE, rc;
	struct batch batch = { 0 };
	uint32_t port = 0;

	rc = open_socket(&fd, &port);
	if (rc)
		return err_set(err, rc, "trace by nftables: %s", strerror(-rc));
	batch.fd = fd;
	(void)snprintf(batch.table, sizeof(batch.table), NFT_TRACE_TABLE "_%u", port);
	if (commit(&batch, flow, err))
		return err->code;
	if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
		return err_set(err, -errno, "trace by nftables: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

/* ---- what the kernel says ---- */

/* An attribute of at least so many bytes; NULL: it is not there. */
static const void *bytes_of(struct nlattr *attr, int size)
{
	return attr && nla_len(attr) >= size ? nla_data(attr) : NULL;
}

static uint32_t number_of(struct nlattr *attr)
{
	return bytes_of(attr, sizeof(uint32_t)) ? ntohl(nla_get_u32(attr)) : 0;
}

static void copy_name(struct nlattr *attr, char *name)
{
	*name = '\0';
	if (attr)
		(void)snprintf(name, NFT_NAME_MAX, "%.*s", nla_len(attr),
			       (const char *)nla_data(attr));
}

static int parse_nested(struct nlattr *attr, struct nlattr **attrs, int max)
{
	static const struct nla_policy any[64]; /* more than any of theirs */

	return attr && max < (int)ARRAY_SIZE(any) ? nla_parse_nested(attrs, max, attr, any) : -1;
}

static bool is_drop(struct nlattr *verdict)
{
	struct nlattr *attrs[NFTA_VERDICT_MAX + 1];

	return parse_nested(verdict, attrs, NFTA_VERDICT_MAX) >= 0 &&
	       bytes_of(attrs[NFTA_VERDICT_CODE], sizeof(uint32_t)) &&
	       number_of(attrs[NFTA_VERDICT_CODE]) == DROP;
}

/* Is it of the flow, and which way does it go? */
static bool read_header(const struct nft_traced_flow *flow, const uint8_t *header, int size,
			uint8_t protocol, bool *ret_is_back)
{
	uint16_t first, second, own = htons(flow->id);
	bool is_icmp = protocol == IPPROTO_ICMP;

	if (size < 8)
		return false;
	memcpy(&first, header, sizeof(first));
	memcpy(&second, header + sizeof(first), sizeof(second));
	if (is_icmp && flow->protocol == IPPROTO_ICMP) {
		memcpy(&first, header + ICMP_ID, sizeof(first));
		*ret_is_back = *header == ICMP_ECHOREPLY;
		return first == own;
	}
	*ret_is_back = is_icmp || first != own;
	/* what an error is about is behind the bytes that are told: our own rule knew it */
	if (is_icmp)
		return *header == ICMP_DEST_UNREACH || *header == ICMP_TIME_EXCEEDED;
	return protocol == flow->protocol && (first == own || second == own);
}

static uint8_t protocol_of(const uint8_t *network, int size)
{
	if (size >= 20 && *network >> 4 == 4)
		return network[9];
	return size >= 40 && *network >> 4 == 6 ? network[6] : 0;
}

/* Headers and interfaces stand in what a chain says first of a packet. */
static void read_packet(struct nft_trace_reader *reader, const struct nft_traced_flow *flow,
			struct nlattr **a)
{
	struct nlattr *network = a[NFTA_TRACE_NETWORK_HEADER];
	struct nlattr *transport = a[NFTA_TRACE_TRANSPORT_HEADER];
	struct nft_trace_reader before = *reader;

	*reader = (struct nft_trace_reader){ 0 };
	if (!transport ||
	    !read_header(flow, nla_data(transport), nla_len(transport),
			 protocol_of(nla_data(network), nla_len(network)), &reader->is_back))
		return;
	reader->packet = number_of(a[NFTA_TRACE_ID]);
	reader->iif = number_of(a[NFTA_TRACE_IIF]);
	reader->oif = number_of(a[NFTA_TRACE_OIF]);
	if (!reader->iif && reader->packet == before.packet)
		reader->iif = before.iif; /* behind the route it is told no more */
}

bool nft_trace_parse(struct nft_trace_reader *reader, const struct nft_traced_flow *flow,
		     const struct nlmsghdr *h, struct nft_traced *ret_traced)
{
	static const struct nla_policy any[NFTA_TRACE_MAX + 1];
	struct nlattr *a[NFTA_TRACE_MAX + 1];
	struct nft_traced t;
	uint32_t type;

	if (h->nlmsg_type != NFT(NFT_MSG_TRACE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg), a, NFTA_TRACE_MAX, any) < 0)
		return false;
	if (a[NFTA_TRACE_NETWORK_HEADER])
		read_packet(reader, flow, a);
	t = (struct nft_traced){ .packet = number_of(a[NFTA_TRACE_ID]),
				 .iif = reader->iif,
				 .oif = reader->oif,
				 .is_back = reader->is_back,
				 .family = ((const struct nfgenmsg *)nlmsg_data(h))->nfgen_family };
	if (!t.packet || t.packet != reader->packet)
		return false;
	type = number_of(a[NFTA_TRACE_TYPE]);
	copy_name(a[NFTA_TRACE_TABLE], t.table);
	copy_name(a[NFTA_TRACE_CHAIN], t.chain);
	if (type == NFT_TRACETYPE_RULE && bytes_of(a[NFTA_TRACE_RULE_HANDLE], sizeof(uint64_t))) {
		t.rule = be64toh(nla_get_u64(a[NFTA_TRACE_RULE_HANDLE]));
		t.is_drop = is_drop(a[NFTA_TRACE_VERDICT]);
	} else if (type == NFT_TRACETYPE_POLICY && a[NFTA_TRACE_POLICY]) {
		t.is_drop = number_of(a[NFTA_TRACE_POLICY]) == DROP;
	} else {
		return false;
	}
	*ret_traced = t;
	return strncmp(t.table, NFT_TRACE_TABLE, strlen(NFT_TRACE_TABLE)) != 0;
}

/* ---- rules ---- */

static void read_log(struct nlattr *element, char *prefix, size_t size)
{
	struct nlattr *expression[NFTA_EXPR_MAX + 1], *log[NFTA_LOG_MAX + 1];

	if (parse_nested(element, expression, NFTA_EXPR_MAX) < 0 || !expression[NFTA_EXPR_NAME] ||
	    strncmp(nla_data(expression[NFTA_EXPR_NAME]), "log",
		    (size_t)nla_len(expression[NFTA_EXPR_NAME])) != 0 ||
	    parse_nested(expression[NFTA_EXPR_DATA], log, NFTA_LOG_MAX) < 0 ||
	    !log[NFTA_LOG_PREFIX])
		return;
	(void)snprintf(prefix, size, "%.*s", nla_len(log[NFTA_LOG_PREFIX]),
		       (const char *)nla_data(log[NFTA_LOG_PREFIX]));
}

static int read_rule(const struct nlmsghdr *h, char *prefix, size_t size, struct err *err)
{
	static const struct nla_policy any[NFTA_RULE_MAX + 1];
	struct nlattr *a[NFTA_RULE_MAX + 1], *element;
	const struct nlmsgerr *refusal = nlmsg_data(h);
	int left;

	if (h->nlmsg_type == NLMSG_ERROR)
		return err_set(err, refusal->error, "%s", strerror(-refusal->error));
	if (h->nlmsg_type != NFT(NFT_MSG_NEWRULE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg), a, NFTA_RULE_MAX, any) < 0)
		return err_set(err, -EPROTO, "the kernel answers something else");
	if (!a[NFTA_RULE_EXPRESSIONS])
		return 0;
	left = nla_len(a[NFTA_RULE_EXPRESSIONS]);
	for (element = nla_data(a[NFTA_RULE_EXPRESSIONS]); nla_ok(element, left);
	     element = nla_next(element, &left))
		read_log(element, prefix, size);
	return 0;
}

int nft_trace_rule(const struct nft_traced *traced, char *prefix, size_t size, struct err *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	CLEANUP(fd_cleanup) int fd = -1;
	struct batch b = { 0 };
	struct pollfd readable;
	uint32_t port = 0;
	ssize_t got;
	int rc = open_socket(&fd, &port);
	union {
		struct nlmsghdr head;
		char bytes[16 * 1024];
	} answer;

	*prefix = '\0';
	if (rc)
		return err_set(err, rc, "%s", strerror(-rc));
	(void)begin(&b, NFT(NFT_MSG_GETRULE), 0, traced->family, 0);
	if (nla_put_string(b.msg, NFTA_RULE_TABLE, traced->table) ||
	    nla_put_string(b.msg, NFTA_RULE_CHAIN, traced->chain) ||
	    nla_put_u64(b.msg, NFTA_RULE_HANDLE, htobe64(traced->rule)))
		abort();
	end(&b);
	if (sendto(fd, b.bytes, b.used, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	readable = (struct pollfd){ .fd = fd, .events = POLLIN };
	got = poll(&readable, 1, ANSWER_MS) == 1 ? recv(fd, &answer, sizeof(answer), 0) : -1;
	if (got < (ssize_t)sizeof(answer.head) || answer.head.nlmsg_len > (size_t)got)
		return err_set(err, -ETIMEDOUT, "the kernel does not answer");
	return read_rule(&answer.head, prefix, size, err);
}

/* ---- events ---- */

bool nft_trace_is_own(const struct nlmsghdr *h)
{
	static const struct nla_policy any[NFTA_TABLE_MAX + 1];
	struct nlattr *a[NFTA_TABLE_MAX + 1];
	char name[NFT_NAME_MAX];

	if (h->nlmsg_type != NFT(NFT_MSG_NEWTABLE) ||
	    nlmsg_parse((struct nlmsghdr *)h, sizeof(struct nfgenmsg), a, NFTA_TABLE_MAX, any) < 0)
		return false;
	copy_name(a[NFTA_TABLE_NAME], name);
	return number_of(a[NFTA_TABLE_FLAGS]) & NFT_TABLE_F_OWNER &&
	       !strncmp(name, NFT_TRACE_TABLE, strlen(NFT_TRACE_TABLE));
}
