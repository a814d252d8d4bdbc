/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least that any program must do for N machines: N namespaces, a veth from each into one fabric
 * namespace, an address and a default route in each. Raw netlink in batches, no library, nothing
 * checked. Prints its milliseconds. Root only, or in a user namespace.
 * usage: floor N
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64

static void must(bool is_ok, const char *what)
{
	if (is_ok)
		return;
	perror(what);
	exit(1);
}

/* Messages that go out together. */
struct batch {
	_Alignas(NLMSG_ALIGNTO) char bytes[BATCH * 512];
	size_t len;
	unsigned count;
	struct nlmsghdr *message; /* the one being built */
};
static struct batch batch;

static int open_netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), one = 1;

	must(fd >= 0, "netlink socket");
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	return fd;
}

/* Send, and read until each is acknowledged. */
static void flush(int fd)
{
	static char answers[1 << 16];
	unsigned acked = 0;

	if (!batch.count)
		return;
	must(send(fd, batch.bytes, batch.len, 0) == (ssize_t)batch.len, "send");
	while (acked < batch.count) {
		ssize_t got = recv(fd, answers, sizeof(answers), 0);
		const struct nlmsghdr *h = (const struct nlmsghdr *)answers;

		must(got > 0, "receive");
		for (; NLMSG_OK(h, got); h = NLMSG_NEXT(h, got), acked++)
			must(h->nlmsg_type == NLMSG_ERROR &&
				     !((const struct nlmsgerr *)NLMSG_DATA(h))->error,
			     "the kernel refused");
	}
	batch.len = batch.count = 0;
}

static void begin(uint16_t type, uint16_t flags, const void *head, size_t size)
{
	batch.message = (struct nlmsghdr *)(batch.bytes + batch.len);
	*batch.message = (struct nlmsghdr){ .nlmsg_len = (uint32_t)NLMSG_LENGTH(size),
					    .nlmsg_type = type,
					    .nlmsg_flags = flags | NLM_F_REQUEST | NLM_F_ACK };
	memcpy(NLMSG_DATA(batch.message), head, size);
}

static struct rtattr *add(uint16_t type, const void *value, size_t size)
{
	struct rtattr *attr =
		(struct rtattr *)((char *)batch.message + NLMSG_ALIGN(batch.message->nlmsg_len));

	*attr = (struct rtattr){ (uint16_t)RTA_LENGTH(size), type };
	memcpy(RTA_DATA(attr), value, size);
	batch.message->nlmsg_len =
		(uint32_t)(NLMSG_ALIGN(batch.message->nlmsg_len) + RTA_SPACE(size));
	return attr;
}

static void close_nest(struct rtattr *attr)
{
	attr->rta_len = (uint16_t)((char *)batch.message + batch.message->nlmsg_len - (char *)attr);
}

static void end(void)
{
	batch.len += NLMSG_ALIGN(batch.message->nlmsg_len);
	batch.count++;
}

static int new_namespace(void)
{
	int fd;

	must(!unshare(CLONE_NEWNET), "new namespace");
	fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	must(fd >= 0, "namespace");
	return fd;
}

static void add_veth(unsigned number, int peer_ns)
{
	struct ifinfomsg link = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP }, peer = { 0 };
	struct rtattr *info, *data, *other;
	char name[IFNAMSIZ];

	begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	(void)add(IFLA_IFNAME, name, (size_t)snprintf(name, sizeof(name), "p%u", number) + 1);
	info = add(IFLA_LINKINFO, "", 0);
	(void)add(IFLA_INFO_KIND, "veth", sizeof("veth"));
	data = add(IFLA_INFO_DATA, "", 0);
	other = add(VETH_INFO_PEER, &peer, sizeof(peer));
	(void)add(IFLA_IFNAME, "eth0", sizeof("eth0"));
	(void)add(IFLA_NET_NS_FD, &peer_ns, sizeof(peer_ns));
	close_nest(other);
	close_nest(data);
	close_nest(info);
	end();
}

static void configure(unsigned number)
{
	unsigned eth0 = if_nametoindex("eth0");
	struct ifinfomsg lo = { .ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifinfomsg up = { .ifi_index = (int)eth0, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct ifaddrmsg address = { .ifa_family = AF_INET,
				     .ifa_prefixlen = 16,
				     .ifa_index = eth0 };
	struct rtmsg route = { .rtm_family = AF_INET,
			       .rtm_table = RT_TABLE_MAIN,
			       .rtm_protocol = RTPROT_STATIC,
			       .rtm_type = RTN_UNICAST };
	uint32_t own = htonl(0x0a000000u + 10 + number), gateway = htonl(0x0a000001u);

	begin(RTM_NEWLINK, 0, &lo, sizeof(lo));
	end();
	begin(RTM_NEWLINK, 0, &up, sizeof(up));
	end();
	begin(RTM_NEWADDR, NLM_F_CREATE, &address, sizeof(address));
	(void)add(IFA_LOCAL, &own, sizeof(own));
	(void)add(IFA_ADDRESS, &own, sizeof(own));
	end();
	begin(RTM_NEWROUTE, NLM_F_CREATE, &route, sizeof(route));
	(void)add(RTA_GATEWAY, &gateway, sizeof(gateway));
	(void)add(RTA_OIF, &eth0, sizeof(eth0));
	end();
}

static double now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 1000;
	struct rlimit files;
	double start_ms;
	int fabric, fabric_netlink, *namespaces, *sockets;

	(void)getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &files);
	namespaces = calloc(count, sizeof(int));
	sockets = calloc(count, sizeof(int));
	must(namespaces && sockets, "memory");
	start_ms = now_ms();
	fabric = new_namespace();
	fabric_netlink = open_netlink();
	for (unsigned i = 0; i < count; i++) {
		namespaces[i] = new_namespace();
		sockets[i] = open_netlink();
	}
	must(!setns(fabric, CLONE_NEWNET), "enter the fabric");
	for (unsigned i = 0; i < count; i++) {
		add_veth(i, namespaces[i]);
		if (batch.count == BATCH)
			flush(fabric_netlink);
	}
	flush(fabric_netlink);
	for (unsigned i = 0; i < count; i++) {
		must(!setns(namespaces[i], CLONE_NEWNET), "enter a namespace");
		configure(i);
		flush(sockets[i]);
	}
	(void)printf("%.1f\n", now_ms() - start_ms);
	(void)fflush(stdout);
	_exit(0); /* the kernel removes it all; that is not what is measured */
}
