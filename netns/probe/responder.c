/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/responder.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#define REQUEST_MAX_BYTES 8192
#define IDLE_SECONDS      10

struct responder {
	struct loop *loop;
	struct evhttp *http;
	char answer[];
};

#define IP_PATH "/ip"

/* Who asks, as it is seen here: behind NAT that is not who it is. */
static const char *asker(struct evhttp_request *request)
{
	char *address = NULL;
	uint16_t port;

	evhttp_connection_get_peer(evhttp_request_get_connection(request), &address, &port);
	return address;
}

static void answer(struct evhttp_request *request, void *arg)
{
	struct responder *responder = arg;
	struct evbuffer *body = evbuffer_new();
	CLEANUP(loop_measure_end)
	UNUSED struct loop_measure measure = loop_measure(responder->loop, "HTTP request");

	if (!body)
		abort();
	(void)evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type",
				"text/plain");
	(void)evbuffer_add_printf(body, "%s\n",
				  !strcmp(evhttp_request_get_uri(request), IP_PATH)
					  ? asker(request)
					  : responder->answer);
	evhttp_send_reply(request, HTTP_OK, "OK", body);
	evbuffer_free(body);
}

struct responder *responder_new(struct loop *loop, int fd, const char *text)
{
	struct responder *responder = calloc(1, sizeof(*responder) + strlen(text) + 1);

	if (!responder)
		abort();
	responder->loop = loop;
	strcpy(responder->answer, text); /* the size was taken from it */
	responder->http = evhttp_new(loop_base(loop));
	if (!responder->http)
		abort();
	evhttp_set_max_headers_size(responder->http, REQUEST_MAX_BYTES);
	evhttp_set_max_body_size(responder->http, REQUEST_MAX_BYTES);
	evhttp_set_timeout(responder->http, IDLE_SECONDS);
	evhttp_set_gencb(responder->http, answer, responder);
	if (evhttp_accept_socket(responder->http, fd))
		abort();
	return responder;
}

void responder_free(struct responder *responder)
{
	if (!responder)
		return;
	evhttp_free(responder->http);
	free(responder);
}
