/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
#include "tui/view/view.h"

/*
 * Complete the last word of a command line, as far as it is certain: the first word by commands
 * and views, others by what stands behind the command: paths of the lab file and their values,
 * steps, faults, gateways, else the machines of the lab. The choices that are left go to `choices`,
 * which is empty when there are none.
 */
void complete_line(const struct scene *scene, char *line, size_t size, char *choices,
		   size_t choices_size);
