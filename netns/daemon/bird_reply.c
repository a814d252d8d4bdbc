/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/daemon/bird_reply.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_NOT_FOUND   8001
#define CODE_FIRST_ERROR 8000
#define PATH_MAX_ASNS    256

void bird_routes_init(struct bird_routes *routes, const struct bgp_speaker *speaker,
		      struct as_paths *paths)
{
	*routes = (struct bird_routes){ .speaker = speaker, .paths = paths };
}

void bird_routes_fini(struct bird_routes *routes)
{
	free(routes->items);
	*routes = (struct bird_routes){ 0 };
}

void bird_routes_reset(struct bird_routes *routes)
{
	routes->count = 0;
	routes->prefix = (struct prefix){ 0 };
}

static struct rib_route *add_route(struct bird_routes *routes)
{
	struct rib_route *route;

	if (routes->count == routes->capacity) {
		routes->capacity = routes->capacity ? routes->capacity * 2 : 16;
		routes->items = realloc(routes->items, routes->capacity * sizeof(*routes->items));
		if (!routes->items)
			abort();
	}
	route = &routes->items[routes->count++];
	*route = (struct rib_route){ .prefix = routes->prefix,
				     .path = as_path_get(routes->paths, NULL, 0) };
	return route;
}

/* Copy one word (up to a blank or the end) of at most size - 1 characters; false when longer. */
static bool copy_word(const char *text, char *word, size_t size)
{
	size_t len = strcspn(text, " \t");

	if (!len || len >= size)
		return false;
	memcpy(word, text, len);
	word[len] = '\0';
	return true;
}

/* "10.3.0.0/24   unicast [name 01:36:04.460] * (100) [AS65002i]"; or a blank for the prefix */
static void read_head(struct bird_routes *routes, const char *text)
{
	const char *bracket = strchr(text, '['), *end = bracket ? strchr(bracket, ']') : NULL;
	const struct bgp_end *from;
	struct rib_route *route;
	char word[PREFIX_TEXT + 64];

	if (isxdigit((unsigned char)text[0])) {
		routes->prefix = (struct prefix){ 0 };
		if (copy_word(text, word, sizeof(word)) && !prefix_parse(word, &routes->prefix))
			return;
	}
	if (!end || routes->prefix.addr.family == IP_NONE ||
	    !copy_word(bracket + 1, word, sizeof(word)))
		return;
	from = bgp_find_end(routes->speaker, word);
	routes->is_ignored = !from && strncmp(word, "b_", 2) == 0;
	if (routes->is_ignored)
		return;
	route = add_route(routes);
	route->from = from;
	route->is_best = strncmp(end, "] * ", 4) == 0;
}

static void read_path(struct bird_routes *routes, struct rib_route *route, const char *text)
{
	uint32_t asns[PATH_MAX_ASNS];
	size_t count = 0;

	while (count < PATH_MAX_ASNS) {
		char *end;

		text += strcspn(text, "0123456789");
		if (!*text)
			break;
		asns[count++] = (uint32_t)strtoul(text, &end, 10);
		text = end;
	}
	route->path = as_path_get(routes->paths, asns, count);
}

/* The text behind `label` when the line begins with it. */
static const char *after(const char *text, const char *label)
{
	size_t len = strlen(label);

	return strncmp(text, label, len) ? NULL : text + len;
}

static void read_attribute(struct bird_routes *routes, const char *text)
{
	struct rib_route *route = routes->count ? &routes->items[routes->count - 1] : NULL;
	const char *value;
	char word[IP_TEXT];

	if (!route || routes->is_ignored)
		return;
	if ((value = after(text, "BGP.as_path:"))) {
		read_path(routes, route, value);
	} else if ((value = after(text, "hublab_class: "))) {
		route->class = (enum bgp_class)strtoul(value, NULL, 10);
	} else if ((value = after(text, "BGP.next_hop: ")) ||
		   (route->next_hop.family == IP_NONE && (value = after(text, "via ")))) {
		if (copy_word(value, word, sizeof(word)) && !ip_parse(word, &route->next_hop))
			route->next_hop = (struct ip){ 0 };
	}
}

enum bird_answer bird_routes_read(struct bird_routes *routes, const char *line)
{
	unsigned long code = 0;
	bool is_last = false;

	if (line[0] == ' ') {
		line++;
	} else if (strspn(line, "0123456789") == 4 && (line[4] == '-' || line[4] == ' ')) {
		code = strtoul(line, NULL, 10);
		is_last = line[4] == ' ';
		line += 5;
	}
	if (is_last)
		return code >= CODE_FIRST_ERROR && code != CODE_NOT_FOUND ? BIRD_ERROR : BIRD_DONE;
	if (line[0] == '\t')
		read_attribute(routes, line + 1);
	else if (!after(line, "Table "))
		read_head(routes, line);
	return BIRD_MORE;
}

/* The session named at the start of the text, before ':' or '.'; what follows goes to *ret_rest. */
static const struct bgp_end *find_session(const struct bgp_speaker *speaker, const char *text,
					  const char **ret_rest)
{
	size_t len = strcspn(text, ".: ");
	char name[64];

	if (!len || len >= sizeof(name) || text[len] == ' ' || !text[len])
		return NULL;
	memcpy(name, text, len);
	name[len] = '\0';
	*ret_rest = text + len;
	return bgp_find_end(speaker, name);
}

/* ".ipv4 > added [best] 10.3.0.0/24 0L 4G unicast" */
static bool read_route_change(const char *rest, struct prefix *ret_prefix)
{
	const char *word = after(rest, ".ipv4 > ");
	char prefix[PREFIX_TEXT];

	while (word && *word) {
		if (strchr("0123456789", *word) && copy_word(word, prefix, sizeof(prefix)) &&
		    prefix_parse(prefix, ret_prefix))
			return true;
		word = strchr(word, ' ');
		word = word ? word + 1 : NULL;
	}
	return false;
}

static enum bird_log_kind session_kind(const char *rest)
{
	if (after(rest, ": BGP session established"))
		return BIRD_LOG_ESTABLISHED;
	if (after(rest, ": BGP session closed") || after(rest, ": State changed to stop") ||
	    after(rest, ": State changed to down") || after(rest, ": State changed to flush"))
		return BIRD_LOG_CLOSED;
	if (after(rest, ": Route limit exceeded"))
		return BIRD_LOG_LIMITED;
	if (after(rest, ": Got ROUTE-REFRESH"))
		return BIRD_LOG_REFRESH;
	if (after(rest, ": Sending END-OF-RR"))
		return BIRD_LOG_REFRESHED;
	if (after(rest, ": Sending "))
		return BIRD_LOG_SENT;
	if (after(rest, ": Got "))
		return BIRD_LOG_GOT;
	return BIRD_LOG_OTHER;
}

struct bird_log bird_log_read(const struct bgp_speaker *speaker, const char *line)
{
	const char *level = strchr(line, '<'), *text = level ? strstr(level, "> ") : NULL,
		   *rest = "";
	struct bird_log log = { .text = text ? text + 2 : line };

	log.end = find_session(speaker, log.text, &rest);
	if (log.end) {
		log.kind = session_kind(rest);
		if (read_route_change(rest, &log.prefix))
			log.kind = BIRD_LOG_ROUTE;
	} else if (!strcmp(log.text, "Started")) {
		log.kind = BIRD_LOG_STARTED;
	}
	if (log.kind == BIRD_LOG_OTHER && level &&
	    (after(level, "<WARN>") || after(level, "<ERR>") || after(level, "<FATAL>") ||
	     after(level, "<BUG>")))
		log.kind = BIRD_LOG_PROBLEM;
	return log;
}
