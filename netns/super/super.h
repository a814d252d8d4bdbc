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

enum super_state {
	SUPER_EMPTY,      /* no lab file yet */
	SUPER_BUILDING,   /* the engine runs the first plan */
	SUPER_CONVERGING, /* built; sessions, routes and probes are not all there yet */
	SUPER_RUNNING,
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
	double up_since;
	uint64_t started_ns, built_ns, sessions_ns;
	size_t best; /* sessions up and probes green at the best moment so far */
	struct snapshot_stage stages[SUPER_STAGES_MAX];
	size_t stage_count;
};

/* Topics as JSON; NULL with `err` when there is no such topic. super_topics.c */
json_t *super_topic(struct super *s, const char *topic, struct err *err);
/* Everything that is not as it should be, one text each; in `arena`. super_topics.c */
struct texts super_problems(struct super *s, struct arena *arena);

/* Requests of clients. super_requests.c */
void super_request(void *arg, struct control_client *client, const json_t *json);
void super_reply(struct control_client *client, const json_t *id, json_t *data);
void super_refuse(struct control_client *client, const json_t *id, const struct err *err);

/* Build the lab from the text of its file. supervisor.c */
int super_up(struct super *s, struct control_client *client, const json_t *id, const char *text,
	     const char *file, struct err *err);
/* End the lab, and this process. supervisor.c */
void super_down(struct super *s);
