#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check.sh BINDIR - what kmod/build.sh has a module say of itself, with a kbuild that hands out the source of the module
set -u

here=$(cd "$(dirname "$0")" && pwd)
bindir=$(cd "${1:?Usage: check.sh BINDIR}" && pwd)
obj=$here/../fixtures/obj
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export TMPDIR="$scratch"
unset MAKEFLAGS MFLAGS CC LD OBJCOPY READELF LLVM ARCH CROSS_COMPILE
terse=1
. "$here/../lib/verdicts.sh"

mkdir "$scratch/kdir"
echo symbols >"$scratch/kdir/Module.symvers"
# shellcheck disable=SC2016 # for make to expand
printf 'modules:\n\t@cp $(M)/kpatch-module.c $(M)/livepatch-x.ko\n' >"$scratch/kdir/Makefile"

diff_of() { # CASE [OPTION]...: $scratch/CASE.o
	case=$1
	shift
	"$bindir/create-diff-object" -q --form linkable "$@" "$obj/$case.orig.o" "$obj/$case.patched.o" "$scratch/$case.o"
}
link() { # [OPTION]... OBJ...
	sh "$here/../../kmod/build.sh" --kdir "$scratch/kdir" --name livepatch-x "$@" "$scratch/x.ko"
}
infos() { # what was linked has these, in this order, and no others; the two of patch.c are no words of these tests
	grep '^MODULE_\(INFO\|DESCRIPTION\)' "$scratch/x.ko" | grep -v '(livepatch,\|(replace,' >"$scratch/infos"
	printf '%s\n' "$@" | diff "$scratch/infos" -
}

diff_of changed-function.gcc 2>/dev/null
diff_of redirect.gcc --redirect=kprobe 2>/dev/null
diff_of module-local-chain.gcc -m units -k "$obj/module-local-chain.gcc.ko" 2>/dev/null
diff_of module-local-chain.s390x -m units -k "$obj/module-local-chain.s390x.ko" 2>/dev/null

check "a function of vmlinux" link "$scratch/changed-function.gcc.o"
check "is told, as sysfs shows it" infos 'MODULE_DESCRIPTION("Live patch");' 'MODULE_INFO(changes, "vmlinux:changed,1");'
check "several objects and a kprobe" link "$scratch/changed-function.gcc.o" "$scratch/module-local-chain.gcc.o" "$scratch/redirect.gcc.o"
check "are told, with positions" infos 'MODULE_DESCRIPTION("Live patch");' 'MODULE_INFO(changes, "vmlinux:changed,1");' \
	'MODULE_INFO(changes, "units:show,2");' 'MODULE_INFO(redirects, "vmlinux:exported,1");' 'MODULE_INFO(redirects, "vmlinux:listed,1");'
if command -v s390x-linux-gnu-ld >/dev/null; then
	export CROSS_COMPILE=s390x-linux-gnu-
	check "a big-endian object" link "$scratch/module-local-chain.s390x.o"
	check "is told as well" infos 'MODULE_DESCRIPTION("Live patch");' 'MODULE_INFO(changes, "units:show,2");'
	unset CROSS_COMPILE
else
	skip "a big-endian object" "binutils for s390x are not installed"
fi
# shellcheck disable=SC1003 # one backslash
check "--info" link --info 'description=say "x" and \n' --info built_by=hand --left-out vmlinux:init_x "$scratch/changed-function.gcc.o"
check "is told as it is given" infos 'MODULE_INFO(left_out, "vmlinux:init_x");' 'MODULE_INFO(description, "say \"x\" and \\n");' \
	'MODULE_INFO(built_by, "hand");' 'MODULE_INFO(changes, "vmlinux:changed,1");'
refused() { ! link --info "$1" "$scratch/changed-function.gcc.o" >"$scratch/why" 2>&1 && grep -q 'error\[usage\]' "$scratch/why"; }
check "a field without a value" refused description
check "a field with another name" refused 'Bad-name=x'
check "a field of two lines" refused "description=one
two"

tell_sum kmod
