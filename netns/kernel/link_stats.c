/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/link_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE 16384

int link_stats_open(int *ret_fd, struct err *err)
{
	static const char path[] = "/proc/self/net/dev";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, -errno, "open %s: %s", path, strerror(errno));
	*ret_fd = fd;
	return 0;
}

/* "NAME: bytes packets errs drop fifo frame compressed multicast", and so sent, to multicast */
bool link_stats_parse(const char *line, struct link_stats *ret_stats)
{
	struct link_stats out = { 0 };

	line += strspn(line, " ");
	if (sscanf(line,
		   "%15[^: ]: %" SCNu64 " %" SCNu64 " %*u %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64,
		   out.name, &out.bytes_in, &out.packets_in, &out.bytes_out, &out.packets_out) != 5)
		return false;
	*ret_stats = out;
	return true;
}

static void take_line(struct link_stats_reader *reader, link_stats_fn *fn, void *arg)
{
	struct link_stats stats;

	reader->line[reader->held] = '\0';
	reader->held = 0;
	if (link_stats_parse(reader->line, &stats))
		fn(arg, &stats);
}

bool link_stats_read(struct link_stats_reader *reader, link_stats_fn *fn, void *arg)
{
	char bytes[PIECE];
	ssize_t got = read(reader->fd, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < got; i++)
		if (bytes[i] == '\n')
			take_line(reader, fn, arg);
		else if (reader->held + 1 < sizeof(reader->line))
			reader->line[reader->held++] = bytes[i];
	if (got > 0)
		return true;
	reader->held = 0;
	(void)lseek(reader->fd, 0, SEEK_SET);
	return false;
}
