/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to netns/super: the state of a supervisor, for the files that are parts of it. */
#include "netns/probe/probe.h"
#include "netns/probe/responder.h"
#include "netns/super/control.h"
#include "netns/super/controller.h"
#include "netns/super/daemons.h"
#include "netns/super/engine_client.h"
#include "netns/super/journal.h"
#include "netns/super/wire_client.h"

struct super;

enum super_state {
	SUPER_EMPTY,      /* no lab file yet */
	SUPER_BUILDING,   /* the engine runs the first plan */
	SUPER_CONVERGING, /* built; sessions, routes and probes are not all there yet */
	SUPER_RUNNING,
};

/* What can change a topic. */
enum {
	CAUSE_STATE = 1, /* of the lab, its daemons, sessions and routes */
	CAUSE_PROBE = 2,
	CAUSE_EVENT = 4,
};

/* A topic that is watched: what was sent last, and up to which version of its source. */
struct topic_state {
	const char *name;
	json_t *json; /* of one that is sent in parts only the empty beginning */
	uint64_t version;
	size_t count;    /* items that were sent, of a topic that is sent in parts */
	bool is_partial; /* there are more of them */
};

/* A kind of topics. super_topics.c has the table. */
struct topic {
	const char *name;
	bool has_argument;      /* "name/ARGUMENT" */
	bool may_have_argument; /* with and without */
	bool needs_lab;
	unsigned causes;
	json_t *(*fill)(struct super *s, const char *argument, struct arena *arena,
			struct err *err);
	/* For those that are sent in parts: the first of them, empty. */
	json_t *(*begin)(struct super *s, const char *argument, struct err *err);
	/* For those that know what changed: add it to *changes. NULL: all is filled and compared.
	 */
	void (*update)(struct super *s, struct topic_state *state, struct arena *arena,
		       json_t **changes);
	/* The version of the source, for update. */
	uint64_t (*version)(const struct super *s);
};

struct held_responder {
	struct held_responder *next;
	struct responder *responder;
};

#define SUPER_STAGES_MAX 16

struct super {
	const char *name;
	int directory;
	bool is_rootless;
	enum super_state state;
	struct loop *loop;
	struct journal *journal;
	struct control *control;
	struct publisher *publisher;
	struct engine_client *engine;
	struct wire_client *wire;
	struct daemons *daemons;
	struct loop_timer *deadline, *check;
	struct loop_signal *on_child, *on_term;
	struct control_client *starter; /* the client that started the lab; NULL when it left */
	json_t *starter_id;             /* of its request */
	bool has_netem;
	/* from the lab file */
	char *text, *file;
	struct lab *lab;
	struct topology *topology;
	struct bgp_graph *graph;
	struct as_paths *paths;
	struct rib *predicted_ribs;
	struct fabric *predicted; /* when all is as the file says */
	struct controller *controller;
	struct prober *prober;
	struct held_responder *responders;
	/* how it went */
	double unix_offset; /* from seconds of the loop's clock to Unix time */
	double up_since;
	uint64_t started_ns, built_ns, sessions_ns;
	size_t best; /* sessions up and probes green at the best moment so far */
	struct snapshot_stage stages[SUPER_STAGES_MAX];
	size_t stage_count;
};

/* Topics as JSON; NULL with `err` when there is no such topic. super_topics.c */
json_t *super_topic(struct super *s, const char *name, struct err *err);
const struct topic *super_topic_find(const struct super *s, const char *name, struct err *err);
/* For a watcher: the topic whole, or the first part of it. `state` has its name. */
json_t *super_topic_begin(struct super *s, const struct topic *topic, struct topic_state *state,
			  struct err *err);
/* What became of it since, which `state` is then up to. NULL when nothing did. */
json_t *super_topic_update(struct super *s, const struct topic *topic, struct topic_state *state);
/* Everything that is not as it should be, one text each; in `arena`. super_topics.c */
struct texts super_problems(struct super *s, struct arena *arena);

/* Who watches which topic. super_publish.c */
struct publisher *publisher_new(struct super *s) NODISCARD;
/* Topics with one of these causes are to be looked at again. */
void publisher_touch(struct publisher *p, unsigned causes);
/* Sends the topic whole at once, then its changes. */
int publisher_subscribe(struct publisher *p, struct control_client *client, const char *name,
			struct err *err);
int publisher_unsubscribe(struct publisher *p, struct control_client *client, const char *name,
			  struct err *err);
void publisher_forget(struct publisher *p, const struct control_client *client);

/* Requests of clients. super_requests.c */
void super_request(void *arg, struct control_client *client, const json_t *json);
void super_reply(struct control_client *client, const json_t *id, json_t *data);
void super_refuse(struct control_client *client, const json_t *id, const struct err *err);

/* Build the lab from the text of its file. supervisor.c */
int super_up(struct super *s, struct control_client *client, const json_t *id, const char *text,
	     const char *file, struct err *err);
/* End the lab, and this process. supervisor.c */
void super_down(struct super *s);
