/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netns/guest/library.h"

#include "lab/base/macros.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *find(void *handle, const char *name, bool *is_whole)
{
	void *function = dlsym(handle, name);

	*is_whole &= function != NULL;
	return function;
}

static bool load(struct guest_library *library)
{
	void *libvirt = dlopen("libvirt.so.0", RTLD_NOW), *libxml;
	bool is_whole = true;

	if (!libvirt)
		return false;
	libxml = dlopen("libxml2.so.2", RTLD_NOW); /* libvirt needs it, so it is there */
	if (!libxml)
		return false;
#define FIND_LIBVIRT(name) *(void **)&library->name = find(libvirt, #name, &is_whole);
#define FIND_LIBXML(name)  *(void **)&library->name = find(libxml, #name, &is_whole);
	LIBVIRT_FUNCTIONS(FIND_LIBVIRT)
	LIBXML_FUNCTIONS(FIND_LIBXML)
#undef FIND_LIBVIRT
#undef FIND_LIBXML
	return is_whole;
}

const struct guest_library *guest_library(struct err *err)
{
	static struct guest_library library;
	static bool is_loaded;

	if (!is_loaded)
		is_loaded = load(&library);
	if (is_loaded)
		return &library;
	err_set(err, -EOPNOTSUPP,
		"this host has no libvirt to run guests by: apt install libvirt0");
	return NULL;
}

/* Drivers are modules in a directory beside the library. */
int guest_library_has_qemu(struct err *err)
{
	const struct guest_library *library = guest_library(err);
	char path[PATH_MAX];
	const char *slash;
	Dl_info info;

	if (!library)
		return err->code;
	if (!dladdr(*(void *const *)&library->virConnectOpen, &info) || !info.dli_fname ||
	    !(slash = strrchr(info.dli_fname, '/')))
		return err_set(err, -EOPNOTSUPP, "it is not known where libvirt's drivers are");
	(void)snprintf(path, sizeof(path), "%.*s/libvirt/connection-driver/libvirt_driver_qemu.so",
		       (int)(slash - info.dli_fname), info.dli_fname);
	if (access(path, R_OK))
		return err_set(err, -EOPNOTSUPP,
			       "this host's libvirt has no driver for QEMU: apt install "
			       "libvirt-daemon-driver-qemu");
	return 0;
}
