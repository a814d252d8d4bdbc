/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What rules of nftables log to a group of nflog: prefix, ports and the first bytes of packets. */
#include "lab/base/err.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFLOG_PREFIX 128

struct nflog_message {
	char prefix[NFLOG_PREFIX];
	uint32_t mark, in, out; /* in and out: indices of interfaces; 0 of none */
	uint32_t sequence;      /* one more with each message of the group */
	const uint8_t *packet;  /* from the IP header on; borrowed from the message */
	size_t packet_size;
};

/*
 * Hear a group of the namespace the caller is in, as the only one who does. The socket does not
 * block; several messages come at once, none later than 10 ms, and none is announced as lost
 * (NETLINK_NO_ENOBUFS): holes in `sequence` and nflog_dropped tell.
 */
int nflog_open(uint16_t group, int *ret_fd, struct err *err);
/* False when it is no such message. */
bool nflog_parse(const struct nlmsghdr *h, struct nflog_message *ret_message) NODISCARD;
/* How many packets, each of some messages, the socket had no room for until now. */
uint32_t nflog_dropped(int fd);
