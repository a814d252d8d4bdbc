/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/render/strongswan_conf.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/*
 * How a peer that does not answer is found out. Fast: it is asked after a second of silence, and
 * 0.45 s later it is dead. Azure's: 45 s in all.
 */
struct pace {
	const char *dpd_delay, *retransmit_timeout, *retransmit_base;
	unsigned retransmit_tries;
};

static const struct pace paces[] = {
	[TIMERS_FAST] = { "1s", "0.15", "1.0", 2 },
	[TIMERS_AZURE] = { "20s", "4.0", "1.8", 2 },
};

/* Of a guest every instruction may be emulated, and it waits for the host as all programs do. */
static const struct pace guest_pace = { "3s", "1.0", "1.0", 3 };

bool tunnel_has_guest(const struct tunnel_end *end)
{
	return node_is_guest(end->node) || (end->peer && node_is_guest(end->peer->node));
}

static const struct pace *pace_of(const struct tunnel_end *end, enum timers timers)
{
	return timers == TIMERS_FAST && tunnel_has_guest(end) ? &guest_pace : &paces[timers];
}

void strongswan_conf_print(const struct tunnel_end *end, const char *wan, enum timers timers,
			   FILE *out)
{
	const struct pace *pace = pace_of(end, timers);

	(void)fprintf(out, "# %s %s", end->node->name, ip_print(end->local).text);
	(void)fprintf(out, " to %s\n", ip_print(end->remote).text);
	(void)fprintf(out,
		      "include " STRONGSWAN_BACKEND_CONF "\n"
		      "charon {\n"
		      "  install_routes = no\n"
		      "  install_virtual_ip = no\n"
		      "  interfaces_use = %s\n"
		      "  retransmit_timeout = %s\n"
		      "  retransmit_base = %s\n"
		      "  retransmit_tries = %u\n"
		      "  filelog {\n"
		      "    stderr {\n"
		      "      default = 1\n"
		      "      enc = 0\n"
		      "      net = 0\n"
		      "      flush_line = yes\n"
		      "    }\n"
		      "  }\n"
		      "}\n",
		      wan, pace->retransmit_timeout, pace->retransmit_base, pace->retransmit_tries);
}

/* openssl comes first: plugins that do the same in plain C are a tenth as fast. */
#define PLUGINS "openssl random nonce kdf pem x509 pubkey"

const char *strongswan_backend_conf(bool is_xfrm)
{
	if (is_xfrm)
		return "charon {\n"
		       "  load = " PLUGINS " kernel-netlink socket-default vici\n"
		       "}\n";
	/*
	 * The mark is one that no packet has: by it stand a rule and a route that would send what
	 * was encrypted to where it came from.
	 */
	return "charon {\n"
	       "  load = " PLUGINS " kernel-libipsec kernel-netlink socket-default vici\n"
	       "  plugins {\n"
	       "    kernel-libipsec {\n"
	       "      load = yes\n"
	       "      allow_peer_ts = yes\n"
	       "    }\n"
	       "    kernel-netlink {\n"
	       "      fwmark = 0x7fffff00\n"
	       "    }\n"
	       "  }\n"
	       "}\n";
}

/* ---- proposals ---- */

struct word {
	const char *azure, *strongswan;
};

static const struct word encryptions[] = {
	{ "None", "null" },
	{ "DES", "des" },
	{ "DES3", "3des" },
	{ "AES128", "aes128" },
	{ "AES192", "aes192" },
	{ "AES256", "aes256" },
	{ "GCMAES128", "aes128gcm16" },
	{ "GCMAES192", "aes192gcm16" },
	{ "GCMAES256", "aes256gcm16" },
	{ NULL, "aes256" },
};

/* With GCM nothing else protects; IKE then still needs a function for its keys. */
static const struct word integrities[] = {
	{ "MD5", "md5" },       { "SHA1", "sha1" },    { "SHA256", "sha256" },
	{ "SHA384", "sha384" }, { "GCMAES128", NULL }, { "GCMAES192", NULL },
	{ "GCMAES256", NULL },  { NULL, "sha256" },
};

static const struct word groups[] = {
	{ "None", NULL },
	{ "DHGroup1", "modp768" },
	{ "DHGroup2", "modp1024" },
	{ "DHGroup14", "modp2048" },
	{ "DHGroup2048", "modp2048" },
	{ "DHGroup24", "modp2048s256" },
	{ "ECP256", "ecp256" },
	{ "ECP384", "ecp384" },
	{ "PFS1", "modp768" },
	{ "PFS2", "modp1024" },
	{ "PFS14", "modp2048" },
	{ "PFS2048", "modp2048" },
	{ "PFS24", "modp2048s256" },
	{ "PFSMM", NULL },
	{ NULL, NULL },
};

/* Of a value that is absent, what stands in the last row. */
static const char *word_of(const struct word *words, const struct text *azure)
{
	const char *value = azure->value;

	while (words->azure && (!value || strcasecmp(words->azure, value) != 0))
		words++;
	return words->strongswan;
}

static void add_word(char text[STRONGSWAN_PROPOSAL_SIZE], const char *word)
{
	size_t len = strlen(text);

	if (word)
		(void)snprintf(text + len, STRONGSWAN_PROPOSAL_SIZE - len, "%s%s", len ? "-" : "",
			       word);
}

static bool is_gcm(const char *encryption)
{
	return strstr(encryption, "gcm") != NULL;
}

void strongswan_ike_proposal(const struct ipsec_policy *policy, char text[STRONGSWAN_PROPOSAL_SIZE])
{
	static const struct ipsec_policy azure;
	const struct ipsec_policy *p = policy ? policy : &azure;
	const char *encryption = word_of(encryptions, &p->ike_encryption);
	const char *integrity = word_of(integrities, &p->ike_integrity);

	*text = '\0';
	add_word(text, encryption);
	if (is_gcm(encryption)) {
		add_word(text,
			 integrity && !strcmp(integrity, "sha384") ? "prfsha384" : "prfsha256");
	} else {
		add_word(text, integrity ? integrity : "sha256");
	}
	if (p->dh_group.value) {
		add_word(text, word_of(groups, &p->dh_group));
		return;
	}
	add_word(text, "modp1024");
	add_word(text, "modp2048");
}

void strongswan_esp_proposal(const struct ipsec_policy *policy, char text[STRONGSWAN_PROPOSAL_SIZE])
{
	static const struct ipsec_policy azure;
	const struct ipsec_policy *p = policy ? policy : &azure;
	const char *encryption = word_of(encryptions, &p->ipsec_encryption);
	const char *integrity = word_of(integrities, &p->ipsec_integrity);

	*text = '\0';
	add_word(text, encryption);
	if (!is_gcm(encryption))
		add_word(text, integrity ? integrity : "sha256");
	if (p->pfs_group.value && !strcasecmp(p->pfs_group.value, "PFSMM"))
		add_word(text, word_of(groups, &p->dh_group)); /* "main mode": the same as IKE's */
	else
		add_word(text, word_of(groups, &p->pfs_group));
}

/* ---- what it is told ---- */

#define IKE_LIFE_S 28800 /* of Azure's gateways */
#define SA_LIFE_S  27000

void strongswan_put_secret(const struct tunnel_end *end, struct vici_writer *out)
{
	vici_put(out, "id", STRONGSWAN_CONNECTION);
	vici_put(out, "type", "IKE");
	vici_put(out, "data", "%s", end->shared_key);
}

static void put_identity(const char *section, struct ip ip, struct vici_writer *out)
{
	vici_begin_section(out, section);
	vici_put(out, "auth", "psk");
	vici_put(out, "id", "%s", ip_print(ip).text);
	vici_end_section(out);
}

/*
 * Only one end begins, also again: else both would, and there were two of each. The first time it
 * is told when the other one is there.
 */
static void put_actions(bool is_initiator, struct vici_writer *out)
{
	vici_put(out, "start_action", "none");
	vici_put(out, "close_action", "%s", is_initiator ? "start" : "none");
	vici_put(out, "dpd_action", "%s", is_initiator ? "start" : "clear");
}

static void put_child(const struct tunnel_end *end, bool is_xfrm, struct vici_writer *out)
{
	double life_s = end->policy && end->policy->sa_life_time_seconds.value > 0
				? end->policy->sa_life_time_seconds.value
				: SA_LIFE_S;
	char proposal[STRONGSWAN_PROPOSAL_SIZE];

	strongswan_esp_proposal(end->policy, proposal);
	vici_begin_section(out, STRONGSWAN_CHILD);
	vici_put_list(out, "local_ts", "0.0.0.0/0");
	vici_put_list(out, "remote_ts", "0.0.0.0/0");
	vici_put_list(out, "esp_proposals", proposal);
	vici_put(out, "life_time", "%.0f", life_s);
	vici_put(out, "rekey_time", "%.0f", life_s * 0.9);
	put_actions(end->is_initiator, out);
	if (is_xfrm) {
		vici_put(out, "if_id_in", "1");
		vici_put(out, "if_id_out", "1");
	}
	vici_end_section(out);
}

void strongswan_put_connection(const struct tunnel_end *end, enum timers timers, bool is_xfrm,
			       struct vici_writer *out)
{
	char proposal[STRONGSWAN_PROPOSAL_SIZE];

	strongswan_ike_proposal(end->policy, proposal);
	vici_begin_section(out, STRONGSWAN_CONNECTION);
	vici_put_list(out, "local_addrs", ip_print(end->local).text);
	vici_put_list(out, "remote_addrs", ip_print(end->remote).text);
	vici_put_list(out, "proposals", proposal);
	vici_put(out, "version", "2");
	vici_put(out, "mobike", "no");
	vici_put(out, "encap", "yes");
	vici_put(out, "unique", "replace");
	vici_put(out, "keyingtries", "0"); /* for ever */
	vici_put(out, "rekey_time", "%d", IKE_LIFE_S);
	vici_put(out, "dpd_delay", "%s", pace_of(end, timers)->dpd_delay);
	put_identity("local", end->local, out);
	put_identity("remote", end->remote, out);
	vici_begin_section(out, "children");
	put_child(end, is_xfrm, out);
	vici_end_section(out);
	vici_end_section(out);
}

void strongswan_put_initiation(struct vici_writer *out)
{
	vici_put(out, "ike", STRONGSWAN_CONNECTION);
	vici_put(out, "child", STRONGSWAN_CHILD);
	vici_put(out, "timeout", "-1");
}
