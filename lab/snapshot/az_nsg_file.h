/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Effective security rules from real Azure: what `az network nic list-effective-nsg -o json` wrote
 * (NW-06, NW-07), in the words of our own rules.
 */
#include "lab/snapshot/snapshot.h"

struct az_nsg_rule {
	struct snapshot_rule rule; /* any address is "*", any protocol too, any port is none */
	struct texts source_expanded, destination_expanded; /* none: what is written stands */
};

struct az_nsg_filter {
	const char *layer; /* subnet, nic */
	const char *nsg;   /* its name; "" where the file has none */
	LIST_OF(struct az_nsg_rule) rules;
};

struct az_nsg_file {
	LIST_OF(struct az_nsg_filter) filters;
};

/*
 * Read them, as an object with `value` or as a bare list. False, with the place in the file where
 * the text is no JSON, or the name of what is missing where it is something else. Keys that we do
 * not compare are passed over. The result lives as long as the arena.
 */
bool az_nsg_file_read(const char *text, size_t len, const char *file, struct az_nsg_file *ret_nsgs,
		      struct arena *arena, struct err *err) NODISCARD;
