/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet from each machine to each other, for a client that waits for it: it hears how far that
 * is, then row by row what became of them, then the answer. Ends when the client leaves.
 */
#include "lab/base/cleanup.h"
#include "lab/snapshot/path_question.h"
#include "lab/snapshot/snapshot_mesh.h"
#include "netns/probe/mesh.h"
#include "netns/super/super.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_NS  200000000ull
#define PORTION_NS   2000000ull     /* of one callback */
#define UNSENT_MAX   (256u * 1024)  /* the next row waits until less is on its way */
#define UNREAD_NS    10000000000ull /* a client that reads nothing for so long has nothing */
#define ENGINE_NS    5000000000ull  /* how long it may take to say something */
#define WAIT_NS      2000000ull
#define FINDINGS_MAX 1000 /* that are told with their reasons */
#define MACHINES_MAX 2000

struct nics {
	const struct nic **items;
	size_t count;
};

struct mesh_run {
	struct super *super;
	struct control_client *client;
	json_t *id;
	struct arena *arena;
	struct nics from, to;
	struct probe_spec flow; /* its protocol */
	struct mesh *mesh;
	uint32_t generation; /* by which its sockets, which come later, know it */
	struct loop_timer *timer;
	uint64_t started_ns, done_ns;      /* 0: it goes on */
	uint64_t read_ns;                  /* when the client was last seen to read */
	struct neighbour_table neighbours; /* when it began */
	bool was_full;                     /* since then, at some moment, or it may have been */
	bool is_judged;                    /* what is told is known */
	size_t row, findings;              /* that were told */
};

/* ---- what is told ---- */

/* Neighbours find each other by ARP, the others by their router alone. */
static bool are_neighbours(const struct mesh_run *r, size_t to)
{
	return r->from.items[r->row]->subnet == r->to.items[to]->subnet;
}

/* Did anything of the machine get as far as its router, and an answer back? */
static bool has_way_out(const struct mesh_run *r)
{
	for (size_t to = 0; to < r->to.count; to++)
		if (!are_neighbours(r, to) &&
		    mesh_pair(r->mesh, r->row, to)->state == PAIR_ANSWERED)
			return true;
	return false;
}

/*
 * A packet, or its answer, that found no room in the table of neighbours was lost where nobody saw
 * it, and that says nothing of the lab.
 */
static bool may_be_lost(const struct mesh_run *r, size_t to, bool is_way_known)
{
	const struct pair *pair = mesh_pair(r->mesh, r->row, to);

	return r->was_full && pair->state == PAIR_SILENT && !pair->error &&
	       (pair->is_answer_predicted || are_neighbours(r, to) || !is_way_known);
}

static enum mesh_cell cell_of(const struct mesh_run *r, size_t to, bool is_way_known)
{
	const struct pair *pair = mesh_pair(r->mesh, r->row, to);
	bool is_reply = pair->state == PAIR_ANSWERED;

	if (pair->state == PAIR_LEFT_OUT)
		return MESH_SELF;
	if (pair->state == PAIR_UNOBSERVED || pair->is_by_flow || may_be_lost(r, to, is_way_known))
		return MESH_UNKNOWN;
	if (is_reply)
		return pair->is_answer_predicted ? MESH_REPLY : MESH_UNEXPECTED_REPLY;
	return pair->is_answer_predicted ? MESH_UNEXPECTED_SILENCE : MESH_SILENCE;
}

static const char *seen_text(const struct mesh_run *r, size_t to, struct arena *arena)
{
	const struct pair *pair = mesh_pair(r->mesh, r->row, to);
	const char *why = mesh_why_not(r->mesh, r->row, to);

	if (pair->state == PAIR_ANSWERED)
		return arena_printf(arena, "a reply after %.2f ms", (double)pair->rtt_ms);
	if (pair->state == PAIR_UNOBSERVED)
		return arena_printf(arena, "not observed: %s", why);
	if (*why)
		return arena_printf(arena, "nothing was sent: %s", why);
	if (r->was_full && !r->neighbours.limit)
		return "no reply; if the kernel's table of neighbours was full is not known";
	if (r->was_full)
		return arena_printf(arena,
				    "no reply; the kernel's table of neighbours was full meanwhile "
				    "(gc_thresh3 is %u)",
				    r->neighbours.limit);
	return pair->tries > 1 ? arena_printf(arena, "no reply, asked %u times", pair->tries)
			       : "no reply";
}

static const char *prediction_text(const struct mesh_run *r, size_t to, struct arena *arena)
{
	struct prediction prediction = { 0 };

	mesh_predict(r->mesh, r->row, to, &prediction);
	if (prediction.is_by_flow)
		return arena_strdup(arena, prediction.words);
	if (prediction_is_answer(&prediction, (enum probe_protocol)r->flow.protocol.value))
		return "a reply";
	return arena_printf(arena, "no reply: %s", prediction.words);
}

static void add_finding(struct mesh_run *r, size_t to, char cell, struct snapshot_mesh_row *row,
			struct arena *arena)
{
	r->findings++;
	*ARENA_PUSH(arena, row->findings.items, row->findings.count) =
		(struct snapshot_mesh_finding){
			.from = row->from,
			.to = r->to.items[to]->vm->object.name,
			.result = mesh_cell_name(cell),
			.seen = seen_text(r, to, arena),
			.prediction = prediction_text(r, to, arena),
		};
}

/* To the microsecond: what is behind that is noise, and long. */
static double rtt_of(const struct pair *pair)
{
	return pair->state == PAIR_ANSWERED ? round((double)pair->rtt_ms * 1000) / 1000
					    : (double)NAN;
}

static void send_row(struct mesh_run *r)
{
	struct arena *arena = arena_new();
	struct snapshot_mesh_row row = { .from = r->from.items[r->row]->vm->object.name };
	char *cells = arena_alloc(arena, r->to.count + 1);
	bool is_way_known = !r->was_full || has_way_out(r);

	row.cells = cells;
	row.rtt_ms.count = r->to.count;
	row.rtt_ms.items = arena_alloc(arena, r->to.count * sizeof(*row.rtt_ms.items));
	for (size_t to = 0; to < r->to.count; to++) {
		cells[to] = (char)cell_of(r, to, is_way_known);
		row.rtt_ms.items[to] = rtt_of(mesh_pair(r->mesh, r->row, to));
		if (mesh_cell_is_finding(cells[to]) && r->findings < FINDINGS_MAX)
			add_finding(r, to, cells[to], &row, arena);
	}
	r->row++;
	control_send(r->client, json_pack("{s:{s:o}}", "progress", "row",
					  record_encode(&snapshot_mesh_row_record, &row)));
	arena_free(arena);
}

static void answer(const struct mesh_run *r)
{
	struct snapshot_mesh out = { .lab = r->super->name,
				     .pairs = (int64_t)mesh_asked(r->mesh),
				     .took_ms = (double)(r->done_ns - r->started_ns) / 1e6 };
	struct arena *arena = arena_new();

	out.protocol = path_question_protocol(&r->flow, arena);
	for (size_t i = 0; i < r->to.count; i++)
		*ARENA_PUSH(arena, out.to.items, out.to.count) = r->to.items[i]->vm->object.name;
	super_reply(r->client, r->id, record_encode(&snapshot_mesh_record, &out));
	arena_free(arena);
}

/* ---- its course ---- */

static void run_free(struct mesh_run *r)
{
	r->super->mesh_run = NULL;
	mesh_free(r->mesh);
	loop_timer_free(r->timer);
	json_decref(r->id);
	arena_free(r->arena);
}

/* It may end the run: one that heaps up answers leaves when it is told one more. */
static void tell_progress(struct mesh_run *r)
{
	loop_timer_set(r->timer, PROGRESS_NS);
	control_send(r->client, json_pack("{s:{s:I, s:I}}", "progress", "decided",
					  (json_int_t)mesh_decided(r->mesh), "pairs",
					  (json_int_t)mesh_asked(r->mesh)));
}

/* What is silent can be judged. */
static void judge(struct mesh_run *r, bool was_full)
{
	r->was_full = was_full;
	r->is_judged = true;
	r->read_ns = loop_clock_ns();
	loop_timer_set(r->timer, 0);
}

/* First at the beginning, then at the end. Where it is not told, it may have been full. */
static void got_neighbours(void *arg, size_t tag, const struct neighbour_table *table)
{
	const struct super *s = arg;
	struct mesh_run *r = s->mesh_run;

	if (!r || r->generation != tag)
		return;
	if (!r->done_ns && table)
		r->neighbours = *table;
	else if (r->done_ns)
		judge(r, !table || table->refusals > r->neighbours.refusals);
}

static void step(void *arg, uint64_t now_ns)
{
	struct mesh_run *r = arg;
	uint64_t until_ns = now_ns + PORTION_NS;

	if (r->done_ns && now_ns - r->done_ns > ENGINE_NS && !r->is_judged)
		judge(r, true);
	if (!r->is_judged) {
		tell_progress(r);
		return;
	}
	if (control_unsent(r->client) <= UNSENT_MAX)
		r->read_ns = now_ns;
	while (r->row < r->from.count && control_unsent(r->client) <= UNSENT_MAX &&
	       loop_clock_ns() < until_ns)
		send_row(r);
	if (r->row == r->from.count) {
		answer(r);
		run_free(r);
	} else if (now_ns - r->read_ns > UNREAD_NS) {
		super_mesh_end(r->super, NULL, "what was seen is not read");
	} else {
		loop_timer_set(r->timer, control_unsent(r->client) > UNSENT_MAX ? WAIT_NS : 0);
	}
}

static void on_done(void *arg)
{
	struct mesh_run *r = arg;

	r->done_ns = loop_clock_ns();
	if (r->neighbours.limit)
		engine_client_neighbours(r->super->engine, got_neighbours, r->super, r->generation);
	else
		judge(r, true);
}

static void got_socket(void *arg, size_t tag, int fd, const struct err *err)
{
	const struct super *s = arg;

	if (s->mesh_run && s->mesh_run->generation == tag >> 32)
		mesh_socket(s->mesh_run->mesh, tag & 0xffffffff, fd, err ? err->text : "");
	else
		fd_close(&fd); /* of one that is no more */
}

static struct agent *agent_of(void *arg, const char *guest)
{
	const struct mesh_run *r = arg;

	return guests_client_agent(r->super->guests, guest);
}

static void need_socket(void *arg, const char *ns, enum prober_socket type, uint32_t tag)
{
	const struct mesh_run *r = arg;

	engine_client_socket(r->super->engine, ns, super_probe_socket(type), got_socket, r->super,
			     (size_t)r->generation << 32 | tag);
}

/* ---- the request ---- */

/* All machines of the lab, each by its first NIC. */
static void add_all(const struct lab *lab, struct nics *nics, struct arena *arena)
{
	for (size_t i = 0; i < lab->vms.count; i++)
		*ARENA_PUSH(arena, nics->items, nics->count) =
			&lab->vms.items[i].network_interfaces.items[0];
}

static bool has(const struct nics *nics, const struct nic *nic)
{
	for (size_t i = 0; i < nics->count; i++)
		if (nics->items[i] == nic)
			return true;
	return false;
}

/* Those that are named, once each. */
static int read_nics(const struct lab *lab, const json_t *names, struct nics *nics,
		     struct arena *arena, struct err *err)
{
	const json_t *name;
	size_t i;

	if (!names)
		add_all(lab, nics, arena);
	if (json_array_size(names) > MACHINES_MAX)
		return err_set(err, -EINVAL, "more than %d machines are named", MACHINES_MAX);
	json_array_foreach(names, i, name) {
		const char *text = json_string_value(name);
		const struct nic *nic = text ? path_question_find(lab, text, err) : NULL;

		if (!text)
			return err_set(err, -EPROTO, "'from' and 'to' are lists of names");
		if (!nic)
			return err->code;
		if (!has(nics, nic))
			*ARENA_PUSH(arena, nics->items, nics->count) = nic;
	}
	return 0;
}

/* Refuses what is no question, or too large a one. */
static int read_request(struct mesh_run *r, const json_t *request, struct err *err)
{
	const struct lab *lab = r->super->wanted->lab;
	const char *protocol = json_string_value(json_object_get(request, "protocol"));

	if (path_question_read_protocol(protocol ? protocol : "icmp", &r->flow, err) ||
	    read_nics(lab, json_object_get(request, "from"), &r->from, r->arena, err) ||
	    read_nics(lab, json_object_get(request, "to"), &r->to, r->arena, err))
		return err->code;
	if (r->from.count * r->to.count > MESH_PAIRS_MAX)
		return err_set(err, -EINVAL,
			       "%zu x %zu pairs are more than the %d of one mesh: choose some",
			       r->from.count, r->to.count, MESH_PAIRS_MAX);
	for (size_t i = 0; i < r->from.count; i++)
		for (size_t n = 0; n < r->to.count; n++)
			if (r->from.items[i]->vm != r->to.items[n]->vm)
				return 0;
	return err_set(err, -EINVAL, "there are no two machines to ask one of the other");
}

static int begin(struct mesh_run *r, const json_t *request, struct err *err)
{
	static const struct mesh_ops ops = { agent_of, need_socket, on_done };
	struct super *s = r->super;
	struct mesh_spec spec;

	if (read_request(r, request, err))
		return err->code;
	spec = (struct mesh_spec){ .from = r->from.items,
				   .to = r->to.items,
				   .from_count = r->from.count,
				   .to_count = r->to.count,
				   .flow = r->flow,
				   .fabric = s->wanted->fabric };
	r->generation = ++s->last_generation;
	engine_client_neighbours(s->engine, got_neighbours, s, r->generation);
	r->started_ns = loop_clock_ns();
	r->mesh = mesh_new(s->loop, &spec, &ops, r);
	r->timer = loop_timer_new(s->loop, step, r, "mesh results");
	loop_timer_set(r->timer, PROGRESS_NS);
	s->mesh_run = r;
	return 0;
}

int super_mesh(struct super *s, struct control_client *client, const json_t *id,
	       const json_t *request, struct err *err)
{
	struct arena *arena;
	struct mesh_run *r;

	if (!s->wanted)
		return err_set(err, -EAGAIN, "the lab has no file yet");
	if (s->state != SUPER_RUNNING)
		return err_set(err, -EBUSY, "lab '%s' is being built or changed", s->name);
	if (s->mesh_run)
		return err_set(err, -EBUSY, "a mesh of lab '%s' is being asked for already",
			       s->name);
	arena = arena_new();
	r = arena_alloc(arena, sizeof(*r));
	*r = (struct mesh_run){ .super = s, .client = client, .arena = arena };
	if (begin(r, request, err)) {
		arena_free(arena);
		return err->code;
	}
	r->id = json_deep_copy(id);
	return 0;
}

void super_mesh_end(struct super *s, const struct control_client *client, const char *why)
{
	struct err err = { .code = -ECANCELED };
	struct mesh_run *r = s->mesh_run;

	if (!r || (client && r->client != client))
		return;
	s->mesh_run = NULL; /* the client may leave by what it is told */
	(void)snprintf(err.text, sizeof(err.text), "%s", why);
	if (!client)
		super_refuse(r->client, r->id, &err);
	run_free(r);
}
