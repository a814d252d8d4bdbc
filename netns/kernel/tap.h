/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "lab/base/err.h"

#include <stdint.h>

/* What stands before each frame: checksum and segmentation offload, handed on unchanged. */
#define TAP_HEADER_BYTES 12

/*
 * A TAP device in the namespace the caller is in, down and without carrier, gone when its last
 * descriptor is closed. Frames carry a virtio header, so that checksums and segmentation stay
 * offloaded across it. The descriptor does not block; it is the caller's.
 */
int tap_open(const char *name, uint32_t ifindex, int *ret_fd, struct err *err);
/*
 * A TAP device for another process to attach to, in the namespace the caller is in: down, without a
 * carrier while nobody has it, and there until it is deleted.
 */
int tap_make(const char *name, uint32_t ifindex, struct err *err);
int tap_set_carrier(int fd, int has_carrier, struct err *err);
/* May one frame stand for many packets? Where packets are counted or lost, it must not. */
int tap_set_segmentation(int fd, int is_offloaded, struct err *err);

/* A socket that tells every change of an interface in the namespace the caller is in. */
int link_monitor_open(int *ret_fd, struct err *err);
