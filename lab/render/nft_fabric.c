/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names begin with a letter and '_', since several words of nft cannot be names. Rules use named
 * sets and maps only: anonymous ones make loading quadratic.
 */
#include "lab/render/nft_fabric.h"

#include "lab/plan/fabric_ids.h"

static bool is_port(const struct interface *port)
{
	return port->kind != INTERFACE_CABLE;
}

/* A NIC without IP forwarding sends and receives for its own address only (R9.7). */
static bool is_checked(const struct interface *port)
{
	return port->kind == INTERFACE_NIC && !port->nic->enable_ip_forwarding.value;
}

static void print_name(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\"", port->port_name);
}

static void print_name_and_ip(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" . %s", port->port_name, ip_print(port->ip).text);
}

static void print_mark(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" : 0x%08x", port->port_name, port_mark(port));
}

/* Networks that no peering joins may use the same addresses: each set has its own zone. */
static void print_zone(const struct interface *port, FILE *out)
{
	(void)fprintf(out, "\"%s\" : %u", port->port_name, port->network->zone);
}

#define ELEMENTS_AT_ONCE 1000 /* so that no set is too long for one transaction */

/* A set or map with one element for each port that `is_member` says; said again, it has more. */
static void print_set(const struct topology *t, const char *head, const char *type,
		      bool (*is_member)(const struct interface *port),
		      void (*print_element)(const struct interface *port, FILE *out), FILE *out)
{
	size_t count = 0;

	(void)fprintf(out, "\t%s {\n\t\ttypeof %s\n", head, type);
	for (size_t i = 0; i < t->ports.count; i++) {
		if (!is_member(t->ports.items[i]))
			continue;
		if (count && count % ELEMENTS_AT_ONCE == 0)
			(void)fprintf(out, "\n\t\t}\n\t}\n\t%s {\n\t\ttypeof %s\n", head, type);
		(void)fputs(count % ELEMENTS_AT_ONCE ? ",\n\t\t\t" : "\t\telements = {\n\t\t\t",
			    out);
		print_element(t->ports.items[i], out);
		count++;
	}
	(void)fprintf(out, "%s\t}\n", count ? "\n\t\t}\n" : "");
}

/*
 * The fabric is no hop: the TTL is raised by one before the kernel takes one away. nft cannot
 * compute, so there is a chain for each value; 255 is put back behind the routing.
 */
static void print_ttl(FILE *out)
{
	(void)fprintf(out, "\tchain c_ttl_255 {\n\t\tmeta mark set meta mark or 0x%08x\n\t}\n",
		      MARK_TTL_255);
	for (int ttl = 1; ttl < 255; ttl++)
		(void)fprintf(out, "\tchain c_ttl_%d {\n\t\tip ttl set %d\n\t}\n", ttl, ttl + 1);
	(void)fprintf(out, "\tmap m_ttl {\n\t\ttypeof ip ttl : verdict\n\t\telements = {\n");
	for (int ttl = 1; ttl < 256; ttl++)
		(void)fprintf(out, "\t\t\t%d : goto c_ttl_%d,\n", ttl, ttl);
	(void)fprintf(out, "\t\t}\n\t}\n");
}

void nft_fabric_print(const struct topology *topology, FILE *out)
{
	print_set(topology, "set s_checked", "iifname", is_checked, print_name, out);
	print_set(topology, "set s_own", "iifname . ip saddr", is_checked, print_name_and_ip, out);
	print_set(topology, "map m_mark", "iifname : meta mark", is_port, print_mark, out);
	print_set(topology, "map m_zone", "iifname : ct zone", is_port, print_zone, out);
	print_ttl(out);
	(void)fprintf(out,
		      "\tchain c_prerouting {\n"
		      "\t\ttype filter hook prerouting priority -310; policy accept;\n"
		      "\t\tiifname @s_checked iifname . ip saddr != @s_own drop\n"
		      "\t\tmeta mark set iifname map @m_mark\n"
		      "\t\tct zone set iifname map @m_zone\n"
		      "\t\tip ttl vmap @m_ttl\n"
		      "\t}\n"
		      "\tchain c_forward {\n"
		      "\t\ttype filter hook forward priority 0; policy accept;\n"
		      "\t\toifname @s_checked oifname . ip daddr != @s_own drop\n"
		      "\t}\n"
		      "\tchain c_postrouting {\n"
		      "\t\ttype filter hook postrouting priority 300; policy accept;\n"
		      "\t\tmeta mark and 0x%08x != 0 ip ttl set 255\n"
		      "\t}\n",
		      MARK_TTL_255);
}
