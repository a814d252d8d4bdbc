/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/probe/http.h"

#include "lab/base/cleanup.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct http_pool {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
};

struct http_fetch {
	struct http_pool *pool;
	CURL *easy;
	int fd; /* until libcurl takes it */
	http_done_fn *fn;
	void *arg;
	struct http_result result;
	size_t body_len;
	char error[CURL_ERROR_SIZE];
};

static void fetch_free(struct http_fetch *fetch)
{
	(void)curl_multi_remove_handle(fetch->pool->multi, fetch->easy);
	curl_easy_cleanup(fetch->easy);
	fd_close(&fetch->fd);
	free(fetch);
}

void http_fetch_cancel(struct http_fetch *fetch)
{
	if (fetch)
		fetch_free(fetch);
}

static void finish(struct http_fetch *fetch, CURLcode code)
{
	curl_off_t total_us = 0;
	long error = 0;
	http_done_fn *fn = fetch->fn;
	void *arg = fetch->arg;
	struct http_result result = fetch->result;

	(void)curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &result.status);
	(void)curl_easy_getinfo(fetch->easy, CURLINFO_TOTAL_TIME_T, &total_us);
	result.total_ms = (double)total_us / 1000.0;
	(void)curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &error);
	result.is_connected = code == CURLE_OK;
	result.error = code == CURLE_COULDNT_CONNECT ? (int)error : 0;
	if (code != CURLE_OK) {
		result.status = 0;
		(void)snprintf(result.why, sizeof(result.why), "%.90s",
			       *fetch->error ? fetch->error : curl_easy_strerror(code));
	}
	fetch_free(fetch);
	fn(arg, &result);
}

static void finish_all(struct http_pool *pool)
{
	struct CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(pool->multi, &left))) {
		struct http_fetch *fetch = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&fetch);
		finish(fetch, message->data.result);
	}
}

struct socket_watch {
	struct http_pool *pool;
	int fd;
	struct loop_fd *watch;
};

static void socket_ready(void *arg, unsigned events, uint64_t now_ns)
{
	struct socket_watch *watch = arg;
	struct http_pool *pool = watch->pool;
	int running;

	(void)now_ns;
	(void)curl_multi_socket_action(pool->multi, watch->fd,
				       (events & LOOP_READ ? CURL_CSELECT_IN : 0) |
					       (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0),
				       &running);
	finish_all(pool);
}

/* libcurl says what it waits for on a socket. */
static int on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
	struct socket_watch *watch = socket_arg;
	struct http_pool *pool = arg;

	(void)easy;
	if (watch)
		loop_fd_free(watch->watch);
	if (what == CURL_POLL_REMOVE) {
		free(watch);
		return 0;
	}
	if (!watch) {
		watch = calloc(1, sizeof(*watch));
		if (!watch)
			abort();
		*watch = (struct socket_watch){ .pool = pool, .fd = fd };
		(void)curl_multi_assign(pool->multi, fd, watch);
	}
	watch->watch = loop_fd_new(pool->loop, fd,
				   (what & CURL_POLL_IN ? LOOP_READ : 0u) |
					   (what & CURL_POLL_OUT ? LOOP_WRITE : 0u),
				   socket_ready, watch, "HTTP probe");
	return 0;
}

static void timer_due(void *arg, uint64_t now_ns)
{
	struct http_pool *pool = arg;
	int running;

	(void)now_ns;
	(void)curl_multi_socket_action(pool->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish_all(pool);
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http_pool *pool = arg;

	(void)multi;
	if (timeout_ms < 0)
		loop_timer_cancel(pool->timer);
	else
		loop_timer_set(pool->timer, (uint64_t)timeout_ms * 1000000u);
	return 0;
}

struct http_pool *http_pool_new(struct loop *loop)
{
	struct http_pool *pool = calloc(1, sizeof(*pool));

	if (!pool || curl_global_init(CURL_GLOBAL_NOTHING))
		abort();
	pool->loop = loop;
	pool->multi = curl_multi_init();
	if (!pool->multi)
		abort();
	pool->timer = loop_timer_new(loop, timer_due, pool, "HTTP probe timer");
	(void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	(void)curl_multi_setopt(pool->multi, CURLMOPT_SOCKETDATA, pool);
	(void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	(void)curl_multi_setopt(pool->multi, CURLMOPT_TIMERDATA, pool);
	return pool;
}

void http_pool_free(struct http_pool *pool)
{
	if (!pool)
		return;
	(void)curl_multi_cleanup(pool->multi);
	loop_timer_free(pool->timer);
	curl_global_cleanup();
	free(pool);
}

static curl_socket_t give_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_fetch *fetch = arg;

	(void)purpose;
	(void)address;
	return fd_take(&fetch->fd); /* -1, CURL_SOCKET_BAD, when it is asked for a second one */
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_fetch *fetch = arg;

	for (size_t i = 0; i < size * count; i++) {
		if (bytes[i] == '\n' || fetch->body_len + 1 >= sizeof(fetch->result.body))
			fetch->body_len = sizeof(fetch->result.body); /* the line is complete */
		else
			fetch->result.body[fetch->body_len++] = bytes[i];
	}
	return size * count;
}

struct http_fetch *http_fetch_start(struct http_pool *pool, int fd, struct ip to, unsigned tcp_port,
				    long timeout_ms, http_done_fn *fn, void *arg)
{
	struct http_fetch *fetch = calloc(1, sizeof(*fetch));
	char url[IP_TEXT + 24];

	if (!fetch)
		abort();
	*fetch = (struct http_fetch){ .pool = pool, .fd = fd, .fn = fn, .arg = arg };
	fetch->easy = curl_easy_init();
	if (!fetch->easy)
		abort();
	(void)snprintf(url, sizeof(url), "http://%s:%u/", ip_print(to).text,
		       tcp_port ? tcp_port : 80);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_URL, url);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_PRIVATE, fetch);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_PROXY, ""); /* never the host's */
	(void)curl_easy_setopt(fetch->easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_ERRORBUFFER, fetch->error);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_FORBID_REUSE, 1L);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, 1L);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_OPENSOCKETFUNCTION, give_socket);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_OPENSOCKETDATA, fetch);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_CONNECT_ONLY, (long)(tcp_port != 0));
	(void)curl_easy_setopt(fetch->easy, CURLOPT_WRITEFUNCTION, take_body);
	(void)curl_easy_setopt(fetch->easy, CURLOPT_WRITEDATA, fetch);
	if (curl_multi_add_handle(pool->multi, fetch->easy))
		abort();
	return fetch;
}
