/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * As much as one TCP connection carries: what is sent is thrown away at the other end.
 * usage: bench_stream receive PORT (takes one connection, says "listening" first)
 *        bench_stream send ADDRESS PORT MILLISECONDS (prints megabits a second)
 * Or how long one connection is without an answer, while a little is asked all the time.
 *        bench_stream echo PORT (sends back what it gets, says "listening" first)
 *        bench_stream talk ADDRESS PORT MILLISECONDS (prints the longest wait, in ms)
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char buffer[256 * 1024];

static uint64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* What comes is thrown away, or sent back. */
static int receive_all(uint16_t port, bool is_echo)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	ssize_t got;

	if (listener < 0 || bind(listener, (struct sockaddr *)&any, sizeof(any)) ||
	    listen(listener, 1))
		return fail("listen");
	(void)puts("listening");
	(void)fflush(stdout);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		return fail("accept");
	while ((got = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		if (is_echo && send(fd, buffer, (size_t)got, MSG_NOSIGNAL) != got)
			return fail("send");
	return 0;
}

#define TALK_BYTES 64
#define TALK_US    5000

static int talk_for(const char *address, uint16_t port, uint64_t ns)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t start = now_ns(), longest = 0;

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail("connect");
	while (now_ns() - start < ns) {
		uint64_t asked = now_ns(), took;

		if (send(fd, buffer, TALK_BYTES, MSG_NOSIGNAL) != TALK_BYTES ||
		    recv(fd, buffer, TALK_BYTES, MSG_WAITALL) != TALK_BYTES)
			return fail("talk");
		took = now_ns() - asked;
		longest = took > longest ? took : longest;
		(void)usleep(TALK_US);
	}
	(void)printf("%.0f\n", (double)longest / 1e6);
	return 0;
}

static int send_for(const char *address, uint16_t port, uint64_t ns)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t start, sent = 0;

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fail("connect");
	start = now_ns();
	while (now_ns() - start < ns) {
		ssize_t did = send(fd, buffer, sizeof(buffer), MSG_NOSIGNAL);

		if (did < 0)
			return fail("send");
		sent += (uint64_t)did;
	}
	(void)printf("%.0f\n", (double)sent * 8e3 / (double)(now_ns() - start));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "receive"))
		return receive_all((uint16_t)atoi(argv[2]), false);
	if (argc == 3 && !strcmp(argv[1], "echo"))
		return receive_all((uint16_t)atoi(argv[2]), true);
	if (argc == 5 && !strcmp(argv[1], "talk"))
		return talk_for(argv[2], (uint16_t)atoi(argv[3]),
				strtoull(argv[4], NULL, 10) * 1000000u);
	if (argc == 5 && !strcmp(argv[1], "send"))
		return send_for(argv[2], (uint16_t)atoi(argv[3]),
				strtoull(argv[4], NULL, 10) * 1000000u);
	(void)fprintf(stderr,
		      "usage: bench_stream receive|echo PORT | send|talk ADDRESS PORT MS\n");
	return 2;
}
