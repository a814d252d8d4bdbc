/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/rtnl_batch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netlink/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH_BYTES (96 * 1024) /* at most; and what the socket takes at once */
#define SEND_BUFFER                                                                                \
	(128 * 1024) /* libnl would set it to 32 KiB, of which the kernel takes twice              \
		      */
#define BATCH_MESSAGES 1024
#define MESSAGE_BYTES  4096

void rtnl_batch_init(struct rtnl_batch *batch)
{
	*batch = (struct rtnl_batch){ .next_seq = 1 };
	batch->msg = nlmsg_alloc_size(MESSAGE_BYTES);
	batch->bytes = malloc(BATCH_BYTES + MESSAGE_BYTES);
	batch->step_of = calloc(BATCH_MESSAGES, sizeof(*batch->step_of));
	if (!batch->msg || !batch->bytes || !batch->step_of)
		abort();
}

void rtnl_batch_fini(struct rtnl_batch *batch)
{
	nlmsg_free(batch->msg);
	free(batch->bytes);
	free(batch->step_of);
	*batch = (struct rtnl_batch){ 0 };
}

struct nl_sock *rtnl_open(struct err *err)
{
	struct nl_sock *sock = nl_socket_alloc();
	int rc, one = 1;

	if (!sock)
		abort();
	rc = nl_connect(sock, NETLINK_ROUTE);
	if (rc >= 0)
		rc = nl_socket_set_buffer_size(sock, 0, SEND_BUFFER);
	if (rc < 0) {
		err_set(err, -ENOBUFS, "netlink socket: %s", nl_geterror(rc));
		nl_socket_free(sock);
		return NULL;
	}
	/* refusals without a copy of the message they refuse */
	(void)setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	(void)setsockopt(nl_socket_get_fd(sock), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	return sock;
}

/* The kernel refuses a message, and so a batch, that does not fit the send buffer. */
static size_t send_limit(struct nl_sock *sock)
{
	socklen_t size = sizeof(int);
	int bytes = 0;

	if (getsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_SNDBUF, &bytes, &size) ||
	    bytes <= 2 * MESSAGE_BYTES)
		return MESSAGE_BYTES;
	return (size_t)bytes - MESSAGE_BYTES < BATCH_BYTES ? (size_t)bytes - MESSAGE_BYTES
							   : BATCH_BYTES;
}

void rtnl_batch_use(struct rtnl_batch *batch, struct nl_sock *sock)
{
	batch->sock = sock;
	batch->limit = send_limit(sock);
}

struct nl_msg *rtnl_batch_begin(struct rtnl_batch *batch, int type, int flags, const void *head,
				size_t head_size)
{
	nlmsg_hdr(batch->msg)->nlmsg_len = NLMSG_HDRLEN;
	if (!nlmsg_put(batch->msg, 0, batch->next_seq, type, 0, flags | NLM_F_REQUEST) ||
	    nlmsg_append(batch->msg, (void *)head, head_size, NLMSG_ALIGNTO))
		abort(); /* larger than any message we build */
	return batch->msg;
}

int rtnl_batch_end(struct rtnl_batch *batch, uint32_t step, uint32_t *ret_step, struct err *err)
{
	const struct nlmsghdr *head = nlmsg_hdr(batch->msg);

	if (!batch->count)
		batch->first_seq = batch->next_seq;
	memcpy(batch->bytes + batch->len, head, head->nlmsg_len);
	batch->len += NLMSG_ALIGN(head->nlmsg_len);
	batch->step_of[batch->count++] = step;
	batch->next_seq++;
	if (batch->len < batch->limit && batch->count < BATCH_MESSAGES)
		return 0;
	return rtnl_batch_commit(batch, ret_step, err);
}

/* The kernel's own words about a refusal, when it has some. */
static const char *extended_text(const struct nlmsghdr *h)
{
	const struct nlmsgerr *ack = nlmsg_data(h);
	int offset = (int)sizeof(*ack), left = nlmsg_datalen(h) - offset;
	const struct nlattr *attr = (const struct nlattr *)((const char *)ack + offset);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) || !(h->nlmsg_flags & NLM_F_CAPPED))
		return NULL;
	attr = nla_find((struct nlattr *)attr, left, NLMSGERR_ATTR_MSG);
	return attr ? nla_data(attr) : NULL;
}

/* True when this is the answer to the last message of the batch. */
static bool read_ack(const struct rtnl_batch *batch, const struct nlmsghdr *h, uint32_t *ret_step,
		     struct err *err)
{
	const struct nlmsgerr *ack = nlmsg_data(h);
	uint32_t index = h->nlmsg_seq - batch->first_seq;

	if (h->nlmsg_type != NLMSG_ERROR || index >= batch->count)
		return false;
	if (ack->error && !err->code) {
		const char *text = extended_text(h);

		*ret_step = batch->step_of[index];
		err_set(err, ack->error, "%s%s%s%s", strerror(-ack->error), text ? " (" : "",
			text ? text : "", text ? ")" : "");
	}
	return index == batch->count - 1;
}

/* One acknowledgement, of the last message, says that all were looked at; refusals always come. */
static int send_batch(const struct rtnl_batch *batch, struct err *err)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *last = (struct nlmsghdr *)batch->bytes;

	for (unsigned i = 1; i < batch->count; i++)
		last = (struct nlmsghdr *)((char *)last + NLMSG_ALIGN(last->nlmsg_len));
	last->nlmsg_flags |= NLM_F_ACK;
	if (sendto(nl_socket_get_fd(batch->sock), batch->bytes, batch->len, 0,
		   (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return err_set(err, -errno, "netlink send: %s", strerror(errno));
	return 0;
}

static int receive_acks(const struct rtnl_batch *batch, uint32_t *ret_step, struct err *err)
{
	static char answers[64 * 1024];
	bool is_done = false;
	ssize_t got;

	while (!is_done) {
		struct nlmsghdr *h = (struct nlmsghdr *)answers;
		int left;

		got = recv(nl_socket_get_fd(batch->sock), answers, sizeof(answers), 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(err, -errno, "netlink receive: %s", strerror(errno));
		for (left = (int)got; nlmsg_ok(h, left); h = nlmsg_next(h, &left))
			is_done |= read_ack(batch, h, ret_step, err);
	}
	return err->code;
}

int rtnl_batch_commit(struct rtnl_batch *batch, uint32_t *ret_step, struct err *err)
{
	struct err failure = { 0 };
	int rc = 0;

	if (!batch->count)
		return 0;
	*ret_step = batch->step_of[0];
	rc = send_batch(batch, &failure);
	if (!rc)
		rc = receive_acks(batch, ret_step, &failure);
	batch->len = 0;
	batch->count = 0;
	return rc ? err_set(err, rc, "%s", failure.text) : 0;
}
