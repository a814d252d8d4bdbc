/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/plan/plan_shell.h"

#include <stdio.h>
#include <string.h>

static const char *verb_of(const struct step *step, const char *add)
{
	return step->verb == STEP_REMOVE ? "delete" : step->verb == STEP_CHANGE ? "replace" : add;
}

/* What no command of ip does: as 'hublab plan' prints it. */
static const char *comment(const struct plan *plan, const struct step *step, struct arena *arena)
{
	static const char signs[] = { [STEP_ADD] = '+', [STEP_CHANGE] = '~', [STEP_REMOVE] = '-' };
	char text[512];

	step_print(plan, step, text, sizeof(text));
	return arena_printf(arena, "# %c %s", signs[step->verb], text);
}

static const char *route_line(const struct plan *plan, const struct step *step, struct arena *arena)
{
	static const char *const types[] = {
		[ROUTE_UNICAST] = "",
		[ROUTE_THROW] = "throw ",
		[ROUTE_BLACKHOLE] = "blackhole ",
	};
	const char *line =
		arena_printf(arena, "ip -n %s route %s %s%s table %u", plan_text(plan, step->ns),
			     verb_of(step, "replace"), types[step->route.type],
			     prefix_print(step->route.prefix).text, step->route.table);

	if (step->verb == STEP_REMOVE)
		return line;
	line = arena_printf(arena, "%s proto %d", line, PLAN_ROUTE_PROTOCOL);
	for (uint32_t i = 0; i < step->route.nexthop_count; i++) {
		const struct nexthop *hop = &plan->nexthops[step->route.first_nexthop + i];

		if (step->route.nexthop_count > 1)
			line = arena_printf(arena, "%s nexthop", line);
		if (hop->via.family != IP_NONE)
			line = arena_printf(arena, "%s via %s dev %s onlink", line,
					    ip_print(hop->via).text, hop->dev);
		else
			line = arena_printf(arena, "%s dev %s", line, hop->dev);
	}
	return line;
}

static void add(struct texts *lines, const char *line, struct arena *arena)
{
	*ARENA_PUSH(arena, lines->items, lines->count) = line;
}

static const char *rule_line(const struct plan *plan, const struct step *step, struct arena *arena)
{
	const char *line =
		arena_printf(arena, "ip%s -n %s rule %s priority %u",
			     step->rule.family == IP_V6 ? " -6" : "", plan_text(plan, step->ns),
			     step->verb == STEP_REMOVE ? "delete" : "add", step->rule.priority);

	if (step->rule.from.addr.family != IP_NONE)
		line = arena_printf(arena, "%s from %s", line, prefix_print(step->rule.from).text);
	if (step->rule.to.addr.family != IP_NONE)
		line = arena_printf(arena, "%s to %s", line, prefix_print(step->rule.to).text);
	if (step->rule.mask)
		line = arena_printf(arena, "%s fwmark 0x%x/0x%x", line, step->rule.mark,
				    step->rule.mask);
	if (step->rule.udp_port)
		line = arena_printf(arena, "%s ipproto udp dport %u", line, step->rule.udp_port);
	if (*step->rule.iif)
		line = arena_printf(arena, "%s iif %s", line, step->rule.iif);
	return arena_printf(arena, "%s lookup %u", line, step->rule.table);
}

/* One in the place of the kernel's own: never is there none. */
static void rule_lines(const struct plan *plan, const struct step *step, struct texts *lines,
		       struct arena *arena)
{
	const char *own = arena_printf(
		arena, "ip -n %s rule %s priority 0 lookup %u", plan_text(plan, step->ns),
		step->verb == STEP_REMOVE ? "add" : "delete", step->rule.table);

	if (step->rule.is_local && step->verb == STEP_REMOVE)
		add(lines, own, arena);
	add(lines, rule_line(plan, step, arena), arena);
	if (step->rule.is_local && step->verb != STEP_REMOVE)
		add(lines, own, arena);
}

static const char *veth_line(const struct plan *plan, const struct step *step, struct arena *arena)
{
	const char *ns = plan_text(plan, step->ns);

	if (step->verb == STEP_REMOVE)
		return arena_printf(arena, "ip -n %s link delete %s", ns, step->veth.a.name);
	return arena_printf(arena,
			    "ip -n %s link add %s mtu %u address %s up type veth peer name %s "
			    "mtu %u address %s netns %s",
			    ns, step->veth.a.name, step->veth.mtu, mac_print(step->veth.a.mac).text,
			    step->veth.b.name, step->veth.mtu, mac_print(step->veth.b.mac).text,
			    plan_text(plan, step->veth.b.ns));
}

static const char *neighbour_line(const struct plan *plan, const struct step *step,
				  struct arena *arena)
{
	const char *line = arena_printf(arena, "ip -n %s neighbour %s %s dev %s",
					plan_text(plan, step->ns), verb_of(step, "add"),
					ip_print(step->neighbour.ip).text, step->neighbour.dev);

	if (step->verb == STEP_REMOVE)
		return line;
	return arena_printf(arena, "%s lladdr %s", line, mac_print(step->neighbour.mac).text);
}

/* "s_near_1" of "set s_near_1" */
static const char *name_in(const char *block)
{
	const char *blank = strchr(block, ' ');

	return blank ? blank + 1 : block;
}

static const char *element_line(const struct plan *plan, const struct step *step,
				struct arena *arena)
{
	return arena_printf(arena, "ip netns exec %s nft '%s element %s %s { %s }'",
			    plan_text(plan, step->ns), step->verb == STEP_REMOVE ? "delete" : "add",
			    plan_text(plan, step->element.table),
			    name_in(plan_text(plan, step->element.block)),
			    prefix_print(step->element.prefix).text);
}

/* A part of a table is flushed and written anew in one transaction. */
static void nft_lines(const struct plan *plan, const struct step *step, struct texts *lines,
		      struct arena *arena)
{
	const char *ns = plan_text(plan, step->ns), *table = plan_text(plan, step->nft.table);
	const char *block = plan_text(plan, step->nft.block), *text, *end;

	if (step->verb == STEP_REMOVE) {
		add(lines,
		    *block ? arena_printf(arena, "ip netns exec %s nft 'delete %.*s %s %s'", ns,
					  (int)strcspn(block, " "), block, table, name_in(block))
			   : arena_printf(arena, "ip netns exec %s nft 'delete table %s'", ns,
					  table),
		    arena);
		return;
	}
	add(lines, arena_printf(arena, "ip netns exec %s nft -f - <<'END'", ns), arena);
	if (step->verb == STEP_CHANGE && *block)
		add(lines,
		    arena_printf(arena, "flush %.*s %s %s", (int)strcspn(block, " "), block, table,
				 name_in(block)),
		    arena);
	else if (step->verb == STEP_CHANGE)
		add(lines, arena_printf(arena, "delete table %s", table), arena);
	add(lines, arena_printf(arena, "table %s {", table), arena);
	for (text = plan_text(plan, step->nft.text); *text; text = *end ? end + 1 : end) {
		end = text + strcspn(text, "\n");
		add(lines, arena_strndup(arena, text, (size_t)(end - text)), arena);
	}
	add(lines, "}", arena);
	add(lines, "END", arena);
}

/* BIRD is told that its file is another; FRR is told each line. */
static void file_lines(const struct plan *plan, const struct step *step, struct texts *lines,
		       struct arena *arena)
{
	static const char conf[] = "/bird/bird.conf";
	const char *path = plan_text(plan, step->file.path);
	size_t len = strlen(path);

	add(lines, comment(plan, step, arena), arena);
	if (step->verb == STEP_CHANGE && len > strlen(conf) &&
	    !strcmp(path + len - strlen(conf), conf))
		add(lines,
		    arena_printf(arena, "birdc -s /run/%.*s/bird/bird.ctl configure",
				 (int)(len - strlen(conf)), path),
		    arena);
}

static void up_lines(const struct plan *plan, const struct step *step, struct texts *lines,
		     struct arena *arena)
{
	const char *ns = plan_text(plan, step->ns);
	bool is_removal = step->verb == STEP_REMOVE;

	if (step->up.accepts_local && !is_removal)
		add(lines,
		    arena_printf(arena,
				 "ip netns exec %s sysctl -w net/ipv4/conf/%s/accept_local=1", ns,
				 step->up.dev),
		    arena);
	add(lines,
	    arena_printf(arena, "ip -n %s link set %s %s", ns, step->up.dev,
			 is_removal ? "down" : "up"),
	    arena);
}

void plan_shell_step(const struct plan *plan, const struct step *step, struct texts *lines,
		     struct arena *arena)
{
	const char *ns = plan_text(plan, step->ns);
	bool is_removal = step->verb == STEP_REMOVE;

	switch (step->kind) {
	case STEP_NAMESPACE:
		add(lines, arena_printf(arena, "ip netns %s %s", is_removal ? "delete" : "add", ns),
		    arena);
		return;
	case STEP_SYSCTL:
		add(lines,
		    is_removal ? comment(plan, step, arena)
			       : arena_printf(arena, "ip netns exec %s sysctl -w %s=%s", ns,
					      plan_text(plan, step->sysctl.path),
					      plan_text(plan, step->sysctl.value)),
		    arena);
		return;
	case STEP_BRIDGE:
		add(lines,
		    arena_printf(arena, "ip -n %s link %s %s%s", ns, is_removal ? "delete" : "add",
				 step->bridge.end.name, is_removal ? "" : " type bridge"),
		    arena);
		return;
	case STEP_VETH:
		add(lines, veth_line(plan, step, arena), arena);
		return;
	case STEP_UP:
		up_lines(plan, step, lines, arena);
		return;
	case STEP_ADDRESS:
		add(lines,
		    arena_printf(arena, "ip -n %s address %s %s dev %s", ns, verb_of(step, "add"),
				 prefix_print(step->address.prefix).text, step->address.dev),
		    arena);
		return;
	case STEP_NEIGHBOUR:
		add(lines, neighbour_line(plan, step, arena), arena);
		return;
	case STEP_ROUTE:
		add(lines, route_line(plan, step, arena), arena);
		return;
	case STEP_RULE:
		rule_lines(plan, step, lines, arena);
		return;
	case STEP_NFT:
		nft_lines(plan, step, lines, arena);
		return;
	case STEP_ELEMENT:
		add(lines, element_line(plan, step, arena), arena);
		return;
	case STEP_FILE:
		file_lines(plan, step, lines, arena);
		return;
	case STEP_CABLE:
	case STEP_FRAMES:
	case STEP_TAP:
	case STEP_TUNNEL:
	case STEP_GUEST:
	case STEP_DAEMON:
	case STEP_LISTENER:
		add(lines, comment(plan, step, arena), arena);
		return;
	case STEP_KIND_COUNT:
		return;
	}
}

struct texts plan_shell(const struct plan *changes, size_t max, uint32_t *ret_left,
			struct arena *arena)
{
	struct texts lines = { 0 };

	*ret_left = 0;
	for (uint32_t i = 0; i < changes->step_count; i++) {
		size_t before = lines.count;

		plan_shell_step(changes, &changes->steps[i], &lines, arena);
		if (lines.count <= max)
			continue;
		lines.count = before;
		*ret_left = changes->step_count - i;
		break;
	}
	return lines;
}
