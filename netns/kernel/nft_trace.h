/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * What nftables itself does with the packets of one flow, in one namespace. They are marked for it
 * (meta nftrace) by a table that belongs to a socket: the kernel removes it when that is closed,
 * also when who had it was killed.
 */
#include "lab/base/err.h"

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NFT_TRACE_TABLE "hublab_why" /* with the number of its socket behind it */
#define NFT_NAME_MAX    64

/* Enough to know its packets by, whatever their addresses become on the way. */
struct nft_traced_flow {
	uint8_t protocol; /* IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP */
	uint16_t id;      /* of its echo requests; the port from which it is sent */
};

/* A rule that a packet met. */
struct nft_traced {
	uint32_t packet;   /* a number for it, as long as it is in the namespace */
	uint32_t iif, oif; /* 0: not known at that hook */
	bool is_back;      /* it answers */
	bool is_drop;      /* by this rule, or by the chain's policy */
	uint8_t family;    /* of the table */
	uint64_t rule;     /* its handle; 0: the policy */
	char table[NFT_NAME_MAX], chain[NFT_NAME_MAX];
};

/* What was said last of a packet's headers; zeroed to begin with. */
struct nft_trace_reader {
	uint32_t packet, iif, oif;
	bool is_back;
};

/*
 * Has the flow traced in the namespace the caller is in; the socket does not block. Of TCP that is
 * what opens or refuses a connection.
 */
int nft_trace_open(const struct nft_traced_flow *flow, int *ret_fd, struct err *err);
/* False when it is none of the flow's, or none that says what a rule did. */
bool nft_trace_parse(struct nft_trace_reader *reader, const struct nft_traced_flow *flow,
		     const struct nlmsghdr *h, struct nft_traced *ret_traced) NODISCARD;
/*
 * The word by which the rule logs, in the namespace the caller is in: "" when it logs nothing, and
 * -ENOENT when there is no such rule (any more).
 */
int nft_trace_rule(const struct nft_traced *traced, char *prefix, size_t size, struct err *err);

/* Does this event say that a table of ours was made? Then the transaction is no one else's. */
bool nft_trace_is_own(const struct nlmsghdr *h) NODISCARD;
