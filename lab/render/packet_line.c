/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/packet_line.h"

#include "lab/azure/logged_packet.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define PROTOCOL_ARP 0x0806
#define TEXT_SIZE    64

struct words {
	char source[TEXT_SIZE], destination[TEXT_SIZE]; /* "" of what is no IP */
	char what[TEXT_SIZE];                           /* "tcp [S]", "icmp echo request id 7" */
	unsigned ttl;
};

/* ---- what it is ---- */

static const char *icmp_name(const struct logged_packet *p)
{
	static const struct {
		uint8_t v4, v6;
		const char *name;
	} names[] = {
		{ 8, 128, "echo request" }, { 0, 129, "echo reply" },
		{ 3, 1, "unreachable" },    { 11, 3, "time exceeded" },
		{ 5, 137, "redirect" },     { 12, 4, "parameter problem" },
	};
	bool is_v4 = p->tuple.protocol == PROTOCOL_NUMBER_ICMP;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (p->type == (is_v4 ? names[i].v4 : names[i].v6))
			return names[i].name;
	return NULL;
}

static void print_icmp(const struct logged_packet *p, struct words *w)
{
	const char *name = icmp_name(p);

	if (!name)
		(void)snprintf(w->what, TEXT_SIZE, "icmp type %u", p->type);
	else if (!strncmp(name, "echo", 4))
		(void)snprintf(w->what, TEXT_SIZE, "icmp %s id %u", name, p->id);
	else
		(void)snprintf(w->what, TEXT_SIZE, "icmp %s", name);
}

static void print_tcp(const struct logged_packet *p, struct words *w)
{
	static const char letters[] = "FSRP.UEC"; /* as tcpdump has them */
	char flags[sizeof(letters)] = "";

	for (size_t i = 0; i < strlen(letters); i++)
		if (p->tcp_flags & 1u << i)
			strncat(flags, &letters[i], 1);
	(void)snprintf(w->what, TEXT_SIZE, "tcp [%s]", *flags ? flags : "none");
}

static void print_what(const struct logged_packet *p, struct words *w)
{
	const char *name = protocol_name(p->tuple.protocol);

	if (!name)
		(void)snprintf(w->what, TEXT_SIZE, "protocol %u", p->tuple.protocol);
	else if (p->is_later_fragment)
		(void)snprintf(w->what, TEXT_SIZE, "%s fragment", name);
	else if (p->tuple.protocol == PROTOCOL_NUMBER_TCP)
		print_tcp(p, w);
	else if (!strcmp(name, "Icmp"))
		print_icmp(p, w);
	else
		(void)snprintf(w->what, TEXT_SIZE, "%s", name);
	*w->what = (char)tolower(*w->what);
}

static void print_end(char text[TEXT_SIZE], struct ip ip, uint16_t port)
{
	if (!port)
		(void)snprintf(text, TEXT_SIZE, "%s", ip_print(ip).text);
	else
		(void)snprintf(text, TEXT_SIZE, ip.family == IP_V6 ? "[%s]:%u" : "%s:%u",
			       ip_print(ip).text, port);
}

static struct words words_of(const struct captured_packet *packet)
{
	struct logged_packet p;
	struct words w = { 0 };

	if (packet->header <= packet->captured &&
	    logged_packet_parse(packet->bytes + packet->header, packet->captured - packet->header,
				&p)) {
		print_end(w.source, p.tuple.source, p.tuple.source_port);
		print_end(w.destination, p.tuple.destination, p.tuple.destination_port);
		print_what(&p, &w);
		w.ttl = p.ttl;
	} else if (packet->protocol == PROTOCOL_ARP) {
		(void)snprintf(w.what, TEXT_SIZE, "arp");
	} else {
		(void)snprintf(w.what, TEXT_SIZE, "ethertype 0x%04x", packet->protocol);
	}
	return w;
}

/* ---- in which form ---- */

void packet_line_print(const struct captured_packet *packet, const char *stamp, FILE *out)
{
	struct words w = words_of(packet);

	(void)fprintf(out, "%s.%06" PRIu64 " %s %-3s ", stamp, packet->time_ns / 1000 % 1000000,
		      packet->place, packet->is_out ? "out" : "in");
	if (*w.source)
		(void)fprintf(out, "%s > %s %s ttl %u", w.source, w.destination, w.what, w.ttl);
	else
		(void)fprintf(out, "%s", w.what);
	(void)fprintf(out, " length %u\n", packet->length);
}

static double unix_time(const struct captured_packet *packet)
{
	const uint64_t time_us = packet->time_ns / 1000;

	return (double)time_us / 1e6;
}

void packet_line_print_tsv(const struct captured_packet *packet, FILE *out)
{
	struct words w = words_of(packet);

	(void)fprintf(out, "%.6f\t%s\t%s\t%s\t%s\t%s\t%u\t%u\n", unix_time(packet), packet->place,
		      packet->is_out ? "out" : "in", w.source, w.destination, w.what, w.ttl,
		      packet->length);
}

json_t *packet_line_json(const struct captured_packet *packet)
{
	struct words w = words_of(packet);
	json_t *json = json_pack("{s:f, s:s, s:b, s:s, s:I}", "time", unix_time(packet), "place",
				 packet->place, "is_out", packet->is_out, "words", w.what, "length",
				 (json_int_t)packet->length);

	if (!*w.source)
		return json;
	(void)json_object_set_new(json, "source", json_string(w.source));
	(void)json_object_set_new(json, "destination", json_string(w.destination));
	(void)json_object_set_new(json, "ttl", json_integer(w.ttl));
	return json;
}
