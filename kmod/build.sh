#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build.sh --kdir DIR --name NAME [--no-replace] OBJ... OUT.ko - link a patch module
#
#   OBJ           objects that `create-diff-object --form linkable` wrote
#   OUT.ko        the module in form linkable: create-klp-module makes it one that loads
#   --kdir        what external modules are built against: kernel headers, or a prepared build directory
#   --name        the module's name, and that of its directory in /sys/kernel/livepatch (dashes become underscores)
#   --no-replace  the patch adds to those that are loaded instead of taking their place
#
# kbuild compiles patch.c, modpost adds versions, and the linker lays patch.c's symbols around the records. Two things
# stand in kbuild's way:
#
# - modpost takes references to `.klp.sym.rela.*` for missing symbols. They are made weak for it: it says nothing of weak
#   ones, and still fails on symbols that are really missing, which KBUILD_MODPOST_WARN=1 would let pass.
# - Where objtool is delayed to the link (CONFIG_X86_KERNEL_IBT), it would run on code that has been through it, and fail.
#   It is turned from the link to patch.c, without --ibt, which only a link can do.
#
# CC, LD, OBJCOPY, CROSS_COMPILE, ARCH and LLVM are heeded. Without CC the compiler is the one that the configuration names.
# Exit status 0, or 1 with kbuild's words on stderr; kbuild's warnings are shown on success too.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

die() {
	printf 'error[link]: %s\n  cause   %s\n  hint    %s\n' "$1" "$2" "$3" >&2
	exit 1
}
usage() {
	die "$1" "usage: build.sh --kdir DIR --name NAME [--no-replace] OBJ... OUT.ko" "see the head of $here/build.sh"
}

kdir='' name='' flags='' objects=0
while [ $# -gt 0 ]; do
	case $1 in
	--kdir) kdir=${2:?--kdir needs a directory}; shift 2 ;;
	--name) name=${2:?--name needs a name}; shift 2 ;;
	--no-replace) flags=-DKPATCH_NO_REPLACE; shift ;;
	--) shift; break ;;
	-*) usage "option \`$1\` is unknown" ;;
	*) break ;;
	esac
done
[ -n "$kdir" ] && [ -n "$name" ] || usage "--kdir and --name are needed"
[ $# -ge 2 ] || usage "an object and the module to write are needed"
case $name in
*[!A-Za-z0-9_-]* | -*) usage "\`$name\` cannot be the name of a module" ;;
esac
[ "${#name}" -le 55 ] || usage "\`$name\` is longer than the 55 characters that a module's name can have"
[ -e "$kdir/Makefile" ] || die "\`$kdir\` is no kernel build directory" "it has no Makefile" \
	"install linux-headers for the kernel, or run \`make modules_prepare\` there"
[ -s "$kdir/Module.symvers" ] || die "\`$kdir\` has no Module.symvers" "exported symbols and their versions stand in it" \
	"take it from the kernel's headers package"
kdir=$(cd "$kdir" && pwd)

case ${LLVM:-} in
'') ;;
-*) LD=${LD:-ld.lld$LLVM} OBJCOPY=${OBJCOPY:-llvm-objcopy$LLVM} ;;
*/) LD=${LD:-${LLVM}ld.lld} OBJCOPY=${OBJCOPY:-${LLVM}llvm-objcopy} ;;
*) LD=${LD:-ld.lld} OBJCOPY=${OBJCOPY:-llvm-objcopy} ;;
esac
LD=${LD:-${CROSS_COMPILE:-}ld} OBJCOPY=${OBJCOPY:-${CROSS_COMPILE:-}objcopy}
if [ -z "${CC:-}${LLVM:-}" ]; then
	# kbuild would take plain gcc, which may be another version than the kernel's.
	CC=$(sed -n 's/^CONFIG_CC_VERSION_TEXT="\([^ "]*\).*/\1/p' "$kdir/.config" "$kdir/include/config/auto.conf" 2>/dev/null |
		head -n 1)
	[ -z "$CC" ] || CC=${CROSS_COMPILE:-}${CC#"${CROSS_COMPILE:-}"}
	command -v "${CC:-none}" >/dev/null || CC=
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/kpatch-module.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is left of the arguments: OBJ... OUT.ko
for out; do objects=$((objects + 1)); done
count=0 list=$work/objects
for object; do
	count=$((count + 1))
	[ "$count" -lt "$objects" ] || break
	[ -e "$object" ] || die "\`$object\` does not exist" "it is to be linked into the module" "check the path"
	printf '"%s"\n' "$object" >>"$list"
done

header=$here/kpatch-patch.h
[ -e "$header" ] || header=$here/../include/kpatch-patch.h
cp "$here/patch.c" "$work/kpatch-module.c"
cp "$here/patch.lds" "$header" "$work"
cat >"$work/Kbuild" <<END
obj-m := $name.o
$name-y := kpatch-module.o kpatch-objects.o
CFLAGS_kpatch-module.o := $flags
LDFLAGS_$name.o := -T $work/patch.lds
END

: >"$work/.kpatch-objects.o.cmd" # modpost asks for it

"$LD" -r -z noexecstack -o "$work/kpatch-objects.o_shipped" "@$list" ||
	die "the objects cannot be linked" "$LD has said why" "two of them may define the same thing"
"$OBJCOPY" -w --weaken-symbol='.klp.sym.rela.*' "$work/kpatch-objects.o_shipped" ||
	die "the KLP references cannot be made weak" "$OBJCOPY has said why" "see whether the disk is full"

# shellcheck disable=SC2016 # make expands it
if make -s -C "$kdir" M="$work" ${CC:+"CC=$CC"} CONFIG_DEBUG_INFO_BTF_MODULES= delay-objtool= \
	'objtool-args=$(filter-out --ibt,$(objtool-args-y))$(if $(part-of-module), --module)' modules >"$work/log" 2>&1; then
	grep -i 'warning' "$work/log" >&2 || :
else
	cat "$work/log" >&2
	die "\`$name\` cannot be linked" "kbuild has said why" \
		"a symbol that is \`undefined!\` is neither exported nor defined by the patch"
fi
cp "$work/$name.ko" "$out.part" && mv "$out.part" "$out" ||
	die "cannot write \`$out\`" "cp has said why" "check the path, and whether the disk is full"
