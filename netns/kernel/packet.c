/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/packet.h"

#include "lab/azure/logged_packet.h"
#include "lab/base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BUFFER (1024 * 1024)

int packet_open(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup)
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int size = RECEIVE_BUFFER;

	if (fd < 0)
		return err_set(err, -errno, "a socket for packets: %s", strerror(errno));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* or what it may have */
	*ret_fd = fd_take(&fd);
	return 0;
}

int packet_open_frames(int *ret_fd, struct err *err)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, -errno, "a socket for packets: %s", strerror(errno));
	*ret_fd = fd;
	return 0;
}

/* Offsets are from the IP header on, and each address is an instruction that goes on or ends. */
static size_t write_filter(struct sock_filter *code, const struct ip *destinations, size_t count)
{
	static const struct sock_filter head[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, (unsigned)(SKF_AD_OFF + SKF_AD_PROTOCOL)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_MACSEC, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_NUMBER_ESP, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTOCOL_NUMBER_UDP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, PACKET_BYTES),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16),
	};
	static const struct sock_filter found = BPF_STMT(BPF_RET | BPF_K, PACKET_BYTES);
	static const struct sock_filter other = BPF_STMT(BPF_RET | BPF_K, 0);
	size_t len = ARRAY_SIZE(head);

	memcpy(code, head, sizeof(head));
	for (size_t i = 0; i < count; i++) {
		if (destinations[i].family != IP_V4)
			continue;
		code[len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
							   ip_v4(destinations[i]), 0, 1);
		code[len++] = found;
	}
	code[len++] = other;
	return len;
}

int packet_filter(int fd, const struct ip *destinations, size_t count, struct err *err)
{
	CLEANUP(free_cleanup) struct sock_filter *code = calloc(11 + 2 * count, sizeof(*code));
	struct sock_fprog program = { .filter = code };

	if (!code)
		abort();
	program.len = (unsigned short)write_filter(code, destinations, count);
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return err_set(err, -errno, "filter packets: %s", strerror(errno));
	return 0;
}

int packet_hear(int fd, uint32_t ifindex, struct err *err)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(ETH_P_ALL), /* those sent, too */
				       .sll_ifindex = (int)ifindex };

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -errno, "hear packets: %s", strerror(errno));
	return 0;
}

/* A socket whose interface went is told so as one whose interface is down. */
bool packet_is_gone(int fd)
{
	struct sockaddr_ll address = { 0 };
	socklen_t size = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &size) || address.sll_ifindex <= 0;
}

ssize_t packet_read(int fd, uint8_t bytes[PACKET_BYTES], bool *ret_is_mac_sec)
{
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t got = recvfrom(fd, bytes, PACKET_BYTES, 0, (struct sockaddr *)&from, &size);

	if (got >= 0) {
		*ret_is_mac_sec = from.sll_protocol == htons(ETH_P_MACSEC);
		return got;
	}
	if (errno == ENETDOWN)
		return packet_is_gone(fd) ? -ENODEV : -EAGAIN;
	return -errno;
}

uint32_t packet_dropped(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t size = sizeof(stats);

	return getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) ? 0 : stats.tp_drops;
}
