/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames that a guest sends to who answers DHCP: no answer, or one to it alone, with its address.
 */
#include "lab/render/dhcp.h"
#include "tests/fuzz/fuzz.h"

#define AT_TYPE   12
#define AT_YIADDR 58
#define TYPE_IP4  0x08

static bool is_for(const struct dhcp_answer *answer, const uint8_t mac[MAC_SIZE])
{
	static const uint8_t all[MAC_SIZE] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	static const uint8_t all_nodes[MAC_SIZE] = { 0x33, 0x33, 0, 0, 0, 1 };

	return !memcmp(answer->frame, mac, MAC_SIZE) || !memcmp(answer->frame, all, MAC_SIZE) ||
	       !memcmp(answer->frame, all_nodes, MAC_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct dhcp_lease lease = {
		.mac = { 0, 0x0d, 0x3a, 0, 0, 1 },
		.ip4 = { { { 10, 0, 0, 9 }, IP_V4 }, 24 },
		.router4 = { { 10, 0, 0, 1 }, IP_V4 },
		.ip6 = { { 0xfd, [15] = 9 }, IP_V6 },
		.has_router6 = true,
	};
	static struct dhcp_answer answer;

	dhcp_answer(&lease, data, size, &answer);
	assert(!answer.size == (answer.told == DHCP_NOTHING) && answer.size <= DHCP_FRAME_MAX);
	if (!answer.size)
		return 0;
	assert(!memcmp(data + MAC_SIZE, lease.mac, MAC_SIZE) && is_for(&answer, lease.mac));
	assert(answer.frame[AT_TYPE] == data[AT_TYPE]);
	if (answer.frame[AT_TYPE] == TYPE_IP4) {
		static const uint8_t none[4];

		assert(!memcmp(answer.frame + AT_YIADDR, none, 4) ||
		       !memcmp(answer.frame + AT_YIADDR, lease.ip4.addr.bytes, 4));
	}
	return 0;
}
