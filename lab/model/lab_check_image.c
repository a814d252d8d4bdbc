/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guests that boot an image of the user's, and what cloud-init makes in it. */
#include "lab/model/lab_check_parts.h"

#include <string.h>

#define MEMORY_OF_MICRO_IMAGE_MB 96
#define MEMORY_OF_IMAGE_MB       1024
#define USER_NAME_MAX            32
#define SSH_KEY_MAX              16384
#define SSH_KEYS_MAX             64

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* As useradd(8) takes it; root is there already, and Azure does not take it either. */
static bool is_user_name(const char *name)
{
	size_t len = 0;

	for (; name[len]; len++)
		if (!is_lower(name[len]) && name[len] != '_' &&
		    (!len || (!is_digit(name[len]) && name[len] != '-')))
			return false;
	return len && len <= USER_NAME_MAX && strcmp(name, "root") != 0;
}

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Its first bytes; true when all `len` characters are base64. */
static bool read_base64(const char *text, size_t len, uint8_t *bytes, size_t size)
{
	unsigned value = 0;
	size_t count = 0;

	if (len % 4)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool is_padding =
			text[i] == '=' && i + 2 >= len && (i + 1 == len || text[i + 1] == '=');

		if (base64_value(text[i]) < 0 && !is_padding)
			return false;
		value = value << 6 | (unsigned)(is_padding ? 0 : base64_value(text[i]));
		if (i % 4 != 3)
			continue;
		for (int shift = 16; shift >= 0; shift -= 8, count++)
			if (count < size)
				bytes[count] = (uint8_t)(value >> shift);
		value = 0;
	}
	return len > 0;
}

/* TYPE BASE64 [COMMENT]: in the second, which begins with its length, the type stands again. */
static bool is_ssh_public_key(const char *text)
{
	size_t type = strcspn(text, " "), len;
	uint8_t bytes[4 + 64] = { 0 };
	const char *blob;

	if (strlen(text) > SSH_KEY_MAX || !text[type] || type < 4 || type > sizeof(bytes) - 4)
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	blob = text + type + 1;
	len = strcspn(blob, " ");
	return read_base64(blob, len, bytes, sizeof(bytes)) && !bytes[0] && !bytes[1] &&
	       !bytes[2] && bytes[3] == type && !memcmp(bytes + 4, text, type);
}

/* Keys without the one that they are about. */
static void check_places(struct check *c, const struct vm *vm)
{
	const struct {
		const char *key;
		struct src_pos pos;
		bool is_of_image;
	} keys[] = {
		{ "vcpus", vm->vcpus.pos, false },
		{ "image", vm->image.pos, false },
		{ "firmware", vm->firmware.pos, true },
		{ "boot_timeout", vm->boot_timeout_ms.pos, true },
		{ "admin_username", vm->admin_username.pos, true },
		{ "ssh_public_keys",
		  vm->ssh_public_keys.count ? vm->ssh_public_keys.items[0].pos
					    : (struct src_pos){ 0 },
		  true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!keys[i].pos.line)
			continue;
		if (!vm_is_guest(vm))
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_GUEST_IMAGE, keys[i].pos,
					   "'%s' has no kernel of its own: '%s' is of guests",
					   vm->object.name, keys[i].key),
				  "'kind: libvirt' makes it a guest");
		else if (keys[i].is_of_image && !vm->image.value)
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_GUEST_IMAGE, keys[i].pos,
					   "'%s' boots hublab's own image: '%s' is for others",
					   vm->object.name, keys[i].key),
				  "'image: PATH' is the disk it boots instead");
	}
}

static void check_keys(struct check *c, const struct vm *vm)
{
	for (size_t i = 0; i < vm->ssh_public_keys.count; i++) {
		const struct text *key = &vm->ssh_public_keys.items[i];

		if (i == SSH_KEYS_MAX)
			diag_add(c->diags, DIAG_GUEST_IMAGE, key->pos,
				 "'%s' has %zu keys, the limit is %d", vm->object.name,
				 vm->ssh_public_keys.count, SSH_KEYS_MAX);
		if (!is_ssh_public_key(key->value))
			diag_hint(c->diags,
				  diag_add(c->diags, DIAG_GUEST_IMAGE, key->pos,
					   "'%s': that is no public key of SSH", vm->object.name),
				  "it is what is in the .pub file, on one line: "
				  "ssh-ed25519 AAAA... name");
	}
}

/* From the directory of the lab's file on. */
static const char *path_beside(struct arena *arena, const char *file, const char *path)
{
	const char *slash = strrchr(file, '/');

	if (*path == '/' || !slash)
		return path;
	return arena_printf(arena, "%.*s/%s", (int)(slash - file), file, path);
}

void check_image(struct check *c, struct vm *vm)
{
	check_places(c, vm);
	if (!vm->memory_mb.value)
		vm->memory_mb.value =
			vm->image.value ? MEMORY_OF_IMAGE_MB : MEMORY_OF_MICRO_IMAGE_MB;
	if (!vm_is_guest(vm) || !vm->image.value)
		return;
	vm->image_path = path_beside(c->lab->arena, c->lab->file, vm->image.value);
	if (!is_user_name(vm->admin_username.value))
		diag_add(
			c->diags, DIAG_GUEST_IMAGE, vm->admin_username.pos,
			"'%s': '%s' is no name of a user: lower-case letters, digits, '-' and '_', "
			"and not root",
			vm->object.name, vm->admin_username.value);
	check_keys(c, vm);
}
