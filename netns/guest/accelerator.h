/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Hardware that runs guests, or QEMU's own translator (TCG): what works is found by booting. */
#include "netns/guest/image.h"

#include <stdbool.h>

/* As whom guests run here, and by what. */
struct guest_host {
	unsigned uid, gid;
	bool has_kvm;
};

/*
 * Guests are nobody's; where a user has no range of ids, they are that user's. KVM is there when an
 * image boots by it (NULL: it is not tried): a /dev/kvm that opens says little, nested machines may
 * have one on which no ordinary kernel gets far. Takes up to three seconds then. `directory` is one
 * of ours.
 */
struct guest_host guest_host_find(const char *directory, const struct guest_image *image);
