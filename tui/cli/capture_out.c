/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/capture_out.h"

#include "lab/base/cleanup.h"
#include "lab/render/pcapng.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define STALLED_NS 1000000000 /* so long a reader may pause when we are told to end */

/* ---- signals ---- */

static volatile sig_atomic_t is_ended;

static void on_signal(int signal)
{
	(void)signal;
	is_ended = 1;
}

void capture_catch_signals(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		(void)sigaddset(&set, ends[i]);
		(void)sigaction(ends[i], &action, NULL);
	}
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file as large as it may be is an error of write() */
}

int capture_poll(struct pollfd *polled, size_t count, int64_t timeout_ns)
{
	const struct timespec timeout = { timeout_ns / 1000000000, timeout_ns % 1000000000 };
	sigset_t none;

	(void)sigemptyset(&none);
	return ppoll(polled, count, timeout_ns < 0 ? NULL : &timeout, &none);
}

bool capture_is_ended(void)
{
	return is_ended;
}

/* ---- what is written ---- */

int capture_out_open(const char *path, struct capture_out *ret_out, struct err *err)
{
	struct capture_out out = { .fd = STDOUT_FILENO, .is_owned = strcmp(path, "-") != 0 };
	struct stat stat;

	if (out.is_owned)
		out.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out.fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	out.is_file = out.is_owned && !fstat(out.fd, &stat) && S_ISREG(stat.st_mode);
	*ret_out = out;
	return 0;
}

int capture_out_close(struct capture_out *out)
{
	int rc = out->is_owned && close(out->fd) ? -errno : 0;

	out->fd = -1;
	return rc;
}

/* Until a pipe takes something: what we wait for in write() no signal would end. */
static int wait_for_room(const struct capture_out *out)
{
	struct pollfd polled = { .fd = out->fd, .events = POLLOUT };

	int got;

	while ((got = capture_poll(&polled, 1, is_ended ? STALLED_NS : -1)) < 0)
		if (errno != EINTR)
			return -errno;
	if (!got)
		return -EINTR;
	return polled.revents & POLLERR ? -EPIPE : 0;
}

/* So much as does not block; a negative errno else. */
static ssize_t write_some(const struct capture_out *out, const uint8_t *bytes, size_t len)
{
	ssize_t written;
	int rc;

	if (!out->is_file) {
		rc = wait_for_room(out);
		if (rc)
			return rc;
		len = len < PIPE_BUF ? len : PIPE_BUF;
	}
	written = write(out->fd, bytes, len);
	if (written < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	return written;
}

int capture_out_write(struct capture_out *out, const uint8_t *bytes, size_t len, bool is_blocks)
{
	size_t done = 0;
	ssize_t written = 0;

	while (done < len && (written = write_some(out, bytes + done, len - done)) >= 0)
		done += (size_t)written;
	out->whole += is_blocks ? pcapng_whole(bytes, done) : done;
	if (done == len)
		return 0;
	if (out->is_file && (ftruncate(out->fd, (off_t)out->whole) ||
			     lseek(out->fd, (off_t)out->whole, SEEK_SET) < 0))
		return -errno;
	return (int)written;
}
