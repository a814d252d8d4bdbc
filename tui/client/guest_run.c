/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/client/guest_run.h"

#include "lab/base/cleanup.h"
#include "lab/base/macros.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* What a pipe with room for anything takes without making us wait. */
#define PIECE_BYTES 4096

/* Bytes on their way; `from` is -1 when no more come. */
struct pump {
	int from, to;
	size_t count;
	char bytes[PIECE_BYTES];
};

enum {
	INPUT,
	OUTPUT,
	ERROR,
	PUMPS,
	SIGNALS = PUMPS,
	LIMIT,
	ANSWERS,
	SOURCES
};

struct guest_run {
	struct client *client;
	const json_t *id; /* of what was asked */
	struct pump pumps[PUMPS];
	int theirs[PUMPS]; /* the program's ends, which are ours to close */
	int signals, limit;
	unsigned signal_count;
	int code; /* below 0: not known yet */
	bool is_answered;
};

static struct pollfd pump_poll(const struct pump *pump)
{
	if (pump->count)
		return (struct pollfd){ .fd = pump->to, .events = POLLOUT };
	return (struct pollfd){ .fd = pump->from, .events = POLLIN };
}

/* False when nobody takes what comes. */
static bool pump_turn(struct pump *pump)
{
	ssize_t n = pump->count ? write(pump->to, pump->bytes, pump->count)
				: read(pump->from, pump->bytes, sizeof(pump->bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (pump->count) {
		if (n < 0)
			return false;
		pump->count -= (size_t)n;
		memmove(pump->bytes, pump->bytes + n, pump->count);
	} else if (n > 0) {
		pump->count = (size_t)n;
	} else {
		pump->from = -1;
	}
	return true;
}

static bool is_over(const struct pump *pump)
{
	return pump->from < 0 && !pump->count;
}

/* The program sees the end of its input, or is one that reads no more. */
static void turn_input(struct guest_run *r)
{
	struct pump *input = &r->pumps[INPUT];

	if (!pump_turn(input))
		*input = (struct pump){ .from = -1 };
	if (is_over(input))
		fd_close(&r->theirs[INPUT]);
}

/* 0, or the number of a signal that has come before. */
static int pass_signal(struct guest_run *r, struct err *err)
{
	struct signalfd_siginfo info;
	int number;

	if (read(r->signals, &info, sizeof(info)) != sizeof(info))
		return 0;
	number = (int)info.ssi_signo;
	if (r->signal_count++)
		return number;
	(void)client_send(r->client,
			  json_pack("{s:s, s:i}", "request", "guest_signal", "number", number),
			  err);
	return 0;
}

/* Of the program's end, or of a signal that was passed. */
static void hear_answer(struct guest_run *r, struct err *err)
{
	json_t *answer = client_receive(r->client, err);
	const json_t *data;

	if (answer && json_equal(json_object_get(answer, "id"), r->id)) {
		data = client_data(answer, err);
		r->is_answered = true;
		r->code = (int)json_integer_value(json_object_get(data, "code"));
	}
	json_decref(answer);
}

/* The program's exit code, or an error. */
static int relay(struct guest_run *r, struct err *err)
{
	struct pollfd fds[SOURCES] = { 0 };
	int number;

	while (!r->is_answered || !is_over(&r->pumps[OUTPUT]) || !is_over(&r->pumps[ERROR])) {
		bool has_more = !r->is_answered && client_has_more(r->client);

		for (int i = 0; i < PUMPS; i++)
			fds[i] = pump_poll(&r->pumps[i]);
		fds[SIGNALS] = (struct pollfd){ .fd = r->signals, .events = POLLIN };
		fds[LIMIT] = (struct pollfd){ .fd = r->limit, .events = POLLIN };
		fds[ANSWERS].fd = r->is_answered ? -1 : client_descriptor(r->client);
		fds[ANSWERS].events = POLLIN;
		if (poll(fds, SOURCES, has_more ? 0 : -1) < 0 && errno != EINTR)
			return err_set(err, -errno, "poll: %s", strerror(errno));
		if (fds[INPUT].revents)
			turn_input(r);
		for (int i = OUTPUT; i <= ERROR; i++)
			if (fds[i].revents && !pump_turn(&r->pumps[i]))
				return 128 + SIGPIPE;
		if (fds[LIMIT].revents)
			return err_set(err, -ETIMEDOUT, "it took too long, and was ended");
		number = fds[SIGNALS].revents ? pass_signal(r, err) : 0;
		if (number)
			return 128 + number;
		if (fds[ANSWERS].revents || has_more)
			hear_answer(r, err);
		if (err->code && !r->is_answered)
			return err->code;
	}
	return err->code ? err->code : r->code;
}

static void open_signals(struct guest_run *r)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (size_t i = 0; i < 4; i++)
		(void)sigaddset(&set, (int[]){ SIGINT, SIGQUIT, SIGTERM, SIGHUP }[i]);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC);
}

/* -1 without one. */
static int open_limit(double seconds)
{
	struct itimerspec limit = { .it_value = { .tv_sec = (time_t)seconds } };
	int fd = seconds > 0 ? timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC) : -1;

	limit.it_value.tv_nsec = (long)((seconds - (double)limit.it_value.tv_sec) * 1e9);
	(void)timerfd_settime(fd, 0, &limit, NULL);
	return fd;
}

static json_t *words_json(const char *const words[])
{
	json_t *list = json_array();

	for (; *words; words++) {
		json_t *word = json_string(*words);

		if (word && !json_array_append_new(list, word))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

/* What says that it runs; NULL with the refusal. */
static json_t *ask(struct client *client, const char *guest, const char *const words[],
		   struct err *err)
{
	json_t *list = words_json(words), *said;
	struct err why = { 0 };

	if (!list) {
		err_set(err, -EILSEQ, "what a guest is told must be UTF-8");
		return NULL;
	}
	if (client_send(client,
			json_pack("{s:s, s:s, s:o}", "request", "guest_run", "guest", guest,
				  "words", list),
			err))
		return NULL;
	said = client_receive(client, &why);
	if (why.code == -ETIMEDOUT)
		err_set(err, -EAGAIN,
			"the agent in %s does not answer: 'hublab console %s' is the way in", guest,
			guest);
	else if (why.code)
		err_set(err, why.code, "%s", why.text);
	if (said && json_object_get(said, "progress"))
		return said;
	if (said)
		(void)client_data(said, err);
	json_decref(said);
	return NULL;
}

int guest_run(struct client *client, const char *guest, const struct guest_words *program,
	      struct err *err)
{
	struct guest_run r = { .client = client, .limit = open_limit(program->limit_seconds) };
	json_t *said = ask(client, guest, program->words, err);
	int code;

	if (!said) {
		fd_close(&r.limit);
		return err->code;
	}
	r.id = json_object_get(said, "id");
	for (int i = 0; i < PUMPS; i++)
		r.theirs[i] = client_take_descriptor(client);
	r.pumps[INPUT] =
		(struct pump){ program->has_input ? STDIN_FILENO : -1, r.theirs[INPUT], 0, "" };
	r.pumps[OUTPUT] = (struct pump){ r.theirs[OUTPUT], STDOUT_FILENO, 0, "" };
	r.pumps[ERROR] = (struct pump){ r.theirs[ERROR], STDERR_FILENO, 0, "" };
	if (!program->has_input)
		fd_close(&r.theirs[INPUT]);
	open_signals(&r);
	code = relay(&r, err);
	for (int i = 0; i < PUMPS; i++)
		fd_close(&r.theirs[i]);
	fd_close(&r.signals);
	fd_close(&r.limit);
	json_decref(said);
	return code;
}
