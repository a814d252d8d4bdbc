/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/nsg_wire.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/ns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/icmp.h>
#include <linux/if_packet.h>
#include <linux/ip.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/if_ether.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_BUFFER (4 << 20)
#define PAYLOAD        12 /* bytes behind all headers but TCP's and UDP's */
#define ECHO_REQUEST6  128
#define TCP_FLAGS      13 /* where they stand in its header */

struct wire {
	const struct topology *topology;
	int *fds; /* by place of the machine in the topology */
};

/* ---- packets ---- */

static bool has_ports(uint8_t protocol)
{
	return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP;
}

/* Does it begin a flow, as all of ours? Kernels send others of the same ends, and number them. */
static bool is_beginning(uint8_t protocol, const uint8_t *transport, size_t size)
{
	switch (protocol) {
	case IPPROTO_TCP:
		return size > TCP_FLAGS && (transport[TCP_FLAGS] & 0x3f) == TH_SYN;
	case IPPROTO_ICMP:
		return size && transport[0] == ICMP_ECHO;
	case IPPROTO_ICMPV6:
		return size && transport[0] == ECHO_REQUEST6;
	default:
		return true;
	}
}

bool wire_parse(const uint8_t *bytes, size_t size, struct wire_packet *ret_packet)
{
	struct wire_packet packet = { 0 };
	size_t head = sizeof(struct ip6_hdr);
	uint16_t ports[2];

	if (size >= sizeof(struct iphdr) && bytes[0] >> 4 == 4) {
		packet.tuple.source.family = packet.tuple.destination.family = IP_V4;
		memcpy(packet.tuple.source.bytes, bytes + 12, 4);
		memcpy(packet.tuple.destination.bytes, bytes + 16, 4);
		packet.tuple.protocol = bytes[9];
		packet.ttl = bytes[8];
		packet.number = (uint32_t)(bytes[4] << 8 | bytes[5]);
		head = (size_t)(bytes[0] & 15) * 4;
	} else if (size >= sizeof(struct ip6_hdr) && bytes[0] >> 4 == 6) {
		packet.tuple.source.family = packet.tuple.destination.family = IP_V6;
		memcpy(packet.tuple.source.bytes, bytes + 8, 16);
		memcpy(packet.tuple.destination.bytes, bytes + 24, 16);
		packet.tuple.protocol = bytes[6];
		packet.ttl = bytes[7];
		packet.number = (uint32_t)(bytes[2] << 8 | bytes[3]);
	} else {
		return false;
	}
	if (has_ports(packet.tuple.protocol)) {
		if (size < head + sizeof(ports))
			return false;
		memcpy(ports, bytes + head, sizeof(ports));
		packet.tuple.source_port = ntohs(ports[0]);
		packet.tuple.destination_port = ntohs(ports[1]);
	}
	*ret_packet = packet;
	return size > head && is_beginning(packet.tuple.protocol, bytes + head, size - head);
}

bool tuple_equal(const struct flow_tuple *a, const struct flow_tuple *b)
{
	return a->protocol == b->protocol && a->source_port == b->source_port &&
	       a->destination_port == b->destination_port && ip_equal(a->source, b->source) &&
	       ip_equal(a->destination, b->destination);
}

static uint32_t sum_of(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
	return sum;
}

/* What the checksums of transports also are of. */
static uint32_t sum_of_addresses(const struct flow_tuple *tuple)
{
	size_t len = ip_bits(tuple->source) / 8;

	return sum_of(tuple->source.bytes, len) + sum_of(tuple->destination.bytes, len) +
	       tuple->protocol;
}

/* A header with the checksum of itself and of what else is in `sum`; its size. */
static size_t put_header(uint8_t *out, const void *header, size_t size, size_t checksum_at,
			 uint32_t sum)
{
	memcpy(out, header, size);
	sum += sum_of(out, size);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	out[checksum_at] = (uint8_t)(~sum >> 8);
	out[checksum_at + 1] = (uint8_t)~sum;
	return size;
}

/* What stands behind the IP header; its size. */
static size_t put_transport(uint8_t *out, const struct flow_tuple *tuple, uint32_t number)
{
	const struct tcphdr tcp = { .source = htons(tuple->source_port),
				    .dest = htons(tuple->destination_port),
				    .seq = htonl(number),
				    .doff = 5,
				    .syn = 1,
				    .window = htons(1024) };
	const struct udphdr udp = { .source = htons(tuple->source_port),
				    .dest = htons(tuple->destination_port),
				    .len = htons(sizeof(udp)) };
	const struct icmphdr icmp = { .type = tuple->protocol == IPPROTO_ICMP ? ICMP_ECHO
									      : ECHO_REQUEST6,
				      .un.echo.id = htons((uint16_t)number) };
	uint32_t others = sum_of_addresses(tuple);

	switch (tuple->protocol) {
	case IPPROTO_TCP:
		return put_header(out, &tcp, sizeof(tcp), offsetof(struct tcphdr, check),
				  others + sizeof(tcp));
	case IPPROTO_UDP:
		return put_header(out, &udp, sizeof(udp), offsetof(struct udphdr, check),
				  others + sizeof(udp));
	case IPPROTO_ICMP:
		return put_header(out, &icmp, sizeof(icmp), offsetof(struct icmphdr, checksum), 0);
	case IPPROTO_ICMPV6:
		return put_header(out, &icmp, sizeof(icmp), offsetof(struct icmphdr, checksum),
				  others + (uint32_t)sizeof(icmp));
	default:
		memset(out, 0, PAYLOAD);
		return PAYLOAD;
	}
}

static size_t put_packet4(uint8_t *out, const struct flow_tuple *tuple, uint32_t number)
{
	size_t size = put_transport(out + sizeof(struct iphdr), tuple, number);
	struct iphdr ip = { .version = 4,
			    .ihl = 5,
			    .tot_len = htons((uint16_t)(sizeof(ip) + size)),
			    .id = htons((uint16_t)number),
			    .ttl = WIRE_TTL,
			    .protocol = tuple->protocol };

	memcpy(&ip.saddr, tuple->source.bytes, sizeof(ip.saddr));
	memcpy(&ip.daddr, tuple->destination.bytes, sizeof(ip.daddr));
	return size + put_header(out, &ip, sizeof(ip), offsetof(struct iphdr, check), 0);
}

static size_t put_packet6(uint8_t *out, const struct flow_tuple *tuple, uint32_t number)
{
	size_t size = put_transport(out + sizeof(struct ip6_hdr), tuple, number);
	struct ip6_hdr ip = { .ip6_flow = htonl(6u << 28 | (number & WIRE_NUMBER_MAX)),
			      .ip6_plen = htons((uint16_t)size),
			      .ip6_nxt = tuple->protocol,
			      .ip6_hlim = WIRE_TTL };

	memcpy(&ip.ip6_src, tuple->source.bytes, sizeof(ip.ip6_src));
	memcpy(&ip.ip6_dst, tuple->destination.bytes, sizeof(ip.ip6_dst));
	memcpy(out, &ip, sizeof(ip));
	return sizeof(ip) + size;
}

/* ---- sockets ---- */

/* What comes in, of both families; what goes out is its sender's to tell. */
static const struct sock_filter incoming[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, (unsigned)SKF_AD_OFF + SKF_AD_PKTTYPE),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 3, 0),
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
	BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xc0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x40, 1, 0), /* 4 and 6 */
	BPF_STMT(BPF_RET | BPF_K, 0),
	BPF_STMT(BPF_RET | BPF_K, WIRE_HEADERS),
};

static int open_socket(const struct node *node, int *ret_fd, struct err *err)
{
	const struct sock_fprog filter = { ARRAY_SIZE(incoming), (struct sock_filter *)incoming };
	int size = RECEIVE_BUFFER;
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));

	*ret_fd = fd;
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		return err_set(err, -errno, "%s: a socket: %s", node->name, strerror(errno));
	/* more than the limit for ordinary users; in their namespaces that is not to be had */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return 0;
}

static int add_node(struct wire *wire, size_t at, struct err *err)
{
	const struct node *node = wire->topology->nodes.items[at];
	CLEANUP(fd_cleanup) int ns = -1;
	int rc = ns_open(node->name, &ns, err);

	if (!rc)
		rc = ns_enter(ns, err);
	return rc ? rc : open_socket(node, &wire->fds[at], err);
}

struct wire *wire_new(const struct topology *topology, struct err *err)
{
	CLEANUP(fd_cleanup) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct wire *wire = calloc(1, sizeof(*wire));
	int rc = 0;

	if (!wire)
		abort();
	wire->topology = topology;
	wire->fds = malloc((topology->nodes.count + 1) * sizeof(*wire->fds));
	if (!wire->fds)
		abort();
	for (size_t i = 0; i < topology->nodes.count; i++)
		wire->fds[i] = -1;
	for (size_t i = 0; i < topology->nodes.count && !rc; i++)
		rc = add_node(wire, i, err);
	if (!rc)
		rc = ns_enter(home, err);
	if (!rc)
		return wire;
	wire_free(wire);
	return NULL;
}

void wire_free(struct wire *wire)
{
	if (!wire)
		return;
	for (size_t i = 0; i < wire->topology->nodes.count; i++)
		fd_close(&wire->fds[i]);
	free(wire->fds);
	free(wire);
}

static int socket_of(const struct wire *wire, const struct node *node)
{
	for (size_t i = 0; i < wire->topology->nodes.count; i++)
		if (wire->topology->nodes.items[i] == node)
			return wire->fds[i];
	return -1;
}

int wire_send(struct wire *wire, const struct interface *from, const struct flow_tuple *tuple,
	      uint32_t number, struct err *err)
{
	bool is_ipv6 = tuple->source.family == IP_V6;
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(is_ipv6 ? ETH_P_IPV6 : ETH_P_IP),
				  .sll_ifindex = (int)from->ifindex,
				  .sll_halen = MAC_SIZE };
	uint8_t bytes[WIRE_HEADERS];
	size_t size =
		is_ipv6 ? put_packet6(bytes, tuple, number) : put_packet4(bytes, tuple, number);

	memcpy(to.sll_addr, azure_mac, MAC_SIZE);
	if (sendto(socket_of(wire, from->node), bytes, size, 0, (struct sockaddr *)&to,
		   sizeof(to)) < 0)
		return err_set(err, -errno, "%s: a packet: %s", from->node->name, strerror(errno));
	return 0;
}

/* The kernel's answer to it; 0 or a negative errno. */
static int ask_to_forget(int fd)
{
	struct {
		struct nlmsghdr head;
		struct nfgenmsg body;
	} message = { { sizeof(message), NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE,
			NLM_F_REQUEST | NLM_F_ACK, 1, 0 },
		      { AF_UNSPEC, NFNETLINK_V0, 0 } };
	struct {
		struct nlmsghdr head;
		struct nlmsgerr body;
		char rest[256];
	} answer;

	if (send(fd, &message, sizeof(message), 0) < 0 ||
	    recv(fd, &answer, sizeof(answer), 0) < (ssize_t)NLMSG_LENGTH(sizeof(answer.body)))
		return -errno;
	return answer.body.error;
}

int wire_forget_flows(struct err *err)
{
	CLEANUP(fd_cleanup) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(fd_cleanup) int fabric = -1;
	CLEANUP(fd_cleanup) int fd = -1;
	int rc = ns_open("fabric", &fabric, err);

	if (rc || ns_enter(fabric, err))
		return err->code;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	rc = fd < 0 ? -errno : ask_to_forget(fd);
	if (rc)
		return err_set(err, rc, "flows cannot be forgotten: %s", strerror(-rc));
	return ns_enter(home, err);
}

static int read_socket(int fd, const struct node *node, wire_seen_fn *on_seen, void *arg,
		       struct err *err)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);
	uint8_t bytes[WIRE_HEADERS];
	ssize_t got;

	while ((got = recv(fd, bytes, sizeof(bytes), 0)) >= 0) {
		struct wire_packet packet;

		if (wire_parse(bytes, (size_t)got, &packet))
			on_seen(arg, node, &packet);
	}
	if (!getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) && stats.tp_drops)
		return err_set(err, -ENOBUFS, "%s: more came than could be watched", node->name);
	return 0;
}

int wire_read(struct wire *wire, wire_seen_fn *on_seen, void *arg, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; i < wire->topology->nodes.count && !rc; i++)
		rc = read_socket(wire->fds[i], wire->topology->nodes.items[i], on_seen, arg, err);
	return rc;
}
