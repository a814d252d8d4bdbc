/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/nft.h"

#include "lab/base/arena.h"
#include "lab/base/cleanup.h"
#include "lab/base/text_file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <nftables/libnftables.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static int reserved = -1; /* stands where the library's socket goes */

void nft_reserve_descriptor(void)
{
	if (reserved < 0)
		reserved = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* As a file in memory: of a file the library says which line it means. */
static int open_commands(const char *commands, int *ret_fd, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = memfd_create("nft", MFD_CLOEXEC);
	size_t len = strlen(commands);

	if (fd < 0 || write(fd, commands, len) != (ssize_t)len)
		return err_set(err, -errno, "commands for nftables: %s", strerror(errno));
	*ret_fd = fd_take(&fd);
	return 0;
}

/* What the library says and the line it is about; *ret_line is 0 when it names none. */
static int read_error(const char *text, const char *path, unsigned *ret_line, struct err *err)
{
	size_t len = strlen(path);
	const char *line;

	*ret_line = 0;
	if (!strncmp(text, path, len) && text[len] == ':') {
		*ret_line = (unsigned)strtoul(text + len + 1, NULL, 10);
		text += len + 1 + strcspn(text + len + 1, " ");
		text += *text == ' ';
	}
	line = text + strcspn(text, "\n");
	line += strspn(line, "\n\t");
	return err_set(err, -EINVAL, "nftables: %.*s: %.*s", (int)strcspn(text, "\n"), text,
		       (int)strcspn(line, "\n"), line);
}

/*
 * One transaction; *ret_line of the commands is what was refused. The library's context belongs to
 * the namespace it was made in.
 */
static int run(const char *commands, unsigned *ret_line, struct err *err)
{
	CLEANUP(fd_cleanup) int fd = -1;
	bool is_reserved = reserved >= 0;
	struct nft_ctx *nft;
	char path[40];
	int rc = 0;

	fd_close(&reserved);
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		return err_set(err, -ENOMEM, "libnftables does not start");
	(void)nft_ctx_buffer_output(nft);
	(void)nft_ctx_buffer_error(nft);
	rc = open_commands(commands, &fd, err);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (!rc && nft_run_cmd_from_filename(nft, path))
		rc = read_error(nft_ctx_get_error_buffer(nft), path, ret_line, err);
	nft_ctx_free(nft);
	if (is_reserved)
		nft_reserve_descriptor();
	return rc;
}

int nft_add(const char *table, const char *text, struct err *err)
{
	CLEANUP(free_cleanup) char *commands = NULL;
	unsigned line;

	if (asprintf(&commands, "table %s {\n%s}\n", table, text) < 0)
		abort();
	return run(commands, &line, err);
}

/*
 * A transaction goes to the kernel as one message, and without the host's own CAP_NET_ADMIN the
 * send buffer holds some 400 kB of it, ten times the text of rules: what is longer goes in several,
 * each of whole commands and blocks, in their order.
 */
#define PART_BYTES         (28 * 1024)
#define ELEMENTS_A_COMMAND 500

static bool is_limited(void)
{
	CLEANUP(fd_cleanup)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	int bytes = 1 << 20;

	return setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) != 0;
}

/* One command, or what stands between the braces of a table. */
struct piece {
	const char *table; /* NULL: a command */
	const char *text;
	size_t len;
	uint32_t step; /* that it is for */
};

struct script {
	struct arena *arena;
	const struct plan *plan;
	const uint32_t *steps; /* those of one table */
	size_t count;
	const char *table;
	bool is_new;      /* the table */
	bool is_in_parts; /* it is more than a transaction may hold */
	LIST_OF(struct piece) pieces;
};

static const struct step *step_at(const struct script *s, size_t i)
{
	return &s->plan->steps[s->steps[i]];
}

static void add_piece(struct script *s, size_t i, const char *table, const char *text, size_t len)
{
	*ARENA_PUSH(s->arena, s->pieces.items, s->pieces.count) =
		(struct piece){ table, text, len, s->steps[i] };
}

static PRINTF(3, 4) void add_command(struct script *s, size_t i, const char *fmt, ...)
{
	CLEANUP(free_cleanup) char *text = NULL;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		abort();
	add_piece(s, i, NULL, arena_strdup(s->arena, text), (size_t)len);
}

static const char *block_of(const struct script *s, size_t i)
{
	return plan_text(s->plan, step_at(s, i)->nft.block);
}

static bool is_block(const struct script *s, size_t i)
{
	return step_at(s, i)->kind == STEP_NFT && *block_of(s, i);
}

/* "chain", "set" or "map"; *ret_name is what follows. */
static bool is_of_word(const struct script *s, size_t i, const char *word, const char **ret_name)
{
	size_t len = strlen(word);
	const char *block;

	if (!is_block(s, i))
		return false;
	block = block_of(s, i);
	*ret_name = block + len + 1;
	return !strncmp(block, word, len) && block[len] == ' ';
}

static bool is_chain(const struct script *s, size_t i)
{
	const char *name;

	return is_of_word(s, i, "chain", &name);
}

/* What a block must have from the beginning: a chain its hook, a set all but its elements. */
static size_t head_len(const char *text, bool is_chain)
{
	const char *line = strchr(text, '\n') + 1, *elements = strstr(text, "\t\telements = ");
	const char *end = strstr(text, "\t}\n");

	if (!is_chain)
		return (size_t)((elements && elements < end ? elements : end) - text);
	if (!strncmp(line, "\t\ttype ", strlen("\t\ttype ")))
		line = strchr(line, '\n') + 1;
	return (size_t)(line - text);
}

/* All that there is or will be can be named. */
static void add_heads(struct script *s)
{
	for (size_t i = 0; i < s->count; i++) {
		const char *text = plan_text(s->plan, step_at(s, i)->nft.text);
		char *empty;

		if (!is_block(s, i))
			continue;
		empty = arena_printf(s->arena, "%.*s\t}\n", (int)head_len(text, is_chain(s, i)),
				     text);
		add_piece(s, i, s->table, empty, strlen(empty));
	}
}

static const char *const words[] = { "map", "chain", "set" };

static void add_flush(struct script *s, size_t i)
{
	const char *name;

	for (size_t n = 0; n < ARRAY_SIZE(words); n++)
		if (is_of_word(s, i, words[n], &name))
			add_command(s, i, "flush %s %s %s\n", words[n], s->table, name);
}

/* What goes, when nothing in it names another any more. */
static void add_deletions(struct script *s)
{
	const char *name;

	for (size_t n = 0; n < ARRAY_SIZE(words); n++)
		for (size_t i = 0; i < s->count; i++)
			if (step_at(s, i)->verb == STEP_REMOVE && is_of_word(s, i, words[n], &name))
				add_command(s, i, "delete %s %s %s\n", words[n], s->table, name);
}

/* In several pieces, when it is long, of which each has the block's head. */
static void add_text(struct script *s, size_t i)
{
	static const char last_line[] = "\n\t}\n";
	const char *text = plan_text(s->plan, step_at(s, i)->nft.text);

	while (*text) {
		size_t len = 0;

		for (const char *end = strstr(text, last_line); end;
		     end = strstr(end + 1, last_line)) {
			size_t behind = (size_t)(end - text) + strlen(last_line);

			if (len && behind > PART_BYTES / 4)
				break;
			len = behind;
		}
		add_piece(s, i, s->table, text, len);
		text += len;
	}
}

/* How many steps from one on are about elements of the same set, in the same way. */
static size_t count_alike(const struct script *s, size_t first)
{
	const struct step *a = step_at(s, first);
	size_t i = first + 1;

	for (; i < s->count && i - first < ELEMENTS_A_COMMAND; i++) {
		const struct step *b = step_at(s, i);

		if (b->kind != a->kind || b->verb != a->verb ||
		    b->element.block != a->element.block)
			break;
	}
	return i - first;
}

/* Many in one command; those that go first, since what comes may overlap them. */
static void add_elements(struct script *s, bool that_go)
{
	for (size_t i = 0, count = 1; i < s->count; i += count) {
		const struct step *first = step_at(s, i);
		struct text_file list;
		const char *set;
		FILE *out;

		count = 1;
		if (first->kind != STEP_ELEMENT || (first->verb == STEP_REMOVE) != that_go)
			continue;
		count = count_alike(s, i);
		set = plan_text(s->plan, first->element.block) + strlen("set ");
		out = text_open(&list);
		(void)fprintf(out, "element %s %s { ", s->table, set);
		for (size_t n = 0; n < count; n++)
			(void)fprintf(out, "%s%s", n ? "," : "",
				      prefix_print(step_at(s, i + n)->element.prefix).text);
		(void)fprintf(out, " }\n");
		add_command(s, i, "%s %s", that_go ? "delete" : "add", text_close(&list));
		free(list.text);
	}
}

static void add_contents(struct script *s)
{
	for (int is_chains = 0; is_chains < 2; is_chains++)
		for (size_t i = 0; i < s->count; i++)
			if (is_block(s, i) && step_at(s, i)->verb != STEP_REMOVE &&
			    is_chain(s, i) == is_chains)
				add_text(s, i);
}

/* False when it goes, with all its parts. */
static bool add_table(struct script *s)
{
	s->is_new = false;
	for (size_t i = 0; i < s->count; i++) {
		const struct step *step = step_at(s, i);

		if (step->kind != STEP_NFT || is_block(s, i))
			continue;
		if (step->verb != STEP_ADD) /* made first, so that there is one to delete */
			add_command(s, i, "table %s\ndelete table %s\n", s->table, s->table);
		if (step->verb == STEP_REMOVE)
			return false;
		add_command(s, i, "create table %s\n", s->table);
		s->is_new = true;
		add_text(s, i);
	}
	return true;
}

/* One transaction: all that changes is empty, then what goes is gone, then the rest is filled. */
static void add_at_once(struct script *s)
{
	if (!s->is_new) { /* else nft makes chains, then sets, then what is in them */
		add_heads(s);
		for (size_t i = 0; i < s->count; i++)
			add_flush(s, i);
		add_deletions(s);
	}
	add_elements(s, true);
	add_contents(s);
	add_elements(s, false);
}

static void add_anew(struct script *s, bool are_sets)
{
	const char *name;

	for (size_t i = 0; i < s->count; i++)
		if (is_block(s, i) && step_at(s, i)->verb != STEP_REMOVE &&
		    is_of_word(s, i, "set", &name) == are_sets) {
			add_flush(s, i);
			add_text(s, i);
		}
}

/*
 * Several transactions: no part is empty for longer than one, and what leads to others is filled
 * behind them, as the plan has it. What goes is named by nobody then.
 */
static void add_one_by_one(struct script *s)
{
	add_heads(s);
	add_anew(s, true);
	add_elements(s, true);
	add_elements(s, false);
	add_anew(s, false);
	for (size_t i = 0; i < s->count; i++)
		if (step_at(s, i)->verb == STEP_REMOVE)
			add_flush(s, i);
	add_deletions(s);
}

static void add_all(struct script *s)
{
	if (!add_table(s))
		return;
	if (s->is_in_parts)
		add_one_by_one(s);
	else
		add_at_once(s);
}

static unsigned count_lines(const char *text, size_t len)
{
	unsigned count = 0;

	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	return count;
}

/* One transaction. */
static int run_pieces(const struct piece *pieces, size_t count, uint32_t *ret_failed,
		      struct err *err)
{
	struct text_file commands;
	const char *table = NULL;
	unsigned line = 1, refused = 0;
	FILE *out = text_open(&commands);
	int rc;

	for (size_t i = 0; i <= count; i++) {
		const char *next = i < count ? pieces[i].table : NULL;

		if (table && table != next)
			(void)fprintf(out, "}\n");
		if (next && table != next)
			(void)fprintf(out, "table %s {\n", next);
		if (i < count)
			(void)fwrite(pieces[i].text, 1, pieces[i].len, out);
		table = next;
	}
	rc = run(text_close(&commands), &refused, err);
	free(commands.text);
	table = NULL;
	*ret_failed = pieces[0].step;
	for (size_t i = 0; rc && i < count; i++) {
		line += (table && table != pieces[i].table) +
			(pieces[i].table && table != pieces[i].table);
		if (line <= refused)
			*ret_failed = pieces[i].step;
		line += count_lines(pieces[i].text, pieces[i].len);
		table = pieces[i].table;
	}
	return rc;
}

/*
 * Where a transaction that begins at `first` ends, when the piece at `next` has no room in it any
 * more: pieces for one step stay together, as long as one transaction holds them.
 */
static size_t part_end(const struct script *s, size_t first, size_t next)
{
	size_t end = next;

	while (end > first && s->pieces.items[end - 1].step == s->pieces.items[next].step)
		end--;
	return end > first ? end : next;
}

static int run_script(const struct script *s, uint32_t *ret_failed, struct err *err)
{
	size_t first = 0, bytes = 0, end;

	for (size_t i = 0; i < s->pieces.count; i++) {
		bytes += s->pieces.items[i].len;
		if (!s->is_in_parts || bytes <= PART_BYTES || i == first)
			continue;
		end = part_end(s, first, i);
		if (run_pieces(s->pieces.items + first, end - first, ret_failed, err))
			return err->code;
		first = end;
		bytes = 0;
		for (size_t n = first; n <= i; n++)
			bytes += s->pieces.items[n].len;
	}
	if (first == s->pieces.count)
		return 0;
	return run_pieces(s->pieces.items + first, s->pieces.count - first, ret_failed, err);
}

static plan_text_id table_of(const struct step *step)
{
	return step->kind == STEP_NFT ? step->nft.table : step->element.table;
}

#define ELEMENT_BYTES 20 /* of a command, or more */

/* About what the steps are as commands. */
static size_t count_bytes(const struct plan *plan, const uint32_t *steps, size_t count)
{
	size_t bytes = 0;

	for (size_t i = 0; i < count; i++) {
		const struct step *step = &plan->steps[steps[i]];

		bytes += step->kind == STEP_NFT ? strlen(plan_text(plan, step->nft.text)) + 80
						: ELEMENT_BYTES;
	}
	return bytes;
}

int nft_apply(const struct plan *plan, const uint32_t *steps, size_t count, uint32_t *ret_failed,
	      struct err *err)
{
	bool is_in_parts = count_bytes(plan, steps, count) > PART_BYTES && is_limited();
	struct script s = { .arena = arena_new(), .plan = plan, .is_in_parts = is_in_parts };
	uint32_t *left = arena_alloc(s.arena, (count + 1) * sizeof(*left));
	size_t left_count = count;
	int rc;

	memcpy(left, steps, count * sizeof(*left));
	while (left_count) { /* a table after the other */
		plan_text_id table = table_of(&plan->steps[left[0]]);
		uint32_t *its = arena_alloc(s.arena, left_count * sizeof(*its));
		size_t rest = 0;

		s.count = 0;
		for (size_t i = 0; i < left_count; i++)
			if (table_of(&plan->steps[left[i]]) == table)
				its[s.count++] = left[i];
			else
				left[rest++] = left[i];
		left_count = rest;
		s.steps = its;
		s.table = plan_text(plan, table);
		add_all(&s);
	}
	rc = run_script(&s, ret_failed, err);
	arena_free(s.arena);
	return rc;
}
