/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Packets of one interface as the kernel puts them into memory that is shared with us: no system
 * call for each, and what comes while nobody looks waits there. Those that find no room are
 * counted. They are in sight no later than PACKET_RING_LATE_MS after they passed.
 */
#include "lab/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_RING_LATE_MS 50

struct packet_ring {
	int fd;        /* -1: there is none. Poll it for reading when there is nothing to peek at */
	unsigned link; /* as pcapng.h has it */
	uint64_t received, dropped; /* by packet_ring_count; the former includes the latter */
	uint8_t *memory;
	size_t block_count, block; /* the one that is read */
	uint32_t left;             /* packets in it */
	const uint8_t *at;         /* the first of those */
};

struct packet_frame {
	uint64_t time_ns; /* Unix time */
	const uint8_t *bytes;
	uint32_t captured, length; /* of those bytes, and of the whole */
	uint32_t header;           /* of the link: so many bytes before that of IP */
	uint16_t protocol;         /* ETH_P_... */
	uint8_t type;              /* PACKET_OUTGOING, ... of linux/if_packet.h */
};

/*
 * On a socket of packet_open_frames, which becomes the ring's, also on failure. `filter` is of
 * pcap-filter(7); `size` is made that of two blocks at least. From then on packets come. Zeroed or
 * not, *ret_ring is written on failure, too: close is fine then.
 */
int packet_ring_open(int fd, uint32_t ifindex, const char *filter, uint32_t snaplen, size_t size,
		     struct packet_ring *ret_ring, struct err *err);
void packet_ring_close(struct packet_ring *ring);

/* The oldest packet, which stays until it is dropped. False when there is none. */
bool packet_ring_peek(struct packet_ring *ring, struct packet_frame *frame);
void packet_ring_drop(struct packet_ring *ring);

/* Is half of its memory waiting for us? */
bool packet_ring_is_half_full(const struct packet_ring *ring);

/* Bring the counts up to date. */
void packet_ring_count(struct packet_ring *ring);
/* Is the interface no more? It goes down first, which wakes up who polls; what follows does not. */
bool packet_ring_is_gone(struct packet_ring *ring);
