/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Labs at random, in which almost everything filters. */
#include <stdint.h>
#include <stdio.h>

/* The machine from which packets with any source come to all others; nothing filters there. */
#define NSG_LAB_INJECTOR "injector"

/* A lab file; the same number makes the same lab. */
void nsg_lab_print(uint64_t seed, FILE *out);
