/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Scope-bound release of descriptors, heap memory and streams; see CLEANUP in macros.h. */
#include "lab/base/macros.h"

/* For CLEANUP(): each takes a pointer to the variable and is a no-op on -1 or NULL. */
void fd_cleanup(int *fd);
void free_cleanup(void *pointer_to_pointer);
void file_cleanup(void *pointer_to_file);

/* Give up ownership: the variable becomes -1, the caller of the take owns the descriptor. */
int fd_take(int *fd);

/* Close now and set to -1; keeps errno. */
void fd_close(int *fd);
