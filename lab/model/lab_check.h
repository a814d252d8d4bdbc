/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Internal to lab/model: the second half of lab_parse, and the index both halves share. */
#include "lab/model/lab.h"

#include <uthash.h>

enum name_kind {
	NAME_VNET = 'v',
	NAME_VM = 'm',
	NAME_NIC = 'n',
	NAME_GATEWAY = 'g',
	NAME_CIRCUIT = 'c',
	NAME_ER_PORT = 'E',
	NAME_PROVIDER = 'p',
	NAME_BRANCH = 'b',
	NAME_ROUTE_TABLE = 't',
	NAME_SERVICE_TAG = 's',
	NAME_NSG = 'f',
	NAME_ASG = 'a',
	NAME_PUBLIC_IP = 'i',
	NAME_NAT_GATEWAY = 'w',
	NAME_INTERNET_ADDRESS = 'x', /* who has it on the Internet */
	NAME_NETWORK_GROUP = 'z',
	NAME_ENDPOINT = 'e',   /* private */
	NAME_ROUTE = 'r',      /* by its table and prefix */
	NAME_PROBE = 'o',      /* by its ends and protocol */
	NAME_CONNECTION = 'k', /* by its ends */
	NAME_LOCAL_NETWORK_GATEWAY = 'l',
	NAME_ROUTE_SERVER = 'R',
	NAME_ADDRESS_OF = 'A', /* whose it is, and what for: by these and the address */
	NAME_NODE = 'N', /* every machine of the lab, ours included: their names are namespaces */
};

struct name_entry {
	const char *key;
	void *object;
	UT_hash_handle hh;
};

void lab_name_add(struct lab *lab, enum name_kind kind, const char *name, void *object);
void lab_name_set(struct lab *lab, enum name_kind kind, const char *name, void *object); /* anew */
void *lab_name_find(const struct lab *lab, enum name_kind kind, const char *name);

/*
 * The comments `# ignore: RULE reason` of a lab file, for the findings in `diags` from here on;
 * nothing when those have such a list already. A comment alone on its line means the next one that
 * is more than a comment.
 */
void lab_read_ignores(const struct doc *doc, const char *text, size_t len, const char *file,
		      struct diags *diags);

/*
 * The tree of one state of a lab file: that of `file_root` with what the steps up to it and the
 * changes set. NULL with findings when there is no such state. Sets lab->step.
 */
const struct doc_node *lab_state_root(struct lab *lab, const struct doc_node *file_root,
				      const struct lab_state *state, struct diags *diags);

/* Only pings have a size; findings are of that rule. lab_probes.c */
void check_probe_size(const struct probe_spec *probe, enum diag_id rule, struct diags *diags);

/* Number the steps, and say which each starts from. */
void lab_join_steps(struct lab *lab);

/* Join the steps of a lab that was read and check them; it is at the first. False with findings. */
bool lab_check_steps(struct lab *lab, struct diags *diags);

/* The expectations that hold at the lab's step, their names resolved. */
void lab_check_expectations(struct lab *lab, struct diags *diags);

/*
 * Resolve every reference and hold the lab against Azure's rules, recording all that is wrong.
 * Goes on with what can still be checked after a finding, also after those of the reader.
 */
void lab_check(struct lab *lab, struct diags *diags);

/*
 * Give each NIC, gateway instance and MSEE its address: what the file says, else what Azure would
 * choose. Runs when everything else holds.
 */
void lab_assign_addresses(struct lab *lab, struct diags *diags);

/* The probes that run when the file lists none, and how often each runs. Behind the addresses. */
void lab_complete_probes(struct lab *lab);
