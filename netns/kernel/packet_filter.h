/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Which packets of a link are wanted, in the language of pcap-filter(7), as the kernel takes it. */
#include "lab/base/err.h"

#include <linux/filter.h>
#include <stdint.h>

/*
 * `text` may be "", which takes all; `link` is one of pcapng.h. Of each packet that it takes, the
 * first `snaplen` bytes. The program's instructions are the caller's to free. -EINVAL says what is
 * wrong with the text; -EOPNOTSUPP that there is no libpcap.
 */
int packet_filter_compile(const char *text, unsigned link, uint32_t snaplen,
			  struct sock_fprog *ret_program, struct err *err);
