/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What machines ask of Azure on their links: DHCP, DHCPv6 and router solicitations, as frames that
 * come in at any interface of a namespace. Interfaces come and go; the socket stays. It is heard
 * where the kernel's own protocols are: behind what silences a port.
 */
#include "lab/base/err.h"
#include "lab/base/ip.h"

#include <sys/types.h>

/* Of one family, on a socket of packet_open_frames(). */
int dhcp_socket_hear(int fd, enum ip_family family, struct err *err);
/* The next one's bytes and where it came in, or a negative errno: -EAGAIN when there is none. */
ssize_t dhcp_socket_read(int fd, uint8_t *bytes, size_t size, uint32_t *ret_ifindex);
/* A whole frame out of an interface. One that has no room or no carrier loses it, as a link does.
 */
void dhcp_socket_send(int fd, uint32_t ifindex, const uint8_t *bytes, size_t size);
