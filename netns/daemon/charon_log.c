/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/charon_log.h"

#include "lab/base/macros.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define KEYS_DIFFER      "the shared keys differ (AUTHENTICATION_FAILED)"
#define POLICIES_DIFFER  "the IPsec policies have nothing in common (NO_PROPOSAL_CHOSEN)"
#define SELECTORS_DIFFER "the traffic selectors have nothing in common (TS_UNACCEPTABLE)"
#define NO_CONNECTION    "one end has no connection for the other's address"
#define NO_ANSWER        "the other end does not answer"

static const struct {
	const char *part; /* of the line, as strongSwan 5.9 has it */
	const char *words;
} reasons[] = {
	{ "received AUTHENTICATION_FAILED", KEYS_DIFFER },
	{ "but MAC mismatched", KEYS_DIFFER },
	{ "no shared key found", "there is no shared key" },
	/* it comes for both: what came before at the other end says which */
	{ "no IKE config found", NO_CONNECTION },
	{ "no matching peer config found", NO_CONNECTION },
	{ "received NO_PROPOSAL_CHOSEN", POLICIES_DIFFER },
	{ "received proposals unacceptable", POLICIES_DIFFER },
	{ "no acceptable proposal found", POLICIES_DIFFER },
	{ "received TS_UNACCEPTABLE", SELECTORS_DIFFER },
	{ "giving up after", NO_ANSWER },
	{ "peer not responding", NO_ANSWER },
};

static const char *const problems[] = {
	"already running",  "invalid config file", "failed to load", "unable to ",
	"failed to create", "could not ",          "No such file",   "not permitted",
};

/* "05[IKE] text" */
static const char *text_of(const char *line)
{
	const char *text = line;

	while (isdigit((unsigned char)*text))
		text++;
	if (text == line || *text != '[')
		return line;
	text = strchr(text, ']');
	return text && text[1] == ' ' ? text + 2 : line;
}

struct charon_log charon_log_read(const char *line)
{
	struct charon_log log = { .text = text_of(line) };

	if (!strncmp(log.text, "spawning ", strlen("spawning "))) {
		log.kind = CHARON_LOG_READY;
		return log;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		if (!strstr(log.text, reasons[i].part))
			continue;
		log.kind = CHARON_LOG_TUNNEL;
		log.words = reasons[i].words;
		return log;
	}
	for (size_t i = 0; i < ARRAY_SIZE(problems); i++)
		if (strstr(log.text, problems[i]))
			log.kind = CHARON_LOG_PROBLEM;
	return log;
}
