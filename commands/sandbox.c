/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of later versions than Debian 12's headers: include/uapi/linux/landlock.h of Linux. */
#define FS_TRUNCATE (1ULL << 14)  /* version 3 */
#define FS_IOCTL_DEV (1ULL << 15) /* version 5 */
#define NET_ALL 3ULL              /* version 4: bind and connect of TCP */
#define SCOPE_ALL 3ULL            /* version 6: abstract sockets and signals of others */

#define FS_FIRST (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1) /* version 1: all up to this */

#define FILE_READ (LANDLOCK_ACCESS_FS_READ_FILE)
#define FILE_WRITE                                                                                                     \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                  \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)

/* The attributes as they grew: a kernel refuses a size that it does not know. */
struct attributes {
	unsigned long long fs, net, scope;
};

static size_t attribute_size(long version)
{
	return version < 4   ? offsetof(struct attributes, net)
	       : version < 6 ? offsetof(struct attributes, scope)
			     : sizeof(struct attributes);
}

struct sandbox sandbox_new(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct attributes a = { .fs = FS_FIRST, .net = NET_ALL, .scope = SCOPE_ALL };
	struct sandbox s = { .ruleset = -1 };

	if (version < 1)
		return s;
	if (version >= 3)
		a.fs |= FS_TRUNCATE;
	if (version >= 5)
		a.fs |= FS_IOCTL_DEV;
	s.handled = a.fs;
	s.ruleset = (int)syscall(SYS_landlock_create_ruleset, &a, attribute_size(version), 0);
	return s;
}

/* A sandbox without this rule would forbid what was asked for, and say "permission denied" where the cause is another. */
static void give_up(struct sandbox *s)
{
	close(s->ruleset);
	s->ruleset = -1;
}

/* A file that is no directory has the rights of files alone. */
static void allow(struct sandbox *s, const char *path, unsigned long long access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access & s->handled };

	if (s->ruleset < 0 || !path)
		return;
	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
		give_up(s);
	if (rule.parent_fd < 0)
		return;
	(void)syscall(SYS_landlock_add_rule, s->ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

void sandbox_read(struct sandbox *s, const char *path)
{
	struct stat st;
	bool directory = path && !stat(path, &st) && S_ISDIR(st.st_mode); /* opened, to be told what it is */

	allow(s, path, directory ? LANDLOCK_ACCESS_FS_READ_DIR : FILE_READ);
}

void sandbox_read_each(struct sandbox *s, const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sandbox_read(s, paths[i]);
}

void sandbox_read_all(struct sandbox *s, const char *directory)
{
	allow(s, directory, FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR);
}

void sandbox_write_in(struct sandbox *s, const char *directory)
{
	allow(s, directory, FILE_WRITE | LANDLOCK_ACCESS_FS_READ_DIR);
}

void sandbox_remove(struct sandbox *s, const char *directory)
{
	allow(s, directory, LANDLOCK_ACCESS_FS_REMOVE_DIR);
}

static void allow_directory_of(struct sandbox *s, const char *path)
{
	char *copy = strdup(path);

	if (copy)
		allow(s, dirname(copy), FILE_WRITE);
	free(copy);
}

void sandbox_write(struct sandbox *s, const char *path)
{
	char resolved[PATH_MAX];

	if (!path)
		return;
	allow_directory_of(s, path);
	if (realpath(path, resolved))
		allow_directory_of(s, resolved);
}

bool sandbox_enter(struct sandbox *s)
{
	bool done;

#ifdef __SANITIZE_ADDRESS__ /* its runtime looks at the process itself */
	allow(s, "/proc", FILE_READ | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE);
#endif
	done = s->ruleset >= 0 && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !syscall(SYS_landlock_restrict_self, s->ruleset, 0);
	if (s->ruleset >= 0)
		close(s->ruleset);
	s->ruleset = -1;
	return done;
}
