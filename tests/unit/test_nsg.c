/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules and verdicts as people and az have them (NW-01 to NW-10), and beside those of real Azure.
 */
#include "tests/support/test.h"

#include "lab/plan/wanted.h"
#include "lab/render/az_flow.h"
#include "lab/render/nsg_diff.h"
#include "lab/snapshot/fill.h"
#include "tests/support/golden.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- a lab at a step ---- */

struct state {
	char *text;
	struct as_paths *paths;
	struct wanted *wanted;
	const struct security *security;
	struct arena *arena;
};

static void init_from(struct state *s, const char *text, unsigned step)
{
	struct lab_state at = { .step = step };
	struct diags diags = { 0 };
	struct lab *lab;

	s->arena = arena_new();
	s->text = strdup(text);
	lab = lab_parse_at(s->text, strlen(s->text), "test.yaml", &at, &diags);
	if (!lab)
		diags_print(&diags, s->text, strlen(s->text), stderr);
	diags_fini(&diags);
	assert_non_null(lab);
	s->paths = as_paths_new();
	s->wanted = wanted_new(lab, NULL, s->paths);
	s->security = s->wanted->fabric->security;
}

/* `set` is a file of tests/golden/nsg. */
static void init(struct state *s, const char *set, unsigned step)
{
	char path[80], *text;

	(void)snprintf(path, sizeof(path), "tests/golden/nsg/%s.yaml", set);
	text = read_file(path, NULL);
	init_from(s, text, step);
	free(text);
}

static void fini(struct state *s)
{
	wanted_free(s->wanted);
	as_paths_free(s->paths);
	arena_free(s->arena);
	free(s->text);
}

static const struct nic *find_nic(const struct state *s, const char *name)
{
	const struct nic *nic = lab_find_nic(s->wanted->lab, name, NULL);

	assert_non_null(nic);
	return nic;
}

/* As clients have it. */
static struct snapshot_nsg rules_of(const struct state *s, const char *vm)
{
	const struct nic *nic = find_nic(s, vm);
	struct snapshot_nsg out = { 0 }, got = { 0 };
	struct err err = { 0 };
	json_t *json;

	snapshot_fill_nsg(s->security, s->wanted->lab, "test.yaml", nic,
			  topology_find_nic(s->wanted->topology, nic), &out, s->arena);
	json = record_encode(&snapshot_nsg_record, &out);
	assert_true(record_decode(&snapshot_nsg_record, json, &got, s->arena, &err));
	json_decref(json);
	return got;
}

static int ask(const struct state *s, const char *vm, const char *direction, const char *protocol,
	       const char *local, const char *remote, struct snapshot_flow_verdict *ret_verdict,
	       struct err *err)
{
	const struct nic *nic = find_nic(s, vm);
	struct snapshot_flow_verdict out = { 0 };
	struct flow_question question;
	json_t *json;

	if (flow_question_read(s->wanted->lab, nic, direction, protocol, local, remote, &question,
			       err))
		return err->code;
	snapshot_fill_flow_verdict(s->security, s->wanted->lab, "test.yaml", nic,
				   topology_find_nic(s->wanted->topology, nic), &question, &out,
				   s->arena);
	json = record_encode(&snapshot_flow_verdict_record, &out);
	assert_true(record_decode(&snapshot_flow_verdict_record, json, ret_verdict, s->arena, err));
	json_decref(json);
	return 0;
}

static char *print_json(json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER), *line;

	assert_non_null(text);
	json_decref(json);
	line = realloc(text, strlen(text) + 2);
	assert_non_null(line);
	return strcat(line, "\n");
}

static void assert_golden_json(const char *name, json_t *json)
{
	char *text = print_json(json);

	assert_golden(name, text);
	free(text);
}

static void assert_golden_lines(const char *name, const struct security_lines *lines)
{
	struct memory_file file = { 0 };
	char *text;

	security_lines_print(lines, memory_open(&file));
	text = memory_close(&file);
	assert_golden(name, text);
	free(text);
}

/* ---- effective rules ---- */

static void rules_stand_layer_by_layer(void **state) /* NSG-22, NW-06 */
{
	static const struct {
		const char *set, *vm, *name;
		unsigned step, cols;
	} cases[] = {
		{ "set_a", "VM1", "nsg/rules_VM1_A2.txt", 4, 80 },
		{ "set_b", "NIC1", "nsg/rules_NIC1.txt", 0, 80 },
		{ "set_b", "NIC1", "nsg/rules_NIC1_40.txt", 0, 40 },
		{ "set_c", "lxnva1", "nsg/rules_lxnva1.txt", 1, 80 },
		{ "set_d", "myVM", "nsg/rules_myVM_D3.txt", 3, 80 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct security_lines lines;
		struct snapshot_nsg nsg;
		struct state s;

		init(&s, cases[i].set, cases[i].step);
		nsg = rules_of(&s, cases[i].vm);
		lines = az_nsg_lines(&nsg, cases[i].cols, s.arena);
		for (size_t n = 0; n < lines.count; n++)
			assert_true(strlen(lines.items[n].text) <= cases[i].cols + 1);
		assert_golden_lines(cases[i].name, &lines);
		fini(&s);
	}
}

static void json_is_that_of_az(void **state) /* NW-06, NW-07, NSG-08 */
{
	struct snapshot_nsg nsg;
	struct state s;

	(void)state;
	init(&s, "set_e", 0);
	nsg = rules_of(&s, "myVm");
	assert_golden_json("nsg/rules_myVm.json", az_nsg_json(&nsg));
	fini(&s);
	init(&s, "set_b", 0);
	nsg = rules_of(&s, "NIC1");
	assert_golden_json("nsg/rules_NIC1.json", az_nsg_json(&nsg));
	fini(&s);
}

static void without_an_nsg_there_are_no_rules(void **state) /* NW-08 */
{
	struct snapshot_nsg nsg;
	struct state s;

	(void)state;
	init(&s, "set_a", 1);
	nsg = rules_of(&s, "VM4");
	assert_false(az_nsg_is_any(&nsg));
	assert_int_equal(nsg.filters.count, 0);
	nsg = rules_of(&s, "VM3");
	assert_true(az_nsg_is_any(&nsg));
	fini(&s);
	init(&s, "set_d", 1); /* admin rules are no NSG */
	nsg = rules_of(&s, "bastion");
	assert_false(az_nsg_is_any(&nsg));
	assert_int_equal(nsg.filters.count, 1);
	fini(&s);
}

static void rows_are_for_programs(void **state)
{
	struct memory_file file = { 0 };
	struct snapshot_nsg nsg;
	struct state s;
	char *text;

	(void)state;
	init(&s, "set_b", 0);
	nsg = rules_of(&s, "NIC1");
	az_nsg_print_tsv(&nsg, memory_open(&file));
	text = memory_close(&file);
	assert_non_null(strstr(text, "subnet\tNSG1\tInbound\t100\tAllow-HTTP-Inbound-Internet\t"
				     "Allow\tTcp\tInternet\t*\tAsgWeb\t80\n"));
	assert_non_null(strstr(text, "subnet\tNSG1\tOutbound\t65500\tDenyAllOutBound\tDeny\t*\t*\t"
				     "*\t*\t*\n"));
	free(text);
	fini(&s);
}

/* ---- verdicts ---- */

static void verdicts_are_told_layer_by_layer(void **state) /* NW-02, NW-03, NW-10, NSG-45 */
{
	static const struct {
		const char *set;
		unsigned step;
		bool is_why;
		const char *vm, *direction, *protocol, *local, *remote;
	} cases[] = {
		{ "set_a", 1, false, "VM1", "in", "tcp", "*:80", "198.51.100.7:51000" },
		{ "set_a", 3, true, "VM1", "in", "tcp", "10.0.1.4:80", "198.51.100.7" },
		{ "set_a", 1, false, "VM4", "in", "tcp", ":80", "198.51.100.7:*" },
		{ "set_a", 5, false, "VM4", "Outbound", "TCP", "*", "93.184.216.34:80" },
		{ "set_a", 6, true, "VM1", "out", "tcp", "*", "VM2:22" },
		{ "set_b", 0, true, "NIC4", "in", "udp", "*:1433", "NIC3" },
		{ "set_b", 0, false, "NIC4", "in", "icmp", "*", "10.0.1.4" },
		{ "set_c", 1, false, "branch-opnnva-Trusted-NIC", "in", "udp", "8.8.8.8:53",
		  "10.100.0.100" },
		{ "set_c", 3, true, "lxnva1", "in", "esp", "*", "203.0.113.50" },
		{ "set_d", 1, true, "myVM", "in", "tcp", "*:3389", "bastion" },
		{ "set_d", 3, false, "myVM", "in", "tcp", "*:3389", "bastion" },
		{ "set_e", 0, true, "myVm", "out", "tcp", "10.0.0.4:60000", "172.31.0.100:80" },
		{ "set_e", 0, false, "myVm", "in", "47", "*", "10.0.0.9" },
	};
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_flow_verdict verdict = { 0 };
		struct security_lines lines;
		struct err err = { 0 };
		struct state s;

		init(&s, cases[i].set, cases[i].step);
		(void)fprintf(out, "%s$ hublab nsg %s %s %s %s %s%s\n", i ? "\n" : "", cases[i].vm,
			      cases[i].direction, cases[i].protocol, cases[i].local,
			      cases[i].remote, cases[i].is_why ? " --why" : "");
		assert_int_equal(ask(&s, cases[i].vm, cases[i].direction, cases[i].protocol,
				     cases[i].local, cases[i].remote, &verdict, &err),
				 0);
		az_flow_print(&verdict, false, out);
		(void)fputc('\n', out);
		lines = az_flow_lines(&verdict, cases[i].is_why, 80, s.arena);
		security_lines_print(&lines, out);
		fini(&s);
	}
	text = memory_close(&file);
	assert_golden("nsg/verdicts.txt", text);
	free(text);
}

/* The quickstart that Microsoft published (NW-03). */
static void the_published_quickstart(void **state) /* NW-01, NW-02 */
{
	static const struct {
		const char *direction, *local, *remote, *access, *rule;
	} cases[] = {
		{ "Outbound", "10.0.0.4:60000", "13.107.21.200:80", "Allow",
		  "defaultSecurityRules/AllowInternetOutBound" },
		{ "Outbound", "10.0.0.4:60000", "172.31.0.100:80", "Deny",
		  "defaultSecurityRules/DenyAllOutBound" },
		{ "Inbound", "10.0.0.4:80", "172.31.0.100:60000", "Deny",
		  "defaultSecurityRules/DenyAllInBound" },
		{ "Inbound", "10.0.0.4:22", "203.0.113.9:*", "Allow",
		  "securityRules/default-allow-ssh" },
	};
	struct state s;

	(void)state;
	init(&s, "set_e", 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_flow_verdict verdict = { 0 };
		struct memory_file file = { 0 };
		struct err err = { 0 };
		char wanted[200], *text;
		json_t *json;

		assert_int_equal(ask(&s, "myVm", cases[i].direction, "TCP", cases[i].local,
				     cases[i].remote, &verdict, &err),
				 0);
		json = az_flow_json(&verdict);
		assert_string_equal(json_string_value(json_object_get(json, "access")),
				    cases[i].access);
		assert_string_equal(json_string_value(json_object_get(json, "ruleName")),
				    cases[i].rule);
		json_decref(json);
		az_flow_print(&verdict, true, memory_open(&file));
		text = memory_close(&file);
		(void)snprintf(wanted, sizeof(wanted), "%s\t%s\n", cases[i].access, cases[i].rule);
		assert_string_equal(text, wanted);
		free(text);
	}
	fini(&s);
}

static void diagnostics_have_the_published_shape(void **state) /* NW-09, NW-10 */
{
	struct snapshot_flow_verdict verdict = { 0 };
	struct err err = { 0 };
	struct state s;

	(void)state;
	init(&s, "set_d", 1);
	assert_int_equal(ask(&s, "myVM", "in", "tcp", "*:3389", "10.0.1.5", &verdict, &err), 0);
	assert_golden_json("nsg/diagnostic_D1.json", az_diagnostic_json(&verdict));
	assert_golden_json("nsg/verdict_D1.json", az_flow_json(&verdict));
	fini(&s);
	init(&s, "set_a", 1); /* the platform is no NSG */
	memset(&verdict, 0, sizeof(verdict));
	assert_int_equal(ask(&s, "VM4", "in", "tcp", "*:80", "198.51.100.7", &verdict, &err), 0);
	assert_string_equal(verdict.rule, "platform/standard-pip-closed");
	assert_golden_json("nsg/diagnostic_platform.json", az_diagnostic_json(&verdict));
	fini(&s);
}

static const char dual_lab[] =
	"lab: t\n"
	"virtual_networks:\n"
	"  v:\n"
	"    address_prefixes: [10.1.0.0/16, 'fd00:1::/48']\n"
	"    subnets:\n"
	"      s:\n"
	"        address_prefix: [10.1.1.0/24, 'fd00:1::/64']\n"
	"        network_security_group: n\n"
	"      old: 10.1.2.0/24\n"
	"network_security_groups:\n"
	"  n:\n"
	"    security_rules:\n"
	"      six: 200 Inbound Allow Tcp [fd00:1::/64] -> *:443\n"
	"      from-ephemeral: 300 Inbound Allow Tcp *:1024-2048 -> *:80\n"
	"      no: 4000 Inbound Deny * * -> *\n"
	"vms:\n"
	"  six: { subnet: v/s, ip_configurations: [10.1.1.4, 'fd00:1::4'] }\n"
	"  four: v/s\n"
	"  old: v/old\n"
	"  two:\n"
	"    network_interfaces: { two-a: { subnet: v/s }, two-b: { subnet: v/s } }\n";

static void questions_that_are_none_are_refused(void **state) /* NW-01 */
{
	static const struct {
		const char *vm, *direction, *protocol, *local, *remote, *words;
	} cases[] = {
		{ "four", "up", "tcp", "*:80", "10.1.1.4", "'up' is no direction: in or out" },
		{ "four", "in", "tpc", "*:80", "10.1.1.4",
		  "'tpc' is no protocol: tcp, udp, icmp, esp, ah or a number" },
		{ "four", "in", "256", "*", "10.1.1.4", "'256' is no protocol" },
		{ "four", "in", "-1", "*", "10.1.1.4", "'-1' is no protocol" },
		{ "four", "in", "", "*", "10.1.1.4", "'' is no protocol" },
		{ "four", "in", "tcp", "10.1.1.4:80", "10.1.1.9",
		  "10.1.1.4 is no address of four-nic, which has 10.1.1." },
		{ "four", "in", "tcp", "nowhere:80", "10.1.1.9", "'nowhere' is no address" },
		{ "four", "in", "tcp", "*", "10.1.1.9:1024", "the local port is missing" },
		{ "four", "in", "tcp", "*:*", "10.1.1.9:1024", "the local port is missing" },
		{ "four", "out", "udp", "*:53", "10.1.1.9", "the remote port is missing" },
		{ "four", "in", "tcp", "*:65536", "10.1.1.9", "'65536' is no port" },
		{ "four", "in", "tcp", "*:80", "10.1.1.9:x", "'x' is no port" },
		{ "four", "in", "tcp", "*: 80", "10.1.1.9", "' 80' is no port" },
		{ "four", "in", "tcp", "*:+80", "10.1.1.9", "'+80' is no port" },
		{ "four", "in", "icmp", "*:80", "10.1.1.9", "'icmp' has no ports" },
		{ "four", "in", "tcp", "*:80", "nobody", "'nobody' is no address and no virtual" },
		{ "four", "in", "tcp", "*:80", "two", "two has several NICs: name one of" },
		{ "four", "in", "tcp", "*:80", "*", "the remote address is missing" },
		{ "four", "in", "tcp", "*:80", ":1024", "the remote address is missing" },
		{ "four", "in", "tcp", "*:80", "", "the remote address is missing" },
		{ "old", "in", "tcp", "*:443", "fd00:1::4", "old-nic has no IPv6 address" },
		{ "six", "in", "tcp", "[fd00:1::4]:443", "10.1.1.9",
		  "one address is IPv4, and the other IPv6" },
		{ "six", "in", "tcp", "[fd00:1::4", "10.1.1.9",
		  "'[fd00:1::4': IPv6 is written [ADDRESS]:PORT" },
		{ "six", "in", "tcp", "[fd00:1::4]x", "10.1.1.9", "'[fd00:1::4]x': IPv6 is" },
	};
	struct state s;

	(void)state;
	init_from(&s, dual_lab, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_flow_verdict verdict = { 0 };
		struct err err = { 0 };

		if (ask(&s, cases[i].vm, cases[i].direction, cases[i].protocol, cases[i].local,
			cases[i].remote, &verdict, &err) != -EINVAL)
			fail_msg("case %zu: %s", i, err.text);
		if (strncmp(err.text, cases[i].words, strlen(cases[i].words)) != 0)
			fail_msg("case %zu: '%s', not '%s'", i, err.text, cases[i].words);
	}
	fini(&s);
}

static void questions_of_both_families(void **state)
{
	static const struct {
		const char *direction, *protocol, *local, *remote;
		const char *source, *source_port, *destination, *destination_port, *rule;
	} cases[] = {
		{ "in", "tcp", "*:443", "fd00:1::5", "fd00:1::5", "*", "fd00:1::4", "443",
		  "securityRules/six" },
		{ "in", "TCP", "[fd00:1::4]:443", "[fd00:1::5]:1", "fd00:1::5", "1", "fd00:1::4",
		  "443", "securityRules/six" },
		{ "inbound", "tcp", "10.1.1.4:443", "four:1025", "10.1.1.5", "1025", "10.1.1.4",
		  "443", "securityRules/no" },
		{ "in", "tcp", ":80", "10.1.1.5:1025", "10.1.1.5", "1025", "10.1.1.4", "80",
		  "securityRules/from-ephemeral" },
		{ "out", "icmp", "*", "fd00:1::5", "fd00:1::4", NULL, "fd00:1::5", NULL,
		  "defaultSecurityRules/AllowVnetOutBound" },
		{ "out", "6", "*", "10.1.1.5:80", "10.1.1.4", "*", "10.1.1.5", "80",
		  "defaultSecurityRules/AllowVnetOutBound" },
	};
	struct state s;

	(void)state;
	init_from(&s, dual_lab, 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot_flow_verdict verdict = { 0 };
		struct err err = { 0 };

		if (ask(&s, "six", cases[i].direction, cases[i].protocol, cases[i].local,
			cases[i].remote, &verdict, &err))
			fail_msg("case %zu: %s", i, err.text);
		assert_string_equal(verdict.source, cases[i].source);
		assert_string_equal(verdict.destination, cases[i].destination);
		assert_int_equal(!verdict.source_port, !cases[i].source_port);
		if (verdict.source_port) {
			assert_string_equal(verdict.source_port, cases[i].source_port);
			assert_string_equal(verdict.destination_port, cases[i].destination_port);
		}
		assert_string_equal(verdict.rule, cases[i].rule);
	}
	fini(&s);
}

static const char *first_note(const struct snapshot_flow_verdict *verdict)
{
	return verdict->notes.count ? verdict->notes.items[0] : "";
}

/* A port was taken where any was asked about: where that may matter it is said. */
static void a_rule_for_some_source_ports_is_noted(void **state)
{
	struct snapshot_flow_verdict verdict = { 0 };
	struct err err = { 0 };
	struct state s;

	(void)state;
	init_from(&s, dual_lab, 0);
	assert_int_equal(ask(&s, "six", "in", "tcp", "*:80", "10.1.1.5", &verdict, &err), 0);
	assert_string_equal(verdict.rule, "securityRules/no");
	assert_string_equal(first_note(&verdict),
			    "rule from-ephemeral is for some source ports only: 49152 was looked "
			    "at");
	memset(&verdict, 0, sizeof(verdict));
	assert_int_equal(ask(&s, "six", "in", "tcp", "*:81", "10.1.1.5", &verdict, &err), 0);
	assert_string_equal(first_note(&verdict), "the NIC has no NSG");
	fini(&s);
}

/* ---- beside real Azure ---- */

static char *compare(const struct state *s, const char *vm, const char *az)
{
	struct snapshot_nsg here = rules_of(s, vm);
	struct memory_file file = { 0 };
	struct az_nsg_file there = { 0 };
	struct nsg_diff diff;
	struct err err = { 0 };

	if (!az_nsg_file_read(az, strlen(az), "az.json", &there, s->arena, &err))
		fail_msg("%s", err.text);
	diff = nsg_diff_find(&here, &there, s->arena);
	nsg_diff_print(&diff, memory_open(&file));
	json_decref(nsg_diff_json(&diff));
	return memory_close(&file);
}

static char *az_of(const struct state *s, const char *vm)
{
	struct snapshot_nsg nsg = rules_of(s, vm);

	return print_json(az_nsg_json(&nsg));
}

static void rules_are_equal_to_themselves(void **state)
{
	static const struct {
		const char *set;
		unsigned step;
	} cases[] = {
		{ "set_a", 4 }, { "set_b", 0 }, { "set_c", 1 }, { "set_d", 2 }, { "set_e", 0 }
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct state s;

		init(&s, cases[i].set, cases[i].step);
		for (size_t n = 0; n < s.wanted->lab->vms.count; n++) {
			const struct vm *vm = &s.wanted->lab->vms.items[n];
			const char *nic = vm->network_interfaces.items[0].object.name;
			char *az = az_of(&s, nic), *diff = compare(&s, nic, az);

			assert_string_equal(diff, "");
			free(az);
			free(diff);
		}
		fini(&s);
	}
	{
		struct state s;
		char *az, *diff;

		init_from(&s, dual_lab, 0);
		az = az_of(&s, "six");
		diff = compare(&s, "six", az);
		assert_string_equal(diff, "");
		free(az);
		free(diff);
		fini(&s);
	}
}

static const char compare_lab[] =
	"lab: t\n"
	"virtual_networks:\n"
	"  v:\n"
	"    address_prefixes: 10.1.0.0/16\n"
	"    subnets: { s: { address_prefix: 10.1.1.0/24, network_security_group: n } }\n"
	"application_security_groups: { web: {} }\n"
	"network_security_groups:\n"
	"  n:\n"
	"    security_rules:\n"
	"      ssh: 300 Inbound Allow Tcp 203.0.113.7 -> *:22\n"
	"      web: 310 Inbound Allow Tcp Internet -> web:80,443\n"
	"      same: 320 Inbound Deny * 10.0.0.0/9,10.128.0.0/9 -> *:1000-1999,2000-2999\n"
	"      vnet: 330 Inbound Allow * VirtualNetwork -> *\n"
	"      mine: 340 Outbound Deny Udp * -> *:53\n"
	"vms:\n"
	"  m: { subnet: v/s, application_security_groups: web }\n";

#define RULE(name, priority, direction, access, protocol)                                          \
	"{ \"name\": \"" name "\", \"priority\": " priority ", \"direction\": \"" direction        \
	"\", \"access\": \"" access "\", \"protocol\": \"" protocol "\", "

static void differences_are_told_rule_by_rule(void **state) /* NSG-29 */
{
	static const char az[] =
		"{ \"value\": [ { \"association\": { \"subnet\": { \"id\": \"/x/s\" }, "
		"\"networkInterface\": null }, \"networkSecurityGroup\": { \"id\": "
		"\"/subscriptions/x/networkSecurityGroups/customer-nsg\" }, \"tagMap\": null, "
		"\"effectiveSecurityRules\": [\n"
		/* another priority, another source, another port, another case of the name */
		RULE("securityRules/SSH", "301", "Inbound", "Deny",
		     "All") "\"sourceAddressPrefix\": \"*\", \"sourcePortRange\": \"0-65535\", "
			    "\"destinationAddressPrefix\": \"0.0.0.0/0\", "
			    "\"destinationPortRange\": \"2222-2222\" },\n"
		/* an ASG, here its member */
		RULE("securityRules/web", "310", "Inbound", "Allow",
		     "Tcp") "\"sourceAddressPrefix\": \"Internet\", "
			    "\"expandedSourceAddressPrefix\": null, "
			    "\"destinationAddressPrefixes\": [\"10.1.1.4\", \"10.1.1.5/32\"], "
			    "\"destinationPortRanges\": [\"443-443\", \"80-80\"] },\n"
		/* the same in other words */
		RULE("UserRule_same", "320", "Inbound", "Deny",
		     "*") "\"sourceAddressPrefixes\": [\"10.0.0.0/8\", \"10.1.0.0/16\"], "
			  "\"destinationAddressPrefix\": \"*\", "
			  "\"destinationPortRanges\": [\"1000-2999\"] },\n"
		/* their virtual network is another */
		RULE("securityRules/vnet", "330", "Inbound", "Allow",
		     "All") "\"sourceAddressPrefix\": \"VirtualNetwork\", "
			    "\"expandedSourceAddressPrefix\": "
			    "[\"10.1.0.0/17\", \"10.9.0.0/16\", \"168.63.129.16/32\"], "
			    "\"destinationAddressPrefix\": \"0.0.0.0/0\" },\n" RULE(
				    "securityRules/theirs", "100", "Outbound", "Deny",
				    "Icmp") "\"sourceAddressPrefix\": \"*\", "
					    "\"destinationAddressPrefix\": \"Storage\" }\n"
					    "] }, { \"association\": { \"networkInterface\": { "
					    "\"id\": \"/x/nic\" } }, "
					    "\"networkSecurityGroup\": { \"id\": \"nic-nsg\" }, "
					    "\"effectiveSecurityRules\": [] }, "
					    "{ \"association\": { \"networkManager\": {} } } ] }";
	struct snapshot_nsg here;
	struct az_nsg_file there = { 0 };
	struct err err = { 0 };
	struct nsg_diff diff;
	struct state s;
	char *text;

	(void)state;
	init_from(&s, compare_lab, 0);
	text = compare(&s, "m", az);
	assert_golden("nsg/compare.txt", text);
	free(text);
	here = rules_of(&s, "m");
	assert_true(az_nsg_file_read(az, strlen(az), "az.json", &there, s.arena, &err));
	diff = nsg_diff_find(&here, &there, s.arena);
	assert_golden_json("nsg/compare.json", nsg_diff_json(&diff));
	fini(&s);
}

/* A list of what differs that nobody could read is cut. */
static void long_differences_are_cut(void **state)
{
	struct arena *arena = arena_new();
	const char *az = "";
	struct state s;
	char *text;

	(void)state;
	init_from(&s, compare_lab, 0);
	for (int i = 0; i < 3000; i++)
		az = arena_printf(arena, "%s%s\"11.%d.%d.1\"", az, i ? "," : "", i / 250, i % 250);
	az = arena_printf(arena,
			  "[ { \"association\": { \"subnet\": {} }, \"effectiveSecurityRules\": "
			  "[ %s\"sourceAddressPrefixes\": [ %s ], \"destinationAddressPrefix\": "
			  "\"*\" } ] } ]",
			  RULE("same", "320", "Inbound", "Deny", "*"), az);
	text = compare(&s, "m", az);
	assert_non_null(strstr(text, "11.0.0.1/32, 11.0.1.1/32, 11.0.2.1/32, 11.0.3.1/32, "
				     "11.0.4.1/32, 11.0.5.1/32, 11.0.6.1/32, 11.0.7.1/32 and "
				     "many more only there"));
	free(text);
	fini(&s);
	arena_free(arena);
}

static void what_is_no_file_of_az_is_refused_with_its_place(void **state)
{
#define AT       "\"association\": { \"subnet\": {} }"
#define IN(rule) "[ { " AT ", \"effectiveSecurityRules\": [ " rule " ] } ]"
#define R        RULE("a", "100", "Inbound", "Allow", "Tcp")
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "", "az.json:1:1: no JSON: " },
		{ "{\n  \"value\": [\n", "az.json:3:1: no JSON: " },
		{ "{ \"a\": 1, \"a\": 2 }", "az.json:1:13: no JSON: duplicate object key" },
		{ "\"text\"", "az.json:1:6: no JSON: '[' or '{' expected" },
		{ "{ \"rules\": [] }", "az.json: there is no list 'value'" },
		{ "{ \"value\": 1 }", "az.json: there is no list 'value'" },
		{ "[ 1 ]", "az.json: value[0].association is missing: the row is no object" },
		{ "[ {} ]", "az.json: value[0].association has neither 'networkInterface' nor" },
		{ "[ { \"association\": { \"subnet\": null } } ]",
		  "az.json: value[0].association has neither" },
		{ "[ { " AT " } ]",
		  "az.json: value[0].effectiveSecurityRules is missing, or no list" },
		{ "[ { " AT ", \"effectiveSecurityRules\": [] }, { " AT
		  ", \"effectiveSecurityRules\": [] } ]",
		  "az.json: value[1].association is that of one before" },
		{ IN("7"), "az.json: value[0].effectiveSecurityRules[0].name is missing: the rule "
			   "is no object" },
		{ IN("{}"), "az.json: value[0].effectiveSecurityRules[0].name is missing, or no" },
		{ IN("{ \"name\": \"\" }"),
		  "az.json: value[0].effectiveSecurityRules[0].name is missing, or no" },
		{ IN("{ \"name\": \"a\", \"priority\": \"100\" }"),
		  "az.json: value[0].effectiveSecurityRules[0].priority is missing, or no whole" },
		{ IN(RULE("a", "1.5", "Inbound", "Allow", "Tcp") "\"x\": 1 }"),
		  "az.json: value[0].effectiveSecurityRules[0].priority is missing, or no whole" },
		{ IN(RULE("a", "100", "Sideways", "Allow", "Tcp") "\"x\": 1 }"),
		  "az.json: value[0].effectiveSecurityRules[0].direction has 'Sideways', which is "
		  "no direction" },
		{ IN(RULE("a", "100", "Inbound", "Maybe", "Tcp") "\"x\": 1 }"),
		  "az.json: value[0].effectiveSecurityRules[0].access has 'Maybe'" },
		{ IN(RULE("a", "100", "Inbound", "Allow", "Carrier pigeon") "\"x\": 1 }"),
		  "az.json: value[0].effectiveSecurityRules[0].protocol has 'Carrier pigeon'" },
		{ IN(R "\"x\": 1 }"), "az.json: value[0].effectiveSecurityRules[0]."
				      "sourceAddressPrefix is missing, or empty" },
		{ IN(R "\"sourceAddressPrefixes\": {} }"),
		  "az.json: value[0].effectiveSecurityRules[0].sourceAddressPrefixes is no list" },
		{ IN(R "\"sourceAddressPrefixes\": [1] }"),
		  "az.json: value[0].effectiveSecurityRules[0].sourceAddressPrefixes has something "
		  "that is no string" },
		{ IN(R "\"sourceAddressPrefix\": \"*\", \"destinationAddressPrefix\": \"\" }"),
		  "az.json: value[0].effectiveSecurityRules[0].destinationAddressPrefix has ''" },
		{ IN(R "\"expandedSourceAddressPrefix\": [\"Internet\"] }"),
		  "az.json: value[0].effectiveSecurityRules[0].expandedSourceAddressPrefix has "
		  "'Internet', which is no prefix" },
		{ IN(R "\"sourceAddressPrefix\": \"*\", \"destinationAddressPrefix\": \"*\", "
		       "\"sourcePortRange\": \"9-1\" }"),
		  "az.json: value[0].effectiveSecurityRules[0].sourcePortRange has '9-1', which is "
		  "no range of ports" },
		{ IN(R "\"sourceAddressPrefix\": \"*\", \"destinationAddressPrefix\": \"*\", "
		       "\"destinationPortRanges\": [\"80-65536\"] }"),
		  "az.json: value[0].effectiveSecurityRules[0].destinationPortRanges has" },
		{ IN(R "\"sourceAddressPrefix\": \"*\", \"destinationAddressPrefix\": \"*\", "
		       "\"destinationPortRange\": \"-\" }"),
		  "az.json: value[0].effectiveSecurityRules[0].destinationPortRange has '-'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct arena *arena = arena_new();
		struct az_nsg_file there = { 0 };
		struct err err = { 0 };

		assert_false(az_nsg_file_read(cases[i].text, strlen(cases[i].text), "az.json",
					      &there, arena, &err));
		if (strncmp(err.text, cases[i].words, strlen(cases[i].words)) != 0)
			fail_msg("case %zu: '%s', not '%s'", i, err.text, cases[i].words);
		assert_int_equal(there.filters.count, 0);
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_stand_layer_by_layer),
		cmocka_unit_test(json_is_that_of_az),
		cmocka_unit_test(without_an_nsg_there_are_no_rules),
		cmocka_unit_test(rows_are_for_programs),
		cmocka_unit_test(verdicts_are_told_layer_by_layer),
		cmocka_unit_test(the_published_quickstart),
		cmocka_unit_test(diagnostics_have_the_published_shape),
		cmocka_unit_test(questions_that_are_none_are_refused),
		cmocka_unit_test(questions_of_both_families),
		cmocka_unit_test(a_rule_for_some_source_ports_is_noted),
		cmocka_unit_test(rules_are_equal_to_themselves),
		cmocka_unit_test(differences_are_told_rule_by_rule),
		cmocka_unit_test(long_differences_are_cut),
		cmocka_unit_test(what_is_no_file_of_az_is_refused_with_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
