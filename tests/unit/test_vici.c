/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What charon is told about a tunnel, and what it says of one. */
#include "tests/support/test.h"

#include "lab/azure/tunnels.h"
#include "lab/render/strongswan_conf.h"
#include "tests/support/golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct node gateway = { .name = "vpngw-0" }, device = { .name = "nva" };

static struct tunnel_end ends[2];

static int set_up(void **state)
{
	(void)state;
	ends[0] = (struct tunnel_end){ .name = "vpngw-0-t0",
				       .node = &gateway,
				       .local = ip4(0x0a000024),
				       .remote = ip4(0x0a640004),
				       .shared_key = "abc123",
				       .peer = &ends[1] };
	ends[1] = (struct tunnel_end){ .name = "nva-t0",
				       .node = &device,
				       .local = ip4(0x0a640004),
				       .remote = ip4(0x0a000024),
				       .shared_key = "abc123",
				       .is_initiator = true,
				       .peer = &ends[0] };
	return 0;
}

/* As swanctl would show it: sections indented. */
static char *message_text(struct vici_writer *message)
{
	struct vici_reader reader = vici_reader_of(message->bytes, message->len);
	struct memory_file file = { 0 };
	FILE *out = memory_open(&file);
	struct vici_item item;

	do {
		unsigned depth = reader.depth;

		assert_true(vici_read(&reader, &item));
		if (item.element == VICI_SECTION_END)
			depth--;
		if (item.element != VICI_MESSAGE_END && item.element != VICI_LIST_ITEM &&
		    item.element != VICI_LIST_END)
			(void)fprintf(out, "%*s", (int)depth * 2, "");
		if (item.element == VICI_SECTION_START)
			(void)fprintf(out, "%s {\n", item.name);
		else if (item.element == VICI_SECTION_END)
			(void)fprintf(out, "}\n");
		else if (item.element == VICI_KEY_VALUE)
			(void)fprintf(out, "%s = %s\n", item.name, item.value);
		else if (item.element == VICI_LIST_START)
			(void)fprintf(out, "%s = [", item.name);
		else if (item.element == VICI_LIST_ITEM)
			(void)fprintf(out, " %s", item.value);
		else if (item.element == VICI_LIST_END)
			(void)fprintf(out, " ]\n");
	} while (item.element != VICI_MESSAGE_END);
	vici_writer_fini(message);
	return memory_close(&file);
}

static void an_end_is_told_all_of_its_connection(void **state)
{
	struct vici_writer message = { 0 };
	char *text;

	(void)state;
	strongswan_put_connection(&ends[1], TIMERS_FAST, false, &message);
	text = message_text(&message);
	assert_golden("strongswan/connection.txt", text);
	free(text);
}

static void with_the_kernels_ipsec_the_device_is_named(void **state)
{
	struct vici_writer message = { 0 };
	char *text;

	(void)state;
	strongswan_put_connection(&ends[0], TIMERS_AZURE, true, &message);
	text = message_text(&message);
	assert_golden("strongswan/connection_xfrm_azure.txt", text);
	free(text);
}

static void its_file_is_the_same_for_every_backend(void **state)
{
	struct memory_file file = { 0 };
	char *text;

	(void)state;
	strongswan_conf_print(&ends[0], "wan", TIMERS_FAST, memory_open(&file));
	text = memory_close(&file);
	assert_golden("strongswan/strongswan.conf", text);
	free(text);
	assert_golden("strongswan/backend_xfrm.conf", strongswan_backend_conf(true));
	assert_golden("strongswan/backend_libipsec.conf", strongswan_backend_conf(false));
}

static void policies_become_proposals(void **state)
{
	static const struct {
		struct ipsec_policy policy;
		const char *ike, *esp;
	} cases[] = {
		{ { .ike_encryption.value = "AES256",
		    .ike_integrity.value = "SHA384",
		    .dh_group.value = "DHGroup24",
		    .ipsec_encryption.value = "GCMAES256",
		    .ipsec_integrity.value = "GCMAES256",
		    .pfs_group.value = "PFS24" },
		  "aes256-sha384-modp2048s256",
		  "aes256gcm16-modp2048s256" },
		{ { .ike_encryption.value = "GCMAES128",
		    .ike_integrity.value = "SHA384",
		    .dh_group.value = "ECP256",
		    .ipsec_encryption.value = "DES3",
		    .ipsec_integrity.value = "MD5",
		    .pfs_group.value = "None" },
		  "aes128gcm16-prfsha384-ecp256",
		  "3des-md5" },
		{ { .dh_group.value = "DHGroup14", .pfs_group.value = "PFSMM" },
		  "aes256-sha256-modp2048",
		  "aes256-sha256-modp2048" },
	};
	char text[STRONGSWAN_PROPOSAL_SIZE];

	(void)state;
	strongswan_ike_proposal(NULL, text);
	assert_string_equal(text, "aes256-sha256-modp1024-modp2048");
	strongswan_esp_proposal(NULL, text);
	assert_string_equal(text, "aes256-sha256");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		strongswan_ike_proposal(&cases[i].policy, text);
		assert_string_equal(text, cases[i].ike);
		strongswan_esp_proposal(&cases[i].policy, text);
		assert_string_equal(text, cases[i].esp);
	}
}

/* Each pair from both sides. */
static void ends_agree_when_they_have_something_in_common(void **state)
{
	static const struct {
		struct ipsec_policy ours, theirs;
		const char *missing; /* NULL: nothing */
	} cases[] = {
		{ .missing = NULL },
		{ .ours.dh_group.value = "DHGroup14" }, /* one of Azure's own */
		{ .ours.dh_group.value = "dhgroup2" },
		{ .ours.dh_group.value = "DHGroup2048", .theirs.dh_group.value = "DHGroup14" },
		{ .ours.dh_group.value = "DHGroup2",
		  .theirs.dh_group.value = "DHGroup14",
		  .missing = "dh_group" },
		{ .ours.dh_group.value = "ECP256", .missing = "dh_group" },
		{ .ours.pfs_group.value = "PFS2048" }, /* of later keys */
		{ .ours.ike_encryption.value = "AES128", .missing = "ike_encryption" },
		{ .ours.ike_integrity.value = "SHA384", .missing = "ike_integrity" },
		{ .ours.ipsec_encryption.value = "AES128", .missing = "ipsec_encryption" },
		{ .ours.ipsec_integrity.value = "SHA1", .missing = "ipsec_integrity" },
		{ .ours.ipsec_encryption.value = "GCMAES256",
		  .ours.ipsec_integrity.value = "GCMAES256",
		  .theirs.ipsec_encryption.value = "GCMAES256" },
	};
	char words[240], wanted[240];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (unsigned turned = 0; turned < 2; turned++) {
			ends[turned].policy = &cases[i].ours;
			ends[!turned].policy = &cases[i].theirs;
			assert_int_equal(tunnel_agrees(&ends[0], words, sizeof(words)),
					 !cases[i].missing);
			(void)snprintf(wanted, sizeof(wanted),
				       "vpngw-0 and nva have no %s in common",
				       cases[i].missing ? cases[i].missing : "");
			if (cases[i].missing)
				assert_string_equal(words, wanted);
		}
}

static void ends_agree_when_they_have_one_key(void **state)
{
	char words[240];

	(void)state;
	ends[0].policy = ends[1].policy = NULL;
	assert_true(tunnel_agrees(&ends[0], words, sizeof(words)));
	ends[0].shared_key = "abc124";
	assert_false(tunnel_agrees(&ends[0], words, sizeof(words)));
	assert_false(tunnel_agrees(&ends[1], words, sizeof(words)));
	assert_string_equal(words, "nva and vpngw-0 have different shared keys");
	ends[0].shared_key = ends[1].shared_key = "";
	assert_false(tunnel_agrees(&ends[0], words, sizeof(words)));
	assert_string_equal(words, "vpngw-0 has no shared_key for it");
	ends[0].peer = NULL;
	assert_false(tunnel_agrees(&ends[0], words, sizeof(words)));
	assert_string_equal(words, "nobody in the lab answers at 10.100.0.4");
}

static void put_child(struct vici_writer *message, const char *id, const char *state)
{
	vici_begin_section(message, id);
	vici_put(message, "uniqueid", "%s", id);
	vici_put(message, "state", "%s", state);
	vici_put(message, "spi-in", "c0ffee01");
	vici_put(message, "spi-out", "c0ffee02");
	vici_put(message, "encr-alg", "AES_CBC");
	vici_put(message, "encr-keysize", "256");
	vici_put(message, "integ-alg", "HMAC_SHA2_256_128");
	vici_put(message, "bytes-in", "168");
	vici_put(message, "packets-in", "2");
	vici_put(message, "bytes-out", "18446744073709551615");
	vici_put(message, "packets-out", "x");
	vici_put_list(message, "local-ts", "0.0.0.0/0");
	vici_end_section(message);
}

static struct vici_writer sa_message(unsigned children)
{
	struct vici_writer message = { 0 };

	vici_begin_section(&message, "tunnel");
	vici_put(&message, "uniqueid", "4");
	vici_put(&message, "state", "ESTABLISHED");
	vici_put(&message, "initiator", "yes");
	vici_put(&message, "encr-alg", "AES_CBC");
	vici_put(&message, "encr-keysize", "256");
	vici_put(&message, "integ-alg", "HMAC_SHA2_256_128");
	vici_put(&message, "prf-alg", "PRF_HMAC_SHA2_256");
	vici_put(&message, "dh-group", "MODP_1024");
	vici_put(&message, "established", "7");
	vici_begin_section(&message, "child-sas");
	for (unsigned i = 0; i < children; i++) {
		char id[12];

		(void)snprintf(id, sizeof(id), "%u", i + 1);
		put_child(&message, id, i ? "REKEYED" : "INSTALLED");
	}
	vici_end_section(&message);
	vici_end_section(&message);
	return message;
}

static void an_sa_is_read(void **state)
{
	struct vici_writer message = sa_message(2);
	struct vici_sa sa;

	(void)state;
	assert_true(vici_sa_read(message.bytes, message.len, &sa));
	assert_string_equal(sa.name, "tunnel");
	assert_string_equal(sa.state, "ESTABLISHED");
	assert_string_equal(sa.proposal,
			    "AES_CBC-256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_1024");
	assert_true(sa.is_initiator);
	assert_int_equal(sa.established_s, 7);
	assert_int_equal(sa.child_count, 2);
	assert_int_equal(sa.children[0].unique_id, 1);
	assert_string_equal(sa.children[0].proposal, "AES_CBC-256/HMAC_SHA2_256_128");
	assert_string_equal(sa.children[0].spi_in, "c0ffee01");
	assert_int_equal(sa.children[0].bytes_in, 168);
	assert_true(sa.children[0].bytes_out == UINT64_MAX);
	assert_int_equal(sa.children[0].packets_out, 0);
	assert_string_equal(sa.children[1].state, "REKEYED");
	vici_writer_fini(&message);
	message = sa_message(VICI_CHILDREN_MAX + 3);
	assert_true(vici_sa_read(message.bytes, message.len, &sa));
	assert_int_equal(sa.child_count, VICI_CHILDREN_MAX);
	vici_writer_fini(&message);
}

static void what_is_cut_off_is_no_message(void **state)
{
	struct vici_writer message = sa_message(1);
	char value[VICI_VALUE_SIZE];
	struct vici_sa sa;

	(void)state;
	for (size_t len = 0; len < message.len; len++)
		assert_false(vici_sa_read(message.bytes, len, &sa));
	for (size_t len = 1; len < message.len; len++)
		assert_false(vici_find(message.bytes, len, "state", value));
	assert_true(vici_find(message.bytes, message.len, "state", value));
	assert_string_equal(value, ""); /* it is none outside of sections */
	vici_writer_fini(&message);
}

static void what_is_unbalanced_or_deep_is_no_message(void **state)
{
	static const uint8_t ends_only[] = { 2 }, list_in_list[] = { 4, 1, 'a', 4, 1, 'b', 6, 6 },
			     item_alone[] = { 5, 0, 1, 'a' }, unknown[] = { 9 };
	struct vici_writer deep = { 0 };
	char value[VICI_VALUE_SIZE];

	(void)state;
	assert_false(vici_find(ends_only, sizeof(ends_only), "a", value));
	assert_false(vici_find(list_in_list, sizeof(list_in_list), "a", value));
	assert_false(vici_find(item_alone, sizeof(item_alone), "a", value));
	assert_false(vici_find(unknown, sizeof(unknown), "a", value));
	for (int i = 0; i < VICI_DEPTH_MAX + 1; i++)
		vici_begin_section(&deep, "s");
	for (int i = 0; i < VICI_DEPTH_MAX + 1; i++)
		vici_end_section(&deep);
	assert_false(vici_find(deep.bytes, deep.len, "a", value));
	vici_writer_fini(&deep);
}

static void long_and_odd_values_are_cut_and_ended(void **state)
{
	struct vici_writer message = { 0 };
	char value[VICI_VALUE_SIZE], text[1000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	vici_put(&message, "errmsg", "%s", text);
	assert_true(vici_find(message.bytes, message.len, "errmsg", value));
	assert_int_equal(strlen(value), VICI_VALUE_SIZE - 1);
	message.bytes[message.len - 999] = '\0'; /* the first byte of the value */
	assert_true(vici_find(message.bytes, message.len, "errmsg", value));
	assert_int_equal(value[0], ' ');
	vici_writer_fini(&message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_end_is_told_all_of_its_connection, set_up),
		cmocka_unit_test_setup(with_the_kernels_ipsec_the_device_is_named, set_up),
		cmocka_unit_test_setup(its_file_is_the_same_for_every_backend, set_up),
		cmocka_unit_test(policies_become_proposals),
		cmocka_unit_test_setup(ends_agree_when_they_have_something_in_common, set_up),
		cmocka_unit_test_setup(ends_agree_when_they_have_one_key, set_up),
		cmocka_unit_test(an_sa_is_read),
		cmocka_unit_test(what_is_cut_off_is_no_message),
		cmocka_unit_test(what_is_unbalanced_or_deep_is_no_message),
		cmocka_unit_test(long_and_odd_values_are_cut_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
