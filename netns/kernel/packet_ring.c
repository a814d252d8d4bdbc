/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/packet_ring.h"

#include "lab/base/cleanup.h"
#include "lab/render/pcapng.h"
#include "netns/kernel/packet.h"
#include "netns/kernel/packet_filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

/* A block is ours when it is full, or some time after its first packet. */
#define BLOCK_BYTES (128u * 1024)
#define FRAME_BYTES 2048u /* only of the kernel's arithmetic: packets take what they need */
#define BLOCK_MS    10
#define BLOCKS_MIN  2

/* The nth from the one that is read. */
static struct tpacket_block_desc *block_of(const struct packet_ring *ring, size_t nth)
{
	size_t at = (ring->block + nth) % ring->block_count;

	return (struct tpacket_block_desc *)(ring->memory + at * BLOCK_BYTES);
}

/* Or is it the kernel's? */
static bool is_ours(const struct tpacket_block_desc *block)
{
	return __atomic_load_n(&block->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
}

/* ---- to begin with ---- */

/* Bound for nothing yet: that says what kind of link it is. */
static int find_link(struct packet_ring *ring, uint32_t ifindex, struct err *err)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_ifindex = (int)ifindex };
	socklen_t size = sizeof(address);

	if (bind(ring->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(ring->fd, (struct sockaddr *)&address, &size))
		return err_set(err, -errno, "the interface: %s", strerror(errno));
	ring->link = address.sll_hatype == ARPHRD_ETHER || address.sll_hatype == ARPHRD_LOOPBACK
			     ? PCAPNG_LINK_ETHERNET
			     : PCAPNG_LINK_RAW;
	return 0;
}

static int set_filter(const struct packet_ring *ring, const char *text, uint32_t snaplen,
		      struct err *err)
{
	struct sock_fprog program;
	int rc;

	if (packet_filter_compile(text, ring->link, snaplen, &program, err))
		return err->code;
	rc = setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
	free(program.filter);
	return rc ? err_set(err, -errno, "filter packets: %s", strerror(errno)) : 0;
}

static int map_memory(struct packet_ring *ring, size_t size, struct err *err)
{
	struct tpacket_req3 request = { .tp_block_size = BLOCK_BYTES,
					.tp_frame_size = FRAME_BYTES,
					.tp_retire_blk_tov = BLOCK_MS };
	int version = TPACKET_V3;

	ring->block_count = size / BLOCK_BYTES < BLOCKS_MIN ? BLOCKS_MIN : size / BLOCK_BYTES;
	request.tp_block_nr = (unsigned)ring->block_count;
	request.tp_frame_nr = request.tp_block_nr * (BLOCK_BYTES / FRAME_BYTES);
	if (setsockopt(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) ||
	    setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)))
		return err_set(err, -errno, "%zu KiB for packets: %s",
			       ring->block_count * BLOCK_BYTES / 1024, strerror(errno));
	ring->memory = mmap(NULL, ring->block_count * BLOCK_BYTES, PROT_READ | PROT_WRITE,
			    MAP_SHARED, ring->fd, 0);
	if (ring->memory == MAP_FAILED) {
		ring->memory = NULL;
		return err_set(err, -errno, "map packets: %s", strerror(errno));
	}
	return 0;
}

int packet_ring_open(int fd, uint32_t ifindex, const char *filter, uint32_t snaplen, size_t size,
		     struct packet_ring *ret_ring, struct err *err)
{
	*ret_ring = (struct packet_ring){ .fd = fd };
	if (find_link(ret_ring, ifindex, err) || set_filter(ret_ring, filter, snaplen, err) ||
	    map_memory(ret_ring, size, err) || packet_hear(fd, ifindex, err)) {
		packet_ring_close(ret_ring);
		return err->code;
	}
	return 0;
}

void packet_ring_close(struct packet_ring *ring)
{
	if (ring->memory)
		(void)munmap(ring->memory, ring->block_count * BLOCK_BYTES);
	ring->memory = NULL;
	ring->left = 0;
	fd_close(&ring->fd);
}

/* ---- packets ---- */

static void give_back(struct packet_ring *ring)
{
	__atomic_store_n(&block_of(ring, 0)->hdr.bh1.block_status, TP_STATUS_KERNEL,
			 __ATOMIC_RELEASE);
	ring->block = (ring->block + 1) % ring->block_count;
}

/* False when the kernel has not filled the next block yet. */
static bool take_block(struct packet_ring *ring)
{
	const struct tpacket_block_desc *block = block_of(ring, 0);

	if (!is_ours(block))
		return false;
	ring->left = block->hdr.bh1.num_pkts;
	ring->at = (const uint8_t *)block + block->hdr.bh1.offset_to_first_pkt;
	return true;
}

bool packet_ring_peek(struct packet_ring *ring, struct packet_frame *frame)
{
	const struct tpacket3_hdr *head;
	const struct sockaddr_ll *address;

	while (ring->memory && !ring->left) {
		if (!take_block(ring))
			return false;
		if (!ring->left)
			give_back(ring);
	}
	if (!ring->memory)
		return false;
	head = (const struct tpacket3_hdr *)ring->at;
	address = (const struct sockaddr_ll *)(ring->at + TPACKET_ALIGN(sizeof(*head)));
	*frame = (struct packet_frame){ .time_ns = head->tp_sec * 1000000000ull + head->tp_nsec,
					.bytes = ring->at + head->tp_mac,
					.captured = head->tp_snaplen,
					.length = head->tp_len,
					.header = (uint32_t)head->tp_net - head->tp_mac,
					.protocol = ntohs(address->sll_protocol),
					.type = address->sll_pkttype };
	return true;
}

void packet_ring_drop(struct packet_ring *ring)
{
	ring->at += ((const struct tpacket3_hdr *)ring->at)->tp_next_offset;
	if (!--ring->left)
		give_back(ring);
}

/* ---- beside them ---- */

bool packet_ring_is_half_full(const struct packet_ring *ring)
{
	return ring->memory && is_ours(block_of(ring, ring->block_count / 2));
}

void packet_ring_count(struct packet_ring *ring)
{
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t size = sizeof(stats);

	if (ring->fd < 0 || getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size))
		return;
	ring->received += stats.tp_packets; /* reading them sets them to 0 */
	ring->dropped += stats.tp_drops;
}

bool packet_ring_is_gone(struct packet_ring *ring)
{
	int error = 0;
	socklen_t size = sizeof(error);

	(void)getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error,
			 &size); /* told, and so forgotten */
	return packet_is_gone(ring->fd);
}
