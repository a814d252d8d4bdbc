/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to the files build_*.c: parts of the form of an object. */
#include "tui/view/build.h"

/* Fields that are no key of the object's schema, whose number the others have. */
enum build_field {
	BUILD_PARENT = 200, /* what it is within */
	BUILD_NAME,
	BUILD_BOTH, /* of a peering: its other half, too */
	BUILD_REVIEW_BUTTON,
	BUILD_SPOKE_HUB,
	BUILD_SPOKE_SPACE,
	BUILD_SPOKE_SUBNET,
	BUILD_SPOKE_TABLE,
	BUILD_SPOKE_NSG,
	BUILD_SPOKE_GATEWAYS,
	BUILD_SPOKE_FORWARDED,
	BUILD_SPOKE_VM,
};

extern const char build_absent[]; /* what a choice shows for a key that is not there */
extern const char *const build_yes_no[2];

/* What comes to mind for fields where nobody has typed. build_propose.c */
void build_propose(struct build *build);

/* A spoke: its fields, and the changes that add it. build_propose.c */
void build_spoke_fields(struct build *build);
void build_spoke_changes(struct build *build);

/* A route or rule in one line, to fields, and as YAML from those. build_line.c */
void build_line_fill(struct build *build, const char *line);
const char *build_line(const struct build *build);

/* The field of a key of the object's schema; NULL: there is none. build_line.c */
struct form_field *build_field_of(const struct build *build, const char *key);

/* In the scratch arena. */
void build_add_change(struct build *build, const char *path, const char *value);
