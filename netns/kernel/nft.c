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

int nft_add_table(const char *table, const char *text, struct err *err)
{
	CLEANUP(free_cleanup) char *commands = NULL;

	if (asprintf(&commands, "table %s {\n%s}\n", table, text) < 0)
		abort();
	return run(commands, err);
}

int nft_replace_table(const char *table, const char *text, struct err *err)
{
	CLEANUP(free_cleanup) char *commands = NULL;

	/* made first, so that there is one to delete */
	if (asprintf(&commands, "table %s\ndelete table %s\ntable %s {\n%s}\n", table, table, table,
		     text) < 0)
		abort();
	return run(commands, err);
}

int nft_delete_table(const char *table, struct err *err)
{
	char command[128];

	(void)snprintf(command, sizeof(command), "delete table %s\n", table);
	return run(command, err);
}
