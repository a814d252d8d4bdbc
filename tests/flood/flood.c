/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends SYNs to one address and port from ever other source ports for some seconds, as fast as it
 * can, and prints how many. Only for a namespace of a lab: it refuses to send to an address outside
 * 10.0.0.0/8, and ends by itself.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE     64
#define SECONDS_MAX 10

static double now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint32_t add(uint32_t sum, const void *bytes, size_t size)
{
	for (size_t i = 0; i + 1 < size; i += 2) {
		uint16_t word;

		memcpy(&word, (const char *)bytes + i, sizeof(word));
		sum += word;
	}
	return sum;
}

/* Wrong sums would be no flow for conntrack, and another rule's packets. */
static void seal(struct tcphdr *tcp, in_addr_t from, in_addr_t to)
{
	uint16_t tail[2] = { htons(IPPROTO_TCP), htons(sizeof(*tcp)) };
	uint32_t sum = add(add(add(0, &from, sizeof(from)), &to, sizeof(to)), tail, sizeof(tail));

	tcp->check = 0;
	sum = add(sum, tcp, sizeof(*tcp));
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	tcp->check = (uint16_t)~sum;
}

/* The address that packets to it will have as their source. */
static in_addr_t source_to(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in from = { 0 };
	socklen_t size = sizeof(from);

	if (fd < 0 || connect(fd, (const struct sockaddr *)to, sizeof(*to)) ||
	    getsockname(fd, (struct sockaddr *)&from, &size)) {
		perror("flood");
		exit(1);
	}
	(void)close(fd);
	return from.sin_addr.s_addr;
}

static unsigned long flood(int fd, struct sockaddr_in *to, uint16_t port, double until_s)
{
	static struct tcphdr packets[AT_ONCE];
	static struct iovec parts[AT_ONCE];
	static struct mmsghdr messages[AT_ONCE];
	in_addr_t from = source_to(to);
	unsigned long sent = 0;
	uint16_t next = 1024;
	int count;

	while (now_s() < until_s) {
		for (unsigned i = 0; i < AT_ONCE; i++) {
			packets[i] = (struct tcphdr){ .source = htons(next),
						      .dest = htons(port),
						      .seq = next,
						      .doff = 5,
						      .syn = 1,
						      .window = htons(1024) };
			next = next == 65535 ? 1024 : (uint16_t)(next + 1);
			seal(&packets[i], from, to->sin_addr.s_addr);
			parts[i] = (struct iovec){ &packets[i], sizeof(packets[i]) };
			messages[i].msg_hdr = (struct msghdr){ .msg_name = to,
							       .msg_namelen = sizeof(*to),
							       .msg_iov = &parts[i],
							       .msg_iovlen = 1 };
		}
		count = sendmmsg(fd, messages, AT_ONCE, 0);
		if (count < 0 && errno != ENOBUFS) {
			perror("flood");
			exit(1);
		}
		sent += count > 0 ? (unsigned long)count : 0;
	}
	return sent;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	int seconds = argc == 4 ? atoi(argv[3]) : 0, port = argc == 4 ? atoi(argv[2]) : 0, fd;

	if (seconds < 1 || seconds > SECONDS_MAX || port < 1 || port > 65535 ||
	    inet_pton(AF_INET, argv[1], &to.sin_addr) != 1 ||
	    ntohl(to.sin_addr.s_addr) >> 24 != 10) {
		(void)fprintf(stderr, "usage: flood 10.x.x.x PORT SECONDS\n");
		return 2;
	}
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_TCP);
	if (fd < 0) {
		perror("flood");
		return 1;
	}
	(void)printf("%lu\n", flood(fd, &to, (uint16_t)port, now_s() + seconds));
	(void)close(fd);
	return 0;
}
