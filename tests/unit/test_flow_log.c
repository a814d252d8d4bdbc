/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flows in text: the lines of hublab flows, and the shapes of Azure's logs. */
#include "tests/support/test.h"

#include "lab/render/flow_lines.h"
#include "lab/render/flow_log.h"
#include "tests/support/golden.h"

#include <stdlib.h>
#include <string.h>

#define NOON 1542110400.25 /* 2018-11-13 12:00:00 */

static struct snapshot_layer
	allowed_by_subnet = { "Inbound", "subnet", "NSG1", "web", 100, "Allow" },
	in_layers[] = { { "Inbound", "subnet", "NSG1", "web", 100, "Allow" },
			{ "Inbound", "nic", "NSG2", "DenyAllInBound", 65500, "Deny" } },
	out_layers[] = { { "Outbound", "nic", "NSG2", "AllowVnetOutBound", 65000, "Allow" },
			 { "Outbound", "subnet", "NSG1", "AllowVnetOutBound", 65000, "Allow" } },
	admin_layers[] = { { "Inbound", "admin", "collection", "no-rdp", 10, "Deny" } },
	platform_layers[] = { { "Outbound", "platform", "", "anti-spoof", 0, "Deny" } };

static struct snapshot_flow_part parts[] = { { NOON + 300, 1021, 588096, 8005, 4610880 } };

/* One of each kind: what goes on, what ended, what was denied and by whom, and what is not TCP. */
static struct snapshot_flow flows_items[] = {
	{ .number = 1,
	  .time = NOON,
	  .last_at = NOON,
	  .ended_at = NOON + 400,
	  .virtual_network = "hub",
	  .nic = "vm1-nic",
	  .vm = "vm1",
	  .mac = "000D3A000001",
	  .direction = "Outbound",
	  .access = "Allow",
	  .protocol = "Tcp",
	  .protocol_number = 6,
	  .source = "10.0.0.4",
	  .source_port = 50000,
	  .destination = "10.0.1.4",
	  .destination_port = 443,
	  .layers = { out_layers, 2 },
	  .rule = "DefaultRule_AllowVnetOutBound",
	  .count = 1,
	  .packets = 9125,
	  .bytes = 5256000,
	  .packets_sent = 1073,
	  .bytes_sent = 618048,
	  .packets_received = 8052,
	  .bytes_received = 4637952,
	  .continued = { parts, 1 } },
	{ .number = 2,
	  .time = NOON + 1,
	  .last_at = NOON + 7,
	  .virtual_network = "spoke",
	  .nic = "vm2-nic",
	  .vm = "vm2",
	  .mac = "000D3A000002",
	  .direction = "Inbound",
	  .access = "Deny",
	  .protocol = "Udp",
	  .protocol_number = 17,
	  .source = "10.0.0.4",
	  .source_port = 5353,
	  .destination = "10.0.1.4",
	  .destination_port = 53,
	  .layers = { in_layers, 2 },
	  .rule = "DefaultRule_DenyAllInBound",
	  .count = 3,
	  .packets = 3,
	  .bytes = 180,
	  .packets_sent = 3,
	  .bytes_sent = 180 },
	{ .number = 3,
	  .time = NOON + 2,
	  .last_at = NOON + 2,
	  .virtual_network = "spoke",
	  .nic = "vm2-nic",
	  .vm = "vm2",
	  .mac = "000D3A000002",
	  .direction = "Inbound",
	  .access = "Allow",
	  .protocol = "Icmp",
	  .protocol_number = 58,
	  .source = "fd00::4",
	  .destination = "fd00:1::4",
	  .layers = { &allowed_by_subnet, 1 },
	  .rule = "UserRule_web",
	  .count = 1,
	  .packets = 2,
	  .bytes = 208,
	  .packets_sent = 1,
	  .bytes_sent = 104,
	  .packets_received = 1,
	  .bytes_received = 104 },
	{ .number = 4,
	  .time = NOON + 61,
	  .last_at = NOON + 62,
	  .virtual_network = "spoke",
	  .nic = "vm2-nic",
	  .vm = "vm2",
	  .mac = "000D3A000002",
	  .direction = "Inbound",
	  .access = "Deny",
	  .protocol = "Tcp",
	  .protocol_number = 6,
	  .source = "fd00::4",
	  .has_any_source_port = true,
	  .destination = "fd00:1::4",
	  .destination_port = 3389,
	  .layers = { admin_layers, 1 },
	  .rule = "no-rdp",
	  .count = 1234567,
	  .packets = 1234567,
	  .bytes = 98765432,
	  .packets_sent = 1234567,
	  .bytes_sent = 98765432 },
	{ .number = 5,
	  .time = NOON + 62,
	  .last_at = NOON + 62,
	  .virtual_network = "hub",
	  .nic = "vm1-nic",
	  .vm = "vm1",
	  .mac = "000D3A000001",
	  .direction = "Outbound",
	  .access = "Deny",
	  .protocol = "Tcp",
	  .protocol_number = 6,
	  .source = "192.0.2.1",
	  .source_port = 1,
	  .destination = "10.0.1.4",
	  .destination_port = 2,
	  .layers = { platform_layers, 1 },
	  .rule = "anti-spoof",
	  .count = 1,
	  .packets = 1,
	  .bytes = 40,
	  .packets_sent = 1,
	  .bytes_sent = 40 },
};
static const struct snapshot_flows flows = {
	.limit = 10000, .evicted = 7, .lost = 12, .flows = { flows_items, ARRAY_SIZE(flows_items) }
};

static void assert_log(enum flow_log_format format, const char *golden)
{
	json_t *json = flow_log_json(&flows, format, "contoso");
	char *text = json_dumps(json, JSON_INDENT(2));
	struct memory_file file;

	(void)fprintf(memory_open(&file), "%s\n", text);
	free(text);
	text = memory_close(&file);
	assert_golden(golden, text);
	free(text);
	json_decref(json);
}

static void nsgs_log_what_they_decide(void **state) /* NW-17, NW-18, NW-20, NW-21 */
{
	(void)state;
	assert_log(FLOW_LOG_NSG, "flows/nsg.json");
}

static void virtual_networks_log_admin_rules_too(void **state) /* NW-22, NW-23 */
{
	(void)state;
	assert_log(FLOW_LOG_VNET, "flows/vnet.json");
}

static void parts_and_the_end_are_the_whole(void **state) /* NW-19 */
{
	json_t *json = flow_log_json(&flows, FLOW_LOG_NSG, "contoso");
	char *text = json_dumps(json, 0);

	(void)state;
	assert_non_null(strstr(text, ",T,O,A,B,,,,"));
	assert_non_null(strstr(text, ",T,O,A,C,1021,588096,8005,4610880"));
	assert_non_null(strstr(text, ",T,O,A,E,52,29952,47,27072"));
	free(text);
	json_decref(json);
}

static void nothing_is_an_empty_log(void **state)
{
	json_t *json = flow_log_json(&(struct snapshot_flows){ 0 }, FLOW_LOG_VNET, "contoso");

	(void)state;
	assert_int_equal(json_array_size(json_object_get(json, "records")), 0);
	json_decref(json);
}

static void assert_lines(unsigned columns, const char *golden)
{
	struct memory_file file;
	FILE *out = memory_open(&file);
	char *text;

	flow_lines_head(columns, out);
	for (size_t i = 0; i < flows.flows.count; i++)
		flow_lines_print(&flows.flows.items[i], "12:00:00", columns, out);
	flow_lines_note(&flows, out);
	text = memory_close(&file);
	for (const char *line = text; columns == 80 && *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= columns);
	assert_golden(golden, text);
	free(text);
}

static void lines_fit_a_terminal(void **state)
{
	(void)state;
	assert_lines(80, "flows/narrow.txt");
	assert_lines(FLOW_LINE_WIDE, "flows/wide.txt");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nsgs_log_what_they_decide),
		cmocka_unit_test(virtual_networks_log_admin_rules_too),
		cmocka_unit_test(parts_and_the_end_are_the_whole),
		cmocka_unit_test(nothing_is_an_empty_log),
		cmocka_unit_test(lines_fit_a_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
