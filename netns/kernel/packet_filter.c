/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/kernel/packet_filter.h"

#include "lab/base/macros.h"
#include "lab/render/pcapng.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter), "of one shape");

/* What of libpcap is used. */
struct library {
	__typeof__(pcap_open_dead) *open_dead;
	__typeof__(pcap_compile) *compile;
	__typeof__(pcap_geterr) *geterr;
	__typeof__(pcap_freecode) *freecode;
	__typeof__(pcap_close) *close;
};

/*
 * Loaded when the first filter is: with what it needs in turn (systemd, D-Bus, libgcrypt) it has no
 * place in a supervisor, and a lab's processes are all this one program.
 */
static bool load(struct library *library, struct err *err)
{
	static const char *const names[] = { "libpcap.so.0.8", "libpcap.so.1" };
	static void *handle;

	for (size_t i = 0; !handle && i < ARRAY_SIZE(names); i++)
		handle = dlopen(names[i], RTLD_NOW);
	if (!handle) {
		err_set(err, -EOPNOTSUPP,
			"this host has no libpcap to filter packets by: apt install libpcap0.8");
		return false;
	}
	*(void **)&library->open_dead = dlsym(handle, "pcap_open_dead");
	*(void **)&library->compile = dlsym(handle, "pcap_compile");
	*(void **)&library->geterr = dlsym(handle, "pcap_geterr");
	*(void **)&library->freecode = dlsym(handle, "pcap_freecode");
	*(void **)&library->close = dlsym(handle, "pcap_close");
	if (library->open_dead && library->compile && library->geterr && library->freecode &&
	    library->close)
		return true;
	err_set(err, -EOPNOTSUPP, "this host's libpcap has not what it should");
	return false;
}

/*
 * What no packet can be is an error that libpcap finds when it simplifies programs. On a link
 * without Ethernet that is so of ARP, say, which is none of the user's mistakes.
 */
static bool compile(const struct library *l, pcap_t *pcap, int type, const char *text,
		    struct bpf_program *program)
{
	return !l->compile(pcap, program, text, 1, PCAP_NETMASK_UNKNOWN) ||
	       (type == DLT_RAW && !l->compile(pcap, program, text, 0, PCAP_NETMASK_UNKNOWN));
}

/* The instructions are copied: those of libpcap are its own to free. */
static void take(const void *code, size_t count, struct sock_fprog *ret_program)
{
	struct sock_filter *copy = calloc(count, sizeof(*copy));

	if (!copy)
		abort();
	memcpy(copy, code, count * sizeof(*copy));
	ret_program->len = (unsigned short)count;
	ret_program->filter = copy;
}

int packet_filter_compile(const char *text, unsigned link, uint32_t snaplen,
			  struct sock_fprog *ret_program, struct err *err)
{
	const struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, snaplen);
	int type = link == PCAPNG_LINK_RAW ? DLT_RAW : DLT_EN10MB;
	struct bpf_program program = { 0 };
	struct library library = { 0 };
	pcap_t *nothing;
	int rc = 0;

	if (!*text) {
		take(&all, 1, ret_program);
		return 0;
	}
	if (!load(&library, err))
		return err->code;
	nothing = library.open_dead(type, (int)snaplen);
	if (!nothing)
		abort();
	if (compile(&library, nothing, type, text, &program))
		take(program.bf_insns, program.bf_len, ret_program);
	else
		rc = err_set(err, -EINVAL, "'%.100s': %s", text, library.geterr(nothing));
	library.freecode(&program);
	library.close(nothing);
	return rc;
}
