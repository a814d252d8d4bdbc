/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* What a lab's first process makes of the namespaces it was started in: a place of the lab's own.
 */
#include "lab/base/err.h"

#include <stdbool.h>

/*
 * Mounts of its own (/run, /proc), its name as the host's, where programs of routers are found, and
 * as many descriptors as it may have. Its own children inherit all of it. Negative errno.
 */
int world_make(const char *lab, struct err *err);

/* Is root here an ordinary user of the host? */
bool world_is_rootless(void);
