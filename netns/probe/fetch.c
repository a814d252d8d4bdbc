/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/fetch.h"

#include "netns/guest/agent_probe.h"
#include "netns/probe/datagram.h"

#include <stdlib.h>

/* One of them is there. */
struct fetch {
	struct http_fetch *http;
	struct datagram *datagram;
	struct agent_fetch *agent;
	fetch_fn *fn;
	void *arg;
};

static struct fetch *fetch_new(fetch_fn *fn, void *arg)
{
	struct fetch *fetch = calloc(1, sizeof(*fetch));

	if (!fetch)
		abort();
	fetch->fn = fn;
	fetch->arg = arg;
	return fetch;
}

static void on_agent(void *arg, const struct http_result *result, const char *why)
{
	struct fetch fetch = *(struct fetch *)arg;

	free(arg);
	fetch.fn(fetch.arg, result, why);
}

static void on_result(void *arg, const struct http_result *result)
{
	on_agent(arg, result, "");
}

struct fetch *fetch_start(struct loop *loop, struct http_pool *pool, int fd,
			  const struct fetch_spec *spec, fetch_fn *fn, void *arg)
{
	struct fetch *fetch = fetch_new(fn, arg);

	if (spec->protocol == PROBE_UDP)
		fetch->datagram = datagram_start(loop, fd, spec->to, spec->port, spec->timeout_ms,
						 on_result, fetch);
	else
		fetch->http = http_fetch_start(pool, fd, spec->to, spec->port, spec->timeout_ms,
					       on_result, fetch);
	return fetch;
}

struct fetch *fetch_start_by(struct agent *agent, const struct fetch_spec *spec, fetch_fn *fn,
			     void *arg, struct err *err)
{
	struct fetch *fetch = fetch_new(fn, arg);

	fetch->agent = agent_fetch_start(agent, spec->protocol == PROBE_UDP, spec->to, spec->port,
					 spec->timeout_ms, on_agent, fetch, err);
	if (fetch->agent)
		return fetch;
	free(fetch);
	return NULL;
}

void fetch_cancel(struct fetch *fetch)
{
	if (!fetch)
		return;
	http_fetch_cancel(fetch->http);
	datagram_cancel(fetch->datagram);
	agent_fetch_cancel(fetch->agent);
	free(fetch);
}
