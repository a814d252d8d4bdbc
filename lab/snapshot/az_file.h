/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Effective routes from real Azure: what `az network nic show-effective-route-table -o json` wrote.
 */
#include "lab/snapshot/snapshot.h"

/*
 * Read them, as an object with `value` or as a bare list. False, with the place in the file where
 * the text is no JSON, or the name of what is missing where it is something else. Keys that we do
 * not compare are passed over. The result lives as long as the arena.
 */
bool az_file_read(const char *text, size_t len, const char *file,
		  struct snapshot_routes *ret_routes, struct arena *arena, struct err *err)
	NODISCARD;
