/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshots of guests, taken and gone back to. Either way its QEMU ends and another one goes on
 * from the file, so what listens to the guest listens anew; the image, which goes on, says nothing.
 */
#include "netns/super/guests_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- what is heard ---- */

void guests_finish(struct guest *guest, const struct guest_snapshot *snapshot,
		   const struct err *err)
{
	guest_done_fn *done = guest->done;

	guest->done = NULL;
	if (done)
		done(guest->done_arg, snapshot, err);
}

/* It is to be something else by now: whatever follows tells how it is. */
static bool is_overtaken(const struct guests_client *c, const struct guest *guest)
{
	const struct waiting *waiting;

	for (waiting = c->queue->next; waiting; waiting = waiting->next)
		if (!strcmp(waiting->request.guest.name, guest->domain.name) &&
		    waiting->request.verb != GUESTS_LINKS)
			return true;
	return false;
}

/* The image says nothing when it goes on: it was up when it was saved. */
static void goes_on(struct guests_client *c, struct guest *guest)
{
	if (is_overtaken(c, guest))
		return;
	guests_listen_to(guest); /* and its agent, which has not ended, is greeted anew */
	guests_note_up(guest);
}

static void note_saved(struct guests_client *c, struct guest *guest,
		       const struct guests_request *request)
{
	const struct guest_snapshot *snapshot =
		guest_snapshots_add(&guest->snapshots, request->snapshot, &request->guest);

	journal_add(c->journal, "guest", "%s was saved as '%s', %.1f MB, and goes on, %.1f s later",
		    guest->domain.name, snapshot->name, (double)snapshot->size_bytes / 1e6,
		    guests_seconds_since_start(guest));
	goes_on(c, guest);
	guests_finish(guest, snapshot, NULL);
}

static void note_restored(struct guests_client *c, struct guest *guest, const char *name)
{
	const struct guest_snapshot *snapshot = guest_snapshots_find(guest->snapshots, name);

	journal_add(c->journal, "guest", "%s goes on from its snapshot '%s'", guest->domain.name,
		    name);
	goes_on(c, guest);
	guests_finish(guest, snapshot, NULL);
}

static void note_not_kept(struct guests_client *c, struct guest *guest,
			  const struct guests_report *r)
{
	struct err err = { .code = -EIO };

	(void)snprintf(err.text, sizeof(err.text), "%s", r->text);
	if (r->is_running)
		goes_on(c, guest);
	else if (!is_overtaken(c, guest))
		guests_set_state(guest, true, "", r->text);
	guests_finish(guest, NULL, &err);
}

static bool is_of_snapshot(const struct guests_report *r)
{
	return (r->verb == GUESTS_SAVE || r->verb == GUESTS_RESTORE) &&
	       (r->news == GUESTS_DONE || r->news == GUESTS_FAILED);
}

/* The answer to what is at the queue's head, about a guest that may be gone by now. */
void guests_hear_of_snapshot(struct guests_client *c, struct guest *guest,
			     const struct guests_report *r)
{
	const struct guests_request *request = c->queue ? &c->queue->request : NULL;
	char path[PATH_MAX];

	if (!request || !is_of_snapshot(r))
		return;
	guests_snapshot_path(request->guest.name, request->snapshot, path);
	if (!guest && request->verb == GUESTS_SAVE)
		(void)unlink(path);
	else if (guest && r->news == GUESTS_FAILED)
		note_not_kept(c, guest, r);
	else if (guest && request->verb == GUESTS_SAVE)
		note_saved(c, guest, request);
	else if (guest)
		note_restored(c, guest, request->snapshot);
}

/* ---- what users ask ---- */

struct guest *guests_find_idle(const struct guests_client *c, const char *name, struct err *err)
{
	struct guest *guest = guests_find(c, name);

	if (!guest)
		err_set(err, -ENOENT, "'%s' is no guest of this lab", name);
	else if (guest->done)
		err_set(err, -EBUSY, "'%s' is %s: wait until that is done", name, guest->state);
	return err->code ? NULL : guest;
}

/* What listens to its QEMU ends now: another one follows. */
static void begin(struct guests_client *c, struct guest *guest, enum guests_verb verb,
		  const char *snapshot, const char *state)
{
	guests_stop_listening(guest);
	guest->is_stopped = false;
	guest->started_ns = loop_clock_ns();
	guests_set_state(guest, false, state, "");
	guests_ask_about(c, guest, verb, snapshot);
}

int guests_client_save(struct guests_client *c, const char *name, const char *snapshot,
		       guest_done_fn *done, void *arg, struct err *err)
{
	struct guest *guest = guests_find_idle(c, name, err);
	char chosen[GUEST_SNAPSHOT_SIZE];

	if (!guest)
		return err->code;
	if (!guest->is_up)
		return err_set(err, -EINVAL, "'%s' is not up, but %s: it cannot be saved", name,
			       guest->state);
	if (*guest->domain.image)
		return err_set(
			err, -EOPNOTSUPP,
			"'%s' boots an image of yours: what it writes meanwhile is no part of "
			"a snapshot, so it cannot be saved",
			name);
	if (guest->domain.is_router)
		return err_set(err, -EOPNOTSUPP,
			       "'%s' has BGP, tunnels or connections of others, which would go on "
			       "from where the other ends are no more: it cannot be saved",
			       name);
	if (guest_snapshots_name(guest->snapshots, name, snapshot, chosen, err) ||
	    guests_check_snapshot(guest->domain.memory_mb, err))
		return err->code;
	guest->done = done;
	guest->done_arg = arg;
	begin(c, guest, GUESTS_SAVE, chosen, "saving");
	return 0;
}

int guests_client_restore(struct guests_client *c, const char *name, const char *snapshot,
			  guest_done_fn *done, void *arg, struct err *err)
{
	struct guest *guest = guests_find_idle(c, name, err);
	const struct guest_snapshot *chosen =
		guest ? guest_snapshots_choose(guest->snapshots, name, snapshot, err) : NULL;

	if (!chosen)
		return err->code;
	if (!guests_are_alike(&chosen->domain, &guest->domain))
		return err_set(err, -EINVAL,
			       "'%s' was another machine when '%s' was taken: its memory, NICs, "
			       "addresses or routes have been changed since",
			       name, chosen->name);
	if (guests_run(c, err))
		return err->code;
	guest->done = done;
	guest->done_arg = arg;
	begin(c, guest, GUESTS_RESTORE, chosen->name, "restoring");
	return 0;
}

int guests_client_forget(struct guests_client *c, const char *name, const char *snapshot,
			 struct err *err)
{
	struct guest *guest = guests_find_idle(c, name, err);
	const struct guest_snapshot *chosen =
		guest ? guest_snapshots_choose(guest->snapshots, name, snapshot, err) : NULL;

	if (!chosen)
		return err->code;
	journal_add(c->journal, "guest", "the snapshot '%s' of %s was removed", chosen->name, name);
	guest_snapshots_remove(&guest->snapshots, chosen);
	c->on_change(c->arg);
	return 0;
}

const struct guest_snapshot *guests_client_snapshots(const struct guests_client *c,
						     const char *name)
{
	const struct guest *guest = guests_find(c, name);

	return guest ? guest->snapshots : NULL;
}

bool guests_client_fits(const struct guests_client *c, const char *name,
			const struct guest_snapshot *snapshot)
{
	const struct guest *guest = guests_find(c, name);

	return guest && guests_are_alike(&snapshot->domain, &guest->domain);
}
