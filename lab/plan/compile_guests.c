/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What NVAs' owners wrote into their guests, beside routes: what filters there, and NAT. */
#include "lab/plan/compile.h"

#include "lab/base/text_file.h"
#include "lab/render/nft_guest.h"

#include <stdlib.h>

static void compile_guest(struct plan *plan, const struct node *node)
{
	struct text_file file;

	nft_guest_print(node, text_open(&file));
	plan_add_table(plan, node->name, GUEST_NFT, text_close(&file), node->pos);
	free(file.text);
}

void compile_guests(struct plan *plan, const struct topology *topology, const struct node *router)
{
	for (size_t i = 0; i < topology->nodes.count; i++)
		if (compile_is_for(topology->nodes.items[i], router) &&
		    nft_guest_is_needed(topology->nodes.items[i]))
			compile_guest(plan, topology->nodes.items[i]);
}
