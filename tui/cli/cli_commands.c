/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tui/cli/cli_commands.h"

/* In the order in which help lists them within a group. */
const struct command *const commands[] = {
	&command_up,         &command_plan,   &command_check,    &command_down,    &command_new,
	&command_generate,   &command_set,    &command_whatif,   &command_changes, &command_undo,
	&command_save,       &command_step,   &command_mend,     &command_fault,   &command_test,
	&command_ls,         &command_show,   &command_routes,   &command_nexthop, &command_why,
	&command_nsg,        &command_bgp,    &command_sa,       &command_flows,   &command_events,
	&command_screen,     &command_probes, &command_ping,     &command_curl,    &command_exec,
	&command_console,    &command_shell,  &command_doctor,   &command_help,    &command_version,
	&command_completion, &command_schema, &command_complete, &command_man,     NULL,
};
