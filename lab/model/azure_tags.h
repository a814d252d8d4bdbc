/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* The service tags that Azure has by itself (NSG-33), but for those it computes (NSG-29 to 31). */
#include "lab/model/nsg.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The tag of that name, in whatever case: a service's, Storage, or its share in a region,
 * Storage.WestUS. NULL when Azure has none. Of `arena`, which may be asked once for each name.
 */
struct service_tag *azure_tag_new(const char *name, struct arena *arena);

bool azure_has_tag(const char *name);

/* Names of services, for "did you mean"; NULL behind the last. */
const char *azure_tag_name(size_t at);
