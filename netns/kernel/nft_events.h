/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The generation of a namespace's nftables: it goes up by one with each transaction. */
#include "lab/base/err.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

struct nft_generation {
	uint32_t number;
	uint32_t pid; /* of who made it, as the host numbers processes; 0: not told */
	char process[32];
	bool is_answer; /* to nft_events_ask, and no event */
};

/* Hears of each new generation, and table, in the namespace the caller is in. It does not block. */
int nft_events_open(int *ret_fd, struct err *err);
/* Which one is the present one? A negative errno when that cannot be asked. */
int nft_events_ask(int fd);
bool nft_events_parse(const struct nlmsghdr *h, struct nft_generation *ret_generation) NODISCARD;
