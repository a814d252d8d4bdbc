/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets whose route is asked for: another way to what the tables say. */
#include "netns/super/drift_parts.h"

#include "lab/plan/fabric_ids.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

static uint64_t random_below(struct drift *d, uint64_t limit)
{
	d->random ^= d->random << 13;
	d->random ^= d->random >> 7;
	d->random ^= d->random << 17;
	return d->random % limit;
}

/* Addresses that no packet on a wire goes to. */
static bool is_martian(struct ip ip)
{
	return ip.bytes[0] == 0 || ip.bytes[0] == 127 || ip.bytes[0] >= 224;
}

/* Most go nowhere: two more tries for one that goes somewhere. */
static struct prefix choose_prefix(struct drift *d, const struct drift_table *table)
{
	const struct fib_route *route = &table->routes[random_below(d, table->count)].route;

	for (unsigned i = 0; i < 2 && route->type == RTN_BLACKHOLE; i++)
		route = &table->routes[random_below(d, table->count)].route;
	return route->prefix;
}

/* From some port to some address behind one of its table's routes. */
static bool choose_packet(struct drift *d, struct fib_packet *packet)
{
	const struct interface *port =
		d->topology->ports.items[random_below(d, d->topology->ports.count)];
	const struct drift_table *table = drift_set_find(&d->set, fabric_table_id(port->table));
	struct prefix prefix;

	if (!table || !table->count)
		return false;
	prefix = choose_prefix(d, table);
	*packet = (struct fib_packet){ .iif = port->port_ifindex,
				       .mark = port_mark(port),
				       .from = port->ip,
				       .to = ip_add(prefix.addr,
						    random_below(d, 1ull << (32 - prefix.len))) };
	return !is_martian(packet->to);
}

static void drop_witness(struct drift *d, struct witness *witness)
{
	drift_ended(d, witness->text);
	*witness = d->witnesses[--d->witness_count];
	d->changed(d->arg);
}

/* Those that differed are asked again, as long as there is such a port. */
void drift_choose_samples(struct drift *d)
{
	d->sample = d->sample_count = 0;
	if (!d->topology || !d->topology->ports.count)
		return;
	for (size_t i = d->witness_count; i-- > 0;) {
		const struct interface *port = drift_find_port(d, d->witnesses[i].packet.iif);

		if (port && port_mark(port) == d->witnesses[i].packet.mark)
			d->samples[d->sample_count++] = d->witnesses[i].packet;
		else
			drop_witness(d, &d->witnesses[i]);
	}
	for (size_t i = 0; i < SAMPLES && d->sample_count < SAMPLES; i++)
		d->sample_count += choose_packet(d, &d->samples[d->sample_count]);
}

static const struct fib_route *look_up(const struct drift *d, uint32_t table_id, struct ip to)
{
	struct drift_table *table = drift_set_find(&d->set, table_id);

	return table ? drift_table_lookup(table, to) : NULL;
}

/* Where the tables as they are wanted send it: the subnet's, and behind it the delivery table. */
static const struct fib_route *expect_route(const struct drift *d, const struct interface *port,
					    struct ip to)
{
	const struct fib_route *route = look_up(d, fabric_table_id(port->table), to);

	if (!route || route->type == RTN_THROW)
		route = look_up(d, delivery_table_id(port->network), to);
	return route;
}

/* "10.0.0.0/8 of table of hub/s: via ..."; of an error what it means. */
static void answer_print(const struct drift *d, const struct fib_route *route, int error,
			 char *text, size_t size)
{
	char table[100], what[120];

	if (!route) {
		(void)snprintf(text, size, "%s",
			       error == -EINVAL        ? "blackhole"
			       : error == -ENETUNREACH ? "unreachable"
			       : error == -EACCES      ? "prohibit"
						       : strerror(-error));
		return;
	}
	drift_table_print(d, route->table, table, sizeof(table));
	fib_route_print(route, drift_port_name, d, what, sizeof(what));
	(void)snprintf(text, size, "%s of the %s, %s", prefix_print(route->prefix).text, table,
		       what);
}

static struct witness *find_witness(struct drift *d, const struct fib_packet *packet)
{
	for (size_t i = 0; i < d->witness_count; i++)
		if (d->witnesses[i].packet.iif == packet->iif &&
		    ip_equal(d->witnesses[i].packet.to, packet->to))
			return &d->witnesses[i];
	return NULL;
}

/* "" when the kernel's answer, a route or an error, is the one of the tables. */
static void witness_print(const struct drift *d, const struct fib_packet *packet,
			  const struct fib_route *has, int error, char *text, size_t size)
{
	const struct interface *port = drift_find_port(d, packet->iif);
	const struct fib_route *wanted = port ? expect_route(d, port, packet->to) : NULL;
	char wants[300], says[300];

	*text = '\0';
	if (wanted && wanted->type != RTN_UNICAST)
		wanted = NULL; /* it goes nowhere */
	if (!port || (wanted ? has && fib_route_equal(wanted, has) : !has && error == -EINVAL))
		return;
	answer_print(d, wanted, -EINVAL, wants, sizeof(wants));
	answer_print(d, has, error, says, sizeof(says));
	(void)snprintf(text, size, "packet of %s to %s: wanted %s, the kernel takes %s",
		       port->node->name, ip_print(packet->to).text, wants, says);
}

/* What the kernel says of the sample. */
void drift_hear_witness(struct drift *d, const struct fib_route *has, int error)
{
	const struct fib_packet *packet = &d->samples[d->sample];
	struct witness *witness = find_witness(d, packet);
	char text[TEXT_SIZE];

	witness_print(d, packet, has, error, text, sizeof(text));
	if (witness && strcmp(witness->text, text) != 0) {
		drop_witness(d, witness);
		witness = NULL;
	}
	if (!*text || witness || d->witness_count == WITNESSES)
		return;
	d->witnesses[d->witness_count].packet = *packet;
	memcpy(d->witnesses[d->witness_count++].text, text, sizeof(text));
	drift_began(d, text);
	d->changed(d->arg);
}
