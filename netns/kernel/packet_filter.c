/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/packet_filter.h"

#include "lab/render/pcapng.h"

#include <assert.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "of one shape");

/*
 * What no packet can be is an error that libpcap finds when it simplifies programs. On a link
 * without Ethernet that is so of ARP, say, which is none of the user's mistakes.
 */
static bool compile(pcap_t *pcap, int type, const char *text, struct bpf_program *program)
{
	return !pcap_compile(pcap, program, text, 1, PCAP_NETMASK_UNKNOWN) ||
	       (type == DLT_RAW && !pcap_compile(pcap, program, text, 0, PCAP_NETMASK_UNKNOWN));
}

int packet_filter_compile(const char *text, unsigned link, uint32_t snaplen,
			  struct sock_fprog *ret_program, struct err *err)
{
	int type = link == PCAPNG_LINK_RAW ? DLT_RAW : DLT_EN10MB;
	pcap_t *nothing = pcap_open_dead(type, (int)snaplen);
	struct bpf_program program = { 0 };
	struct sock_filter *code;

	if (!nothing)
		abort();
	if (!compile(nothing, type, text, &program)) {
		err_set(err, -EINVAL, "'%.100s': %s", text, pcap_geterr(nothing));
		pcap_close(nothing);
		return -EINVAL;
	}
	pcap_close(nothing);
	code = calloc(program.bf_len, sizeof(*code));
	if (!code)
		abort();
	memcpy(code, program.bf_insns, program.bf_len * sizeof(*code));
	ret_program->len = (unsigned short)program.bf_len;
	ret_program->filter = code;
	pcap_freecode(&program);
	return 0;
}
