/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Effective security rules: as `az network nic list-effective-nsg` prints them (NW-06, NW-07), and
 * for people, layer by layer.
 */
#include "lab/snapshot/snapshot.h"

#include <stdbool.h>
#include <stdio.h>

/* Does an NSG stand at the NIC or its subnet? Without any az refuses to answer (NW-08). */
bool az_nsg_is_any(const struct snapshot_nsg *nsg);

/* NSGs only, as az has no others here. A new reference. */
json_t *az_nsg_json(const struct snapshot_nsg *nsg) NODISCARD;
/* A row for each rule. */
void az_nsg_print_tsv(const struct snapshot_nsg *nsg, FILE *out);

enum security_line_kind {
	SECURITY_TITLE,
	SECURITY_HEADING, /* of columns */
	SECURITY_ALLOW,   /* a rule, or what a layer says */
	SECURITY_DENY,
	SECURITY_MORE, /* about the line before */
};

/* Text in lines of so many columns at most, where its words are not longer. */
struct security_line {
	enum security_line_kind kind;
	const char *text;
};

struct security_lines {
	struct security_line *items;
	size_t count;
};

struct security_lines az_nsg_lines(const struct snapshot_nsg *nsg, unsigned cols,
				   struct arena *arena);
void security_lines_print(const struct security_lines *lines, FILE *out);

/* For those who make such lines: behind `begin` blanks, broken at blanks and after commas. */
void security_lines_wrap(struct security_lines *lines, enum security_line_kind kind,
			 const char *before, const char *text, unsigned cols, struct arena *arena);

/* As ARM names things, but short: "/lab/vpner/networkSecurityGroups/NSG1". */
const char *az_id(const char *lab, const char *kind, const char *name, struct arena *arena);
/* "/lab/vpner/virtualNetworks/hub/subnets/s", of "hub/s". */
const char *az_subnet_id(const char *lab, const char *subnet, struct arena *arena);
