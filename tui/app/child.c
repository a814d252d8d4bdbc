/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/app/child.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_BYTES_MAX 65536

struct child {
	struct loop_stream *stream; /* NULL when its output is at its end */
	struct child_ops ops;
	void *arg;
	pid_t pid; /* 0 when it was reaped */
	int code;
};

static void check_end(struct child *child)
{
	if (!child->stream && !child->pid)
		child->ops.on_end(child->arg, child->code);
}

static void on_line(void *arg, char *line, size_t len)
{
	struct child *child = arg;

	(void)len;
	child->ops.on_line(child->arg, line);
}

static void on_stream_end(void *arg, const char *reason)
{
	struct child *child = arg;

	(void)reason;
	loop_stream_free(child->stream);
	child->stream = NULL;
	check_end(child);
}

static int spawn(char **argv, const posix_spawn_file_actions_t *actions, pid_t *ret_pid,
		 struct err *err)
{
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int code;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &all);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	argv[0] = (char *)"hublab";
	code = posix_spawn(ret_pid, "/proc/self/exe", actions, &attributes, argv, environ);
	(void)posix_spawnattr_destroy(&attributes);
	return code ? err_set(err, -code, "start hublab: %s", strerror(code)) : 0;
}

struct child *child_start(struct loop *loop, char **argv, const struct child_ops *ops, void *arg,
			  struct err *err)
{
	static const struct loop_stream_ops stream_ops = { .on_line = on_line,
							   .on_end = on_stream_end };
	posix_spawn_file_actions_t actions;
	struct child *child;
	pid_t pid = 0;
	int fds[2], code;

	if (pipe2(fds, O_CLOEXEC)) {
		err_set(err, -errno, "pipe: %s", strerror(errno));
		return NULL;
	}
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	(void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDERR_FILENO);
	code = spawn(argv, &actions, &pid, err);
	(void)posix_spawn_file_actions_destroy(&actions);
	fd_close(&fds[1]);
	if (code) {
		fd_close(&fds[0]);
		return NULL;
	}
	(void)fcntl(fds[0], F_SETFL, O_NONBLOCK);
	child = calloc(1, sizeof(*child));
	if (!child)
		abort();
	*child = (struct child){ .ops = *ops, .arg = arg, .pid = pid };
	child->stream =
		loop_stream_new(loop, fds[0], LINE_BYTES_MAX, &stream_ops, child, "a command");
	return child;
}

void child_free(struct child *child)
{
	if (!child)
		return;
	loop_stream_free(child->stream);
	free(child);
}

void child_signal(struct child *child, int signal_number)
{
	if (child->pid)
		(void)kill(child->pid, signal_number);
}

void child_reap(struct child *child)
{
	int status;

	if (!child->pid || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->pid = 0;
	child->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	check_end(child);
}

pid_t child_start_on_terminal(char **argv, struct err *err)
{
	pid_t pid = 0;

	return spawn(argv, NULL, &pid, err) ? 0 : pid;
}

char **child_words(char *line, int *ret_count)
{
	char **words = calloc(strlen(line) / 2 + 3, sizeof(*words)), *out = line;
	int count = 1;

	if (!words)
		abort();
	while (*line) {
		char quote = '\0';

		while (*line == ' ')
			line++;
		if (!*line)
			break;
		words[count++] = out;
		for (; *line && (quote || *line != ' '); line++) {
			if (quote ? *line == quote : *line == '\'' || *line == '"')
				quote = quote ? '\0' : *line;
			else if (!quote && *line == '\\' && line[1])
				*out++ = *++line;
			else
				*out++ = *line;
		}
		line += *line != '\0';
		*out++ = '\0';
	}
	*ret_count = count;
	return words;
}
