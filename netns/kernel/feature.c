/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/feature.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"
#include "lab/base/text_file.h"
#include "lab/render/strongswan_conf.h"
#include "netns/guest/disk.h"
#include "netns/guest/guests.h"
#include "netns/kernel/frames.h"
#include "netns/kernel/nft.h"
#include "netns/kernel/rtnl_step.h"
#include "netns/kernel/sysctl.h"
#include "netns/kernel/tap.h"
#include "netns/kernel/tunnel.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool write_text(const char *path, const char *text)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
}

/* As a lab does: a user namespace when we are not root, then the others. */
static bool try_namespaces(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (uid) {
		if (unshare(CLONE_NEWUSER))
			return false;
		(void)write_text("/proc/self/setgroups", "deny");
		(void)snprintf(map, sizeof(map), "0 %u 1", uid);
		if (!write_text("/proc/self/uid_map", map))
			return false;
		(void)snprintf(map, sizeof(map), "0 %u 1", gid);
		if (!write_text("/proc/self/gid_map", map))
			return false;
	}
	return !unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) &&
	       !mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) &&
	       !mount("tmpfs", "/run", "tmpfs", 0, NULL);
}

/* A message for the loopback of the namespace we are in is accepted. */
static bool commit_one(int (*build)(struct rtnl_batch *batch, struct err *err))
{
	struct err err = { 0 };
	struct nl_sock *sock = rtnl_open(&err);
	struct rtnl_batch batch;
	uint32_t failed;
	bool is_done;

	if (!sock)
		return false;
	rtnl_batch_init(&batch);
	rtnl_batch_use(&batch, sock);
	is_done = !build(&batch, &err) && !rtnl_batch_commit(&batch, &failed, &err);
	rtnl_batch_fini(&batch);
	nl_socket_free(sock);
	return is_done;
}

static int build_links(struct rtnl_batch *batch, struct err *err)
{
	struct plan *plan = plan_new();
	struct step *step = plan_add_step(plan, STEP_VETH, "", (struct src_pos){ 0 });
	uint32_t failed;
	int rc, here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	step->veth.a = (struct link_end){ .ifindex = 10, .name = "a", .mac = { 2, 0, 0, 0, 0, 1 } };
	step->veth.b = (struct link_end){ .ifindex = 11, .name = "b", .mac = { 2, 0, 0, 0, 0, 2 } };
	step->veth.mtu = ETHERNET_MTU;
	step->veth.is_port = true;
	rc = rtnl_step_add(batch, plan, 0, here, &failed, err);
	step = plan_add_step(plan, STEP_BRIDGE, "", (struct src_pos){ 0 });
	step->bridge.end = (struct link_end){ .ifindex = 12, .name = "c" };
	if (!rc)
		rc = rtnl_step_add(batch, plan, 1, -1, &failed, err);
	step = plan_add_step(plan, STEP_RULE, "", (struct src_pos){ 0 });
	step->rule.family = IP_V4;
	step->rule.priority = 100;
	step->rule.mark = 1;
	step->rule.mask = 0xffff;
	step->rule.table = 10001;
	if (!rc)
		rc = rtnl_step_add(batch, plan, 2, -1, &failed, err);
	plan_free(plan);
	return rc; /* the descriptor is used when the batch is sent: it ends with this process */
}

static bool try_links(void)
{
	return try_namespaces() && !sysctl_write("net/ipv4/ip_forward", "1", NULL) &&
	       commit_one(build_links);
}

static bool try_nftables(void)
{
	static const char rules[] = "\tmap m_zone {\n\t\ttypeof iifname : ct zone\n"
				    "\t\telements = { \"p-a\" : 1 }\n\t}\n"
				    "\tchain c_ttl {\n\t\tip ttl set 64\n\t}\n"
				    "\tmap m_ttl {\n\t\ttypeof ip ttl : verdict\n"
				    "\t\telements = { 63 : goto c_ttl }\n\t}\n"
				    "\tchain c_pre {\n"
				    "\t\ttype filter hook prerouting priority -310;\n"
				    "\t\tct zone set iifname map @m_zone\n"
				    "\t\tip ttl vmap @m_ttl\n\t}\n";

	return try_namespaces() && !nft_add("ip hublab", rules, NULL);
}

static bool try_ipv6(void)
{
	static const char rules[] = "\tmap m_zone {\n\t\ttypeof iifname : ct zone\n\t}\n"
				    "\tchain c_pre {\n"
				    "\t\ttype filter hook prerouting priority -310;\n"
				    "\t\tct zone set iifname map @m_zone\n"
				    "\t\tip6 hoplimit set 64\n\t}\n";

	return try_namespaces() && !access("/proc/sys/net/ipv6", F_OK) &&
	       !nft_add("ip6 hublab", rules, NULL);
}

static int build_netem(struct rtnl_batch *batch, struct err *err)
{
	uint32_t failed;

	return rtnl_netem_set(batch, 1, (struct netem){ .delay_us = 1 }, 0, &failed, err);
}

static bool try_netem(void)
{
	return try_namespaces() && commit_one(build_netem);
}

static bool try_vlan(void)
{
	return try_namespaces() && frames_try_vlan();
}

static bool try_mac_sec(void)
{
	return try_namespaces() && frames_try_mac_sec();
}

static bool try_tun(void)
{
	CLEANUP(fd_cleanup) int fd = -1;

	return try_namespaces() && !tap_open("tap0", 10, &fd, NULL);
}

/* A range of further ids, for daemons and tools that change to a user of their own. */
static bool try_id_ranges(void)
{
	CLEANUP(file_cleanup) FILE *file = NULL;
	char line[256], name[64];
	const char *user = getenv("USER");

	if (!geteuid())
		return true;
	(void)snprintf(name, sizeof(name), "%u:", geteuid());
	file = fopen("/etc/subuid", "re");
	while (file && fgets(line, sizeof(line), file)) {
		size_t len = user ? strlen(user) : 0;

		if (!strncmp(line, name, strlen(name)) ||
		    (len && !strncmp(line, user, len) && line[len] == ':'))
			return !access("/usr/bin/newuidmap", X_OK) &&
			       !access("/usr/bin/newgidmap", X_OK);
	}
	return false;
}

static bool runs(const char *program, const char *argument)
{
	char longer[4096];
	int null, status;
	pid_t pid = fork();

	if (!pid) {
		null = open("/dev/null", O_RDWR);
		(void)dup2(null, 0);
		(void)dup2(null, 1);
		(void)dup2(null, 2);
		(void)snprintf(longer, sizeof(longer), "%s:/usr/local/sbin:/usr/sbin:/sbin",
			       getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
		(void)setenv("PATH", longer, 1);
		(void)execlp(program, program, argument, (char *)NULL);
		_exit(127);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       WEXITSTATUS(status) != 127;
}

static bool try_bird(void)
{
	return runs("bird", "--version");
}

static bool try_frr(void)
{
	return runs("/usr/lib/frr/bgpd", "--version") && getpwnam("frr");
}

static bool try_xfrm(void)
{
	return try_namespaces() && tunnel_try_xfrm();
}

/* Where distributions have charon; it is in nobody's PATH. */
#define CHARON_PATH ":/usr/lib/ipsec:/usr/libexec/ipsec:/usr/libexec/strongswan"

static NORETURN void run_charon(int output)
{
	CLEANUP(free_cleanup) char *path = NULL;

	(void)dup2(output, STDERR_FILENO);
	(void)dup2(output, STDOUT_FILENO);
	if (asprintf(&path, "%s" CHARON_PATH, getenv("PATH") ? getenv("PATH") : "/usr/bin") < 0)
		abort();
	(void)setenv("PATH", path, 1);
	(void)setenv("STRONGSWAN_CONF", "/run/" STRONGSWAN_CONF, 1);
	(void)execlp("charon", "charon", (char *)NULL);
	_exit(127);
}

#define CHARON_STARTS_MS 5000

/* Does it come as far as these words? */
static bool says(int output, const char *words)
{
	char text[8192];
	size_t len = 0;
	ssize_t got = 1;

	while (len < sizeof(text) - 1 && got > 0) {
		struct pollfd poll_fd = { .fd = output, .events = POLLIN };

		got = poll(&poll_fd, 1, CHARON_STARTS_MS);
		if (got > 0)
			got = read(output, text + len, sizeof(text) - 1 - len);
		len += got > 0 ? (size_t)got : 0;
		text[len] = '\0';
		if (strstr(text, words))
			return true;
	}
	return false;
}

/* A charon as labs have them starts, with all that it is told to load. */
static bool try_charon(bool is_xfrm)
{
	struct node node = { .name = "" };
	struct tunnel_end end = { .node = &node };
	int output[2], file = -1;
	bool is_there = false;
	struct text_file conf;
	pid_t pid;

	if (!try_namespaces() || pipe2(output, O_CLOEXEC))
		return false;
	strongswan_conf_print(&end, "lo", TIMERS_FAST, text_open(&conf));
	(void)text_close(&conf);
	file = open("/run/" STRONGSWAN_CONF, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	fd_close(&file);
	file = open("/run/" STRONGSWAN_BACKEND_CONF, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	fd_close(&file);
	if (write_text("/run/" STRONGSWAN_CONF, conf.text) &&
	    write_text("/run/" STRONGSWAN_BACKEND_CONF, strongswan_backend_conf(is_xfrm))) {
		pid = fork();
		if (!pid)
			run_charon(output[1]);
		fd_close(&output[1]);
		is_there = pid > 0 && says(output[0], is_xfrm ? "spawning" : "created TUN device");
		if (pid > 0 && !kill(pid, SIGKILL))
			(void)waitpid(pid, NULL, 0);
	}
	free(conf.text);
	return is_there;
}

static bool try_strongswan(void)
{
	return try_charon(true);
}

static bool try_libipsec(void)
{
	return try_charon(false);
}

static bool try_libvirt(void)
{
	struct err err = { 0 };

	return !guests_check(false, &err);
}

static bool try_guest_images(void)
{
	struct err err = { 0 };

	return !guest_disk_check_tools(false, &err);
}

static bool try_ping(void)
{
	return runs("ping", "-V");
}

static bool try_curl(void)
{
	return runs("curl", "--version");
}

static bool try_iproute(void)
{
	return runs("ip", "-V");
}

#define STRONGSWAN_REMEDY                                                                          \
	"apt install strongswan-charon libcharon-extra-plugins libstrongswan-standard-plugins "    \
	"libstrongswan-extra-plugins"

const struct feature features[] = {
	{ "namespaces", "labs in namespaces of their own",
	  "as root: sysctl -w kernel.unprivileged_userns_clone=1, or (Ubuntu) sysctl -w "
	  "kernel.apparmor_restrict_unprivileged_userns=0; or run hublab with sudo",
	  true, try_namespaces },
	{ "links", "ports, bridges, policy routing",
	  "a kernel with veth, bridge and policy routing", true, try_links },
	{ "nftables", "marks, conntrack zones, TTL",
	  "a kernel with nf_tables and conntrack, and libnftables 1.0", true, try_nftables },
	{ "ipv6", "IPv6: labs with dual stack", "a kernel with IPv6, and nf_tables for it", false,
	  try_ipv6 },
	{ "bird", "BGP: labs with gateways or routers", "apt install bird2", false, try_bird },
	{ "frr", "BGP: branches and appliances that run FRR", "apt install frr", false, try_frr },
	{ "strongswan", "IPsec: labs with tunnels", STRONGSWAN_REMEDY, false, try_strongswan },
	{ "xfrm", "IPsec by the kernel", "strongSwan does it instead, if there is libipsec", false,
	  try_xfrm },
	{ "libipsec", "IPsec by strongSwan itself",
	  STRONGSWAN_REMEDY "; as root: chmod 0666 /dev/net/tun", false, try_libipsec },
	{ "libvirt", "guests with kernels of their own: machines of kind libvirt",
	  "apt install qemu-system-x86 libvirt-daemon-driver-qemu; 'make images' in hublab's "
	  "sources builds what they boot",
	  false, try_libvirt },
	{ "guest-images", "guests that boot images of your own", "apt install qemu-utils mtools",
	  false, try_guest_images },
	{ "id-ranges", "tools that change their user inside a lab",
	  "apt install uidmap, and a range for this user in /etc/subuid and /etc/subgid", false,
	  try_id_ranges },
	{ "netem", "delay and loss by the kernel", "the wire does it instead, if there is tun",
	  false, try_netem },
	{ "vlan", "802.1Q and QinQ: tags on links of circuits",
	  "a kernel with 8021q; else links go untagged", false, try_vlan },
	{ "macsec", "MACsec on links of ExpressRoute Direct",
	  "a kernel with macsec and gcm(aes), and root; else such links are not encrypted", false,
	  try_mac_sec },
	{ "tun", "delay and loss by the wire", "as root: chmod 0666 /dev/net/tun", false, try_tun },
	{ "ping", "hublab ping", "apt install iputils-ping", false, try_ping },
	{ "curl", "hublab curl", "apt install curl", false, try_curl },
	{ "iproute2", "ip netns inside a lab", "apt install iproute2", false, try_iproute },
};
const size_t feature_count = ARRAY_SIZE(features);

bool feature_works(const struct feature *feature)
{
	int status;
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(feature->try() ? 0 : 1);
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	       !WEXITSTATUS(status);
}
