/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Captured packets as a file for Wireshark: pcapng, of one section. Only its bytes, little-endian
 * on every machine; whoever writes them keeps to whole blocks.
 */
#include <stddef.h>
#include <stdint.h>

enum {
	PCAPNG_LINK_ETHERNET = 1,
	PCAPNG_LINK_RAW = 101, /* from the IP header on */
};

/* Blocks that are being written. Zeroed at first; what it holds is freed by fini. */
struct pcapng {
	uint8_t *bytes;
	size_t len, capacity;
};

void pcapng_fini(struct pcapng *file);

/* Begins the file: `program` wrote it, `comment` says what of. Both may be NULL. */
void pcapng_put_section(struct pcapng *file, const char *program, const char *comment);

/* The first one is interface 0, and so on. Texts may be NULL; they are cut to 65535 bytes. */
struct pcapng_interface {
	uint16_t link; /* PCAPNG_LINK_... */
	uint32_t snaplen;
	const char *name, *description, *comment, *filter;
};
void pcapng_put_interface(struct pcapng *file, const struct pcapng_interface *interface);

enum pcapng_direction {
	PCAPNG_INBOUND = 1,
	PCAPNG_OUTBOUND,
};

enum pcapng_reception {
	PCAPNG_RECEPTION_UNKNOWN,
	PCAPNG_UNICAST,
	PCAPNG_MULTICAST,
	PCAPNG_BROADCAST,
	PCAPNG_PROMISCUOUS, /* for another machine */
};

struct pcapng_packet {
	uint32_t interface;
	uint64_t time_ns; /* Unix time */
	const uint8_t *bytes;
	uint32_t captured, length; /* of those bytes, and of the whole packet */
	enum pcapng_direction direction;
	enum pcapng_reception reception;
};
void pcapng_put_packet(struct pcapng *file, const struct pcapng_packet *packet);

/* At the end, one for each interface. */
struct pcapng_statistics {
	uint32_t interface;
	uint64_t start_ns, end_ns;  /* Unix time */
	uint64_t received, dropped; /* that passed the filter, those dropped included */
};
void pcapng_put_statistics(struct pcapng *file, const struct pcapng_statistics *statistics);

/* How many of these bytes, which begin with a block, are whole blocks. */
size_t pcapng_whole(const uint8_t *bytes, size_t len);
