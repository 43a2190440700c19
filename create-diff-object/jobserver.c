// SPDX-License-Identifier: GPL-2.0-or-later
#include "jobserver.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"

/* Tokens that are taken: bytes, which go back as they were. What is more waits for the next one to be given. */
enum { TOKENS_MOST = 1024 };
static char tokens[TOKENS_MOST];
static volatile unsigned taken;
static volatile int way_back = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* The last one counts, as in make; `--jobserver-fds` is what make before 4.2 says. */
static char *find_option(const char *flags)
{
	static const char *const names[] = { "--jobserver-auth=", "--jobserver-fds=" };
	const char *found = NULL;

	for (size_t i = 0; flags && i < sizeof(names) / sizeof(*names) && !found; i++)
		for (const char *p = flags; (p = strstr(p, names[i])); found = p)
			p += strlen(names[i]);
	return found ? memory_text(found, strcspn(found, " ")) : NULL;
}

/*
 * Another description of make's pipe: to read from it without waiting would change that of all the others. Where make
 * did not mean this program to have it, the numbers are of other files, or of none.
 */
static int open_again(int fd, int flags)
{
	char *path = memory_printf("/proc/self/fd/%d", fd);
	struct stat st;
	int again = !fstat(fd, &st) && S_ISFIFO(st.st_mode) ? open(path, flags | O_CLOEXEC) : -1;

	free(path);
	return again;
}

static void open_pipe(struct jobserver *js, const char *auth)
{
	char *comma;
	long in = strtol(auth, &comma, 10), out = *comma == ',' ? strtol(comma + 1, NULL, 10) : -1;

	if (!strncmp(auth, "fifo:", 5)) {
		js->in = open(auth + 5, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		js->out = open(auth + 5, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	} else if (in >= 0 && in <= INT_MAX && out >= 0 && out <= INT_MAX) {
		js->in = open_again((int)in, O_RDONLY | O_NONBLOCK);
		js->out = open_again((int)out, O_WRONLY | O_NONBLOCK);
	}
}

struct jobserver jobserver_open(void)
{
	struct jobserver js = { .in = -1, .out = -1 };
	char *auth = find_option(getenv("MAKEFLAGS"));

	if (!auth)
		return js;
	js.present = true;
	open_pipe(&js, auth);
	free(auth);
	if (js.in < 0 || js.out < 0)
		jobserver_close(&js);
	way_back = js.out;
	return js;
}

void jobserver_close(struct jobserver *js)
{
	way_back = -1;
	if (js->in >= 0)
		close(js->in);
	if (js->out >= 0)
		close(js->out);
	js->in = js->out = -1;
}

/* Somebody else may have been faster. */
static bool read_token(struct jobserver *js)
{
	char token;
	bool ok;

	pthread_mutex_lock(&lock);
	ok = taken < TOKENS_MOST && read(js->in, &token, 1) == 1;
	if (ok)
		tokens[taken++] = token;
	pthread_mutex_unlock(&lock);
	return ok;
}

bool jobserver_take(struct jobserver *js, int milliseconds)
{
	struct pollfd p = { .fd = js->in, .events = POLLIN };

	if (js->in < 0) {
		poll(NULL, 0, milliseconds);
		return false;
	}
	return poll(&p, 1, milliseconds) > 0 && read_token(js);
}

static void give_one(int fd)
{
	char token = tokens[--taken];

	if (write(fd, &token, 1) != 1)
		return; /* make is gone, or counts them itself at its end */
}

void jobserver_give(struct jobserver *js)
{
	pthread_mutex_lock(&lock);
	if (taken)
		give_one(js->out);
	pthread_mutex_unlock(&lock);
}

void jobserver_interrupted(void)
{
	while (taken && way_back >= 0)
		give_one(way_back);
}
