/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Labs at random: the same number makes the same lab, a different one a different lab. */
#include <stdint.h>
#include <stdio.h>

/* A number below `below`; `seed` becomes that of the next one. */
unsigned random_below(uint64_t *seed, unsigned below);

/* A lab file. Azure would take every one of them, which does not mean that packets arrive. */
void random_lab_print(uint64_t seed, FILE *out);
