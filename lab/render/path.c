/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/path.h"

#include "lab/base/shell.h"
#include "lab/render/table.h"
#include "lab/render/why.h"

#include <string.h>
#include <strings.h>

#define COLS     80
#define NODE_MAX 26 /* what is left of a line is for words */

const struct snapshot_probe *path_find_probe(const struct snapshot_path *path,
					     const struct snapshot_probes *probes)
{
	for (size_t i = 0; i < probes->probes.count; i++) {
		const struct snapshot_probe *probe = &probes->probes.items[i];

		if (probe->observed_at > 0 && !strcmp(probe->from, path->from) &&
		    !strcmp(probe->to, path->to) && probe->address &&
		    !strcmp(probe->address, path->destination) &&
		    !strcasecmp(probe->protocol, path->protocol))
			return probe;
	}
	return NULL;
}

bool path_kernels_agree(const struct snapshot_evidence *evidence)
{
	for (size_t i = 0; i < evidence->answers.count; i++)
		if (!evidence->answers.items[i].agrees)
			return false;
	return true;
}

bool path_is_good(const struct snapshot_path *path, const struct path_seen *seen)
{
	const struct snapshot_evidence *evidence = seen ? seen->evidence : NULL;

	if (!path->is_reply || path->is_by_flow)
		return false;
	if (evidence && !path_kernels_agree(evidence))
		return false;
	for (size_t i = 0; evidence && i < evidence->filters.count; i++)
		if (!evidence->filters.items[i].agrees)
			return false;
	if (evidence && (evidence->is_sent || !seen->probe)) /* what is not known is not good */
		return evidence->is_reply;
	return !seen || !seen->probe || seen->probe->is_reply;
}

static bool is_icmp(const struct snapshot_path *path)
{
	return !strncmp(path->protocol, "icmp", strlen("icmp"));
}

const char *path_sentence(const struct snapshot_path *path, struct arena *arena)
{
	if (path->is_by_flow)
		return arena_printf(arena, "It works for some flows: %s.", path->words);
	if (!path->is_reply)
		return arena_printf(arena, "It does not work: %s.", path->words);
	if (!is_icmp(path))
		return arena_printf(arena, "It works: an answer comes, after %.1f ms on cables.",
				    path->rtt_ms);
	return arena_printf(arena,
			    "It works: an answer comes with ttl %d, after %.1f ms on cables.",
			    (int)path->ttl, path->rtt_ms);
}

const char *path_ways(const struct snapshot_path *path, struct arena *arena)
{
	int there = (int)path->ways, back = (int)path->ways_back;

	if (there > 1 && back > 1)
		return arena_printf(arena,
				    "Equal next hops give %d ways there and %d back; these are the "
				    "first.",
				    there, back);
	if (there > 1 || back > 1)
		return arena_printf(arena, "Equal next hops give %d ways %s; this is the first.",
				    there > 1 ? there : back, there > 1 ? "there" : "back");
	return "";
}

static const char *reply_words(const struct snapshot_path *path, bool is_reply, int64_t ttl,
			       double rtt_ms, struct arena *arena)
{
	if (!is_reply)
		return "no reply";
	if (is_icmp(path))
		return arena_printf(arena, "a reply, ttl %d, after %.1f ms", (int)ttl, rtt_ms);
	return arena_printf(arena, "a reply after %.1f ms", rtt_ms);
}

/* The packet that was sent now, else what the lab's own probe saw of the same. */
const char *path_observed(const struct snapshot_path *path, const struct path_seen *seen,
			  struct arena *arena)
{
	const struct snapshot_evidence *evidence = seen->evidence;
	const struct snapshot_probe *probe = seen->probe;
	bool is_reply;
	const char *who = "The lab's own probe saw", *words;

	if (evidence && evidence->is_sent) {
		who = "A packet sent now got";
		is_reply = evidence->is_reply;
		words = reply_words(path, is_reply, evidence->ttl, evidence->rtt_ms, arena);
	} else if (probe) {
		is_reply = probe->is_reply;
		words = reply_words(path, is_reply, probe->ttl, probe->rtt_ms, arena);
	} else {
		return arena_printf(arena, "Nothing was sent%s%s.", evidence ? ": " : "",
				    evidence && evidence->why ? evidence->why : "");
	}
	if (is_reply == path->is_answered || path->is_by_flow)
		return arena_printf(arena, "%s %s.", who, words);
	return arena_printf(arena,
			    "But: %s %s. Something is not as the lab file and BGP have it, and "
			    "hublab show says what.",
			    who, words);
}

/* Where a kernel has something else; of all that agree their number. */
const char *path_kernels(const struct snapshot_path *path, const struct snapshot_evidence *evidence,
			 struct arena *arena)
{
	const char *words = "";
	size_t agree = 0;

	for (size_t i = 0; i < evidence->answers.count; i++) {
		const struct snapshot_kernel_answer *answer = &evidence->answers.items[i];
		const struct snapshot_decisions *leg =
			strcmp(answer->way, "there") != 0 ? &path->back : &path->there;

		agree += answer->agrees;
		if (!answer->agrees)
			words = arena_printf(arena, "%s At %s, the way %s, the kernel has %s.",
					     words, leg->items[answer->at].node, answer->way,
					     answer->words);
	}
	return arena_printf(arena, "The kernel agrees at %zu of %zu places.%s", agree,
			    evidence->answers.count, words);
}

const struct snapshot_filter_answer *path_find_filter(const struct path_seen *seen, const char *way,
						      size_t at)
{
	const struct snapshot_evidence *evidence = seen ? seen->evidence : NULL;

	for (size_t i = 0; evidence && i < evidence->filters.count; i++)
		if (evidence->filters.items[i].at == (int64_t)at &&
		    !strcmp(evidence->filters.items[i].way, way))
			return &evidence->filters.items[i];
	return NULL;
}

const char *path_filter_words(const struct snapshot_filter_answer *answer, struct arena *arena)
{
	if (answer->agrees)
		return answer->rules.count ? "nftables, too" : "";
	if (!answer->is_seen)
		return "nftables does not see it come there";
	return arena_printf(arena, "but nftables %s%s%s",
			    answer->is_dropped ? "drops it" : "lets it through",
			    answer->words ? ": " : "", answer->words ? answer->words : "");
}

/* What is behind the place where a packet was lost says nothing new. */
static bool is_told(const struct snapshot_evidence *evidence, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (!evidence->filters.items[i].agrees)
			return !evidence->filters.items[at].is_seen;
	return false;
}

const char *path_filters(const struct snapshot_path *path, const struct snapshot_evidence *evidence,
			 struct arena *arena)
{
	const char *words = "";
	size_t agree = 0;

	for (size_t i = 0; i < evidence->filters.count; i++) {
		const struct snapshot_filter_answer *answer = &evidence->filters.items[i];
		const struct snapshot_decisions *leg =
			strcmp(answer->way, "there") != 0 ? &path->back : &path->there;
		const struct snapshot_decision *d = &leg->items[answer->at];

		agree += answer->agrees;
		if (!answer->agrees && !is_told(evidence, i))
			words = arena_printf(arena, "%s At %s, the way %s%s%s, %s.", words, d->node,
					     answer->way, d->direction ? ", " : "",
					     d->direction ? d->direction : "",
					     path_filter_words(answer, arena));
	}
	if (evidence->untraced)
		words = arena_printf(arena, "%s nftables could not be asked %s.", words,
				     evidence->untraced);
	if (!evidence->filters.count)
		return words + strspn(words, " ");
	return arena_printf(arena, "nftables does as predicted at %zu of %zu places.%s", agree,
			    evidence->filters.count, words);
}

static size_t longest_name(const struct snapshot_decisions *leg, size_t longest)
{
	for (size_t i = 0; i < leg->count; i++) {
		size_t len = strlen(leg->items[i].node);

		if (len > longest && len <= NODE_MAX)
			longest = len;
	}
	return longest;
}

static void print_decision(const struct snapshot_decision *d, const char *seen, const char *name,
			   size_t name_width, struct arena *arena, FILE *out)
{
	size_t indent = name_width + 4;
	const char *text = d->words;
	struct texts lines;

	if (d->place)
		text = arena_printf(arena, "%s (%s)", text, d->place);
	if (d->beaten)
		text = arena_printf(arena, "%s; it beats %s", text, d->beaten);
	if (*seen)
		text = arena_printf(arena, "%s; %s", text, seen);
	lines = why_wrap(text, COLS - indent, COLS - indent - 2, arena);
	for (size_t i = 0; i < lines.count; i++)
		(void)fprintf(out, "  %-*s  %s%s\n", (int)name_width, i ? "" : name, i ? "  " : "",
			      lines.items[i]);
}

static void print_leg(const char *way, const struct snapshot_decisions *leg,
		      const struct path_seen *seen, size_t name_width, struct arena *arena,
		      FILE *out)
{
	const char *before = "";

	if (!leg->count)
		return;
	(void)fprintf(out, "%s\n", strcmp(way, "there") != 0 ? "Back" : "There");
	for (size_t i = 0; i < leg->count; i++) {
		const struct snapshot_decision *d = &leg->items[i];
		const struct snapshot_filter_answer *answer = path_find_filter(seen, way, i);

		print_decision(d, answer ? path_filter_words(answer, arena) : "",
			       strcmp(d->node, before) ? d->node : "", name_width, arena, out);
		before = d->node;
	}
	(void)fputc('\n', out);
}

static void print_paragraph(const char *text, struct arena *arena, FILE *out)
{
	struct texts lines = why_wrap(text, COLS, COLS, arena);

	for (size_t i = 0; i < lines.count; i++)
		(void)fprintf(out, "%s\n", lines.items[i]);
}

/* A word of a shell's command line; one of YAML's strings keeps its quotes, and stays legible. */
static const char *quoted(const char *word, struct arena *arena)
{
	if (strchr(word, '\'') && !strpbrk(word, "\"$`\\!"))
		return arena_printf(arena, "\"%s\"", word);
	return shell_quote(word, arena);
}

const char *path_cause(const struct path_mend *mend, struct arena *arena)
{
	const struct mend *found = mend->found;

	if (!mend->is_searched)
		return NULL;
	if (!mend->is_in_file)
		return "By the lab file it works: what runs is not as it says, and hublab show "
		       "says what.";
	if (!found && !mend->tried)
		return "No change of the lab file could mend it.";
	if (!found)
		return arena_printf(arena,
				    "None of %u changes that were tried on the model mends it.",
				    mend->tried);
	return arena_printf(arena, "The cause: %s, at %s%s%s.", found->words, found->at,
			    found->other ? " beside " : "", found->other ? found->other : "");
}

static const char *change_words(const struct change_text *change, struct arena *arena)
{
	return arena_printf(arena, "%s %s", change->path,
			    quoted(change->value ? change->value : "null", arena));
}

const char *path_mend_words(const struct mend *mend, struct arena *arena)
{
	const char *words = "";

	for (size_t i = 0; i < mend->changes.count; i++)
		words = arena_printf(arena, "%s%s%s", words, i ? " " : "",
				     change_words(&mend->changes.items[i], arena));
	return words;
}

static void print_mend(const struct path_mend *mend, struct arena *arena, FILE *out)
{
	const char *cause = path_cause(mend, arena);

	if (!cause)
		return;
	(void)fputc('\n', out);
	print_paragraph(cause, arena, out);
	if (!mend->found)
		return;
	(void)fprintf(out, "This mends it, by the model:\n  hublab set");
	for (size_t i = 0; i < mend->found->changes.count; i++)
		(void)fprintf(out, " \\\n    %s",
			      change_words(&mend->found->changes.items[i], arena));
	(void)fputc('\n', out);
}

void path_print(const struct snapshot_path *path, const struct path_seen *seen,
		const struct path_mend *mend, FILE *out)
{
	size_t name_width = longest_name(&path->back, longest_name(&path->there, 0));
	struct arena *arena = arena_new();
	const char *ways = path_ways(path, arena);

	(void)fprintf(out, "%s (%s) to %s", path->from, path->source, path->to);
	if (strcmp(path->to, path->destination) != 0)
		(void)fprintf(out, " (%s)", path->destination);
	(void)fprintf(out, ", %s\n", path->protocol);
	if (*ways)
		(void)fprintf(out, "%s\n", ways);
	(void)fputc('\n', out);
	print_leg("there", &path->there, seen, name_width, arena, out);
	print_leg("back", &path->back, seen, name_width, arena, out);
	print_paragraph(arena_printf(arena, "%s %s", path_sentence(path, arena),
				     mend->is_dry
					     ? "Nothing runs: that follows from the file alone."
					     : path_observed(path, seen, arena)),
			arena, out);
	if (seen->evidence && seen->evidence->answers.count)
		print_paragraph(path_kernels(path, seen->evidence, arena), arena, out);
	if (seen->evidence)
		print_paragraph(path_filters(path, seen->evidence, arena), arena, out);
	print_mend(mend, arena, out);
	arena_free(arena);
}

static json_t *mend_json(const struct mend *mend)
{
	json_t *changes = json_array();

	for (size_t i = 0; i < mend->changes.count; i++)
		(void)json_array_append_new(changes, json_pack("{s:s, s:s?}", "path",
							       mend->changes.items[i].path, "value",
							       mend->changes.items[i].value));
	return json_pack("{s:s, s:s?, s:s, s:o}", "at", mend->at, "other", mend->other, "words",
			 mend->words, "changes", changes);
}

json_t *path_json(const struct snapshot_path *path, const struct path_seen *seen,
		  const struct path_mend *mend)
{
	json_t *json = record_encode(&snapshot_path_record, path);

	(void)json_object_set_new(json, "mend", mend->found ? mend_json(mend->found) : json_null());
	(void)json_object_set_new(json, "tried", json_integer(mend->tried));
	(void)json_object_set_new(json, "is_mend_searched", json_boolean(mend->is_searched));
	(void)json_object_set_new(json, "is_wrong_in_file", json_boolean(mend->is_in_file));
	(void)json_object_set_new(json, "probe",
				  seen->probe ? record_encode(&snapshot_probe_record, seen->probe)
					      : json_null());
	(void)json_object_set_new(json, "evidence",
				  seen->evidence
					  ? record_encode(&snapshot_evidence_record, seen->evidence)
					  : json_null());
	return json;
}

/* What the kernel has there: the route that it answers, or what nftables does. */
static const char *seen_words(const struct path_seen *seen, const char *way, size_t at,
			      struct arena *arena)
{
	const struct snapshot_filter_answer *filter = path_find_filter(seen, way, at);
	const struct snapshot_evidence *evidence = seen ? seen->evidence : NULL;

	for (size_t i = 0; evidence && i < evidence->answers.count; i++) {
		const struct snapshot_kernel_answer *answer = &evidence->answers.items[i];

		if (answer->at == (int64_t)at && !strcmp(answer->way, way))
			return filter && !filter->agrees ? path_filter_words(filter, arena)
							 : answer->words;
	}
	return filter ? path_filter_words(filter, arena) : "";
}

static void add_rows(struct table *table, const char *way, const struct snapshot_decisions *leg,
		     const struct path_seen *seen, struct arena *arena)
{
	for (size_t i = 0; i < leg->count; i++) {
		const struct snapshot_decision *d = &leg->items[i];
		const char *cells[] = { way,
					d->node,
					d->kind,
					d->words,
					d->beaten ? d->beaten : "",
					d->place ? d->place : "",
					seen_words(seen, way, i, arena) };

		table_add(table, cells);
	}
}

void path_print_tsv(const struct snapshot_path *path, const struct path_seen *seen, FILE *out)
{
	static const char *const headers[] = { "Way",    "Machine", "Kind", "Words",
					       "Beaten", "Place",   "Seen" };
	struct table *table = table_new(headers, ARRAY_SIZE(headers));
	struct arena *arena = arena_new();

	add_rows(table, "there", &path->there, seen, arena);
	add_rows(table, "back", &path->back, seen, arena);
	table_print_tsv(table, out);
	table_free(table);
	arena_free(arena);
}
