/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * The disks of a guest that boots an image of the user's: what it writes, on top of the image, and
 * the seed that cloud-init reads. The first is a file without a name, on a disk of the host's, so
 * that it takes no memory and is gone with the lab, however that ends; the second is small, and in
 * the lab's own /run.
 */
#include "netns/guest/domain.h"

#include <stdint.h>

/* Whose they are, and the lab's mounts: those of the caller end with its process and QEMU's. */
struct guest_disks {
	unsigned user;
	int mounts; /* /proc/PID/ns/mnt of a process that stays */
};

/*
 * Below `directory`, which is the guest's, on top of guest->image. What is there already for this
 * image stays. Takes as long as two small programs.
 */
int guest_disk_make(const struct guest_disks *disks, const struct guest_domain *guest,
		    const char *directory, struct guest_disk *ret_disk, struct err *err);
/* What it wrote is lost. */
void guest_disk_remove(const struct guest_disks *disks, const char *directory);

/* Where what guests write is kept: $TMPDIR, else /var/tmp. */
const char *guest_disk_place(void);
/* Has it room for so many of them to begin with? -ENOSPC. */
int guest_disk_check_room(unsigned count, struct err *err);
/* Programs and firmware; what is missing, and the package that has it, is in `err`. */
int guest_disk_check_tools(bool is_uefi, struct err *err);
