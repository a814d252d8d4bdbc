/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* On Ethernet, about IPv4. */
struct arp_frame {
	struct ether_header ethernet;
	struct ether_arp arp;
} __attribute__((packed));

int arp_hear(int fd, const char *name, struct err *err)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP) };
	struct ifreq request = { 0 };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFINDEX, &request))
		return err_set(err, -errno, "%s: %s", name, strerror(errno));
	address.sll_ifindex = request.ifr_ifindex;
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -errno, "hear ARP at %s: %s", name, strerror(errno));
	return 0;
}

void arp_ask(int fd, const uint8_t mac[6], struct ip own, struct ip asked)
{
	uint32_t own_v4 = htonl(ip_v4(own)), asked_v4 = htonl(ip_v4(asked));
	struct arp_frame frame = {
		.ethernet.ether_type = htons(ETHERTYPE_ARP),
		.arp.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER),
				.ar_pro = htons(ETHERTYPE_IP),
				.ar_hln = ETH_ALEN,
				.ar_pln = sizeof(own_v4),
				.ar_op = htons(ARPOP_REQUEST) },
	};

	memset(frame.ethernet.ether_dhost, 0xff, ETH_ALEN);
	memcpy(frame.ethernet.ether_shost, mac, ETH_ALEN);
	memcpy(frame.arp.arp_sha, mac, ETH_ALEN);
	memcpy(frame.arp.arp_spa, &own_v4, sizeof(own_v4));
	memcpy(frame.arp.arp_tpa, &asked_v4, sizeof(asked_v4));
	(void)send(fd, &frame, sizeof(frame), 0);
}

bool arp_heard(int fd, struct ip owner)
{
	uint32_t owner_v4 = htonl(ip_v4(owner));
	bool is_there = false;
	struct arp_frame frame;
	ssize_t len;

	while ((len = recv(fd, &frame, sizeof(frame), MSG_DONTWAIT)) >= 0 || errno == EINTR)
		is_there |= len == (ssize_t)sizeof(frame) &&
			    !memcmp(frame.arp.arp_spa, &owner_v4, sizeof(owner_v4));
	return is_there;
}
