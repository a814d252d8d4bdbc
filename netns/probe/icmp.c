/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/icmp.h"

#include "lab/base/inet_sum.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Tells our packets from those of ping in the same namespace. */
static const uint8_t magic[8] = { 'h', 'u', 'b', 'l', 'a', 'b', 0, 1 };

#define FIRST_FLOW 0x4000u

struct packet {
	struct icmphdr head;
	uint8_t magic[8];
	uint32_t owner; /* in network order, for the filter */
	uint32_t probe;
	uint64_t sent_ns;
	uint8_t fill[]; /* zeros */
};

#define DATA_BYTES 56 /* behind the header, as ping sends */

uint32_t icmp_new_owner(void)
{
	static uint32_t last;

	/* other processes send in the same namespaces, and count as well */
	if (!last && getrandom(&last, sizeof(last), 0) != (ssize_t)sizeof(last))
		last = (uint32_t)getpid() << 16;
	return ++last;
}

/* What is another's is dropped before it wakes anybody. Packets begin with their IP header. */
static int hear_only(int fd, uint32_t owner)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_IND, offsetof(struct packet, owner)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, owner, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int icmp_prepare(int fd, uint32_t owner)
{
	struct icmp_filter filter = { .data = ~(1u << ICMP_ECHOREPLY) };
	int one = 1;

	if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) || hear_only(fd, owner))
		return -errno;
	return 0;
}

static uint64_t realtime_ns(struct timespec t)
{
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint16_t icmp_new_flow(void)
{
	static uint16_t last;

	if (last < FIRST_FLOW)
		last = FIRST_FLOW;
	return last++;
}

static int set_fragments(int fd, int how)
{
	return setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &how, sizeof(how));
}

/* Zeros are nothing in a checksum: it is that of the beginning, whatever the size. */
static bool send_echo(int fd, struct ip to, struct packet *packet, size_t bytes)
{
	static char zeros[UINT16_MAX];
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(ip_v4(to)) };
	const size_t own = offsetof(struct packet, fill), size = sizeof(packet->head) + bytes;
	struct iovec parts[] = { { .iov_base = packet, .iov_len = own },
				 { .iov_base = zeros, .iov_len = size - own } };
	struct msghdr msg = { .msg_name = &address,
			      .msg_namelen = sizeof(address),
			      .msg_iov = parts,
			      .msg_iovlen = ARRAY_SIZE(parts) };

	packet->head.checksum = htons(inet_sum_fold(inet_sum_add(0, packet, own)));
	return sendmsg(fd, &msg, 0) >= 0;
}

uint64_t icmp_send(int fd, struct ip to, const struct icmp_echo *echo)
{
	struct packet packet = { .head = { .type = ICMP_ECHO } };
	struct timespec now;
	bool is_sent;
	int error;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	packet.head.un.echo.id = htons(echo->flow);
	packet.head.un.echo.sequence = htons(echo->sequence);
	memcpy(packet.magic, magic, sizeof(magic));
	packet.owner = htonl(echo->owner);
	packet.probe = echo->probe;
	packet.sent_ns = realtime_ns(now);
	if (!echo->bytes)
		return send_echo(fd, to, &packet, DATA_BYTES) ? packet.sent_ns : 0;
	/* others are sent by the same socket; what the kernel has learned of the way is no matter
	 */
	if (set_fragments(fd, echo->dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT))
		return 0;
	is_sent = send_echo(fd, to, &packet, echo->bytes);
	error = errno;
	if (set_fragments(fd, IP_PMTUDISC_WANT))
		return 0;
	errno = error;
	return is_sent ? packet.sent_ns : 0;
}

bool icmp_receive(int fd, uint32_t owner, struct icmp_reply *ret_reply, bool *ret_more)
{
	struct {
		struct iphdr ip;
		uint8_t rest[256];
	} bytes = { 0 };
	union {
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = &bytes, .iov_len = sizeof(bytes) };
	struct msghdr msg = { .msg_iov = &part,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	ssize_t got = recvmsg(fd, &msg, 0);
	struct packet packet;
	size_t head;

	*ret_more = got >= 0 || errno == EINTR;
	if (got < (ssize_t)sizeof(bytes.ip))
		return false;
	head = bytes.ip.ihl * 4u;
	if ((size_t)got < head + sizeof(packet))
		return false;
	memcpy(&packet, (char *)&bytes + head, sizeof(packet));
	if (packet.head.type != ICMP_ECHOREPLY || memcmp(packet.magic, magic, sizeof(magic)) ||
	    packet.owner != htonl(owner)) /* it came before the filter did */
		return false;
	*ret_reply = (struct icmp_reply){ .probe = packet.probe,
					  .sequence = ntohs(packet.head.un.echo.sequence),
					  .ttl = bytes.ip.ttl,
					  .sent_ns = packet.sent_ns };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		ret_reply->received_ns = realtime_ns(t);
	}
	return true;
}

#define AT_ONCE 64

void icmp_receive_all(int fd, uint32_t owner, void (*fn)(void *arg, const struct icmp_reply *reply),
		      void *arg)
{
	struct icmp_reply reply;
	bool more = true;

	for (int i = 0; i < AT_ONCE && more; i++)
		if (icmp_receive(fd, owner, &reply, &more))
			fn(arg, &reply);
}
