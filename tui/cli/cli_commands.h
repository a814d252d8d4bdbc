/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "tui/cli/cli.h"

/* One a file cli_<command>.c; commands that are two faces of one thing share a file. */
extern const struct command command_up, command_plan, command_check, command_down;
extern const struct command command_new, command_generate;
extern const struct command command_set, command_changes, command_undo, command_save, command_step;
extern const struct command command_mend, command_test, command_fault;
extern const struct command command_ls, command_show, command_routes, command_nexthop, command_why;
extern const struct command command_edit;
extern const struct command command_whatif, command_graph;
extern const struct command command_nsg, command_bgp, command_sa, command_flows;
extern const struct command command_probes, command_mesh, command_events, command_bundle;
extern const struct command command_history, command_logs;
extern const struct command command_ping, command_curl, command_exec, command_console,
	command_shell;
extern const struct command command_start, command_stop, command_reboot, command_guest_console;
extern const struct command command_snapshot, command_restore;
extern const struct command command_capture;
extern const struct command command_doctor, command_help, command_version, command_schema;
extern const struct command command_completion, command_complete, command_man, command_screen;
