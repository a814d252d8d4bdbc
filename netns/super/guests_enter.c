/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Can something be run in a guest now? Why not, and what else there is to do. */
#include "netns/super/guests_parts.h"

#include <errno.h>

struct agent *guests_client_enter(const struct guests_client *c, const char *name, struct err *err)
{
	const struct guest *guest = guests_find(c, name);

	if (!guest) {
		err_set(err, -ENOENT, "'%s' is no guest of this lab", name);
		return NULL;
	}
	if (*guest->domain.image)
		err_set(err, -EOPNOTSUPP,
			"%s boots an image of yours, which has no agent of hublab's: 'hublab "
			"console %s' is the way in",
			name, name);
	else if (guest->is_stopped)
		err_set(err, -ENOTCONN, "%s is stopped: hublab start %s", name, name);
	else if (guest->is_wrong)
		err_set(err, -ENOTCONN, "%s does not run (%s): hublab start %s", name, guest->state,
			name);
	else if (!guest->is_up)
		err_set(err, -EAGAIN, "%s is not up yet (%s): 'hublab console %s' shows its boot",
			name, guest->state, name);
	else if (!agent_is_there(guest->agent))
		err_set(err, -ENOTCONN, "%s: its agent %s; 'hublab console %s' is the way in", name,
			agent_why_not(guest->agent), name);
	return err->code ? NULL : guest->agent;
}
