/* SPDX-License-Identifier: GPL-2.0-or-later */
/* capture: packets of a machine, or of a flow at every hop, for Wireshark or for people. */
#include "tui/cli/cli_commands.h"

#include "lab/base/cleanup.h"
#include "netns/kernel/packet_filter.h"
#include "tui/cli/capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SNAPLEN_MAX  262144 /* what Wireshark and others take */
#define BUFFER_MAX   (1024ul * 1024)
#define BUFFER_BYTES (4ul * 1024 * 1024)  /* of one place, ... */
#define BUFFERS_MAX  (64ul * 1024 * 1024) /* ... and of all, unless somebody says otherwise */

/* What the command line asks for. */
struct wish {
	const struct cli *cli;
	struct arena *arena;
	const char *topic;
	const char *filter; /* of all places; "" */
	const char *path;   /* NULL: text */
	unsigned long snaplen, count, buffer_kib;
	double for_ms;
};

/* ---- the command line ---- */

/* A number from 1 to `max`; `fallback` without the option, 0 when it is none. */
static unsigned long read_number(const struct cli *cli, const char *option, unsigned long fallback,
				 unsigned long max)
{
	const char *text = cli_value(cli, option);
	unsigned long value;
	char *end;

	if (!text)
		return fallback;
	errno = 0;
	value = strtoul(text, &end, 10);
	return *text < '0' || *text > '9' || *end || errno || value > max ? 0 : value;
}

static int read_limits(struct wish *w)
{
	const struct cli *cli = w->cli;
	const char *for_text = cli_value(cli, "for");

	w->snaplen = read_number(cli, "snaplen", SNAPLEN_MAX, SNAPLEN_MAX);
	w->count = read_number(cli, "count", 0, UINT32_MAX);
	w->buffer_kib = read_number(cli, "buffer", 0, BUFFER_MAX);
	w->for_ms = for_text ? cli_read_time_ms(for_text) : 0;
	if (!w->snaplen)
		return cli_usage(cli, "--snaplen takes a number of bytes up to %d, not '%s'",
				 SNAPLEN_MAX, cli_value(cli, "snaplen"));
	if (cli_value(cli, "count") && !w->count)
		return cli_usage(cli, "--count takes a number of packets, not '%s'",
				 cli_value(cli, "count"));
	if (cli_value(cli, "buffer") && !w->buffer_kib)
		return cli_usage(cli, "--buffer takes a number of KiB up to %lu, not '%s'",
				 BUFFER_MAX, cli_value(cli, "buffer"));
	if (for_text && w->for_ms <= 0)
		return cli_usage(cli, "--for takes a time such as 5s, 500ms or 2m, not '%s'",
				 for_text);
	return EXIT_OK;
}

static int say_failure(const struct err *err)
{
	return cli_fail(err->code == -EOPNOTSUPP ? EXIT_UNABLE : EXIT_FAILED, "%s", err->text);
}

/* Whether it is one is asked before a lab is: that needs none. */
static int check_filter(const struct wish *w)
{
	struct sock_fprog program;
	struct err err = { 0 };

	if (!packet_filter_compile(w->filter, PCAPNG_LINK_ETHERNET, SNAPLEN_MAX, &program, &err)) {
		free(program.filter);
		return EXIT_OK;
	}
	if (err.code == -EINVAL)
		return cli_usage(w->cli, "the filter %s", err.text);
	return say_failure(&err);
}

static int read_wish(struct wish *w)
{
	const struct cli *cli = w->cli;
	bool is_flow = cli_value(cli, "flow") != NULL;

	w->path = cli_value(cli, "write");
	w->filter = "";
	if (w->path && !strcmp(w->path, "-") && isatty(STDOUT_FILENO))
		return cli_usage(cli, "pcapng is not for a terminal: -w FILE, or a pipe behind it");
	if (is_flow && (cli->argc < 2 || cli->argc > 3))
		return cli_usage(cli, "--flow takes SRC DST [PROTOCOL[:PORT]]");
	if (is_flow)
		w->topic = arena_printf(w->arena, "capture/%.140s %.140s %.20s", cli->argv[0],
					cli->argv[1], cli->argc > 2 ? cli->argv[2] : "icmp");
	else if (strchr(cli->argv[0], ' '))
		return cli_usage(cli, "'%s' is no machine", cli->argv[0]);
	else
		w->topic = arena_printf(w->arena, "capture/%.280s", cli->argv[0]);
	for (int i = 1; !is_flow && i < cli->argc; i++)
		w->filter =
			arena_printf(w->arena, "%s%s%s", w->filter, i > 1 ? " " : "", cli->argv[i]);
	return read_limits(w);
}

/* ---- the lab ---- */

/* A socket in a namespace of the lab; it is the caller's. */
static int ask_socket(struct client *client, const char *ns, int *ret_fd, struct err *err)
{
	json_t *answer;

	if (client_send(client,
			json_pack("{s:s, s:s}", "request", "packet_socket", "namespace", ns), err))
		return err->code;
	answer = client_receive(client, err);
	*ret_fd = client_take_descriptor(client);
	if (answer)
		(void)client_data(answer, err);
	json_decref(answer);
	if (!err->code && *ret_fd < 0)
		err_set(err, -EPROTO, "the lab gave no socket");
	return err->code;
}

static size_t ring_size(const struct wish *w, size_t count)
{
	if (w->buffer_kib)
		return w->buffer_kib * 1024;
	return BUFFERS_MAX / count < BUFFER_BYTES ? BUFFERS_MAX / count : BUFFER_BYTES;
}

static int open_source(const struct wish *w, struct client *client, size_t size,
		       struct capture_source *source, struct err *err)
{
	const struct snapshot_place *place = source->place;
	int fd = -1;

	if (ask_socket(client, place->ns, &fd, err) ||
	    packet_ring_open(fd, (uint32_t)place->ifindex, place->filter ? place->filter : "",
			     (uint32_t)w->snaplen, size, &source->ring, err))
		return err_in(err, "capture at %s", place->name);
	return 0;
}

/* From here on the kernel collects packets. */
static int open_sources(const struct wish *w, struct client *client,
			const struct snapshot_places *places, struct capture *capture,
			struct err *err)
{
	capture->sources = arena_alloc(w->arena, (places->count + 1) * sizeof(*capture->sources));
	for (size_t i = 0; i < places->count; i++)
		capture->sources[i] =
			(struct capture_source){ .place = &places->items[i], .ring.fd = -1 };
	capture->count = places->count;
	for (size_t i = 0; i < places->count && !err->code; i++)
		(void)open_source(w, client, ring_size(w, places->count), &capture->sources[i],
				  err);
	return err->code;
}

/* ---- what people are told, beside the packets ---- */

static void tell_begin(const struct capture *c, const struct snapshot_capture *what)
{
	if (what->flow)
		(void)fprintf(stderr, "%s\n", what->flow);
	if (what->words)
		(void)fprintf(stderr, "to be expected: %s\n", what->words);
	(void)fprintf(stderr, "capturing at %zu %s:", c->count, c->count == 1 ? "place" : "places");
	for (size_t i = 0; i < c->count; i++)
		(void)fprintf(stderr, "%s %s", i ? "," : "", c->sources[i].place->name);
	(void)fputc('\n', stderr);
}

static void tell_end(const struct capture *c)
{
	uint64_t dropped = capture_dropped(c);

	(void)fprintf(stderr, "%" PRIu64 " packets captured, %" PRIu64 " dropped\n", c->captured,
		      dropped);
	for (size_t i = 0; dropped && i < c->count; i++)
		if (c->sources[i].ring.dropped)
			(void)cli_fail(0,
				       "warning: %" PRIu64 " of %" PRIu64
				       " packets were dropped at %s: what is captured has gaps",
				       c->sources[i].ring.dropped, c->sources[i].ring.received,
				       c->sources[i].place->name);
	if (dropped)
		(void)cli_fail(EXIT_OK, "a larger --buffer, a smaller --snaplen or a filter helps");
}

/* Silence says something only where packets can pass. Returns whether it does. */
static bool tell_down(const struct capture *c)
{
	bool is_any = false;

	for (size_t i = 0; i < c->count; i++) {
		if (!c->sources[i].was_down)
			continue;
		(void)cli_fail(EXIT_OK, "warning: %s was down: nothing passes there then",
			       c->sources[i].place->name);
		is_any = true;
	}
	return c->captured || !is_any;
}

/* ---- all of it ---- */

static int run_it(struct capture *c, const struct snapshot_capture *what)
{
	struct err err = { 0 };
	int code = EXIT_OK, rc;

	capture_catch_signals();
	tell_begin(c, what);
	if (capture_run(c, &err))
		code = cli_fail(EXIT_FAILED, "%s", err.text);
	rc = capture_out_close(&c->out);
	if (rc && !code)
		code = cli_fail(EXIT_FAILED, "write packets: %s", strerror(-rc));
	tell_end(c);
	if (!code && !tell_down(c))
		code = EXIT_DIFFERENT;
	return code;
}

static int capture(const struct wish *w, struct client *client)
{
	struct snapshot_capture what = { 0 };
	struct capture c = { .is_text = !w->path,
			     .output = w->cli->output,
			     .lab = client_descriptor(client),
			     .limit = w->count,
			     .for_ns = (uint64_t)(w->for_ms * 1e6),
			     .snaplen = (uint32_t)w->snaplen };
	struct err err = { 0 };
	int code = EXIT_OK;

	if (client_topic(client, w->topic, &snapshot_capture_record, &what, w->arena, &err))
		return cli_fail(err.code == -EINVAL ? EXIT_USAGE : EXIT_FAILED, "%s", err.text);
	for (size_t i = 0; *w->filter && i < what.places.count; i++)
		what.places.items[i].filter = w->filter;
	c.comment = arena_printf(w->arena, "lab %s%s%s", what.lab, what.flow ? ": " : "",
				 what.flow ? what.flow : "");
	if (!what.places.count)
		code = cli_fail(EXIT_FAILED, "this flow passes no interface");
	else if (open_sources(w, client, &what.places, &c, &err) ||
		 capture_out_open(w->path ? w->path : "-", &c.out, &err))
		code = say_failure(&err);
	else
		code = run_it(&c, &what);
	for (size_t i = 0; i < c.count; i++)
		packet_ring_close(&c.sources[i].ring);
	return code;
}

static int run_capture(const struct cli *cli)
{
	struct wish w = { .cli = cli, .arena = arena_new() };
	struct client *client = NULL;
	int code = read_wish(&w);

	if (!code)
		code = check_filter(&w);
	if (!code)
		client = cli_connect(cli, NULL, NULL, &code);
	if (client)
		code = capture(&w, client);
	client_free(client);
	arena_free(w.arena);
	return code;
}

const struct command command_capture = {
	.name = "capture",
	.arguments = "NODE[:IF] [FILTER ...] | --flow SRC DST [PROTOCOL[:PORT]]",
	.words = "packets of a machine, or of a flow at every hop",
	.more = "NODE is a machine, a gateway (all its instances) or a tunnel; INTERFACE one of "
		"its "
		"interfaces or NICs, else all of them are meant. FILTER is as tcpdump has it "
		"(pcap-filter(7)). With --flow the packets of one flow are captured, both ways and "
		"with ICMP's errors about it, at each interface that it is to pass by what the "
		"routers know now, also inside and outside of tunnels; SRC, DST and PROTOCOL are "
		"those of hublab why. -w writes pcapng: an interface for each place, with a "
		"comment "
		"that says which rule or route decides there, and directions; '-w -' is for a "
		"pipe: "
		"hublab capture vm1 -w - | wireshark -k -i -. Without -w a line for each packet is "
		"printed; with -o json an object. Packets are seen as the machine has them: those "
		"it sends may be larger than the MTU, and their checksums not filled in yet. What "
		"the "
		"kernel had to drop is told at the end, and which interfaces were down; it ends "
		"with 4 when nothing was captured and one was. Ctrl-C ends it, and the file is "
		"whole.",
	.group = GROUP_PROBE,
	.min_arguments = 1,
	.max_arguments = -1,
	.completes = { ARG_NODE, ARG_VM },
	.run = run_capture,
	.options = { { "flow", 0, NULL, "all hops of the flow from SRC to DST" },
		     { "write", 'w', "PATH", "write pcapng there; - is standard output" },
		     { "count", 'c', "COUNT", "end after so many packets" },
		     { "for", 0, "TIME", "end after this time (5s, 500ms, 2m)" },
		     { "snaplen", 0, "BYTES", "of each packet only so many" },
		     { "buffer", 0, "KIB", "room for packets that wait, at each place" } },
};
