/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to netns/super: the state of a supervisor, for the files that are parts of it. */
#include "netns/probe/probe.h"
#include "netns/probe/responder.h"
#include "netns/super/control.h"
#include "netns/super/controller.h"
#include "netns/super/daemons.h"
#include "netns/super/dhcp_server.h"
#include "netns/super/drift.h"
#include "netns/super/engine_client.h"
#include "netns/super/faults.h"
#include "netns/super/flows.h"
#include "netns/super/guests_client.h"
#include "netns/super/history.h"
#include "netns/super/journal.h"
#include "netns/super/logs.h"
#include "netns/super/routers.h"
#include "netns/super/source.h"
#include "netns/super/traffic.h"
#include "netns/super/tunnels.h"
#include "netns/super/wire_client.h"

#include "lab/plan/wanted.h"

struct super;

enum super_state {
	SUPER_EMPTY,      /* no lab file yet */
	SUPER_BUILDING,   /* the engine runs the first plan */
	SUPER_CHANGING,   /* the engine runs the plan of a change */
	SUPER_CONVERGING, /* built; sessions, routes and probes are not all there yet */
	SUPER_RUNNING,
};

/* What can change a topic. */
enum {
	CAUSE_STATE = 1, /* of the lab, its daemons, sessions and routes */
	CAUSE_PROBE = 2,
	CAUSE_EVENT = 4,
	CAUSE_FLOW = 8,
	CAUSE_BGP = 16,    /* what a daemon knows, or what was asked of it */
	CAUSE_TUNNEL = 32, /* what passed through one */
	CAUSE_HISTORY = 64,
	CAUSE_LOG = 128,
	CAUSE_TRAFFIC = 256,
};

/* A topic that is watched: what was sent last, and up to which version of its source. */
struct topic_state {
	const char *name;
	json_t *json; /* of one that is sent in parts only the empty beginning */
	uint64_t version;
	size_t count;    /* items that were sent, of a topic that is sent in parts */
	bool is_partial; /* there are more of them */
	uint64_t seen;   /* of those, the version that was told */
	/* of flows */
	uint64_t next;   /* the number after the last one sent */
	bool is_counted; /* the count that was asked for at the beginning is in */
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
	/* The version of the source: while it is the same, nothing changed. NULL: not known. */
	uint64_t (*version)(const struct super *s);
};

struct held_responder {
	struct held_responder *next;
	struct responder *responder;
	uint32_t port;
	char ns[];
};

/* A prober of the lab. Its sockets come later: they know it by its generation. */
struct prober_slot {
	struct super *super;
	struct prober *prober; /* NULL: there is none */
	uint32_t generation;
};

/* What ran before a change that is under way, kept until it is done. */
struct super_before {
	struct source source;
	struct wanted *wanted; /* NULL: no change is under way */
	struct controller *controller;
	struct plan *plan; /* everything that stood */
};

#define SUPER_STAGES_MAX 16

struct super {
	const char *name;
	int directory;
	bool is_rootless;
	enum super_state state;
	struct loop *loop;
	struct journal *journal;
	struct history *history;
	struct logs *logs;
	struct control *control;
	struct publisher *publisher;
	struct engine_client *engine;
	struct wire_client *wire;
	struct guests_client *guests;
	struct routers *routers;
	struct dhcp_server *dhcp;
	struct guest_asker *guest_askers;
	struct guest_program *guest_programs;
	struct daemons *daemons;
	struct drift *drift;
	struct flows *flows;
	struct traffic *traffic; /* NULL: nobody has looked at it yet */
	struct faults *faults;
	struct fault_run *fault_runs;      /* that the engine is setting or clearing */
	struct socket_wish *socket_wishes; /* of clients, that the engine is opening */
	struct tunnels *tunnels;
	struct loop_timer *deadline, *check, *go_on;
	struct loop_signal *on_child, *on_term;
	struct control_client *starter;  /* the client that started the lab; NULL when it left */
	json_t *starter_id;              /* of its request */
	struct engine_features features; /* of the kernel */
	struct source source;
	struct as_paths *paths;
	struct wanted *wanted; /* NULL: no lab file yet */
	struct controller *controller;
	struct prober *prober; /* that of lab_slot */
	struct prober_slot lab_slot, test_slot;
	struct tester *tester;     /* NULL while no expectations are looked at */
	struct mesh_run *mesh_run; /* NULL while no mesh is asked for */
	uint32_t last_generation;
	struct super_before before;
	struct lab *next;   /* that is to be made, when the tables are programmed */
	int64_t asked;      /* in the history: the request that is being answered; 0: none */
	int64_t change;     /* likewise the change that is waiting, or under way */
	int64_t mending;    /* likewise what is being mended */
	bool is_unplanned;  /* the models of the first build are made, its plan is not */
	struct err failure; /* of the change that is being taken back */
	struct held_responder *responders;
	struct told
		*told; /* what daemons tell peers, as far as somebody asked; super_topics_bgp.c */
	/* how it went */
	double unix_offset; /* from seconds of the loop's clock to Unix time */
	double up_since;
	uint64_t started_ns, built_ns, sessions_ns, tunnels_ns;
	size_t best; /* sessions and tunnels up and probes green at the best moment so far */
	struct snapshot_stage stages[SUPER_STAGES_MAX];
	size_t stage_count;
};

/* Topics as JSON; NULL with `err` when there is no such topic. super_topics.c */
json_t *super_topic(struct super *s, const char *name, struct err *err);
const struct topic *super_topic_find(const struct super *s, const char *name, struct err *err);
/* What follows the topic's name; "" when nothing does. */
const char *super_topic_argument(const char *name);
/* The same into so many words; false when they are more or fewer. */
bool super_split_topic(const char *name, const char **words, size_t count, struct arena *arena);
/* Those about one NIC. super_topics_nic.c */
json_t *super_topic_routes(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_why(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_nsg(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_rule(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_path(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_verdict(struct super *s, const char *name, struct arena *arena,
			    struct err *err);
/* What speaks BGP, and what it tells a peer. super_topics_bgp.c */
json_t *super_topic_bgp(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_sessions(struct super *s, const char *name, struct arena *arena,
			     struct err *err);
json_t *super_topic_advertised(struct super *s, const char *name, struct arena *arena,
			       struct err *err);
void super_on_told(void *arg, const struct bgp_end *end, const struct rib_route *routes,
		   size_t count, const char *refusal);
/* Its sessions are no more, or others. */
void super_forget_told(struct super *s);
/* Another one when rules of the lab may mean others than before; the lab itself is the same. */
uint64_t super_security_version(const struct super *s);
/* For a watcher: the topic whole, or the first part of it. `state` has its name. */
json_t *super_topic_begin(struct super *s, const struct topic *topic, struct topic_state *state,
			  struct err *err);
/* What became of it since, which `state` is then up to. NULL when nothing did. */
json_t *super_topic_update(struct super *s, const struct topic *topic, struct topic_state *state);

/* The topics "probes" and "probes/VM". super_probes.c */
json_t *super_probes_fill(struct super *s, const char *vm, struct arena *arena, struct err *err);
json_t *super_probes_begin(struct super *s, const char *vm, struct err *err);
void super_probes_update(struct super *s, struct topic_state *state, struct arena *arena,
			 json_t **changes);
uint64_t super_probes_version(const struct super *s);
/* "reply", or why there will be none. */
const char *super_probes_prediction(const struct probe *probe);

/* The topics "flows" and "flows/NIC". super_flows.c */
json_t *super_flows_fill(struct super *s, const char *of, struct arena *arena, struct err *err);
json_t *super_flows_begin(struct super *s, const char *of, struct err *err);
void super_flows_update(struct super *s, struct topic_state *state, struct arena *arena,
			json_t **changes);
uint64_t super_flows_version(const struct super *s);

/* The topic "traffic". super_traffic.c */
json_t *super_topic_traffic(struct super *s, const char *name, struct arena *arena,
			    struct err *err);
uint64_t super_traffic_version(const struct super *s);

/* Who watches which topic. super_publish.c */
struct publisher *publisher_new(struct super *s) NODISCARD;
/* Topics with one of these causes are to be looked at again. */
void publisher_touch(struct publisher *p, unsigned causes);
/* Does anybody watch a topic with one of these causes? */
bool publisher_is_watched(const struct publisher *p, unsigned causes);
/* Sends the topic whole at once, then its changes. */
int publisher_subscribe(struct publisher *p, struct control_client *client, const char *name,
			struct err *err);
int publisher_unsubscribe(struct publisher *p, struct control_client *client, const char *name,
			  struct err *err);
void publisher_forget(struct publisher *p, const struct control_client *client);
/* The lab is another: every topic is sent whole again, or its watchers are told that it is gone. */
void publisher_restart(struct publisher *p);

/*
 * Look at the expectations of the lab's step; the client is answered when all are decided. One that
 * gives way is refused as soon as another asks that does not.
 */
int super_test(struct super *s, struct control_client *client, const json_t *id, bool gives_way,
	       struct err *err);
/* The client left (no answer), or with NULL whoever asked is told why it ends. super_test.c */
void super_test_end(struct super *s, const struct control_client *client, const char *why);

/* Let all machines ask each other, once; the client is answered when all is seen. */
int super_mesh(struct super *s, struct control_client *client, const json_t *id,
	       const json_t *request, struct err *err);
/* As super_test_end. super_mesh.c */
void super_mesh_end(struct super *s, const struct control_client *client, const char *why);

/* What a user wants of a guest; who asks for a snapshot is answered when it is done. super_guests.c
 */
int super_guest(struct super *s, struct control_client *client, const json_t *id,
		const json_t *request, struct err *err);
void super_guest_forget(struct super *s, const struct control_client *client);
struct dhcp_server *super_new_dhcp_server(struct super *s) NODISCARD;
/*
 * A program in a guest: who asks gets its input and outputs as descriptors, and is answered when it
 * ended. It is killed when he leaves. super_guest_run.c
 */
int super_guest_run(struct super *s, struct control_client *client, const json_t *id,
		    const json_t *request, struct err *err);
int super_guest_signal(struct super *s, struct control_client *client, const json_t *id,
		       const json_t *request, struct err *err);
void super_guest_run_forget(struct super *s, const struct control_client *client);

/* Requests of clients. super_requests.c */
void super_request(void *arg, struct control_client *client, const json_t *json);
void super_reply(struct control_client *client, const json_t *id, json_t *data);
void super_refuse(struct control_client *client, const json_t *id, const struct err *err);

/*
 * Make the lab what the source says, from nothing or from what it is; the client is answered when
 * it has converged. The source becomes the lab's, also when it is refused. super_change.c
 */
int super_apply(struct super *s, struct control_client *client, const json_t *id,
		struct source *source, struct err *err);
/* Everything that stands as it is wanted, faults too, with the tables the controller has. */
struct plan *super_standing_plan(struct super *s);
/* What the supervisor itself has of steps that go or change: before the engine runs them. */
void super_let_go(struct super *s, const struct plan *changes);
/* What is wanted goes without what the kernel has not. */
void super_note_kernel(struct super *s);
/* Guests run as what stands has them, whose ports are there. super_change.c */
void super_want_guests(struct super *s);
/* Daemons that stay read what was written for them. */
void super_configure_daemons(struct super *s, const struct plan *changes);

/* What is foreseen of tunnels that do not come up, or end themselves. super_outlook.c */
typedef void super_outlook_fn(void *arg, const char *text);
void super_tell_outlooks(struct super *s, super_outlook_fn *fn, void *arg);
/* Those that end themselves since this change are events. */
void super_note_outlooks(struct super *s);

/* Faults: super_faults.c. Each answers when the engine has done it, or returns an error. */
int super_fault_set(struct super *s, struct control_client *client, const json_t *id,
		    const json_t *request, struct err *err);
int super_fault_clear(struct super *s, struct control_client *client, const json_t *id,
		      const json_t *request, struct err *err);
/* The time of one is over. */
void super_fault_due(void *super, unsigned number);
/* The lab is another: faults whose target went are over. */
void super_check_faults(struct super *s);
/* A daemon runs again: the fault that killed it is over. */
void super_fault_daemon_started(struct super *s, const char *node);
/* The client left: nobody is to be answered. */
void super_fault_forget(struct super *s, const struct control_client *client);
void super_fill_faults(struct super *s, struct snapshot_lab *lab, struct arena *arena);
json_t *super_topic_faults(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_targets(struct super *s, const char *name, struct arena *arena,
			    struct err *err);

/* Give the client a socket for packets in a namespace of the lab. super_capture.c */
int super_packet_socket(struct super *s, struct control_client *client, const json_t *id,
			const json_t *request, struct err *err);
/* The client left: nobody is to get one. */
void super_capture_forget(struct super *s, const struct control_client *client);
/* Where packets are captured. */
json_t *super_topic_capture(struct super *s, const char *name, struct arena *arena,
			    struct err *err);

/*
 * What is asked for stands in the history from its beginning, as s->asked while it is answered; one
 * that is refused is not kept. What takes longer keeps the number. super_history.c
 */
void super_history_begin(struct super *s, const char *name, const json_t *request);
void super_history_begin_clear(struct super *s, unsigned number); /* of a fault, by itself */
void super_history_asked(struct super *s, bool is_refused);
void super_history_plan(struct super *s, int64_t number, const struct plan *changes);
void super_history_end(struct super *s, int64_t number, const struct err *err); /* NULL: done */
json_t *super_topic_history(struct super *s, const char *name, struct arena *arena,
			    struct err *err);
uint64_t super_history_version(const struct super *s);

/* Put right what drift found; the client is answered when that is done. */
int super_mend(struct super *s, struct control_client *client, const json_t *id, struct err *err);
/* Begin the change that waits for the tables to be programmed. super_change.c */
void super_go_on(struct super *s);
/* The engine made something. super_change.c */
void super_made(void *arg, const struct plan *changes, const struct engine_made *made);

enum engine_socket super_probe_socket(enum prober_socket type);
/* A prober in the slot, in the place of the one that is there; `on_result` gets the super. */
struct prober *super_new_prober(struct super *s, struct prober_slot *slot,
				const struct probe_spec *const *specs, size_t count,
				void (*on_result)(void *slot, const struct probe *probe,
						  bool is_other));
void super_on_result(void *slot, const struct probe *probe, bool is_other);
void super_on_controller_change(void *arg);
/* What daemons write, for the topics "logs" and "logs/NAME". super_logs.c */
void super_on_line(void *arg, const struct bgp_speaker *speaker, const char *program,
		   const char *line);
void super_on_tunnel_line(void *arg, const char *name, const char *line);
json_t *super_topic_logs(struct super *s, const char *name, struct arena *arena, struct err *err);
json_t *super_topic_log(struct super *s, const char *name, struct arena *arena, struct err *err);
uint64_t super_logs_version(const struct super *s);
void super_update_log(struct super *s, struct topic_state *state, struct arena *arena,
		      json_t **changes);
void super_on_learned(void *arg);
void super_on_program(void *arg, const struct plan *changes);
void super_on_silence(void *arg, const char *node, const char *program);
void super_set_state(struct super *s, enum super_state state);
/* Until when all is green, or time is over. super_converge.c */
void super_converge(struct super *s);
/* By a timer, when something may be greener; and when time is over. */
void super_check_convergence(void *arg, uint64_t now_ns);
void super_end_convergence(struct super *s, uint64_t now_ns);
/* It came nearer, or there is nothing to wait for any more; of a lab that does not converge:
 * nothing. */
void super_come_nearer(struct super *s);
/* What took how long, for who started the lab. */
void super_add_stage(struct super *s, const char *name, uint64_t count, uint64_t took_ns);
double super_unix_time(void);
/* Of a time of the loop's clock. */
double super_unix_time_of(const struct super *s, uint64_t time_ns);
/* End the lab, and this process. supervisor.c */
void super_down(struct super *s);
