/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/plan_script.h"

#include "lab/plan/compile.h"
#include "lab/plan/plan_shell.h"

#include <stdlib.h>
#include <string.h>

#define XFRM_KEY 1 /* each namespace has one tunnel only */

/* Where the text of a file ends: no file that is told has it. */
#define END_OF_FILE "END OF FILE"

struct script {
	const struct plan *plan;
	const char *router;
	FILE *out;
	char batch[200]; /* the command that reads what follows; "" when none does */
	unsigned at;     /* the number of the command, by which the one that is refused is known */
};

static void number(struct script *script)
{
	(void)fprintf(script->out, "at=%u\n", ++script->at);
}

/* Written anew beside it: who reads it sees one or the other. */
static void print_file(struct script *script, const struct step *step)
{
	const char *path = plan_text(script->plan, step->file.path);
	const char *content = plan_text(script->plan, step->file.content);
	size_t len = strlen(content);
	FILE *out = script->out;

	number(script);
	if (step->verb == STEP_REMOVE) {
		(void)fprintf(out, "rm -f /run/%s\n", path);
		return;
	}
	(void)fprintf(out, "mkdir -p /run/%.*s\n", (int)(strrchr(path, '/') - path), path);
	number(script);
	(void)fprintf(out, "cat >/run/%s.new <<'" END_OF_FILE "'\n%s", path, content);
	(void)fprintf(out, "%s" END_OF_FILE "\n", len && content[len - 1] == '\n' ? "" : "\n");
	(void)fprintf(out, "mv /run/%s.new /run/%s\n", path, path);
}

static void print_tunnel_routes(struct script *script, const struct step *step)
{
	const char *routes = plan_text(script->plan, step->tunnel.routes);

	for (size_t len; *routes; routes += len + (routes[len] == ' ')) {
		len = strcspn(routes, " ");
		number(script);
		(void)fprintf(script->out, "ip -n %s route replace %.*s dev %s proto %d\n",
			      plan_text(script->plan, step->tunnel.end.ns), (int)len, routes,
			      step->tunnel.end.name, PLAN_ROUTE_PROTOCOL);
	}
}

/* One that is there stays: sessions by it do. */
static void print_tunnel_address(struct script *script, const struct step *step)
{
	const char *dev = step->tunnel.end.name;
	const char *node = plan_text(script->plan, step->tunnel.end.ns);
	struct ip_text local = ip_print(step->tunnel.local), peer = ip_print(step->tunnel.peer);

	(void)fprintf(script->out,
		      "ip -n %s -o address show dev %s | grep -q 'inet %s peer %s/' || {\n"
		      "ip -n %s address flush dev %s\n",
		      node, dev, local.text, peer.text, node, dev);
	number(script);
	(void)fprintf(script->out,
		      "ip -n %s address add %s peer %s dev %s\n"
		      "}\n",
		      node, local.text, peer.text, dev);
}

/* One of the kernel's, by which IPsec is looked up where it was made, wherever it stands. */
static void print_tunnel(struct script *script, const struct step *step)
{
	const char *outside = plan_text(script->plan, step->ns), *dev = step->tunnel.end.name;
	const char *node = plan_text(script->plan, step->tunnel.end.ns);
	FILE *out = script->out;

	(void)fprintf(out, "ip -n %s link show %s >/dev/null 2>&1 || {\n", node, dev);
	number(script);
	(void)fprintf(out, "ip -n %s link add %s type xfrm dev " TUNNEL_WAN " if_id %d\n", outside,
		      dev, XFRM_KEY);
	(void)fprintf(out,
		      "ip -n %s link set %s netns %s\n"
		      "}\n",
		      outside, dev, node);
	if (step->tunnel.local.family == IP_V4)
		print_tunnel_address(script, step);
	number(script);
	(void)fprintf(out, "ip -n %s link set %s mtu %u %s\n", node, dev, step->tunnel.mtu,
		      step->tunnel.is_up ? "up" : "down");
	if (step->tunnel.is_up)
		print_tunnel_routes(script, step);
}

/* States and policies of a daemon that was killed stay in the kernel. */
static void print_tunnel_end(const struct plan *plan, const struct step *step, FILE *out)
{
	const char *outside = plan_text(plan, step->ns);

	(void)fprintf(out,
		      "gone ip -n %s link delete %s\n"
		      "gone ip -n %s xfrm state flush\n"
		      "gone ip -n %s xfrm policy flush\n",
		      plan_text(plan, step->tunnel.end.ns), step->tunnel.end.name, outside,
		      outside);
}

/* To start a program takes longer than what it does: it is given all that comes in a row. */
static void end_batch(struct script *script)
{
	if (*script->batch)
		(void)fprintf(script->out, "END\n");
	*script->batch = '\0';
}

static void begin_batch(struct script *script, const char *command)
{
	if (!strcmp(script->batch, command))
		return;
	end_batch(script);
	(void)snprintf(script->batch, sizeof(script->batch), "%s", command);
	number(script);
	(void)fprintf(script->out, "%s <<'END'\n", command);
}

/* Of what is taken away nothing has to be there. */
static void begin_ip(struct script *script, const char *ns, bool removes)
{
	char command[sizeof(script->batch)];

	(void)snprintf(command, sizeof(command),
		       removes ? "gone ip -n %s -force -batch -" : "ip -n %s -batch -", ns);
	begin_batch(script, command);
}

/* What is behind `head` when it begins so, or NULL. */
static const char *behind(const char *line, const char *head)
{
	size_t len = strlen(head);

	return strncmp(line, head, len) ? NULL : line + len;
}

/* The shell is in the router's own namespace already. */
static void print_line(struct script *script, const char *ns, const char *line, bool removes)
{
	const char *rest = behind(line, "ip -n "), *own = behind(line, "ip netns exec ");

	if (rest && (rest = behind(rest, ns)) && *rest == ' ') {
		begin_ip(script, ns, removes);
		(void)fprintf(script->out, "%s\n", rest + 1);
		return;
	}
	if (own && !strcmp(ns, script->router) && (own = behind(own, ns)) && *own == ' ')
		line = own + 1;
	end_batch(script);
	number(script);
	(void)fprintf(script->out, "%s%s\n", removes ? "gone " : "", line);
}

static void print_lines(struct script *script, const struct step *step)
{
	const char *ns = plan_text(script->plan, step->ns);
	struct arena *arena = arena_new();
	struct texts lines = { 0 };

	plan_shell_step(script->plan, step, &lines, arena);
	for (size_t i = 0; i < lines.count; i++)
		print_line(script, ns, lines.items[i], step->verb == STEP_REMOVE);
	arena_free(arena);
}

static void print_namespace(struct script *script, const struct step *step)
{
	print_lines(script, step);
	if (step->verb == STEP_REMOVE)
		return;
	begin_ip(script, plan_text(script->plan, step->ns), false);
	(void)fprintf(script->out, "link set lo up\n");
}

static bool is_added(const struct plan *plan, const struct step *removed)
{
	for (uint32_t i = 0; i < plan->step_count; i++) {
		const struct step *step = &plan->steps[i];

		if (step->kind == STEP_NFT && step->verb == STEP_ADD && step->ns == removed->ns &&
		    step->nft.table == removed->nft.table)
			return true;
	}
	return false;
}

/* All that is written is one transaction, also what stood in a table's place: "add" and "delete".
 */
static void print_nft(struct script *script, const struct step *step)
{
	const char *table = plan_text(script->plan, step->nft.table);
	const char *ns = plan_text(script->plan, step->ns);
	char command[sizeof(script->batch)] = "nft -f -";

	if (step->verb == STEP_REMOVE && is_added(script->plan, step))
		return;
	if (strcmp(ns, script->router) != 0)
		(void)snprintf(command, sizeof(command), "%sip netns exec %s nft -f -",
			       step->verb == STEP_REMOVE ? "gone " : "", ns);
	begin_batch(script, command);
	(void)fprintf(script->out, "table %s\ndelete table %s\n", table, table);
	if (step->verb != STEP_REMOVE)
		(void)fprintf(script->out, "table %s {\n%s}\n", table,
			      plan_text(script->plan, step->nft.text));
}

static void print_step(struct script *script, const struct step *step)
{
	switch (step->kind) {
	case STEP_TUNNEL:
		end_batch(script);
		if (step->verb == STEP_REMOVE)
			print_tunnel_end(script->plan, step, script->out);
		else
			print_tunnel(script, step);
		return;
	case STEP_FILE:
		end_batch(script);
		print_file(script, step);
		return;
	case STEP_NAMESPACE:
		print_namespace(script, step);
		return;
	case STEP_SYSCTL:
	case STEP_BRIDGE:
	case STEP_VETH:
	case STEP_UP:
	case STEP_ADDRESS:
	case STEP_NEIGHBOUR:
	case STEP_ROUTE:
	case STEP_RULE:
		print_lines(script, step);
		return;
	case STEP_NFT:
		print_nft(script, step);
		return;
	case STEP_DAEMON:
	case STEP_ELEMENT: /* what guests have none of */
	case STEP_CABLE:
	case STEP_FRAMES:
	case STEP_TAP:
	case STEP_LISTENER:
	case STEP_GUEST:
	case STEP_KIND_COUNT:
		return;
	}
}

void plan_script(const struct plan *changes, const char *router, FILE *out)
{
	struct script script = { .plan = changes, .router = router, .out = out };

	/* the one of the guest's shell knows less */
	(void)fprintf(out, "ip() { /sbin/ip \"$@\"; }\n"
			   "gone() { \"$@\" 2>/dev/null || :; }\n"
			   "trap '[ $? = 0 ] || echo at $at >&2' EXIT\n");
	for (uint32_t i = 0; i < changes->step_count; i++)
		print_step(&script, &changes->steps[i]);
	end_batch(&script);
}

/* ---- what a guest refused ---- */

/* The text of a line and its length; NULL when there are not so many. Numbers begin with 1. */
static const char *line_of(const char *text, unsigned number, size_t *ret_len)
{
	while (text && --number) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	*ret_len = text ? strcspn(text, "\n") : 0;
	return text;
}

/* The command of that number, or what it was given on one of its lines (0: none). */
static void print_command(const char *script, unsigned at, unsigned line, char *text, size_t size)
{
	char mark[32];
	size_t head, len = 0;
	const char *command, *input;

	(void)snprintf(mark, sizeof(mark), "\nat=%u\n", at);
	command = strstr(script, mark);
	*text = '\0';
	if (!command)
		return;
	command += strlen(mark);
	head = strcspn(command, "\n");
	input = line ? line_of(command, line + 1, &len) : NULL;
	if (input && memmem(command, head, " -batch", 7))
		head = (size_t)((const char *)memmem(command, head, " -batch", 7) - command);
	else if (memmem(command, head, " <<", 3))
		head = (size_t)((const char *)memmem(command, head, " <<", 3) - command);
	(void)snprintf(text, size, "%.*s%s%.*s", (int)head, command, input ? " " : "", (int)len,
		       input ? input : "");
}

void plan_script_refused(const char *script, const char *output, char *text, size_t size)
{
	const char *at = strstr(output, "at "), *failed = strstr(output, "Command failed -:");
	char command[300] = "", words[160] = "";
	unsigned line = 0;
	size_t len;

	for (const char *next = at; next; next = strstr(next + 1, "\nat ")) /* it says so last */
		at = *next == '\n' ? next + 1 : next;
	if (failed)
		line = (unsigned)strtoul(strchr(failed, ':') + 1, NULL, 10);
	if (at)
		print_command(script, (unsigned)strtoul(at + 3, NULL, 10), line, command,
			      sizeof(command));
	for (const char *said = output; *said; said += len + (said[len] == '\n')) {
		len = strcspn(said, "\n");
		if (said == at || said == failed || !len)
			continue;
		(void)snprintf(words, sizeof(words), "%.*s", (int)len, said);
		break;
	}
	for (char *c = words; *c; c++) /* no guest speaks to a terminal of ours */
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	(void)snprintf(text, size, "%s%s%s", command, *command ? ": " : "",
		       *words ? words : "it says nothing");
}
