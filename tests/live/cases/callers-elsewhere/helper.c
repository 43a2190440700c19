/* SPDX-License-Identifier: GPL-2.0-or-later */
/* helper N: what the kernel says when a keyring with N keys is emptied */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char name[] = "key0";

	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	for (int i = 0; i < atoi(argv[argc - 1]); i++, name[3]++)
		if (syscall(SYS_add_key, "user", name, "x", 1, KEY_SPEC_SESSION_KEYRING) < 0)
			perror("add_key");
	printf("%d\n", syscall(SYS_keyctl, KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING) ? errno : 0);
	return 0;
}
