/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/roff.h"

#include <ctype.h>
#include <string.h>

/* What stands for a character that roff would read, or print, as another one; NULL for itself. */
static const char *escape(char c)
{
	switch (c) {
	case '\\':
		return "\\e";
	case '-':
		return "\\-"; /* else a hyphen, which cannot be typed or searched for */
	case '\'':
		return "\\(aq";
	case '`':
		return "\\(ga";
	case '^':
		return "\\(ha";
	case '~':
		return "\\(ti";
	case '"':
		return "\\(dq";
	default:
		return NULL;
	}
}

static void put_char(FILE *out, char c)
{
	const char *escaped = escape(c);

	if (escaped)
		(void)fputs(escaped, out);
	else
		(void)fputc(c, out);
}

/* Words that are typed: every dash is one. */
static void put_literal(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		put_char(out, text[i]);
}

/* Does an option begin here, in quotes or brackets or not? */
static bool is_option(const char *word)
{
	return word[strspn(word, "'\"([")] == '-';
}

/* A word that is read: dashes within it are hyphens, but of an option all are dashes. */
static void put_word(FILE *out, const char *word, size_t len)
{
	if (is_option(word)) {
		put_literal(out, word, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '-')
			(void)fputc('-', out);
		else
			put_char(out, word[i]);
	}
}

#define COLUMNS 78

/* Lines of words that are read; each sentence begins one, as roff has it. */
static void put_prose(FILE *out, const char *text)
{
	bool is_sentence_over = false;
	size_t at = 0;

	while (*text) {
		size_t len = strcspn(text, " ");

		if (at && (is_sentence_over || at + 1 + len > COLUMNS)) {
			(void)fputc('\n', out);
			at = 0;
		} else if (at) {
			(void)fputc(' ', out);
			at++;
		}
		if (!at && *text == '.') /* else a macro */
			(void)fputs("\\&", out);
		put_word(out, text, len);
		at += len;
		is_sentence_over = len && text[len - 1] == '.';
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', out);
}

/* One parameter of a macro. */
static void put_parameter(FILE *out, const char *text)
{
	(void)fputs(" \"", out);
	put_literal(out, text, strlen(text));
	(void)fputc('"', out);
}

void roff_title(struct roff *page, const char *name, int section, const char *date,
		const char *source)
{
	(void)fputs(".TH \"", page->out);
	for (; *name; name++)
		put_char(page->out, (char)toupper((unsigned char)*name));
	(void)fprintf(page->out, "\" %d %s", section, date);
	put_parameter(page->out, source);
	(void)fputc('\n', page->out);
}

static void put_heading(struct roff *page, const char *macro, const char *title)
{
	(void)fputs(macro, page->out);
	put_parameter(page->out, title);
	(void)fputc('\n', page->out);
	page->is_below_heading = true;
}

void roff_section(struct roff *page, const char *title)
{
	put_heading(page, ".SH", title);
}

void roff_subsection(struct roff *page, const char *title)
{
	put_heading(page, ".SS", title);
}

void roff_name(struct roff *page, const char *name, const char *words)
{
	put_literal(page->out, name, strlen(name));
	(void)fputs(" \\- ", page->out);
	put_prose(page->out, words);
}

static void begin_paragraph(struct roff *page)
{
	if (!page->is_below_heading)
		(void)fputs(".PP\n", page->out);
	page->is_below_heading = false;
}

static void begin_entry(struct roff *page)
{
	(void)fputs(".TP\n", page->out);
	page->is_below_heading = false;
}

void roff_paragraph(struct roff *page, const char *text)
{
	begin_paragraph(page);
	put_prose(page->out, text);
}

void roff_text(struct roff *page, const char *text)
{
	put_prose(page->out, text);
}

void roff_sentence(struct roff *page, const char *words)
{
	size_t len = strlen(words);
	char text[512];

	if (!len)
		return;
	(void)snprintf(text, sizeof(text), "%c%s%s", toupper((unsigned char)words[0]), words + 1,
		       words[len - 1] == '.' ? "" : ".");
	put_prose(page->out, text);
}

/* Does it stand for what the user puts there? */
static bool is_placeholder(const char *word, size_t len)
{
	bool has_letter = false;

	for (size_t i = 0; i < len; i++) {
		if (islower((unsigned char)word[i]))
			return false;
		has_letter |= isupper((unsigned char)word[i]) != 0;
	}
	return has_letter;
}

static void put_synopsis(FILE *out, const char *synopsis)
{
	static const char separators[] = " []|,.";

	while (*synopsis) {
		size_t len = strcspn(synopsis, separators);

		if (len) {
			(void)fputs(is_placeholder(synopsis, len) ? "\\fI" : "\\fB", out);
			put_literal(out, synopsis, len);
			(void)fputs("\\fR", out);
		}
		synopsis += len;
		len = strspn(synopsis, separators);
		put_literal(out, synopsis, len);
		synopsis += len;
	}
	(void)fputc('\n', out);
}

void roff_entry(struct roff *page, const char *synopsis)
{
	begin_entry(page);
	put_synopsis(page->out, synopsis);
}

void roff_named_entry(struct roff *page, const char *name, const char *remark)
{
	begin_entry(page);
	(void)fputs("\\fB", page->out);
	put_literal(page->out, name, strlen(name));
	(void)fputs("\\fR", page->out);
	if (remark) {
		(void)fputc(' ', page->out);
		put_word(page->out, remark, strlen(remark));
	}
	(void)fputc('\n', page->out);
}

void roff_indent(struct roff *page)
{
	(void)fputs(".RS\n", page->out);
}

void roff_outdent(struct roff *page)
{
	(void)fputs(".RE\n", page->out);
}

void roff_synopsis(struct roff *page, const char *synopsis)
{
	begin_paragraph(page);
	put_synopsis(page->out, synopsis);
}

void roff_example(struct roff *page, const char *text)
{
	begin_paragraph(page);
	(void)fputs(".RS 4\n.EX\n", page->out);
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (*text == '.') /* else a macro */
			(void)fputs("\\&", page->out);
		put_literal(page->out, text, len);
		(void)fputc('\n', page->out);
		text += len + (text[len] == '\n');
	}
	(void)fputs(".EE\n.RE\n", page->out);
}

void roff_reference(struct roff *page, const char *name, int section, bool is_last)
{
	(void)fputs("\\fB", page->out);
	put_literal(page->out, name, strlen(name));
	(void)fprintf(page->out, "\\fR(%d)%s\n", section, is_last ? "" : ",");
}
