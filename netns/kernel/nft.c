/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/nft.h"

#include "lab/base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <nftables/libnftables.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int reserved = -1; /* stands where the library's socket goes */

void nft_reserve_descriptor(void)
{
	if (reserved < 0)
		reserved = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* libnftables' context belongs to the namespace it was made in. */
static int run(const char *commands, struct err *err)
{
	bool is_reserved = reserved >= 0;
	struct nft_ctx *nft;
	int rc = 0;

	fd_close(&reserved);
	nft = nft_ctx_new(NFT_CTX_DEFAULT);
	if (!nft)
		return err_set(err, -ENOMEM, "libnftables does not start");
	(void)nft_ctx_buffer_output(nft);
	(void)nft_ctx_buffer_error(nft);
	if (nft_run_cmd_from_buffer(nft, commands)) {
		const char *text = nft_ctx_get_error_buffer(nft);
		size_t len = strcspn(text, "\n");

		rc = err_set(err, -EINVAL, "nftables: %.*s", (int)len, text);
	}
	nft_ctx_free(nft);
	if (is_reserved)
		nft_reserve_descriptor();
	return rc;
}

/*
 * A transaction goes to the kernel as one message, and without the host's own CAP_NET_ADMIN the
 * send buffer holds some hundred kilobytes of it: what is longer goes in several, each of whole
 * sets, maps and chains, in their order.
 */
#define PART_BYTES (48 * 1024)

static size_t part_len(const char *text)
{
	static const char block_end[] = "\n\t}\n";
	size_t len = 0;

	for (const char *end = strstr(text, block_end); end; end = strstr(end + 1, block_end)) {
		size_t behind = (size_t)(end - text) + strlen(block_end);

		if (len && behind > PART_BYTES)
			return len;
		len = behind;
	}
	return strlen(text);
}

/* `before` stands in front of the first transaction's table. */
static int run_parts(const char *before, const char *table, const char *text, struct err *err)
{
	do {
		CLEANUP(free_cleanup) char *commands = NULL;
		size_t len = part_len(text);

		if (asprintf(&commands, "%stable %s {\n%.*s}\n", before, table, (int)len, text) < 0)
			abort();
		if (run(commands, err))
			return err->code;
		before = "";
		text += len;
	} while (*text);
	return 0;
}

int nft_add_table(const char *table, const char *text, struct err *err)
{
	return run_parts("", table, text, err);
}

int nft_replace_table(const char *table, const char *text, struct err *err)
{
	char before[256];

	/* made first, so that there is one to delete */
	(void)snprintf(before, sizeof(before), "table %s\ndelete table %s\n", table, table);
	return run_parts(before, table, text, err);
}

int nft_delete_table(const char *table, struct err *err)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "delete table %s\n", table);
	return run(command, err);
}
