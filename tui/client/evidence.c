/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/evidence.h"

#include "lab/base/cleanup.h"
#include "lab/plan/fabric_ids.h"
#include "lab/snapshot/path_question.h"
#include "netns/kernel/fib.h"
#include "netns/probe/icmp.h"
#include "tui/client/enter.h"
#include "tui/client/evidence_parts.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LATE_MS 1000 /* by which an answer that is predicted may be late */

struct collecting {
	const struct snapshot_path *path;
	unsigned silence_ms;
	struct nft_traced_flow flow;
	struct ip to;
	int fd; /* that the packet is sent by */
	struct snapshot_evidence *out;
	struct arena *arena;
};

static double now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double patience_ms(const struct collecting *c)
{
	return c->path->is_reply ? LATE_MS + 4 * c->path->rtt_ms : c->silence_ms;
}

/* ---- kernels ---- */

static const char *interface_name(const void *arg, uint32_t ifindex)
{
	static char name[IF_NAMESIZE];

	(void)arg;
	return if_indextoname(ifindex, name);
}

/* The route that decides, in the namespace that we are in; false: none, and `errno` says why. */
static bool ask_kernel(const struct snapshot_decision *d, struct fib_hop *hops,
		       struct fib_route *ret_route)
{
	struct fib_packet packet = { .iif = (uint32_t)d->ifindex, .mark = (uint32_t)d->mark };
	CLEANUP(fd_cleanup) int fd = -1;
	struct pollfd readable;
	struct err err = { 0 };
	union {
		struct nlmsghdr head;
		char bytes[8192];
	} answer;
	ssize_t got;

	/* a guest is asked as if it sent the packet itself: its rules do not look at senders */
	if (!ip_parse(d->to, &packet.to) || (d->ifindex && !ip_parse(d->source, &packet.from)) ||
	    fib_open(&fd, &err) || fib_ask_packet(fd, 1, &packet)) {
		errno = EIO;
		return false;
	}
	readable = (struct pollfd){ .fd = fd, .events = POLLIN };
	got = poll(&readable, 1, LATE_MS) == 1 ? recv(fd, &answer, sizeof(answer), 0) : -1;
	if (got < (ssize_t)sizeof(answer.head) || answer.head.nlmsg_len > (size_t)got) {
		errno = ETIMEDOUT;
		return false;
	}
	if (fib_parse_route(&answer.head, hops, ret_route))
		return true;
	errno = -fib_error(&answer.head);
	return false;
}

/* One of equal next hops that is nobody's is there, too: by a device that goes nowhere. */
static bool has_nobody(const struct fib_route *route)
{
	for (uint32_t i = 0; i < route->hop_count; i++) {
		const char *name = interface_name(NULL, route->hops[i].ifindex);

		if (name && !strcmp(name, STAND_IN))
			return true;
	}
	return false;
}

/* Does the kernel do what was said of this place? */
static bool is_as_said(const struct snapshot_decision *d, const struct fib_route *route)
{
	bool is_dropped = route->type != RTN_UNICAST && route->type != RTN_LOCAL;

	if (d->is_dropped && !d->device && has_nobody(route))
		return true;
	if (!d->device || is_dropped)
		return is_dropped == d->is_dropped;
	for (uint32_t i = 0; i < route->hop_count; i++) {
		const char *name = interface_name(NULL, route->hops[i].ifindex);
		const char *via = ip_print(route->hops[i].via).text;

		/* a subnet's router is not said: it is the same for all that leaves by a NIC */
		if (name && !strcmp(name, d->device) && (!d->via || !strcmp(via, d->via)))
			return true;
	}
	return false;
}

static void ask_place(struct collecting *c, const char *way, size_t at,
		      const struct snapshot_decision *d)
{
	struct snapshot_kernel_answer *answer;
	struct fib_hop hops[FIB_HOPS_MAX];
	struct fib_route route;
	struct err err = { 0 };
	char words[300];

	if (!d->ns)
		return;
	answer = ARENA_PUSH(c->arena, c->out->answers.items, c->out->answers.count);
	*answer = (struct snapshot_kernel_answer){ .way = way, .at = (int64_t)at };
	if (lab_enter_network(d->ns, &err)) {
		answer->words = arena_strdup(c->arena, err.text);
	} else if (ask_kernel(d, hops, &route)) {
		int used = snprintf(words, sizeof(words), "%s ", prefix_print(route.prefix).text);

		fib_route_print(&route, interface_name, NULL, words + used,
				sizeof(words) - (size_t)used);
		answer->words = arena_strdup(c->arena, words);
		answer->agrees = is_as_said(d, &route);
	} else { /* the kernel says "blackhole" by an error, too */
		answer->words = arena_strdup(c->arena, strerror(errno));
		answer->agrees = d->is_dropped;
	}
}

static void ask_leg(struct collecting *c, const char *way, const struct snapshot_decisions *leg)
{
	for (size_t i = 0; i < leg->count; i++)
		ask_place(c, way, i, &leg->items[i]);
}

/* ---- a packet ---- */

static void no_reply(struct collecting *c, const char *why)
{
	c->out->why = arena_strdup(c->arena, why);
}

static void await_echo(struct collecting *c, int fd, uint32_t owner, uint64_t sent_ns)
{
	double end_ms = now_ms() + patience_ms(c);
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	struct icmp_reply reply;
	bool has_more = false;

	while (now_ms() < end_ms) {
		if (!has_more && poll(&readable, 1, (int)(end_ms - now_ms()) + 1) <= 0)
			continue;
		if (!icmp_receive(fd, owner, &reply, &has_more))
			continue;
		c->out->is_reply = true;
		c->out->ttl = reply.ttl;
		c->out->rtt_ms = (double)(reply.received_ns - sent_ns) / 1e6;
		return;
	}
	no_reply(c, arena_printf(c->arena, "no reply within %.0f ms", patience_ms(c)));
}

static void send_echo(struct collecting *c)
{
	struct icmp_echo echo = { .owner = icmp_new_owner(), .flow = c->flow.id, .sequence = 1 };
	struct probe_spec flow = { 0 };
	uint64_t sent_ns;

	if (!path_question_read_protocol(c->path->protocol, &flow, NULL)) {
		echo.bytes = (uint16_t)probe_size_bytes(&flow);
		echo.dont_fragment = flow.dont_fragment.value;
	}
	if (icmp_prepare(c->fd, echo.owner)) {
		no_reply(c, strerror(errno));
		return;
	}
	c->out->is_sent =
		true; /* a machine whose own kernel does not send it is no better than silence */
	sent_ns = icmp_send(c->fd, c->to, &echo);
	if (!sent_ns) {
		no_reply(c, strerror(errno));
		return;
	}
	await_echo(c, c->fd, echo.owner, sent_ns);
}

static size_t ignore_body(char *bytes, size_t size, size_t count, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * count;
}

/* The socket that has the flow's port. */
static curl_socket_t give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct collecting *c = arg;
	int fd = c->fd;

	(void)purpose;
	(void)address;
	c->fd = -1;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A connection, and for http a request: an answer of whoever it is counts. */
static void connect_to(struct collecting *c, const char *port)
{
	struct ip to = c->to;
	bool is_v6 = to.family == IP_V6;
	const char *url = arena_printf(c->arena, "http://%s%s%s:%s/", is_v6 ? "[" : "",
				       ip_print(to).text, is_v6 ? "]" : "", port);
	bool is_http = !strcmp(c->path->protocol, "http");
	CURL *easy = curl_easy_init();
	char why[CURL_ERROR_SIZE] = "";
	double seconds = 0;
	long error = 0;

	if (!easy)
		abort();
	(void)curl_easy_setopt(easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* never the host's */
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)patience_ms(c));
	(void)curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, (long)!is_http);
	(void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore_body);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
	(void)curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, c);
	(void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why);
	c->out->is_sent = true;
	c->out->is_reply = curl_easy_perform(easy) == CURLE_OK;
	(void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME, &seconds);
	c->out->rtt_ms = seconds * 1e3;
	/* who refuses a connection is there, and that is what was asked */
	(void)curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &error);
	c->out->is_reply |= !is_http && error == ECONNREFUSED;
	if (!c->out->is_reply)
		no_reply(c, why);
	curl_easy_cleanup(easy);
}

#define UDP_TRY_MS 300 /* kernels limit how often they say that a port is closed */

/* Who says that the port is closed is there, and that is what was asked. */
static void send_datagram(struct collecting *c, uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_port = htons(port),
				       .sin_addr.s_addr = htonl(ip_v4(c->to)) };
	int fd = c->fd;
	double start_ms = now_ms(), end_ms = start_ms + patience_ms(c);
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	char byte = 0;

	c->out->is_sent = true;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		end_ms = 0;
	while (now_ms() < end_ms) {
		bool is_refused = send(fd, &byte, sizeof(byte), MSG_NOSIGNAL) < 0;

		if (!is_refused && poll(&readable, 1, UDP_TRY_MS) > 0)
			is_refused = recv(fd, &byte, sizeof(byte), 0) < 0;
		else if (!is_refused)
			continue;
		c->out->is_reply = !is_refused || errno == ECONNREFUSED;
		c->out->rtt_ms = now_ms() - start_ms;
		if (c->out->is_reply)
			return;
		break;
	}
	no_reply(c, now_ms() < end_ms || end_ms == 0 ? strerror(errno) : "no reply");
}

/* A port of its own, which the kernel chooses: by it nftables knows the flow. */
static int open_port(struct collecting *c, int type)
{
	bool is_v6 = c->to.family == IP_V6;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} name = { .any.sa_family = is_v6 ? AF_INET6 : AF_INET };
	socklen_t len = is_v6 ? sizeof(name.v6) : sizeof(name.v4);

	c->fd = socket(name.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd < 0 || bind(c->fd, &name.any, len) || getsockname(c->fd, &name.any, &len))
		return -errno;
	c->flow.protocol = type == SOCK_DGRAM ? IPPROTO_UDP : IPPROTO_TCP;
	c->flow.id = ntohs(is_v6 ? name.v6.sin6_port : name.v4.sin_port);
	return 0;
}

static int open_echo(struct collecting *c)
{
	c->fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
	c->flow.protocol = IPPROTO_ICMP;
	/* a flow of its own, none of the lab's probes: those count from 1 */
	c->flow.id = (uint16_t)(0x8000u | (uint32_t)getpid());
	return c->fd < 0 ? -errno : 0;
}

static bool is_protocol(const struct collecting *c, const char *name)
{
	return !strncmp(c->path->protocol, name, strlen(name));
}

/* False when nothing can be sent; why is said then. */
static bool prepare_packet(struct collecting *c)
{
	struct err err = { 0 };
	int rc;

	if (!ip_parse(c->path->destination, &c->to)) {
		no_reply(c, "the lab gives no address to send to");
	} else if (!lab_has_network(c->path->from)) {
		no_reply(c, "a guest sends what it likes");
	} else if (c->to.family != IP_V4 && is_protocol(c, "udp:")) {
		no_reply(c, "datagrams are sent by IPv4 alone");
	} else if (c->to.family != IP_V4 && is_protocol(c, "icmp")) {
		no_reply(c, "echo requests are sent by IPv4 alone");
	} else if (lab_enter_network(c->path->from, &err)) {
		no_reply(c, err.text);
	} else {
		rc = is_protocol(c, "icmp")   ? open_echo(c)
		     : is_protocol(c, "udp:") ? open_port(c, SOCK_DGRAM)
					      : open_port(c, SOCK_STREAM);
		if (!rc)
			return true;
		no_reply(c, strerror(-rc));
	}
	return false;
}

static void send_packet(struct collecting *c)
{
	const char *colon = strchr(c->path->protocol, ':');
	struct err err = { 0 };

	if (lab_enter_network(c->path->from, &err))
		no_reply(c, err.text);
	else if (is_protocol(c, "icmp"))
		send_echo(c);
	else if (is_protocol(c, "udp:"))
		send_datagram(c, (uint16_t)strtoul(colon + 1, NULL, 10));
	else
		connect_to(c, colon ? colon + 1 : "80");
}

/* The packet, and what nftables does with it meanwhile. */
static void send_traced(struct collecting *c)
{
	struct evidence_trace *trace;

	if (!prepare_packet(c))
		return;
	trace = evidence_trace_new(&c->flow, c->path, c->out, c->arena);
	send_packet(c);
	if (c->out->is_sent)
		evidence_trace_read(trace);
	evidence_trace_free(trace);
	fd_close(&c->fd);
}

/* ---- the process that goes there ---- */

static NORETURN void collect(const struct client *client, struct collecting *c, int fd)
{
	struct err err = { 0 };
	json_t *json;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (lab_enter_namespaces(client, &err)) {
		json = json_pack("{s:s}", "error", err.text);
	} else {
		send_traced(c);
		ask_leg(c, "there", &c->path->there);
		ask_leg(c, "back", &c->path->back);
		json = record_encode(&snapshot_evidence_record, c->out);
	}
	_exit(!json || json_dumpfd(json, fd, 0));
}

static int read_evidence(FILE *in, struct snapshot_evidence *ret_evidence, struct arena *arena,
			 struct err *err)
{
	json_t *json = json_loadf(in, 0, NULL);
	const char *error = json_string_value(json_object_get(json, "error"));
	int code = 0;

	if (error)
		code = err_set(err, -EIO, "%s", error);
	else if (!json)
		code = err_set(err, -EIO, "what was sent into the lab did not come back");
	else if (!record_decode(&snapshot_evidence_record, json, ret_evidence, arena, err))
		code = err->code;
	json_decref(json);
	return code;
}

/* ---- what the rules are that nftables named ---- */

static const char *rule_words(struct client *client, const char *text, struct arena *arena)
{
	struct snapshot_rule_name rule = { 0 };
	struct err err = { 0 };

	if (client_topic(client, arena_printf(arena, "rule/%.40s", text),
			 &snapshot_rule_name_record, &rule, arena, &err))
		return arena_strdup(arena, err.text);
	if (!rule.words)
		return arena_printf(arena, "rule '%s', which the lab has no more", text);
	return rule.place ? arena_printf(arena, "%s, at %s", rule.words, rule.place) : rule.words;
}

/* Those that are as predicted are told there. */
static void name_rules(struct client *client, struct snapshot_filter_answer *answer,
		       struct arena *arena)
{
	if (answer->agrees)
		return;
	for (size_t i = 0; i < answer->rules.count; i++) {
		const char *words = rule_words(client, answer->rules.items[i], arena);

		answer->words =
			answer->words ? arena_printf(arena, "%s; %s", words, answer->words) : words;
	}
}

int evidence_collect(struct client *client, const struct snapshot_path *path, unsigned silence_ms,
		     struct snapshot_evidence *ret_evidence, struct arena *arena, struct err *err)
{
	struct collecting c = { .path = path,
				.silence_ms = silence_ms,
				.fd = -1,
				.out = ret_evidence,
				.arena = arena };
	int fds[2], status, code;
	FILE *in;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC))
		return err_set(err, -errno, "pipe: %s", strerror(errno));
	(void)fflush(NULL);
	pid = fork();
	if (!pid)
		collect(client, &c, fds[1]);
	fd_close(&fds[1]);
	in = fdopen(fds[0], "r");
	if (pid < 0 || !in) {
		fd_close(&fds[0]);
		return err_set(err, -errno, "fork: %s", strerror(errno));
	}
	code = read_evidence(in, ret_evidence, arena, err);
	(void)fclose(in);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	for (size_t i = 0; !code && i < ret_evidence->filters.count; i++)
		name_rules(client, &ret_evidence->filters.items[i], arena);
	return code;
}
