/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/snapshot/snapshot_mesh.h"

#include "lab/snapshot/record_tables.h"

#include <errno.h>
#include <string.h>

static const struct record_field finding_fields[] = {
	FIELD(snapshot_mesh_finding, from, RECORD_TEXT),
	FIELD(snapshot_mesh_finding, to, RECORD_TEXT),
	FIELD(snapshot_mesh_finding, result, RECORD_TEXT),
	FIELD(snapshot_mesh_finding, seen, RECORD_TEXT),
	FIELD(snapshot_mesh_finding, prediction, RECORD_TEXT),
};
static const struct record finding_record = RECORD(snapshot_mesh_finding, finding_fields);

static const struct record_field row_fields[] = {
	FIELD(snapshot_mesh_row, from, RECORD_TEXT),
	FIELD(snapshot_mesh_row, cells, RECORD_TEXT),
	FIELD(snapshot_mesh_row, rtt_ms, RECORD_REALS),
	LIST(snapshot_mesh_row, findings, finding_record),
};
const struct record snapshot_mesh_row_record = RECORD(snapshot_mesh_row, row_fields);

static const struct record_field mesh_fields[] = {
	FIELD(snapshot_mesh, lab, RECORD_TEXT),
	FIELD(snapshot_mesh, protocol, RECORD_TEXT),
	FIELD(snapshot_mesh, to, RECORD_TEXTS),
	LIST(snapshot_mesh, rows, snapshot_mesh_row_record),
	FIELD(snapshot_mesh, pairs, RECORD_INT),
	FIELD(snapshot_mesh, took_ms, RECORD_REAL),
};
const struct record snapshot_mesh_record = RECORD(snapshot_mesh, mesh_fields);

const char *mesh_cell_name(char cell)
{
	switch ((enum mesh_cell)cell) {
	case MESH_REPLY:
		return "reply";
	case MESH_SILENCE:
		return "silence";
	case MESH_UNEXPECTED_REPLY:
		return "unexpected_reply";
	case MESH_UNEXPECTED_SILENCE:
		return "unexpected_silence";
	case MESH_UNKNOWN:
		return "unknown";
	case MESH_SELF:
		break;
	}
	return "";
}

bool mesh_cell_is_finding(char cell)
{
	return cell != MESH_REPLY && cell != MESH_SILENCE && cell != MESH_SELF;
}

size_t mesh_count(const struct snapshot_mesh *mesh, enum mesh_cell cell)
{
	size_t count = 0;

	for (size_t i = 0; i < mesh->rows.count; i++)
		for (const char *c = mesh->rows.items[i].cells; *c; c++)
			count += *c == (char)cell;
	return count;
}

static bool is_cell(char c)
{
	return c == (char)MESH_SELF || *mesh_cell_name(c);
}

static bool is_row(const struct snapshot_mesh *mesh, const struct snapshot_mesh_row *row)
{
	size_t width = mesh->to.count;

	if (!row->from || !row->cells || strlen(row->cells) != width || row->rtt_ms.count != width)
		return false;
	for (size_t i = 0; i < width; i++)
		if (!is_cell(row->cells[i]))
			return false;
	for (size_t i = 0; i < row->findings.count; i++) {
		const struct snapshot_mesh_finding *f = &row->findings.items[i];

		if (!f->from || !f->to || !f->result || !f->seen || !f->prediction)
			return false;
	}
	return true;
}

int mesh_check(const struct snapshot_mesh *mesh, struct err *err)
{
	size_t cells = 0;

	for (size_t i = 0; i < mesh->rows.count; i++) {
		if (!is_row(mesh, &mesh->rows.items[i]))
			return err_set(err, -EPROTO, "row %zu of the mesh is not whole", i + 1);
		cells += mesh->to.count;
	}
	if (!mesh->protocol || cells - mesh_count(mesh, MESH_SELF) != (size_t)mesh->pairs)
		return err_set(err, -EPROTO, "the mesh is not whole");
	return 0;
}
