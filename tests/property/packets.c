/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/packets.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/ns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT           47808
#define SOURCE_PORTS   3 /* of each address: next hops are chosen by them */
#define RECEIVE_BUFFER (4 << 20)
#define MAGIC          0x68756231u
#define UDP_HEADER     8

/* What a datagram says. */
struct mark {
	uint32_t magic, number;
};

struct sender {
	const struct node *node;
	struct ip ip;
	int fds[SOURCE_PORTS];
};

struct packets {
	const struct topology *topology;
	size_t flow_count, sender_count;
	struct track *tracks;
	struct sender *senders;
	/* two for each machine: all that comes in, what is its own */
	struct pollfd *watched;
	size_t watched_count;
};

/* An address as the kernel takes it. */
struct endpoint {
	struct sockaddr_storage address;
	socklen_t len;
};

static struct endpoint endpoint_of(struct ip ip, uint16_t port)
{
	struct endpoint endpoint = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&endpoint.address;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&endpoint.address;

	if (ip.family == IP_V6) {
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, ip.bytes, sizeof(in6->sin6_addr));
		endpoint.len = sizeof(*in6);
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, ip.bytes, sizeof(in->sin_addr));
		endpoint.len = sizeof(*in);
	}
	return endpoint;
}

static void widen(int fd)
{
	int size = RECEIVE_BUFFER;

	/* more than the limit for ordinary users; in their namespaces that is not to be had */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* What comes in of our datagrams: probes and BGP go on meanwhile. */
static const struct sock_filter of_ours[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_PKTTYPE),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 13, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 4),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 6, 6, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 4, 0, 9),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 7),
	BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
	BPF_JUMP(BPF_JMP | BPF_JA, 3, 0, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 6),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 2),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, sizeof(struct ip6_hdr) + 2),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PORT, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, 256),
};

/* In the namespace we are in; an error is a negative errno. */
static int open_watch(void)
{
	const struct sock_fprog filter = { ARRAY_SIZE(of_ours), (struct sock_filter *)of_ours };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
	int error;

	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter))) {
		widen(fd);
		return fd;
	}
	error = -errno;
	fd_close(&fd);
	return error;
}

/* Of both families, where the machine has both. */
static int open_taker(void)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	struct sockaddr_in any4 = { .sin_family = AF_INET, .sin_port = htons(PORT) };
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&any6, sizeof(any6))) {
		widen(fd);
		return fd;
	}
	fd_close(&fd);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&any4, sizeof(any4))) {
		widen(fd);
		return fd;
	}
	error = -errno;
	fd_close(&fd);
	return error;
}

static int open_sender(struct ip ip)
{
	struct endpoint endpoint = endpoint_of(ip, 0);
	int fd = socket(endpoint.address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int error;

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&endpoint.address, endpoint.len))
		return fd;
	error = -errno;
	fd_close(&fd);
	return error;
}

static int add_sender(struct packets *p, const struct node *node, struct ip ip, struct err *err)
{
	struct sender *sender;

	p->senders = realloc(p->senders, (p->sender_count + 1) * sizeof(*p->senders));
	if (!p->senders)
		abort();
	sender = &p->senders[p->sender_count++];
	*sender = (struct sender){ .node = node, .ip = ip };
	for (size_t i = 0; i < SOURCE_PORTS; i++)
		sender->fds[i] = -1;
	for (size_t i = 0; i < SOURCE_PORTS; i++) {
		sender->fds[i] = open_sender(ip);
		if (sender->fds[i] < 0)
			return err_set(err, sender->fds[i], "%s: a socket of %s: %s", node->name,
				       ip_print(ip).text, strerror(-sender->fds[i]));
	}
	return 0;
}

static int add_senders(struct packets *p, const struct node *node, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < node->interfaces.count && !rc; i++) {
		const struct interface *interface = node->interfaces.items[i];

		if (interface->kind != INTERFACE_NIC)
			continue;
		rc = add_sender(p, node, interface->ip, err);
		for (size_t n = 0; n < interface->more.count && !rc; n++)
			rc = add_sender(p, node, interface->more.items[n], err);
	}
	return rc;
}

static int watch(struct packets *p, const struct node *node, int fd, struct err *err)
{
	p->watched[p->watched_count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	if (fd < 0)
		return err_set(err, fd, "%s: a socket: %s", node->name, strerror(-fd));
	return 0;
}

static int add_node(struct packets *p, const struct node *node, struct err *err)
{
	CLEANUP(fd_cleanup) int ns = -1;
	int rc = ns_open(node->name, &ns, err);

	if (!rc)
		rc = ns_enter(ns, err);
	if (!rc)
		rc = watch(p, node, open_watch(), err);
	if (!rc)
		rc = watch(p, node, open_taker(), err);
	return rc ? rc : add_senders(p, node, err);
}

struct packets *packets_new(const struct topology *topology, size_t flow_count, struct err *err)
{
	CLEANUP(fd_cleanup) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct packets *p = calloc(1, sizeof(*p));
	int rc = 0;

	if (!p)
		abort();
	p->topology = topology;
	p->flow_count = flow_count;
	p->tracks = calloc(flow_count + 1, sizeof(*p->tracks));
	p->watched = calloc(2 * topology->nodes.count + 1, sizeof(*p->watched));
	if (!p->tracks || !p->watched)
		abort();
	for (size_t i = 0; i < topology->nodes.count && !rc; i++)
		rc = add_node(p, topology->nodes.items[i], err);
	if (!rc)
		rc = ns_enter(home, err);
	if (rc) {
		packets_free(p);
		return NULL;
	}
	return p;
}

void packets_free(struct packets *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->watched_count; i++)
		fd_close(&p->watched[i].fd);
	for (size_t i = 0; i < p->sender_count; i++)
		for (size_t n = 0; n < SOURCE_PORTS; n++)
			fd_close(&p->senders[i].fds[n]);
	for (size_t i = 0; i < p->flow_count; i++)
		free(p->tracks[i].seen);
	free(p->tracks);
	free(p->watched);
	free(p->senders);
	free(p);
}

int packets_send(struct packets *p, size_t number, const struct node *from, struct ip source,
		 struct ip to, unsigned source_port_choice, struct err *err)
{
	struct mark mark = { MAGIC, (uint32_t)number };
	struct endpoint endpoint = endpoint_of(to, PORT);

	for (size_t i = 0; i < p->sender_count; i++) {
		struct sender *sender = &p->senders[i];

		if (sender->node != from || !ip_equal(sender->ip, source))
			continue;
		if (sendto(sender->fds[source_port_choice % SOURCE_PORTS], &mark, sizeof(mark), 0,
			   (struct sockaddr *)&endpoint.address, endpoint.len) < 0)
			p->tracks[number].refused = errno;
		return 0;
	}
	return err_set(err, -EINVAL, "%s has not the address %s", from->name,
		       ip_print(source).text);
}

static void note_sighting(struct track *track, const struct node *node, uint8_t ttl)
{
	unsigned at = track->count;

	if (track->count == track->capacity) {
		track->capacity = track->capacity ? 2 * track->capacity : 4;
		track->seen = realloc(track->seen, track->capacity * sizeof(*track->seen));
		if (!track->seen)
			abort();
	}
	for (; at && track->seen[at - 1].ttl < ttl; at--)
		track->seen[at] = track->seen[at - 1];
	track->seen[at] = (struct sighting){ node, ttl };
	track->count++;
}

/* The flow that says so in what follows its UDP header; NULL when it is none of ours. */
static struct track *track_of(struct packets *p, const uint8_t *payload, size_t len)
{
	struct mark mark;

	if (len < sizeof(mark))
		return NULL;
	memcpy(&mark, payload, sizeof(mark));
	return mark.magic == MAGIC && mark.number < p->flow_count ? &p->tracks[mark.number] : NULL;
}

static void read_packet(struct packets *p, const struct node *node, const uint8_t *bytes,
			size_t len)
{
	size_t head = (size_t)(bytes[0] & 0x0f) * 4;
	uint8_t ttl = bytes[8];
	struct track *track;

	if (bytes[0] >> 4 == 6) {
		head = sizeof(struct ip6_hdr);
		ttl = bytes[7];
	}
	if (len < head + UDP_HEADER)
		return;
	track = track_of(p, bytes + head + UDP_HEADER, len - head - UDP_HEADER);
	if (track)
		note_sighting(track, node, ttl);
}

static void drain_watch(struct packets *p, int fd, const struct node *node)
{
	for (;;) {
		uint8_t bytes[256];
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);

		if (len < 0)
			return;
		read_packet(p, node, bytes, (size_t)len);
	}
}

static void drain_taker(struct packets *p, int fd, const struct node *node)
{
	for (;;) {
		uint8_t bytes[256];
		ssize_t len = recv(fd, bytes, sizeof(bytes), 0);
		struct track *track;

		if (len < 0)
			return;
		track = track_of(p, bytes, (size_t)len);
		if (!track)
			continue;
		track->taken_by = node;
		track->taken_count++;
	}
}

/* Has a socket had no room for what came? */
static bool has_lost(int fd)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	return !getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) && stats.tp_drops;
}

int packets_collect(struct packets *p, int quiet_ms, struct err *err)
{
	while (poll(p->watched, p->watched_count, quiet_ms) > 0) {
		for (size_t i = 0; i < p->watched_count; i++) {
			const struct node *node = p->topology->nodes.items[i / 2];

			if (!(p->watched[i].revents & POLLIN))
				continue;
			if (i % 2)
				drain_taker(p, p->watched[i].fd, node);
			else
				drain_watch(p, p->watched[i].fd, node);
		}
	}
	for (size_t i = 0; i < p->watched_count; i += 2)
		if (has_lost(p->watched[i].fd))
			return err_set(err, -ENOBUFS, "%s: more came than could be watched",
				       p->topology->nodes.items[i / 2]->name);
	return 0;
}

const struct track *packets_track(const struct packets *p, size_t number)
{
	return &p->tracks[number];
}
