/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Network namespaces by name, as ip-netns keeps them: mounted at /run/netns/NAME. */
#include "lab/base/err.h"

#define NETNS_DIR "/run/netns"

/* Make one and enter it; its loopback is down. The descriptor is the caller's. */
int ns_create(const char *name, int *ret_fd, struct err *err);
int ns_open(const char *name, int *ret_fd, struct err *err);
int ns_enter(int fd, struct err *err);
/* Forget the name; the kernel removes the namespace when nothing is in it any more. */
int ns_remove(const char *name, struct err *err);
