/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/tap.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int create(const char *name, uint32_t ifindex, int *ret_fd, struct err *err)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	CLEANUP(fd_cleanup) int fd = -1;

	fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) /* what hosts without udev forget: see doctor */
		return err_set(err, -EOPNOTSUPP,
			       "open /dev/net/tun: %s; as root: chmod 0666 /dev/net/tun",
			       strerror(errno));
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, TUNSETIFINDEX, &ifindex) || ioctl(fd, TUNSETIFF, &request))
		return err_set(err, -errno, "TAP %s: %s", name, strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

int tap_make(const char *name, uint32_t ifindex, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;

	if (create(name, ifindex, &fd, err))
		return err->code;
	if (ioctl(fd, TUNSETPERSIST, 1))
		return err_set(err, -errno, "TAP %s stays: %s", name, strerror(errno));
	return 0;
}

int tap_open(const char *name, uint32_t ifindex, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	int header = TAP_HEADER_BYTES;

	if (create(name, ifindex, &fd, err))
		return err->code;
	if (ioctl(fd, TUNSETVNETHDRSZ, &header))
		return err_set(err, -errno, "TAP %s header: %s", name, strerror(errno));
	if (tap_set_segmentation(fd, 1, err) || tap_set_carrier(fd, 0, err))
		return err_in(err, "TAP %s", name);
	*ret_fd = fd_take(&fd);
	return 0;
}

int tap_set_segmentation(int fd, int is_offloaded, struct err *err)
{
	unsigned long segmentation = is_offloaded ? TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN : 0;

	if (ioctl(fd, TUNSETOFFLOAD, TUN_F_CSUM | segmentation))
		return err_set(err, -errno, "offload: %s", strerror(errno));
	return 0;
}

int tap_set_carrier(int fd, int has_carrier, struct err *err)
{
	if (ioctl(fd, TUNSETCARRIER, &has_carrier))
		return err_set(err, -errno, "carrier: %s", strerror(errno));
	return 0;
}

int link_monitor_open(int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -errno, "link monitor: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}
