/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Compiler attributes and the few macros every layer uses. */

#define CLEANUP(fn) __attribute__((cleanup(fn)))
#define NODISCARD   __attribute__((warn_unused_result))
#define NORETURN    __attribute__((noreturn))
#define UNUSED      __attribute__((unused))

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
