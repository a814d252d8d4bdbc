/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/mac_sec.h"

#include "lab/base/macros.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/if_macsec.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdio.h>
#include <string.h>

#define KEY_BYTES_MAX 32
#define PORT_NUMBER   1 /* of a port that has one channel (9.9 of the standard) */

static const uint64_t suites[] = {
	[MAC_SEC_GCM_AES_128] = MACSEC_CIPHER_ID_GCM_AES_128,
	[MAC_SEC_GCM_AES_256] = MACSEC_CIPHER_ID_GCM_AES_256,
	[MAC_SEC_GCM_AES_XPN_128] = MACSEC_CIPHER_ID_GCM_AES_XPN_128,
	[MAC_SEC_GCM_AES_XPN_256] = MACSEC_CIPHER_ID_GCM_AES_XPN_256,
};

static bool is_xpn(enum mac_sec_cipher cipher)
{
	return cipher == MAC_SEC_GCM_AES_XPN_128 || cipher == MAC_SEC_GCM_AES_XPN_256;
}

/* A channel's name: the sender's address and port, as they stand in frames. */
static uint64_t channel(const uint8_t mac[MAC_SIZE])
{
	uint16_t port = htons(PORT_NUMBER);
	uint64_t sci;

	memcpy(&sci, mac, MAC_SIZE);
	memcpy((char *)&sci + MAC_SIZE, &port, sizeof(port));
	return sci;
}

void mac_sec_put_link(struct rtnl_batch *batch, const struct mac_sec *mac_sec,
		      const struct link_end *end, uint32_t lower)
{
	struct ifinfomsg head = { .ifi_index = (int)end->ifindex,
				  .ifi_flags = IFF_UP,
				  .ifi_change = IFF_UP };
	struct nl_msg *msg = rtnl_batch_begin(batch, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &head,
					      sizeof(head));
	struct nlattr *info, *data;

	nla_put_string(msg, IFLA_IFNAME, end->name);
	nla_put(msg, IFLA_ADDRESS, MAC_SIZE, end->mac);
	nla_put_u32(msg, IFLA_LINK, lower);
	info = nla_nest_start(msg, IFLA_LINKINFO);
	nla_put_string(msg, IFLA_INFO_KIND, "macsec");
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	nla_put_u16(msg, IFLA_MACSEC_PORT, htons(PORT_NUMBER)); /* its channel: with its address */
	nla_put_u64(msg, IFLA_MACSEC_CIPHER_SUITE, suites[mac_sec->cipher]);
	nla_put_u8(msg, IFLA_MACSEC_PROTECT, 1);
	nla_put_u8(msg, IFLA_MACSEC_ENCRYPT, 1);
	nla_put_u8(msg, IFLA_MACSEC_INC_SCI, mac_sec->sends_sci);
	nla_put_u8(msg, IFLA_MACSEC_VALIDATION, MACSEC_VALIDATE_STRICT); /* nothing in clear */
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
}

/* ---- channels ---- */

struct channels {
	const struct mac_sec *mac_sec;
	struct nl_sock *sock;
	int family;
	uint32_t ifindex;
	uint8_t key[KEY_BYTES_MAX], id[MACSEC_KEYID_LEN];
	unsigned key_size;
};

static unsigned read_digits(const char *text, uint8_t *bytes, unsigned max)
{
	unsigned size = 0, byte;

	for (; size < max && sscanf(text + 2 * size, "%2x", &byte) == 1 && text[2 * size] != ' ';
	     size++)
		bytes[size] = (uint8_t)byte;
	return size;
}

/* `place`: whose packets it is for. Of extended packet numbers both have names of their own. */
static void put_association(struct nl_msg *msg, const struct channels *c, unsigned place)
{
	struct nlattr *sa = nla_nest_start(msg, MACSEC_ATTR_SA_CONFIG);

	nla_put_u8(msg, MACSEC_SA_ATTR_AN, 0);
	nla_put_u8(msg, MACSEC_SA_ATTR_ACTIVE, 1);
	if (is_xpn(c->mac_sec->cipher)) {
		nla_put_u64(msg, MACSEC_SA_ATTR_PN, 1);
		nla_put_u32(msg, MACSEC_SA_ATTR_SSCI, htonl(place + 1));
		nla_put(msg, MACSEC_SA_ATTR_SALT, MACSEC_SALT_LEN, c->id);
	} else {
		nla_put_u32(msg, MACSEC_SA_ATTR_PN, 1);
	}
	nla_put(msg, MACSEC_SA_ATTR_KEY, (int)c->key_size, c->key);
	nla_put(msg, MACSEC_SA_ATTR_KEYID, MACSEC_KEYID_LEN, c->id);
	nla_nest_end(msg, sa);
}

static void put_receive_channel(struct nl_msg *msg, const struct channels *c, bool is_new)
{
	struct nlattr *sc = nla_nest_start(msg, MACSEC_ATTR_RXSC_CONFIG);

	nla_put_u64(msg, MACSEC_RXSC_ATTR_SCI, channel(c->mac_sec->peer_mac));
	if (is_new)
		nla_put_u8(msg, MACSEC_RXSC_ATTR_ACTIVE, 1);
	nla_nest_end(msg, sc);
}

static int send_one(const struct channels *c, uint8_t command, struct err *err)
{
	struct nl_msg *msg = nlmsg_alloc();
	int rc;

	if (!msg)
		abort();
	(void)genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, c->family, 0, 0, command,
			  MACSEC_GENL_VERSION);
	nla_put_u32(msg, MACSEC_ATTR_IFINDEX, c->ifindex);
	if (command != MACSEC_CMD_ADD_TXSA)
		put_receive_channel(msg, c, command == MACSEC_CMD_ADD_RXSC);
	if (command == MACSEC_CMD_ADD_TXSA)
		put_association(msg, c, c->mac_sec->place);
	else if (command == MACSEC_CMD_ADD_RXSA)
		put_association(msg, c, !c->mac_sec->place);
	rc = nl_send_sync(c->sock, msg); /* which frees it */
	if (rc < 0)
		return err_set(err, -EIO, "MACsec: %s", nl_geterror(rc));
	return 0;
}

static int open_socket(struct channels *c, struct err *err)
{
	int rc;

	c->sock = nl_socket_alloc();
	if (!c->sock)
		abort();
	rc = genl_connect(c->sock);
	if (!rc) {
		c->family = genl_ctrl_resolve(c->sock, MACSEC_GENL_NAME);
		rc = c->family < 0 ? c->family : 0;
	}
	return rc ? err_set(err, -EIO, "MACsec: %s", nl_geterror(rc)) : 0;
}

int mac_sec_add_channels(const struct mac_sec *mac_sec, uint32_t ifindex, struct err *err)
{
	static const uint8_t commands[] = { MACSEC_CMD_ADD_TXSA, MACSEC_CMD_ADD_RXSC,
					    MACSEC_CMD_ADD_RXSA };
	struct channels c = { .mac_sec = mac_sec, .ifindex = ifindex };
	const char *id = strchr(mac_sec->keys, ' ');
	int rc;

	c.key_size = read_digits(mac_sec->keys, c.key, sizeof(c.key));
	if (id)
		(void)read_digits(id + 1, c.id, sizeof(c.id));
	rc = open_socket(&c, err);
	for (size_t i = 0; i < ARRAY_SIZE(commands) && !rc; i++)
		rc = send_one(&c, commands[i], err);
	nl_socket_free(c.sock);
	explicit_bzero(c.key, sizeof(c.key));
	return rc;
}
