/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For scenario tests: tables that real Azure printed, beside those of a running lab.
 *
 *     rows FILE list           "STEP<TAB>NIC" of every table of a .rows file; STEP may be empty
 *     rows FILE STEP NIC       holds what `hublab routes NIC -o json` says, on standard input,
 *                              against the tables of that step and NIC; 1 when it differs
 */
#include "tests/support/test.h"

#include "tests/support/az_rows.h"

#include <stdlib.h>
#include <string.h>

static const char *step_of(const struct az_block *block)
{
	return block->step ? block->step : "";
}

static void list(const struct az_blocks *blocks)
{
	for (size_t i = 0; i < blocks->count; i++)
		for (size_t n = 0; n < blocks->items[i].nics.count; n++)
			(void)printf("%s\t%s\n", step_of(&blocks->items[i]),
				     blocks->items[i].nics.items[n]);
}

static bool has_nic(const struct az_block *block, const char *nic)
{
	for (size_t i = 0; i < block->nics.count; i++)
		if (!strcmp(block->nics.items[i], nic))
			return true;
	return false;
}

static int compare(const struct az_blocks *blocks, const char *step, const char *nic,
		   struct arena *arena)
{
	json_t *json = json_loadf(stdin, 0, NULL);
	struct az_rows rows;
	int found = 0, different = 0;

	if (!json) {
		(void)fprintf(stderr, "that is no JSON\n");
		return 2;
	}
	rows = az_rows_of_json(json, arena); /* borrows */
	for (size_t i = 0; i < blocks->count; i++) {
		const struct az_block *block = &blocks->items[i];
		const char *difference;

		if (strcmp(step_of(block), step) != 0 || !has_nic(block, nic))
			continue;
		found++;
		difference = az_rows_difference(block, &rows, false, arena);
		if (difference) {
			(void)printf("%s", difference);
			different++;
		}
	}
	json_decref(json);
	return different ? 1 : found ? 0 : 2;
}

int main(int argc, char **argv)
{
	struct arena *arena = arena_new();
	struct az_blocks blocks;
	int code = 0;

	if (argc != 3 && argc != 4) {
		(void)fprintf(stderr, "usage: rows FILE list | rows FILE STEP NIC\n");
		return 2;
	}
	blocks = az_blocks_read(argv[1], arena);
	if (argc == 3)
		list(&blocks);
	else
		code = compare(&blocks, argv[2], argv[3], arena);
	arena_free(arena);
	return code;
}
