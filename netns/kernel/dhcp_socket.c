/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/dhcp_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#define FRAME_WHOLE 0xffff

/* Offsets are from the frame's head on. */
static const struct sock_filter to_port_67[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 5),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 20),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x3fff, 3, 0), /* a fragment */
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 14),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 16),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 67, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, FRAME_WHOLE),
};

static const struct sock_filter to_port_547_or_solicitation[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 2),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 56),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 547, 4, 3),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMPV6, 0, 2),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 54),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 133, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, FRAME_WHOLE),
};

int dhcp_socket_hear(int fd, enum ip_family family, struct err *err)
{
	bool is_ipv6 = family == IP_V6;
	struct sock_fprog program = {
		.filter =
			(struct sock_filter *)(is_ipv6 ? to_port_547_or_solicitation : to_port_67),
		.len = is_ipv6 ? ARRAY_SIZE(to_port_547_or_solicitation) : ARRAY_SIZE(to_port_67),
	};
	struct sockaddr_ll address = { .sll_family = AF_PACKET,
				       .sll_protocol = htons(is_ipv6 ? ETH_P_IPV6 : ETH_P_IP) };

	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)))
		return err_set(err, -errno, "filter frames: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -errno, "hear frames: %s", strerror(errno));
	return 0;
}

ssize_t dhcp_socket_read(int fd, uint8_t *bytes, size_t size, uint32_t *ret_ifindex)
{
	struct sockaddr_ll from = { 0 };
	socklen_t from_size = sizeof(from);
	ssize_t got = recvfrom(fd, bytes, size, 0, (struct sockaddr *)&from, &from_size);

	if (got < 0)
		return -errno;
	*ret_ifindex = (uint32_t)from.sll_ifindex;
	return got;
}

void dhcp_socket_send(int fd, uint32_t ifindex, const uint8_t *bytes, size_t size)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)ifindex,
				  .sll_halen = ETH_ALEN };

	memcpy(to.sll_addr, bytes, ETH_ALEN);
	(void)!sendto(fd, bytes, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to));
}
