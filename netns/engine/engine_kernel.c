/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/engine/engine_kernel.h"

#include "lab/base/cleanup.h"
#include "lab/plan/fabric_ids.h"
#include "netns/daemon/spawn.h"
#include "netns/engine/daemon_files.h"
#include "netns/kernel/conntrack.h"
#include "netns/kernel/fib.h"
#include "netns/kernel/frames.h"
#include "netns/kernel/link_stats.h"
#include "netns/kernel/nflog.h"
#include "netns/kernel/nft.h"
#include "netns/kernel/nft_events.h"
#include "netns/kernel/ns.h"
#include "netns/kernel/packet.h"
#include "netns/kernel/route_flush.h"
#include "netns/kernel/rtnl_step.h"
#include "netns/kernel/sysctl.h"
#include "netns/kernel/tap.h"
#include "netns/kernel/tunnel.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uthash.h>

/* A namespace of the lab; opened when it is first used. */
struct ns {
	UT_hash_handle hh;
	int fd;
	struct nl_sock *sock;
	bool needs_loopback; /* made, but its loopback is still down */
	char name[];
};

struct engine_kernel {
	struct ns *all;
	const struct ns *here; /* the one we are in; NULL for the lab's own */
	int home;              /* the lab's own */
	struct rtnl_batch batch;
	uint32_t *nft; /* steps of nftables that are to be carried out together, at the flush */
	uint32_t nft_count, nft_capacity;
	struct engine_features features;
};

/* Devices hold what a delay of a second brings at full speed. */
#define TAP_QUEUE_PACKETS 10000
#define LOOPBACK_IFINDEX  1

static struct ns *ns_add(struct engine_kernel *k, const char *name, int fd)
{
	struct ns *ns = calloc(1, sizeof(*ns) + strlen(name) + 1);

	if (!ns)
		abort();
	strcpy(ns->name, name); /* the size was taken from it */
	ns->fd = fd;
	HASH_ADD_STR(k->all, name, ns);
	return ns;
}

static void ns_free(struct engine_kernel *k, struct ns *ns)
{
	HASH_DEL(k->all, ns);
	if (ns->sock)
		nl_socket_free(ns->sock);
	fd_close(&ns->fd);
	free(ns);
}

static struct ns *ns_find(struct engine_kernel *k, const char *name, struct err *err)
{
	struct ns *ns = NULL;
	int fd;

	HASH_FIND_STR(k->all, name, ns);
	if (ns)
		return ns;
	if (ns_open(name, &fd, err))
		return NULL;
	return ns_add(k, name, fd);
}

static int go(struct engine_kernel *k, const struct ns *ns, struct err *err)
{
	int rc;

	if (k->here == ns)
		return 0;
	rc = ns_enter(ns ? ns->fd : k->home, err);
	if (!rc)
		k->here = ns;
	return rc;
}

/* Be in a namespace, the batch too; what was queued for another one is sent first. */
static int use(struct engine_kernel *k, const char *name, struct ns **ret_ns, uint32_t index,
	       uint32_t *ret_failed, struct err *err)
{
	struct ns *ns = ns_find(k, name, err);
	int rc;

	if (!ns)
		return err->code;
	if (ns->sock && k->batch.sock == ns->sock) {
		*ret_ns = ns;
		return 0;
	}
	rc = rtnl_batch_commit(&k->batch, ret_failed, err);
	if (!rc)
		rc = go(k, ns, err);
	if (!rc && !ns->sock) {
		ns->sock = rtnl_open(err);
		rc = ns->sock ? 0 : err->code;
	}
	if (rc)
		return rc;
	rtnl_batch_use(&k->batch, ns->sock);
	*ret_ns = ns;
	if (!ns->needs_loopback)
		return 0;
	ns->needs_loopback = false;
	return rtnl_link_up(&k->batch, LOOPBACK_IFINDEX, index, ret_failed, err);
}

static int run_namespace(struct engine_kernel *k, const struct plan *plan, uint32_t index,
			 uint32_t *ret_failed, struct err *err)
{
	const char *name = plan_text(plan, plan->steps[index].ns);
	struct ns *ns;
	int fd, rc;

	rc = rtnl_batch_commit(&k->batch, ret_failed, err);
	if (rc)
		return rc;
	*ret_failed = index;
	if (plan->steps[index].verb == STEP_REMOVE) {
		ns = ns_find(k, name, err);
		if (!ns || go(k, NULL, err))
			return err->code;
		k->batch.sock = NULL;
		ns_free(k, ns);
		return ns_remove(name, err);
	}
	rc = ns_create(name, &fd, err);
	if (rc)
		return rc;
	ns = ns_add(k, name, fd);
	ns->needs_loopback = true;
	k->here = ns;
	return 0;
}

static int run_sysctl(struct engine_kernel *k, const struct plan *plan, const struct step *step,
		      struct err *err)
{
	const struct ns *ns = ns_find(k, plan_text(plan, step->ns), err);

	if (!ns || go(k, ns, err))
		return err->code;
	if (step->verb == STEP_REMOVE)
		return 0; /* settings go with their namespace */
	return sysctl_write(plan_text(plan, step->sysctl.path), plan_text(plan, step->sysctl.value),
			    err);
}

static int run_link(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		    uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	struct ns *ns, *peer = NULL;
	int rc;

	if (step->kind == STEP_VETH || step->kind == STEP_CABLE) {
		const struct link_end *b = step->kind == STEP_VETH ? &step->veth.b : &step->cable.b;

		peer = ns_find(k, plan_text(plan, b->ns), err);
		if (!peer)
			return err->code;
	}
	rc = use(k, plan_text(plan, step->ns), &ns, index, ret_failed, err);
	return rc ? rc
		  : rtnl_step_add(&k->batch, plan, index, peer ? peer->fd : -1, ret_failed, err);
}

/* One end of a cable as a TAP device whose descriptor the wire will hold. */
static int make_tap(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		    const struct link_end *end, struct engine_made *made, uint32_t *ret_failed,
		    struct err *err)
{
	uint32_t mtu = plan->steps[index].cable.mtu;
	CLEANUP(fd_cleanup) int tap = -1;
	struct ns *ns = NULL;
	int monitor, rc;

	rc = use(k, plan_text(plan, end->ns), &ns, index, ret_failed, err);
	if (!rc) /* one of that name may be on its way out */
		rc = rtnl_batch_commit(&k->batch, ret_failed, err);
	if (rc)
		return rc;
	*ret_failed = index;
	rc = go(k, ns, err);
	if (!rc)
		rc = tap_open(end->name, end->ifindex, &tap, err);
	if (!rc)
		rc = link_monitor_open(&monitor, err);
	if (rc)
		return rc;
	made->fds[made->fd_count++] = fd_take(&tap);
	made->fds[made->fd_count++] = monitor;
	return rtnl_link_set(&k->batch, end, mtu, TAP_QUEUE_PACKETS, index, ret_failed, err);
}

/* The supervisor and the wire would wait for the kernel if it went with their descriptors. */
static int remove_tap(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		      const struct link_end *end, uint32_t *ret_failed, struct err *err)
{
	struct ns *ns;
	int rc = use(k, plan_text(plan, end->ns), &ns, index, ret_failed, err);

	return rc ? rc : rtnl_link_delete(&k->batch, end->ifindex, index, ret_failed, err);
}

/* The port of a guest: the device first, since how it is made is no message of netlink. */
static int run_tap(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		   uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	struct ns *ns = NULL;

	if (step->verb != STEP_ADD)
		return run_link(k, plan, index, ret_failed, err);
	if (use(k, plan_text(plan, step->ns), &ns, index, ret_failed, err) ||
	    rtnl_batch_commit(&k->batch, ret_failed, err))
		return err->code;
	*ret_failed = index;
	if (go(k, ns, err) || tap_make(step->tap.end.name, step->tap.end.ifindex, err))
		return err->code;
	return rtnl_step_add(&k->batch, plan, index, -1, ret_failed, err);
}

static int set_netem(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		     const struct link_end *end, uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	struct netem netem = { step->cable.delay_us, step->cable.loss_ppm, step->cable.rate_bps };
	struct ns *ns;
	int rc = use(k, plan_text(plan, end->ns), &ns, index, ret_failed, err);

	return rc ? rc : rtnl_netem_set(&k->batch, end->ifindex, netem, index, ret_failed, err);
}

/*
 * The other end of a pair, which the kernel leaves down. A pair has no carrier of its own: of one
 * that is cut this end stays down, and the first one has none by that.
 */
static int set_other_end(struct engine_kernel *k, const struct plan *plan, uint32_t index,
			 uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	const struct link_end *end = &step->cable.b;
	struct ns *ns;
	int rc = use(k, plan_text(plan, end->ns), &ns, index, ret_failed, err);

	if (rc)
		return rc;
	return step->cable.is_cut ? rtnl_link_down(&k->batch, end->ifindex, index, ret_failed, err)
				  : rtnl_link_up(&k->batch, end->ifindex, index, ret_failed, err);
}

static int run_cable(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		     struct engine_made *made, uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	int rc = 0;

	if (!k->features.has_netem) {
		if (step->verb == STEP_CHANGE) /* the wire's */
			return 0;
		if (step->verb == STEP_REMOVE) {
			rc = remove_tap(k, plan, index, &step->cable.a, ret_failed, err);
			return rc ? rc
				  : remove_tap(k, plan, index, &step->cable.b, ret_failed, err);
		}
		rc = make_tap(k, plan, index, &step->cable.a, made, ret_failed, err);
		return rc ? rc : make_tap(k, plan, index, &step->cable.b, made, ret_failed, err);
	}
	if (step->verb != STEP_CHANGE)
		rc = run_link(k, plan, index, ret_failed, err);
	if (rc || step->verb == STEP_REMOVE)
		return rc;
	rc = set_other_end(k, plan, index, ret_failed, err);
	if (!rc)
		rc = set_netem(k, plan, index, &step->cable.a, ret_failed, err);
	return rc ? rc : set_netem(k, plan, index, &step->cable.b, ret_failed, err);
}

/* Of the end that something stands on; the other one is its cable's alone. */
static int run_frames_end(struct engine_kernel *k, const struct plan *plan, uint32_t index,
			  bool is_b, uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	const struct frames_end *end = is_b ? &step->frames.b : &step->frames.a;
	struct frames_work work = { .plan = plan,
				    .step = step,
				    .index = index,
				    .is_b = is_b,
				    .has_vlan = k->features.has_vlan,
				    .has_mac_sec = k->features.has_mac_sec };
	struct ns *ns = NULL;
	int rc;

	rc = use(k, plan_text(plan, end->end.ns), &ns, index, ret_failed, err);
	if (!rc)
		rc = go(k, ns, err);
	return rc ? rc : frames_run(&k->batch, &work, ret_failed, err);
}

static int run_frames(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		      uint32_t *ret_failed, struct err *err)
{
	int rc = run_frames_end(k, plan, index, false, ret_failed, err);

	return rc ? rc : run_frames_end(k, plan, index, true, ret_failed, err);
}

static void queue_nft(struct engine_kernel *k, uint32_t index)
{
	if (k->nft_count == k->nft_capacity) {
		k->nft_capacity = k->nft_capacity ? k->nft_capacity * 2 : 64;
		k->nft = realloc(k->nft, k->nft_capacity * sizeof(*k->nft));
		if (!k->nft)
			abort();
	}
	k->nft[k->nft_count++] = index;
}

/* Namespace by namespace, since what goes and what comes of one may be far apart in the plan. */
static int flush_nft(struct engine_kernel *k, const struct plan *plan, uint32_t *ret_failed,
		     struct err *err)
{
	uint32_t *its = calloc(k->nft_count + 1, sizeof(*its));
	uint32_t left = k->nft_count;
	int rc = 0;

	if (!its)
		abort();
	k->nft_count = 0;
	while (left && !rc) {
		plan_text_id name = plan->steps[k->nft[0]].ns;
		uint32_t count = 0, rest = 0;
		const struct ns *ns;

		for (uint32_t i = 0; i < left; i++)
			if (plan->steps[k->nft[i]].ns == name)
				its[count++] = k->nft[i];
			else
				k->nft[rest++] = k->nft[i];
		left = rest;
		*ret_failed = its[0];
		ns = ns_find(k, plan_text(plan, name), err);
		rc = !ns || go(k, ns, err) ? err->code
					   : nft_apply(plan, its, count, ret_failed, err);
	}
	free(its);
	return rc;
}

/* The supervisor, whose child it is, has ended it; what it put into the kernel goes here. */
static int remove_daemon(struct engine_kernel *k, const struct ns *ns, const char *control,
			 struct err *err)
{
	struct nl_sock *sock;
	int rc;

	daemon_files_await_end(control);
	if (go(k, ns, err))
		return err->code;
	sock = rtnl_open(err);
	if (!sock)
		return err->code;
	rc = route_flush_learned(sock, err);
	nl_socket_free(sock);
	return rc;
}

static int run_daemon(struct engine_kernel *k, const struct plan *plan, const struct step *step,
		      struct engine_made *made, struct err *err)
{
	const struct ns *ns = ns_find(k, plan_text(plan, step->ns), err);
	struct spawn spawn = {
		.argv = plan_text(plan, step->daemon.argv),
		.run = plan_text(plan, step->daemon.run),
		.environment = plan_text(plan, step->daemon.environment),
		.has_own_tmp = *plan_text(plan, step->daemon.user),
	};
	const char *user = plan_text(plan, step->daemon.user),
		   *needs = plan_text(plan, step->daemon.needs);

	if (step->verb == STEP_REMOVE)
		return ns ? remove_daemon(k, ns, plan_text(plan, step->daemon.control), err)
			  : err->code;
	if (step->verb != STEP_ADD)
		return 0;
	if (*spawn.run && daemon_files_write_backend(spawn.run, k->features.has_xfrm, err))
		return err->code;
	if (!ns || go(k, ns, err) ||
	    (*user &&
	     daemon_files_give_directory(plan_text(plan, step->daemon.control), user, err)))
		return err->code;
	if (*needs)
		daemon_files_await(needs);
	if (daemon_spawn(&spawn, &made->pid, &made->fds[0], err))
		return err->code;
	made->fd_count = 1;
	return 0;
}

/* Two namespaces change places in it: nothing may be left in the batch, and we come back. */
static int run_tunnel(struct engine_kernel *k, const struct plan *plan, uint32_t index,
		      uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	struct tunnel_device device = { .plan = plan,
					.step = step,
					.is_xfrm = k->features.has_xfrm };
	const struct ns *outside, *node;
	int rc = rtnl_batch_commit(&k->batch, ret_failed, err);

	if (rc)
		return rc;
	*ret_failed = index;
	outside = ns_find(k, plan_text(plan, step->ns), err);
	node = outside ? ns_find(k, plan_text(plan, step->tunnel.end.ns), err) : NULL;
	if (!node)
		return err->code;
	device.outside = outside->fd;
	device.node = node->fd;
	rc = tunnel_device_run(&device, err);
	if (!rc)
		rc = ns_enter(k->here ? k->here->fd : k->home, err);
	else
		(void)ns_enter(k->here ? k->here->fd : k->home, NULL);
	return rc;
}

static int run_listener(struct engine_kernel *k, const struct plan *plan, const struct step *step,
			struct engine_made *made, struct err *err)
{
	in_port_t port = htons((uint16_t)step->listener.port);
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = port };
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6, .sin6_port = port };
	bool has_ipv6 = step->listener.has_ipv6;
	const void *address = has_ipv6 ? (const void *)&any6 : &any;
	socklen_t size = has_ipv6 ? sizeof(any6) : sizeof(any);
	CLEANUP(fd_cleanup) int fd = -1;
	int one = 1, zero = 0;

	if (step->verb != STEP_ADD) /* it goes with its descriptor */
		return 0;
	if (engine_kernel_socket(k, plan_text(plan, step->ns),
				 has_ipv6 ? ENGINE_SOCKET_TCP6 : ENGINE_SOCKET_TCP, &fd, err))
		return err->code;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (has_ipv6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, address, size) || listen(fd, 128))
		return err_set(err, -errno, "listen: %s", strerror(errno));
	made->fds[made->fd_count++] = fd_take(&fd);
	return 0;
}

static int run(void *ctx, const struct plan *plan, uint32_t index, struct engine_made *ret_made,
	       uint32_t *ret_failed, struct err *err)
{
	const struct step *step = &plan->steps[index];
	struct engine_kernel *k = ctx;

	switch (step->kind) {
	case STEP_NAMESPACE:
		return run_namespace(k, plan, index, ret_failed, err);
	case STEP_SYSCTL:
		return run_sysctl(k, plan, step, err);
	case STEP_BRIDGE:
	case STEP_VETH:
	case STEP_UP:
	case STEP_ADDRESS:
	case STEP_NEIGHBOUR:
	case STEP_ROUTE:
	case STEP_RULE:
		return run_link(k, plan, index, ret_failed, err);
	case STEP_CABLE:
		return run_cable(k, plan, index, ret_made, ret_failed, err);
	case STEP_FRAMES:
		return run_frames(k, plan, index, ret_failed, err);
	case STEP_TUNNEL:
		return run_tunnel(k, plan, index, ret_failed, err);
	case STEP_NFT:
	case STEP_ELEMENT:
		queue_nft(k, index);
		return 0;
	case STEP_FILE:
		return daemon_files_write(plan, step, err);
	case STEP_DAEMON:
		return run_daemon(k, plan, step, ret_made, err);
	case STEP_LISTENER:
		return run_listener(k, plan, step, ret_made, err);
	case STEP_TAP:
		return run_tap(k, plan, index, ret_failed, err);
	case STEP_GUEST: /* the supervisor's, when all of the plan is done */
	case STEP_KIND_COUNT:
		break;
	}
	return 0;
}

static int flush(void *ctx, const struct plan *plan, uint32_t *ret_failed, struct err *err)
{
	struct engine_kernel *k = ctx;

	if (rtnl_batch_commit(&k->batch, ret_failed, err)) {
		k->nft_count = 0;
		return err->code;
	}
	return flush_nft(k, plan, ret_failed, err);
}

const struct engine_ops engine_kernel_ops = { .run = run, .flush = flush };

int engine_kernel_socket(struct engine_kernel *k, const char *name, enum engine_socket type,
			 int *ret_fd, struct err *err)
{
	const struct ns *ns = ns_find(k, name, err);
	int fd = -1;

	if (!ns || go(k, ns, err))
		return err->code;
	switch (type) {
	case ENGINE_SOCKET_TCP:
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		break;
	case ENGINE_SOCKET_TCP6:
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		break;
	case ENGINE_SOCKET_UDP:
		fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		break;
	case ENGINE_SOCKET_ICMP:
		fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
		break;
	case ENGINE_SOCKET_FIB:
		return fib_open(ret_fd, err);
	case ENGINE_SOCKET_FIB_EVENTS:
		return fib_open_events(ret_fd, err);
	case ENGINE_SOCKET_NFT_EVENTS:
		return nft_events_open(ret_fd, err);
	case ENGINE_SOCKET_FLOW_LOG:
		return nflog_open(FLOW_LOG_GROUP, ret_fd, err);
	case ENGINE_SOCKET_CONNTRACK:
		return conntrack_open(ret_fd, err);
	case ENGINE_SOCKET_CONNTRACK_EVENTS:
		return conntrack_open_events(ret_fd, err);
	case ENGINE_SOCKET_PACKETS:
		return packet_open(ret_fd, err);
	case ENGINE_SOCKET_LINK_STATS:
		return link_stats_open(ret_fd, err);
	case ENGINE_SOCKET_FRAMES:
		return packet_open_frames(ret_fd, err);
	}
	if (fd < 0)
		return err_set(err, -errno, "socket in %s: %s", name, strerror(errno));
	*ret_fd = fd;
	return 0;
}

struct engine_features engine_kernel_features(const struct engine_kernel *kernel)
{
	return kernel->features;
}

/* By trying, on the loopback of a namespace that is thrown away. */
static bool try_netem(struct engine_kernel *k)
{
	struct nl_sock *sock = NULL;
	struct err err = { 0 };
	uint32_t failed;
	bool is_there = false;

	if (unshare(CLONE_NEWNET))
		return false;
	sock = rtnl_open(&err);
	if (sock) {
		rtnl_batch_use(&k->batch, sock);
		is_there = !rtnl_netem_set(&k->batch, 1, (struct netem){ .delay_us = 1 }, 0,
					   &failed, &err) &&
			   !rtnl_batch_commit(&k->batch, &failed, &err);
		nl_socket_free(sock);
		k->batch.sock = NULL;
	}
	(void)setns(k->home, CLONE_NEWNET);
	return is_there;
}

/* Likewise. */
static bool try_in_namespace(struct engine_kernel *k, bool (*try)(void))
{
	bool is_there;

	if (unshare(CLONE_NEWNET))
		return false;
	is_there = try();
	(void)setns(k->home, CLONE_NEWNET);
	return is_there;
}

struct engine_kernel *engine_kernel_new(struct err *err)
{
	struct engine_kernel *k = calloc(1, sizeof(*k));

	if (!k)
		abort();
	k->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (k->home < 0) {
		err_set(err, -errno, "open /proc/self/ns/net: %s", strerror(errno));
		free(k);
		return NULL;
	}
	rtnl_batch_init(&k->batch);
	conntrack_load();
	k->features.has_netem = try_netem(k);
	k->features.has_xfrm = try_in_namespace(k, tunnel_try_xfrm);
	k->features.has_vlan = try_in_namespace(k, frames_try_vlan);
	k->features.has_mac_sec = try_in_namespace(k, frames_try_mac_sec);
	return k;
}

void engine_kernel_free(struct engine_kernel *k)
{
	struct ns *ns, *next;

	if (!k)
		return;
	HASH_ITER(hh, k->all, ns, next)
		ns_free(k, ns);
	rtnl_batch_fini(&k->batch);
	fd_close(&k->home);
	free(k->nft);
	free(k);
}
