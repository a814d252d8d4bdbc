/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What drift says: names of tables, both answers, when they began and ended. */
#include "netns/super/drift_parts.h"

#include "lab/plan/fabric_ids.h"

#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#define LOOPBACK_IFINDEX 1

const struct interface *drift_find_port(const struct drift *d, uint32_t ifindex)
{
	for (size_t i = 0; d->topology && i < d->topology->ports.count; i++)
		if (d->topology->ports.items[i]->port_ifindex == ifindex)
			return d->topology->ports.items[i];
	return NULL;
}

const char *drift_port_name(const void *arg, uint32_t ifindex)
{
	const struct interface *port = drift_find_port(arg, ifindex);

	if (port)
		return port->port_name;
	return ifindex == LOOPBACK_IFINDEX ? "lo" : ifindex == STAND_IN_IFINDEX ? STAND_IN : NULL;
}

static const struct fabric_table *find_fabric_table(const struct drift *d, uint32_t id)
{
	for (size_t i = 0; d->topology && i < d->topology->tables.count; i++)
		if (fabric_table_id(d->topology->tables.items[i]) == id)
			return d->topology->tables.items[i];
	return NULL;
}

static void print_table(const struct drift *d, uint32_t id, char *text, size_t size)
{
	const struct fabric_table *table = find_fabric_table(d, id);

	(void)snprintf(text, size, "table %u", id);
	if (id == DRIFT_RULES)
		(void)snprintf(text, size, "rules of the fabric");
	else if (id == RT_TABLE_LOCAL || id == RT_TABLE_MAIN || id == RT_TABLE_DEFAULT)
		(void)snprintf(text, size, "%s table of the fabric",
			       id == RT_TABLE_LOCAL  ? "local"
			       : id == RT_TABLE_MAIN ? "main"
						     : "default");
	else if (table && table->msee)
		(void)snprintf(text, size, "table of %s in %s", table->msee->node->name,
			       table->subnet->vnet->object.name);
	else if (table)
		(void)snprintf(text, size, "table of %s/%s", table->subnet->vnet->object.name,
			       table->subnet->object.name);
	for (size_t i = 0; d->topology && i < d->topology->networks.count; i++)
		if (delivery_table_id(&d->topology->networks.items[i]) == id)
			(void)snprintf(text, size, "delivery of %s",
				       d->topology->networks.items[i].vnet->object.name);
}

void drift_table_print(const struct drift *d, uint32_t id, char *text, size_t size)
{
	size_t len;

	print_table(d, drift_number(id), text, size);
	len = strlen(text);
	if (drift_family(id) == IP_V6)
		(void)snprintf(text + len, size - len, " (IPv6)");
}

void drift_item_print(const struct drift *d, uint32_t table, const struct drift_item *item,
		      char *text, size_t size)
{
	char name[200], what[PREFIX_TEXT];

	drift_table_print(d, table, name, sizeof(name));
	if (drift_is_rules(table))
		(void)snprintf(what, sizeof(what), "%u", item->rule.priority);
	else
		(void)snprintf(what, sizeof(what), "%s", prefix_print(item->prefix).text);
	(void)snprintf(text, size, "%s, %s: wanted %s, the kernel has %s", name, what,
		       *item->wanted ? item->wanted : "nothing",
		       *item->has ? item->has : "nothing");
}

void drift_began(struct drift *d, const char *text)
{
	journal_add(d->journal, "drift", "%s; 'hublab mend' puts it right", text);
}

void drift_ended(struct drift *d, const char *text)
{
	journal_add(d->journal, "drift", "no more: %s", text);
}

size_t drift_tell(const struct drift *d, size_t max, void (*tell)(void *arg, const char *text),
		  void *arg)
{
	const struct drift_table *table;
	char text[TEXT_SIZE];
	size_t count = 0;

	if (*d->blind && count++ < max)
		tell(arg, d->blind);
	for (table = d->set.tables; table; table = table->hh.next) {
		for (size_t i = 0; i < table->standing.count && count + i < max; i++) {
			drift_item_print(d, table->id, &table->standing.items[i], text,
					 sizeof(text));
			tell(arg, text);
		}
		count += table->standing.count;
	}
	if (*d->nft && count++ < max)
		tell(arg, d->nft);
	for (size_t i = 0; i < d->witness_count; i++)
		if (count++ < max)
			tell(arg, d->witnesses[i].text);
	return count;
}
