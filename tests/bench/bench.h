/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* How long something takes, and the middle of several times. */
#include <stdlib.h>
#include <time.h>

static inline double clock_ms(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static inline int compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* They are sorted by it. */
static inline double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_times);
	return values[count / 2];
}
