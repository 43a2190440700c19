// SPDX-License-Identifier: GPL-2.0-or-later
#include "file/file_identity.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/index.h"

enum { SAMPLES = 16, SAMPLE_SIZE = 4096 };

/* Later than linux/magic.h of some systems. */
#define XFS_MAGIC 0x58465342L

/* Times of a file are of whole seconds at the coarsest, and of a clock that ticks. */
#define SETTLED_SECONDS 2

static bool take_samples(int fd, struct file_identity *id)
{
	uint8_t bytes[SAMPLE_SIZE];
	uint64_t last = id->size > SAMPLE_SIZE ? id->size - SAMPLE_SIZE : 0;

	for (unsigned i = 0; i < SAMPLES; i++) {
		ssize_t n = pread(fd, bytes, sizeof(bytes),
				  (off_t)(last / (SAMPLES - 1) * i + (i + 1 == SAMPLES ? last % (SAMPLES - 1) : 0)));

		if (n < 0)
			return false;
		id->sample = hash_mix(id->sample, hash_bytes(bytes, (size_t)n));
	}
	return true;
}

static struct file_identity of_stat(const struct stat *st)
{
	return (struct file_identity){
		.device = st->st_dev,
		.inode = st->st_ino,
		.size = (uint64_t)st->st_size,
		.modified = st->st_mtim.tv_sec,
		.modified_ns = st->st_mtim.tv_nsec,
		.changed = st->st_ctim.tv_sec,
		.changed_ns = st->st_ctim.tv_nsec,
	};
}

bool identity_take(int fd, struct file_identity *id)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return false;
	*id = of_stat(&st);
	return take_samples(fd, id);
}

bool identity_same(const struct file_identity *x, const struct file_identity *y)
{
	return !memcmp(x, y, sizeof(*x));
}

bool identity_is_of(const struct file_identity *id, const struct stat *st)
{
	struct file_identity now = of_stat(st);

	now.sample = id->sample;
	return identity_same(id, &now);
}

/* Local ones, on which every write moves the time of change, which nobody can set. */
static bool keeps_times(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return false;
	switch ((unsigned long)fs.f_type) {
	case EXT4_SUPER_MAGIC: /* and ext2, ext3 */
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
	case XFS_MAGIC:
		return true;
	}
	return false;
}

/* The kernel gives no lease for reading while the file is open for writing, or mapped so. */
static bool has_no_writer(int fd)
{
	/* Who opens it now for writing is not to end us: by default SIGURG is ignored. */
	if (fcntl(fd, F_SETSIG, SIGURG) || fcntl(fd, F_SETLEASE, F_RDLCK))
		return false;
	return !fcntl(fd, F_SETLEASE, F_UNLCK);
}

bool identity_settled(int fd, const struct file_identity *id)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME_COARSE, &now) || now.tv_sec - id->changed < SETTLED_SECONDS)
		return false;
	return keeps_times(fd) && has_no_writer(fd);
}
