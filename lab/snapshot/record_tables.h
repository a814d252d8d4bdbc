/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Words for tables of records: FIELD(snapshot_lab, name, RECORD_TEXT). */
#include "lab/snapshot/record.h"

#define FIELD(type, member, field_kind)                                                            \
	{                                                                                          \
		.key = #member, .kind = (field_kind), .offset = offsetof(struct type, member)      \
	}
#define LIST(type, member, of)                                                                     \
	{                                                                                          \
		.key = #member, .kind = RECORD_LIST, .offset = offsetof(struct type, member),      \
		.record = &(of)                                                                    \
	}
#define RECORD(type, table)                                                                        \
	{                                                                                          \
		.size = sizeof(struct type), .fields = (table), .field_count = ARRAY_SIZE(table)   \
	}
