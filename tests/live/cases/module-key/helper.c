// SPDX-License-Identifier: GPL-2.0-or-later
/* helper.c with|without|hold - asks a virtual processor, with or without a local APIC of the kernel's, for it; hold: keeps one without */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int checked(int result, const char *what)
{
	if (result < 0) {
		printf("%s: %s\n", what, strerror(errno));
		_exit(1);
	}
	return result;
}

int main(int argc, char **argv)
{
	struct kvm_lapic_state state;
	int with = argc > 1 && !strcmp(argv[1], "with");
	int kvm = checked(open("/dev/kvm", O_RDWR), "/dev/kvm");
	int machine = checked(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");
	int cpu;

	if (with)
		checked(ioctl(machine, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	cpu = checked(ioctl(machine, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	if (argc > 1 && !strcmp(argv[1], "hold")) {
		puts("held");
		fflush(stdout);
		pause();
	}
	printf("%s: %d\n", with ? "local APIC" : "no local APIC", ioctl(cpu, KVM_GET_LAPIC, &state) ? errno : 0);
	return 0;
}
