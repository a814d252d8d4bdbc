/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once
/*
 * Guests by libvirt: a connection, and what is asked of it. By default that is libvirt's own driver
 * for QEMU inside this process, so that there is no daemon and nothing outside the lab. Only
 * domains that have our metadata are touched.
 */
#include "netns/guest/accelerator.h"
#include "netns/guest/domain.h"

struct guest_driver;

/* How the guest ended, or why it does not go on; called on a thread of its own. */
typedef void guest_ended_fn(void *arg, const char *domain, const char *why);

/*
 * `directory`, which is there, is what the embedded driver keeps its files below; with `uri` (NULL
 * is that driver) it and `host` are not used. Changes what this process, and only it, sees as
 * /etc/passwd and /dev/kvm: be in a process of one's own. The caller owns the driver.
 */
struct guest_driver *guest_driver_new(const char *uri, const char *directory,
				      const struct guest_host *host, guest_ended_fn *ended,
				      void *arg, struct err *err) NODISCARD;

/*
 * Run it, or leave it as it is when it runs. The ports are opened in their namespaces. -EEXIST:
 * there is a domain of that name that is not ours.
 */
int guest_driver_start(struct guest_driver *driver, const struct guest_domain *guest,
		       const struct guest_machine *machine, struct err *err);
/* At once, as by pulling its plug; nothing when it does not run. */
int guest_driver_stop(struct guest_driver *driver, const struct guest_domain *guest,
		      struct err *err);
int guest_driver_reset(struct guest_driver *driver, const struct guest_domain *guest,
		       struct err *err);
/*
 * All of it, memory and devices, into a file (one that is there is lost); then it runs no more.
 * -EOPNOTSUPP, and it runs on, where the connection cannot.
 */
int guest_driver_save(struct guest_driver *driver, const struct guest_domain *guest,
		      const char *path, struct err *err);
/* It goes on from there, whatever it does now. The file stays. Ports as for a start. */
int guest_driver_restore(struct guest_driver *driver, const struct guest_domain *guest,
			 const char *path, struct err *err);
/* Its ports have a carrier, or not, as the guest says. */
int guest_driver_set_links(struct guest_driver *driver, const struct guest_domain *guest,
			   struct err *err);
bool guest_driver_is_running(struct guest_driver *driver, const struct guest_domain *guest);
