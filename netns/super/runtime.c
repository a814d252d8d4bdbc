/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/super/runtime.h"

#include "lab/base/cleanup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char *const files[] = { RUNTIME_SOCKET, RUNTIME_LOG };

/* Where this user's labs are: root's, the session's, or a private directory below /tmp. */
static void base_path(char path[PATH_MAX])
{
	const char *session = getenv("XDG_RUNTIME_DIR");
	struct stat status;

	if (!geteuid())
		(void)snprintf(path, PATH_MAX, "/run/hublab");
	else if (session && *session == '/' && !stat(session, &status) &&
		 status.st_uid == geteuid())
		(void)snprintf(path, PATH_MAX, "%s/hublab", session);
	else
		(void)snprintf(path, PATH_MAX, "/tmp/hublab-%u", geteuid());
}

/* Open the base, made if need be, and lock it against others who add or remove labs. */
static int open_base(int *ret_fd, char path[PATH_MAX], struct err *err)
{
	for (int tries = 0; tries < 10; tries++) {
		CLEANUP(fd_cleanup) int fd = -1;
		struct stat status;

		base_path(path);
		if (mkdir(path, 0700) && errno != EEXIST)
			return err_set(err, -errno, "make %s: %s", path, strerror(errno));
		fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue; /* removed meanwhile by one who saw it empty */
		if (fd < 0 || flock(fd, LOCK_EX) || fstat(fd, &status))
			return err_set(err, -errno, "open %s: %s", path, strerror(errno));
		if (status.st_uid != geteuid() || (status.st_mode & 022))
			return err_set(err, -EPERM,
				       "%s is not this user's alone: what others put there cannot "
				       "be told from labs; remove it",
				       path);
		if ((status.st_mode & 055) && fchmod(fd, 0700)) /* as a plain mkdir has it */
			return err_set(err, -errno, "close %s to others: %s", path,
				       strerror(errno));
		if (!status.st_nlink)
			continue;
		*ret_fd = fd_take(&fd);
		return 0;
	}
	return err_set(err, -EAGAIN, "%s cannot be locked", path);
}

static void remove_in(int base, const char *lab, int directory)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		(void)unlinkat(directory, files[i], 0);
	(void)unlinkat(base, lab, AT_REMOVEDIR);
}

int runtime_create(const char *lab, int *ret_directory, struct err *err)
{
	CLEANUP(fd_cleanup) int directory = -1;
	CLEANUP(fd_cleanup) int base = -1;
	char path[PATH_MAX];

	if (open_base(&base, path, err))
		return err->code;
	if (mkdirat(base, lab, 0700) && errno != EEXIST)
		return err_set(err, -errno, "make %s/%s: %s", path, lab, strerror(errno));
	directory = openat(base, lab, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0)
		return err_set(err, -errno, "open %s/%s: %s", path, lab, strerror(errno));
	if (flock(directory, LOCK_EX | LOCK_NB))
		return err_set(err, -EEXIST, "a lab named '%s' is already running", lab);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) /* of a dead one of that name */
		(void)unlinkat(directory, files[i], 0);
	*ret_directory = fd_take(&directory);
	return 0;
}

/* True when the lab lives; else it is removed. */
static bool is_alive(int base, const char *lab)
{
	CLEANUP(fd_cleanup)
	int directory = openat(base, lab, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (directory < 0)
		return false;
	if (flock(directory, LOCK_EX | LOCK_NB))
		return true;
	remove_in(base, lab, directory);
	return false;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **runtime_list(struct err *err)
{
	char **names = calloc(1, sizeof(*names));
	CLEANUP(fd_cleanup) int base = -1;
	struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;
	DIR *dir;

	if (!names)
		abort();
	if (open_base(&base, path, err)) {
		free(names);
		return NULL;
	}
	dir = fdopendir(dup(base));
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !is_alive(base, entry->d_name))
			continue;
		names = realloc(names, (count + 2) * sizeof(*names));
		if (!names)
			abort();
		names[count++] = strdup(entry->d_name);
		names[count] = NULL;
	}
	if (dir)
		(void)closedir(dir);
	if (!count)
		(void)rmdir(path); /* nothing is left when no lab is there */
	qsort(names, count, sizeof(*names), compare_names);
	return names;
}

void runtime_sweep(void)
{
	char **labs = runtime_list(NULL);

	for (char **lab = labs; lab && *lab; lab++)
		free(*lab);
	free(labs);
}

int runtime_connect(const char *lab, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	CLEANUP(fd_cleanup) int directory = -1;
	CLEANUP(fd_cleanup) int fd = -1;
	char base[PATH_MAX], path[PATH_MAX + 80];

	base_path(base);
	(void)snprintf(path, sizeof(path), "%s/%.64s", base, lab);
	directory = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (directory < 0)
		return err_set(err, -ENOENT, "no lab named '%s' is running", lab);
	/* by the descriptor: the path may be longer than a socket's address */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", directory,
		       RUNTIME_SOCKET);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, -errno, "socket: %s", strerror(errno));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return err_set(err, -ENOENT, "lab '%s' does not answer: %s", lab, strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

void runtime_remove(int directory, const char *lab)
{
	CLEANUP(fd_cleanup) int base = openat(directory, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (base >= 0)
		remove_in(base, lab, directory);
}
