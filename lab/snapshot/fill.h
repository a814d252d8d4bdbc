/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* From what is computed to what is shown. The results borrow from their sources and the arena. */
#include "lab/azure/route_reasons.h"
#include "lab/azure/verdict.h"
#include "lab/model/lab_tree.h"
#include "lab/snapshot/flow_question.h"
#include "lab/snapshot/snapshot.h"

void snapshot_fill_routes(const struct nic *nic, const struct effective_routes *routes,
			  struct snapshot_routes *out, struct arena *arena);

/* `file` is the lab file's name, as places in it have it. */
void snapshot_fill_why(const struct lab *lab, const char *file, const struct nic *nic,
		       const struct route_reasons *reasons, struct snapshot_why *out,
		       struct arena *arena);

/* The rules that hold at a NIC, and what their tags and ASGs stand for there. fill_security.c */
void snapshot_fill_nsg(const struct security *security, const struct lab *lab, const char *file,
		       const struct nic *nic, const struct interface *port,
		       struct snapshot_nsg *out, struct arena *arena);
void snapshot_fill_flow_verdict(const struct security *security, const struct lab *lab,
				const char *file, const struct nic *nic,
				const struct interface *port, const struct flow_question *question,
				struct snapshot_flow_verdict *out, struct arena *arena);

/* Links with tags or MACsec, as they are on this kernel, and what it lacks of them. fill_links.c */
void snapshot_fill_links(const struct topology *topology, struct snapshot_lab *out,
			 struct arena *arena);
/* Of a link whose sides do not fit. */
const char *snapshot_why_unfit(const struct cable *cable, struct arena *arena);

/*
 * Where something stands: FILE:LINE, or the path of the change that made it; NULL: nowhere. Changes
 * that were made while the lab runs have their path as the file's name.
 */
const char *snapshot_place(struct src_pos pos, const char *file, struct arena *arena);

/* The lab that the topic describes; NULL with findings. It borrows from the topic. */
struct lab *snapshot_file_lab(const struct snapshot_file *file, struct diags *diags) NODISCARD;
/* The same as a tree, which borrows likewise and is ended by lab_tree_fini. */
struct lab_tree snapshot_file_tree(const struct snapshot_file *file) NODISCARD;
/* The file's text with its changes in it (lab_save.h); to be freed. */
char *snapshot_file_save(const struct snapshot_file *file, size_t *ret_len, struct err *err)
	NODISCARD;
/* The file with more changes behind its own: a list in the arena, whose texts are borrowed. */
struct snapshot_file snapshot_file_with(const struct snapshot_file *file,
					const struct change_text *changes, size_t count,
					struct arena *arena);
