/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Programs in guests. Who asks gets pipes: what he does not read stays in them, and then the
 * program waits. They end when he leaves.
 */
#include "lab/base/cleanup.h"
#include "lab/plan/compile.h"
#include "netns/super/super.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#define WORDS_MAX 255

struct guest_program {
	struct guest_program *prev, *next;
	struct super *super;
	struct control_client *client; /* NULL: it left, and the guest is about to go */
	json_t *id, *words;
	char guest[];
};

static void program_leave(struct guest_program *program)
{
	DL_DELETE(program->super->guest_programs, program);
}

/* It is in no list any more. */
static void program_free(struct guest_program *program)
{
	json_decref(program->id);
	json_decref(program->words);
	free(program);
}

static struct agent *agent_of(const struct guest_program *program)
{
	return guests_client_agent(program->super->guests, program->guest);
}

/* Out of the list first: a client that cannot be told leaves, and its programs with it. */
static void refuse(struct guest_program *program, const struct err *err)
{
	program_leave(program);
	if (program->client)
		super_refuse(program->client, program->id, err);
	program_free(program);
}

/* Its agent did not say how it ended. */
static void refuse_code(struct guest_program *program, int code)
{
	struct err err = { 0 };

	if (code == -ENOTCONN)
		err_set(&err, code,
			"%s was lost, and the program with it: 'hublab show %s' says how it is",
			program->guest, program->guest);
	else
		err_set(&err, code, "%s: the program cannot be started: %s", program->guest,
			strerror(-code));
	refuse(program, &err);
}

static void on_end(void *arg, int code)
{
	struct guest_program *program = arg;

	if (code < 0) {
		refuse_code(program, code);
		return;
	}
	program_leave(program);
	if (program->client)
		super_reply(program->client, program->id, json_pack("{s:i}", "code", code));
	program_free(program);
}

static int start(struct guest_program *program, struct err *err)
{
	const char *words[WORDS_MAX + 1] = { NULL };
	int fds[FRAME_LANES];

	for (size_t i = 0; i < json_array_size(program->words); i++)
		words[i] = json_string_value(json_array_get(program->words, i));
	if (agent_exec(agent_of(program), words, on_end, program, fds, err))
		return err->code;
	if (control_send_descriptors(
		    program->client,
		    json_pack("{s:O, s:{s:b}}", "id", program->id, "progress", "is_running", 1),
		    fds, FRAME_LANES, err))
		agent_forget(agent_of(program), program);
	for (int lane = 0; lane < FRAME_LANES; lane++)
		fd_close(&fds[lane]);
	return err->code;
}

/* One that cannot have the names runs all the same. */
static void on_named(void *arg, int code, const char *output, size_t len)
{
	struct guest_program *program = arg;
	struct err err = { 0 };

	(void)output;
	(void)len;
	if (code < 0)
		refuse_code(program, code);
	else if (start(program, &err))
		refuse(program, &err);
}

/* The lab's names, as its other machines have them in /etc/hosts; then the program. */
static int begin(struct guest_program *program, struct agent *agent, struct err *err)
{
	static const char *const words[] = {
		"sh", "-c", "mkdir -p /etc && cat >/etc/hosts.$$ && mv /etc/hosts.$$ /etc/hosts",
		NULL
	};
	CLEANUP(file_cleanup) FILE *file = fopen("/run/" RUN_HOSTS, "re");
	CLEANUP(free_cleanup) char *names = NULL;
	size_t size = 0;
	ssize_t len = file ? getdelim(&names, &size, '\0', file) : 0;

	return agent_run(agent, words, names, len > 0 ? (size_t)len : 0, on_named, program, err);
}

static bool are_words(const json_t *words)
{
	const json_t *word;
	size_t i;

	json_array_foreach(words, i, word)
		if (!json_is_string(word))
			return false;
	return json_array_size(words) > 0;
}

int super_guest_run(struct super *s, struct control_client *client, const json_t *id,
		    const json_t *request, struct err *err)
{
	const char *guest = json_string_value(json_object_get(request, "guest"));
	json_t *words = json_object_get(request, "words");
	struct guest_program *program;
	struct agent *agent;

	if (!guest || !are_words(words))
		return err_set(err, -EPROTO, "'guest_run' needs 'guest' and 'words'");
	if (json_array_size(words) > WORDS_MAX)
		return err_set(err, -E2BIG, "a program in a guest has %d words at most", WORDS_MAX);
	agent = guests_client_enter(s->guests, guest, err);
	if (!agent)
		return err->code;
	program = calloc(1, sizeof(*program) + strlen(guest) + 1);
	if (!program)
		abort();
	*program = (struct guest_program){ .super = s, .client = client };
	strcpy(program->guest, guest); /* the size was taken from it */
	program->id = id ? json_deep_copy(id) : json_null();
	program->words = json_deep_copy(words);
	DL_APPEND(s->guest_programs, program);
	if (begin(program, agent, err)) {
		program_leave(program);
		program_free(program);
	}
	return err->code;
}

int super_guest_signal(struct super *s, struct control_client *client, const json_t *id,
		       const json_t *request, struct err *err)
{
	json_int_t number = json_integer_value(json_object_get(request, "number"));
	struct guest_program *program;

	if (number < 1 || number > FRAME_SIGNAL_MAX)
		return err_set(err, -EPROTO, "'number' is that of a signal, 1 to %d",
			       FRAME_SIGNAL_MAX);
	DL_FOREACH(s->guest_programs, program)
		if (program->client == client)
			agent_signal(agent_of(program), program, (int)number);
	super_reply(client, id, NULL);
	return 0;
}

void super_guest_run_forget(struct super *s, const struct control_client *client)
{
	struct guest_program *program, *next;

	DL_FOREACH_SAFE(s->guest_programs, program, next)
	{
		struct agent *agent = agent_of(program);

		if (program->client != client)
			continue;
		program->client = NULL;
		if (!agent)
			continue; /* it is being freed, which on_end or on_named is told */
		agent_forget(agent, program);
		program_leave(program);
		program_free(program);
	}
}
