/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The first process of a lab, PID 1 of its own namespace: when it ends, for whatever reason, the
 * kernel removes everything the lab made. `control` is the connection of the client that started
 * it, `directory` the lab's locked runtime directory. Returns the exit code.
 */
int supervisor_main(const char *lab, int control, int directory);
