/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/dhcp_server.h"

#include "lab/base/cleanup.h"
#include "lab/render/dhcp.h"
#include "netns/kernel/dhcp_socket.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PORTION_NS   2000000ull /* of one callback */
#define SECOND_NS    1000000000ull
#define ANSWERS_MOST 20u /* a second, at one port */
#define RETRY_NS     SECOND_NS
#define QUIET_NS     (10 * SECOND_NS) /* what repeats is no event for so long */

enum family {
	FAMILY_IPV4,
	FAMILY_IPV6,
	FAMILY_COUNT
};

struct port {
	uint32_t ifindex;
	char *guest, *nic;
	struct dhcp_lease lease;
	uint64_t second_ns; /* since when answers are counted */
	unsigned answers;
	uint64_t told_ns[DHCP_CONFIGURED + 1][FAMILY_COUNT]; /* as an event; 0: never */
	UT_hash_handle hh;
};

struct dhcp_server {
	struct loop *loop;
	struct journal *journal;
	struct dhcp_server_ops ops;
	void *arg;
	struct port *ports; /* by ifindex */
	int fds[FAMILY_COUNT];
	bool is_asked[FAMILY_COUNT]; /* the engine is opening it */
	struct loop_fd *watches[FAMILY_COUNT];
	struct loop_timer *advertise, *retry;
	char problem[240];
};

/* ---- answers ---- */

/* A guest may ask as often as it likes: that is its own time, not the lab's. */
static bool may_answer(struct port *port, uint64_t now_ns)
{
	if (now_ns - port->second_ns >= SECOND_NS) {
		port->second_ns = now_ns;
		port->answers = 0;
	}
	return port->answers++ < ANSWERS_MOST;
}

static void tell(struct dhcp_server *server, struct port *port, const struct dhcp_answer *answer,
		 uint64_t now_ns)
{
	bool is_ipv6 = answer->family == IP_V6;
	uint64_t *told_ns = &port->told_ns[answer->told][is_ipv6];
	struct ip own = is_ipv6 ? port->lease.ip6 : port->lease.ip4.addr;

	if ((answer->told != DHCP_GIVEN && answer->told != DHCP_REFUSED) ||
	    (*told_ns && now_ns - *told_ns < QUIET_NS))
		return;
	*told_ns = now_ns;
	if (answer->told == DHCP_GIVEN)
		journal_add(server->journal, "guest", "%s got %s at %s by %s", port->guest,
			    ip_print(own).text, port->nic, is_ipv6 ? "DHCPv6" : "DHCP");
	else
		journal_add(server->journal, "guest",
			    "%s asked by %s for an address that %s has not: it has %s", port->guest,
			    is_ipv6 ? "DHCPv6" : "DHCP", port->nic, ip_print(own).text);
}

static void take_frame(struct dhcp_server *server, int fd, uint32_t ifindex, const uint8_t *frame,
		       size_t size, uint64_t now_ns)
{
	struct dhcp_answer answer;
	struct port *port;

	HASH_FIND(hh, server->ports, &ifindex, sizeof(ifindex), port);
	if (!port || !may_answer(port, now_ns))
		return;
	dhcp_answer(&port->lease, frame, size, &answer);
	if (answer.told == DHCP_NOTHING)
		return;
	dhcp_socket_send(fd, ifindex, answer.frame, answer.size);
	tell(server, port, &answer, now_ns);
}

static void advertise_at(struct dhcp_server *server, const struct port *port)
{
	struct dhcp_answer answer;

	dhcp_advertise(&port->lease, &answer);
	if (answer.told != DHCP_NOTHING && server->fds[FAMILY_IPV6] >= 0)
		dhcp_socket_send(server->fds[FAMILY_IPV6], port->ifindex, answer.frame,
				 answer.size);
}

static void advertise(void *arg, uint64_t now_ns)
{
	struct dhcp_server *server = arg;

	(void)now_ns;
	for (const struct port *port = server->ports; port; port = port->hh.next)
		advertise_at(server, port);
	loop_timer_set(server->advertise, DHCP_ADVERTISE_S * SECOND_NS);
}

/* ---- sockets ---- */

static void close_socket(struct dhcp_server *server, enum family family)
{
	loop_fd_free(server->watches[family]);
	server->watches[family] = NULL;
	if (server->fds[family] >= 0)
		server->ops.close_socket(server->arg, fd_take(&server->fds[family]));
}

static void set_problem(struct dhcp_server *server, const char *why)
{
	if (!strcmp(server->problem, why))
		return;
	(void)snprintf(server->problem, sizeof(server->problem), "%s", why);
	if (*why)
		journal_add(server->journal, "guest", "guests get no addresses by DHCP: %s", why);
	server->ops.on_change(server->arg);
}

static void fail(struct dhcp_server *server, enum family family, const char *why)
{
	close_socket(server, family);
	set_problem(server, why);
	loop_timer_set(server->retry, RETRY_NS);
}

static void on_frames(struct dhcp_server *server, enum family family, uint64_t now_ns)
{
	uint8_t frame[DHCP_FRAME_MAX];
	uint32_t ifindex = 0;
	ssize_t got;

	do {
		got = dhcp_socket_read(server->fds[family], frame, sizeof(frame), &ifindex);
		if (got > 0)
			take_frame(server, server->fds[family], ifindex, frame, (size_t)got,
				   now_ns);
	} while (got >= 0 && loop_clock_ns() - now_ns < PORTION_NS);
	if (got < 0 && got != -EAGAIN && got != -EINTR)
		fail(server, family, strerror((int)-got));
}

static void on_frames4(void *arg, unsigned events, uint64_t now_ns)
{
	(void)events;
	on_frames(arg, FAMILY_IPV4, now_ns);
}

static void on_frames6(void *arg, unsigned events, uint64_t now_ns)
{
	(void)events;
	on_frames(arg, FAMILY_IPV6, now_ns);
}

void dhcp_server_socket(void *arg, size_t family, int fd, const struct err *err)
{
	static const struct {
		enum ip_family family;
		loop_fd_fn *fn;
		const char *what;
	} kinds[] = { [FAMILY_IPV4] = { IP_V4, on_frames4, "dhcp: frames" },
		      [FAMILY_IPV6] = { IP_V6, on_frames6, "dhcp: frames of IPv6" } };
	struct dhcp_server *server = arg;
	struct err failure = { 0 };

	server->is_asked[family] = false;
	if (!server->ports) { /* the guests went meanwhile */
		if (!err)
			server->ops.close_socket(server->arg, fd);
		return;
	}
	server->fds[family] = fd;
	if (err || dhcp_socket_hear(fd, kinds[family].family, &failure)) {
		fail(server, (enum family)family, err ? err->text : failure.text);
		return;
	}
	server->watches[family] = loop_fd_new(server->loop, fd, LOOP_READ, kinds[family].fn, server,
					      kinds[family].what);
	if (server->fds[FAMILY_IPV4] >= 0 && server->fds[FAMILY_IPV6] >= 0)
		set_problem(server, "");
	if (family == FAMILY_IPV6)
		loop_timer_set(server->advertise, 0);
}

static void open_sockets(struct dhcp_server *server)
{
	for (size_t family = 0; family < FAMILY_COUNT; family++) {
		if (server->fds[family] >= 0 || server->is_asked[family])
			continue;
		server->is_asked[family] = true;
		server->ops.need_socket(server->arg, family);
	}
}

static void try_again(void *arg, uint64_t now_ns)
{
	struct dhcp_server *server = arg;

	(void)now_ns;
	if (server->ports)
		open_sockets(server);
}

/* ---- ports ---- */

static void port_free(struct port *port)
{
	free(port->guest);
	free(port->nic);
	free(port);
}

static void drop_ports(struct port **ports)
{
	struct port *port, *next;

	HASH_ITER(hh, *ports, port, next) {
		HASH_DEL(*ports, port);
		port_free(port);
	}
}

/* What is counted of a port goes on, and one that is told something else is told so at once. */
static void add_port(struct dhcp_server *server, struct port **earlier,
		     const struct interface *interface)
{
	struct dhcp_lease lease = dhcp_lease_of(interface);
	uint32_t ifindex = interface->port_ifindex;
	bool is_new = true;
	struct port *port;

	HASH_FIND(hh, *earlier, &ifindex, sizeof(ifindex), port);
	if (port) {
		HASH_DEL(*earlier, port);
		is_new = !dhcp_lease_equal(&port->lease, &lease);
		free(port->guest);
		free(port->nic);
	} else {
		port = calloc(1, sizeof(*port));
		if (!port)
			abort();
	}
	port->ifindex = ifindex;
	port->lease = lease;
	port->guest = strdup(interface->node->name);
	port->nic = strdup(interface->name);
	if (!port->guest || !port->nic)
		abort();
	HASH_ADD(hh, server->ports, ifindex, sizeof(port->ifindex), port);
	if (is_new)
		advertise_at(server, port);
}

void dhcp_server_want(struct dhcp_server *server, const struct topology *topology)
{
	struct port *earlier = server->ports;

	server->ports = NULL;
	for (size_t i = 0; i < topology->ports.count; i++)
		if (node_is_guest(topology->ports.items[i]->node))
			add_port(server, &earlier, topology->ports.items[i]);
	drop_ports(&earlier);
	if (server->ports) {
		open_sockets(server);
		return;
	}
	for (size_t family = 0; family < FAMILY_COUNT; family++)
		close_socket(server, (enum family)family);
	loop_timer_cancel(server->advertise);
	loop_timer_cancel(server->retry);
	set_problem(server, "");
}

const char *dhcp_server_problem(const struct dhcp_server *server)
{
	return server->problem;
}

struct dhcp_server *dhcp_server_new(struct loop *loop, struct journal *journal,
				    const struct dhcp_server_ops *ops, void *arg)
{
	struct dhcp_server *server = calloc(1, sizeof(*server));

	if (!server)
		abort();
	*server = (struct dhcp_server){
		.loop = loop, .journal = journal, .ops = *ops, .arg = arg, .fds = { -1, -1 }
	};
	server->advertise = loop_timer_new(loop, advertise, server, "dhcp: advertise routers");
	server->retry = loop_timer_new(loop, try_again, server, "dhcp: sockets");
	return server;
}

void dhcp_server_free(struct dhcp_server *server)
{
	if (!server)
		return;
	for (size_t family = 0; family < FAMILY_COUNT; family++)
		close_socket(server, (enum family)family);
	loop_timer_free(server->advertise);
	loop_timer_free(server->retry);
	drop_ports(&server->ports);
	free(server);
}
