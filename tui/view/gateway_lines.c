/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/view/gateway_lines.h"

#include <stdio.h>
#include <string.h>
#include <uthash.h>

#define COLS_MANY 70 /* from here on addresses stand beside names */

/* A heading, and what stands under it. */
struct section {
	struct gateway_line heading;
	struct gateway_lines lines;
	size_t shown; /* of the lines */
	bool is_routes;
};

#define SECTIONS_MAX 8

struct page {
	struct arena *arena;
	const struct scene *scene;
	unsigned cols;
	struct section sections[SECTIONS_MAX];
	size_t count;
};

static struct gateway_line *add_line(struct page *page, struct section *section)
{
	return ARENA_PUSH(page->arena, section->lines.items, section->lines.count);
}

static void add_field(struct gateway_line *line, unsigned width, enum style style, const char *text)
{
	line->fields[line->count++] = (struct gateway_field){ text ? text : "", width, style };
}

static void set_mark(struct gateway_line *line, enum glyph mark, enum style style)
{
	line->has_mark = true;
	line->mark = mark;
	line->mark_style = style;
}

static struct section *add_section(struct page *page)
{
	struct section *section = &page->sections[page->count++];

	*section = (struct section){ 0 };
	return section;
}

/* How long ago: "12 s", "3 min", "5 h", "2 d". */
static const char *age(const struct page *page, double since)
{
	double seconds = page->scene->now - since;

	if (seconds < 0)
		seconds = 0;
	if (seconds < 100)
		return arena_printf(page->arena, "%.0f s", seconds);
	if (seconds < 100 * 60)
		return arena_printf(page->arena, "%.0f min", seconds / 60);
	if (seconds < 48 * 3600)
		return arena_printf(page->arena, "%.0f h", seconds / 3600);
	return arena_printf(page->arena, "%.0f d", seconds / 86400);
}

static unsigned longer(unsigned width, const char *text, unsigned most)
{
	unsigned wanted = text ? text_width(text) + 1 : 0;

	wanted = wanted < most ? wanted : most;
	return wanted > width ? wanted : width;
}

/* ---- what is wrong ---- */

/* Problems of the lab that begin with the name of one of the instances. */
static bool concerns(const char *problem, const struct snapshot_bgp *bgp)
{
	for (size_t i = 0; i < bgp->speakers.count; i++) {
		const char *node = bgp->speakers.items[i].node;
		size_t len = strlen(node);

		if (!strncmp(problem, node, len) && problem[len] == ':')
			return true;
	}
	return false;
}

/* Sessions that are down have their own lines. */
static void add_problems(struct page *page, const struct snapshot_bgp *bgp)
{
	const struct snapshot_lab *lab = page->scene->snapshot.lab;
	struct section *section;

	if (!lab)
		return;
	section = add_section(page);
	for (size_t i = 0; i < lab->problems.count; i++) {
		struct gateway_line *line;

		if (!concerns(lab->problems.items[i], bgp) ||
		    strstr(lab->problems.items[i], ": no BGP session with "))
			continue;
		line = add_line(page, section);
		set_mark(line, GLYPH_BAD, STYLE_BAD);
		add_field(line, 0, STYLE_BAD, lab->problems.items[i]);
	}
	add_field(&section->heading, 0, STYLE_HEADING, "PROBLEMS");
	if (!section->lines.count)
		page->count--;
}

/* ---- peers ---- */

/* Widths of columns; 0: not there. */
struct peer_widths {
	unsigned name, address, asn;
};

#define COLS_SOME 56 /* from here on numbers stand beside names */

static struct peer_widths peer_widths(const struct page *page, const struct snapshot_bgp *bgp)
{
	unsigned most = page->cols > 30 ? page->cols - 17 : 13;
	struct peer_widths widths = { 10, 0, 0 };

	if (page->cols >= COLS_SOME)
		widths.asn = 6;
	if (page->cols >= COLS_MANY)
		widths = (struct peer_widths){ 10, 16, 11 };
	most -= widths.address + widths.asn;
	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++)
			widths.name = longer(widths.name,
					     bgp->speakers.items[i].peers.items[n].peer_node, most);
	return widths;
}

static void add_peer(struct page *page, struct section *section, const struct snapshot_peer *peer,
		     struct peer_widths widths)
{
	bool is_up = peer->connected_at > 0, is_bad = !is_up && peer->is_expected;
	double since = is_up ? peer->connected_at : peer->lost_at;
	enum style style = is_up ? STYLE_GOOD : is_bad ? STYLE_BAD : STYLE_EXPECTED;
	struct gateway_line *line = add_line(page, section);

	set_mark(line, is_up ? GLYPH_GOOD : is_bad ? GLYPH_BAD : GLYPH_EXPECTED, style);
	add_field(line, widths.name, STYLE_TEXT, peer->peer_node);
	if (widths.address)
		add_field(line, widths.address, STYLE_TEXT, peer->neighbor);
	if (widths.asn)
		add_field(line, widths.asn, STYLE_TEXT,
			  arena_printf(page->arena, "%lld", (long long)peer->asn));
	add_field(line, 7, STYLE_TEXT,
		  is_up ? arena_printf(page->arena, "%lld", (long long)peer->routes_received)
			: "-");
	add_field(line, 0,
		  view_is_new(page->scene, since) ? STYLE_NEW
		  : is_up                         ? STYLE_TEXT
						  : style,
		  is_up        ? age(page, since)
		  : since <= 0 ? "never"
			       : age(page, since));
	if (is_up)
		return;
	line = add_line(page, section);
	line->indent = 2;
	add_field(line, 0, style,
		  peer->last_words ? arena_printf(page->arena, "lost: %s", peer->last_words)
		  : since > 0      ? "lost"
		  : is_bad         ? "no session yet"
				   : "no session, as predicted");
}

/* An instance of several, or one whose daemon does not run. */
static void add_speaker(struct page *page, struct section *section,
			const struct snapshot_speaker *speaker)
{
	struct gateway_line *line = add_line(page, section);
	bool is_running = !strcmp(speaker->state, "up");

	if (!is_running)
		set_mark(line, GLYPH_BAD, STYLE_BAD);
	add_field(line, longer(0, speaker->node, 40), STYLE_DIM, speaker->node);
	add_field(line, 0, is_running ? STYLE_DIM : STYLE_BAD,
		  is_running ? speaker->local_address : speaker->state);
}

static void add_peers(struct page *page, const struct snapshot_bgp *bgp)
{
	struct peer_widths widths = peer_widths(page, bgp);
	struct section *section = add_section(page);

	add_field(&section->heading, widths.name + 2, STYLE_HEADING, "PEER");
	if (widths.address)
		add_field(&section->heading, widths.address, STYLE_HEADING, "ADDRESS");
	if (widths.asn)
		add_field(&section->heading, widths.asn, STYLE_HEADING, "AS");
	add_field(&section->heading, 7, STYLE_HEADING, "ROUTES");
	add_field(&section->heading, 0, STYLE_HEADING, "FOR");
	for (size_t i = 0; i < bgp->speakers.count; i++) {
		const struct snapshot_speaker *speaker = &bgp->speakers.items[i];

		if (bgp->speakers.count > 1 || strcmp(speaker->state, "up") != 0)
			add_speaker(page, section, speaker);
		for (size_t n = 0; n < speaker->peers.count; n++)
			add_peer(page, section, &speaker->peers.items[n], widths);
	}
}

/* ---- tunnels ---- */

static bool ends_at(const struct snapshot_tunnel *tunnel, const struct snapshot_bgp *bgp)
{
	for (size_t i = 0; i < bgp->speakers.count; i++)
		if (!strcmp(bgp->speakers.items[i].node, tunnel->node))
			return true;
	return false;
}

/* "999 B", "12.3 kB", "4.5 MB" */
static const char *bytes(const struct page *page, int64_t count)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double value = (double)count / 1000;
	size_t unit = 0;

	if (count < 1000)
		return arena_printf(page->arena, "%lld B", (long long)count);
	while (value >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		value /= 1000;
		unit++;
	}
	return arena_printf(page->arena, "%.1f %s", value, units[unit]);
}

static const char *tunnel_peer(const struct snapshot_tunnel *tunnel)
{
	return tunnel->peer_node ? tunnel->peer_node : tunnel->remote_address;
}

static void add_tunnel(struct page *page, struct section *section,
		       const struct snapshot_tunnel *tunnel, unsigned name_width)
{
	bool is_up = !strcmp(tunnel->state, "established");
	struct gateway_line *line = add_line(page, section);

	set_mark(line, is_up ? GLYPH_GOOD : GLYPH_BAD, is_up ? STYLE_GOOD : STYLE_BAD);
	add_field(line, name_width, STYLE_TEXT, tunnel_peer(tunnel));
	if (page->cols >= COLS_MANY)
		add_field(line, 16, STYLE_TEXT, tunnel->remote_address);
	add_field(line, 7, view_is_new(page->scene, tunnel->since) ? STYLE_NEW : STYLE_TEXT,
		  age(page, tunnel->since));
	if (!is_up) {
		add_field(line, 0, STYLE_BAD, tunnel->state);
		if (!tunnel->error)
			return;
		line = add_line(page, section);
		line->indent = 2;
		add_field(line, 0, STYLE_BAD, tunnel->error);
		return;
	}
	add_field(line, 9, STYLE_TEXT, bytes(page, tunnel->bytes_in));
	add_field(line, 0, STYLE_TEXT, bytes(page, tunnel->bytes_out));
}

static void add_tunnels(struct page *page, const struct snapshot_bgp *bgp)
{
	const struct snapshot_tunnels *all = page->scene->snapshot.tunnels;
	unsigned most = page->cols > 40 ? page->cols - 27 : 13, name_width = 8;
	struct section *section = add_section(page);

	for (size_t i = 0; all && i < all->tunnels.count; i++)
		if (ends_at(&all->tunnels.items[i], bgp))
			name_width = longer(name_width, tunnel_peer(&all->tunnels.items[i]),
					    most < 30 ? most : 30);
	for (size_t i = 0; all && i < all->tunnels.count; i++)
		if (ends_at(&all->tunnels.items[i], bgp))
			add_tunnel(page, section, &all->tunnels.items[i], name_width);
	add_field(&section->heading, name_width + 2, STYLE_HEADING, "TUNNEL");
	if (page->cols >= COLS_MANY)
		add_field(&section->heading, 16, STYLE_HEADING, "ADDRESS");
	add_field(&section->heading, 7, STYLE_HEADING, "FOR");
	add_field(&section->heading, 9, STYLE_HEADING, "IN");
	add_field(&section->heading, 0, STYLE_HEADING, "OUT");
	if (!section->lines.count)
		page->count--;
}

/* ---- circuits ---- */

static void add_link(struct page *page, struct section *section, const struct snapshot_link *link,
		     unsigned name_width)
{
	bool is_up = !strcmp(link->state, "Connected");
	struct gateway_line *line = add_line(page, section);
	enum style style = !link->provider ? STYLE_EXPECTED : is_up ? STYLE_GOOD : STYLE_BAD;
	const char *words = link->provider;

	set_mark(line, !link->provider ? GLYPH_EXPECTED : is_up ? GLYPH_GOOD : GLYPH_BAD, style);
	if (!link->provider)
		words = "no provider";
	else if (!is_up)
		words = page->cols < COLS_SOME
				? "no session"
				: arena_printf(page->arena, "%s: no session", link->provider);
	else if (page->cols >= COLS_SOME)
		words = arena_printf(page->arena, "%s, %lld routes", link->provider,
				     (long long)link->routes_received);
	add_field(line, name_width, STYLE_TEXT, link->circuit);
	add_field(line, 10, STYLE_TEXT, link->path);
	add_field(line, 0, is_up ? STYLE_TEXT : style, words);
}

static void add_links(struct page *page, const struct snapshot_bgp *bgp)
{
	struct section *section;
	unsigned name_width = 8;

	if (!bgp->links.count)
		return;
	section = add_section(page);
	for (size_t i = 0; i < bgp->links.count; i++)
		name_width = longer(name_width, bgp->links.items[i].circuit, 28);
	add_field(&section->heading, name_width + 2, STYLE_HEADING, "CIRCUIT");
	add_field(&section->heading, 10, STYLE_HEADING, "LINK");
	add_field(&section->heading, 0, STYLE_HEADING, "PROVIDER");
	for (size_t i = 0; i < bgp->links.count; i++)
		add_link(page, section, &bgp->links.items[i], name_width);
}

/* ---- routes ---- */

static bool is_same_row(const struct snapshot_learned *a, const struct snapshot_learned *b)
{
	return a->is_best == b->is_best && !strcmp(a->network, b->network) &&
	       !strcmp(a->peer_node ? a->peer_node : "", b->peer_node ? b->peer_node : "") &&
	       !strcmp(a->origin, b->origin) && !strcmp(a->as_path, b->as_path) &&
	       !strcmp(a->next_hop ? a->next_hop : "", b->next_hop ? b->next_hop : "");
}

/* Where the rows of a network begin in a table: they stand together. */
struct network_at {
	UT_hash_handle hh;
	size_t index;
};

static struct network_at *index_networks(const struct snapshot_speaker *speaker,
					 struct arena *arena)
{
	struct network_at *all = NULL, *at;

	for (size_t i = 0; i < speaker->learned.count; i++) {
		const char *network = speaker->learned.items[i].network;

		if (i && !strcmp(network, speaker->learned.items[i - 1].network))
			continue;
		at = arena_alloc(arena, sizeof(*at));
		at->index = i;
		HASH_ADD_KEYPTR(hh, all, network, strlen(network), at);
	}
	return all;
}

static bool has_row(const struct snapshot_speaker *speaker, struct network_at *networks,
		    const struct snapshot_learned *row)
{
	struct network_at *at;

	HASH_FIND(hh, networks, row->network, strlen(row->network), at);
	for (size_t i = at ? at->index : speaker->learned.count;
	     i < speaker->learned.count && !strcmp(speaker->learned.items[i].network, row->network);
	     i++)
		if (is_same_row(&speaker->learned.items[i], row))
			return true;
	return false;
}

/* Widths of columns; 0: not there. */
struct route_widths {
	unsigned network, next_hop, from;
};

static struct gateway_line *add_route(struct page *page, struct section *section,
				      struct route_widths widths, const char *network,
				      const char *next_hop, const char *from, const char *path,
				      enum style style)
{
	struct gateway_line *line = add_line(page, section);

	line->indent = 2;
	add_field(line, widths.network, style, network);
	add_field(line, widths.next_hop, style, next_hop);
	if (widths.from)
		add_field(line, widths.from, style, from);
	add_field(line, 0, style, path);
	return line;
}

/* Of two instances what they have in common stands once: with the first. */
static void add_learned_of(struct page *page, struct section *section,
			   const struct snapshot_speaker *speaker,
			   const struct snapshot_speaker *twin, bool is_first,
			   const struct route_widths widths)
{
	struct network_at *networks = twin ? index_networks(twin, page->arena) : NULL;

	for (size_t i = 0; i < speaker->learned.count; i++) {
		const struct snapshot_learned *row = &speaker->learned.items[i];
		const char *path = *row->as_path ? row->as_path : row->peer_node ? "-" : "own";
		bool is_common = twin && has_row(twin, networks, row);
		struct gateway_line *line;

		if (!is_first && is_common)
			continue;
		if (twin && !is_common)
			path = arena_printf(page->arena, "%s  only %s", path, speaker->node);
		line = add_route(page, section, widths, row->network,
				 row->next_hop ? row->next_hop : "-",
				 row->peer_node ? row->peer_node : "-", path,
				 row->is_best ? STYLE_TEXT : STYLE_DIM);
		if (row->is_best)
			set_mark(line, GLYPH_BEST, STYLE_GOOD);
	}
	HASH_CLEAR(hh, networks);
}

static void add_learned(struct page *page, const struct snapshot_bgp *bgp)
{
	struct section *section = add_section(page);
	struct route_widths widths = { 8, 9, page->cols >= COLS_MANY ? 5 : 0 };

	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].learned.count; n++) {
			const struct snapshot_learned *row =
				&bgp->speakers.items[i].learned.items[n];

			widths.network = longer(widths.network, row->network, 20);
			widths.next_hop = longer(widths.next_hop, row->next_hop, 17);
			if (widths.from)
				widths.from = longer(widths.from, row->peer_node, 28);
		}
	section->is_routes = true;
	add_field(&section->heading, longer(widths.network + 2, "LEARNED", 20), STYLE_HEADING,
		  "LEARNED");
	add_field(&section->heading, widths.next_hop, STYLE_HEADING, "NEXT HOP");
	if (widths.from)
		add_field(&section->heading, widths.from, STYLE_HEADING, "FROM");
	add_field(&section->heading, 0, STYLE_HEADING, "PATH");
	for (size_t i = 0; i < bgp->speakers.count; i++)
		add_learned_of(page, section, &bgp->speakers.items[i],
			       bgp->speakers.count == 2 ? &bgp->speakers.items[1 - i] : NULL, !i,
			       widths);
}

static bool is_about(const struct snapshot_advertised *advertised, const struct snapshot_bgp *bgp,
		     const char *peer)
{
	return advertised && !strcmp(advertised->name, bgp->name) &&
	       !strcmp(advertised->peer, peer);
}

static const char *name_of_peer(const struct snapshot_bgp *bgp, const char *neighbor)
{
	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++)
			if (!strcmp(bgp->speakers.items[i].peers.items[n].neighbor, neighbor))
				return bgp->speakers.items[i].peers.items[n].peer_node;
	return neighbor;
}

static bool has_other_peers(const struct snapshot_bgp *bgp, const char *neighbor)
{
	for (size_t i = 0; i < bgp->speakers.count; i++)
		for (size_t n = 0; n < bgp->speakers.items[i].peers.count; n++)
			if (strcmp(bgp->speakers.items[i].peers.items[n].neighbor, neighbor) != 0)
				return true;
	return false;
}

static void add_told(struct page *page, const struct snapshot_bgp *bgp, const char *peer)
{
	const struct snapshot_advertised *told = page->scene->snapshot.advertised;
	struct section *section;
	struct route_widths widths = { 8, 9, 0 };
	struct gateway_line *line;

	if (!peer)
		return;
	section = add_section(page);
	if (!is_about(told, bgp, peer))
		told = NULL;
	for (size_t i = 0; told && i < told->routes.count; i++) {
		widths.network = longer(widths.network, told->routes.items[i].network, 20);
		widths.next_hop = longer(widths.next_hop, told->routes.items[i].next_hop, 17);
	}
	section->is_routes = true;
	add_field(&section->heading, 9, STYLE_HEADING,
		  arena_printf(page->arena, "TOLD TO %s", name_of_peer(bgp, peer)));
	if (has_other_peers(bgp, peer))
		add_field(&section->heading, 0, STYLE_DIM, " a next");
	for (size_t i = 0; told && i < told->routes.count; i++)
		(void)add_route(page, section, widths, told->routes.items[i].network,
				told->routes.items[i].next_hop, "", told->routes.items[i].as_path,
				STYLE_TEXT);
	if (section->lines.count && !told->error)
		return;
	line = add_line(page, section);
	line->indent = 2;
	add_field(line, 0, told && told->error ? STYLE_BAD : STYLE_DIM,
		  told && told->error      ? told->error
		  : told && told->is_whole ? "nothing"
					   : "its daemon is asked");
}

/* ---- the whole ---- */

static size_t page_rows(const struct page *page)
{
	size_t rows = 0;

	for (size_t i = 0; i < page->count; i++)
		rows += 1 + page->sections[i].shown;
	return rows;
}

#define ROUTES_LEAST 3

/* The part that is to give a row: the longest list of routes, then the longest of all. */
static struct section *find_longest(struct page *page)
{
	struct section *longest = NULL;

	for (int pass = 0; pass < 2 && !longest; pass++)
		for (size_t i = 0; i < page->count; i++) {
			struct section *section = &page->sections[i];
			size_t least = pass ? 1 : ROUTES_LEAST;

			if ((pass || section->is_routes) && section->shown > least &&
			    (!longest || section->shown >= longest->shown))
				longest = section;
		}
	return longest;
}

static void cut(struct page *page, size_t rows)
{
	struct section *longest;

	while (page_rows(page) > rows && (longest = find_longest(page)))
		longest->shown--;
}

/* The heading says how much of its part is shown; what has no room behind that goes. */
static void tell_cut(struct page *page, struct section *section)
{
	struct gateway_line *heading = &section->heading;
	struct gateway_field *first = &heading->fields[0];

	if (section->shown < section->lines.count)
		first->text = arena_printf(page->arena, "%s %zu/%zu", first->text, section->shown,
					   section->lines.count);
	first->width = longer(first->width, first->text, page->cols);
	if (heading->count == 2 && first->width + text_width(heading->fields[1].text) > page->cols)
		heading->count = 1;
}

struct gateway_lines gateway_lines(const struct scene *scene, const char *peer, unsigned cols,
				   unsigned rows, struct arena *arena)
{
	struct page page = { .arena = arena, .scene = scene, .cols = cols };
	const struct snapshot_bgp *bgp = scene->snapshot.bgp;
	struct gateway_lines lines = { 0 };

	add_problems(&page, bgp);
	add_peers(&page, bgp);
	add_tunnels(&page, bgp);
	add_links(&page, bgp);
	add_learned(&page, bgp);
	add_told(&page, bgp, peer);
	for (size_t i = 0; i < page.count; i++)
		page.sections[i].shown = page.sections[i].lines.count;
	if (rows)
		cut(&page, rows);
	for (size_t i = 0; i < page.count; i++) {
		struct section *section = &page.sections[i];

		tell_cut(&page, section);
		*ARENA_PUSH(arena, lines.items, lines.count) = section->heading;
		for (size_t n = 0; n < section->shown; n++)
			*ARENA_PUSH(arena, lines.items, lines.count) = section->lines.items[n];
	}
	return lines;
}

void gateway_line_draw(const struct gateway_line *line, struct grid *g, unsigned row)
{
	unsigned col = line->has_mark ? 2 : line->indent;

	if (line->has_mark)
		(void)grid_put(g, row, 0, line->mark_style, "%s", grid_glyph(g, line->mark));
	for (unsigned i = 0; i < line->count; i++) {
		const struct gateway_field *field = &line->fields[i];
		unsigned width = field->width && i + 1 < line->count ? field->width
				 : g->cols > col                     ? g->cols - col
								     : 0;

		if (field->width && i + 1 < line->count && width > 1) {
			(void)grid_put_field(g, row, col, width - 1, field->style, field->text);
			col += width;
		} else {
			col = grid_put_field(g, row, col, width, field->style, field->text);
		}
	}
}
