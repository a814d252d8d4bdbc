/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/rules.h"

#include "tests/support/test.h"

#include <string.h>

enum diag_id rule_of_file(const char *name)
{
	int found = DIAG_COUNT;

	for (int id = 0; id < DIAG_COUNT; id++) {
		size_t len = strlen(diag_table[id].name);

		if (!strncmp(name, diag_table[id].name, len) &&
		    (name[len] == '-' || name[len] == '.') &&
		    (found == DIAG_COUNT || len > strlen(diag_table[found].name)))
			found = id;
	}
	if (found == DIAG_COUNT)
		fail_msg("the name of %s does not begin with a rule", name);
	return (enum diag_id)found;
}

bool has_line(const char *text, const char *wanted)
{
	size_t len = strlen(wanted);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += strspn(line, "\n ");
		if (!strncmp(line, wanted, len) && (line[len] == '\n' || !line[len]))
			return true;
	}
	return false;
}
