/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/guest_snapshots.h"

#include "lab/model/lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

const struct guest_snapshot *guest_snapshots_find(const struct guest_snapshot *list,
						  const char *name)
{
	const struct guest_snapshot *snapshot;

	DL_FOREACH(list, snapshot)
		if (!strcmp(snapshot->name, name))
			return snapshot;
	return NULL;
}

const struct guest_snapshot *guest_snapshots_choose(const struct guest_snapshot *list,
						    const char *guest, const char *name,
						    struct err *err)
{
	const struct guest_snapshot *snapshot = NULL;

	if (!list)
		err_set(err, -ENOENT, "'%s' has no snapshot: hublab snapshot %s takes one", guest,
			guest);
	else if (!name)
		return list->prev; /* the head's is the last */
	else if (!(snapshot = guest_snapshots_find(list, name)))
		err_set(err, -ENOENT,
			"'%s' has no snapshot '%s': hublab snapshot lists those that are there",
			guest, name);
	return snapshot;
}

int guest_snapshots_name(const struct guest_snapshot *list, const char *guest, const char *name,
			 char ret_name[GUEST_SNAPSHOT_SIZE], struct err *err)
{
	char number[GUEST_SNAPSHOT_SIZE];

	for (unsigned i = 1; !name; i++) {
		(void)snprintf(number, sizeof(number), "%u", i);
		if (!guest_snapshots_find(list, number))
			name = number;
	}
	if (!is_object_name(name) || strlen(name) >= GUEST_SNAPSHOT_SIZE)
		return err_set(err, -EINVAL, "'%.40s' cannot be a snapshot's name: %s", name,
			       diag_table[DIAG_BAD_NAME].words);
	if (guest_snapshots_find(list, name))
		return err_set(
			err, -EEXIST,
			"'%s' has a snapshot '%s': hublab snapshot --delete %s %s removes it",
			guest, name, guest, name);
	(void)snprintf(ret_name, GUEST_SNAPSHOT_SIZE, "%s", name);
	return 0;
}

const struct guest_snapshot *guest_snapshots_add(struct guest_snapshot **list, const char *name,
						 const struct guest_domain *domain)
{
	struct guest_snapshot *snapshot = calloc(1, sizeof(*snapshot));
	struct timespec now;
	char path[PATH_MAX];
	struct stat file;

	if (!snapshot)
		abort();
	(void)clock_gettime(CLOCK_REALTIME, &now);
	guests_snapshot_path(domain->name, name, path);
	(void)snprintf(snapshot->name, sizeof(snapshot->name), "%s", name);
	snapshot->domain = *domain;
	snapshot->taken_at = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	snapshot->size_bytes = stat(path, &file) ? 0 : (uint64_t)file.st_size;
	DL_APPEND(*list, snapshot);
	return snapshot;
}

void guest_snapshots_remove(struct guest_snapshot **list, const struct guest_snapshot *snapshot)
{
	struct guest_snapshot *each, *next;
	char path[PATH_MAX];

	DL_FOREACH_SAFE(*list, each, next)
	{
		if (each != snapshot)
			continue;
		guests_snapshot_path(each->domain.name, each->name, path);
		(void)unlink(path);
		DL_DELETE(*list, each);
		free(each);
	}
}

void guest_snapshots_clear(struct guest_snapshot **list)
{
	while (*list)
		guest_snapshots_remove(list, *list);
}
