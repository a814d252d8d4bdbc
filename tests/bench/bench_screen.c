/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How quick the screen is, in a real terminal: from its start to the first picture of the lab, from
 * a key to what it changed, and what it costs to leave it open.
 * With "busy" the lab is one in which so much happens that it is not to be left open for nothing.
 * usage: bench_screen HUBLAB LAB [busy]
 */
#include "lab/base/macros.h"
#include "tests/bench/bench.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEYS          1000
#define STARTS        9
#define IDLE_S        10
#define PATIENCE_S    10
#define GOAL_FIRST_MS 100.0
#define GOAL_KEY_MS   20.0
#define GOAL_IDLE     1.0
#define GOAL_MIB      64.0

static const char cursor[] = "\xe2\x96\xb8"; /* stands before the selected row only */

static double now_ms(void)
{
	return clock_ms(CLOCK_MONOTONIC);
}

static pid_t start(const char *hublab, const char *lab, int *ret_terminal)
{
	struct winsize size = { .ws_row = 40, .ws_col = 120 };
	pid_t pid = forkpty(ret_terminal, NULL, NULL, &size);

	if (pid)
		return pid;
	(void)setenv("TERM", "xterm-256color", 1);
	(void)setenv("LC_ALL", "C.UTF-8", 1);
	(void)execl(hublab, hublab, "-l", lab, (char *)NULL);
	_exit(127);
}

/* Read until the text has come; false when it does not. */
static bool wait_for(int terminal, const char *text)
{
	static char seen[1 << 16];
	double end = now_ms() + PATIENCE_S * 1e3;
	size_t len = 0, text_len = strlen(text);

	while (now_ms() < end) {
		struct pollfd ready = { .fd = terminal, .events = POLLIN };
		ssize_t n;

		if (poll(&ready, 1, PATIENCE_S * 1000) <= 0)
			return false;
		if (len > sizeof(seen) / 2) { /* the end of it is enough */
			memmove(seen, seen + len - text_len, text_len);
			len = text_len;
		}
		n = read(terminal, seen + len, sizeof(seen) - len);
		if (n <= 0)
			return false;
		len += (size_t)n;
		if (memmem(seen, len, text, text_len))
			return true;
	}
	return false;
}

/* Whatever comes, until a moment. */
static void read_until(int terminal, double end_ms)
{
	char nothing[4096];

	while (now_ms() < end_ms) {
		struct pollfd ready = { .fd = terminal, .events = POLLIN };

		if (poll(&ready, 1, (int)(end_ms - now_ms()) + 1) > 0 &&
		    read(terminal, nothing, sizeof(nothing)) <= 0)
			return;
	}
}

static double cpu_s(pid_t pid)
{
	unsigned long user = 0, system = 0;
	char path[64], line[1024] = "", *rest;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "r");
	if (file && fgets(line, sizeof(line), file) && (rest = strrchr(line, ')')))
		(void)sscanf(rest, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
			     &system);
	if (file)
		(void)fclose(file);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* The most memory that it had at once. */
static double memory_mib(pid_t pid)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file))
		(void)sscanf(line, "VmHWM: %lu", &kib);
	if (file)
		(void)fclose(file);
	return (double)kib / 1024;
}

static void leave(pid_t pid, int terminal)
{
	(void)!write(terminal, "q", 1);
	while (waitpid(pid, NULL, WNOHANG) == 0)
		read_until(terminal, now_ms() + 5);
	(void)close(terminal);
}

static int report(const char *what, double value, double goal, const char *unit)
{
	(void)printf("%-38s %8.2f %-3s (goal %g)%s\n", what, value, unit, goal,
		     value <= goal ? "" : "  MISSED");
	return value > goal;
}

/* How long each of some keys takes; false when nothing follows one. */
static bool press_keys(int terminal, const char keys[2], double took[KEYS])
{
	for (int i = 0; i < KEYS; i++) {
		double start_ms = now_ms();

		/* to and fro: another row each time, what it opens, and the cursor in another
		   place, so that it is sent */
		if (write(terminal, keys + i % 2, 1) != 1 || !wait_for(terminal, cursor))
			return false;
		took[i] = now_ms() - start_ms;
	}
	return true;
}

static int give_up(const char *what)
{
	(void)fprintf(stderr, "bench: the screen does not show %s\n", what);
	return 1;
}

int main(int argc, char **argv)
{
	/* of views that are large there: to and fro in them, or there and back */
	static const struct {
		const char *there, *keys, *words;
	} others[] = {
		{ "2", "jk", "  routes of one NIC, median" },
		{ "5", "jk", "  probes of all, median" },
		{ "7", "17", "  to the events and back, median" },
	};
	bool is_busy = argc > 3;
	double first[STARTS], took[KEYS], before_s, before_ms, idle;
	int terminal = -1, missed = 0;
	pid_t pid = 0;

	if (argc < 3)
		return 2;
	for (int i = 0; i < STARTS; i++) {
		double start_ms;

		if (pid)
			leave(pid, terminal);
		start_ms = now_ms();
		pid = start(argv[1], argv[2], &terminal);
		if (!wait_for(terminal, cursor))
			return give_up("the lab");
		first[i] = now_ms() - start_ms;
	}
	missed += report("start to first picture, median", median(first, STARTS), GOAL_FIRST_MS,
			 "ms");
	if (!press_keys(terminal, "jk", took))
		return give_up("a key's effect");
	(void)printf("%-38s %8.2f ms\n", "key to paint, median", median(took, KEYS));
	missed += report("key to paint, 99th percentile", took[KEYS * 99 / 100], GOAL_KEY_MS, "ms");
	for (size_t i = 0; is_busy && i < ARRAY_SIZE(others); i++) {
		if (write(terminal, others[i].there, 1) != 1 || !wait_for(terminal, cursor) ||
		    !press_keys(terminal, others[i].keys, took))
			return give_up(others[i].words);
		(void)printf("%-38s %8.2f ms\n", others[i].words, median(took, KEYS));
		missed += report("  99th percentile", took[KEYS * 99 / 100], GOAL_KEY_MS, "ms");
	}
	before_s = cpu_s(pid);
	before_ms = now_ms();
	read_until(terminal, before_ms + IDLE_S * 1e3);
	idle = (cpu_s(pid) - before_s) / ((now_ms() - before_ms) / 1e3) * 100;
	if (is_busy)
		(void)printf("%-38s %8.2f %%\n", "left open, of one core", idle);
	else
		missed += report("left open, of one core", idle, GOAL_IDLE, "%");
	missed += report("memory at most", memory_mib(pid), GOAL_MIB, "MiB");
	leave(pid, terminal);
	return missed != 0;
}
