# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hooks.sh - what a package of a live patch does when it is installed and removed
#
# package.bash puts lines that set $name, $release and $core (livepatch, the kernel's own, or kpatch, which the package has) before it, and
# behind it those that call it. Runs where the patch is installed.

say() {
	echo "$name: $*" >&2
}

# Whether that kernel runs here, and this is its system: neither a chroot or container in it, nor an image that is being made.
is_running() {
	[ -z "${DPKG_ROOT:-}" ] && [ "$(uname -r)" = "$release" ] && { [ "$core" = kpatch ] || [ -d /sys/kernel/livepatch ]; } || return 1
	! { command -v ischroot && ischroot; } >/dev/null 2>&1 || return 1
	! { command -v systemd-detect-virt && systemd-detect-virt -c; } >/dev/null 2>&1
}

# A patch of the same name cannot be loaded beside it, and taking it out would leave the kernel without either for a moment.
# That not all tasks run the new code yet (4) is no failure: the kernel goes on with it.
load_patch() {
	if ! is_running; then
		say "is loaded when $release boots"
		return 0
	fi
	if grep -qs 1 "/sys/kernel/$core/$name/enabled"; then
		say "is loaded already, and stays as it is; what is installed now is loaded at the next boot," \
			"or by \`kpatch unload $name\` and \`kpatch load $name\`"
		return 0
	fi
	status=0
	kpatch load "/var/lib/kpatch/$release/$name.ko" || status=$?
	[ "$status" = 0 ] || [ "$status" = 4 ]
}

# It is removed in any case, and loaded at boot no more.
unload_patch() {
	is_running && { [ -d "/sys/kernel/$core/$name" ] || [ -d "/sys/module/$name" ]; } || return 0
	kpatch unload "$name" --timeout 60 || say "its module stays until it is unloaded or the machine boots, for the reason above"
}
