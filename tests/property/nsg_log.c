/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/property/nsg_log.h"

#include "lab/base/cleanup.h"
#include "lab/plan/fabric_ids.h"
#include "netns/kernel/nflog.h"
#include "netns/kernel/ns.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READERS "/proc/thread-self/net/netfilter/nfnetlink_log"

struct nsg_log {
	const struct topology *topology;
	int fd;
	uint32_t sequence;
	bool has_sequence;
};

/* ---- the lab's socket ---- */

/* The port of the group's reader in this namespace; 0 when there is none. */
static uint32_t find_reader(void)
{
	CLEANUP(file_cleanup) FILE *in = fopen(READERS, "r");
	unsigned group, port;
	char line[200];

	while (in && fgets(line, sizeof(line), in))
		if (sscanf(line, "%u %u", &group, &port) == 2 && group == FLOW_LOG_GROUP)
			return port;
	return 0;
}

/* A descriptor of another process as one of ours, if it is the socket with that port; or -1. */
static int take_socket(int process, int fd, uint32_t port)
{
	struct sockaddr_nl name = { 0 };
	socklen_t len = sizeof(name), type_len = sizeof(int);
	int own = (int)syscall(SYS_pidfd_getfd, process, fd, 0), type = -1;

	if (own >= 0 && !getsockopt(own, SOL_SOCKET, SO_PROTOCOL, &type, &type_len) &&
	    type == NETLINK_NETFILTER && !getsockname(own, (struct sockaddr *)&name, &len) &&
	    name.nl_family == AF_NETLINK && name.nl_pid == port)
		return own;
	fd_close(&own);
	return -1;
}

/* The lab's first process is the one that reads. */
static int take_over(uint32_t port)
{
	CLEANUP(fd_cleanup) int process = (int)syscall(SYS_pidfd_open, 1, 0);
	DIR *all = opendir("/proc/1/fd");
	struct dirent *entry;
	int found = -1;

	while (all && found < 0 && (entry = readdir(all)))
		if (*entry->d_name != '.')
			found = take_socket(process, (int)strtol(entry->d_name, NULL, 10), port);
	if (all)
		(void)closedir(all);
	return found;
}

/* The owner of the socket expects no answer. */
static int unbind(int fd)
{
	struct nfulnl_msg_config_cmd body = { .command = NFULNL_CFG_CMD_UNBIND };
	struct nfgenmsg head = { AF_UNSPEC, NFNETLINK_V0, htons(FLOW_LOG_GROUP) };
	struct nl_msg *msg =
		nlmsg_alloc_simple(NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_REQUEST);
	int rc = -ENOMEM;

	if (msg && !nlmsg_append(msg, &head, sizeof(head), NLMSG_ALIGNTO) &&
	    !nla_put(msg, NFULA_CFG_CMD, sizeof(body), &body))
		rc = send(fd, nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) < 0 ? -errno : 0;
	nlmsg_free(msg);
	return rc;
}

static int open_log(struct nsg_log *log, struct err *err)
{
	CLEANUP(fd_cleanup) int of_lab = -1;
	uint32_t reader = find_reader();

	if (reader) {
		of_lab = take_over(reader);
		if (of_lab < 0)
			return err_set(err, -ENOENT, "nobody has the socket of the flow log");
		if (unbind(of_lab))
			return err_set(err, -EIO, "the flow log does not end");
	}
	return nflog_open(FLOW_LOG_GROUP, &log->fd, err);
}

struct nsg_log *nsg_log_new(const struct topology *topology, struct err *err)
{
	CLEANUP(fd_cleanup) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	CLEANUP(fd_cleanup) int fabric = -1;
	struct nsg_log *log = calloc(1, sizeof(*log));
	int rc;

	if (!log)
		abort();
	*log = (struct nsg_log){ .topology = topology, .fd = -1 };
	rc = ns_open("fabric", &fabric, err);
	if (!rc)
		rc = ns_enter(fabric, err);
	if (!rc)
		rc = open_log(log, err);
	if (!rc)
		rc = ns_enter(home, err);
	if (!rc)
		return log;
	nsg_log_free(log);
	return NULL;
}

void nsg_log_free(struct nsg_log *log)
{
	if (!log)
		return;
	fd_close(&log->fd);
	free(log);
}

int nsg_log_fd(const struct nsg_log *log)
{
	return log->fd;
}

/* ---- what is read ---- */

static const struct interface *find_port(const struct nsg_log *log, uint32_t ifindex)
{
	for (size_t i = 0; i < log->topology->ports.count; i++)
		if (log->topology->ports.items[i]->port_ifindex == ifindex)
			return log->topology->ports.items[i];
	return NULL;
}

static int read_message(struct nsg_log *log, const struct nlmsghdr *h, logged_fn *on_logged,
			void *arg, struct err *err)
{
	struct nflog_message message;
	struct logged logged;

	if (!nflog_parse(h, &message))
		return 0;
	if (log->has_sequence && message.sequence != log->sequence)
		return err_set(err, -ENOBUFS, "more was logged than could be read");
	log->sequence = message.sequence + 1;
	log->has_sequence = true;
	if (!wire_parse(message.packet, message.packet_size, &logged.packet))
		return 0;
	if (!hit_parse(message.prefix, message.mark & MARK_LAYER_SUBNET, &logged.hit))
		return err_set(err, -EINVAL, "'%s' is logged, which nobody understands",
			       message.prefix);
	logged.port = find_port(log, logged.hit.direction == DIRECTION_INBOUND ? message.out
									       : message.in);
	on_logged(arg, &logged);
	return 0;
}

int nsg_log_read(struct nsg_log *log, logged_fn *on_logged, void *arg, struct err *err)
{
	static char bytes[128 * 1024] __attribute__((aligned(NLMSG_ALIGNTO)));
	ssize_t got;
	int rc = 0;

	while (!rc && (got = recv(log->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) >= 0) {
		const struct nlmsghdr *h = (const struct nlmsghdr *)bytes;

		for (int left = (int)got; !rc && nlmsg_ok(h, left);
		     h = nlmsg_next((struct nlmsghdr *)h, &left))
			rc = read_message(log, h, on_logged, arg, err);
	}
	if (!rc && nflog_dropped(log->fd))
		return err_set(err, -ENOBUFS, "more was logged than could be read");
	return rc;
}
