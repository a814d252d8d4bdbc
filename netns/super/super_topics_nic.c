/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is asked about one NIC: its routes and rules, and what becomes of a packet there. */
#include "lab/snapshot/fill.h"
#include "lab/snapshot/fill_path.h"
#include "netns/super/super.h"

#include <errno.h>
#include <string.h>

static const struct nic *find_nic(const struct super *s, const char *name, struct err *err)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, err);

	return nic && nic_is_routed_by_azure(nic, err) ? nic : NULL;
}

/* "routes/VM", "routes/NIC" or "routes/VM:NIC" */
json_t *super_topic_routes(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct nic *nic = find_nic(s, name, err);
	struct snapshot_routes out = { 0 };

	if (!nic)
		return NULL;
	snapshot_fill_routes(
		nic,
		fabric_subnet_routes(controller_fabric(s->controller),
				     topology_find_nic(s->wanted->topology, nic)->table),
		&out, arena);
	return record_encode(&snapshot_routes_record, &out);
}

/* Computed anew each time: who asks wants to know why, and others do not pay for it. */
json_t *super_topic_why(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct nic *nic = find_nic(s, name, err);
	const struct fabric *fabric = controller_fabric(s->controller);
	struct snapshot_why out = { 0 };
	struct route_reasons *reasons;
	const struct vnet *vnet;
	json_t *json;

	if (!nic)
		return NULL;
	vnet = nic->subnet->vnet;
	reasons = route_reasons_new(s->wanted->lab, nic->subnet, fabric_taught(fabric, vnet->hub),
				    fabric_taught(fabric, route_reasons_offered(vnet)));
	snapshot_fill_why(s->wanted->lab, s->source.file, nic, reasons, &out, arena);
	json = record_encode(&snapshot_why_record, &out);
	route_reasons_free(reasons);
	return json;
}

/* "nsg/VM", "nsg/NIC" or "nsg/VM:NIC" */
json_t *super_topic_nsg(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	const struct nic *nic = find_nic(s, name, err);
	struct snapshot_nsg out = { 0 };

	if (!nic)
		return NULL;
	snapshot_fill_nsg(controller_security(s->controller), s->wanted->lab, s->source.file, nic,
			  topology_find_nic(s->wanted->topology, nic), &out, arena);
	return record_encode(&snapshot_nsg_record, &out);
}

uint64_t super_security_version(const struct super *s)
{
	return controller_security_version(s->controller);
}

bool super_split_topic(const char *name, const char **words, size_t count, struct arena *arena)
{
	char *rest = arena_strdup(arena, name), *word;
	size_t found = 0;

	for (; (word = strsep(&rest, " ")); found++)
		if (found < count)
			words[found] = word;
	return found == count;
}

#define QUESTION_WORDS 5

/* "verdict/NIC DIRECTION PROTOCOL LOCAL REMOTE" */
json_t *super_topic_verdict(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_flow_verdict out = { 0 };
	struct flow_question question;
	const char *words[QUESTION_WORDS];
	const struct nic *nic;

	if (!super_split_topic(name, words, QUESTION_WORDS, arena)) {
		err_set(err, -EINVAL, "a verdict is about NIC DIRECTION PROTOCOL LOCAL REMOTE");
		return NULL;
	}
	nic = find_nic(s, words[0], err);
	if (!nic || flow_question_read(s->wanted->lab, nic, words[1], words[2], words[3], words[4],
				       &question, err))
		return NULL;
	snapshot_fill_flow_verdict(controller_security(s->controller), s->wanted->lab,
				   s->source.file, nic, topology_find_nic(s->wanted->topology, nic),
				   &question, &out, arena);
	return record_encode(&snapshot_flow_verdict_record, &out);
}

#define PATH_WORDS 3

/* "path/SRC DST PROTOCOL[:PORT]" */
json_t *super_topic_path(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_path out = { 0 };
	struct path_question question;
	const char *words[PATH_WORDS];

	if (!super_split_topic(name, words, PATH_WORDS, arena)) {
		err_set(err, -EINVAL, "a path is about SRC DST PROTOCOL[:PORT]");
		return NULL;
	}
	if (path_question_read(s->wanted->lab, words[0], words[1], words[2], &question, err))
		return NULL;
	snapshot_fill_path(controller_fabric(s->controller), s->source.file, &question, &out,
			   arena);
	return record_encode(&snapshot_path_record, &out);
}

/* "rule/HIT" */
json_t *super_topic_rule(struct super *s, const char *name, struct arena *arena, struct err *err)
{
	struct snapshot_rule_name out = { 0 };

	if (!snapshot_fill_rule(s->wanted->topology, s->source.file, name, &out, arena)) {
		err_set(err, -EINVAL, "'%.40s' is no word of a rule, such as 'n I 12 100 A'", name);
		return NULL;
	}
	return record_encode(&snapshot_rule_name_record, &out);
}
