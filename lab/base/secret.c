/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/base/secret.h"

#include "lab/base/macros.h"

#include <string.h>
#include <strings.h>

static const char *const secrets[] = { "shared_key", "cak_secret_identifier" };

const char *secret_at(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strlen(secrets[i]) <= len && !strncasecmp(text, secrets[i], strlen(secrets[i])))
			return secrets[i];
	return NULL;
}

bool secret_is_key(const char *name)
{
	const char *slash = strrchr(name, '/');

	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (!strcasecmp(slash ? slash + 1 : name, secrets[i]))
			return true;
	return false;
}

bool secret_is_named(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++)
		if (strcasestr(text, secrets[i]))
			return true;
	return false;
}
