/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hublab, one program in several parts:
 *
 *   a command                  tui/cli: reads files, talks to a running lab's socket, prints
 *   the supervisor of a lab    netns/super: PID 1 of the lab's namespaces, started by `up`
 *   its engine                 netns/engine: makes namespaces, links, routes, rules, daemons
 *   its wire                   netns/wire: delays packets where the kernel has no netem
 *   its guests                 netns/guest: machines with kernels of their own, by libvirt
 *
 * What a lab is, and what Azure would do, is lab/: pure functions, used by all parts.
 */
#include "netns/engine/worker.h"
#include "netns/guest/guests.h"
#include "netns/super/part.h"
#include "netns/super/supervisor.h"
#include "netns/wire/wire.h"
#include "tui/cli/cli.h"

int main(int argc, char **argv)
{
	const char *lab = NULL;

	switch (part_of(argc, argv, &lab)) {
	case PART_SUPERVISOR:
		return supervisor_main(lab, PART_CONTROL_FD, PART_DIRECTORY_FD);
	case PART_ENGINE:
		return worker_main(PART_CONTROL_FD);
	case PART_WIRE:
		return wire_main(PART_CONTROL_FD);
	case PART_GUESTS:
		return guests_main(lab, PART_CONTROL_FD);
	default:
		return cli_main(argc, argv);
	}
}
