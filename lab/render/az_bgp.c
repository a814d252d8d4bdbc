/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/az_bgp.h"

#include "lab/model/topology.h"
#include "lab/render/table.h"

#include <math.h>
#include <string.h>

/* What az has of one property: in tables under its header, in JSON under its key. */
struct column {
	const char *header; /* NULL: in JSON only */
	const char *key;
	bool is_number;
};

/* Rows of cells; NULL is null. */
struct sheet {
	struct arena *arena;
	const struct column *columns;
	size_t column_count;
	const char *const **rows;
	size_t row_count;
};

#define COLUMNS_MAX 8

static void sheet_init(struct sheet *sheet, const struct column *columns, size_t count)
{
	*sheet = (struct sheet){ .arena = arena_new(), .columns = columns, .column_count = count };
}

/* The cells stay the caller's or the arena's; the array is copied. */
static void sheet_add(struct sheet *sheet, const char *const *cells)
{
	const char **copy = arena_alloc(sheet->arena, sheet->column_count * sizeof(*copy));

	memcpy(copy, cells, sheet->column_count * sizeof(*copy));
	*ARENA_PUSH(sheet->arena, sheet->rows, sheet->row_count) = copy;
}

/*
 * az puts columns in the order in which rows first have them and drops those that none has, so that
 * next hops stand last when the first row is the gateway's own network (R5.9).
 */
static size_t order_columns(const struct sheet *sheet, size_t order[COLUMNS_MAX])
{
	bool is_seen[COLUMNS_MAX] = { false };
	size_t count = 0;

	for (size_t row = 0; row < sheet->row_count; row++)
		for (size_t i = 0; i < sheet->column_count; i++) {
			if (is_seen[i] || !sheet->columns[i].header || !sheet->rows[row][i])
				continue;
			is_seen[i] = true;
			order[count++] = i;
		}
	for (size_t i = 0; i < sheet->column_count && !sheet->row_count; i++)
		if (sheet->columns[i].header)
			order[count++] = i;
	return count;
}

static void sheet_print(const struct sheet *sheet, bool is_tsv, FILE *out)
{
	const char *cells[COLUMNS_MAX];
	size_t order[COLUMNS_MAX], count = order_columns(sheet, order);
	struct table *table;

	for (size_t i = 0; i < count; i++)
		cells[i] = sheet->columns[order[i]].header;
	table = table_new(cells, count);
	for (size_t row = 0; row < sheet->row_count; row++) {
		for (size_t i = 0; i < count; i++)
			cells[i] = sheet->rows[row][order[i]];
		table_add(table, cells);
	}
	table_print_as(table, is_tsv, out);
	table_free(table);
}

/* Keys stand in the order of the alphabet, as in what az prints. */
static void order_keys(const struct sheet *sheet, size_t order[COLUMNS_MAX])
{
	for (size_t i = 0; i < sheet->column_count; i++) {
		size_t n = i;

		for (; n && strcmp(sheet->columns[order[n - 1]].key, sheet->columns[i].key) > 0;
		     n--)
			order[n] = order[n - 1];
		order[n] = i;
	}
}

static json_t *row_json(const struct sheet *sheet, const char *const *cells)
{
	json_t *out = json_object();
	size_t order[COLUMNS_MAX];

	order_keys(sheet, order);
	for (size_t i = 0; i < sheet->column_count; i++) {
		const struct column *column = &sheet->columns[order[i]];
		const char *cell = cells[order[i]];

		(void)json_object_set_new(out, column->key,
					  !cell               ? json_null()
					  : column->is_number ? json_integer(atoll(cell))
							      : json_string(cell));
	}
	return out;
}

static json_t *sheet_json(const struct sheet *sheet)
{
	json_t *value = json_array();

	for (size_t i = 0; i < sheet->row_count; i++)
		(void)json_array_append_new(value, row_json(sheet, sheet->rows[i]));
	return value;
}

/* The sheet as az has it; it is ended. */
static void print_and_end(struct sheet *sheet, bool is_tsv, FILE *out)
{
	sheet_print(sheet, is_tsv, out);
	arena_free(sheet->arena);
}

static json_t *json_and_end(struct sheet *sheet)
{
	json_t *json = json_pack("{s:o}", "value", sheet_json(sheet));

	arena_free(sheet->arena);
	return json;
}

static bool has_role(const char *role, enum node_role wanted)
{
	return !strcmp(role, node_role_name(wanted));
}

static const char *number(struct arena *arena, int64_t value)
{
	return arena_printf(arena, "%lld", (long long)value);
}

/* ---- peers ---- */

static const struct column peer_columns[] = {
	{ "Neighbor", "neighbor", false },
	{ "ASN", "asn", true },
	{ "State", "state", false },
	{ "ConnectedDuration", "connectedDuration", false },
	{ "RoutesReceived", "routesReceived", true },
	{ "MessagesSent", "messagesSent", true },
	{ "MessagesReceived", "messagesReceived", true },
	{ NULL, "localAddress", false },
};

/* "00:02:56.0967494", behind days "3.03:14:13.1796961" (R5.11). */
static const char *duration(double since, double now, struct arena *arena)
{
	double seconds = now > since ? now - since : 0;
	long whole = (long)seconds, hours = whole / 3600;
	char days[24] = "";

	if (hours >= 24)
		(void)snprintf(days, sizeof(days), "%ld.", hours / 24);
	return arena_printf(arena, "%s%02ld:%02ld:%02ld.%07ld", days, hours % 24, whole / 60 % 60,
			    whole % 60, (long)((seconds - (double)whole) * 1e7));
}

static void add_peer(struct sheet *sheet, const struct snapshot_speaker *speaker,
		     const struct snapshot_peer *peer, double now)
{
	const char *cells[] = {
		peer->neighbor,
		number(sheet->arena, peer->asn),
		peer->state,
		peer->connected_at > 0 ? duration(peer->connected_at, now, sheet->arena) : NULL,
		number(sheet->arena, peer->routes_received),
		number(sheet->arena, peer->messages_sent),
		number(sheet->arena, peer->messages_received),
		speaker->local_address,
	};

	sheet_add(sheet, cells);
}

/* The order in which Azure was seen to list them (G31): sites, itself, its twin, others. */
enum place {
	PLACE_SITE,
	PLACE_SELF,
	PLACE_TWIN,
	PLACE_OTHER,
	PLACE_COUNT
};

static enum place place_of(const struct snapshot_bgp *bgp, const struct snapshot_speaker *speaker,
			   const struct snapshot_peer *peer)
{
	if (peer->asn != speaker->asn)
		return PLACE_SITE;
	return strcmp(peer->peer_name, bgp->name) != 0 ? PLACE_OTHER : PLACE_TWIN;
}

/* R5.11: each instance of an active-active VPN gateway lists itself. */
static bool lists_itself(const struct snapshot_bgp *bgp)
{
	return has_role(bgp->role, ROLE_VPN_GATEWAY) && bgp->speakers.count > 1;
}

static void add_peers(struct sheet *sheet, const struct snapshot_bgp *bgp,
		      const struct snapshot_speaker *speaker, enum place place, double now)
{
	const struct snapshot_peer self = { .neighbor = speaker->local_address,
					    .asn = speaker->asn,
					    .state = "Unknown" };

	if (place == PLACE_SELF && lists_itself(bgp))
		add_peer(sheet, speaker, &self, now);
	for (size_t i = 0; i < speaker->peers.count; i++)
		if (place_of(bgp, speaker, &speaker->peers.items[i]) == place)
			add_peer(sheet, speaker, &speaker->peers.items[i], now);
}

static const struct column summary_columns[] = {
	{ "Neighbor", "neighbor", false },
	{ "V", "v", true },
	{ "As", "as", true },
	{ "UpDown", "upDown", false },
	{ "StatePfxRcd", "statePfxRcd", false },
};

/* "never", "00:12:34", "1d02h", "3w4d": as routers print how long ago something was. */
static const char *up_down(double since, double now, struct arena *arena)
{
	long seconds = now > since ? (long)(now - since) : 0, hours = seconds / 3600;

	if (since <= 0)
		return "never";
	if (hours >= 7 * 24)
		return arena_printf(arena, "%ldw%ldd", hours / 168, hours / 24 % 7);
	if (hours >= 24)
		return arena_printf(arena, "%ldd%02ldh", hours / 24, hours % 24);
	return arena_printf(arena, "%02ld:%02ld:%02ld", hours, seconds / 60 % 60, seconds % 60);
}

/* R6.6 */
static void add_summary(struct sheet *sheet, const struct snapshot_speaker *speaker, double now)
{
	for (size_t i = 0; i < speaker->peers.count; i++) {
		const struct snapshot_peer *peer = &speaker->peers.items[i];
		bool is_up = peer->connected_at > 0;
		const char *cells[] = {
			peer->neighbor,
			"4",
			number(sheet->arena, peer->asn),
			up_down(is_up ? peer->connected_at : peer->lost_at, now, sheet->arena),
			is_up ? number(sheet->arena, peer->routes_received) : "Active",
		};

		sheet_add(sheet, cells);
	}
}

static void fill_peers(struct sheet *sheet, const struct snapshot_bgp *bgp, double now)
{
	bool is_msee = has_role(bgp->role, ROLE_MSEE);

	if (is_msee)
		sheet_init(sheet, summary_columns, ARRAY_SIZE(summary_columns));
	else
		sheet_init(sheet, peer_columns, ARRAY_SIZE(peer_columns));
	for (size_t i = 0; i < bgp->speakers.count; i++) {
		const struct snapshot_speaker *speaker = &bgp->speakers.items[i];

		if (is_msee)
			add_summary(sheet, speaker, now);
		for (int place = 0; !is_msee && place < PLACE_COUNT; place++)
			add_peers(sheet, bgp, speaker, (enum place)place, now);
	}
}

void az_bgp_peers_print(const struct snapshot_bgp *bgp, double now, bool is_tsv, FILE *out)
{
	struct sheet sheet;

	fill_peers(&sheet, bgp, now);
	print_and_end(&sheet, is_tsv, out);
}

json_t *az_bgp_peers_json(const struct snapshot_bgp *bgp, double now)
{
	struct sheet sheet;

	fill_peers(&sheet, bgp, now);
	return json_and_end(&sheet);
}

/* ---- learned ---- */

static const struct column route_columns[] = {
	{ "Network", "network", false }, { "NextHop", "nextHop", false },
	{ "Origin", "origin", false },   { "SourcePeer", "sourcePeer", false },
	{ "AsPath", "asPath", false },   { "Weight", "weight", true },
	{ NULL, "localAddress", false },
};

/* R7.18 */
static const struct column route_server_columns[] = {
	{ "LocalAddress", "localAddress", false },
	{ "Network", "network", false },
	{ "NextHop", "nextHop", false },
	{ "SourcePeer", "sourcePeer", false },
	{ "Origin", "origin", false },
	{ "AsPath", "asPath", false },
	{ "Weight", "weight", true },
};

/* R6.6 */
static const struct column msee_columns[] = {
	{ "Network", "network", false }, { "NextHop", "nextHop", false },
	{ "LocPrf", "locPrf", false },   { "Weight", "weight", true },
	{ "Path", "path", false },
};

static void add_learned(struct sheet *sheet, const struct snapshot_speaker *speaker)
{
	for (size_t i = 0; i < speaker->learned.count; i++) {
		const struct snapshot_learned *row = &speaker->learned.items[i];
		const char *cells[] = { row->network,          row->next_hop,
					row->origin,           row->source_peer,
					row->as_path,          number(sheet->arena, row->weight),
					speaker->local_address };

		sheet_add(sheet, cells);
	}
}

/* What its peers told it: what it originates for them is none of it. */
static void add_route_server_learned(struct sheet *sheet, const struct snapshot_speaker *speaker)
{
	for (size_t i = 0; i < speaker->learned.count; i++) {
		const struct snapshot_learned *row = &speaker->learned.items[i];
		const char *cells[] = { speaker->local_address,
					row->network,
					row->next_hop,
					row->source_peer,
					row->origin,
					row->as_path,
					number(sheet->arena, row->weight) };

		if (row->peer_node)
			sheet_add(sheet, cells);
	}
}

/* The ways to one network stand together. */
static bool is_only_one(const struct snapshot_speaker *speaker, size_t index)
{
	const struct snapshot_learned *rows = speaker->learned.items;
	const char *network = rows[index].network;

	return (!index || strcmp(rows[index - 1].network, network) != 0) &&
	       (index + 1 == speaker->learned.count ||
		strcmp(rows[index + 1].network, network) != 0);
}

/* R6.6: where several are known the best one has a star behind its next hop. */
static void add_msee_table(struct sheet *sheet, const struct snapshot_speaker *speaker)
{
	for (size_t i = 0; i < speaker->learned.count; i++) {
		const struct snapshot_learned *row = &speaker->learned.items[i];
		bool is_marked = row->is_best && !is_only_one(speaker, i);
		char *path =
			arena_printf(sheet->arena, "%s%sI", row->as_path, *row->as_path ? " " : "");
		const char *cells[] = { row->network,
					arena_printf(sheet->arena, "%s%s",
						     row->next_hop ? row->next_hop : "",
						     is_marked ? "*" : ""),
					"100", "0", path };

		for (char *c = path; *c; c++)
			*c = (char)(*c == '-' ? ' ' : *c);
		sheet_add(sheet, cells);
	}
}

/*
 * R6.4: the listing of an ExpressRoute gateway is that of one instance, of the first whose daemon
 * runs.
 */
static size_t first_that_runs(const struct snapshot_bgp *bgp)
{
	for (size_t i = 0; i < bgp->speakers.count; i++)
		if (!strcmp(bgp->speakers.items[i].state, "up"))
			return i;
	return 0;
}

static void fill_learned(struct sheet *sheet, const struct snapshot_bgp *bgp)
{
	size_t first = 0, end = bgp->speakers.count;

	if (has_role(bgp->role, ROLE_ROUTE_SERVER))
		sheet_init(sheet, route_server_columns, ARRAY_SIZE(route_server_columns));
	else if (has_role(bgp->role, ROLE_MSEE))
		sheet_init(sheet, msee_columns, ARRAY_SIZE(msee_columns));
	else
		sheet_init(sheet, route_columns, ARRAY_SIZE(route_columns));
	if (has_role(bgp->role, ROLE_ER_GATEWAY) && end) {
		first = first_that_runs(bgp);
		end = first + 1;
	}
	for (size_t i = first; i < end; i++) {
		const struct snapshot_speaker *speaker = &bgp->speakers.items[i];

		if (sheet->columns == route_server_columns)
			add_route_server_learned(sheet, speaker);
		else if (sheet->columns == msee_columns)
			add_msee_table(sheet, speaker);
		else
			add_learned(sheet, speaker);
	}
}

void az_bgp_learned_print(const struct snapshot_bgp *bgp, bool is_tsv, FILE *out)
{
	struct sheet sheet;

	fill_learned(&sheet, bgp);
	print_and_end(&sheet, is_tsv, out);
}

/* R7.18: an object with a list for each instance. The sheet is ended. */
static json_t *role_instances_json(struct sheet *sheet, const struct texts *addresses)
{
	json_t *out = json_object();

	for (size_t i = 0; i < addresses->count; i++) {
		json_t *rows = json_array();

		for (size_t n = 0; n < sheet->row_count; n++)
			if (!strcmp(sheet->rows[n][0], addresses->items[i]))
				(void)json_array_append_new(rows, row_json(sheet, sheet->rows[n]));
		(void)json_object_set_new(
			out, arena_printf(sheet->arena, "RouteServiceRole_IN_%zu", i), rows);
	}
	arena_free(sheet->arena);
	return out;
}

json_t *az_bgp_learned_json(const struct snapshot_bgp *bgp)
{
	struct texts addresses = { 0 };
	struct sheet sheet;

	fill_learned(&sheet, bgp);
	if (sheet.columns != route_server_columns)
		return json_and_end(&sheet);
	for (size_t i = 0; i < bgp->speakers.count; i++)
		*ARENA_PUSH(sheet.arena, addresses.items, addresses.count) =
			bgp->speakers.items[i].local_address;
	return role_instances_json(&sheet, &addresses);
}

/* ---- advertised ---- */

/* G18, G29: of an ExpressRoute gateway what one instance tells is listed, too. */
static size_t listed_count(const struct snapshot_advertised *advertised)
{
	const struct snapshot_told *rows = advertised->routes.items;
	size_t count = 0;

	if (!has_role(advertised->role, ROLE_ER_GATEWAY))
		return advertised->routes.count;
	while (count < advertised->routes.count &&
	       !strcmp(rows[count].local_address, rows[0].local_address))
		count++;
	return count;
}

/* R5.10; who told it is none of it, so that az drops that column. */
static void fill_advertised(struct sheet *sheet, const struct snapshot_advertised *advertised)
{
	bool is_route_server = has_role(advertised->role, ROLE_ROUTE_SERVER);
	size_t count = listed_count(advertised);

	if (is_route_server)
		sheet_init(sheet, route_server_columns, ARRAY_SIZE(route_server_columns));
	else
		sheet_init(sheet, route_columns, ARRAY_SIZE(route_columns));
	for (size_t i = 0; i < count; i++) {
		const struct snapshot_told *row = &advertised->routes.items[i];
		const char *of_server[] = {
			row->local_address, row->network, row->next_hop, NULL, "Igp",
			row->as_path,       "0"
		};
		const char *of_gateway[] = {
			row->network, row->next_hop,     "Igp", NULL, row->as_path,
			"0",          row->local_address
		};

		sheet_add(sheet, is_route_server ? of_server : of_gateway);
	}
}

void az_bgp_advertised_print(const struct snapshot_advertised *advertised, bool is_tsv, FILE *out)
{
	struct sheet sheet;

	fill_advertised(&sheet, advertised);
	print_and_end(&sheet, is_tsv, out);
}

json_t *az_bgp_advertised_json(const struct snapshot_advertised *advertised)
{
	struct sheet sheet;

	fill_advertised(&sheet, advertised);
	if (sheet.columns != route_server_columns)
		return json_and_end(&sheet);
	return role_instances_json(&sheet, &advertised->local_addresses);
}
