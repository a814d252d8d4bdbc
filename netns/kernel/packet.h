/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets as they cross one interface, in either direction, from their IP header on. A socket is
 * opened in the interface's namespace and stays there, wherever its descriptor goes.
 */
#include "lab/base/err.h"
#include "lab/base/ip.h"

#include <stdbool.h>
#include <sys/types.h>

/* Hears nothing yet. It does not block. */
int packet_open(int *ret_fd, struct err *err);
/* For packet_ring.h: packets with what the link puts before them. */
int packet_open_frames(int *ret_fd, struct err *err);
/*
 * Of all packets of IPv4 only those that can be ESP (IP's or UDP's), and those to one of these
 * addresses; another list takes the place of the one before. And frames of MACsec. Of each its
 * first PACKET_BYTES come.
 */
int packet_filter(int fd, const struct ip *destinations, size_t count, struct err *err);
#define PACKET_BYTES 128
int packet_hear(int fd, uint32_t ifindex, struct err *err);

/* Is the interface no more? One that is down is not gone. */
bool packet_is_gone(int fd);

/*
 * The next one's bytes (of a frame of MACsec what follows on its head: it is no packet to anybody
 * here), or a negative errno: -EAGAIN when there is none, -ENODEV when the interface
 * is no more. One that is down is heard again when it is up.
 */
ssize_t packet_read(int fd, uint8_t bytes[PACKET_BYTES], bool *ret_is_mac_sec);
/* How many packets it had no room for since this was last asked. */
uint32_t packet_dropped(int fd);
