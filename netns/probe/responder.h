/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/* Answers HTTP on a socket that listens in some namespace, with one line: who is there. */
#include "netns/loop/loop.h"

struct responder;

/* The socket becomes the responder's; `answer` is copied. The caller owns the responder. */
struct responder *responder_new(struct loop *loop, int fd, const char *answer) NODISCARD;
void responder_free(struct responder *responder); /* NULL is fine */
