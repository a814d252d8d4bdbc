/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/icmp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/icmp.h>
#include <linux/ip.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* Tells our packets from those of ping in the same namespace. */
static const uint8_t magic[8] = { 'h', 'u', 'b', 'l', 'a', 'b', 0, 1 };

struct packet {
	struct icmphdr head;
	uint8_t magic[8];
	uint32_t probe;
	uint8_t fill[44]; /* 56 bytes behind the header, as ping sends */
};

static uint16_t checksum(const void *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word;

		memcpy(&word, (const char *)bytes + i, sizeof(word));
		sum += word;
	}
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

int icmp_prepare(int fd)
{
	struct icmp_filter filter = { .data = ~(1u << ICMP_ECHOREPLY) };
	int one = 1;

	if (setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof(filter)) ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)))
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

	return ++last;
}

uint64_t icmp_send(int fd, struct ip to, uint16_t flow, uint32_t probe, uint16_t sequence)
{
	struct packet packet = { .head = { .type = ICMP_ECHO } };
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(ip_v4(to)) };
	struct timespec now;

	packet.head.un.echo.id = htons(flow);
	packet.head.un.echo.sequence = htons(sequence);
	memcpy(packet.magic, magic, sizeof(magic));
	packet.probe = probe;
	packet.head.checksum = checksum(&packet, sizeof(packet));
	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&address, sizeof(address)) <
	    0)
		return 0;
	return realtime_ns(now);
}

bool icmp_receive(int fd, struct icmp_reply *ret_reply, bool *ret_more)
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
	if (packet.head.type != ICMP_ECHOREPLY || memcmp(packet.magic, magic, sizeof(magic)))
		return false;
	*ret_reply = (struct icmp_reply){ .probe = packet.probe,
					  .sequence = ntohs(packet.head.un.echo.sequence),
					  .ttl = bytes.ip.ttl };
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct timespec t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		ret_reply->received_ns = realtime_ns(t);
	}
	return true;
}
