/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_files.h"

#include "lab/base/cleanup.h"
#include "lab/lint/lint.h"
#include "lab/model/lab.h"
#include "lab/snapshot/record.h"
#include "tui/cli/cli.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool exists(const char *path)
{
	struct stat status;

	return !stat(path, &status) && !S_ISDIR(status.st_mode);
}

/*
 * The directories of templates, the first that has a name wins: beside the binary (in the source
 * tree, or where it was installed), else where it was to be installed, else where the user says.
 */
static struct texts template_directories(struct arena *arena)
{
	const char *own = getenv("HUBLAB_TEMPLATES");
	struct texts paths = { 0 };
	char binary[PATH_MAX], *slash;
	ssize_t len = readlink("/proc/self/exe", binary, sizeof(binary) - 1);

	binary[len > 0 ? len : 0] = '\0';
	for (int up = 0; up < 3 && (slash = strrchr(binary, '/')); up++) {
		*slash = '\0';
		*ARENA_PUSH(arena, paths.items, paths.count) =
			arena_printf(arena, "%s/templates", binary);
		*ARENA_PUSH(arena, paths.items, paths.count) =
			arena_printf(arena, "%s/share/hublab/templates", binary);
	}
	*ARENA_PUSH(arena, paths.items, paths.count) = HUBLAB_DATADIR "/templates";
	if (own && *own)
		*ARENA_PUSH(arena, paths.items, paths.count) = arena_strdup(arena, own);
	return paths;
}

static bool find_template(const char *name, char *path, size_t size)
{
	struct arena *arena = arena_new();
	struct texts directories = template_directories(arena);
	bool is_there = false;

	for (size_t i = 0; i < directories.count && !is_there; i++) {
		(void)snprintf(path, size, "%s/%s/lab.yaml", directories.items[i], name);
		is_there = exists(path);
	}
	arena_free(arena);
	return is_there;
}

char *cli_read_all(const char *path, size_t *ret_len, struct err *err)
{
	CLEANUP(file_cleanup) FILE *file = fopen(path, "re");
	size_t len = 0, size = 1 << 16, n = 1;
	char *text = malloc(size);

	if (!text)
		abort();
	while (file && n) {
		n = fread(text + len, 1, size - len - 1, file);
		len += n;
		if (len + 1 < size)
			continue;
		size *= 2;
		text = realloc(text, size); /* cppcheck-suppress memleakOnRealloc; it ends there */
		if (!text)
			abort();
	}
	if (!file || ferror(file)) {
		err_set(err, -errno, "%s: %s", path, strerror(errno));
		free(text);
		return NULL;
	}
	text[len] = '\0';
	*ret_len = len;
	return text;
}

static bool write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

int cli_write_file(const char *path, const char *text, size_t len, mode_t mode, struct err *err)
{
	struct stat status = { .st_mode = 0644 };
	CLEANUP(fd_cleanup) int fd = -1;
	char beside[PATH_MAX + 16];

	if (!stat(path, &status) && !S_ISREG(status.st_mode))
		return err_set(err, -EINVAL, "%s is no file that could be replaced", path);
	if (!mode)
		mode = status.st_mode & 07777;
	(void)snprintf(beside, sizeof(beside), "%s.XXXXXX", path);
	fd = mkstemp(beside);
	if (fd < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	if (write_all(fd, text, len) && !fchmod(fd, mode) && !fsync(fd) && !rename(beside, path))
		return 0;
	err_set(err, -errno, "%s: %s", path, strerror(errno));
	(void)unlink(beside);
	return err->code;
}

/* Names with a slash or a dot are files, so no template has such a name. */
static bool is_path(const char *name)
{
	return strchr(name, '/') || strchr(name, '.');
}

char *cli_read_file(const char *name, char *path, size_t path_size, size_t *ret_len,
		    struct err *err)
{
	if (exists(name) || is_path(name)) {
		(void)snprintf(path, path_size, "%s", name);
	} else if (!find_template(name, path, path_size)) {
		err_set(err, -ENOENT, "there is no file and no template '%s'", name);
		return NULL;
	}
	return cli_read_all(path, ret_len, err);
}

/* The lab at another step, which was checked with it. */
static struct lab *go_to_step(struct lab *lab, const char *name, const char *text, size_t len,
			      const char *path, int *ret_code)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	struct err err = { 0 };
	const struct lab_step *step = lab_find_step(lab, name, &err);
	struct lab_state state = { .step = step ? step->number : 0 };

	lab_free(lab);
	if (step)
		return lab_parse_at(text, len, path, &state, &diags);
	*ret_code = cli_fail(EXIT_USAGE, "%s", err.text);
	return NULL;
}

struct lab *cli_check_lab(const char *name, char *path, size_t path_size, char **ret_text,
			  size_t *ret_len, struct diags *diags, int *ret_code)
{
	struct err err = { 0 };
	struct lab *lab;

	*ret_text = cli_read_file(name, path, path_size, ret_len, &err);
	if (!*ret_text) {
		*ret_code = cli_fail(EXIT_FAILED, "%s", err.text);
		return NULL;
	}
	lab = lab_parse(*ret_text, *ret_len, path, diags);
	if (lab)
		lint_file(lab, *ret_text, *ret_len, path, diags);
	else
		*ret_code = EXIT_INVALID;
	return lab;
}

struct lab *cli_read_lab(const char *name, const char *step, char *path, size_t path_size,
			 char **ret_text, int *ret_code)
{
	CLEANUP(diags_cleanup) struct diags diags = { 0 };
	CLEANUP(free_cleanup) char *text = NULL;
	struct lab *lab;
	size_t len = 0;

	lab = cli_check_lab(name, path, path_size, &text, &len, &diags, ret_code);
	diags_drop_infos(&diags);
	if (text)
		diags_print(&diags, text, len, stderr); /* warnings, too */
	if (lab && step)
		lab = go_to_step(lab, step, text, len, path, ret_code);
	if (lab)
		*ret_text = text;
	if (lab)
		text = NULL;
	return lab;
}

/* ---- templates ---- */

/* The line without blanks at its ends, the marks of a comment, and what would move a cursor. */
static char *bare(char *line)
{
	size_t len = strlen(line);

	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)line[i]))
			line[i] = ' ';
	while (len && line[len - 1] == ' ')
		line[--len] = '\0';
	return line + strspn(line, "# ");
}

/*
 * The first line that says something: in a lab file of the comment it opens with, in a page of the
 * text below its title. NULL when there is none.
 */
static const char *first_sentence(const char *path, bool is_page, struct arena *arena)
{
	CLEANUP(file_cleanup) FILE *file = fopen(path, "re");
	CLEANUP(free_cleanup) char *line = NULL;
	size_t size = 0;

	while (file && getline(&line, &size, file) >= 0) {
		bool is_marked = *line == '#';
		const char *text = bare(line);

		if (!*text || strstr(text, "SPDX-License-Identifier") || (is_page && is_marked))
			continue;
		return is_page || is_marked ? arena_strdup(arena, text) : NULL;
	}
	return NULL;
}

static void add_template(struct cli_templates *templates, const char *directory, const char *name,
			 struct arena *arena)
{
	const char *path = arena_printf(arena, "%s/%s/lab.yaml", directory, name);
	struct cli_template *template;
	const char *sentence;

	for (size_t i = 0; i < templates->count; i++)
		if (!strcmp(templates->items[i].name, name))
			return;
	if (!is_object_name(name) || is_path(name) || !exists(path))
		return;
	sentence = first_sentence(path, false, arena);
	if (!sentence)
		sentence = first_sentence(arena_printf(arena, "%s/%s/README.md", directory, name),
					  true, arena);
	template = ARENA_PUSH(arena, templates->items, templates->count);
	template->name = arena_strdup(arena, name);
	template->path = path;
	template->sentence = sentence ? sentence : "";
}

static int compare_templates(const void *a, const void *b)
{
	const struct cli_template *one = a, *other = b;

	return strcmp(one->name, other->name);
}

struct cli_templates cli_templates(struct arena *arena)
{
	struct texts directories = template_directories(arena);
	struct cli_templates templates = { 0 };

	for (size_t i = 0; i < directories.count; i++) {
		DIR *dir = opendir(directories.items[i]);
		const struct dirent *entry;

		while (dir && (entry = readdir(dir)))
			add_template(&templates, directories.items[i], entry->d_name, arena);
		if (dir)
			(void)closedir(dir);
	}
	if (templates.count)
		qsort(templates.items, templates.count, sizeof(*templates.items),
		      compare_templates);
	return templates;
}
